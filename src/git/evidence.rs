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
            let repository = Repository::apart(&place)?;
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
        if depth == Depth::Overhear {
            self.steps.replace(spoken.steps());
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
mod tests;
