//! How long a stage has, and when its turn came.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::approvals::Voice;
use super::decision::Decision;
use super::evidence::Statement;
use super::question::Facts;
use super::seats::once_each;
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

/// When a stage had enough voices: never before the post landed, never after now.
pub(super) fn completed(heard: &[(&Statement, &Voice)], enough: usize, facts: &Facts<'_>) -> Moment {
    let when = |time: fn(&Statement) -> Option<DateTime<Utc>>| {
        let timed = heard.iter().filter_map(|(statement, voice)| Some((time(statement)?, *voice))).collect();
        let time = soonest(timed, enough)?;
        let landed = facts.landed.unwrap_or(time);
        Some(time.max(landed).min(facts.now))
    };
    Moment { told: when(|one| Some(one.seen.unwrap_or(one.dated))), proved: when(|one| one.seen) }
}

/// The first time at which enough people had spoken, each once. Whatever is taken out of the voices, it does not come
/// sooner.
fn soonest(mut timed: Vec<(DateTime<Utc>, &Voice)>, enough: usize) -> Option<DateTime<Utc>> {
    timed.sort_by_key(|(time, _)| *time);
    let mut known = BTreeSet::new();
    let mut voices = Vec::new();
    for (time, voice) in timed {
        if known.insert((&voice.maker.person, &voice.seat)) {
            voices.push(voice);
            if once_each(&voices).len() >= enough {
                return Some(time);
            }
        }
    }
    None
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
