//! Which workflows and stages a delivery passes.

use std::time::Duration;

use super::when;
use crate::workspace::{AccountName, Outline, Roles, Stage, Workflow};

/// The workflows that a delivery must pass: the first that matches, and all that are combined with it, each once.
/// A name that is in no workflow stands for itself: nothing can pass it.
pub fn workflows_for<'a>(
    roles: &'a Roles,
    post: &Outline,
    account: &AccountName,
) -> Vec<Result<&'a Workflow, &'a str>> {
    let Some(first) = roles.workflows.iter().find(|workflow| when::holds(&workflow.when, post, account)) else {
        return Vec::new();
    };
    let mut all = vec![Ok(first)];
    let mut at = 0;
    // The list grows while it is read; each workflow is taken in once, so it ends though they name each other.
    while let Some(workflow) = all.get(at).copied() {
        at += 1;
        for name in workflow.iter().flat_map(|workflow| &workflow.and) {
            let found = roles.workflows.iter().find(|workflow| workflow.name == *name).ok_or(name.as_str());
            let known = |other: &Result<&Workflow, &str>| match (other, found) {
                (Ok(other), Ok(found)) => other.name == found.name,
                (Err(other), Err(found)) => *other == found,
                _ => false,
            };
            if !all.iter().any(known) {
                all.push(found);
            }
        }
    }
    all
}

/// The stages that a delivery must pass, in all its workflows, in order.
pub fn stages_for<'a>(roles: &'a Roles, post: &Outline, account: &AccountName) -> Vec<&'a Stage> {
    let workflows = workflows_for(roles, post, account);
    let stages = workflows.into_iter().flatten().flat_map(|workflow| &workflow.stages);
    stages.filter(|stage| when::holds(&stage.when, post, account)).collect()
}

/// How long those may take who have to approve a delivery: in each workflow one turn after the other. `None` where no stage
/// says how long it has.
pub fn time_needed(roles: &Roles, post: &Outline, account: &AccountName) -> Option<Duration> {
    let in_turn = |workflow: &Workflow| {
        let turns = turns(workflow, post, account).into_iter();
        let longest = turns.filter_map(|turn| turn.into_iter().filter_map(|stage| stage.within).max());
        longest.reduce(Duration::saturating_add)
    };
    workflows_for(roles, post, account).into_iter().flatten().filter_map(in_turn).max()
}

/// The stages of a workflow that are asked of a delivery, by turn: those of one turn come together.
pub(super) fn turns<'a>(workflow: &'a Workflow, post: &Outline, account: &AccountName) -> Vec<Vec<&'a Stage>> {
    let mut turns: Vec<Vec<&Stage>> = Vec::new();
    for stage in &workflow.stages {
        match turns.last_mut() {
            Some(turn) if stage.parallel => turn.push(stage),
            _ => turns.push(vec![stage]),
        }
    }
    for turn in &mut turns {
        turn.retain(|stage| when::holds(&stage.when, post, account));
    }
    turns.retain(|turn| !turn.is_empty());
    turns
}
