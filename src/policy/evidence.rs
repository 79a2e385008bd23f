//! What people decided, as plain facts. The git room verifies and fills them in; nothing here trusts a name.

use chrono::{DateTime, Utc};

use crate::render::Digest;
use crate::workspace::{AccountName, Due, ForgeKind, Key, PersonId, PostId};

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
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Statement {
    /// The commit; of a review or a comment on a forge, what git calls the ledger's first record of it.
    pub commit: String,
    /// Who says so, as far as that can be proved.
    pub witness: Witness,
    /// The committer's date: whatever was typed. Nothing ever counts because of it.
    pub dated: DateTime<Utc>,
    /// `Greenlit-Workspace`
    pub workspace: String,
    /// `Greenlit-Policy`: the trusted commit whose roles the person read. Proved to be on the trusted branch, else `None`.
    pub policy: Option<String>,
    /// `Greenlit-Policy-Approval`: the admins' approvals which had brought the policy into force that the person read.
    /// To name a commit is to have seen it, so the statement is younger than they are.
    pub policy_approvals: Vec<String>,
    /// `Greenlit-Stage`
    pub stage: Option<String>,
    /// `Greenlit-For`: the person who is away and for whom a stand-in speaks, by short name.
    pub stands_in_for: Option<PersonId>,
    /// `Greenlit-Reply`: the comment or rejection that this answers.
    pub reply_to: Option<String>,
    /// `Greenlit-Line`: the line of the post's file that it is about.
    pub line: Option<Line>,
    /// When the publisher first saw it, by its own clock, as the ledger has it.
    pub seen: Option<DateTime<Utc>>,
    /// The decisions, one for each trailer.
    pub verbs: Vec<Verb>,
    /// The message above the trailers without its first line: a reason, a comment.
    pub text: String,
}

/// A line of a post's file, in the version that somebody read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// The commit that was read, all its hex digits.
    pub commit: String,
    /// What stood there, where that was written down with it.
    pub text: Option<String>,
}

/// Who made a commit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Signature {
    /// None there.
    Missing,
    /// The bytes were signed with this key, in the namespace `git`.
    Valid(Key),
    /// It is there and proves nothing; why.
    Invalid(String),
    /// There is no commit: it is a review of a pull request or a comment on it, as the forge told of it.
    Review(Box<OnForge>),
}

/// Whose review or comment it is, and which.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OnForge {
    /// The software.
    pub forge: ForgeKind,
    /// The account's name then.
    pub login: String,
    /// The account's number, which stays.
    pub id: u64,
    /// The pull request's number.
    pub pull_request: u64,
    /// Where people see the review.
    pub url: String,
    /// Why it counts no more, in a sentence's end: `was dismissed on GitHub`.
    pub fallen: Option<String>,
    /// Whether its text was changed after it was sent, where that is known.
    pub edited: bool,
    /// Whether the pull request is open still, so that it counts only once that is merged, and is on no ledger.
    pub once_merged: bool,
}

impl OnForge {
    /// The review in words: `review of #12 on GitHub`.
    pub fn told(&self) -> String {
        let once_merged = if self.once_merged { " (counts once merged)" } else { "" };
        format!("review of #{} on {}{once_merged}", self.pull_request, self.forge.title())
    }
}

/// One trailer's decision.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
    /// `Greenlit-Hold: <scope>`: nothing of this goes out until the hold is lifted.
    Hold {
        /// What is held.
        scope: HoldScope,
    },
    /// `Greenlit-Resume: <commit>`: lifts the hold of that commit.
    Resume {
        /// The commit with the hold, all its hex digits.
        commit: String,
    },
    /// `Greenlit-Comment: <post>`: the text is for people, and decides nothing.
    Comment {
        /// The post.
        post: PostId,
    },
    /// `Greenlit-Withdraw: <commit>`: takes back one's own approvals of that commit.
    Withdraw {
        /// The commit with the approvals, all its hex digits.
        commit: String,
    },
    /// `Greenlit-Approve-Policy: <digest> from <digest>`: this very change of the rules may come into force.
    ApprovePolicy {
        /// What the policy becomes.
        to: Digest,
        /// What it was.
        from: Digest,
    },
    /// `Greenlit-Update: <post> <account> <digest>`: what is out is to be changed in its place to exactly this, once it is
    /// approved.
    Update {
        /// The post.
        post: PostId,
        /// The account.
        account: AccountName,
        /// What it is to become.
        digest: Digest,
    },
    /// `Greenlit-Retract: <post> <account> <digest>`: what is out of it is to be taken down, and nothing of it is ever sent.
    Retract {
        /// The post.
        post: PostId,
        /// The account.
        account: AccountName,
        /// What is out; or what would go out, where nothing is.
        digest: Digest,
    },
    /// `Greenlit-Resolve: <post> <account> <digest> since <time> sent <url>…` or `… not-sent`: what became of a delivery
    /// of which the publisher could not know it.
    Resolve {
        /// The post.
        post: PostId,
        /// The account.
        account: AccountName,
        /// What was claimed.
        digest: Digest,
        /// When the publisher noted that it does not know. A later doubt needs a later word.
        since: DateTime<Utc>,
        /// What was found.
        fate: Fate,
    },
}

/// What became of the parts that nobody knew of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Fate {
    /// They are out, at these addresses: the next parts in their order.
    Sent(Vec<String>),
    /// They are not.
    NotSent,
}

impl Verb {
    /// Whether it stays although its commit is gone from every branch, once the publisher has seen it: a no, what lifts a
    /// no, what takes back a yes, and what changes the policy: or whoever lost a role would have it back.
    pub fn outlives_its_commit(&self) -> bool {
        match self {
            Verb::Reject { .. }
            | Verb::Lift { .. }
            | Verb::Hold { .. }
            | Verb::Resume { .. }
            | Verb::Withdraw { .. }
            | Verb::Retract { .. }
            | Verb::ApprovePolicy { .. } => true,
            Verb::Approve { .. } | Verb::Comment { .. } | Verb::Update { .. } | Verb::Resolve { .. } => false,
        }
    }
}

/// What a hold stops.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum HoldScope {
    /// `everything`
    Everything,
    /// `post <id>`
    Post(PostId),
    /// `account <network/name>`
    Account(AccountName),
    /// `campaign <name>`
    Campaign(String),
}

impl HoldScope {
    /// Reads what [`std::fmt::Display`] writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "everything" {
            return Some(HoldScope::Everything);
        }
        let (kind, name) = text.split_once(' ')?;
        match kind {
            "post" => PostId::new(name).ok().map(HoldScope::Post),
            "account" => AccountName::new(name).ok().map(HoldScope::Account),
            "campaign" => {
                let plain = !name.is_empty() && name.trim() == name && !name.contains(char::is_control);
                plain.then(|| HoldScope::Campaign(name.to_owned()))
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for HoldScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HoldScope::Everything => f.write_str("everything"),
            HoldScope::Post(post) => write!(f, "post {post}"),
            HoldScope::Account(account) => write!(f, "account {account}"),
            HoldScope::Campaign(campaign) => write!(f, "campaign {campaign}"),
        }
    }
}

/// Somebody who changed what a post sends.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Author {
    /// The commit.
    pub commit: String,
    /// The key that signed it, if any.
    pub key: Option<Key>,
    /// The addresses of author, committer and `Co-authored-by`, lower case.
    pub emails: Vec<String>,
    /// The committer's address, lower case.
    pub committer: String,
}

/// One change of a file that a post sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, by the path that it has now.
    pub path: String,
    /// Who changed it.
    pub author: Author,
}
