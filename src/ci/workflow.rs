//! A workflow of GitHub or Forgejo: what starts it, and what its jobs do.

use super::condition::{self, Known};
use super::expression;
use super::node::{Entry, Node, Span};
use super::shell::{Command, commands};
use crate::workspace::glob;

/// A workflow file.
pub struct Workflow<'n> {
    pub root: &'n Node,
    pub triggers: Vec<Trigger<'n>>,
    pub jobs: Vec<Job<'n>>,
}

/// One event that starts it.
pub struct Trigger<'n> {
    pub name: &'n str,
    /// What narrows it down.
    pub filter: Option<&'n Node>,
    /// Where its name stands.
    pub span: Span,
}

pub struct Job<'n> {
    pub entry: &'n Entry,
    pub steps: Vec<Step<'n>>,
}

pub struct Step<'n> {
    pub node: &'n Node,
    /// The shell that is asked for.
    pub shell: Option<&'n str>,
    pub commands: Vec<Command>,
}

/// Events that strangers cause, and that run with the secrets and the token of the repository.
pub const WITH_STRANGERS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

impl<'n> Workflow<'n> {
    pub fn new(root: &'n Node) -> Self {
        let triggers = root.get("on").map(triggers).unwrap_or_default();
        let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
        let shell = default_shell(root);
        Self { root, triggers, jobs: jobs.iter().map(|entry| Job::new(entry, shell)).collect() }
    }

    pub fn trigger(&self, name: &str) -> Option<&Trigger<'n>> {
        self.triggers.iter().find(|trigger| trigger.name == name)
    }

    /// Whether greenlit runs in it, or its secrets are named.
    pub fn concerns_greenlit(&self) -> bool {
        let names_it = |text: &str| text.contains("GREENLIT_");
        let named = |entry: &&Entry| names_it(&entry.key);
        self.jobs.iter().any(|job| job.greenlit().next().is_some())
            || self.root.texts().iter().any(|(text, _)| names_it(text))
            || self.root.all_entries().iter().any(named)
    }

    /// Whether a job may run on an event: it starts the workflow, and no condition is against it.
    pub fn reaches(&self, job: &Job<'n>, event: &str, reference: &str) -> bool {
        self.trigger(event).is_some() && job.may_run(event, reference)
    }

    /// The environment of a step: its own variables, its job's, the workflow's; the innermost counts.
    pub fn environment(&self, job: &Job<'n>, step: &Step<'n>) -> Vec<&'n Entry> {
        let mut found: Vec<&Entry> = Vec::new();
        for level in [step.node, &job.entry.value, self.root] {
            for entry in level.get("env").map(Node::entries).unwrap_or_default() {
                if !found.iter().any(|inner| inner.key == entry.key) {
                    found.push(entry);
                }
            }
        }
        found
    }
}

/// The shell of all steps that name none.
fn default_shell(node: &Node) -> Option<&str> {
    node.get("defaults")?.get("run")?.get("shell")?.text()
}

fn triggers(on: &Node) -> Vec<Trigger<'_>> {
    let named = on.entries().iter().map(|entry| Trigger {
        name: &entry.key,
        filter: Some(&entry.value).filter(|value| !value.is_empty()),
        span: entry.span,
    });
    let listed =
        on.items().iter().filter_map(|item| Some(Trigger { name: item.text()?, filter: None, span: item.span }));
    named.chain(listed).collect()
}

impl<'n> Trigger<'n> {
    /// What a filter holds: the items of `branches:`, `paths:`.
    pub fn list(&self, key: &str) -> Option<&'n [Node]> {
        Some(self.filter?.get(key)?.items())
    }

    /// Whether a push to a branch starts the workflow, or a pull request for it. Later patterns count over earlier ones, and `!`
    /// takes out.
    pub fn on_branch(&self, branch: &str) -> bool {
        self.admits("branches", branch).unwrap_or_else(|| {
            // Whoever filters tags alone means no branch.
            self.list("tags").is_none() && self.list("tags-ignore").is_none()
        })
    }

    /// Whether a change of a file starts it.
    pub fn on_path(&self, path: &str) -> bool {
        self.admits("paths", path).unwrap_or(true)
    }

    fn admits(&self, key: &str, name: &str) -> Option<bool> {
        if let Some(patterns) = self.list(key) {
            let texts = patterns.iter().filter_map(Node::text);
            return Some(texts.fold(false, |taken, pattern| match pattern.strip_prefix('!') {
                Some(out) => taken && !fits(out, name),
                None => taken || fits(pattern, name),
            }));
        }
        let ignored = self.list(&format!("{key}-ignore"))?;
        Some(!ignored.iter().filter_map(Node::text).any(|pattern| fits(pattern, name)))
    }

    /// The place of the pattern that lets a branch in, else of the trigger.
    pub fn place_of(&self, branch: &str) -> Span {
        let patterns = self.list("branches").unwrap_or_default();
        let lets_in = patterns.iter().find(|item| item.text().is_some_and(|pattern| fits(pattern, branch)));
        lets_in.map_or(self.span, |item| item.span)
    }
}

/// GitHub's patterns: `**` stands for slashes, too.
fn fits(pattern: &str, name: &str) -> bool {
    if pattern == name {
        return true;
    }
    if let Some((before, after)) = pattern.split_once("**") {
        let after = if before.is_empty() { after.trim_start_matches('/') } else { after };
        let inside = name.strip_prefix(before);
        // What stands behind `**/` may have patterns of its own.
        let ends = |rest: &str| {
            rest.ends_with(after.trim_start_matches('/')) || {
                let last = rest.rsplit('/').next().unwrap_or(rest);
                glob::matches(after.trim_start_matches('/'), last)
            }
        };
        return inside.is_some_and(ends);
    }
    glob::matches(pattern, name)
}

impl<'n> Job<'n> {
    fn new(entry: &'n Entry, shell: Option<&'n str>) -> Self {
        let steps = entry.value.get("steps").map(Node::items).unwrap_or_default();
        let shell = default_shell(&entry.value).or(shell);
        Self { entry, steps: steps.iter().map(|step| Step::new(step, shell)).collect() }
    }

    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry.value.get(key)
    }

    /// Where greenlit is run, with the words behind it.
    pub fn greenlit(&self) -> impl Iterator<Item = Run<'_, 'n>> {
        self.steps.iter().flat_map(|step| {
            step.commands.iter().filter_map(move |command| Some(Run { step, command, words: command.greenlit()? }))
        })
    }

    /// Where it publishes.
    pub fn publishing(&self) -> impl Iterator<Item = Run<'_, 'n>> {
        self.greenlit().filter(|run| publishes(run.words))
    }

    pub fn publishes(&self) -> bool {
        self.publishing().next().is_some()
    }

    /// Whether it pushes the ledger: it publishes, tells people, or writes down their reviews.
    pub fn pushes(&self) -> bool {
        self.greenlit().any(|run| pushes(run.words))
    }

    /// Whether the job, and one of its steps that publish where there are any, can run on an event.
    pub fn may_run(&self, event: &str, reference: &str) -> bool {
        let facts = |name: &str| fact(name, event, reference);
        let open = |node: &Node| node.get("if").and_then(Node::text).is_none_or(|text| may_hold(text, &facts));
        let mut publishing = self.publishing().peekable();
        open(&self.entry.value) && (publishing.peek().is_none() || publishing.any(|run| open(run.step.node)))
    }
}

/// Whether the condition of a job or a step can hold.
pub fn may_hold(text: &str, facts: &condition::Facts<'_>) -> bool {
    expression::is_text(text) || condition::may_hold(text, facts)
}

/// What is known of a property on an event.
pub fn fact(name: &str, event: &str, reference: &str) -> Known {
    let folded = name.to_lowercase();
    let rest = ["github.", "forgejo.", "forge.", "gitea."].into_iter().find_map(|context| folded.strip_prefix(context));
    match rest {
        Some("event_name") => Known::Text(event.to_owned()),
        Some("ref") => Known::Text(reference.to_owned()),
        Some("ref_name") => {
            let names = ["refs/heads/", "refs/tags/", "refs/pull/", "refs/"];
            Known::Text(
                names.into_iter().find_map(|start| reference.strip_prefix(start)).unwrap_or(reference).to_owned(),
            )
        }
        Some("ref_type") => Known::Text(if reference.starts_with("refs/tags/") { "tag" } else { "branch" }.to_owned()),
        // What there is not, is nothing.
        Some(rest) if !is_property(rest) => Known::Text(String::new()),
        _ => Known::Nothing,
    }
}

/// Whether the forges have such a property of `github`, or one inside it.
pub fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name.split('.').next().unwrap_or_default())
}

/// The properties of `github`: <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts> (checked 2026-11-28).
pub const PROPERTIES: [&str; 41] = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workspace",
];

impl<'n> Step<'n> {
    fn new(node: &'n Node, shell: Option<&'n str>) -> Self {
        let script = node.get("run").and_then(Node::text).unwrap_or_default();
        Self { node, shell: node.get("shell").and_then(Node::text).or(shell), commands: commands(script) }
    }

    /// The action that it uses: `actions/checkout`, and its version.
    pub fn action(&self) -> Option<(&'n str, &'n str)> {
        let uses = self.node.get("uses")?.text()?;
        Some(uses.split_once('@').unwrap_or((uses, "")))
    }

    pub fn is_checkout(&self) -> bool {
        self.action().is_some_and(|(name, _)| name.ends_with("actions/checkout"))
    }

    /// An input of the action.
    pub fn with(&self, key: &str) -> Option<&'n Node> {
        self.node.get("with")?.get(key)
    }
}

/// One run of greenlit.
pub struct Run<'a, 'n> {
    pub step: &'a Step<'n>,
    pub command: &'a Command,
    /// The words behind `greenlit`.
    pub words: &'a [String],
}

/// Whether these words behind `greenlit` send something.
pub fn publishes(words: &[String]) -> bool {
    subcommand(words) == Some("publish") && !words.iter().any(|word| word == "--dry-run")
}

/// Whether these words behind `greenlit` push the ledger.
fn pushes(words: &[String]) -> bool {
    publishes(words) || subcommand(words) == Some("notify") || reviews(words) == Some("record")
}

/// What is done with reviews: `record`, `comment`.
pub fn reviews(words: &[String]) -> Option<&str> {
    let at = words.iter().position(|word| word == "review").filter(|_| subcommand(words) == Some("review"))?;
    words.get(at + 1..)?.iter().map(String::as_str).find(|word| !word.starts_with('-'))
}

/// The command among the words behind `greenlit`, whatever options stand in front of it.
pub fn subcommand(words: &[String]) -> Option<&str> {
    const TAKES_A_VALUE: [&str; 4] = ["-C", "--folder", "--format", "--root"];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if TAKES_A_VALUE.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

/// The value of an option: `--within 20m`, `--within=20m`.
pub fn option<'w>(words: &'w [String], name: &str) -> Option<&'w str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == name {
            return words.next().map(String::as_str);
        }
        if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}
