//! `greenlit roles` and `greenlit roles diff`: who may do what, and what a change of it does to what is pending.

use crate::newsroom::Newsroom;
use crate::status::{NOOR, approval, decide, post};

/// Two posts: Noor approved the one that needs an editor; the other needs legal, too.
fn newsroom() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", post("title: Hello\n", "Hello, world."))
        .write("posts/prices.md", post("title: New prices\nlabels: [pricing]\n", "Up."))
        .commit("Write two posts")
        .push();
    let noor = newsroom.as_person("noor");
    let yes = approval(&noor, "hello", "editor");
    decide(&noor, NOOR, &yes);
    newsroom
}

#[test]
fn whoever_edits_the_roles_sees_first_what_that_does_to_pending_posts() {
    let newsroom = newsroom();
    let maya = newsroom.as_person("maya");
    maya.git(["fetch", "-q"]);
    maya.greenlit(["roles", "diff"]).succeeds().shows("nothing changes");

    maya.edit("roles.toml", "name = \"Li Wei\"", "name = \"Li Wang\"");
    maya.greenlit(["roles", "diff"]).succeeds().shows("called \"Li Wang\"").shows("Nothing pending changes");

    maya.edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"li\"]");
    maya.greenlit(["roles", "diff"])
        .exits(1)
        .shows("– role editor: noor")
        .shows("now approved; then waits for Li Wang (editor)")
        .shows("the approval by Noor Haddad for editor would not count: was removed from\n      editor")
        .shows("for outbox/site and outbox/status")
        .shows("4 of 4 pending deliveries would stand otherwise.");
    maya.greenlit(["status"]).shows("✓ hello");

    maya.write("roles.toml", "version = 1\n[roles]\neditor = [\"nobody\"]\n");
    maya.greenlit(["roles", "diff"]).exits(3).complains("roles.toml:3:11: there is no person `nobody`");
}

#[test]
fn two_branches_are_held_against_each_other() {
    let newsroom = newsroom();
    let maya = newsroom.as_person("maya");
    maya.git(["fetch", "-q"]);
    maya.git(["switch", "-q", "-c", "strict"]);
    maya.edit(
        "roles.toml",
        "name = \"default\"\nstages = [{ role = \"editor\" }]",
        "name = \"default\"\nstages = [{ role = \"editor\" }, { role = \"legal\" }]",
    )
    .commit("Ask legal always");
    let said = maya.greenlit(["roles", "diff", "main", "strict", "--format", "json"]);
    let said = said.exits(1).json();
    let posts = said["posts"].as_array().expect("posts");
    assert_eq!(posts.len(), 1, "prices needs legal already: {said:#}");
    assert_eq!(posts[0]["post"], "hello");
    assert_eq!(posts[0]["stages_added"], serde_json::json!(["legal"]));
    assert_eq!(posts[0]["turn_after"], serde_json::json!(["tess"]));
    maya.greenlit(["roles", "diff", "strict", "main"])
        .exits(1)
        .shows("no stage any more: legal")
        .shows("then approved");
    maya.greenlit(["roles", "diff", "main", "nowhere"]).exits(3).complains("nowhere");
}

#[test]
fn everyone_can_ask_what_they_may_do() {
    let newsroom = Newsroom::acme();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["roles"]).succeeds().shows("regulated: label pricing").shows("2. legal: Tess Okafor; within 48h");
    noor.greenlit(["roles", "--for", "tess okafor"])
        .succeeds()
        .shows("What Tess Okafor may do")
        .shows("regulated: legal");
    noor.greenlit(["roles", "--for", "nor"]).exits(2).complains("did you mean `noor`?");
}
