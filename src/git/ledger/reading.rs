//! The reading of a ledger, which may go on beside other work.

use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};

use super::losses::Losses;
use super::receipts::Receipts;
use super::{failed, untrusted};
use crate::git::cache::Id;
use crate::git::objects::Trees;
use crate::git::program::GitError;
use crate::git::repository::{Branches, ObjectId, Repository};
use crate::ledger::{Sightings, StoreError};

/// So many deliveries are read at once in no time.
const FEW: usize = if cfg!(test) { 20 } else { 2_000 };
/// To look up so many deliveries costs as much as to look up one post's.
const MANY: u64 = 20;
/// The name in the cache of the folder of posts and its lines.
const COUNTED: &str = "counted";
/// Folders in the folder of posts.
const DEEPEST: usize = 4;

/// What was read of a ledger when it was opened.
#[derive(Debug)]
pub struct LedgerRead {
    pub(super) root: ObjectId,
    pub(super) tip: ObjectId,
    /// What is not there any more; `None` where history was left alone.
    pub(super) losses: Option<Losses>,
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

/// The sightings of a ledger, of which nothing else was read.
#[derive(Debug)]
pub struct LedgerSightings<'r> {
    repository: &'r Repository,
    tip: ObjectId,
    lost: Option<(String, ObjectId)>,
}

impl LedgerSightings<'_> {
    /// All that was seen, as [`crate::ledger::Store::sightings_since`] has it.
    ///
    /// # Errors
    /// When any of it was taken away or changed, or cannot be read.
    pub fn since(&self, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        self.repository.whole_sightings(self.tip, since, self.lost.as_ref())
    }
}

impl Repository {
    /// Begins to read the ledger, beside whatever else is done meanwhile.
    pub fn begin_to_read_ledger(&self, branches: &Branches, workspace: &str, pinned: Option<&str>) -> LedgerReading {
        let (place, remembers, glances) = (self.root().to_owned(), self.cache().is_some(), self.glances());
        let (branches, workspace, pinned) = (branches.clone(), workspace.to_owned(), pinned.map(str::to_owned));
        LedgerReading(thread::spawn(move || {
            let repository = Repository::apart(&place).map_err(failed)?;
            let repository = if remembers { repository.remembering() } else { repository };
            let repository = if glances { repository.glancing() } else { repository };
            repository.read_ledger(&branches, &workspace, pinned.as_deref())
        }))
    }

    /// The sightings of the ledger that begins with the pinned commit, for whoever asks after nothing else.
    ///
    /// # Errors
    /// As for [`super::GitLedger::open`].
    pub fn ledger_for_sightings(
        &self,
        branches: &Branches,
        pinned: Option<&str>,
    ) -> Result<LedgerSightings<'_>, StoreError> {
        let root = pinned_root(pinned)?;
        let tip = self.ledger_tip(branches, root)?;
        let lost = if self.walks(root, tip) { self.lost_sighting(root, tip).map_err(failed)? } else { None };
        Ok(LedgerSightings { repository: self, tip, lost })
    }

    /// Reads the ledger that begins with the pinned commit; what is out, only where that may be remembered.
    pub(super) fn read_ledger(
        &self,
        branches: &Branches,
        workspace: &str,
        pinned: Option<&str>,
    ) -> Result<LedgerRead, StoreError> {
        let root = pinned_root(pinned)?;
        let tip = self.ledger_tip(branches, root)?;
        let (losses, receipts) = thread::scope(|scope| {
            let wanted = self.asks_for_most(branches, tip).unwrap_or(true);
            let place = self.cache().filter(|_| wanted).map(|_| self.root());
            let receipts = place.map(|place| {
                scope.spawn(move || Repository::apart(place)?.remembering().ledger_receipts(tip, workspace))
            });
            let losses = self.walks(root, tip).then(|| self.ledger_losses(root, tip, workspace)).transpose();
            (losses, receipts.map(|turn| turn.join().unwrap_or_else(|panic| resume_unwind(panic))).transpose())
        });
        Ok(LedgerRead { root, tip, losses: losses.map_err(failed)?, receipts: receipts.map_err(failed)? })
    }

    /// Whether the ledger's history is to be read, as far as that was not done.
    fn walks(&self, root: ObjectId, tip: ObjectId) -> bool {
        !self.glances() || self.ledger_whole(root, tip).is_some()
    }

    /// Whether the posts are so many that all receipts are best read at once. Of few posts on a long ledger, each is
    /// looked up, and what is old costs nothing.
    fn asks_for_most(&self, branches: &Branches, tip: ObjectId) -> Result<bool, GitError> {
        let (odb, mut trees) = (self.objects.odb()?, self.trees()?);
        let ledger = self.links(&odb, tip)?.tree;
        let Some(shelves) = trees.folder(ledger, "deliveries")? else { return Ok(true) };
        let (shelves, first) = trees.size(shelves)?;
        // Hashes are spread evenly: one shelf stands for all.
        let deliveries = shelves * first.map_or(Ok(0), |shelf| trees.size(shelf).map(|(lines, _)| lines))?;
        if deliveries <= FEW {
            return Ok(true);
        }
        let trusted = self.links(&odb, self.trusted_tip(branches)?)?.tree;
        let Some(posts) = trees.folder(trusted, "posts")? else { return Ok(false) };
        let id = Id::from(posts);
        let counted: Option<(Id, u64)> = self.cache().and_then(|cache| cache.read(COUNTED, &[]));
        let posts = match counted.filter(|(of, _)| *of == id) {
            Some((_, posts)) => posts,
            None => {
                let posts = lines_below(&mut trees, posts, 0)?;
                if let Some(cache) = self.cache() {
                    cache.write(COUNTED, &[], &(id, posts));
                }
                posts
            }
        };
        Ok(deliveries as u64 <= MANY * posts)
    }
}

/// The first commit of a ledger as `greenlit.toml` pins it.
fn pinned_root(pinned: Option<&str>) -> Result<ObjectId, StoreError> {
    let root = pinned.ok_or_else(|| {
        untrusted(
            "greenlit.toml does not say where it begins",
            "a new workspace gets its ledger from `greenlit init`; in an old one, put the line `ledger = \"…\"` back",
        )
    })?;
    // A short name would be filled up with zeros.
    let full = matches!(root.len(), 40 | 64);
    root.parse::<ObjectId>().ok().filter(|_| full).ok_or_else(|| {
        untrusted(format!("{root:?} in greenlit.toml is no commit"), "put the 40 hex digits of its first commit back")
    })
}

/// The lines of a tree and of those in it.
fn lines_below(trees: &mut Trees<'_>, tree: ObjectId, depth: usize) -> Result<u64, GitError> {
    let mut folders = Vec::new();
    let mut count = 0;
    trees.each(tree, |line| {
        count += 1;
        folders.extend(line.is_folder().then_some(line.id));
    })?;
    for folder in folders.into_iter().filter(|_| depth < DEEPEST) {
        count += lines_below(trees, folder, depth + 1)?;
    }
    Ok(count)
}
