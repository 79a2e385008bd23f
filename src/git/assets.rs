//! Facts about media files, from git's objects or from the disk.

use super::tree::CommitFiles;
use super::work_tree::WorkTreeFiles;
use crate::workspace::assets::facts;
use crate::workspace::{Asset, Assets, FileProblem, Files, LARGEST_MEDIA};

/// A picture in many posts is read and hashed once.
impl Assets for CommitFiles<'_> {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        let blob = self.blob(path)?;
        if let Some(known) = self.assets.borrow().get(&blob) {
            return Ok(known.clone());
        }
        let asset = facts(&self.read(path, LARGEST_MEDIA)?);
        self.assets.borrow_mut().insert(blob, asset.clone());
        Ok(asset)
    }
}

impl Assets for WorkTreeFiles {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        self.read(path, LARGEST_MEDIA).map(|bytes| facts(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    #[test]
    fn the_facts_are_those_of_the_commit_wherever_the_file_stands() {
        let scene = Scene::new();
        scene.commit("assets/a.gif", "GIF89a\x01\0\x01\0");
        let commit = scene.commit("assets/same.gif", "GIF89a\x01\0\x01\0");
        let (repository, _) = scene.open();
        let files = repository.files(commit).unwrap();
        let on_disk = WorkTreeFiles::new(&scene.root);
        let asset = files.asset("assets/a.gif").unwrap();
        assert_eq!((asset.mime.as_str(), asset.size, asset.width), ("image/gif", 10, Some(1)));
        assert_eq!(files.asset("assets/same.gif").unwrap(), asset);
        assert_eq!(on_disk.asset("assets/a.gif").unwrap(), asset);
        assert_eq!(files.asset("assets/none.gif"), Err(FileProblem::Missing));
        std::fs::write(scene.root.join("assets/a.gif"), "GIF89a\x02\0\x01\0").unwrap();
        assert_eq!(files.asset("assets/a.gif").unwrap(), asset);
        assert_ne!(on_disk.asset("assets/a.gif").unwrap(), asset);
    }
}
