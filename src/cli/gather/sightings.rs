//! What people decided, with what the publisher remembers of it.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Trusted;
use crate::cli::Failure;
use crate::git::Overhearing;
use crate::ledger::{Sighting, Sightings, Store};
use crate::policy::Evidence;
use crate::workspace::PostId;

/// Days by which somebody's clock may be ahead of the publisher's and what they said is still shown as first seen when it was.
const CLOCKS_DIFFER: i64 = 2;

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
        let mut evidence = self.with_sightings(evidence, &store.sightings()?)?;
        evidence.statements.extend(self.reviews(store, None)?);
        Ok(evidence)
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
        // Who only looks reads what is kept, for it brings statements back, and then as much as it takes.
        let looks = self.repository.cache().is_some();
        let mut sightings = store.sightings_since(looks.then_some(DateTime::<Utc>::MAX_UTC))?;
        let evidence = match (overhearing, self.heard.take()) {
            (None, Some(heard)) => heard,
            (None, None) => self.repository.evidence(&self.branches, self.tip)?,
            (Some(overhearing), _) => {
                let seen: HashSet<&str> = sightings.kept().map(|(commit, _)| commit).collect();
                self.repository.evidence_on(overhearing.end()?, posts, &seen)?
            }
        };
        let unseen = evidence.statements.iter().filter(|said| sightings.first_seen(&said.commit).is_none());
        if let Some(first) = unseen.map(|said| said.dated).min().filter(|_| looks) {
            // Nothing is seen before it is said, by clocks that go as they should.
            sightings = store.sightings_since(first.checked_sub_signed(TimeDelta::days(CLOCKS_DIFFER)))?;
        }
        let mut evidence = self.with_sightings(evidence, &sightings)?;
        evidence.statements.extend(self.reviews(store, Some(posts))?);
        Ok(evidence)
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
