//! What publish would do now, and why not more. Data: not running it is the dry run.

mod alone;
mod change;
mod repeats;

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::{Claim, DeliveryKey, PartReceipt, Published, State};
use crate::policy::{Decision, Resolution, Retraction, Status, Update};
use crate::render::{Digest, Editing, Payload, Reconcile};
use crate::workspace::{Due, PostId};

pub use change::Change;
pub use repeats::{Duplicate, Saying, wording_matters, wording_may_matter};

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
    pub broken: Vec<BrokenFile>,
}

/// A file that is no post because of its errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenFile {
    /// The file.
    pub path: String,
    /// The post's id, where that could be read.
    pub id: Option<PostId>,
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
    /// What would go out. The very value that is sent: there is no second rendering. `None` where the post is broken, and
    /// where nothing is sent: the delivery is out, or people only look.
    pub payload: Option<Box<Payload>>,
    /// Its digest.
    pub digest: Option<Digest>,
    /// What people decided on it; `None` where that was not asked (drafts, what is out).
    pub decision: Option<Box<Decision>>,
    /// Somebody's word on what became of it, where the publisher noted that it does not know.
    pub word: Option<Box<Resolution>>,
    /// What people asked for: to take it down, or to hold it back for good.
    pub retraction: Option<Box<Retraction>>,
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
    /// Somebody stopped it, or all that it belongs to, until it is resumed.
    Held,
    /// Approved, but so late that a person must look.
    Late,
    /// The account said this already, as another post, or is about to.
    Duplicate(Duplicate),
    /// Approved and due, and its network asked to be left alone.
    LeftAlone {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Marked as a draft.
    Draft,
    /// It is out.
    Published {
        /// When and where.
        out: Arc<Published>,
        /// What the post says by now, where that is not what is out.
        changed: Option<Change>,
    },
    /// People asked for something to be done with what is out, or on its way.
    Aftercare(Aftercare),
    /// It was taken down, or held back for good.
    Retracted {
        /// When.
        at: DateTime<Utc>,
        /// The parts that were out, wherever they were.
        parts: Vec<PartReceipt>,
        /// Why nobody knows whether more of it is out.
        in_doubt: Option<String>,
    },
    /// Another run is sending it now.
    Claimed(Box<Claim>),
    /// The network refused these very bytes, or a part of them is out already.
    Failed {
        /// Why.
        reason: String,
        /// The parts that are out: no other text can take their place.
        out: Vec<PartReceipt>,
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

/// What is done with a delivery after it went out, or in the place of sending it. To do it again does no harm, so it takes
/// no claim: a run does it, and writes down what became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Aftercare {
    /// Take down what is out of it, and never send it again.
    Retract(Box<Retraction>),
    /// Change what is out of it to what its post says by now, which is approved.
    Update {
        /// Who asked for it.
        asked: Update,
        /// What its network can change.
        editing: Editing,
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
    pub payload: Result<Rendered, Vec<String>>,
    /// What people decided on it; asked for where [`Candidate::needs_decision`], and somebody wants to know.
    pub decision: Option<Box<Decision>>,
    /// Where the ledger says it stands; an error where the ledger's entries on it cannot be read.
    pub state: Result<State, String>,
    /// How its network can be asked after a crash.
    pub reconcile: Reconcile,
    /// Somebody's word on it, where the ledger says that nobody knows.
    pub word: Option<Box<Resolution>>,
    /// What people asked for: to take it down, or to hold it back for good.
    pub retraction: Option<Box<Retraction>>,
    /// Whether its network can take down what is out.
    pub deletes: bool,
    /// What it says, and who said it before.
    pub saying: Saying,
    /// Who asked for what is out to be changed to what the post says by now.
    pub update: Option<Box<Update>>,
    /// Whether its network can do that.
    pub editing: Editing,
}

/// What would go out, and its digest.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The payload's digest.
    pub digest: Digest,
    /// The files that go along.
    pub media: Vec<String>,
    /// The payload; `None` where nothing is sent: the delivery is out, or people only look.
    pub payload: Option<Box<Payload>>,
}

impl From<Payload> for Rendered {
    fn from(payload: Payload) -> Self {
        let media = payload.media().map(str::to_owned).collect();
        Self { digest: payload.digest(), media, payload: Some(Box::new(payload)) }
    }
}

/// A claim without an outcome whose post is no longer there; or what is out of such a post, and is to be taken down.
#[derive(Debug, Clone, PartialEq)]
pub struct Orphan {
    /// What it is.
    pub key: DeliveryKey,
    /// Where the ledger says it stands; an error where the ledger's entries on it cannot be read.
    pub state: Result<State, String>,
    /// How its network can be asked after a crash.
    pub reconcile: Reconcile,
    /// Somebody's word on it, where the ledger says that nobody knows.
    pub word: Option<Box<Resolution>>,
    /// What people asked for: to take it down.
    pub retraction: Option<Box<Retraction>>,
    /// Whether its network can take down what is out.
    pub deletes: bool,
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
    mut broken: Vec<BrokenFile>,
) -> Plan {
    let mut alone = alone::Alone::default();
    let known = candidates.iter().map(|one| (&one.key, &one.state));
    for (key, state) in known.chain(orphans.iter().map(|one| (&one.key, &one.state))) {
        state.iter().for_each(|state| alone.hear(&key.account, state));
    }
    let mut weighed: Vec<(Delivery, Saying)> = candidates.into_iter().map(|candidate| candidate.decide(now)).collect();
    let left = orphans.into_iter().filter_map(|orphan| orphan.decide(now));
    weighed.extend(left.map(|delivery| (delivery, Saying::default())));
    weighed.sort_by(|(a, _), (b, _)| (a.due, &a.key).cmp(&(b.due, &b.key)));
    repeats::hold(now, &mut weighed);
    let mut deliveries: Vec<Delivery> = weighed.into_iter().map(|(delivery, _)| delivery).collect();
    deliveries.iter_mut().for_each(|delivery| alone.leave(now, delivery));
    broken.sort_by(|a, b| a.path.cmp(&b.path));
    Plan { now, trusted, deliveries, broken }
}

impl Candidate {
    /// Whether it matters what people decided: not for drafts, for what is broken, or what is out unchanged. It does for open
    /// claims: recovery sends nothing that was taken back meanwhile.
    pub fn needs_decision(&self) -> bool {
        !self.draft && self.payload.is_ok() && self.state.is_ok() && !self.is_over()
    }

    /// Whether it is out as the post has it, or was taken down.
    pub fn is_over(&self) -> bool {
        matches!(self.state, Ok(State::Published(_) | State::Retracted(_))) && !self.is_changed()
    }

    fn decide(mut self, now: DateTime<Utc>) -> (Delivery, Saying) {
        let step = self.step(now);
        let rendered = self.payload.ok();
        let (digest, payload) = rendered.map_or((None, None), |rendered| (Some(rendered.digest), rendered.payload));
        let delivery = Delivery {
            digest,
            key: self.key,
            title: self.title,
            path: Some(self.path),
            due: self.due,
            payload,
            decision: self.decision,
            word: self.word,
            retraction: self.retraction,
            step,
        };
        (delivery, self.saying)
    }

    /// What is to be done with it. Takes its state, of which most of a step is made.
    fn step(&mut self, now: DateTime<Utc>) -> Step {
        let is_changed = self.is_changed();
        let state = match mem::replace(&mut self.state, Ok(State::New)) {
            Ok(state) => state,
            Err(reason) => return Step::Broken { errors: vec![reason] },
        };
        if let Some(step) = retracting(&state, self.retraction.as_deref(), self.deletes, now) {
            return step;
        }
        let digest = self.payload.as_ref().ok().map(|rendered| &rendered.digest);
        match begun(state, self.reconcile, self.word.is_some(), now, digest) {
            Some(Step::Published { out, .. }) if is_changed => return self.changed(out, now),
            Some(step) => return step,
            None => {}
        }
        if let Err(errors) = &mut self.payload {
            return Step::Broken { errors: mem::take(errors) };
        }
        if self.draft {
            return Step::Draft;
        }
        match self.decision.as_ref().map(|decision| decision.status) {
            Some(Status::Approved) => {}
            Some(Status::Rejected) => return Step::Rejected,
            Some(Status::Held) => return Step::Held,
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
        let (step, claim) = match self.state {
            Err(reason) => (Step::Broken { errors: vec![reason] }, None),
            Ok(state) => {
                let claim = match &state {
                    State::Claimed(claim) | State::Uncertain(claim, _) => Some(claim.clone()),
                    State::Published(_) | State::Failed(_) => None,
                    State::New | State::Retracted(_) => return None,
                };
                let retracting = retracting(&state, self.retraction.as_deref(), self.deletes, now);
                let goes_on = || begun(state, self.reconcile, self.word.is_some(), now, None);
                (retracting.or_else(|| claim.as_ref().and_then(|_| goes_on()))?, claim)
            }
        };
        Some(Delivery {
            title: String::new(),
            path: None,
            due: claim.as_ref().map_or(Due::Asap, |claim| claim.due),
            digest: claim.as_ref().map(|claim| claim.digest.clone()),
            payload: claim.map(|claim| Box::new(claim.payload)),
            key: self.key,
            decision: None,
            word: self.word,
            retraction: self.retraction,
            step,
        })
    }
}

/// Whether people asked for it to be taken down and that can be done now: nobody is sending it, and its network takes down
/// what is out. What is in doubt at a network that does not is asked after as ever; nothing more of it is sent.
fn retracting(state: &State, retraction: Option<&Retraction>, deletes: bool, now: DateTime<Utc>) -> Option<Step> {
    let retraction = retraction.filter(|retraction| retraction.is_complete())?;
    let possible = match state {
        State::New => true,
        State::Failed(failed) => deletes || failed.parts.is_empty(),
        State::Published(_) | State::Uncertain(..) => deletes,
        State::Claimed(claim) => deletes && claim.lease_until <= now,
        State::Retracted(_) => false,
    };
    possible.then(|| Step::Aftercare(Aftercare::Retract(Box::new(retraction.clone()))))
}

/// What is to be done with a delivery that the ledger knows of; `None` where it may be sent as if it were new. What the
/// network cannot tell, somebody's word may.
fn begun(
    state: State,
    reconcile: Reconcile,
    has_word: bool,
    now: DateTime<Utc>,
    digest: Option<&Digest>,
) -> Option<Step> {
    match state {
        State::New => None,
        State::Published(out) => Some(Step::Published { out, changed: None }),
        State::Retracted(down) => Some(Step::Retracted {
            at: down.retracted_at,
            parts: down.parts.iter().chain(&down.gone).cloned().collect(),
            in_doubt: down.in_doubt.clone(),
        }),
        State::Claimed(claim) if claim.lease_until > now => Some(Step::Claimed(claim)),
        State::Claimed(claim) => Some(Step::Reconcile(claim)),
        State::Uncertain(claim, noted) if noted.rest_unsent || has_word || can_be_asked(reconcile, &claim, now) => {
            Some(Step::Reconcile(claim))
        }
        State::Uncertain(_, noted) => Some(Step::Uncertain { reason: noted.reason }),
        State::Failed(ref failed) if digest.map_or(failed.retry, |digest| state.may_send(digest)) => None,
        State::Failed(failed) => Some(Step::Failed { reason: failed.reason, out: failed.parts }),
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

#[cfg(test)]
mod tests;
