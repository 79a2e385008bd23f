//! What people decided, as plain facts. The git room verifies and fills them in; nothing here trusts a name.

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
