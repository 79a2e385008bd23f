//! What people decide: approvals that count and those that do not, rejections, and lifting them.

use crate::newsroom::{Newsroom, email, private_key};

const LAUNCH: &str =
    "---\ntitle: Autumn launch\nto: [outbox/site]\npublish_at: 2026-12-01T08:00:00Z\n---\nAutumn is here.\n";
const PRICES: &str = "---\nto: [outbox/site, outbox/status]\nlabels: [pricing]\n---\nNow 10 % off.\n";

/// A newsroom with one post by maya on `main`.
fn with_post(name: &str, text: &str) -> Newsroom {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").write(&format!("posts/{name}.md"), text).commit("Write a post").push();
    newsroom
}

/// The status of a post's first delivery, as `plan` tells everybody.
#[track_caller]
fn step(newsroom: &Newsroom, post: &str) -> String {
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    let deliveries = plan["deliveries"].as_array().expect("deliveries");
    let found = deliveries.iter().find(|delivery| delivery["key"]["post"] == post || delivery["post"] == post);
    found.unwrap_or_else(|| panic!("no {post} in {plan:#}"))["standing"].as_str().expect("a standing").to_owned()
}

#[test]
fn an_approval_shows_what_goes_out_and_everyone_can_see_it() {
    let newsroom = with_post("launch", LAUNCH);
    assert_eq!(step(&newsroom, "launch"), "waiting");
    newsroom
        .as_person("noor")
        .greenlit(["approve", "launch"])
        .succeeds()
        .shows("Autumn is here.")
        .shows("pushed to origin");
    assert_eq!(step(&newsroom, "launch"), "scheduled");
    let commit = newsroom.runner().git(["log", "-1", "--format=%B", "origin/greenlit/approvals"]);
    assert!(commit.contains("\nGreenlit-Stage: editor\nGreenlit-Approve: launch outbox/site sha256:"), "{commit}");
    assert!(commit.contains("at 2026-12-01T08:00:00Z\nSigned-off-by: Noor Haddad <noor@acme.example>\n"), "{commit}");
}

#[test]
fn each_stage_is_approved_by_its_own_people_and_the_next_one_is_named() {
    let newsroom = with_post("prices", PRICES);
    let noor = newsroom.as_person("noor").greenlit(["approve", "prices"]);
    noor.succeeds().shows("Approved prices for editor").shows("waits for Tess Okafor");
    assert_eq!(step(&newsroom, "prices"), "waiting");
    newsroom.as_person("tess").greenlit(["approve", "prices"]).succeeds().shows("Approved prices for legal");
    assert_eq!(step(&newsroom, "prices"), "ready");
    newsroom.as_person("noor").greenlit(["approve", "prices"]).succeeds().shows("approved");
}

#[test]
fn an_approval_that_would_not_count_is_refused_with_the_reason() {
    let newsroom = with_post("launch", LAUNCH);
    newsroom.as_person("mallory").greenlit(["approve", "launch"]).exits(1).complains("is nobody's in roles.toml");
    newsroom.as_person("tess").greenlit(["approve", "launch"]).exits(1).complains("no stage").complains("Noor Haddad");
    newsroom.as_person("li").write("posts/own.md", LAUNCH).commit("Write my own").push();
    newsroom.as_person("li").greenlit(["approve", "own"]).exits(1).complains("is an author of this post");
    let none = newsroom.runner().try_git(["rev-parse", "--verify", "origin/greenlit/approvals"]);
    assert!(none.is_err(), "nothing was recorded");

    newsroom.as_person("li").greenlit(["approve", "own", "--anyway"]).succeeds().shows("is an author of this post");
    assert_eq!(step(&newsroom, "own"), "waiting");
}

#[test]
fn whatever_changes_the_post_takes_the_approval_back() {
    for (from, to) in
        [("Autumn is here.", "Autumn is near."), ("08:00:00Z", "09:00:00Z"), ("[outbox/site]", "[outbox/status]")]
    {
        let newsroom = with_post("launch", LAUNCH);
        newsroom.as_person("noor").greenlit(["approve", "launch"]).succeeds();
        assert_eq!(step(&newsroom, "launch"), "scheduled");
        newsroom.as_person("maya").edit("posts/launch.md", from, to).commit("Change it").push();
        assert_eq!(step(&newsroom, "launch"), "waiting", "{to}");
        newsroom.as_person("noor").greenlit(["approve", "launch"]).succeeds();
        assert_eq!(step(&newsroom, "launch"), "scheduled", "{to}");
    }
}

#[test]
fn a_post_is_approved_on_its_branch_and_stays_so_after_a_squash() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.git(["checkout", "-q", "-b", "launch"]);
    maya.write("posts/launch.md", LAUNCH).commit("Draft").edit("posts/launch.md", "here", "near").commit("Correct");
    maya.git(["push", "-q", "origin", "launch"]);

    let noor = newsroom.as_person("noor");
    noor.greenlit(["approve", "launch"]).exits(2).complains("there is no post \"launch\" on main");
    noor.git(["fetch", "-q"]);
    let approved = noor.greenlit(["approve", "launch", "--ref", "origin/launch"]);
    approved.succeeds().shows("As on origin/launch").shows("nothing goes out before it is merged into main");
    // On the branch itself nothing has to be said.
    let again = noor.clone();
    again.git(["checkout", "-q", "launch"]);
    again.greenlit(["approve", "launch"]).succeeds();

    maya.git(["checkout", "-q", "main"]);
    maya.git(["merge", "-q", "--squash", "launch"]);
    maya.commit("Launch (#1)").push();
    assert_eq!(step(&newsroom, "launch"), "scheduled");
}

#[test]
fn changes_that_are_not_committed_are_not_approved() {
    let newsroom = with_post("launch", LAUNCH);
    let noor = newsroom.as_person("noor");
    noor.edit("posts/launch.md", "here", "near");
    noor.greenlit(["approve", "launch"]).exits(2).complains("not committed").complains("--ref main");
    noor.greenlit(["approve", "launch", "--ref", "origin/main"]).succeeds().shows("Autumn is here.");
}

#[test]
fn a_rejection_outlives_every_new_version_until_it_is_lifted() {
    let newsroom = with_post("launch", LAUNCH);
    let li = newsroom.as_person("li");
    li.greenlit(["reject", "launch", "-m", " "]).exits(2).complains("needs a reason");
    li.greenlit(["reject", "launch", "-m", "Wrong season"]).succeeds().shows("Wrong season");
    assert_eq!(step(&newsroom, "launch"), "rejected");
    newsroom.as_person("maya").edit("posts/launch.md", "Autumn is", "Winter is").commit("Change the season").push();
    newsroom.as_person("noor").greenlit(["approve", "launch"]).succeeds();
    assert_eq!(step(&newsroom, "launch"), "rejected");

    newsroom.as_person("noor").greenlit(["lift", "launch"]).exits(1).complains("Li Wei");
    newsroom.as_person("mallory").greenlit(["reject", "launch", "-m", "x"]).exits(1).complains("is nobody's");
    newsroom.as_person("maya").greenlit(["lift", "launch", "-m", "Season corrected"]).succeeds();
    assert_eq!(step(&newsroom, "launch"), "scheduled");
    newsroom.as_person("maya").greenlit(["lift", "launch"]).exits(2).complains("no rejection stands");
}

#[test]
fn whoever_rejected_and_approves_now_has_changed_their_mind() {
    let newsroom = with_post("launch", LAUNCH);
    let li = newsroom.as_person("li");
    li.greenlit(["reject", "launch", "-m", "Hm"]).succeeds();
    li.greenlit(["approve", "launch"]).succeeds();
    assert_eq!(step(&newsroom, "launch"), "scheduled");
    let message = newsroom.runner().git(["log", "-1", "--format=%B", "origin/greenlit/approvals"]);
    assert!(message.contains("Greenlit-Lift: "), "{message}");
}

#[test]
fn two_people_who_decide_at_once_are_both_heard() {
    let newsroom = with_post("prices", PRICES);
    let (noor, tess) = (newsroom.as_person("noor"), newsroom.as_person("tess"));
    noor.greenlit(["approve", "prices", "--offline"]).succeeds().shows("not pushed yet");
    tess.greenlit(["approve", "prices"]).succeeds();
    assert_eq!(step(&newsroom, "prices"), "waiting");
    noor.write("posts/other.md", LAUNCH).commit("Something else").push();
    // The next decision takes along what had waited in the clone.
    noor.greenlit(["reject", "other", "-m", "My own, and not ready"]).succeeds();
    assert_eq!(step(&newsroom, "prices"), "ready");
    assert_eq!(step(&newsroom, "other"), "rejected");
}

#[test]
fn a_forged_committer_and_a_strangers_signature_are_not_counted() {
    let newsroom = with_post("launch", LAUNCH);
    newsroom.as_person("noor").greenlit(["approve", "launch"]).succeeds();
    let runner = newsroom.runner();
    let honest = runner.git(["cat-file", "commit", "origin/greenlit/approvals"]);
    let (headers, message) = honest.split_once("\n\n").expect("a message");
    let unsigned: Vec<&str> = headers.lines().take_while(|line| !line.starts_with("gpgsig")).collect();
    let unsigned = format!("{}\n\n{message}", unsigned.join("\n"));

    // As noor, without her key; then with mallory's key, in noor's name.
    let key = private_key("mallory").expect("a key");
    let signature = key.sign("git", ssh_key::HashAlg::Sha512, unsigned.as_bytes()).expect("a signature");
    let armor = signature.to_pem(ssh_key::LineEnding::LF).expect("an armor");
    let (headers, _) = unsigned.split_once("\n\n").expect("a message");
    let by_mallory = format!("{headers}\ngpgsig {}\n\n{message}", armor.trim_end().replace('\n', "\n "));
    let altered = honest.replace("Approve launch for editor", "Approve Launch for editor");
    for (forged, why) in
        [(unsigned, "signature is missing"), (by_mallory, "nobody in roles.toml owns"), (altered, "does not fit")]
    {
        let commit = runner.object("commit", forged.as_bytes());
        runner.git(["push", "-q", "--force", "origin", &format!("{commit}:refs/heads/greenlit/approvals")]);
        let fresh = newsroom.runner();
        fresh.greenlit(["plan"]).shows(why);
        assert_eq!(step(&newsroom, "launch"), "waiting", "{why}");
    }
}

#[test]
fn a_rewritten_approvals_branch_stops_a_clone_that_saw_the_old_one() {
    let newsroom = with_post("launch", LAUNCH);
    newsroom.as_person("li").greenlit(["reject", "launch", "-m", "No"]).succeeds();
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    let mallory = newsroom.as_person("mallory");
    let tree = mallory.git(["mktree"]);
    let empty = mallory.git(["commit-tree", "-m", "Nothing was ever decided", tree.trim()]);
    mallory.git(["push", "-q", "--force", "origin", &format!("{}:refs/heads/greenlit/approvals", empty.trim())]);
    noor.greenlit(["approve", "launch"]).exits(3).complains("was rewritten on origin");
    assert!(noor.greenlit(["plan"]).stdout.contains("rejected"));
}

#[test]
fn sign_offs_are_taken_at_their_word_and_every_output_says_so() {
    let newsroom = Newsroom::acme();
    newsroom
        .as_person("maya")
        .edit("roles.toml", "evidence = \"signed\"", "evidence = \"sign-off\"")
        .write("posts/launch.md", LAUNCH)
        .commit("Trust each other")
        .push();
    newsroom.pin();
    let noor = newsroom.as_person("noor");
    noor.git(["config", "--unset-all", "--global", "user.signingkey"]);
    noor.greenlit(["approve", "launch"]).succeeds().shows("Not authenticated");
    assert_eq!(step(&newsroom, "launch"), "scheduled");
    let commit = newsroom.runner().git(["cat-file", "commit", "origin/greenlit/approvals"]);
    assert!(!commit.contains("gpgsig") && commit.contains(&email("noor")), "{commit}");
}

#[test]
fn programs_learn_who_decided_what_and_whose_turn_it_is() {
    let newsroom = with_post("prices", PRICES);
    let said = newsroom.as_person("noor").greenlit(["approve", "prices", "--format", "json"]);
    let report = said.succeeds().json();
    assert_eq!((&report["did"], &report["person"]), (&"approve".into(), &"noor".into()));
    assert_eq!((&report["commits"][0]["stage"], &report["commits"][0]["pushed"]), (&"editor".into(), &true.into()));
    assert_eq!(report["stands"][0]["turn"], serde_json::json!(["tess"]));
    assert_eq!(report["stands"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_draft_a_broken_post_and_a_wrong_account_cannot_be_approved() {
    let newsroom = with_post("draft", &LAUNCH.replace("title", "draft: true\ntitle"));
    newsroom.as_person("maya").write("posts/broken.md", "---\ntoo: x\n---\n").commit("Break one").push();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["approve", "draft"]).exits(2).complains("is a draft");
    noor.greenlit(["approve", "broken"]).exits(3).complains("too");
    noor.greenlit(["reject", "broken", "-m", "Please mend it"]).succeeds();
    newsroom.as_person("maya").write("posts/launch.md", LAUNCH).commit("Write").push();
    noor.greenlit(["approve", "launch", "--account", "bluesky/acme"]).exits(2).complains("does not go to");
    noor.greenlit(["approve", "launch", "--account", "outbox"]).succeeds();
}

#[test]
fn what_nobody_needs_to_decide_is_said() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: outbox/site\n---\nHello.\n").commit("Say hello").push();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["approve", "hello"]).succeeds();
    let again = noor.greenlit(["approve", "hello"]);
    again.succeeds().shows("Nothing to approve: no approval of hello is missing.").shows("approved, no time set");
    newsroom.runner().greenlit(["publish"]).succeeds();
    let after = noor.greenlit(["approve", "hello"]);
    after.succeeds().shows("published Mon 30 Nov 10:00, now\n");
    assert!(!after.stdout.contains("due"), "{after}");
}

#[test]
fn a_log_tells_what_was_typed_at_one_second_in_its_order() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: outbox/site\n---\nHello.\n").commit("Say hello").push();
    let noor = newsroom.as_person("noor");
    noor.greenlit(["reject", "hello", "-m", "Too loud"]).succeeds();
    noor.greenlit(["lift", "hello"]).succeeds();
    noor.greenlit(["approve", "hello"]).succeeds();
    let told = noor.greenlit(["log", "hello"]).stdout;
    let at = |what: &str| told.find(what).unwrap_or_else(|| panic!("{what} in\n{told}"));
    assert!(at("rejected it") < at("lifted the rejection"), "{told}");
    assert!(at("lifted the rejection") < at("approved it"), "{told}");
}
