//! `greenlit plan`: nothing goes out that was not approved exactly so, and it is said what is missing.

use crate::newsroom::{Desk, Newsroom, public_key};
use crate::status::{LI, MALLORY, NOOR, TESS, approval, decide, post};

/// The smallest picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";

/// One post with a picture, written by Maya, approved by Li, due now.
fn approved() -> Newsroom {
    let newsroom = Newsroom::acme();
    let front = "title: Launch\npublish_at: 2026-11-30 10:00\nmedia:\n  - { file: assets/a.png, alt: A leaf }\n";
    newsroom
        .as_person("maya")
        .write("posts/launch.md", post(front, "We launch."))
        .write("assets/a.png", PNG)
        .commit("Announce the launch")
        .push();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "launch", "editor");
    decide(&li, LI, &yes);
    newsroom
}

/// Where the post stands for each account, and the reasons of what does not count.
fn stands(desk: &Desk<'_>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let plan = desk.greenlit(["plan", "--fetch", "--format", "json"]).json();
    let deliveries = plan["deliveries"].as_array().expect("deliveries").clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut reasons = Vec::new();
    let mut turn = Vec::new();
    for delivery in &deliveries {
        collect(&delivery["decision"], &mut reasons);
        turn.extend(delivery["turn"].as_array().into_iter().flatten().map(text));
    }
    turn.sort();
    turn.dedup();
    (deliveries.iter().map(|delivery| text(&delivery["standing"])).collect(), turn, reasons)
}

fn collect(node: &serde_json::Value, reasons: &mut Vec<String>) {
    if node["status"] == "not-counted" {
        reasons.push(node["reason"].as_str().unwrap_or_default().to_owned());
    }
    node["children"].as_array().into_iter().flatten().for_each(|child| collect(child, reasons));
}

#[test]
fn what_is_approved_and_due_would_go_out() {
    let newsroom = approved();
    let li = newsroom.as_person("li");
    li.greenlit(["plan"]).succeeds().shows("Publish would do now").shows("✓ editor: Li Wei");
    li.at("2026-11-30T08:59:59Z").greenlit(["plan"]).succeeds().shows("nothing now").shows("approved · due Mon 30 Nov");
    let late = newsroom.as_person("li").at("2026-11-30T15:00:01Z");
    late.greenlit(["plan"]).exits(1).shows("nothing now").shows("too late to go out by itself");
    let draft = newsroom.as_person("maya");
    draft.edit("posts/launch.md", "title: Launch", "title: Launch\ndraft: true").commit("Hold it back").push();
    draft.greenlit(["plan"]).succeeds().shows("nothing now").shows("a draft");
}

/// Each thing that an approval binds, changed: the approval is taken back, and the plan says who can give a new one.
#[test]
fn whatever_changes_what_goes_out_takes_the_approval_back() {
    type Change = fn(&Desk<'_>);
    let changes: &[(&str, Change, &str)] = &[
        (
            "one byte of text",
            |desk| {
                desk.edit("posts/launch.md", "We launch.", "We launch!");
            },
            "approved an earlier version",
        ),
        (
            "the picture",
            |desk| {
                desk.write("assets/a.png", [PNG, b"x"].concat());
            },
            "approved an earlier version",
        ),
        (
            "the words for the picture",
            |desk| {
                desk.edit("posts/launch.md", "A leaf", "A tree");
            },
            "approved an earlier version",
        ),
        (
            "the account",
            |desk| {
                desk.edit("greenlit.toml", "path = \"public\"", "path = \"other\"");
                desk.edit("greenlit.toml", "path = \"status\"", "path = \"another\"");
            },
            "approved an earlier version",
        ),
        (
            "the time",
            |desk| {
                desk.edit("posts/launch.md", "10:00", "09:30");
            },
            "approved for 2026-11-30 10:00 CET; it is now for 2026-11-30 09:30 CET",
        ),
        (
            "the approver's role",
            |desk| {
                desk.edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"noor\"]");
            },
            "was removed from editor",
        ),
        (
            "the approver's key",
            |desk| {
                desk.edit("roles.toml", &public_key("li"), &public_key("mallory"));
            },
            "the key that signed it is no longer Li Wei's",
        ),
    ];
    let newsroom = approved();
    // What the tip says, with nothing pinned.
    newsroom.unpin();
    let maya = newsroom.as_person("maya");
    let good = maya.commit_id("HEAD");
    for (what, change, reason) in changes {
        assert_eq!(stands(&maya).0, ["ready", "ready"], "before: {what}");
        change(&maya);
        maya.commit("Change it").push();
        let (standing, turn, reasons) = stands(&maya);
        assert_eq!(standing, ["waiting", "waiting"], "{what}: {reasons:?}");
        assert!(reasons.iter().all(|found| found.starts_with(reason)) && !reasons.is_empty(), "{what}: {reasons:?}");
        assert!(turn.contains(&"noor".to_owned()), "{what}: {turn:?}");
        maya.greenlit(["plan"]).exits(1).shows("Publish would send nothing now.").shows("Noor Haddad");
        // As it was: the approval says again what would go out.
        maya.git(["checkout", "-q", &good, "--", "."]);
        maya.commit("Take it back").push();
    }
}

/// Who an account is on its server is part of what was approved.
#[test]
fn an_approval_is_for_one_identity_on_one_server() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let accounts = "\n[accounts.\"bluesky/acme\"]\nservice = \"https://bsky.social\"\nhandle = \"acme.example\"\n\
                    \n[accounts.\"mastodon/acme\"]\nserver = \"https://mastodon.example\"\nhandle = \"acme\"\n";
    let settings = maya.read("greenlit.toml") + accounts;
    maya.write("greenlit.toml", &settings)
        .write("posts/launch.md", "---\nto: [bluesky/acme, mastodon/acme]\n---\nWe launch.\n")
        .commit("Announce the launch")
        .push();
    newsroom.unpin();
    newsroom.as_person("li").greenlit(["approve", "launch"]).succeeds();
    assert_eq!(stands(&maya).0, ["ready", "ready"]);
    for (from, to, standing) in [
        ("acme.example\"", "acme2.example\"", ["waiting", "ready"]),
        ("https://bsky.social", "https://pds.acme.example", ["waiting", "ready"]),
        ("handle = \"acme\"", "handle = \"acme2\"", ["ready", "waiting"]),
        ("https://mastodon.example", "https://mastodon2.example", ["ready", "waiting"]),
    ] {
        maya.edit("greenlit.toml", from, to).commit("Change an account").push();
        let (found, turn, reasons) = stands(&maya);
        assert_eq!(found, standing, "{to}: {reasons:?}");
        assert!(turn.contains(&"noor".to_owned()), "{to}: {turn:?}");
        maya.write("greenlit.toml", &settings).commit("Take it back").push();
        assert_eq!(stands(&maya).0, ["ready", "ready"], "after {to}");
    }
}

#[test]
fn an_approver_who_touches_the_text_is_an_author() {
    let newsroom = approved();
    let li = newsroom.as_person("li");
    li.pull().edit("posts/launch.md", "We launch.", "We sail.").commit("Sail");
    li.edit("posts/launch.md", "We sail.", "We launch.").commit("Launch after all").push();
    let (standing, turn, reasons) = stands(&li);
    assert_eq!(
        (standing, turn),
        (vec!["waiting".into(); 2], vec!["noor".to_owned()]),
        "the very words that Li approved"
    );
    assert_eq!(reasons, ["is an author of this post"; 2]);
}

#[test]
fn what_does_not_touch_the_post_leaves_its_approval_alone() {
    let newsroom = approved();
    let maya = newsroom.as_person("maya");
    maya.edit("posts/launch.md", "title: Launch", "title: Take-off\ncampaign: autumn")
        .write("posts/other.md", post("draft: true\n", "Other."))
        .commit("Rename it for ourselves, and write another")
        .push();
    assert_eq!(stands(&maya).0[..2], ["draft", "draft"]);
    assert_eq!(stands(&maya).0[2..], ["ready", "ready"]);
    // Squashed away: the trusted branch gets a history of its own, and the approval still says what it says.
    maya.git(["commit", "--amend", "-q", "-m", "Squash"]);
    maya.git(["push", "-q", "--force", "origin", "HEAD:main"]);
    assert_eq!(stands(&maya).0[2..], ["ready", "ready"]);
}

#[test]
fn nobody_gets_in_by_the_window() {
    let newsroom = approved();
    let maya = newsroom.as_person("maya");
    maya.edit("posts/launch.md", "We launch.", "Buy now.").commit("Change it").push();
    let mallory = newsroom.as_person("mallory");
    let yes = approval(&mallory, "launch", "editor");

    decide(&mallory, MALLORY, &yes);
    let (standing, _, reasons) = stands(&maya);
    assert_eq!(standing, ["waiting", "waiting"]);
    assert!(reasons.contains(&"signed by a key nobody in roles.toml owns".to_owned()), "{reasons:?}");
    maya.greenlit(["plan"]).exits(1).shows("someone calling themselves");

    let elsewhere = yes.replace("launch outbox", "lunch outbox");
    decide(&mallory, NOOR, &elsewhere);
    assert_eq!(stands(&maya).0, ["waiting", "waiting"], "a real editor's yes to another post");

    decide(&mallory, TESS, &yes);
    let (standing, _, reasons) = stands(&maya);
    assert_eq!(standing, ["waiting", "waiting"]);
    assert!(reasons.contains(&"is not in editor".to_owned()), "{reasons:?}");

    decide(&mallory, NOOR, &yes);
    assert_eq!(stands(&maya).0, ["ready", "ready"], "and the honest one counts, whoever pushed it");
}

#[test]
fn a_rejection_outlives_a_new_version_and_its_new_approval() {
    let newsroom = approved();
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    let veto = decide(&noor, NOOR, "Greenlit-Reject: launch\n");
    assert_eq!(stands(&noor).0, ["rejected", "rejected"]);
    let maya = newsroom.as_person("maya");
    maya.edit("posts/launch.md", "We launch.", "We launch, then.").commit("Answer").push();
    let li = newsroom.as_person("li");
    let yes = approval(&li, "launch", "editor");
    decide(&li, LI, &yes);
    let (standing, turn, _) = stands(&li);
    assert_eq!((standing, turn), (vec!["rejected".into(); 2], vec!["maya".to_owned(), "noor".to_owned()]));
    decide(&li, LI, &format!("Greenlit-Lift: {veto}\n"));
    assert_eq!(stands(&li).0, ["rejected", "rejected"], "Li may not lift what Noor said");
    decide(&li, NOOR, &format!("Greenlit-Lift: {veto}\n"));
    assert_eq!(stands(&li).0, ["ready", "ready"]);
}

#[test]
fn a_broken_post_holds_up_no_other() {
    let newsroom = approved();
    let maya = newsroom.as_person("maya");
    maya.write("posts/bad.md", "---\nto: [outbox/nowhere]\n---\nHm.\n").commit("Write something bad").push();
    let said = maya.greenlit(["plan", "--fetch"]);
    said.exits(1).shows("Publish would do now").shows("! posts/bad.md").shows("posts/bad.md:2:6:");
    maya.greenlit(["plan", "launch"]).succeeds().hides("bad.md");
    maya.greenlit(["plan", "bad"]).exits(1).shows("posts/bad.md:2:6:");
}

/// What a picture's right does not allow never goes out, whoever approved it; and what it allows does.
#[test]
fn a_picture_goes_out_while_its_right_lasts() {
    let newsroom = approved();
    let maya = newsroom.as_person("maya");
    let right = |more: &str| format!("[[asset]]\nfile = \"assets/*.png\"\n{more}\n");
    for (more, standing, why) in [
        ("expires = 2026-11-30", ["ready", "ready"], ""),
        (
            "expires = 2026-11-29",
            ["broken", "broken"],
            "assets/rights.toml:2: assets/a.png may be used until 2026-11-29",
        ),
        ("people = [{ name = \"Ben\", consent = true }]", ["ready", "ready"], ""),
        ("people = [{ name = \"Ben\", consent = false }]", ["broken", "broken"], "Ben did not agree to be seen"),
        ("accounts = [\"outbox/site\"]", ["ready", "broken"], "may not be used on outbox/status"),
        // Whoever cannot tell says no.
        ("expires = \"never\"", ["broken", "broken"], "assets/rights.toml:3:11: `never` is no day"),
    ] {
        maya.write("assets/rights.toml", right(more)).commit("Write down the right").push();
        for _ in 0..2 {
            // The second time, what was rendered is remembered.
            let said = maya.greenlit(["status", "--fetch", "--format", "json"]);
            assert_eq!(stands(&maya).0, standing, "{more}: {}", said.stdout);
        }
        if !why.is_empty() {
            maya.greenlit(["plan"]).exits(1).shows(why);
        }
    }
    // What is in nobody's commit changes nothing.
    maya.write("assets/rights.toml", right("expires = 2030-01-01"));
    assert_eq!(stands(&maya).0, ["broken", "broken"]);
    maya.write("assets/rights.toml", right("expires = 2026-11-29")).commit("The right has ended").push();
    newsroom.runner().greenlit(["publish"]).exits(1).shows("left aside because of errors: posts/launch.md");
    maya.write("assets/rights.toml", right("expires = 2026-12-01")).commit("The right was renewed").push();
    newsroom.runner().greenlit(["publish"]).succeeds();
    let later = newsroom.as_person("maya").at("2027-01-01T09:00:00Z");
    later.git(["fetch", "-q"]);
    assert_eq!(stands(&later).0, ["published", "published"], "what is out is out");
}
