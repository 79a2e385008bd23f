//! The files of a commit, read as git objects: no working tree, no filters, no links.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Cursor;
use std::path::PathBuf;
use std::rc::Rc;

use git2::ObjectType;
use unicode_normalization::UnicodeNormalization;

use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::words::presentable;
use crate::workspace::{FileEntry, FileProblem, Files, SharedFiles, Stream};

/// Folders in folders; more is refused.
pub(super) const DEEPEST: usize = 32;
/// Files in one listing, and files and folders looked at for it; more is refused. Folders that hold one another many times
/// over cost a few bytes in a repository and take years to list.
pub(super) const MOST_FILES: usize = 200_000;

/// No git-lfs pointer has so many bytes.
/// <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md> (checked 2026-11-21)
pub(super) const POINTER: u64 = 1024;
/// Files of no more bytes are read at once: a run of git for each picture would take longer.
const SMALL: u64 = 4 << 20;

/// The files of one commit.
pub struct CommitFiles<'r> {
    repository: &'r Repository,
    commit: ObjectId,
    root: ObjectId,
    folders: RefCell<HashMap<ObjectId, Rc<Folder>>>,
}

/// What was found so far.
struct Listing {
    sizes: bool,
    looked_at: usize,
    files: Vec<FileEntry>,
}

/// A tree object, checked.
type Folder = BTreeMap<String, Entry>;

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: ObjectId,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Irregular(&'static str),
}

impl Repository {
    /// The files of a commit.
    ///
    /// # Errors
    /// When the commit is not here.
    pub fn files(&self, commit: ObjectId) -> Result<CommitFiles<'_>, GitError> {
        let root = self.objects.find_commit(commit)?.tree_id();
        Ok(CommitFiles { repository: self, commit, root, folders: RefCell::default() })
    }
}

impl CommitFiles<'_> {
    /// The commit.
    pub fn commit(&self) -> ObjectId {
        self.commit
    }

    /// The object that holds all of them: equal names are equal files.
    pub fn tree(&self) -> ObjectId {
        self.root
    }

    /// The object that holds a file's bytes: equal names are equal bytes.
    ///
    /// # Errors
    /// When the file is missing or irregular.
    pub fn blob(&self, path: &str) -> Result<ObjectId, FileProblem> {
        let mut names = checked_path(path)?.peekable();
        let mut folder = self.folder(self.root)?;
        while let Some(name) = names.next() {
            let entry = *folder.get(name).ok_or(FileProblem::Missing)?;
            match (entry.kind, names.peek().is_some()) {
                (Kind::File, false) => return Ok(entry.id),
                (Kind::Folder, true) => folder = self.folder(entry.id)?,
                (Kind::Folder, false) => return Err(FileProblem::Irregular("folder")),
                (Kind::File, true) => return Err(FileProblem::Missing),
                (Kind::Irregular(what), _) => return Err(FileProblem::Irregular(what)),
            }
        }
        Err(FileProblem::Missing)
    }

    /// The object that holds a file's bytes, and how many there are: nothing huge is ever unpacked to be refused.
    fn sized_blob(&self, path: &str, limit: u64) -> Result<(ObjectId, u64), FileProblem> {
        let id = self.blob(path)?;
        let (size, kind) = self.repository.objects.odb().and_then(|odb| odb.read_header(id)).map_err(unreadable)?;
        if kind != ObjectType::Blob {
            return Err(FileProblem::Unreadable(format!("the object {id} is no file")));
        }
        let size = size as u64;
        if size > limit { Err(FileProblem::TooLarge { size, limit }) } else { Ok((id, size)) }
    }

    fn bytes(&self, id: ObjectId) -> Result<Vec<u8>, FileProblem> {
        let odb = self.repository.objects.odb().map_err(unreadable)?;
        whole(odb.read(id).map_err(unreadable)?.data().to_vec())
    }

    fn folder(&self, id: ObjectId) -> Result<Rc<Folder>, FileProblem> {
        if let Some(known) = self.folders.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        let folder = Rc::new(read_folder(&self.repository.objects.find_tree(id).map_err(unreadable)?)?);
        self.folders.borrow_mut().insert(id, Rc::clone(&folder));
        Ok(folder)
    }

    fn listing(&self, folder: &str, sizes: bool) -> Result<Vec<FileEntry>, FileProblem> {
        let mut id = self.root;
        for name in checked_path(folder)? {
            match self.folder(id)?.get(name) {
                Some(Entry { id: inner, kind: Kind::Folder }) => id = *inner,
                Some(Entry { kind: Kind::Irregular(what), .. }) => return Err(FileProblem::Irregular(what)),
                _ => return Ok(Vec::new()),
            }
        }
        let mut listing = Listing { sizes, looked_at: 0, files: Vec::new() };
        self.gather(id, folder.trim_end_matches('/'), 0, &mut listing)?;
        listing.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listing.files)
    }

    fn gather(&self, id: ObjectId, path: &str, depth: usize, listing: &mut Listing) -> Result<(), FileProblem> {
        if depth > DEEPEST {
            return Err(FileProblem::Unreadable(format!("{path} is more than {DEEPEST} folders deep")));
        }
        let odb = self.repository.objects.odb().map_err(unreadable)?;
        for (name, entry) in self.folder(id)?.iter() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            listing.looked_at += 1;
            if listing.looked_at > MOST_FILES {
                return Err(FileProblem::Unreadable(format!("there are more than {MOST_FILES} files and folders")));
            }
            match entry.kind {
                Kind::Folder => self.gather(entry.id, &path, depth + 1, listing)?,
                Kind::Irregular(what) => listing.files.push(FileEntry { path, size: 0, irregular: Some(what) }),
                Kind::File => {
                    let size = if listing.sizes { odb.read_header(entry.id).map_err(unreadable)?.0 as u64 } else { 0 };
                    listing.files.push(FileEntry { path, size, irregular: None });
                }
            }
        }
        Ok(())
    }
}

impl Files for CommitFiles<'_> {
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        self.listing(folder, true)
    }

    fn names(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        self.listing(folder, false)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileProblem> {
        let (id, _) = self.sized_blob(path, limit)?;
        self.bytes(id)
    }

    fn open(&self, path: &str, limit: u64) -> Result<Stream, FileProblem> {
        let (id, size) = self.sized_blob(path, limit)?;
        if size <= SMALL {
            return Ok(Box::new(Cursor::new(self.bytes(id)?)));
        }
        let bytes =
            self.repository.program().blob(id, size).map_err(|error| FileProblem::Unreadable(error.to_string()))?;
        Ok(Box::new(bytes))
    }

    fn shared(&self) -> Option<Box<dyn SharedFiles + '_>> {
        Some(Box::new(Shared { place: self.repository.root().to_owned(), commit: self.commit }))
    }
}

/// A commit's files, for whoever opens the repository anew.
struct Shared {
    place: PathBuf,
    commit: ObjectId,
}

impl SharedFiles for Shared {
    fn with(&self, work: &mut dyn FnMut(&dyn Files)) -> Result<(), FileProblem> {
        let unreadable = |error: GitError| FileProblem::Unreadable(error.to_string());
        let repository = Repository::apart(&self.place).map_err(unreadable)?;
        work(&repository.files(self.commit).map_err(unreadable)?);
        Ok(())
    }
}

/// Refuses what git-lfs left in place of a file.
pub(super) fn whole(bytes: Vec<u8>) -> Result<Vec<u8>, FileProblem> {
    let pointer = (bytes.len() as u64) < POINTER && bytes.starts_with(b"version https://git-lfs.github.com/spec/");
    if pointer { Err(FileProblem::LfsPointer) } else { Ok(bytes) }
}

/// The names of a path from the root; the empty path has none.
pub(super) fn checked_path(path: &str) -> Result<impl Iterator<Item = &str>, FileProblem> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if !path.is_empty() && path.split('/').any(|name| odd_name(name).is_some()) {
        return Err(FileProblem::Outside);
    }
    Ok(path.split('/').filter(|name| !name.is_empty()))
}

/// What is wrong with a file's name, if anything: no file system may read it as another place.
pub(super) fn odd_name(name: &str) -> Option<&'static str> {
    let reserved = |word: &str| name.eq_ignore_ascii_case(word);
    if name.is_empty() || name == "." || name == ".." || reserved(".git") || reserved("git~1") {
        Some("name that git reserves")
    } else if name.contains(['/', '\\', ':']) || name.chars().any(char::is_control) {
        Some("name with a slash, a colon or a control character")
    } else {
        None
    }
}

/// Names that some file system takes for the same one have the same fold.
pub(super) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfc().collect::<String>().to_lowercase().nfc().collect()
}

pub(super) const TWIN: &str = "name that differs from another one only in case or in how an accent is written";

fn read_folder(tree: &git2::Tree<'_>) -> Result<Folder, FileProblem> {
    let mut folder = Folder::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut bytes_seen = BTreeSet::new();
    for entry in tree {
        if !bytes_seen.insert(entry.name_bytes().to_vec()) {
            let name = presentable(entry.name_bytes());
            return Err(FileProblem::Unreadable(format!("the folder {} has two entries named {name}", tree.id())));
        }
        let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
        *seen.entry(fold(&name)).or_default() += 1;
        let kind = if entry.name().is_err() {
            Kind::Irregular("name that is not UTF-8")
        } else if let Some(what) = odd_name(&name) {
            Kind::Irregular(what)
        } else {
            match entry.filemode_raw() {
                0o100_644 | 0o100_755 | 0o100_664 => Kind::File,
                0o040_000 => Kind::Folder,
                0o120_000 => Kind::Irregular("symbolic link"),
                0o160_000 => Kind::Irregular("submodule"),
                _ => Kind::Irregular("special file"),
            }
        };
        folder.insert(name, Entry { id: entry.id(), kind });
    }
    for (name, entry) in &mut folder {
        if seen.get(&fold(name)).is_some_and(|count| *count > 1) {
            entry.kind = Kind::Irregular(TWIN);
        }
    }
    Ok(folder)
}

fn unreadable(error: git2::Error) -> FileProblem {
    FileProblem::Unreadable(presentable(error.message().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    /// A commit of a tree that no git command would make, from `mode name` lines and one blob.
    fn commit_of(scene: &Scene, entries: &[(&str, &[u8])]) -> ObjectId {
        let git = scene.git();
        let blob: ObjectId =
            git.run_with(&["hash-object", "-w", "--stdin"], Some(b"hi")).unwrap().line().parse().unwrap();
        let mut tree = Vec::new();
        for (mode, name) in entries {
            tree.extend([mode.as_bytes(), b" ", name, b"\0", blob.as_bytes()].concat());
        }
        let arguments = ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"];
        let tree = git.run_with(&arguments, Some(&tree)).unwrap().line();
        git.run(&["commit-tree", "-m", "odd", &tree]).unwrap().line().parse().unwrap()
    }

    #[test]
    fn files_come_from_the_commit_and_not_from_the_folder() {
        let scene = Scene::new();
        scene.commit("posts/b/deep.md", "deep\r\n");
        let commit = scene.commit("posts/a.md", "a\n");
        std::fs::write(scene.root.join("posts/a.md"), "changed").unwrap();
        let (repository, _) = scene.open();
        let files = repository.files(commit).unwrap();
        let paths: Vec<String> = files.list("posts").unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(paths, ["posts/a.md", "posts/b/deep.md"]);
        assert_eq!(files.read("posts/a.md", 10).unwrap(), b"a\n");
        assert_eq!(files.read("posts/b/deep.md", 10).unwrap(), b"deep\r\n");
        assert_eq!(files.read("posts/a.md", 1), Err(FileProblem::TooLarge { size: 2, limit: 1 }));
        assert_eq!(files.read("posts", 10), Err(FileProblem::Irregular("folder")));
        assert_eq!(files.read("posts/none.md", 10), Err(FileProblem::Missing));
        assert_eq!(files.list("nothing").unwrap(), []);
    }

    #[test]
    fn paths_that_leave_are_refused() {
        let scene = Scene::new();
        let commit = scene.commit("posts/a.md", "a");
        let (repository, _) = scene.open();
        let files = repository.files(commit).unwrap();
        for path in
            ["../a", "/etc/passwd", "posts/../greenlit.toml", ".git/config", "posts//a.md", ".GIT/x", "a\\b", "./a"]
        {
            assert_eq!(files.read(path, 10), Err(FileProblem::Outside), "{path}");
        }
    }

    #[test]
    fn links_and_submodules_are_listed_as_such_and_never_followed() {
        let scene = Scene::new();
        let commit = commit_of(&scene, &[("120000", b"link"), ("160000", b"module"), ("100644", b"plain")]);
        let (repository, _) = scene.open();
        let files = repository.files(commit).unwrap();
        let listed = files.list("").unwrap();
        let kinds: Vec<_> = listed.iter().map(|file| (file.path.as_str(), file.irregular)).collect();
        assert_eq!(kinds, [("link", Some("symbolic link")), ("module", Some("submodule")), ("plain", None)]);
        assert_eq!(files.read("link", 10), Err(FileProblem::Irregular("symbolic link")));
        assert_eq!(files.read("link/x", 10), Err(FileProblem::Irregular("symbolic link")));
        assert_eq!(files.read("plain", 10).unwrap(), b"hi");
    }

    #[test]
    fn twins_and_doubles_are_refused() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let twins = commit_of(&scene, &[("100644", b"A.md"), ("100644", b"a.md"), ("100644", b"b.md")]);
        let files = repository.files(twins).unwrap();
        assert_eq!(files.read("a.md", 10), Err(FileProblem::Irregular(TWIN)));
        assert_eq!(files.read("b.md", 10).unwrap(), b"hi");
        let accents = commit_of(&scene, &[("100644", "e\u{301}".as_bytes()), ("100644", "é".as_bytes())]);
        assert_eq!(repository.files(accents).unwrap().read("é", 10), Err(FileProblem::Irregular(TWIN)));
        let doubles = commit_of(&scene, &[("100644", b"a.md"), ("100644", b"a.md")]);
        assert!(matches!(repository.files(doubles).unwrap().read("a.md", 10), Err(FileProblem::Unreadable(_))));
    }

    #[test]
    fn an_lfs_pointer_is_not_the_picture() {
        let scene = Scene::new();
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        let commit = scene.commit("assets/a.png", pointer);
        let (repository, _) = scene.open();
        assert_eq!(repository.files(commit).unwrap().read("assets/a.png", 999), Err(FileProblem::LfsPointer));
    }

    #[test]
    fn folders_that_never_end_are_refused() {
        let scene = Scene::new();
        let commit = scene.commit(&format!("{}a.md", "d/".repeat(DEEPEST + 2)), "a");
        let (repository, _) = scene.open();
        assert!(matches!(repository.files(commit).unwrap().list(""), Err(FileProblem::Unreadable(_))));
    }
}
