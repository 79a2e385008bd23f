//! What there is to tell, before anybody asks whom it was told already.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ledger::NewsKind;
use crate::workspace::{AccountName, PersonId, PostId, RoleName};

/// Something that waits, or that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// What kind; of what waits for somebody, `Turn`: its reminders are made from it.
    pub kind: NewsKind,
    /// What it is about, the same as long as it is the same news.
    pub subject: String,
    /// Whom it concerns.
    pub people: BTreeSet<PersonId>,
    /// Who is told besides once it is overdue.
    pub when_late: BTreeSet<PersonId>,
    /// Until when it should be done.
    pub deadline: Option<DateTime<Utc>>,
    /// When it happened; `None` for what stands as it is.
    pub at: Option<DateTime<Utc>>,
    /// The post, where it is about one.
    pub post: Option<PostId>,
    /// What people call it; written by somebody.
    pub title: String,
    /// The accounts.
    pub accounts: Vec<AccountName>,
    /// What to say of it.
    pub what: What,
    /// What to type.
    pub command: Option<String>,
}

/// What to say of it. Texts in it may have been written by anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Say yes for a stage, or no.
    Approve {
        /// The stage's role.
        stage: Option<RoleName>,
        /// When it goes out, where it has a time.
        due: Option<DateTime<Utc>>,
    },
    /// Something else is to be done.
    Do {
        /// What, in our own words: `Correct its errors`.
        task: &'static str,
        /// Why.
        why: String,
    },
    /// What somebody approved was changed.
    Fallen,
    /// It is out.
    Out {
        /// Where, as far as the networks told.
        links: Vec<(AccountName, Option<String>)>,
    },
    /// It did not go out, or nobody knows.
    Failed {
        /// What became of it, in our own words.
        how: &'static str,
        /// Why.
        why: String,
    },
    /// A change of the rules waits.
    PolicyWaits {
        /// Why it is not in force.
        why: String,
    },
    /// Other rules are in force.
    PolicyInForce {
        /// Who approved them.
        by: Vec<String>,
    },
    /// Something is held.
    Held {
        /// What: `everything`.
        scope: String,
        /// Who said so.
        by: String,
        /// Why.
        why: String,
    },
    /// Something is held no more.
    Resumed {
        /// What.
        scope: String,
        /// Who said so, as the decision has it.
        why: String,
    },
}
