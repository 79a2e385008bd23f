//! One delivery held against its workflow.

use chrono_tz::Tz;

use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::identity::{can_prove, is_author, is_authors_own, name, prove};
use super::question::{Facts, Question};
use super::veto::{admins, vetoes};
use crate::render::Digest;
use crate::workspace::{AccountName, Due, EvidenceMode, Needs, PersonId, Post, Reschedule, Roles, Stage, Workflow};

/// The workflow that a delivery must pass: the first that matches.
pub fn workflow_for<'a>(roles: &'a Roles, post: &Post, account: &AccountName) -> Option<&'a Workflow> {
    super::when::workflow_for(roles, post, account)
}

/// Holds what people decided against the workflow of a delivery.
///
/// - An approval counts for exactly what it names: workspace, post, account, digest, stage, and time (unless
///   `reschedule = "keep"`). One that names no stage counts for none.
/// - Whoever gave it is proved by the roles then and now, held the role then and holds it now, and is no author of the
///   post (unless `author_may_approve`).
/// - A stage needs so many different people. Someone who holds the roles of two stages may give both, with an approval
///   for each. Approvals may come in any order; a stage is complete only when those before it are.
/// - A rejection stands over every later version until its maker or an admin lifts it.
///
/// What concerns the delivery and does not count stands in the tree with the reason.
pub fn evaluate(question: &Question<'_>, facts: &Facts<'_>) -> Decision {
    let Some(workflow) = workflow_for(facts.roles, question.post, question.account) else {
        let reason = "no workflow in roles.toml matches this post, so nobody can approve it";
        let mut none = Decision::new(Kind::Workflow, "workflow", Status::Error, reason);
        none.turn = admins(facts.roles);
        return none;
    };
    let mut root = Decision::new(Kind::Workflow, format!("workflow {}", workflow.name), Status::Waiting, "");
    if facts.roles.policy.evidence == EvidenceMode::SignOff {
        root.reason = "not authenticated: sign-offs are taken at their word".to_owned();
    }
    let vetoes = vetoes(question, facts);
    let rejected = vetoes.iter().any(|veto| veto.status == Status::Rejected);
    root.turn = vetoes.iter().flat_map(|veto| veto.turn.clone()).collect();
    root.children = vetoes;

    let mut approvals = approvals(question, facts);
    let mut complete = !workflow.stages.is_empty();
    for (at, stage) in workflow.stages.iter().enumerate() {
        let asked_again = workflow.stages.iter().skip(at + 1).any(|later| later.role == stage.role);
        let (mut node, people) = counted(stage, asked_again, &mut approvals, facts);
        let enough = people.len() >= needed(stage, facts.roles);
        if !complete {
            node.status = Status::Pending;
            node.reason = match at.checked_sub(1).and_then(|before| workflow.stages.get(before)) {
                Some(before) => format!("after {}", before.role),
                None => String::new(),
            };
        } else if enough {
            node.status = Status::Approved;
        } else if rejected {
            node.status = Status::Pending;
            node.reason = "after the rejection is lifted".to_owned();
        } else {
            wait(&mut node, stage, &people, facts);
        }
        complete &= enough;
        root.children.push(node);
    }
    // For stages that this workflow does not have, or given once too often.
    root.children.extend(approvals.into_iter().map(|approval| approval.not_counted(workflow)));

    root.status = match (rejected, complete) {
        (true, _) => Status::Rejected,
        (false, true) => Status::Approved,
        (false, false) => Status::Waiting,
    };
    if workflow.stages.is_empty() {
        root.status = Status::Error;
        root.reason = "the workflow has no stages, so nobody can approve".to_owned();
        root.turn = admins(facts.roles);
    }
    root
}

/// An approval that names this post and account.
struct Approval {
    who: String,
    commit: String,
    stage: Option<String>,
    /// The person it counts for, or why it counts for nobody.
    verdict: Result<PersonId, String>,
}

impl Approval {
    fn node(&self, status: Status, reason: impl Into<String>) -> Decision {
        let mut node = Decision::new(Kind::Approval, format!("approval by {}", self.who), status, reason);
        node.commit = Some(self.commit.clone());
        node
    }

    /// What is said of an approval that no stage has taken.
    fn not_counted(&self, workflow: &Workflow) -> Decision {
        let reason = match (&self.verdict, &self.stage) {
            (Err(reason), _) => reason.clone(),
            (Ok(_), None) => "names no stage".to_owned(),
            (Ok(_), Some(stage)) if workflow.stages.iter().any(|s| s.role == *stage) => {
                format!("has approved for {stage} already")
            }
            (Ok(_), Some(stage)) => format!("approved for {stage}, which is no stage of this workflow"),
        };
        self.node(Status::NotCounted, reason)
    }
}

/// Every approval of this delivery, judged. In the order of their dates, which decide nothing.
fn approvals(question: &Question<'_>, facts: &Facts<'_>) -> Vec<Approval> {
    let mut statements: Vec<&Statement> = facts.statements.to_vec();
    statements.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    statements.dedup_by(|a, b| a.commit == b.commit);
    let mut approvals = Vec::new();
    for statement in statements {
        for verb in &statement.verbs {
            let Verb::Approve { post, account, digest, due } = verb else { continue };
            if *post != question.post.id || account != question.account {
                continue;
            }
            approvals.push(Approval {
                who: name(statement, facts),
                commit: statement.commit.clone(),
                stage: statement.stage.clone(),
                verdict: judge(statement, digest, *due, question, facts),
            });
        }
    }
    approvals
}

fn judge(
    statement: &Statement,
    digest: &Digest,
    due: Due,
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> Result<PersonId, String> {
    if statement.workspace != question.workspace {
        return Err("was made for another workspace".to_owned());
    }
    let proof = prove(statement, facts)?;
    if digest != question.digest {
        return Err(format!("approved an earlier version: {}…", digest.short()));
    }
    if due != question.due && facts.roles.policy.reschedule == Reschedule::Reapprove {
        return Err(format!("approved {}; it is now {}", when(due, question.zone), when(question.due, question.zone)));
    }
    if let Some(role) = &statement.stage {
        let held = proof.then.holds(&proof.person, role);
        match (held, facts.roles.holds(&proof.person, role)) {
            (true, true) => {}
            (true, false) => return Err(format!("was removed from {role}")),
            (false, true) => return Err(format!("was not in {role} yet when approving")),
            (false, false) => return Err(format!("is not in {role}")),
        }
    }
    let author = is_author(&proof.person, facts.roles, facts.edits)
        || is_author(&proof.person, &proof.then, facts.edits)
        || is_authors_own(&statement.witness, facts.edits);
    if author && !facts.roles.policy.author_may_approve {
        return Err("is an author of this post".to_owned());
    }
    Ok(proof.person)
}

/// A stage with the approvals that count for it, and those that were meant for it and do not. Takes them out of the list.
fn counted(
    stage: &Stage,
    asked_again: bool,
    approvals: &mut Vec<Approval>,
    facts: &Facts<'_>,
) -> (Decision, Vec<PersonId>) {
    let mut node = Decision::new(Kind::Stage, format!("stage {}", stage.role), Status::Waiting, "");
    node.role = Some(stage.role.clone());
    node.needs = Some(needed(stage, facts.roles));
    let mut people: Vec<PersonId> = Vec::new();
    let mut rest = Vec::new();
    for approval in approvals.drain(..) {
        if approval.stage.as_deref() != Some(&stage.role) {
            rest.push(approval);
            continue;
        }
        match &approval.verdict {
            Ok(person) if people.contains(person) || (asked_again && people.len() >= needed(stage, facts.roles)) => {
                rest.push(approval)
            }
            Ok(person) => {
                people.push(person.clone());
                node.children.push(approval.node(Status::Approved, proof_of(facts.roles)));
            }
            Err(reason) => node.children.push(approval.node(Status::NotCounted, reason.clone())),
        }
    }
    *approvals = rest;
    (node, people)
}

fn proof_of(roles: &Roles) -> &'static str {
    match roles.policy.evidence {
        EvidenceMode::Signed => "",
        EvidenceMode::SignOff => "not authenticated",
    }
}

/// Says what a stage waits for, and who can give it.
fn wait(node: &mut Decision, stage: &Stage, people: &[PersonId], facts: &Facts<'_>) {
    let roles = facts.roles;
    let mut hindered = Vec::new();
    for person in roles.roles.get(&stage.role).map(Vec::as_slice).unwrap_or_default() {
        let author = is_author(person, roles, facts.edits) && !roles.policy.author_may_approve;
        let name = roles.name_of(person);
        if people.contains(person) || node.turn.contains(person) {
        } else if author {
            hindered.push(format!("{name} is an author of this post"));
        } else if !can_prove(person, roles) {
            hindered.push(format!("{name} has no {} in roles.toml", lacking(roles)));
        } else {
            node.turn.push(person.clone());
        }
    }
    let needs = needed(stage, roles);
    node.reason = format!("{} of {needs} approved", people.len());
    if node.turn.len() + people.len() < needs {
        let nobody = if node.turn.is_empty() { "nobody else can" } else { "not enough people can" };
        let why =
            if hindered.is_empty() { format!("too few people are in {}", stage.role) } else { hindered.join(", ") };
        node.reason = format!("{}, and {nobody}: {why}; an admin can add people to roles.toml", node.reason);
        node.turn.extend(admins(roles).into_iter().filter(|_| nobody == "nobody else can"));
    }
}

/// How many different people a stage asks for; at least 1.
fn needed(stage: &Stage, roles: &Roles) -> usize {
    let count = match stage.needs {
        Needs::Some(count) => count,
        Needs::All => roles.roles.get(&stage.role).map_or(1, Vec::len),
    };
    count.max(1)
}

fn lacking(roles: &Roles) -> &'static str {
    match roles.policy.evidence {
        EvidenceMode::Signed => "key",
        EvidenceMode::SignOff => "address",
    }
}

fn when(due: Due, zone: Tz) -> String {
    match due {
        Due::Asap => "to go out at once".to_owned(),
        Due::At(at) => format!("for {}", at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z")),
    }
}
