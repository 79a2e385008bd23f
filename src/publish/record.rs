//! What became of it: one commit for all. A lost outcome is costly, so this is tried hard.

use chrono::{DateTime, Utc};

use super::claim::message;
use super::patience::PAUSES;
use super::{Ended, Event, Publisher, holder};
use crate::ledger::{Appended, Entry, Store, StoreError};

/// How often another publisher may be faster. Outcomes never conflict, so each try is as good as the one before.
const RACES: usize = 50;

type Holder = (String, DateTime<Utc>);

/// How often git may fail.
const FAILURES: usize = 6;

impl Publisher<'_> {
    /// Writes the endings that are news.
    pub(super) fn record(&self, ended: &[Ended], store: &mut dyn Store) -> Result<(), StoreError> {
        let now = self.clock.now();
        let news = |ended: &Ended| Some((ended.entry(now, self.redact)?, ended.holder.clone()));
        let mut news: Vec<(Entry, Option<Holder>)> = ended.iter().filter_map(news).collect();
        let (mut races, mut failures) = (0, 0);
        while !news.is_empty() {
            let entries: Vec<Entry> = news.iter().map(|(entry, _)| entry.clone()).collect();
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
            let mut left = Vec::new();
            for (entry, holder) in news {
                let known = store.entries(entry.key())?;
                // A push whose answer was lost may have arrived.
                if !known.contains(&entry) && !is_overtaken(&entry, holder.as_ref(), &known) {
                    left.push((entry, holder));
                }
            }
            news = left;
        }
        Ok(())
    }
}

/// Whether another run has claimed the delivery since, because this one slept for longer than its claim held. What the
/// other does with it is not to be called off by what this one came to; that it is out is true whoever says so.
fn is_overtaken(entry: &Entry, by: Option<&Holder>, known: &[Entry]) -> bool {
    let last = known.iter().rev().find_map(|entry| match entry {
        Entry::Claim(claim) => Some(holder(claim)),
        _ => None,
    });
    !matches!(entry, Entry::Published(_)) && by.is_some() && last.as_ref() != by
}
