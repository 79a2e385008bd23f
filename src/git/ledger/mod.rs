//! The ledger as a branch of git: `greenlit/ledger`.
//!
//! ```text
//! README.md
//! deliveries/<2 hex>/<hash>/<NNNN>-<kind>.json    one entry each, written once, never changed
//! open/<hash>                                     the key of a delivery whose claim has no final outcome
//! sightings/<yyyy>/<mm>/<dd>/<time>-<run>-<n>.json  the decision commits that a run saw for the first time
//! sightings/kept/<yyyy>/<mm>/<time>-<run>-<n>.json  the same, with the bytes of those that count though they are deleted
//! reviews/<2 hex>/<post>/<forge>-<number>-<review>-<n>-<what>.json  what a review says of a post, or a comment on its file
//! closed/<hash>                                   the key of a delivery that was settled without a claim
//! texts/<2 hex>/<wording>/<hash>                  the key of a delivery that was claimed with this text
//! told/<2 hex>/<news>/<NNNN>-<step>.json          who is told what: claimed, told, failed, refused, uncertain
//! ```
//!
//! `<hash>` is [`DeliveryKey::hash`]. A delivery is read by looking up its folder, whatever the ledger's size. A commit
//! is pushed without force, which makes it a compare-and-swap: of two publishers that build on one tip, one is refused.
//! Two claims never make the same commit, because each names its run.

mod glance;
mod losses;
mod overview;
mod reading;
mod receipts;
mod reviews;
mod sightings;
mod step;
mod tellings;
mod texts;
mod tree;
mod verify;
mod whence;
mod witness;

#[cfg(test)]
mod tests;

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use losses::Losses;
pub use reading::{LedgerRead, LedgerReading};
use receipts::{Out, Receipts};
use texts::Unsaid;
pub use verify::Word;
pub use whence::Written;

use super::objects::Trees;
use super::program::GitError;
use super::repository::{APPROVALS, Branches, LEDGER, ObjectId, Repository};
use crate::failpoints;
use crate::ledger::{
    Appended, DeliveryKey, Entry, Open, Recorded, Sighting, Sightings, State, Store, StoreError, fold,
};
use crate::render::Wording;
use crate::workspace::PostId;

/// What the branch says of itself.
const README: &str = "\
# The ledger

What greenlit's publisher did and saw: claims, receipts, failures, when it first saw each decision, and reviews of pull
requests. Written by `greenlit publish`, `greenlit notify` and `greenlit review record` alone, read by everyone. Each file under
`deliveries/`, `sightings/` and `reviews/` is written once and never changed; `open/` names the deliveries that are on their
way, `texts/` those that said the same; `told/` says which news people were told.

Protect this branch: only the CI job that publishes may push to it, and nobody may force-push or delete it. Its first
commit is pinned in greenlit.toml.
";

/// Who commits where git knows no name.
const NOBODY: (&str, &str) = ("greenlit", "greenlit@localhost");

impl Repository {
    /// Makes a ledger's first commit, to be pinned in `greenlit.toml`, and the local branch.
    ///
    /// # Errors
    /// When there is such a branch already, or objects cannot be written.
    pub fn begin_ledger(&self, workspace: &str, now: DateTime<Utc>) -> Result<ObjectId, GitError> {
        let readme = [("README.md".to_owned(), Some(README.as_bytes().to_vec()))];
        let commit = self.ledger_step(None, &readme, &format!("Begin the ledger of {workspace}\n"), now)?;
        if self.move_branch(LEDGER, None, commit, "greenlit: begin the ledger")? {
            Ok(commit)
        } else {
            Err(GitError::Objects(format!("there is a branch {LEDGER} already")))
        }
    }
}

/// The ledger of one workspace, as it stood when it was opened or last refreshed.
#[derive(Debug)]
pub struct GitLedger<'r> {
    repository: &'r Repository,
    branches: Branches,
    workspace: String,
    root: ObjectId,
    tip: ObjectId,
    /// What was taken away; nothing where history was left alone until now.
    losses: OnceCell<Losses>,
    /// Everything that is out, where it may be remembered.
    receipts: Option<Receipts>,
    /// The folders that deliveries were looked up in.
    looked_up: RefCell<Option<Trees<'r>>>,
    /// Texts that nobody said, as far as that was looked up.
    unsaid: RefCell<Option<Unsaid>>,
    now: DateTime<Utc>,
    /// Why the remote takes no witness.
    unwitnessed: Option<String>,
}

impl<'r> GitLedger<'r> {
    /// Opens the ledger that begins with the pinned commit. Fetches nothing. `now` dates its commits.
    ///
    /// # Errors
    /// When there is none, it does not begin there, or the local branch and the remote's have gone different ways.
    pub fn open(
        repository: &'r Repository,
        branches: &Branches,
        workspace: &str,
        pinned: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        Ok(Self::of(repository, branches, workspace, repository.read_ledger(branches, workspace, pinned)?, now))
    }

    /// The ledger of which so much was read already.
    pub fn of(
        repository: &'r Repository,
        branches: &Branches,
        workspace: &str,
        read: LedgerRead,
        now: DateTime<Utc>,
    ) -> Self {
        let (branches, workspace) = (branches.clone(), workspace.to_owned());
        let LedgerRead { root, tip, losses, receipts } = read;
        let losses = losses.map(OnceCell::from).unwrap_or_default();
        let (looked_up, unsaid) = Default::default();
        Self { repository, branches, workspace, root, tip, losses, receipts, looked_up, unsaid, now, unwitnessed: None }
    }

    /// The pinned first commit.
    pub fn root(&self) -> ObjectId {
        self.root
    }

    /// The commit that is read.
    pub fn tip(&self) -> ObjectId {
        self.tip
    }
}

impl Store for GitLedger<'_> {
    fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError> {
        let hash = key.hash(&self.workspace);
        if let Some(commit) = self.losses()?.deliveries.get(&hash) {
            let reason = format!(
                "commit {commit:.10} took away or changed what was written of {} for {}; put it back with a commit on top",
                key.post, key.account
            );
            return Err(StoreError::Malformed { path: tree::folder(&hash), reason });
        }
        self.repository.ledger_entries(self.tip, &hash, key)
    }

    fn state(&self, key: &DeliveryKey) -> Result<State, StoreError> {
        if self.repository.glances() && self.was_never_touched(key) {
            return Ok(State::New);
        }
        if self.losses.get().is_none_or(|losses| losses.deliveries.is_empty()) {
            match &self.receipts {
                // Most deliveries are out: they are found without their hash.
                Some(Receipts { out, others }) => match out.get(key) {
                    Some(Out(receipt)) => return Ok(State::Published(Arc::clone(receipt))),
                    None if self.losses.get().is_some() && !others.contains(&key.hash(&self.workspace)) => {
                        return Ok(State::New);
                    }
                    None => {}
                },
                None => {
                    let hash = key.hash(&self.workspace);
                    let folder = self.look_up(&tree::folder(&hash)).map_err(failed)?;
                    let read = |folder| self.repository.ledger_receipt(folder, &hash, &self.workspace);
                    if let Some(receipt) = folder.map(read).transpose().map_err(failed)?.flatten() {
                        return Ok(State::Published(Arc::new(receipt)));
                    }
                }
            }
            // What was taken down stays so, whatever was taken away since.
            if self.losses.get().is_none()
                && let Ok(State::Retracted(down)) =
                    self.repository.ledger_entries(self.tip, &key.hash(&self.workspace), key).map(fold)
            {
                return Ok(State::Retracted(down));
            }
        }
        self.entries(key).map(fold)
    }

    fn noted(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
        self.noted_as(wording)
    }

    fn keep(&self) {
        self.keep_unsaid();
    }

    fn open(&self) -> Result<Open, StoreError> {
        self.repository.ledger_open(self.tip, &self.workspace)
    }

    fn write(&mut self, message: &str, entries: &[Entry], seen: &[Sighting]) -> Result<Appended, StoreError> {
        let mut changes = self.repository.ledger_changes(self.tip, &self.workspace, entries)?;
        changes.extend(self.repository.ledger_seen(seen)?);
        if changes.is_empty() {
            Ok(Appended::Done(self.tip.to_string()))
        } else {
            self.commit(step(entries), message, changes)
        }
    }

    fn sightings_since(&self, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        let lost = self.losses.get().and_then(|losses| losses.sighting.as_ref());
        self.repository.whole_sightings(self.tip, since, lost)
    }

    fn reviews(&self, posts: Option<&HashSet<&PostId>>) -> Result<Vec<Recorded>, StoreError> {
        self.recorded(posts)
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        self.repository.fetch_news(&self.branches).map_err(|error| match &error {
            GitError::Rewritten { branch, help, .. } if branch != APPROVALS => untrusted(error.to_string(), help),
            GitError::Gone { help, .. } => untrusted(error.to_string(), help),
            _ => failed(error),
        })?;
        let tip = self.repository.ledger_tip(&self.branches, self.root)?;
        if !self.repository.follows(tip, self.tip).map_err(failed)? {
            return Err(untrusted(
                format!("the branch {LEDGER} was rewritten while this run read it"),
                "find out who rewrote it and why; push the right one from a clone that has it",
            ));
        }
        let since = if self.losses()?.is_nothing() { self.tip } else { self.root };
        self.losses =
            self.repository.ledger_losses_since(since, self.root, tip, &self.workspace).map_err(failed)?.into();
        let receipts = self.receipts.as_ref().map(|_| self.repository.ledger_receipts(tip, &self.workspace));
        self.receipts = receipts.transpose().map_err(failed)?;
        self.tip = tip;
        Ok(())
    }
}

impl GitLedger<'_> {
    /// The folder of a path.
    fn look_up(&self, path: &str) -> Result<Option<ObjectId>, GitError> {
        let root = self.repository.links(&self.repository.objects.odb()?, self.tip)?.tree;
        self.look_up_in(root, path)
    }

    /// The folder of a path in a tree.
    fn look_up_in(&self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>, GitError> {
        let mut looked_up = self.looked_up.borrow_mut();
        let trees = match &mut *looked_up {
            Some(trees) => trees,
            none => none.insert(self.repository.trees()?),
        };
        trees.folder_at(tree, path)
    }

    /// Writes files in one commit and pushes it. `step` is its name among the failpoints.
    fn commit(
        &mut self,
        step: &'static str,
        message: &str,
        mut changes: Vec<step::Change>,
    ) -> Result<Appended, StoreError> {
        may_fail(step, "before-commit")?;
        changes.push(("README.md".to_owned(), Some(README.as_bytes().to_vec())));
        let commit = self.repository.ledger_step(Some(self.tip), &changes, message, self.now).map_err(failed)?;
        may_fail(step, "before-push")?;
        if !self.publish(commit)? {
            return Ok(Appended::Raced);
        }
        may_fail(step, "after-push")?;
        self.tip = commit;
        let receipts = self.receipts.as_ref().map(|_| self.repository.ledger_receipts(commit, &self.workspace));
        self.receipts = receipts.transpose().map_err(failed)?;
        Ok(Appended::Done(commit.to_string()))
    }
}

fn step(entries: &[Entry]) -> &'static str {
    match entries.first() {
        Some(Entry::Claim(_)) => "claim",
        Some(_) => "record",
        None => "see",
    }
}

fn may_fail(step: &str, point: &str) -> Result<(), StoreError> {
    if failpoints::fails(step, point) { Err(StoreError::Git("the disk is full".to_owned())) } else { Ok(()) }
}

fn untrusted(reason: impl Into<String>, help: impl Into<String>) -> StoreError {
    StoreError::Untrusted { reason: reason.into(), help: help.into() }
}

fn failed(error: GitError) -> StoreError {
    StoreError::Git(error.to_string())
}
