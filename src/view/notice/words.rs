//! What is said of each piece of news.

use super::{Line, Notice, Piece, REASON, TITLE, foreign, things};
use crate::ledger::NewsKind;
use crate::notify::{Item, Message, ReaderName, What};
use crate::view::escape;
use crate::view::page::{Page, cut};
use crate::workspace::Roles;

/// Columns of an address.
const LONGEST_LINK: usize = 300;

/// A message in words.
pub(super) fn notice(message: &Message, roles: &Roles, page: &Page) -> Notice {
    let mut head = Vec::new();
    if message.items.len() > 1 {
        let what = if message.digest { "Your digest" } else { "News" };
        head.push(vec![strong(format!("{what}: {}", things(message.items.len())))]);
    }
    let mut foot = Vec::new();
    if !message.instead_of.is_empty() {
        let channels = message.instead_of.join(", ");
        foot.push(vec![own(format!("You are told here because {channels} cannot be used now."))]);
    }
    if message.items.len() > 1 && matches!(message.reader, ReaderName::Person(_)) {
        foot.push(vec![own("All that waits for you: "), Piece::Command("greenlit todo --fetch".to_owned())]);
    }
    let subject = match message.items.as_slice() {
        [one] => headline(one),
        items => format!("{}{}", if message.digest { "Digest: " } else { "" }, things(items.len())),
    };
    let items = message.items.iter().map(|item| lines(item, roles, page)).collect();
    Notice { subject: format!("greenlit: {}", cut(&subject, TITLE)), head, items, foot }
}

/// The news in a few words, escaped.
pub(super) fn headline(item: &Item) -> String {
    let text: String = first_line(item)
        .into_iter()
        .map(|piece| match piece {
            Piece::Own(text)
            | Piece::Strong(text)
            | Piece::Foreign(text)
            | Piece::Command(text)
            | Piece::Link(text) => text,
        })
        .collect();
    text
}

fn own(text: impl Into<String>) -> Piece {
    Piece::Own(text.into())
}

fn strong(text: impl Into<String>) -> Piece {
    Piece::Strong(text.into())
}

/// What people call what it is about.
fn title(item: &Item) -> Piece {
    let news = &item.news;
    let name = news.post.as_ref().map(|post| post.as_str()).unwrap_or_default();
    foreign(if news.title.trim().is_empty() { name } else { &news.title }, TITLE)
}

fn first_line(item: &Item) -> Line {
    let title = title(item);
    match &item.news.what {
        What::Approve { stage, .. } => {
            let what = match item.key.kind {
                NewsKind::Overdue => "Overdue",
                NewsKind::Deadline => "Reminder",
                _ => "Your turn",
            };
            let mut line = vec![strong(what), own(": approve "), title];
            if let Some(stage) = stage {
                line.extend([own(" for "), foreign(stage, TITLE)]);
            }
            line
        }
        What::Do { task, .. } => vec![strong("Your turn"), own(format!(": {task}: ")), title],
        What::Fallen => vec![strong("Changed"), own(": "), title, own(" was changed since you approved it")],
        What::Out { .. } => vec![strong("Out"), own(": "), title],
        What::Failed { how, .. } => vec![strong(*how), own(": "), title],
        What::PolicyWaits { .. } => vec![strong("The rules were changed"), own(", and the change waits for admins")],
        What::PolicyInForce { .. } => {
            vec![strong("Other rules are in force"), own(": roles.toml or greenlit.toml was changed")]
        }
        What::Held { scope, .. } => vec![strong("Held"), own(": "), foreign(scope, TITLE)],
        What::Resumed { scope, .. } => vec![strong("Held no more"), own(": "), foreign(scope, TITLE)],
    }
}

fn lines(item: &Item, roles: &Roles, page: &Page) -> Vec<Line> {
    let news = &item.news;
    let mut lines = vec![first_line(item)];
    let why = |why: &str| (!why.trim().is_empty()).then(|| vec![foreign(why, REASON)]);
    match &news.what {
        What::Approve { due, .. } => {
            if item.fallen {
                lines
                    .push(vec![own("It was changed since you approved it, so that approval does not count any more.")]);
            }
            let mut times = Vec::new();
            if let Some(deadline) = news.deadline.filter(|deadline| Some(*deadline) != *due) {
                let until = if deadline < page.now { "it should have been done" } else { "until" };
                times.push(format!("{until} {}", page.when(deadline)));
            }
            if let Some(due) = due {
                let goes = if *due < page.now { "it should have gone out" } else { "it goes out" };
                times.push(format!("{goes} {}", page.when(*due)));
            }
            if !times.is_empty() {
                lines.push(vec![own(times.join("; "))]);
            }
        }
        What::Do { why: reason, .. } | What::Failed { why: reason, .. } | What::PolicyWaits { why: reason } => {
            lines.extend(why(reason));
        }
        What::Fallen => lines.push(vec![own("Your approval does not count any more.")]),
        What::Out { links } => {
            for (account, link) in links {
                let mut line = vec![foreign(account.as_str(), TITLE)];
                if let Some(link) = link.as_deref().and_then(web) {
                    line.extend([own(" "), Piece::Link(link)]);
                }
                lines.push(line);
            }
        }
        What::PolicyInForce { by } if !by.is_empty() => {
            lines.push(vec![own("Approved by "), foreign(&by.join(", "), REASON)]);
        }
        What::PolicyInForce { .. } => {}
        What::Held { by, why: reason, .. } => {
            lines.push(vec![foreign(roles.name_of(by), TITLE), own(" said so")]);
            lines.extend(why(reason));
        }
        What::Resumed { why: reason, .. } => lines.extend(why(reason)),
    }
    if !matches!(news.what, What::Out { .. }) && !news.accounts.is_empty() {
        let accounts: Vec<&str> = news.accounts.iter().map(|account| account.as_str()).collect();
        lines.push(vec![foreign(&accounts.join(", "), REASON)]);
    }
    lines.extend(news.command.as_ref().map(|command| vec![Piece::Command(cut(&escape(command), REASON).into_owned())]));
    lines
}

/// An address that may be a link: of the web, without a password, and not long.
fn web(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let fine = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    let text = url.to_string();
    (fine && text.len() <= LONGEST_LINK && text.is_ascii()).then_some(text)
}
