//! Which jobs know which secrets, and what the policy is held against.

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::document::{Entry, Node};
use crate::ci::expression::{expressions, reads, secrets};
use crate::ci::script::{self, Rooted, Script};
use crate::ci::surroundings::{ROOT, Surroundings};
use crate::ci::workflow::{Job, Step, Workflow, subcommand};
use crate::workspace::suggest;

/// Where a root and secrets are kept that only admins may change.
const OUTSIDE: &str = "a variable of the protected environment, in the repository's settings";

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in &workflow.jobs {
        let used = first_secret(workflow, job);
        let by_strangers = workflow.reaches(job, "pull_request", "refs/pull/1/merge");
        if let Some((node, name)) = used.as_ref().filter(|_| by_strangers && !job.publishes()) {
            let place = desk.at(node, name);
            desk.error(
                "ci/secret-in-pull-request",
                place,
                "a pull request starts this job and decides what it does, and it knows a secret",
                "take the secret out: to check and to preview, greenlit needs none",
            );
        }
        if desk.forge == Forge::Github
            && used.is_some()
            && job.publishes()
            && job.get("environment").is_none_or(Node::is_empty)
        {
            desk.error(
                "ci/no-environment",
                job.entry.span.clone(),
                "the secrets are open to a workflow on any branch: whoever may push one can read them",
                format!(
                    "write `environment: publish`, move the secrets there (Settings, Environments), and open it to {} alone",
                    desk.around.trusted
                ),
            );
        }
        for step in &job.steps {
            shown(desk, workflow, job, step);
            let script = super::script(step);
            for (at, rooted) in script::publishing(&script) {
                given(desk, workflow, job, step, &script, at);
                root(desk, workflow, job, step, &script, at, rooted);
            }
        }
        told(desk, workflow, job);
    }
}

/// The first secret that a job can read, beside its own token.
fn first_secret<'n>(workflow: &Workflow<'n>, job: &Job<'n>) -> Option<(&'n Node, String)> {
    let levels = [Some(&job.entry.value), workflow.root.get("env")];
    levels.into_iter().flatten().flat_map(Node::texts).find_map(|(text, node)| {
        let name = secrets(text).into_iter().next()?;
        Some((node, if name == "*" { "secrets".to_owned() } else { format!("secrets.{name}") }))
    })
}

/// Secrets in command lines and logs.
fn shown(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>) {
    if let Some(run) = step.node.get("run")
        && let Some(name) = secrets(run.text().unwrap_or_default()).first()
    {
        desk.error(
            "ci/secret-shown",
            desk.at(run, &format!("secrets.{name}")),
            "a secret becomes part of the script, where logs and other programs see it",
            "hand it over in `env:`: greenlit reads its secrets from the environment",
        );
    }
    let environment = workflow.environment(job, step);
    let holds = |entry: &&&Entry| entry.value.text().is_some_and(|text| !secrets(text).is_empty());
    let names: Vec<&str> = environment.iter().filter(holds).map(|entry| entry.key.as_str()).collect();
    script::shown(desk, &super::script(step), &names);
}

/// The secrets of exactly the accounts that there are.
fn given(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>, script: &Script<'_>, at: usize) {
    let environment = workflow.environment(job, step);
    let run = script.commands.get(at).map(|command| command.written.clone()).unwrap_or_default();
    for entry in &environment {
        let text = entry.value.text().unwrap_or_default();
        let written = !text.is_empty() && expressions(text).is_empty();
        if entry.key == "GREENLIT_NOW" {
            let message = "GREENLIT_NOW stands in for the clock, and what is due is decided by it";
            desk.error("ci/clock", entry.span.clone(), message, "take it out: it is there for rehearsals");
        } else if desk.around.is_secret(&entry.key) && written {
            let message = "the secret itself stands in the file, for everybody who can read the repository";
            let help = format!("make a new one, and write `{}: ${{{{ secrets.{} }}}}`", entry.key, entry.key);
            desk.error("ci/secret-in-file", entry.span.clone(), message, help);
        }
    }
    let Some(needs) = &desk.around.needs else { return };
    let channels = &desk.around.channels;
    let known = needs.iter().chain(channels).flat_map(|need| need.variables.iter().map(String::as_str));
    let known: Vec<&str> = known.collect();
    for entry in environment
        .iter()
        .filter(|entry| Surroundings::looks_secret(&entry.key) && !known.contains(&entry.key.as_str()))
    {
        let message = format!("no account of greenlit.toml and no channel reads {}", suggest::quote(&entry.key));
        let help = suggest::help(&entry.key, "variables", &known);
        desk.warning("ci/unknown-secret", entry.span.clone(), message, help);
    }
    let texts = job.entry.value.texts();
    let named = |name: &str| texts.iter().any(|(text, _)| text.contains(name));
    for need in needs {
        for name in &need.variables {
            if !environment.iter().any(|entry| entry.key == *name) && !named(name) {
                desk.error(
                    "ci/missing-secret",
                    desk.at(script.node, &run),
                    format!("{} reads its secret from {name}, and this job does not have it", need.account),
                    format!("write `{name}: ${{{{ secrets.{name} }}}}` under the step's `env:`"),
                );
            }
        }
    }
}

/// The secrets of all channels, where people are told something.
fn told(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let tells = |words: &[String]| subcommand(words) == Some("notify");
    for run in job.greenlit().filter(|run| tells(run.words)) {
        let environment = workflow.environment(job, run.step);
        for need in &desk.around.channels.clone() {
            for name in need.variables.iter().filter(|name| !environment.iter().any(|entry| entry.key == **name)) {
                let script = super::script(run.step);
                desk.error(
                    "ci/missing-secret",
                    desk.at(script.node, "greenlit notify"),
                    format!("{} reads its secret from {name}, and this step does not have it", need.account),
                    format!("write `{name}: ${{{{ secrets.{name} }}}}` under the step's `env:`"),
                );
            }
        }
    }
}

/// The root of trust: from outside of the repository.
fn root(
    desk: &mut Desk<'_>,
    workflow: &Workflow<'_>,
    job: &Job<'_>,
    step: &Step<'_>,
    script: &Script<'_>,
    at: usize,
    rooted: Rooted,
) {
    let run = script.commands.get(at).map(|command| command.written.clone()).unwrap_or_default();
    let run = desk.at(script.node, &run);
    let set = workflow.environment(job, step).into_iter().find(|entry| entry.key == ROOT && !entry.value.is_empty());
    let trusts_tip =
        script.commands.get(at).is_some_and(|command| command.words.iter().any(|word| word == "--trust-tip"));
    match (rooted, set) {
        (Rooted::WorkedOut(words), _) => worked_out(desk, desk.at(script.node, &words)),
        (Rooted::Written(value), _) => {
            let place = desk.at(script.node, &value);
            script::written_root(desk, place, &value, OUTSIDE);
        }
        (Rooted::Outside, _) => {}
        (Rooted::No, Some(entry)) => {
            let text = entry.value.text().unwrap_or_default();
            let found = expressions(text);
            let outside = |name: &String| name.starts_with("vars.") || name.starts_with("secrets.");
            if found.is_empty() {
                script::written_root(desk, entry.value.span.clone(), text.trim(), OUTSIDE);
            } else if found.iter().any(|expression| !reads(expression).iter().any(outside)) {
                worked_out(desk, entry.value.span.clone());
            }
        }
        // What is wrong with --trust-tip is told there.
        (Rooted::No, None) if trusts_tip => {}
        (Rooted::No, None) => desk.error(
            "ci/no-root",
            run,
            format!("{ROOT} is not set, so nothing says from where on changes of the policy must be approved"),
            format!("write `{ROOT}: ${{{{ vars.{ROOT} }}}}` under `env:`; `greenlit trust pin` prints its value for {OUTSIDE}"),
        ),
    }
}

fn worked_out(desk: &mut Desk<'_>, span: std::ops::Range<usize>) {
    desk.error(
        "ci/root-from-files",
        span,
        "the root is worked out in the job, so whoever can merge can change it",
        format!("write `{ROOT}: ${{{{ vars.{ROOT} }}}}`; {OUTSIDE} holds what `greenlit trust pin` prints"),
    );
}
