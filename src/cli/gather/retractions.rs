//! What people asked to be taken down, held against what is out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::weigh::{Abilities, state};
use super::{Known, Trusted};
use crate::cli::Failure;
use crate::ledger::{DeliveryKey, State, Store};
use crate::plan::{Candidate, Orphan};
use crate::policy::{Author, Dossiers, Edit, Evidence, Facts, Retractable, Retraction, Statement, Verb, retraction};
use crate::render::Digest;
use crate::workspace::PostId;

/// The digest of what is out of a delivery, or perhaps is.
fn out(state: &State) -> Option<&Digest> {
    match state {
        State::Published(out) => Some(&out.digest),
        State::Claimed(claim) | State::Uncertain(claim, _) => Some(&claim.digest),
        State::Failed(failed) if !failed.parts.is_empty() => Some(&failed.digest),
        State::New | State::Failed(_) | State::Retracted(_) => None,
    }
}

impl Trusted {
    /// What people asked of a delivery: to take it down, or to hold it back for good.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn retraction_of(
        &self,
        key: &DeliveryKey,
        state: &State,
        statements: &[&Statement],
        now: DateTime<Utc>,
    ) -> Result<Option<Retraction>, Failure> {
        let outline = self.posts.iter().find(|known| known.id == key.post);
        let edits = self.edits_of(outline)?;
        let of = Retractable {
            workspace: &self.settings.workspace,
            post: &key.post,
            outline: outline.map(|known| &**known),
            account: &key.account,
            out: out(state),
        };
        let roles_then = self.roles_then();
        let facts = Facts {
            roles: &self.roles,
            roles_then: &roles_then,
            revoked: self.revoked(),
            now,
            statements,
            edits: &edits,
            landed: None,
        };
        Ok(retraction(&of, &facts))
    }

    /// Who wrote a post's own file.
    fn edits_of(&self, post: Option<&Known>) -> Result<Vec<Edit>, Failure> {
        let Some(post) = post else { return Ok(Vec::new()) };
        let authors = self.repository.authors(self.seen, None, &BTreeSet::from([post.path.clone()]))?;
        let edit = |author: Author| Edit { path: post.path.clone(), author };
        Ok(authors.into_values().flatten().map(edit).collect())
    }

    /// Looks what people asked to be taken down, among these deliveries.
    pub(super) fn hear_retractions<'s>(
        &self,
        deliveries: impl Iterator<Item = (&'s DeliveryKey, &'s Result<State, String>, &'s mut Option<Box<Retraction>>)>,
        evidence: &Evidence,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let asked = asked(evidence);
        if asked.is_empty() {
            return Ok(());
        }
        let dossiers = Dossiers::new(evidence);
        for (key, state, found) in deliveries.filter(|(key, ..)| asked.contains(*key)) {
            let Ok(state) = state else { continue };
            if !matches!(state, State::Retracted(_)) {
                *found = self.retraction_of(key, state, &dossiers.of(&key.post), now)?.map(Box::new);
            }
        }
        Ok(())
    }

    /// What is out, is no longer among the posts, and somebody asked to be taken down.
    pub(super) fn retracted_orphans(
        &self,
        store: &dyn Store,
        evidence: &Evidence,
        candidates: &[Candidate],
        orphans: &[Orphan],
        wanted: &dyn Fn(&PostId) -> bool,
    ) -> Result<Vec<Orphan>, Failure> {
        let mut asked = asked(evidence);
        asked.retain(|key| wanted(&key.post));
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        candidates.iter().map(|one| &one.key).chain(orphans.iter().map(|one| &one.key)).for_each(|known| {
            asked.remove(known);
        });
        let mut found = Vec::new();
        for key in asked {
            let state = state(store, &key)?;
            let Abilities { reconcile, deletes, .. } = Abilities::of(&key.account);
            found.push(Orphan { state, reconcile, word: None, retraction: None, deletes, key });
        }
        Ok(found)
    }
}

/// The deliveries that somebody asked to be taken down, whether or not that counts.
fn asked(evidence: &Evidence) -> BTreeSet<DeliveryKey> {
    let verbs = evidence.statements.iter().flat_map(|statement| &statement.verbs);
    let keys = verbs.filter_map(|verb| match verb {
        Verb::Retract { post, account, .. } => Some(DeliveryKey::once(post.clone(), account.clone())),
        _ => None,
    });
    keys.collect()
}
