//! What people decided, with what the publisher remembers of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Trusted;
use crate::cli::{Exit, Failure};
use crate::ledger::{Appended, Sighting, Sightings, Store};
use crate::policy::Evidence;
use crate::publish::PublishError;
use crate::view::page::counted;
use crate::workspace::PostId;

/// Times that another publisher may be faster in a row.
const TRIES: usize = 8;

impl Trusted {
    /// All that people decided: what lies on the branches, and every no that the publisher has seen and whose commit is
    /// gone.
    ///
    /// # Errors
    /// When history is not whole, or the ledger cannot be read.
    pub fn evidence(&self, store: &dyn Store) -> Result<Evidence, Failure> {
        let evidence = match self.heard.take() {
            Some(heard) => heard,
            None => self.repository.evidence(&self.branches, self.tip)?,
        };
        self.with_sightings(evidence, &store.sightings()?)
    }

    /// The same, where what was decided on other posts alone than these may be left out.
    ///
    /// # Errors
    /// As for [`Trusted::evidence`].
    pub fn evidence_on(&self, posts: &HashSet<&PostId>, store: &dyn Store) -> Result<Evidence, Failure> {
        let sightings = store.sightings()?;
        let evidence = match self.heard.take() {
            Some(heard) => heard,
            None => {
                let seen: HashSet<&str> = sightings.kept().map(|(commit, _)| commit).collect();
                self.repository.evidence_on(&self.branches, self.tip, posts, &seen)?
            }
        };
        self.with_sightings(evidence, &sightings)
    }

    fn with_sightings(&self, mut evidence: Evidence, sightings: &Sightings) -> Result<Evidence, Failure> {
        self.repository.remember(&mut evidence, sightings, self.tip)?;
        Ok(evidence)
    }

    /// The same for a run of the publisher: what it sees for the first time is on the ledger before anything is decided.
    ///
    /// # Errors
    /// As for [`Trusted::evidence`]; and when the ledger cannot be written, or others are always faster.
    pub fn see(&self, store: &mut dyn Store, runner: &str, now: DateTime<Utc>) -> Result<Evidence, Failure> {
        for _ in 0..TRIES {
            let mut evidence = self.evidence(store)?;
            let sightings = store.sightings()?;
            let new = self.repository.unseen(&evidence, &sightings, &self.settings.workspace)?;
            if new.is_empty() {
                return Ok(evidence);
            }
            let message = format!("See {}\n", counted(new.len(), "decision"));
            match store.see(&message, &Sighting::of(runner, now, new))? {
                Appended::Done(_) => {
                    self.repository.remember(&mut evidence, &store.sightings()?, self.tip)?;
                    return Ok(evidence);
                }
                Appended::Raced => store.refresh()?,
            }
        }
        let mut raced = Failure::from(PublishError::Raced(TRIES));
        raced.exit = Exit::Delivery;
        Err(raced)
    }
}
