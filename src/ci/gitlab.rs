//! `.gitlab-ci.yml`. Files that it includes are not looked into.
//!
//! <https://docs.gitlab.com/ci/yaml/>, <https://docs.gitlab.com/ci/jobs/job_rules/>,
//! <https://docs.gitlab.com/ci/variables/predefined_variables/>, <https://docs.gitlab.com/ci/resource_groups/> (checked
//! 2026-11-28)

use std::time::Duration;

use super::Verdict;
use super::condition::{Known, holds};
use super::desk::Desk;
use super::document::{Entry, Node, Value};
use super::script::{self, Needs, Rooted, Script};
use super::shell::{Command, commands};
use super::surroundings::ROOT;
use super::workflow::publishes;

/// Keys at the top that are no jobs.
const NO_JOBS: [&str; 12] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "spec",
    "pages",
];
/// Templates of templates.
const DEEPEST: usize = 10;
/// How long a job may run where nothing is said.
const LONGEST: Duration = Duration::from_secs(3600);
const OUTSIDE: &str = "a protected variable, in Settings, CI/CD,";

/// A job with what it takes over from others.
struct Job<'n> {
    entry: &'n Entry,
    node: Node,
    /// The texts of its scripts, with the commands in them.
    scripts: Vec<(Node, Vec<Command>)>,
}

pub fn check(desk: &mut Desk<'_>, root: &Node) -> Verdict {
    let is_job = |entry: &&Entry| !entry.key.starts_with('.') && !NO_JOBS.contains(&entry.key.as_str());
    let jobs: Vec<Job<'_>> = root.entries().iter().filter(is_job).map(|entry| Job::new(entry, root)).collect();
    let mut verdict = Verdict::default();
    for job in jobs.iter().filter(|job| job.runs_greenlit()) {
        running(desk, root, job);
        if job.publishes() {
            verdict.publishes = true;
            // Schedules stand in GitLab's settings.
            verdict.scheduled = true;
            starting(desk, root, job);
            alone(desk, root, job);
            publishing(desk, root, job);
        }
    }
    verdict
}

impl<'n> Job<'n> {
    fn new(entry: &'n Entry, root: &Node) -> Self {
        let node = with_templates(&entry.value, root, 0);
        let mut scripts = Vec::new();
        for key in ["before_script", "script", "after_script"] {
            let default = || root.get("default").and_then(|default| default.get(key)).or_else(|| root.get(key));
            let own = node.get(key).or_else(|| default().filter(|_| key != "script"));
            let texts = own.map(Node::texts).unwrap_or_default();
            scripts.extend(texts.into_iter().map(|(text, node)| (node.clone(), commands(text))));
        }
        Self { entry, node, scripts }
    }

    fn scripts(&self) -> impl Iterator<Item = Script<'_>> {
        // The runner's shell stops behind a pipe, too, where it is bash.
        self.scripts.iter().map(|(node, commands)| Script { node, commands, pipefail: true })
    }

    fn runs_greenlit(&self) -> bool {
        self.scripts.iter().flat_map(|(_, commands)| commands).any(|command| command.greenlit().is_some())
    }

    fn publishes(&self) -> bool {
        let mut words = self.scripts.iter().flat_map(|(_, commands)| commands).filter_map(Command::greenlit);
        words.any(publishes)
    }

    /// A setting of the job, else of `default:`.
    fn setting<'a>(&'a self, root: &'a Node, key: &str) -> Option<&'a Entry> {
        self.node.entry(key).or_else(|| root.get("default")?.entry(key))
    }
}

/// A job together with the templates that it extends; what it says itself counts.
fn with_templates(job: &Node, root: &Node, depth: usize) -> Node {
    let names = job.get("extends").map(Node::items).unwrap_or_default();
    let mut whole = job.clone();
    if depth >= DEEPEST {
        return whole;
    }
    // Of several templates the last counts.
    for name in names.iter().rev().filter_map(Node::text) {
        let Some(template) = root.get(name) else { continue };
        let template = with_templates(template, root, depth + 1);
        if let Value::Table(entries) = &mut whole.value {
            let missing =
                template.entries().iter().filter(|entry| !job.entries().iter().any(|own| own.key == entry.key));
            for entry in missing {
                if !entries.iter().any(|there| there.key == entry.key) {
                    entries.push(entry.clone());
                }
            }
        }
    }
    whole
}

/// What holds for every job that greenlit runs in.
fn running(desk: &mut Desk<'_>, root: &Node, job: &Job<'_>) {
    let words = job.scripts.iter().flat_map(|(_, commands)| commands).filter_map(Command::greenlit);
    let needs = words.map(Needs::of).fold(Needs::default(), Needs::and);
    for script in job.scripts() {
        script::check(desk, &script);
        // GitLab gets one branch, and what else is needed a script must fetch.
        script::history(desk, &script, needs);
    }
    if needs.history {
        let own = job.node.get("variables").and_then(|variables| variables.entry("GIT_DEPTH"));
        let depth = own.or_else(|| root.get("variables").and_then(|variables| variables.entry("GIT_DEPTH")));
        let whole = depth.is_some_and(|entry| variable(&entry.value).is_some_and(|text| text.trim() == "0"));
        if !whole {
            desk.error(
                "ci/shallow",
                depth.map_or_else(|| job.entry.span.clone(), |entry| entry.span.clone()),
                "GitLab leaves out the history unless it is told not to, and greenlit refuses such a clone",
                "write `GIT_DEPTH: \"0\"` under `variables:`",
            );
        }
    }
    let forgives =
        job.setting(root, "allow_failure").filter(|entry| !entry.value.is_false() && !entry.value.is_empty());
    if let Some(entry) = forgives {
        desk.error(
            "ci/ignored-failure",
            entry.span.clone(),
            "the pipeline goes on, and looks well, although greenlit failed",
            "take `allow_failure` out",
        );
    }
    let image = job.setting(root, "image").or_else(|| root.entry("image")).map(|entry| &entry.value);
    if let Some(image) = image {
        script::image(desk, image.get("name").unwrap_or(image));
    }
    let fetches =
        |command: &Command| command.written.starts_with("git fetch") && command.written.contains("refs/heads/");
    if needs.branches && !job.scripts.iter().flat_map(|(_, commands)| commands).any(fetches) {
        desk.error(
            "ci/one-branch",
            job.entry.span.clone(),
            "approvals and ledger are branches of their own, and GitLab gets one branch alone",
            "write `git fetch origin '+refs/heads/*:refs/remotes/origin/*'` in front of it, or `--fetch` behind the command",
        );
    }
}

/// A variable's text, also where it is written with a description.
fn variable(node: &Node) -> Option<&str> {
    node.get("value").unwrap_or(node).text()
}

/// A pipeline that may start a job.
struct Pipeline<'a> {
    source: &'a str,
    branch: &'a str,
}

impl Pipeline<'_> {
    /// Whether it may come to run a job: by the first rule that fits.
    fn runs(&self, root: &Node, job: &Job<'_>, trusted: &str) -> bool {
        let known = |name: &str| match name {
            "CI_PIPELINE_SOURCE" => Known::Text(self.source.to_owned()),
            "CI_COMMIT_BRANCH" | "CI_COMMIT_REF_NAME" | "CI_COMMIT_REF_SLUG" => Known::Text(self.branch.to_owned()),
            "CI_DEFAULT_BRANCH" => Known::Text(trusted.to_owned()),
            "CI_COMMIT_TAG" => Known::Text(String::new()),
            "CI_MERGE_REQUEST_IID" | "CI_MERGE_REQUEST_ID" if self.source != "merge_request_event" => {
                Known::Text(String::new())
            }
            _ => Known::Nothing,
        };
        let admits = |rules: &Node| {
            for rule in rules.items() {
                let holds =
                    rule.get("if").and_then(Node::text).map_or(Some(true), |condition| holds(condition, &known));
                let never = rule.get("when").and_then(Node::text) == Some("never");
                let narrower = rule.entries().iter().any(|entry| matches!(entry.key.as_str(), "changes" | "exists"));
                match holds {
                    Some(false) => {}
                    Some(true) if never && !narrower => return false,
                    _ if never => {}
                    _ => return true,
                }
            }
            false
        };
        let whole = root.get("workflow").and_then(|workflow| workflow.get("rules")).is_none_or(admits);
        let own = match (job.node.get("rules"), job.node.get("only")) {
            (Some(rules), _) => admits(rules),
            (None, Some(only)) => self.listed(only.get("refs").unwrap_or(only)),
            // Without rules a job is in every pipeline but those of merge requests.
            (None, None) => self.source != "merge_request_event",
        };
        whole && own
    }

    fn listed(&self, only: &Node) -> bool {
        only.items().iter().filter_map(Node::text).any(|name| match name {
            "branches" | "pushes" => self.source == "push",
            "merge_requests" => self.source == "merge_request_event",
            _ => name == self.branch || name.starts_with('/'),
        })
    }
}

/// What starts a job that publishes.
fn starting(desk: &mut Desk<'_>, root: &Node, job: &Job<'_>) {
    let trusted = desk.around.trusted.clone();
    let place = job.entry.value.entry("rules").map_or(job.entry.span.clone(), |entry| entry.span.clone());
    let help = format!("write `rules:` with `- if: $CI_COMMIT_BRANCH == \"{trusted}\"`");
    if (Pipeline { source: "merge_request_event", branch: "" }).runs(root, job, &trusted) {
        let message = "a merge request starts the job that publishes, and decides what it does";
        return desk.error("ci/fork-publish", place, message, help);
    }
    if (Pipeline { source: "push", branch: "an/other-branch" }).runs(root, job, &trusted) {
        let message = "a push to any branch starts the job that publishes, and GitLab takes this file from that branch";
        return desk.error("ci/every-branch", place, message, help);
    }
    if (Pipeline { source: "push", branch: super::surroundings::APPROVALS }).runs(root, job, &trusted) {
        let message =
            "a push to greenlit/approvals starts the job that publishes, and GitLab takes this file from there";
        return desk.error("ci/from-approvals", place, message, help);
    }
    desk.hint(
        "ci/unseen",
        job.entry.span.clone(),
        "this file cannot tell which variables are protected, and whether a schedule starts this job",
        format!(
            "see that {ROOT} and every secret are protected and masked (Settings, CI/CD, Variables), that {trusted} is a \
             protected branch, and that a pipeline schedule runs on it every quarter of an hour"
        ),
    );
}

/// One run at a time, and to its end.
fn alone(desk: &mut Desk<'_>, root: &Node, job: &Job<'_>) {
    let span = job.entry.span.clone();
    if job.node.get("resource_group").is_none_or(Node::is_empty) {
        desk.warning(
            "ci/no-concurrency",
            span.clone(),
            "several runs go on side by side: nothing is sent twice, but each waits and pays for itself",
            "write `resource_group: publish`",
        );
    }
    if let Some(entry) = job.setting(root, "interruptible").filter(|entry| entry.value.is_true()) {
        desk.error(
            "ci/cancels",
            entry.span.clone(),
            "a newer pipeline breaks this one off while it sends: what became of that, a later run has to find out",
            "write `interruptible: false`",
        );
    }
    if let Some(entry) = job.node.entry("parallel") {
        let message = "the job that publishes runs several times at once";
        desk.error(
            "ci/matrix",
            entry.span.clone(),
            message,
            "take `parallel` out: one run sends to all accounts, side by side",
        );
    }
    if job.node.get("environment").is_none_or(Node::is_empty) {
        desk.error(
            "ci/no-environment",
            span,
            "without an environment, the secrets cannot be kept from the repository's other jobs",
            "write `environment: { name: publish, action: access }`, and give the variables that environment",
        );
    }
    if let Some(entry) =
        job.setting(root, "cache").or_else(|| root.entry("cache")).filter(|entry| !entry.value.is_empty())
    {
        desk.error(
            "ci/cache",
            entry.span.clone(),
            "whoever can write to the cache decides what this job runs and believes, beside the secrets",
            "write `cache: []` for the job that publishes",
        );
    }
}

/// The root, the secrets and the time of a job that publishes.
fn publishing(desk: &mut Desk<'_>, root: &Node, job: &Job<'_>) {
    let tables = [job.node.get("variables"), root.get("variables")];
    let written: Vec<&Entry> = tables.into_iter().flatten().flat_map(Node::entries).collect();
    let limit = job.setting(root, "timeout").and_then(|entry| span_of(entry.value.text()?)).unwrap_or(LONGEST);
    for entry in &written {
        let text = variable(&entry.value).unwrap_or_default();
        if text.contains('$') || text.is_empty() {
            continue;
        }
        if entry.key == ROOT {
            script::written_root(desk, entry.value.span.clone(), text.trim(), OUTSIDE);
        } else if desk.around.is_secret(&entry.key) {
            let message = "the secret itself stands in the file, for everybody who can read the repository";
            let help = "make a new one, and put it into a protected variable (Settings, CI/CD, Variables)";
            desk.error("ci/secret-in-file", entry.span.clone(), message, help);
        } else if entry.key == "GREENLIT_NOW" {
            let message = "GREENLIT_NOW stands in for the clock, and what is due is decided by it";
            desk.error("ci/clock", entry.span.clone(), message, "take it out: it is there for rehearsals");
        }
    }
    let mut needs = desk.around.needs.clone().unwrap_or_default();
    needs.extend(desk.around.channels.iter().cloned());
    let names: Vec<&str> = super::setup::variables(&needs).collect();
    for script in job.scripts() {
        script::shown(desk, &script, &names);
        for (at, rooted) in script::publishing(&script) {
            let Some(command) = script.commands.get(at) else { continue };
            if let Some(words) = command.greenlit() {
                script::window(desk, &script, command, words, limit);
            }
            match rooted {
                Rooted::WorkedOut(words) => desk.error(
                    "ci/root-from-files",
                    desk.at(script.node, &words),
                    "the root is worked out in the job, so whoever can merge can change it",
                    format!("take it out of the script; {OUTSIDE} holds what `greenlit trust pin` prints"),
                ),
                Rooted::Written(value) => {
                    let place = desk.at(script.node, &value);
                    script::written_root(desk, place, &value, OUTSIDE);
                }
                Rooted::No | Rooted::Outside => {}
            }
        }
    }
}

/// GitLab's lengths of time: `1h`, `30m`, `1h 30m`, `3600`, `90 minutes`.
fn span_of(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let factor = match rest.get(..letters)?.chars().next() {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 24 * 3600,
            Some(_) => return None,
        };
        rest = rest.get(letters..)?.trim_start();
        seconds = seconds.checked_add(number.checked_mul(factor)?)?;
    }
    Some(Duration::from_secs(seconds))
}
