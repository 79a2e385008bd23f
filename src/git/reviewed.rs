//! Commits that somebody reviewed: they lie on no branch of ours, and have to be fetched.

use git2::ErrorCode;

use super::program::GitError;
use super::remote_run::FETCH;
use super::repository::{Branches, ObjectId, Repository};

impl Repository {
    /// A commit that was reviewed, fetched where it is not here: by one of these refs of the remote, or by its own name, which
    /// not every server gives out. `None` where the remote does not have it any more.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn reviewed(&self, branches: &Branches, commit: &str, refs: &[String]) -> Result<Option<ObjectId>, GitError> {
        let Ok(id) = commit.parse::<ObjectId>() else { return Ok(None) };
        let is_here = || self.objects.find_commit(id).is_ok();
        let Some(remote) = &branches.remote else { return Ok(is_here().then_some(id)) };
        for name in refs.iter().map(String::as_str).chain([commit]) {
            if is_here() {
                break;
            }
            let arguments = ["fetch", "--no-tags", "--no-write-fetch-head", "--refmap=", remote, name];
            // That a server does not have one, or does not give it out, is what the next is for.
            self.program().ask_remote(remote, &arguments, FETCH)?;
        }
        Ok(is_here().then_some(id))
    }

    /// The commit from which two went different ways; `None` where they have nothing in common.
    ///
    /// # Errors
    /// When history cannot be walked.
    pub fn common_ancestor(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, GitError> {
        match self.objects.merge_base(one, other) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The first parent of a commit; `None` for one without.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn first_parent(&self, commit: ObjectId) -> Result<Option<ObjectId>, GitError> {
        Ok(self.links(&self.objects.odb()?, commit)?.parents.first().copied())
    }
}
