//! The files under `reviews/`: what reviews of pull requests say of posts.

use std::collections::HashSet;

use git2::{ObjectType, Oid};

use super::{GitLedger, failed, untrusted};
use crate::ledger::codec::LIMIT;
use crate::ledger::{Appended, Recorded, ReviewRecord, StoreError};
use crate::workspace::PostId;

pub(super) const REVIEWS: &str = "reviews";

impl GitLedger<'_> {
    /// Writes records in one commit and pushes it: all that are not there yet, or none. Of nothing, nothing is written.
    ///
    /// # Errors
    /// As for [`crate::ledger::Store::write`].
    pub fn record(&mut self, message: &str, records: &[ReviewRecord]) -> Result<Appended, StoreError> {
        let mut changes = Vec::new();
        for record in records {
            let path = record.path();
            let bytes = record.encode();
            let bytes =
                bytes.map_err(|error| StoreError::Malformed { path: path.clone(), reason: error.to_string() })?;
            changes.push((path, Some(bytes)));
        }
        if changes.is_empty() {
            Ok(Appended::Done(self.tip.to_string()))
        } else {
            self.commit("review", message, changes)
        }
    }

    /// The text of a record, by git's name for its bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn review_text(&self, name: &str) -> Result<String, StoreError> {
        let id = name.parse().map_err(|_| StoreError::Git(format!("{name} is no object's name")))?;
        let bytes = self.repository.ledger_bytes(id, LIMIT, name)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The records on these posts, or all.
    pub(super) fn recorded(&self, posts: Option<&HashSet<&PostId>>) -> Result<Vec<Recorded>, StoreError> {
        if let Some((path, commit)) = self.losses.get().and_then(|losses| losses.sighting.as_ref()) {
            return Err(untrusted(
                format!("commit {commit:.10} took away or changed {path}, so nobody can say what was decided"),
                format!(
                    "put it back with a commit on top: `git checkout {commit:.10}~ -- {path}` on {}",
                    super::LEDGER
                ),
            ));
        }
        if self.look_up(REVIEWS).map_err(failed)?.is_none() {
            return Ok(Vec::new());
        }
        let mut folders = Vec::new();
        match posts {
            Some(posts) => folders.extend(posts.iter().map(|post| ReviewRecord::folder(post))),
            None => {
                for (shelf, _, _) in self.repository.ledger_list(self.tip, REVIEWS)? {
                    let shelf = format!("{REVIEWS}/{shelf}");
                    let posts = self.repository.ledger_list(self.tip, &shelf)?;
                    folders.extend(posts.into_iter().map(|(post, _, _)| format!("{shelf}/{post}")));
                }
            }
        }
        folders.sort();
        let mut recorded = Vec::new();
        for folder in folders {
            for (name, id, kind) in self.repository.ledger_list(self.tip, &folder)? {
                recorded.push(self.read_review(&format!("{folder}/{name}"), id, kind)?);
            }
        }
        Ok(recorded)
    }

    fn read_review(&self, path: &str, id: Oid, kind: Option<ObjectType>) -> Result<Recorded, StoreError> {
        let wrong = |reason: String| StoreError::Malformed { path: path.to_owned(), reason };
        if kind != Some(ObjectType::Blob) {
            return Err(wrong("it is no regular file".to_owned()));
        }
        let bytes = self.repository.ledger_bytes(id, LIMIT, path)?;
        let record = ReviewRecord::decode(&bytes).map_err(|error| wrong(error.to_string()))?;
        if record.path() != path {
            return Err(wrong("it is of another review or post than its name says".to_owned()));
        }
        if record.workspace != self.workspace {
            return Err(wrong("it is another workspace's".to_owned()));
        }
        Ok(Recorded { name: id.to_string(), record })
    }
}
