//! Stand-ins, rotas and deadlines.

use std::time::Duration;

use chrono::NaiveDate;

use super::*;
use crate::workspace::{Away, Rota};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Noor is away from 30 November to 4 December, and Tess stands in.
fn noor_away(room: &mut Newsroom) {
    room.always(|roles| {
        let away = Away { from: day("2026-11-30"), to: day("2026-12-04"), stand_in: Some("tess".into()) };
        roles.people.get_mut("noor").unwrap().away = vec![away];
    });
}

fn for_noor(room: &mut Newsroom, by: &str) -> usize {
    room.approve(by, "editor").stands_in_for = Some("noor".into());
    room.statements.len() - 1
}

#[test]
fn a_stand_in_speaks_for_one_who_is_away() {
    let mut room = newsroom();
    for_noor(&mut room, "tess");
    assert_eq!(room.refusals(), ["does not stand in for noor Example"]);
    noor_away(&mut room);
    let decision = room.judge();
    assert!(decision.approved(), "{decision:#?}");
    let node = &room.stage("editor").children[0];
    assert_eq!(node.what, "approval by tess Example for noor Example");
    assert_eq!((node.person.as_deref(), node.for_person.as_deref()), (Some("tess"), Some("noor")));
    let mut meddled = newsroom();
    noor_away(&mut meddled);
    for_noor(&mut meddled, "maya");
    assert!(!meddled.judge().approved());
}

#[test]
fn a_stand_ins_word_counts_in_that_time_or_where_it_was_seen_in_it() {
    let mut room = newsroom();
    noor_away(&mut room);
    let at = for_noor(&mut room, "tess");
    // The workspace is in Berlin: its 4 December ends at 23:00 UTC.
    room.clock = time("2026-12-04T22:59:59Z");
    assert!(room.judge().approved());
    room.clock = time("2026-12-04T23:00:00Z");
    room.statements[at].dated = time("2026-12-01T00:00:00Z");
    assert_eq!(room.refusals(), ["noor Example is not away: a stand-in's approval counts only in that time"]);
    room.statements[at].seen = Some(time("2026-12-03T00:00:00Z"));
    assert!(room.judge().approved());
    room.statements[at].seen = Some(time("2026-11-29T22:59:59Z"));
    assert!(!room.judge().approved());
    room.statements[at].seen = Some(time("2026-12-03T00:00:00Z"));
    room.then.get_mut("c0ffee").unwrap().people.get_mut("noor").unwrap().away.clear();
    assert!(!room.judge().approved(), "named as stand-in only later");
}

#[test]
fn nobody_counts_twice_as_themselves_and_for_another() {
    let mut room = newsroom();
    noor_away(&mut room);
    room.always(|roles| {
        roles.workflows[1].stages[0].needs = Needs::Some(2);
        roles.roles.get_mut("editor").unwrap().push("tess".into());
    });
    for_noor(&mut room, "tess");
    room.approve("tess", "editor");
    assert_eq!(room.stage("editor").reason, "1 of 2 approved", "Tess speaks once");
    let mut both = room.clone();
    both.approve("noor", "editor");
    assert!(both.judge().approved(), "Tess for herself and Noor for herself");
    room.approve("li", "editor");
    assert!(room.judge().approved());
    room.statements.remove(1);
    room.approve("noor", "editor");
    room.statements.retain(|one| one.witness.email != email("li"));
    assert_eq!(room.stage("editor").reason, "1 of 2 approved", "Noor is spoken for once");
}

#[test]
fn nobody_stands_in_around_the_rule_on_authors() {
    let mut room = newsroom();
    noor_away(&mut room);
    for_noor(&mut room, "tess");
    assert!(room.judge().approved());
    let mut own = room.clone();
    own.edits = vec![edit("noor")];
    assert_eq!(own.refusals(), ["noor Example is an author of this post"]);
    room.edits = vec![edit("tess")];
    assert_eq!(room.refusals(), ["is an author of this post"]);
}

#[test]
fn either_of_the_two_takes_back_a_stand_ins_approval() {
    for by in ["tess", "noor"] {
        let mut room = newsroom();
        noor_away(&mut room);
        let at = for_noor(&mut room, "tess");
        let commit = room.statements[at].commit.clone();
        let mut meddled = room.clone();
        meddled.withdraw("li", &commit);
        assert!(meddled.judge().approved());
        room.withdraw(by, &commit);
        assert!(!room.judge().approved(), "{by}");
    }
}

#[test]
fn whose_turn_it_is_follows_from_the_date() {
    let mut room = newsroom();
    room.always(|roles| {
        let people = vec!["li".to_owned(), "noor".to_owned()];
        roles.rotas = BTreeMap::from([("editor".to_owned(), Rota { people, since: day("2026-11-23") })]);
    });
    let turn = |room: &Newsroom| (room.stage("editor").turn, room.stage("editor").may_also);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(turn(&room), (names(&["noor"]), names(&["li"])), "the second week");
    room.clock = time("2026-12-07T00:00:00Z");
    assert_eq!(turn(&room), (names(&["li"]), names(&["noor"])), "and round again");
    room.clock = time("2026-11-20T00:00:00Z");
    assert_eq!(turn(&room).0, ["li", "noor"], "before the first week all are asked");
    room.clock = time("2026-11-30T09:00:00Z");
    noor_away(&mut room);
    assert_eq!(turn(&room), (names(&["tess"]), names(&["li", "noor"])), "for Noor her stand-in");
    room.edits = vec![edit("noor")];
    assert_eq!(turn(&room), (names(&["li", "ben"]), names(&[])), "Noor wrote it: the others");
    room.approve("li", "editor");
    assert!(room.judge().approved(), "everyone in the role may still approve");
}

#[test]
fn without_a_rota_the_turn_is_of_those_who_are_there() {
    let mut room = newsroom();
    noor_away(&mut room);
    let node = room.stage("editor");
    assert_eq!((node.turn, node.may_also), (vec!["li".into(), "tess".into()], vec!["noor".to_owned()]));
}

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A day for editors, then a day for legal; then the admin may.
fn with_deadlines() -> Newsroom {
    let mut room = newsroom().regulated();
    room.always(|roles| {
        for stage in &mut roles.workflows[0].stages {
            stage.within = Some(DAY);
            stage.escalate_to = Some("admin".into());
        }
    });
    room.landed = Some(time("2026-11-30T08:00:00Z"));
    room
}

#[test]
fn the_first_stage_has_its_time_from_the_landing() {
    let mut room = with_deadlines();
    let node = room.stage("editor");
    assert_eq!((node.since, node.until), (room.landed, Some(time("2026-12-01T08:00:00Z"))));
    assert!(!node.overdue);
    room.clock = time("2026-12-01T08:00:01Z");
    let node = room.stage("editor");
    assert!(node.overdue && node.turn == ["li", "noor", "maya"], "{node:#?}");
    room.landed = Some(time("2027-01-01T00:00:00Z"));
    assert_eq!(room.stage("editor").since, Some(room.clock), "nothing landed in the future");
    room.landed = None;
    let node = room.stage("editor");
    assert_eq!((node.since, node.until, node.overdue), (None, None, false));
}

#[test]
fn who_it_escalates_to_may_approve_only_when_the_time_is_over() {
    let mut room = with_deadlines();
    room.approve("maya", "editor");
    assert_eq!(room.refusals(), ["may approve for editor only once its time is over"]);
    room.clock = time("2026-12-01T08:00:00Z");
    assert!(!room.stage("editor").approved());
    room.clock = time("2026-12-01T08:00:01Z");
    assert!(room.stage("editor").approved());
    let mut fresh = room.clone();
    fresh.then.get_mut("c0ffee").unwrap().roles.insert("admin".into(), vec![]);
    assert!(!fresh.stage("editor").approved(), "an admin then, too");
    room.landed = None;
    assert!(!room.stage("editor").approved(), "nobody knows since when");
}

#[test]
fn a_later_stage_has_its_time_from_when_the_one_before_was_complete() {
    let mut room = with_deadlines();
    room.clock = time("2026-12-05T00:00:00Z");
    room.approve("li", "editor").dated = time("2026-11-30T12:00:00Z");
    let node = room.stage("legal");
    assert_eq!(node.since, Some(time("2026-11-30T12:00:00Z")), "as it was typed");
    assert!(node.overdue);
    room.approve("maya", "legal");
    assert!(!room.judge().approved(), "but a typed date gives no power");
    assert_eq!(room.stage("legal").turn, ["tess", "noor"]);
    room.statements[0].seen = Some(time("2026-12-04T12:00:00Z"));
    assert_eq!(room.stage("legal").since, room.statements[0].seen);
    assert!(!room.judge().approved(), "not a day ago");
    room.statements[0].seen = Some(time("2026-11-30T13:00:00Z"));
    assert!(room.judge().approved());
    // Approved on the pull request, long before the post landed.
    room.statements[0].seen = Some(time("2026-10-01T00:00:00Z"));
    room.landed = Some(time("2026-12-04T08:00:00Z"));
    assert_eq!(room.stage("legal").since, room.landed);
    assert!(!room.judge().approved());
}

#[test]
fn a_span_that_never_ends_is_never_over() {
    let mut room = with_deadlines();
    room.always(|roles| roles.workflows[0].stages[0].within = Some(Duration::MAX));
    let node = room.stage("editor");
    assert_eq!((node.until, node.overdue), (None, false));
}

/// Whichever of several approvals counts, the first that were enough say when the stage was over.
#[test]
fn taking_an_approval_back_makes_no_stage_end_sooner() {
    let mut room = with_deadlines();
    noor_away(&mut room);
    room.always(|roles| roles.roles.get_mut("editor").unwrap().push("tess".into()));
    room.clock = time("2026-12-03T00:00:00Z");
    for (at, by, absent) in [(1, "tess", true), (3, "noor", false), (5, "tess", false), (2, "tess", true)] {
        let statement = room.approve(by, "editor");
        statement.stands_in_for = absent.then(|| "noor".into());
        statement.seen = Some(time("2026-12-01T00:00:00Z") + chrono::TimeDelta::hours(at));
    }
    let first = room.statements[0].seen;
    assert_eq!(room.stage("legal").since, first);
    for at in 0..room.statements.len() {
        let mut fewer = room.clone();
        let given = fewer.statements[at].commit.clone();
        let by = ["tess", "noor", "tess", "tess"][at];
        fewer.withdraw(by, &given);
        assert!(fewer.stage("legal").since >= first, "{at}");
    }
}
