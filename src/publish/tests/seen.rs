//! What a run saw for the first time goes with what it claims on the strength of it.

use super::*;
use crate::ledger::Seen;
use crate::ledger::memory::Memory;

fn sighting(runner: &str, commits: &[(&str, Option<&str>)]) -> Vec<Sighting> {
    let seen = |(commit, raw): &(&str, Option<&str>)| Seen { commit: commit.repeat(40), raw: raw.map(str::to_owned) };
    Sighting::of(runner, now(), commits.iter().map(seen).collect())
}

fn first_seen(store: &Memory, commit: &str) -> bool {
    store.sightings().unwrap().first_seen(&commit.repeat(40)).is_some()
}

#[test]
fn it_is_in_the_claims_commit() {
    let mut room = Newsroom::autumn();
    room.seen = sighting("ci-1", &[("a", Some("tree …")), ("b", None)]);
    assert!(room.publish().fine());
    assert_eq!(room.remote.commits(), 2, "two pushes a run, whatever is new");
    assert!(first_seen(&room.remote.store(), "a") && first_seen(&room.remote.store(), "b"));
    room.assert_all_out_once("with what was seen");
}

#[test]
fn where_nothing_is_claimed_it_is_written_all_the_same() {
    let mut room = Newsroom::autumn();
    room.seen = sighting("ci-1", &[("a", None)]);
    let refused = SendError::Credentials { reason: "no password".to_owned(), help: "set it".to_owned() };
    room.fake.door("bluesky/acme", Some(refused));
    room.publish();
    assert_eq!(room.remote.commits(), 1);
    assert!(first_seen(&room.remote.store(), "a") && room.remote.entries().is_empty());
}

#[test]
fn what_another_run_saw_meanwhile_is_left_to_it() {
    let mut room = Newsroom::autumn();
    room.seen = sighting("ci-1", &[("a", None), ("b", Some("its bytes")), ("c", None)]);
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    // The other run may have made up the bytes of `b`.
    room.remote.push_seen(&[], &sighting("ci-2", &[("a", None), ("b", Some("made up"))]));
    assert!(room.publish_with(&plan, &mut store, "ci-1").unwrap().fine());
    assert_eq!(room.remote.commits(), 3);
    let written: Vec<Vec<String>> = room
        .remote
        .sightings()
        .into_iter()
        .map(|file| file.commits.into_iter().map(|seen| seen.commit[..1].to_owned()).collect())
        .collect();
    assert_eq!(written, [["b"], ["a"], ["b"], ["c"]], "what is kept lies apart");

    // Another run has claimed it and seen the same: nothing is left to write.
    let mut room = Newsroom::autumn();
    room.seen = sighting("ci-1", &[("a", None)]);
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    room.remote.push_seen(&[crate::ledger::fixtures::claim(&key_of(&room.payloads[0]), "ci-2")], &room.seen);
    let outcome = room.publish_with(&plan, &mut store, "ci-1").unwrap();
    assert_eq!((only(&outcome), room.remote.commits()), (&Ending::Taken, 1));
}

#[test]
fn a_run_that_must_not_go_on_writes_it_and_sends_nothing() {
    let mut room = Newsroom::autumn();
    room.seen = sighting("ci-1", &[("a", None)]);
    room.with_publisher("ci-1", |publisher| publisher.note(&mut room.remote.store()).unwrap());
    assert_eq!((room.remote.commits(), room.fake.out().len()), (1, 0));
    assert!(first_seen(&room.remote.store(), "a"));
}
