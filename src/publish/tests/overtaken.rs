//! A run that slept for longer than its claim held: what it writes down afterwards must not call off who is at work now.

use super::*;
use crate::ledger::fixtures;

/// Runs `ci-1` up to its claim, lets `ci-2` claim the same half an hour later, and has `ci-1` write down its ending.
fn ledger_after(ending: Ending) -> State {
    let room = Newsroom::autumn();
    let key = key_of(&room.payloads[0]);
    let mut store = room.remote.store();
    let Entry::Claim(mine) = fixtures::claim(&key, "ci-1") else { unreachable!() };
    room.remote.push(&[Entry::Claim(mine.clone())]);
    store.refresh().unwrap();
    let mut theirs = mine.clone();
    theirs.runner = "ci-2".to_owned();
    theirs.lease_until += LEASE;
    room.remote.push(&[Entry::Claim(theirs)]);
    let holder = Some((mine.runner.clone(), mine.lease_until));
    let ended = Ended { digest: Some(mine.digest), record: true, holder, ..Ended::told(key.clone(), "autumn", ending) };
    room.with_publisher("ci-1", |publisher| publisher.record(&mut [ended], Vec::new(), &mut store)).unwrap();
    fold(room.remote.store().entries(&key).unwrap())
}

#[test]
fn it_does_not_call_off_the_run_that_took_over() {
    for ending in [
        Ending::Failed { reason: "the claim ran out".to_owned(), parts: Vec::new(), retry: true },
        Ending::Uncertain { reason: "the claim ran out".to_owned(), parts: fixtures::receipts(1) },
    ] {
        let state = ledger_after(ending);
        assert!(matches!(&state, State::Claimed(claim) if claim.runner == "ci-2"), "{state:?}");
    }
}

#[test]
fn what_it_sent_is_out_all_the_same() {
    let state = ledger_after(Ending::Published { parts: fixtures::receipts(3), adopted: false });
    assert!(matches!(state, State::Published(_)), "{state:?}");
}
