//! What is known of deliveries beside the working tree: what is out by the ledger, and what stands on the trusted branch.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::git::{Branches, CommitFiles, GitLedger, Repository};
use crate::ledger::{DeliveryKey, State, Store};
use crate::policy::time_needed;
use crate::workspace::{AccountName, Due, Files, Outline, Post, PostId, Roles, Settings};

/// The repository around a workspace, where there is one that can be read. Nothing is fetched.
pub struct Beside(Option<(Repository, Branches)>);

/// What is asked of it.
pub struct Known<'a> {
    ledger: Option<GitLedger<'a>>,
    /// After how long what was due is taken for out where no ledger tells.
    patience: TimeDelta,
    trusted: Option<CommitFiles<'a>>,
    roles: Option<&'a Roles>,
    dues: BTreeMap<&'a PostId, Due>,
    now: DateTime<Utc>,
}

impl Beside {
    /// The repository around a folder.
    pub fn of(root: &Path, settings: &Settings) -> Self {
        // A look at what stands on the ledger is enough to leave people in peace.
        let repository = Repository::open(root).ok().map(Repository::glancing);
        Self(repository.and_then(|repository| {
            let branches = repository.branches(&settings.trusted, &settings.remote).ok()?;
            Some((repository, branches))
        }))
    }

    /// What is known of these posts.
    pub fn known<'a>(
        &'a self,
        settings: &Settings,
        roles: Option<&'a Roles>,
        posts: &[&'a Post],
        now: DateTime<Utc>,
    ) -> Known<'a> {
        let dues = posts.iter().map(|post| (&post.id, post.due)).collect();
        let Some((repository, branches)) = &self.0 else {
            return Known { ledger: None, patience: TimeDelta::days(1), trusted: None, roles, dues, now };
        };
        let pin = settings.ledger.as_deref();
        let ledger = GitLedger::open(repository, branches, &settings.workspace, pin, now).ok();
        let trusted = repository.trusted_tip(branches).and_then(|tip| repository.files(tip)).ok();
        // In a clone without the ledger nobody can tell what went out meanwhile.
        Known { ledger, patience: TimeDelta::zero(), trusted, roles, dues, now }
    }
}

impl Known<'_> {
    /// Whether a post is out on an account, or was taken down again. Where no ledger tells, what was due is taken for out:
    /// at once in a clone that lacks it, after a day where there is no repository.
    pub fn is_out(&self, post: &PostId, account: &AccountName) -> bool {
        let key = DeliveryKey::once(post.clone(), account.clone());
        match self.ledger.as_ref().map(|ledger| ledger.state(&key)) {
            Some(Ok(State::New | State::Failed(_))) => false,
            Some(Ok(_)) => true,
            _ => matches!(self.dues.get(post), Some(Due::At(due)) if *due < self.now - self.patience),
        }
    }

    /// How long those may take who have to approve a post.
    pub fn needs(&self, post: &Post, account: &AccountName) -> Option<Duration> {
        time_needed(self.roles?, &Outline::from(post), account)
    }

    /// Whether they were asked for a post: it is on the trusted branch as it is here.
    pub fn was_asked(&self, post: &Post) -> bool {
        let limit = u64::try_from(post.source.text.len()).unwrap_or(u64::MAX);
        let there = self.trusted.as_ref().and_then(|files| files.read(&post.source.path, limit).ok());
        there.is_some_and(|bytes| bytes == post.source.text.as_bytes())
    }
}
