//! What the ledger is, in a few numbers.

use super::{GitLedger, failed};
use crate::git::objects::tree_lines;
use crate::git::program::GitError;
use crate::git::words::presentable;
use crate::ledger::{Overview, StoreError};

impl GitLedger<'_> {
    /// Counts without reading a single entry.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn overview(&self) -> Result<Overview, StoreError> {
        self.counted().map_err(failed)
    }

    fn counted(&self) -> Result<Overview, GitError> {
        let repository = self.repository;
        let odb = repository.objects.odb()?;
        let mut overview = Overview::default();
        let root = repository.links(&odb, self.tip)?.tree;
        for (_, bucket) in repository.folders(root, "deliveries")? {
            for line in tree_lines(odb.read(bucket)?.data()).flatten().filter(|line| line.mode == 0o040_000) {
                overview.deliveries += 1;
                overview.entries += tree_lines(odb.read(line.id)?.data()).count();
            }
        }
        if let Ok(commit) = repository.raw_commit(self.tip)? {
            overview.last = Some(commit.committer().date);
            overview.subject = presentable(commit.message().lines().next().unwrap_or_default().as_bytes());
        }
        Ok(overview)
    }
}
