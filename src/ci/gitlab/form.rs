//! What a pipeline names and does not have: keys, stages, jobs, templates, files.
//!
//! <https://docs.gitlab.com/ci/yaml/> (checked 2026-11-28)

use super::job::Job;
use crate::ci::desk::Desk;
use crate::ci::node::{Entry, Node};
use crate::ci::shelf::{From, Shelf, includes, local_include};
use crate::workspace::suggest;

const JOB: [&str; 40] = [
    "after_script",
    "allow_failure",
    "artifacts",
    "before_script",
    "cache",
    "coverage",
    "dast_configuration",
    "dependencies",
    "environment",
    "except",
    "extends",
    "hooks",
    "id_tokens",
    "identity",
    "image",
    "inherit",
    "inputs",
    "interruptible",
    "manual_confirmation",
    "needs",
    "only",
    "pages",
    "parallel",
    "release",
    "resource_group",
    "retry",
    "rules",
    "run",
    "script",
    "secrets",
    "services",
    "stage",
    "start_in",
    "tags",
    "timeout",
    "trigger",
    "variables",
    "when",
    "type",
    "description",
];
/// The stages of a pipeline that names none.
const STAGES: [&str; 5] = [".pre", "build", "test", "deploy", ".post"];

pub fn check(desk: &mut Desk<'_>, root: &Node, jobs: &[Job]) {
    let stages: Vec<String> = match root.get("stages") {
        Some(stages) => {
            let named = stages.items().iter().filter_map(Node::text).map(str::to_owned);
            named.chain([".pre".to_owned(), ".post".to_owned()]).collect()
        }
        None => STAGES.map(str::to_owned).to_vec(),
    };
    let names: Vec<&str> = jobs.iter().map(|job| job.entry.key.as_str()).collect();
    let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
    for job in jobs {
        for entry in job.entry.value.entries().iter().filter(|entry| !JOB.contains(&entry.key.as_str())) {
            let message = format!("a job has no {}: GitLab refuses the file", suggest::quote(&entry.key));
            desk.error("ci/unknown-key", entry.span, message, suggest::help(&entry.key, "keys", &JOB));
        }
        // What a file that was not read defines may be named all the same.
        if elsewhere(root) {
            continue;
        }
        if let Some((entry, stage)) = job.node.entry("stage").and_then(|entry| Some((entry, entry.value.text()?)))
            && !stages.contains(&stage)
            && !stage.contains('$')
        {
            let message = format!("there is no stage {}: GitLab refuses the file", suggest::quote(stage));
            desk.error("ci/needs", entry.span, message, suggest::help(stage, "stages", &stages));
        }
        for (name, node) in waits_for(job) {
            if !names.contains(&name.as_str()) {
                let message = format!("there is no job {} to wait for: GitLab refuses the file", suggest::quote(&name));
                desk.error("ci/needs", node.span, message, suggest::help(&name, "jobs", &names));
            }
        }
        for node in job.entry.value.get("extends").map(Node::items).unwrap_or_default() {
            let name = node.text().unwrap_or_default();
            if root.get(name).is_none() {
                let known: Vec<&str> =
                    root.entries().iter().map(|entry| entry.key.as_str()).filter(|key| key.starts_with('.')).collect();
                let message =
                    format!("there is no {} to take over from: GitLab refuses the file", suggest::quote(name));
                desk.error("ci/needs", node.span, message, suggest::help(name, "templates", &known));
            }
        }
    }
}

/// The jobs that one waits for, but for those that need not be there.
pub fn waits_for(job: &Job) -> Vec<(String, &Node)> {
    let mut found = Vec::new();
    for key in ["needs", "dependencies"] {
        for item in job.node.get(key).map(Node::items).unwrap_or_default() {
            let of_another = ["pipeline", "project"].iter().any(|key| item.get(key).is_some());
            let optional = item.get("optional").is_some_and(Node::is_true);
            let name = item.text().or_else(|| item.get("job")?.text());
            found.extend(name.filter(|_| !of_another && !optional).map(|name| (name.to_owned(), item)));
        }
    }
    found
}

fn elsewhere(root: &Node) -> bool {
    includes(root).iter().any(|include| matches!(include.from, From::Elsewhere { .. }))
}

/// What a pipeline takes over from elsewhere, where greenlit runs in it, and what is not there.
pub fn outside(desk: &mut Desk<'_>, shelf: &Shelf, root: &Node, concerned: bool) {
    for include in includes(root) {
        match include.from {
            From::Here(pattern) => {
                let paths = local_include(pattern, &mut shelf.paths());
                let problem = paths.iter().find_map(|path| shelf.problem(path));
                if let Some(why) = problem.or_else(|| paths.is_empty().then(|| "there is no such file".to_owned())) {
                    let message = format!("{} cannot be read here: {why}", suggest::quote(pattern));
                    desk.warning(
                        "ci/not-read",
                        include.span,
                        message,
                        "name a file of this repository, as it is spelt there",
                    );
                }
            }
            From::Elsewhere { .. } if !concerned => {}
            From::Elsewhere { kind, name, pinned } => {
                if !pinned {
                    let help = match kind {
                        "project" => "write `ref:` with all 40 digits of a commit",
                        "remote" => "write `integrity: sha256-…` beside it",
                        _ => "name a commit with all its 40 digits behind the `@`",
                    };
                    let message =
                        "whoever can change this decides what runs here, beside whatever this pipeline's jobs know";
                    desk.error("ci/unpinned-action", include.span, message, help);
                }
                let message = format!(
                    "{} lies elsewhere, and was not read: what it does is not known here",
                    suggest::quote(name)
                );
                let help = "`glab ci config compile` shows the whole pipeline; keep greenlit's jobs in this repository";
                desk.hint("ci/not-read", include.span, message, help);
            }
        }
    }
}

/// Jobs that start pipelines of others, and what they hand over.
pub fn triggers(desk: &mut Desk<'_>, job: &Job) {
    if job.node.get("trigger").is_none() {
        return;
    }
    let names = |entry: &&Entry| {
        let text = super::job::value(&entry.value).unwrap_or_default();
        crate::ci::shell::variables(text).iter().any(|name| crate::ci::surroundings::Surroundings::looks_secret(name))
    };
    if let Some(entry) = job.node.get("variables").map(Node::entries).unwrap_or_default().iter().find(names) {
        let message = "a secret of greenlit's is handed to another pipeline, which is not read here";
        desk.error(
            "ci/secret-too-wide",
            entry.span,
            message,
            "take it out: greenlit's secrets belong to the job that publishes",
        );
    }
}
