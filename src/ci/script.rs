//! What can be wrong with a script that runs greenlit, on every forge alike.

use std::time::Duration;

use super::desk::Desk;
use super::document::Node;
use super::shell::{Command, End, assigns};
use super::surroundings::{ROOT, Surroundings};
use super::workflow::{option, publishes, subcommand};
use crate::workspace::time;

/// A script: the value that it stands in, and its commands.
pub struct Script<'a> {
    pub node: &'a Node,
    pub commands: &'a [Command],
    /// Whether a failure behind a pipe is one: bash with `pipefail`.
    pub pipefail: bool,
}

/// What is wrong whatever the job is.
pub fn check(desk: &mut Desk<'_>, script: &Script<'_>) {
    for (at, command) in script.commands.iter().enumerate() {
        if let Some(words) = command.greenlit() {
            failures(desk, script, at, words);
            if words.iter().any(|word| word == "--trust-tip") {
                desk.error(
                    "ci/trust-tip",
                    desk.at(script.node, "--trust-tip"),
                    "with --trust-tip, whoever can merge decides who must approve",
                    format!("pin the root instead: `greenlit trust pin` prints it, and {ROOT} holds it; then take --trust-tip out"),
                );
            }
        }
        origin(desk, script, at);
    }
}

/// A failure that nobody would see.
fn failures(desk: &mut Desk<'_>, script: &Script<'_>, at: usize, words: &[String]) {
    let Some(command) = script.commands.get(at) else { return };
    let told = subcommand(words).is_some_and(|name| matches!(name, "check" | "publish" | "ci" | "drift" | "plan"));
    let next = script.commands.get(at + 1);
    let swallowed = match command.end {
        End::Or => next.is_some_and(|next| {
            matches!(next.program(), Some("true" | ":" | "exit" | "echo" | "printf")) && !fails(next)
        }),
        End::Pipe => !script.pipefail && !script.commands.iter().any(sets_pipefail),
        End::Aside => true,
        End::Done | End::And => false,
    };
    let forgives = script.commands.iter().take(at).any(|command| command.written == "set +e");
    if told && (swallowed || forgives) {
        desk.error(
            "ci/ignored-failure",
            desk.at(script.node, &command.written),
            "the job goes on, and looks well, although greenlit failed",
            "let its exit code be the step's: no `|| true`, no pipe without `set -o pipefail`, no `set +e`",
        );
    }
}

/// `exit 1`, and whatever is not known to be 0.
fn fails(command: &Command) -> bool {
    command.program() == Some("exit") && command.words.get(1).is_none_or(|code| code != "0")
}

fn sets_pipefail(command: &Command) -> bool {
    command.program() == Some("set") && command.words.iter().any(|word| word == "pipefail")
}

/// Where greenlit comes from: always the same program.
fn origin(desk: &mut Desk<'_>, script: &Script<'_>, at: usize) {
    let Some(command) = script.commands.get(at) else { return };
    let next = script.commands.get(at + 1).and_then(Command::program);
    let fetches = matches!(command.program(), Some("curl" | "wget"));
    if fetches && command.end == End::Pipe && matches!(next, Some("sh" | "bash" | "dash" | "sudo")) {
        desk.error(
            "ci/unpinned-program",
            desk.at(script.node, &command.written),
            "a program that a server may change at any time is run here, beside whatever this job knows",
            "build it from a commit: `cargo install --locked --git URL --rev COMMIT greenlit`",
        );
    }
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let installs = matches!(words.as_slice(), ["cargo", "install" | "binstall", ..]);
    if !installs || !words.iter().any(|word| word.contains("greenlit")) || words.contains(&"--path") {
        return;
    }
    let is_commit = |rev: &str| rev.len() == 40 && rev.bytes().all(|b| b.is_ascii_hexdigit());
    let pinned = if words.contains(&"--git") {
        option(&command.words, "--rev").is_some_and(is_commit)
    } else {
        option(&command.words, "--version").is_some() || words.iter().any(|word| word.starts_with("greenlit@"))
    };
    if !pinned {
        desk.error(
            "ci/unpinned-program",
            desk.at(script.node, &command.written),
            "which greenlit this installs, somebody else decides with every push",
            "name one commit with its 40 digits: `--rev COMMIT`; `git rev-parse HEAD` in your clone of greenlit prints it",
        );
    }
}

/// An image in which a job runs: always the same.
pub fn image(desk: &mut Desk<'_>, node: &Node) {
    let image = node.text().unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default();
    let floats = image.ends_with(":latest") || !name.contains([':', '@']);
    if floats && !image.is_empty() && !image.contains('$') {
        desk.error(
            "ci/unpinned-program",
            node.span.clone(),
            "whoever can move this image's tag decides what runs here, beside whatever this job knows",
            "write a version: `rust:1.88-bookworm`; or the image's digest, `@sha256:…`",
        );
    }
}

/// A window that is longer than the job may run.
pub fn window(desk: &mut Desk<'_>, script: &Script<'_>, command: &Command, words: &[String], limit: Duration) {
    let within = option(words, "--within").and_then(|text| time::duration(text).ok());
    if within.is_some_and(|within| within >= limit) {
        desk.error(
            "ci/timeout",
            desk.at(script.node, &command.written),
            format!("the job is ended after {} minutes, and --within waits longer than that", limit.as_secs() / 60),
            "give the job more time, or --within less: 20m for a job that runs every quarter of an hour",
        );
    }
}

/// A history that is cut off, or one branch alone, where greenlit needs more.
pub fn history(desk: &mut Desk<'_>, script: &Script<'_>, needs: Needs) {
    for command in script.commands.iter().filter(|command| command.program() == Some("git")) {
        let has = |start: &str| command.words.iter().any(|word| word.starts_with(start));
        if needs.history && (has("--depth") || has("--shallow") || has("--filter")) {
            desk.error(
                "ci/shallow",
                desk.at(script.node, &command.written),
                "part of the history is left out, and with it the proof of approvals: greenlit refuses such a clone",
                "take out --depth, --shallow-since and --filter",
            );
        }
        if needs.branches && has("--single-branch") {
            desk.error(
                "ci/one-branch",
                desk.at(script.node, &command.written),
                "approvals and ledger are branches of their own, and this gets one branch alone",
                "take out --single-branch, or let the command fetch: `greenlit status --fetch`",
            );
        }
    }
}

/// What of a repository the commands of a job need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs {
    /// All of the history.
    pub history: bool,
    /// The other branches, because nothing fetches them.
    pub branches: bool,
}

impl Needs {
    /// What these words behind `greenlit` need. `publish` and `notify` fetch by themselves.
    pub fn of(words: &[String]) -> Self {
        let name = subcommand(words).unwrap_or_default();
        let acts = matches!(name, "publish" | "notify");
        let fetches = acts || words.iter().any(|word| word == "--fetch");
        let looks = matches!(name, "status" | "plan" | "todo" | "log" | "prove" | "drift" | "trust" | "ledger");
        let compares = words.iter().any(|word| word.starts_with("--changed"));
        Self { history: acts || looks || compares || name == "preview", branches: looks && !fetches }
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self { history: self.history || other.history, branches: self.branches || other.branches }
    }
}

/// A secret that is printed, or is read by everybody on the machine.
pub fn shown(desk: &mut Desk<'_>, script: &Script<'_>, in_reach: &[&str]) {
    for command in script.commands {
        let program = command.program().unwrap_or_default();
        let names_one = in_reach.iter().find(|name| {
            command.written.contains(&format!("${name}")) || command.written.contains(&format!("${{{name}}}"))
        });
        let prints_all = matches!(program, "env" | "printenv") && command.words.len() == 1 && !in_reach.is_empty();
        let prints = matches!(program, "echo" | "printf" | "printenv") && names_one.is_some();
        let passes = command.greenlit().is_some() && names_one.is_some_and(|name| !assigned(command, name));
        if prints_all || prints || passes {
            desk.error(
                "ci/secret-shown",
                desk.at(script.node, &command.written),
                "a secret is printed or handed over as an argument, where logs and other programs see it",
                "leave it in the environment: greenlit reads it from there",
            );
        }
    }
}

/// `A=$A greenlit …` hands the variable on as one.
fn assigned(command: &Command, name: &str) -> bool {
    command.words.iter().filter(|word| word.contains(name)).all(|word| assigns(word).is_some())
}

/// Where the root comes from, as far as scripts say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rooted {
    No,
    /// From a variable that something outside sets.
    Outside,
    /// Worked out by a command, with the words that do so.
    WorkedOut(String),
    /// As it is written.
    Written(String),
}

/// The root that a script gives to one of its commands: with `--root`, or by setting the variable before.
pub fn root_of(script: &Script<'_>, at: usize) -> Rooted {
    let upto = script.commands.get(..=at).unwrap_or_default();
    let by_option = script.commands.get(at).and_then(Command::greenlit).and_then(|words| option(words, "--root"));
    let mut assignments = upto.iter().flat_map(|command| &command.words).rev().filter_map(|word| assigns(word));
    let by_variable = assignments.find(|(name, _)| *name == ROOT).map(|(_, value)| value);
    match by_option.or(by_variable) {
        None => Rooted::No,
        Some(value) if value.contains("$(") || value.contains('`') || value == "$" => {
            Rooted::WorkedOut(ROOT.to_owned())
        }
        Some(value) if value.starts_with('$') => Rooted::Outside,
        Some(value) => Rooted::Written(value.to_owned()),
    }
}

/// A root that is written into the file itself.
pub fn written_root(desk: &mut Desk<'_>, span: std::ops::Range<usize>, value: &str, outside: &str) {
    let Surroundings { root, .. } = desk.around;
    let is_commit = value.len() == 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let help = format!("take it out of the file: `greenlit trust pin` prints the line, and {outside} holds it");
    match root {
        _ if !is_commit => desk.error(
            "ci/root-differs",
            span,
            "the root is no commit with its 40 digits, and whatever else names one can be moved",
            help,
        ),
        Some(root) if !root.eq_ignore_ascii_case(value) => desk.error(
            "ci/root-differs",
            span,
            format!("the root is not the one that is pinned here, {root:.10}: somebody may have changed it"),
            help,
        ),
        _ => desk.warning(
            "ci/root-in-file",
            span,
            "the root stands in a file of the repository, so whoever can merge can change it",
            help,
        ),
    }
}

/// Whether one of these words behind `greenlit` sends something, and which root it is held against.
pub fn publishing(script: &Script<'_>) -> Vec<(usize, Rooted)> {
    let runs = script.commands.iter().enumerate();
    let sends = runs.filter(|(_, command)| command.greenlit().is_some_and(publishes));
    sends.map(|(at, _)| (at, root_of(script, at))).collect()
}
