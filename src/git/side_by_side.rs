//! Reading of objects on all processors, each with a handle of its own.

use super::program::GitError;
use super::repository::Repository;
use crate::workspace::side_by_side::{FEW, in_parts};

impl Repository {
    /// Does work that reads objects, part by part, each part with a handle of its own; in the order of the things.
    ///
    /// # Errors
    /// When a handle cannot be had, or work on a part fails.
    pub fn share_out<T: Sync, R: Send>(
        &self,
        things: &[T],
        work: impl Fn(&Repository, &[T]) -> Result<Vec<R>, GitError> + Sync,
    ) -> Result<Vec<R>, GitError> {
        if things.len() <= FEW {
            return work(self, things);
        }
        let root = self.root();
        let parts = in_parts(things, |some| vec![Repository::apart(root).and_then(|own| work(&own, some))]);
        Ok(parts.into_iter().collect::<Result<Vec<Vec<R>>, GitError>>()?.into_iter().flatten().collect())
    }
}
