//! What the publisher has seen of decisions: what is new to it, and what it remembers although the commit is gone.

use std::collections::{BTreeSet, HashSet};

use super::commit::RawCommit;
use super::decisions::read;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use crate::ledger::{Seen, Sightings};
use crate::policy::evidence::Refused;
use crate::policy::{Evidence, Signature, Statement, Verb};

impl Repository {
    /// Says of each statement when it was first seen, and brings back those whose commit is on no branch any more: a no,
    /// what lifts a no, what takes back a yes, and what changes the policy. Their raw bytes are read and verified as if they lay on the branch.
    ///
    /// # Errors
    /// When history cannot be walked.
    pub fn remember(&self, evidence: &mut Evidence, sightings: &Sightings, trusted: ObjectId) -> Result<(), GitError> {
        let there: HashSet<&str> = evidence.statements.iter().map(|statement| statement.commit.as_str()).collect();
        let gone: Vec<_> = sightings.kept().filter(|(commit, _)| !there.contains(commit)).collect();
        let known: HashSet<String> = evidence.refused.iter().map(|refused| refused.commit.clone()).collect();
        for (commit, raw) in gone {
            match remembered(commit, raw) {
                Ok(mut statement) => {
                    statement.verbs.retain(Verb::outlives_its_commit);
                    statement.policy = statement.policy.filter(|policy| self.is_before(policy, trusted));
                    evidence.statements.push(statement);
                }
                Err(_) if known.contains(commit) => {}
                Err(reason) => evidence.refused.push(Refused { commit: commit.to_owned(), reason }),
            }
        }
        for statement in evidence.statements.iter_mut().filter(|statement| is_commit(statement)) {
            statement.seen = sightings.first_seen(&statement.commit);
        }
        Ok(())
    }

    /// The decisions of a workspace that the ledger does not know yet, or not by their own bytes where it is to keep
    /// those; in the order of their names. Comments decide nothing and are left out.
    ///
    /// # Errors
    /// When a commit cannot be read.
    pub fn unseen(&self, evidence: &Evidence, sightings: &Sightings, workspace: &str) -> Result<Vec<Seen>, GitError> {
        let is_new = |statement: &&Statement| {
            let decides = statement.verbs.iter().any(|verb| !matches!(verb, Verb::Comment { .. }));
            let is_known = match statement.verbs.iter().any(Verb::outlives_its_commit) {
                true => sightings.raw_of(&statement.commit).any(|raw| is_of(raw, &statement.commit)),
                false => sightings.first_seen(&statement.commit).is_some(),
            };
            decides && is_commit(statement) && statement.workspace == workspace && !is_known
        };
        let mut new = Vec::new();
        for statement in evidence.statements.iter().filter(is_new) {
            let keeps = statement.verbs.iter().any(Verb::outlives_its_commit);
            let raw = if keeps { Some(self.text_of(&statement.commit)?) } else { None };
            new.push(Seen { commit: statement.commit.clone(), raw });
        }
        new.sort_by(|a, b| a.commit.cmp(&b.commit));
        new.dedup_by(|a, b| a.commit == b.commit);
        Ok(new)
    }

    fn text_of(&self, commit: &str) -> Result<String, GitError> {
        let malformed = |why: &dyn std::fmt::Display| GitError::Objects(format!("commit {commit}: {why}"));
        let raw = self.raw_commit(commit.parse().map_err(|_| GitError::NoCommit(commit.to_owned()))?)?;
        let raw = raw.map_err(|why| malformed(&why))?;
        String::from_utf8(raw.bytes().to_vec()).map_err(|why| malformed(&why))
    }

    /// Whether a commit is on the trusted branch. One that is not here is not.
    fn is_before(&self, commit: &str, trusted: ObjectId) -> bool {
        commit.parse().is_ok_and(|commit| self.follows(trusted, commit).unwrap_or(false))
    }
}

/// Whether it lies on a branch. A review lies on the ledger itself, with the time at which it was first seen.
fn is_commit(statement: &Statement) -> bool {
    !matches!(statement.witness.signature, Signature::Review(_))
}

/// Whether these are the bytes that a commit has its name from.
fn is_of(raw: &str, commit: &str) -> bool {
    let id = git2::Oid::hash_object(git2::ObjectType::Commit, raw.as_bytes());
    id.is_ok_and(|id| id.to_string() == commit)
}

/// A statement out of a commit's raw bytes: those which hash to its name.
fn remembered(commit: &str, kept: &BTreeSet<String>) -> Result<Statement, String> {
    let Some(raw) = kept.iter().find(|raw| is_of(raw, commit)) else {
        return Err("the bytes that the ledger keeps of it are another commit's".to_owned());
    };
    let id: ObjectId = commit.parse().map_err(|_| "its name is no commit's".to_owned())?;
    let parsed = RawCommit::parse(raw.as_bytes()).map_err(|why| format!("the commit is malformed: {why}"))?;
    let said = read(parsed.message())?.ok_or("it decides nothing")?;
    Ok(said.by(id, &parsed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scene, draft};
    use crate::git::{APPROVALS, Branches, SecretKey};
    use crate::ledger::Sighting;
    use crate::ledger::fixtures::now;
    use crate::policy::HoldScope;
    use crate::workspace::PostId;

    /// A hold signed with a key, an approval, and a comment on the approvals branch; the hold's commit.
    fn decided(scene: &Scene) -> (ObjectId, ObjectId) {
        let base = scene.commit("x", "0");
        scene.push("main");
        let (repository, _) = scene.open();
        let post = PostId::new("launch").unwrap();
        let mut parents: Vec<ObjectId> = Vec::new();
        let mut hold = base;
        for verbs in
            [vec![Verb::Comment { post }], draft(base).verbs, vec![Verb::Hold { scope: HoldScope::Everything }]]
        {
            let stage = verbs.iter().any(|verb| matches!(verb, Verb::Approve { .. })).then(|| "legal".to_owned());
            let message = crate::git::Draft { verbs, stage, ..draft(base) }.message().unwrap();
            let unsigned = scene.decision(&message, &parents);
            let raw = repository.raw_commit(unsigned).unwrap().unwrap();
            hold = scene.object("commit", &SecretKey::from_seed([1; 32]).sign_commit(raw.bytes()).unwrap());
            parents = vec![hold];
        }
        repository.move_branch(APPROVALS, None, hold, "test").unwrap();
        (base, hold)
    }

    fn seen(repository: &Repository, branches: &Branches, base: ObjectId) -> Sightings {
        let evidence = repository.evidence(branches, base).unwrap();
        let new = repository.unseen(&evidence, &Sightings::default(), "0197c7b2").unwrap();
        let mut sightings = Sightings::default();
        Sighting::of("run", now(), new).into_iter().for_each(|sighting| sightings.add(sighting));
        sightings
    }

    #[test]
    fn a_no_that_was_seen_stays_although_its_commit_is_deleted_and_a_yes_does_not() {
        let scene = Scene::new();
        let (base, hold) = decided(&scene);
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let sightings = seen(&repository, &branches, base);
        scene.git().run(&["update-ref", "-d", &format!("refs/heads/{APPROVALS}")]).unwrap();
        let mut evidence = repository.evidence(&branches, base).unwrap();
        assert_eq!(evidence.statements, []);
        repository.remember(&mut evidence, &sightings, base).unwrap();
        let verbs: Vec<_> = evidence.statements.iter().flat_map(|said| said.verbs.clone()).collect();
        assert_eq!(verbs.len(), 2, "{verbs:?}");
        assert!(verbs.iter().all(|verb| matches!(verb, Verb::Hold { .. } | Verb::Reject { .. })), "{verbs:?}");
        let held = evidence.statements.iter().find(|said| said.commit == hold.to_string()).unwrap();
        assert_eq!(held.witness.signature, Signature::Valid(SecretKey::from_seed([1; 32]).public()));
        assert_eq!((held.policy.as_deref(), held.seen), (Some(base.to_string().as_str()), Some(now())));
        assert_eq!(evidence.refused, []);
    }

    #[test]
    fn what_is_there_is_only_dated_and_nothing_is_new_twice() {
        let scene = Scene::new();
        let (base, _) = decided(&scene);
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let sightings = seen(&repository, &branches, base);
        let mut evidence = repository.evidence(&branches, base).unwrap();
        assert!(repository.unseen(&evidence, &sightings, "0197c7b2").unwrap().is_empty());
        assert!(repository.unseen(&evidence, &Sightings::default(), "another").unwrap().is_empty());
        repository.remember(&mut evidence, &sightings, base).unwrap();
        assert_eq!(evidence.statements.len(), 3);
        let dated = |said: &&Statement| said.seen == Some(now());
        assert_eq!(evidence.statements.iter().filter(dated).count(), 2, "a comment is not kept");
    }

    #[test]
    fn who_writes_of_a_hold_before_the_publisher_did_makes_nobody_forget_it() {
        let scene = Scene::new();
        let (base, hold) = decided(&scene);
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        for raw in [None, Some("made up".to_owned())] {
            let mut sightings = Sightings::default();
            let forged = vec![Seen { commit: hold.to_string(), raw }];
            Sighting::of("other", now(), forged).into_iter().for_each(|sighting| sightings.add(sighting));
            let new = repository.unseen(&evidence, &sightings, "0197c7b2").unwrap();
            Sighting::of("run", now(), new).into_iter().for_each(|sighting| sightings.add(sighting));
            let mut left = Evidence::default();
            repository.remember(&mut left, &sightings, base).unwrap();
            assert!(left.statements.iter().any(|said| said.commit == hold.to_string()), "{left:?}");
            assert!(repository.unseen(&evidence, &sightings, "0197c7b2").unwrap().is_empty(), "kept once");
        }
    }

    #[test]
    fn bytes_that_are_not_the_commits_own_say_nothing() {
        let scene = Scene::new();
        let (base, hold) = decided(&scene);
        let (repository, branches) = scene.open();
        repository.fetch(&branches).unwrap();
        let raw = repository.text_of(&hold.to_string()).unwrap().replace("everything", "post other");
        let mut sightings = Sightings::default();
        let forged = Seen { commit: "f".repeat(40), raw: Some(raw) };
        Sighting::of("run", now(), vec![forged]).into_iter().for_each(|sighting| sightings.add(sighting));
        let mut evidence = repository.evidence(&branches, base).unwrap();
        repository.remember(&mut evidence, &sightings, base).unwrap();
        assert_eq!(evidence.statements.len(), 3);
        assert!(evidence.refused[0].reason.contains("another commit's"), "{evidence:?}");
    }
}
