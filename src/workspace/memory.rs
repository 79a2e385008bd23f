//! Files in memory, for tests.

use std::collections::BTreeMap;
use std::io::Cursor;

use super::files::{Asset, Assets, FileEntry, FileProblem, Files, Stream};

/// A set of files in memory. What has no bytes is a symbolic link.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(BTreeMap<String, Option<Vec<u8>>>);

impl MemoryFiles {
    /// Adds a file.
    pub fn with(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.0.insert(path.to_owned(), Some(bytes.as_ref().to_vec()));
        self
    }

    /// Adds a symbolic link.
    pub fn with_link(mut self, path: &str) -> Self {
        self.0.insert(path.to_owned(), None);
        self
    }
}

impl Files for MemoryFiles {
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        let inside =
            |path: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let entries = self.0.iter().filter(|(path, _)| inside(path)).map(|(path, bytes)| FileEntry {
            path: path.clone(),
            size: bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            irregular: bytes.is_none().then_some("symbolic link"),
        });
        Ok(entries.collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileProblem> {
        match self.0.get(path) {
            None => Err(FileProblem::Missing),
            Some(None) => Err(FileProblem::Irregular("symbolic link")),
            Some(Some(bytes)) if bytes.len() as u64 > limit => {
                Err(FileProblem::TooLarge { size: bytes.len() as u64, limit })
            }
            Some(Some(bytes)) => Ok(bytes.clone()),
        }
    }

    fn open(&self, path: &str, limit: u64) -> Result<Stream, FileProblem> {
        self.read(path, limit).map(|bytes| Box::new(Cursor::new(bytes)) as Stream)
    }
}

impl Assets for MemoryFiles {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        super::FileAssets::new(self).asset(path)
    }
}
