//! Walks through history that stop only where they cannot go on.
//!
//! libgit2's refuse a commit with any odd header, so that one push would silence a whole branch. Here such a commit is
//! passed on, and whoever reads it says what is wrong with it. Only one whose parents cannot be read ends the walk.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::program::GitError;
use super::repository::{ObjectId, Repository};

/// A walk, newest first.
pub(super) struct Walk<'r> {
    repository: &'r Repository,
    odb: git2::Odb<'r>,
    seen: HashSet<ObjectId>,
    waiting: BinaryHeap<Waiting>,
}

/// A commit by its date, then by when it was met; and its parents.
type Waiting = (i64, Reverse<usize>, ObjectId, Vec<ObjectId>);

impl<'r> Walk<'r> {
    /// A walk from some commits on that leaves out what `known` has.
    pub fn new(repository: &'r Repository, tips: &[ObjectId], known: HashSet<ObjectId>) -> Result<Self, GitError> {
        let odb = repository.objects.odb()?;
        let mut walk = Self { repository, odb, seen: known, waiting: BinaryHeap::new() };
        tips.iter().try_for_each(|tip| walk.meet(*tip))?;
        Ok(walk)
    }

    fn meet(&mut self, id: ObjectId) -> Result<(), GitError> {
        if self.seen.insert(id) {
            let links = self.repository.links(&self.odb, id)?;
            self.waiting.push((links.seconds, Reverse(self.seen.len()), id, links.parents));
        }
        Ok(())
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<ObjectId, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, _, id, parents) = self.waiting.pop()?;
        Some(parents.into_iter().try_for_each(|parent| self.meet(parent)).map(|()| id))
    }
}

impl Repository {
    /// A commit and all that it follows from.
    ///
    /// # Errors
    /// When history cannot be walked.
    pub fn ancestors(&self, tip: ObjectId) -> Result<HashSet<ObjectId>, GitError> {
        Walk::new(self, &[tip], HashSet::new())?.collect()
    }

    /// Whether one commit is the other or comes after it.
    ///
    /// # Errors
    /// When history cannot be walked.
    pub fn follows(&self, later: ObjectId, earlier: ObjectId) -> Result<bool, GitError> {
        if later == earlier {
            return Ok(true);
        }
        // libgit2 is quick, and knows no commit with an odd header.
        if let Ok(follows) = self.objects.graph_descendant_of(later, earlier) {
            return Ok(follows);
        }
        for id in Walk::new(self, &[later], HashSet::new())? {
            if id? == earlier {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    #[test]
    fn a_walk_goes_on_behind_an_odd_commit_and_ends_where_parents_cannot_be_read() {
        let scene = Scene::new();
        let base = scene.commit("x", "0");
        let side = scene.decision("side", &[base]);
        let (repository, _) = scene.open();
        let tree = repository.objects.find_commit(base).unwrap().tree_id();
        let odd = |parents: &str| scene.object("commit", format!("tree {tree}\n{parents}author x\n\nodd\n").as_bytes());
        let good = odd(&format!("parent {side}\n"));
        assert!(repository.objects.find_commit(good).is_err());
        let walked = |tips: &[ObjectId], known: &[ObjectId]| {
            Walk::new(&repository, tips, known.iter().copied().collect())?.collect::<Result<Vec<_>, GitError>>()
        };
        assert_eq!(walked(&[good, side], &[base]).unwrap(), [side, good], "what has no date comes last");
        assert_eq!(walked(&[good], &[]).unwrap(), [good, side, base]);
        assert!(repository.follows(good, base).unwrap());
        assert!(!repository.follows(good, scene.decision("elsewhere", &[])).unwrap());

        let bad = odd("parent of nobody\n");
        let above = scene.object("commit", format!("tree {tree}\nparent {bad}\nauthor x\n\nabove\n").as_bytes());
        for tip in [bad, above] {
            let error = walked(&[side, tip], &[]).unwrap_err();
            assert!(
                matches!(&error, GitError::MalformedCommit { commit, .. } if *commit == bad.to_string()),
                "{error}"
            );
            assert!(repository.follows(tip, base).is_err());
        }
        let gone = ObjectId::from_str(&"1".repeat(40)).unwrap();
        let missing = odd(&format!("parent {gone}\n"));
        assert!(matches!(walked(&[missing], &[]), Err(GitError::Objects(_))));
    }
}
