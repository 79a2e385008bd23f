//! What lets strangers run code with the repository's rights. This is looked for in every workflow, whatever it is for: all
//! of them share the repository that the ledger lies in.

use crate::ci::desk::Desk;
use crate::ci::expression::{expressions, foreign, reads};
use crate::ci::node::{Entry, Node};
use crate::ci::shell::expands;
use crate::ci::workflow::{Job, Step, WITH_STRANGERS, Workflow};

/// Variables that the forge sets, and strangers write.
const FOREIGN: [&str; 4] = ["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "FORGEJO_HEAD_REF", "GITEA_HEAD_REF"];
/// The files by which a step hands something to those behind it.
const HANDED_ON: [&str; 4] = ["GITHUB_ENV", "GITHUB_PATH", "FORGEJO_ENV", "GITEA_ENV"];
/// The property that names a branch, which only people who may push make. Where that starts a job that publishes, it has to be
/// one that is written out.
const REF_NAME: &str = "github.ref_name";

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    let with_rights = workflow.triggers.iter().find(|trigger| WITH_STRANGERS.contains(&trigger.name));
    let mut runs_theirs = false;
    for job in &workflow.jobs {
        for step in &job.steps {
            injection(desk, workflow, job, step);
            if let Some(trigger) = with_rights
                && let Some((node, words)) = head(step)
            {
                runs_theirs = true;
                desk.error(
                    "ci/head-code",
                    desk.at(node, &words),
                    format!(
                        "on {} this job has the repository's secrets and rights, and here it gets the code of whoever asks",
                        trigger.name
                    ),
                    "use `on: pull_request`, which has neither",
                );
            }
        }
    }
    let target = workflow.trigger("pull_request_target");
    if let Some(target) = target.filter(|_| !runs_theirs && workflow.concerns_greenlit()) {
        desk.error(
            "ci/pull-request-target",
            target.span,
            "pull_request_target hands the secrets and a token that writes to a job that strangers start",
            "use `on: pull_request`: to check and to preview, greenlit needs no secret",
        );
    }
    commands_in_logs(desk, workflow);
}

/// What lets whatever is printed set variables and paths.
fn commands_in_logs(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    let named = |entry: &&Entry| entry.key == "ACTIONS_ALLOW_UNSECURE_COMMANDS" && !entry.value.is_false();
    if let Some(entry) = workflow.root.all_entries().into_iter().find(named) {
        let message =
            "with this, a line of a post or a title that is printed sets variables and paths of the steps behind it";
        desk.error("ci/injection", entry.span, message, "take it out: write to \"$GITHUB_ENV\" where a step needs it");
    }
}

/// Texts of strangers that become part of a script.
fn injection(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>) {
    let environment = workflow.environment(job, step);
    let holds = |entry: &&&Entry| {
        expressions(entry.value.text().unwrap_or_default())
            .iter()
            .any(|expression| written_by_others(workflow, expression).is_some())
    };
    let foreign_variables: Vec<&str> = environment.iter().filter(holds).map(|entry| entry.key.as_str()).collect();
    for script in [step.node.get("run"), step.with("script")].into_iter().flatten() {
        for expression in expressions(script.text().unwrap_or_default()) {
            // `env.TITLE` is put in as the title itself.
            let by_variable = reads(expression).into_iter().find(|name| {
                let variable = name.strip_prefix("env.");
                variable
                    .is_some_and(|variable| foreign_variables.iter().any(|name| name.eq_ignore_ascii_case(variable)))
            });
            if let Some(name) = written_by_others(workflow, expression).or(by_variable) {
                desk.error(
                    "ci/injection",
                    desk.at(script, expression),
                    format!(
                        "{name} is put into the script before the shell reads it: whoever writes it writes the script"
                    ),
                    "hand it over in `env:`, and write \"$NAME\" in the script",
                );
            }
        }
    }
    let script = super::script(step);
    for placed in &script.commands {
        let names = foreign_variables.iter().copied().chain(FOREIGN).filter(|name| placed.expands(name));
        let Some(name) = names.into_iter().next() else { continue };
        let handed = HANDED_ON.iter().any(|file| expands(&placed.written, file));
        let read_again = match placed.program() {
            Some("eval") => true,
            Some("sh" | "bash" | "dash") => {
                placed.words.iter().any(|word| word.starts_with('-') && word.ends_with('c'))
            }
            _ => false,
        };
        let message = if read_again {
            format!("the shell reads {name} once more, as a script: whoever writes it writes the script")
        } else if handed {
            format!(
                "a line's end in {name} is enough to set any variable of the steps behind it, and with it what they run"
            )
        } else {
            continue;
        };
        desk.error(
            "ci/injection",
            placed.place(desk),
            message,
            "give it to the step that needs it in its `env:`, and write \"$NAME\" there",
        );
    }
}

/// The property of an expression that somebody outside writes.
fn written_by_others(workflow: &Workflow<'_>, expression: &str) -> Option<String> {
    let name = foreign(expression)?;
    let publishes = workflow.jobs.iter().any(Job::publishes);
    let of_one_branch = name == REF_NAME
        && (!publishes
            || workflow.triggers.iter().all(|trigger| match trigger.name {
                "push" => trigger.list("branches").is_some_and(|patterns| {
                    patterns.iter().filter_map(Node::text).all(|pattern| !pattern.contains(['*', '?', '[']))
                }),
                // Of these, it is the default branch, or a number.
                "schedule" | "workflow_dispatch" | "pull_request" => true,
                _ => false,
            }));
    (!of_one_branch).then_some(name)
}

/// Where a step gets the code of a pull request.
fn head<'n>(step: &Step<'n>) -> Option<(&'n Node, String)> {
    const SIGNS: [&str; 10] = [
        "pull_request.head",
        "github.head_ref",
        "GITHUB_HEAD_REF",
        "refs/pull/",
        "workflow_run.head",
        "gh pr checkout",
        "head.sha",
        "head.ref",
        "forge.head_ref",
        "merge_commit_sha",
    ];
    let checkout = step.with("ref").filter(|_| step.is_checkout());
    let repository = step.with("repository").filter(|_| step.is_checkout());
    [checkout, repository, step.node.get("run")].into_iter().flatten().find_map(|node| {
        let text = node.text()?;
        SIGNS.iter().find(|sign| text.contains(**sign)).map(|sign| (node, (*sign).to_owned()))
    })
}
