//! What became of it: one commit for all. A lost outcome is costly, so this is tried hard.

use super::claim::message;
use super::patience::PAUSES;
use super::{Ended, Event, Publisher};
use crate::ledger::{Appended, Entry, Store, StoreError};

/// How often another publisher may be faster. Outcomes never conflict, so each try is as good as the one before.
const RACES: usize = 50;

/// How often git may fail.
const FAILURES: usize = 6;

impl Publisher<'_> {
    /// Writes the endings that are news.
    pub(super) fn record(&self, ended: &[Ended], store: &mut dyn Store) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut entries: Vec<Entry> = ended.iter().filter_map(|ended| ended.entry(now, self.redact)).collect();
        let (mut races, mut failures) = (0, 0);
        while !entries.is_empty() {
            (self.progress)(Event::Recording { count: entries.len() });
            match store.append(&message("Record", entries.iter().map(Entry::key)), &entries) {
                Ok(Appended::Done(_)) => return Ok(()),
                Ok(Appended::Raced) if races < RACES => races += 1,
                Ok(Appended::Raced) => {
                    return Err(StoreError::Git(format!("other publishers were faster {RACES} times")));
                }
                Err(_) if failures < FAILURES => failures += 1,
                Err(error) => return Err(error),
            }
            self.clock.wait(PAUSES[(races + failures - 1).min(PAUSES.len() - 1)] / 4);
            if let Err(error) = store.refresh() {
                failures += 1;
                if failures > FAILURES {
                    return Err(error);
                }
                continue;
            }
            // A push whose answer was lost may have arrived.
            let mut left = Vec::new();
            for entry in entries {
                if !store.entries(entry.key())?.contains(&entry) {
                    left.push(entry);
                }
            }
            entries = left;
        }
        Ok(())
    }
}
