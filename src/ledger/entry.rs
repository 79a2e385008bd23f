//! One fact about one delivery. An entry is written once and never changed.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize as _, Deserializer};

use crate::render::canonical::canonical;
use crate::render::{Digest, Payload};
use crate::workspace::{AccountName, Due, PostId, Sha256};

/// The occurrence of a post that does not recur, as nearly all are.
const ONCE: &str = "once";

/// One post to one account, or one occurrence of it. Never depends on content.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct DeliveryKey {
    /// The post.
    pub post: PostId,
    /// The occurrence of a recurring post; `once` for all others.
    #[serde(deserialize_with = "occurrence")]
    pub occurrence: Cow<'static, str>,
    /// The account.
    pub account: AccountName,
}

impl DeliveryKey {
    /// The key of a post that does not recur.
    pub fn once(post: PostId, account: AccountName) -> Self {
        Self { post, occurrence: Cow::Borrowed(ONCE), account }
    }

    /// 64 hex digits that stand for this delivery in this workspace: its folder on the ledger, and what ids and
    /// idempotency keys are derived from.
    pub fn hash(&self, workspace: &str) -> String {
        let value = serde_json::json!([workspace, self.post, self.occurrence, self.account]);
        Sha256::of(&canonical(&value))
    }
}

/// Reads an occurrence; the usual one is not made anew for each of a hundred thousand deliveries.
fn occurrence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(if text == ONCE { Cow::Borrowed(ONCE) } else { Cow::Owned(text) })
}

impl std::fmt::Display for DeliveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {}", self.post, self.account)?;
        if self.occurrence != ONCE {
            write!(f, " ({})", self.occurrence)?;
        }
        Ok(())
    }
}

/// What was done, or seen. The file on the ledger holds one of these.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// Somebody is about to send.
    Claim(Box<Claim>),
    /// It is out.
    Published(Published),
    /// It will not go out as it is.
    Failed(Failed),
    /// Nobody knows whether it went out.
    Uncertain(Uncertain),
    /// What is out was changed in its place.
    Updated(Box<Updated>),
    /// It was taken down, or held back for good.
    Retracted(Retracted),
}

impl Entry {
    /// The delivery that it is about.
    pub fn key(&self) -> &DeliveryKey {
        match self {
            Entry::Claim(entry) => &entry.key,
            Entry::Published(entry) => &entry.key,
            Entry::Failed(entry) => &entry.key,
            Entry::Uncertain(entry) => &entry.key,
            Entry::Updated(entry) => &entry.key,
            Entry::Retracted(entry) => &entry.key,
        }
    }
}

/// "I am about to send this": written and pushed before anything is sent.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The payload's digest.
    pub digest: Digest,
    /// What is sent; recovery sends this and never renders again.
    pub payload: Payload,
    /// The time that was approved.
    pub due: Due,
    /// The trusted branch's commit that was read.
    pub trusted: String,
    /// The decision commits that the yes rests on.
    pub approvals: Vec<String>,
    /// Which run: random, with the runner's name where CI gives one.
    pub runner: String,
    /// By the publisher's clock.
    pub claimed_at: DateTime<Utc>,
    /// Until then other runs leave it alone.
    pub lease_until: DateTime<Utc>,
    /// All that a retry must repeat, in the adapter's own form: ids, times, resolved mentions.
    pub frozen: serde_json::Value,
    /// The decision commit of whoever found that what was claimed before is not out, where the network could not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
}

/// It is out.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The payload's digest.
    pub digest: Digest,
    /// By the publisher's clock.
    pub published_at: DateTime<Utc>,
    /// One for each part, in order.
    pub parts: Vec<PartReceipt>,
    /// Whether it was found on the network after a crash, not sent by this run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// The decision commit of whoever found it there, where the network could not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    /// When it was last changed in its place. No entry says so: it comes from the [`Updated`] that followed, as digest and
    /// parts do then.
    #[serde(skip)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// What the network calls a part.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartReceipt {
    /// The network's id.
    pub id: String,
    /// Where people see it, where the network says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the next part must name to be its answer, where that is more than the id (Bluesky: the CID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl PartReceipt {
    /// Where people see these parts, each place once: a thread may stand on one page. The id where there is no address.
    pub fn places(parts: &[PartReceipt]) -> Vec<&str> {
        let mut places: Vec<&str> = parts.iter().map(|part| part.url.as_deref().unwrap_or(&part.id)).collect();
        places.dedup();
        places
    }
}

/// It will not go out as it is: the network said no for good.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The payload's digest; another digest may be tried again.
    pub digest: Digest,
    /// By the publisher's clock.
    pub failed_at: DateTime<Utc>,
    /// Why, in a sentence, with no secret in it.
    pub reason: String,
    /// The parts that did go out before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartReceipt>,
    /// Whether surely nothing of it went out and the same payload may be tried again (the network was busy or away).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// Until when its network asked to be left alone, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
}

/// Nobody knows whether it went out.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uncertain {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The payload's digest.
    pub digest: Digest,
    /// By the publisher's clock.
    pub noted_at: DateTime<Utc>,
    /// What happened, in a sentence, with no secret in it.
    pub reason: String,
    /// The parts that surely went out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartReceipt>,
    /// Whether surely nothing of the next part went out: the network was busy or away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rest_unsent: bool,
    /// Until when its network asked to be left alone, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
}

/// People asked to take it down, and what was out of it is gone; or nothing was, and it never goes out.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retracted {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The digest of what was out, or would have gone out.
    pub digest: Digest,
    /// By the publisher's clock.
    pub retracted_at: DateTime<Utc>,
    /// The decision commits of those who asked for it.
    pub statements: Vec<String>,
    /// The parts that were taken down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartReceipt>,
    /// The parts that were not there any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<PartReceipt>,
    /// Why nobody knows whether more of it is out, in a sentence, with no secret in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_doubt: Option<String>,
}

/// What is out was changed in its place, as people asked and approved.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Updated {
    /// The form of this entry; 1.
    pub version: u32,
    /// The delivery.
    pub key: DeliveryKey,
    /// The digest of what was out.
    pub before: Digest,
    /// The digest of what is out now.
    pub digest: Digest,
    /// What is out now.
    pub payload: Payload,
    /// The time that was approved.
    pub due: Due,
    /// The trusted branch's commit that was read.
    pub trusted: String,
    /// The decision commits that the yes rests on.
    pub approvals: Vec<String>,
    /// The decision commit of whoever asked for it.
    pub asked_by: String,
    /// Which run did it.
    pub runner: String,
    /// By the publisher's clock.
    pub updated_at: DateTime<Utc>,
    /// One for each part, in order.
    pub parts: Vec<PartReceipt>,
}

impl Updated {
    /// The receipt as it is after this, where it is of what was changed.
    pub fn over(&self, out: &Published) -> Option<Published> {
        let (digest, parts, updated_at) = (self.digest.clone(), self.parts.clone(), Some(self.updated_at));
        (out.digest == self.before).then(|| Published { digest, parts, updated_at, ..out.clone() })
    }

    /// What is out now in the form of a claim, with what the first one froze. Nobody holds anything by it.
    pub fn as_claim(&self, frozen: serde_json::Value) -> Claim {
        Claim {
            version: self.version,
            key: self.key.clone(),
            digest: self.digest.clone(),
            payload: self.payload.clone(),
            due: self.due,
            trusted: self.trusted.clone(),
            approvals: self.approvals.clone(),
            runner: self.runner.clone(),
            claimed_at: self.updated_at,
            lease_until: self.updated_at,
            frozen,
            resolved_by: None,
        }
    }
}
