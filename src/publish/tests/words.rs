//! Networks that cannot tell, and somebody's word.

use super::*;
use crate::policy::Fate;

/// A thread of three: the first part is out, the answer to the second was lost, and the network cannot be asked.
fn in_doubt() -> Newsroom {
    let room = Newsroom::autumn();
    room.fake.cannot_be_asked();
    room.fake.answers([Answer::Accept, Answer::AcceptThenLose]);
    room.publish();
    assert!(matches!(room.state(), State::Uncertain(..)));
    room
}

fn found(urls: &[&str]) -> Option<Resolution> {
    let fate = Fate::Sent(urls.iter().map(|url| (*url).to_owned()).collect());
    Some(Resolution { fate, by: "Noor Haddad".into(), commit: "c0ffee".into() })
}

fn not_there() -> Option<Resolution> {
    Some(Resolution { fate: Fate::NotSent, by: "Noor Haddad".into(), commit: "c0ffee".into() })
}

const TWO: &str = "https://social.example/2";
const THREE: &str = "https://social.example/3";

#[test]
fn a_network_that_cannot_be_asked_leaves_it_uncertain_and_nothing_is_sent_blind() {
    let room = Newsroom::autumn();
    room.fake.cannot_be_asked();
    room.fake.answers([Answer::Accept, Answer::Lose]);
    let outcome = room.publish();
    assert!(matches!(only(&outcome), Ending::Uncertain { parts, .. } if parts.len() == 1), "{outcome:#?}");
    assert!(!outcome.fine());
    assert!(matches!(room.state(), State::Uncertain(..)));
    for _ in 0..3 {
        room.lease_runs_out();
        assert!(matches!(only(&room.publish()), Ending::Uncertain { .. }));
    }
    assert_eq!(room.fake.texts(), ["one #launch"]);
    assert_eq!(room.remote.commits(), 2, "what the ledger knows is not written again at every run");
}

#[test]
fn a_thread_that_was_turned_away_goes_on_though_its_network_cannot_be_asked() {
    let room = Newsroom::autumn();
    room.fake.cannot_be_asked();
    let busy = Answer::Busy(Some(now() + Duration::from_secs(600)));
    room.fake.answers([Answer::Accept, busy]);
    assert!(matches!(only(&room.publish()), Ending::Uncertain { parts, .. } if parts.len() == 1));
    assert!(room.publish().ended.is_empty(), "it asked to be left alone");
    room.clock.wait(Duration::from_secs(600));
    room.fake.answers([Answer::Accept, Answer::Lose]);
    room.publish();
    room.lease_runs_out();
    assert!(matches!(only(&room.publish()), Ending::Uncertain { .. }), "what is lost after that is in doubt");
    assert_eq!(room.fake.texts(), ["one #launch", "two #launch"]);
}

#[test]
fn what_somebody_found_is_out_and_is_never_sent_again() {
    let mut room = in_doubt();
    let before = room.fake.texts();
    room.word = found(&[TWO, THREE]);
    let outcome = room.publish();
    assert!(outcome.fine() && matches!(only(&outcome), Ending::Published { parts, .. } if parts.len() == 3));
    let State::Published(out) = room.state() else { panic!("it is recorded") };
    assert_eq!(out.resolved_by.as_deref(), Some("c0ffee"));
    assert_eq!((out.parts[1].url.as_deref(), out.parts[2].url.as_deref()), (Some(TWO), Some(THREE)));
    room.word = not_there();
    room.lease_runs_out();
    assert_eq!(room.publish().ended.len(), 0);
    assert_eq!(room.fake.texts(), before);
}

#[test]
fn a_thread_of_which_a_part_cannot_be_answered_stops_for_good() {
    let mut room = in_doubt();
    room.word = found(&[TWO]);
    let outcome = room.publish();
    let told = "Noor Haddad found 2 of its 3 parts there, and the rest is not sent";
    assert!(
        matches!(only(&outcome), Ending::Failed { reason, parts, retry: false } if reason == told && parts.len() == 2)
    );
    for _ in 0..2 {
        room.lease_runs_out();
        assert_eq!(room.publish().ended.len(), 0);
    }
}

#[test]
fn what_is_not_there_is_sent_from_the_missing_part_on() {
    let mut room = Newsroom::autumn();
    room.fake.cannot_be_asked();
    room.fake.answers([Answer::Accept, Answer::Lose]);
    room.publish();
    room.word = not_there();
    assert!(room.publish().fine());
    room.assert_all_out_once("somebody looked");
    let entries = room.remote.store().entries(&key_of(&room.payloads[0])).unwrap();
    let mut claims = entries.iter().filter_map(|entry| match entry {
        Entry::Claim(claim) => Some(claim),
        _ => None,
    });
    let last = claims.next_back().unwrap();
    assert_eq!(last.resolved_by.as_deref(), Some("c0ffee"), "the claim says on whose word");
}

/// A word is on one doubt: the next doubt has a time of its own, and needs a word of its own.
#[test]
fn a_word_on_an_earlier_doubt_sends_nothing_twice() {
    let mut room = Newsroom::autumn();
    room.fake.cannot_be_asked();
    room.fake.answers([Answer::Lose]);
    room.publish();
    let State::Uncertain(_, first) = room.state() else { panic!("in doubt") };
    room.word = not_there();
    room.fake.answers([Answer::AcceptThenLose]);
    assert!(matches!(only(&room.publish()), Ending::Uncertain { .. }));
    let State::Uncertain(_, second) = room.state() else { panic!("in doubt again") };
    assert!(second.noted_at > first.noted_at);
}

#[test]
fn nobodys_word_sends_what_is_no_longer_approved() {
    let mut room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"])]);
    room.fake.cannot_be_asked();
    room.fake.answers([Answer::Lose]);
    room.publish();
    room.word = not_there();
    let store = room.remote.store();
    let mut plan = room.plan(&store);
    plan.deliveries[0].decision = None;
    let outcome = room.publish_with(&plan, &mut room.remote.store(), "ci-2").unwrap();
    assert!(matches!(only(&outcome), Ending::Failed { retry: true, .. }), "{outcome:#?}");
    assert!(room.fake.out().is_empty());
}

/// A network that can tell is believed, whatever anybody says.
#[test]
fn the_network_is_asked_before_anybody_is_believed() {
    let mut room = in_doubt();
    room.fake.can_be_asked_again();
    room.word = not_there();
    assert!(room.publish().fine());
    room.assert_all_out_once("the network knew");
}
