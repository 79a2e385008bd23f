//! What lets strangers run code with the repository's rights. This is looked for in every workflow, whatever it is for: all
//! of them share the repository that the ledger lies in.

use crate::ci::desk::Desk;
use crate::ci::document::Node;
use crate::ci::expression::{expressions, foreign};
use crate::ci::workflow::{Step, WITH_STRANGERS, Workflow};

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    let with_rights = workflow.triggers.iter().find(|trigger| WITH_STRANGERS.contains(&trigger.name));
    let mut runs_theirs = false;
    for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
        injection(desk, step);
        if let Some(trigger) = with_rights
            && let Some((node, words)) = head(step)
        {
            runs_theirs = true;
            let place = desk.at(node, &words);
            desk.error(
                "ci/head-code",
                place,
                format!(
                    "on {} this job has the repository's secrets and rights, and here it gets the code of whoever asks",
                    trigger.name
                ),
                "use `on: pull_request`, which has neither",
            );
        }
    }
    let target = workflow.trigger("pull_request_target");
    if let Some(target) = target.filter(|_| !runs_theirs && workflow.concerns_greenlit()) {
        desk.error(
            "ci/pull-request-target",
            target.span.clone(),
            "pull_request_target hands the secrets and a token that writes to a job that strangers start",
            "use `on: pull_request`: to check and to preview, greenlit needs no secret",
        );
    }
}

/// Texts of strangers that become part of a script.
fn injection(desk: &mut Desk<'_>, step: &Step<'_>) {
    for script in [step.node.get("run"), step.with("script")].into_iter().flatten() {
        for expression in expressions(script.text().unwrap_or_default()) {
            if let Some(name) = foreign(expression) {
                let place = desk.at(script, expression);
                desk.error(
                    "ci/injection",
                    place,
                    format!(
                        "{name} is put into the script before the shell reads it: whoever writes it writes the script"
                    ),
                    "hand it over in `env:`, and write \"$NAME\" in the script",
                );
            }
        }
    }
}

/// Where a step gets the code of a pull request.
fn head<'n>(step: &Step<'n>) -> Option<(&'n Node, String)> {
    const SIGNS: [&str; 8] = [
        "pull_request.head",
        "github.head_ref",
        "GITHUB_HEAD_REF",
        "refs/pull/",
        "workflow_run.head",
        "gh pr checkout",
        "head.sha",
        "head.ref",
    ];
    let checkout = step.with("ref").filter(|_| step.is_checkout());
    let repository = step.with("repository").filter(|_| step.is_checkout());
    [checkout, repository, step.node.get("run")].into_iter().flatten().find_map(|node| {
        let text = node.text()?;
        SIGNS.iter().find(|sign| text.contains(**sign)).map(|sign| (node, (*sign).to_owned()))
    })
}
