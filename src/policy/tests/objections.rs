//! Holds and withdrawals.

use super::*;

fn everything() -> HoldScope {
    HoldScope::Everything
}

#[test]
fn one_hold_stops_all_and_takes_nothing_away() {
    let mut room = newsroom();
    room.approve("li", "editor");
    let hold = room.hold("noor", everything());
    hold.text = "An accident\nin the plant.".into();
    hold.seen = Some(time("2026-11-29T10:00:00Z"));
    let hold = hold.commit.clone();
    let decision = room.judge();
    assert_eq!(decision.status, Status::Held);
    let node = &decision.children[0];
    assert_eq!((node.what.as_str(), node.scope.as_deref()), ("hold of everything by noor Example", Some("everything")));
    assert_eq!((node.reason.as_str(), node.person.as_deref()), ("An accident in the plant.", Some("noor")));
    assert_eq!(node.since, Some(time("2026-11-29T10:00:00Z")));
    assert_eq!(decision.whose_turn(), ["maya", "noor"]);
    assert!(room.stage("editor").approved());

    room.resume("noor", &hold);
    assert!(room.judge().approved());
    assert!(room.refusals()[0].starts_with("was resumed by noor Example"));
}

#[test]
fn a_hold_stops_what_it_names() {
    let holds = |scope: HoldScope| {
        let mut room = newsroom();
        room.post.campaign = Some("Autumn".into());
        room.approve("li", "editor");
        room.hold("noor", scope);
        room.judge().status == Status::Held
    };
    let post = |id: &str| HoldScope::Post(PostId::new(id).unwrap());
    let account = |name: &str| HoldScope::Account(AccountName::new(name).unwrap());
    assert!(holds(post("autumn")) && !holds(post("winter")));
    assert!(holds(account("bluesky/acme")) && !holds(account("mastodon/acme")));
    assert!(holds(HoldScope::Campaign("autumn".into())) && !holds(HoldScope::Campaign("winter".into())));
    assert!(holds(everything()));
}

#[test]
fn t23_a_hold_stays_until_its_maker_or_an_admin_resumes_it() {
    let mut room = newsroom();
    room.approve("li", "editor");
    let hold = room.hold("noor", everything()).commit.clone();
    let resumed_by = |name: &str, change: fn(&mut Statement)| {
        let mut room = room.clone();
        change(room.resume(name, &hold));
        room.judge().approved()
    };
    assert!(resumed_by("noor", |_| ()) && resumed_by("maya", |_| ()));
    assert!(!resumed_by("ben", |_| ()), "the author");
    assert!(!resumed_by("li", |_| ()) && !resumed_by("mallory", |_| ()));
    assert!(!resumed_by("noor", |end| end.witness.signature = Signature::Missing));
    assert!(!resumed_by("noor", |end| end.workspace = "other".into()));
    assert!(!resumed_by("noor", |end| end.policy = None));
    let mut lifted = room.clone();
    lifted.lift("noor", &hold);
    assert!(!lifted.judge().approved(), "a lift is for rejections");
    // Noor leaves; her hold stays.
    room.now.people.remove("noor");
    assert_eq!(room.judge().status, Status::Held);
    assert_eq!(room.judge().whose_turn(), ["maya"]);
}

#[test]
fn permissions_say_who_may_hold() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.hold("mallory", everything());
    assert!(room.judge().approved(), "a stranger holds nothing");
    room.always(|roles| roles.permissions.hold = Some(vec!["legal".into()]));
    room.hold("li", everything());
    assert!(room.judge().approved());
    assert!(room.refusals().contains(&"is in no role that may hold (permissions in roles.toml)".to_owned()));
    for name in ["tess", "maya"] {
        let mut room = room.clone();
        room.hold(name, everything());
        assert_eq!(room.judge().status, Status::Held, "{name}");
    }
    // Entitled then or now is enough for caution.
    room.now.roles.get_mut("legal").unwrap().clear();
    room.hold("tess", everything());
    assert_eq!(room.judge().status, Status::Held);
}

#[test]
fn a_rejection_is_told_before_a_hold() {
    let mut room = newsroom();
    room.hold("noor", everything());
    room.reject("tess");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Rejected);
    assert!(decision.children.iter().any(|child| child.status == Status::Held));
}

#[test]
fn one_takes_back_ones_own_approval_and_nobody_elses() {
    let mut room = newsroom();
    let given = room.approve("li", "editor").commit.clone();
    let after = |change: &dyn Fn(&mut Newsroom)| {
        let mut room = room.clone();
        change(&mut room);
        (room.judge().approved(), room.refusals())
    };
    let (approved, reasons) = after(&|room| drop(room.withdraw("li", &given).commit.clone()));
    assert!(!approved && reasons[0].starts_with("was withdrawn by li Example"), "{reasons:?}");
    let (approved, _) = after(&|room| {
        room.withdraw("li", &given).witness.signature = Signature::Valid(Key("ssh-ed25519 second-of-li".into()));
    });
    assert!(!approved, "with another key");
    for name in ["noor", "maya", "mallory", "ben"] {
        assert!(after(&|room| drop(room.withdraw(name, &given).commit.clone())).0, "{name}");
    }
    let (approved, reasons) = after(&|room| room.withdraw("noor", &given).workspace = "other".into());
    assert!(approved && reasons.is_empty());
    // Of two, the other one stays; whoever gave it may be careful under whatever roles.
    let (approved, _) = after(&|room| {
        room.approve("li", "editor");
        room.withdraw("li", &given).policy = None;
    });
    assert!(approved);
    // Who changes their mind again approves again.
    let (approved, _) = after(&|room| {
        room.withdraw("li", &given);
        room.approve("li", "editor");
    });
    assert!(approved);
}

#[test]
fn dossiers_bring_each_decision_to_the_posts_it_is_about() {
    let mut room = newsroom();
    let given = room.approve("li", "editor").commit.clone();
    room.withdraw("noor", &given);
    let hold = room.hold("noor", everything()).commit.clone();
    room.resume("noor", &hold);
    let comment = room.says("tess", Verb::Comment { post: room.post.id.clone() });
    room.add(comment);
    let own = room.hold("noor", HoldScope::Post(room.post.id.clone())).commit.clone();
    room.resume("noor", &own);
    let evidence = Evidence { statements: room.statements.clone(), refused: Vec::new() };
    let dossiers = Dossiers::new(&evidence);
    assert_eq!(dossiers.of(&room.post.id).len(), 7);
    let other = PostId::new("winter").unwrap();
    assert_eq!(dossiers.of(&other).len(), 2, "the hold of everything and its end");
    assert!(dossiers.about(&other).is_empty());
}
