//! The policies that were in force, one after another, from a root that is pinned outside of the repository.
//!
//! A policy is the pair of `greenlit.toml` and `roles.toml`. Along the trusted branch's first parents, a change of it is
//! in force only where enough admins of the policy before it approved exactly this change. What nobody approved is
//! passed over: the policy before stays in force, until the bytes are restored or the approvals are there.

mod judge;
mod revoked;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decision::Decision;
use super::evidence::Statement;
use crate::render::{Digest, canonical::canonical};
use crate::workspace::{FileProblem, Key, PersonId, Roles, Settings};
use judge::Court;
use revoked::Revoked;

/// Both files of a policy as they lie in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFiles {
    /// `greenlit.toml`
    pub settings: Result<Vec<u8>, FileProblem>,
    /// `roles.toml`
    pub roles: Result<Vec<u8>, FileProblem>,
}

/// A policy that could be read.
#[derive(Debug, PartialEq)]
pub struct Policy {
    /// `greenlit.toml`
    pub settings: Settings,
    /// `roles.toml`
    pub roles: Arc<Roles>,
}

/// A commit of the trusted branch where the policy differs from the commit before; the first is the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The commit.
    pub commit: String,
    /// Its place along the first parents; the root's is 0.
    pub position: usize,
    /// Both files.
    pub digest: Digest,
}

/// The trusted branch, as far as its policy is concerned.
pub struct Line<'a> {
    /// Oldest first, beginning with the root.
    pub versions: &'a [Version],
    /// Policies that are in the branch's history and were never on its line, as a merge leaves them that keeps only our side.
    pub asides: &'a [Digest],
    /// The places of the commits that statements name; those that are not on the line since the root have none.
    pub positions: HashMap<String, usize>,
    /// Reads a policy of the line or beside it; why it cannot be read, where that is so.
    pub load: &'a dyn Fn(&Digest) -> Result<Arc<Policy>, String>,
}

/// A stretch of the trusted branch on which one policy is in force.
#[derive(Debug, Clone)]
pub struct Era {
    /// The commit that brought the policy.
    pub commit: String,
    /// Its place along the first parents.
    pub position: usize,
    /// Both files.
    pub digest: Digest,
    /// What they say.
    pub policy: Arc<Policy>,
    /// The approvals that it rests on, oldest first by their dates; the root's has none.
    pub approvals: Vec<PolicyApproval>,
    /// How many different people it took.
    pub needed: usize,
}

/// An admin's approval of a change that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyApproval {
    /// The decision commit.
    pub commit: String,
    /// The admin, by the short name of the policy before.
    pub person: PersonId,
    /// How people call the admin.
    pub name: String,
    /// The key that signed it; `None` where sign-offs are taken at their word.
    pub key: Option<Key>,
    /// The commit's date, as typed.
    pub dated: DateTime<Utc>,
    /// When the publisher first saw it.
    pub seen: Option<DateTime<Utc>>,
}

/// A change that is on the trusted branch and not in force.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The commit that brought it.
    pub commit: String,
    /// What it changes.
    pub from: Digest,
    /// What it becomes.
    pub to: Digest,
    /// Who approved it, who is missing.
    pub decision: Decision,
}

/// The policies that were in force.
#[derive(Debug, Clone)]
pub struct Chain {
    eras: Vec<Era>,
    current: Era,
    pending: Option<Pending>,
    revoked: Revoked,
    revoked_keys: BTreeSet<Key>,
    positions: HashMap<String, usize>,
}

/// Why there is no chain.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ChainError {
    /// The policy at the root cannot be read.
    #[error("the policy at the root {commit:.10} cannot be used: {reason}")]
    #[diagnostic(
        code("policy/root"),
        help(
            "pin a commit of the trusted branch whose greenlit.toml and roles.toml are in order: `greenlit trust pin`"
        )
    )]
    Root {
        /// The root.
        commit: String,
        /// Why, in a sentence.
        reason: String,
    },
}

impl PolicyFiles {
    /// What approvals of the policy name: one digest for both files' bytes.
    pub fn digest(&self) -> Digest {
        let told = |file: &Result<Vec<u8>, FileProblem>| match file {
            Ok(bytes) => serde_json::Value::from(Digest::of(bytes).to_string()),
            // A policy without one of its files is never in force; it only needs a name.
            Err(problem) => serde_json::json!({ "problem": problem.to_string() }),
        };
        let pair = serde_json::json!({ "greenlit.toml": told(&self.settings), "roles.toml": told(&self.roles) });
        Digest::of(&canonical(&pair))
    }
}

impl Chain {
    /// Follows the line from its root, and holds every change against the policy before it.
    ///
    /// # Errors
    /// When the root's policy cannot be read.
    pub fn follow(line: Line<'_>, statements: &[Statement], now: DateTime<Utc>) -> Result<Self, ChainError> {
        walk::follow(line, statements, now)
    }

    /// All eras, oldest first; the last is in force.
    pub fn eras(&self) -> &[Era] {
        &self.eras
    }

    /// The policy in force.
    pub fn in_force(&self) -> &Era {
        &self.current
    }

    /// The keys that any policy in force has ever revoked, or one that was approved and dropped by a merge.
    pub fn revoked(&self) -> &BTreeSet<Key> {
        &self.revoked_keys
    }

    /// The change at the branch's tip that is not in force.
    pub fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// The era that a statement was given under: the newest whose approvals it proves to have known, by naming enough of
    /// them. The root's needs no names. `None` where it names no commit of the line since the root.
    pub fn then(&self, statement: &Statement) -> Option<&Era> {
        let position = *self.positions.get(statement.policy.as_deref()?)?;
        self.eras.iter().rev().find(|era| era.position <= position && era.is_named_by(statement))
    }

    /// What is decided so far about a change of the policy in force, on the branch or not yet.
    pub fn consider(
        &self,
        to: &Digest,
        policy: Result<&Policy, String>,
        statements: &[Statement],
        now: DateTime<Utc>,
    ) -> Decision {
        let court = Court { positions: &self.positions, anywhere: false, now };
        let said: Vec<&Statement> = statements.iter().collect();
        judge::change(&court, &self.current, to, policy, &said, &self.revoked).0
    }
}

impl Era {
    /// The policy that the admins of this one approved.
    fn followed_by(&self, digest: &Digest, policy: &Arc<Policy>, approvals: Vec<PolicyApproval>) -> Self {
        let needed = self.policy.roles.policy.needs.max(1);
        Self { digest: digest.clone(), policy: Arc::clone(policy), approvals, needed, ..self.clone() }
    }

    /// Whether whoever said something at a time could know that this policy is in force, by the publisher's clock.
    pub fn known_at(&self, at: DateTime<Utc>) -> bool {
        self.approvals.is_empty() || self.proved_since() <= at
    }

    /// When the publisher had seen enough of the approvals; beyond all time where it never has.
    fn proved_since(&self) -> DateTime<Utc> {
        let mut first: BTreeMap<&PersonId, DateTime<Utc>> = BTreeMap::new();
        for approval in &self.approvals {
            let seen = approval.seen.unwrap_or(DateTime::<Utc>::MAX_UTC);
            let known = first.entry(&approval.person).or_insert(seen);
            *known = seen.min(*known);
        }
        let mut times: Vec<_> = first.into_values().collect();
        times.sort();
        times.get(self.needed.saturating_sub(1)).copied().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Whether a statement was made after the approvals that this policy rests on: it names enough of them.
    fn is_named_by(&self, statement: &Statement) -> bool {
        let named = self.approvals.iter().filter(|approval| statement.policy_approvals.contains(&approval.commit));
        named.map(|approval| &approval.person).collect::<BTreeSet<_>>().len() >= self.needed
    }
}
