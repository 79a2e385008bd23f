//! What the ledger is as a whole, and what is wrong with it.

use chrono::{DateTime, Utc};

/// What lies on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Files in the folders of deliveries.
    pub entries: usize,
    /// Folders of deliveries.
    pub deliveries: usize,
    /// When the last commit was made, by its own word.
    pub last: Option<DateTime<Utc>>,
    /// The first line of its message, fit to be shown.
    pub subject: String,
}

/// What the walk came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walked {
    /// Commits, with the first.
    pub commits: usize,
    /// Entries that are as they should be.
    pub entries: usize,
    /// Deliveries that have one.
    pub deliveries: usize,
    /// Deliveries with a claim and no final outcome.
    pub open: usize,
    /// Files with decisions that a run saw for the first time.
    pub sightings: usize,
    /// Files that say who was told what.
    pub tellings: usize,
    /// Files with reviews of pull requests.
    pub reviews: usize,
    /// Files with comments on pull requests.
    pub comments: usize,
    /// What is not as it should be, oldest first.
    pub flaws: Vec<Flaw>,
    /// How many more there are.
    pub more: usize,
}

/// Something that no publisher writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The commit that brought it.
    pub commit: String,
    /// The file on the ledger branch, where it is one.
    pub path: Option<String>,
    /// What is wrong, in a sentence's end.
    pub what: String,
    /// Whether a later commit put it right.
    pub mended: bool,
}
