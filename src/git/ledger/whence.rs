//! Which commit of the ledger brought which entry, and which delivery is behind an address.

use std::collections::BTreeSet;

use super::tree::{file_name, folder};
use super::{GitLedger, failed};
use crate::git::repository::ObjectId;
use crate::ledger::{DeliveryKey, Entry, PartReceipt, Store, StoreError, codec};

/// An entry with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The entry.
    pub entry: Entry,
    /// Its file on the ledger branch.
    pub path: String,
    /// The commit that brought it.
    pub commit: ObjectId,
}

impl GitLedger<'_> {
    /// A delivery's entries, oldest first, each with the commit that brought it.
    ///
    /// # Errors
    /// As for [`Store::entries`], and when the ledger's history is not whole.
    pub fn written(&self, key: &DeliveryKey) -> Result<Vec<Written>, StoreError> {
        let folder = folder(&key.hash(&self.workspace));
        let mut written: Vec<(Entry, String)> = Vec::new();
        for entry in self.entries(key)? {
            let path = format!("{folder}/{}", file_name(written.len() + 1, &entry));
            written.push((entry, path));
        }
        let paths: BTreeSet<String> = written.iter().map(|(_, path)| path.clone()).collect();
        let changes = self.repository.changes(self.tip, Some(self.root), &paths).map_err(failed)?;
        let placed = written.into_iter().map(|(entry, path)| {
            // An entry is written once; were it ever taken away and put back, its first commit is the oldest.
            let commit = changes.get(&path).and_then(|commits| commits.last()).copied();
            let commit = commit.ok_or_else(|| StoreError::Malformed {
                path: path.clone(),
                reason: "no commit of the ledger brought it".to_owned(),
            })?;
            Ok(Written { entry, path, commit })
        });
        placed.collect()
    }

    /// The deliveries that went out: those of this post, or to this address, or under this id of their network. Reads
    /// every receipt.
    ///
    /// # Errors
    /// When the ledger cannot be read. A file that is no entry is passed over.
    pub fn published_as(&self, name: &str) -> Result<Vec<DeliveryKey>, StoreError> {
        let mut found = BTreeSet::new();
        for (two, id, _) in self.repository.ledger_list(self.tip, "deliveries")? {
            let Ok(tree) = self.repository.objects.find_tree(id) else { continue };
            let mut receipts = Vec::new();
            tree.walk(git2::TreeWalkMode::PreOrder, |_, file| {
                if file.name().is_ok_and(|name| name.ends_with("-published.json") || name.ends_with("-updated.json")) {
                    receipts.push(file.id());
                }
                git2::TreeWalkResult::Ok
            })
            .map_err(|error| failed(error.into()))?;
            for receipt in receipts {
                let bytes = self.repository.ledger_bytes(receipt, codec::LIMIT, &two)?;
                let (key, parts) = match codec::decode(&bytes) {
                    Ok(Entry::Published(out)) => (out.key, out.parts),
                    Ok(Entry::Updated(out)) => (out.key, out.parts),
                    _ => continue,
                };
                let is = |url: &str| url.trim_end_matches('/') == name.trim_end_matches('/');
                let placed = |part: &PartReceipt| part.id == name || part.url.as_deref().is_some_and(is);
                if key.post.as_str() == name || parts.iter().any(placed) {
                    found.insert(key);
                }
            }
        }
        Ok(found.into_iter().collect())
    }
}
