//! When files at the root changed on a branch, merge by merge: the trusted branch as it stood for everybody.

use std::collections::HashSet;

use super::cache::Id;
use super::objects::tree_lines;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::walk::Walk;

/// A file at the root, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RootFile {
    /// The object.
    pub id: ObjectId,
    /// `0o100644`, `0o120000`, …; 0 where the tree has the name twice, as no git command would write it.
    pub mode: u32,
}

/// A commit, and what it has under each of the names that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFiles<const N: usize> {
    /// The commit.
    pub commit: ObjectId,
    /// In the order of the names; `None` where there is no such file.
    pub files: [Option<RootFile>; N],
}

/// The name in the cache.
const NAME: &str = "line";

/// Object and mode of a file, where it is there.
type KeptFile = Option<(Id, u32)>;

/// A line as it was followed before: commits with their files, and all commits.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    states: Vec<(Id, Vec<KeptFile>)>,
    line: Vec<Id>,
}

/// The states that files at the root went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootHistory<const N: usize> {
    /// Oldest first. It begins with the root that was asked for, or with the branch's first commit; after that, only
    /// commits where something differs from the commit's first parent.
    pub states: Vec<RootFiles<N>>,
    /// All first parents from the root, or from the branch's first commit, to the tip; oldest first.
    pub line: Vec<ObjectId>,
    /// Whether the root is among the first parents. `true` where none was asked for.
    pub met_root: bool,
}

impl Repository {
    /// Follows the first parents from `tip` back to `root`, and tells where one of the files changed. Where it may be
    /// remembered, only as far as that is new.
    ///
    /// # Errors
    /// When history is not whole, or a tree is malformed.
    pub fn root_files_along<const N: usize>(
        &self,
        tip: ObjectId,
        root: Option<ObjectId>,
        names: [&str; N],
    ) -> Result<RootHistory<N>, GitError> {
        let Some(cache) = self.cache() else { return self.follow_root_files(tip, root, names, None) };
        let pinned = root.map_or(Vec::new(), |root| root.as_bytes().to_vec());
        let depends_on: Vec<&[u8]> =
            [pinned.as_slice()].into_iter().chain(names.iter().map(|name| name.as_bytes())).collect();
        let before = cache.read::<Kept>(NAME, &depends_on).and_then(RootHistory::recalled);
        let is_new = before.as_ref().is_none_or(|before| before.line.last() != Some(&tip));
        let history = self.follow_root_files(tip, root, names, before)?;
        // What never met the root is of no use to anybody.
        if is_new && history.met_root {
            cache.write(NAME, &depends_on, &Kept::of(&history));
        }
        Ok(history)
    }

    /// Follows the first parents back to `root`, or to where the line `before` ends that was followed earlier.
    fn follow_root_files<const N: usize>(
        &self,
        tip: ObjectId,
        root: Option<ObjectId>,
        names: [&str; N],
        before: Option<RootHistory<N>>,
    ) -> Result<RootHistory<N>, GitError> {
        let last = before.as_ref().and_then(|before| before.line.last().copied());
        let odb = self.objects.odb()?;
        let mut states: Vec<RootFiles<N>> = Vec::new();
        let mut next = Some(tip);
        let mut met_root = root.is_none();
        let mut last_tree = None;
        let mut line = Vec::new();
        let mut met_before = None;
        while let Some(commit) = next {
            if last == Some(commit) {
                met_before = before;
                break;
            }
            line.push(commit);
            let step = self.step(&odb, commit)?;
            // Newest first: a commit is kept only while the one before it is the same.
            match states.last_mut() {
                Some(newer) if last_tree == Some(step.tree) => newer.commit = commit,
                last => {
                    let files = root_files(&odb, step.tree, &names)?;
                    match last {
                        Some(newer) if newer.files == files => newer.commit = commit,
                        _ => states.push(RootFiles { commit, files }),
                    }
                }
            }
            last_tree = Some(step.tree);
            if root == Some(commit) {
                met_root = true;
                break;
            }
            next = step.first_parent;
        }
        states.reverse();
        line.reverse();
        Ok(match met_before {
            Some(before) => before.followed_by(states, line),
            None => RootHistory { states, line, met_root },
        })
    }

    /// Every state that the files ever had in the history of `tip`, on whatever side branch: each once, with some commit.
    ///
    /// # Errors
    /// As for [`Repository::root_files_along`].
    pub fn root_files_anywhere<const N: usize>(
        &self,
        tip: ObjectId,
        names: [&str; N],
    ) -> Result<Vec<RootFiles<N>>, GitError> {
        let odb = self.objects.odb()?;
        let (mut states, mut known, mut trees) = (Vec::new(), HashSet::new(), HashSet::new());
        for commit in Walk::new(self, &[tip], HashSet::new())? {
            let commit = commit?;
            let tree = self.links(&odb, commit)?.tree;
            if trees.insert(tree) {
                let files = root_files(&odb, tree, &names)?;
                if known.insert(files) {
                    states.push(RootFiles { commit, files });
                }
            }
        }
        Ok(states)
    }
}

impl<const N: usize> RootHistory<N> {
    /// The same line up to a later commit.
    fn followed_by(mut self, states: Vec<RootFiles<N>>, line: Vec<ObjectId>) -> Self {
        let last = self.states.last().map(|state| state.files);
        self.states.extend(states.into_iter().enumerate().filter_map(|(at, state)| {
            let is_old = at == 0 && Some(state.files) == last;
            (!is_old).then_some(state)
        }));
        self.line.extend(line);
        self
    }

    fn recalled(Kept { states, line }: Kept) -> Option<Self> {
        let state = |(commit, files): (Id, Vec<KeptFile>)| {
            let file = |(id, mode): (Id, u32)| RootFile { id: id.into(), mode };
            let files: Vec<Option<RootFile>> = files.into_iter().map(|found| found.map(file)).collect();
            Some(RootFiles { commit: commit.into(), files: files.try_into().ok()? })
        };
        let states = states.into_iter().map(state).collect::<Option<_>>()?;
        Some(Self { states, line: line.into_iter().map(ObjectId::from).collect(), met_root: true })
    }
}

impl Kept {
    fn of<const N: usize>(history: &RootHistory<N>) -> Self {
        let file = |file: &Option<RootFile>| file.map(|file| (file.id.into(), file.mode));
        let state = |state: &RootFiles<N>| (state.commit.into(), state.files.iter().map(file).collect());
        let line = history.line.iter().copied().map(Id::from).collect();
        Self { states: history.states.iter().map(state).collect(), line }
    }
}

fn root_files<const N: usize>(
    odb: &git2::Odb<'_>,
    tree: ObjectId,
    names: &[&str; N],
) -> Result<[Option<RootFile>; N], GitError> {
    let object = odb.read(tree)?;
    let mut files: [Option<RootFile>; N] = [None; N];
    for line in tree_lines(object.data()) {
        let line = line.ok_or_else(|| GitError::Objects(format!("the tree {tree} is malformed")))?;
        for (name, file) in names.iter().zip(&mut files) {
            if line.name == name.as_bytes() {
                let mode = if file.is_some() { 0 } else { line.mode };
                *file = Some(RootFile { id: line.id, mode });
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    const NAMES: [&str; 2] = ["roles.toml", "greenlit.toml"];

    /// The line up to `HEAD`: followed anew, and as far as it is not remembered from the last time.
    fn along(scene: &Scene, root: Option<ObjectId>) -> RootHistory<2> {
        let (repository, _) = scene.open();
        let tip = repository.commit_named("HEAD").unwrap();
        let history = repository.root_files_along(tip, root, NAMES).unwrap();
        for turn in ["first", "again"] {
            let remembered = scene.open().0.remembering().root_files_along(tip, root, NAMES).unwrap();
            assert_eq!(remembered, history, "{turn}");
        }
        history
    }

    fn commits(history: &RootHistory<2>) -> Vec<ObjectId> {
        history.states.iter().map(|state| state.commit).collect()
    }

    #[test]
    fn only_commits_that_changed_the_files_are_told() {
        let scene = Scene::new();
        let first = scene.commit("posts/a.md", "a");
        scene.commit("posts/b.md", "b");
        let added = scene.commit("roles.toml", "1");
        let between = scene.commit("posts/b.md", "bb");
        let changed = scene.commit("roles.toml", "2");
        scene.commit("sub/roles.toml", "3");
        let whole = along(&scene, None);
        assert_eq!(commits(&whole), [first, added, changed]);
        assert!(whole.met_root && whole.states[0].files[0].is_none() && whole.states[0].files[1].is_some());
        assert_eq!(whole.states[1].files[0].unwrap().mode, 0o100_644);
        assert_ne!(whole.states[1].files[0], whole.states[2].files[0]);
        let since = along(&scene, Some(between));
        assert_eq!(commits(&since), [between, changed], "it begins with the root");
        assert_eq!(since.line.first(), Some(&between));
        assert_eq!((since.line.len(), whole.line.len()), (3, 6));
        assert!(since.met_root);
    }

    #[test]
    fn a_file_that_goes_and_comes_back_is_told_both_times() {
        let scene = Scene::new();
        let first = scene.commit("roles.toml", "1");
        scene.git().run(&["rm", "-q", "roles.toml"]).unwrap();
        let gone = scene.commit_all("Remove");
        let back = scene.commit("roles.toml", "1");
        let history = along(&scene, None);
        assert_eq!(commits(&history), [first, gone, back]);
        assert_eq!(history.states[1].files[0], None);
        assert_eq!(history.states[2].files[0], history.states[0].files[0]);
    }

    #[test]
    fn a_line_grows_and_is_put_back() {
        let scene = Scene::new();
        let first = scene.commit("roles.toml", "1");
        assert_eq!(commits(&along(&scene, Some(first))), [first]);
        scene.commit("posts/a.md", "a");
        assert_eq!(commits(&along(&scene, Some(first))), [first], "what is new changed nothing");
        let second = scene.commit("roles.toml", "2");
        scene.commit("posts/b.md", "b");
        assert_eq!(commits(&along(&scene, Some(first))), [first, second]);
        scene.git().run(&["reset", "-q", "--hard", &first.to_string()]).unwrap();
        assert_eq!(commits(&along(&scene, Some(first))), [first]);
        let other = scene.commit("roles.toml", "3");
        assert_eq!(commits(&along(&scene, Some(first))), [first, other]);
        assert!(!along(&scene, Some(second)).met_root);
        scene.git().run(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge", &second.to_string()]).unwrap();
        assert_eq!(commits(&along(&scene, Some(first))), [first, other]);
    }

    #[test]
    fn a_link_in_its_place_is_another_file_and_a_double_has_no_mode() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let git = scene.git();
        let blob = scene.object("blob", b"x");
        let tip = |entries: &[&str]| -> ObjectId {
            let mut tree = Vec::new();
            for mode in entries {
                tree.extend([mode.as_bytes(), b" roles.toml\0", blob.as_bytes()].concat());
            }
            let tree = scene.object("tree", &tree).to_string();
            git.run(&["commit-tree", "-m", "odd", &tree]).unwrap().line().parse().unwrap()
        };
        let file = |tip| repository.root_files_along(tip, None, NAMES).unwrap().states[0].files[0].unwrap();
        assert_eq!(file(tip(&["120000"])), RootFile { id: blob, mode: 0o120_000 });
        assert_eq!(file(tip(&["100644", "100644"])).mode, 0);
    }

    #[test]
    fn a_merge_brings_its_branch_in_one_step_and_a_root_on_the_branch_is_not_met() {
        let scene = Scene::new();
        let base = scene.commit("posts/a.md", "a");
        scene.git().run(&["checkout", "-q", "-b", "side"]).unwrap();
        let side = scene.commit("roles.toml", "1");
        scene.commit("roles.toml", "2");
        scene.git().run(&["checkout", "-q", "main"]).unwrap();
        scene.commit("posts/b.md", "b");
        scene.git().run(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]).unwrap();
        let merge = scene.open().0.commit_named("HEAD").unwrap();
        assert_eq!(commits(&along(&scene, None)), [base, merge]);
        assert!(!along(&scene, Some(side)).met_root);
    }

    #[test]
    fn what_a_merge_dropped_is_found_all_the_same() {
        let scene = Scene::new();
        scene.commit("roles.toml", "1");
        scene.git().run(&["checkout", "-q", "-b", "side"]).unwrap();
        let dropped = scene.commit("roles.toml", "2");
        scene.commit("posts/a.md", "a");
        scene.git().run(&["checkout", "-q", "main"]).unwrap();
        scene.git().run(&["merge", "-q", "-s", "ours", "-m", "Keep ours", "side"]).unwrap();
        let (repository, _) = scene.open();
        let tip = repository.commit_named("HEAD").unwrap();
        let states = repository.root_files_anywhere(tip, NAMES).unwrap();
        let file = |commit| repository.root_files_along(commit, None, NAMES).unwrap().states.pop().unwrap().files;
        assert_eq!(states.len(), 2);
        assert!(states.iter().any(|state| state.files == file(dropped)));
        assert!(!along(&scene, None).states.iter().any(|state| state.files == file(dropped)));
    }
}
