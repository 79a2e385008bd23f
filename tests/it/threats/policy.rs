//! Threats 7, 14 to 18, 20, 26: the rules themselves, and where trust in them begins.

use super::{HELLO, standing, with_hello};
use crate::newsroom::{Desk, Newsroom, public_key};

/// Mallory makes herself an editor who may approve what she wrote, on the branch that is checked out.
fn grab(desk: &Desk<'_>) {
    let person = format!(
        "[people.mallory]\nemails = [\"mallory@acme.example\"]\nkeys = [\"{}\"]\n\n[roles]",
        public_key("mallory")
    );
    desk.edit("roles.toml", "[roles]", &person)
        .edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"noor\", \"li\", \"mallory\"]")
        .edit("roles.toml", "author_may_approve = false", "author_may_approve = true");
}

/// A newsroom where Mallory's branch `grab` grants her a role and adds a post that she has approved there.
fn with_grab() -> Newsroom {
    let newsroom = Newsroom::acme();
    let mallory = newsroom.as_person("mallory");
    mallory.git(["checkout", "-q", "-b", "grab"]);
    grab(&mallory);
    mallory.write("posts/hello.md", HELLO).commit("Say hello, by the way");
    mallory.git(["push", "-q", "origin", "grab"]);
    mallory.greenlit(["approve", "hello", "--anyway", "--stage", "editor"]).succeeds();
    newsroom
}

/// Whoever may push to `main` merges the branch.
fn merge(newsroom: &Newsroom) {
    let mallory = newsroom.as_person("mallory");
    mallory.git(["checkout", "-q", "main"]);
    mallory.git(["merge", "-q", "--no-ff", "-m", "Merge grab", "grab"]);
    mallory.push();
}

#[test]
fn t07_one_key_under_two_people() {
    let newsroom = with_hello();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    let maya = newsroom.as_person("maya");
    let roles = maya.pull().read("roles.toml");
    // Even whoever trusts the tip, with nothing pinned, cannot use it.
    newsroom.unpin();
    maya.write("roles.toml", roles.replace(&public_key("li"), &public_key("noor"))).commit("Share a key").push();
    for command in [["publish", "--trust-tip"], ["status", "--fetch"]] {
        newsroom.runner().greenlit(command).exits(3).complains("one key, one person");
    }
    // One person with several keys is nobody's trouble.
    let two = format!("\"{}\", \"{}\"", public_key("li"), public_key("mallory"));
    maya.write("roles.toml", roles.replace(&format!("\"{}\"", public_key("li")), &two)).commit("Give Li two").push();
    newsroom.runner().greenlit(["publish", "--trust-tip"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn t14_pull_request_that_grants_a_role() {
    let newsroom = with_grab();
    // Before the merge there is nothing to send; after it, nobody sends it.
    newsroom.runner().greenlit(["publish"]).succeeds();
    merge(&newsroom);
    let mallory = newsroom.as_person("mallory");
    mallory.greenlit(["approve", "hello", "--anyway", "--stage", "editor"]).succeeds();
    mallory.greenlit(["approve", "--policy", "--anyway"]).succeeds();
    let refused = newsroom.runner().greenlit(["publish"]);
    refused.exits(3).complains("is not in force").complains("Maya Lindqvist can: `greenlit approve --policy`");
    let runner = newsroom.runner();
    assert_eq!(standing(&runner, "hello"), "waiting");
    runner.greenlit(["status"]).exits(1).shows("Policy change waiting").shows("greenlit approve --policy");
    assert!(!runner.has("public"), "nothing was sent");

    // Maya reads what she says yes to. What was approved before that does not count under it.
    let maya = newsroom.as_person("maya");
    maya.greenlit(["approve", "--policy"])
        .succeeds()
        .shows("+editor = [\"noor\", \"li\", \"mallory\"]")
        .shows("in force");
    newsroom.runner().greenlit(["publish"]).succeeds();
    assert_eq!(standing(&newsroom.runner(), "hello"), "waiting");
    mallory.greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn t15_grant_and_its_approval_land_together() {
    let newsroom = with_grab();
    let maya = newsroom.as_person("maya");
    maya.git(["fetch", "-q"]);
    maya.greenlit(["approve", "--policy", "--ref", "origin/grab"]).succeeds().shows("once it is merged into main");
    merge(&newsroom);
    newsroom.runner().greenlit(["publish"]).succeeds();
    assert_eq!(standing(&newsroom.runner(), "hello"), "waiting");
    newsroom.as_person("mallory").greenlit(["approve", "hello"]).succeeds();
    assert_eq!(standing(&newsroom.runner(), "hello"), "ready");
}

#[test]
fn t16_strict_to_casual_in_the_same_merge() {
    let newsroom = with_hello();
    let mallory = newsroom.as_person("mallory");
    mallory.pull().edit("roles.toml", "\"signed\"", "\"sign-off\"").commit("Be easy-going").push();
    let as_noor =
        mallory.clone().env("GIT_COMMITTER_NAME", "Noor Haddad").env("GIT_COMMITTER_EMAIL", "noor@acme.example");
    // Under the tip's rules anybody's word would do, an admin's, too.
    for arguments in
        [vec!["approve", "hello", "--anyway", "--stage", "editor"], vec!["approve", "--policy", "--anyway"]]
    {
        as_noor.greenlit(arguments).succeeds();
    }
    newsroom.runner().greenlit(["publish"]).exits(3).complains("0 of 1 approved");
    assert_eq!(standing(&newsroom.runner(), "hello"), "waiting");
    // With the bytes restored all is as it was.
    newsroom.as_person("maya").pull().edit("roles.toml", "\"sign-off\"", "\"signed\"").commit("Be strict").push();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn t17_a_policy_that_cannot_be_read() {
    let newsroom = with_hello();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    let maya = newsroom.as_person("maya");
    maya.pull();
    let (roles, settings) = (maya.read("roles.toml"), maya.read("greenlit.toml"));
    let twice = roles.replace(&public_key("li"), &public_key("noor"));
    let faults: [(&str, &dyn Fn(), &str); 5] = [
        ("missing", &|| _ = maya.remove("roles.toml"), "there is no such file"),
        ("a link", &|| link(&maya, "roles.toml", "greenlit.toml"), "symbolic link"),
        ("an unknown version", &|| _ = maya.edit("roles.toml", "version = 1", "version = 99"), "version"),
        ("a key twice", &|| _ = maya.edit("greenlit.toml", "version = 1", "version = 1\nversion = 1"), "greenlit.toml"),
        ("one key, two people", &|| _ = maya.write("roles.toml", &twice), "roles.toml"),
    ];
    for (what, break_it, reason) in faults {
        break_it();
        maya.commit("Break it").push();
        let refused = newsroom.runner().greenlit(["publish"]);
        assert_eq!(refused.exit, 3, "{what}: {refused}");
        refused.complains("is not in force").complains(reason);
        maya.greenlit(["approve", "--policy"]).exits(1).complains("can never be in force");
        if what == "a link" {
            maya.remove("roles.toml");
        }
        maya.write("roles.toml", &roles).write("greenlit.toml", &settings).commit("Mend it").push();
    }
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

/// Puts a symbolic link in a file's place, on any system.
fn link(desk: &Desk<'_>, path: &str, to: &str) {
    desk.remove(path);
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, desk.path().join(path)).expect("a link");
    #[cfg(not(unix))]
    desk.write(path, to);
}

#[test]
fn t18_a_member_who_was_removed() {
    let newsroom = with_hello();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    assert_eq!(standing(&newsroom.runner(), "hello"), "ready");
    let maya = newsroom.as_person("maya");
    maya.pull().edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"noor\"]").commit("Li leaves").push();
    // Who reads the change sees whom it affects.
    maya.greenlit(["approve", "--policy"]).succeeds().shows("-editor = [\"noor\", \"li\"]").shows("hello");
    let runner = newsroom.runner();
    runner.greenlit(["plan"]).shows("was removed from editor");
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn t20_a_merge_that_drops_a_revocation() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    let before = maya.pull().commit_id("HEAD");
    let revoked = format!("{{ key = \"{}\", revoked = true }}", public_key("li"));
    maya.edit("roles.toml", &format!("\"{}\"", public_key("li")), &revoked).commit("Revoke Li's key").push();
    maya.greenlit(["approve", "--policy"]).succeeds();
    let mallory = newsroom.as_person("mallory");
    mallory.git(["fetch", "-q"]);
    mallory.git(["checkout", "-q", "-b", "old", &before]);
    mallory.write("posts/other.md", HELLO).commit("Write");
    mallory.git(["merge", "-q", "-s", "ours", "-m", "Merge main", "origin/main"]);
    mallory.git(["push", "-q", "origin", "HEAD:refs/heads/main"]);
    assert!(!newsroom.runner().read("roles.toml").contains("revoked"), "the tip has forgotten it");

    // Whoever has the stolen key says yes.
    newsroom.as_person("li").greenlit(["approve", "hello", "--anyway", "--stage", "editor"]).succeeds();
    let runner = newsroom.runner();
    assert_eq!(standing(&runner, "hello"), "waiting");
    runner.greenlit(["plan"]).shows("revoked");
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds();
    assert_eq!(standing(&newsroom.runner(), "hello"), "ready");
}

#[test]
fn t26_an_approval_of_the_policy_that_was_deleted() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.pull().edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"noor\"]").commit("Li leaves").push();
    maya.greenlit(["approve", "--policy"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds();

    // Li may push to both branches, and would like to be an editor again.
    let li = newsroom.as_person("li");
    li.git(["push", "-q", "origin", ":greenlit/approvals"]);
    li.pull().edit("roles.toml", "editor = [\"noor\"]", "editor = [\"noor\", \"li\"]").commit("Li returns").push();
    li.greenlit(["approve", "hello", "--anyway", "--stage", "editor"]).succeeds();
    newsroom.runner().greenlit(["publish"]).exits(3).complains("is not in force");
    maya.pull().git(["revert", "--no-edit", "HEAD"]);
    maya.push();
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}

#[test]
fn t26_a_trusted_branch_that_was_rewound_or_replaced() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    newsroom.pin();
    let tip = maya.pull().commit_id("HEAD");
    newsroom.runner().greenlit(["status"]).exits(1);
    let force = |commit: &str| maya.git(["push", "-q", "--force", "origin", &format!("{commit}:refs/heads/main")]);

    force(&format!("{tip}~1"));
    newsroom.runner().greenlit(["publish"]).exits(3).complains("main was rewound");
    let tree = maya.commit_id("HEAD^{tree}");
    let other = maya.git(["commit-tree", "-m", "Begin anew", &tree]);
    force(other.trim());
    newsroom.runner().greenlit(["publish"]).exits(3).complains("main was rewritten");
    let aside = maya.git(["commit-tree", "-m", "Merge the old line", "-p", other.trim(), "-p", &tip, &tree]);
    force(aside.trim());
    newsroom.runner().greenlit(["publish"]).exits(3).complains("came into main from the side");
    force(&tip);
    newsroom.runner().greenlit(["publish"]).succeeds();
}

#[test]
fn without_a_root_publish_wants_to_be_told_to_trust_the_tip() {
    let newsroom = with_hello();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    newsroom.unpin();
    newsroom.runner().greenlit(["status"]).shows("No root is pinned").shows("greenlit trust pin");
    newsroom.runner().greenlit(["publish"]).exits(3).complains("no root is pinned").complains("--trust-tip");
    let told = newsroom.runner().greenlit(["publish", "--trust-tip"]);
    told.succeeds().shows("Published 1 delivery").complains("taken as they are, whoever changed them last");
    let runner = newsroom.runner();
    runner.greenlit(["publish", "--root", &"f".repeat(40)]).exits(3).complains("is not in this repository");
    runner.greenlit(["publish", "--root", "main"]).exits(3).complains("no commit with its 40 hex digits");
    newsroom.pin();
    newsroom.runner().greenlit(["publish", "--trust-tip"]).exits(2).complains("a root is pinned");
}

#[test]
fn the_chain_is_shown_and_pinned_where_it_stands() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["trust"]).succeeds().shows("in force, pinned as the root").shows("GREENLIT_ROOT");
    maya.edit("roles.toml", "\"reapprove\"", "\"keep\"").commit("Keep approvals when a post moves").push();
    maya.greenlit(["trust"]).exits(1).shows("not in force").shows("Maya Lindqvist can: `greenlit approve --policy`");
    maya.greenlit(["trust", "pin"]).exits(3).complains("admins have not approved that");
    newsroom.as_person("noor").greenlit(["approve", "--policy"]).exits(1).complains("is no admin");
    maya.greenlit(["approve", "--policy"]).succeeds().shows("-reschedule = \"reapprove\"").shows("in force now");
    maya.greenlit(["approve", "--policy"]).exits(2).complains("nothing to approve");
    let report = maya.greenlit(["trust", "--format", "json"]).succeeds().json();
    assert_eq!(report["eras"][1]["approvals"][0]["person"], "maya");
    assert_eq!(report["eras"][1]["approvals"][0]["key"], public_key("maya"));

    newsroom.unpin();
    let pinned = maya.greenlit(["trust", "pin", "--here"]).stdout;
    let tip = maya.commit_id("origin/main");
    assert!(pinned.starts_with(&format!("GREENLIT_ROOT={tip}\n")), "{pinned}");
    let report = maya.greenlit(["trust", "--format", "json"]).succeeds().json();
    assert_eq!((&report["eras"][0]["commit"], &report["source"]), (&tip.into(), &"git config greenlit.root".into()));
}

#[test]
fn only_those_whom_roles_toml_names_may_publish() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.pull().edit("roles.toml", "[policy]", "[permissions]\npublish = [\"legal\"]\n\n[policy]");
    maya.commit("Let legal publish").push();
    newsroom.pin();
    newsroom.as_person("li").greenlit(["approve", "hello"]).succeeds();
    newsroom.as_person("noor").greenlit(["publish"]).exits(3).complains("may not publish").complains("legal");
    newsroom.as_person("tess").greenlit(["publish"]).succeeds().shows("Published 1 delivery");
}
