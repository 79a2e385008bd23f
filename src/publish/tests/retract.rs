//! What people asked to be taken down.

use super::*;
use crate::ledger::{PartReceipt, Retracted};
use crate::policy::Asked;

fn asked(payload: &Payload) -> Option<Retraction> {
    Some(Retraction {
        digest: payload.digest(),
        asked: vec![Asked { by: "Noor Haddad".into(), commit: "7e7e".repeat(10) }],
        reason: "the price is wrong".into(),
        vain: Vec::new(),
        lacks: 0,
        turn: Vec::new(),
    })
}

impl Newsroom {
    /// A thread of three that is out, and is to be taken down.
    fn regretted() -> Self {
        let room = Self::autumn();
        assert!(room.publish().fine());
        Self { retraction: asked(&room.payloads[0]), ..room }
    }

    fn retracted(&self) -> Retracted {
        match self.state() {
            State::Retracted(retracted) => (*retracted).clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// How many parts were taken down, and how many were not there.
fn counted(retracted: &Retracted) -> (usize, usize) {
    (retracted.parts.len(), retracted.gone.len())
}

fn not_done(outcome: &Outcome) -> &str {
    assert!(!outcome.fine());
    match only(outcome) {
        Ending::NotDone { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thread_is_taken_down_from_its_end_in_one_commit() {
    let room = Newsroom::regretted();
    let outcome = room.publish();
    assert!(outcome.fine(), "{outcome:#?}");
    assert_eq!(room.fake.down(), ["three #launch", "two #launch", "one #launch"]);
    assert_eq!((room.fake.out().len(), room.remote.commits()), (0, 3), "one commit, and no claim");
    let retracted = room.retracted();
    assert_eq!((counted(&retracted), retracted.statements), ((3, 0), vec!["7e7e".repeat(10)]));
    let ids: Vec<String> = retracted.parts.into_iter().map(|part| part.id).collect();
    assert!(ids.is_sorted(), "they are told in their order: {ids:?}");
    let again = room.publish();
    assert_eq!((again.ended.len(), room.remote.commits()), (0, 3), "and that is that");
}

#[test]
fn what_was_seen_for_the_first_time_is_in_the_same_commit() {
    let mut room = Newsroom::regretted();
    let seen = crate::ledger::Seen { commit: "7e7e".repeat(10), raw: Some("raw".into()) };
    room.seen = Sighting::of("ci-1", room.clock.now(), vec![seen]);
    assert!(room.publish().fine());
    assert_eq!((room.remote.commits(), room.remote.sightings().len()), (3, 1));
}

#[test]
fn what_never_went_out_never_does_and_nobody_is_asked() {
    let mut room = Newsroom::autumn();
    room.retraction = asked(&room.payloads[0]);
    assert!(room.publish().fine());
    assert_eq!((room.fake.connects(), room.remote.commits()), (0, 1));
    assert_eq!(counted(&room.retracted()), (0, 0));
    room.retraction = None;
    assert_eq!(room.publish().ended, [], "not though the word for it is gone");
    room.payloads[0].parts[0].text = "other words".into();
    assert_eq!(room.publish().ended, [], "and not with other words");
}

#[test]
fn what_is_gone_already_is_said_to_be() {
    let room = Newsroom::regretted();
    room.fake.edits("two #launch", None);
    assert!(room.publish().fine());
    assert_eq!(counted(&room.retracted()), (2, 1));
}

#[test]
fn whenever_the_power_goes_the_next_run_ends_what_was_begun_and_sends_nothing() {
    for steps in 0.. {
        let room = Newsroom::regretted();
        let mut store = Powered { store: room.remote.store(), power: room.fake.power.clone() };
        let plan = room.plan(&store);
        room.fake.power.lasts(steps);
        let _ = room.publish_with(&plan, &mut store, "ci-1");
        let died = room.fake.power.went_out();
        room.fake.power.lasts(isize::MAX);
        room.publish();
        let retracted = room.retracted();
        assert_eq!(retracted.parts.len() + retracted.gone.len(), 3, "after {steps} steps");
        assert_eq!(room.fake.down().len(), 3, "after {steps} steps");
        assert_eq!((room.fake.out(), room.publish().ended.len()), (Vec::new(), 0), "after {steps} steps");
        if !died {
            assert!(steps > 5, "the power went at every step");
            break;
        }
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_within_the_run() {
    let room = Newsroom::regretted();
    room.fake.answers([Answer::Lose, Answer::AcceptThenLose, Answer::Busy(None)]);
    assert!(room.publish().fine());
    assert_eq!(counted(&room.retracted()), (2, 1), "the second answer told that it was gone");
}

#[test]
fn what_the_network_refuses_stays_as_it_is() {
    let room = Newsroom::regretted();
    room.fake.answers([Answer::Refuse]);
    assert!(not_done(&room.publish()).contains("do not like"));
    assert!(matches!(room.state(), State::Published(_)));
    assert_eq!((room.fake.out().len(), room.remote.commits()), (3, 2));
}

#[test]
fn refused_credentials_stop_the_account_and_no_other() {
    let mut room = Newsroom::with(&[
        ("autumn", "bluesky/acme", &["one"]),
        ("autumn", "mastodon/acme", &["two"]),
        ("winter", "bluesky/acme", &["snow"]),
    ]);
    assert!(room.publish().fine());
    room.retraction = asked(&room.payloads[0]);
    let locked = SendError::Credentials { reason: "locked".into(), help: "renew it".into() };
    room.fake.door("bluesky/acme", Some(locked));
    let outcome = room.publish();
    let told: Vec<_> = outcome.ended.iter().map(|one| matches!(one.ending, Ending::Retracted { .. })).collect();
    assert_eq!(told, [false, true, false]);
    room.fake.door("bluesky/acme", None);
    room.fake.answers([Answer::Locked]);
    let outcome = room.publish();
    let doors = outcome.ended.iter().filter(|one| matches!(one.ending, Ending::NotDone { .. })).count();
    assert_eq!((doors, room.fake.out().len()), (2, 2), "the second is not tried");
    room.fake.answers([Answer::Panic]);
    assert!(!room.publish().fine());
    assert!(room.publish().fine());
    assert_eq!(room.fake.out(), []);
}

#[test]
fn a_thread_that_is_half_out_goes_down_and_is_not_gone_on_with() {
    for last in [Answer::Refuse, Answer::Lose] {
        let mut room = Newsroom::autumn();
        room.fake.answers([Answer::Accept, last]);
        room.publish();
        room.lease_runs_out();
        room.retraction = asked(&room.payloads[0]);
        let out = room.fake.out().len();
        assert!(room.publish().fine());
        assert_eq!(counted(&room.retracted()), (out, 0));
        assert_eq!((room.fake.out(), room.publish().ended.len()), (Vec::new(), 0));
    }
}

#[test]
fn a_run_that_died_is_asked_after_first_and_what_nobody_knows_is_said() {
    let mut room = Newsroom::autumn();
    let mut store = Powered { store: room.remote.store(), power: room.fake.power.clone() };
    let plan = room.plan(&store);
    room.fake.power.lasts(7);
    let _ = room.publish_with(&plan, &mut store, "ci-1");
    room.fake.power.lasts(isize::MAX);
    assert!(matches!(room.state(), State::Claimed(_)) && !room.fake.out().is_empty());
    room.retraction = asked(&room.payloads[0]);
    assert_eq!(room.publish().ended.len(), 0, "while its claim holds it is left alone");
    room.lease_runs_out();
    let out = room.fake.out().len();
    assert!(room.publish().fine());
    assert_eq!(counted(&room.retracted()), (out, 0), "what the ledger did not know went down too");

    let mut room = Newsroom::autumn();
    room.fake.answers([Answer::Accept, Answer::AcceptThenLose]);
    room.fake.cannot_be_asked();
    room.publish();
    room.retraction = asked(&room.payloads[0]);
    assert!(room.publish().fine());
    let retracted = room.retracted();
    assert_eq!(counted(&retracted), (1, 0));
    assert!(retracted.in_doubt.is_some_and(|why| why.contains("cannot be asked")));
    assert_eq!(room.publish().ended.len(), 0, "nothing more is sent");
}

#[test]
fn at_a_network_that_takes_nothing_down_nothing_more_is_sent() {
    let mut room = Newsroom { deletes: false, ..Newsroom::autumn() };
    room.fake.answers([Answer::Lose]);
    room.fake.cannot_be_asked();
    room.publish();
    room.fake.can_be_asked_again();
    room.retraction = asked(&room.payloads[0]);
    assert!(room.publish().fine());
    assert_eq!((counted(&room.retracted()), room.fake.out()), ((0, 0), Vec::new()));

    let mut room = Newsroom { deletes: false, ..Newsroom::autumn() };
    room.fake.answers([Answer::Accept, Answer::Lose]);
    room.fake.cannot_be_asked();
    room.publish();
    room.fake.can_be_asked_again();
    room.retraction = asked(&room.payloads[0]);
    assert!(matches!(only(&room.publish()), Ending::Uncertain { parts, .. } if parts.len() == 1));
    assert_eq!(room.fake.out().len(), 1);

    let mut room = Newsroom { deletes: false, ..Newsroom::autumn() };
    room.publish();
    room.retraction = asked(&room.payloads[0]);
    assert_eq!(room.publish().ended, [], "what is out stays out");
    assert!(matches!(room.state(), State::Published(_)));
}

#[test]
fn of_two_runs_one_writes_it_down_and_another_claim_is_left_alone() {
    let mut room = Newsroom::regretted();
    let (mut one, mut two) = (room.remote.store(), room.remote.store());
    let (first, second) = (room.plan(&one), room.plan(&two));
    assert!(room.publish_with(&first, &mut one, "one").unwrap().fine());
    assert_eq!(*only(&room.publish_with(&second, &mut two, "two").unwrap()), Ending::Taken);
    assert_eq!(room.remote.commits(), 3);

    // Another run begins to send it while this one is about to hold it back.
    room = Newsroom::autumn();
    let mut late = room.remote.store();
    room.retraction = asked(&room.payloads[0]);
    let plan = room.plan(&late);
    room.retraction = None;
    assert!(room.publish().fine());
    assert_eq!(*only(&room.publish_with(&plan, &mut late, "late").unwrap()), Ending::Taken);
    assert!(matches!(room.state(), State::Published(_)), "the next run takes it down");
    room.retraction = asked(&room.payloads[0]);
    assert!(room.publish().fine());
    assert_eq!(counted(&room.retracted()), (3, 0));
}

#[test]
fn it_is_done_before_anything_is_sent_and_takes_nobody_else_along() {
    let mut room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("winter", "bluesky/acme", &["snow"])]);
    let winter = room.payloads.pop().unwrap();
    assert!(room.publish().fine());
    let mut store = room.remote.store();
    room.retraction = asked(&room.payloads[0]);
    room.payloads.push(winter);
    let mut plan = room.plan(&store);
    plan.deliveries[1].step = Step::Send;
    plan.deliveries[1].retraction = None;
    assert!(room.publish_with(&plan, &mut store, "ci-2").unwrap().fine());
    assert_eq!((room.fake.down(), room.fake.texts()), (vec!["one #launch".into()], vec!["snow #launch".to_owned()]));
    assert_eq!(room.remote.commits(), 4, "two pushes");
    assert_eq!(room.fake.connects(), 2, "one session for each run");
}

#[test]
fn what_a_ledger_lacks_is_not_guessed() {
    let mut room = Newsroom::autumn();
    let receipts = vec![PartReceipt { id: "1".into(), url: None, revision: None }];
    let Entry::Published(mut out) = crate::ledger::fixtures::published(&key_of(&room.payloads[0])) else { panic!() };
    out.parts = receipts;
    room.remote.push(&[Entry::Published(out)]);
    room.retraction = asked(&room.payloads[0]);
    assert!(not_done(&room.publish()).contains("does not say what was sent"));
    assert_eq!(room.fake.connects(), 0);
}

#[test]
fn what_a_folder_brings_back_is_taken_down_again() {
    let mut room = Newsroom::with(&[("autumn", "outbox/site", &["one", "two"])]);
    room.forgetful = vec![room.payloads[0].account.clone()];
    assert!(room.publish().fine());
    let before = room.fake.out();
    room.retraction = asked(&room.payloads[0]);
    assert!(room.publish().fine());
    room.fake.brings_back(before);
    assert!(room.publish().fine());
    assert_eq!((room.fake.out(), room.remote.commits()), (Vec::new(), 3));
}
