//! `greenlit review comment`: what a pull request changes, read from its commits.

use crate::newsroom::{Desk, Newsroom};

const POST: &str = "---
title: Autumn launch
to: [outbox/site, outbox/status]
publish_at: 2026-12-03 09:00
---
Autumn is here. Thanks, @alice@mastodon.example!
";

const PRICES: &str = "---
title: New prices
to: outbox/site
publish_at: 2026-12-02 09:00
labels: [pricing]
---
Prices stay as they are.
";

/// A post on main that noor approved, and maya on a branch.
fn branched(newsroom: &Newsroom) -> Desk<'_> {
    let maya = newsroom.as_person("maya");
    maya.write("posts/launch.md", POST).write("posts/prices.md", PRICES).commit("Write").push();
    newsroom.as_person("noor").greenlit(["approve", "launch", "prices", "--yes"]).succeeds();
    maya.git(["fetch", "-q"]);
    maya.git(["checkout", "-q", "-b", "work"]);
    maya
}

fn report(desk: &Desk<'_>) -> serde_json::Value {
    desk.greenlit(["review", "comment", "--print", "--format", "json"]).json()
}

#[test]
fn people_see_what_goes_out_what_is_missing_and_what_a_change_takes_back() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    let later = POST.replace("2026-12-03 09:00", "2026-12-03 10:00");
    maya.write("posts/launch.md", later)
        .write("posts/winter.md", "---\nto: outbox/site\npublish_at: 2026-12-04 09:00\n---\nWinter is coming.\n")
        .commit("Move the launch");
    let said = maya.greenlit(["review", "comment", "--print"]);
    let all = [
        "<!-- greenlit: pull request -->",
        "<h3>⏳ greenlit: 2 posts wait for approval</h3>",
        "<b>Li Wei</b> and <b>Noor Haddad</b>",
        "<code>launch</code><br>Autumn launch<br>Thu 3 Dec 10:00, in 3 days<br>instead of Thu 3 Dec 09:00",
        "the change takes back 1 approval",
        "<li>⏳ editor: waits for Noor Haddad or Li Wei",
        "➖ approval by Noor Haddad for editor is lost: approved for 2026-12-03 09:00 CET; it is now for 2026-12-03 10:00 CET",
        "<blockquote><code>Autumn is here. Thanks, @alice@mastodon.example!</code></blockquote>",
        "<p>The same as outbox/site: 48 characters</p>",
        "<td>Wed 2 Dec 09:00</td><td><code>prices</code>",
    ];
    said.exits(1);
    for part in all {
        said.shows(part);
    }
    let report = report(&maya);
    assert_eq!(report["state"], "waiting");
    assert_eq!(report["posts"][0]["change"], "edited");
    assert_eq!(report["posts"][0]["due_before"], "2026-12-03T08:00:00Z");
    assert_eq!(report["posts"][0]["standings"][0]["approvals"][0]["counted"], true);
    assert_eq!(report["posts"][0]["standings"][0]["approvals"][0]["counts"], false);
    assert_eq!(report["posts"][1]["change"], "added");
    assert_eq!(report["posts"][1]["accounts"][0]["payload"]["parts"][0]["text"], "Winter is coming.");

    // What is approved on the branch is approved.
    maya.git(["push", "-q", "origin", "work"]);
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    noor.greenlit(["approve", "launch", "winter", "--yes", "--ref", "origin/work"]).succeeds();
    maya.git(["fetch", "-q"]);
    maya.greenlit(["review", "comment", "--print"])
        .succeeds()
        .shows("<h3>✅ greenlit: approved</h3>")
        .shows("✅ editor: Noor Haddad");
}

#[test]
fn commits_are_read_and_the_working_tree_is_not() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is coming.\n").commit("Write");
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nTBD\n").write("posts/other.md", POST);
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("Winter is coming.").hides("TBD").hides("posts/other.md");
    maya.git(["checkout", "-q", "-f", "main"]);
    maya.greenlit(["review", "comment", "--print", "--head", "work"]).exits(1).shows("Winter is coming.");
    maya.remove("posts/other.md");
    maya.greenlit(["review", "comment", "--print"]).succeeds().shows("no post is touched");
    maya.greenlit(["review", "comment", "--print", "--head", "nothing"]).exits(3).complains("nothing");
}

#[test]
fn what_check_finds_in_the_change_stands_with_its_post() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is TBD.\n")
        .write("posts/broken.md", "---\nto: nowhere\n---\nx\n")
        .remove("posts/prices.md")
        .commit("Write");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("<h3>❌ greenlit: 2 errors to correct</h3>").shows("<code>posts/broken.md</code>");
    said.shows("<code>text/placeholder</code>").shows("nothing of it went out");
    let report = report(&maya);
    let changes: Vec<_> =
        report["posts"].as_array().unwrap().iter().map(|post| (&post["file"], &post["change"])).collect();
    assert_eq!(
        serde_json::json!(changes),
        serde_json::json!([["posts/winter.md", "added"], ["posts/broken.md", "added"], ["posts/prices.md", "removed"]])
    );
    assert_eq!(report["state"], "errors");
}

#[test]
fn a_change_of_the_policy_names_the_admins_who_must_approve_it() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    let roles = maya.read("roles.toml").replace("editor = [\"noor\", \"li\"]", "editor = [\"li\"]");
    maya.write("roles.toml", roles).commit("Let noor go");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1)
        .shows("an admin must approve the change of the policy")
        .shows("It is the turn of <b>Maya Lindqvist</b>")
        .shows("– role editor: noor")
        .shows("the approval by Noor Haddad for editor would not count: was removed from")
        .shows("-editor = [&quot;noor&quot;, &quot;li&quot;]&#10;+editor = [&quot;li&quot;]");
    assert_eq!(report(&maya)["policy"]["files"], serde_json::json!(["roles.toml"]));
    maya.git(["push", "-q", "origin", "work"]);
    maya.greenlit(["approve", "--policy", "--yes", "--ref", "work"]).succeeds();
    maya.greenlit(["review", "comment", "--print"]).succeeds().shows("Admins approved exactly this change");

    maya.write("roles.toml", "version = 1\n[roles\n").commit("Break it");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("the settings cannot be used").shows("roles.toml");
}
