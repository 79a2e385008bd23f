//! What people decided, gathered from the branches that decisions lie on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use super::cache::{Encoded, Id};
use super::hear::{Depth, Heard, Place, Spoken, hear_out};
use super::program::GitError;
use super::repository::{Branches, ObjectId, Repository};
use super::walk::Walk;
use crate::policy::Evidence;
use crate::workspace::PostId;

/// The name of what is kept, with the form of it.
const KEPT: &str = "evidence";

/// What was heard on the branches up to their tips. Most of it is of posts that are out, and is neither verified nor even
/// decoded.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Kept {
    tips: Tips,
    /// All but what is kept by post: several [`Heard`].
    others: Encoded,
    by_post: Vec<OnPost>,
}

/// Where the branches stood.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Tips {
    trusted: Id,
    approvals: Vec<Id>,
}

/// Approvals of one post and comments on it. They touch nothing else, and die with their commits.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct OnPost {
    post: PostId,
    commits: Vec<Id>,
    /// Several [`Heard`].
    heard: Encoded,
}

/// All that was said on the branches, before anyone asks who says so.
#[derive(Debug)]
pub struct Overheard {
    kept: Kept,
    is_new: bool,
}

/// Listening that goes on beside other work, or has come to its end.
#[derive(Debug)]
pub enum Overhearing {
    /// It goes on.
    Going(JoinHandle<Result<Overheard, GitError>>),
    /// This is all.
    Done(Overheard),
}

impl Overhearing {
    /// What was overheard, once that is all.
    ///
    /// # Errors
    /// As for [`Repository::overhear`].
    pub fn end(self) -> Result<Overheard, GitError> {
        match self {
            Overhearing::Going(turn) => turn.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Overhearing::Done(overheard) => Ok(overheard),
        }
    }
}

impl Overheard {
    /// All but approvals of one post and comments on it: what a policy may rest on is among it.
    ///
    /// # Errors
    /// When what was heard cannot be read.
    pub fn apart_from_posts(&self) -> Result<Evidence, GitError> {
        Ok(told(decoded(&self.kept.others)?))
    }

    /// The commits that anybody names as the trusted ones whose rules they read.
    ///
    /// # Errors
    /// When what was heard cannot be read.
    pub fn policies(&self) -> Result<HashSet<ObjectId>, GitError> {
        let mut policies = HashSet::new();
        for heard in self.kept.by_post.iter().map(|on| &on.heard).chain([&self.kept.others]) {
            policies.extend(decoded(heard)?.iter().filter_map(Heard::policy));
        }
        Ok(policies)
    }
}

impl Repository {
    /// All that people decided: the commits of the approvals branches, and decision commits on the trusted branch. In the
    /// order of their names.
    ///
    /// # Errors
    /// When history is not whole, or a commit's parents cannot be read. A commit that is there and makes no sense is no
    /// error: it is among the refused.
    pub fn evidence(&self, branches: &Branches, trusted: ObjectId) -> Result<Evidence, GitError> {
        if self.cache().is_some() {
            return self.hear_out(self.overhear(branches, trusted)?, |_| true);
        }
        let tips = self.approvals_tips(branches)?;
        Ok(told(self.all(trusted, &tips, Depth::All)?))
    }

    /// Listens to what was said, as far as it is not remembered.
    ///
    /// # Errors
    /// As for [`Repository::evidence`].
    pub fn overhear(&self, branches: &Branches, trusted: ObjectId) -> Result<Overheard, GitError> {
        let approvals = self.approvals_tips(branches)?;
        let tips = Tips { trusted: trusted.into(), approvals: approvals.iter().copied().map(Id::from).collect() };
        let before: Option<Kept> = self.cache().and_then(|cache| cache.read(KEPT, &[]));
        let before = match before {
            Some(kept) if kept.tips == tips => return Ok(Overheard { kept, is_new: false }),
            before => before,
        };
        let grown = before.and_then(|kept| self.more(&kept, trusted, &approvals).transpose()).transpose()?;
        let heard = match grown {
            Some(heard) => heard,
            None => self.all(trusted, &approvals, Depth::Overhear)?,
        };
        Ok(Overheard { kept: Kept::of(tips, &heard)?, is_new: true })
    }

    /// Begins to overhear, beside whatever else is done meanwhile.
    pub fn begin_to_overhear(&self, branches: &Branches, trusted: ObjectId) -> Overhearing {
        let (place, branches, remembers) = (self.root().to_owned(), branches.clone(), self.cache().is_some());
        Overhearing::Going(thread::spawn(move || {
            let repository = Repository::discover(&place)?;
            let repository = if remembers { repository.remembering() } else { repository };
            repository.overhear(&branches, trusted)
        }))
    }

    /// What people decided, where approvals and comments may be left out that are on other posts than these, unless their
    /// commits are asked for.
    ///
    /// # Errors
    /// When a commit cannot be read.
    pub fn evidence_on(
        &self,
        overheard: Overheard,
        posts: &HashSet<&PostId>,
        commits: &HashSet<&str>,
    ) -> Result<Evidence, GitError> {
        let commits: HashSet<Id> =
            commits.iter().filter_map(|commit| commit.parse::<ObjectId>().ok()).map(Id::from).collect();
        self.hear_out(overheard, |on| {
            posts.contains(&on.post)
                || (!commits.is_empty() && on.commits.iter().any(|commit| commits.contains(commit)))
        })
    }

    /// Verifies what is wanted and was not verified before.
    fn hear_out(&self, overheard: Overheard, wanted: impl Fn(&OnPost) -> bool) -> Result<Evidence, GitError> {
        let Overheard { mut kept, mut is_new } = overheard;
        let mut heard: Vec<Heard> = decoded(&kept.others)?;
        for on in kept.by_post.iter().filter(|on| wanted(on)) {
            heard.extend(decoded(&on.heard)?);
        }
        let new: HashSet<Id> = heard.iter().filter(|heard| heard.is_overheard()).map(Heard::commit).collect();
        hear_out(self, &mut heard)?;
        if !new.is_empty() {
            is_new = true;
            kept.take_in(&heard, &new)?;
        }
        if let Some(cache) = self.cache().filter(|_| is_new) {
            cache.write(KEPT, &[], &kept);
        }
        Ok(told(heard))
    }

    /// Listens to the whole history.
    fn all(&self, trusted: ObjectId, tips: &[ObjectId], depth: Depth) -> Result<Vec<Heard>, GitError> {
        let mut spoken = Spoken::new(self)?;
        spoken.walk(&[trusted], Place::Trusted)?;
        spoken.walk(tips, Place::Approvals)?;
        let mut heard = spoken.listen(depth);
        for heard in &mut heard {
            heard.prove(|policy| spoken.place(policy) == Some(Place::Trusted));
        }
        Ok(heard)
    }

    /// Listens to what is new; `None` where the branches do not follow from where they were.
    fn more(&self, before: &Kept, trusted: ObjectId, tips: &[ObjectId]) -> Result<Option<Vec<Heard>>, GitError> {
        let old_trusted = ObjectId::from(before.tips.trusted);
        let old_tips: Vec<ObjectId> = before.tips.approvals.iter().copied().map(ObjectId::from).collect();
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

        let mut new = spoken.listen(Depth::Overhear);
        // What lay on the approvals branch and was merged is judged as what it is now.
        let again: HashSet<Id> = new.iter().map(Heard::commit).collect();
        let mut heard = before.heard()?;
        heard.retain(|old| !again.contains(&old.commit()) && !spoken.is_trusted_now(old));
        for old in &mut heard {
            old.prove(|policy| spoken.place(policy) == Some(Place::Trusted));
        }
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

impl Kept {
    fn of(tips: Tips, heard: &[Heard]) -> Result<Self, GitError> {
        let mut others = Vec::new();
        let mut by_post: BTreeMap<&PostId, Vec<&Heard>> = BTreeMap::new();
        for heard in heard {
            match heard.of_one_post() {
                Some(post) => by_post.entry(post).or_default().push(heard),
                None => others.push(heard),
            }
        }
        let by_post = by_post.into_iter().map(|(post, heard)| {
            let commits = heard.iter().map(|heard| heard.commit()).collect();
            Ok(OnPost { post: post.clone(), commits, heard: encoded(&heard)? })
        });
        Ok(Self { tips, others: encoded(&others)?, by_post: by_post.collect::<Result<_, GitError>>()? })
    }

    /// All that was heard.
    fn heard(&self) -> Result<Vec<Heard>, GitError> {
        let mut heard: Vec<Heard> = decoded(&self.others)?;
        for on in &self.by_post {
            heard.extend(decoded(&on.heard)?);
        }
        Ok(heard)
    }

    /// Keeps what was verified meanwhile.
    fn take_in(&mut self, heard: &[Heard], new: &HashSet<Id>) -> Result<(), GitError> {
        let mut by_post: HashMap<&PostId, Vec<&Heard>> = HashMap::new();
        for heard in heard {
            if let Some(post) = heard.of_one_post() {
                by_post.entry(post).or_default().push(heard);
            }
        }
        for on in self.by_post.iter_mut().filter(|on| on.commits.iter().any(|commit| new.contains(commit))) {
            on.heard = encoded(by_post.get(&on.post).map(Vec::as_slice).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// What was heard, in the order of the commits' names.
fn told(mut heard: Vec<Heard>) -> Evidence {
    heard.sort_unstable_by_key(Heard::commit);
    let mut evidence = Evidence::default();
    for heard in heard {
        heard.tell(&mut evidence);
    }
    evidence
}

fn encoded(heard: &[&Heard]) -> Result<Encoded, GitError> {
    Encoded::of(heard).ok_or_else(|| GitError::Objects("what people decided cannot be written down".to_owned()))
}

fn decoded(heard: &Encoded) -> Result<Vec<Heard>, GitError> {
    heard.decode().ok_or_else(|| GitError::Objects("what people decided cannot be read back".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::repository::APPROVALS;
    use crate::git::testing::{Scene, draft};
    use crate::git::{Draft, SecretKey};
    use crate::policy::{Dossiers, HoldScope, Signature, Verb};

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
    fn what_is_left_out_is_of_other_posts_alone() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (plain, branches) = scene.open();
        plain.fetch(&branches).unwrap();
        let posts = ["launch", "other", "third"].map(|name| PostId::new(name).unwrap());
        let verb = |text: &str| {
            let (kind, post) = text.split_once(' ').unwrap();
            let post = PostId::new(post).unwrap();
            match kind {
                "approve" => {
                    let approves = draft(base).verbs.into_iter().find_map(|verb| match verb {
                        Verb::Approve { account, digest, due, .. } => Some((account, digest, due)),
                        _ => None,
                    });
                    let (account, digest, due) = approves.unwrap();
                    Verb::Approve { post, account, digest, due }
                }
                "reject" => Verb::Reject { post },
                "hold" => Verb::Hold { scope: HoldScope::Post(post) },
                _ => Verb::Comment { post },
            }
        };
        let mut tips = Vec::new();
        let mut decide = |verbs: Vec<Verb>| {
            let text = if verbs.iter().all(|verb| matches!(verb, Verb::Comment { .. })) { "Hm" } else { "" };
            let stage = verbs.iter().any(|verb| matches!(verb, Verb::Approve { .. })).then(|| "legal".to_owned());
            let message = Draft { verbs, stage, text: text.into(), ..draft(base) }.message().unwrap();
            tips = vec![scene.decision(&message, &tips)];
            tips[0].to_string()
        };
        let approved = decide(vec![verb("approve launch")]);
        decide(vec![verb("approve launch"), verb("approve other")]);
        decide(vec![verb("comment other")]);
        let of_third = decide(vec![verb("approve third")]);
        let hold = decide(vec![verb("hold other")]);
        decide(vec![Verb::Withdraw { commit: approved }]);
        decide(vec![Verb::Resume { commit: hold }]);
        decide(vec![verb("reject third")]);
        decide(vec![Verb::Hold { scope: HoldScope::Everything }]);
        decide(vec![Verb::Withdraw { commit: of_third.clone() }]);
        scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &tips[0].to_string()]).unwrap();

        let all = plain.evidence(&branches, base).unwrap();
        assert_eq!(all.statements.len(), 10);
        let on = |posts: &[&PostId], commits: &[&str]| {
            let (posts, commits) = (posts.iter().copied().collect(), commits.iter().copied().collect());
            let listen = |repository: &Repository| {
                let overheard = repository.begin_to_overhear(&branches, base).end().unwrap();
                repository.evidence_on(overheard, &posts, &commits).unwrap()
            };
            let [first, again] = [(); 2].map(|()| listen(&scene.open().0.remembering()));
            assert_eq!((&first, &listen(&plain)), (&again, &again));
            again
        };
        assert_eq!(on(&[&posts[0], &posts[1], &posts[2]], &[]), all);
        scene.open().0.remembering().cache().unwrap().write(KEPT, &[], &());
        for wanted in &posts {
            let some = on(&[wanted], &[]);
            assert!(some.statements.len() < all.statements.len());
            let (some, all) = (Dossiers::new(&some), Dossiers::new(&all));
            assert_eq!(some.of(wanted), all.of(wanted));
            assert_eq!(some.about(wanted), all.about(wanted));
        }
        let none = on(&[], &[]);
        assert!(none.statements.iter().all(|statement| statement.commit != of_third));
        let asked_for = on(&[], &[&of_third]);
        assert!(asked_for.statements.iter().any(|statement| statement.commit == of_third));
        assert_eq!(scene.open().0.remembering().evidence(&branches, base).unwrap(), all);
    }

    #[test]
    fn what_was_only_overheard_is_verified_once_somebody_asks() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        scene.push("main");
        let (plain, branches) = scene.open();
        plain.fetch(&branches).unwrap();
        let post = PostId::new("autumn-launch").unwrap();
        let verbs = draft(base).verbs.into_iter().filter(|verb| matches!(verb, Verb::Approve { .. })).collect();
        let approval = scene.decision(&Draft { verbs, ..draft(base) }.message().unwrap(), &[]);
        let key = SecretKey::from_seed([1; 32]);
        let signed = key.sign_commit(plain.raw_commit(approval).unwrap().unwrap().bytes()).unwrap();
        let altered = String::from_utf8(signed.clone()).unwrap().replace("Looks good", "Looks fine").into_bytes();
        for (bytes, counts) in [(signed, true), (altered, false)] {
            let id = scene.object("commit", &bytes);
            scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
            let listen = |posts: &[&PostId]| {
                let repository = scene.open().0.remembering();
                let overheard = repository.overhear(&branches, base).unwrap();
                repository.evidence_on(overheard, &posts.iter().copied().collect(), &HashSet::new()).unwrap()
            };
            assert!(listen(&[]).statements.is_empty());
            let evidence = listen(&[&post]);
            assert_eq!(evidence, plain.evidence(&branches, base).unwrap());
            assert_eq!(evidence.statements[0].witness.signature == Signature::Valid(key.public()), counts);
            // It is remembered as verified, and its commit is not asked again.
            let kept: Kept = scene.open().0.remembering().cache().unwrap().read(KEPT, &[]).unwrap();
            assert!(kept.heard().unwrap().iter().all(|heard| !heard.is_overheard()));
            assert_eq!(listen(&[&post]), evidence);
        }
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
        let heard = plain.all(approved, &[], Depth::All).unwrap();
        let tips = Tips { trusted: base.into(), approvals: Vec::new() };
        let lie = Kept::of(tips, &heard).unwrap();
        remembering.cache().unwrap().write(KEPT, &[], &lie);
        assert_eq!(remembering.evidence(&branches, base).unwrap().statements.len(), 1, "the lie is well made");
        assert!(plain.evidence(&branches, base).unwrap().statements.is_empty());
    }
}
