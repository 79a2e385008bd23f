//! The ledger in memory, for tests: several stores over one remote, as racing publishers have them.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use super::{Appended, DeliveryKey, Entry, Open, Sighting, Sightings, State, Store, StoreError, codec, fold};
use crate::render::Wording;

/// What the remote holds: commits, each with the files that it added.
#[derive(Debug, Clone, Default)]
pub struct Remote(Arc<Mutex<Vec<Commit>>>);

/// The files that one commit added.
#[derive(Debug, Clone, Default)]
struct Commit {
    entries: Vec<Vec<u8>>,
    sightings: Vec<Vec<u8>>,
}

impl Commit {
    fn of(entries: &[Entry], seen: &[Sighting]) -> Self {
        Self {
            entries: entries.iter().map(|entry| codec::encode(entry).unwrap()).collect(),
            sightings: seen.iter().map(|sighting| sighting.encode().unwrap()).collect(),
        }
    }
}

impl Remote {
    /// How many commits were pushed.
    pub fn commits(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .flat_map(|commit| &commit.entries)
            .map(|bytes| codec::decode(bytes).unwrap())
            .collect()
    }

    /// All that was seen, oldest first.
    pub fn sightings(&self) -> Vec<Sighting> {
        let commits = self.0.lock().unwrap();
        commits.iter().flat_map(|commit| &commit.sightings).map(|bytes| Sighting::decode(bytes).unwrap()).collect()
    }

    /// A publisher's view of it.
    pub fn store(&self) -> Memory {
        Memory { remote: self.clone(), seen: self.commits() }
    }

    /// Adds a commit behind the publishers' backs.
    pub fn push(&self, entries: &[Entry]) {
        self.push_seen(entries, &[]);
    }

    /// The same with what another run saw.
    pub fn push_seen(&self, entries: &[Entry], seen: &[Sighting]) {
        self.0.lock().unwrap().push(Commit::of(entries, seen));
    }
}

/// One publisher's store: what it has seen of the remote.
#[derive(Debug, Clone)]
pub struct Memory {
    remote: Remote,
    seen: usize,
}

impl Memory {
    fn seen(&self) -> Vec<Entry> {
        let commits = self.remote.0.lock().unwrap();
        commits[..self.seen]
            .iter()
            .flat_map(|commit| &commit.entries)
            .map(|bytes| codec::decode(bytes).unwrap())
            .collect()
    }

    fn push(&mut self, commit: Commit) -> Appended {
        let mut commits = self.remote.0.lock().unwrap();
        if commits.len() != self.seen {
            return Appended::Raced;
        }
        commits.push(commit);
        self.seen = commits.len();
        Appended::Done(format!("{:040x}", self.seen))
    }
}

impl Store for Memory {
    fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError> {
        Ok(self.seen().into_iter().filter(|entry| entry.key() == key).collect())
    }

    fn open(&self) -> Result<Open, StoreError> {
        let mut keys: Vec<DeliveryKey> = self.seen().iter().map(|entry| entry.key().clone()).collect();
        keys.sort();
        keys.dedup();
        keys.retain(|key| {
            let entries = self.seen().into_iter().filter(|entry| entry.key() == key);
            matches!(fold(entries), State::Claimed(_) | State::Uncertain(..))
        });
        Ok(Open { keys, misfits: Vec::new() })
    }

    fn noted(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
        let says = |entry: Entry| match entry {
            Entry::Claim(entry) if Wording::of(&entry.payload).as_ref() == Some(wording) => Some(entry.key),
            Entry::Updated(entry) if Wording::of(&entry.payload).as_ref() == Some(wording) => Some(entry.key),
            _ => None,
        };
        let mut keys: Vec<DeliveryKey> = self.seen().into_iter().filter_map(says).collect();
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    fn write(&mut self, _message: &str, entries: &[Entry], seen: &[Sighting]) -> Result<Appended, StoreError> {
        if entries.is_empty() && seen.is_empty() {
            return Ok(Appended::Done(format!("{:040x}", self.seen)));
        }
        Ok(self.push(Commit::of(entries, seen)))
    }

    fn sightings_since(&self, _: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        let mut all = Sightings::default();
        let commits = self.remote.0.lock().unwrap();
        let files = commits[..self.seen].iter().flat_map(|commit| &commit.sightings);
        files.for_each(|bytes| all.add(Sighting::decode(bytes).unwrap()));
        Ok(all)
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        self.seen = self.remote.commits();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn of_two_publishers_one_is_told_to_look_again() {
        let (remote, key) = (Remote::default(), fixtures::key("autumn"));
        let (mut one, mut two) = (remote.store(), remote.store());
        assert!(matches!(one.append("", &[fixtures::claim(&key, "one")]), Ok(Appended::Done(_))));
        assert_eq!(two.append("", &[fixtures::claim(&key, "two")]).unwrap(), Appended::Raced);
        assert!(two.entries(&key).unwrap().is_empty(), "it sees the other's claim only after a refresh");
        two.refresh().unwrap();
        assert_eq!(two.open().unwrap().keys, [key]);
    }
}
