//! The chain of policies, followed from a pinned root beside other work.

use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};

use super::policy::{self, POLICY_FILES};
use crate::cli::Failure;
use crate::cli::root::Root;
use crate::git::{Branches, GitError, Id, ObjectId, Overheard, Repository};
use crate::policy::Chain;

/// The name in the cache.
const NAME: &str = "policy";

/// What was said on the branches, and the policies that follow from it.
pub(super) struct Followed {
    pub said: Overheard,
    pub chain: Chain,
}

/// A chain that is being followed.
pub(super) struct Following(JoinHandle<Result<Followed, Failure>>);

impl Following {
    /// Begins to listen to what was said on the branches, and to follow the policies from the root to the tip.
    pub fn begin(repository: &Repository, branches: &Branches, tip: ObjectId, root: Root, now: DateTime<Utc>) -> Self {
        let (place, glances, branches) = (repository.root().to_owned(), repository.glances(), branches.clone());
        Self(thread::spawn(move || {
            let repository = Repository::apart(&place)?.remembering();
            let repository = if glances { repository.glancing() } else { repository };
            let said = repository.overhear(&branches, tip)?;
            let (mut evidence, named) = (said.apart_from_posts()?, said.policies()?);
            let chain = policy::chain(&repository, &branches, tip, &root, &mut evidence, &named, now)?;
            Ok(Followed { said, chain })
        }))
    }

    /// What was found, once that is all.
    ///
    /// # Errors
    /// When the root is not on the trusted branch's line, its policy cannot be used, or history is not whole.
    pub fn end(self) -> Result<Followed, Failure> {
        self.0.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// The commit whose policy was in force the last time that somebody looked; else the tip. Mostly it still is, and whoever
/// reads under it compares afterwards.
pub(super) fn likely(repository: &Repository, tip: ObjectId) -> ObjectId {
    let last = repository.cache().and_then(|cache| cache.read::<Id>(NAME, &[])).map(ObjectId::from);
    last.filter(|last| repository.files(*last).is_ok()).unwrap_or(tip)
}

/// Whether two commits have the same policy. Keeps the one that is in force for the next time, where it is another.
///
/// # Errors
/// When a commit is not here.
pub(super) fn was_right(repository: &Repository, guess: ObjectId, in_force: ObjectId) -> Result<bool, GitError> {
    let (guessed, right) = (repository.files(guess)?, repository.files(in_force)?);
    let same = POLICY_FILES.iter().all(|path| guessed.blob(path).ok() == right.blob(path).ok());
    if let Some(cache) = repository.cache().filter(|_| !same) {
        cache.write(NAME, &[], &Id::from(in_force));
    }
    Ok(same)
}
