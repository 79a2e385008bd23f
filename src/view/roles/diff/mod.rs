//! What a change of `roles.toml` does to every pending post.

mod changes;
pub(in crate::view) mod effects;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use self::changes::{Change, Sort, changes};
use self::effects::{Effect, effects};
use super::human::section;
use crate::plan::Plan;
use crate::policy::Status;
use crate::view::decision::{mark, waits};
use crate::view::page::{Tone, columns, counted, cut, listed};
use crate::view::{Page, escape};
use crate::workspace::{PersonId, Roles};

/// One side of the comparison.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// How to call it: `main`, `roles.toml here`.
    pub name: &'a str,
    /// What it says.
    pub roles: &'a Roles,
    /// What publish would do under it.
    pub plan: &'a Plan,
}

/// What `greenlit roles diff --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct DiffReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    before: String,
    after: String,
    /// What the two files say differently.
    changes: Vec<Change>,
    /// The pending posts that would stand otherwise, in order of due time and post.
    posts: Vec<Effect>,
    /// How many deliveries are pending.
    pending: usize,
}

/// The comparison for programs.
pub fn report(before: &Side<'_>, after: &Side<'_>, page: &Page) -> DiffReport {
    DiffReport {
        version: 1,
        now: page.now,
        before: before.name.to_owned(),
        after: after.name.to_owned(),
        changes: changes(before.roles, after.roles),
        posts: effects(before.plan, after.plan),
        pending: pending(after.plan),
    }
}

impl DiffReport {
    /// Whether a pending post would stand otherwise.
    pub fn touches_posts(&self) -> bool {
        !self.posts.is_empty()
    }
}

fn pending(plan: &Plan) -> usize {
    plan.deliveries.iter().filter(|delivery| delivery.decision.is_some()).count()
}

/// The comparison for people.
pub fn human(report: &DiffReport, before: &Side<'_>, after: &Side<'_>, page: &Page) -> String {
    let heading = format!("Roles: from {} to {}, {}", escape(before.name), escape(after.name), page.time(page.now));
    let mut out = page.wrapped(0, &heading);
    if report.changes.is_empty() && report.posts.is_empty() {
        return out + "\nThe two say the same: nothing changes.\n";
    }
    out += &section("What changes", page);
    for change in &report.changes {
        let (sign, tone) = match change.sort {
            Sort::Added => ("+", Tone::Good),
            Sort::Removed => ("–", Tone::Bad),
            Sort::Changed => ("~", Tone::Careful),
        };
        let text =
            page.hanging(2, 2, &format!("{} {}: {}", change.about.word(), escape(&change.name), escape(&change.text)));
        out += &format!("{} {}", page.paint(tone, sign), text.trim_start());
    }
    out += &section("Pending posts", page);
    let touched: usize = report.posts.iter().map(|post| post.accounts.len()).sum();
    if touched == 0 {
        let all = counted(report.pending, "pending delivery");
        return out + &page.wrapped(0, &format!("Nothing pending changes: {all} would stand as before."));
    }
    for effect in &report.posts {
        out += &of_effect(effect, before, after, page);
    }
    let all = counted(report.pending, "pending delivery");
    out += &format!("\n{}", page.wrapped(0, &format!("{touched} of {all} would stand otherwise.")));
    out + &page.wrapped(0, "Once the change is in force, `greenlit todo --everyone` lists what waits for whom.")
}

fn of_effect(effect: &Effect, before: &Side<'_>, after: &Side<'_>, page: &Page) -> String {
    let (sign, tone) = mark(effect.after.unwrap_or(Status::Error));
    let due = page.due(effect.due);
    let left = format!("{}  {}", escape(effect.post.as_str()), escape(&effect.title));
    let room = page.width.saturating_sub(columns(&due) + 4).max(8);
    let left = cut(&left, room);
    let gap = page.width.saturating_sub(2 + columns(&left) + columns(&due)).max(1);
    let mut out = format!("{} {left}{}{due}\n", page.paint(tone, sign), " ".repeat(gap));
    let accounts: Vec<String> = effect.accounts.iter().map(|account| escape(account.as_str()).into_owned()).collect();
    let mut line = |text: &str| out += &page.hanging(4, 6, text);
    line(&format!("now {}; then {}", stand(effect, before, page), stand(effect, after, page)));
    if let Some((was, is)) = &effect.workflow {
        line(&format!("another workflow: {}, not {}", escape(is), escape(was)));
    }
    for stage in &effect.stages_added {
        line(&format!("new stage: {}", escape(stage)));
    }
    for stage in &effect.stages_removed {
        line(&format!("no stage any more: {}", escape(stage)));
    }
    for stage in &effect.thresholds {
        line(&format!("{} needs {} people, not {}", escape(&stage.role), stage.after, stage.before));
    }
    for lost in &effect.lost {
        line(&format!("the {} would not count: {}", escape(&lost.what), escape(&lost.reason)));
    }
    for gained in &effect.gained {
        line(&format!("the {} would count", escape(&gained.what)));
    }
    for stop in &effect.stops_added {
        line(&format!("would stop it: {}", escape(stop)));
    }
    for stop in &effect.stops_removed {
        line(&format!("would stop it no more: {}", escape(stop)));
    }
    line(&format!("for {}", listed(&accounts, "and")));
    out
}

/// How a delivery stands on one side, in a few words.
fn stand(effect: &Effect, side: &Side<'_>, page: &Page) -> String {
    let delivery =
        side.plan.deliveries.iter().find(|delivery| {
            delivery.key.post == effect.post && effect.accounts.first() == Some(&delivery.key.account)
        });
    let Some(decision) = delivery.and_then(|delivery| delivery.decision.as_deref()) else {
        return "not judged".to_owned();
    };
    match decision.status {
        Status::Approved => "approved".to_owned(),
        Status::Rejected => "rejected".to_owned(),
        Status::Held => "held".to_owned(),
        Status::Error => escape(&decision.reason).into_owned(),
        _ => match waits(decision, side.roles, page) {
            Some((stage, what)) => format!("{what} ({})", escape(&stage)),
            None => format!("waits for {}", names(&decision.whose_turn(), side.roles)),
        },
    }
}

fn names(people: &[PersonId], roles: &Roles) -> String {
    let names: Vec<String> = people.iter().map(|person| escape(roles.name_of(person)).into_owned()).collect();
    if names.is_empty() { "nobody".to_owned() } else { listed(&names, "or") }
}
