//! What starts a workflow that publishes.

use crate::ci::cron;
use crate::ci::desk::Desk;
use crate::ci::document::Node;
use crate::ci::surroundings::APPROVALS;
use crate::ci::workflow::{Job, WITH_STRANGERS, Workflow};

/// A branch that nobody would publish from.
const OTHER: &str = "an/other-branch";
/// The longest pause that people put up with, in minutes.
const LONGEST: u32 = 60;

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in workflow.jobs.iter().filter(|job| job.publishes()) {
        strangers(desk, workflow, job);
        pushes(desk, workflow, job);
    }
    if workflow.jobs.iter().any(Job::publishes) {
        schedule(desk, workflow);
    }
}

/// Events that somebody without any rights can cause.
fn strangers(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let events = ["pull_request", "pull_request_review", "pull_request_review_comment", "issues", "discussion"];
    for event in events.into_iter().chain(WITH_STRANGERS) {
        let Some(trigger) = workflow.trigger(event) else { continue };
        if job.may_run(event, &super::reference(event, &desk.around.trusted)) {
            desk.error(
                "ci/fork-publish",
                trigger.span.clone(),
                format!("{event} starts a job that publishes, and anybody can cause it, from a fork, too"),
                format!(
                    "publish on `push` to {}, on a `schedule` and on `workflow_dispatch` alone: take {event} out, or let \
                     the job's `if:` ask for the event",
                    desk.around.trusted
                ),
            );
        }
    }
}

/// Branches whose own version of the workflow would run with the secrets.
fn pushes(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let Some(push) = workflow.trigger("push") else { return };
    let runs = |branch: &str| push.on_push_to(branch) && job.may_run("push", &format!("refs/heads/{branch}"));
    let trusted = desk.around.trusted.clone();
    let help = format!("write `branches: [\"{trusted}\"]`; the schedule finds new approvals");
    if runs(OTHER) {
        desk.error(
            "ci/every-branch",
            push.place_of(OTHER),
            "a push to any branch starts the job that publishes, and the forge takes the workflow from that branch",
            help,
        );
    } else if runs(APPROVALS) {
        desk.error(
            "ci/from-approvals",
            push.place_of(APPROVALS),
            format!("a push to {APPROVALS} starts the job that publishes, and the forge takes the workflow from there: whoever may approve could change it"),
            help,
        );
    }
    let tags = push.filter.and_then(|filter| filter.entry("tags"));
    if let Some(tags) = tags.filter(|_| job.may_run("push", "refs/tags/v1")) {
        desk.error(
            "ci/every-branch",
            tags.span.clone(),
            "a tag on any commit starts the job that publishes, and the forge takes the workflow from that commit",
            help_for_tags(&trusted),
        );
    }
}

fn help_for_tags(trusted: &str) -> String {
    format!("take `tags:` out, and write `branches: [\"{trusted}\"]`")
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
            Ok(pause) => shortest = [shortest, pause].into_iter().flatten().min(),
            Err(why) => {
                bad = true;
                let help = "write minute, hour, day, month and day of the week: \"7,22,37,52 * * * *\"";
                desk.error("ci/cron", line.span.clone(), format!("this is no schedule: {why}"), help);
            }
        }
    }
    let slow = shortest.is_none_or(|pause| pause > LONGEST);
    if let Some(first) = crons.first().filter(|_| slow && !bad) {
        desk.warning(
            "ci/slow-schedule",
            first.span.clone(),
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
