//! What goes out next to the posts of a pull request.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Told;
use crate::plan::{Delivery, Step};
use crate::view::standing::Standing;
use crate::workspace::{AccountName, Due, PostId};

/// A post in the calendar, for the accounts where it has this time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Slot {
    pub at: DateTime<Utc>,
    pub post: PostId,
    pub title: String,
    pub accounts: Vec<AccountName>,
    /// Where it stands on the first of them.
    pub standing: Standing,
    /// Whether the pull request touches it.
    pub touched: bool,
}

/// The touched posts that have a time, and on each of their accounts the ones that go out just before and after.
pub(super) fn calendar(told: &Told<'_>) -> Vec<Slot> {
    let all = &told.after.plan.deliveries;
    let is_touched = |delivery: &Delivery| {
        told.posts.iter().any(|one| one.post.is_some_and(|post| post.id == delivery.key.post && !post.draft))
    };
    let mut shown: BTreeSet<usize> = BTreeSet::new();
    for (number, delivery) in all.iter().enumerate().filter(|(_, delivery)| is_touched(delivery)) {
        let Some(at) = time(delivery) else { continue };
        shown.insert(number);
        let others = || {
            let there = all.iter().enumerate().filter(|(_, other)| other.key.account == delivery.key.account);
            there
                .filter(|(_, other)| other.key.post != delivery.key.post)
                .filter_map(|(n, other)| Some((time(other)?, n)))
        };
        shown.extend(others().filter(|(other, _)| *other <= at).max().map(|(_, number)| number));
        shown.extend(others().filter(|(other, _)| *other > at).min().map(|(_, number)| number));
    }
    let mut slots: Vec<Slot> = Vec::new();
    for delivery in shown.iter().filter_map(|number| all.get(*number)) {
        let Some(at) = time(delivery) else { continue };
        match slots.iter_mut().find(|slot| slot.post == delivery.key.post && slot.at == at) {
            Some(slot) => slot.accounts.push(delivery.key.account.clone()),
            None => slots.push(Slot {
                at,
                post: delivery.key.post.clone(),
                title: delivery.title.clone(),
                accounts: vec![delivery.key.account.clone()],
                standing: Standing::from(&delivery.step),
                touched: is_touched(delivery),
            }),
        }
    }
    slots.sort_by(|a, b| (a.at, &a.post).cmp(&(b.at, &b.post)));
    slots
}

/// When it goes out, or went; nothing for what never does, or as soon as it may.
fn time(delivery: &Delivery) -> Option<DateTime<Utc>> {
    match (&delivery.step, delivery.due) {
        (Step::Published { out, .. }, _) => Some(out.published_at),
        (Step::Draft | Step::Retracted { .. }, _) | (_, Due::Asap) => None,
        (_, Due::At(at)) => Some(at),
    }
}
