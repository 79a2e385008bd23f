//! What stands on the networks afterwards.

use super::*;
use crate::ledger::Published;
use crate::network::Live;
use crate::publish::{Looked, Out};

/// A thread, and a post for two accounts.
fn published() -> Newsroom {
    let room = Newsroom::with(&[
        ("autumn", "bluesky/acme", &["one", "two", "three"]),
        ("winter", "bluesky/acme", &["snow"]),
        ("winter", "mastodon/acme", &["ice"]),
    ]);
    assert!(room.publish().fine());
    room
}

impl Newsroom {
    fn look(&self) -> Vec<Looked> {
        let store = self.remote.store();
        let receipts = self.remote.entries().into_iter().filter_map(|entry| match entry {
            Entry::Published(receipt) => Some(receipt),
            _ => None,
        });
        let read = |receipt: Published| Out {
            can_be_asked: receipt.key.account.network() != "webhook",
            ..Out::read(receipt, &store).unwrap()
        };
        let all = receipts.map(read).collect();
        self.with_publisher("drift", |publisher| publisher.look(all))
    }

    fn seen(&self) -> Vec<Vec<Live>> {
        self.look().into_iter().map(|looked| looked.parts).collect()
    }
}

fn unknown(why: &str) -> Live {
    Live::Unknown(why.to_owned())
}

#[test]
fn each_part_is_looked_at_and_nothing_is_written() {
    let room = published();
    let same = vec![vec![Live::Same; 3], vec![Live::Same], vec![Live::Same]];
    assert_eq!(room.seen(), same);
    room.fake.edits("two #launch", Some("2"));
    room.fake.edits("three #launch", None);
    let looked = room.look();
    let edited = Live::Edited { text: "2".to_owned(), differs: vec!["text"] };
    assert_eq!(looked[0].parts, [Live::Same, edited, Live::Gone]);
    assert_eq!(looked[0].out.claim.as_ref().unwrap().payload, room.payloads[0]);
    assert_eq!((&looked[1].parts, &looked[2].parts), (&same[1], &same[2]));
    assert_eq!(room.remote.commits(), 2);
}

#[test]
fn what_cannot_be_asked_is_not_gone() {
    let room = published();
    let locked = SendError::Credentials { reason: "I do not like you".to_owned(), help: "renew it".to_owned() };
    room.fake.door("bluesky/acme", Some(locked));
    let why = unknown("I do not [secret] you; renew it");
    assert_eq!(room.seen(), [vec![why.clone(); 3], vec![why], vec![Live::Same]]);
}

#[test]
fn a_refusal_is_about_one_part_and_a_network_that_is_away_about_all() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one", "two"]), ("winter", "bluesky/acme", &["snow"])]);
    room.publish();
    room.fake.answers([Answer::Refuse]);
    assert_eq!(room.seen(), [vec![unknown("we do not [secret] it"), Live::Same], vec![Live::Same]]);
    room.fake.answers([Answer::Lose]);
    assert_eq!(room.seen()[0], [Live::Same, Live::Same], "it is tried again");
    room.fake.answers(std::iter::repeat_n(Answer::Lose, 100));
    assert_eq!(room.seen(), [vec![unknown("busy"), unknown("busy")], vec![unknown("busy")]]);
    room.fake.answers([Answer::Panic]);
    assert!(matches!(&room.seen()[1][0], Live::Unknown(why) if why.contains("broke down")));
}

#[test]
fn a_network_that_never_tells_is_not_bothered_and_a_lost_claim_is_said() {
    let room = Newsroom::with(&[("autumn", "webhook/crm", &["one"])]);
    room.publish();
    let connects = room.fake.connects();
    assert_eq!(room.seen(), [[unknown("webhook/crm cannot be asked what it shows")]]);
    assert_eq!(room.fake.connects(), connects);

    let receipt = room.look().remove(0).out.receipt;
    let other = Published { digest: Digest::of(b"other"), ..receipt };
    let out = Out::read(other, &room.remote.store()).unwrap();
    let looked = room.with_publisher("drift", |publisher| publisher.look(vec![out]));
    assert_eq!(looked[0].parts, [unknown("the ledger does not say what was sent")]);
}
