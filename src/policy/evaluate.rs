//! One delivery held against its workflows.

use std::collections::HashSet;

use super::approvals::{Approval, approvals};
use super::deadlines::Moment;
use super::decision::{Decision, Kind, Status};
use super::edits::edits;
use super::holds::holds;
use super::identity::admins;
use super::question::{Facts, Question};
use super::stages::{self, Outcome, in_role};
use super::vetoes::vetoes;
use super::workflows::{stages_for, turns, workflows_for};
use crate::workspace::{EvidenceMode, Stage, Workflow};

/// Holds what people decided against the workflows of a delivery.
///
/// - An approval counts for exactly what it names: workspace, post, account, digest, stage, and time (unless
///   `reschedule = "keep"`). One that names no stage counts for none.
/// - Whoever gave it is proved by the roles then and now, held the role then and holds it now, and is no author of the
///   post (unless `author_may_approve`). A stand-in speaks for one who is away.
/// - A stage needs so many different people. Someone who holds the roles of two stages may give both, with an approval
///   for each. Approvals may come in any order; a stage is complete only when those before it are.
/// - Workflows that are combined must all be passed; one approval counts in each that asks its role.
/// - A rejection stands over every later version until its maker or an admin lifts it; so does a hold until it is resumed.
/// - Where `[permissions] edit` says who may change the post's files, others' changes need one of these to approve.
///
/// What concerns the delivery and does not count stands in the tree with the reason.
pub fn evaluate(question: &Question<'_>, facts: &Facts<'_>) -> Decision {
    let workflows = workflows_for(facts.roles, question.post, question.account);
    let objections: Vec<Decision> = vetoes(question, facts).into_iter().chain(holds(question, facts)).collect();
    let objected = |status| objections.iter().any(|node| node.status == status);
    let (rejected, held) = (objected(Status::Rejected), objected(Status::Held));

    let approvals = approvals(question, facts);
    let mut used: Vec<&str> = Vec::new();
    let mut judged = workflows.iter().map(|workflow| match workflow {
        Ok(workflow) => judge(workflow, &approvals, rejected, &mut used, question, facts),
        Err(name) => broken(name, "no workflow in roles.toml has this name, so nobody can pass it", facts),
    });
    let mut root = judged.next().unwrap_or_else(|| {
        let reason = "no workflow in roles.toml matches this post, so nobody can approve it";
        let mut none = broken("", reason, facts);
        none.what = "workflow".to_owned();
        none
    });
    let combined: Vec<Decision> = judged.collect();

    let counted: Vec<&Approval<'_>> =
        approvals.iter().filter(|approval| used.contains(&approval.statement.commit.as_str())).collect();
    let edits = edits(question, &counted, facts);
    let parts = || [&root].into_iter().chain(&combined).chain(&edits).map(|part| part.status);
    let status = if rejected {
        Status::Rejected
    } else if held {
        Status::Held
    } else if parts().any(|status| status == Status::Error) {
        Status::Error
    } else if parts().all(|status| status == Status::Approved) {
        Status::Approved
    } else {
        Status::Waiting
    };
    if let Some(broken) = combined.iter().find(|node| node.status == Status::Error) {
        root.turn.extend(broken.turn.clone());
        root.reason = format!("{}: {}", broken.what, broken.reason);
    } else if root.reason.is_empty() && facts.roles.policy.evidence == EvidenceMode::SignOff {
        root.reason = "not authenticated: sign-offs are taken at their word".to_owned();
    }
    root.status = status;
    root.turn.extend(objections.iter().flat_map(|objection| objection.turn.clone()));
    let stages = std::mem::replace(&mut root.children, objections);
    root.children.extend(stages);
    root.children.extend(combined);
    root.children.extend(edits);
    root.children.extend(left_over(&approvals, &root.stages(), question, facts));
    root
}

fn broken(name: &str, reason: &str, facts: &Facts<'_>) -> Decision {
    let mut node = Decision::new(Kind::Workflow, format!("workflow {name}"), Status::Error, reason);
    node.turn = admins(facts);
    node
}

/// One workflow with its stages. The commits of the approvals that count are added to `used`.
fn judge<'a>(
    workflow: &Workflow,
    approvals: &'a [Approval<'_>],
    rejected: bool,
    used: &mut Vec<&'a str>,
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> Decision {
    let turns = turns(workflow, question.post, question.account);
    if turns.is_empty() {
        let reason = match workflow.stages.is_empty() {
            true => "the workflow has no stages, so nobody can approve",
            false => "none of the workflow's stages is for this post, so nobody can approve it",
        };
        return broken(&workflow.name, reason, facts);
    }
    let mut node = Decision::new(Kind::Workflow, format!("workflow {}", workflow.name), Status::Waiting, "");
    let asked: Vec<&Stage> = turns.iter().flatten().copied().collect();
    let mut approvals: Vec<&Approval<'_>> = approvals.iter().collect();
    let all = approvals.clone();
    let (mut seen, mut before) = (0, Vec::new());
    // When the turn came that is judged; `None` once something before it is missing.
    let mut came = Some(Moment::landing(facts));
    for turn in turns {
        let mut completed: Option<Moment> = came;
        for stage in &turn {
            seen += 1;
            let asked_again = asked.iter().skip(seen).any(|later| later.role == stage.role);
            let mut outcome = stages::count(stage, came, asked_again, &mut approvals, facts);
            settle(&mut outcome, stage, came, &before, rejected, question, facts);
            completed = completed.filter(|_| outcome.complete()).map(|moment| moment.and(outcome.completed));
            let counted = outcome.node.children.iter().filter(|child| child.approved());
            let commits: Vec<_> = counted.filter_map(|child| child.commit.as_deref()).collect();
            let counted = all.iter().map(|approval| approval.statement.commit.as_str());
            used.extend(counted.filter(|commit| commits.contains(commit)));
            node.children.push(outcome.node);
        }
        came = completed;
        before = turn.iter().map(|stage| stage.role.as_str()).collect();
    }
    if came.is_some() {
        node.status = Status::Approved;
    }
    node
}

/// Says how a stage stands.
fn settle(
    outcome: &mut Outcome,
    stage: &Stage,
    came: Option<Moment>,
    before: &[&str],
    rejected: bool,
    question: &Question<'_>,
    facts: &Facts<'_>,
) {
    let complete = outcome.complete();
    let node = &mut outcome.node;
    match came {
        None => {
            node.status = Status::Pending;
            node.reason = format!("after {}", before.join(" and "));
        }
        Some(_) if complete => node.status = Status::Approved,
        Some(_) if rejected => {
            node.status = Status::Pending;
            node.reason = "after the rejection is lifted".to_owned();
        }
        Some(came) => stages::wait(outcome, stage, came, question, facts),
    }
}

/// The approvals that stand in no stage of the tree: for stages that nobody asks, or given once too often.
fn left_over(
    approvals: &[Approval<'_>],
    stages: &[&Decision],
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> Vec<Decision> {
    let asked = stages_for(facts.roles, question.post, question.account);
    let in_stages: HashSet<&str> =
        stages.iter().flat_map(|stage| &stage.children).filter_map(|child| child.commit.as_deref()).collect();
    let told = |approval: &&Approval<'_>| in_stages.contains(approval.statement.commit.as_str());
    let reason = |approval: &Approval<'_>| match (&approval.voice, approval.stage()) {
        (Err(reason), _) => reason.clone(),
        (Ok(_), None) => "names no stage".to_owned(),
        (Ok(voice), Some(stage)) => match in_role(voice, stage, facts) {
            Err(reason) => reason,
            Ok(()) if asked.iter().any(|asked| asked.role == stage) => format!("has approved for {stage} already"),
            Ok(()) => format!("approved for {stage}, which is no stage of this workflow"),
        },
    };
    let left = approvals.iter().filter(|approval| !told(approval));
    left.map(|approval| approval.node(Status::NotCounted, reason(approval), facts)).collect()
}
