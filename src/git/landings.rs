//! When the present version of files came to a branch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::cache::Id;
use super::objects::Trees;
use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// The name in the cache.
const NAME: &str = "landings";

/// When files came to the branch as some commit has them, in seconds.
#[derive(PartialEq, serde::Serialize, serde::Deserialize)]
struct Kept {
    tip: Id,
    files: BTreeMap<String, i64>,
}

/// A folder as it is at the commit that the walk has come to, and the files in it that have not changed until then: the
/// path of each by its name in the folder.
struct Folder {
    tree: ObjectId,
    files: HashMap<Vec<u8>, String>,
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
        let before: Option<Kept> = self.cache().and_then(|cache| cache.read(NAME, &[]));
        let mut files = self.landed(tip, paths, before.as_ref())?;
        let date = |seconds: &i64| DateTime::from_timestamp(*seconds, 0).unwrap_or_default();
        let landings = files.iter().map(|(path, seconds)| (path.clone(), date(seconds))).collect();
        if let Some(cache) = self.cache() {
            let same = before.iter().filter(|kept| kept.tip == tip.into()).flat_map(|kept| &kept.files);
            files.extend(same.map(|(path, seconds)| (path.clone(), *seconds)));
            let kept = Kept { tip: tip.into(), files };
            if before.as_ref() != Some(&kept) {
                cache.write(NAME, &[], &kept);
            }
        }
        Ok(landings)
    }

    /// The same in seconds. The walk ends at a commit for which it is known already.
    fn landed(
        &self,
        tip: ObjectId,
        paths: &BTreeSet<String>,
        known: Option<&Kept>,
    ) -> Result<BTreeMap<String, i64>, GitError> {
        let (odb, mut trees) = (self.objects.odb()?, self.trees()?);
        let (mut id, mut commit) = (tip, self.links(&odb, tip)?);
        let mut folders = folders_at(&mut trees, commit.tree, paths)?;
        let mut landings = BTreeMap::new();
        while !folders.is_empty() {
            if let Some(known) = known.filter(|known| known.tip == id.into()) {
                for folder in folders.values_mut() {
                    folder.files.retain(|_, file| {
                        let seconds = known.files.get(file);
                        landings.extend(seconds.map(|seconds| (file.clone(), *seconds)));
                        seconds.is_none()
                    });
                }
                folders.retain(|_, folder| !folder.files.is_empty());
            }
            let parent = commit.parents.first().map(|parent| self.links(&odb, *parent)).transpose()?;
            let before = parent.as_ref().map(|parent| parent.tree);
            if before != Some(commit.tree) {
                let mut left = BTreeMap::new();
                for (path, mut folder) in folders {
                    let there = before.map(|tree| trees.folder_at(tree, &path)).transpose()?.flatten();
                    for file in folder.landed(&mut trees, there)? {
                        landings.insert(file, commit.seconds);
                    }
                    if let Some(tree) = there.filter(|_| !folder.files.is_empty()) {
                        left.insert(path, Folder { tree, ..folder });
                    }
                }
                folders = left;
            }
            let (Some(parent), Some(parent_id)) = (parent, commit.parents.first()) else { break };
            (id, commit) = (*parent_id, parent);
        }
        Ok(landings)
    }
}

fn folders_at(
    trees: &mut Trees<'_>,
    root: ObjectId,
    paths: &BTreeSet<String>,
) -> Result<BTreeMap<String, Folder>, GitError> {
    let mut wanted: BTreeMap<&str, HashMap<&[u8], &String>> = BTreeMap::new();
    for path in paths {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        wanted.entry(folder).or_default().insert(name.as_bytes(), path);
    }
    let mut folders = BTreeMap::new();
    for (folder, names) in wanted {
        let Some(tree) = trees.folder_at(root, folder)? else { continue };
        let mut files = HashMap::new();
        trees.each(tree, |line| {
            files.extend(names.get(line.name).map(|path| (line.name.to_vec(), (*path).clone())));
        })?;
        folders.insert(folder.to_owned(), Folder { tree, files });
    }
    Ok(folders)
}

impl Folder {
    /// The files that were not there before, or not with the same bytes. They are not followed any more.
    fn landed(&mut self, trees: &mut Trees<'_>, before: Option<ObjectId>) -> Result<Vec<String>, GitError> {
        let mut new: HashSet<Vec<u8>> = HashSet::new();
        trees.lost_lines(self.tree, before, &mut |_, line, there| {
            if there.is_none_or(|there| there.id != line.id) {
                new.insert(line.name.to_vec());
            }
            Ok(())
        })?;
        Ok(new.iter().filter_map(|name| self.files.remove(name)).collect())
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
        for turn in ["first", "again"] {
            let remembered = scene.open().0.remembering().landings(tip, &wanted).unwrap();
            assert_eq!(remembered, landings, "{turn}");
        }
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
    fn what_landed_is_remembered_and_what_comes_later_is_seen() {
        let scene = Scene::new();
        let all = ["posts/a.md", "posts/b.md"];
        commit_at(&scene, 1, "posts/a.md", "a");
        commit_at(&scene, 2, "posts/b.md", "b");
        assert_eq!(hours(&scene, &all), [Some(1), Some(2)]);
        commit_at(&scene, 3, "posts/a.md", "aa");
        assert_eq!(hours(&scene, &all[1..]), [Some(2)]);
        assert_eq!(hours(&scene, &all), [Some(3), Some(2)]);
        commit_at(&scene, 4, "posts/a.md", "a");
        commit_at(&scene, 5, "posts/c.md", "c");
        assert_eq!(hours(&scene, &all), [Some(4), Some(2)]);
        git_at(&scene, 6, &["reset", "-q", "--hard", "HEAD~3"]);
        assert_eq!(hours(&scene, &all), [Some(1), Some(2)]);
        commit_at(&scene, 7, "posts/b.md", "other");
        assert_eq!(hours(&scene, &all), [Some(1), Some(7)]);
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
