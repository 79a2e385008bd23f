//! The chain of policies: which were in force, by whose approval, and what waits.

use chrono::{DateTime, Utc};

use super::decision::{names, tree};
use super::escape;
use super::page::{Page, Tone};
use crate::policy::{Chain, Decision, Era, Pending, PolicyApproval, Status};
use crate::render::Digest;
use crate::workspace::{EvidenceMode, Key, PersonId, Roles};

/// The chain, and what is needed to tell of it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The chain; `None` where no root is pinned.
    pub chain: Option<&'a Chain>,
    /// Who says where it begins: `GREENLIT_ROOT`.
    pub source: &'a str,
    /// The trusted branch's name.
    pub branch: &'a str,
    /// The roles in force.
    pub roles: &'a Roles,
    /// The date of each era's commit, as typed.
    pub dates: &'a [Option<DateTime<Utc>>],
}

/// What `greenlit trust --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct TrustReport {
    version: u32,
    /// Whether a root is pinned. Where none is, the files at the branch's tip are taken as they are.
    pinned: bool,
    /// Who says where the chain begins: `--root`, `GREENLIT_ROOT`, `git config greenlit.root`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Oldest first; the first is the root, the last is in force.
    eras: Vec<EraReport>,
    /// The change at the branch's tip that is not in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingReport>,
    /// The keys that were revoked and never come back.
    revoked: Vec<Key>,
}

/// A policy that was in force.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct EraReport {
    commit: String,
    /// The commit's date, as typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<DateTime<Utc>>,
    digest: Digest,
    evidence: EvidenceMode,
    approvals: Vec<ApprovalReport>,
}

/// An admin's approval of it.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct ApprovalReport {
    commit: String,
    person: PersonId,
    name: String,
    /// The key that signed it; missing where sign-offs are taken at their word.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Key>,
    /// As typed.
    date: DateTime<Utc>,
}

/// A change that is not in force.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PendingReport {
    commit: String,
    from: Digest,
    to: Digest,
    /// The short names of those who can approve it.
    turn: Vec<PersonId>,
    decision: Decision,
}

impl From<&Pending> for PendingReport {
    fn from(pending: &Pending) -> Self {
        let Pending { commit, from, to, decision } = pending.clone();
        Self { commit, from, to, turn: decision.turn.clone(), decision }
    }
}

impl From<&PolicyApproval> for ApprovalReport {
    fn from(approval: &PolicyApproval) -> Self {
        let PolicyApproval { commit, person, name, key, dated, .. } = approval.clone();
        Self { commit, person, name, key, date: dated }
    }
}

/// The chain for programs.
pub fn report(told: &Told<'_>) -> TrustReport {
    let eras = told.chain.map(Chain::eras).unwrap_or_default();
    let dates = told.dates.iter().copied().chain(std::iter::repeat(None));
    let era = |(era, date): (&Era, Option<DateTime<Utc>>)| EraReport {
        commit: era.commit.clone(),
        date,
        digest: era.digest.clone(),
        evidence: era.policy.roles.policy.evidence,
        approvals: era.approvals.iter().map(ApprovalReport::from).collect(),
    };
    TrustReport {
        version: 1,
        pinned: told.chain.is_some(),
        source: told.chain.map(|_| told.source.to_owned()),
        eras: eras.iter().zip(dates).map(era).collect(),
        pending: told.chain.and_then(Chain::pending).map(PendingReport::from),
        revoked: told.chain.map(|chain| chain.revoked().iter().cloned().collect()).unwrap_or_default(),
    }
}

/// The chain for people.
pub fn human(told: &Told<'_>, page: &Page) -> String {
    let Some(chain) = told.chain else {
        return unpinned(page);
    };
    let title = format!("Policies of {}, from the root on ({})", escape(told.branch), told.source);
    let mut out = format!("{}\n", page.paint(Tone::Strong, &title));
    let dates = told.dates.iter().copied().chain(std::iter::repeat(None));
    let last = chain.eras().len();
    for (number, (era, date)) in chain.eras().iter().zip(dates).enumerate() {
        let now = if number + 1 == last { "in force, " } else { "" };
        let what = match number {
            0 => "pinned as the root",
            _ => "approved by",
        };
        let when = date.map(|date| format!("{}  ", page.time(date))).unwrap_or_default();
        out += &format!("\n{} {:.10}  {when}{now}{what}\n", page.paint(Tone::Good, "✓"), era.commit);
        for approval in &era.approvals {
            let key = approval.key.as_ref().map_or_else(|| "not authenticated".to_owned(), told_key);
            let line = format!(
                "{} on {}, {key} (commit {:.10})",
                escape(&approval.name),
                page.time(approval.dated),
                approval.commit
            );
            out += &page.hanging(2, 4, &line);
        }
    }
    if let Some(pending) = chain.pending() {
        out += &format!("\n{} {:.10}  not in force\n", page.paint(Tone::Careful, "○"), pending.commit);
        out += &page.hanging(2, 4, &escape(&pending.decision.reason));
        out += &page.hanging(2, 4, &way_out(&pending.decision, told.roles));
        out += &tree(&pending.decision, told.roles, page, 2);
    }
    if !chain.revoked().is_empty() {
        out += "\nRevoked for good:\n";
        for key in chain.revoked() {
            out += &page.hanging(2, 4, &told_key(key));
        }
    }
    out
}

/// A note under a heading: what keeps the policy at the tip from being the one in force; empty where all is well.
pub fn notice(chain: Option<&Chain>, roles: &Roles, page: &Page) -> String {
    let Some(chain) = chain else { return unpinned(page) };
    let Some(pending) = chain.pending() else { return String::new() };
    let told = format!(
        "Policy change waiting (commit {:.10}): {}. Until then the policy before it decides, and nothing is published.",
        pending.commit,
        escape(&pending.decision.reason)
    );
    page.wrapped(0, &told) + &page.wrapped(0, &way_out(&pending.decision, roles))
}

fn unpinned(page: &Page) -> String {
    page.wrapped(0, "No root is pinned: whoever can merge can change who must approve.")
        + &page.wrapped(0, "Pin one: `greenlit trust pin`.")
}

/// Who must approve a change, and how.
fn way_out(decision: &Decision, roles: &Roles) -> String {
    match decision.status {
        Status::Error => "Correct or restore greenlit.toml and roles.toml.".to_owned(),
        _ if decision.turn.is_empty() => "Restore greenlit.toml and roles.toml.".to_owned(),
        _ => format!("{} can: `greenlit approve --policy`.", names(&decision.turn, roles)),
    }
}

/// A key's kind and its last letters, which differ.
fn told_key(key: &Key) -> String {
    const ENOUGH: usize = 12;
    let (kind, body) = key.0.split_once(' ').unwrap_or(("key", &key.0));
    let skipped = body.chars().count().saturating_sub(ENOUGH);
    format!("{} …{}", escape(kind), escape(&body.chars().skip(skipped).collect::<String>()))
}
