//! Workflows of GitHub and Forgejo, whose forms are the same; what only one of them has is asked of that one.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/en/actions/reference/security/secure-use>,
//! <https://forgejo.org/docs/latest/user/actions/reference/> (checked 2026-11-28)

mod access;
mod running;
mod secrets;
mod strangers;
mod when;

use super::Verdict;
use super::desk::Desk;
use super::document::Node;
use super::script::Script;
use super::workflow::{Job, Step, Workflow};

/// Looks through one workflow.
pub fn check(desk: &mut Desk<'_>, root: &Node) -> Verdict {
    let workflow = Workflow::new(root);
    strangers::check(desk, &workflow);
    if !workflow.concerns_greenlit() {
        return Verdict::default();
    }
    when::check(desk, &workflow);
    access::check(desk, &workflow);
    secrets::check(desk, &workflow);
    running::check(desk, &workflow);
    let publishes = workflow.jobs.iter().any(Job::publishes);
    Verdict { publishes, scheduled: when::is_scheduled(&workflow, &desk.around.trusted) }
}

/// The script of a step.
fn script<'a>(step: &'a Step<'_>) -> Script<'a> {
    // GitHub's own `bash` has pipefail; without `shell:` it is `bash -e` alone.
    let pipefail = step.shell.is_some_and(|shell| shell.trim() == "bash" || shell.contains("pipefail"));
    Script { node: step.node.get("run").unwrap_or(step.node), commands: &step.commands, pipefail }
}

/// The reference on which an event runs a workflow.
fn reference(event: &str, trusted: &str) -> String {
    match event {
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => "refs/pull/1/merge".to_owned(),
        _ => format!("refs/heads/{trusted}"),
    }
}
