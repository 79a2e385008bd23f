//! "I am about to send these": one commit for all, pushed before anything is sent.

use std::fmt::Write as _;

use super::patience::PAUSES;
use super::{AccountWork, Ended, Ending, Event, LEASE, PublishError, Publisher};
use crate::ledger::{Appended, DeliveryKey, Entry, Store, StoreError, fold};

/// How often another publisher may be faster before this one gives up.
const RACES: usize = 12;

impl Publisher<'_> {
    /// Claims what is ready. Whatever another publisher has claimed meanwhile is left to it.
    pub(super) fn claim(
        &self,
        mut accounts: Vec<AccountWork>,
        store: &mut dyn Store,
        ended: &mut Vec<Ended>,
    ) -> Result<Vec<AccountWork>, PublishError> {
        for race in 0..RACES {
            let lease_until = self.clock.now() + LEASE;
            let mut entries = Vec::new();
            for ready in accounts.iter_mut().flat_map(|account| &mut account.ready) {
                ready.claim.lease_until = lease_until;
                entries.push(Entry::Claim(ready.claim.clone()));
            }
            if entries.is_empty() {
                return Ok(accounts);
            }
            (self.progress)(Event::Claiming { count: entries.len() });
            match store.append(&message("Claim", entries.iter().map(Entry::key)), &entries)? {
                Appended::Done(_) => return Ok(accounts),
                Appended::Raced => {
                    (self.progress)(Event::Raced);
                    self.clock.wait(PAUSES[race.min(PAUSES.len() - 1)] / 4);
                    store.refresh()?;
                    self.leave_what_is_taken(&mut accounts, store, ended)?;
                }
            }
        }
        Err(PublishError::Raced(RACES))
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
                    Ok(state) if ready.base.holds(&state, &ready.claim) => {
                        account.ready.push(ready);
                        continue;
                    }
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
}

/// A ledger commit's message: the verb and the deliveries.
pub(super) fn message<'k>(verb: &str, keys: impl Iterator<Item = &'k DeliveryKey>) -> String {
    let keys: Vec<&DeliveryKey> = keys.collect();
    let mut text = match keys.as_slice() {
        [key] => format!("{verb} {key}\n"),
        _ => format!("{verb} {} deliveries\n", keys.len()),
    };
    if keys.len() > 1 {
        for key in keys {
            // Writing to a String does not fail.
            let _ = write!(text, "\n{key}");
        }
        text.push('\n');
    }
    text
}
