//! Which commits changed which files, back through renames and merges, in one walk for all files.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use git2::{Delta, DiffFindOptions, Tree};

use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// A file whose history is asked for, at some commit: its number among the wanted ones, and its path there.
type Trail = (usize, String);

impl Repository {
    /// The commits that changed each of the files, newest first. `since` and all that it follows from is left out.
    ///
    /// The walk starts at `tip` and follows what the file is made of: a merge changed it only when the file differs from
    /// that of every parent, and a parent with another text that the merge did not take is not followed. The walk ends
    /// where all files were added.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn changes(
        &self,
        tip: ObjectId,
        since: Option<ObjectId>,
        paths: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<ObjectId>>, GitError> {
        let before = self.ancestry(since)?;
        let mut found: Vec<Vec<ObjectId>> = vec![Vec::new(); paths.len()];
        let mut waiting: HashMap<ObjectId, Vec<Trail>> = HashMap::new();
        let mut seen: HashSet<(ObjectId, Trail)> = HashSet::new();
        let mut queue = BinaryHeap::new();
        let mut pass_on =
            |id: ObjectId, trail: Trail, waiting: &mut HashMap<_, Vec<Trail>>, queue: &mut BinaryHeap<_>| {
                if !before.contains(&id) && seen.insert((id, trail.clone())) {
                    let trails = waiting.entry(id).or_default();
                    if trails.is_empty() {
                        let date = self.objects.find_commit(id)?.time().seconds();
                        queue.push(Newest { date, id });
                    }
                    trails.push(trail);
                }
                Ok::<(), GitError>(())
            };
        for (number, path) in paths.iter().enumerate() {
            pass_on(tip, (number, path.clone()), &mut waiting, &mut queue)?;
        }
        // Newest first, so that most trails meet before they go on; one that comes late makes its commit wait again.
        while let Some(newest) = queue.pop() {
            let trails = waiting.remove(&newest.id).unwrap_or_default();
            for (number, verdict) in self.step(newest.id, trails)? {
                if verdict.changed
                    && let Some(found) = found.get_mut(number)
                    && !found.contains(&newest.id)
                {
                    found.push(newest.id);
                }
                for (parent, path) in verdict.onward {
                    pass_on(parent, (number, path), &mut waiting, &mut queue)?;
                }
            }
        }
        Ok(paths.iter().cloned().zip(found).collect())
    }

    /// A commit and all that it follows from.
    fn ancestry(&self, commit: Option<ObjectId>) -> Result<HashSet<ObjectId>, GitError> {
        let Some(commit) = commit else { return Ok(HashSet::new()) };
        let mut walk = self.objects.revwalk()?;
        walk.push(commit)?;
        Ok(walk.collect::<Result<_, _>>()?)
    }

    /// Holds a commit against its parents.
    fn step(&self, id: ObjectId, trails: Vec<Trail>) -> Result<Vec<(usize, Verdict)>, GitError> {
        let commit = self.objects.find_commit(id)?;
        let tree = commit.tree()?;
        let here = self.blobs(&tree, &trails)?;
        let mut parents = Vec::new();
        for parent in commit.parents() {
            let parent_tree = parent.tree()?;
            let blobs = if parent_tree.id() == tree.id() { here.clone() } else { self.blobs(&parent_tree, &trails)? };
            parents.push((parent.id(), parent_tree, blobs));
        }
        let mut renames: HashMap<ObjectId, HashMap<String, String>> = HashMap::new();
        let mut verdicts = Vec::new();
        for (at, (number, path)) in trails.into_iter().enumerate() {
            let Some(blob) = here.get(at).copied().flatten() else { continue };
            let there = |blobs: &[Option<ObjectId>]| blobs.get(at).copied().flatten();
            let same: Vec<_> = parents.iter().filter(|(_, _, blobs)| there(blobs) == Some(blob)).collect();
            let changed = same.is_empty();
            let mut onward: Vec<_> = same.iter().map(|(parent, ..)| (*parent, path.clone())).collect();
            if changed {
                for (parent, parent_tree, blobs) in &parents {
                    if there(blobs).is_some() {
                        onward.push((*parent, path.clone()));
                    } else {
                        if !renames.contains_key(parent) {
                            renames.insert(*parent, self.renames(parent_tree, &tree)?);
                        }
                        let old = renames.get(parent).and_then(|renames| renames.get(&path));
                        onward.extend(old.map(|old| (*parent, old.clone())));
                    }
                }
            }
            verdicts.push((number, Verdict { changed, onward }));
        }
        Ok(verdicts)
    }

    /// The blob at each path. Folders are read once for all paths in them.
    fn blobs(&self, tree: &Tree<'_>, trails: &[Trail]) -> Result<Vec<Option<ObjectId>>, GitError> {
        let mut folders: HashMap<&str, Option<Tree<'_>>> = HashMap::new();
        let mut blobs = Vec::with_capacity(trails.len());
        for (_, path) in trails {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if !folders.contains_key(folder) {
                let found = if folder.is_empty() { Some(tree.clone()) } else { self.subfolder(tree, folder)? };
                folders.insert(folder, found);
            }
            let entry = folders.get(folder).and_then(Option::as_ref).and_then(|folder| folder.get_name(name));
            blobs.push(entry.map(|entry| entry.id()));
        }
        Ok(blobs)
    }

    fn subfolder(&self, tree: &Tree<'_>, path: &str) -> Result<Option<Tree<'_>>, GitError> {
        match tree.get_path(std::path::Path::new(path)) {
            Ok(entry) => Ok(entry.to_object(&self.objects)?.into_tree().ok()),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// New path → old path of the files that moved between two trees; content may differ by half.
    fn renames(&self, old: &Tree<'_>, new: &Tree<'_>) -> Result<HashMap<String, String>, GitError> {
        // Where nothing went, nothing moved: most commits only add.
        if self.losses_between(old.id(), Some(new.id()))?.iter().all(|loss| loss.is_there) {
            return Ok(HashMap::new());
        }
        let mut diff = self.objects.diff_tree_to_tree(Some(old), Some(new), None)?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_limit(1_000)))?;
        let moved = diff.deltas().filter(|delta| delta.status() == Delta::Renamed);
        let text = |file: git2::DiffFile<'_>| file.path_bytes().map(|path| String::from_utf8_lossy(path).into_owned());
        Ok(moved.filter_map(|delta| Some((text(delta.new_file())?, text(delta.old_file())?))).collect())
    }
}

/// What one commit did to one file, and where its history goes on.
struct Verdict {
    changed: bool,
    onward: Vec<(ObjectId, String)>,
}

/// Commits by date. A commit waits only once one that follows it was seen, so within a second the order holds too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Newest {
    date: i64,
    id: ObjectId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    fn changes(scene: &Scene, since: Option<ObjectId>, path: &str) -> BTreeSet<ObjectId> {
        let (repository, _) = scene.open();
        let tip = repository.commit_named("HEAD").unwrap();
        let all = repository.changes(tip, since, &BTreeSet::from([path.to_owned(), "none.md".to_owned()])).unwrap();
        assert!(all["none.md"].is_empty());
        all[path].iter().copied().collect()
    }

    const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

    #[test]
    fn only_commits_that_changed_the_file_are_told() {
        let scene = Scene::new();
        let added = scene.commit("posts/a.md", "a");
        let other = scene.commit("posts/b.md", "b");
        let edited = scene.commit("posts/a.md", "aa");
        scene.commit("posts/b.md", "bb");
        assert_eq!(changes(&scene, None, "posts/a.md"), BTreeSet::from([added, edited]));
        assert_eq!(changes(&scene, Some(other), "posts/a.md"), BTreeSet::from([edited]));
        assert_eq!(changes(&scene, Some(edited), "posts/a.md"), BTreeSet::new());
    }

    #[test]
    fn a_renamed_and_edited_post_keeps_its_authors() {
        let scene = Scene::new();
        let added = scene.commit("drafts/old.md", TEXT);
        scene.git().run(&["mv", "drafts/old.md", "new.md"]).unwrap();
        std::fs::write(scene.root.join("new.md"), TEXT.replace("eight", "nine")).unwrap();
        let moved = scene.commit_all("Move");
        assert_eq!(changes(&scene, None, "new.md"), BTreeSet::from([added, moved]));
    }

    #[test]
    fn a_merge_is_an_author_only_of_what_it_made_itself() {
        let scene = Scene::new();
        let base = scene.commit("posts/a.md", TEXT);
        scene.git().run(&["checkout", "-q", "-b", "side"]).unwrap();
        let side = scene.commit("posts/a.md", &TEXT.replace("one", "ONE"));
        scene.git().run(&["checkout", "-q", "main"]).unwrap();
        scene.commit("posts/b.md", "b");
        scene.git().run(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]).unwrap();
        assert_eq!(changes(&scene, None, "posts/a.md"), BTreeSet::from([base, side]));

        scene.git().run(&["checkout", "-q", "side"]).unwrap();
        scene.commit("posts/c.md", "c");
        scene.git().run(&["checkout", "-q", "main"]).unwrap();
        scene.git().run(&["merge", "-q", "--no-ff", "--no-commit", "side"]).unwrap();
        std::fs::write(scene.root.join("posts/a.md"), "evil").unwrap();
        let evil = scene.commit_all("Merge side");
        assert_eq!(changes(&scene, None, "posts/a.md"), BTreeSet::from([base, side, evil]));
    }

    #[test]
    fn text_that_a_merge_did_not_take_has_no_say() {
        let scene = Scene::new();
        let base = scene.commit("posts/a.md", TEXT);
        scene.git().run(&["checkout", "-q", "-b", "side"]).unwrap();
        scene.commit("posts/a.md", "other");
        scene.git().run(&["checkout", "-q", "main"]).unwrap();
        let ours = scene.commit("posts/a.md", "ours");
        scene.git().run(&["merge", "-q", "-s", "ours", "-m", "Ignore side", "side"]).unwrap();
        assert_eq!(changes(&scene, None, "posts/a.md"), BTreeSet::from([base, ours]));
    }
}
