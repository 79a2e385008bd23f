//! The state of a delivery: the fold of its entries.

use std::sync::Arc;

use super::entry::{Claim, Entry, Failed, Published, Retracted, Uncertain};
use crate::render::Digest;

/// Where a delivery stands, as the ledger tells it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// The ledger has nothing on it.
    #[default]
    New,
    /// Claimed, with no outcome: being sent right now, or its runner died.
    Claimed(Box<Claim>),
    /// Out. What is said of it later is not heard, but that it was taken down.
    Published(Arc<Published>),
    /// The network refused this payload.
    Failed(Box<Failed>),
    /// Claimed, and nobody knows; the network is asked again.
    Uncertain(Box<Claim>, Box<Uncertain>),
    /// Taken down, or held back for good. Nothing ever sends it again.
    Retracted(Arc<Retracted>),
}

impl State {
    /// Whether a payload may be claimed and sent as something new: surely nothing of the delivery is out, nobody is at
    /// it, and the network did not refuse these very bytes.
    pub fn may_send(&self, digest: &Digest) -> bool {
        match self {
            State::New => true,
            State::Failed(failed) => failed.parts.is_empty() && (failed.retry || failed.digest != *digest),
            State::Claimed(_) | State::Uncertain(..) | State::Published(_) | State::Retracted(_) => false,
        }
    }
}

/// Folds a delivery's entries, oldest first.
///
/// `Published` stands until it is taken down: whatever else follows, the delivery is out; what stands there may be changed. After `Retracted` nothing is
/// sent again; the one thing that is still heard is that it is out all the same, said by a run that slept meanwhile: then
/// it is taken down once more. An outcome without a claim before it still counts, because it can only make greenlit send
/// less.
pub fn fold(entries: impl IntoIterator<Item = Entry>) -> State {
    let mut claim: Option<Box<Claim>> = None;
    let mut state = State::New;
    for entry in entries {
        state = match entry {
            Entry::Retracted(entry) => State::Retracted(Arc::new(entry)),
            Entry::Updated(entry) => match &state {
                State::Published(out) => State::Published(entry.over(out).map_or_else(|| Arc::clone(out), Arc::new)),
                // Of something that is not out, by the ledger, nothing was changed.
                _ => continue,
            },
            _ if matches!(state, State::Published(_)) => continue,
            Entry::Published(entry) => State::Published(Arc::new(entry)),
            _ if matches!(state, State::Retracted(_)) => continue,
            Entry::Claim(entry) => {
                claim = Some(entry.clone());
                State::Claimed(entry)
            }
            Entry::Failed(entry) => State::Failed(Box::new(entry)),
            Entry::Uncertain(entry) => match &claim {
                Some(claim) => State::Uncertain(claim.clone(), Box::new(entry)),
                None => State::Failed(Box::new(Failed {
                    version: entry.version,
                    key: entry.key,
                    digest: entry.digest,
                    failed_at: entry.noted_at,
                    reason: entry.reason,
                    parts: entry.parts,
                    retry: false,
                    not_before: None,
                })),
            },
        };
    }
    state
}

/// What was sent of a delivery in whose entries something with this digest is out: the last claim of it, or what it was
/// changed to.
pub fn sent(entries: &[Entry], digest: &Digest) -> Option<Box<Claim>> {
    let mut claims = entries.iter().rev().filter_map(|entry| match entry {
        Entry::Claim(claim) => Some(claim),
        _ => None,
    });
    let changed = entries.iter().rev().find_map(|entry| match entry {
        Entry::Updated(entry) if entry.digest == *digest => Some(entry),
        _ => None,
    });
    match changed {
        Some(entry) => claims.next().map(|claim| Box::new(entry.as_claim(claim.frozen.clone()))),
        None => claims.find(|claim| claim.digest == *digest).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{claim, failed, key, payload, published, receipts, retracted, uncertain, updated};
    use super::*;
    use proptest::prelude::*;

    fn digest(text: &str) -> Digest {
        payload(&key("autumn"), &[text]).digest()
    }

    #[test]
    fn a_delivery_goes_from_claim_to_receipt() {
        let key = key("autumn");
        assert_eq!(fold([]), State::New);
        assert!(matches!(fold([claim(&key, "one")]), State::Claimed(claim) if claim.runner == "one"));
        assert!(matches!(fold([claim(&key, "one"), published(&key)]), State::Published(_)));
    }

    #[test]
    fn an_uncertain_delivery_keeps_its_claim_for_recovery() {
        let key = key("autumn");
        let state = fold([claim(&key, "one"), uncertain(&key, 1)]);
        assert!(matches!(&state, State::Uncertain(claim, why) if claim.runner == "one" && why.parts == receipts(1)));
        let state = fold([claim(&key, "one"), uncertain(&key, 1), claim(&key, "two")]);
        assert!(matches!(state, State::Claimed(claim) if claim.runner == "two"), "the next run takes it over");
    }

    #[test]
    fn an_outcome_without_a_claim_stops_the_delivery() {
        let key = key("autumn");
        assert!(!fold([uncertain(&key, 0)]).may_send(&digest("Autumn is here")));
        assert!(!fold([published(&key)]).may_send(&digest("other words")));
    }

    #[test]
    fn a_busy_network_is_tried_again_and_a_refusal_needs_other_words() {
        let key = key("autumn");
        let busy = fold([claim(&key, "one"), failed(&key, true)]);
        assert!(busy.may_send(&digest("Autumn is here")));
        let refused = fold([claim(&key, "one"), failed(&key, false)]);
        assert!(!refused.may_send(&digest("Autumn is here")));
        assert!(refused.may_send(&digest("shorter")));
    }

    #[test]
    fn a_thread_that_is_half_out_is_never_begun_again() {
        let key = key("autumn");
        let Entry::Failed(mut half) = failed(&key, false) else { unreachable!() };
        half.parts = receipts(1);
        let state = fold([claim(&key, "one"), Entry::Failed(half)]);
        assert!(!state.may_send(&digest("Autumn is here")) && !state.may_send(&digest("shorter")));
    }

    #[test]
    fn what_is_taken_down_stays_down_unless_it_turns_out_to_be_out() {
        let key = key("autumn");
        let down = fold([claim(&key, "one"), published(&key), retracted(&key, 1)]);
        assert!(matches!(&down, State::Retracted(retracted) if retracted.parts == receipts(1)));
        assert!(!down.may_send(&digest("Autumn is here")) && !down.may_send(&digest("other words")));
        assert!(matches!(fold([retracted(&key, 0)]), State::Retracted(_)), "it never went out");
        let slept = [claim(&key, "one"), retracted(&key, 0), published(&key)];
        assert!(matches!(fold(slept.clone()), State::Published(_)), "a run that slept says that it is out");
        let again = slept.into_iter().chain([retracted(&key, 1)]);
        assert!(matches!(fold(again), State::Retracted(_)));
    }

    #[test]
    fn what_is_out_may_be_changed_and_stays_out() {
        let key = key("autumn");
        let history = |texts: &[&str]| {
            let changes = texts.iter().map(|text| updated(&key, text));
            [claim(&key, "one"), published(&key)].into_iter().chain(changes).collect::<Vec<_>>()
        };
        let entries = history(&["Autumn is over"]);
        let State::Published(out) = fold(entries.clone()) else { panic!("it is out") };
        assert_eq!((&out.digest, out.published_at < out.updated_at.unwrap()), (&digest("Autumn is over"), true));
        let now = sent(&entries, &out.digest).unwrap();
        assert_eq!((now.payload.digest(), now.frozen["created_at"].is_string()), (out.digest.clone(), true));
        assert_eq!(sent(&entries, &digest("Autumn is here")).unwrap().runner, "one");
        assert!(sent(&entries, &digest("Winter")).is_none());

        let State::Published(out) = fold(history(&["Autumn is over", "Winter"])) else { panic!("it is out") };
        assert_eq!(out.digest, digest("Autumn is over"), "the second is of other words than stand there");
        assert_eq!(fold([updated(&key, "Autumn is over")]), State::New, "of nothing that is out");
    }

    fn entry() -> impl Strategy<Value = Entry> {
        (0..6usize).prop_map(|which| {
            let key = key("autumn");
            match which {
                0 => claim(&key, "one"),
                1 => claim(&key, "two"),
                2 => published(&key),
                3 => failed(&key, true),
                4 => failed(&key, false),
                _ => uncertain(&key, 1),
            }
        })
    }

    proptest! {
        /// Whatever came before and whatever follows, by whom ever: what was retracted is not sent again.
        #[test]
        fn after_retracted_nothing_is_sent(
            before in proptest::collection::vec(entry(), 0..8),
            after in proptest::collection::vec(entry(), 0..8),
        ) {
            let mut entries = before;
            entries.push(retracted(&key("autumn"), 1));
            entries.extend(after);
            let state = fold(entries);
            prop_assert!(!state.may_send(&digest("Autumn is here")) && !state.may_send(&digest("other words")));
            prop_assert!(matches!(state, State::Retracted(_) | State::Published(_)), "and nobody is at it");
        }

        /// Whatever came before and whatever is written afterwards, by whom ever: what is out is out.
        #[test]
        fn after_published_nothing_changes_it(
            before in proptest::collection::vec(entry(), 0..8),
            after in proptest::collection::vec(entry(), 0..8),
        ) {
            let mut entries = before;
            entries.push(published(&key("autumn")));
            let out = fold(entries.clone());
            prop_assert!(matches!(out, State::Published(_)));
            entries.extend(after);
            prop_assert_eq!(fold(entries), out);
        }

        /// A claim is never overlooked: after one, sending needs an outcome that says that nothing is out.
        #[test]
        fn after_a_claim_nothing_is_sent_without_an_outcome(before in proptest::collection::vec(entry(), 0..8)) {
            let mut entries = before;
            entries.push(claim(&key("autumn"), "one"));
            prop_assert!(!fold(entries).may_send(&digest("Autumn is here")));
        }
    }
}
