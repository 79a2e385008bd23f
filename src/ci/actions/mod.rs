//! Workflows of GitHub and Forgejo, whose forms are the same; what only one of them has is asked of that one.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/en/actions/reference/security/secure-use>,
//! <https://forgejo.org/docs/latest/user/actions/reference/> (checked 2026-11-28)

mod access;
mod expand;
mod form;
mod outside;
mod root;
mod running;
mod secrets;
mod strangers;
mod surface;
mod when;

pub use form::twice;

use super::across::Verdict;
use super::desk::Desk;
use super::node::{Node, Span};
use super::script::{Placed, Script};
use super::shelf::Shelf;
use super::workflow::{Job, Step, Workflow};

/// Looks through one workflow.
pub fn check(desk: &mut Desk<'_>, shelf: &Shelf, file: usize) -> Verdict {
    let (Some(document), Some(source)) = (shelf.document(file), shelf.sources.get(file)) else {
        return Verdict::default();
    };
    let root = expand::expand(&document.root, shelf);
    let workflow = Workflow::new(&root);
    outside::calls(desk, shelf, &document.root);
    let concerned = workflow.concerns_greenlit();
    if concerned {
        form::check(desk, document);
        surface::check(desk, &document.root);
        outside::steps(desk, shelf, &document.root);
    }
    // What is only there to be called is looked at where it is called, for there it is told what starts it.
    if expand::is_called(&document.root, &source.path, shelf) {
        return Verdict::default();
    }
    strangers::check(desk, &workflow);
    if !concerned {
        return Verdict::default();
    }
    let never = when::check(desk, &workflow);
    access::check(desk, &workflow);
    secrets::check(desk, &workflow);
    root::check(desk, &workflow);
    running::check(desk, &workflow);
    verdict(desk, &workflow, never)
}

fn verdict(desk: &Desk<'_>, workflow: &Workflow<'_>, never: bool) -> Verdict {
    let trusted = &desk.around.trusted;
    let start = Span { file: workflow.root.span.file, start: 0, end: 0 };
    let mut verdict = Verdict { start: Some(start), ..Verdict::default() };
    for job in &workflow.jobs {
        let by_requests = workflow.reaches(job, "pull_request", "refs/pull/1/merge");
        let words = |name: &str| job.greenlit().any(|run| super::workflow::subcommand(run.words) == Some(name));
        verdict.publishes |= job.publishes();
        verdict.checks |=
            words("check") && workflow.triggers.iter().any(|trigger| trigger.name.starts_with("pull_request"));
        verdict.tells |= words("notify");
        let environment = job.get("environment").map(|node| node.get("name").unwrap_or(node));
        if let Some((name, node)) = environment.and_then(|node| Some((node.text()?, node))) {
            if job.publishes() {
                verdict.environments.push(name.to_owned());
            } else if by_requests {
                verdict.requested.push((name.to_owned(), node.span));
            }
        }
    }
    verdict.scheduled = never || when::is_scheduled(workflow, trusted);
    verdict.groups = running::groups(workflow, trusted);
    verdict
}

/// The script of a step.
fn script<'a>(step: &'a Step<'_>) -> Script<'a> {
    let node = step.node.get("run").unwrap_or(step.node);
    let shell = step.shell.map(str::trim);
    // A shell that is written out with its options gets none from the forge.
    let options = shell.filter(|shell| shell.contains("{0}"));
    let has = |letter: char| {
        let short = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains(letter);
        options.is_some_and(|options| options.split_whitespace().any(short))
    };
    Script {
        commands: step.commands.iter().map(|command| Placed { command, node }).collect(),
        // GitHub's own `bash` has pipefail; without `shell:` it is `bash -e` alone.
        pipefail: shell.is_some_and(|shell| shell == "bash" || shell.contains("pipefail")),
        stops: options.is_none() || has('e'),
        traced: has('x'),
    }
}

/// The commands of all scripts of a job.
fn commands<'a>(job: &'a Job<'_>) -> Vec<&'a super::shell::Command> {
    job.steps.iter().flat_map(|step| &step.commands).collect()
}

/// The reference on which an event runs a workflow, where it does not run on the trusted branch.
fn reference(event: &str, trusted: &str) -> String {
    match event {
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => "refs/pull/1/merge".to_owned(),
        "create" | "deployment" => "refs/heads/an/other-branch".to_owned(),
        "release" => "refs/tags/v1".to_owned(),
        "merge_group" => format!("refs/heads/gh-readonly-queue/{trusted}/pr-1"),
        _ => format!("refs/heads/{trusted}"),
    }
}

/// The text of a value under a key.
fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::text).map(str::trim)
}
