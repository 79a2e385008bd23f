//! What people decided, gathered from the branches that decisions lie on.

use std::collections::HashSet;

use super::commit::RawCommit;
use super::decisions::{Said, read};
use super::program::GitError;
use super::repository::{Branches, ObjectId, Repository};
use super::signature::verify;
use super::walk::Walk;
use crate::policy::evidence::Refused;
use crate::policy::{Evidence, Statement, Witness};

impl Repository {
    /// All that people decided: the commits of the approvals branches, and decision commits on the trusted branch.
    ///
    /// # Errors
    /// When history is not whole, or a commit's parents cannot be read. A commit that is there and makes no sense is no
    /// error: it is among the refused.
    pub fn evidence(&self, branches: &Branches, trusted: ObjectId) -> Result<Evidence, GitError> {
        let mut evidence = Evidence::default();
        let mut walk = Walk::new(self, &[trusted], HashSet::new())?;
        for id in walk.by_ref() {
            self.hear(id?, Place::Trusted, &mut evidence)?;
        }
        let on_trusted = walk.seen();
        for id in Walk::new(self, &self.approvals_tips(branches)?, on_trusted.clone())? {
            self.hear(id?, Place::Approvals, &mut evidence)?;
        }
        for statement in &mut evidence.statements {
            let known = |policy: &String| policy.parse().is_ok_and(|id: ObjectId| on_trusted.contains(&id));
            statement.policy = statement.policy.take().filter(known);
        }
        Ok(evidence)
    }

    /// Takes in one commit, if it decides anything.
    fn hear(&self, id: ObjectId, place: Place, evidence: &mut Evidence) -> Result<(), GitError> {
        let odb = self.objects.odb()?;
        let object = odb.read(id)?;
        if !mentions_us(object.data()) {
            return Ok(());
        }
        let heard = match RawCommit::parse(object.data()) {
            Ok(commit) => match read(commit.message()) {
                Ok(None) => return Ok(()),
                Ok(Some(said)) => self.fits(&commit, place)?.map(|()| said.by(id, &commit)),
                Err(reason) => Err(reason),
            },
            Err(why) => Err(format!("the commit is malformed: {why}")),
        };
        match heard {
            Ok(statement) => evidence.statements.push(statement),
            Err(reason) => evidence.refused.push(Refused { commit: id.to_string(), reason }),
        }
        Ok(())
    }

    /// A decision changes no files on the approvals branch, and is no merge anywhere.
    fn fits(&self, commit: &RawCommit, place: Place) -> Result<Result<(), String>, GitError> {
        let tree_before = match commit.parents() {
            [] => None,
            [parent] => Some(self.links(&self.objects.odb()?, *parent)?.tree),
            _ => {
                return Ok(
                    Err("it is a merge, which decides nothing: make the decision again on top of it".to_owned()),
                );
            }
        };
        let unchanged = match tree_before {
            Some(tree) => tree == commit.tree(),
            None => self.objects.find_tree(commit.tree())?.is_empty(),
        };
        Ok(match place {
            Place::Approvals if !unchanged => Err("it changes files, which a decision may not".to_owned()),
            Place::Approvals | Place::Trusted => Ok(()),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Trusted,
    Approvals,
}

/// A quick look that spares most commits the reading.
fn mentions_us(bytes: &[u8]) -> bool {
    bytes.windows(9).any(|window| window.eq_ignore_ascii_case(b"greenlit-"))
}

impl Said {
    /// What a commit states whose message says this.
    pub(super) fn by(self, id: ObjectId, commit: &RawCommit) -> Statement {
        let Said { workspace, policy, policy_approvals, stage, stands_in_for, reply_to, line, verbs, sign_offs, text } =
            self;
        let committer = commit.committer();
        let (name, email) = (committer.name.clone(), committer.email.clone());
        let witness = Witness { signature: verify(commit), name, email, sign_offs };
        Statement {
            commit: id.to_string(),
            witness,
            dated: committer.date,
            workspace,
            policy,
            policy_approvals,
            stage,
            stands_in_for,
            reply_to,
            line,
            seen: None,
            verbs,
            text,
        }
    }
}

#[cfg(test)]
mod tests {
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
}
