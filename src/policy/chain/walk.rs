//! From the root to the tip.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::judge::{self, Court};
use super::revoked::Revoked;
use super::{Chain, ChainError, Era, Line, Pending, Policy, PolicyApproval, Version};
use crate::policy::decision::Decision;
use crate::policy::evidence::{Statement, Verb};
use crate::render::Digest;

/// The statements that approve a change from one policy to another.
type Changes<'s> = HashMap<(&'s Digest, &'s Digest), Vec<&'s Statement>>;

pub(super) fn follow(line: Line<'_>, statements: &[Statement], now: DateTime<Utc>) -> Result<Chain, ChainError> {
    let Line { versions, asides, positions, load } = line;
    let broken = |commit: &str, reason: String| ChainError::Root { commit: commit.to_owned(), reason };
    let (root, later) = versions.split_first().ok_or_else(|| broken("", "there is none".to_owned()))?;
    let policy = load(&root.digest).map_err(|reason| broken(&root.commit, reason))?;
    let mut walk = Walk {
        court: Court { positions: &positions, anywhere: false, now },
        changes: changes(statements),
        asides: asides.iter().collect(),
        known: versions.iter().map(|version| &version.digest).chain(asides).collect(),
        load,
        revoked: Revoked::default(),
        dropped: Vec::new(),
    };
    let mut current = Era {
        commit: root.commit.clone(),
        position: root.position,
        digest: root.digest.clone(),
        policy,
        approvals: Vec::new(),
        needed: 0,
    };
    walk.enter(&current);
    let mut eras = vec![current.clone()];
    while let Some(next) = walk.next(&current, later) {
        walk.enter(&next);
        eras.push(next.clone());
        current = next;
    }
    let pending = match versions.last() {
        Some(tip) if tip.digest != current.digest => Some(walk.pending(&current, tip)),
        _ => None,
    };
    let revoked = walk.all_revoked();
    let revoked_keys = revoked.by(now);
    Ok(Chain { eras, current, pending, revoked, revoked_keys, positions })
}

fn changes(statements: &[Statement]) -> Changes<'_> {
    let mut changes: Changes<'_> = HashMap::new();
    for statement in statements {
        for verb in &statement.verbs {
            if let Verb::ApprovePolicy { to, from } = verb {
                changes.entry((from, to)).or_default().push(statement);
            }
        }
    }
    changes
}

struct Walk<'w> {
    court: Court<'w>,
    changes: Changes<'w>,
    /// Those that were never on the line.
    asides: BTreeSet<&'w Digest>,
    /// The policies that can be read.
    known: BTreeSet<&'w Digest>,
    load: &'w dyn Fn(&Digest) -> Result<Arc<Policy>, String>,
    /// What the policies that were in force revoked.
    revoked: Revoked,
    /// Policies that enough admins approved, wherever the branch went since. Whatever they revoke stays revoked.
    dropped: Vec<(Digest, Arc<Policy>)>,
}

impl Walk<'_> {
    /// Takes in what an era revokes, and what its admins approved, on the line or not: what a merge dropped stays known,
    /// and so does what was built on it there.
    fn enter(&mut self, era: &Era) {
        self.revoked.add(&era.policy.roles);
        let court = Court { anywhere: true, ..self.court };
        let mut waiting = vec![era.clone()];
        while let Some(from) = waiting.pop() {
            for ((_, to), said) in self.changes.iter().filter(|((before, _), _)| **before == from.digest) {
                if !self.known.contains(to) || self.dropped.iter().any(|(digest, _)| digest == *to) {
                    continue;
                }
                let Ok(policy) = (self.load)(to) else { continue };
                let (decision, approvals) = judge::change(&court, &from, to, Ok(&policy), said, &self.revoked);
                if !decision.approved() {
                    continue;
                }
                if self.asides.contains(to) {
                    waiting.push(from.followed_by(to, &policy, approvals));
                }
                self.dropped.push(((*to).clone(), policy));
            }
        }
    }

    fn judge(
        &self,
        era: &Era,
        to: &Digest,
        policy: Result<&Policy, String>,
        revoked: &Revoked,
    ) -> (Decision, Vec<PolicyApproval>) {
        let said = self.changes.get(&(&era.digest, to)).map(Vec::as_slice).unwrap_or_default();
        judge::change(&self.court, era, to, policy, said, revoked)
    }

    /// The era that follows: of those versions whose change is approved, the one that the publisher saw approved first,
    /// else the first on the line.
    ///
    /// Nothing shows when an approval was made. So whoever was an admin once could approve a version of those days that was
    /// passed over, and with it undo all that was decided since: their own leave, the loss of their key.
    fn next(&self, era: &Era, versions: &[Version]) -> Option<Era> {
        let after = versions.iter().filter(|version| version.position > era.position);
        after.filter_map(|version| self.begun_by(version, era)).min_by_key(|next| (next.proved_since(), next.position))
    }

    /// The era that a version begins, where the change is approved.
    fn begun_by(&self, version: &Version, era: &Era) -> Option<Era> {
        if version.digest == era.digest || !self.changes.contains_key(&(&era.digest, &version.digest)) {
            return None;
        }
        let policy = (self.load)(&version.digest).ok()?;
        let (decision, approvals) =
            self.judge(era, &version.digest, Ok(&policy), &self.revoked_but(Some(&version.digest)));
        let Version { commit, position, digest } = version.clone();
        let next = era.followed_by(&digest, &policy, approvals);
        decision.approved().then_some(Era { commit, position, ..next })
    }

    fn pending(&self, era: &Era, tip: &Version) -> Pending {
        let policy = (self.load)(&tip.digest);
        let policy = policy.as_deref().map_err(Clone::clone);
        // Those that meant a change from elsewhere are told, too.
        let said: Vec<&Statement> =
            self.changes.iter().filter(|((_, to), _)| **to == tip.digest).flat_map(|(_, said)| said).copied().collect();
        let revoked = self.revoked_but(Some(&tip.digest));
        let (decision, _) = judge::change(&self.court, era, &tip.digest, policy, &said, &revoked);
        Pending { commit: tip.commit.clone(), from: era.digest.clone(), to: tip.digest.clone(), decision }
    }

    /// All that is revoked, but not by this policy alone: whoever revokes their own key signs that with it.
    fn revoked_but(&self, policy: Option<&Digest>) -> Revoked {
        let mut revoked = self.revoked.clone();
        for (digest, dropped) in &self.dropped {
            if Some(digest) != policy {
                revoked.add(&dropped.roles);
            }
        }
        revoked
    }

    fn all_revoked(&self) -> Revoked {
        self.revoked_but(None)
    }
}
