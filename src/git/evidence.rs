//! What people decided, gathered from the branches that decisions lie on.

use std::collections::HashSet;

use super::cache::Id;
use super::hear::{Heard, Place, Spoken};
use super::program::GitError;
use super::repository::{Branches, ObjectId, Repository};
use super::walk::Walk;
use crate::policy::Evidence;

/// The name of what is kept, with the form of it.
const KEPT: &str = "evidence";

/// What was heard on the branches up to their tips.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Kept {
    trusted: Option<Id>,
    approvals: Vec<Id>,
    heard: Vec<Heard>,
}

impl Repository {
    /// All that people decided: the commits of the approvals branches, and decision commits on the trusted branch. In the
    /// order of their names.
    ///
    /// # Errors
    /// When history is not whole, or a commit's parents cannot be read. A commit that is there and makes no sense is no
    /// error: it is among the refused.
    pub fn evidence(&self, branches: &Branches, trusted: ObjectId) -> Result<Evidence, GitError> {
        let tips = self.approvals_tips(branches)?;
        let before: Option<Kept> = self.cache().and_then(|cache| cache.read(KEPT, &[]));
        let at = (Some(Id::from(trusted)), tips.iter().copied().map(Id::from).collect::<Vec<_>>());
        let kept = match before {
            Some(kept) if kept.trusted == at.0 && kept.approvals == at.1 => kept,
            before => {
                let grown = before.and_then(|kept| self.more(kept, trusted, &tips).transpose()).transpose()?;
                let mut heard = match grown {
                    Some(heard) => heard,
                    None => self.all(trusted, &tips)?,
                };
                heard.sort_by(|a, b| a.commit().cmp(b.commit()));
                let kept = Kept { trusted: at.0, approvals: at.1, heard };
                if let Some(cache) = self.cache() {
                    cache.write(KEPT, &[], &kept);
                }
                kept
            }
        };
        let mut evidence = Evidence::default();
        for heard in kept.heard {
            heard.tell(&mut evidence);
        }
        Ok(evidence)
    }

    /// Listens to the whole history.
    fn all(&self, trusted: ObjectId, tips: &[ObjectId]) -> Result<Vec<Heard>, GitError> {
        let mut spoken = Spoken::new(self)?;
        spoken.walk(&[trusted], Place::Trusted)?;
        spoken.walk(tips, Place::Approvals)?;
        let mut heard = spoken.listen();
        for heard in &mut heard {
            heard.prove(|policy| spoken.place(policy) == Some(Place::Trusted));
        }
        Ok(heard)
    }

    /// Listens to what is new; `None` where the branches do not follow from where they were.
    fn more(&self, before: Kept, trusted: ObjectId, tips: &[ObjectId]) -> Result<Option<Vec<Heard>>, GitError> {
        let Some(old_trusted) = before.trusted.map(ObjectId::from) else { return Ok(None) };
        let old_tips: Vec<ObjectId> = before.approvals.iter().copied().map(ObjectId::from).collect();
        let follows = |later: ObjectId, earlier| self.follows(later, earlier).unwrap_or(false);
        let reached = |old: &ObjectId| tips.iter().chain([&trusted]).any(|tip| follows(*tip, *old));
        if !follows(trusted, old_trusted) || !old_tips.iter().all(reached) {
            return Ok(None);
        }
        let mut spoken = Spoken::new(self)?;
        let mut hidden = old_tips;
        hidden.push(trusted);
        let walked = spoken.walk_new(&[trusted], &[old_trusted], Place::Trusted)?
            && spoken.walk_new(tips, &hidden, Place::Approvals)?;
        if !walked {
            return Ok(None);
        }

        let new = spoken.listen();
        // What lay on the approvals branch and was merged is judged as what it is now.
        let again: HashSet<String> = new.iter().map(|heard| heard.commit().to_owned()).collect();
        let mut heard = before.heard;
        heard.retain(|old| !again.contains(old.commit()) && !spoken.is_trusted_now(old));
        for old in &mut heard {
            old.prove(|policy| spoken.place(policy) == Some(Place::Trusted));
        }
        let mut new = new;
        let sought: HashSet<ObjectId> = new.iter().filter_map(Heard::unproved).collect();
        let proved = self.among(trusted, sought)?;
        new.iter_mut().for_each(|new| new.prove(|policy| proved.contains(&policy)));
        heard.extend(new);
        Ok(Some(heard))
    }

    /// Those of the commits that are on a branch. The walk ends where all were found.
    fn among(&self, tip: ObjectId, sought: HashSet<ObjectId>) -> Result<HashSet<ObjectId>, GitError> {
        let mut found = HashSet::new();
        if sought.is_empty() {
            return Ok(found);
        }
        for id in Walk::new(self, &[tip], HashSet::new())? {
            let id = id?;
            if sought.contains(&id) {
                found.insert(id);
                if found.len() == sought.len() {
                    break;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::SecretKey;
    use crate::git::repository::APPROVALS;
    use crate::git::testing::{Scene, draft};
    use crate::policy::Signature;

    #[test]
    fn what_was_drafted_is_what_is_read() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let draft = draft(base);
        let id = scene.decision(&draft.message().unwrap(), &[]);
        repository.move_branch(APPROVALS, None, id, "test").unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        let [statement] = &evidence.statements[..] else { panic!("{evidence:?}") };
        assert_eq!(statement.verbs, draft.verbs);
        assert_eq!(statement.policy, Some(base.to_string()));
        assert_eq!(statement.stage.as_deref(), Some("legal"));
        assert_eq!(statement.text, draft.text);
        assert_eq!(statement.witness.sign_offs, ["noor@example.com"]);
        assert_eq!(statement.witness.signature, Signature::Missing);
    }

    #[test]
    fn a_signed_decision_names_its_key_and_an_altered_one_does_not() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let unsigned = scene.decision(&draft(base).message().unwrap(), &[]);
        let key = SecretKey::from_seed([1; 32]);
        let bytes = key.sign_commit(repository.raw_commit(unsigned).unwrap().unwrap().bytes()).unwrap();
        let altered = String::from_utf8(bytes.clone()).unwrap().replace("other", "osher").into_bytes();
        let (signed, altered) = (scene.object("commit", &bytes), scene.object("commit", &altered));
        for (id, expected) in [(signed, true), (altered, false)] {
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
            let evidence = repository.evidence(&branches, base).unwrap();
            let valid = evidence.statements[0].witness.signature == Signature::Valid(key.public());
            assert_eq!(valid, expected);
        }
    }

    #[test]
    fn the_roles_of_a_commit_that_is_not_on_the_trusted_branch_are_no_roles() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let elsewhere = scene.commit("roles.toml", "mallory = true");
        let id = scene.decision(&draft(elsewhere).message().unwrap(), &[]);
        repository.move_branch(APPROVALS, None, id, "test").unwrap();
        assert_eq!(repository.evidence(&branches, base).unwrap().statements[0].policy, None);
    }

    #[test]
    fn a_decision_on_the_approvals_branch_changes_no_files_and_is_no_merge() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let message = draft(base).message().unwrap();
        let (one, two) = (scene.decision("one", &[]), scene.decision("two", &[]));
        let merge = scene.decision(&message, &[one, two]);
        std::fs::write(scene.root.join("y"), "1").unwrap();
        let with_files = scene.commit_all(&message);
        for (id, why) in [(merge, "merge"), (with_files, "changes files")] {
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
            let evidence = repository.evidence(&branches, base).unwrap();
            assert!(evidence.statements.is_empty() && evidence.refused[0].reason.contains(why), "{evidence:?}");
        }
        // On the trusted branch a decision may come with the files of a pull request.
        let evidence = repository.evidence(&branches, with_files).unwrap();
        assert_eq!(evidence.statements[0].commit, with_files.to_string());
    }

    #[test]
    fn a_rejection_dropped_from_one_side_is_still_heard_from_the_other() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let id = scene.decision(&draft(base).message().unwrap(), &[]);
        repository.push("origin", APPROVALS, id).unwrap();
        let other = scene.decision("unrelated", &[]);
        repository.move_branch(APPROVALS, None, other, "test").unwrap();
        assert_eq!(repository.evidence(&branches, base).unwrap().statements.len(), 1);
    }

    #[test]
    fn a_malformed_commit_silences_nobody() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, branches) = scene.open_as_noor();
        repository.fetch(&branches).unwrap();
        let veto = scene.decision(&draft(base).message().unwrap(), &[]);
        let tree = repository.raw_commit(veto).unwrap().unwrap().tree();
        let bad = format!("tree {tree}\nparent {veto}\nauthor x\ncommitter y\n\nGreenlit-Reject: x\n");
        let bad = scene.object("commit", bad.as_bytes());
        let reference = scene.root.join(".git/refs/heads").join(APPROVALS);
        std::fs::create_dir_all(reference.parent().unwrap()).unwrap();
        std::fs::write(&reference, format!("{bad}\n")).unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        assert_eq!(evidence.statements[0].commit, veto.to_string());
        let [refused] = &evidence.refused[..] else { panic!("{evidence:?}") };
        assert!(refused.commit == bad.to_string() && refused.reason.contains("malformed"), "{refused:?}");

        // Decisions go on above it.
        let decided = repository.decide(&branches, &draft(base), None, chrono::DateTime::UNIX_EPOCH, true).unwrap();
        assert_eq!(decided.shared, crate::git::Shared::Pushed("origin".into()));
        assert_eq!(repository.evidence(&branches, base).unwrap().statements.len(), 2);
    }

    #[test]
    fn what_is_new_is_heard_as_if_all_were_new() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (plain, branches) = scene.open();
        plain.fetch(&branches).unwrap();
        let heard = |trusted| {
            let fresh = plain.evidence(&branches, trusted).unwrap();
            for turn in ["first", "again"] {
                let remembered = scene.open().0.remembering().evidence(&branches, trusted).unwrap();
                assert_eq!(remembered, fresh, "{turn}");
            }
            fresh
        };
        let approvals = |tip: ObjectId| {
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &tip.to_string()]).unwrap();
        };
        assert!(heard(base).statements.is_empty());
        let one = scene.decision(&draft(base).message().unwrap(), &[]);
        approvals(one);
        assert_eq!(heard(base).statements.len(), 1);

        // A decision with files, which names a commit that is not on the trusted branch yet.
        let elsewhere = scene.commit("y", "1");
        std::fs::write(scene.root.join("z"), "1").unwrap();
        let with_files = scene.commit_all(&draft(elsewhere).message().unwrap());
        let named = scene.decision(&draft(elsewhere).message().unwrap(), &[one]);
        approvals(scene.decision("both", &[named, with_files]));
        let evidence = heard(base);
        assert_eq!((evidence.statements.len(), evidence.refused.len()), (2, 1));
        assert_eq!(evidence.statements.iter().filter(|statement| statement.policy.is_some()).count(), 1);

        // Both come to the trusted branch.
        let evidence = heard(with_files);
        assert_eq!((evidence.statements.len(), evidence.refused.len()), (3, 0));
        assert!(evidence.statements.iter().all(|statement| statement.policy.is_some()));

        // The branches are put back: what they held is forgotten.
        assert_eq!(heard(base).statements.len(), 2);
        approvals(one);
        assert_eq!(heard(base).statements.len(), 1);
    }

    #[test]
    fn who_does_not_remember_reads_no_lies() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (plain, branches) = scene.open();
        plain.fetch(&branches).unwrap();
        let remembering = scene.open().0.remembering();
        let approved = scene.commit_all(&draft(base).message().unwrap());
        let heard = plain.all(approved, &[]).unwrap();
        let lie = Kept { trusted: Some(base.into()), approvals: Vec::new(), heard };
        remembering.cache().unwrap().write(KEPT, &[], &lie);
        assert_eq!(remembering.evidence(&branches, base).unwrap().statements.len(), 1, "the lie is well made");
        assert!(plain.evidence(&branches, base).unwrap().statements.is_empty());
    }
}
