//! What became of it: one commit for all. A lost outcome is costly, so this is tried hard.

use chrono::{DateTime, TimeDelta, Utc};

use super::claim::{leave_what_is_known, message};
use super::patience::PAUSES;
use super::{Ended, Ending, Event, Publisher, holder};
use crate::ledger::{Appended, Entry, Sighting, State, Store, StoreError, fold};

/// How often another publisher may be faster. Outcomes never conflict, so each try is as good as the one before.
const RACES: usize = 50;

type Holder = (String, DateTime<Utc>);

/// How often git may fail.
const FAILURES: usize = 6;

/// After so much time of failing no new try is begun: a remote that hangs is given up within ten minutes, because what runs
/// this has limits of its own. What was sent stands on the claim, and the run after its lease asks the network.
const LONGEST: TimeDelta = TimeDelta::minutes(4);

/// What is to be written down of one delivery.
struct News {
    /// Its place among the endings.
    at: usize,
    entry: Entry,
    holder: Option<Holder>,
    base: Option<State>,
}

impl Publisher<'_> {
    /// Writes the endings that are news, and what was seen and is not written down yet. What the ledger has overtaken is
    /// left out, and told as another publisher's where it took no claim.
    pub(super) fn record(
        &self,
        ended: &mut [Ended],
        mut seen: Vec<Sighting>,
        store: &mut dyn Store,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let news = |(at, ended): (usize, &Ended)| {
            let (holder, base) = (ended.holder.clone(), ended.base.clone());
            Some(News { at, entry: ended.entry(now, self.redact)?, holder, base })
        };
        let mut news: Vec<News> = ended.iter().enumerate().filter_map(news).collect();
        self.leave_what_changed(&mut news, ended, store)?;
        let (mut races, mut failures) = (0, 0);
        while !news.is_empty() || !seen.is_empty() {
            let entries: Vec<Entry> = news.iter().map(|news| news.entry.clone()).collect();
            (self.progress)(Event::Recording { count: entries.len() });
            match store.write(&message("Record", entries.iter().map(Entry::key), &seen), &entries, &seen) {
                Ok(Appended::Done(_)) => return Ok(()),
                Ok(Appended::Raced) if races < RACES => races += 1,
                Ok(Appended::Raced) => {
                    return Err(StoreError::Git(format!("other publishers were faster {RACES} times")));
                }
                Err(_) if failures < FAILURES && self.clock.now() - now < LONGEST => failures += 1,
                Err(error) => return Err(error),
            }
            self.clock.wait(PAUSES[(races + failures - 1).min(PAUSES.len() - 1)] / 4);
            if let Err(error) = store.refresh() {
                failures += 1;
                if failures > FAILURES || self.clock.now() - now >= LONGEST {
                    return Err(error);
                }
                continue;
            }
            leave_what_is_known(&mut seen, &store.sightings()?);
            let mut left = Vec::new();
            for news in news {
                let known = store.entries(news.entry.key())?;
                // A push whose answer was lost may have arrived.
                if !known.contains(&news.entry) && !is_overtaken(&news.entry, news.holder.as_ref(), &known) {
                    left.push(news);
                }
            }
            news = left;
            self.leave_what_changed(&mut news, ended, store)?;
        }
        Ok(())
    }

    /// Leaves out what took no claim where the ledger says something else by now: another run is at it, or was.
    fn leave_what_changed(
        &self,
        news: &mut Vec<News>,
        ended: &mut [Ended],
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        for one in std::mem::take(news) {
            match &one.base {
                Some(base) if fold(store.entries(one.entry.key())?) != *base => {
                    if let Some(ended) = ended.get_mut(one.at) {
                        ended.ending = Ending::Taken;
                    }
                }
                _ => news.push(one),
            }
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
