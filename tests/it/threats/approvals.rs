//! Threats 1 to 3, 5, 6, 9 to 12, 21 to 23: approvals that nobody gave, or not for this. Threats 8 and 19 are told
//! where decisions are judged, for a clock and a program need no repository.

use greenlit::git::SecretKey;

use super::{HELLO, PNG, li_approves, with_hello};
use crate::newsroom::{Desk, Newsroom, WORKSPACE, email, private_key};
use crate::status::{LI, MALLORY, NOOR, approval, decide};

/// A post must stand there, and its decision must say why.
#[track_caller]
fn stands(desk: &Desk<'_>, post: &str, standing: &str, why: &str) {
    let plan = desk.greenlit(["plan", "--fetch", "--format", "json"]).json();
    assert_eq!(super::standing_in(&plan, post), standing, "{plan:#}");
    assert!(plan.to_string().contains(why), "no {why:?} in {plan:#}");
}

/// A decision commit on top of the others, with any message, signed with a key made of this byte, if any.
fn push(desk: &Desk<'_>, message: &str, sign: impl Fn(&str) -> Vec<u8>) {
    desk.git(["fetch", "-q", "origin"]);
    let parent = desk.try_git(["rev-parse", "--verify", "-q", "origin/greenlit/approvals"]).ok();
    let tree = desk.git(["mktree"]);
    let mut arguments = vec!["commit-tree", tree.trim(), "-m", message];
    arguments.extend(parent.iter().flat_map(|parent| ["-p", parent.trim()]));
    let unsigned = desk.git(arguments);
    let commit = desk.object("commit", &sign(&desk.git(["cat-file", "commit", unsigned.trim()])));
    desk.git(["push", "-q", "origin", &format!("{commit}:refs/heads/greenlit/approvals")]);
}

fn unsigned(commit: &str) -> Vec<u8> {
    commit.as_bytes().to_vec()
}

fn message(desk: &Desk<'_>, workspace: &str, trailers: &str, signed_off: &str) -> String {
    let policy = desk.commit_id("origin/main");
    format!(
        "Decide\n\nGreenlit-Workspace: {workspace}\nGreenlit-Policy: {policy}\n{trailers}Signed-off-by: {signed_off}\n"
    )
}

#[test]
fn t01_a_forged_sign_off() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "evidence = \"signed\"", "evidence = \"sign-off\"").commit("Trust each other").push();
    newsroom.pin();
    let mallory = newsroom.as_person("mallory");
    let yes = approval(&mallory, "hello", "editor");
    push(&mallory, &message(&mallory, WORKSPACE, &yes, "The CEO <noor@acme.example>"), unsigned);
    stands(&mallory, "hello", "waiting", "has no Signed-off-by of its committer, mallory@acme.example");
    let noor = newsroom.as_person("noor");
    push(&noor, &message(&noor, WORKSPACE, &yes, "Noor Haddad <noor@acme.example>"), unsigned);
    stands(&noor, "hello", "ready", "not authenticated");
    noor.greenlit(["plan"]).shows("Not authenticated");
}

#[test]
fn t02_a_forged_committer_and_a_mailmap() {
    let newsroom = with_hello();
    let mallory = newsroom.as_person("mallory").env("GIT_COMMITTER_NAME", "Noor Haddad");
    let mallory = mallory.env("GIT_COMMITTER_EMAIL", &email("noor")).env("GIT_AUTHOR_EMAIL", &email("noor"));
    let map = format!("Noor Haddad <{}> <{}>\n", email("noor"), email("mallory"));
    mallory.write(".mailmap", map).commit("Tidy names up").push();
    let yes = approval(&mallory, "hello", "editor");
    let text = message(&mallory, WORKSPACE, &yes, &format!("Noor Haddad <{}>", email("noor")));
    push(&mallory, &text, unsigned);
    stands(&mallory, "hello", "waiting", "signature is missing");
    decide(&mallory, MALLORY, &yes);
    stands(&mallory, "hello", "waiting", "signed by a key nobody in roles.toml owns");
    decide(&newsroom.as_person("noor"), NOOR, &yes);
    stands(&mallory, "hello", "ready", "Noor Haddad");
}

#[test]
fn t03_a_good_signature_with_an_unknown_key_or_for_something_else() {
    let newsroom = with_hello();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "hello", "editor");
    decide(&li, MALLORY, &yes);
    stands(&li, "hello", "waiting", "signed by a key nobody in roles.toml owns");
    let text = message(&li, WORKSPACE, &yes, &format!("Li Wei <{}>", email("li")));
    let signed = |namespace: &'static str| {
        move |commit: &str| {
            let key = private_key("li").expect("a key");
            let signature = key.sign(namespace, ssh_key::HashAlg::Sha512, commit.as_bytes()).expect("a signature");
            let armor = signature.to_pem(ssh_key::LineEnding::LF).expect("an armor");
            let (headers, message) = commit.split_once("\n\n").expect("a message");
            format!("{headers}\ngpgsig {}\n\n{message}", armor.trim_end().replace('\n', "\n ")).into_bytes()
        }
    };
    push(&li, &text, signed("file"));
    stands(&li, "hello", "waiting", "signature proves nothing");
    push(&li, &text, signed("git"));
    stands(&li, "hello", "ready", "Li Wei");
}

#[test]
fn t05_an_author_of_anything_that_goes_out_approves_it() {
    let newsroom = Newsroom::acme();
    let text = HELLO.replace("---\nHello", "media:\n  - file: assets/a.png\n    alt: A leaf\n---\nHello");
    newsroom.as_person("maya").write("posts/hello.md", text).write("assets/a.png", PNG).commit("Write").push();
    let li = newsroom.as_person("li");
    li.write("assets/a.png", [PNG, b"brighter"].concat()).commit("Brighten the picture").push();
    li_approves(&newsroom, "hello");
    stands(&li, "hello", "waiting", "is an author of this post");
    let noor = newsroom.as_person("noor");
    decide(&noor, NOOR, &approval(&noor, "hello", "editor"));
    stands(&li, "hello", "ready", "Noor Haddad");
}

#[test]
fn t06_one_person_two_keys() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    let (first, second) = (SecretKey::from_seed([2; 32]).public().0, SecretKey::from_seed([22; 32]).public().0);
    maya.edit("roles.toml", &format!("[\"{first}\"]"), &format!("[\"{first}\", \"{second}\"]"));
    maya.edit(
        "roles.toml",
        "name = \"default\"\nstages = [{ role = \"editor\" }]",
        "name = \"default\"\nstages = [{ role = \"editor\", needs = 2 }]",
    );
    maya.commit("Ask two").push();
    newsroom.pin();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "hello", "editor");
    decide(&li, LI, &yes);
    decide(&li, ("li", 22), &yes);
    stands(&li, "hello", "waiting", "has approved for editor already");
    stands(&li, "hello", "waiting", "1 of 2 approved");
    decide(&li, NOOR, &yes);
    stands(&li, "hello", "ready", "Noor Haddad");
}

#[test]
fn t09_an_approval_carried_to_another_post_or_workspace() {
    let newsroom = with_hello();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "hello", "editor");
    let li_signs = |commit: &str| SecretKey::from_seed([2; 32]).sign_commit(commit.as_bytes()).expect("a commit");
    let signed_off = format!("Li Wei <{}>", email("li"));
    push(&li, &message(&li, "another-workspace", &yes, &signed_off), li_signs);
    stands(&li, "hello", "waiting", "");
    decide(&li, LI, &yes);
    newsroom.as_person("maya").write("posts/copy.md", HELLO).commit("The same words elsewhere").push();
    stands(&li, "copy", "waiting", "");
    stands(&li, "hello", "ready", "Li Wei");
    // Even Li's own name for it, with the digest of the other post.
    decide(&li, LI, &yes.replace("hello", "copy"));
    stands(&li, "copy", "waiting", "approved an earlier version");
    li_approves(&newsroom, "copy");
    stands(&li, "copy", "ready", "Li Wei");
}

#[test]
fn t10_an_old_version_comes_back() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let maya = newsroom.as_person("maya");
    maya.edit("posts/hello.md", "world", "moon").commit("Another version").push();
    stands(&maya, "hello", "waiting", "approved an earlier version");
    maya.edit("posts/hello.md", "moon", "world").commit("The first version").push();
    stands(&maya, "hello", "ready", "Li Wei");
    newsroom.runner().greenlit(["publish"]).succeeds();
    maya.edit("posts/hello.md", "world", "moon").commit("Another version").push();
    stands(&maya, "hello", "changed", "");
    maya.edit("posts/hello.md", "moon", "world").commit("The first version").push();
    stands(&maya, "hello", "published", "");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

#[test]
fn t11_whatever_changes_what_goes_out_after_approval() {
    let newsroom = with_hello();
    // A change of greenlit.toml is in force at once.
    newsroom.unpin();
    li_approves(&newsroom, "hello");
    let maya = newsroom.as_person("maya");
    stands(&maya, "hello", "ready", "Li Wei");
    let changes = [
        ("posts/hello.md", "Hello, world.", "Hello, world!"),
        ("posts/hello.md", "to: [outbox/site]\n", "to: [outbox/site]\npublish_at: 2026-12-01 09:00\n"),
        ("posts/hello.md", "to: [outbox/site]", "to: [outbox/status]"),
        ("greenlit.toml", "path = \"public\"\n", "path = \"public\"\ntemplate = \"{{ text }} Bye.\"\n"),
    ];
    for (path, from, to) in changes {
        maya.edit(path, from, to).commit("Change it").push();
        stands(&maya, "hello", "waiting", "");
        maya.edit(path, to, from).commit("Change it back").push();
    }
    stands(&maya, "hello", "ready", "Li Wei");
}

#[test]
fn t12_other_media_at_the_same_path() {
    let newsroom = Newsroom::acme();
    let text = HELLO.replace("---\nHello", "media:\n  - file: assets/a.png\n    alt: A leaf\n---\nHello");
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", text).write("assets/a.png", PNG).commit("Write").push();
    li_approves(&newsroom, "hello");
    stands(&maya, "hello", "ready", "Li Wei");
    maya.write("assets/a.png", [PNG, b"!"].concat()).commit("One more byte").push();
    stands(&maya, "hello", "waiting", "approved an earlier version");
}

#[test]
fn t21_t22_what_history_does_to_a_post_keeps_its_approval_and_an_evil_merge_does_not() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let noor = newsroom.as_person("noor");
    let ways = ["squash", "rebase", "merge", "pick", "evil"];
    for way in ways {
        maya.git(["checkout", "-q", "-b", way, "main"]);
        let path = format!("posts/{way}.md");
        maya.write(&path, HELLO.replace("world", "moon")).commit("Draft").edit(&path, "moon", way).commit("Correct");
        maya.git(["push", "-q", "origin", way]);
    }
    maya.git(["checkout", "-q", "main"]);
    maya.write("notes.md", "Something else.\n").commit("Move on").push();
    noor.git(["fetch", "-q"]);
    for way in ways {
        noor.greenlit(["approve", way, "--ref", &format!("origin/{way}")]).succeeds();
    }
    maya.git(["merge", "-q", "--squash", "squash"]);
    maya.commit("Squash (#1)");
    maya.git(["rebase", "-q", "main", "rebase"]);
    maya.git(["checkout", "-q", "main"]);
    maya.git(["merge", "-q", "--ff-only", "rebase"]);
    maya.git(["merge", "-q", "--no-ff", "-m", "Merge", "merge"]);
    maya.git(["cherry-pick", "main..pick"]);
    maya.git(["merge", "-q", "--no-ff", "--no-commit", "evil"]);
    maya.edit("posts/evil.md", "Hello", "Goodbye").commit("Merge evil");
    maya.git(["push", "-q", "origin", "main"]);
    for way in ways {
        let standing = if way == "evil" { "waiting" } else { "ready" };
        stands(&noor, way, standing, if way == "evil" { "approved an earlier version" } else { "Noor Haddad" });
    }
}

#[test]
fn t23_a_hold_ended_by_who_may_not() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let li = newsroom.as_person("li");
    stands(&li, "hello", "ready", "Li Wei");
    let hold = decide(&li, NOOR, "Greenlit-Hold: everything\n");
    stands(&li, "hello", "held", "hold of everything by Noor Haddad");
    decide(&li, LI, &format!("Greenlit-Resume: {hold}\n"));
    decide(&li, MALLORY, &format!("Greenlit-Resume: {hold}\n"));
    stands(&li, "hello", "held", "did not make the hold and is no admin");
    decide(&li, ("maya", 4), &format!("Greenlit-Resume: {hold}\n"));
    stands(&li, "hello", "ready", "was resumed by Maya Lindqvist");
}
