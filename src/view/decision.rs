//! A decision as a tree of short lines.

use super::escape;
use super::page::{Page, Tone, listed};
use crate::policy::{Decision, Kind, Status};
use crate::workspace::Roles;

/// The lines of a decision below its root, behind `indent` spaces: stages, rejections, and what does not count. An
/// approved stage is one line with its names.
pub fn tree(decision: &Decision, roles: &Roles, page: &Page, indent: usize) -> String {
    lines(decision, roles, page).iter().map(|one| line(page, indent + 2 * one.depth, one.status, &one.text)).collect()
}

/// A line of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// How many stand above it.
    pub depth: usize,
    pub status: Status,
    /// Escaped.
    pub text: String,
}

/// The same, line by line.
pub(super) fn lines(decision: &Decision, roles: &Roles, page: &Page) -> Vec<Line> {
    let mut lines = Vec::new();
    if decision.status == Status::Error {
        lines.push(Line { depth: 0, status: Status::Error, text: escape(&decision.reason).into_owned() });
    }
    for child in &decision.children {
        node(child, roles, page, 0, &mut lines);
    }
    lines
}

/// The names of the people whose turn it is: `Tess Miller`, `Li Wei or Noor Haddad`.
pub fn names(people: &[String], roles: &Roles) -> String {
    let names: Vec<String> = people.iter().map(|person| escape(roles.name_of(person)).into_owned()).collect();
    listed(&names, "or")
}

/// The mark of a status, in its tone.
pub fn mark(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Approved => ("✓", Tone::Good),
        Status::Waiting => ("○", Tone::Careful),
        Status::Pending => ("·", Tone::Faint),
        Status::Held => ("‖", Tone::Bad),
        Status::Rejected => ("✗", Tone::Bad),
        Status::Error => ("!", Tone::Bad),
        Status::NotCounted => ("–", Tone::Faint),
    }
}

/// The stage that a decision waits for, and what it waits for in words: `legal`, `waits for Tess Miller`.
pub fn waits(decision: &Decision, roles: &Roles, page: &Page) -> Option<(String, String)> {
    let node = first_waiting(decision)?;
    Some((role(node).to_owned(), wait(node, roles, page)))
}

/// The first thing that a decision waits for, in its workflow or in those combined with it.
fn first_waiting(decision: &Decision) -> Option<&Decision> {
    let mut waiting = decision.children.iter().filter(|child| child.status == Status::Waiting);
    waiting.find_map(|child| if child.kind == Kind::Workflow { first_waiting(child) } else { Some(child) })
}

/// A hold in words: `held by Maya Stone since Mon 30 Nov 10:00 (everything): Crisis`.
pub fn held(hold: &Decision, page: &Page) -> String {
    let by = hold.what.rsplit_once(" by ").map(|(_, by)| format!(" by {}", escape(by))).unwrap_or_default();
    let since = hold.since.map(|since| format!(" since {}", page.time(since))).unwrap_or_default();
    let scope = hold.scope.as_ref().map(|scope| format!(" ({})", escape(scope))).unwrap_or_default();
    let why = hold.reason.trim_end_matches('.');
    let why = if why.is_empty() { "no reason given".into() } else { escape(why) };
    format!("held{by}{since}{scope}: {why}")
}

/// The command that ends a hold.
pub(super) fn resume(hold: &Decision) -> String {
    match (hold.scope.as_deref(), &hold.commit) {
        (Some("everything"), _) => "greenlit resume --everything".to_owned(),
        (_, Some(commit)) => format!("greenlit resume {commit:.10}"),
        (_, None) => "greenlit resume".to_owned(),
    }
}

fn node(node: &Decision, roles: &Roles, page: &Page, depth: usize, lines: &mut Vec<Line>) {
    let is_stage = node.kind == Kind::Stage;
    let what = escape(role(node));
    let text = match node.status {
        Status::Approved if is_stage => format!("{what}: {}", givers(node)),
        Status::Waiting if node.kind == Kind::Workflow => what.into_owned(),
        Status::Waiting => format!("{what}: {}", wait(node, roles, page)),
        Status::Held => {
            format!("{}; {} can let it go on: {}", held(node, page), names(&node.turn, roles), escape(&resume(node)))
        }
        Status::Rejected => {
            let reason = node.reason.trim_end_matches('.');
            let why = if reason.is_empty() { "no reason given".into() } else { escape(reason) };
            let way = if node.once_merged {
                "take it back: approve, or dismiss the review"
            } else {
                "lift it: greenlit lift"
            };
            format!("{what}: {why}; {} can {way}", names(&node.turn, roles))
        }
        _ if node.reason.is_empty() => what.into_owned(),
        _ => format!("{what}: {}", escape(&node.reason)),
    };
    lines.push(Line { depth, status: node.status, text });
    // A stage that is complete is one line: what was given in vain before matters to nobody any more.
    if !(is_stage && node.status == Status::Approved) {
        for child in &node.children {
            self::node(child, roles, page, depth + 1, lines);
        }
    }
}

fn line(page: &Page, indent: usize, status: Status, text: &str) -> String {
    let (mark, tone) = mark(status);
    let text = page.hanging(indent + 2, indent + 2, text);
    // The mark takes the place of the first line's last two spaces.
    format!("{}{} {}", " ".repeat(indent), page.paint(tone, mark), text.trim_start())
}

fn role(node: &Decision) -> &str {
    node.role.as_deref().unwrap_or(&node.what)
}

fn wait(node: &Decision, roles: &Roles, page: &Page) -> String {
    let reason = escape(&node.reason);
    if node.turn.is_empty() || node.reason.contains(" can") {
        return reason.into_owned();
    }
    let names = names(&node.turn, roles);
    let time = match node.until {
        Some(until) if node.overdue => format!(", overdue since {}", page.time(until)),
        Some(until) => format!(", until {}", page.time(until)),
        None => String::new(),
    };
    if node.reason == "0 of 1 approved" {
        format!("waits for {names}{time}")
    } else {
        format!("{reason}, waits for {names}{time}")
    }
}

/// Who gave a stage: from the approvals that count.
fn givers(stage: &Decision) -> String {
    let counted = stage.children.iter().filter(|child| child.approved());
    let names =
        counted.map(|child| escape(child.what.strip_prefix("approval by ").unwrap_or(&child.what)).into_owned());
    listed(&names.collect::<Vec<_>>(), "and")
}
