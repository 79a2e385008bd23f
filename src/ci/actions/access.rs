//! What a job's token may do, and whether git has it.

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::node::{Entry, Node};
use crate::ci::surroundings::looks_at_forge;
use crate::ci::workflow::{Job, Step, Workflow, publishes, reviews, subcommand};

/// Forgejo gives every job one kind of token, and knows no `permissions:`.
pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in workflow.jobs.iter().filter(|job| job.greenlit().next().is_some()) {
        if desk.forge == Forge::Github {
            permissions(desk, workflow, job);
        }
        credentials(desk, workflow, job);
        forge_token(desk, workflow, job);
    }
}

/// What greenlit's commands in a job need beside the contents: scope, and how much of it.
fn needed(desk: &Desk<'_>, job: &Job<'_>) -> Vec<(&'static str, &'static str)> {
    let comments = job.greenlit().any(|run| reviews(run.words) == Some("comment"));
    let records = job.greenlit().any(|run| reviews(run.words) == Some("record"));
    let mentions = desk.around.mentions && job.greenlit().any(|run| subcommand(run.words) == Some("notify"));
    let asks = desk.around.reviews && job.publishes();
    let mut needed = Vec::new();
    if comments || mentions {
        needed.push(("pull-requests", "write"));
    } else if records || asks {
        needed.push(("pull-requests", "read"));
    }
    needed.extend(comments.then_some(("checks", "write")));
    needed.extend(mentions.then_some(("issues", "write")));
    needed
}

/// Whether these words behind `greenlit` ask the forge.
fn asks_forge(desk: &Desk<'_>, words: &[String]) -> bool {
    reviews(words).is_some()
        || desk.around.reviews && publishes(words)
        || desk.around.mentions && subcommand(words) == Some("notify")
}

fn permissions(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let wanted = if job.pushes() { "contents: write" } else { "contents: read" };
    let help = format!("write `permissions:` with `{wanted}` and what else the job needs, and nothing more");
    let own = job.entry.value.entry("permissions");
    let Some(given) = own.or_else(|| workflow.root.entry("permissions")) else {
        let message = "nothing says what the job's token may do, so it may whatever the repository's settings allow";
        return desk.error("ci/no-permissions", job.entry.span, message, help);
    };
    let (all, contents) = (given.value.text().map(str::trim), given.value.get("contents").and_then(Node::text));
    if all == Some("write-all") {
        let message = "write-all lets the job's token change everything in the repository";
        return desk.error("ci/too-many-permissions", given.span, message, help);
    }
    if job.pushes() && contents != Some("write") && !brings_own(job) {
        desk.error(
            "ci/cannot-push",
            given.span,
            "the job's token may not write, and greenlit/ledger has to be pushed before anything is sent",
            "write `contents: write` for this job, and for no other",
        );
    }
    let by_requests = workflow.reaches(job, "pull_request", "refs/pull/1/merge");
    if !job.pushes() && contents == Some("write") && (by_requests || !writes(job)) {
        let message = "this job publishes nothing, and its token may push to every branch";
        desk.error("ci/too-many-permissions", given.span, message, help.clone());
    }
    let needed = needed(desk, job);
    for (scope, level) in &needed {
        let has = given.value.get(scope).and_then(Node::text).or(all.map(|_| "read"));
        if has != Some("write") && (*level == "write" || has != Some("read")) && with_own_token(desk, workflow, job) {
            desk.error(
                "ci/missing-permission",
                given.span,
                format!("greenlit asks GitHub in this job, and its token may not: it has no `{scope}: {level}`"),
                format!("write `{scope}: {level}` under the job's `permissions:`"),
            );
        }
    }
    if writes(job) {
        return;
    }
    let spare = |entry: &&Entry| {
        entry.value.text() == Some("write")
            && entry.key != "contents"
            && !needed.contains(&(entry.key.as_str(), "write"))
    };
    if let Some(entry) = given.value.entries().iter().find(spare) {
        desk.warning(
            "ci/too-many-permissions",
            entry.span,
            format!("the token may write {}, and nothing in this job does", entry.key),
            help,
        );
    }
}

/// Whether something beside greenlit may use the job's token: an action, or a script that is given it.
fn writes(job: &Job<'_>) -> bool {
    let acts = |step: &Step<'_>| {
        let local = step.action().is_some_and(|(name, _)| name.starts_with("./"));
        let uses = step.action().is_some() && !step.is_checkout() && !local;
        let script = step.node.get("run").and_then(Node::text).unwrap_or_default();
        let runs_greenlit = step.commands.iter().any(|command| command.greenlit().is_some());
        uses || !runs_greenlit && (script.contains("gh ") || script.contains("curl") || script.contains("git push"))
    };
    job.steps.iter().any(acts)
}

/// Whether what asks the forge has the job's own token, and none that was made for it.
fn with_own_token(desk: &Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) -> bool {
    let asks = job.greenlit().filter(|run| asks_forge(desk, run.words));
    asks.flat_map(|run| workflow.environment(job, run.step))
        .filter(|entry| looks_at_forge(&entry.key, Forge::Github))
        .all(|entry| {
            let text = entry.value.text().unwrap_or_default().to_lowercase();
            text.contains("github.token") || text.contains("secrets.github_token")
        })
}

/// Whether the job has a key or token of its own to push with.
fn brings_own(job: &Job<'_>) -> bool {
    let checkout = job.steps.iter().filter(|step| step.is_checkout());
    let by_action = checkout.flat_map(|step| [step.with("ssh-key"), step.with("token")]).any(|input| input.is_some());
    by_action || job.entry.value.texts().iter().any(|(text, _)| text.contains("ssh-add") || text.contains("GIT_SSH"))
}

/// A token for the forge, where greenlit asks it.
fn forge_token(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    for run in job.greenlit().collect::<Vec<_>>() {
        if !asks_forge(desk, run.words) {
            continue;
        }
        let environment = workflow.environment(job, run.step);
        let named = run.step.node.texts().iter().any(|(text, _)| text.contains("TOKEN="));
        if environment.iter().any(|entry| looks_at_forge(&entry.key, desk.forge)) || named {
            continue;
        }
        let node = run.step.node.get("run").unwrap_or(run.step.node);
        desk.error(
            "ci/no-token",
            desk.at(node, &run.command.written),
            "greenlit asks the forge here, and this step gives it no token",
            "write `GITHUB_TOKEN: ${{ github.token }}` under the step's `env:`",
        );
    }
}

/// Whether git has a token when the ledger is pushed.
fn credentials(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    const SIGNS: [&str; 8] =
        ["credential", "extraheader", "remote set-url", "ssh-add", "insteadOf", "setup-git", "GIT_SSH", "GIT_ASKPASS"];
    if !job.pushes() {
        return;
    }
    let texts = job.entry.value.texts();
    let sets_up = texts.iter().any(|(text, _)| SIGNS.iter().any(|sign| text.contains(sign)));
    let checkouts: Vec<&Step<'_>> = job.steps.iter().filter(|step| step.is_checkout()).collect();
    let dropped = checkouts.iter().filter_map(|step| step.with("persist-credentials")).find(|input| input.is_false());
    if let Some(input) = dropped.filter(|_| !sets_up) {
        return desk.error(
            "ci/no-credentials",
            input.span,
            "git forgets its token after the checkout, and greenlit/ledger cannot be pushed",
            "take `persist-credentials: false` out of the job that publishes; elsewhere it is right",
        );
    }
    let by_hand = |command: &&crate::ci::shell::Command| {
        command.program() == Some("git")
            && command.words.get(1).is_some_and(|word| matches!(word.as_str(), "clone" | "init"))
    };
    let commands = super::commands(job);
    let has_key = commands
        .iter()
        .any(|command| command.words.iter().any(|word| word.contains("git@") || word.contains("ssh://")));
    if let Some(command) =
        commands.iter().find(|command| by_hand(command)).filter(|_| checkouts.is_empty() && !sets_up && !has_key)
    {
        let node = job.steps.iter().find(|step| step.commands.contains(command)).and_then(|step| step.node.get("run"));
        let span = node.map_or(job.entry.span, |node| desk.at(node, &command.written));
        return desk.error(
            "ci/no-credentials",
            span,
            "nothing gives git a token, and greenlit/ledger cannot be pushed",
            "set git's credential helper as `greenlit ci init --dry-run` shows it, or get the repository with actions/checkout",
        );
    }
    helper(desk, workflow, job);
}

/// A credential helper that reads a variable, which the step that pushes must have.
fn helper(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let texts = job.entry.value.texts();
    let reads = |text: &str| {
        let (_, rest) = text.split_once("password=$")?;
        let rest = rest.trim_start_matches('{');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        rest.get(..end).map(str::to_owned)
    };
    let Some(name) = texts.iter().find_map(|(text, _)| reads(text)) else { return };
    for run in job.greenlit().filter(|run| publishes(run.words) || reviews(run.words) == Some("record")) {
        if !workflow.environment(job, run.step).iter().any(|entry| entry.key == name) {
            let node = run.step.node.get("run").unwrap_or(run.step.node);
            desk.error(
                "ci/no-credentials",
                desk.at(node, &run.command.written),
                format!("git asks its helper for a token, which reads {name}, and this step does not have it"),
                format!("write `{name}: ${{{{ github.token }}}}` under the step's `env:`"),
            );
        }
    }
}
