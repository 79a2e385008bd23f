//! What is out: the last word on a delivery, found without reading what was written before it.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use chrono::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tree::file_name;
use super::{GitLedger, failed};
use crate::git::cache::{Encoded, Id};
use crate::git::objects::{TreeLine, tree_lines};
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::{DeliveryKey, Entry, PartReceipt, Published, StoreError, codec};
use crate::render::Digest;

/// The name in the cache.
const NAME: &str = "receipts";
/// More threads are no faster: the disk is one.
const MOST_THREADS: usize = 8;

/// What the ledger has on deliveries.
#[derive(Debug)]
pub(super) struct Receipts {
    /// Everything that is out, found by its key.
    pub out: HashSet<Out>,
    /// The hashes of all other deliveries that the ledger knows of.
    pub others: HashSet<String>,
}

/// A receipt; no two are of one delivery.
#[derive(Debug, Clone)]
pub(super) struct Out(pub Arc<Published>);

/// The receipts under `deliveries/<2 hex>/`, for as long as that folder stays what it is.
#[derive(Debug, Serialize, Deserialize)]
struct Shelf {
    tree: Id,
    receipts: Vec<Out>,
    /// [`Folders`] of the receipts, in their order.
    folders: Encoded,
    /// The hashes of those that have none.
    others: Vec<String>,
}

/// Hashes of deliveries, and their folders.
type Folders = Vec<(String, Id)>;

type Shelves = BTreeMap<String, Shelf>;

/// How a receipt is kept: key, version, digest, seconds and nanoseconds, parts with id, address and revision, whether it
/// was adopted, on whose word, and when it was changed since.
type Form<K, D> = (K, u32, D, Moment, Vec<(String, Option<String>, Option<String>)>, Rest);
type Moment = (i64, u32);
type Rest = (bool, Option<String>, Option<Moment>);

impl GitLedger<'_> {
    /// Everything that is out, the newest first. Reads a file for each delivery, where nothing is remembered.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn published(&self) -> Result<Vec<Published>, StoreError> {
        let receipt = |out: Out| Published::clone(&out.0);
        let mut all: Vec<Published> = match &self.receipts {
            Some(receipts) => receipts.out.iter().cloned().map(receipt).collect(),
            None => {
                let read = self.repository.ledger_receipts(self.tip, &self.workspace).map_err(failed)?;
                read.out.into_iter().map(receipt).collect()
            }
        };
        all.sort_by(|a, b| (b.published_at, &a.key).cmp(&(a.published_at, &b.key)));
        Ok(all)
    }
}

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
            let shelve = |some| Repository::apart(root)?.shelve(some, workspace);
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
        let count = |of: fn(&Shelf) -> usize| shelves.values().map(of).sum();
        let (out, others) = (count(|shelf| shelf.receipts.len()), count(|shelf| shelf.others.len()));
        let mut all = Receipts { out: HashSet::with_capacity(out), others: HashSet::with_capacity(others) };
        for shelf in shelves.into_values() {
            all.out.extend(shelf.receipts);
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
            let folders: Folders = old.as_ref().and_then(|shelf| shelf.folders.decode()).unwrap_or_default();
            let known: HashMap<_, &Out> =
                folders.into_iter().zip(old.iter().flat_map(|shelf| &shelf.receipts)).collect();
            let (mut receipts, mut folders, mut others) = (Vec::new(), Folders::new(), Vec::new());
            for (hash, folder, is_folder) in self.listed(*tree)? {
                let place = (hash, Id::from(folder));
                let receipt = match known.get(&place) {
                    Some(out) => Some((*out).clone()),
                    None if !is_folder => None,
                    None => self.ledger_receipt(folder, &place.0, workspace)?.map(|receipt| Out(Arc::new(receipt))),
                };
                match receipt {
                    Some(receipt) => {
                        receipts.push(receipt);
                        folders.push(place);
                    }
                    None => others.push(place.0),
                }
            }
            let folders = Encoded::of(&folders).unwrap_or_default();
            shelves.push((name.clone(), Shelf { tree: (*tree).into(), receipts, folders, others }));
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
        let is = |line: &TreeLine<'_>, kind: &[u8]| line.name.ends_with(kind);
        // Of what follows a receipt only that it was taken down matters, and what was changed in its place.
        let down = lines.iter().rposition(|line| is(line, b"-retracted.json"));
        let mut after = lines.iter().enumerate().filter(|(at, _)| down.is_none_or(|down| *at > down));
        let Some((at, line)) = after.find(|(_, line)| is(line, b"-published.json")) else { return Ok(None) };
        let read = |at: usize, line: &TreeLine<'_>| -> Result<Option<Entry>, GitError> {
            let regular = matches!(line.mode, 0o100_644 | 0o100_755);
            if !regular || odb.read_header(line.id)?.0 > codec::LIMIT {
                return Ok(None);
            }
            let entry = codec::decode(odb.read(line.id)?.data()).ok();
            Ok(entry.filter(|entry| {
                file_name(at + 1, entry).as_bytes() == line.name && entry.key().hash(workspace) == hash
            }))
        };
        let Some(Entry::Published(mut receipt)) = read(at, line)? else { return Ok(None) };
        for (at, line) in after.filter(|(_, line)| is(line, b"-updated.json")) {
            let Some(Entry::Updated(updated)) = read(at, line)? else { return Ok(None) };
            receipt = updated.over(&receipt).unwrap_or(receipt);
        }
        Ok(Some(receipt))
    }

    /// The folders in a folder of a tree, by name. Whatever else is there is left out.
    pub(super) fn folders(&self, root: ObjectId, name: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
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

impl Borrow<DeliveryKey> for Out {
    fn borrow(&self) -> &DeliveryKey {
        &self.0.key
    }
}

impl Hash for Out {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Hash::hash(&self.0.key, state);
    }
}

impl PartialEq for Out {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Out {}

impl Serialize for Out {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Published { version, key, digest, published_at: at, parts, adopted, resolved_by, updated_at } = &*self.0;
        let part = |part: &PartReceipt| (part.id.clone(), part.url.clone(), part.revision.clone());
        let form: Form<_, _> = (
            key,
            *version,
            digest,
            (at.timestamp(), at.timestamp_subsec_nanos()),
            parts.iter().map(part).collect(),
            (*adopted, resolved_by.clone(), updated_at.map(|at| (at.timestamp(), at.timestamp_subsec_nanos()))),
        );
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Out {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form: Form<DeliveryKey, Digest> = Deserialize::deserialize(deserializer)?;
        let (key, version, digest, at, parts, (adopted, resolved_by, updated)) = form;
        let parts = parts.into_iter().map(|(id, url, revision)| PartReceipt { id, url, revision }).collect();
        let time = |(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap_or_default();
        let (published_at, updated_at) = (time(at), updated.map(time));
        let receipt = Published { version, key, digest, published_at, parts, adopted, resolved_by, updated_at };
        Ok(Self(Arc::new(receipt)))
    }
}
