//! Told to end, a run finishes what it is sending and begins nothing new.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use super::*;

struct Told<'a> {
    clock: &'a Hands,
    stop: AtomicBool,
}

impl Clock for Told<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn wait(&self, time: Duration) {
        self.clock.wait(time);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// A run that is told to end as soon as something happens.
fn told_at(room: &Newsroom, moment: impl Fn(&Event<'_>) -> bool + Sync) -> Outcome {
    let clock = Told { clock: &room.clock, stop: AtomicBool::new(false) };
    let progress = |event: Event<'_>| clock.stop.store(clock.stopped() || moment(&event), Ordering::SeqCst);
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    room.with_publisher("ci-1", |publisher| {
        let publisher = Publisher { clock: &clock, progress: &progress, ..*publisher };
        publisher.publish(&plan, &mut store).unwrap()
    })
}

fn two_posts() -> Newsroom {
    Newsroom::with(&[("autumn", "bluesky/acme", &["one", "two", "three"]), ("winter", "bluesky/acme", &["snow"])])
}

#[test]
fn in_the_middle_of_a_thread_it_finishes_the_thread_and_records_it() {
    let room = two_posts();
    let outcome = told_at(&room, |event| matches!(event, Event::Sending { part: 2, .. }));
    assert!(matches!(outcome.ended[0].ending, Ending::Published { .. }), "{outcome:#?}");
    assert!(matches!(&outcome.ended[1].ending, Ending::Failed { reason, retry: true, .. } if reason.contains("told")));
    assert_eq!((room.fake.out().len(), room.remote.commits()), (3, 2));
    assert!(room.publish().fine(), "the next run need not wait for a lease");
    room.assert_all_out_once("in two runs");
}

#[test]
fn before_the_claim_it_claims_nothing() {
    let room = two_posts();
    let outcome = told_at(&room, |event| matches!(event, Event::Connecting(_)));
    assert!(outcome.ended.iter().all(|ended| matches!(ended.ending, Ending::NotTried { .. })), "{outcome:#?}");
    assert_eq!((room.fake.out().len(), room.remote.commits()), (0, 0));
}

#[test]
fn it_does_not_wait_for_a_busy_network() {
    let room = two_posts();
    room.fake.answers([Answer::Busy(None)]);
    let outcome = told_at(&room, |event| matches!(event, Event::Waiting { .. }));
    assert!(outcome.ended.iter().all(|ended| matches!(ended.ending, Ending::Failed { retry: true, .. })));
    assert!(room.fake.out().is_empty() && room.publish().fine());
}
