//! Entries for tests.

use chrono::{DateTime, Duration, Utc};

use super::{Claim, DeliveryKey, Entry, Failed, PartReceipt, Published, Retracted, Uncertain, Updated};
use crate::render::{Facet, Feature, Identity, Part, Payload};
use crate::workspace::{AccountName, Due, PostId};

/// The workspace of all fixtures.
pub const WORKSPACE: &str = "0197c7b2-0000-7000-8000-000000000001";

/// Nine in the morning.
pub fn now() -> DateTime<Utc> {
    "2026-12-01T09:00:00Z".parse().unwrap()
}

/// A post to `bluesky/acme`.
pub fn key(post: &str) -> DeliveryKey {
    DeliveryKey::once(PostId::new(post).unwrap(), AccountName::new("bluesky/acme").unwrap())
}

/// What goes out for a key: a part for each text.
pub fn payload(key: &DeliveryKey, texts: &[&str]) -> Payload {
    let part = |text: &&str| Part {
        text: format!("{text} #launch"),
        facets: vec![Facet {
            start: text.len() + 1,
            end: text.len() + 8,
            feature: Feature::Tag { tag: "launch".to_owned() },
        }],
        html: None,
        media: Vec::new(),
        card: None,
    };
    Payload {
        version: 1,
        workspace: WORKSPACE.to_owned(),
        post: key.post.clone(),
        occurrence: key.occurrence.to_string(),
        account: Identity { name: key.account.clone(), server: None, handle: Some("acme.example".to_owned()) },
        parts: texts.iter().map(part).collect(),
        languages: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: Default::default(),
        repeats: Vec::new(),
    }
}

/// A claim on one part, with a lease of half an hour.
pub fn claim(key: &DeliveryKey, runner: &str) -> Entry {
    let payload = payload(key, &["Autumn is here"]);
    Entry::Claim(Box::new(Claim {
        version: 1,
        key: key.clone(),
        digest: payload.digest(),
        payload,
        due: Due::Asap,
        trusted: "4f0c".repeat(10),
        approvals: vec!["81aa".repeat(10)],
        runner: runner.to_owned(),
        claimed_at: now(),
        resolved_by: None,
        lease_until: now() + Duration::minutes(30),
        frozen: serde_json::json!({ "created_at": "2026-12-01T09:00:00Z" }),
    }))
}

/// The receipts of the first parts.
pub fn receipts(count: usize) -> Vec<PartReceipt> {
    (1..=count).map(|n| PartReceipt { id: format!("id-{n}"), url: None, revision: None }).collect()
}

/// It went out.
pub fn published(key: &DeliveryKey) -> Entry {
    let (digest, parts) = (payload(key, &["Autumn is here"]).digest(), receipts(1));
    Entry::Published(Published {
        version: 1,
        key: key.clone(),
        digest,
        published_at: now(),
        parts,
        adopted: false,
        resolved_by: None,
        updated_at: None,
    })
}

/// It was refused, or the network was away.
pub fn failed(key: &DeliveryKey, retry: bool) -> Entry {
    Entry::Failed(Failed {
        version: 1,
        key: key.clone(),
        digest: payload(key, &["Autumn is here"]).digest(),
        failed_at: now(),
        reason: "too long".to_owned(),
        parts: Vec::new(),
        retry,
        not_before: None,
    })
}

/// Nobody knows.
pub fn uncertain(key: &DeliveryKey, parts: usize) -> Entry {
    Entry::Uncertain(Uncertain {
        version: 1,
        key: key.clone(),
        digest: payload(key, &["Autumn is here"]).digest(),
        noted_at: now(),
        reason: "the answer was lost".to_owned(),
        parts: receipts(parts),
        rest_unsent: false,
        not_before: None,
    })
}

/// So many parts of it were taken down.
pub fn retracted(key: &DeliveryKey, parts: usize) -> Entry {
    Entry::Retracted(Retracted {
        version: 1,
        key: key.clone(),
        digest: payload(key, &["Autumn is here"]).digest(),
        retracted_at: now(),
        statements: vec!["7e7e".repeat(10)],
        parts: receipts(parts),
        gone: Vec::new(),
        in_doubt: None,
    })
}

/// What went out with [`published`] was changed to this, an hour later.
pub fn updated(key: &DeliveryKey, text: &str) -> Entry {
    let payload = payload(key, &[text]);
    Entry::Updated(Box::new(Updated {
        version: 1,
        key: key.clone(),
        before: self::payload(key, &["Autumn is here"]).digest(),
        digest: payload.digest(),
        payload,
        due: Due::Asap,
        trusted: "5f0c".repeat(10),
        approvals: vec!["91aa".repeat(10)],
        asked_by: "a1aa".repeat(10),
        runner: "two".to_owned(),
        updated_at: now() + Duration::hours(1),
        parts: receipts(1),
    }))
}
