//! One change, held against the policy before it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::revoked::Revoked;
use super::{Era, Policy, PolicyApproval};
use crate::policy::decision::{Decision, Kind, Status};
use crate::policy::evidence::{Signature, Statement, Verb};
use crate::policy::identity::identify;
use crate::render::Digest;
use crate::workspace::{ADMIN, EvidenceMode, Person, PersonId, Roles};

/// What all changes are judged with.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub positions: &'a HashMap<String, usize>,
    /// Whether approvals count wherever in the branch's history they were given: for what takes trust away.
    pub anywhere: bool,
    pub now: DateTime<Utc>,
}

/// Who approved a change of the policy of an era, and how it stands. Where it does not stand approved, the approvals
/// bring nothing into force.
pub(super) fn change(
    court: &Court<'_>,
    era: &Era,
    to: &Digest,
    policy: Result<&Policy, String>,
    statements: &[&Statement],
    revoked: &Revoked,
) -> (Decision, Vec<PolicyApproval>) {
    let roles = &era.policy.roles;
    let mut node = Decision::new(Kind::Policy, format!("policy {}", to.short()), Status::Waiting, "");
    let mut approvals: Vec<PolicyApproval> = Vec::new();
    let mut said: Vec<&Statement> = statements.iter().copied().filter(|said| approves(said, to)).collect();
    said.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    said.dedup_by(|a, b| a.commit == b.commit);
    for statement in said {
        let mut child = Decision::new(Kind::Approval, "", Status::NotCounted, "");
        child.commit = Some(statement.commit.clone());
        let who = identify(&statement.witness, roles).map(|person| roles.name_of(person).to_owned());
        let typed = || format!("someone calling themselves {} <{}>", statement.witness.name, statement.witness.email);
        child.what = format!("approval by {}", who.unwrap_or_else(|_| typed()));
        match approval(court, era, to, statement, revoked) {
            Ok(approval) => {
                child.status = Status::Approved;
                child.person = Some(approval.person.clone());
                approvals.push(approval);
            }
            Err(reason) => child.reason = reason,
        }
        node.children.push(child);
    }

    let people: BTreeSet<&PersonId> = approvals.iter().map(|approval| &approval.person).collect();
    let needed = roles.policy.needs.max(1);
    node.needs = Some(needed);
    node.reason = format!("{} of {needed} approved by the admins before it", people.len());
    let all = roles.roles.get(ADMIN).map(Vec::as_slice).unwrap_or_default();
    let able =
        all.iter().filter(|id| !people.contains(id) && roles.people.get(*id).is_some_and(|it| can(it, roles, revoked)));
    node.turn = able.cloned().collect();
    match policy.and_then(|policy| keeps_a_way_in(&policy.roles, revoked)) {
        Err(reason) => {
            node.status = Status::Error;
            node.reason = reason;
        }
        Ok(()) if people.len() >= needed => {
            node.status = Status::Approved;
            node.turn.clear();
        }
        Ok(()) if people.len() + node.turn.len() < needed => {
            node.reason += ", and too few others can prove who they are";
        }
        Ok(()) => {}
    }
    (node, approvals)
}

fn approves(statement: &Statement, policy: &Digest) -> bool {
    statement.verbs.iter().any(|verb| matches!(verb, Verb::ApprovePolicy { to, .. } if to == policy))
}

fn approval(
    court: &Court<'_>,
    era: &Era,
    to: &Digest,
    statement: &Statement,
    revoked: &Revoked,
) -> Result<PolicyApproval, String> {
    let roles = &era.policy.roles;
    if statement.workspace != era.policy.settings.workspace {
        return Err("was made for another workspace".to_owned());
    }
    let person = identify(&statement.witness, roles)?;
    if roles.people.get(person).is_some_and(|person| person.bot) {
        return Err("is a bot, and bots decide nothing".to_owned());
    }
    if !roles.holds(person, ADMIN) {
        return Err("is no admin under the policy before it".to_owned());
    }
    let this = Verb::ApprovePolicy { to: to.clone(), from: era.digest.clone() };
    if !statement.verbs.contains(&this) {
        return Err("approved it as a change of another policy".to_owned());
    }
    let too_early = || "was given before the policy that it changes was in force".to_owned();
    match statement.policy.as_ref().and_then(|commit| court.positions.get(commit)) {
        None if !court.anywhere => return Err("names no commit of the trusted branch since the root".to_owned()),
        Some(position) if *position < era.position && !court.anywhere => return Err(too_early()),
        _ if !era.is_named_by(statement) => return Err(too_early()),
        _ => {}
    }
    let key = match (&statement.witness.signature, roles.policy.evidence) {
        (Signature::Valid(key), EvidenceMode::Signed) => Some(key),
        _ => None,
    };
    if let Some(key) = key {
        // A key that was good when the publisher first saw the approval has done its work.
        let at = statement.seen.map_or(court.now, |seen| seen.min(court.now));
        let owned = roles.people.get(person).and_then(|person| person.keys.iter().find(|owned| owned.key == *key));
        if revoked.since(key).is_some_and(|since| since <= at) {
            return Err("signed with a key that is revoked".to_owned());
        }
        if owned.and_then(|owned| owned.not_before).is_some_and(|start| at < start) {
            return Err("signed with a key that does not count yet".to_owned());
        }
        if owned.and_then(|owned| owned.not_after).is_some_and(|end| at > end) {
            return Err("signed with a key that has expired".to_owned());
        }
    }
    Ok(PolicyApproval {
        commit: statement.commit.clone(),
        person: person.to_owned(),
        name: roles.name_of(person).to_owned(),
        key: key.cloned(),
        dated: statement.dated,
        seen: statement.seen.map(|seen| seen.min(court.now)),
    })
}

/// Nobody may lock the team out: a policy needs admins who can approve the next one.
fn keeps_a_way_in(roles: &Roles, revoked: &Revoked) -> Result<(), String> {
    let mut revoked = revoked.clone();
    revoked.add(roles);
    let all = roles.roles.get(ADMIN).map(Vec::as_slice).unwrap_or_default();
    let able: BTreeSet<_> =
        all.iter().filter(|id| roles.people.get(*id).is_some_and(|it| can(it, roles, &revoked))).collect();
    let needed = roles.policy.needs.max(1);
    if able.len() >= needed {
        return Ok(());
    }
    Err(format!(
        "it would lock everyone out: a change of it would need {needed} admins, and {} can prove who they are",
        able.len()
    ))
}

/// Whether a person can prove anything, whatever the time is.
fn can(person: &Person, roles: &Roles, revoked: &Revoked) -> bool {
    !person.bot
        && match roles.policy.evidence {
            EvidenceMode::Signed => person.keys.iter().any(|owned| revoked.since(&owned.key).is_none()),
            EvidenceMode::SignOff => !person.emails.is_empty(),
        }
}
