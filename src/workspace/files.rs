//! Where files come from, as a trait: a commit, or the working tree.

use std::io::Read;

use super::moving::Moving;

/// A file's bytes, which come piece by piece: no film is ever in memory as a whole.
pub type Stream = Box<dyn Read + Send>;

/// A file of the workspace, listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Path from the workspace's root, `/` between folders.
    pub path: String,
    /// Bytes of content, where that is cheap to know.
    pub size: u64,
    /// Set when it is no regular file: `symbolic link`, `submodule`.
    pub irregular: Option<&'static str>,
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// No such file in this commit or folder.
    #[error("there is no such file")]
    Missing,
    /// A symbolic link, a submodule, a folder.
    #[error("it is a {0}, not a regular file")]
    Irregular(&'static str),
    /// Beyond what this kind of file may have.
    #[error("it has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The path has `..`, is absolute, or names git's own folder.
    #[error("the path leaves the workspace")]
    Outside,
    /// A git-lfs pointer whose content is not here.
    #[error("it is a git-lfs pointer, not the file itself")]
    LfsPointer,
    /// The disk or the object store failed.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// The facts about a media file that a payload carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Media type by content, never by name: `image/png`.
    pub mime: String,
    /// Width in pixels, where it has one.
    pub width: Option<u32>,
    /// Height in pixels, where it has one.
    pub height: Option<u32>,
    /// Of a film or an animation. What is sent does not say it, so no approval rests on it.
    pub moving: Option<Moving>,
}

/// A set of files: one commit's, or the working tree's. No implementation ever follows a link.
pub trait Files {
    /// The files under a folder, at every depth, sorted by path. A folder that is not there has none.
    ///
    /// # Errors
    /// When the disk or the object store fails.
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem>;

    /// The same where nobody asks for sizes, which are 0 then.
    ///
    /// # Errors
    /// As for [`Files::list`].
    fn names(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        self.list(folder)
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// When it is missing, irregular, larger than `limit` bytes, outside, or cannot be read.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileProblem>;

    /// A file's bytes as a stream, for files of any size. It is longer than `limit` where the file grows meanwhile.
    ///
    /// # Errors
    /// As for [`Files::read`].
    fn open(&self, path: &str, limit: u64) -> Result<Stream, FileProblem>;

    /// The same files, where several processors may read them at once.
    fn shared(&self) -> Option<Box<dyn SharedFiles + '_>> {
        None
    }
}

/// Files that several processors read at once, each with a handle of its own.
pub trait SharedFiles: Sync {
    /// Lets a processor work with them.
    ///
    /// # Errors
    /// When they cannot be opened once more.
    fn with(&self, work: &mut dyn FnMut(&dyn Files)) -> Result<(), FileProblem>;
}

/// Looks up media facts; see [`crate::workspace::assets`].
pub trait Assets {
    /// The facts about a media file.
    ///
    /// # Errors
    /// When the file cannot be had.
    fn asset(&self, path: &str) -> Result<Asset, FileProblem>;
}
