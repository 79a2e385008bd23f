//! Which pipelines a job runs in.
//!
//! <https://docs.gitlab.com/ci/jobs/job_rules/>, <https://docs.gitlab.com/ci/variables/predefined_variables/> (checked 2026-11-28)

use super::job::Job;
use crate::ci::condition::{Known, holds};
use crate::ci::desk::Desk;
use crate::ci::node::{Node, Span};
use crate::ci::surroundings::{APPROVALS, LEDGER, ROOT};
use crate::ci::workflow::subcommand;
use crate::workspace::glob;

/// Files that a filter has to let through, for what goes out depends on them.
const SAMPLES: [&str; 4] = ["posts/hello.md", "assets/launch.png", "greenlit.toml", "roles.toml"];

/// A pipeline that may start a job.
#[derive(Clone, Copy)]
pub struct Pipeline<'a> {
    pub source: &'a str,
    /// The branch; nothing for tags and merge requests.
    pub branch: &'a str,
    /// What it is called: the branch, the tag, the branch that is to be merged.
    pub name: &'a str,
}

impl<'a> Pipeline<'a> {
    fn of_branch(source: &'a str, branch: &'a str) -> Self {
        Self { source, branch, name: branch }
    }

    fn known(&self, name: &str, trusted: &str) -> Known {
        let text = |text: &str| Known::Text(text.to_owned());
        match name {
            "CI_PIPELINE_SOURCE" => text(self.source),
            "CI_COMMIT_BRANCH" => text(self.branch),
            "CI_COMMIT_REF_NAME" | "CI_COMMIT_REF_SLUG" => text(self.name),
            "CI_DEFAULT_BRANCH" => text(trusted),
            "CI_COMMIT_TAG" if self.branch.is_empty() && self.source != "merge_request_event" => text(self.name),
            "CI_COMMIT_TAG" => text(""),
            // The branches of greenlit's own are to be protected, too.
            "CI_COMMIT_REF_PROTECTED" => {
                text(if [trusted, APPROVALS, LEDGER].contains(&self.branch) { "true" } else { "false" })
            }
            "CI_MERGE_REQUEST_IID" | "CI_MERGE_REQUEST_ID" if self.source != "merge_request_event" => text(""),
            _ => Known::Nothing,
        }
    }

    /// The first rule that may let it in; `None` where none does.
    fn admitted<'n>(&self, rules: &'n Node, trusted: &str) -> Option<&'n Node> {
        for rule in rules.items() {
            let condition = rule.get("if").and_then(Node::text);
            let holds = condition.map_or(Some(true), |condition| holds(condition, &|name| self.known(name, trusted)));
            let never = rule.get("when").and_then(Node::text) == Some("never");
            let narrower = rule.entries().iter().any(|entry| matches!(entry.key.as_str(), "changes" | "exists"));
            match holds {
                Some(false) => {}
                Some(true) if never && !narrower => return None,
                _ if never => {}
                _ => return Some(rule),
            }
        }
        None
    }

    /// Whether it may come to run a job.
    pub fn runs(&self, root: &Node, job: &Job, trusted: &str) -> bool {
        let whole = root.get("workflow").and_then(|workflow| workflow.get("rules"));
        let own = match (job.node.get("rules"), job.node.get("only"), job.node.get("except")) {
            (Some(rules), _, _) => self.admitted(rules, trusted).is_some(),
            // Without rules a job is in every pipeline but those of merge requests.
            (None, None, except) => {
                let out = except.is_some_and(|except| self.listed(except.get("refs").unwrap_or(except), trusted));
                self.source != "merge_request_event" && !out
            }
            (None, Some(only), except) => {
                let out = except.is_some_and(|except| self.listed(except.get("refs").unwrap_or(except), trusted));
                self.listed(only.get("refs").unwrap_or(only), trusted) && !out
            }
        };
        whole.is_none_or(|rules| self.admitted(rules, trusted).is_some()) && own
    }

    fn listed(&self, only: &Node, trusted: &str) -> bool {
        only.items().iter().filter_map(Node::text).any(|name| match name {
            // Names of branches mean none that is to be merged.
            name if self.source == "merge_request_event" => name == "merge_requests",
            "branches" => !self.branch.is_empty(),
            "tags" => self.branch.is_empty(),
            "pushes" => self.source == "push",
            "schedules" => self.source == "schedule",
            "web" | "api" | "triggers" => self.source == name,
            name if name.starts_with('/') => {
                holds(&format!("$CI_COMMIT_REF_NAME =~ {name}"), &|name| self.known(name, trusted)) != Some(false)
            }
            name => name == self.name,
        })
    }
}

/// Whether merge requests start a job.
pub fn by_requests(root: &Node, job: &Job, trusted: &str) -> bool {
    [trusted, "an/other-branch"]
        .into_iter()
        .any(|name| Pipeline { source: "merge_request_event", branch: "", name }.runs(root, job, trusted))
}

/// Whether a schedule may start it, on the trusted branch.
pub fn by_schedule(root: &Node, job: &Job, trusted: &str) -> bool {
    Pipeline::of_branch("schedule", trusted).runs(root, job, trusted)
}

/// What starts a job that publishes; whether it ever runs.
pub fn check(desk: &mut Desk<'_>, root: &Node, job: &Job) -> bool {
    let trusted = desk.around.trusted.clone();
    let rules = ["rules", "only", "except"].into_iter().find_map(|key| job.node.entry(key));
    let place = rules.map_or(job.entry.span, |entry| entry.span);
    let help = format!("write `rules:` with `- if: $CI_COMMIT_BRANCH == \"{trusted}\"`");
    let pushed = |branch: &str| Pipeline::of_branch("push", branch).runs(root, job, &trusted);
    if by_requests(root, job, &trusted) {
        let message = "a merge request starts the job that publishes, and decides what it does";
        desk.error("ci/fork-publish", place, message, help);
        return true;
    }
    // A pattern without `^` and `$` fits more than it says.
    let alike = [format!("x{trusted}"), format!("{trusted}x"), format!("x/{trusted}"), format!("{trusted}/x")];
    if pushed("an/other-branch") || pushed("other") {
        let message = "a push to any branch starts the job that publishes, and GitLab takes this file from that branch";
        desk.error("ci/every-branch", place, message, help);
        return true;
    }
    if let Some(branch) = alike.iter().find(|branch| pushed(branch)) {
        let message =
            format!("a push to {branch}, too, starts the job that publishes, and GitLab takes this file from there");
        desk.error("ci/every-branch", place, message, help);
        return true;
    }
    if let Some(branch) = [APPROVALS, LEDGER].into_iter().find(|branch| pushed(branch)) {
        let message =
            format!("a push to {branch} starts the job that publishes, and GitLab takes this file from there");
        desk.error("ci/from-approvals", place, message, help);
        return true;
    }
    let tagged = ["v1", trusted.as_str()]
        .into_iter()
        .any(|name| Pipeline { source: "push", branch: "", name }.runs(root, job, &trusted));
    if tagged {
        let message = "a tag on any commit starts the job that publishes, and GitLab takes this file from that commit";
        desk.error("ci/every-branch", place, message, help);
        return true;
    }
    let scheduled = by_schedule(root, job, &trusted);
    let ever = scheduled
        || ["push", "web", "api", "trigger", "pipeline"]
            .into_iter()
            .any(|source| Pipeline::of_branch(source, &trusted).runs(root, job, &trusted));
    if !ever {
        let message = format!("no pipeline of {trusted} runs this job, so nothing is published");
        desk.error("ci/never", place, message, help);
        return false;
    }
    if !scheduled {
        let message = "no schedule starts the job that publishes: what falls due later, and what is approved later, waits for a push";
        let why = "let its rules, and those of `workflow:`, take pipelines whose $CI_PIPELINE_SOURCE is \"schedule\"";
        desk.error("ci/no-schedule", place, message, why);
    }
    by_hand(desk, job, &trusted);
    filters(desk, job, &trusted, "a push that changes");
    unseen(desk, job, &trusted);
    true
}

/// A job that waits for somebody, or for later.
fn by_hand(desk: &mut Desk<'_>, job: &Job, trusted: &str) {
    let scheduled = Pipeline::of_branch("schedule", trusted);
    let rule =
        job.node.get("rules").and_then(|rules| scheduled.admitted(rules, trusted)).and_then(|rule| rule.entry("when"));
    let Some(entry) = rule.or_else(|| job.node.entry("when")) else { return };
    if matches!(entry.value.text(), Some("manual" | "delayed")) {
        let message = "this waits in each pipeline until somebody presses a button, or for a time: posts go out late";
        desk.error("ci/manual", entry.span, message, "take it out: what goes out, approvals decide");
    }
}

/// Changes that a filter keeps from a job.
pub fn filters(desk: &mut Desk<'_>, job: &Job, trusted: &str, what: &str) {
    let sources = ["push", "merge_request_event"];
    let rules = job.node.get("rules");
    for source in sources {
        let branch = if source == "push" { trusted } else { "" };
        let pipeline = Pipeline { source, branch, name: "change" };
        let rule = rules.and_then(|rules| pipeline.admitted(rules, trusted));
        let Some(entry) = rule.and_then(|rule| rule.entry("changes")) else { continue };
        let paths = entry.value.get("paths").unwrap_or(&entry.value).items();
        let patterns: Vec<&str> = paths.iter().filter_map(Node::text).collect();
        let admits = |path: &&str| patterns.iter().any(|pattern| glob::matches(pattern, path) || pattern.contains('$'));
        if let Some(path) = SAMPLES.into_iter().find(|path| !admits(path)) {
            let message = format!("{what} {path} alone does not start this job, and what goes out depends on it");
            desk.warning("ci/filtered", entry.span, message, "take `changes:` out");
        }
    }
}

/// What no file can tell.
fn unseen(desk: &mut Desk<'_>, job: &Job, trusted: &str) {
    desk.hint(
        "ci/unseen",
        job.entry.span,
        "this file cannot tell which variables are protected, and whether a schedule starts this job",
        format!(
            "see that {ROOT} and every secret are protected and masked (Settings, CI/CD, Variables), that {trusted} is a \
             protected branch, and that a pipeline schedule runs on it every quarter of an hour"
        ),
    );
}

/// What runs in pipelines of merge requests: no secret, and all that changes.
pub fn requested(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    let trusted = desk.around.trusted.clone();
    if !by_requests(root, job, &trusted) {
        return;
    }
    if job.greenlit().any(|words| subcommand(words) == Some("check")) {
        filters(desk, job, &trusted, "a merge request that changes");
    }
    let place: Option<Span> = job.scripts().find_map(|script| {
        let mut commands = script.commands.iter();
        let says = commands.find(|placed| placed.greenlit().is_some_and(|words| subcommand(words) == Some("review")));
        says.map(|placed| placed.place(desk))
    });
    if let Some(span) = place {
        desk.error(
            "ci/secret-in-pull-request",
            span,
            "a merge request starts this job and decides what it does, and to speak there it needs a token that may write",
            "let a schedule do it: `greenlit review comment --open`, in a job with the rule `$CI_PIPELINE_SOURCE == \"schedule\"`",
        );
    }
    let needs = desk.around.needs.clone().unwrap_or_default();
    let names: Vec<String> =
        needs.iter().chain(&desk.around.channels).flat_map(|need| need.variables.clone()).collect();
    let reads = job.scripts().find_map(|script| {
        let found = script.commands.iter().find(|placed| names.iter().any(|name| placed.expands(name)));
        found.map(|placed| placed.place(desk))
    });
    if let Some(span) = reads {
        let message = "a merge request starts this job and decides what it does, and it reads a secret";
        desk.error(
            "ci/secret-in-pull-request",
            span,
            message,
            "take the secret out: to check and to preview, greenlit needs none",
        );
    }
}
