//! The same text on the same account, as two posts.

use crate::newsroom::Newsroom;
use crate::publish::approve;

#[test]
fn what_was_said_already_is_held_until_a_post_says_that_it_repeats_it() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: outbox/site\n---\nHello, *world*.\n");
    maya.write("posts/hello-again.md", "---\nto: [outbox/site, outbox/status]\n---\nHello,\n*world*.\n");
    maya.commit("Say hello twice").push();
    approve(&newsroom, "hello");
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds().shows("Published 1 delivery");

    approve(&newsroom, "hello-again");
    runner.greenlit(["publish"]).succeeds().shows("✓ outbox/status").hides("outbox/site");
    runner.greenlit(["publish"]).succeeds().shows("Not sent: 1 said already");
    runner.greenlit(["status"]).exits(1).shows("the same text went out here as hello").shows("`repeats: hello`");
    runner.greenlit(["todo", "--everyone"]).shows("Change hello-again, or say that it repeats another");
    let plan = runner.greenlit(["plan", "hello-again", "--format", "json"]).json();
    assert_eq!(plan["deliveries"][0]["standing"], "duplicate");
    assert_eq!(plan["deliveries"][0]["same_text"][0]["post"], "hello");
    runner.greenlit(["ledger", "verify"]).succeeds();

    maya.pull().edit("posts/hello-again.md", "to: [outbox/site, outbox/status]", "to: outbox/site\nrepeats: hello");
    maya.greenlit(["preview", "hello-again"]).succeeds().shows("repeats     hello").hides("held");
    maya.edit("posts/hello-again.md", "\nrepeats: hello", "");
    maya.git(["fetch", "-q", "origin"]);
    maya.greenlit(["preview", "hello-again"])
        .succeeds()
        .shows("‖ It would be held: the same text went out here as hello");
    maya.edit("posts/hello-again.md", "to: outbox/site", "to: outbox/site\nrepeats: hello");
    maya.commit("Say it again on purpose").push();
    approve(&newsroom, "hello-again");
    runner.greenlit(["publish"]).succeeds().shows("Published 1 delivery").shows("✓ outbox/site");
}
