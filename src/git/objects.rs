//! Commits and trees as bytes, read only as far as long walks need them.

use std::collections::HashMap;
use std::ffi::CStr;
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

/// Where a commit leads to whoever follows first parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Its files.
    pub tree: ObjectId,
    /// The first commit that it follows.
    pub first_parent: Option<ObjectId>,
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

impl TreeLine<'_> {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.mode == 0o040_000
    }
}

impl Repository {
    /// What a commit hangs on, whatever else is wrong with it.
    pub(super) fn links(&self, odb: &git2::Odb<'_>, commit: ObjectId) -> Result<Links, GitError> {
        self.links_of(&odb.read(commit)?)
    }

    /// Where a commit leads; not read again where a walk met it before.
    pub(super) fn step(&self, odb: &git2::Odb<'_>, commit: ObjectId) -> Result<Step, GitError> {
        if let Some(step) = self.steps.borrow().get(&commit) {
            return Ok(*step);
        }
        let links = self.links(odb, commit)?;
        Ok(Step { tree: links.tree, first_parent: links.parents.first().copied() })
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

/// A folder that a tree has and another one does not have in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChangedFolder {
    /// Its name in the tree.
    pub name: Vec<u8>,
    /// What it was.
    pub before: ObjectId,
    /// What it is; `None` where no folder of its name is there.
    pub after: Option<ObjectId>,
}

/// Folders in folders, and files, that are compared; more is refused.
const DEEPEST: usize = 64;
const MOST_LOSSES: usize = 200_000;
/// Trees that are held in memory: the next comparison is mostly of one of the last.
const MOST_KNOWN: usize = 64;

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

/// Takes in a line that is lost, and the line of its name that is there instead.
type OnLoss<'f, T> = dyn FnMut(&mut T, TreeLine<'_>, Option<TreeLine<'_>>) -> Result<(), GitError> + 'f;

/// Trees that were read. What comes after one commit is what was before the next: it is read once.
pub(super) struct Trees<'r> {
    odb: git2::Odb<'r>,
    known: HashMap<ObjectId, Rc<[u8]>>,
}

impl std::fmt::Debug for Trees<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trees").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Trees<'_> {
    /// As [`Repository::losses_between`].
    pub fn losses_between(&mut self, before: ObjectId, after: Option<ObjectId>) -> Result<Vec<Loss>, GitError> {
        let mut losses = Vec::new();
        self.compare((before, after), "", 0, &mut losses)?;
        Ok(losses)
    }

    /// The folders right in a tree that are gone from another one, or not the same there.
    pub fn changed_folders(
        &mut self,
        before: ObjectId,
        after: Option<ObjectId>,
    ) -> Result<Vec<ChangedFolder>, GitError> {
        let mut changed = Vec::new();
        self.lost_lines(before, after, &mut |_, line, there| {
            if line.is_folder() {
                let after = there.filter(TreeLine::is_folder).map(|there| there.id);
                changed.push(ChangedFolder { name: line.name.to_vec(), before: line.id, after });
            }
            Ok(())
        })?;
        Ok(changed)
    }

    /// The folder of a name right in a tree.
    pub fn folder(&mut self, tree: ObjectId, name: &str) -> Result<Option<ObjectId>, GitError> {
        let tree = self.read(tree)?;
        let found = split_lines(&tree).find(|line| line.name == name.as_bytes());
        Ok(found.and_then(|line| line.read()).filter(TreeLine::is_folder).map(|line| line.id))
    }

    /// The folder of a path in a tree; that of the empty path is the tree.
    pub fn folder_at(&mut self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>, GitError> {
        let mut at = Some(tree);
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Some(tree) = at else { break };
            at = self.folder(tree, name)?;
        }
        Ok(at)
    }

    /// How many lines a tree has, and the first folder among them.
    pub fn size(&mut self, tree: ObjectId) -> Result<(usize, Option<ObjectId>), GitError> {
        let tree = self.read(tree)?;
        let first = tree_lines(&tree).flatten().find(TreeLine::is_folder).map(|line| line.id);
        Ok((split_lines(&tree).count(), first))
    }

    /// Tells each line of a tree.
    pub fn each(&mut self, tree: ObjectId, tell: impl FnMut(TreeLine<'_>)) -> Result<(), GitError> {
        tree_lines(&self.read(tree)?).flatten().for_each(tell);
        Ok(())
    }

    /// A tree's bytes.
    pub fn read(&mut self, id: ObjectId) -> Result<Rc<[u8]>, GitError> {
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
        self.lost_lines(before, after, &mut |trees, line, there| {
            if depth > DEEPEST || losses.len() > MOST_LOSSES {
                return Err(GitError::Objects(format!("the tree {before} has no end")));
            }
            let path = format!("{folder}{}", String::from_utf8_lossy(line.name));
            if line.is_folder() {
                let folder_there = there.filter(TreeLine::is_folder).map(|other| other.id);
                return trees.compare((line.id, folder_there), &format!("{path}/"), depth + 1, losses);
            }
            losses.push(Loss { path, is_there: there.is_some() });
            Ok(())
        })
    }

    /// Tells each line of a tree that another one does not have, with the line of its name there.
    pub fn lost_lines(
        &mut self,
        before: ObjectId,
        after: Option<ObjectId>,
        lost: &mut OnLoss<'_, Self>,
    ) -> Result<(), GitError> {
        if after == Some(before) {
            return Ok(());
        }
        let malformed = || GitError::Objects(format!("the tree {before} is malformed"));
        let old = self.read(before)?;
        let new = after.map(|after| self.read(after)).transpose()?;
        let new = new.as_deref().unwrap_or_default();
        let (mut old, mut next) = (&*old, new);
        while !old.is_empty() {
            let line = split_line(old).ok_or_else(malformed)?;
            old = line.rest;
            // Trees are sorted, so the line of this name mostly comes next, or after some that were added.
            if let Some(rest) = next.strip_prefix(line.whole) {
                next = rest;
                continue;
            }
            let there = match split_lines(next).find(|there| there.name == line.name) {
                Some(there) => {
                    next = there.rest;
                    Some(there)
                }
                // Where a file became a folder, the line of this name stands elsewhere.
                None => split_lines(new).find(|there| there.name == line.name),
            };
            if there.as_ref().is_none_or(|there| there.whole != line.whole) {
                lost(self, line.read().ok_or_else(malformed)?, there.and_then(|there| there.read()))?;
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

/// The lines of a tree object up to the first malformed one.
fn split_lines(bytes: &[u8]) -> impl Iterator<Item = SplitLine<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let line = split_line(rest)?;
        rest = line.rest;
        Some(line)
    })
}

fn tree_line(bytes: &[u8]) -> Option<(TreeLine<'_>, &[u8])> {
    let line = split_line(bytes)?;
    Some((line.read()?, line.rest))
}

/// One line of a tree object, split and no more.
struct SplitLine<'t> {
    whole: &'t [u8],
    mode: &'t [u8],
    name: &'t [u8],
    id: &'t [u8],
    /// What follows it.
    rest: &'t [u8],
}

fn split_line(bytes: &[u8]) -> Option<SplitLine<'_>> {
    let space = bytes.iter().take(8).position(|b| *b == b' ')?;
    let (mode, named) = (bytes.get(..space)?, bytes.get(space + 1..)?);
    let name = CStr::from_bytes_until_nul(named).ok()?.to_bytes();
    let end = space + 1 + name.len() + 1 + 20;
    let (whole, rest) = bytes.split_at_checked(end)?;
    let odd = mode.is_empty() || !mode.iter().all(|digit| (b'0'..=b'7').contains(digit));
    if odd { None } else { Some(SplitLine { whole, mode, name, id: whole.get(end - 20..)?, rest }) }
}

impl<'t> SplitLine<'t> {
    fn read(&self) -> Option<TreeLine<'t>> {
        let mode = u32::from_str_radix(std::str::from_utf8(self.mode).ok()?, 8).ok()?;
        Some(TreeLine { mode, name: self.name, id: ObjectId::from_bytes(self.id).ok()? })
    }
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

    /// Names that git sorts in another order where they are folders.
    const NAMES: [&str; 3] = ["a", "a.b", "a0"];

    #[test]
    fn any_two_trees_are_told_apart_as_their_files_are() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let blobs = [scene.object("blob", b"1"), scene.object("blob", b"2")];
        let tree = |files: &[(&str, ObjectId, i32)]| {
            let mut builder = repository.objects.treebuilder(None).unwrap();
            files.iter().for_each(|(name, id, mode)| drop(builder.insert(name, *id, *mode).unwrap()));
            builder.write().unwrap()
        };
        let folder = tree(&[("x", blobs[0], 0o100_644)]);
        // Under each name nothing, one of two files, or a folder with a file.
        let kinds = [None, Some((blobs[0], 0o100_644)), Some((blobs[1], 0o100_644)), Some((folder, 0o040_000))];
        let trees: Vec<_> = (0..64)
            .map(|number: usize| {
                let of = NAMES.iter().zip([number % 4, number / 4 % 4, number / 16]);
                let lines: Vec<_> =
                    of.filter_map(|(name, kind)| kinds[kind].map(|(id, mode)| (*name, id, mode))).collect();
                (tree(&lines), lines)
            })
            .collect();
        let mut reader = repository.trees().unwrap();
        for (before, old) in &trees {
            for (after, new) in &trees {
                let mut expected: Vec<(String, bool)> = Vec::new();
                for (name, id, mode) in old {
                    let there = new.iter().find(|(other, ..)| other == name);
                    match there {
                        Some((_, other, _)) if other == id => {}
                        _ if *mode == 0o040_000 => expected.push((format!("{name}/x"), false)),
                        _ => expected.push(((*name).to_owned(), there.is_some())),
                    }
                }
                let losses = reader.losses_between(*before, Some(*after)).unwrap();
                let mut told: Vec<_> = losses.into_iter().map(|loss| (loss.path, loss.is_there)).collect();
                told.sort();
                expected.sort();
                assert_eq!(told, expected, "{old:?} {new:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = links(&bytes);
            prop_assert!(tree_lines(&bytes).count() <= bytes.len());
        }
    }
}
