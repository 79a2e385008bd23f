//! Two plans held against each other: what each pending delivery loses, and what it gains.

use std::collections::BTreeMap;

use crate::plan::{Delivery, Plan};
use crate::policy::{Decision, Kind, Status};
use crate::workspace::{AccountName, Due, PersonId, PostId, RoleName};

/// A pending post that would stand otherwise, for the accounts where it does alike.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub(in crate::view) struct Effect {
    pub post: PostId,
    pub title: String,
    pub accounts: Vec<AccountName>,
    pub due: Due,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Status>,
    /// The workflow that it passes, before and after, where that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<(String, String)>,
    /// Approvals that would not count any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Approval>,
    /// Approvals that would count, and do not now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gained: Vec<Approval>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages_added: Vec<RoleName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages_removed: Vec<RoleName>,
    /// Stages that ask for another number of people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
    /// Rejections, holds and edits that would stop it, and do not now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops_added: Vec<String>,
    /// Those that stop it now, and would not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops_removed: Vec<String>,
    /// Whose turn it is.
    pub turn_before: Vec<PersonId>,
    /// Whose turn it would be.
    pub turn_after: Vec<PersonId>,
}

/// Somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(in crate::view) struct Approval {
    /// `approval by Li Wei for editor`
    pub what: String,
    pub commit: String,
    /// Why it would not count; empty where it would.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// How many people a stage asks for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(in crate::view) struct Threshold {
    pub role: RoleName,
    pub before: usize,
    pub after: usize,
}

/// Every delivery on which people decide, where the two plans see it otherwise.
pub(in crate::view) fn effects(before: &Plan, after: &Plan) -> Vec<Effect> {
    let earlier: BTreeMap<_, &Delivery> = before.deliveries.iter().map(|delivery| (&delivery.key, delivery)).collect();
    let mut folded: Vec<Effect> = Vec::new();
    for delivery in &after.deliveries {
        let was = earlier.get(&delivery.key).and_then(|delivery| delivery.decision.as_deref());
        let Some(effect) = effect(delivery, was, delivery.decision.as_deref()) else { continue };
        // Deliveries are sorted by time and post: those of one post stand together.
        let twin = folded.iter_mut().rev().take_while(|other| other.post == effect.post && other.due == effect.due);
        match twin.into_iter().find(|other| alike(other, &effect)) {
            Some(twin) => twin.accounts.extend(effect.accounts),
            None => folded.push(effect),
        }
    }
    folded
}

fn alike(a: &Effect, b: &Effect) -> bool {
    let without = |effect: &Effect| Effect { accounts: Vec::new(), ..effect.clone() };
    without(a) == without(b)
}

fn effect(delivery: &Delivery, before: Option<&Decision>, after: Option<&Decision>) -> Option<Effect> {
    let nothing = Decision::default();
    let (was, is) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let (voices_before, voices_after) = (voices(was), voices(is));
    let lost = voices_before.iter().filter(|(_, voice)| voice.counts).filter_map(|(commit, voice)| match voices_after
        .get(commit)
    {
        Some(now) if now.counts => None,
        now => {
            let reason = now.map_or("it is not asked for any more", |now| now.reason);
            Some(Approval { what: voice.what(), commit: (*commit).to_owned(), reason: reason.to_owned() })
        }
    });
    let gained = voices_after.iter().filter(|(_, voice)| voice.counts).filter_map(|(commit, voice)| {
        let counted = voices_before.get(commit).is_some_and(|before| before.counts);
        (!counted).then(|| Approval { what: voice.what(), commit: (*commit).to_owned(), reason: String::new() })
    });
    let (stages_before, stages_after) = (stages(was), stages(is));
    let (stops_before, stops_after) = (stops(was), stops(is));
    let effect = Effect {
        post: delivery.key.post.clone(),
        title: delivery.title.clone(),
        accounts: vec![delivery.key.account.clone()],
        due: delivery.due,
        before: before.map(|decision| decision.status),
        after: after.map(|decision| decision.status),
        workflow: (was.what != is.what).then(|| (name(was), name(is))),
        lost: lost.collect(),
        gained: gained.collect(),
        stages_added: beyond(&stages_after, &stages_before),
        stages_removed: beyond(&stages_before, &stages_after),
        thresholds: thresholds(&stages_before, &stages_after),
        stops_added: stops_after.iter().filter(|stop| !stops_before.contains(stop)).cloned().collect(),
        stops_removed: stops_before.iter().filter(|stop| !stops_after.contains(stop)).cloned().collect(),
        turn_before: was.whose_turn(),
        turn_after: is.whose_turn(),
    };
    let same = effect.before == effect.after
        && effect.turn_before == effect.turn_after
        && effect.workflow.is_none()
        && effect.lost.is_empty()
        && effect.gained.is_empty()
        && effect.stages_added.is_empty()
        && effect.stages_removed.is_empty()
        && effect.thresholds.is_empty()
        && effect.stops_added.is_empty()
        && effect.stops_removed.is_empty();
    (!same).then_some(effect)
}

fn name(decision: &Decision) -> String {
    decision.what.strip_prefix("workflow ").unwrap_or("none").to_owned()
}

/// An approval in a decision's tree.
pub(in crate::view) struct Voice<'a> {
    node: &'a Decision,
    role: Option<&'a str>,
    pub counts: bool,
    pub reason: &'a str,
}

impl Voice<'_> {
    /// `approval by Li Wei for editor`
    pub fn what(&self) -> String {
        match self.role {
            Some(role) => format!("{} for {role}", self.node.what),
            None => self.node.what.clone(),
        }
    }
}

/// The approvals by commit. One that stands in several combined workflows counts where it counts in one.
pub(in crate::view) fn voices(decision: &Decision) -> BTreeMap<&str, Voice<'_>> {
    let mut voices = BTreeMap::new();
    collect(decision, None, &mut voices);
    voices
}

fn collect<'d>(node: &'d Decision, role: Option<&'d str>, voices: &mut BTreeMap<&'d str, Voice<'d>>) {
    for child in &node.children {
        if let (Kind::Approval, Some(commit)) = (child.kind, &child.commit) {
            let voice = Voice { node: child, role, counts: child.approved(), reason: &child.reason };
            let known = voices.get(commit.as_str()).is_some_and(|known| known.counts || !voice.counts);
            if !known {
                voices.insert(commit, voice);
            }
        } else {
            collect(child, child.role.as_deref().or(role), voices);
        }
    }
}

/// The stages that are asked: role and how many people.
fn stages(decision: &Decision) -> Vec<(RoleName, usize)> {
    let stages = decision.stages().into_iter();
    stages.filter_map(|stage| Some((stage.role.clone()?, stage.needs.unwrap_or(1)))).collect()
}

/// The roles that the one list names more often than the other.
fn beyond(these: &[(RoleName, usize)], those: &[(RoleName, usize)]) -> Vec<RoleName> {
    let mut others: Vec<&RoleName> = those.iter().map(|(role, _)| role).collect();
    let mut extra = Vec::new();
    for (role, _) in these {
        match others.iter().position(|other| *other == role) {
            Some(at) => drop(others.swap_remove(at)),
            None => extra.push(role.clone()),
        }
    }
    extra
}

fn thresholds(before: &[(RoleName, usize)], after: &[(RoleName, usize)]) -> Vec<Threshold> {
    let mut earlier: Vec<&(RoleName, usize)> = before.iter().collect();
    let mut found = Vec::new();
    for (role, needs) in after {
        let Some(at) = earlier.iter().position(|(other, _)| other == role) else { continue };
        let (_, was) = earlier.remove(at);
        if was != needs {
            found.push(Threshold { role: role.clone(), before: *was, after: *needs });
        }
    }
    found
}

/// What stops the delivery: rejections and holds that stand, edits that nobody may make.
fn stops(decision: &Decision) -> Vec<String> {
    let mut found = Vec::new();
    for child in &decision.children {
        let stops = match child.kind {
            Kind::Rejection => child.status == Status::Rejected,
            Kind::Hold => child.status == Status::Held,
            Kind::Edits => child.status != Status::Approved,
            Kind::Workflow => {
                found.extend(self::stops(child));
                false
            }
            _ => false,
        };
        if stops {
            found.push(if child.reason.is_empty() {
                child.what.clone()
            } else {
                format!("{}: {}", child.what, child.reason)
            });
        }
    }
    found
}
