//! The state of a delivery: the fold of its entries.

use super::entry::{Claim, Entry, Failed, Published, Uncertain};

/// Where a delivery stands, as the ledger tells it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// The ledger has nothing on it.
    #[default]
    New,
    /// Claimed, with no outcome: being sent right now, or its runner died.
    Claimed(Box<Claim>),
    /// Out. Final.
    Published(Published),
    /// The network refused this payload.
    Failed(Failed),
    /// Claimed, and nobody knows; the network is asked again.
    Uncertain(Box<Claim>, Uncertain),
}

/// Folds a delivery's entries, oldest first.
///
/// `Published` is final: whatever follows, the delivery is out. An outcome without a claim before it still counts,
/// because it can only make greenlit send less.
pub fn fold(entries: impl IntoIterator<Item = Entry>) -> State {
    let mut claim: Option<Box<Claim>> = None;
    let mut state = State::New;
    for entry in entries {
        if matches!(state, State::Published(_)) {
            break;
        }
        state = match entry {
            Entry::Claim(entry) => {
                claim = Some(entry.clone());
                State::Claimed(entry)
            }
            Entry::Published(entry) => State::Published(entry),
            Entry::Failed(entry) => State::Failed(entry),
            Entry::Uncertain(entry) => match &claim {
                Some(claim) => State::Uncertain(claim.clone(), entry),
                None => State::Failed(Failed {
                    version: entry.version,
                    key: entry.key,
                    digest: entry.digest,
                    failed_at: entry.noted_at,
                    reason: entry.reason,
                    parts: entry.parts,
                    retry: false,
                }),
            },
        };
    }
    state
}
