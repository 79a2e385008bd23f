//! After publishing: what people asked to be done with what is out. Done in the account's own thread, before anything is
//! sent; to do it again does no harm, so it takes no claim, and a run that dies over it is followed by one that does it
//! again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::media::Checked;
use super::patience::Patience;
use super::{Ended, Ending, Event, Publisher};
use crate::failpoints;
use crate::ledger::{Claim, Entry, PartReceipt, State, sent};
use crate::network::{Edited, Job, OutThere, Removed, SendError, Session};
use crate::policy::{Retraction, Update};
use crate::render::Digest;

/// What is to be done with one delivery, its account logged in.
pub(super) struct Care {
    /// Its place in the plan.
    pub place: usize,
    /// For people.
    pub title: String,
    /// [`crate::ledger::DeliveryKey::hash`]
    pub hash: String,
    /// What was sent, or begun to be sent.
    pub claim: Box<Claim>,
    /// What the ledger must still say when it is written down.
    pub base: State,
    /// The parts that are out.
    pub out: Vec<PartReceipt>,
    /// Why nobody knows whether more of it is out.
    pub in_doubt: Option<String>,
    /// What people asked for.
    pub action: Action,
}

/// What people asked to be done with what is out.
#[derive(Clone)]
pub(super) enum Action {
    /// To take it down.
    Retract(Retraction),
    /// To change it to this, which they approved.
    Update { asked: Update, now: Box<Claim> },
}

/// What the ledger has of a delivery that people want something done with.
pub(super) enum Told {
    /// Nothing of it is out, and nobody is at it: there is nothing to ask of a network.
    NotOut,
    /// These parts are out.
    Out { claim: Box<Claim>, parts: Vec<PartReceipt> },
    /// These are, and perhaps more.
    InDoubt { claim: Box<Claim>, parts: Vec<PartReceipt> },
}

impl Told {
    /// Reads a delivery's entries and where it stands by them; `None` where somebody is at it, or it is done already.
    ///
    /// # Errors
    /// When the ledger does not say what was sent.
    pub fn of(entries: &[Entry], state: &State, publisher: &Publisher<'_>) -> Result<Option<Self>, String> {
        let sent =
            |digest: &Digest| sent(entries, digest).ok_or_else(|| "the ledger does not say what was sent".to_owned());
        Ok(match state {
            State::New => Some(Told::NotOut),
            State::Failed(failed) if failed.parts.is_empty() => Some(Told::NotOut),
            State::Failed(failed) => Some(Told::Out { claim: sent(&failed.digest)?, parts: failed.parts.clone() }),
            State::Published(out) => Some(Told::Out { claim: sent(&out.digest)?, parts: out.parts.clone() }),
            State::Uncertain(claim, noted) => Some(Told::InDoubt { claim: claim.clone(), parts: noted.parts.clone() }),
            State::Claimed(claim) if claim.lease_until <= publisher.clock.now() => {
                Some(Told::InDoubt { claim: claim.clone(), parts: Vec::new() })
            }
            State::Claimed(_) | State::Retracted(_) => None,
        })
    }
}

/// How it ends where nothing of it is out: no network has to be asked.
pub(super) fn not_out(action: &Action) -> Ending {
    match action {
        Action::Retract(retraction) => held_back(retraction),
        Action::Update { .. } => Ending::Taken,
    }
}

/// Nothing of it is out, and never will be.
pub(super) fn held_back(retraction: &Retraction) -> Ending {
    retracted(retraction, Vec::new(), Vec::new(), None)
}

fn retracted(
    retraction: &Retraction,
    parts: Vec<PartReceipt>,
    gone: Vec<PartReceipt>,
    in_doubt: Option<String>,
) -> Ending {
    Ending::Retracted { statements: retraction.commits(), parts, gone, in_doubt }
}

impl Care {
    pub fn end(self, ending: Ending) -> Ended {
        let Care { place, title, claim, base, .. } = self;
        let base = Some(base);
        let (key, digest) = (claim.key, Some(claim.digest));
        let (resolved_by, holder, rest) = (None, None, None);
        Ended { place, key, title, digest, ending, resolved_by, record: true, holder, base, rest }
    }
}

impl Publisher<'_> {
    /// Does all that is to be done at one account. Sets `stopped` where the account is better left alone.
    pub(super) fn care(
        &self,
        cares: Vec<Care>,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
        stopped: &mut Option<String>,
    ) -> Vec<Ended> {
        let mut ended = Vec::new();
        for care in cares {
            if self.clock.stopped() {
                stopped.get_or_insert_with(|| "the run was told to end".to_owned());
            }
            let ending = match &stopped {
                Some(reason) => later(reason.clone()),
                None => {
                    let mut act = || self.care_for(&care, session, patience, stopped);
                    catch_unwind(AssertUnwindSafe(&mut act)).unwrap_or_else(|_| {
                        let reason = format!("the adapter for {} broke down", care.claim.key.account);
                        later(stopped.insert(reason).clone())
                    })
                }
            };
            (self.progress)(Event::Ended { key: &care.claim.key, ending: &ending });
            ended.push(care.end(ending));
        }
        ended
    }

    fn care_for(
        &self,
        care: &Care,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
        stopped: &mut Option<String>,
    ) -> Ending {
        match &care.action {
            Action::Retract(retraction) => match self.take_down(care, session, patience) {
                Ok((parts, gone)) => retracted(retraction, parts, gone, care.in_doubt.clone()),
                Err(error) => not_done(&error, stopped),
            },
            Action::Update { asked, now } => match self.change(care, now, session, patience) {
                Ok(Changed::All(parts)) => {
                    let now = Box::new(Claim { claimed_at: self.clock.now(), ..*now.clone() });
                    Ending::Updated { now, asked_by: asked.commit.clone(), parts }
                }
                Ok(Changed::Gone(part)) => Ending::NotDone {
                    reason: match care.out.len() {
                        1 => "it is not there any more, and nothing was put in its place".to_owned(),
                        _ => format!("part {part} is not there any more, and nothing was put in its place"),
                    },
                    help: "`greenlit retract` ends it for good, `greenlit withdraw` takes the wish to change it back"
                        .to_owned(),
                },
                Err(error) => not_done(&error, stopped),
            },
        }
    }

    /// Changes the parts in their order: what the network calls them now.
    fn change(
        &self,
        care: &Care,
        now: &Claim,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
    ) -> Result<Changed, SendError> {
        let Claim { key, payload, frozen, claimed_at, .. } = &*care.claim;
        let media = Checked { source: self.media, commit: &now.trusted };
        let mut parts = Vec::new();
        for (at, receipt) in care.out.iter().enumerate() {
            (self.progress)(Event::Changing { key, part: at + 1, of: care.out.len() });
            let sent = care.out.get(..at).unwrap_or_default();
            let job = Job { key, hash: &care.hash, payload: &now.payload, frozen, claimed_at: *claimed_at, sent };
            let out = OutThere { payload, receipt, now: self.clock.now() };
            match patience.with(|| change_once(&job, &out, &media, session))? {
                Edited::Done(receipt) => parts.push(receipt),
                Edited::Gone => return Ok(Changed::Gone(at + 1)),
            }
        }
        Ok(Changed::All(parts))
    }

    /// Takes down the parts that are out, the last first, so that nobody ever reads half a thread's end: those that were
    /// there, and those that were not, each in their order.
    fn take_down(
        &self,
        care: &Care,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
    ) -> Result<(Vec<PartReceipt>, Vec<PartReceipt>), SendError> {
        let Claim { key, payload, frozen, claimed_at, .. } = &*care.claim;
        let (mut down, mut gone) = (Vec::new(), Vec::new());
        for (at, receipt) in care.out.iter().enumerate().rev() {
            (self.progress)(Event::TakingDown { key, part: at + 1, of: care.out.len() });
            let sent = care.out.get(..at).unwrap_or_default();
            let job = Job { key, hash: &care.hash, payload, frozen, claimed_at: *claimed_at, sent };
            match patience.with(|| take_down_once(&job, receipt, session))? {
                Removed::TakenDown => down.push(receipt.clone()),
                Removed::AlreadyGone => gone.push(receipt.clone()),
            }
        }
        down.reverse();
        gone.reverse();
        Ok((down, gone))
    }
}

/// How far a change came.
enum Changed {
    All(Vec<PartReceipt>),
    /// This part was not there, from 1.
    Gone(usize),
}

fn change_once(
    job: &Job<'_>,
    out: &OutThere<'_>,
    media: &Checked<'_>,
    session: &mut dyn Session,
) -> Result<Edited, SendError> {
    let lost = || SendError::Ambiguous { reason: "the connection broke".to_owned() };
    if failpoints::fails("care", "before-request") {
        return Err(lost());
    }
    let edited = session.edit(job, out, media)?;
    if failpoints::fails("care", "after-response") { Err(lost()) } else { Ok(edited) }
}

fn take_down_once(job: &Job<'_>, receipt: &PartReceipt, session: &mut dyn Session) -> Result<Removed, SendError> {
    let lost = || SendError::Ambiguous { reason: "the connection broke".to_owned() };
    if failpoints::fails("care", "before-request") {
        return Err(lost());
    }
    let removed = session.take_down(job, receipt)?;
    if failpoints::fails("care", "after-response") { Err(lost()) } else { Ok(removed) }
}

/// What could not be done. Refused credentials and a network that is away concern the whole account, a refusal one
/// delivery.
fn not_done(error: &SendError, stopped: &mut Option<String>) -> Ending {
    let reason = error.to_string();
    match error {
        SendError::Refused { .. } => Ending::NotDone {
            reason,
            help: "do it there by hand, or take the word back with `greenlit withdraw`".to_owned(),
        },
        SendError::Credentials { help, .. } => {
            *stopped = Some(reason.clone());
            Ending::NotDone { reason, help: help.clone() }
        }
        SendError::NotSent { .. } | SendError::Ambiguous { .. } => later(stopped.insert(reason).clone()),
    }
}

/// The next run does it.
fn later(reason: String) -> Ending {
    Ending::NotDone { reason, help: "the next `greenlit publish` tries again".to_owned() }
}
