//! What people decided, with what the publisher remembers of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Trusted;
use crate::cli::Failure;
use crate::git::Overhearing;
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

    /// Begins to listen to what people decided, beside other work, where nobody did before.
    pub(super) fn begin_to_overhear(&self) -> Option<Overhearing> {
        let begin = || match self.overheard.take() {
            Some(overheard) => Overhearing::Done(overheard),
            None => self.repository.begin_to_overhear(&self.branches, self.tip),
        };
        self.heard.borrow().is_none().then(begin)
    }

    /// All that people decided, where what was decided on other posts alone than these may be left out.
    ///
    /// # Errors
    /// As for [`Trusted::evidence`].
    pub(super) fn evidence_on(
        &self,
        overhearing: Option<Overhearing>,
        posts: &HashSet<&PostId>,
        store: &dyn Store,
    ) -> Result<Evidence, Failure> {
        let sightings = store.sightings()?;
        let evidence = match (overhearing, self.heard.take()) {
            (None, Some(heard)) => heard,
            (None, None) => self.repository.evidence(&self.branches, self.tip)?,
            (Some(overhearing), _) => {
                let seen: HashSet<&str> = sightings.kept().map(|(commit, _)| commit).collect();
                self.repository.evidence_on(overhearing.end()?, posts, &seen)?
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
