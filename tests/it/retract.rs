//! `greenlit retract`: what is out is taken down, and what is not out never goes.

use crate::newsroom::{Desk, Newsroom};
use crate::publish::{tamper, with_hello};

fn published() -> Newsroom {
    let newsroom = with_hello();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 2 deliveries");
    newsroom
}

fn fetched<'n>(newsroom: &'n Newsroom, person: &str) -> Desk<'n> {
    let desk = newsroom.as_person(person);
    desk.git(["fetch", "-q", "origin"]);
    desk
}

#[test]
fn what_is_out_is_taken_down_by_the_next_run_and_everyone_knows() {
    let newsroom = published();
    let noor = fetched(&newsroom, "noor");
    noor.greenlit(["withdraw", "hello"]).exits(1).complains("take it down: `greenlit retract hello --reason WHY`");
    noor.greenlit(["reject", "hello", "-m", "No"]).exits(1).complains("greenlit retract hello --reason WHY");
    noor.greenlit(["retract", "hello"]).exits(2).complains("--reason");
    let said = noor.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "Wrong price", "--dry-run"]);
    said.succeeds().shows("hello → outbox/site: out since").shows("public/posts/hello.html").hides("outbox/status");
    noor.greenlit(["status"]).succeeds().hides("retract");
    let said = noor.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "Wrong price"]);
    said.succeeds()
        .shows("Asked to retract hello")
        .shows("pushed to origin")
        .shows("takes it down, and never sends it");
    let said = noor.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "Again"]);
    said.exits(1).complains("Noor Haddad asked already").complains("greenlit withdraw hello");
    let status = noor.greenlit(["status"]);
    status
        .succeeds()
        .shows("On the way")
        .shows("Noor Haddad asked to retract it (Wrong price)")
        .shows("greenlit publish");
    noor.greenlit(["plan"]).succeeds().shows("Publish would do now").shows("hello → outbox/site");

    let runner = newsroom.runner();
    let ledger = |desk: &Desk<'_>| desk.git(["rev-list", "--count", "origin/greenlit/ledger"]).trim().to_owned();
    let before: usize = ledger(&runner).parse().unwrap();
    let said = runner.greenlit(["publish"]);
    said.succeeds().shows("1 retracted").shows("taken down").complains("hello: taking it down").hides("outbox/status");
    assert_eq!(ledger(&runner).parse(), Ok(before + 1), "one push, with what was seen");
    assert!(!runner.has("public/posts/hello.html") && !runner.read("public/index.html").contains("Hello, world."));
    assert!(runner.has("status/posts/hello.html"), "the other account keeps it");
    runner.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    assert!(!runner.has("public/posts/hello.html"), "and it is not given back");

    let noor = fetched(&newsroom, "noor");
    noor.greenlit(["status", "--all"]).succeeds().shows("Retracted").shows("hello");
    noor.greenlit(["log", "hello"])
        .succeeds()
        .shows("Noor Haddad asked to retract it from outbox/site: Wrong")
        .shows("taken down from outbox/site");
    noor.greenlit(["prove", "hello", "--account", "outbox/site"]).succeeds().shows("It was taken down on");
    noor.greenlit(["ledger", "verify"]).succeeds().shows("The ledger holds");
    noor.greenlit(["withdraw", "hello"]).exits(1).complains("hello is out already");
    noor.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "x"]).exits(1).complains("already");
    let report = noor.greenlit(["plan", "hello", "--format", "json"]).json();
    assert_eq!(report["deliveries"][0]["standing"], "retracted");

    // Neither its words nor other ones go there again, whoever approves them.
    let maya = newsroom.as_person("maya");
    maya.pull().edit("posts/hello.md", "Hello, world.", "Hello, moon.").commit("Aim higher").push();
    crate::publish::approve(&newsroom, "hello");
    newsroom.runner().greenlit(["publish"]).succeeds().hides("outbox/site");
}

#[test]
fn what_is_not_out_yet_is_held_back_for_good_and_may_be_let_go_until_then() {
    let newsroom = with_hello();
    let li = fetched(&newsroom, "li");
    let said = li.greenlit(["retract", "posts/hello.md", "--reason", "Bad idea", "--format", "json"]).succeeds().json();
    assert_eq!((&said["did"], said["commits"].as_array().map(Vec::len)), (&"retract".into(), Some(1)));
    li.greenlit(["todo", "--everyone"]).succeeds();
    li.greenlit(["withdraw", "hello", "--account", "outbox/status"]).succeeds().shows("Withdrew your word");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("1 retracted").shows("held back for good");
    let runner = newsroom.runner();
    assert!(!runner.has("public/posts/hello.html"));
    li.git(["fetch", "-q", "origin"]);
    li.greenlit(["log", "hello"]).shows("never goes to outbox/site").shows("took back the word to retract it");
    let report = li.greenlit(["plan", "hello", "--format", "json"]).json();
    let standing: Vec<_> = report["deliveries"].as_array().unwrap().iter().map(|one| one["standing"].clone()).collect();
    assert_eq!(standing, ["retracted", "published"]);
}

#[test]
fn only_whom_the_rules_name_may_and_a_post_may_be_gone() {
    let newsroom = published();
    fetched(&newsroom, "tess").greenlit(["retract", "hello", "--reason", "x"]).exits(1).complains("retract/in-vain");
    fetched(&newsroom, "mallory").greenlit(["retract", "hello", "--reason", "x"]).exits(1).complains("nobody's");
    let mallory = fetched(&newsroom, "mallory");
    mallory.greenlit(["retract", "hello", "--reason", "x", "--anyway"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");

    let maya = newsroom.as_person("maya");
    maya.pull().remove("posts/hello.md").commit("Tidy up").push();
    maya.greenlit(["retract", "nothing", "--reason", "x"]).exits(2).complains("there is no post");
    maya.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "Gone here"]).succeeds();
    maya.greenlit(["withdraw", "hello"]).succeeds().shows("Withdrew your word");
    maya.greenlit(["retract", "hello", "--reason", "Gone here"]).succeeds().shows("outbox/status");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("2 retracted");
    maya.greenlit(["log", "hello"]).succeeds().shows("asked to retract it");
}

#[test]
fn two_may_have_to_ask() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "[policy]\n", "[policy]\nretract = { roles = \"editor\", needs = 2 }\n");
    maya.write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello, world.\n").commit("Say hello").push();
    newsroom.pin();
    crate::publish::approve(&newsroom, "hello");
    newsroom.runner().greenlit(["publish"]).succeeds();
    let noor = fetched(&newsroom, "noor");
    let said = noor.greenlit(["retract", "hello", "--reason", "Wrong price"]);
    said.succeeds().shows("Nothing is taken down until one more asks for it").shows("Li Wei");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    let li = fetched(&newsroom, "li");
    li.greenlit(["todo"]).exits(1).shows("Retract hello").shows("Noor Haddad asked for it: Wrong price");
    li.greenlit(["status"]).exits(1);
    li.greenlit(["retract", "hello", "--reason", "Yes"]).succeeds().shows("takes it down");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("1 retracted");
}

#[test]
fn a_word_that_was_seen_stays_though_its_commit_is_deleted_and_a_forged_entry_is_told() {
    let newsroom = published();
    let noor = fetched(&newsroom, "noor");
    noor.greenlit(["retract", "hello", "--account", "outbox/site", "--reason", "Wrong price"]).succeeds();
    // A run for another account sees it, and whoever wants the post to stay deletes its commit.
    let runner = newsroom.runner();
    runner.greenlit(["publish", "--account", "outbox/status"]).succeeds();
    runner.git(["fetch", "-q", "origin"]);
    runner.git(["push", "-q", "--force", "origin", "origin/greenlit/approvals~1:refs/heads/greenlit/approvals"]);
    newsroom.runner().greenlit(["publish"]).succeeds().shows("1 retracted");
    newsroom.runner().greenlit(["ledger", "verify"]).exits(3).shows("this clone does not have it");

    tamper(&newsroom, |mallory| {
        let list = mallory.git(["ls-files", "deliveries"]);
        let down = list.lines().find(|path| path.ends_with("-retracted.json")).expect("a retraction").to_owned();
        let out = list.lines().find(|path| {
            path.ends_with("-published.json") && !list.contains(&path.replace("0002-published", "0003-retracted"))
        });
        let out = out.expect("something is out").to_owned();
        let mut forged: serde_json::Value = serde_json::from_str(&mallory.read(&down)).unwrap();
        let receipt: serde_json::Value = serde_json::from_str(&mallory.read(&out)).unwrap();
        for field in ["key", "digest"] {
            forged[field] = receipt[field].clone();
        }
        let text = serde_json::to_string_pretty(&forged).unwrap();
        mallory.write(&out.replace("0002-published", "0003-retracted"), format!("{text}\n"));
    });
    let said = newsroom.runner().greenlit(["ledger", "verify", "--fetch"]);
    said.exits(3).shows("word ").hides("The ledger holds");
}

#[test]
fn a_receiver_that_takes_nothing_back_is_said_to() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let settings = maya.read("greenlit.toml");
    maya.write("greenlit.toml", settings + "\n[accounts.\"webhook/crm\"]\n");
    maya.write("posts/news.md", "---\nto: [webhook/crm, outbox/site]\n---\nNews.\n").commit("Tell them").push();
    newsroom.pin();
    crate::publish::approve(&newsroom, "news");
    let hook = crate::stub::Stub::replies(vec![crate::stub::Reply::json(200, serde_json::json!({}))]);
    let url = format!("{}/in", hook.origin());
    newsroom.runner().env("GREENLIT_WEBHOOK_CRM_URL", &url).greenlit(["publish"]).succeeds();
    let noor = fetched(&newsroom, "noor");
    let said = noor.greenlit(["retract", "news", "--account", "webhook", "--reason", "x"]);
    said.exits(1).complains("webhook/crm cannot take back what it was sent: news stays out");
    let said = noor.greenlit(["retract", "news", "--reason", "x"]);
    said.exits(1).shows("webhook/crm: cannot take back").shows("Asked to retract news");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("1 retracted").hides("webhook/crm");
}
