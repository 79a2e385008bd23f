//! One stage: which approvals count for it, and whether they are enough.

use super::approvals::{Approval, Voice};
use super::deadlines::{self, Moment};
use super::decision::{Decision, Kind, Status};
use super::evidence::Statement;
use super::question::{Facts, Question};
use super::seats::once_each;
use super::turn;
use crate::workspace::{Needs, PersonId, Stage};

/// How a stage came out.
pub(super) struct Outcome {
    pub node: Decision,
    /// The people whose yes counts.
    seats: Vec<PersonId>,
    /// How many more it needs.
    missing: usize,
    /// When it had enough.
    pub completed: Moment,
    escalated: bool,
}

impl Outcome {
    pub fn complete(&self) -> bool {
        self.missing == 0
    }
}

/// Counts the approvals for a stage whose turn came at some time; `None`: it has not come. Takes those that it uses, and
/// those that were meant for it and do not count, out of the list.
pub(super) fn count(
    stage: &Stage,
    turn: Option<Moment>,
    asked_again: bool,
    approvals: &mut Vec<&Approval<'_>>,
    facts: &Facts<'_>,
) -> Outcome {
    let escalated = turn.is_some_and(|turn| deadlines::has_escalated(stage, turn, facts));
    let mut node = Decision::new(Kind::Stage, format!("stage {}", stage.role), Status::Waiting, "");
    node.role = Some(stage.role.clone());
    let (meant, mut rest): (Vec<&Approval<'_>>, Vec<&Approval<'_>>) =
        approvals.drain(..).partition(|approval| approval.stage() == Some(&stage.role));
    let mut admitted: Vec<(&Approval<'_>, &Voice)> = Vec::new();
    for approval in meant {
        let voice = approval.voice.as_ref().map_err(Clone::clone);
        match voice.and_then(|voice| admit(voice, stage, escalated, facts).map(|()| voice)) {
            Ok(voice) => admitted.push((approval, voice)),
            Err(reason) => node.children.push(approval.node(Status::NotCounted, reason, facts)),
        }
    }
    let voices: Vec<&Voice> = admitted.iter().map(|(_, voice)| *voice).collect();
    let heard: Vec<(&Statement, &Voice)> = admitted.iter().map(|(one, voice)| (one.statement, *voice)).collect();
    let mut chosen = once_each(&voices);
    if asked_again && let Needs::Some(needs) = stage.needs {
        // The rest is for the next stage that asks the same role.
        chosen = chosen.into_iter().take(needs.max(1)).collect();
    }
    let mut seats = Vec::new();
    for (at, (approval, voice)) in admitted.into_iter().enumerate() {
        if chosen.contains(&at) {
            seats.push(voice.seat.clone());
            node.children.push(approval.counted(facts));
        } else {
            rest.push(approval);
        }
    }
    *approvals = rest;

    let (needs, missing) = wanted(stage, &seats, facts);
    node.needs = Some(needs);
    let completed = match missing {
        0 => deadlines::completed(&heard, needs, facts),
        _ => Moment::default(),
    };
    Outcome { node, seats, missing, completed, escalated }
}

/// Says what a stage waits for whose turn it is.
pub(super) fn wait(outcome: &mut Outcome, stage: &Stage, since: Moment, question: &Question<'_>, facts: &Facts<'_>) {
    let Outcome { node, seats, missing, escalated, .. } = outcome;
    node.reason = format!("{} of {} approved", seats.len(), node.needs.unwrap_or(1));
    deadlines::tell(node, stage, since, facts);
    turn::tell(node, stage, seats, *missing, *escalated, question, facts);
}

/// Whether a voice may speak in a stage: in its role then and now, or in the one it escalates to, once its time is over.
fn admit(voice: &Voice, stage: &Stage, escalated: bool, facts: &Facts<'_>) -> Result<(), String> {
    let reason = match in_role(voice, &stage.role, facts) {
        Ok(()) => return Ok(()),
        Err(reason) => reason,
    };
    match &stage.escalate_to {
        Some(higher) if in_role(voice, higher, facts).is_ok() => match escalated {
            true => Ok(()),
            false => Err(format!("may approve for {} only once its time is over", stage.role)),
        },
        _ => Err(reason),
    }
}

/// Whether a voice has the role then and now.
pub(super) fn in_role(voice: &Voice, role: &str, facts: &Facts<'_>) -> Result<(), String> {
    let before = voice.maker.then.holds(&voice.seat, role);
    match (before, facts.roles.holds(&voice.seat, role)) {
        (true, true) => Ok(()),
        (true, false) => Err(format!("was removed from {role}")),
        (false, true) => Err(format!("was not in {role} yet when approving")),
        (false, false) => Err(format!("is not in {role}")),
    }
}

/// How many people a stage asks for, and how many of them are missing; at least one must have said yes.
fn wanted(stage: &Stage, seats: &[PersonId], facts: &Facts<'_>) -> (usize, usize) {
    match stage.needs {
        Needs::Some(count) => (count.max(1), count.max(1).saturating_sub(seats.len())),
        Needs::All => {
            let all = turn::eligible(stage, facts);
            // Those to whom it escalated speak for somebody who is missing; a member who could not speak alone does not.
            let others = seats.iter().filter(|seat| !turn::members(&stage.role, facts).any(|one| one == *seat)).count();
            let missing = all.iter().filter(|person| !seats.contains(person)).count();
            let missing = missing.saturating_sub(others).max(usize::from(seats.is_empty()));
            (seats.len().saturating_add(missing), missing)
        }
    }
}
