//! Threats 4, 13, 24 to 26, 39: what the repository itself may be made to say.

use std::fs;
use std::path::Path;

use super::{HELLO, PNG, li_approves, standing, with_hello};
use crate::newsroom::private_key;
use crate::publish::{tamper, with_hello as with_two_deliveries};
use crate::status::{LI, approval, decide};

/// Signs bytes with Li's key, whatever they are.
fn armor(bytes: &[u8]) -> String {
    let key = private_key("li").expect("a key");
    let signature = key.sign("git", ssh_key::HashAlg::Sha512, bytes).expect("a signature");
    signature.to_pem(ssh_key::LineEnding::LF).expect("an armor").trim_end().replace('\n', "\n ")
}

fn with_header(commit: &str, header: &str) -> String {
    let (headers, message) = commit.split_once("\n\n").expect("a message");
    format!("{headers}\n{header}\n\n{message}")
}

/// Each of these commits is Li's own yes, signed with Li's own key over all that stands there, in a form that programs read
/// in different ways. All of them together, with an empty commit on top, are no yes.
#[test]
fn t04_headers_and_armor_that_programs_read_in_different_ways() {
    let newsroom = with_hello();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "hello", "editor");
    let honest = decide(&li, LI, &yes);
    let signed = li.git(["cat-file", "commit", &honest]);
    let unsigned = {
        let (headers, message) = signed.split_once("\n\n").expect("a message");
        let headers: Vec<_> = headers.lines().take_while(|line| !line.starts_with("gpgsig")).collect();
        format!("{}\n\n{message}", headers.join("\n"))
    };
    let sign = |commit: &str| with_header(commit, &format!("gpgsig {}", armor(commit.as_bytes())));
    let gpgsig = format!("gpgsig {}", armor(unsigned.as_bytes()));
    let tricks = [
        (sign(&with_header(&unsigned, "committer Noor Haddad <noor@acme.example> 1 +0000")), "more than once"),
        (sign(&with_header(&unsigned, "author Noor Haddad <noor@acme.example> 1 +0000")), "more than once"),
        (sign(&with_header(&unsigned, "encoding UTF-7")), "another encoding"),
        (sign(&format!("{unsigned}\0Greenlit-Stage: legal\n")), "NUL"),
        (with_header(&unsigned, &format!("{gpgsig}\n{gpgsig}")), "more than once"),
        (with_header(&unsigned, &gpgsig.replace("gpgsig -", "gpgsig Hello\n -")), "no SSH signature"),
        (with_header(&unsigned, &format!("{gpgsig}\n Goodbye")), "armor is malformed"),
        (unsigned.replacen("\n\nDecide\n", &format!("\n\nDecide\n\n{gpgsig}\n"), 1), "signature is missing"),
    ];
    let mut tip = String::new();
    for (trick, _) in &tricks {
        let commit = li.object("commit", trick.as_bytes());
        let tree = li.git(["mktree"]);
        let parents: Vec<&str> = [tip.as_str(), commit.as_str()].into_iter().filter(|id| !id.is_empty()).collect();
        let mut arguments = vec!["commit-tree", tree.trim(), "-m", "Join"];
        arguments.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        tip = li.git(arguments).trim().to_owned();
    }
    li.git(["push", "-q", "--force", "origin", &format!("{tip}:refs/heads/greenlit/approvals")]);
    let runner = newsroom.runner();
    assert_eq!(standing(&runner, "hello"), "waiting");
    let plan = runner.greenlit(["plan"]).exits(1).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for (_, why) in tricks {
        assert!(plan.contains(why), "no {why:?} in {plan}");
    }

    li.git(["push", "-q", "--force", "origin", &format!("{honest}:refs/heads/greenlit/approvals")]);
    assert_eq!(standing(&newsroom.runner(), "hello"), "ready");
}

/// What filters and line ends make of a file in one person's folder is not what goes out.
#[test]
fn t13_filters_that_show_another_text() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.write(".gitattributes", "*.md text eol=crlf filter=lie\n").commit("Set attributes").push();
    let li = newsroom.as_person("li");
    for (name, command) in [("smudge", "sed s/world/moon/"), ("clean", "sed s/moon/world/")] {
        li.git(["config", &format!("filter.lie.{name}"), command]);
    }
    li.pull();
    fs::remove_file(li.path().join("posts/hello.md")).expect("the post");
    li.git(["checkout", "-q", "--", "posts"]);
    assert!(li.read("posts/hello.md").contains("Hello, moon.\r\n"), "the filter is at work");
    li.greenlit(["approve", "hello", "--ref", "origin/main"]).succeeds().shows("Hello, world.").hides("moon");
    assert_eq!(standing(&newsroom.runner(), "hello"), "ready");

    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let post = HELLO.replace("---\nHello", "media: [{ file: assets/a.png, alt: A leaf }]\n---\nHello");
    maya.write("assets/a.png", pointer).write("posts/leaf.md", post).commit("Add a picture").push();
    newsroom.runner().greenlit(["plan", "leaf"]).exits(1).shows("git-lfs pointer");
    maya.write("assets/a.png", PNG).commit("Add the picture itself").push();
    assert_eq!(standing(&newsroom.runner(), "leaf"), "waiting");
}

#[test]
fn t24_replace_refs_and_grafts() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let runner = newsroom.runner();
    let root = runner.git(["rev-list", "--max-parents=0", "main"]);
    let tip = runner.commit_id("main");
    for packed in [false, true] {
        runner.git(["replace", &tip, root.trim()]);
        if packed {
            runner.git(["pack-refs", "--all"]);
        }
        runner.greenlit(["plan"]).exits(3).complains("replace refs").complains("git replace -d");
        runner.greenlit(["publish"]).exits(3).complains("replace refs");
        runner.git(["replace", "-d", &tip]);
    }
    fs::create_dir_all(runner.path().join(".git/info")).expect("a folder");
    runner.write(".git/info/grafts", format!("{tip}\n"));
    runner.greenlit(["publish"]).exits(3).complains("grafts").complains(".git/info/grafts");
    runner.remove(".git/info/grafts");
    assert_eq!(standing(&runner, "hello"), "ready");
}

#[test]
fn t25_history_that_is_not_whole() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let desk = newsroom.at_folder("noor", "shallow");
    let url = format!("file://{}", newsroom.remote().display());
    desk.git(["clone", "-q", "--depth", "1", "--no-single-branch", &url, "."]);
    desk.greenlit(["plan"]).exits(3).complains("fetch-depth: 0");
    desk.greenlit(["publish"]).exits(3).complains("fetch-depth: 0");

    // Objects that are gone: a commit of the history, a decision, a post. (Publish would fetch the first two again.)
    let runner = newsroom.runner();
    for (name, exit) in [("main~1", 3), ("origin/greenlit/approvals", 3), ("main:posts/hello.md", 1)] {
        let id = runner.commit_id(name);
        let object = runner.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
        let away = runner.path().join("away");
        fs::rename(&object, &away).unwrap_or_else(|error| panic!("{name}: {error}"));
        runner.greenlit(["plan"]).exits(exit).hides("Publish would do now");
        fs::rename(&away, &object).expect("the object");
    }
    assert_eq!(standing(&runner, "hello"), "ready");
    desk.git(["fetch", "-q", "--unshallow"]);
    assert_eq!(standing(&desk, "hello"), "ready");
}

#[test]
fn t26_a_ledger_that_is_not_the_pinned_one_stops_everything() {
    let newsroom = with_two_deliveries();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds();
    let maya = newsroom.as_person("maya");
    maya.git(["fetch", "-q", "origin"]);

    // Rolled back: every clone that saw more refuses, and so does one that was made just now.
    let root = maya.git(["rev-list", "--max-parents=0", "origin/greenlit/ledger"]);
    let whole = maya.commit_id("origin/greenlit/ledger");
    let remote = newsroom.remote().display().to_string();
    maya.git(["push", "-q", "--force", &remote, &format!("{}:refs/heads/greenlit/ledger", root.trim())]);
    let back = format!("git push origin {whole:.12}:refs/heads/greenlit/ledger");
    runner.greenlit(["publish"]).exits(3).complains("rewritten").complains(&back);
    newsroom.runner().greenlit(["publish"]).exits(3).complains("was rolled back").complains(&back);

    // Deleted: a fresh clone does not begin a new one.
    maya.git(["push", "-q", &remote, ":refs/heads/greenlit/ledger"]);
    newsroom.runner().greenlit(["publish"]).exits(3).complains("is gone from origin").complains(&back);

    // Begun anew.
    let tree = maya.git(["mktree"]);
    let anew = maya.git(["commit-tree", tree.trim(), "-m", "A new ledger"]);
    maya.git(["push", "-q", &remote, &format!("{}:refs/heads/greenlit/ledger", anew.trim())]);
    newsroom
        .runner()
        .greenlit(["publish"])
        .exits(3)
        .complains("does not begin with the commit that greenlit.toml pins");

    maya.git(["push", "-q", "--force", &remote, &format!("{whole}:refs/heads/greenlit/ledger")]);
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

#[test]
fn t26_receipts_taken_off_the_ledger_do_not_send_a_post_again() {
    let newsroom = with_two_deliveries();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 2 deliveries");
    tamper(&newsroom, |mallory| {
        mallory.git(["rm", "-q", "-r", "deliveries"]);
        mallory.write("deliveries", "nothing to see");
    });
    let runner = newsroom.runner();
    runner.greenlit(["plan"]).exits(1).shows("took away or changed").hides("Publish would do now");
    runner.greenlit(["publish"]).exits(1).hides("Published");
    tamper(&newsroom, |mallory| {
        mallory.git(["revert", "--no-commit", "HEAD"]);
    });
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

/// Programs that a repository can name, and places that the environment can: none of them is run or looked at.
#[cfg(unix)]
#[test]
fn t39_hooks_monitors_and_a_hostile_environment() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let runner = newsroom.runner();
    let trap = runner.path().join("trap");
    let sprung = runner.path().join("sprung");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0\" >> '{}'\n", sprung.display())).expect("a script");
    executable(&trap);
    for hook in
        ["pre-push", "reference-transaction", "post-checkout", "post-index-change", "fsmonitor-watchman", "pre-auto-gc"]
    {
        let hook = runner.path().join(".git/hooks").join(hook);
        fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
        fs::copy(&trap, hook).expect("a hook");
    }
    let program = trap.display().to_string();
    for name in ["core.fsmonitor", "core.pager", "core.editor", "diff.external", "sequence.editor", "gpg.program"] {
        runner.git(["config", name, &program]);
    }
    runner.git(["config", "gc.auto", "1"]);
    let _ = runner.try_git(["status"]);
    assert!(sprung.exists(), "git itself runs them");
    fs::remove_file(&sprung).expect("the trace");

    let elsewhere = newsroom.at_folder("mallory", "elsewhere");
    elsewhere.git(["init", "-q"]);
    let elsewhere = elsewhere.path().join(".git").display().to_string();
    let mut hostile = runner.clone();
    for name in
        ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_NAMESPACE"]
    {
        hostile = hostile.env(name, &elsewhere);
    }
    for name in ["GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR"] {
        hostile = hostile.env(name, &program);
    }
    let hostile = hostile.env("GIT_CONFIG_PARAMETERS", &format!("'core.fsmonitor={program}'"));
    assert_eq!(standing(&hostile, "hello"), "ready");
    hostile.greenlit(["publish"]).hides("elsewhere");
    assert!(!sprung.exists(), "{}", fs::read_to_string(&sprung).unwrap_or_default());
}

/// Whoever owns a folder chooses its settings, and with them programs that run as whoever works there.
#[cfg(unix)]
#[test]
fn t39_a_repository_of_another_user() {
    let newsroom = with_hello();
    let noor = newsroom.as_person("noor");
    assert_eq!(standing(&noor, "hello"), "waiting");
    let give_away = |owner| {
        std::os::unix::fs::lchown(noor.path(), Some(owner), None)
            .and_then(|()| std::os::unix::fs::lchown(noor.path().join(".git"), Some(owner), None))
    };
    // Only root can give a folder away; for everybody else there is nothing to try.
    if give_away(12_345).is_err() {
        return;
    }
    noor.greenlit(["plan"]).exits(3).complains("belongs to another user").complains("safe.directory");
    noor.git(["config", "--global", "--add", "safe.directory", &noor.path().display().to_string()]);
    assert_eq!(standing(&noor, "hello"), "waiting", "said to be safe by the person");
}

#[cfg(unix)]
fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("permissions");
}
