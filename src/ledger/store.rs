//! Where entries are kept, as a trait: the git room implements it over the branch `greenlit/ledger`.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::entry::{DeliveryKey, Entry};
use super::reviews::Recorded;
use super::sightings::{Sighting, Sightings};
use super::state::{State, fold};
use crate::render::Wording;
use crate::workspace::PostId;

/// What an append came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is on the ledger, and on the remote's where there is one. The ledger's new commit.
    Done(String),
    /// Another publisher was faster: nothing was written. Refresh, plan again.
    Raced,
}

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum StoreError {
    /// It is not there, or not the one that was pinned.
    #[error("the ledger cannot be trusted: {reason}")]
    #[diagnostic(code("ledger/untrusted"), help("{help}"))]
    Untrusted {
        /// What was found.
        reason: String,
        /// What to do.
        help: String,
    },
    /// A file on it is no entry.
    #[error("{path} on the ledger is no entry: {reason}")]
    #[diagnostic(
        code("ledger/malformed"),
        help("nothing is sent on the word of it; look at `git log --all -- {path}` for who wrote it")
    )]
    Malformed {
        /// The file on the ledger branch.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// git failed.
    #[error("the ledger cannot be read or written: {0}")]
    #[diagnostic(code("ledger/git"), help("see what git says above; nothing was sent"))]
    Git(String),
}

/// The deliveries that are on their way, by their marks on the ledger.
#[derive(Debug, Default)]
pub struct Open {
    /// Every delivery that has a claim without a final outcome.
    pub keys: Vec<DeliveryKey>,
    /// Files in the place of marks that name no delivery. They hold up nothing: a delivery's own entries decide.
    pub misfits: Vec<Misfit>,
}

/// A file under `open/` that is no mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The file on the ledger branch.
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

/// The ledger.
pub trait Store {
    /// A delivery's entries, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read, or an entry is malformed: then nothing may be sent for this delivery.
    fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError>;

    /// Where a delivery stands. Of one that is out, what was written before need not be read: it is final.
    ///
    /// # Errors
    /// As for [`Store::entries`].
    fn state(&self, key: &DeliveryKey) -> Result<State, StoreError> {
        self.entries(key).map(fold)
    }

    /// What the marks of unfinished deliveries say.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn open(&self) -> Result<Open, StoreError>;

    /// The deliveries that are noted as having said this, in the order of their keys. A note proves nothing, and one may be
    /// missing: [`super::same_text`] asks the deliveries themselves.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn noted(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError>;

    /// Keeps what was looked up for the next time, where a store does so at all.
    fn keep(&self) {}

    /// Writes entries, and what a run saw for the first time, in one commit and pushes it. All of them or none; of
    /// nothing, nothing is written.
    ///
    /// # Errors
    /// When git fails. A push whose answer was lost is asked after, not assumed.
    fn write(&mut self, message: &str, entries: &[Entry], seen: &[Sighting]) -> Result<Appended, StoreError>;

    /// Writes entries alone.
    ///
    /// # Errors
    /// As for [`Store::write`].
    fn append(&mut self, message: &str, entries: &[Entry]) -> Result<Appended, StoreError> {
        self.write(message, entries, &[])
    }

    /// Which decision commits the publisher has seen, and when.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a sighting is malformed or was taken away: then nobody can say what was decided.
    fn sightings(&self) -> Result<Sightings, StoreError> {
        self.sightings_since(None)
    }

    /// The same, where what was seen before the day of a time may be left out, unless it is kept byte for byte.
    ///
    /// # Errors
    /// As for [`Store::sightings`].
    fn sightings_since(&self, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError>;

    /// The reviews of pull requests that were recorded for these posts, or for all, in the order of their names; none where a
    /// store keeps none.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a record is malformed or was taken away: then nobody can say what was decided.
    fn reviews(&self, _posts: Option<&HashSet<&PostId>>) -> Result<Vec<Recorded>, StoreError> {
        Ok(Vec::new())
    }

    /// Fetches, and reads from the new tip on.
    ///
    /// # Errors
    /// When the remote cannot be reached or its ledger does not follow from the one that was seen before.
    fn refresh(&mut self) -> Result<(), StoreError>;
}
