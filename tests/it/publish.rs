//! `greenlit publish`: once and only once, whoever runs it, and what it says of what it did not send.

use std::io::{Read, Write};
use std::net::TcpListener;

use greenlit::git::SecretKey;

use crate::newsroom::{Desk, Newsroom, WORKSPACE, email};

/// Maya writes a post for both outboxes, Noor says yes.
pub fn with_hello() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\ntitle: Hello\nto: [outbox/site, outbox/status]\n---\nHello, world.\n");
    maya.commit("Say hello").push();
    approve(&newsroom, "hello");
    newsroom
}

/// Noor approves all that the plan has of a post.
pub fn approve(newsroom: &Newsroom, post: &str) {
    let noor = newsroom.as_person("noor");
    let plan = noor.greenlit(["plan", "--fetch", post, "--format", "json"]).json();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let line = |delivery: &serde_json::Value| {
        let [account, digest, due] = ["account", "digest", "due"].map(|key| text(&delivery[key]));
        format!("Greenlit-Approve: {post} {account} {digest} at {due}\n")
    };
    let lines: String = plan["deliveries"].as_array().expect("deliveries").iter().map(line).collect();
    let message = format!(
        "Approve {post} for editor\n\nGreenlit-Workspace: {WORKSPACE}\nGreenlit-Policy: {}\nGreenlit-Stage: editor\n{lines}\
         Signed-off-by: Noor Haddad <{}>\n",
        text(&plan["trusted"]),
        email("noor")
    );
    let parent = noor.try_git(["rev-parse", "--verify", "-q", "origin/greenlit/approvals"]).unwrap_or_default();
    let tree = noor.git(["mktree"]);
    let mut arguments = vec!["commit-tree", tree.trim(), "-m", &message];
    if !parent.is_empty() {
        arguments.extend(["-p", parent.trim()]);
    }
    let unsigned = noor.git(arguments);
    let commit = noor.git(["cat-file", "commit", unsigned.trim()]);
    let signed = SecretKey::from_seed([1; 32]).sign_commit(commit.as_bytes()).expect("a signature");
    let commit = noor.object("commit", &signed);
    noor.git(["push", "-q", "origin", &format!("{commit}:refs/heads/greenlit/approvals")]);
}

fn ledger(desk: &Desk<'_>) -> Vec<String> {
    desk.git(["fetch", "-q", "origin"]);
    desk.git(["log", "--reverse", "--format=%s", "origin/greenlit/ledger"]).lines().map(str::to_owned).collect()
}

#[test]
fn what_is_approved_goes_out_once_with_two_pushes() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    let said = runner.greenlit(["publish"]);
    said.succeeds().shows("Published 2 deliveries").shows("✓ outbox/site").shows("✓ outbox/status");
    said.complains("outbox/site: hello: published");
    assert!(runner.has("public/index.html") && runner.has("status/index.html"));
    assert_eq!(ledger(&runner), ["Begin the ledger", "Claim 2 deliveries, see 1 decision", "Record 2 deliveries"]);

    runner.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    let other = newsroom.runner();
    other.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    assert_eq!(ledger(&other).len(), 3, "and nothing is seen or claimed");
    assert!(other.read("public/index.html").contains("Hello, world."), "a fresh clone gets its site back");
}

#[test]
fn programs_are_told_the_same() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    let plan = runner.greenlit(["plan", "--format", "json"]).json();
    let report = runner.greenlit(["publish", "--format", "json"]).succeeds().json();
    assert_eq!((&report["version"], &report["trusted"]), (&1.into(), &plan["trusted"]));
    for (sent, planned) in report["deliveries"].as_array().unwrap().iter().zip(plan["deliveries"].as_array().unwrap()) {
        assert_eq!(sent["result"], "published");
        assert_eq!(sent["digest"], planned["digest"], "what was planned is what went out");
        assert!(sent["parts"][0]["id"].is_string());
    }
}

#[test]
fn a_dry_run_is_the_plan() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    let plan = runner.greenlit(["plan"]);
    let dry = runner.greenlit(["publish", "--dry-run"]);
    assert_eq!((&dry.stdout, dry.exit), (&plan.stdout, plan.exit));
    assert_eq!(ledger(&runner), ["Begin the ledger"]);
}

#[test]
fn one_account_can_go_first() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    runner.greenlit(["publish", "--account", "outbox/nowhere"]).exits(2).complains("outbox/site, outbox/status");
    runner.greenlit(["publish", "--account", "outbox/site"]).succeeds().shows("Published 1 delivery");
    assert!(runner.has("public/index.html") && !runner.has("status"));
    runner.greenlit(["publish"]).succeeds().shows("Published 1 delivery").shows("outbox/status");
}

#[test]
fn what_waits_for_people_is_no_fault_and_what_is_broken_holds_up_nobody() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.write("posts/later.md", "---\nto: [outbox/site]\n---\nNobody has read this.\n").commit("Draft").push();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 2 deliveries");

    maya.write("posts/more.md", "---\nto: [outbox/site]\n---\nMore.\n").commit("More").push();
    approve(&newsroom, "more");
    maya.write("posts/oops.md", "---\nto: [outbox/site]\nlabls: [x]\n---\nOops.\n").commit("Oops").push();
    let said = newsroom.runner().greenlit(["publish"]);
    said.exits(1).shows("Published 1 delivery").shows("posts/oops.md").shows("greenlit check");
}

#[test]
fn without_a_remote_the_local_branches_do() {
    let newsroom = with_hello();
    let noor = newsroom.as_person("noor");
    noor.pull();
    noor.git(["fetch", "-q", "origin"]);
    for branch in ["greenlit/approvals", "greenlit/ledger"] {
        noor.git(["update-ref", &format!("refs/heads/{branch}"), &format!("refs/remotes/origin/{branch}")]);
    }
    noor.git(["remote", "remove", "origin"]);
    noor.greenlit(["publish"]).succeeds().shows("Published 2 deliveries");
    assert_eq!(noor.git(["rev-list", "--count", "greenlit/ledger"]).trim(), "3");
    noor.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

/// Commits to the ledger as somebody with push rights might: `change` works in a folder with its files.
pub fn tamper(newsroom: &Newsroom, change: impl Fn(&Desk<'_>)) {
    let mallory = newsroom.as_person("mallory");
    mallory.git(["fetch", "-q", "origin"]);
    mallory.git(["checkout", "-q", "-B", "tampered", "origin/greenlit/ledger"]);
    change(&mallory);
    mallory.commit("Tidy up");
    mallory.git(["push", "-q", "origin", "HEAD:refs/heads/greenlit/ledger"]);
}

#[test]
fn rubbish_among_the_marks_of_the_ledger_is_told_and_holds_up_nobody() {
    let newsroom = with_hello();
    tamper(&newsroom, |mallory| {
        mallory
            .write("open/notes.txt", b"\xff\0")
            .write("open/folder/file", "{}")
            .write("open/huge", vec![b'['; 9_000]);
    });
    let runner = newsroom.runner();
    runner.greenlit(["plan"]).exits(1).shows("open/notes.txt on greenlit/ledger names no delivery");
    let said = runner.greenlit(["publish"]);
    said.exits(1).shows("Published 2 deliveries").shows("open/folder").shows("open/huge");
    tamper(&newsroom, |mallory| {
        mallory.git(["rm", "-q", "-r", "open"]);
    });
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

/// A server that says no, and says it with every secret that it was sent.
fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut chunk) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&chunk[..count]),
                }
            }
            let said = serde_json::json!({ "error": String::from_utf8_lossy(&request) }).to_string();
            let length = said.len();
            let _ = write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{said}"
            );
        }
    });
    origin
}

#[test]
fn no_secret_is_ever_shown() {
    const TOKEN: &str = "s3cret-T0ken/with+signs==";
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let account = format!("\n[accounts.\"mastodon/acme\"]\nserver = \"{}\"\nhandle = \"acme\"\n", parrot());
    maya.edit("greenlit.toml", "\n[accounts.\"outbox/status\"]", &format!("{account}\n[accounts.\"outbox/status\"]"));
    maya.write("posts/hello.md", "---\nto: [mastodon/acme, outbox/site]\n---\nHello.\n").commit("Hello").push();
    newsroom.pin();
    approve(&newsroom, "hello");

    let without = newsroom.runner().greenlit(["publish", "--account", "mastodon/acme"]);
    without.exits(4).shows("GREENLIT_MASTODON_ACME_TOKEN");
    for arguments in [vec!["publish", "-vv"], vec!["publish", "-vv", "--format", "json"]] {
        let runner = newsroom.runner().env("GREENLIT_MASTODON_ACME_TOKEN", TOKEN);
        let said = runner.greenlit(arguments);
        said.exits(4).shows("mastodon/acme").hides(TOKEN).hides("s3cret").hides("czNjcmV0");
        assert!(said.stderr.contains("401"), "{said}");
    }
}

#[test]
fn a_claim_made_before_the_handle_changed_is_not_sent_as_somebody_else() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.pull().edit("greenlit.toml", "path = \"public\"", "path = \"elsewhere\"").commit("Move the site").push();
    maya.greenlit(["approve", "--policy"]).succeeds().shows("It is in force now.");
    let said = newsroom.runner().greenlit(["publish"]);
    said.succeeds().shows("Published 1 delivery").shows("outbox/status").hides("✓ outbox/site");
}
