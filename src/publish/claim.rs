//! "I am about to send these, and this is what I saw that says I may": one commit for all, pushed before anything is
//! sent.

use std::fmt::Write as _;

use super::patience::PAUSES;
use super::{AccountWork, Base, Ended, Ending, Event, LEASE, PublishError, Publisher, Ready};
use crate::failpoints;
use crate::ledger::{Appended, DeliveryKey, Entry, SameText, Sighting, Sightings, Store, StoreError, fold, same_text};
use crate::plan::Saying;
use crate::render::Wording;

/// How often another publisher may be faster before this one gives up.
const RACES: usize = 12;

impl Publisher<'_> {
    /// Claims what is ready, and writes down what was seen for the first time. Whatever another publisher has claimed or
    /// seen meanwhile is left to it. Where nothing is to be claimed, but something else to be written down at the end of
    /// the run (`ended`, or what is still to be done), what was seen goes there.
    pub(super) fn claim(
        &self,
        mut accounts: Vec<AccountWork>,
        ended: &[Ended],
        store: &mut dyn Store,
    ) -> Result<Claimed, PublishError> {
        let (mut seen, mut left) = (self.seen.to_vec(), Vec::new());
        let closes = ended.iter().any(Ended::is_aftercare) || accounts.iter().any(|account| !account.cares.is_empty());
        if failpoints::skips("claim") {
            return Ok(Claimed { accounts, ended: left, unwritten: Vec::new() });
        }
        for race in 0..RACES {
            if self.clock.stopped() {
                self.leave_all(&mut accounts, &mut left);
            }
            let lease_until = self.clock.now() + LEASE;
            let mut entries = Vec::new();
            for ready in accounts.iter_mut().flat_map(|account| &mut account.ready) {
                ready.claim.lease_until = lease_until;
                entries.push(Entry::Claim(ready.claim.clone()));
            }
            if entries.is_empty() && (seen.is_empty() || closes) {
                return Ok(Claimed { accounts, ended: left, unwritten: seen });
            }
            if !entries.is_empty() {
                (self.progress)(Event::Claiming { count: entries.len() });
            }
            match store.write(&intent(&entries, &seen), &entries, &seen)? {
                Appended::Done(_) => return Ok(Claimed { accounts, ended: left, unwritten: Vec::new() }),
                Appended::Raced => {
                    (self.progress)(Event::Raced);
                    self.clock.wait(PAUSES[race.min(PAUSES.len() - 1)] / 4);
                    store.refresh()?;
                    self.leave_what_is_taken(&mut accounts, store, &mut left)?;
                    leave_what_is_known(&mut seen, &store.sightings()?);
                }
            }
        }
        Err(PublishError::Raced(RACES))
    }

    /// The run was told to end, and nothing is begun.
    fn leave_all(&self, accounts: &mut [AccountWork], ended: &mut Vec<Ended>) {
        for ready in accounts.iter_mut().flat_map(|account| account.ready.drain(..)) {
            let reason = "the run was told to end before it was claimed".to_owned();
            let ending = Ending::NotTried { reason, help: "the next `greenlit publish` sends it".to_owned() };
            (self.progress)(Event::Ended { key: ready.key(), ending: &ending });
            ended.push(Ended { record: false, ..ready.end(ending) });
        }
    }

    fn leave_what_is_taken(
        &self,
        accounts: &mut [AccountWork],
        store: &dyn Store,
        ended: &mut Vec<Ended>,
    ) -> Result<(), PublishError> {
        for account in accounts {
            for ready in std::mem::take(&mut account.ready) {
                let ending = match store.entries(ready.key()).map(fold) {
                    Ok(state) if ready.base.holds(&state, &ready.claim) => match self.said_meanwhile(&ready, store)? {
                        Some(other) => Ending::NotTried {
                            reason: format!("another run took on the post {}, which says the same", other.post),
                            help: "`greenlit status` tells what to do".to_owned(),
                        },
                        None => {
                            account.ready.push(ready);
                            continue;
                        }
                    },
                    Ok(_) => Ending::Taken,
                    Err(error @ StoreError::Malformed { .. }) => {
                        Ending::NotTried { reason: error.to_string(), help: "look at the ledger".to_owned() }
                    }
                    Err(error) => return Err(error.into()),
                };
                (self.progress)(Event::Ended { key: ready.key(), ending: &ending });
                ended.push(Ended { record: false, ..ready.end(ending) });
            }
        }
        Ok(())
    }

    /// Another post with the same text that another publisher took on since this one was planned.
    fn said_meanwhile(&self, ready: &Ready, store: &dyn Store) -> Result<Option<SameText>, StoreError> {
        let (key, payload) = (ready.key(), &ready.claim.payload);
        let window = (self.window)(&key.account);
        let Some(wording) = Wording::of(payload).filter(|_| matches!(ready.base, Base::Fresh)) else {
            return Ok(None);
        };
        let (repeats, before) = (payload.repeats.clone(), same_text(store, key, &wording)?);
        let saying = Saying { wording: Some(wording), window, repeats, before };
        let held = saying.duplicate(&key.post, self.clock.now());
        Ok(held.and_then(|duplicate| duplicate.others.into_iter().next()))
    }
}

/// What the first commit of a run came to.
pub(super) struct Claimed {
    /// What is this run's to do.
    pub accounts: Vec<AccountWork>,
    /// What is not.
    pub ended: Vec<Ended>,
    /// What was seen and is not written down yet.
    pub unwritten: Vec<Sighting>,
}

/// Another publisher saw some of it first: its date counts.
pub(super) fn leave_what_is_known(seen: &mut Vec<Sighting>, known: &Sightings) {
    for sighting in &mut *seen {
        sighting.commits.retain(|commit| known.lack(commit));
    }
    seen.retain(|sighting| !sighting.commits.is_empty());
}

/// The message of the commit that comes before anything is sent.
fn intent(entries: &[Entry], seen: &[Sighting]) -> String {
    message("Claim", entries.iter().map(Entry::key), seen)
}

/// A ledger commit's message: the verb and the deliveries, and what was seen for the first time.
pub(super) fn message<'k>(verb: &str, keys: impl Iterator<Item = &'k DeliveryKey>, seen: &[Sighting]) -> String {
    let decisions = match seen.iter().map(|sighting| sighting.commits.len()).sum::<usize>() {
        1 => "1 decision".to_owned(),
        many => format!("{many} decisions"),
    };
    let keys: Vec<&DeliveryKey> = keys.collect();
    let done = match keys.as_slice() {
        [] => return format!("See {decisions}\n"),
        [key] => format!("{verb} {key}"),
        _ => format!("{verb} {} deliveries", keys.len()),
    };
    let mut text = if seen.is_empty() { format!("{done}\n") } else { format!("{done}, see {decisions}\n") };
    if keys.len() > 1 {
        for key in keys {
            // Writing to a String does not fail.
            let _ = write!(text, "\n{key}");
        }
        text.push('\n');
    }
    text
}
