//! What people decided, with what the publisher remembers of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Trusted;
use crate::cli::Failure;
use crate::ledger::{Sighting, Sightings, Store};
use crate::policy::Evidence;
use crate::workspace::PostId;

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
                let overheard = match self.overhearing.take() {
                    Some(overhearing) => overhearing.end()?,
                    None => self.repository.overhear(&self.branches, self.tip)?,
                };
                self.repository.evidence_on(overheard, posts, &seen)?
            }
        };
        self.with_sightings(evidence, &sightings)
    }

    fn with_sightings(&self, mut evidence: Evidence, sightings: &Sightings) -> Result<Evidence, Failure> {
        self.repository.remember(&mut evidence, sightings, self.tip)?;
        Ok(evidence)
    }

    /// The same for a run of the publisher: what it sees for the first time counts as seen at `now`, and is to be written
    /// in the same commit as what it claims on the strength of it.
    ///
    /// # Errors
    /// As for [`Trusted::evidence`].
    pub fn see(
        &self,
        store: &dyn Store,
        runner: &str,
        now: DateTime<Utc>,
    ) -> Result<(Evidence, Vec<Sighting>), Failure> {
        let mut evidence = self.evidence(store)?;
        let mut sightings = store.sightings()?;
        let new = self.repository.unseen(&evidence, &sightings, &self.settings.workspace)?;
        let seen = Sighting::of(runner, now, new);
        if !seen.is_empty() {
            seen.iter().for_each(|sighting| sightings.add(sighting.clone()));
            self.repository.remember(&mut evidence, &sightings, self.tip)?;
        }
        Ok((evidence, seen))
    }
}
