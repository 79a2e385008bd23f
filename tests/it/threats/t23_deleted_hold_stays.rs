//! 23: a hold reverted or deleted by the author stays until somebody who may lifts it.

use crate::newsroom::Newsroom;

const HELLO: &str = "---\nto: outbox/site\n---\nHello.\n";

/// A post that is approved and held, and a run of the publisher that saw the hold.
fn held_and_seen() -> Newsroom {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").write("posts/hello.md", HELLO).commit("Say hello").push();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["approve", "hello"]).succeeds();
    newsroom.as_person("tess").greenlit(["hold", "hello", "-m", "Not today"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    newsroom
}

/// Puts the approvals branch back to the approval alone, as its author would like it.
fn delete_the_hold(newsroom: &Newsroom) {
    let author = newsroom.runner();
    author.git(["push", "-q", "--force", "origin", "origin/greenlit/approvals~1:refs/heads/greenlit/approvals"]);
}

#[test]
fn a_hold_that_was_seen_stays_though_its_commit_is_deleted() {
    let newsroom = held_and_seen();
    delete_the_hold(&newsroom);
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    newsroom.runner().greenlit(["status"]).shows("held by Tess Okafor").shows("Not today");
    let runner = newsroom.runner();
    runner.git(["push", "-q", "origin", ":greenlit/approvals"]);
    newsroom.runner().greenlit(["plan", "hello"]).shows("held by Tess Okafor");

    // The honest way out: who held it resumes it, though nobody has the branch any more.
    newsroom.clone_as("tess", "another").greenlit(["resume", "hello"]).succeeds().shows("Resumed hello");
    newsroom.clone_as("noor", "fresh").greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn what_ended_a_hold_stays_as_well() {
    let newsroom = held_and_seen();
    newsroom.as_person("tess").greenlit(["resume", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
    delete_the_hold(&newsroom);
    let told = newsroom.runner().greenlit(["log", "hello"]);
    told.succeeds().shows("Tess Okafor held it: Not today").shows("ended the hold");
}
