//! What starts the jobs that publish and check, and what does not.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows> (checked 2026-11-28)

use crate::ci::cron;
use crate::ci::desk::Desk;
use crate::ci::node::Node;
use crate::ci::surroundings::{APPROVALS, LEDGER};
use crate::ci::workflow::{Job, Run, Trigger, WITH_STRANGERS, Workflow, fact, may_hold, subcommand};
use crate::workspace::suggest;

/// A branch that nobody would publish from.
const OTHER: &str = "an/other-branch";
/// The longest pause that people put up with, in minutes.
const LONGEST: u32 = 60;
/// The shortest that GitHub keeps, in minutes.
const SHORTEST: u32 = 5;
/// Events that somebody without any rights can cause.
const ANYBODY: [&str; 9] = [
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "fork",
    "watch",
    "gollum",
];
/// Events that run the workflow as it stands on another branch, tag or commit.
const ELSEWHERE: [&str; 4] = ["create", "release", "merge_group", "deployment"];
/// Files that a filter has to let through, for what goes out depends on them.
const SAMPLES: [&str; 4] = ["posts/hello.md", "assets/launch.png", "greenlit.toml", "roles.toml"];

/// Looks at the triggers; whether no job that publishes ever runs.
pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) -> bool {
    for job in workflow.jobs.iter().filter(|job| job.publishes()) {
        strangers(desk, workflow, job);
        pushes(desk, workflow, job);
    }
    let mut never_publishes = false;
    for job in workflow.jobs.iter().filter(|job| job.greenlit().next().is_some()) {
        let silent = never(desk, workflow, job);
        never_publishes |= silent && job.publishes();
        requests(desk, workflow, job);
    }
    if workflow.jobs.iter().any(Job::publishes) {
        schedule(desk, workflow);
        filters(desk, workflow);
    }
    never_publishes
}

fn strangers(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    for event in ANYBODY.into_iter().chain(WITH_STRANGERS).chain(ELSEWHERE) {
        let Some(trigger) = workflow.trigger(event) else { continue };
        if !job.may_run(event, &super::reference(event, &desk.around.trusted)) {
            continue;
        }
        let help = format!(
            "publish on `push` to {}, on a `schedule` and on `workflow_dispatch` alone: take {event} out, or let the job's \
             `if:` ask for the event",
            desk.around.trusted
        );
        if ELSEWHERE.contains(&event) {
            let message = format!(
                "{event} starts a job that publishes, and the forge takes the workflow from another branch or tag"
            );
            desk.error("ci/every-branch", trigger.span, message, help);
        } else {
            let message = format!("{event} starts a job that publishes, and anybody can cause it, from a fork, too");
            desk.error("ci/fork-publish", trigger.span, message, help);
        }
    }
}

/// Branches whose own version of the workflow would run with the secrets.
fn pushes(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let Some(push) = workflow.trigger("push") else { return };
    let runs = |branch: &str| push.on_branch(branch) && job.may_run("push", &format!("refs/heads/{branch}"));
    let trusted = desk.around.trusted.clone();
    let help = format!("write `branches: [\"{trusted}\"]`; the schedule finds new approvals");
    if runs(OTHER) || runs("other") {
        desk.error(
            "ci/every-branch",
            push.place_of(if runs(OTHER) { OTHER } else { "other" }),
            "a push to any branch starts the job that publishes, and the forge takes the workflow from that branch",
            help,
        );
    } else if let Some(branch) = [APPROVALS, LEDGER].into_iter().find(|branch| runs(branch)) {
        desk.error(
            "ci/from-approvals",
            push.place_of(branch),
            format!("a push to {branch} starts the job that publishes, and the forge takes the workflow from there: whoever may push there could change it"),
            help,
        );
    } else if let Some((pattern, node)) = others(push, &trusted).find(|(pattern, _)| runs(&pattern.replace('*', "x"))) {
        let message = format!(
            "a push to {} starts the job that publishes, too, and the forge takes the workflow from there",
            suggest::quote(pattern)
        );
        desk.error("ci/every-branch", node.span, message, help);
    }
    let tags = push.filter.and_then(|filter| filter.entry("tags"));
    if let Some(tags) = tags.filter(|_| job.may_run("push", "refs/tags/v1")) {
        desk.error(
            "ci/every-branch",
            tags.span,
            "a tag on any commit starts the job that publishes, and the forge takes the workflow from that commit",
            format!("take `tags:` out, and write `branches: [\"{trusted}\"]`"),
        );
    }
}

/// The patterns of a filter that let other branches in than the trusted one.
fn others<'n>(push: &Trigger<'n>, trusted: &str) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let patterns = push.list("branches").unwrap_or_default().iter().filter_map(|node| Some((node.text()?, node)));
    patterns.filter(move |(pattern, _)| *pattern != trusted && !pattern.starts_with('!'))
}

/// What a job can come to run on: the event, and where.
fn occasions(workflow: &Workflow<'_>, trusted: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for trigger in &workflow.triggers {
        let event = trigger.name.to_owned();
        match trigger.name {
            "push" => {
                let branches =
                    [trusted, OTHER].into_iter().filter(|branch| trigger.on_branch(branch)).map(str::to_owned);
                let named = others(trigger, trusted).map(|(pattern, _)| pattern.replace('*', "x"));
                found.extend(branches.chain(named).map(|branch| (event.clone(), format!("refs/heads/{branch}"))));
                if trigger.list("tags").is_some() || trigger.filter.is_none() {
                    found.push((event, "refs/tags/v1".to_owned()));
                }
            }
            "workflow_dispatch" => {
                found.extend([trusted, OTHER].map(|branch| (event.clone(), format!("refs/heads/{branch}"))));
            }
            name => found.push((event, super::reference(name, trusted))),
        }
    }
    found
}

/// Jobs and steps that a condition never lets run.
fn never(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) -> bool {
    let occasions = occasions(workflow, &desk.around.trusted);
    // What a call brings is not told here.
    if occasions.iter().any(|(event, _)| event == "workflow_call") || occasions.is_empty() {
        return false;
    }
    let may = |node: &Node, (event, reference): &(String, String)| {
        let facts = |name: &str| fact(name, event, reference);
        node.get("if").and_then(Node::text).is_none_or(|text| may_hold(text, &facts))
    };
    let events: Vec<&str> = workflow.triggers.iter().map(|trigger| trigger.name).collect();
    let started = format!("this workflow is started by {} alone", suggest::list(events));
    let jobs: Vec<&(String, String)> = occasions.iter().filter(|occasion| may(&job.entry.value, occasion)).collect();
    if jobs.is_empty() {
        if let Some(entry) = job.entry.value.entry("if") {
            let message = format!("this never holds, so greenlit never runs: {started}");
            let help = format!(
                "to let it run on {} alone: `if: github.ref == 'refs/heads/{}'`",
                desk.around.trusted, desk.around.trusted
            );
            desk.error("ci/never", entry.value.span, message, help);
        }
        return true;
    }
    let silent = |run: &Run<'_, '_>| !jobs.iter().any(|occasion| may(run.step.node, occasion));
    for run in job.greenlit().filter(silent) {
        if let Some(entry) = run.step.node.entry("if") {
            let message = format!("this never holds, so greenlit never runs: {started}");
            desk.error("ci/never", entry.value.span, message, "correct the condition, or take it out");
        }
    }
    let mut publishing = job.publishing().peekable();
    publishing.peek().is_some() && publishing.all(|run| silent(&run))
}

/// Pull requests whose changes a filter keeps from the job that checks them.
fn requests(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let checks = job.greenlit().any(|run| subcommand(run.words) == Some("check"));
    let Some(trigger) = workflow.trigger("pull_request").filter(|_| checks) else { return };
    let place = |key: &str| trigger.filter.and_then(|filter| filter.entry(key)).map(|entry| entry.span);
    if let Some(path) = SAMPLES.into_iter().find(|path| !trigger.on_path(path)) {
        let span = place("paths").or_else(|| place("paths-ignore")).unwrap_or(trigger.span);
        let message = format!("a pull request that changes {path} alone is not checked");
        let help = "take the filter out; greenlit tells only what a change brings with `--changed`";
        desk.warning("ci/filtered", span, message, help);
    }
    let trusted = desk.around.trusted.clone();
    if !trigger.on_branch(&trusted)
        && trigger
            .filter
            .is_some_and(|filter| filter.get("branches").or_else(|| filter.get("branches-ignore")).is_some())
    {
        let span = place("branches").or_else(|| place("branches-ignore")).unwrap_or(trigger.span);
        let message = format!("pull requests for {trusted} are not checked, and that is what is published");
        desk.error("ci/filtered", span, message, format!("write `branches: [\"{trusted}\"]`, or no filter"));
    }
    let types: Vec<&str> = trigger.list("types").unwrap_or_default().iter().filter_map(Node::text).collect();
    if let Some(span) = place("types").filter(|_| ["opened", "synchronize"].iter().any(|kind| !types.contains(kind))) {
        let message = "commits that are pushed to a pull request later are not checked";
        desk.warning("ci/filtered", span, message, "write `types: [opened, synchronize, reopened]`, or no types");
    }
}

/// Pushes to the trusted branch that a filter keeps from the job that publishes.
fn filters(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    let Some(push) = workflow.trigger("push") else { return };
    let trusted = desk.around.trusted.clone();
    let place = |key: &str| push.filter.and_then(|filter| filter.entry(key)).map(|entry| entry.span);
    if !push.on_branch(&trusted) {
        let span = place("branches").or_else(|| place("branches-ignore")).unwrap_or(push.span);
        let message = format!("a push to {trusted} does not start this workflow, and that is what is published");
        desk.error("ci/filtered", span, message, format!("write `branches: [\"{trusted}\"]`"));
    } else if let Some(path) = SAMPLES.into_iter().find(|path| !push.on_path(path)) {
        let span = place("paths").or_else(|| place("paths-ignore")).unwrap_or(push.span);
        let message =
            format!("a push that changes {path} alone does not start this workflow, and what goes out depends on it");
        desk.warning("ci/filtered", span, message, "take the filter out: a run that finds nothing new sends nothing");
    }
}

fn crons<'n>(workflow: &Workflow<'n>) -> Vec<&'n Node> {
    let filter = workflow.trigger("schedule").and_then(|trigger| trigger.filter);
    filter.map(Node::items).unwrap_or_default().iter().filter_map(|item| item.get("cron")).collect()
}

fn schedule(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    let mut shortest: Option<u32> = None;
    let (mut bad, crons) = (false, crons(workflow));
    for line in &crons {
        match cron::longest_pause(line.text().unwrap_or_default()) {
            Ok(Some(pause)) if pause < SHORTEST => {
                let message = format!(
                    "this is every {pause} minutes, and the forge keeps no less than {SHORTEST}: runs pile up, and are dropped"
                );
                let help = "every quarter of an hour is enough with `greenlit publish --within 20m`, which sends to the minute";
                desk.warning("ci/cron", line.span, message, help);
                shortest = Some(SHORTEST);
            }
            Ok(pause) => shortest = [shortest, pause].into_iter().flatten().min(),
            Err(why) => {
                bad = true;
                let help = "write minute, hour, day, month and day of the week: \"7,22,37,52 * * * *\"";
                desk.error("ci/cron", line.span, format!("this is no schedule: {why}"), help);
            }
        }
    }
    let slow = shortest.is_none_or(|pause| pause > LONGEST);
    if let Some(first) = crons.first().filter(|_| slow && !bad) {
        desk.warning(
            "ci/slow-schedule",
            first.span,
            "between two runs lies more than an hour: posts go out late, and after six hours not at all",
            "run it every quarter of an hour, and let it wait for what falls due: \"7,22,37,52 * * * *\" with `greenlit publish --within 20m`",
        );
    }
}

/// Whether a schedule starts a job that publishes, or another workflow may, which calls this one.
pub fn is_scheduled(workflow: &Workflow<'_>, trusted: &str) -> bool {
    if workflow.trigger("workflow_call").is_some() {
        return true;
    }
    let reference = format!("refs/heads/{trusted}");
    let mut publishing = workflow.jobs.iter().filter(|job| job.publishes());
    publishing.any(|job| workflow.reaches(job, "schedule", &reference))
}
