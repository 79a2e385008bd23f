//! Keys, events and machines that the forges do not have: a file with one of these does nothing, or something else.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>,
//! <https://forgejo.org/docs/latest/user/actions/reference/> (checked 2026-11-28)

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::node::{Entry, Node};
use crate::workspace::suggest;

const TOP: [&str; 8] = ["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];
const TOP_FORGEJO: [&str; 2] = ["enable-email-notifications", "enable-openid-connect"];
const JOB: [&str; 19] = [
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
];
const JOB_OTHERS: [&str; 2] = ["snapshot", "enable-openid-connect"];
const STEP: [&str; 11] = [
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
];
const EVENTS: [&str; 39] = [
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "member",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "team",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
];
/// The machines of GitHub's own that most people use, by the beginning of their names.
const MACHINES: [&str; 3] = ["ubuntu-latest", "windows-latest", "macos-latest"];

pub fn check(desk: &mut Desk<'_>, root: &Node) {
    keys(desk, root.entries(), "a workflow", &TOP, &TOP_FORGEJO);
    if let Some(on) = root.get("on") {
        events(desk, on);
    } else {
        let message = "nothing says what starts this workflow, so nothing does";
        desk.error("ci/unknown-key", start(root), message, "write `on:`");
    }
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        keys(desk, job.value.entries(), "a job", &JOB, &JOB_OTHERS);
        machines(desk, job);
        for step in job.value.get("steps").map(Node::items).unwrap_or_default() {
            keys(desk, step.entries(), "a step", &STEP, &[]);
        }
    }
}

fn start(root: &Node) -> crate::ci::node::Span {
    root.entries().first().map_or(root.span, |entry| entry.span)
}

fn keys(desk: &mut Desk<'_>, entries: &[Entry], what: &str, known: &[&str], others: &[&str]) {
    for entry in
        entries.iter().filter(|entry| !known.contains(&entry.key.as_str()) && !others.contains(&entry.key.as_str()))
    {
        let message = format!(
            "{what} has no {}: the forge takes the file for none, or passes it over",
            suggest::quote(&entry.key)
        );
        desk.error("ci/unknown-key", entry.span, message, suggest::help(&entry.key, "keys", known));
    }
}

fn events(desk: &mut Desk<'_>, on: &Node) {
    let listed = on.items().iter().filter_map(|item| Some((item.text()?, item.span)));
    let named = on.entries().iter().map(|entry| (entry.key.as_str(), entry.span));
    for (name, span) in named.chain(listed).filter(|(name, _)| !EVENTS.contains(name)) {
        let message = format!("there is no event {}, so it starts nothing", suggest::quote(name));
        desk.error("ci/unknown-key", span, message, suggest::help(name, "events", &EVENTS));
    }
    let schedule = on.entries().iter().find(|entry| entry.key == "schedule");
    let lines = schedule.map(|entry| entry.value.items()).unwrap_or_default();
    if let Some(entry) = schedule.filter(|_| lines.is_empty() || lines.iter().any(|line| line.get("cron").is_none())) {
        let message = "each line of a schedule begins with `- cron:`";
        desk.error("ci/cron", entry.span, message, "write `- cron: \"7,22,37,52 * * * *\"` under it");
    } else if let Some(entry) = schedule.filter(|entry| !entry.value.entries().is_empty()) {
        let message = "a schedule is a list, and this is none";
        desk.error("ci/cron", entry.span, message, "write `- cron: \"7,22,37,52 * * * *\"` under it");
    }
}

fn machines(desk: &mut Desk<'_>, job: &Entry) {
    let Some(machine) = job.value.get("runs-on") else {
        if job.value.get("uses").is_none() {
            let message = "nothing says where this job runs";
            let name = if desk.forge == Forge::Github { "ubuntu-latest" } else { "docker" };
            desk.error("ci/unknown-key", job.span, message, format!("write `runs-on: {name}`"));
        }
        return;
    };
    let Some(name) = machine.text().filter(|_| desk.forge == Forge::Github) else { return };
    let meant = suggest::nearest(name, MACHINES).filter(|known| {
        let (os, version) = name.split_once('-').unwrap_or((name, ""));
        let (known_os, _) = known.split_once('-').unwrap_or((known, ""));
        // `ubuntu-24.04` and names of one's own are others, and no misspelt ones.
        *known != name && !version.contains(|c: char| c.is_ascii_digit()) && (os == known_os || version == "latest")
    });
    if let Some(meant) = meant {
        let message = format!(
            "no machine of GitHub's is called {}: the job waits for one, and after a day fails",
            suggest::quote(name)
        );
        desk.warning("ci/unknown-key", machine.span, message, format!("did you mean `{meant}`?"));
    }
}
