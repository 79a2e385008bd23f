//! Each attack beside its honest twin.

use super::*;

#[test]
fn one_editor_is_enough_for_an_ordinary_post() {
    let mut room = newsroom();
    let waiting = room.judge();
    assert_eq!(waiting.status, Status::Waiting);
    assert_eq!(waiting.whose_turn(), ["li", "noor"], "not Ben, who wrote it");
    room.approve("li", "editor");
    let decision = room.judge();
    assert!(decision.approved(), "{decision:#?}");
    assert_eq!(decision.commits(), [format!("{:040x}", 1)]);
    assert!(decision.whose_turn().is_empty());
}

#[test]
fn stages_come_in_order() {
    let mut room = newsroom().regulated();
    room.approve("tess", "legal");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting);
    assert_eq!(decision.whose_turn(), ["li", "noor"], "editors first, though Tess was early");
    assert_eq!(decision.children[1].status, Status::Pending);
    assert_eq!(decision.children[1].reason, "after editor");
    room.approve("li", "editor");
    assert!(room.judge().approved());
}

#[test]
fn someone_in_two_roles_approves_for_each() {
    let mut room = newsroom().regulated();
    room.approve("noor", "editor");
    assert_eq!(room.judge().whose_turn(), ["noor", "tess"]);
    room.approve("noor", "legal");
    assert!(room.judge().approved());
}

/// One reason for which an approval does not count, each one change away from an honest one that does.
#[test]
fn what_does_not_count_says_why() {
    type Change = fn(&mut Newsroom);
    let stories: &[(&str, Change, &str)] = &[
        ("the text was edited", |r| r.digest = Digest::of(b"edited"), "approved an earlier version: sha256:"),
        (
            "the time was moved",
            |r| r.due = at("2026-12-02T08:00:00Z"),
            "approved for 2026-12-01 09:00 CET; it is now for 2026-12-02 09:00 CET",
        ),
        (
            "the time was taken off",
            |r| r.due = Due::Asap,
            "approved for 2026-12-01 09:00 CET; it is now to go out at once",
        ),
        ("another workspace", |r| r.statements[0].workspace = "other".into(), "was made for another workspace"),
        ("no stage", |r| r.statements[0].stage = None, "names no stage"),
        ("another stage", |r| r.statements[0].stage = Some("legal".into()), "is not in legal"),
        ("no signature", |r| r.statements[0].witness.signature = Signature::Missing, "signature is missing"),
        (
            "a bad signature",
            |r| r.statements[0].witness.signature = Signature::Invalid("it is for another commit".into()),
            "signature proves nothing: it is for another commit",
        ),
        (
            "a stranger's key, in Li's name",
            |r| r.statements[0].witness.signature = Signature::Valid(key("mallory")),
            "signed by a key nobody in roles.toml owns",
        ),
        (
            "a bot in the role of nobody",
            |r| r.statements[0].witness.signature = Signature::Valid(key("maya")),
            "is not in editor",
        ),
        (
            "the author, though an editor",
            |r| r.statements[0].witness.signature = Signature::Valid(key("ben")),
            "is an author of this post",
        ),
        (
            "the author with their other key",
            |r| r.statements[0].witness.signature = Signature::Valid(Key("ssh-ed25519 second-of-ben".into())),
            "is an author of this post",
        ),
        ("co-author by address", |r| r.edits[0].author.emails.push(email("li")), "is an author of this post"),
        (
            "removed from the role",
            |r| r.now.roles.get_mut("editor").unwrap().retain(|p| p != "li"),
            "was removed from editor",
        ),
        (
            "the key was revoked",
            |r| r.now.people.get_mut("li").unwrap().keys.clear(),
            "the key that signed it is no longer Li Example's",
        ),
        ("the person is gone", |r| drop(r.now.people.remove("li")), "the key that signed it is no longer li Example's"),
        (
            "the role was given later",
            |r| r.then.get_mut("c0ffee").unwrap().roles.get_mut("editor").unwrap().retain(|p| p != "li"),
            "was not in editor yet when approving",
        ),
        (
            "the key was added later",
            |r| r.then.get_mut("c0ffee").unwrap().people.get_mut("li").unwrap().keys.clear(),
            "the key that signed it was not yet li Example's when it was given",
        ),
        (
            "the key was someone else's",
            |r| {
                let then = r.then.get_mut("c0ffee").unwrap();
                then.people.get_mut("li").unwrap().keys.clear();
                then.people.get_mut("tess").unwrap().keys.push(key("li").into());
            },
            "the key that signed it was tess Example's then",
        ),
        (
            "roles from a branch of their own",
            |r| r.statements[0].policy = None,
            "the roles that it was given under are not on the trusted branch",
        ),
        (
            "roles that cannot be read",
            |r| r.then.clear(),
            "the roles that it was given under cannot be read (commit c0ffee)",
        ),
    ];
    for (story, change, reason) in stories {
        let mut room = newsroom();
        room.approve("li", "editor");
        assert!(room.judge().approved(), "the honest twin of: {story}");
        change(&mut room);
        let decision = room.judge();
        assert_ne!(decision.status, Status::Approved, "{story}");
        let reasons = room.refusals();
        assert_eq!(reasons.len(), 1, "{story}: {reasons:?}");
        assert!(reasons[0].to_lowercase().starts_with(&reason.to_lowercase()), "{story}: {reasons:?}");
    }
}

#[test]
fn an_approval_of_another_post_or_account_is_no_matter_here() {
    for change in [
        |room: &mut Newsroom| room.account = AccountName::new("bluesky/other").unwrap(),
        |room: &mut Newsroom| room.post = post("winter"),
    ] {
        let mut room = newsroom();
        room.approve("li", "editor");
        change(&mut room);
        assert_eq!(room.judge().status, Status::Waiting);
        assert!(room.refusals().is_empty());
    }
}

#[test]
fn authors_may_approve_where_the_roles_say_so() {
    let mut room = newsroom();
    room.approve("ben", "editor");
    assert!(!room.judge().approved());
    room.now.policy.author_may_approve = true;
    assert!(room.judge().approved());
}

#[test]
fn a_new_time_keeps_approvals_where_the_roles_say_so() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.due = at("2026-12-02T08:00:00Z");
    assert!(!room.judge().approved());
    room.now.policy.reschedule = Reschedule::Keep;
    assert!(room.judge().approved());
}

#[test]
fn a_person_counts_once_with_any_number_of_keys() {
    let mut room = newsroom();
    room.now.workflows[1].stages[0].needs = Needs::Some(2);
    room.approve("li", "editor");
    room.approve("li", "editor").witness.signature = Signature::Valid(Key("ssh-ed25519 second-of-li".into()));
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting);
    assert_eq!(decision.children[0].reason, "1 of 2 approved");
    assert_eq!(decision.whose_turn(), ["noor"]);
    assert_eq!(room.refusals(), ["has approved for editor already"]);
    room.approve("noor", "editor");
    assert!(room.judge().approved());
}

#[test]
fn a_stage_asked_twice_needs_a_second_yes() {
    let mut room = newsroom().regulated();
    let again = room.now.workflows[0].stages[0].clone();
    room.now.workflows[0].stages.push(again);
    room.approve("li", "editor");
    room.approve("tess", "legal");
    assert_eq!(room.judge().whose_turn(), ["li", "noor"]);
    room.approve("li", "editor");
    assert!(room.judge().approved());
}

#[test]
fn a_stage_that_nobody_can_give_says_so_and_names_the_admin() {
    let mut room = newsroom();
    room.now.roles.insert("editor".into(), vec!["ben".into()]);
    let decision = room.judge();
    assert_eq!(
        decision.children[0].reason,
        "0 of 1 approved, and nobody else can: Ben Example is an author of this post; an admin can add people to roles.toml"
            .replace("Ben", "ben")
    );
    assert_eq!(decision.whose_turn(), ["maya"]);
}

#[test]
fn no_workflow_is_no_yes() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.now.workflows.pop();
    assert_eq!(room.judge().status, Status::Error);
    room.now.workflows[0].when = When::default();
    room.now.workflows[0].stages.clear();
    assert_eq!(room.judge().status, Status::Error);
}

#[test]
fn sign_offs_are_taken_at_their_word_and_called_so() {
    let mut room = newsroom().by_sign_off();
    room.approve("li", "editor").witness.signature = Signature::Missing;
    let decision = room.judge();
    assert!(decision.approved());
    assert_eq!(decision.reason, "not authenticated: sign-offs are taken at their word");
    room.statements[0].witness.sign_offs = vec![email("tess")];
    assert!(!room.judge().approved());
    assert_eq!(room.refusals(), ["has no Signed-off-by of its committer, li@example.com"]);
    room.statements[0].witness.email = "ceo@example.com".into();
    room.statements[0].witness.sign_offs = vec!["ceo@example.com".into()];
    assert_eq!(room.refusals(), ["nobody in roles.toml has the address ceo@example.com"]);
}

#[test]
fn loosened_rules_do_not_reach_back() {
    let mut room = newsroom();
    room.approve("li", "editor").witness.signature = Signature::Missing;
    room.now.policy.evidence = EvidenceMode::SignOff;
    assert!(!room.judge().approved(), "given under rules that wanted a signature");
    room.then.get_mut("c0ffee").unwrap().policy.evidence = EvidenceMode::SignOff;
    assert!(room.judge().approved());
    room.now.policy.evidence = EvidenceMode::Signed;
    assert!(!room.judge().approved(), "and tightened ones hold at once");
}

#[test]
fn a_rejection_outlives_every_new_version_until_it_is_lifted() {
    let mut room = newsroom();
    room.approve("li", "editor");
    let veto = room.reject("noor").commit.clone();
    room.statements[1].text = "The price\n is wrong.".into();
    room.digest = Digest::of(b"the third version");
    room.approve("li", "editor");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Rejected);
    assert_eq!(decision.children[0].what, "rejection by noor Example");
    assert_eq!(decision.children[0].reason, "The price is wrong.");
    assert_eq!(decision.whose_turn(), ["maya", "noor"]);

    let mut lifted = room.clone();
    lifted.lift("noor", &veto);
    assert!(lifted.judge().approved());
    let mut overruled = room.clone();
    overruled.lift("maya", &veto);
    assert!(overruled.judge().approved());
    let mut meddled = room.clone();
    meddled.lift("li", &veto);
    assert_eq!(meddled.judge().status, Status::Rejected);
    assert!(meddled.refusals().contains(&"did not make the rejection and is no admin".to_owned()));
    let mut forged = room.clone();
    forged.lift("noor", &veto).witness.signature = Signature::Valid(key("mallory"));
    assert_eq!(forged.judge().status, Status::Rejected);
}

#[test]
fn who_could_reject_then_or_can_now_has_rejected() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("noor");
    // Noor leaves, roles and all: her rejection stays, and an admin can lift it.
    room.now.people.remove("noor");
    for people in room.now.roles.values_mut() {
        people.retain(|person| person != "noor");
    }
    let decision = room.judge();
    assert_eq!(decision.status, Status::Rejected);
    assert_eq!(decision.whose_turn(), ["maya"]);

    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("tess").policy = None;
    assert_eq!(room.judge().status, Status::Rejected, "legal rejects, though this workflow does not ask legal");

    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("mallory");
    assert!(room.judge().approved(), "a stranger's rejection is no rejection");
    assert_eq!(room.refusals(), ["signed by a key nobody in roles.toml owns"]);
}

#[test]
fn thousands_of_strangers_change_nothing_and_are_soon_read() {
    let mut room = newsroom();
    for _ in 0..2_000 {
        let withdraw = Verb::Withdraw { commit: "f".repeat(40) };
        let reject = Verb::Reject { post: room.post.id.clone() };
        let said = room.approve("mallory", "editor");
        said.verbs.extend([Verb::Hold { scope: HoldScope::Everything }, reject, withdraw]);
    }
    assert_eq!(room.judge().status, Status::Waiting);
    room.approve("li", "editor");
    assert!(room.judge().approved());
}
