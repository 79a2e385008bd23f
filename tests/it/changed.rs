//! `greenlit check --changed BASE`: what a branch changed, and what depends on it.

use std::collections::BTreeSet;

use crate::newsroom::{Desk, Newsroom};

const BAD: &str = "---\nto: outbox/site\n---\nXXX\n";

/// The files of what is found.
fn files(desk: &Desk<'_>, arguments: &[&str]) -> Vec<String> {
    let report = desk.greenlit(["check", "--format", "json"].iter().chain(arguments)).json();
    let findings = report["findings"].as_array().expect("findings");
    let files: BTreeSet<String> =
        findings.iter().map(|finding| finding["file"].as_str().expect("a file").to_owned()).collect();
    files.into_iter().collect()
}

/// A workspace in which each post has a fault, with a branch of its own.
fn branched(newsroom: &Newsroom) -> Desk<'_> {
    let maya = newsroom.as_person("maya");
    for name in ["committed", "staged", "unstaged", "same"] {
        maya.write(&format!("posts/{name}.md"), BAD);
    }
    maya.write("assets/leaf.png", "no picture")
        .write("posts/uses.md", BAD.replace("---\nXXX", "media: [{file: assets/leaf.png, alt: A leaf}]\n---\nXXX"))
        .commit("Write")
        .push();
    maya.git(["checkout", "-q", "-b", "work"]);
    maya
}

#[test]
fn what_differs_is_told_however_it_was_changed() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    assert_eq!(files(&maya, &["--changed", "origin/main"]), Vec::<String>::new());
    maya.greenlit(["check", "--changed", "origin/main"]).succeeds().shows("what differs from origin/main: 0 posts.");
    maya.write("posts/committed.md", BAD.replace("XXX", "TBD")).commit("Change");
    maya.write("posts/staged.md", BAD.replace("XXX", "TBD")).git(["add", "-A"]);
    maya.write("posts/unstaged.md", BAD.replace("XXX", "TBD")).write("posts/untracked.md", BAD);
    let expected = ["posts/committed.md", "posts/staged.md", "posts/unstaged.md", "posts/untracked.md"];
    assert_eq!(files(&maya, &["--changed", "origin/main"]), expected);
    assert_eq!(files(&maya, &["--changed", "HEAD"]), expected[1..], "what was committed is HEAD's");
    assert_eq!(files(&maya, &["--changed", "origin/main", "posts/staged.md"]), ["posts/staged.md"]);
    let inside = newsroom.at_folder("maya", "maya/posts");
    assert_eq!(files(&inside, &["--changed", "origin/main"]), expected);
    // What others push to the base meanwhile is not this branch's.
    let li = newsroom.as_person("li");
    li.write("posts/same.md", BAD.replace("XXX", "TBD")).commit("Change").push();
    maya.git(["fetch", "-q"]);
    assert_eq!(files(&maya, &["--changed", "origin/main"]), expected);
    assert!(files(&maya, &[]).contains(&"posts/same.md".to_owned()));
}

#[test]
fn what_depends_on_a_change_is_told_too() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    let all = files(&maya, &[]);
    maya.write("assets/leaf.png", "another");
    assert_eq!(files(&maya, &["--changed", "main"]), ["posts/uses.md"]);
    maya.remove("assets/leaf.png");
    assert_eq!(files(&maya, &["--changed", "main"]), ["posts/uses.md"], "also where it is gone");
    maya.git(["checkout", "-q", "assets"]);
    maya.write("posts/shows.md", BAD.replace("XXX", "XXX ![A tree](assets/tree.png)")).write("assets/tree.png", "x");
    maya.commit("Show a tree");
    maya.write("assets/tree.png", "another");
    assert_eq!(files(&maya, &["--changed", "HEAD"]), ["posts/shows.md"], "a picture in the text");
    maya.git(["reset", "-q", "--hard", "HEAD^"]);
    maya.write("posts/twin.md", BAD.replace("to:", "id: same\nto:"));
    assert_eq!(files(&maya, &["--changed", "main"]), ["posts/same.md", "posts/twin.md"], "an id is taken twice");
    maya.remove("posts/twin.md");
    for path in ["greenlit.toml", "roles.toml"] {
        maya.edit(path, "version = 1\n", "version = 1\n\n");
        assert_eq!(files(&maya, &["--changed", "main"]), all, "{path}");
        maya.git(["checkout", "-q", path]);
    }
    for path in ["style/words.txt", "styles/Acme/rule.txt", "calendar/note.txt"] {
        maya.write(path, "x");
        assert_eq!(files(&maya, &["--changed", "main"]), all, "{path}");
        maya.remove(path);
    }
}

#[test]
fn a_base_that_is_not_here_is_asked_for() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.greenlit(["check", "--changed=-x"]).exits(3).complains("is no name of a commit");
    maya.greenlit(["check", "--changed", "origin/nothing"]).exits(3).complains("`fetch-depth: 0`");
    let remote = format!("file://{}", newsroom.remote().display());
    maya.write("posts/later.md", BAD).commit("More");
    maya.git(["push", "-q", "origin", "work"]);
    newsroom.as_person("li").write("posts/li.md", BAD).commit("Else").push();
    let runner = newsroom.runner();
    runner.git(["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "work", &remote, "shallow"]);
    let shallow = newsroom.at_folder("runner", &format!("{}/shallow", runner.path().file_name().unwrap().display()));
    shallow.greenlit(["check", "--changed", "origin/main"]).exits(3).complains("`fetch-depth: 0`");
    shallow.git(["fetch", "-q", "--unshallow"]);
    assert_eq!(files(&shallow, &["--changed", "origin/main"]), ["posts/later.md"]);
    newsroom.at_folder("maya", "alone").write("greenlit.toml", "version = 1\n");
    let alone = newsroom.at_folder("maya", "alone");
    alone.greenlit(["check", "--changed", "main"]).exits(3).complains("is in no git repository");
}
