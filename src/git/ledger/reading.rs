//! The reading of a ledger, which may go on beside other work.

use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use super::losses::Losses;
use super::receipts::Receipts;
use super::{failed, untrusted};
use crate::git::repository::{Branches, ObjectId, Repository};
use crate::ledger::StoreError;

/// What was read of a ledger when it was opened.
#[derive(Debug)]
pub struct LedgerRead {
    pub(super) root: ObjectId,
    pub(super) tip: ObjectId,
    pub(super) losses: Losses,
    /// Everything that is out, where it may be remembered.
    pub(super) receipts: Option<Receipts>,
}

/// The reading of a ledger that goes on beside other work.
#[derive(Debug)]
pub struct LedgerReading(JoinHandle<Result<LedgerRead, StoreError>>);

impl LedgerReading {
    /// What was read, once that is all.
    ///
    /// # Errors
    /// As for [`super::GitLedger::open`].
    pub fn end(self) -> Result<LedgerRead, StoreError> {
        self.0.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Repository {
    /// Begins to read the ledger, beside whatever else is done meanwhile.
    pub fn begin_to_read_ledger(&self, branches: &Branches, workspace: &str, pinned: Option<&str>) -> LedgerReading {
        let (place, remembers) = (self.root().to_owned(), self.cache().is_some());
        let (branches, workspace, pinned) = (branches.clone(), workspace.to_owned(), pinned.map(str::to_owned));
        LedgerReading(thread::spawn(move || {
            let repository = Repository::discover(&place).map_err(failed)?;
            let repository = if remembers { repository.remembering() } else { repository };
            repository.read_ledger(&branches, &workspace, pinned.as_deref(), true)
        }))
    }

    /// Reads the ledger that begins with the pinned commit; what is out, only where that is wanted and may be remembered.
    pub(super) fn read_ledger(
        &self,
        branches: &Branches,
        workspace: &str,
        pinned: Option<&str>,
        receipts: bool,
    ) -> Result<LedgerRead, StoreError> {
        let root = pinned.ok_or_else(|| {
            untrusted(
                "greenlit.toml does not say where it begins",
                "a new workspace gets its ledger from `greenlit init`; in an old one, put the line `ledger = \"…\"` back",
            )
        })?;
        // A short name would be filled up with zeros.
        let full = matches!(root.len(), 40 | 64);
        let root = root.parse::<ObjectId>().ok().filter(|_| full).ok_or_else(|| {
            untrusted(
                format!("{root:?} in greenlit.toml is no commit"),
                "put the 40 hex digits of its first commit back",
            )
        })?;
        let tip = self.ledger_tip(branches, root)?;
        let (losses, receipts) = thread::scope(|scope| {
            let place = self.cache().filter(|_| receipts).map(|_| self.root());
            let receipts = place.map(|place| {
                scope.spawn(move || Repository::discover(place)?.remembering().ledger_receipts(tip, workspace))
            });
            let losses = self.ledger_losses(root, tip, workspace);
            (losses, receipts.map(|turn| turn.join().unwrap_or_else(|panic| resume_unwind(panic))).transpose())
        });
        Ok(LedgerRead { root, tip, losses: losses.map_err(failed)?, receipts: receipts.map_err(failed)? })
    }
}
