//! The files of the working tree, for people who are writing. Links are never followed.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use super::tree::{DEEPEST, MOST_FILES, POINTER, checked_path, odd_name, whole};
use crate::workspace::{FileEntry, FileProblem, Files, SharedFiles, Stream};

/// Why a file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum NotReplaced {
    /// Somebody was faster.
    #[error("it was changed meanwhile")]
    Changed,
    /// It cannot be had as a file that is ours to write.
    #[error("{0}")]
    Problem(FileProblem),
    /// The disk says no.
    #[error("it cannot be written: {0}")]
    Unwritable(String),
}

/// The files in a workspace's folder, as they are now.
#[derive(Debug, Clone)]
pub struct WorkTreeFiles {
    root: PathBuf,
}

impl WorkTreeFiles {
    /// The files under a root folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The place on disk, once every folder on the way there turned out to be a real one.
    fn place(&self, path: &str) -> Result<(PathBuf, fs::Metadata), FileProblem> {
        let mut place = self.root.clone();
        let mut found = fs::metadata(&place).map_err(problem)?;
        for name in checked_path(path)? {
            if !found.is_dir() {
                return Err(FileProblem::Missing);
            }
            place.push(name);
            found = fs::symlink_metadata(&place).map_err(problem)?;
            if found.is_symlink() {
                return Err(FileProblem::Irregular("symbolic link"));
            }
        }
        Ok((place, found))
    }

    /// Writes a file anew that has exactly the bytes `from`. The new one is made beside it, with its permissions, and takes
    /// its place at once: nobody ever reads half of it.
    ///
    /// # Errors
    /// When the file is missing, irregular, write-protected, or not what it was.
    pub fn replace(&self, path: &str, from: &[u8], to: &[u8]) -> Result<(), NotReplaced> {
        self.still_is(path, from)?;
        let (place, found) = self.place(path).map_err(NotReplaced::Problem)?;
        if found.permissions().readonly() {
            return Err(NotReplaced::Unwritable("it is write-protected".to_owned()));
        }
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let beside = place.with_file_name(format!(".{name}.{}.greenlit", std::process::id()));
        let written = File::create_new(&beside).and_then(|mut file| {
            file.write_all(to)?;
            file.set_permissions(found.permissions())?;
            file.sync_all()
        });
        let moved = written
            .map_err(|error| NotReplaced::Unwritable(error.to_string()))
            // The shorter the time between looking and moving, the less is lost of what others write.
            .and_then(|()| self.still_is(path, from))
            .and_then(|()| fs::rename(&beside, &place).map_err(|error| NotReplaced::Unwritable(error.to_string())));
        if moved.is_err() {
            let _ = fs::remove_file(&beside);
        }
        moved
    }

    fn still_is(&self, path: &str, bytes: &[u8]) -> Result<(), NotReplaced> {
        match self.read(path, bytes.len() as u64) {
            Ok(there) if there == bytes => Ok(()),
            Ok(_) | Err(FileProblem::TooLarge { .. }) => Err(NotReplaced::Changed),
            Err(problem) => Err(NotReplaced::Problem(problem)),
        }
    }

    /// A file that is one, and has no more than `limit` bytes so far.
    fn file(&self, path: &str, limit: u64) -> Result<File, FileProblem> {
        let (place, found) = self.place(path)?;
        if found.is_dir() {
            return Err(FileProblem::Irregular("folder"));
        }
        if !found.is_file() {
            return Err(FileProblem::Irregular("special file"));
        }
        if found.len() > limit {
            return Err(FileProblem::TooLarge { size: found.len(), limit });
        }
        File::open(place).map_err(problem)
    }

    fn gather(&self, place: &Path, path: &str, depth: usize, files: &mut Vec<FileEntry>) -> Result<(), FileProblem> {
        if depth > DEEPEST {
            return Err(FileProblem::Unreadable(format!("{path} is more than {DEEPEST} folders deep")));
        }
        for entry in fs::read_dir(place).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            if files.len() >= MOST_FILES {
                return Err(FileProblem::Unreadable(format!("there are more than {MOST_FILES} files")));
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            // What was there a moment ago may be gone: editors write and rename.
            let Ok(found) = entry.path().symlink_metadata() else { continue };
            let irregular = if name == ".git" {
                continue;
            } else if entry.file_name().to_str().is_none() {
                Some("name that is not UTF-8")
            } else if let Some(what) = odd_name(&name) {
                Some(what)
            } else if found.is_symlink() {
                Some("symbolic link")
            } else if found.is_dir() && entry.path().join(".git").symlink_metadata().is_ok() {
                Some("submodule")
            } else if found.is_dir() {
                self.gather(&entry.path(), &path, depth + 1, files)?;
                continue;
            } else {
                (!found.is_file()).then_some("special file")
            };
            files.push(FileEntry { path, size: found.len(), irregular });
        }
        Ok(())
    }
}

impl SharedFiles for &WorkTreeFiles {
    fn with(&self, work: &mut dyn FnMut(&dyn Files)) -> Result<(), FileProblem> {
        work(*self);
        Ok(())
    }
}

impl Files for WorkTreeFiles {
    fn shared(&self) -> Option<Box<dyn SharedFiles + '_>> {
        Some(Box::new(self))
    }

    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        let mut files = Vec::new();
        match self.place(folder) {
            Ok((place, found)) if found.is_dir() => {
                self.gather(&place, folder.trim_end_matches('/'), 0, &mut files)?;
            }
            Ok(_) | Err(FileProblem::Missing) => {}
            Err(problem) => return Err(problem),
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileProblem> {
        // It may grow while it is read.
        let mut bytes = Vec::new();
        self.file(path, limit)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(problem)?;
        if bytes.len() as u64 > limit {
            return Err(FileProblem::TooLarge { size: bytes.len() as u64, limit });
        }
        whole(bytes)
    }

    fn open(&self, path: &str, limit: u64) -> Result<Stream, FileProblem> {
        let mut file = self.file(path, limit)?;
        let mut beginning = Vec::new();
        Read::by_ref(&mut file).take(POINTER).read_to_end(&mut beginning).map_err(problem)?;
        let beginning = if (beginning.len() as u64) < POINTER { whole(beginning)? } else { beginning };
        Ok(Box::new(Cursor::new(beginning).chain(file)))
    }
}

fn problem(error: io::Error) -> FileProblem {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileProblem::Missing,
        _ => FileProblem::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_and_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("posts/b")).unwrap();
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/config"), "x").unwrap();
        fs::write(folder.path().join("posts/b/c.md"), "c").unwrap();
        fs::write(folder.path().join("posts/a.md"), "a").unwrap();
        let files = WorkTreeFiles::new(folder.path());
        let paths: Vec<String> = files.list("").unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(paths, ["posts/a.md", "posts/b/c.md"]);
        assert_eq!(files.list("posts/b").unwrap()[0].path, "posts/b/c.md");
        assert_eq!(files.list("nothing").unwrap(), []);
        assert_eq!(files.read("posts/a.md", 1).unwrap(), b"a");
        assert_eq!(files.read("posts/a.md", 0), Err(FileProblem::TooLarge { size: 1, limit: 0 }));
        assert_eq!(files.read("posts", 1), Err(FileProblem::Irregular("folder")));
        assert_eq!(files.read(".git/config", 1), Err(FileProblem::Outside));
        assert_eq!(files.read("../x", 1), Err(FileProblem::Outside));
        assert_eq!(files.read("posts/a.md/x", 1), Err(FileProblem::Missing));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_replaced_whole_with_its_permissions_and_only_where_it_is_what_it_was() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.md");
        fs::write(&place, "old").unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o640)).unwrap();
        let files = WorkTreeFiles::new(folder.path());
        files.replace("a.md", b"old", b"new").unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"new");
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
        for there in ["old", "newer"] {
            assert!(matches!(files.replace("a.md", there.as_bytes(), b"x"), Err(NotReplaced::Changed)), "{there}");
        }
        fs::set_permissions(&place, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(matches!(files.replace("a.md", b"new", b"x"), Err(NotReplaced::Unwritable(_))));
        symlink(&place, folder.path().join("link.md")).unwrap();
        let irregular = FileProblem::Irregular("symbolic link");
        assert!(matches!(files.replace("link.md", b"new", b"x"), Err(NotReplaced::Problem(why)) if why == irregular));
        assert_eq!(fs::read(&place).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left lying about");
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_wherever_in_the_path_it_stands() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        symlink(outside.path(), folder.path().join("assets")).unwrap();
        symlink(outside.path().join("secret"), folder.path().join("post.md")).unwrap();
        let files = WorkTreeFiles::new(folder.path());
        assert_eq!(files.read("assets/secret", 9), Err(FileProblem::Irregular("symbolic link")));
        assert_eq!(files.read("post.md", 9), Err(FileProblem::Irregular("symbolic link")));
        assert_eq!(files.list("assets"), Err(FileProblem::Irregular("symbolic link")));
        assert!(files.list("").unwrap().iter().all(|file| file.irregular == Some("symbolic link")));
    }
}
