//! Keys that never come back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::workspace::{Key, Roles};

/// The keys that some policy revoked, and since when; the earliest date counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Revoked(BTreeMap<Key, DateTime<Utc>>);

impl Revoked {
    /// Takes in what a policy revokes.
    pub fn add(&mut self, roles: &Roles) {
        for owned in roles.people.values().flat_map(|person| &person.keys) {
            if let Some(at) = owned.revoked {
                let since = self.0.entry(owned.key.clone()).or_insert(at);
                *since = at.min(*since);
            }
        }
    }

    /// Since when a key is revoked.
    pub fn since(&self, key: &Key) -> Option<DateTime<Utc>> {
        self.0.get(key).copied()
    }

    /// The keys that are revoked by now.
    pub fn by(&self, now: DateTime<Utc>) -> BTreeSet<Key> {
        self.0.iter().filter(|(_, since)| **since <= now).map(|(key, _)| key.clone()).collect()
    }
}
