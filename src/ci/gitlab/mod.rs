//! `.gitlab-ci.yml`, with the files of this repository that it includes.
//!
//! <https://docs.gitlab.com/ci/yaml/>, <https://docs.gitlab.com/ci/resource_groups/> (checked 2026-11-28)

mod form;
mod job;
mod merged;
mod running;
mod starting;

use super::across::Verdict;
use super::actions::twice;
use super::desk::Desk;
use super::node::{Node, Span};
use super::shelf::Shelf;
use super::workflow::subcommand;
use job::Job;

pub fn check(desk: &mut Desk<'_>, shelf: &Shelf, file: usize) -> Verdict {
    let Some(document) = shelf.document(file) else { return Verdict::default() };
    let root = merged::with_includes(&document.root, shelf);
    let jobs: Vec<Job> = job::jobs(&root);
    let trusted = desk.around.trusted.clone();
    let mut verdict = Verdict::default();
    let concerned = jobs.iter().any(|job| job.greenlit().next().is_some());
    form::outside(desk, shelf, &document.root, concerned);
    if !concerned {
        return verdict;
    }
    verdict.start = Some(Span { file, start: 0, end: 0 });
    twice(desk, document);
    form::check(desk, &root, &jobs);
    // Where it cannot be told, a schedule stands in GitLab's settings.
    verdict.scheduled = true;
    for job in &jobs {
        form::triggers(desk, job);
        let environment = job.node.get("environment").map(|node| node.get("name").unwrap_or(node));
        let environment = environment.and_then(|node| Some((node.text()?.to_owned(), node.span)));
        if job.greenlit().next().is_none() {
            continue;
        }
        running::check(desk, &root, job);
        starting::requested(desk, &root, job);
        let does = |name: &str| job.greenlit().any(|words| subcommand(words) == Some(name));
        verdict.tells |= does("notify");
        let requested = starting::by_requests(&root, job, &trusted);
        verdict.checks |= does("check") && requested;
        if job.publishes() {
            verdict.publishes = true;
            let ever = starting::check(desk, &root, job);
            waits(desk, &root, job, &jobs, ever);
            running::publishing(desk, &root, job);
            verdict.environments.extend(environment.map(|(name, _)| name));
        } else if requested {
            verdict.requested.extend(environment);
        }
    }
    verdict
}

/// Jobs that one waits for, and that are not in its pipelines.
fn waits(desk: &mut Desk<'_>, root: &Node, job: &Job, jobs: &[Job], ever: bool) {
    let trusted = desk.around.trusted.clone();
    for (name, node) in form::waits_for(job) {
        let Some(other) = jobs.iter().find(|other| other.entry.key == name).filter(|_| ever) else { continue };
        if starting::by_schedule(root, job, &trusted) && !starting::by_schedule(root, other, &trusted) {
            let message = format!("{name} is not in the pipelines that publish, so GitLab makes none of them");
            desk.error("ci/needs", node.span, message, "take it out of `needs:`, or write `optional: true` beside it");
        }
    }
}
