//! Whether the ledger still has all that was ever written on it. A branch that only moves forward can lose files too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::{ErrorCode, ObjectType, Tree};

use super::tree::{file_name, folder};
use crate::git::cache::Id;
use crate::git::objects::Trees;
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::codec;

/// The name in the cache.
const WHOLE: &str = "ledger";

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
        let since = self.ledger_whole(root, tip).unwrap_or(root);
        let mut untouched = true;
        let mut trees = self.trees()?;
        let mut walk = self.objects.revwalk()?;
        walk.push(tip)?;
        walk.hide(since)?;
        for id in walk {
            let commit = self.objects.find_commit(id?)?;
            let after = commit.tree()?;
            for parent in commit.parents() {
                let before = parent.tree()?;
                touched.extend(self.sightings_touched(&before, &after)?.into_iter().map(|path| (path, commit.id())));
                for hash in touched_between(&mut trees, &before, &after)? {
                    untouched = false;
                    let written = self.written(&before, &hash, workspace)?;
                    let now = self.written(&self.objects.find_commit(tip)?.tree()?, &hash, workspace)?;
                    if !now.starts_with(&written) {
                        losses.deliveries.insert(hash, commit.id());
                    }
                }
            }
        }
        if untouched && touched.is_empty() && since != tip {
            self.ledger_is_whole(root, tip);
        }
        for (path, commit) in touched {
            if !self.sighting_stands(root, tip, &path)? {
                losses.sighting = Some((path.display().to_string(), commit));
            }
        }
        Ok(losses)
    }

    /// The commit up to which, as is remembered, the ledger follows from its first one and nothing on it was ever touched.
    pub(super) fn ledger_whole(&self, root: ObjectId, tip: ObjectId) -> Option<ObjectId> {
        let whole: Id = self.cache()?.read(WHOLE, &[root.as_bytes()])?;
        let whole = ObjectId::from(whole);
        self.follows(tip, whole).unwrap_or(false).then_some(whole)
    }

    fn ledger_is_whole(&self, root: ObjectId, tip: ObjectId) {
        if let Some(cache) = self.cache() {
            cache.write(WHOLE, &[root.as_bytes()], &Id::from(tip));
        }
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

/// The deliveries of which a file is gone or another than before.
fn touched_between(trees: &mut Trees<'_>, before: &Tree<'_>, after: &Tree<'_>) -> Result<BTreeSet<String>, GitError> {
    let deliveries = |root: &Tree<'_>| {
        let found = root.get_name("deliveries").filter(|found| found.kind() == Some(ObjectType::Tree));
        found.map(|found| found.id())
    };
    let Some(old) = deliveries(before) else { return Ok(BTreeSet::new()) };
    let losses = trees.losses_between(old, deliveries(after))?;
    Ok(losses.iter().filter_map(|loss| loss.path.split('/').nth(1)).map(str::to_owned).collect())
}
