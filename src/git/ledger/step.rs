//! A commit on top of the ledger: the files that it adds, replaces or takes away.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use git2::{ObjectType, Signature, Time};

use super::NOBODY;
use crate::git::bundle::Bundle;
use crate::git::objects::{TreeLine, Trees, tree_lines};
use crate::git::program::GitError;
use crate::git::repository::{ObjectId, Repository};

/// A path, and its new bytes; `None` takes it away.
pub(super) type Change = (String, Option<Vec<u8>>);

const FILE: u32 = 0o100_644;
const FOLDER: u32 = 0o040_000;

/// What is to become of a name in a folder.
enum Becomes<'c> {
    File(&'c [u8]),
    Nothing,
    /// A folder in which this changes.
    Folder(Folder<'c>),
}

type Folder<'c> = BTreeMap<&'c str, Becomes<'c>>;

/// The lines of a tree in git's order, in which a folder's name ends with a slash.
type Lines = BTreeMap<Vec<u8>, (u32, ObjectId)>;

impl Repository {
    /// Writes a commit with these changes on top of another one, or a first one. No branch holds it yet.
    pub(super) fn ledger_step(
        &self,
        base: Option<ObjectId>,
        changes: &[Change],
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<ObjectId, GitError> {
        let before = base.map(|base| self.links(&self.objects.odb()?, base)).transpose()?.map(|links| links.tree);
        let mut writing = Writing { trees: self.trees()?, bundle: Bundle::new()? };
        let tree = match writing.folder(before, &sorted(changes)?)? {
            Some(tree) => tree,
            None => writing.bundle.write(ObjectType::Tree, b"")?,
        };
        let commit = commit(tree, base, &self.ledger_writer(now)?, message);
        let commit = writing.bundle.write(ObjectType::Commit, &commit)?;
        writing.bundle.keep(self)?;
        Ok(commit)
    }

    /// Who commits: as git knows them, or else nobody in particular.
    fn ledger_writer(&self, now: DateTime<Utc>) -> Result<Signature<'static>, GitError> {
        let time = Time::new(now.timestamp(), 0);
        let config = self.objects.config()?.snapshot()?;
        let (name, email) = match (config.get_str("user.name"), config.get_str("user.email")) {
            (Ok(name), Ok(email)) => (name, email),
            _ => NOBODY,
        };
        Ok(Signature::new(name, email, &time).or_else(|_| Signature::new(NOBODY.0, NOBODY.1, &time))?)
    }
}

/// Reads what was, and writes what becomes of it.
struct Writing<'r> {
    trees: Trees<'r>,
    bundle: Bundle,
}

impl Writing<'_> {
    /// A folder with these changes; `None` where nothing is left in it.
    fn folder(&mut self, before: Option<ObjectId>, changes: &Folder<'_>) -> Result<Option<ObjectId>, GitError> {
        let mut lines = before.map_or(Ok(Lines::new()), |before| self.lines(before))?;
        for (name, becomes) in changes {
            let (file, folder) = (name.as_bytes().to_vec(), format!("{name}/").into_bytes());
            match becomes {
                Becomes::Nothing => {
                    lines.remove(&file);
                    lines.remove(&folder);
                }
                Becomes::File(bytes) if !lines.contains_key(&folder) => {
                    lines.insert(file, (FILE, self.bundle.write(ObjectType::Blob, bytes)?));
                }
                Becomes::Folder(changes) if !lines.contains_key(&file) => {
                    let before = lines.remove(&folder).map(|(_, id)| id);
                    if let Some(tree) = self.folder(before, changes)? {
                        lines.insert(folder, (FOLDER, tree));
                    }
                }
                Becomes::File(_) | Becomes::Folder(_) => return Err(clash(name)),
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        self.bundle.write(ObjectType::Tree, &bytes(&lines)).map(Some)
    }

    fn lines(&mut self, tree: ObjectId) -> Result<Lines, GitError> {
        let read = self.trees.read(tree)?;
        let malformed = || GitError::Objects(format!("the tree {tree} is malformed"));
        let line = |line: Option<TreeLine<'_>>| {
            let line = line.ok_or_else(malformed)?;
            let end: &[u8] = if line.is_folder() { b"/" } else { b"" };
            Ok(([line.name, end].concat(), (line.mode, line.id)))
        };
        tree_lines(&read).map(line).collect()
    }
}

/// The changes by folder.
fn sorted(changes: &[Change]) -> Result<Folder<'_>, GitError> {
    let mut root = Folder::new();
    for (path, bytes) in changes {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = &mut root;
        for name in folders.split('/').filter(|name| !name.is_empty()) {
            match folder.entry(name).or_insert_with(|| Becomes::Folder(Folder::new())) {
                Becomes::Folder(inner) => folder = inner,
                Becomes::File(_) | Becomes::Nothing => return Err(clash(path)),
            }
        }
        let becomes = bytes.as_deref().map_or(Becomes::Nothing, Becomes::File);
        if let Some(Becomes::Folder(_)) = folder.insert(name, becomes) {
            return Err(clash(path));
        }
    }
    Ok(root)
}

fn clash(path: &str) -> GitError {
    GitError::Objects(format!("{path} would be a file and a folder"))
}

/// A tree object.
fn bytes(lines: &Lines) -> Vec<u8> {
    let mut tree = Vec::new();
    for (name, (mode, id)) in lines {
        let name = name.strip_suffix(b"/").unwrap_or(name);
        tree.extend([format!("{mode:o} ").as_bytes(), name, b"\0", id.as_bytes()].concat());
    }
    tree
}

/// A commit object.
fn commit(tree: ObjectId, parent: Option<ObjectId>, who: &Signature<'_>, message: &str) -> Vec<u8> {
    let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    let head = format!("tree {tree}\n{parent}");
    let mut commit = head.into_bytes();
    for role in ["author", "committer"] {
        let time = format!("> {} +0000\n", who.when().seconds());
        commit.extend([role.as_bytes(), b" ", who.name_bytes(), b" <", who.email_bytes(), time.as_bytes()].concat());
    }
    commit.extend([b"\n", message.as_bytes()].concat());
    commit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use crate::ledger::fixtures::now;

    fn change(path: &str, text: Option<&str>) -> Change {
        (path.to_owned(), text.map(|text| text.as_bytes().to_vec()))
    }

    fn files(scene: &Scene, commit: ObjectId) -> Vec<String> {
        let listed = scene.git().run(&["ls-tree", "-r", "--name-only", &commit.to_string()]).unwrap().line();
        listed.lines().map(str::to_owned).collect()
    }

    #[test]
    fn files_are_added_replaced_and_taken_away_and_no_folder_stays_empty() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        // Git sorts a folder as if its name ended with a slash.
        let names = ["a.b", "a/1", "a/b/2", "a0", "c/3", "d"];
        let first: Vec<Change> = names.iter().map(|name| change(name, Some("1"))).collect();
        let first = repository.ledger_step(None, &first, "first\n", now()).unwrap();
        assert_eq!(files(&scene, first), names);
        let changes = [("a/b/2", None), ("c/3", None), ("d", Some("2")), ("e/f/g", Some("1")), ("x/y", None)];
        let changes = changes.map(|(path, text)| change(path, text));
        let second = repository.ledger_step(Some(first), &changes, "second\n", now()).unwrap();
        assert_eq!(files(&scene, second), ["a.b", "a/1", "a0", "d", "e/f/g"]);
        let gone = ["a", "a.b", "a0", "d", "e"].map(|name| change(name, None));
        let third = repository.ledger_step(Some(second), &gone, "third\n", now()).unwrap();
        assert_eq!(files(&scene, third), <[&str; 0]>::default());
        scene.git().run(&["fsck", "--strict"]).unwrap();
    }

    #[test]
    fn it_is_the_very_commit_that_git_makes() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let first = repository.ledger_step(None, &[change("a/b", Some("1"))], "first\n", now()).unwrap();
        let second = repository.ledger_step(Some(first), &[change("a/c", Some("2"))], "Süß\n\nx\n", now()).unwrap();
        let objects = &repository.objects;
        let commit = objects.find_commit(second).unwrap();
        let (who, tree, parent) = (repository.ledger_writer(now()).unwrap(), commit.tree().unwrap(), commit.parent(0));
        let again = objects.commit(None, &who, &who, "Süß\n\nx\n", &tree, &[&parent.unwrap()]).unwrap();
        assert_eq!(again, second);
    }

    #[test]
    fn what_is_a_file_is_no_folder() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let base = repository.ledger_step(None, &[change("a", Some("1")), change("b/c", Some("1"))], "x", now());
        for path in ["a/b", "b"] {
            let error = repository.ledger_step(base.as_ref().ok().copied(), &[change(path, Some("2"))], "x", now());
            assert!(error.unwrap_err().to_string().contains("a file and a folder"), "{path}");
        }
        let both = [change("d", Some("1")), change("d/e", Some("1"))];
        assert!(repository.ledger_step(None, &both, "x", now()).is_err());
        let [file, folder] = both;
        assert!(repository.ledger_step(None, &[folder, file], "x", now()).is_err());
    }
}
