//! Which commits changed which files, back through renames and merges, in one walk for all files.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use git2::{Delta, DiffFindOptions, Tree};

use super::objects::Links;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::trails::{Numbers, Trails};

/// A walk back from the newest commit.
struct Back<'r> {
    repository: &'r Repository,
    odb: git2::Odb<'r>,
    links: HashMap<ObjectId, Links>,
    queue: BinaryHeap<Newest>,
    /// The trails that go on from a commit, and all that ever came to it.
    waiting: HashMap<ObjectId, Numbers>,
    seen: HashMap<ObjectId, Numbers>,
}

/// What a walk found of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The commits that changed it, newest first.
    pub commits: Vec<ObjectId>,
    /// The commits that do not have it, under the path that it has there, from each of their parents.
    pub parted: Vec<ObjectId>,
    /// Where it went on to commits that were not to be walked, each with its path there.
    pub left: Vec<(ObjectId, String)>,
}

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
        let found = self.trace(tip, paths, |id| !before.contains(&id))?;
        Ok(paths.iter().cloned().zip(found.into_iter().map(|found| found.commits)).collect())
    }

    /// Follows files back from `tip`, in their order, through the commits that are to be walked.
    ///
    /// # Errors
    /// When history is not whole.
    pub(super) fn trace(
        &self,
        tip: ObjectId,
        paths: &BTreeSet<String>,
        is_walked: impl Fn(ObjectId) -> bool,
    ) -> Result<Vec<Found>, GitError> {
        let mut found: Vec<Found> = vec![Found::default(); paths.len()];
        if !is_walked(tip) {
            return Ok(found);
        }
        let mut trails = Trails::default();
        let mut trees = self.trees()?;
        let mut back = Back::new(self)?;
        for (file, path) in paths.iter().enumerate() {
            trails.number(file, path);
        }
        let begin = trails.there(&mut trees, back.links(tip)?.tree)?;
        back.pass_on(tip, begin)?;
        // Newest first, so that most trails meet before they go on; one that comes late makes its commit wait again.
        while let Some((id, here)) = back.next() {
            let Links { tree, parents, .. } = back.links(id)?;
            let mut differing = Vec::with_capacity(parents.len());
            let mut changed = here.clone();
            for parent in &parents {
                let differs = trails.differing(&mut trees, &here, tree, back.links(*parent)?.tree)?;
                changed = changed.both(&differs.all);
                differing.push(differs);
            }
            for file in changed.iter().filter_map(|number| trails.file(number)) {
                if let Some(found) = found.get_mut(file).filter(|found| !found.commits.contains(&id)) {
                    found.commits.push(id);
                }
            }
            for (parent, differs) in parents.into_iter().zip(differing) {
                let mut onward = here.without(&differs.all);
                onward.extend(&changed.both(&differs.there));
                let gone = changed.without(&differs.there);
                if !gone.is_empty() {
                    let renames = self.renames(back.links(parent)?.tree, tree)?;
                    for number in gone.iter() {
                        onward.extend(&trails.renamed(number, &renames));
                    }
                }
                for file in here.without(&onward).iter().filter_map(|number| trails.file(number)) {
                    if let Some(found) = found.get_mut(file).filter(|found| found.parted.last() != Some(&id)) {
                        found.parted.push(id);
                    }
                }
                if is_walked(parent) {
                    back.pass_on(parent, onward)?;
                    continue;
                }
                for (file, path) in onward.iter().filter_map(|number| trails.at(number)) {
                    if let Some(found) = found.get_mut(file) {
                        found.left.push((parent, path.to_owned()));
                    }
                }
            }
        }
        Ok(found)
    }

    /// A commit and all that it follows from.
    fn ancestry(&self, commit: Option<ObjectId>) -> Result<HashSet<ObjectId>, GitError> {
        let Some(commit) = commit else { return Ok(HashSet::new()) };
        let mut walk = self.objects.revwalk()?;
        walk.push(commit)?;
        Ok(walk.collect::<Result<_, _>>()?)
    }

    /// New path → old path of the files that moved between two trees; content may differ by half.
    fn renames(&self, old: ObjectId, new: ObjectId) -> Result<HashMap<String, String>, GitError> {
        // Where nothing went, nothing moved: most commits only add.
        if self.losses_between(old, Some(new))?.iter().all(|loss| loss.is_there) {
            return Ok(HashMap::new());
        }
        let (old, new): (Tree<'_>, Tree<'_>) = (self.objects.find_tree(old)?, self.objects.find_tree(new)?);
        let mut diff = self.objects.diff_tree_to_tree(Some(&old), Some(&new), None)?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_limit(1_000)))?;
        let moved = diff.deltas().filter(|delta| delta.status() == Delta::Renamed);
        let text = |file: git2::DiffFile<'_>| file.path_bytes().map(|path| String::from_utf8_lossy(path).into_owned());
        Ok(moved.filter_map(|delta| Some((text(delta.new_file())?, text(delta.old_file())?))).collect())
    }
}

impl<'r> Back<'r> {
    fn new(repository: &'r Repository) -> Result<Self, GitError> {
        let odb = repository.objects.odb()?;
        let (links, queue, waiting, seen) = Default::default();
        Ok(Self { repository, odb, links, queue, waiting, seen })
    }

    fn links(&mut self, id: ObjectId) -> Result<Links, GitError> {
        if let Some(known) = self.links.get(&id) {
            return Ok(known.clone());
        }
        let links = self.repository.links(&self.odb, id)?;
        self.links.insert(id, links.clone());
        Ok(links)
    }

    /// Has trails go on from a commit, those that did not yet.
    fn pass_on(&mut self, id: ObjectId, trails: Numbers) -> Result<(), GitError> {
        let seen = self.seen.entry(id).or_default();
        let new = trails.without(seen);
        if new.is_empty() {
            return Ok(());
        }
        seen.extend(&new);
        let waiting = self.waiting.entry(id).or_default();
        let is_first = waiting.is_empty();
        waiting.extend(&new);
        if is_first {
            let date = self.links(id)?.seconds;
            self.queue.push(Newest { date, id });
        }
        Ok(())
    }

    /// The newest commit that trails wait at, and these.
    fn next(&mut self) -> Option<(ObjectId, Numbers)> {
        let id = self.queue.pop()?.id;
        Some((id, self.waiting.remove(&id).unwrap_or_default()))
    }
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
