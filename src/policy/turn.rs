//! Whose turn a stage is, and who may give it besides.

use std::collections::BTreeSet;

use super::absence::today;
use super::decision::Decision;
use super::identity::{admins, is_author, unable};
use super::question::{Facts, Question};
use crate::workspace::{PersonId, Stage};

/// The people of a stage's role who may approve this post: all but authors, bots and those who can prove nothing.
pub(super) fn eligible<'r>(stage: &Stage, facts: &Facts<'r>) -> Vec<&'r PersonId> {
    members(&stage.role, facts).filter(|person| hindrance(person, facts).is_none()).collect()
}

/// Says who can give a stage what it misses.
///
/// Those on duty where the role has a rota, else everyone in it; for somebody who is away their stand-in. Where those on
/// duty are not enough, all others too; and those to whom it escalates, once they may.
pub(super) fn tell(
    node: &mut Decision,
    stage: &Stage,
    seats: &[PersonId],
    missing: usize,
    escalated: bool,
    question: &Question<'_>,
    facts: &Facts<'_>,
) {
    let mut able: Vec<PersonId> = Vec::new();
    let mut present: Vec<PersonId> = Vec::new();
    let mut hindered = Vec::new();
    let today = today(question, facts);
    let duty = facts.roles.rotas.get(&stage.role).and_then(|rota| rota.whose_week(today));
    for person in members(&stage.role, facts).filter(|person| !seats.contains(person)) {
        let known = facts.roles.people.get(person);
        let is_there = !known.is_some_and(|known| known.is_away(today));
        match hindrance(person, facts) {
            Some(why) => hindered.push(format!("{} {why}", facts.roles.name_of(person))),
            None => able.push(person.clone()),
        }
        let author = is_author(person, facts.roles, facts.edits) && !facts.roles.policy.author_may_approve;
        let instead = known
            .into_iter()
            .flat_map(|known| known.stand_ins(today))
            .filter(|_| !author)
            .filter(|one| hindrance(one, facts).is_none());
        let instead: Vec<PersonId> = instead.cloned().collect();
        if duty.is_none_or(|duty| duty == person) {
            present.extend(able.last().filter(|one| is_there && *one == person).cloned());
            present.extend(instead.iter().cloned());
        }
        able.extend(instead);
    }
    if escalated {
        let higher = stage.escalate_to.iter().flat_map(|role| members(role, facts));
        let higher = higher.filter(|person| !seats.contains(person) && hindrance(person, facts).is_none());
        present.extend(higher.cloned());
    }
    able.extend(present.iter().cloned());
    // Each once, in the order of the file.
    for people in [&mut able, &mut present] {
        let mut told = BTreeSet::new();
        people.retain(|person| told.insert(person.clone()));
    }
    if present.len() < missing {
        present.clone_from(&able);
    }
    able.retain(|person| !present.contains(person));
    (node.turn, node.may_also) = (present, able);
    if node.turn.len() < missing {
        let nobody = if node.turn.is_empty() { "nobody else can" } else { "not enough people can" };
        let why =
            if hindered.is_empty() { format!("too few people are in {}", stage.role) } else { hindered.join(", ") };
        node.reason = format!("{}, and {nobody}: {why}; an admin can add people to roles.toml", node.reason);
        if node.turn.is_empty() {
            node.turn = admins(facts);
        }
    }
}

/// Who holds a role, each once, in the order of the file.
pub(super) fn members<'r>(role: &str, facts: &Facts<'r>) -> impl Iterator<Item = &'r PersonId> {
    facts.roles.roles.get(role).map(Vec::as_slice).unwrap_or_default().iter()
}

/// Why a person's own approval of this post could not count.
pub(super) fn hindrance(person: &str, facts: &Facts<'_>) -> Option<&'static str> {
    let author = is_author(person, facts.roles, facts.edits) && !facts.roles.policy.author_may_approve;
    if author { Some("is an author of this post") } else { unable(person, facts) }
}
