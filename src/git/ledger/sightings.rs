//! The files under `sightings/`: which decision commits each run of the publisher saw for the first time.

use std::path::{Path, PathBuf};

use git2::{Delta, ErrorCode, ObjectType, Sort};

use super::tree::Change;
use super::{LEDGER, untrusted};
use crate::git::objects::Trees;
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::codec::LIMIT;
use crate::ledger::{Sighting, Sightings, StoreError};

const FOLDER: &str = "sightings";

/// A path, its object, and its kind; `None` for what is no regular file.
type Listed = (String, ObjectId, Option<ObjectType>);

impl Repository {
    /// Reads all files, unless one of them was taken away or changed by some commit.
    pub(super) fn whole_sightings(
        &self,
        tip: ObjectId,
        lost: Option<&(String, ObjectId)>,
    ) -> Result<Sightings, StoreError> {
        match lost {
            None => self.ledger_sightings(tip),
            Some((path, commit)) => Err(untrusted(
                format!("commit {commit:.10} took away or changed {path}, so nobody can say which holds were seen"),
                format!("put it back with a commit on top: `git checkout {commit:.10}~ -- {path}` on {LEDGER}"),
            )),
        }
    }

    /// Reads all files.
    pub(super) fn ledger_sightings(&self, tip: ObjectId) -> Result<Sightings, StoreError> {
        let mut all = Sightings::default();
        for (path, id, kind) in self.sighting_files(tip)? {
            let wrong = |reason: String| StoreError::Malformed { path: path.clone(), reason };
            if kind != Some(ObjectType::Blob) {
                return Err(wrong("it is no regular file".to_owned()));
            }
            let bytes = self.ledger_bytes(id, LIMIT, &path)?;
            let sighting = Sighting::decode(&bytes).map_err(|error| wrong(error.to_string()))?;
            if sighting.path() != path {
                return Err(wrong("its name does not say who saw it and when".to_owned()));
            }
            all.add(sighting);
        }
        Ok(all)
    }

    /// What lies under `sightings/<yyyy>/<mm>/`, and whatever stands in the place of such a folder.
    fn sighting_files(&self, tip: ObjectId) -> Result<Vec<Listed>, StoreError> {
        let mut level = vec![(FOLDER.to_owned(), tip, Some(ObjectType::Tree))];
        for _ in 0..3 {
            let mut below = Vec::new();
            for (path, id, kind) in level {
                if kind != Some(ObjectType::Tree) {
                    below.push((path, id, kind));
                    continue;
                }
                let list = self.ledger_list(tip, &path)?;
                below.extend(list.into_iter().map(|(name, id, kind)| (format!("{path}/{name}"), id, kind)));
            }
            level = below;
        }
        Ok(level)
    }

    /// The files that hold what a run saw. None is there yet: its name has the run's.
    pub(super) fn ledger_seen(&self, seen: &[Sighting]) -> Result<Vec<Change>, StoreError> {
        let file = |sighting: &Sighting| {
            let path = sighting.path();
            let bytes = sighting.encode();
            let bytes =
                bytes.map_err(|error| StoreError::Malformed { path: path.clone(), reason: error.to_string() })?;
            Ok((path, Some(bytes)))
        };
        seen.iter().map(file).collect()
    }

    /// The files of which one commit has another version than the one before it, or none.
    ///
    /// Trees are compared, whatever their number of files.
    pub(super) fn sightings_touched(
        &self,
        trees: &mut Trees<'_>,
        before: ObjectId,
        after: ObjectId,
    ) -> Result<Vec<PathBuf>, GitError> {
        let (before, after) = (trees.folder(before, FOLDER)?, trees.folder(after, FOLDER)?);
        if before == after {
            return Ok(Vec::new());
        }
        let tree = |id: Option<ObjectId>| id.map(|id| self.objects.find_tree(id)).transpose();
        let (before, after) = (tree(before)?, tree(after)?);
        let diff = self.objects.diff_tree_to_tree(before.as_ref(), after.as_ref(), None)?;
        let touched = diff.deltas().filter(|delta| delta.status() != Delta::Added);
        Ok(touched.filter_map(|delta| delta.old_file().path().map(|path| Path::new(FOLDER).join(path))).collect())
    }

    /// Whether a file is at the tip as it was first written. What never was a sighting may go.
    pub(super) fn sighting_stands(&self, root: ObjectId, tip: ObjectId, path: &Path) -> Result<bool, GitError> {
        let mut walk = self.objects.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(tip)?;
        walk.hide(root)?;
        for id in walk {
            let Some(written) = self.file_at(id?, path)?.filter(|id| self.was_sighting(*id).unwrap_or(true)) else {
                continue;
            };
            return Ok(self.file_at(tip, path)? == Some(written));
        }
        Ok(true)
    }

    fn file_at(&self, commit: ObjectId, path: &Path) -> Result<Option<ObjectId>, GitError> {
        match self.objects.find_commit(commit)?.tree()?.get_path(path) {
            Ok(entry) => Ok(Some(entry.id())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn was_sighting(&self, id: ObjectId) -> Result<bool, GitError> {
        let (size, kind) = self.objects.odb()?.read_header(id)?;
        Ok(kind == ObjectType::Blob && size <= LIMIT && Sighting::decode(self.objects.find_blob(id)?.content()).is_ok())
    }
}
