//! A look at a ledger whose history is left alone.
//!
//! Who only looks at a plan need not walk every commit since the first one. A delivery of which nothing is there was either
//! never touched, or somebody took its entries away; git itself tells the two apart: whatever a publisher wrote of a
//! delivery came with a mark, whose bytes follow from the delivery's key, and git keeps an object under the hash of its
//! bytes for as long as any commit of the ledger has it. Where there is no such object, nothing was ever written. What is
//! out, or was taken down, is final. In all other cases the history is walked after all.

use git2::{ObjectType, OdbLookupFlags};

use super::losses::Losses;
use super::tree::mark;
use super::{GitLedger, failed};
use crate::git::repository::{ObjectId, Repository};
use crate::ledger::{DeliveryKey, StoreError};

impl Repository {
    /// Whether this object is in no commit that a branch has. Says so only where it is sure.
    fn is_nowhere(&self, id: ObjectId) -> bool {
        let exists = self.objects.odb().map(|odb| odb.exists_ext(id, OdbLookupFlags::NO_REFRESH));
        exists.is_ok_and(|exists| !exists) && !self.is_partial()
    }

    /// Whether objects may be missing that the branches have: a clone made with `--filter`.
    fn is_partial(&self) -> bool {
        let promised = || {
            let config = self.objects.config()?;
            let mut promised = config.entries(Some(r"^(remote\..*\.promisor|extensions\.partialclone)$"))?;
            Ok::<bool, git2::Error>(promised.next().is_some())
        };
        promised().unwrap_or(true)
    }
}

impl GitLedger<'_> {
    /// What was taken away, by the whole history.
    pub(super) fn losses(&self) -> Result<&Losses, StoreError> {
        if let Some(losses) = self.losses.get() {
            return Ok(losses);
        }
        let GitLedger { repository, branches, workspace, root, tip, .. } = self;
        repository.refuse_replaced(branches, *root, *tip)?;
        let losses = repository.ledger_losses(*root, *tip, workspace).map_err(failed)?;
        Ok(self.losses.get_or_init(|| losses))
    }

    /// Whether no publisher ever wrote anything of a delivery. Says so only where it is sure.
    pub(super) fn was_never_touched(&self, key: &DeliveryKey) -> bool {
        let id = ObjectId::hash_object(ObjectType::Blob, &mark(key));
        id.is_ok_and(|id| self.repository.is_nowhere(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Room;
    use super::super::tree;
    use super::*;
    use crate::git::testing::Scene;
    use crate::ledger::fixtures::{WORKSPACE, claim, failed as refused, key, published, retracted};
    use crate::ledger::{State, Store};

    /// Opened as for a plan in a fresh clone.
    fn glancing(scene: &Scene) -> Repository {
        let git = scene.root.join(".git/greenlit");
        let _ = std::fs::remove_dir_all(git);
        scene.open().0.remembering().glancing()
    }

    /// A ledger that leads far into the past: the commits behind its last are taken out of the object store.
    fn without_past(room: &Room) {
        let commits = room.scene.git().run(&["rev-list", "greenlit/ledger~1"]).unwrap().line();
        for id in commits.lines().filter(|id| **id != room.root.to_string()) {
            std::fs::remove_file(room.scene.root.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        }
    }

    #[test]
    fn what_is_out_and_what_was_never_taken_on_are_told_without_the_past() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let mut ledger = room.open(&repository).unwrap();
        ledger.append("Claim", &[claim(&key("autumn"), "one"), claim(&key("winter"), "one")]).unwrap();
        let outcomes = [published(&key("autumn")), refused(&key("winter"), false), retracted(&key("summer"), 0)];
        ledger.append("Record", &outcomes).unwrap();
        without_past(&room);
        let glancing = glancing(&room.scene);
        let ledger = room.open(&glancing).unwrap();
        assert!(matches!(ledger.state(&key("autumn")), Ok(State::Published(_))));
        assert!(matches!(ledger.state(&key("spring")), Ok(State::New)));
        assert!(matches!(ledger.state(&key("summer")), Ok(State::Retracted(_))));
        assert!(ledger.sightings().is_ok());
        assert!(ledger.state(&key("winter")).is_err(), "what may yet be sent is held against the past");
        let (walking, _) = room.scene.open();
        assert!(room.open(&walking).is_err(), "the past is gone");
    }

    #[test]
    fn entries_that_were_taken_away_are_noticed_at_a_glance() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let mut ledger = room.open(&repository).unwrap();
        ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        ledger.append("Record", &[published(&key("autumn")), retracted(&key("summer"), 0)]).unwrap();
        let files = tree::folder(&key("autumn").hash(WORKSPACE));
        for gone in ["deliveries".to_owned(), format!("{files}/0002-published.json"), files] {
            let whole = room.open(&repository).unwrap().tip();
            let lost = room.tamper(&repository, &gone, None);
            let glancing = glancing(&room.scene);
            let told = room.open(&glancing).unwrap().state(&key("autumn")).unwrap_err().to_string();
            assert!(told.contains(&lost.to_string()[..10]) && told.contains("autumn"), "{gone}: {told}");
            let settled = room.open(&glancing).unwrap().state(&key("summer"));
            assert_eq!(settled.is_err(), gone == "deliveries", "{gone}: {settled:?}");
            room.scene.git().run(&["update-ref", "refs/heads/greenlit/ledger", &whole.to_string()]).unwrap();
        }
    }

    #[test]
    fn a_clone_that_lacks_objects_proves_nothing_by_it() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        let never = |scene: &Scene| room.open(&glancing(scene)).unwrap().was_never_touched(&key("autumn"));
        assert!(never(&room.scene));
        room.scene.git().run(&["config", "remote.origin.promisor", "true"]).unwrap();
        assert!(!never(&room.scene));
        room.scene.git().run(&["config", "--unset", "remote.origin.promisor"]).unwrap();
        room.open(&repository).unwrap().append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        assert!(!never(&room.scene));
    }

    #[test]
    fn who_walked_the_past_once_goes_on_from_there() {
        let room = Room::local();
        let (repository, _) = room.scene.open();
        room.open(&repository).unwrap().append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        let looks = || glancing(&room.scene);
        assert!(room.open(&looks()).unwrap().losses.get().is_none());
        room.open(&room.scene.open().0.remembering()).unwrap();
        let again = room.scene.open().0.remembering().glancing();
        assert!(room.open(&again).unwrap().losses.get().is_some());
    }

    #[test]
    fn a_ledger_that_is_not_the_pinned_one_is_no_ledger_at_a_glance_either() {
        let room = Room::local();
        let glancing = glancing(&room.scene);
        let branches = glancing.branches("main", "origin").unwrap();
        let elsewhere = "1".repeat(40);
        let opened = GitLedger::open(&glancing, &branches, WORKSPACE, Some(&elsewhere), crate::ledger::fixtures::now());
        assert!(matches!(opened, Err(StoreError::Untrusted { .. })), "{opened:?}");
        // One that has the pinned commit beside it is found out when something could be sent.
        let base = room.scene.commit("y", "0");
        room.scene.git().run(&["update-ref", "refs/heads/greenlit/ledger", &base.to_string()]).unwrap();
        room.scene.git().run(&["update-ref", "-d", "refs/greenlit/ledger"]).unwrap();
        let ledger = room.open(&glancing).unwrap();
        assert!(matches!(ledger.losses(), Err(StoreError::Untrusted { .. })));
    }
}
