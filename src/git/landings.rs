//! When the present version of files came to a branch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use git2::Tree;

use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// A folder as it is at the commit that the walk has come to, and the files in it that have not changed until then.
struct Folder<'r> {
    tree: Option<Tree<'r>>,
    /// The path of each, its name in the folder, and its blob.
    files: Vec<(String, String, ObjectId)>,
}

impl Repository {
    /// When each of the files came to the branch as `tip` has it: the committer's date, as typed, of the commit among
    /// the first parents since which its bytes have been there. A file that is not at `tip` is left out.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn landings(
        &self,
        tip: ObjectId,
        paths: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, DateTime<Utc>>, GitError> {
        let mut folders = self.folders_at(tip, paths)?;
        let mut landings = BTreeMap::new();
        let odb = self.objects.odb()?;
        let mut commit = self.links(&odb, tip)?;
        while !folders.is_empty() {
            let parent = commit.parents.first().map(|parent| self.links(&odb, *parent)).transpose()?;
            let date = DateTime::from_timestamp(commit.seconds, 0).unwrap_or_default();
            let before = match &parent {
                Some(parent) if parent.tree == commit.tree => None,
                Some(parent) => Some(Some(self.objects.find_tree(parent.tree)?)),
                None => Some(None),
            };
            if let Some(before) = before {
                for (path, folder) in &mut folders {
                    let there = before.as_ref().map(|tree| self.folder(tree, path)).transpose()?.flatten();
                    if there.as_ref().map(Tree::id) == folder.tree.as_ref().map(Tree::id) {
                        continue;
                    }
                    folder.files.retain(|(file, name, blob)| {
                        let same = there.as_ref().and_then(|tree| tree.get_name(name)).is_some_and(|e| e.id() == *blob);
                        if !same {
                            landings.insert(file.clone(), date);
                        }
                        same
                    });
                    folder.tree = there;
                }
                folders.retain(|_, folder| !folder.files.is_empty());
            }
            let Some(parent) = parent else { break };
            commit = parent;
        }
        Ok(landings)
    }

    fn folders_at(&self, tip: ObjectId, paths: &BTreeSet<String>) -> Result<BTreeMap<String, Folder<'_>>, GitError> {
        let root = self.objects.find_commit(tip)?.tree()?;
        let mut folders: BTreeMap<String, Folder<'_>> = BTreeMap::new();
        for path in paths {
            let (place, name) = path.rsplit_once('/').unwrap_or(("", path));
            if !folders.contains_key(place) {
                let tree = self.folder(&root, place)?;
                folders.insert(place.to_owned(), Folder { tree, files: Vec::new() });
            }
            let Some(folder) = folders.get_mut(place) else { continue };
            if let Some(blob) = folder.tree.as_ref().and_then(|tree| tree.get_name(name)).map(|entry| entry.id()) {
                folder.files.push((path.clone(), name.to_owned(), blob));
            }
        }
        folders.retain(|_, folder| !folder.files.is_empty());
        Ok(folders)
    }

    fn folder<'r>(&'r self, root: &Tree<'r>, path: &str) -> Result<Option<Tree<'r>>, GitError> {
        if path.is_empty() {
            return Ok(Some(root.clone()));
        }
        match root.get_path(std::path::Path::new(path)) {
            Ok(entry) => Ok(entry.to_object(&self.objects)?.into_tree().ok()),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    /// Writes a file and commits it at an hour of 21 November.
    fn commit_at(scene: &Scene, hour: u32, path: &str, text: &str) {
        let file = scene.root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        git_at(scene, hour, &["add", "-A"]);
        git_at(scene, hour, &["commit", "-q", "-m", "Write"]);
    }

    fn git_at(scene: &Scene, hour: u32, arguments: &[&str]) {
        let date = format!("2026-11-21T{hour:02}:00:00Z");
        let git = scene.git().with("GIT_COMMITTER_DATE", date.clone()).with("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z");
        git.run(arguments).unwrap();
    }

    fn hours(scene: &Scene, paths: &[&str]) -> Vec<Option<u32>> {
        use chrono::Timelike;
        let (repository, _) = scene.open();
        let tip = repository.commit_named("HEAD").unwrap();
        let wanted = paths.iter().map(|path| (*path).to_owned()).collect();
        let landings = repository.landings(tip, &wanted).unwrap();
        paths.iter().map(|path| landings.get(*path).map(DateTime::hour)).collect()
    }

    #[test]
    fn a_file_landed_when_its_present_bytes_came() {
        let scene = Scene::new();
        commit_at(&scene, 1, "posts/a.md", "a");
        commit_at(&scene, 2, "posts/b.md", "b");
        commit_at(&scene, 3, "posts/a.md", "aa");
        commit_at(&scene, 4, "root.md", "r");
        commit_at(&scene, 5, "posts/b.md", "other");
        commit_at(&scene, 6, "posts/b.md", "b");
        let all = ["posts/a.md", "posts/b.md", "root.md", "greenlit.toml", "gone.md", "no/such.md"];
        assert_eq!(hours(&scene, &all), [Some(3), Some(6), Some(4), Some(1), None, None]);
    }

    #[test]
    fn a_branch_lands_with_its_merge() {
        let scene = Scene::new();
        commit_at(&scene, 1, "posts/a.md", "a");
        git_at(&scene, 1, &["checkout", "-q", "-b", "side"]);
        commit_at(&scene, 2, "posts/b.md", "b");
        git_at(&scene, 2, &["checkout", "-q", "main"]);
        commit_at(&scene, 3, "posts/c.md", "c");
        git_at(&scene, 9, &["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
        assert_eq!(hours(&scene, &["posts/a.md", "posts/b.md", "posts/c.md"]), [Some(1), Some(9), Some(3)]);
    }
}
