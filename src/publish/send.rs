//! Sending what is claimed: accounts side by side, deliveries in order, parts in order.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::media::Checked;
use super::outcome::Unsent;
use super::patience::{PAUSES, Patience, until};
use super::{AccountWork, Ended, Ending, Event, MARGIN, Publisher, Ready};
use crate::failpoints;
use crate::ledger::PartReceipt;
use crate::network::{Found, Job, MediaBytes, SendError, Session};

/// How long one account may wait for its network while it sends, all waits together.
const BUDGET: Duration = Duration::from_secs(60);

/// How often one part is sent at most.
const TRIES: usize = 5;

impl Publisher<'_> {
    /// Sends, one thread for each account.
    pub(super) fn send(&self, accounts: Vec<AccountWork>) -> Vec<Ended> {
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                accounts.into_iter().map(|account| scope.spawn(move || self.send_account(account))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    fn send_account(&self, account: AccountWork) -> Vec<Ended> {
        let AccountWork { mut session, cares, ready } = account;
        let first = cares.first().map(|care| &care.claim.key).or_else(|| ready.first().map(Ready::key));
        let Some(name) = first.map(|key| key.account.clone()) else { return Vec::new() };
        let mut patience = Patience::new(self, &name, BUDGET);
        let mut stopped: Option<String> = None;
        let mut ended = self.care(cares, session.as_mut(), &mut patience, &mut stopped);
        for mut ready in ready {
            if self.clock.stopped() {
                stopped.get_or_insert_with(|| "the run was told to end".to_owned());
            }
            let ending = match &stopped {
                Some(reason) => interrupted(format!("not tried: {reason}"), &mut ready, &patience),
                None => {
                    let mut deliver = || self.deliver(&mut ready, session.as_mut(), &mut patience, &mut stopped);
                    catch_unwind(AssertUnwindSafe(&mut deliver)).unwrap_or_else(|_| {
                        // Nobody knows how far it came.
                        let reason = format!("the adapter for {name} broke down");
                        stopped = Some(reason.clone());
                        Ending::Uncertain { reason, parts: ready.sent.clone() }
                    })
                }
            };
            (self.progress)(Event::Ended { key: ready.key(), ending: &ending });
            ended.push(ready.end(ending));
        }
        ended
    }

    /// Sends the parts that are not out. Sets `stopped` where the account's other deliveries need not be tried.
    fn deliver(
        &self,
        ready: &mut Ready,
        session: &mut dyn Session,
        patience: &mut Patience<'_>,
        stopped: &mut Option<String>,
    ) -> Ending {
        let claim = ready.claim.clone();
        let media = Checked { source: self.media, commit: &claim.trusted };
        let of = claim.payload.parts.len();
        while ready.sent.len() < of {
            if self.clock.now() + MARGIN > claim.lease_until {
                let reason = "the run took too long, and its claim ran out".to_owned();
                *stopped = Some(reason.clone());
                return interrupted(reason, ready, patience);
            }
            (self.progress)(Event::Sending { key: &claim.key, part: ready.sent.len() + 1, of });
            let job = Job {
                key: &claim.key,
                hash: &ready.hash,
                payload: &claim.payload,
                frozen: &claim.frozen,
                claimed_at: claim.claimed_at,
                sent: &ready.sent,
            };
            match self.send_part(&job, session, &media, patience) {
                Part::Sent(receipt) => ready.sent.push(receipt),
                Part::Away(reason) => {
                    *stopped = Some(reason.clone());
                    return interrupted(reason, ready, patience);
                }
                Part::Refused(reason) => {
                    return Ending::Failed { reason, parts: ready.sent.clone(), retry: false };
                }
                Part::Unknown(reason) => return Ending::Uncertain { reason, parts: ready.sent.clone() },
            }
        }
        Ending::Published { parts: ready.sent.clone(), adopted: false }
    }

    fn send_part(
        &self,
        job: &Job<'_>,
        session: &mut dyn Session,
        media: &dyn MediaBytes,
        patience: &mut Patience<'_>,
    ) -> Part {
        let mut doubted = false;
        let mut last = String::new();
        for _ in 0..TRIES {
            let error = match send_once(job, session, media) {
                Ok(receipt) => return Part::Sent(receipt),
                Err(error) => error,
            };
            last = error.to_string();
            match error {
                SendError::NotSent { retry_at, .. } => {
                    if !patience.wait(retry_at, &last) {
                        return Part::Away(until(&last, retry_at, self.clock.now()));
                    }
                }
                SendError::Credentials { .. } => break,
                // A refusal after a lost answer may be the network's way to say that it has it already.
                SendError::Refused { .. } if !doubted => return Part::Refused(last),
                SendError::Refused { .. } | SendError::Ambiguous { .. } => {
                    let refused = matches!(error, SendError::Refused { .. });
                    doubted = true;
                    match self.ask(job, session) {
                        Found::Yes(receipt) => return Part::Sent(receipt),
                        Found::No if refused => return Part::Refused(last),
                        Found::No => {}
                        Found::Unknown(reason) => return Part::Unknown(format!("{last}; {reason}")),
                    }
                }
            }
        }
        Part::Away(last)
    }

    /// Asks after a part whose answer was lost. What is said not to be there may still be on its way: only a second no
    /// counts.
    fn ask(&self, job: &Job<'_>, session: &mut dyn Session) -> Found {
        let mut noes = 0;
        let mut unknown = "asking whether it is out brought no answer".to_owned();
        for pause in PAUSES {
            self.clock.wait(pause);
            match find(job, session) {
                Ok(Found::Yes(receipt)) => return Found::Yes(receipt),
                Ok(Found::No) => noes += 1,
                Ok(Found::Unknown(reason)) => return Found::Unknown(reason),
                Err(error) => {
                    noes = 0;
                    unknown = format!("asking whether it is out failed too: {error}");
                }
            }
            if noes == 2 {
                return Found::No;
            }
        }
        Found::Unknown(unknown)
    }
}

fn send_once(job: &Job<'_>, session: &mut dyn Session, media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
    let lost = || SendError::Ambiguous { reason: "the connection broke".to_owned() };
    if failpoints::fails("send", "before-request") {
        return Err(lost());
    }
    let receipt = session.send(job, media)?;
    if failpoints::fails("send", "after-response") { Err(lost()) } else { Ok(receipt) }
}

/// Asks the network whether a part is out.
pub(super) fn find(job: &Job<'_>, session: &mut dyn Session) -> Result<Found, SendError> {
    if failpoints::skips("asking") {
        return Ok(Found::No);
    }
    if failpoints::fails("find", "before-request") {
        return Err(SendError::NotSent { reason: "the connection broke".to_owned(), retry_at: None });
    }
    session.find(job)
}

/// What became of one part.
enum Part {
    Sent(PartReceipt),
    /// Surely not sent; the network is away, busy, or does not let us in.
    Away(String),
    /// Surely not sent, and never will be.
    Refused(String),
    Unknown(String),
}

/// A delivery that stops where it is: the part after `sent` surely is not out.
fn interrupted(reason: String, ready: &mut Ready, patience: &Patience<'_>) -> Ending {
    ready.rest = Some(Unsent { not_before: patience.alone_until });
    let sent = &ready.sent;
    if sent.is_empty() {
        Ending::Failed { reason, parts: Vec::new(), retry: true }
    } else {
        // The claim stays open, and the next run goes on with the part that is missing.
        Ending::Uncertain { reason, parts: sent.clone() }
    }
}
