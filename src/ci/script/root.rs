//! The root of trust, as far as scripts say where it comes from.

use super::{Placed, Script};
use crate::ci::desk::Desk;
use crate::ci::node::Span;
use crate::ci::shell::{Command, assigns};
use crate::ci::surroundings::{ROOT, Surroundings};
use crate::ci::workflow::{option, publishes};

/// Variables of the forges that name what was pushed or proposed.
const OF_THE_PUSH: [&str; 8] = [
    "GITHUB_SHA",
    "GITHUB_REF",
    "FORGEJO_SHA",
    "GITEA_SHA",
    "CI_COMMIT_SHA",
    "CI_COMMIT_SHORT_SHA",
    "CI_COMMIT_BEFORE_SHA",
    "CI_COMMIT_REF_NAME",
];

/// Where the root comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rooted {
    No,
    /// From a variable that something outside sets; its name, where it is not the usual one.
    Outside(Option<String>),
    /// Worked out by a command, with the words that do so.
    WorkedOut(String),
    /// As it is written.
    Written(String),
}

/// The commands that send something, and the root that each is held against.
pub fn publishing<'s>(script: &'s Script<'_>) -> Vec<(usize, &'s Placed<'s>, Rooted)> {
    let sends = script.greenlit().filter(|(_, _, words)| publishes(words));
    sends.map(|(at, placed, _)| (at, placed, root_of(script, at))).collect()
}

/// The root that a script gives to one of its commands: with `--root`, or by setting the variable before.
fn root_of(script: &Script<'_>, at: usize) -> Rooted {
    let upto = script.commands.get(..=at).unwrap_or_default();
    let by_option =
        script.commands.get(at).and_then(|placed| placed.greenlit()).and_then(|words| option(words, "--root"));
    if let Some(value) = by_option.or_else(|| assigned(upto, ROOT)) {
        return judged(upto, value, 0);
    }
    let pins = |command: &&Placed<'_>| {
        let written = command.written.as_str();
        written.contains("config") && written.contains("greenlit.root") || written.contains("trust pin --here")
    };
    upto.iter().find(pins).map_or(Rooted::No, |command| Rooted::WorkedOut(command.written.clone()))
}

/// The value that a variable was given last.
fn assigned<'s>(upto: &'s [Placed<'_>], name: &str) -> Option<&'s str> {
    let words = upto.iter().rev().flat_map(|placed| placed.command.words.iter().rev());
    words.filter_map(|word| assigns(word)).find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn judged(upto: &[Placed<'_>], value: &str, depth: usize) -> Rooted {
    if value.contains("$(") || value.contains('`') || value == "$" {
        return Rooted::WorkedOut(ROOT.to_owned());
    }
    let Some(name) = value.strip_prefix('$') else { return Rooted::Written(value.to_owned()) };
    let name = name.trim_start_matches('{').trim_end_matches('}');
    if OF_THE_PUSH.contains(&name) {
        return Rooted::WorkedOut(value.to_owned());
    }
    match assigned(upto, name).filter(|value| depth < 8 && value.strip_prefix('$') != Some(name)) {
        Some(value) => match judged(upto, value, depth + 1) {
            Rooted::WorkedOut(_) => Rooted::WorkedOut(format!("{name}=")),
            other => other,
        },
        None => Rooted::Outside(Some(name.to_owned()).filter(|name| name != ROOT)),
    }
}

/// A root that is written into the file itself.
pub fn written_root(desk: &mut Desk<'_>, span: Span, value: &str, outside: &str) {
    let Surroundings { root, .. } = desk.around;
    let is_commit = value.len() == 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let help = format!("take it out of the file: `greenlit trust pin` prints the line, and {outside} holds it");
    match root {
        _ if OF_THE_PUSH.contains(&value.trim_start_matches(['$', '{']).trim_end_matches('}')) => desk.error(
            "ci/root-from-files",
            span,
            "the root is what was just pushed, so whoever can merge changes it",
            help,
        ),
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

/// Whether a command hands a variable to the steps behind it by the forge's file for that.
pub fn exports(command: &Command, name: &str) -> bool {
    let written = format!("{}{}", command.written, command.input);
    written.contains(name) && ["GITHUB_ENV", "FORGEJO_ENV", "GITEA_ENV"].iter().any(|file| written.contains(file))
}
