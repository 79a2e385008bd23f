//! New objects, kept in memory until all are there. Many are then written as one file, as git does with what it fetches:
//! a thousand files of their own take longer to write, and longer again to push.

use std::io::Write;

use git2::{Config, ObjectType, Odb};

use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// So many objects make a pack; git's own limit (`fetch.unpackLimit`).
const MANY: usize = 100;
/// The only place there is to write to.
const FIRST: i32 = 1;

/// New objects that no repository has yet.
pub(super) struct Bundle {
    memory: git2::Repository,
    written: Vec<ObjectId>,
}

impl Bundle {
    /// With nothing in it.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn new() -> Result<Self, GitError> {
        let odb = Odb::new()?;
        odb.add_new_mempack_backend(FIRST)?;
        let memory = git2::Repository::from_odb(odb)?;
        // Nobody's settings are asked how it is packed.
        memory.set_config(&Config::new()?)?;
        Ok(Self { memory, written: Vec::new() })
    }

    /// Adds an object.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn write(&mut self, kind: ObjectType, bytes: &[u8]) -> Result<ObjectId, GitError> {
        let id = self.memory.odb()?.write(kind, bytes)?;
        self.written.push(id);
        Ok(id)
    }

    /// Keeps them all in a repository.
    ///
    /// # Errors
    /// When they cannot be written there.
    pub fn keep(self, repository: &Repository) -> Result<(), GitError> {
        let odb = repository.objects.odb()?;
        if self.written.len() >= MANY { self.keep_as_pack(&odb) } else { self.keep_each(&odb) }
    }

    fn keep_each(&self, odb: &Odb<'_>) -> Result<(), GitError> {
        let memory = self.memory.odb()?;
        for id in &self.written {
            let object = memory.read(*id)?;
            odb.write(object.kind(), object.data())?;
        }
        Ok(())
    }

    fn keep_as_pack(&self, odb: &Odb<'_>) -> Result<(), GitError> {
        let mut pack = self.memory.packbuilder()?;
        // As many as there are processors.
        pack.set_threads(0);
        for id in &self.written {
            pack.insert_object(*id, None)?;
        }
        // Written piece by piece, the file would be mapped anew for each object.
        let mut bytes = git2::Buf::new();
        pack.write_buf(&mut bytes)?;
        let mut writer = odb.packwriter()?;
        writer.write_all(&bytes).map_err(|error| GitError::Objects(format!("a pack cannot be written: {error}")))?;
        writer.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    /// Keeps blobs, and tells how many packs there are then.
    fn kept(scene: &Scene, count: usize) -> (Vec<ObjectId>, usize) {
        let (repository, _) = scene.open();
        let mut bundle = Bundle::new().unwrap();
        let text = |n| format!("number {n} of {count}: {}", "the same again and again ".repeat(9));
        let ids = (0..count).map(|n| bundle.write(ObjectType::Blob, text(n).as_bytes()).unwrap()).collect();
        bundle.keep(&repository).unwrap();
        let packs = std::fs::read_dir(repository.git_folder().join("objects/pack")).unwrap();
        (ids, packs.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "pack")).count())
    }

    #[test]
    fn many_objects_are_one_file_and_few_are_a_file_each_and_git_finds_both() {
        let scene = Scene::new();
        let (few, packs) = kept(&scene, MANY - 1);
        assert_eq!(packs, 0);
        let (many, packs) = kept(&scene, MANY);
        assert_eq!(packs, 1);
        for id in few.iter().chain(&many) {
            let text = scene.git().run(&["cat-file", "blob", &id.to_string()]).unwrap().line();
            assert!(text.starts_with("number "), "{text}");
        }
        scene.git().run(&["fsck", "--strict"]).unwrap();
    }

    #[test]
    fn what_is_not_kept_is_nowhere() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        let id = Bundle::new().unwrap().write(ObjectType::Blob, b"never kept").unwrap();
        assert!(!repository.objects.odb().unwrap().exists(id));
    }
}
