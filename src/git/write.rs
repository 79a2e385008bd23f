//! Making a decision: a commit on the approvals branch, signed, pushed, and rebuilt where somebody was faster.

use chrono::{DateTime, SecondsFormat, Utc};

use super::decisions::Draft;
use super::program::{GitError, Program};
use super::repository::{APPROVALS, Branches, ObjectId, Pushed, Repository};
use super::signature::verify;
use super::signer::{Signer, Way};
use crate::policy::Signature;

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its commit.
    pub commit: ObjectId,
    /// Whether others can see it.
    pub shared: Shared,
}

/// Whether a decision has left this clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// It is on this remote.
    Pushed(String),
    /// There is no remote to push to.
    NoRemote,
    /// Nobody asked for it.
    NotAsked,
    /// It stands here, and could not be pushed; why.
    Failed(String),
}

/// Times that somebody else may be faster in a row.
const TRIES: usize = 8;

impl Repository {
    /// The committer as git knows them: name and address.
    ///
    /// # Errors
    /// When git does not know who you are.
    pub fn committer(&self) -> Result<(String, String), GitError> {
        let answer = self.program().ask(&["var", "GIT_COMMITTER_IDENT"], None)?;
        let line = answer.line();
        let person = line.split_once('<').and_then(|(name, rest)| Some((name.trim(), rest.split_once('>')?.0.trim())));
        match person {
            Some((name, email)) if answer.success() && !email.is_empty() => Ok((name.to_owned(), email.to_owned())),
            _ => Err(GitError::Nobody),
        }
    }

    /// Makes a decision: signs it where a signer is given, and pushes it where `push` is set and there is a remote. Where
    /// somebody else pushed meanwhile, it is made again on top of that.
    ///
    /// # Errors
    /// When it cannot be made or signed. One that was made and could not be pushed is no error: see [`Shared`].
    pub fn decide(
        &self,
        branches: &Branches,
        draft: &Draft,
        signer: Option<&Signer>,
        now: DateTime<Utc>,
        push: bool,
    ) -> Result<Decided, GitError> {
        let message = draft.message()?;
        let date = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let git = self.program().clone().with("GIT_AUTHOR_DATE", &date).with("GIT_COMMITTER_DATE", &date);
        // Where our own branch stands: before this decision, then at the one that lost a race.
        let mut local = self.local_tip(APPROVALS)?;
        let mut tips = self.approvals_tips(branches)?;
        for _ in 0..TRIES {
            let parent = self.union(&git, &tips)?;
            let commit = self.decision(&git, parent, &message, signer)?;
            if !self.move_branch(APPROVALS, local, commit, &draft.subject)? {
                local = self.local_tip(APPROVALS)?;
                tips = self.approvals_tips(branches)?;
                continue;
            }
            let Some(remote) = &branches.remote else { return Ok(Decided { commit, shared: Shared::NoRemote }) };
            if !push {
                return Ok(Decided { commit, shared: Shared::NotAsked });
            }
            let pushed = match self.push(remote, APPROVALS, commit) {
                Ok(Pushed::Raced) => self.fetch(branches).map(|()| Pushed::Raced),
                other => other,
            };
            match pushed {
                Ok(Pushed::Done) => return Ok(Decided { commit, shared: Shared::Pushed(remote.clone()) }),
                Err(error) => return Ok(Decided { commit, shared: Shared::Failed(error.to_string()) }),
                Ok(Pushed::Raced) => {
                    local = Some(commit);
                    tips = parent.into_iter().chain(self.shared_tip(branches, APPROVALS)?).collect();
                }
            }
        }
        Err(GitError::Busy(APPROVALS))
    }

    /// One commit that all tips lead to: the one that follows from the others, or a merge that says nothing.
    fn union(&self, git: &Program, tips: &[ObjectId]) -> Result<Option<ObjectId>, GitError> {
        let mut tips = tips.iter().copied();
        let Some(mut tip) = tips.next() else { return Ok(None) };
        for other in tips {
            if self.follows(tip, other)? {
                continue;
            }
            tip = if self.follows(other, tip)? {
                other
            } else {
                let message = "Join the decisions of two clones\n";
                self.commit_tree(git, Some(tip), &[tip, other], message, &[])?
            };
        }
        Ok(Some(tip))
    }

    fn decision(
        &self,
        git: &Program,
        parent: Option<ObjectId>,
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<ObjectId, GitError> {
        let parents: Vec<ObjectId> = parent.into_iter().collect();
        let Some(signer) = signer else { return self.commit_tree(git, parent, &parents, message, &[]) };
        let commit = match signer.way() {
            Way::Git => self.commit_tree(git, parent, &parents, message, &["-S"])?,
            Way::InProcess(key) => {
                let unsigned = self.commit_tree(git, parent, &parents, message, &[])?;
                let odb = self.objects.odb()?;
                let signed = key.sign_commit(odb.read(unsigned)?.data())?;
                odb.write(git2::ObjectType::Commit, &signed)?
            }
        };
        let signature = match self.raw_commit(commit)? {
            Ok(raw) => verify(&raw),
            Err(why) => Signature::Invalid(why.to_string()),
        };
        match signature {
            Signature::Valid(_) => Ok(commit),
            Signature::Invalid(why) => Err(GitError::NotSigned(why)),
            Signature::Missing | Signature::Review(_) => Err(GitError::NotSigned("git made no signature".to_owned())),
        }
    }

    /// A commit with the files of another one, or none.
    fn commit_tree(
        &self,
        git: &Program,
        like: Option<ObjectId>,
        parents: &[ObjectId],
        message: &str,
        options: &[&str],
    ) -> Result<ObjectId, GitError> {
        let tree = match like {
            Some(commit) => self.links(&self.objects.odb()?, commit)?.tree,
            None => self.objects.treebuilder(None)?.write()?,
        };
        let (tree, parents): (_, Vec<_>) = (tree.to_string(), parents.iter().map(ToString::to_string).collect());
        let mut arguments = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-F", "-"];
        arguments.extend(options);
        arguments.extend(parents.iter().flat_map(|parent| ["-p", parent.as_str()]));
        arguments.push(&tree);
        Ok(git.run_with(&arguments, Some(message.as_bytes()))?.line().parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::SecretKey;
    use crate::git::testing::{Scene, draft};
    use crate::policy::Verb;
    use crate::workspace::PostId;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_248_000, 0).unwrap()
    }

    fn reject(post: &str, policy: ObjectId) -> Draft {
        Draft {
            subject: format!("Reject {post}"),
            text: "Wrong price".into(),
            stage: None,
            verbs: vec![Verb::Reject { post: PostId::new(post).unwrap() }],
            ..draft(policy)
        }
    }

    /// Two clones of one workspace whose trusted branch is pushed.
    fn shared() -> (Scene, ObjectId) {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        scene.git().run(&["fetch", "-q"]).unwrap();
        (scene, base)
    }

    fn decisions(repository: &Repository, branches: &Branches, base: ObjectId) -> Vec<String> {
        let evidence = repository.evidence(branches, base).unwrap();
        assert_eq!(evidence.refused, []);
        let mut posts: Vec<String> = evidence.statements.iter().map(|said| format!("{:?}", said.verbs)).collect();
        posts.sort();
        posts.dedup();
        posts
    }

    #[test]
    fn decisions_follow_one_another_signed_and_pushed() {
        let (scene, base) = shared();
        let (repository, branches) = scene.open_as_noor();
        let signer = Signer::with_key(SecretKey::from_seed([9; 32]));
        for post in ["one", "two"] {
            let decided = repository.decide(&branches, &reject(post, base), Some(&signer), now(), true).unwrap();
            assert_eq!(decided.shared, Shared::Pushed("origin".into()));
            assert_eq!(repository.remote_tip("origin", APPROVALS).unwrap(), Some(decided.commit));
        }
        let evidence = repository.evidence(&branches, base).unwrap();
        let key = SecretKey::from_seed([9; 32]).public();
        assert!(evidence.statements.iter().all(|said| said.witness.signature == Signature::Valid(key.clone())));
        assert_eq!(evidence.statements.len(), 2);
        assert_eq!(evidence.statements[0].dated, now());
    }

    #[test]
    fn of_two_clones_that_decide_at_once_neither_loses_its_decision() {
        let (scene, base) = shared();
        let (ours, branches) = scene.open_as_noor();
        let elsewhere = scene.clone_to("other");
        let theirs = scene.open_at(&elsewhere);
        theirs.decide(&branches, &reject("theirs", base), None, now(), true).unwrap();
        // Ours has not fetched: its push is refused and it decides again on top.
        let decided = ours.decide(&branches, &reject("ours", base), None, now(), true).unwrap();
        assert_eq!(decided.shared, Shared::Pushed("origin".into()));
        assert_eq!(decisions(&ours, &branches, base).len(), 2);
        assert_eq!(ours.local_tip(APPROVALS).unwrap(), Some(decided.commit));
        theirs.fetch(&branches).unwrap();
        assert_eq!(decisions(&theirs, &branches, base).len(), 2);
    }

    #[test]
    fn decisions_made_offline_in_two_clones_come_together() {
        let (scene, base) = shared();
        let (ours, branches) = scene.open_as_noor();
        let elsewhere = scene.clone_to("other");
        let theirs = scene.open_at(&elsewhere);
        theirs.decide(&branches, &reject("theirs", base), None, now(), true).unwrap();
        let offline = ours.decide(&branches, &reject("offline", base), None, now(), false).unwrap();
        assert_eq!(offline.shared, Shared::NotAsked);
        ours.fetch(&branches).unwrap();
        ours.decide(&branches, &reject("online", base), None, now(), true).unwrap();
        theirs.fetch(&branches).unwrap();
        assert_eq!(decisions(&theirs, &branches, base).len(), 3);
    }

    #[test]
    fn a_decision_that_cannot_be_pushed_is_kept() {
        let (scene, base) = shared();
        let (repository, branches) = scene.open_as_noor();
        scene.remote_hook("pre-receive", "exit 1");
        let decided = repository.decide(&branches, &reject("one", base), None, now(), true).unwrap();
        assert!(matches!(decided.shared, Shared::Failed(_)), "{decided:?}");
        assert_eq!(repository.local_tip(APPROVALS).unwrap(), Some(decided.commit));
    }

    #[test]
    fn without_a_remote_it_stands_here() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.git().run(&["remote", "remove", "origin"]).unwrap();
        let (repository, branches) = scene.open_as_noor();
        let decided = repository.decide(&branches, &reject("one", base), None, now(), true).unwrap();
        assert_eq!(decided.shared, Shared::NoRemote);
        assert_eq!(decisions(&repository, &branches, base).len(), 1);
        assert_eq!(repository.committer().unwrap(), ("Noor Haddad".into(), "noor@example.com".into()));
    }
}
