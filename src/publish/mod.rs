//! Claim → send → record: what is approved and due goes out once, whatever crashes.
//!
//! One run makes at most two ledger commits. The first claims all that is to be sent, holds what the run saw for the
//! first time, and is pushed before anything is sent; of two racing publishers one is refused, and leaves alone what
//! the other has. The second records what became of it. A claim without an outcome is what a crash leaves behind: the next run asks the network before it sends.
//!
//! - restore: give back to networks that live in a folder what a fresh clone does not have
//! - prepare: log in, ask after open claims, freeze what a retry must repeat; reads only
//! - claim: one commit for all, a compare-and-swap
//! - aftercare: take down what people want to be gone, in the account's thread
//! - send: accounts side by side, an account's deliveries in order, parts in order
//! - record: one commit for all, tried hard
//! - look: afterwards, what stands where it went

mod aftercare;
mod claim;
mod look;
mod media;
mod outcome;
mod patience;
mod prepare;
mod progress;
mod record;
mod restore;
mod send;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::ledger::{Claim, DeliveryKey, PartReceipt, Sighting, State, Store, StoreError};
use crate::network::{LONGEST_SEND, SendError, Session};
use crate::plan::Plan;
use crate::render::Identity;
use crate::workspace::AccountName;
use aftercare::Care;
use outcome::Unsent;

pub use crate::network::Live;
pub use look::{Looked, Out};
pub use media::MediaAt;
pub use outcome::{Ended, Ending, Outcome, Trouble};
pub use progress::Event;

/// How long a claim keeps other runs away. Far longer than a run takes; see [`MARGIN`].
pub const LEASE: Duration = Duration::from_secs(30 * 60);

/// No part is begun when less than this is left of the lease: so long may one request take.
pub const MARGIN: Duration = LONGEST_SEND;

/// What time it is, and how to let it pass.
pub trait Clock: Sync {
    /// The publisher's clock.
    fn now(&self) -> DateTime<Utc>;

    /// Waits.
    fn wait(&self, time: Duration);

    /// Waits, where the run is told to end not to the end of it. Whether the run may go on.
    fn rest(&self, time: Duration) -> bool {
        self.wait(time);
        !self.stopped()
    }

    /// Whether the run was told to end: what is begun is finished, nothing new is begun.
    fn stopped(&self) -> bool {
        false
    }
}

/// Opens a session for an identity. It refuses an identity that is no longer in the settings: a claim made before the
/// handle was changed is not sent as somebody else.
pub type Connect<'a> = dyn Fn(&Identity) -> Result<Box<dyn Session>, SendError> + Sync + 'a;

/// What one run works with.
pub struct Publisher<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// This run's name: random, with the runner's name where CI gives one.
    pub runner: &'a str,
    /// What this run saw for the first time, and the plan rests on.
    pub seen: &'a [Sighting],
    /// For how long an account does not say the same again as another post; zero: it does not matter.
    pub window: &'a (dyn Fn(&AccountName) -> Duration + Sync),
    /// Opens sessions.
    pub connect: &'a Connect<'a>,
    /// The accounts whose networks forget; see [`crate::network::Network::forgets`].
    pub forgetful: &'a [Identity],
    /// The bytes of attachments.
    pub media: &'a dyn MediaAt,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Takes secrets out of what servers said, before it is written on the ledger for everybody to read.
    pub redact: &'a (dyn Fn(&str) -> String + Sync),
    /// Is told what happens.
    pub progress: &'a (dyn Fn(Event<'_>) + Sync),
}

/// Why a run stopped before anything was sent.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PublishError {
    /// The ledger cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] StoreError),
    /// Other publishers wrote to the ledger each time.
    #[error("other publishers wrote to the ledger {0} times while this one tried; nothing was sent")]
    #[diagnostic(code("publish/raced"), help("run `greenlit publish` again; let CI run one publish at a time"))]
    Raced(usize),
}

impl Publisher<'_> {
    /// Sends what the plan says is to be sent, and settles open claims.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the claim cannot be pushed: then nothing was sent. Whatever goes wrong later
    /// is in the [`Outcome`].
    pub fn publish(&self, plan: &Plan, store: &mut dyn Store) -> Result<Outcome, PublishError> {
        let (opened, troubles) = self.restore(plan, store);
        let (work, mut ended) = self.select(plan, store)?;
        let accounts = self.prepare(work, opened, &mut ended);
        let claimed = self.claim(accounts, &ended, store)?;
        ended.extend(claimed.ended);
        ended.extend(self.send(claimed.accounts));
        ended.sort_by_key(|ended| ended.place);
        let unrecorded = self.record(&mut ended, claimed.unwritten, store).err().map(|error| error.to_string());
        Ok(Outcome { ended, troubles, unrecorded })
    }

    /// Writes down what this run saw for the first time, and sends nothing: for a run that must not go on.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn note(&self, store: &mut dyn Store) -> Result<(), PublishError> {
        self.claim(Vec::new(), &[], store).map(drop)
    }
}

/// A delivery on its way: claimed, or about to be.
struct Ready {
    /// Its place in the plan.
    place: usize,
    /// For people.
    title: String,
    /// [`DeliveryKey::hash`]
    hash: String,
    /// What is written on the ledger, and sent.
    claim: Box<Claim>,
    /// What the ledger must still say for the claim to be made.
    base: Base,
    /// The parts that are out.
    sent: Vec<PartReceipt>,
    /// That the part after them surely is not.
    rest: Option<Unsent>,
}

/// What the ledger says of a delivery before it is claimed.
enum Base {
    /// That it may be sent as something new.
    Fresh,
    /// Exactly this: an open claim, taken over.
    Open(State),
}

impl Base {
    fn holds(&self, state: &State, claim: &Claim) -> bool {
        match self {
            Base::Fresh => state.may_send(&claim.digest),
            Base::Open(seen) => state == seen,
        }
    }
}

/// One account, logged in, with its deliveries in order.
struct AccountWork {
    session: Box<dyn Session>,
    /// What is to be done with what is out.
    cares: Vec<Care>,
    /// What is to be sent.
    ready: Vec<Ready>,
}

impl Ready {
    fn key(&self) -> &DeliveryKey {
        &self.claim.key
    }

    fn end(self, ending: Ending) -> Ended {
        Ended {
            holder: Some(holder(&self.claim)),
            place: self.place,
            key: self.claim.key,
            title: self.title,
            digest: Some(self.claim.digest),
            ending,
            resolved_by: None,
            record: true,
            base: None,
            rest: self.rest,
        }
    }
}

/// Who holds a delivery by this claim: its run, and until when. No two claims have both in common.
fn holder(claim: &Claim) -> (String, DateTime<Utc>) {
    (claim.runner.clone(), claim.lease_until)
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
