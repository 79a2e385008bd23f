//! The proof of a delivery: who approved exactly these bytes, under which rules, when it went out and where.

use chrono::{DateTime, Utc};

use super::decision::tree;
use super::page::{Page, Tone, listed};
use super::{escape, preview};
use crate::ledger::{DeliveryKey, PartReceipt};
use crate::policy::Decision;
use crate::render::{Digest, Payload};
use crate::workspace::{Due, Key, PersonId, Roles};

/// What `greenlit prove --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ProofReport {
    version: u32,
    /// The workspace's id: what was approved for another one proves nothing here.
    workspace: String,
    /// Whether every check of every delivery holds.
    proved: bool,
    deliveries: Vec<Proof>,
}

/// The proof of one delivery.
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
pub struct Proof {
    /// The delivery.
    pub delivery: DeliveryKey,
    /// What is claimed here, each with whether it holds. All of them hold in a proof.
    pub checks: Vec<Check>,
    /// Everything that left the building, as the ledger has it.
    pub payload: Payload,
    /// SHA-256 of the payload's canonical JSON (RFC 8785).
    pub digest: Digest,
    /// The time that was approved.
    pub due: Due,
    /// When the publisher took it on.
    pub claimed: Recorded,
    /// What the publisher wrote in the end; none while it is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Publication>,
    /// That it was taken down since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retracted: Option<Removal>,
    /// When it was changed in its place to what is proved here; none where it is as it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Recorded>,
    /// The rules that were in force.
    pub policy: PolicyInForce,
    /// The decision, judged again now from the approvals alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The approvals that it rests on.
    pub approvals: Vec<Approval>,
}

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Check {
    /// What is said, in a sentence without a full stop.
    pub what: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why not, or by what.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Check {
    /// A check, with why it fails where it does.
    pub fn new(what: impl Into<String>, verdict: Result<(), String>) -> Self {
        let (holds, detail) = match verdict {
            Ok(()) => (true, String::new()),
            Err(why) => (false, why),
        };
        Self { what: what.into(), holds, detail }
    }
}

/// An entry on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Recorded {
    /// By the publisher's clock.
    pub at: DateTime<Utc>,
    /// The run of the publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// The file on the branch greenlit/ledger.
    pub entry: String,
    /// The ledger's commit that brought it.
    pub ledger: String,
}

/// That it went out, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Publication {
    /// The entry on the ledger.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// One for each part, in order.
    pub parts: Vec<PartReceipt>,
    /// Whether it was found on the network after a crash.
    pub adopted: bool,
    /// The decision commit of whoever found it there, where the network could not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
}

/// That it was taken down, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Removal {
    /// The entry on the ledger.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// The decision commits of those who asked for it.
    pub statements: Vec<String>,
    /// The parts that were taken down.
    pub parts: Vec<PartReceipt>,
    /// The parts that were not there any more.
    pub gone: Vec<PartReceipt>,
}

/// The rules that the approvals were judged by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PolicyInForce {
    /// The trusted commit that the publisher read.
    pub trusted: String,
    /// The commit since which these rules were in force; none where nothing is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The digest of `greenlit.toml` and `roles.toml` together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The pinned commit that the chain of rules begins with; none where nothing is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The admins' approvals that brought them into force; none for the first rules.
    pub approvals: Vec<String>,
}

/// An approval that a delivery rests on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Approval {
    /// The commit.
    pub commit: String,
    /// The stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Who gave it, by the short name in `roles.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Who gave it, as people call them.
    pub name: String,
    /// For whom, where a stand-in gave it, by the short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<PersonId>,
    /// The same, as people call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_in_for_name: Option<String>,
    /// The date that was typed. It proves nothing.
    pub dated: DateTime<Utc>,
    /// When the publisher first saw it, by its clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<DateTime<Utc>>,
    /// The key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// The key's fingerprint, as `ssh-keygen -l` prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The commit object, byte for byte, with the signature in it: its SHA-1 as git computes it is `commit`.
    pub object: String,
    /// The line of an allowed-signers file (ssh-keygen(1)) under which `git verify-commit` accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_signer: Option<String>,
    /// Where the review is on its forge, where it is one: `object` is what the ledger noted of it, and `commit` git's name for those
    /// bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
}

impl Proof {
    /// Whether every check holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }
}

/// The proof for programs.
pub fn report(workspace: &str, proofs: &[Proof]) -> ProofReport {
    ProofReport {
        version: 1,
        workspace: workspace.to_owned(),
        proved: proofs.iter().all(Proof::holds),
        deliveries: proofs.to_vec(),
    }
}

/// The proof for people: a page that one can print.
pub fn human(proof: &Proof, roles: &Roles, page: &Page) -> String {
    let mut out =
        page.paint(Tone::Strong, &page.wrapped(0, &format!("Proof of {}", escape(&proof.delivery.to_string()))));
    out += "\n";
    out += &outcome(proof, page);
    let title = if proof.updated.is_some() { "What it was changed to" } else { "What went out" };
    out += &heading(title, page);
    out += &preview::sent(&proof.payload, page);
    out += &page.hanging(2, 4, &format!("digest {}", proof.digest));
    out += &heading("Who said yes to exactly this", page);
    if proof.approvals.is_empty() {
        out += &page.wrapped(2, "Nobody whose approval is named on the ledger.");
    }
    for approval in &proof.approvals {
        out += &approved(approval, page);
    }
    out += &heading("Under which rules", page);
    out += &rules(&proof.policy, page);
    if let Some(decision) = &proof.decision {
        out += &page.wrapped(2, &format!("{}, judged again now:", escape(&decision.what)));
        out += &tree(decision, roles, page, 4);
    }
    out += &heading("What the publisher wrote on its ledger", page);
    out += &recorded("claimed", &proof.claimed, page);
    if let Some(publication) = &proof.published {
        out += &recorded("published", &publication.recorded, page);
    }
    if let Some(removal) = &proof.retracted {
        out += &recorded("retracted", &removal.recorded, page);
    }
    if let Some(updated) = &proof.updated {
        out += &recorded("changed in its place", updated, page);
    }
    out += &heading("Checked", page);
    for check in &proof.checks {
        let (mark, tone) = if check.holds { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
        let detail = if check.detail.is_empty() { String::new() } else { format!(": {}", escape(&check.detail)) };
        let text = page.hanging(4, 4, &format!("{}{detail}", check.what));
        out += &format!("  {} {}", page.paint(tone, mark), text.trim_start());
    }
    out + "\n" + &verdict(proof, page)
}

fn heading(text: &str, page: &Page) -> String {
    format!("\n{}\n", page.paint(Tone::Strong, text))
}

fn outcome(proof: &Proof, page: &Page) -> String {
    let Some(publication) = &proof.published else {
        let text = format!("It was claimed {}, and the ledger has no receipt for it.", exact(proof.claimed.at, page));
        return page.wrapped(0, &text);
    };
    let how = match (&publication.resolved_by, publication.adopted) {
        (Some(commit), _) => format!("was found on its network by a person (commit {:.10})", escape(commit)),
        (None, true) => "was found on its network".to_owned(),
        (None, false) => "went out".to_owned(),
    };
    let mut out = page.wrapped(0, &format!("It {how} {}:", exact(publication.recorded.at, page)));
    for place in PartReceipt::places(&publication.parts) {
        out += &page.hanging(2, 4, &escape(place));
    }
    if let Some(removal) = &proof.retracted {
        let words: Vec<String> = removal.statements.iter().map(|commit| escape(short(commit)).into_owned()).collect();
        let on = format!("on the word of commit {}", listed(&words, "and"));
        out += &page.wrapped(0, &format!("It was taken down {}, {on}.", exact(removal.recorded.at, page)));
    }
    out
}

fn approved(approval: &Approval, page: &Page) -> String {
    let person = approval.person.as_deref().map(|id| format!(" ({})", escape(id))).unwrap_or_default();
    let stage = approval.stage.as_deref().map(|stage| format!(" for {}", escape(stage))).unwrap_or_default();
    let absent = approval.stands_in_for_name.as_deref();
    let instead = absent.map(|name| format!(", standing in for {}", escape(name)));
    let mut out =
        page.hanging(2, 4, &format!("{}{person}{stage}{}", escape(&approval.name), instead.unwrap_or_default()));
    if let Some(review) = &approval.review {
        out += &page.hanging(4, 6, &format!("by review {}", escape(review)));
        out += &page.hanging(4, 6, &format!("sent {} by the forge's clock", exact(approval.dated, page)));
        let seen = approval.seen.map(|seen| format!(", noted {}", exact(seen, page))).unwrap_or_default();
        out += &page.hanging(4, 6, &format!("record {} on the ledger{seen}", approval.commit));
        return out + &page.hanging(4, 6, "as the forge told of it: not signed");
    }
    out += &page.hanging(4, 6, &format!("commit {}", approval.commit));
    out += &page.hanging(4, 6, &format!("dated {} (as typed)", exact(approval.dated, page)));
    if let Some(seen) = approval.seen {
        out += &page.hanging(4, 6, &format!("seen by the publisher {}", exact(seen, page)));
    }
    out + &match &approval.fingerprint {
        Some(fingerprint) => page.hanging(4, 6, &format!("signed with the SSH key {fingerprint}")),
        None => page.hanging(4, 6, "not signed: taken at their word, not authenticated"),
    }
}

fn rules(policy: &PolicyInForce, page: &Page) -> String {
    let mut out = match &policy.since {
        Some(since) => page.hanging(2, 4, &format!("greenlit.toml and roles.toml as of commit {since}")),
        None => page.hanging(2, 4, &format!("greenlit.toml and roles.toml as of commit {}", policy.trusted)),
    };
    if let Some(digest) = &policy.digest {
        out += &page.hanging(2, 4, &format!("digest of both {digest}"));
    }
    out += &match (&policy.root, policy.approvals.as_slice()) {
        (None, _) => page.hanging(2, 4, "Nothing pins where these rules began: they are taken as the branch had them."),
        (Some(root), []) => page.hanging(2, 4, &format!("They are the first: the pinned start is commit {root}")),
        (Some(root), approvals) => {
            let approvals: Vec<String> = approvals.iter().map(|commit| short(commit).to_owned()).collect();
            let text = format!(
                "brought into force by the admins' approvals {}, on a chain from the pinned commit {root}",
                listed(&approvals, "and")
            );
            page.hanging(2, 4, &text)
        }
    };
    out + &page.hanging(2, 4, &format!("the post was read at commit {}", policy.trusted))
}

fn recorded(what: &str, recorded: &Recorded, page: &Page) -> String {
    let by = recorded.runner.as_deref().map(|runner| format!(" by the run {}", escape(runner))).unwrap_or_default();
    let mut out = page.hanging(2, 4, &format!("{what} {}{by}", exact(recorded.at, page)));
    out += &page.hanging(4, 6, &format!("commit {}", recorded.ledger));
    out + &page.hanging(4, 6, &escape(&recorded.entry))
}

fn verdict(proof: &Proof, page: &Page) -> String {
    if !proof.holds() {
        let failed = proof.checks.iter().filter(|check| !check.holds).count();
        let text = format!("Not proved: {} above {}.", super::page::counted(failed, "check"), fails(failed));
        return page.paint(Tone::Bad, &page.wrapped(0, &text));
    }
    let mut out = page.paint(Tone::Good, &page.wrapped(0, "Proved: every check holds."));
    if proof.approvals.iter().any(|approval| approval.key.is_some()) {
        let how = "To check a signature without greenlit: put the lines `allowed_signer` of `--format json` into a file \
                   FILE, then `git -c gpg.ssh.allowedSignersFile=FILE verify-commit COMMIT`.";
        out += &page.wrapped(0, how);
    }
    out
}

fn fails(count: usize) -> &'static str {
    if count == 1 { "fails" } else { "fail" }
}

/// A time for a page that outlives this year: in the workspace's zone with its offset.
fn exact(at: DateTime<Utc>, page: &Page) -> String {
    format!("on {}", at.with_timezone(&page.zone).format("%A, %-d %B %Y at %H:%M:%S (UTC%:z)"))
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
