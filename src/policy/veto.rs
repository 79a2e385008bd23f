//! Rejections, which stay until they are lifted.

use std::collections::BTreeSet;

use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::identity::{can_prove, identify, name, prove, short};
use super::question::{Facts, Question};
use crate::workspace::{ADMIN, PersonId, Roles};

/// Every rejection of the post: `rejected` where it stands, `not-counted` where it does not, with the reason.
///
/// A rejection is judged in favour of caution: it stands if its maker held a role of any stage of any workflow, or was an
/// admin, either then or now. A post that leaves a workflow (a label is taken off) keeps that workflow's rejections.
pub(super) fn vetoes(question: &Question<'_>, facts: &Facts<'_>) -> Vec<Decision> {
    let rejects = |statement: &&&Statement| {
        statement.workspace == question.workspace
            && statement.verbs.iter().any(|verb| matches!(verb, Verb::Reject { post } if *post == question.post.id))
    };
    let mut nodes: Vec<Decision> =
        facts.statements.iter().filter(rejects).map(|statement| judge(statement, question, facts)).collect();
    nodes.sort_by_key(|node| node.status != Status::Rejected);
    nodes
}

fn judge(statement: &Statement, question: &Question<'_>, facts: &Facts<'_>) -> Decision {
    let mut node = Decision::new(
        Kind::Rejection,
        format!("rejection by {}", name(statement, facts)),
        Status::NotCounted,
        String::new(),
    );
    node.commit = Some(statement.commit.clone());

    let then = (facts.roles_then)(statement);
    let mut makers: BTreeSet<PersonId> = BTreeSet::new();
    let mut may = false;
    let mut unproved = None;
    for roles in then.as_deref().into_iter().chain([facts.roles]) {
        match identify(&statement.witness, roles) {
            Ok(person) => {
                may |= has_a_say(person, roles) || has_a_say(person, facts.roles);
                makers.insert(person.to_owned());
            }
            Err(reason) => unproved = Some(reason),
        }
    }
    if !may {
        node.reason =
            unproved.filter(|_| makers.is_empty()).unwrap_or_else(|| "is in no stage of a workflow".to_owned());
        return node;
    }

    node.status = Status::Rejected;
    node.reason = first_words(&statement.text);
    for lift in facts.statements.iter().filter(|lift| lifts(lift, statement, question)) {
        match may_lift(lift, &makers, facts) {
            Ok(()) => {
                node.status = Status::NotCounted;
                node.reason = format!("was lifted by {} (commit {})", name(lift, facts), short(&lift.commit));
                node.children.clear();
                return node;
            }
            Err(reason) => {
                let mut child =
                    Decision::new(Kind::Lift, format!("lift by {}", name(lift, facts)), Status::NotCounted, reason);
                child.commit = Some(lift.commit.clone());
                node.children.push(child);
            }
        }
    }
    let able = |person: &&PersonId| can_prove(person, facts.roles);
    node.turn = makers.iter().filter(able).cloned().collect();
    node.turn.extend(admins(facts.roles).into_iter().filter(|admin| !makers.contains(admin)));
    node
}

fn lifts(lift: &Statement, vetoed: &Statement, question: &Question<'_>) -> bool {
    lift.workspace == question.workspace
        && lift.verbs.iter().any(|verb| matches!(verb, Verb::Lift { commit } if *commit == vetoed.commit))
}

/// A lift brings the post nearer to its audience, so its maker is proved as for an approval.
fn may_lift(lift: &Statement, makers: &BTreeSet<PersonId>, facts: &Facts<'_>) -> Result<(), String> {
    let proof = prove(lift, facts)?;
    let admin = proof.then.holds(&proof.person, ADMIN) && facts.roles.holds(&proof.person, ADMIN);
    if admin || makers.contains(&proof.person) {
        return Ok(());
    }
    Err("did not make the rejection and is no admin".to_owned())
}

fn has_a_say(person: &str, roles: &Roles) -> bool {
    let mut stages = roles.workflows.iter().flat_map(|workflow| &workflow.stages);
    roles.holds(person, ADMIN) || stages.any(|stage| roles.holds(person, &stage.role))
}

/// The admins who can prove who they are.
pub(super) fn admins(roles: &Roles) -> Vec<PersonId> {
    let all = roles.roles.get(ADMIN).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|admin| can_prove(admin, roles)).cloned().collect()
}

/// The reason that somebody wrote, on one line and not longer than a line or two.
fn first_words(text: &str) -> String {
    const ENOUGH: usize = 160;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= ENOUGH {
        return line;
    }
    line.chars().take(ENOUGH).chain(['…']).collect()
}
