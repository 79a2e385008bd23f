//! Work that is done on all processors.

use std::panic::resume_unwind;
use std::thread;

/// More threads are no faster: the disk is one.
const MOST_THREADS: usize = 8;
/// So many things and fewer are not worth a thread of their own.
pub const FEW: usize = 32;

/// Does the same to each of the things; in their order.
pub fn side_by_side<T: Sync, R: Send>(things: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    in_parts(things, |some| some.iter().map(&each).collect())
}

/// Does work on the things, part by part, in their order.
pub fn in_parts<T: Sync, R: Send>(things: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let few = things.len().div_ceil(threads).max(FEW);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_in_order() {
        for count in [0, 1, FEW, FEW + 1, 1000] {
            let things: Vec<usize> = (0..count).collect();
            assert_eq!(
                side_by_side(&things, |thing| thing * 2),
                things.iter().map(|thing| thing * 2).collect::<Vec<_>>()
            );
        }
    }
}
