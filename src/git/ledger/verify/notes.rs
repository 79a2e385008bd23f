//! The notes of what was said: each comes with a claim that says it, and each claim leaves one.

use std::collections::BTreeMap;

use super::{File, Mends, Walk};
use crate::git::ledger::texts::{FOLDER, note};
use crate::git::objects::tree_lines;
use crate::git::program::GitError;
use crate::git::repository::ObjectId;
use crate::ledger::Entry;

/// What one commit brings.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Those that its claims ask for, by their paths.
    due: BTreeMap<String, ObjectId>,
    /// Those that it has.
    new: BTreeMap<String, ObjectId>,
}

impl Walk<'_, '_, '_> {
    /// Takes in an entry that the commit brings, and that is as it should be.
    pub(super) fn expect_note(&mut self, entry: &Entry) -> Result<(), GitError> {
        if let Some((path, bytes)) = note(entry, &self.ledger.workspace) {
            self.notes.due.insert(path, ObjectId::hash_object(git2::ObjectType::Blob, &bytes)?);
        }
        Ok(())
    }

    /// Takes in a note that the commit brings.
    pub(super) fn found_note(&mut self, path: &str, file: File) {
        self.notes.new.insert(path.to_owned(), file.id);
    }

    /// Holds the notes that a commit brings against its claims, once all of it was looked at.
    pub(super) fn hold_notes(&mut self, commit: ObjectId, tree: ObjectId) -> Result<(), GitError> {
        let Notes { due, new } = std::mem::take(&mut self.notes);
        for (path, id) in &new {
            if due.get(path) != Some(id) {
                self.wrong.insert(path.clone(), *id);
                self.raise(commit, Some(path), "no claim that came with it says this", Mends::Gone(*id));
            }
        }
        // A ledger without any is of the time before there were notes.
        let has_notes = !due.is_empty() && self.trees.folder(tree, FOLDER)?.is_some();
        for (path, id) in due.into_iter().filter(|(path, _)| has_notes && !new.contains_key(path)) {
            if self.file_at(tree, &path)? != Some(id) {
                let what = "the claim is not noted here, so nobody is told where its text is said again";
                self.raise(commit, Some(&path), what, Mends::Back(id));
            }
        }
        Ok(())
    }

    fn file_at(&mut self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>, GitError> {
        let Some((folder, name)) = path.rsplit_once('/') else { return Ok(None) };
        let Some(folder) = self.trees.folder_at(tree, folder)? else { return Ok(None) };
        let folder = self.trees.read(folder)?;
        Ok(tree_lines(&folder).flatten().find(|line| line.name == name.as_bytes()).map(|line| line.id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{room, told, walk};
    use super::*;
    use crate::ledger::fixtures::{WORKSPACE, claim, key};
    use crate::ledger::{DeliveryKey, codec};

    fn note_of(key: &DeliveryKey) -> (String, Vec<u8>) {
        note(&claim(key, "one"), WORKSPACE).unwrap()
    }

    #[test]
    fn a_note_that_is_gone_or_changed_is_told_until_it_is_back() {
        let (room, repository) = room();
        let (path, bytes) = note_of(&key("autumn"));
        room.tamper(&repository, &path, None);
        assert_eq!(told(&walk(&room, &repository)), ["it was taken away"]);
        room.tamper(&repository, &path, Some(&bytes));
        assert_eq!(told(&walk(&room, &repository)), ["(it was taken away)"]);
        room.tamper(&repository, &path, Some(b"rubbish"));
        assert!(told(&walk(&room, &repository)).contains(&"it was changed".to_owned()));
    }

    #[test]
    fn a_note_that_no_claim_left_is_told_until_it_is_gone() {
        let (room, repository) = room();
        let (path, bytes) = note_of(&key("spring"));
        room.tamper(&repository, &path, Some(&bytes));
        assert_eq!(told(&walk(&room, &repository)), ["no claim that came with it says this"]);
        room.tamper(&repository, &path, None);
        assert_eq!(told(&walk(&room, &repository)), ["(no claim that came with it says this)"]);
    }

    #[test]
    fn a_claim_without_its_note_is_told_where_the_ledger_has_notes() {
        let (spring, bytes) = (key("spring"), codec::encode(&claim(&key("spring"), "one")).unwrap());
        let place = super::super::tests::place(&spring, "0001-claim.json");
        let (room, repository) = room();
        room.tamper(&repository, &place, Some(&bytes));
        let told = |walked| told(&walked).into_iter().filter(|told| told.contains("noted here")).count();
        assert_eq!(told(walk(&room, &repository)), 1);

        let room = super::super::super::tests::Room::local();
        let (repository, _) = room.scene.open();
        room.tamper(&repository, &place, Some(&bytes));
        assert_eq!(told(walk(&room, &repository)), 0, "it was written before there were notes");
    }
}
