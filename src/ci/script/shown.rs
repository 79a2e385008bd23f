//! Secrets that are printed, or that everybody on the machine reads.

use super::{Placed, Script};
use crate::ci::desk::Desk;
use crate::ci::shell::{End, assigns, variables};
use crate::ci::surroundings::Surroundings;

/// Job tokens end with the job; that they stand in a clone's settings is how the forges do it.
const OF_THE_JOB: [&str; 5] = ["GITHUB_TOKEN", "GH_TOKEN", "CI_JOB_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN"];

/// Looks for the secrets in reach of a script among its words.
pub fn shown(desk: &mut Desk<'_>, script: &Script<'_>, in_reach: &[&str]) {
    for (at, placed) in script.commands.iter().enumerate() {
        let one = in_reach.iter().find(|name| placed.expands(name) && !OF_THE_JOB.contains(name));
        let says = if prints_all(placed) && !in_reach.is_empty() {
            Some("this prints every variable, and with them the secrets")
        } else if in_address(placed) {
            Some("a token becomes part of an address: it stands in the command line, and stays in the clone's settings")
        } else {
            one.and_then(|name| of_one(script, at, placed, name))
        };
        if let Some(message) = says {
            let help = "leave it in the environment: greenlit reads it from there";
            desk.error("ci/secret-shown", placed.place(desk), message, help);
        }
    }
    let names_one = in_reach.iter().any(|name| !OF_THE_JOB.contains(name));
    let trace = script.commands.iter().find(|command| traces(command));
    let place = trace.or_else(|| script.commands.first().filter(|_| script.traced));
    if let Some(placed) = place.filter(|_| names_one) {
        desk.warning(
            "ci/secret-shown",
            placed.place(desk),
            "each command is printed with what its variables hold, beside secrets",
            "take out `set -x`; `greenlit -v` says what is done, and never a secret",
        );
    }
}

/// What a command does with one secret that it should not.
fn of_one(script: &Script<'_>, at: usize, placed: &Placed<'_>, name: &str) -> Option<&'static str> {
    const LOGS: &str = "a secret is printed, and logs are read by many";
    const ARGUMENT: &str = "a secret is handed over as an argument, which every program on the machine can read";
    const FILE: &str = "a secret is written to a file, where later steps and whoever gets the folder find it";
    let ours = Surroundings::looks_secret(name);
    let next = script.commands.get(at + 1).and_then(|next| next.program());
    let into_file = placed.words.iter().any(|word| word.starts_with('>') || word.ends_with('>'));
    match placed.program().unwrap_or_default() {
        "echo" | "printf" | "printenv" | "cat" if into_file => {
            (ours || placed.written.contains("GITHUB_") || placed.words.iter().any(|word| word.contains("_ENV")))
                .then_some(FILE)
        }
        // Into another program's input is how secrets are handed over.
        "echo" | "printf" | "printenv" | "cat" if placed.end == End::Pipe => {
            matches!(next, Some("tee" | "cat" | "base64" | "sort" | "rev" | "xxd")).then_some(LOGS)
        }
        "echo" | "printf" | "printenv" | "cat" => Some(LOGS),
        "docker" | "podman" => placed.container().is_some().then_some(ARGUMENT),
        "export" | "[" | "[[" | "test" | "case" | "" => None,
        _ if placed.greenlit().is_some() && handed_on(placed, name) => None,
        _ => (ours || placed.greenlit().is_some()).then_some(ARGUMENT),
    }
}

/// `A=$A greenlit …` hands the variable on as one.
fn handed_on(placed: &Placed<'_>, name: &str) -> bool {
    placed.words.iter().filter(|word| word.contains(name)).all(|word| assigns(word).is_some())
}

/// `env`, `printenv`, `set`, `export -p`.
fn prints_all(placed: &Placed<'_>) -> bool {
    let words: Vec<&str> = placed.words.iter().map(String::as_str).collect();
    if ["$(env)", "$(printenv)", "$(set)"].iter().any(|all| placed.written.contains(all)) {
        return true;
    }
    matches!(
        words.as_slice(),
        ["env" | "printenv" | "set" | "export"] | ["export" | "declare" | "typeset", "-p" | "-x" | "-px"]
    )
}

/// `https://x:$TOKEN@server/…`
fn in_address(placed: &Placed<'_>) -> bool {
    placed.program() == Some("git")
        && placed.words.iter().filter_map(|word| word.split_once("://")).any(|(_, rest)| {
            let user = rest.split_once('@').map(|(user, _)| user).filter(|user| !user.contains('/'));
            variables(user.unwrap_or_default()).iter().any(|name| !OF_THE_JOB.contains(name))
        })
}

/// `set -x`, `bash -x FILE`.
fn traces(placed: &Placed<'_>) -> bool {
    let sets = matches!(placed.program(), Some("set" | "bash" | "sh"));
    let short = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.contains('x');
    sets && placed.words.iter().skip(1).any(|word| short(word) || word == "xtrace")
}
