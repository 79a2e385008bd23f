//! What a job's token may do.

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::document::Node;
use crate::ci::workflow::{Job, Step, Workflow};

/// Forgejo gives every job one kind of token, and knows no `permissions:`.
pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in workflow.jobs.iter().filter(|job| job.greenlit().next().is_some()) {
        if desk.forge == Forge::Github {
            permissions(desk, workflow, job);
        }
        credentials(desk, job);
    }
}

fn permissions(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let wanted = if job.pushes() { "contents: write" } else { "contents: read" };
    let help = format!("write `permissions:` with `{wanted}` and nothing more");
    let own = job.entry.value.entry("permissions");
    let Some(given) = own.or_else(|| workflow.root.entry("permissions")) else {
        let span = job.entry.span.clone();
        let message = "nothing says what the job's token may do, so it may whatever the repository's settings allow";
        return desk.error("ci/no-permissions", span, message, help);
    };
    let (all, contents) = (given.value.text().map(str::trim), given.value.get("contents").and_then(Node::text));
    if all == Some("write-all") {
        let message = "write-all lets the job's token change everything in the repository";
        return desk.error("ci/too-many-permissions", given.span.clone(), message, help);
    }
    if job.pushes() && contents != Some("write") && !brings_own(job) {
        desk.error(
            "ci/cannot-push",
            given.span.clone(),
            "the job's token may not write, and greenlit/ledger has to be pushed before anything is sent",
            "write `contents: write` for this job, and for no other",
        );
    }
    if !job.pushes() && contents == Some("write") {
        let message = "this job publishes nothing, and its token may push to every branch";
        desk.error("ci/too-many-permissions", given.span.clone(), message, help);
    }
}

/// Whether the job has a key or token of its own to push with.
fn brings_own(job: &Job<'_>) -> bool {
    let checkout = job.steps.iter().filter(|step| step.is_checkout());
    let by_action = checkout.flat_map(|step| [step.with("ssh-key"), step.with("token")]).any(|input| input.is_some());
    by_action || job.entry.value.texts().iter().any(|(text, _)| text.contains("ssh-add") || text.contains("GIT_SSH"))
}

/// A checkout that throws away what the ledger is pushed with.
fn credentials(desk: &mut Desk<'_>, job: &Job<'_>) {
    let sets_up = |step: &Step<'_>| {
        let script = step.node.get("run").and_then(Node::text).unwrap_or_default();
        ["credential", "extraheader", "remote set-url", "ssh-add"].iter().any(|sign| script.contains(sign))
    };
    if !job.pushes() || job.steps.iter().any(sets_up) {
        return;
    }
    let dropped = job.steps.iter().filter(|step| step.is_checkout());
    if let Some(input) = dropped.filter_map(|step| step.with("persist-credentials")).find(|input| input.is_false()) {
        desk.error(
            "ci/no-credentials",
            input.span.clone(),
            "git forgets its token after the checkout, and greenlit/ledger cannot be pushed",
            "take `persist-credentials: false` out of the job that publishes; elsewhere it is right",
        );
    }
}
