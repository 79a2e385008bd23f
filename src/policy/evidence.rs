//! What people decided, as plain facts. The git room verifies and fills them in; nothing here trusts a name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::render::Digest;
use crate::workspace::{AccountName, Due, Key, PostId};

/// All decision commits that could be read, in no particular order, and those that could not be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// Well-formed decision commits of this workspace.
    pub statements: Vec<Statement>,
    /// Commits that look like decisions and are malformed: they count for nothing, and people are told.
    pub refused: Vec<Refused>,
}

/// The evidence sorted by post, so that judging one post does not read what was decided on all others.
#[derive(Debug, Default)]
pub struct Dossiers<'e> {
    by_post: BTreeMap<&'e PostId, Vec<&'e Statement>>,
}

impl<'e> Dossiers<'e> {
    /// Sorts the evidence. A lift stands with the posts whose rejection it lifts.
    pub fn new(evidence: &'e Evidence) -> Self {
        let mut rejected: BTreeMap<&str, Vec<&PostId>> = BTreeMap::new();
        for statement in &evidence.statements {
            for verb in &statement.verbs {
                if let Verb::Reject { post } = verb {
                    rejected.entry(&statement.commit).or_default().push(post);
                }
            }
        }
        let mut by_post: BTreeMap<&PostId, Vec<&Statement>> = BTreeMap::new();
        for statement in &evidence.statements {
            let mut posts: BTreeSet<&PostId> = BTreeSet::new();
            for verb in &statement.verbs {
                match verb {
                    Verb::Approve { post, .. } | Verb::Reject { post } => {
                        posts.insert(post);
                    }
                    Verb::Lift { commit } => posts.extend(rejected.get(commit.as_str()).into_iter().flatten()),
                }
            }
            for post in posts {
                by_post.entry(post).or_default().push(statement);
            }
        }
        Self { by_post }
    }

    /// What was decided on a post.
    pub fn of(&self, post: &PostId) -> &[&'e Statement] {
        self.by_post.get(post).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A decision commit that counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The commit.
    pub commit: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// One decision commit, with one or more verbs.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The commit.
    pub commit: String,
    /// Who says so, as far as that can be proved.
    pub witness: Witness,
    /// The committer's date: whatever was typed. For display only.
    pub dated: DateTime<Utc>,
    /// `Greenlit-Workspace`
    pub workspace: String,
    /// `Greenlit-Policy`: the trusted commit whose roles the person read. Proved to be on the trusted branch, else `None`.
    pub policy: Option<String>,
    /// `Greenlit-Stage`
    pub stage: Option<String>,
    /// The decisions, one for each trailer.
    pub verbs: Vec<Verb>,
    /// The message above the trailers without its first line: a reason, a comment.
    pub text: String,
}

/// Who made a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The signature, checked over the commit's raw bytes.
    pub signature: Signature,
    /// The committer's name as typed.
    pub name: String,
    /// The committer's address as typed.
    pub email: String,
    /// The addresses of the `Signed-off-by` trailers.
    pub sign_offs: Vec<String>,
}

/// A commit's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// None there.
    Missing,
    /// The bytes were signed with this key, in the namespace `git`.
    Valid(Key),
    /// It is there and proves nothing; why.
    Invalid(String),
}

/// One trailer's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `Greenlit-Approve: <post> <account> <digest> at <due>`
    Approve {
        /// The post.
        post: PostId,
        /// The account.
        account: AccountName,
        /// What was seen.
        digest: Digest,
        /// For when.
        due: Due,
    },
    /// `Greenlit-Reject: <post>`: a veto over the post, whatever becomes of its text.
    Reject {
        /// The post.
        post: PostId,
    },
    /// `Greenlit-Lift: <commit>`: takes back the veto of that commit.
    Lift {
        /// The commit with the veto, all its hex digits.
        commit: String,
    },
}

/// Somebody who changed what a post sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The commit.
    pub commit: String,
    /// The key that signed it, if any.
    pub key: Option<Key>,
    /// The addresses of author, committer and `Co-authored-by`, lower case.
    pub emails: Vec<String>,
}
