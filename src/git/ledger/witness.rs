//! Where the ledger stands, and whether it is all there.
//!
//! Every push moves two refs together: the branch, and its witness `refs/greenlit/ledger`, which no host's pages show and
//! no habit deletes. A branch that does not contain its witness was put back or replaced, and a clone that has never seen
//! the ledger before notices it as well as one that has. Whoever rewrites both is noticed by clones that saw more.

use super::{GitLedger, failed, untrusted};
use crate::git::program::GitError;
use crate::git::remote::{Answered, WITNESS, seen_at};
use crate::git::repository::{Branches, LEDGER, ObjectId, Pushed, Repository};
use crate::ledger::StoreError;

/// The entry in the reflog.
const WHY: &str = "greenlit: publish";

impl Repository {
    /// Where the ledger's witness stands, as it was last fetched; without a remote, here.
    ///
    /// # Errors
    /// When refs cannot be read.
    pub fn witness(&self, branches: &Branches) -> Result<Option<ObjectId>, GitError> {
        match &branches.remote {
            Some(remote) => self.tip(&seen_at(remote, WITNESS)),
            None => self.tip(WITNESS),
        }
    }

    /// Whether the witness has what the branch does not.
    pub(in crate::git) fn witness_leads(&self, branches: &Branches) -> Result<bool, GitError> {
        match (self.shared_tip(branches, LEDGER)?, self.witness(branches)?) {
            (Some(branch), Some(witness)) => Ok(!self.follows(branch, witness)?),
            _ => Ok(false),
        }
    }

    /// The ledger's commit: on the remote, as it was fetched, or here where this clone knows more.
    pub(super) fn ledger_tip(&self, branches: &Branches, root: ObjectId) -> Result<ObjectId, StoreError> {
        let shared = self.shared_tip(branches, LEDGER).map_err(failed)?;
        let local = self.local_tip(LEDGER).map_err(failed)?;
        let witness = self.witness(branches).map_err(failed)?;
        // What does not come from the pinned commit bears witness to nothing.
        let witness = witness.filter(|witness| shared == Some(*witness) || self.descends(root, *witness));
        let back = Back { branches, witness };
        let tip = match (shared, local) {
            (None, _) if witness.is_some() => return Err(back.gone()),
            (Some(shared), Some(local)) if self.follows(shared, local).map_err(failed)? => shared,
            (Some(shared), Some(local)) if self.follows(local, shared).map_err(failed)? => local,
            (Some(_), Some(_)) => return Err(back.parted()),
            (Some(tip), None) | (None, Some(tip)) => tip,
            (None, None) => return Err(back.missing()),
        };
        let is_ledger = if self.glances() { self.has(root) } else { self.descends(root, tip) };
        if !is_ledger {
            return Err(back.replaced(root));
        }
        match (shared, witness) {
            (Some(shared), Some(witness)) if !self.follows(shared, witness).map_err(failed)? => {
                Err(back.rolled_back(self, shared, witness))
            }
            _ => Ok(tip),
        }
    }

    /// Refuses a ledger that does not come from the pinned commit.
    pub(super) fn refuse_replaced(&self, branches: &Branches, root: ObjectId, tip: ObjectId) -> Result<(), StoreError> {
        if self.descends(root, tip) { Ok(()) } else { Err(Back { branches, witness: None }.replaced(root)) }
    }

    fn descends(&self, root: ObjectId, tip: ObjectId) -> bool {
        self.ledger_whole(root, tip).is_some() || self.follows(tip, root).unwrap_or(false)
    }

    fn has(&self, id: ObjectId) -> bool {
        self.objects.odb().is_ok_and(|odb| odb.exists(id))
    }
}

/// How a ledger comes back that cannot be used as it is.
struct Back<'a> {
    branches: &'a Branches,
    witness: Option<ObjectId>,
}

impl Back<'_> {
    /// The command that puts the branch back to its witness.
    fn command(&self, witness: ObjectId, force: bool) -> String {
        match (&self.branches.remote, force) {
            (Some(remote), false) => format!("`git push {remote} {witness:.12}:refs/heads/{LEDGER}`"),
            (Some(remote), true) => format!("`git push --force {remote} {witness:.12}:refs/heads/{LEDGER}`"),
            (None, _) => format!("`git update-ref refs/heads/{LEDGER} {witness:.12}`"),
        }
    }

    fn place(&self) -> String {
        self.branches.remote.as_ref().map(|remote| format!(" of {remote}")).unwrap_or_default()
    }

    fn gone(&self) -> StoreError {
        let back = self.witness.map(|witness| self.command(witness, false)).unwrap_or_default();
        untrusted(
            format!("the branch {LEDGER}{} was deleted; its witness {WITNESS} is still there", self.place()),
            format!("find out who deleted it, and let nobody do so again; this puts it back:\n{back}"),
        )
    }

    fn missing(&self) -> StoreError {
        untrusted(
            format!("there is no branch {LEDGER}"),
            match &self.branches.remote {
                Some(remote) => format!(
                    "fetch it: `git fetch {remote}`; after `greenlit init`, push it: `git push {remote} {LEDGER}`; if it was deleted, push it from a clone that has it"
                ),
                None => "get it from a clone that has it: `git fetch CLONE greenlit/ledger:greenlit/ledger`".to_owned(),
            },
        )
    }

    fn parted(&self) -> StoreError {
        let remote = self.branches.remote.as_deref().unwrap_or("origin");
        untrusted(
            format!("the local branch {LEDGER} and the remote's have gone different ways"),
            format!(
                "compare them: `git log --oneline --graph {LEDGER} {remote}/{LEDGER}`; where the remote's is right, delete the local one: `git branch -D {LEDGER}`"
            ),
        )
    }

    fn replaced(&self, root: ObjectId) -> StoreError {
        let reason = format!("the branch {LEDGER} does not begin with the commit that greenlit.toml pins, {root}");
        let help = match self.witness {
            Some(witness) => format!(
                "somebody replaced the ledger or the pin; its witness still knows the pinned one, and this puts it back:\n{}",
                self.command(witness, true)
            ),
            None => "somebody replaced the ledger or the pin: push the right one from a clone that has it, or put the pin back".to_owned(),
        };
        untrusted(reason, help)
    }

    fn rolled_back(&self, repository: &Repository, branch: ObjectId, witness: ObjectId) -> StoreError {
        let place = self.place();
        let (ahead, behind) = repository.objects.graph_ahead_behind(witness, branch).unwrap_or_default();
        if behind == 0 {
            let missing =
                if ahead == 1 { "its last commit is".to_owned() } else { format!("its last {ahead} commits are") };
            return untrusted(
                format!(
                    "the branch {LEDGER}{place} was rolled back: {missing} missing, which its witness {WITNESS} still has"
                ),
                format!("find out who took it away and why; this puts it back:\n{}", self.command(witness, false)),
            );
        }
        untrusted(
            format!(
                "the branch {LEDGER}{place} and its witness {WITNESS} have gone different ways: one of them was rewritten"
            ),
            format!(
                "compare them: `git log --oneline --graph {branch:.12} {witness:.12}`; where the witness is right:\n{}",
                self.command(witness, true)
            ),
        )
    }
}

impl GitLedger<'_> {
    /// Why a rollback of the remote's ledger would not be noticed by a fresh clone: it took the branch and not the witness.
    pub fn unwitnessed(&self) -> Option<&str> {
        self.unwitnessed.as_deref()
    }

    /// Moves the branch and its witness to a commit, for everybody. `false` where another publisher was faster.
    pub(super) fn publish(&mut self, commit: ObjectId) -> Result<bool, StoreError> {
        let repository = self.repository;
        let moved = match &self.branches.remote {
            Some(remote) => self.push(&remote.clone(), commit).map_err(failed)?,
            None => repository.move_branch(LEDGER, Some(self.tip), commit, WHY).map_err(failed)?,
        };
        if moved && self.branches.remote.is_none() {
            repository.objects.reference(WITNESS, commit, true, WHY).map_err(|error| failed(error.into()))?;
        } else if moved && let Ok(Some(local)) = repository.local_tip(LEDGER) {
            // Only a copy of what was pushed: where it cannot follow, the remote's is read all the same.
            let _ = repository.move_branch(LEDGER, Some(local), commit, WHY);
        }
        Ok(moved)
    }

    fn push(&mut self, remote: &str, commit: ObjectId) -> Result<bool, GitError> {
        let branch = format!("refs/heads/{LEDGER}");
        for _ in 0..2 {
            if self.unwitnessed.is_some() {
                break;
            }
            match self.repository.push_to(remote, &[&branch, WITNESS], commit)? {
                Answered::Done => return Ok(true),
                Answered::Raced => return Ok(false),
                // Two publishers at the very same time: the next push finds out who was faster.
                Answered::Refused(error) if was_locked(&error) => {}
                Answered::Refused(error) => self.unwitnessed = Some(error.to_string()),
            }
        }
        match self.repository.push(remote, LEDGER, commit) {
            Err(error) if was_locked(&error) => Ok(false),
            pushed => Ok(pushed? == Pushed::Done),
        }
    }
}

/// Whether a server refused because it was moving that ref for somebody else.
fn was_locked(error: &GitError) -> bool {
    let words = error.to_string();
    ["cannot lock ref", "failed to update ref", "incorrect old value", "atomic transaction failed", "failed to lock"]
        .iter()
        .any(|locked| words.contains(locked))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Room, reason};
    use super::*;
    use crate::ledger::fixtures::{claim, key, now, published, uncertain};
    use crate::ledger::{Appended, Store};

    /// A room whose ledger holds a claim and a receipt, both pushed; and its tip.
    fn published_room() -> (Room, ObjectId) {
        let room = Room::shared();
        let (here, _) = room.scene.open();
        let mut ledger = room.open(&here).unwrap();
        ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        ledger.append("Record", &[published(&key("autumn"))]).unwrap();
        let tip = ledger.tip();
        assert_eq!(room.remote_ref(WITNESS), Some(tip), "every push moves the witness");
        (room, tip)
    }

    /// What a clone says of the ledger that has just fetched; the help where it refuses.
    fn looks(room: &Room, clone: &Repository) -> Result<ObjectId, (String, String)> {
        let told = |error: StoreError| match error {
            StoreError::Untrusted { reason, help } => (reason, help),
            other => panic!("{other:?}"),
        };
        let branches = clone.branches("main", "origin").unwrap();
        match clone.fetch(&branches) {
            Ok(()) => {}
            Err(GitError::Rewritten { ref help, .. } | GitError::Gone { ref help, .. }) => {
                return Err(("fetch".to_owned(), help.clone()));
            }
            Err(error) => panic!("{error:?}"),
        }
        room.open(clone).map(|ledger| ledger.tip()).map_err(told)
    }

    /// Types the first command that a message gives.
    fn typed(clone: &Repository, help: &str) {
        let command = help.split('`').find(|text| text.starts_with("git push")).unwrap_or_else(|| panic!("{help}"));
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        clone.program().run(&words).unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    #[test]
    fn a_ledger_rolled_back_by_one_commit_is_noticed_by_old_and_new_clones_and_comes_back() {
        let (room, tip) = published_room();
        let old = room.clone("old");
        assert_eq!(looks(&room, &old), Ok(tip));
        room.force(&format!("{tip}~1"), "refs/heads/greenlit/ledger");
        let (_, help) = looks(&room, &old).unwrap_err();
        assert!(help.contains(&format!("git push origin {tip:.12}:refs/heads/greenlit/ledger")), "{help}");
        let new = room.clone("new");
        let (reason, help) = looks(&room, &new).unwrap_err();
        assert!(reason.contains("rolled back: its last commit is missing"), "{reason}");
        assert!(room.open(&old).is_ok(), "what it last fetched of both was whole");
        typed(&new, &help);
        for clone in [&old, &new, &room.clone("newer")] {
            assert_eq!(looks(&room, clone), Ok(tip));
        }
    }

    #[test]
    fn a_plain_fetch_does_not_make_a_clone_forget() {
        let (room, tip) = published_room();
        let old = room.clone("old");
        looks(&room, &old).unwrap();
        room.force(&room.root.to_string(), "refs/heads/greenlit/ledger");
        old.program().run(&["fetch", "-q", "--prune", "origin"]).unwrap();
        let told = reason(room.open(&old));
        assert!(told.contains("its last 2 commits are missing"), "{told}");
        let (_, help) = looks(&room, &old).unwrap_err();
        typed(&old, &help);
        assert_eq!(looks(&room, &old), Ok(tip));
    }

    #[test]
    fn a_ledger_that_was_deleted_is_not_begun_anew() {
        let (room, tip) = published_room();
        let old = room.clone("old");
        looks(&room, &old).unwrap();
        room.force("", "refs/heads/greenlit/ledger");
        let new = room.clone("new");
        for clone in [&old, &new] {
            let (_, help) = looks(&room, clone).unwrap_err();
            assert!(help.contains(&format!("git push origin {tip:.12}:refs/heads/greenlit/ledger")), "{help}");
        }
        assert!(reason(room.open(&new)).contains("was deleted"));
        old.program().run(&["fetch", "-q", "--prune", "origin"]).unwrap();
        assert!(reason(room.open(&old)).contains("was deleted"));
        let (_, help) = looks(&room, &new).unwrap_err();
        typed(&new, &help);
        assert_eq!(looks(&room, &room.clone("newer")), Ok(tip));
    }

    #[test]
    fn a_ledger_with_another_first_commit_is_put_back_from_the_witness() {
        let (room, tip) = published_room();
        let anew = room.scene.decision("A new ledger", &[]);
        room.force(&anew.to_string(), "refs/heads/greenlit/ledger");
        let new = room.clone("new");
        let (reason, help) = looks(&room, &new).unwrap_err();
        assert!(reason.contains("does not begin with"), "{reason}");
        typed(&new, &help);
        for clone in [&new, &room.clone("newer")] {
            assert_eq!(looks(&room, clone), Ok(tip));
        }
    }

    #[test]
    fn a_branch_that_went_another_way_than_its_witness_is_not_guessed_at() {
        let (room, tip) = published_room();
        let (here, _) = room.scene.open();
        let notes = [("notes.txt".to_owned(), Some(b"x".to_vec()))];
        let fork = here.ledger_step(Some(room.root), &notes, "fork", now()).unwrap();
        room.force(&fork.to_string(), "refs/heads/greenlit/ledger");
        let new = room.clone("new");
        let (reason, help) = looks(&room, &new).unwrap_err();
        assert!(reason.contains("different ways"), "{reason}");
        typed(&new, help.split_once("right:\n").unwrap().1);
        assert_eq!(looks(&room, &room.clone("newer")), Ok(tip));
    }

    #[test]
    fn a_witness_that_is_gone_or_nonsense_is_made_anew() {
        let (room, tip) = published_room();
        let clone = room.clone("old");
        looks(&room, &clone).unwrap();
        room.force("", WITNESS);
        let mut ledger = room.open(&clone).unwrap();
        ledger.refresh().unwrap();
        assert!(matches!(ledger.append("Claim", &[claim(&key("winter"), "one")]), Ok(Appended::Done(_))));
        assert_eq!(room.remote_ref(WITNESS), Some(ledger.tip()));
        assert!(ledger.unwitnessed().is_none());

        // Put back, it proves nothing; to a clone that saw more, it was rewritten.
        room.force(&tip.to_string(), WITNESS);
        let (_, help) = looks(&room, &clone).unwrap_err();
        assert_eq!(looks(&room, &room.clone("new")), Ok(ledger.tip()));
        typed(&clone, &help);
        assert_eq!(looks(&room, &clone), Ok(ledger.tip()));
    }

    #[test]
    fn what_somebody_commits_by_hand_is_ahead_of_the_witness_and_is_judged_by_what_it_does() {
        let (room, tip) = published_room();
        let (here, _) = room.scene.open();
        let path = format!("{}/0002-published.json", super::super::tree::folder(&key("autumn").hash("0197c7b2")));
        let edited = here.ledger_step(Some(tip), &[(path, None)], "edit", now()).unwrap();
        room.force(&edited.to_string(), "refs/heads/greenlit/ledger");
        let clone = room.clone("new");
        assert_eq!(looks(&room, &clone), Ok(edited));
    }

    #[test]
    fn a_remote_that_takes_no_witness_gets_the_branch_and_says_so_once() {
        for refusal in [
            ("update", "case $1 in refs/greenlit/*) echo not here >&2; exit 1;; esac"),
            ("pre-receive", "while read old new name; do case $name in refs/greenlit/*) exit 1;; esac; done"),
        ] {
            let room = Room::shared();
            room.scene.remote_hook(refusal.0, refusal.1);
            takes_no_witness(&room);
        }
        let room = Room::shared();
        let remote = room.scene.remote.to_str().unwrap();
        room.scene.git().run(&["-C", remote, "config", "receive.advertiseAtomic", "false"]).unwrap();
        takes_no_witness(&room);
    }

    fn takes_no_witness(room: &Room) {
        let (here, _) = room.scene.open();
        let mut ledger = room.open(&here).unwrap();
        ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        assert!(ledger.unwitnessed().is_some());
        ledger.append("Record", &[published(&key("autumn"))]).unwrap();
        assert_eq!(room.remote_ref(WITNESS), None);
        assert_eq!(looks(room, &room.clone("new")), Ok(ledger.tip()));
        let (mut one, mut two) = (room.open(&here).unwrap(), room.open(&here).unwrap());
        one.append("Claim", &[claim(&key("winter"), "one")]).unwrap();
        assert_eq!(two.append("Claim", &[claim(&key("winter"), "two")]).unwrap(), Appended::Raced);
    }

    #[test]
    fn a_remote_that_refuses_the_branch_is_an_error() {
        let room = Room::shared();
        room.scene.remote_hook("pre-receive", "echo protected >&2; exit 1");
        let (here, _) = room.scene.open();
        let error = room.open(&here).unwrap().append("Claim", &[claim(&key("autumn"), "one")]).unwrap_err();
        assert!(error.to_string().contains("protected"), "{error}");
    }

    /// The server takes the push, and the connection breaks before it says so.
    #[test]
    fn a_push_whose_answer_is_lost_is_asked_after() {
        let (room, _) = published_room();
        room.scene.remote_hook("post-receive", "kill -9 $PPID");
        let (here, _) = room.scene.open();
        let mut ledger = room.open(&here).unwrap();
        assert!(matches!(ledger.append("Claim", &[claim(&key("winter"), "one")]), Ok(Appended::Done(_))));
        assert_eq!(room.remote_ref(WITNESS), Some(ledger.tip()));
        assert_eq!(room.remote_ref("refs/heads/greenlit/ledger"), Some(ledger.tip()));
        assert!(ledger.unwitnessed().is_none());
    }

    #[test]
    fn many_publishers_at_once_are_done_or_raced_and_nothing_is_lost() {
        let (room, _) = published_room();
        let clones: Vec<Repository> = (0..4).map(|n| room.clone(&format!("clone-{n}"))).collect();
        std::thread::scope(|scope| {
            for (n, clone) in clones.iter().enumerate() {
                let (room, root) = (&room, clone.root().to_owned());
                scope.spawn(move || {
                    let clone = room.scene.open_at(&root);
                    let mut ledger = room.open(&clone).unwrap();
                    for post in 0..3 {
                        let key = key(&format!("post-{n}-{post}"));
                        while ledger.append("Claim", &[claim(&key, "one")]).unwrap() == Appended::Raced {
                            ledger.refresh().unwrap();
                        }
                    }
                });
            }
        });
        let last = room.clone("last");
        looks(&room, &last).unwrap();
        assert_eq!(room.open(&last).unwrap().open().unwrap().keys.len(), 12);
        assert_eq!(room.remote_ref(WITNESS), room.remote_ref("refs/heads/greenlit/ledger"));
    }

    #[test]
    fn without_a_remote_the_witness_lies_here() {
        let room = Room::local();
        let (here, _) = room.scene.open();
        let mut ledger = room.open(&here).unwrap();
        ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
        ledger.append("Note", &[uncertain(&key("autumn"), 1)]).unwrap();
        let git = room.scene.git();
        git.run(&["update-ref", "refs/heads/greenlit/ledger", &format!("{}~1", ledger.tip())]).unwrap();
        assert!(reason(room.open(&here)).contains("rolled back"));
        git.run(&["branch", "-D", "greenlit/ledger"]).unwrap();
        let Err(StoreError::Untrusted { help, .. }) = room.open(&here) else { panic!("it is gone") };
        let command = help.split('`').nth(1).unwrap();
        git.run(&command.split(' ').skip(1).collect::<Vec<_>>()).unwrap();
        assert_eq!(room.open(&here).unwrap().tip(), ledger.tip());
    }
}
