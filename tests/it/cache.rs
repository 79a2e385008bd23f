//! The cache: the same answers, sooner. Whatever becomes of it, no answer changes.

use std::fs;
use std::path::PathBuf;

use crate::newsroom::{Desk, Newsroom};
use crate::status::{LI, busy, decide};

fn cache(desk: &Desk<'_>) -> PathBuf {
    desk.path().join(".git/greenlit/cache")
}

fn told(desk: &Desk<'_>) -> String {
    let said = desk.greenlit(["status", "--all", "--format", "json"]);
    assert!(said.exit <= 1, "{}", said.stderr);
    said.stdout
}

/// What status says without a cache.
fn afresh(desk: &Desk<'_>) -> String {
    if cache(desk).exists() {
        fs::remove_dir_all(cache(desk)).expect("the cache may be deleted at any time");
    }
    told(desk)
}

#[test]
fn a_cache_that_is_broken_cut_or_tampered_with_changes_no_answer() {
    let newsroom = busy();
    newsroom.runner().greenlit(["publish"]);
    let tess = newsroom.as_person("tess");
    tess.greenlit(["status", "--fetch"]);
    let fresh = afresh(&tess);
    assert_eq!(told(&tess), fresh);
    let files: Vec<PathBuf> = fs::read_dir(cache(&tess)).expect("a cache").map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 6, "{files:?}");
    for (at, file) in files.iter().enumerate() {
        let whole = fs::read(file).unwrap();
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            bytes
        };
        let other = fs::read(&files[(at + 1) % files.len()]).unwrap();
        let half = whole[..whole.len() / 2].to_vec();
        for bytes in [flipped(15), flipped(70), flipped(whole.len() / 2), flipped(whole.len() - 1), other, half] {
            fs::write(file, bytes).unwrap();
            assert_eq!(told(&tess), fresh, "{}", file.display());
        }
        fs::remove_file(file).unwrap();
        fs::create_dir(file).unwrap();
        assert_eq!(told(&tess), fresh, "{}", file.display());
        fs::remove_dir(file).unwrap();
    }
}

#[test]
fn whatever_changes_is_seen_at_once() {
    let newsroom = busy();
    let maya = newsroom.as_person("maya");
    maya.write("posts/new.md", "---\nto: [outbox/site]\n---\nNew.\n").commit("Write").push();
    assert_eq!(told(&maya), afresh(&maya));
    let check = |what: &str| {
        let remembered = told(&maya);
        assert_eq!(remembered, afresh(&maya), "{what}");
        remembered
    };
    let mut before = check("nothing changed");
    type Step<'a> = (&'a str, &'a dyn Fn());
    let share = |desk: &Desk<'_>| {
        desk.commit("Change").push();
    };
    let steps: [Step<'_>; 7] = [
        ("an edit", &|| share(maya.edit("posts/new.md", "New.", "Newer."))),
        ("a decision", &|| {
            decide(&newsroom.as_person("li"), LI, "Greenlit-Reject: new\n");
        }),
        ("a twin", &|| share(maya.write("posts/b/new.md", "---\nto: [outbox/site]\n---\nTwin.\n"))),
        ("no twin", &|| share(maya.remove("posts/b/new.md"))),
        ("settings", &|| share(maya.edit("greenlit.toml", "path = \"status\"", "path = \"other\""))),
        ("an edit under settings that wait", &|| share(maya.edit("posts/new.md", "Newer.", "Newest."))),
        ("settings put back", &|| share(maya.edit("greenlit.toml", "path = \"other\"", "path = \"status\""))),
    ];
    for (what, step) in steps {
        step();
        maya.git(["fetch", "-q"]);
        let now = check(what);
        assert_ne!(now, before, "{what}");
        before = now;
    }
}

#[test]
fn what_decides_or_sends_never_touches_it() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n").commit("Say hello").push();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["approve", "hello"]);
    let runner = newsroom.runner();
    runner.greenlit(["publish"]);
    assert!(!cache(&noor).exists() && !cache(&runner).exists());
    noor.greenlit(["status"]);
    assert!(cache(&noor).exists());
}
