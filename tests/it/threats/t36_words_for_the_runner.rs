//! T36: what stands in a post, a reason or a name is a command of whoever runs the job, or of the terminal.

use super::{li_approves, standing};
use crate::newsroom::{Newsroom, Said};

/// Commands of GitHub's runner and of Azure's, which GitHub's understands.
const COMMANDS: &str = "::set-output name=a::b ##[error]no ##vso[task.setvariable]x";
/// Commands of terminals.
const TERMINAL: &str = "\u{1b}]0;title\u{7} \u{1b}[2Jgone \u{9b}31m";

fn hostile(more: &str) -> String {
    let front = "title: \"::add-mask::Hello ##[group]x\"\nto: [outbox/site]\n";
    format!("---\n{front}---\n::error file=x::Hello {COMMANDS} {more}\n\n   ::add-mask::world\n")
}

/// No line of it is a command, but for those that greenlit gives where it was told to.
#[track_caller]
fn says_nothing_to_the_runner(said: &Said, own: &[&str]) {
    for text in [&said.stdout, &said.stderr] {
        for line in text.lines() {
            let line = line.trim_start();
            let is_own = own.iter().any(|own| line.starts_with(own));
            assert!(is_own || !line.starts_with("::"), "{line}");
            assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
        }
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r']), "{text:?}");
    }
}

#[test]
fn t36_no_command_in_a_post_a_name_or_a_reason_reaches_the_runner() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/bad.md", hostile("")).write("posts/worse.md", hostile(TERMINAL));
    maya.write("posts/##[x].md", format!("---\n::x {COMMANDS}: [\n---\n::y\n"));
    maya.commit("::warning::Say it ##[error]x").push();
    let li = newsroom.as_person("li");
    li.pull();
    li.greenlit(["comment", "bad", "-m", &format!("::debug::well {COMMANDS}")]).succeeds();
    li.greenlit(["hold", "bad", "-m", "::error::held ##[command]rm"]).succeeds();
    let job = newsroom.runner().env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "schedule");
    for arguments in [
        &["status", "--all"][..],
        &["status", "--all", "--format", "json"],
        &["check"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["check", "--format", "junit"],
        &["check", "--format", "rdjson"],
        &["plan"],
        &["plan", "--format", "json"],
        &["preview", "bad"],
        &["preview", "bad", "--format", "json"],
        &["log", "bad"],
        &["log", "bad", "--format", "json"],
        &["todo"],
        &["publish"],
        &["review", "comment", "--print"],
        &["notify", "--dry-run"],
    ] {
        let said = job.greenlit(arguments);
        assert!(!said.stdout.is_empty() || !said.stderr.is_empty(), "{arguments:?}");
        says_nothing_to_the_runner(&said, &[]);
    }
    let said = job.greenlit(["check", "--format", "github"]);
    says_nothing_to_the_runner(&said, &["::error file=posts/", "::warning file=posts/", "::notice file=posts/"]);

    // The same words, where they do nothing, go out as they are.
    let honest =
        "---\nto: [outbox/site]\n---\nUse std::mem::swap, ::before and C++'s std::cout in #[derive] ##headings.\n";
    maya.write("posts/good.md", honest)
        .remove("posts/##[x].md")
        .remove("posts/worse.md")
        .commit("Say something of code")
        .push();
    li_approves(&newsroom, "good");
    assert_eq!(standing(&newsroom.runner(), "good"), "ready");
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds();
    assert!(runner.read("public/posts/good.html").contains("Use std::mem::swap, ::before and C++"));
}
