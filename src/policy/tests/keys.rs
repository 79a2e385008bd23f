//! Keys with an end, keys that were revoked, and programs.

use super::*;
use crate::workspace::OwnedKey;

/// Li's key under both roles.
fn of_li(room: &mut Newsroom, change: impl Fn(&mut OwnedKey)) {
    room.always(|roles| change(&mut roles.people.get_mut("li").unwrap().keys[0]));
}

#[test]
fn t19_an_expired_key_counts_no_more_whatever_date_was_typed() {
    let mut room = newsroom();
    of_li(&mut room, |key| key.not_after = Some(time("2026-12-01T00:00:00Z")));
    room.approve("li", "editor").dated = time("2026-11-01T00:00:00Z");
    assert!(room.judge().approved(), "still in its time");
    room.clock = time("2026-12-01T00:00:00Z");
    assert!(!room.judge().approved());
    assert_eq!(room.refusals(), ["the key that signed it has expired (2026-12-01 00:00 UTC)"]);
    // The publisher saw it in time, and still it does not count now.
    room.statements[0].seen = Some(time("2026-11-30T00:00:00Z"));
    assert!(!room.judge().approved());
}

#[test]
fn a_key_counts_from_its_first_day() {
    let mut room = newsroom();
    of_li(&mut room, |key| key.not_before = Some(time("2026-12-01T00:00:00Z")));
    room.approve("li", "editor").dated = time("2027-01-01T00:00:00Z");
    assert_eq!(room.refusals(), ["the key that signed it counts only from 2026-12-01 00:00 UTC"]);
    room.clock = time("2026-12-01T00:00:00Z");
    assert!(room.judge().approved());
    room.statements[0].seen = Some(time("2026-11-30T00:00:00Z"));
    assert!(!room.judge().approved(), "the publisher saw it before the key's first day");
}

#[test]
fn nobody_signs_outside_of_a_keys_time_by_their_own_word() {
    let mut room = newsroom();
    of_li(&mut room, |key| {
        (key.not_before, key.not_after) = (Some(time("2026-11-01T00:00:00Z")), Some(time("2026-12-24T00:00:00Z")));
    });
    room.approve("li", "editor").dated = time("2026-11-30T09:00:00Z");
    assert!(room.judge().approved());
    room.statements[0].dated = time("2026-10-31T00:00:00Z");
    assert_eq!(room.refusals(), ["the key that signed it counts only from 2026-11-01 00:00 UTC, by its own date"]);
    room.statements[0].dated = time("2026-12-24T00:00:00Z");
    assert_eq!(room.refusals(), ["the key that signed it has expired (2026-12-24 00:00 UTC), by its own date"]);
}

#[test]
fn a_longer_time_for_a_key_keeps_what_was_seen_in_the_shorter_one() {
    let mut room = newsroom();
    room.then.get_mut("c0ffee").unwrap().people.get_mut("li").unwrap().keys[0].not_after =
        Some(time("2026-11-29T00:00:00Z"));
    room.approve("li", "editor");
    assert!(!room.judge().approved(), "nobody can tell when it was given");
    room.statements[0].seen = Some(time("2026-11-28T00:00:00Z"));
    assert!(room.judge().approved());
    room.statements[0].seen = Some(time("2026-11-29T00:00:00Z"));
    assert!(!room.judge().approved());
}

#[test]
fn a_revoked_key_never_counts_again() {
    let mut room = newsroom();
    room.approve("li", "editor");
    let mut later = room.clone();
    later.now.people.get_mut("li").unwrap().keys[0].revoked = Some(time("2026-11-30T09:00:01Z"));
    assert!(later.judge().approved(), "not yet");
    later.clock = time("2026-11-30T09:00:01Z");
    assert_eq!(later.refusals(), ["the key that signed it is revoked"]);
    assert_eq!(later.stage("editor").turn, ["li", "noor"], "Li has another key");
    // Taken out of the roles since, or never in them because a merge dropped it.
    room.revoked.insert(key("li"));
    assert_eq!(room.refusals(), ["the key that signed it is revoked"]);
    room.revoked.insert(Key("ssh-ed25519 second-of-li".into()));
    assert_eq!(room.stage("editor").turn, ["noor"]);
}

#[test]
fn a_veto_outlives_the_key_that_made_it() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("noor");
    room.revoked.insert(key("noor"));
    assert_eq!(room.judge().status, Status::Rejected, "an admin ends it, not a stolen key");
}

#[test]
fn t08_a_bot_decides_nothing() {
    let mut room = newsroom();
    room.approve("li", "editor");
    assert!(room.judge().approved());
    for which in [0, 1] {
        let mut room = room.clone();
        let roles = if which == 0 { &mut room.now } else { room.then.get_mut("c0ffee").unwrap() };
        roles.people.get_mut("li").unwrap().bot = true;
        assert!(!room.judge().approved());
        assert_eq!(room.refusals(), ["is a bot, and bots decide nothing"]);
    }
    room.always(|roles| roles.people.get_mut("noor").unwrap().bot = true);
    room.reject("noor");
    room.hold("noor", HoldScope::Everything);
    assert!(room.judge().approved(), "it holds nothing up either");
    room.statements.clear();
    assert_eq!(room.stage("editor").turn, ["li"]);
}
