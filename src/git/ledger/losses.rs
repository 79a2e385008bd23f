//! Whether the ledger still has all that was ever written on it. A branch that only moves forward can lose files too.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use git2::{ErrorCode, ObjectType, Tree};

use super::sightings::sightings_touched;
use super::tree::{file_name, folder};
use crate::git::cache::Id;
use crate::git::objects::{ChangedFolder, Links, Trees};
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::codec;

/// The name in the cache.
const WHOLE: &str = "ledger";

/// What was written on the ledger and is not there any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Losses {
    /// Deliveries by their hash, each with the commit that took away or changed what was written of it.
    pub deliveries: HashMap<String, ObjectId>,
    /// A file under `sightings/`, and the commit that took it away or changed it.
    pub sighting: Option<(String, ObjectId)>,
}

impl Losses {
    /// Whether all is there.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What happened to the ledger between two commits that follow one another.
#[derive(Debug)]
struct Step {
    commit: ObjectId,
    /// All files before it, and after it.
    before: ObjectId,
    after: ObjectId,
}

/// How much of a ledger is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    All,
    Sightings,
}

/// A step by its number, what a folder was before it, and what it was then.
type Change = (usize, ObjectId, Option<ObjectId>);

/// All that happened, as far as the folders under `deliveries/` tell, by their names.
#[derive(Debug, Default)]
struct Steps {
    steps: Vec<Step>,
    shelves: BTreeMap<Vec<u8>, Vec<Change>>,
    /// Files under `sightings/` that were touched, by whom last.
    sightings: BTreeMap<PathBuf, ObjectId>,
}

impl Repository {
    /// The deliveries of which an entry was taken away or changed since the first commit, and not put back; the sightings
    /// likewise.
    ///
    /// Trees are compared, whatever their number of files; entries are read only where something went. What was never an
    /// entry may go.
    pub(super) fn ledger_losses(&self, root: ObjectId, tip: ObjectId, workspace: &str) -> Result<Losses, GitError> {
        self.ledger_losses_since(self.ledger_whole(root, tip).unwrap_or(root), root, tip, workspace)
    }

    /// The same, where up to a commit nothing was.
    pub(super) fn ledger_losses_since(
        &self,
        since: ObjectId,
        root: ObjectId,
        tip: ObjectId,
        workspace: &str,
    ) -> Result<Losses, GitError> {
        let Steps { steps, shelves, sightings } = self.ledger_steps(since, tip, Extent::All)?;
        let touched = self.touched(shelves)?;
        if touched.is_empty() && sightings.is_empty() && since != tip {
            self.ledger_is_whole(root, tip);
        }

        let mut losses = Losses::default();
        for (number, hash) in touched {
            let Some(step) = steps.get(number) else { continue };
            let written = self.written(&self.objects.find_tree(step.before)?, &hash, workspace)?;
            let now = self.written(&self.objects.find_commit(tip)?.tree()?, &hash, workspace)?;
            if !now.starts_with(&written) {
                losses.deliveries.insert(hash, step.commit);
            }
        }
        losses.sighting = self.fallen(root, tip, sightings)?;
        Ok(losses)
    }

    /// A file under `sightings/` that was taken away or changed, as [`Losses`] has it.
    pub(super) fn lost_sighting(&self, root: ObjectId, tip: ObjectId) -> Result<Option<(String, ObjectId)>, GitError> {
        let since = self.ledger_whole(root, tip).unwrap_or(root);
        let Steps { sightings, .. } = self.ledger_steps(since, tip, Extent::Sightings)?;
        self.fallen(root, tip, sightings)
    }

    /// The last of the files that is not what it was when it was written.
    fn fallen(
        &self,
        root: ObjectId,
        tip: ObjectId,
        touched: BTreeMap<PathBuf, ObjectId>,
    ) -> Result<Option<(String, ObjectId)>, GitError> {
        let mut fallen = None;
        for (path, commit) in touched {
            if !self.sighting_stands(root, tip, &path)? {
                fallen = Some((path.display().to_string(), commit));
            }
        }
        Ok(fallen)
    }

    /// Every step from a commit to one that follows it, newest first, and which folders under `deliveries/` it changed
    /// where those are wanted.
    fn ledger_steps(&self, since: ObjectId, tip: ObjectId, extent: Extent) -> Result<Steps, GitError> {
        let mut found = Steps::default();
        let (odb, mut trees) = (self.objects.odb()?, self.trees()?);
        let mut walk = self.objects.revwalk()?;
        walk.push(tip)?;
        walk.hide(since)?;
        // What one commit follows from mostly comes next.
        let mut next: Option<(ObjectId, Links)> = None;
        for id in walk {
            let commit = id?;
            let links = match next.take() {
                Some((known, links)) if known == commit => links,
                _ => self.links(&odb, commit)?,
            };
            for parent in links.parents {
                let of_parent = self.links(&odb, parent)?;
                let step = Step { commit, before: of_parent.tree, after: links.tree };
                next = Some((parent, of_parent));
                let touched = sightings_touched(&mut trees, step.before, step.after)?;
                found.sightings.extend(touched.into_iter().map(|path| (path, commit)));
                let shelves = if extent == Extent::All { changed_shelves(&mut trees, &step)? } else { Vec::new() };
                for folder in shelves {
                    let change = (found.steps.len(), folder.before, folder.after);
                    found.shelves.entry(folder.name).or_default().push(change);
                }
                found.steps.push(step);
            }
        }
        Ok(found)
    }

    /// The deliveries of which a file is gone or another than before, each with the step that did it; in the steps' order.
    /// Versions of one folder are read one after the other, for git keeps them as differences; folders side by side.
    fn touched(&self, shelves: BTreeMap<Vec<u8>, Vec<Change>>) -> Result<BTreeSet<(usize, String)>, GitError> {
        let shelves: Vec<Vec<Change>> = shelves.into_values().collect();
        let touched = self.share_out(&shelves, |repository, shelves| {
            let mut trees = repository.trees()?;
            let mut touched = Vec::new();
            for (number, before, after) in shelves.iter().flatten() {
                for loss in trees.losses_between(*before, *after)? {
                    let hash = loss.path.split('/').next().unwrap_or_default();
                    touched.push((*number, hash.to_owned()));
                }
            }
            Ok(touched)
        })?;
        Ok(touched.into_iter().collect())
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

/// The folders under `deliveries/` of which something is gone or another than before.
fn changed_shelves(trees: &mut Trees<'_>, step: &Step) -> Result<Vec<ChangedFolder>, GitError> {
    let (before, after) = (trees.folder(step.before, "deliveries")?, trees.folder(step.after, "deliveries")?);
    before.map_or(Ok(Vec::new()), |before| trees.changed_folders(before, after))
}
