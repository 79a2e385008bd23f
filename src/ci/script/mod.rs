//! What can be wrong with a script that runs greenlit, on every forge alike.

mod failures;
mod history;
mod origin;
mod root;
mod shown;

use std::ops::Deref;
use std::time::Duration;

use super::desk::Desk;
use super::node::{Node, Span};
use super::shell::{Command, assigns};
use super::surroundings::ROOT;
use super::workflow::{option, publishes, subcommand};
use crate::workspace::time;

pub use history::{Needs, history};
pub use origin::{image, origin};
pub use root::{Rooted, exports, publishing, written_root};
pub use shown::shown;

/// A script: its commands, in the order in which one shell runs them.
pub struct Script<'a> {
    pub commands: Vec<Placed<'a>>,
    /// Whether a failure behind a pipe is one: bash with `pipefail`.
    pub pipefail: bool,
    /// Whether it ends at the first failure.
    pub stops: bool,
    /// Whether the shell prints each command.
    pub traced: bool,
}

/// A command, with the value that it stands in.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    pub command: &'a Command,
    pub node: &'a Node,
}

impl Deref for Placed<'_> {
    type Target = Command;

    fn deref(&self) -> &Command {
        self.command
    }
}

impl Placed<'_> {
    /// Where it stands.
    pub fn place(&self, desk: &Desk<'_>) -> Span {
        desk.at(self.node, &self.command.written)
    }

    /// Where some words of it stand.
    pub fn at(&self, desk: &Desk<'_>, words: &str) -> Span {
        desk.at(self.node, words)
    }
}

impl Script<'_> {
    /// Where some words stand: in the first command that has them, else in that one.
    pub fn place_of(&self, desk: &Desk<'_>, words: &str, or: &Placed<'_>) -> Span {
        let has = self.commands.iter().find(|placed| placed.command.written.contains(words));
        has.unwrap_or(or).at(desk, words)
    }

    /// The runs of greenlit in it: which command, and the words behind `greenlit`.
    pub fn greenlit(&self) -> impl Iterator<Item = (usize, &Placed<'_>, &[String])> {
        let commands = self.commands.iter().enumerate();
        commands.filter_map(|(at, placed)| Some((at, placed, placed.command.greenlit()?)))
    }
}

/// What is wrong whatever the job is.
pub fn check(desk: &mut Desk<'_>, script: &Script<'_>) {
    for (at, placed, words) in script.greenlit() {
        failures::check(desk, script, at, words);
        understood(desk, placed, words);
        if words.iter().any(|word| word == "--trust-tip") {
            desk.error(
                "ci/trust-tip",
                placed.at(desk, "--trust-tip"),
                "with --trust-tip, whoever can merge decides who must approve",
                format!("pin the root instead: `greenlit trust pin` prints it, and {ROOT} holds it; then take --trust-tip out"),
            );
        }
        let decides = ["approve", "withdraw", "lift", "resume", "reject", "retract"];
        if let Some(name) = subcommand(words).filter(|name| decides.contains(name)) {
            desk.error(
                "ci/decides",
                placed.place(desk),
                format!("`greenlit {name}` is a person's word, and here a job says it: it proves nobody's, and counts for nobody"),
                "take it out: people approve, with `greenlit approve` or with a review",
            );
        }
    }
    for placed in &script.commands {
        rewrites(desk, placed);
        unchecked(desk, placed);
        if placed.words.iter().any(|word| assigns(word).is_some_and(|(name, _)| name == "GREENLIT_NOW")) {
            clock(desk, placed.at(desk, "GREENLIT_NOW"));
        }
    }
}

/// A clock that stands still.
pub fn clock(desk: &mut Desk<'_>, span: Span) {
    let message = "GREENLIT_NOW stands in for the clock, and what is due is decided by it";
    desk.error("ci/clock", span, message, "take it out: it is there for rehearsals");
}

/// Commands and options that greenlit does not have.
fn understood(desk: &mut Desk<'_>, placed: &Placed<'_>, words: &[String]) {
    let redirects =
        |word: &str| word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').starts_with(['>', '<']);
    let mut own: Vec<String> = Vec::new();
    let (mut skip, mut inside) = (false, false);
    for word in words {
        // What the forge puts in before is one word, of which nothing is known.
        if inside || word.contains("${{") {
            inside = !word.contains("}}");
            if !inside {
                own.push("$".to_owned());
            }
            continue;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        if redirects(word) {
            // What stands behind `>` alone is the file.
            skip = word.ends_with(['>', '<']);
            continue;
        }
        own.push(word.clone());
    }
    if placed.words.iter().any(|word| word == "xargs") {
        own.push("$@".to_owned());
    }
    if let Err(misuse) = (desk.around.understands)(&own) {
        let help = misuse
            .help
            .unwrap_or_else(|| "`greenlit --help` lists the commands, and docs/cli.md their options".to_owned());
        desk.error("ci/command", placed.place(desk), format!("greenlit refuses this: {}", misuse.message), help);
    }
    let name = subcommand(words).unwrap_or_default();
    if name == "publish" && words.iter().any(|word| word == "--watch") {
        desk.error(
            "ci/timeout",
            placed.at(desk, "--watch"),
            "--watch never ends, so the forge breaks the job off, perhaps while it sends",
            "write `--within 20m`, which waits for what falls due before the next run, and ends",
        );
    }
}

/// What takes branches away that prove something.
fn rewrites(desk: &mut Desk<'_>, placed: &Placed<'_>) {
    let is = |words: &[&str]| placed.words.iter().any(|word| words.contains(&word.as_str()));
    let pushes = placed.program() == Some("git") && is(&["push"]);
    let forces = is(&["--force", "-f", "--force-with-lease", "--delete", "-d", "--mirror"])
        || placed.words.iter().any(|word| word.starts_with('+') || word.starts_with(':'));
    let proof = placed.words.iter().any(|word| word.contains("greenlit/") || word == "--mirror");
    if pushes && forces && proof {
        desk.error(
            "ci/rewrites",
            placed.place(desk),
            "this can take away what people decided and what was sent: afterwards greenlit refuses to publish",
            "take it out: greenlit pushes these branches itself, and only ever adds to them",
        );
    }
}

/// Servers that are not asked who they are.
fn unchecked(desk: &mut Desk<'_>, placed: &Placed<'_>) {
    let has = |words: &[&str]| placed.words.iter().any(|word| words.contains(&word.as_str()));
    let written = placed.written.to_lowercase();
    let off = match placed.program() {
        Some("curl") => has(&["-k", "--insecure", "-sk", "-fsSk", "-ksSf"]),
        Some("wget") => has(&["--no-check-certificate"]),
        Some("git") => written.contains("sslverify false") || written.contains("sslverify=false"),
        _ => false,
    };
    let set = placed.words.iter().filter_map(|word| assigns(word)).any(|(name, value)| trusts_anybody(name, value));
    if off || set || written.contains("stricthostkeychecking=no") || written.contains("stricthostkeychecking no") {
        no_tls(desk, placed.place(desk));
    }
}

/// Whether a variable turns off that servers prove who they are.
pub fn trusts_anybody(name: &str, value: &str) -> bool {
    match name {
        "GIT_SSL_NO_VERIFY" => !matches!(value, "" | "0" | "false"),
        "NODE_TLS_REJECT_UNAUTHORIZED" => value == "0",
        _ => false,
    }
}

/// A connection that anybody may answer.
pub fn no_tls(desk: &mut Desk<'_>, span: Span) {
    desk.error(
        "ci/no-tls",
        span,
        "whoever stands between this job and the server can answer in its place, and be given the secrets",
        "take it out; where a server has a certificate of your own, install that",
    );
}

/// A window that is longer than the job may run.
pub fn window(desk: &mut Desk<'_>, placed: &Placed<'_>, words: &[String], limit: Duration) {
    let within = option(words, "--within").and_then(|text| time::duration(text).ok());
    if publishes(words) && within.is_some_and(|within| within >= limit) {
        desk.error(
            "ci/timeout",
            placed.place(desk),
            format!("the job is ended after {} minutes, and --within waits longer than that", limit.as_secs() / 60),
            "give the job more time, or --within less: 20m for a job that runs every quarter of an hour",
        );
    }
}
