//! The outbox's folder: opened without following links, written file by file, each whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The folders in it.
const INSIDE: [&str; 3] = ["data", "media", "posts"];

/// Files that this process began to write.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A folder inside the workspace, and the three folders in it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// As the settings write it, for people.
    shown: String,
}

/// What it would mean to lose a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It says what is out: it is forced onto the disk before anything is said of it.
    Only,
    /// The next run makes it again, so a power cut may take it. Forcing thousands of pages would take minutes.
    Copy,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The settings name a folder that greenlit does not write to.
    #[error("the outbox's folder {path:?} {why}")]
    Unsafe {
        /// As written.
        path: String,
        /// What is wrong with it, after the path.
        why: &'static str,
    },
    /// The disk says no.
    #[error("{path}: {source}")]
    Disk {
        /// The file, from the workspace's root.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Folder {
    /// Opens the folder `written`, a path from `root` with `/` between its parts, and makes what is missing of it.
    ///
    /// # Errors
    /// When it is not inside the root, passes through a symbolic link or a file, or cannot be made.
    pub fn open(root: &Path, written: &str) -> Result<Self, FolderError> {
        let shown = written.trim_end_matches('/').to_owned();
        let not_good = |why| FolderError::Unsafe { path: written.to_owned(), why };
        let mut path = root.to_owned();
        for part in shown.split('/') {
            if matches!(part, "" | "." | "..") || part.contains(['\\', ':', '\0']) {
                return Err(not_good("is not a path inside the workspace, such as `public`"));
            }
            if part.to_lowercase().starts_with(".git") || part.to_lowercase().starts_with("git~") {
                return Err(not_good("belongs to git"));
            }
            path.push(part);
            real_folder(&path, &shown)?.then_some(()).ok_or_else(|| not_good("passes through a link or a file"))?;
        }
        let folder = Self { path, shown };
        for part in INSIDE {
            let path = folder.path.join(part);
            real_folder(&path, &folder.shown)?
                .then_some(())
                .ok_or_else(|| not_good("holds a link or a file where its own folders belong"))?;
        }
        Ok(folder)
    }

    /// The same folder where all of it is there already. Makes nothing.
    ///
    /// # Errors
    /// As for [`Folder::open`].
    pub fn find(root: &Path, written: &str) -> Result<Option<Self>, FolderError> {
        let path = root.join(written);
        if INSIDE.iter().all(|part| path.join(part).exists()) { Self::open(root, written).map(Some) } else { Ok(None) }
    }

    /// A file's path from the workspace's root, for people.
    pub fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.shown)
    }

    /// The names of the files in one of its folders, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self, inside: &str) -> Result<Vec<String>, FolderError> {
        let all = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(self.path.join(inside))? {
                names.extend(entry?.file_name().into_string());
            }
            names.sort_unstable();
            Ok(names)
        };
        all().map_err(|source| self.disk(inside, source))
    }

    /// A file's bytes; `None` where there is none. A link, a device or a file longer than `limit` bytes is an error.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.path.join(name);
        let kind = match fs::symlink_metadata(&path) {
            Ok(meta) => meta.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.disk(name, error)),
        };
        if !kind.is_file() {
            return Err(self.disk(name, io::Error::other("not a plain file")));
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes));
        match read {
            Ok(_) if bytes.len() as u64 > limit => Err(self.disk(name, io::Error::other("too long"))),
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(self.disk(name, error)),
        }
    }

    /// Writes a file, if it differs: into a file beside it first, which then takes its name.
    ///
    /// # Errors
    /// When the disk says no; then the file is as it was before, or new as a whole.
    pub fn write(&self, name: &str, bytes: &[u8], worth: Worth) -> Result<(), FolderError> {
        if matches!(self.read(name, bytes.len() as u64), Ok(Some(there)) if there == bytes) {
            return Ok(());
        }
        self.copy(name, bytes, worth)
    }

    /// Writes what a reader gives, in the same way, piece by piece.
    ///
    /// # Errors
    /// When the reader fails, or the disk says no; then the file is as it was before.
    pub fn copy(&self, name: &str, bytes: impl Read, worth: Worth) -> Result<(), FolderError> {
        self.replace(name, bytes, worth == Worth::Only).map_err(|source| self.disk(name, source))
    }

    /// Takes a file away, if it is there, and makes sure that it stays away.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.map_err(|source| self.disk(name, source))?,
        }
        // Windows cannot open a folder to sync it, and does not need it.
        let folder = path.parent().filter(|_| cfg!(unix));
        let synced = folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all());
        synced.map_err(|source| self.disk(name, source))
    }

    fn replace(&self, name: &str, mut bytes: impl Read, durable: bool) -> io::Result<()> {
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        // The process's number keeps two runs from writing into one file, the count two accounts of one folder.
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".{last}.{}-{count}.tmp", std::process::id()));
        let written = (|| {
            match fs::remove_file(&temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
            io::copy(&mut bytes, &mut file)?;
            if durable {
                file.sync_all()?;
            }
            fs::rename(&temporary, &path)
        })();
        if written.is_err() {
            // What went wrong first is what matters.
            let _ = fs::remove_file(&temporary);
        } else if durable && cfg!(unix) {
            // Windows cannot open a folder to sync it, and does not need it.
            File::open(folder)?.sync_all()?;
        }
        written
    }

    fn disk(&self, name: &str, source: io::Error) -> FolderError {
        FolderError::Disk { path: self.shown(name), source }
    }
}

/// Whether there is a folder, made where nothing is; a link to one does not count.
fn real_folder(path: &Path, shown: &str) -> Result<bool, FolderError> {
    let disk = |source| FolderError::Disk { path: shown.to_owned(), source };
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok(meta.is_dir()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::create_dir(path) {
            Ok(()) => Ok(true),
            // Another run was faster; it made a folder.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path.is_dir() && !path.is_symlink()),
            Err(error) => Err(disk(error)),
        },
        Err(error) => Err(disk(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_workspace_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for bad in ["", ".", "..", "../x", "a/../../x", "/etc", "a//b", ".git", "a/.GIT/x", "C:\\x", "a\\..\\x", "a\0b"]
        {
            assert!(matches!(Folder::open(root.path(), bad), Err(FolderError::Unsafe { .. })), "{bad:?}");
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().filter(|e| e.as_ref().unwrap().file_name() != "a").count(), 0);
        assert!(Folder::open(root.path(), "sites/public/").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_on_the_way_or_inside_is_refused() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), root.path().join("public")).unwrap();
        assert!(matches!(Folder::open(root.path(), "public"), Err(FolderError::Unsafe { .. })));
        assert!(matches!(Folder::open(root.path(), "public/deep"), Err(FolderError::Unsafe { .. })));
        fs::create_dir(root.path().join("site")).unwrap();
        symlink(elsewhere.path(), root.path().join("site/data")).unwrap();
        assert!(matches!(Folder::open(root.path(), "site"), Err(FolderError::Unsafe { .. })));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_a_file_is_replaced_and_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), "public").unwrap();
        let precious = root.path().join("precious");
        fs::write(&precious, "mine").unwrap();
        std::os::unix::fs::symlink(&precious, root.path().join("public/index.html")).unwrap();
        assert!(folder.read("index.html", 100).is_err());
        folder.write("index.html", b"page", Worth::Copy).unwrap();
        assert_eq!(fs::read(&precious).unwrap(), b"mine");
        assert_eq!(folder.read("index.html", 100).unwrap().unwrap(), b"page");
    }
}
