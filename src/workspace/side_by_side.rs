//! Work that is done on all processors.

use std::panic::resume_unwind;
use std::thread;

use super::files::{FileProblem, Files};

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

/// Does work on things that takes files to read, part by part, in their order.
pub fn in_parts_of_files<T: Sync, R: Send>(
    files: &dyn Files,
    things: &[T],
    work: impl Fn(&dyn Files, &[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    let Some(shared) = files.shared().filter(|_| things.len() > FEW) else { return work(files, things) };
    let parts = in_parts(things, |some| {
        let mut done = Vec::new();
        vec![shared.with(&mut |files| done = work(files, some)).map(|()| done)]
    });
    // Whoever cannot open them once more reads them alone.
    let all: Result<Vec<Vec<R>>, FileProblem> = parts.into_iter().collect();
    all.map_or_else(|_| work(files, things), |parts| parts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::files::{FileEntry, SharedFiles, Stream};

    /// Files that hold nothing, and may be opened by several or not.
    struct Empty {
        opens: bool,
    }

    impl Files for Empty {
        fn list(&self, _: &str) -> Result<Vec<FileEntry>, FileProblem> {
            Ok(Vec::new())
        }

        fn read(&self, _: &str, _: u64) -> Result<Vec<u8>, FileProblem> {
            Err(FileProblem::Missing)
        }

        fn open(&self, _: &str, _: u64) -> Result<Stream, FileProblem> {
            Err(FileProblem::Missing)
        }

        fn shared(&self) -> Option<Box<dyn SharedFiles + '_>> {
            Some(Box::new(self))
        }
    }

    impl SharedFiles for &Empty {
        fn with(&self, work: &mut dyn FnMut(&dyn Files)) -> Result<(), FileProblem> {
            work(*self);
            if self.opens { Ok(()) } else { Err(FileProblem::Missing) }
        }
    }

    #[test]
    fn files_that_cannot_be_opened_once_more_are_read_alone() {
        let things: Vec<usize> = (0..1000).collect();
        for opens in [true, false] {
            let done = in_parts_of_files(&Empty { opens }, &things, |files, some| {
                some.iter().map(|thing| (*thing, files.read("posts/a.md", 9).is_err())).collect()
            });
            assert_eq!(done, things.iter().map(|thing| (*thing, true)).collect::<Vec<_>>());
        }
    }

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
