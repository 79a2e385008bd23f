//! Where the programs come from that a job runs: always the same ones.

use super::{Placed, Script};
use crate::ci::desk::Desk;
use crate::ci::node::Node;
use crate::ci::shell::{Command, End};
use crate::ci::workflow::option;

const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "python", "python3", "node", "perl"];
/// What holds a file against a hash or a signature.
const PROVES: [&str; 10] =
    ["sha256sum", "sha512sum", "shasum", "gpg", "gpgv", "cosign", "minisign", "signify", "slsa-verifier", "openssl"];

const FLOATING: [&str; 13] = [
    "latest", "main", "master", "dev", "develop", "edge", "nightly", "stable", "beta", "lts", "current", "rolling",
    "dind",
];

/// Looks at a script of a job. `all`: the commands of all its scripts. `knows`: whether it has secrets, so that nobody else's
/// program may run beside them.
pub fn origin(desk: &mut Desk<'_>, script: &Script<'_>, all: &[&Command], knows: bool) {
    let proved = all.iter().any(|command| {
        command.program().is_some_and(|program| PROVES.contains(&program))
            || command.written.contains("attestation verify")
    });
    for (at, placed) in script.commands.iter().enumerate() {
        let message = if runs_download(script, at) {
            Some("a program that a server may change at any time is run here, beside whatever this job knows")
        } else if fetched(placed).is_some_and(|file| is_run(all, &file)) && !proved {
            Some("a program is fetched and run, and nothing says that it is the one that was meant")
        } else {
            None
        };
        if let Some(message) = message {
            desk.error(
                "ci/unpinned-program",
                placed.place(desk),
                message,
                "hold it against its hash: `echo \"HASH  FILE\" | sha256sum --check`; or build it from a commit: `cargo install \
                 --locked --git URL --rev COMMIT greenlit`",
            );
        }
        installed(desk, placed, all);
        if knows {
            packages(desk, placed);
        }
        if let Some((_, name, _)) = placed.container()
            && placed.greenlit().is_some()
            && floats(name)
        {
            floating(desk, placed.at(desk, name));
        }
    }
}

/// `curl … | sh`, `bash <(curl …)`, `sh -c "$(curl …)"`.
fn runs_download(script: &Script<'_>, at: usize) -> bool {
    let Some(placed) = script.commands.get(at) else { return false };
    let program = |at: Option<usize>| at.and_then(|at| script.commands.get(at)).and_then(|placed| placed.program());
    let is_shell =
        |name: Option<&str>| name.is_some_and(|name| SHELLS.contains(&name) || name == "source" || name == ".");
    let fetches = matches!(placed.program(), Some("curl" | "wget"));
    let before = at.checked_sub(1).and_then(|at| script.commands.get(at));
    let substituted = before.is_some_and(|before| {
        is_shell(before.program()) && before.words.last().is_some_and(|word| word.ends_with(['<', '$']))
    });
    let quoted = is_shell(placed.program())
        && placed
            .words
            .iter()
            .any(|word| word.contains("$(curl") || word.contains("$(wget") || word.contains("<(curl"));
    fetches && (placed.end == End::Pipe && is_shell(program(Some(at + 1))) || substituted) || quoted
}

/// The file that a command fetches from somewhere; `*` where its name is not told.
fn fetched(placed: &Placed<'_>) -> Option<String> {
    let words = &placed.command.words;
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match placed.program()? {
        "curl" => {
            let short =
                words.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('o'));
            let named = option(words, "--output").or_else(|| words.get(short? + 1).map(String::as_str));
            let remote = words.iter().any(|word| {
                word == "--remote-name" || word.starts_with('-') && !word.starts_with("--") && word.contains('O')
            });
            let written =
                words.iter().position(|word| word == ">").and_then(|at| words.get(at + 1)).map(String::as_str);
            let address = words.iter().find(|word| word.contains("://")).map(String::as_str);
            named.or(written).or(address.filter(|_| remote)).map(name)
        }
        "wget" => {
            let short =
                words.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('O'));
            let named = short.and_then(|at| words.get(at + 1)).map(String::as_str);
            named.or_else(|| words.iter().find(|word| word.contains("://")).map(String::as_str)).map(name)
        }
        "gh" => (words.iter().any(|word| word == "release") && words.iter().any(|word| word == "download"))
            .then(|| "*".to_owned()),
        _ => None,
    }
}

/// Whether a job runs a file that it fetched.
fn is_run(all: &[&Command], file: &str) -> bool {
    let runs = |command: &&Command| match command.program().unwrap_or_default() {
        "chmod" => command.words.iter().any(|word| word.contains('x') || word.starts_with('7')),
        "tar" | "unzip" | "install" | "dpkg" | "rpm" | "apk" => true,
        program => SHELLS.contains(&program),
    };
    let named = |command: &&&Command| file == "*" || command.words.iter().any(|word| word.ends_with(file));
    all.iter().filter(named).any(runs)
}

/// A greenlit of one commit or version.
fn installed(desk: &mut Desk<'_>, placed: &Placed<'_>, all: &[&Command]) {
    let words: Vec<&str> = placed.words.iter().map(String::as_str).filter(|word| !word.starts_with('+')).collect();
    let installs = matches!(words.as_slice(), ["cargo", "install" | "binstall", ..]);
    let is_commit = |rev: &str| rev.len() == 40 && rev.bytes().all(|b| b.is_ascii_hexdigit());
    if !installs {
        return;
    }
    let named = words.iter().any(|word| word.contains("greenlit"));
    let pinned = if words.contains(&"--path") {
        // From a clone that was made a moment ago, of one commit.
        let cloned = all
            .iter()
            .any(|command| command.program() == Some("git") && command.words.iter().any(|word| word == "clone"));
        let mut git = all.iter().filter(|command| command.program() == Some("git")).flat_map(|command| &command.words);
        !cloned || git.any(|word| is_commit(word))
    } else if words.contains(&"--git") {
        option(&placed.words, "--rev").is_some_and(is_commit)
    } else {
        option(&placed.words, "--version").is_some() || words.iter().any(|word| word.starts_with("greenlit@"))
    };
    if !pinned && (named || words.contains(&"--path")) {
        desk.error(
            "ci/unpinned-program",
            placed.place(desk),
            "which greenlit this installs, somebody else decides with every push",
            "name one commit with its 40 digits: `--rev COMMIT`; `git rev-parse HEAD` in your clone of greenlit prints it",
        );
    }
}

/// Other people's packages without a version, beside secrets.
fn packages(desk: &mut Desk<'_>, placed: &Placed<'_>) {
    let words: Vec<&str> = placed.words.iter().map(String::as_str).collect();
    let names = |rest: &[&str]| {
        rest.iter().copied().filter(|word| !word.starts_with('-')).map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    let npm = |name: &String| !name.trim_start_matches('@').contains('@') && !name.starts_with(['.', '/', '$']);
    let pip = |name: &String| !name.contains("==") && !name.contains('@') && !name.starts_with(['.', '/', '$']);
    let loose = match words.as_slice() {
        ["npm", "install" | "i" | "add", rest @ ..] if has(&["-g", "--global"]) => names(rest).iter().any(npm),
        ["npx", rest @ ..] => {
            rest.iter().find(|word| !word.starts_with('-')).is_some_and(|name| npm(&(*name).to_owned()))
        }
        ["pip" | "pip3", "install", rest @ ..] | ["python" | "python3", "-m", "pip", "install", rest @ ..] => {
            !has(&["-r", "--requirement", "-e", "--require-hashes"]) && names(rest).iter().any(pip)
        }
        ["pipx", "install" | "run", rest @ ..] | ["uvx", rest @ ..] => names(rest).first().is_some_and(pip),
        _ => false,
    };
    if loose {
        desk.error(
            "ci/unpinned-program",
            placed.place(desk),
            "whatever was published last under this name is run here, beside the secrets",
            "name a version, or do it in a job without secrets",
        );
    }
}

/// An image in which a job runs: always the same.
pub fn image(desk: &mut Desk<'_>, node: &Node) {
    if node.text().is_some_and(floats) {
        floating(desk, node.span);
    }
}

fn floating(desk: &mut Desk<'_>, span: crate::ci::node::Span) {
    desk.error(
        "ci/unpinned-program",
        span,
        "whoever can move this image's tag decides what runs here, beside whatever this job knows",
        "write a version: `rust:1.88-bookworm`; or the image's digest, `@sha256:…`",
    );
}

/// Whether an image has no version: no tag, or one that means another image every day.
fn floats(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    if image.is_empty() || image.contains('$') || image.contains("@sha256:") {
        return false;
    }
    // `v1` and `20` go along with every version that begins so.
    let major = |tag: &str| tag.strip_prefix('v').unwrap_or(tag).bytes().all(|b| b.is_ascii_digit());
    name.split_once(':').is_none_or(|(_, tag)| FLOATING.contains(&tag) || major(tag))
}
