//! The ledger's files as git objects, looked up one by one.

use std::collections::BTreeMap;

use git2::{ErrorCode, ObjectType};

use super::step::Change;
use super::texts;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::{DeliveryKey, Entry, Misfit, Open, State, StoreError, codec, fold};

/// Entries of one delivery.
const MOST_ENTRIES: usize = 9_999;
/// Bytes of a file under `open/`.
const LARGEST_MARK: usize = 4_096;

impl Repository {
    /// A delivery's entries, oldest first.
    pub(super) fn ledger_entries(
        &self,
        tip: ObjectId,
        hash: &str,
        key: &DeliveryKey,
    ) -> Result<Vec<Entry>, StoreError> {
        let folder = folder(hash);
        let wrong =
            |path: &str, reason: &str| StoreError::Malformed { path: path.to_owned(), reason: reason.to_owned() };
        let mut entries = Vec::new();
        for (name, id, kind) in self.ledger_list(tip, &folder)? {
            let path = format!("{folder}/{name}");
            if kind != Some(ObjectType::Blob) {
                return Err(wrong(&path, "it is no regular file"));
            }
            if entries.len() == MOST_ENTRIES {
                return Err(wrong(&folder, "it has more entries than a delivery can have"));
            }
            let bytes = self.ledger_bytes(id, codec::LIMIT, &path)?;
            let entry = codec::decode(&bytes).map_err(|error| wrong(&path, &error.to_string()))?;
            if entry.key() != key {
                return Err(wrong(&path, "it is about another delivery"));
            }
            if name != file_name(entries.len() + 1, &entry) {
                return Err(wrong(&path, "its name does not say what it is and when it came"));
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The deliveries that have a claim without a final outcome, and the files that stand in the place of their marks.
    pub(super) fn ledger_open(&self, tip: ObjectId, workspace: &str) -> Result<Open, StoreError> {
        let mut open = Open::default();
        for (name, id, kind) in self.ledger_list(tip, "open")? {
            let path = format!("open/{name}");
            match self.ledger_mark(id, kind, &path) {
                Ok(key) if key.hash(workspace) == name => open.keys.push(key),
                Ok(_) => {
                    let reason = "its name does not fit the delivery that it names".to_owned();
                    open.misfits.push(Misfit { path, reason });
                }
                Err(StoreError::Malformed { path, reason }) => open.misfits.push(Misfit { path, reason }),
                Err(error) => return Err(error),
            }
        }
        open.keys.sort();
        Ok(open)
    }

    fn ledger_mark(&self, id: ObjectId, kind: Option<ObjectType>, path: &str) -> Result<DeliveryKey, StoreError> {
        let wrong = |reason: String| StoreError::Malformed { path: path.to_owned(), reason };
        if kind != Some(ObjectType::Blob) {
            return Err(wrong("it is no regular file".to_owned()));
        }
        let bytes = self.ledger_bytes(id, LARGEST_MARK, path)?;
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
    }

    /// The files that entries add, and the marks of open deliveries that they set or take away.
    pub(super) fn ledger_changes(
        &self,
        tip: ObjectId,
        workspace: &str,
        entries: &[Entry],
    ) -> Result<Vec<Change>, StoreError> {
        let mut deliveries: BTreeMap<&DeliveryKey, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            deliveries.entry(entry.key()).or_default().push(entry);
        }
        let deliveries: Vec<(&DeliveryKey, Vec<&Entry>)> = deliveries.into_iter().collect();
        let before = self.share_out(&deliveries, |repository, some| {
            Ok(some.iter().map(|(key, _)| repository.ledger_entries(tip, &key.hash(workspace), key)).collect())
        });
        let mut changes = Vec::new();
        for ((key, new), before) in deliveries.into_iter().zip(before.map_err(super::failed)?) {
            let hash = key.hash(workspace);
            let mut all = before?;
            let begins = all.is_empty();
            for entry in new {
                let path = format!("{}/{}", folder(&hash), file_name(all.len() + 1, entry));
                let bytes = codec::encode(entry)
                    .map_err(|error| StoreError::Malformed { path: path.clone(), reason: error.to_string() })?;
                changes.push((path, Some(bytes)));
                changes.extend(texts::change(entry, workspace));
                all.push(entry.clone());
            }
            let open = matches!(fold(all), State::Claimed(_) | State::Uncertain(..));
            changes.push((format!("open/{hash}"), open.then(|| mark(key))));
            // Whatever is written of a delivery, its mark was in some commit.
            changes.extend((begins && !open).then(|| (format!("closed/{hash}"), Some(mark(key)))));
        }
        Ok(changes)
    }

    /// A folder's names, objects and kinds, sorted by name. A folder that is not there has none.
    pub(super) fn ledger_list(
        &self,
        tip: ObjectId,
        folder: &str,
    ) -> Result<Vec<(String, ObjectId, Option<ObjectType>)>, StoreError> {
        let git = |error: git2::Error| super::failed(error.into());
        let root = self.objects.find_commit(tip).and_then(|commit| commit.tree()).map_err(git)?;
        let found = match root.get_path(folder.as_ref()) {
            Ok(found) => found,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(git(error)),
        };
        let wrong = |reason: &str| StoreError::Malformed { path: folder.to_owned(), reason: reason.to_owned() };
        if found.kind() != Some(ObjectType::Tree) {
            return Err(wrong("it is no folder"));
        }
        let tree = self.objects.find_tree(found.id()).map_err(git)?;
        let mut list = Vec::new();
        for entry in &tree {
            let name = entry.name().map_err(|_| wrong("it has a name that is no text"))?;
            // A symbolic link is a blob too, for git.
            let regular = matches!(entry.filemode(), 0o100_644 | 0o100_755) || entry.kind() != Some(ObjectType::Blob);
            list.push((name.to_owned(), entry.id(), entry.kind().filter(|_| regular)));
        }
        list.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(list)
    }

    pub(super) fn ledger_bytes(&self, id: ObjectId, limit: usize, path: &str) -> Result<Vec<u8>, StoreError> {
        let git = |error: git2::Error| super::failed(error.into());
        let (size, _) = self.objects.odb().and_then(|odb| odb.read_header(id)).map_err(git)?;
        if size > limit {
            let reason = format!("it has {size} bytes; at most {limit} are read");
            return Err(StoreError::Malformed { path: path.to_owned(), reason });
        }
        Ok(self.objects.find_blob(id).map_err(git)?.content().to_vec())
    }
}

/// What marks a delivery as open, or as settled.
pub(super) fn mark(key: &DeliveryKey) -> Vec<u8> {
    // A key is made of text: it always has a JSON form.
    serde_json::to_vec(key).unwrap_or_default()
}

pub(super) fn folder(hash: &str) -> String {
    format!("deliveries/{}/{hash}", hash.get(..2).unwrap_or_default())
}

pub(super) fn file_name(number: usize, entry: &Entry) -> String {
    let kind = match entry {
        Entry::Claim(_) => "claim",
        Entry::Published(_) => "published",
        Entry::Failed(_) => "failed",
        Entry::Uncertain(_) => "uncertain",
        Entry::Retracted(_) => "retracted",
        Entry::Updated(_) => "updated",
    };
    format!("{number:04}-{kind}.json")
}
