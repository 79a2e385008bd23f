//! Commits and trees as bytes, read only as far as long walks need them.

use std::collections::HashMap;
use std::rc::Rc;

use git2::ObjectType;

use super::commit::RawCommit;
use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// What a commit hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Links {
    /// Its files.
    pub tree: ObjectId,
    /// The commits that it follows.
    pub parents: Vec<ObjectId>,
    /// The committer's time in seconds, as typed; 0 where it is none.
    pub seconds: i64,
}

/// One line of a tree object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TreeLine<'t> {
    /// `0o100644`, `0o040000`, …
    pub mode: u32,
    /// The name, without folders.
    pub name: &'t [u8],
    /// The object.
    pub id: ObjectId,
}

impl Repository {
    /// What a commit hangs on, whatever else is wrong with it.
    pub(super) fn links(&self, odb: &git2::Odb<'_>, commit: ObjectId) -> Result<Links, GitError> {
        self.links_of(&odb.read(commit)?)
    }

    /// The same for a commit that was read.
    pub(super) fn links_of(&self, object: &git2::OdbObject<'_>) -> Result<Links, GitError> {
        let commit = object.id();
        if object.kind() != ObjectType::Commit {
            return Err(GitError::NoCommit(commit.to_string()));
        }
        links(object.data()).ok_or_else(|| {
            let why = RawCommit::parse(object.data()).err();
            let reason = why.map_or_else(|| "its parents cannot be read".to_owned(), |why| why.to_string());
            GitError::MalformedCommit { commit: commit.to_string(), reason }
        })
    }
}

/// A file that a tree has and another one does not have in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    /// Its path, from the tree.
    pub path: String,
    /// Whether something of its name is still there.
    pub is_there: bool,
}

/// Folders in folders, and files, that are compared; more is refused.
const DEEPEST: usize = 64;
const MOST_LOSSES: usize = 200_000;
/// Trees that are held in memory.
const MOST_KNOWN: usize = 4_096;

impl Repository {
    /// The files of a tree that are gone from another one, or not the same there. What was added costs nothing, however
    /// large the trees.
    ///
    /// # Errors
    /// When a tree cannot be read, or there is no end to what is gone.
    pub(super) fn losses_between(&self, before: ObjectId, after: Option<ObjectId>) -> Result<Vec<Loss>, GitError> {
        self.trees()?.losses_between(before, after)
    }

    /// Trees to be compared one after the other.
    pub(super) fn trees(&self) -> Result<Trees<'_>, GitError> {
        Ok(Trees { odb: self.objects.odb()?, known: HashMap::new() })
    }
}

/// Trees that were read. What comes after one commit is what was before the next: it is read once.
pub(super) struct Trees<'r> {
    odb: git2::Odb<'r>,
    known: HashMap<ObjectId, Rc<[u8]>>,
}

impl Trees<'_> {
    /// As [`Repository::losses_between`].
    pub fn losses_between(&mut self, before: ObjectId, after: Option<ObjectId>) -> Result<Vec<Loss>, GitError> {
        let mut losses = Vec::new();
        self.compare((before, after), "", 0, &mut losses)?;
        Ok(losses)
    }

    fn read(&mut self, id: ObjectId) -> Result<Rc<[u8]>, GitError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(Rc::clone(known));
        }
        let tree: Rc<[u8]> = self.odb.read(id)?.data().into();
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(id, Rc::clone(&tree));
        Ok(tree)
    }

    fn compare(
        &mut self,
        (before, after): (ObjectId, Option<ObjectId>),
        folder: &str,
        depth: usize,
        losses: &mut Vec<Loss>,
    ) -> Result<(), GitError> {
        if after == Some(before) {
            return Ok(());
        }
        if depth > DEEPEST || losses.len() > MOST_LOSSES {
            return Err(GitError::Objects(format!("the tree {before} has no end")));
        }
        let old = self.read(before)?;
        let new = after.map(|after| self.read(after)).transpose()?;
        let new: Vec<TreeLine<'_>> = new.iter().flat_map(|new| tree_lines(new)).flatten().collect();
        let mut at = 0;
        for line in tree_lines(&old) {
            let line = line.ok_or_else(|| GitError::Objects(format!("the tree {before} is malformed")))?;
            // Trees are sorted, so the same line mostly comes next.
            let rest = new.get(at..).unwrap_or_default();
            if let Some(same) = rest.iter().position(|other| *other == line) {
                at += same + 1;
                continue;
            }
            let path = format!("{folder}{}", String::from_utf8_lossy(line.name));
            let there = new.iter().find(|other| other.name == line.name);
            if line.mode == 0o040_000 {
                let folder_there = there.filter(|other| other.mode == line.mode).map(|other| other.id);
                self.compare((line.id, folder_there), &format!("{path}/"), depth + 1, losses)?;
            } else {
                losses.push(Loss { path, is_there: there.is_some() });
            }
        }
        Ok(())
    }
}

/// Reads a commit's headers as git does: those that it needs, in their order.
fn links(bytes: &[u8]) -> Option<Links> {
    let mut lines = bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty()).peekable();
    let id = |line: &[u8]| std::str::from_utf8(line).ok().filter(|hex| hex.len() == 40)?.parse().ok();
    let tree = id(lines.next()?.strip_prefix(b"tree ")?)?;
    let mut parents = Vec::new();
    while let Some(parent) = lines.peek().and_then(|line| line.strip_prefix(b"parent ")) {
        parents.push(id(parent)?);
        lines.next();
    }
    let committer = lines.find_map(|line| line.strip_prefix(b"committer "));
    let seconds = committer.and_then(|line| line.rsplit(|b| *b == b' ').nth(1));
    let seconds = seconds.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(0);
    Some(Links { tree, parents, seconds })
}

/// The lines of a tree object; what follows a malformed line is left out, and `None` stands for it.
pub(super) fn tree_lines(bytes: &[u8]) -> impl Iterator<Item = Option<TreeLine<'_>>> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest.filter(|rest| !rest.is_empty())?;
        let line = tree_line(bytes);
        rest = line.map(|(_, rest)| rest);
        Some(line.map(|(line, _)| line))
    })
}

fn tree_line(bytes: &[u8]) -> Option<(TreeLine<'_>, &[u8])> {
    let space = bytes.iter().take(8).position(|b| *b == b' ')?;
    let (mode, rest) = (bytes.get(..space)?, bytes.get(space + 1..)?);
    let mode = u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()?;
    let end = rest.iter().position(|b| *b == 0)?;
    let (name, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    let id = ObjectId::from_bytes(rest.get(..20)?).ok()?;
    Some((TreeLine { mode, name, id }, rest.get(20..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use proptest::prelude::*;

    #[test]
    fn a_commit_and_its_tree_are_read_as_git_reads_them() {
        let scene = Scene::new();
        let first = scene.commit("posts/a.md", "a");
        let second = scene.commit("roles.toml", "r");
        let (repository, _) = scene.open();
        let odb = repository.objects.odb().unwrap();
        let links = repository.links(&odb, second).unwrap();
        let commit = repository.objects.find_commit(second).unwrap();
        let expected = Links { tree: commit.tree_id(), parents: vec![first], seconds: commit.time().seconds() };
        assert_eq!(links, expected);
        let tree = odb.read(links.tree).unwrap();
        let lines: Vec<_> = tree_lines(tree.data()).map(|line| line.unwrap()).collect();
        let whole = commit.tree().unwrap();
        assert_eq!(lines.len(), whole.len());
        for (line, entry) in lines.iter().zip(whole.iter()) {
            assert_eq!((line.name, line.id), (entry.name_bytes(), entry.id()));
            assert_eq!(line.mode, u32::try_from(entry.filemode_raw()).unwrap());
        }
        assert!(repository.links(&odb, links.tree).is_err(), "a tree is no commit");
    }

    #[test]
    fn only_what_is_gone_or_changed_is_a_loss() {
        let scene = Scene::new();
        for (path, text) in [("a/1", "1"), ("a/b/2", "2"), ("c/3", "3"), ("d", "4")] {
            scene.commit(path, text);
        }
        let before = scene.commit("e", "5");
        for gone in ["a/b/2", "c/3"] {
            std::fs::remove_file(scene.root.join(gone)).unwrap();
        }
        std::fs::create_dir_all(scene.root.join("a/b/2")).unwrap();
        for (path, text) in [("a/b/2/x", "2"), ("a/0", "new"), ("d", "44")] {
            std::fs::write(scene.root.join(path), text).unwrap();
        }
        let after = scene.commit_all("Change");
        let (repository, _) = scene.open();
        let tree = |commit| repository.objects.find_commit(commit).unwrap().tree_id();
        let losses = |before, after| {
            let losses = repository.losses_between(tree(before), Some(tree(after))).unwrap();
            losses.into_iter().map(|loss| (loss.path, loss.is_there)).collect::<Vec<_>>()
        };
        let expected = [("a/b/2", true), ("c/3", false), ("d", true)].map(|(path, there)| (path.to_owned(), there));
        assert_eq!(losses(before, after), expected);
        assert_eq!(losses(before, before), []);
        assert_eq!(repository.losses_between(tree(before), None).unwrap().len(), 6, "with greenlit.toml");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = links(&bytes);
            prop_assert!(tree_lines(&bytes).count() <= bytes.len());
        }
    }
}
