//! A workflow of GitHub or Forgejo: what starts it, and what its jobs do.

use super::condition::{Known, may_hold};
use super::document::{Entry, Node};
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
    pub span: std::ops::Range<usize>,
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
        self.jobs.iter().any(|job| job.greenlit().next().is_some())
            || self.root.texts().iter().any(|(text, _)| names_it(text))
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
        span: entry.span.clone(),
    });
    let listed = on
        .items()
        .iter()
        .filter_map(|item| Some(Trigger { name: item.text()?, filter: None, span: item.span.clone() }));
    named.chain(listed).collect()
}

impl Trigger<'_> {
    /// Whether a push to a branch starts the workflow. Later patterns count over earlier ones, and `!` takes out.
    pub fn on_push_to(&self, branch: &str) -> bool {
        let Some(filter) = self.filter else { return true };
        let list = |key: &str| filter.get(key).map(Node::items);
        if let Some(patterns) = list("branches") {
            let texts = patterns.iter().filter_map(Node::text);
            return texts.fold(false, |taken, pattern| match pattern.strip_prefix('!') {
                Some(out) => taken && !fits(out, branch),
                None => taken || fits(pattern, branch),
            });
        }
        if let Some(patterns) = list("branches-ignore") {
            return !patterns.iter().filter_map(Node::text).any(|pattern| fits(pattern, branch));
        }
        // Whoever filters tags alone means no branch.
        list("tags").is_none() && list("tags-ignore").is_none()
    }

    /// The place of the pattern that lets a branch in, else of the trigger.
    pub fn place_of(&self, branch: &str) -> std::ops::Range<usize> {
        let patterns = self.filter.and_then(|filter| filter.get("branches")).map(Node::items).unwrap_or_default();
        let lets_in = patterns.iter().find(|item| item.text().is_some_and(|pattern| fits(pattern, branch)));
        lets_in.map_or(self.span.clone(), |item| item.span.clone())
    }
}

/// GitHub's patterns: `**` stands for slashes, too.
fn fits(pattern: &str, branch: &str) -> bool {
    if pattern == branch {
        return true;
    }
    if let Some((before, after)) = pattern.split_once("**") {
        return branch.starts_with(before) && branch.get(before.len()..).is_some_and(|rest| rest.ends_with(after));
    }
    glob::matches(pattern, branch)
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

    /// Whether it pushes the ledger: it publishes, or tells people.
    pub fn pushes(&self) -> bool {
        self.greenlit().any(|run| publishes(run.words) || subcommand(run.words) == Some("notify"))
    }

    /// Whether the job, and one of its steps that publish where there are any, can run on an event.
    pub fn may_run(&self, event: &str, reference: &str) -> bool {
        let facts = |name: &str| match name.to_lowercase().as_str() {
            "github.event_name" | "forgejo.event_name" => Known::Text(event.to_owned()),
            "github.ref" | "forgejo.ref" => Known::Text(reference.to_owned()),
            "github.ref_name" | "forgejo.ref_name" => {
                let names = ["refs/heads/", "refs/tags/", "refs/"].into_iter().find_map(|p| reference.strip_prefix(p));
                Known::Text(names.unwrap_or(reference).to_owned())
            }
            _ => Known::Nothing,
        };
        let open =
            |node: &Node| node.get("if").and_then(Node::text).is_none_or(|condition| may_hold(condition, &facts));
        let mut publishing = self.publishing().peekable();
        open(&self.entry.value) && (publishing.peek().is_none() || publishing.any(|run| open(run.step.node)))
    }
}

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
