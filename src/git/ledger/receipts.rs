//! What is out: the last word on a delivery, found without reading what was written before it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::resume_unwind;
use std::thread;

use chrono::DateTime;

use super::tree::file_name;
use crate::git::cache::Id;
use crate::git::objects::{TreeLine, tree_lines};
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::{DeliveryKey, Entry, PartReceipt, Published, codec};
use crate::render::Digest;

/// The name in the cache.
const NAME: &str = "receipts";
/// More threads are no faster: the disk is one.
const MOST_THREADS: usize = 8;

/// What the ledger has on deliveries.
#[derive(Debug)]
pub(super) struct Receipts {
    /// Everything that is out.
    pub out: HashMap<DeliveryKey, Published>,
    /// The hashes of all other deliveries that the ledger knows of.
    pub others: HashSet<String>,
}

/// The receipts under `deliveries/<2 hex>/`, for as long as that folder stays what it is.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Shelf {
    tree: Id,
    receipts: Vec<Kept>,
    /// The hashes of those that have none.
    others: Vec<String>,
}

/// A receipt, and the folder of the delivery that it was read from.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Kept {
    hash: String,
    folder: Id,
    key: DeliveryKey,
    version: u32,
    digest: Digest,
    seconds: i64,
    nanos: u32,
    /// Id, address, revision.
    parts: Vec<(String, Option<String>, Option<String>)>,
    adopted: bool,
}

type Shelves = BTreeMap<String, Shelf>;

impl Repository {
    /// Reads all that is out; where it may be remembered, only what is new.
    pub(super) fn ledger_receipts(&self, tip: ObjectId, workspace: &str) -> Result<Receipts, GitError> {
        let depends_on = [workspace.as_bytes()];
        let mut before: Shelves = self.cache().and_then(|cache| cache.read(NAME, &depends_on)).unwrap_or_default();
        let commit = self.links(&self.objects.odb()?, tip)?;
        let mut shelves = Shelves::new();
        let mut new = Vec::new();
        for (name, tree) in self.folders(commit.tree, "deliveries")? {
            match before.remove(&name) {
                Some(shelf) if ObjectId::from(shelf.tree) == tree => {
                    shelves.insert(name, shelf);
                }
                old => new.push((name, tree, old)),
            }
        }
        if !new.is_empty() || !before.is_empty() {
            let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
            let each = new.len().div_ceil(threads).max(1);
            let root = self.root();
            let shelve = |some| Repository::discover(root)?.shelve(some, workspace);
            let read: Vec<Result<Vec<(String, Shelf)>, GitError>> = thread::scope(|scope| {
                let turns: Vec<_> = new.chunks(each).map(|some| scope.spawn(move || shelve(some))).collect();
                let join =
                    |turn: thread::ScopedJoinHandle<'_, _>| turn.join().unwrap_or_else(|panic| resume_unwind(panic));
                turns.into_iter().map(join).collect()
            });
            for some in read {
                shelves.extend(some?);
            }
            if let Some(cache) = self.cache() {
                cache.write(NAME, &depends_on, &shelves);
            }
        }
        let mut all = Receipts { out: HashMap::new(), others: HashSet::new() };
        for shelf in shelves.into_values() {
            all.out.extend(shelf.receipts.into_iter().map(Kept::receipt));
            all.others.extend(shelf.others);
        }
        Ok(all)
    }

    /// Reads folders, each with what was known of it before.
    fn shelve(
        &self,
        some: &[(String, ObjectId, Option<Shelf>)],
        workspace: &str,
    ) -> Result<Vec<(String, Shelf)>, GitError> {
        let mut shelves = Vec::new();
        for (name, tree, old) in some {
            let known = old.iter().flat_map(|shelf| &shelf.receipts);
            let known: HashMap<(&str, Id), &Kept> =
                known.map(|kept| ((kept.hash.as_str(), kept.folder), kept)).collect();
            let mut shelf = Shelf { tree: (*tree).into(), receipts: Vec::new(), others: Vec::new() };
            for (hash, folder, is_folder) in self.listed(*tree)? {
                match known.get(&(hash.as_str(), Id::from(folder))) {
                    Some(kept) => shelf.receipts.push((*kept).clone()),
                    None if !is_folder => shelf.others.push(hash),
                    None => match self.ledger_receipt(folder, &hash, workspace)? {
                        Some(receipt) => shelf.receipts.push(Kept::of(receipt, hash, folder)),
                        None => shelf.others.push(hash),
                    },
                }
            }
            shelves.push((name.clone(), shelf));
        }
        Ok(shelves)
    }

    /// The receipt in a delivery's folder; `None` where it is not out, or anything about the receipt is odd.
    pub(super) fn ledger_receipt(
        &self,
        folder: ObjectId,
        hash: &str,
        workspace: &str,
    ) -> Result<Option<Published>, GitError> {
        let odb = self.objects.odb()?;
        let tree = odb.read(folder)?;
        let lines: Option<Vec<TreeLine<'_>>> = tree_lines(tree.data()).collect();
        let Some(mut lines) = lines else { return Ok(None) };
        lines.sort_by_key(|line| line.name);
        let Some((at, line)) = lines.iter().enumerate().find(|(_, line)| line.name.ends_with(b"-published.json"))
        else {
            return Ok(None);
        };
        let regular = matches!(line.mode, 0o100_644 | 0o100_755);
        if !regular || odb.read_header(line.id)?.0 > codec::LIMIT {
            return Ok(None);
        }
        let entry = codec::decode(odb.read(line.id)?.data());
        Ok(entry.ok().filter(|entry| file_name(at + 1, entry).as_bytes() == line.name).and_then(|entry| match entry {
            Entry::Published(receipt) if receipt.key.hash(workspace) == hash => Some(receipt),
            _ => None,
        }))
    }

    /// The folders in a folder of a tree, by name. Whatever else is there is left out.
    fn folders(&self, root: ObjectId, name: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        let tree = self.listed(root)?.into_iter().find(|(found, _, is_folder)| found == name && *is_folder);
        let inside = tree.map_or(Ok(Vec::new()), |(_, tree, _)| self.listed(tree))?;
        Ok(inside.into_iter().filter(|(.., is_folder)| *is_folder).map(|(name, id, _)| (name, id)).collect())
    }

    /// Names, objects, and whether they are folders.
    fn listed(&self, tree: ObjectId) -> Result<Vec<(String, ObjectId, bool)>, GitError> {
        let odb = self.objects.odb()?;
        let tree = odb.read(tree)?;
        let name = |line: &TreeLine<'_>| String::from_utf8_lossy(line.name).into_owned();
        Ok(tree_lines(tree.data()).flatten().map(|line| (name(&line), line.id, line.mode == 0o040_000)).collect())
    }
}

impl Kept {
    fn of(receipt: Published, hash: String, folder: ObjectId) -> Self {
        let Published { version, key, digest, published_at, parts, adopted } = receipt;
        let parts = parts.into_iter().map(|part| (part.id, part.url, part.revision)).collect();
        let (seconds, nanos) = (published_at.timestamp(), published_at.timestamp_subsec_nanos());
        Self { hash, folder: folder.into(), key, version, digest, seconds, nanos, parts, adopted }
    }

    fn receipt(self) -> (DeliveryKey, Published) {
        let Self { key, version, digest, seconds, nanos, parts, adopted, .. } = self;
        let parts = parts.into_iter().map(|(id, url, revision)| PartReceipt { id, url, revision }).collect();
        let published_at = DateTime::from_timestamp(seconds, nanos).unwrap_or_default();
        (key.clone(), Published { version, key, digest, published_at, parts, adopted })
    }
}
