//! The files under `sightings/`: which decision commits each run of the publisher saw for the first time.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Utc};
use git2::{ErrorCode, ObjectType, Sort};

use super::reviews::REVIEWS;
use super::step::Change;
use super::{LEDGER, untrusted};
use crate::git::objects::Trees;
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::codec::LIMIT;
use crate::ledger::{ReviewRecord, Sighting, Sightings, StoreError};

const FOLDER: &str = "sightings";

/// A path, its object, and its kind; `None` for what is no regular file.
type Listed = (String, ObjectId, Option<ObjectType>);

impl Repository {
    /// Reads all files, or those that keep bytes and those since a day, unless one was taken away or changed by some commit.
    pub(super) fn whole_sightings(
        &self,
        tip: ObjectId,
        since: Option<DateTime<Utc>>,
        lost: Option<&(String, ObjectId)>,
    ) -> Result<Sightings, StoreError> {
        match lost {
            None => self.ledger_sightings(tip, since),
            Some((path, commit)) => Err(untrusted(
                format!("commit {commit:.10} took away or changed {path}, so nobody can say what was decided"),
                format!("put it back with a commit on top: `git checkout {commit:.10}~ -- {path}` on {LEDGER}"),
            )),
        }
    }

    /// Reads all files; with a time, only those that keep bytes, and those of that day and later.
    fn ledger_sightings(&self, tip: ObjectId, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        let day = since.map(|since| match since.year() {
            ..=9_999 => since.format("sightings/%Y/%m/%d").to_string(),
            _ => "sightings/9999/99/99".to_owned(),
        });
        let mut all = Sightings::default();
        for (path, id, kind) in self.sighting_files(tip, day.as_deref().unwrap_or_default())? {
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

    /// What lies in the folders under `sightings/`, and whatever stands in the place of one; but for the folders of what
    /// was seen before a day.
    fn sighting_files(&self, tip: ObjectId, day: &str) -> Result<Vec<Listed>, StoreError> {
        let is_old = |folder: &str| day.get(..folder.len()).is_some_and(|day| folder < day);
        let mut level = vec![(FOLDER.to_owned(), tip, Some(ObjectType::Tree))];
        for _ in 0..4 {
            let mut below = Vec::new();
            for (path, id, kind) in level {
                match kind {
                    Some(ObjectType::Tree) if is_old(&path) => {}
                    Some(ObjectType::Tree) => {
                        let list = self.ledger_list(tip, &path)?;
                        below.extend(list.into_iter().map(|(name, id, kind)| (format!("{path}/{name}"), id, kind)));
                    }
                    _ => below.push((path, id, kind)),
                }
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
        if kind != ObjectType::Blob || size > LIMIT {
            return Ok(false);
        }
        let blob = self.objects.find_blob(id)?;
        Ok(Sighting::decode(blob.content()).is_ok() || ReviewRecord::decode(blob.content()).is_ok())
    }
}

/// The files under `sightings/` and `reviews/` of which a tree has another version than the one before it, or none.
pub(super) fn sightings_touched(
    trees: &mut Trees<'_>,
    before: ObjectId,
    after: ObjectId,
) -> Result<Vec<PathBuf>, GitError> {
    let mut touched = Vec::new();
    for folder in [FOLDER, REVIEWS] {
        let (before, after) = (trees.folder(before, folder)?, trees.folder(after, folder)?);
        let losses = before.map_or(Ok(Vec::new()), |before| trees.losses_between(before, after))?;
        touched.extend(losses.into_iter().map(|loss| Path::new(folder).join(loss.path)));
    }
    Ok(touched)
}
