//! Whether the ledger still has all that was ever written on it. A branch that only moves forward can lose files too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::{Delta, ErrorCode, ObjectType, Tree};

use super::tree::{file_name, folder};
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::codec;

/// What was written on the ledger and is not there any more.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Deliveries by their hash, each with the commit that took away or changed what was written of it.
    pub deliveries: HashMap<String, ObjectId>,
    /// A file under `sightings/`, and the commit that took it away or changed it.
    pub sighting: Option<(String, ObjectId)>,
}

impl Repository {
    /// The deliveries of which an entry was taken away or changed since the first commit, and not put back; the sightings
    /// likewise.
    ///
    /// Trees are compared, whatever their number of files; entries are read only where something went. What was never an
    /// entry may go.
    pub(super) fn ledger_losses(&self, root: ObjectId, tip: ObjectId, workspace: &str) -> Result<Losses, GitError> {
        let mut losses = Losses::default();
        let mut touched = BTreeMap::new();
        let mut walk = self.objects.revwalk()?;
        walk.push(tip)?;
        walk.hide(root)?;
        for id in walk {
            let commit = self.objects.find_commit(id?)?;
            let after = commit.tree()?;
            for parent in commit.parents() {
                let before = parent.tree()?;
                touched.extend(self.sightings_touched(&before, &after)?.into_iter().map(|path| (path, commit.id())));
                for hash in self.touched(&before, &after)? {
                    let written = self.written(&before, &hash, workspace)?;
                    let now = self.written(&self.objects.find_commit(tip)?.tree()?, &hash, workspace)?;
                    if !now.starts_with(&written) {
                        losses.deliveries.insert(hash, commit.id());
                    }
                }
            }
        }
        for (path, commit) in touched {
            if !self.sighting_stands(root, tip, &path)? {
                losses.sighting = Some((path.display().to_string(), commit));
            }
        }
        Ok(losses)
    }

    /// The deliveries of which a file is gone or another than before.
    fn touched(&self, before: &Tree<'_>, after: &Tree<'_>) -> Result<BTreeSet<String>, GitError> {
        let (before, after) = (self.folder_of(before, "deliveries")?, self.folder_of(after, "deliveries")?);
        let mut hashes = BTreeSet::new();
        if before.as_ref().map(Tree::id) == after.as_ref().map(Tree::id) {
            return Ok(hashes);
        }
        let diff = self.objects.diff_tree_to_tree(before.as_ref(), after.as_ref(), None)?;
        for delta in diff.deltas().filter(|delta| delta.status() != Delta::Added) {
            let path = delta.old_file().path_bytes().and_then(|path| std::str::from_utf8(path).ok());
            hashes.extend(path.and_then(|path| path.split('/').nth(1)).map(str::to_owned));
        }
        Ok(hashes)
    }

    /// The files of a delivery that are entries in their place, in order, whatever lies between them.
    fn written(&self, root: &Tree<'_>, hash: &str, workspace: &str) -> Result<Vec<(String, ObjectId)>, GitError> {
        let Some(tree) = self.folder_of(root, &folder(hash))? else { return Ok(Vec::new()) };
        let mut written = Vec::new();
        for file in tree.iter().filter(|file| file.kind() == Some(ObjectType::Blob)) {
            let Ok(name) = file.name() else { continue };
            if self.objects.odb()?.read_header(file.id())?.0 > codec::LIMIT {
                continue;
            }
            let Ok(entry) = codec::decode(self.objects.find_blob(file.id())?.content()) else { continue };
            if entry.key().hash(workspace) == hash && name == file_name(written.len() + 1, &entry) {
                written.push((name.to_owned(), file.id()));
            }
        }
        Ok(written)
    }

    pub(super) fn folder_of(&self, root: &Tree<'_>, path: &str) -> Result<Option<Tree<'_>>, GitError> {
        match root.get_path(path.as_ref()) {
            Ok(found) if found.kind() == Some(ObjectType::Tree) => Ok(Some(self.objects.find_tree(found.id())?)),
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
