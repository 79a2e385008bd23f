//! How long a stage has, and when its turn came.

use chrono::{DateTime, TimeDelta, Utc};

use super::approvals::Approval;
use super::decision::Decision;
use super::question::Facts;
use crate::workspace::Stage;

/// When something happened: as far as can be told, and as far as the publisher's own clock proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    /// For people. May rest on a date that somebody typed.
    pub told: Option<DateTime<Utc>>,
    /// For powers that come with time.
    pub proved: Option<DateTime<Utc>>,
}

impl Moment {
    /// When the post's present version came to the trusted branch.
    pub fn landing(facts: &Facts<'_>) -> Self {
        let landed = facts.landed.map(|landed| landed.min(facts.now));
        Self { told: landed, proved: landed }
    }

    /// When both had happened.
    pub fn and(self, other: Self) -> Self {
        let later = |one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>| Some(one?.max(other?));
        Self { told: later(self.told, other.told), proved: later(self.proved, other.proved) }
    }
}

/// When a stage had enough approvals, of those that count for it: never before the post landed, never after now.
pub(super) fn completed(counted: &[&Approval<'_>], enough: usize, facts: &Facts<'_>) -> Moment {
    let last = |times: &mut Vec<DateTime<Utc>>| {
        times.sort();
        let time = times.get(enough.checked_sub(1)?).copied()?;
        let landed = facts.landed.unwrap_or(time);
        Some(time.max(landed).min(facts.now))
    };
    let mut told: Vec<_> = counted.iter().map(|one| one.statement.seen.unwrap_or(one.statement.dated)).collect();
    let mut seen: Vec<_> = counted.iter().filter_map(|one| one.statement.seen).collect();
    Moment { told: last(&mut told), proved: last(&mut seen) }
}

/// Whether a stage's time is over beyond doubt, so that those may approve to whom it escalates.
pub(super) fn has_escalated(stage: &Stage, turn: Moment, facts: &Facts<'_>) -> bool {
    stage.escalate_to.is_some() && end(stage, turn.proved).is_some_and(|end| facts.now > end)
}

/// Tells since when and until when a stage has its turn.
pub(super) fn tell(node: &mut Decision, stage: &Stage, turn: Moment, facts: &Facts<'_>) {
    node.since = turn.told;
    node.until = end(stage, turn.told);
    node.overdue = node.until.is_some_and(|until| facts.now > until);
}

/// A span beyond what a date can hold never ends.
fn end(stage: &Stage, since: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    since?.checked_add_signed(TimeDelta::from_std(stage.within?).ok()?)
}
