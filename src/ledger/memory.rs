//! The ledger in memory, for tests: several stores over one remote, as racing publishers have them.

use std::sync::{Arc, Mutex};

use super::{Appended, DeliveryKey, Entry, Open, State, Store, StoreError, codec, fold};

/// What the remote holds: commits, each with the files that it added.
#[derive(Debug, Clone, Default)]
pub struct Remote(Arc<Mutex<Vec<Vec<Vec<u8>>>>>);

impl Remote {
    /// How many commits were pushed.
    pub fn commits(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().concat().iter().map(|bytes| codec::decode(bytes).unwrap()).collect()
    }

    /// A publisher's view of it.
    pub fn store(&self) -> Memory {
        Memory { remote: self.clone(), seen: self.commits() }
    }

    /// Adds a commit behind the publishers' backs.
    pub fn push(&self, entries: &[Entry]) {
        self.0.lock().unwrap().push(entries.iter().map(|entry| codec::encode(entry).unwrap()).collect());
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
        let commits = self.remote.0.lock().unwrap()[..self.seen].concat();
        commits.iter().map(|bytes| codec::decode(bytes).unwrap()).collect()
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

    fn append(&mut self, _message: &str, entries: &[Entry]) -> Result<Appended, StoreError> {
        let mut commits = self.remote.0.lock().unwrap();
        if commits.len() != self.seen {
            return Ok(Appended::Raced);
        }
        commits.push(entries.iter().map(|entry| codec::encode(entry).unwrap()).collect());
        self.seen = commits.len();
        Ok(Appended::Done(format!("{:040x}", self.seen)))
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
