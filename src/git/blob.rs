//! A large file out of git's objects, piece by piece. libgit2 unpacks objects as a whole; the `git` program can do
//! without.

use std::io::{self, Read};
use std::process::{Child, ChildStdout};

use super::program::{GitError, Program};
use super::repository::ObjectId;
use super::words::presentable;

/// Git unpacks what is larger piece by piece, and maps no more than a little of a pack at once. What a pack keeps as a difference to another file is put together as
/// a whole, in git's process; `.gitattributes` as `greenlit init` writes it keeps git from packing so.
const SETTINGS: [&str; 6] =
    ["-c", "core.bigFileThreshold=1m", "-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=8m"];

/// Bytes of what git says about a failure.
const MOST_WORDS: u64 = 4 << 10;

/// A file that is being read. Git is ended where it is dropped before.
pub struct Blob {
    child: Child,
    output: ChildStdout,
    left: u64,
}

impl Program {
    /// Reads a file of `size` bytes.
    ///
    /// # Errors
    /// When git is missing.
    pub fn blob(&self, id: ObjectId, size: u64) -> Result<Blob, GitError> {
        let id = id.to_string();
        let arguments: Vec<&str> = SETTINGS.into_iter().chain(["cat-file", "blob", &id]).collect();
        self.told(&arguments);
        let no_program = |error: io::Error| GitError::NoProgram(error.to_string());
        let mut child = self.command(&arguments, false).spawn().map_err(no_program)?;
        match child.stdout.take() {
            Some(output) => Ok(Blob { child, output, left: size }),
            None => Err(no_program(io::Error::other("it has no output"))),
        }
    }
}

impl Blob {
    /// Why git stopped early.
    fn broken(&mut self) -> io::Error {
        let mut words = Vec::new();
        if let Some(errors) = self.child.stderr.take() {
            let _ = errors.take(MOST_WORDS).read_to_end(&mut words);
        }
        io::Error::other(format!("git cat-file stopped {} bytes before the end: {}", self.left, presentable(&words)))
    }
}

impl Read for Blob {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || piece.is_empty() {
            return Ok(0);
        }
        let n = self.output.read(piece)?;
        match self.left.checked_sub(n as u64) {
            Some(_) if n == 0 => Err(self.broken()),
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => Err(io::Error::other("git cat-file says more than the file has")),
        }
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;
    use crate::workspace::{FileProblem, Files as _, Sha256};

    /// Bytes that no packing makes smaller, the same every time.
    fn film(bytes: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let step = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..bytes).map(step).collect()
    }

    fn read(mut from: impl Read, piece: usize) -> (u64, String) {
        let (mut hash, mut all, mut buffer) = (Sha256::default(), 0, vec![0; piece]);
        loop {
            match from.read(&mut buffer).unwrap() {
                0 => return (all, hash.hex()),
                n => {
                    hash.add(&buffer[..n]);
                    all += n as u64;
                }
            }
        }
    }

    #[test]
    fn a_film_comes_whole_loose_or_packed_and_from_elsewhere() {
        let scene = Scene::new();
        let film = film(6 << 20);
        std::fs::create_dir_all(scene.root.join("assets")).unwrap();
        std::fs::write(scene.root.join("assets/film.mp4"), &film).unwrap();
        let commit = scene.commit("posts/a.md", "a");
        let expected = (film.len() as u64, Sha256::of(&film));
        let open = |repository: &crate::git::Repository| {
            repository.files(commit).unwrap().open("assets/film.mp4", 7 << 20).unwrap_or_else(|e| panic!("{e}"))
        };
        assert_eq!(read(open(&scene.open().0), 1000), expected, "loose");
        scene.git().run(&["repack", "-adq"]).unwrap();
        let (repository, _) = scene.open();
        assert_eq!(read(open(&repository), 100_000), expected, "packed");
        let too_large = repository.files(commit).unwrap().open("assets/film.mp4", 1 << 20).map(|_| ());
        assert_eq!(too_large, Err(FileProblem::TooLarge { size: 6 << 20, limit: 1 << 20 }));

        let borrowed = tempfile::tempdir().unwrap();
        let (from, to) = (scene.root.display().to_string(), borrowed.path().join("clone"));
        scene.git().run(&["clone", "-q", "--shared", &from, &to.display().to_string()]).unwrap();
        let elsewhere = crate::git::Repository::discover(&to).unwrap();
        assert_eq!(read(open(&elsewhere), 100_000), expected, "objects of another repository");
    }

    #[test]
    fn git_is_ahead_of_its_reader_by_no_more_than_a_pipe_and_ends_with_it() {
        let scene = Scene::new();
        std::fs::write(scene.root.join("film.mp4"), film(6 << 20)).unwrap();
        scene.commit("posts/a.md", "a");
        let id = scene.git().run(&["rev-parse", "HEAD:film.mp4"]).unwrap().line().parse().unwrap();
        let mut blob = scene.git().blob(id, 6 << 20).unwrap();
        let mut piece = [0; 10];
        blob.read_exact(&mut piece).unwrap();
        assert_eq!(blob.left, (6 << 20) - 10);
        // It cannot end before the rest was taken.
        assert!(blob.child.try_wait().unwrap().is_none());
        drop(blob);
    }

    #[test]
    fn a_file_that_is_not_there_breaks_off_with_gits_words() {
        let scene = Scene::new();
        scene.commit("posts/a.md", "a");
        let mut blob = scene.git().blob(ObjectId::ZERO_SHA1, 10).unwrap();
        let error = blob.read(&mut [0; 10]).unwrap_err().to_string();
        assert!(error.contains("10 bytes before the end") && error.contains("0000000"), "{error}");
    }
}
