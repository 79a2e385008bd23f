//! What became of each delivery that a run took up.

use chrono::{DateTime, Utc};

use crate::ledger::{
    Claim, DeliveryKey, Entry, Failed, PartReceipt, Published, Retracted, State, Uncertain, Updated, codec,
};
use crate::render::Digest;
use crate::workspace::AccountName;

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One for each delivery that was to be sent or settled, in the plan's order.
    pub ended: Vec<Ended>,
    /// Accounts that could not be given back what they had forgotten.
    pub troubles: Vec<Trouble>,
    /// Why the endings are not on the ledger, though parts may be out. The next run asks the networks.
    pub unrecorded: Option<String>,
}

impl Outcome {
    /// Whether everything that was taken up is out, or with another publisher.
    pub fn fine(&self) -> bool {
        let fine = |ended: &Ended| {
            matches!(
                ended.ending,
                Ending::Published { .. } | Ending::Updated { .. } | Ending::Retracted { .. } | Ending::Taken
            )
        };
        self.unrecorded.is_none() && self.troubles.is_empty() && self.ended.iter().all(fine)
    }
}

/// Something is wrong with an account, whether or not it had anything to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// The account.
    pub account: AccountName,
    /// What is wrong.
    pub reason: String,
}

/// One delivery's ending.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its place in the plan.
    pub(super) place: usize,
    /// The delivery.
    pub key: DeliveryKey,
    /// The post's title, for people.
    pub title: String,
    /// The payload's digest; `None` where nothing was to be sent of it.
    pub digest: Option<Digest>,
    /// What became of it.
    pub ending: Ending,
    /// The decision commit of whoever found that out, where the network could not tell.
    pub(super) resolved_by: Option<String>,
    /// Whether it is news for the ledger.
    pub(super) record: bool,
    /// By whose claim; `None` where there is none.
    pub(super) holder: Option<(String, DateTime<Utc>)>,
    /// What the ledger must still say of it when it is written down; `None` where a claim holds the others off.
    pub(super) base: Option<State>,
    /// That surely nothing of the next part went out; `None` where nobody knows, or nothing is left.
    pub(super) rest: Option<Unsent>,
}

/// The rest of a delivery did not go out: its network was busy or away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Unsent {
    /// Until when the network asks to be left alone, where it says so.
    pub not_before: Option<DateTime<Utc>>,
}

/// What became of a delivery in this run.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It is out.
    Published {
        /// One for each part.
        parts: Vec<PartReceipt>,
        /// Whether it was found there, sent by a run that did not live to record it.
        adopted: bool,
    },
    /// It is not out, or stopped half way for good.
    Failed {
        /// Why.
        reason: String,
        /// The parts that went out before.
        parts: Vec<PartReceipt>,
        /// Whether the next run tries again.
        retry: bool,
    },
    /// Not known to be out as a whole; the claim stays open and the next run asks.
    Uncertain {
        /// Why.
        reason: String,
        /// The parts that surely are out.
        parts: Vec<PartReceipt>,
    },
    /// It was changed in its place.
    Updated {
        /// What is out now, in the form of a claim.
        now: Box<Claim>,
        /// The decision commit of whoever asked for it.
        asked_by: String,
        /// One for each part.
        parts: Vec<PartReceipt>,
    },
    /// It was taken down, or held back for good: nothing ever sends it again.
    Retracted {
        /// The decision commits of those who asked for it.
        statements: Vec<String>,
        /// The parts that were taken down.
        parts: Vec<PartReceipt>,
        /// The parts that were not there any more.
        gone: Vec<PartReceipt>,
        /// Why nobody knows whether more of it is out.
        in_doubt: Option<String>,
    },
    /// What people asked to be done with what is out could not be done, or not all of it.
    NotDone {
        /// Why.
        reason: String,
        /// What to do.
        help: String,
    },
    /// Nothing was claimed and nothing sent.
    NotTried {
        /// Why.
        reason: String,
        /// What to do.
        help: String,
    },
    /// Another publisher was faster.
    Taken,
}

impl Ended {
    /// An ending as a run tells it, for tests of what is shown.
    #[cfg(test)]
    pub(crate) fn told(key: DeliveryKey, title: &str, ending: Ending) -> Self {
        let title = title.to_owned();
        let (digest, resolved_by, holder, base, rest) = (None, None, None, None, None);
        Self { place: 0, key, title, digest, ending, resolved_by, record: false, holder, base, rest }
    }

    /// Whether it is of what is done after publishing, which takes no claim.
    pub(super) fn is_aftercare(&self) -> bool {
        self.base.is_some()
    }

    /// What the ledger is told; `None` where it has nothing to learn.
    pub(super) fn entry(&self, now: DateTime<Utc>, redact: &dyn Fn(&str) -> String) -> Option<Entry> {
        let digest = self.digest.clone().filter(|_| self.record)?;
        let (version, key) = (codec::VERSION, self.key.clone());
        let not_before = self.rest.and_then(|rest| rest.not_before);
        match self.ending.clone() {
            Ending::Published { parts, adopted } => {
                let resolved_by = self.resolved_by.clone();
                Some(Entry::Published(Published {
                    version,
                    key,
                    digest,
                    published_at: now,
                    parts,
                    adopted,
                    resolved_by,
                    updated_at: None,
                }))
            }
            Ending::Failed { reason, parts, retry } => {
                let reason = redact(&reason);
                Some(Entry::Failed(Failed { version, key, digest, failed_at: now, reason, parts, retry, not_before }))
            }
            Ending::Uncertain { reason, parts } => {
                let reason = redact(&reason);
                let (noted_at, rest_unsent) = (now, self.rest.is_some());
                Some(Entry::Uncertain(Uncertain {
                    version,
                    key,
                    digest,
                    noted_at,
                    reason,
                    parts,
                    rest_unsent,
                    not_before,
                }))
            }
            Ending::Updated { now: claim, asked_by, parts } => Some(Entry::Updated(Box::new(Updated {
                version,
                key,
                before: digest,
                digest: claim.digest,
                payload: claim.payload,
                due: claim.due,
                trusted: claim.trusted,
                approvals: claim.approvals,
                asked_by,
                runner: claim.runner,
                updated_at: claim.claimed_at,
                parts,
            }))),
            Ending::Retracted { statements, parts, gone, in_doubt } => {
                let in_doubt = in_doubt.as_deref().map(redact);
                let retracted_at = now;
                Some(Entry::Retracted(Retracted {
                    version,
                    key,
                    digest,
                    retracted_at,
                    statements,
                    parts,
                    gone,
                    in_doubt,
                }))
            }
            Ending::NotDone { .. } | Ending::NotTried { .. } | Ending::Taken => None,
        }
    }
}
