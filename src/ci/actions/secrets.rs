//! Which jobs and steps know which secrets.

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::expression::{expressions, foreign, reads, secrets};
use crate::ci::node::{Entry, Node};
use crate::ci::script::{self, Placed};
use crate::ci::surroundings::{Need, Surroundings};
use crate::ci::workflow::{Job, Step, Workflow, publishes, subcommand};
use crate::workspace::suggest;

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in &workflow.jobs {
        requested(desk, workflow, job);
        environment(desk, workflow, job);
        wide(desk, job);
        for step in &job.steps {
            shown(desk, workflow, job, step);
            let script = super::script(step);
            for (_, placed, words) in script.greenlit() {
                if publishes(words) {
                    given(desk, workflow, job, step, placed);
                } else if subcommand(words) == Some("notify") {
                    let needs = desk.around.channels.clone();
                    missing(desk, workflow, job, step, placed, &needs);
                }
            }
        }
    }
    // Of the whole workflow, so for all its jobs.
    for entry in workflow.root.get("env").map(Node::entries).unwrap_or_default() {
        if of_greenlit(&entry.key, &entry.value) {
            too_wide(desk, entry, "every job and every step of this workflow");
        }
    }
}

/// Secrets in jobs that pull requests start.
fn requested(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    if !workflow.reaches(job, "pull_request", "refs/pull/1/merge") || job.publishes() {
        return;
    }
    if let Some((node, name)) = first_secret(workflow, job) {
        desk.error(
            "ci/secret-in-pull-request",
            desk.at(node, &name),
            "a pull request starts this job and decides what it does, and it knows a secret",
            "take the secret out: to check and to preview, greenlit needs none",
        );
    }
}

/// An environment that only the trusted branch may enter.
fn environment(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    if desk.forge != Forge::Github || !job.publishes() || first_secret(workflow, job).is_none() {
        return;
    }
    let environment = job.get("environment").map(|node| node.get("name").unwrap_or(node));
    let Some(node) = environment.filter(|node| !node.is_empty()) else {
        let help = format!(
            "write `environment: publish`, move the secrets there (Settings, Environments), and open it to {} alone",
            desk.around.trusted
        );
        let message = "the secrets are open to a workflow on any branch: whoever may push one can read them";
        return desk.error("ci/no-environment", job.entry.span, message, help);
    };
    if expressions(node.text().unwrap_or_default()).iter().any(|expression| foreign(expression).is_some()) {
        let message =
            "which environment this is, whoever starts the job decides: one that is not there yet protects nothing";
        desk.error("ci/no-environment", node.span, message, "write its name: `environment: publish`");
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

/// Whether a line of an environment holds a secret of greenlit's.
fn of_greenlit(name: &str, value: &Node) -> bool {
    Surroundings::looks_secret(name) && !secrets(value.text().unwrap_or_default()).is_empty()
}

/// Secrets that more can read than greenlit.
fn wide(desk: &mut Desk<'_>, job: &Job<'_>) {
    let concerned = job.greenlit().next().is_some();
    for (text, node) in job.entry.value.texts() {
        if concerned && secrets(text).iter().any(|name| name == "*") {
            let message = "this reads all of the repository's secrets, or one whose name nobody can tell beforehand";
            let help = "name each secret that the step needs: `NAME: ${{ secrets.NAME }}`";
            desk.error("ci/secret-too-wide", node.span, message, help);
        }
    }
    let others = job.steps.iter().any(|step| !step.commands.iter().any(|command| command.greenlit().is_some()));
    for entry in job.get("env").map(Node::entries).unwrap_or_default() {
        if others && of_greenlit(&entry.key, &entry.value) {
            too_wide(desk, entry, "every step of this job, also what is built and installed in it");
        }
    }
    // Into other people's code.
    for step in job.steps.iter().filter(|step| step.action().is_some()) {
        let local = step.action().is_some_and(|(name, _)| name.starts_with("./"));
        for table in ["with", "env"] {
            for entry in step.node.get(table).map(Node::entries).unwrap_or_default() {
                let named = secrets(entry.value.text().unwrap_or_default());
                if !local && named.iter().any(|name| Surroundings::looks_secret(name)) {
                    too_wide(desk, entry, "an action of somebody else's");
                }
            }
        }
    }
}

fn too_wide(desk: &mut Desk<'_>, entry: &Entry, who: &str) {
    desk.warning(
        "ci/secret-too-wide",
        entry.span,
        format!("{} is known to {who}", entry.key),
        "write it under the `env:` of the step that runs greenlit, and nowhere else",
    );
}

/// Secrets in command lines and logs.
fn shown(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>) {
    if let Some(run) = step.node.get("run") {
        let text = run.text().unwrap_or_default();
        let token = ["github.token", "secrets.github_token"]
            .into_iter()
            .find(|name| expressions(text).iter().any(|expression| reads(expression).iter().any(|read| read == name)));
        let named = secrets(text).first().map(|name| format!("secrets.{name}")).or_else(|| token.map(str::to_owned));
        if let Some(name) = named {
            desk.error(
                "ci/secret-shown",
                desk.at(run, &name),
                "a secret becomes part of the script, where logs and other programs see it",
                "hand it over in `env:`: greenlit reads its secrets from the environment",
            );
        }
    }
    let environment = workflow.environment(job, step);
    let holds = |entry: &&&Entry| entry.value.text().is_some_and(|text| !secrets(text).is_empty());
    let names: Vec<&str> = environment.iter().filter(holds).map(|entry| entry.key.as_str()).collect();
    script::shown(desk, &super::script(step), &names);
}

/// The secrets of exactly the accounts that there are.
fn given(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>, step: &Step<'_>, placed: &Placed<'_>) {
    let environment = workflow.environment(job, step);
    for entry in &environment {
        if entry.key == "GREENLIT_NOW" {
            script::clock(desk, entry.span);
        } else if script::trusts_anybody(&entry.key, entry.value.text().unwrap_or_default()) {
            script::no_tls(desk, entry.span);
        } else if desk.around.is_secret(&entry.key) {
            source(desk, entry);
        }
    }
    let Some(needs) = desk.around.needs.clone() else { return };
    let known: Vec<&str> =
        needs.iter().chain(&desk.around.channels).flat_map(|need| need.variables.iter().map(String::as_str)).collect();
    let unknown = |entry: &&&Entry| Surroundings::looks_secret(&entry.key) && !known.contains(&entry.key.as_str());
    for entry in environment.iter().filter(unknown) {
        let message = format!("no account of greenlit.toml and no channel reads {}", suggest::quote(&entry.key));
        let help = suggest::help(&entry.key, "variables", &known);
        desk.warning("ci/unknown-secret", entry.span, message, help);
    }
    missing(desk, workflow, job, step, placed, &needs);
}

/// Where the value of an account's variable comes from.
fn source(desk: &mut Desk<'_>, entry: &Entry) {
    let text = entry.value.text().unwrap_or_default();
    let right = format!("write `{}: ${{{{ secrets.{} }}}}`", entry.key, entry.key);
    let found = expressions(text);
    if found.is_empty() && !text.is_empty() {
        // `$NAME` is text here, and nothing puts a value in its place.
        let message = if text.starts_with('$') {
            "this is a text: nothing puts a secret in its place here"
        } else {
            "the secret itself stands in the file, for everybody who can read the repository"
        };
        let code = if text.starts_with('$') { "ci/wrong-secret" } else { "ci/secret-in-file" };
        return desk.error(code, entry.span, message, format!("make a new one, and {right}"));
    }
    let names = secrets(text);
    let read: Vec<String> = found.iter().flat_map(|expression| reads(expression)).collect();
    let of_another = names.iter().find(|name| **name != entry.key && desk.around.is_secret(name));
    let token = read.iter().any(|name| matches!(name.as_str(), "github.token" | "secrets.github_token"));
    if let Some(name) = of_another {
        let message = format!("{} is given {name}, which is another account's", entry.key);
        desk.error("ci/wrong-secret", entry.value.span, message, right);
    } else if read.iter().any(|name| name.starts_with("vars.")) {
        let message = "a variable is shown to everybody who can read the repository's settings, and in logs";
        desk.error("ci/wrong-secret", entry.value.span, message, format!("make a new secret, and {right}"));
    } else if token {
        let message = format!("{} is given the job's own token, with which nobody can log in there", entry.key);
        desk.error("ci/wrong-secret", entry.value.span, message, right);
    } else if let Some(name) = names.iter().find(|name| name.starts_with("GREENLIT_") && **name != entry.key) {
        let message =
            format!("the secret is called {name} here, and the variable {}: one that is not there is empty", entry.key);
        desk.warning("ci/wrong-secret", entry.value.span, message, right);
    } else if let Some(name) =
        names.iter().find(|name| ["GITHUB_", "FORGEJO_", "GITEA_"].iter().any(|start| name.starts_with(start)))
    {
        let message = format!("no forge keeps a secret called {name}: names with this beginning are its own");
        desk.error("ci/wrong-secret", entry.value.span, message, right);
    }
}

/// The secrets that a run of greenlit needs and does not have.
fn missing(
    desk: &mut Desk<'_>,
    workflow: &Workflow<'_>,
    job: &Job<'_>,
    step: &Step<'_>,
    placed: &Placed<'_>,
    needs: &[Need],
) {
    let environment = workflow.environment(job, step);
    let holds = |name: &str| {
        let set = environment.iter().any(|entry| entry.key == name && !entry.value.is_empty())
            || named_elsewhere(job, step, name);
        // In a container there is what it is given.
        set && placed.container().is_none_or(|(options, _, _)| {
            options.iter().any(|option| option.contains(name) || option.contains("--env-file"))
        })
    };
    for need in needs {
        for name in need.variables.iter().filter(|name| !holds(name)) {
            desk.error(
                "ci/missing-secret",
                placed.place(desk),
                format!("{} reads its secret from {name}, and this step does not have it", need.account),
                format!("write `{name}: ${{{{ secrets.{name} }}}}` under the step's `env:`"),
            );
        }
    }
}

/// Whether a script sets a variable, or an action or another step may hand it over.
fn named_elsewhere(job: &Job<'_>, step: &Step<'_>, name: &str) -> bool {
    let by_action = |step: &Step<'_>| {
        let inputs = step.node.get("with").map(Node::texts).unwrap_or_default();
        step.action().is_some() && inputs.iter().any(|(text, _)| text.contains(name))
    };
    let here = step.commands.iter().any(|command| command.written.contains(&format!("{name}=")));
    here || job.steps.iter().any(by_action) || super::commands(job).iter().any(|command| script::exports(command, name))
}
