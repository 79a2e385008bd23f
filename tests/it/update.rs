//! `greenlit update`: what is out is changed in its place.

use crate::newsroom::{Desk, Newsroom};
use crate::publish::{approve, with_hello};

/// Hello is out on both outboxes, and its file was changed since.
fn changed() -> Newsroom {
    let newsroom = with_hello();
    newsroom.runner().greenlit(["publish"]).succeeds();
    let maya = newsroom.as_person("maya");
    maya.pull().edit("posts/hello.md", "Hello, world.", "Hello, moon.").commit("Aim higher").push();
    newsroom
}

fn person<'n>(newsroom: &'n Newsroom, name: &str) -> Desk<'n> {
    let desk = newsroom.as_person(name);
    desk.pull();
    desk.git(["fetch", "-q", "origin"]);
    desk
}

#[test]
fn what_is_out_is_changed_once_it_is_asked_for_and_approved() {
    let newsroom = changed();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    let noor = person(&newsroom, "noor");
    let said = noor.greenlit(["status"]);
    said.shows("Changed since they went out").shows("`greenlit update hello`");

    // To approve it is not to ask for it.
    noor.greenlit(["approve", "hello"]).succeeds().shows("\n  greenlit update hello\n");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");

    // Its author may ask, and her word approves nothing.
    let maya = person(&newsroom, "maya");
    maya.greenlit(["update", "hello", "-m", "The moon was meant"]).succeeds().shows("Hello, moon.").shows("approved");
    let said = newsroom.runner().greenlit(["publish"]);
    said.succeeds().shows("2 changed in place").shows("changed in its place to what was approved");
    let last = newsroom.runner();
    last.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    assert!(last.read("public/posts/hello.html").contains("Hello, moon."), "a fresh clone has what it was changed to");
    assert!(last.read("public/posts/hello.html").contains("edited"));
    last.greenlit(["drift"]).succeeds().shows("2 unchanged");
    last.greenlit(["ledger", "verify"]).succeeds();
    last.greenlit(["prove", "hello"]).succeeds().shows("What it was changed to").shows("changed in its place");
    let said = last.greenlit(["log", "hello"]);
    said.shows("asked to change what is out on outbox/site").shows("changed in its place on outbox/site");
    last.greenlit(["status"]).succeeds().hides("Changed since");
    noor.git(["fetch", "-q", "origin"]);
    noor.greenlit(["update", "hello"]).exits(1).complains("what is out of hello is what its file says");
}

#[test]
fn whoever_may_approve_it_asks_and_approves_in_one_breath_for_these_words_alone() {
    let newsroom = changed();
    let noor = person(&newsroom, "noor");
    let report = noor.greenlit(["update", "hello", "--format", "json"]).succeeds().json();
    assert_eq!(report["commits"][0]["stage"], "editor");
    let message = noor.git(["log", "-1", "--format=%B", "greenlit/approvals"]);
    assert!(
        message.contains("Greenlit-Update: hello outbox/site sha256:") && message.contains("Greenlit-Approve: hello")
    );
    // The file changes once more: neither the wish nor the approval is of these words.
    let maya = person(&newsroom, "maya");
    maya.edit("posts/hello.md", "Hello, moon.", "Hello, sun.").commit("Aim too high").push();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    maya.greenlit(["update", "hello", "--account", "outbox/site"]).succeeds().shows("waits for Noor");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    let noor = person(&newsroom, "noor");
    noor.greenlit(["status"]).exits(1).shows("Waiting for you").shows("Maya Lindqvist asked to change what is out");
    noor.greenlit(["todo"]).exits(1).shows("greenlit approve hello");
    // A hold stops it, and so does a rejection.
    noor.greenlit(["hold", "--everything", "-m", "Wait"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    noor.greenlit(["resume", "--everything"]).succeeds();
    noor.greenlit(["approve", "hello"]).succeeds();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds().shows("1 changed in place");
    assert!(runner.read("public/posts/hello.html").contains("Hello, sun."));
    assert!(runner.read("status/posts/hello.html").contains("Hello, world."), "nobody asked for these words there");
}

#[test]
fn who_wrote_the_new_words_is_asked_once_somebody_wants_them_out() {
    let newsroom = changed();
    let noor = person(&newsroom, "noor");
    noor.edit("posts/hello.md", "Hello, moon.", "Hello, sun.").commit("Aim at the sun").push();
    let first = |noor: &Desk<'_>| noor.greenlit(["status", "--all", "--format", "json"]).json()["posts"][0].clone();
    assert_eq!(first(&noor)["standing"], "changed");
    noor.greenlit(["update", "hello"]).succeeds();
    let told = first(&noor);
    assert_eq!(told["standing"], "waiting");
    assert_eq!(told["turn"], serde_json::json!([{ "id": "li", "name": "Li Wei" }]), "not Noor, who wrote them");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

#[test]
fn what_cannot_be_changed_is_said_at_once_and_a_wish_is_taken_back() {
    let newsroom = changed();
    let maya = person(&newsroom, "maya");
    maya.greenlit(["update", "hello"]).succeeds();
    maya.greenlit(["withdraw", "hello"]).succeeds();
    approve(&newsroom, "hello");
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    let maya = person(&newsroom, "maya");
    let text = maya.read("posts/hello.md") + "\n---\n\nA second part.\n";
    maya.write("posts/hello.md", text).commit("Say more").push();
    let said = maya.greenlit(["update", "hello"]);
    said.exits(1).complains("it went out in 1 part, and is 2 by now").complains("greenlit retract hello");
    maya.greenlit(["update", "nothing"]).exits(2);
    maya.write("posts/new.md", "---\nto: [outbox/site]\n---\nNew.\n").commit("New").push();
    maya.greenlit(["update", "new"]).exits(2).complains("nothing of new is out");
}
