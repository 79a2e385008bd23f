//! What publish would do now, and why not more. Data: not running it is the dry run.

use chrono::{DateTime, Utc};

use crate::ledger::{Claim, DeliveryKey, PartReceipt};
use crate::policy::Decision;
use crate::render::{Digest, Payload};
use crate::workspace::Due;

/// The deliveries of every post on the trusted branch, and what is to be done with each.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The publisher's clock, read once.
    pub now: DateTime<Utc>,
    /// The trusted branch's commit.
    pub trusted: String,
    /// In order of due time, then post, then account.
    pub deliveries: Vec<Delivery>,
}

/// One post to one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What it is.
    pub key: DeliveryKey,
    /// The post's title or first words, for people.
    pub title: String,
    /// The post's file.
    pub path: String,
    /// When it should go out.
    pub due: Due,
    /// What would go out. The very value that is sent: there is no second rendering. `None` where the post is broken.
    pub payload: Option<Payload>,
    /// Its digest.
    pub digest: Option<Digest>,
    /// What people decided on it; `None` where that was not asked (drafts, what is out).
    pub decision: Option<Decision>,
    /// What is to be done.
    pub step: Step,
}

/// What is to be done with a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Approved and due: claim it and send it.
    Send,
    /// Claimed before, no outcome: ask the network first.
    Reconcile(Box<Claim>),
    /// Approved, and its time has not come.
    NotDue,
    /// People have to decide.
    Waiting,
    /// Vetoed.
    Rejected,
    /// Approved, but so late that a person must look.
    Late,
    /// Marked as a draft.
    Draft,
    /// It is out.
    Published {
        /// When.
        at: DateTime<Utc>,
        /// Where.
        parts: Vec<PartReceipt>,
        /// Whether the post was changed since: what is in the file is not what is out.
        changed: bool,
    },
    /// Another run is sending it now.
    Claimed(Box<Claim>),
    /// The network refused these very bytes.
    Failed {
        /// Why.
        reason: String,
    },
    /// Nobody knows whether it is out, and the network cannot be asked.
    Uncertain {
        /// Why.
        reason: String,
    },
    /// The post has errors.
    Broken {
        /// `file:line:column: message`, one for each.
        errors: Vec<String>,
    },
}
