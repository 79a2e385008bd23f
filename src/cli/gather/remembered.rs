//! Posts that were read and rendered before, so that only what is new is read again.
//!
//! A post is remembered where its bytes, the media that it names, the settings, and what each account's network can do
//! are what they were; and only if nothing at all was wrong with it. An outline and the digests are kept, for that is all
//! that people are shown; whoever needs the text reads it again.

use std::cell::Cell;

use super::posts::Known;
use crate::git::{Cache, CommitFiles, Id};
use crate::plan::BrokenFile;
use crate::workspace::{Memory, PostId};

/// The name in the cache.
const NAME: &str = "posts";

/// What is remembered of the posts of one commit.
pub struct Remembered {
    cache: Cache,
    /// All that posts depend on together.
    common: Vec<u8>,
    /// The commit's files.
    tree: Id,
    changed: Cell<bool>,
}

/// The posts of some commit.
#[derive(serde::Serialize, serde::Deserialize)]
struct Outlines<P> {
    /// The commit's files, where nothing under `posts/` has an error: an error may be gone though the files are the same,
    /// as when an object that was missing is fetched.
    tree: Option<Id>,
    posts: P,
}

/// What is remembered when a commit is to be read.
pub enum Before {
    /// The posts of these very files, all of them sound.
    All(Vec<Known>),
    /// Posts of another commit, by path.
    Some(Vec<Known>),
}

/// Recalls the posts of a commit from those of an earlier one.
pub struct Recall<'a> {
    files: &'a CommitFiles<'a>,
    before: &'a [Known],
}

impl Remembered {
    /// What is remembered for these settings and networks, in their exact words, and a commit's files.
    pub fn of(cache: &Cache, common: Vec<u8>, files: &CommitFiles<'_>) -> Self {
        let tree = files.tree().into();
        Self { cache: cache.clone(), common, tree, changed: Cell::new(false) }
    }

    /// The posts of the commit that was read last.
    pub fn before(&self) -> Before {
        match self.cache.read::<Outlines<Vec<Known>>>(NAME, &[&self.common]) {
            Some(found) if found.tree == Some(self.tree) => Before::All(found.posts),
            found => Before::Some(found.map(|found| found.posts).unwrap_or_default()),
        }
    }

    /// Takes in that something was learnt.
    pub fn change(&self) {
        self.changed.set(true);
    }

    /// Keeps what was learnt for the next time.
    pub fn keep(&self, posts: &[Known], broken: &[BrokenFile]) {
        if self.changed.replace(false) {
            let tree = Some(self.tree).filter(|_| broken.is_empty());
            self.cache.write(NAME, &[&self.common], &Outlines { tree, posts });
        }
    }
}

impl<'a> Recall<'a> {
    /// Recalls the posts that are in a commit what they were before.
    pub fn new(before: &'a [Known], files: &'a CommitFiles<'a>) -> Self {
        Self { files, before }
    }
}

impl Memory for Recall<'_> {
    fn recall(&self, path: &str) -> Option<PostId> {
        let at = self.before.binary_search_by(|known| known.path.as_str().cmp(path)).ok()?;
        let known = self.before.get(at)?;
        known.origin.as_ref().is_some_and(|origin| origin.is_in(path, self.files)).then(|| known.id.clone())
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty()
    }
}
