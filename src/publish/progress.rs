//! What a run tells while it works.

use std::time::Duration;

use super::Ending;
use crate::ledger::DeliveryKey;
use crate::workspace::AccountName;

/// Something happened. From several threads, one call at a time for each account.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Logging in.
    Connecting(&'a AccountName),
    /// An earlier run left this one open: the network is asked.
    Asking(&'a DeliveryKey),
    /// What is out is looked at.
    Looking(&'a DeliveryKey),
    /// The claim commit is made and pushed.
    Claiming {
        /// Deliveries.
        count: usize,
    },
    /// Another publisher wrote to the ledger first; it is read again.
    Raced,
    /// A part is on its way.
    Sending {
        /// The delivery.
        key: &'a DeliveryKey,
        /// The part, from 1.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// A part is changed in its place.
    Changing {
        /// The delivery.
        key: &'a DeliveryKey,
        /// The part, from 1.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// A part is taken down.
    TakingDown {
        /// The delivery.
        key: &'a DeliveryKey,
        /// The part, from 1.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// The network is busy or away.
    Waiting {
        /// The account.
        account: &'a AccountName,
        /// For how long.
        time: Duration,
        /// Why.
        reason: &'a str,
    },
    /// A delivery is done with.
    Ended {
        /// The delivery.
        key: &'a DeliveryKey,
        /// What became of it.
        ending: &'a Ending,
    },
    /// The outcome commit is made and pushed.
    Recording {
        /// Deliveries.
        count: usize,
    },
}
