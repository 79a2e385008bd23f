//! Work that is done on all processors.

use std::panic::resume_unwind;
use std::thread;

use super::program::GitError;
use super::repository::Repository;

/// More threads are no faster: the disk is one.
const MOST_THREADS: usize = 8;
/// Fewer things than this are not worth a thread of their own.
const FEWEST: usize = 32;

/// Does the same to each of the things; in their order.
pub(super) fn side_by_side<T: Sync, R: Send>(things: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    in_parts(things, |some| some.iter().map(&each).collect())
}

/// Does work on the things, part by part, in their order.
fn in_parts<T: Sync, R: Send>(things: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let few = things.len().div_ceil(threads).max(FEWEST);
    if things.len() <= few {
        return work(things);
    }
    let work = &work;
    thread::scope(|scope| {
        let turns: Vec<_> = things.chunks(few).map(|some| scope.spawn(move || work(some))).collect();
        // A thread that panics takes all down: nothing may be overheard.
        turns.into_iter().flat_map(|turn| turn.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

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
        if things.len() <= FEWEST {
            return work(self, things);
        }
        let root = self.root();
        let parts = in_parts(things, |some| vec![Repository::discover(root).and_then(|own| work(&own, some))]);
        Ok(parts.into_iter().collect::<Result<Vec<Vec<R>>, GitError>>()?.into_iter().flatten().collect())
    }
}
