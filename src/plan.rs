//! What publish would do now, and why not more. Data: not running it is the dry run.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::{Claim, DeliveryKey, PartReceipt, State};
use crate::policy::{Decision, Status};
use crate::render::{Digest, Payload, Reconcile};
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
    /// Files under `posts/` that could not be read as posts at all, in order of their path.
    pub broken: Vec<BrokenPost>,
}

/// A file that is no post because of its errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPost {
    /// The file.
    pub path: String,
    /// `file:line:column: message`, one for each.
    pub errors: Vec<String>,
}

/// One post to one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What it is.
    pub key: DeliveryKey,
    /// The post's title or first words, for people.
    pub title: String,
    /// The post's file; `None` where the post is gone and only a claim is left of it.
    pub path: Option<String>,
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

/// What is known of a delivery before it is decided what to do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it is.
    pub key: DeliveryKey,
    /// The post's title or first words, for people.
    pub title: String,
    /// The post's file.
    pub path: String,
    /// When it should go out.
    pub due: Due,
    /// A draft never goes out.
    pub draft: bool,
    /// The account's patience: a delivery later than this is held for a person.
    pub late_after: Duration,
    /// What would go out, or `file:line:column: message` for each error.
    pub payload: Result<Payload, Vec<String>>,
    /// What people decided on it; asked for where [`Candidate::needs_decision`].
    pub decision: Option<Decision>,
    /// Where the ledger says it stands; an error where the ledger's entries on it cannot be read.
    pub state: Result<State, String>,
    /// How its network can be asked after a crash.
    pub reconcile: Reconcile,
}

/// A claim without an outcome whose post is no longer there.
#[derive(Debug, Clone, PartialEq)]
pub struct Orphan {
    /// What it is.
    pub key: DeliveryKey,
    /// Where the ledger says it stands; an error where the ledger's entries on it cannot be read.
    pub state: Result<State, String>,
    /// How its network can be asked after a crash.
    pub reconcile: Reconcile,
}

/// Decides what to do with each delivery.
///
/// What the ledger says comes first: nothing that is out, claimed or uncertain is ever sent as if it were new, whatever
/// the post says by now.
pub fn plan(
    now: DateTime<Utc>,
    trusted: String,
    candidates: Vec<Candidate>,
    orphans: Vec<Orphan>,
    mut broken: Vec<BrokenPost>,
) -> Plan {
    let mut deliveries: Vec<Delivery> = candidates.into_iter().map(|candidate| candidate.decide(now)).collect();
    deliveries.extend(orphans.into_iter().filter_map(|orphan| orphan.decide(now)));
    deliveries.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
    broken.sort_by(|a, b| a.path.cmp(&b.path));
    Plan { now, trusted, deliveries, broken }
}

impl Candidate {
    /// Whether it matters what people decided: not for drafts, for what is broken, or what is out.
    pub fn needs_decision(&self) -> bool {
        !self.draft && self.payload.is_ok() && matches!(&self.state, Ok(State::New | State::Failed(_)))
    }

    fn decide(self, now: DateTime<Utc>) -> Delivery {
        let step = self.step(now);
        let payload = self.payload.ok();
        Delivery {
            digest: payload.as_ref().map(Payload::digest),
            key: self.key,
            title: self.title,
            path: Some(self.path),
            due: self.due,
            payload,
            decision: self.decision,
            step,
        }
    }

    fn step(&self, now: DateTime<Utc>) -> Step {
        let digest = self.payload.as_ref().ok().map(Payload::digest);
        let state = match &self.state {
            Ok(state) => state,
            Err(reason) => return Step::Broken { errors: vec![reason.clone()] },
        };
        if let Some(step) = begun(state, self.reconcile, now, digest.as_ref()) {
            return step;
        }
        if let Err(errors) = &self.payload {
            return Step::Broken { errors: errors.clone() };
        }
        if self.draft {
            return Step::Draft;
        }
        match self.decision.as_ref().map(|decision| decision.status) {
            Some(Status::Approved) => {}
            Some(Status::Rejected) => return Step::Rejected,
            _ => return Step::Waiting,
        }
        match self.due {
            Due::At(due) if due > now => Step::NotDue,
            Due::At(due) if later_than(due, self.late_after, now) => Step::Late,
            _ => Step::Send,
        }
    }
}

impl Orphan {
    /// `None` where the ledger has an outcome after all: nothing is left to do.
    fn decide(self, now: DateTime<Utc>) -> Option<Delivery> {
        let (step, claim) = match &self.state {
            Err(reason) => (Step::Broken { errors: vec![reason.clone()] }, None),
            Ok(state) => match state {
                State::Claimed(claim) | State::Uncertain(claim, _) => {
                    (begun(state, self.reconcile, now, None)?, Some(claim.clone()))
                }
                State::New | State::Published(_) | State::Failed(_) => return None,
            },
        };
        Some(Delivery {
            title: String::new(),
            path: None,
            due: claim.as_ref().map_or(Due::Asap, |claim| claim.due),
            digest: claim.as_ref().map(|claim| claim.digest.clone()),
            payload: claim.map(|claim| claim.payload),
            key: self.key,
            decision: None,
            step,
        })
    }
}

/// What is to be done with a delivery that the ledger knows of; `None` where it may be sent as if it were new.
fn begun(state: &State, reconcile: Reconcile, now: DateTime<Utc>, digest: Option<&Digest>) -> Option<Step> {
    match state {
        State::New => None,
        State::Published(out) => Some(Step::Published {
            at: out.published_at,
            parts: out.parts.clone(),
            changed: digest.is_some_and(|digest| *digest != out.digest),
        }),
        State::Claimed(claim) if claim.lease_until > now => Some(Step::Claimed(claim.clone())),
        State::Claimed(claim) => Some(Step::Reconcile(claim.clone())),
        State::Uncertain(claim, _) if can_be_asked(reconcile, claim, now) => Some(Step::Reconcile(claim.clone())),
        State::Uncertain(_, noted) => Some(Step::Uncertain { reason: noted.reason.clone() }),
        State::Failed(failed) => {
            let same = digest.is_none_or(|digest| *digest == failed.digest);
            let reason = if same && !failed.retry {
                failed.reason.clone()
            } else if !same && !failed.parts.is_empty() {
                // A new text would repeat what is out already under other words.
                format!(
                    "{}; {} of its parts is out, so a new text cannot take its place",
                    failed.reason,
                    failed.parts.len()
                )
            } else {
                return None;
            };
            Some(Step::Failed { reason })
        }
    }
}

fn can_be_asked(reconcile: Reconcile, claim: &Claim, now: DateTime<Utc>) -> bool {
    match reconcile {
        Reconcile::ClientChosenId | Reconcile::Lookup => true,
        Reconcile::IdempotencyKey { window } => !later_than(claim.claimed_at, window, now),
        Reconcile::None => false,
    }
}

fn later_than(start: DateTime<Utc>, span: Duration, now: DateTime<Utc>) -> bool {
    // A span beyond what a date can hold never ends.
    let end = TimeDelta::from_std(span).ok().and_then(|span| start.checked_add_signed(span));
    end.is_some_and(|end| now > end)
}
