//! What greenlit writes is clean, and each mistake that somebody makes in it is told as what it is.

mod gitlab;
mod planted;
mod written;

use super::setup::{Program, Setup, files};
use super::{Diagnosis, Forge, Misuse, Need, Surroundings, diagnose};
use crate::workspace::memory::MemoryFiles;
use crate::workspace::{Finding, Severity};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const PINNED: &str = "89abcdef0123456789abcdef0123456789abcdef";

fn around() -> Surroundings {
    let need =
        |account: &str, variable: &str| Need { account: account.to_owned(), variables: vec![variable.to_owned()] };
    let needs = vec![
        need("bluesky/acme", "GREENLIT_BLUESKY_ACME_PASSWORD"),
        need("mastodon/acme", "GREENLIT_MASTODON_ACME_TOKEN"),
    ];
    let channels = vec![need("the channel slack", "GREENLIT_NOTIFY_SLACK_URL")];
    let root = Some(PINNED.to_owned());
    Surroundings {
        trusted: "main".to_owned(),
        needs: Some(needs),
        channels,
        root,
        reviews: false,
        mentions: false,
        understands,
    }
}

/// The commands and options that are used here; all of them knows the command line alone.
fn understands(words: &[String]) -> Result<(), Misuse> {
    const COMMANDS: [&str; 13] = [
        "check", "ci", "comment", "doctor", "drift", "notify", "plan", "preview", "publish", "record", "review",
        "status", "trust",
    ];
    const OPTIONS: [&str; 12] = [
        "--account",
        "--changed",
        "--dry-run",
        "--fetch",
        "--folder",
        "--format",
        "--here",
        "--open",
        "--root",
        "--trust-tip",
        "--watch",
        "--within",
    ];
    let mut bad = words.iter().filter(|word| match word.split('=').next().unwrap_or_default() {
        option if option.starts_with("--") => !OPTIONS.contains(&option),
        "githb" | "20" => true,
        _ => false,
    });
    let command = super::workflow::subcommand(words);
    match bad.next().map(String::as_str).or(command.filter(|command| !COMMANDS.contains(command))) {
        Some(word) => Err(Misuse { message: format!("nobody knows {word}"), help: None }),
        None => Ok(()),
    }
}

/// The files that greenlit writes for a forge.
fn written(forge: Forge) -> Vec<(String, String)> {
    written_where(forge, false)
}

/// The same where reviews count.
fn written_where(forge: Forge, reviews: bool) -> Vec<(String, String)> {
    let program = Program::new("https://forge.example/acme/greenlit", COMMIT).unwrap();
    let around = around();
    let needs = around.needs.as_deref().unwrap_or_default();
    let (trusted, remote, channels) = ("main", "origin", &around.channels);
    let setup = Setup { forge, trusted, remote, program: &program, needs, channels, reviews, mentions: false };
    files(&setup).into_iter().map(|(path, text)| (path.to_owned(), text)).collect()
}

/// What is found in these files and nothing else.
fn diagnosis(files: &[(String, String)]) -> Diagnosis {
    let memory = files.iter().fold(MemoryFiles::default(), |memory, (path, text)| memory.with(path, text));
    diagnose(&memory, &around())
}

/// The same without remarks on what is missing beside them.
fn look(files: &[(String, String)]) -> Vec<Finding> {
    let beside = ["ci/no-check", "ci/no-notify"];
    diagnosis(files).found.into_iter().filter(|finding| !beside.contains(&finding.code)).collect()
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// What is found when these words stand in place of others in one of the files, and the words that are marked.
#[track_caller]
fn planted(forge: Forge, file: &str, changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let mut files = written(forge);
    let (_, text) = files.iter_mut().find(|(path, _)| path.contains(file)).expect("the file is there");
    for (from, to) in changes {
        assert!(text.contains(from), "{from:?} stands in {file}:\n{text}");
        *text = text.replacen(from, to, 1);
    }
    let hints = if forge == Forge::Gitlab { 1 } else { 0 };
    let found = look(&files);
    let told = found.iter().filter(|finding| finding.code != "ci/unseen");
    assert!(found.len() - told.clone().count() <= hints);
    told.map(|finding| (finding.code, finding.source.text[finding.span.clone()].to_owned())).collect()
}
