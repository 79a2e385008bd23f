//! The calendar in `greenlit check`, with a ledger beside it.

use crate::newsroom::Newsroom;
use crate::status::{LI, approval, decide, post};

#[test]
fn nobody_is_nagged_about_what_is_out() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/launch.md", post("publish_at: 2026-11-30 10:00\n", "We launch."))
        .write("posts/forgotten.md", post("publish_at: 2026-11-30 09:59\n", "We forgot."))
        .commit("Write two posts")
        .push();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "launch", "editor");
    decide(&li, LI, &yes);
    newsroom.runner().greenlit(["publish"]).succeeds();
    maya.git(["fetch", "-q"]);
    maya.write("calendar/days.toml", "[[day]]\ndate = 2026-11-30\nname = \"St Andrew\"\n");
    let later = newsroom.as_person("maya").at("2026-12-05T09:00:00Z");
    let said = later.greenlit(["check"]);
    said.exits(0)
        .shows("calendar/past")
        .shows("calendar/blackout")
        .shows("posts/forgotten.md")
        .hides("posts/launch.md");
    // Without a ledger, what was due is taken for out.
    maya.git(["update-ref", "-d", "refs/remotes/origin/greenlit/ledger"]);
    later.greenlit(["check"]).exits(0).shows("are fine");
    newsroom.as_person("maya").at("2026-11-30T18:00:00Z").greenlit(["check"]).exits(0).hides("calendar/past");
}

#[test]
fn who_was_asked_already_is_not_told_that_it_is_too_soon() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let roles = maya.read("roles.toml").replace("{ role = \"editor\" }", "{ role = \"editor\", within = \"24h\" }");
    maya.write("roles.toml", roles).write("posts/launch.md", post("publish_at: 2026-12-01 09:00\n", "We launch."));
    maya.greenlit(["check"]).exits(0).shows("calendar/too-soon");
    maya.commit("Write a post").push();
    maya.greenlit(["check"]).exits(0).hides("calendar/too-soon");
    maya.edit("posts/launch.md", "We launch.", "We sail.");
    maya.greenlit(["check"]).exits(0).shows("calendar/too-soon");
}

#[test]
fn a_post_is_held_against_others_that_nobody_asked_for() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/one.md", post("publish_at: 2026-12-01 10:00\n", "We launch.\n\nXXX"))
        .write("posts/two.md", post("publish_at: 2026-12-02 10:00\n", "We launch.\n\nXXX"));
    let said = maya.greenlit(["check", "posts/two.md"]);
    said.shows("calendar/twice").shows("posts/two.md").hides("── posts/one.md");
    let alone = maya.greenlit(["check", "posts/two.md", "--format", "json"]).json();
    let all = maya.greenlit(["check", "--format", "json"]).json();
    let of = |report: &serde_json::Value, file: &str| -> Vec<serde_json::Value> {
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().filter(|finding| finding["file"] == file).cloned().collect()
    };
    assert_eq!(of(&alone, "posts/two.md"), of(&all, "posts/two.md"));
    assert!(of(&alone, "posts/one.md").is_empty() && !of(&all, "posts/one.md").is_empty());
}
