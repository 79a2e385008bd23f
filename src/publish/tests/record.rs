//! A remote that takes the claim and then hangs: how long the outcome is tried to be written, and what comes after.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::ledger::{Appended, Open, Sightings, StoreError};
use crate::render::Wording;

/// A store whose remote hangs once something is claimed, each time until git is ended.
struct Hanging<'a, S> {
    store: S,
    clock: &'a Hands,
    claimed: bool,
}

/// What a push may take, and the question what arrived of it; and what a fetch may take.
const PUSH: Duration = Duration::from_secs(150);
const FETCH: Duration = Duration::from_secs(120);

impl<S> Hanging<'_, S> {
    fn hangs(&self, time: Duration) -> StoreError {
        self.clock.wait(time);
        StoreError::Git("the remote took too long".to_owned())
    }
}

impl<S: Store> Store for Hanging<'_, S> {
    fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError> {
        self.store.entries(key)
    }

    fn noted(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
        self.store.noted(wording)
    }

    fn open(&self) -> Result<Open, StoreError> {
        self.store.open()
    }

    fn write(&mut self, message: &str, entries: &[Entry], seen: &[Sighting]) -> Result<Appended, StoreError> {
        if std::mem::replace(&mut self.claimed, true) {
            return Err(self.hangs(PUSH));
        }
        self.store.write(message, entries, seen)
    }

    fn sightings_since(&self, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        self.store.sightings_since(since)
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        Err(self.hangs(FETCH))
    }
}

#[test]
fn a_remote_that_hangs_when_all_is_sent_is_given_up_within_ten_minutes_and_nothing_goes_out_twice() {
    let room = Newsroom::autumn();
    let mut store = Hanging { store: room.remote.store(), clock: &room.clock, claimed: false };
    let plan = room.plan(&store);
    let outcome = room.publish_with(&plan, &mut store, "ci-1").unwrap();
    assert!(outcome.unrecorded.as_deref().is_some_and(|why| why.contains("took too long")), "{outcome:#?}");
    let took = room.clock.now() - now();
    assert!(took <= TimeDelta::minutes(10), "{took}");
    assert!(matches!(room.state(), State::Claimed(_)));

    assert!(room.publish().ended.iter().all(|ended| !matches!(ended.ending, Ending::Published { .. })), "it holds");
    room.lease_runs_out();
    assert!(room.publish().fine());
    assert!(matches!(room.state(), State::Published(_)));
    room.assert_all_out_once("the run after the lease asks");
}
