//! Stages in order and side by side, all of a role, conditions, workflows combined.

use super::*;
use crate::workspace::Away;

#[test]
fn parallel_stages_have_their_turn_together() {
    let mut room = newsroom().regulated();
    room.always(|roles| {
        let stages = &mut roles.workflows[0].stages;
        stages[1].parallel = true;
        stages.push(stage("admin"));
    });
    assert_eq!(room.judge().whose_turn(), ["li", "noor", "tess"]);
    assert_eq!(room.stage("admin").reason, "after editor and legal");
    room.approve("tess", "legal");
    assert!(room.stage("legal").approved());
    assert_eq!(room.stage("admin").status, Status::Pending);
    room.approve("li", "editor");
    assert_eq!(room.judge().whose_turn(), ["maya"]);
    room.approve("maya", "admin");
    assert!(room.judge().approved());
}

#[test]
fn turns_take_their_time_one_after_the_other_and_workflows_side_by_side() {
    let hours = |hours: u64| Some(std::time::Duration::from_secs(hours * 3600));
    let mut room = newsroom().regulated();
    let outline = room.post.clone();
    let needed = |room: &Newsroom| crate::policy::time_needed(&room.now, &outline, &room.account);
    room.always(|roles| {
        let of = |role: &str, within, parallel| Stage { within, parallel, ..stage(role) };
        roles.workflows[0].stages = vec![of("editor", hours(24), false), of("legal", hours(48), false)];
        roles.workflows[1].stages = vec![of("admin", hours(73), false)];
    });
    assert_eq!(needed(&room), hours(72));
    room.always(|roles| roles.workflows[0].stages[1].parallel = true);
    assert_eq!(needed(&room), hours(48));
    room.always(|roles| roles.workflows[0].and = vec![roles.workflows[1].name.clone()]);
    assert_eq!(needed(&room), hours(73));
    room.always(|roles| roles.workflows.iter_mut().flat_map(|one| &mut one.stages).for_each(|one| one.within = None));
    assert_eq!(needed(&room), None);
}

#[test]
fn all_of_a_role_are_asked_but_those_who_may_not() {
    let mut room = newsroom();
    room.always(|roles| {
        roles.workflows[1].stages[0].needs = Needs::All;
        roles.roles.get_mut("editor").unwrap().extend(["tess".into(), "maya".into()]);
        roles.people.get_mut("tess").unwrap().bot = true;
        roles.people.get_mut("maya").unwrap().keys.clear();
    });
    assert_eq!(room.stage("editor").turn, ["li", "noor"], "no author, no bot, nobody without a key");
    room.approve("li", "editor");
    let node = room.stage("editor");
    assert_eq!((node.status, node.reason.as_str(), node.needs), (Status::Waiting, "1 of 2 approved", Some(2)));
    room.approve("noor", "editor");
    assert!(room.judge().approved());
}

#[test]
fn who_is_asked_is_not_replaced_by_one_whose_own_word_would_not_count() {
    let mut room = newsroom();
    room.always(|roles| {
        roles.workflows[1].stages[0].needs = Needs::All;
        let maya = roles.people.get_mut("maya").unwrap();
        maya.keys.clear();
        let day = |text: &str| text.parse().unwrap();
        maya.away = vec![Away { from: day("2026-11-30"), to: day("2026-12-04"), stand_in: Some("tess".into()) }];
        roles.roles.get_mut("editor").unwrap().push("maya".into());
    });
    room.approve("li", "editor");
    room.approve("tess", "editor").stands_in_for = Some("maya".into());
    assert_eq!(room.judge().status, Status::Waiting, "Noor was not asked");
    room.approve("noor", "editor");
    assert!(room.judge().approved());
}

#[test]
fn all_of_nobody_is_nobody() {
    let mut room = newsroom();
    room.always(|roles| {
        roles.workflows[1].stages[0].needs = Needs::All;
        roles.roles.insert("editor".into(), vec!["ben".into()]);
    });
    assert_eq!(room.judge().status, Status::Waiting);
    assert!(room.stage("editor").reason.starts_with("0 of 1 approved, and nobody else can"));
    room.approve("ben", "editor");
    assert_eq!(room.judge().status, Status::Waiting);
}

#[test]
fn a_stage_is_asked_only_where_it_holds() {
    let mut room = newsroom();
    room.always(|roles| {
        let legal = Stage { when: When { languages: vec!["de".into()], ..When::default() }, ..stage("legal") };
        roles.workflows[1].stages.insert(0, legal);
    });
    room.approve("li", "editor");
    assert!(room.judge().approved());
    room.post.languages = vec!["de-AT".into()];
    assert_eq!(room.judge().whose_turn(), ["noor", "tess"]);
    room.approve("tess", "legal");
    assert!(room.judge().approved());
}

#[test]
fn when_no_stage_is_left_nobody_has_said_yes() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.always(|roles| roles.workflows[1].stages[0].when.labels = vec!["other".into()]);
    let decision = room.judge();
    assert_eq!(decision.status, Status::Error);
    assert_eq!(decision.reason, "none of the workflow's stages is for this post, so nobody can approve it");
    assert_eq!(decision.whose_turn(), ["maya"]);
}

#[test]
fn combined_workflows_are_all_passed_and_one_approval_counts_in_each() {
    let mut room = newsroom();
    room.always(|roles| {
        roles.workflows[1].and = vec!["client".into()];
        let never = When { labels: vec!["no post has this".into()], ..When::default() };
        let stages = vec![stage("editor"), stage("legal")];
        roles.workflows.push(Workflow { name: "client".into(), when: never, and: vec!["default".into()], stages });
    });
    room.approve("li", "editor");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting);
    assert_eq!(decision.whose_turn(), ["noor", "tess"], "whatever the condition of the other says");
    let client = decision.children.iter().find(|child| child.kind == Kind::Workflow).unwrap();
    assert_eq!((client.what.as_str(), client.status), ("workflow client", Status::Waiting));
    assert!(client.children[0].approved());
    room.approve("tess", "legal");
    assert!(room.judge().approved());
    assert!(room.refusals().is_empty());
    assert_eq!(room.judge().commits().len(), 2);

    room.now.workflows[2].stages.clear();
    assert_eq!(room.judge().status, Status::Error, "a part that nobody can pass");
    room.now.workflows.pop();
    let decision = room.judge();
    assert_eq!(decision.status, Status::Error);
    assert!(decision.reason.contains("no workflow in roles.toml has this name"), "{}", decision.reason);
}

#[test]
fn the_people_of_one_network_approve_for_it_alone() {
    let mut room = newsroom();
    room.always(|roles| {
        let mastodon = When { accounts: vec!["mastodon/*".into()], ..When::default() };
        let stages = vec![stage("legal")];
        roles.workflows.insert(0, Workflow { name: "fediverse".into(), when: mastodon, and: vec![], stages });
    });
    room.approve("tess", "legal");
    assert_eq!(room.judge().whose_turn(), ["li", "noor"]);
    room.account = AccountName::new("mastodon/acme").unwrap();
    assert_eq!(room.judge().whose_turn(), ["noor", "tess"]);
    room.approve("tess", "legal");
    assert!(room.judge().approved());
}
