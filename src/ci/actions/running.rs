//! How the jobs run that greenlit runs in.

use std::time::Duration;

use crate::ci::desk::Desk;
use crate::ci::document::Node;
use crate::ci::script::{self, Needs};
use crate::ci::workflow::{Job, Step, Workflow};

/// How long a job may run where nothing is said: 360 minutes, says the syntax' reference.
const MOST_MINUTES: u64 = 360;

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in &workflow.jobs {
        for step in &job.steps {
            action(desk, step);
            let script = super::script(step);
            script::check(desk, &script);
        }
        if job.greenlit().next().is_none() {
            continue;
        }
        if let Some(container) = job.get("container") {
            script::image(desk, container.get("image").unwrap_or(container));
        }
        checkout(desk, job);
        forgiven(desk, job);
        strangers(desk, workflow, job);
        if job.publishes() {
            alone(desk, workflow, job);
            caches(desk, job);
            windows(desk, job);
        }
    }
}

/// Other people's code: always the same.
fn action(desk: &mut Desk<'_>, step: &Step<'_>) {
    let Some((name, version)) = step.action() else { return };
    let pinned = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
    let image = name.starts_with("docker://") && version.starts_with("sha256:");
    if let Some(uses) = step.node.get("uses").filter(|_| !name.starts_with("./") && !pinned && !image) {
        desk.error(
            "ci/unpinned-action",
            uses.span.clone(),
            "whoever can move this tag or branch decides what runs here, beside whatever this job knows",
            format!("pin the commit, with the version in a comment: `uses: {name}@<40 digits>   # {version}`"),
        );
    }
}

/// The history that greenlit proves approvals from.
fn checkout(desk: &mut Desk<'_>, job: &Job<'_>) {
    let needs = job.greenlit().map(|run| Needs::of(run.words)).fold(Needs::default(), Needs::and);
    for step in &job.steps {
        script::history(desk, &super::script(step), needs);
        if !step.is_checkout() || !needs.history {
            continue;
        }
        let depth = step.with("fetch-depth");
        if depth.and_then(Node::text).is_none_or(|depth| depth.trim() != "0") {
            let span = depth.or_else(|| step.node.get("uses")).map_or(step.node.span.clone(), |node| node.span.clone());
            desk.error(
                "ci/shallow",
                span,
                "the checkout leaves out the history and the other branches: greenlit refuses such a clone",
                "write `fetch-depth: 0` under the checkout's `with:`",
            );
        }
    }
}

/// Failures that the forge is told to forget.
fn forgiven(desk: &mut Desk<'_>, job: &Job<'_>) {
    let of_steps = job.greenlit().map(|run| run.step.node);
    let levels: Vec<&Node> = of_steps.chain([&job.entry.value]).collect();
    for entry in
        levels.iter().filter_map(|node| node.entry("continue-on-error")).filter(|entry| !entry.value.is_false())
    {
        desk.error(
            "ci/ignored-failure",
            entry.span.clone(),
            "the job goes on, and looks well, although greenlit failed",
            "take `continue-on-error` out",
        );
    }
}

/// Machines that strangers' jobs leave something behind on.
fn strangers(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    if !workflow.reaches(job, "pull_request", "refs/pull/1/merge") {
        return;
    }
    let machines = job.get("runs-on").map(Node::texts).unwrap_or_default();
    if let Some((_, node)) = machines.into_iter().find(|(text, _)| text.contains("self-hosted")) {
        desk.error(
            "ci/self-hosted",
            node.span.clone(),
            "a pull request decides what runs on a machine of your own, and the next job there finds what it left behind",
            "run it on the forge's machines: `runs-on: ubuntu-latest`",
        );
    }
}

/// One run at a time, and to its end.
fn alone(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let concurrency = job.entry.value.entry("concurrency").or_else(|| workflow.root.entry("concurrency"));
    match concurrency {
        None => desk.warning(
            "ci/no-concurrency",
            job.entry.span.clone(),
            "several runs go on side by side: nothing is sent twice, but each waits and pays for itself",
            "write `concurrency:` with a `group:` and `cancel-in-progress: false`",
        ),
        Some(entry) => {
            let cancels = entry.value.entry("cancel-in-progress").filter(|entry| !entry.value.is_false());
            if let Some(cancels) = cancels {
                desk.error(
                    "ci/cancels",
                    cancels.span.clone(),
                    "a newer run breaks this one off while it sends: what became of that, a later run has to find out",
                    "write `cancel-in-progress: false`",
                );
            }
        }
    }
    if let Some(matrix) = job.get("strategy").and_then(|strategy| strategy.entry("matrix")) {
        desk.error(
            "ci/matrix",
            matrix.span.clone(),
            "the job that publishes runs once for each cell of a matrix, all at once",
            "take the matrix out: one run sends to all accounts, side by side",
        );
    }
}

/// What decides comes out of no cache.
fn caches(desk: &mut Desk<'_>, job: &Job<'_>) {
    let asks = |input: &Node| !input.is_false() && !input.is_empty();
    let cached = job.steps.iter().filter(|step| {
        step.action().is_some_and(|(name, _)| name.contains("cache")) || step.with("cache").is_some_and(asks)
    });
    for uses in cached.filter_map(|step| step.node.get("uses")) {
        desk.error(
            "ci/cache",
            uses.span.clone(),
            "whoever can write to the cache decides what this job runs and believes, beside the secrets",
            "take it out of the job that publishes; jobs without secrets may have one",
        );
    }
}

/// Windows within which the forge ends the job.
fn windows(desk: &mut Desk<'_>, job: &Job<'_>) {
    let minutes =
        |node: &Node| node.get("timeout-minutes").and_then(Node::text).and_then(|text| text.trim().parse::<u64>().ok());
    let whole = minutes(&job.entry.value).unwrap_or(MOST_MINUTES);
    for run in job.publishing() {
        let limit = minutes(run.step.node).map_or(whole, |own| own.min(whole));
        script::window(
            desk,
            &super::script(run.step),
            run.command,
            run.words,
            Duration::from_secs(limit.saturating_mul(60)),
        );
    }
}
