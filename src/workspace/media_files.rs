//! Whether the files that posts name are there, and are what they should be.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::files::{FileEntry, FileProblem, Files};

/// Bytes that a media file may have: no network takes larger films. Git hosts may refuse smaller ones, GitHub those of
/// more than 100 MiB (docs.github.com, "About large files on GitHub", checked 2026-11-21).
pub const LARGEST: u64 = 1 << 30;

/// The files that posts may name. Each folder is listed once, and no picture is read.
pub struct MediaFiles<'a> {
    files: &'a dyn Files,
    listed: RefCell<HashMap<String, BTreeMap<String, FileEntry>>>,
    found: RefCell<HashMap<String, Result<(), FileProblem>>>,
}

impl<'a> MediaFiles<'a> {
    /// The files of a commit or the working tree.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, listed: RefCell::default(), found: RefCell::default() }
    }

    /// Looks for a media file; the path is known to stay inside.
    ///
    /// # Errors
    /// When it is missing, no regular file, a git-lfs pointer, or too large.
    pub fn find(&self, path: &str) -> Result<(), FileProblem> {
        if let Some(found) = self.found.borrow().get(path) {
            return found.clone();
        }
        let found = self.look(path);
        self.found.borrow_mut().insert(path.to_owned(), found.clone());
        found
    }

    fn look(&self, path: &str) -> Result<(), FileProblem> {
        match self.entry(path) {
            Some(FileEntry { irregular: Some(what), .. }) => Err(FileProblem::Irregular(what)),
            Some(FileEntry { size, .. }) if size > LARGEST => Err(FileProblem::TooLarge { size, limit: LARGEST }),
            Some(FileEntry { size, .. }) if size >= 1024 => Ok(()),
            // Small enough for a git-lfs pointer, or not listed: reading tells.
            _ => self.files.read(path, LARGEST).map(|_| ()),
        }
    }

    /// Names near a path that is missing, for a proposal.
    pub fn neighbours(&self, path: &str) -> Vec<String> {
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        self.listed.borrow().get(folder).map(|files| files.keys().cloned().collect()).unwrap_or_default()
    }

    fn entry(&self, path: &str) -> Option<FileEntry> {
        let (folder, _) = path.split_once('/')?;
        let mut listed = self.listed.borrow_mut();
        let files = listed.entry(folder.to_owned()).or_insert_with(|| {
            let entries = self.files.list(folder).unwrap_or_default();
            entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect()
        });
        files.get(path).cloned()
    }
}
