//! Bluesky, and every other server of the AT Protocol.
//!
//! A post is a record in the account's repository, under a key that we choose ([`tid`]). The claim holds the records
//! whole ([`record`]), so a repeated `putRecord` with `swapRecord: null` ("only if there is none") is the same to the
//! byte: it is stored once, however often it is sent.

mod look;
mod presence;
mod record;
mod tid;

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Found, Job, Live, MediaBytes, Network, Presence, Removed, SendError, Session, Surroundings, variable};
use crate::http::{Answer, Http, Request, Uploads};
use crate::ledger::PartReceipt;
use crate::render::{
    Attachment, Capability, Cards, Editing, Length, MediaLimits, OptionSpec, Payload, Reconcile, TextForm,
};
use crate::workspace::{Account, NetworkSpec};

/// What Bluesky can do. Figures from the lexicons in `bluesky-social/atproto`, `lexicons/app/bsky` (checked 2026-11-21).
pub static CAPABILITY: Capability = Capability {
    network: "bluesky",
    title: "Bluesky",
    account: NetworkSpec { network: "bluesky", required: &["service", "handle"], optional: &[] },
    text: TextForm::Facets,
    // feed/post.json: text has maxGraphemes 300, maxLength 3000.
    length: Length::Graphemes { limit: 300, bytes: 3000 },
    threads: true,
    media: MediaLimits {
        // embed/images.json: maxLength 4.
        count: 4,
        // embed/images.json: image/*, maxSize 2000000 since 2026-04; servers that are older refuse more than 1000000.
        // Animated GIFs are shown as stills, so they are left out.
        types: Cow::Borrowed(&[("image/jpeg", 2_000_000), ("image/png", 2_000_000), ("image/webp", 2_000_000)]),
        // No limit in the lexicon.
        alt: None,
        picture_pixels: None,
        film_pixels: None,
        mixed: true,
        // "max of 1:2 ratio in feeds": bluesky-social/social-app, src/components/images/AutoSizedImage.tsx (checked 2026-11-28).
        tallest: Some(2),
    },
    // embed/external.json: thumb has maxSize 1000000. A record has one embed: pictures or a card.
    cards: Cards::Client { with_media: false, image: 1_000_000 },
    options: &[OptionSpec {
        name: "labels",
        // The self-labels of com.atproto.label.defs that a post may carry.
        values: &["porn", "sexual", "nudity", "graphic-media", "!no-unauthenticated"],
        list: true,
    }],
    // Labels are its only warnings.
    content_warning: false,
    reconcile: Reconcile::ClientChosenId,
    // A record can be overwritten, and bsky.app goes on showing the first one (snarfed/bridgy-fed#947,
    // bluesky-social/social-app#673, checked 2026-11-22).
    edit: Editing::Never { why: "Bluesky has no edits: apps would go on showing what went out" },
    deletes: true,
    secrets: &["PASSWORD"],
};

/// The kind of record that a post is.
const POST: &str = "app.bsky.feed.post";

/// The network `bluesky`.
pub struct Bluesky;

impl Network for Bluesky {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    fn presence(&self, account: &Account, handle: &str, surroundings: &Surroundings) -> Option<Presence> {
        let http = Http::new(account.server.as_deref()?, &surroundings.caller(), String::new());
        Some(http.and_then(|http| presence::presence(&http, handle)).unwrap_or_else(Presence::from))
    }

    fn connect(&self, account: &Account, surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError> {
        Ok(Box::new(Repository::open(account, surroundings)?))
    }
}

/// An account's repository, logged in.
struct Repository {
    http: Http,
    handle: String,
    password: String,
    help: String,
    did: String,
    token: String,
}

/// What a claim keeps for this network.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    version: u32,
    did: String,
    parts: Vec<FrozenPart>,
}

/// One part of it.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FrozenPart {
    rkey: String,
    record: Value,
}

impl Repository {
    fn open(account: &Account, surroundings: &Surroundings) -> Result<Self, SendError> {
        let variable = variable(&account.name, "PASSWORD");
        let help = format!(
            "make an app password in Bluesky's settings (Privacy and security, App passwords) and set {variable} to it"
        );
        let missing =
            |what: &str| SendError::Refused { reason: format!("{} has no {what} in greenlit.toml", account.name) };
        let server = account.server.as_deref().ok_or_else(|| missing("service"))?;
        let handle = account.handle.as_deref().ok_or_else(|| missing("handle"))?.trim_start_matches('@').to_owned();
        let password = surroundings.secrets.get("PASSWORD").map(|secret| secret.expose().trim()).unwrap_or_default();
        if password.is_empty() {
            return Err(SendError::Credentials { reason: format!("{variable} is not set"), help });
        }
        let http = Http::new(server, &surroundings.caller(), help.clone())?;
        let password = password.to_owned();
        let mut repository = Self { http, handle, password, help, did: String::new(), token: String::new() };
        repository.log_in()?;
        Ok(repository)
    }

    fn log_in(&mut self) -> Result<(), SendError> {
        let request = self.http.post(&["xrpc", "com.atproto.server.createSession"]);
        let answer = request.json(json!({ "identifier": self.handle, "password": self.password })).answer()?;
        let session = answer.value().map_err(|error| match error {
            // Whatever it dislikes about a login, it is not the post.
            SendError::Refused { reason } => SendError::Credentials { reason, help: self.help.clone() },
            other => other,
        })?;
        let text = |key: &str| session.get(key).and_then(Value::as_str).unwrap_or_default();
        let (did, handle, token) = (text("did"), text("handle"), text("accessJwt"));
        for token in [token, text("refreshJwt")] {
            self.http.hide(token);
        }
        let credentials = |reason: String| SendError::Credentials { reason, help: self.help.clone() };
        if !is_did(did) || token.is_empty() {
            return Err(SendError::NotSent {
                reason: format!("{} did not say who is logged in; is it an AT Protocol server?", self.http.host()),
                retry_at: None,
            });
        }
        if !handle.eq_ignore_ascii_case(&self.handle) && did != self.handle {
            let (host, handle) = (self.http.host(), self.http.fit(handle));
            return Err(credentials(format!("{host} logged in {handle}, and greenlit.toml says {}", self.handle)));
        }
        if session.get("active") == Some(&Value::Bool(false)) {
            let status = self.http.fit(text("status"));
            return Err(credentials(format!("{} says that {} is not active: {status}", self.http.host(), self.handle)));
        }
        if !self.did.is_empty() && self.did != did {
            return Err(credentials(format!("{} became another account", self.handle)));
        }
        self.did = did.to_owned();
        self.token = token.to_owned();
        Ok(())
    }

    /// Asks with the session's token; logs in anew where that has run out, which is before anything happens.
    fn ask(&mut self, request: impl for<'h> Fn(&'h Http) -> Request<'h>) -> Result<Answer, SendError> {
        self.try_ask(|http| Ok(request(http)))
    }

    /// The same with a request that cannot always be made.
    fn try_ask(
        &mut self,
        request: impl for<'h> Fn(&'h Http) -> Result<Request<'h>, SendError>,
    ) -> Result<Answer, SendError> {
        let answer = request(&self.http)?.bearer(&self.token).answer()?;
        if answer.status != 400 || name_of(&answer) != "ExpiredToken" {
            return Ok(answer);
        }
        self.log_in()?;
        request(&self.http)?.bearer(&self.token).answer()
    }

    /// Finds out who a handle is.
    fn resolve(&mut self, handle: &str) -> Result<String, SendError> {
        let answer =
            self.ask(|http| http.get(&["xrpc", "com.atproto.identity.resolveHandle"]).query("handle", handle))?;
        if (400..500).contains(&answer.status) && !matches!(answer.failure(), SendError::NotSent { .. }) {
            let host = self.http.host();
            return Err(SendError::Refused {
                reason: format!(
                    "{host} knows nobody named @{handle}: correct the handle, or write it as code, `@{handle}`, to mention nobody"
                ),
            });
        }
        let answer = answer.value()?;
        match answer.get("did").and_then(Value::as_str) {
            Some(did) if is_did(did) => Ok(did.to_owned()),
            _ => Err(SendError::NotSent {
                reason: format!("{} did not say who @{handle} is", self.http.host()),
                retry_at: None,
            }),
        }
    }

    /// Uploads a file, and makes sure that the server calls it what the frozen record calls it.
    fn upload(&mut self, attachment: &Attachment, media: &dyn MediaBytes) -> Result<(), SendError> {
        let expected = record::blob(attachment).map_err(|reason| SendError::Refused { reason })?;
        let answer = self.try_ask(|http| {
            let bytes = super::open(media, attachment)?;
            Ok(http.post(&["xrpc", "com.atproto.repo.uploadBlob"]).file(attachment, bytes))
        })?;
        let blob = answer.value()?.get("blob").cloned().unwrap_or_default();
        if ["ref", "mimeType", "size"].iter().any(|key| blob.get(key) != expected.get(key)) {
            let reason = format!("{} took {} for something else", self.http.host(), attachment.file);
            return Err(SendError::Refused { reason });
        }
        Ok(())
    }

    /// The record under a key, with its CID.
    fn record(&mut self, rkey: &str) -> Result<Option<(String, Value)>, SendError> {
        let did = self.did.clone();
        let answer = self.ask(|http| {
            http.get(&["xrpc", "com.atproto.repo.getRecord"])
                .query("repo", &did)
                .query("collection", POST)
                .query("rkey", rkey)
        })?;
        // Older servers say InvalidRequest, and the rest in words.
        let body = answer.body();
        let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
        let missing = name_of(&answer) == "RecordNotFound" || message.starts_with("Could not locate record");
        if matches!(answer.status, 400 | 404) && missing {
            return Ok(None);
        }
        let mut body = answer.value()?;
        let cid = body.get("cid").and_then(Value::as_str).unwrap_or_default().to_owned();
        match body.get_mut("value") {
            Some(value) if !cid.is_empty() => Ok(Some((cid, value.take()))),
            _ => Err(SendError::NotSent {
                reason: format!("{} answered with no record", self.http.host()),
                retry_at: None,
            }),
        }
    }

    fn receipt(&self, rkey: &str, cid: &str) -> PartReceipt {
        PartReceipt {
            id: format!("at://{}/{POST}/{rkey}", self.did),
            url: Some(format!("https://bsky.app/profile/{}/post/{rkey}", self.handle)),
            revision: Some(self.http.redact(cid)),
        }
    }

    /// The key of a record that the ledger names, by its `at://` address or, where somebody found it, by its page's.
    fn rkey<'r>(&self, receipt: &'r PartReceipt) -> Option<&'r str> {
        let ours = receipt.id.strip_prefix(&format!("at://{}/{POST}/", self.did));
        ours.or_else(|| {
            let (author, rkey) = receipt.id.strip_prefix("https://bsky.app/profile/")?.split_once("/post/")?;
            (author == self.did || author.eq_ignore_ascii_case(&self.handle)).then_some(rkey)
        })
    }

    /// What the claim keeps of the part after those that are out.
    fn frozen(&self, job: &Job<'_>) -> Result<FrozenPart, SendError> {
        let refused = |reason: &str| SendError::Refused { reason: reason.to_owned() };
        let frozen: Frozen = serde_json::from_value(job.frozen.clone())
            .map_err(|_| refused("the claim does not hold what Bluesky needs; was it written by another version?"))?;
        if frozen.did != self.did {
            return Err(SendError::Refused {
                reason: format!("it was claimed for {}, and {} is {}", frozen.did, self.handle, self.did),
            });
        }
        frozen.parts.into_iter().nth(job.sent.len()).ok_or_else(|| refused("all its parts are out"))
    }

    /// The key and the whole record of the part after those that are out.
    fn next(&self, job: &Job<'_>) -> Result<(String, Value), SendError> {
        let refused = |reason: &str| SendError::Refused { reason: reason.to_owned() };
        let FrozenPart { rkey, mut record } = self.frozen(job)?;
        // The ledger is a file that people can edit.
        let fields = record.as_object_mut().ok_or_else(|| refused("the claim's record is no record"))?;
        if let (Some(root), Some(parent)) = (job.sent.first(), job.sent.last()) {
            let reference = |receipt: &PartReceipt| match &receipt.revision {
                Some(cid) => Ok(json!({ "uri": receipt.id, "cid": cid })),
                None => Err(refused("the ledger does not know the CID of the part before")),
            };
            fields.insert("reply".to_owned(), json!({ "root": reference(root)?, "parent": reference(parent)? }));
        }
        Ok((rkey, record))
    }
}

impl Session for Repository {
    fn freeze(&mut self, hash: &str, payload: &Payload, now: DateTime<Utc>) -> Result<Value, SendError> {
        // First what can be checked here; then what needs the server.
        let handles = record::mentioned(payload);
        let nobody: BTreeMap<String, String> =
            handles.iter().map(|handle| ((*handle).to_owned(), String::new())).collect();
        record::records(payload, &nobody, now)?;
        let mut people = BTreeMap::new();
        for handle in handles {
            people.insert(handle.to_owned(), self.resolve(handle)?);
        }
        let records = record::records(payload, &people, now)?;
        let parts = records.into_iter().enumerate();
        let parts = parts.map(|(n, record)| FrozenPart { rkey: tid::tid(hash, n, now), record }).collect();
        let frozen = Frozen { version: 1, did: self.did.clone(), parts };
        serde_json::to_value(frozen).map_err(|error| SendError::Refused { reason: error.to_string() })
    }

    fn send(&mut self, job: &Job<'_>, media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
        let (rkey, record) = self.next(job)?;
        if let Some(part) = job.payload.parts.get(job.sent.len()) {
            let thumb = part.card.iter().filter_map(|card| card.image.as_ref());
            let uploads = Uploads::start();
            for attachment in part.media.iter().chain(thumb) {
                if !uploads.may_begin() {
                    let reason = format!("{} takes too long over the pictures", self.http.host());
                    return Err(SendError::NotSent { reason, retry_at: None });
                }
                self.upload(attachment, media)?;
            }
        }
        let body = json!({ "repo": self.did, "collection": POST, "rkey": rkey, "record": record, "swapRecord": null });
        let answer =
            self.ask(|http| http.post(&["xrpc", "com.atproto.repo.putRecord"]).json(body.clone()).publishes())?;
        if answer.status == 400 && name_of(&answer) == "InvalidSwap" {
            return match self.record(&rkey)? {
                Some((cid, stored)) if stored == record => Ok(self.receipt(&rkey, &cid)),
                Some(_) => Err(SendError::Refused {
                    reason: format!("another record stands at at://{}/{POST}/{rkey}", self.did),
                }),
                None => Err(SendError::Ambiguous {
                    reason: format!("{} says that {rkey} exists and that it does not", self.http.host()),
                }),
            };
        }
        if !answer.fine() {
            return Err(answer.failure());
        }
        match answer.body().get("cid").and_then(Value::as_str) {
            Some(cid) if !cid.is_empty() => Ok(self.receipt(&rkey, cid)),
            _ => Err(answer.senseless("no CID")),
        }
    }

    fn find(&mut self, job: &Job<'_>) -> Result<Found, SendError> {
        let (rkey, record) = self.next(job)?;
        Ok(match self.record(&rkey)? {
            None => Found::No,
            Some((cid, stored)) if stored == record => Found::Yes(self.receipt(&rkey, &cid)),
            Some(_) => Found::Unknown(format!("another record stands at at://{}/{POST}/{rkey}", self.did)),
        })
    }

    /// <https://docs.bsky.app/docs/api/com-atproto-repo-delete-record>: "Delete a repository record, or ensure it doesn't
    /// exist" (checked 2026-11-22).
    fn take_down(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Removed, SendError> {
        self.frozen(job)?;
        let Some(rkey) = self.rkey(receipt).map(str::to_owned) else {
            let reason = format!("the ledger has it at {}, which is not {}'s", receipt.id, self.handle);
            return Err(SendError::Refused { reason });
        };
        if self.record(&rkey)?.is_none() {
            return Ok(Removed::AlreadyGone);
        }
        let body = json!({ "repo": self.did, "collection": POST, "rkey": rkey });
        let answer =
            self.ask(|http| http.post(&["xrpc", "com.atproto.repo.deleteRecord"]).json(body.clone()).publishes())?;
        if answer.fine() { Ok(Removed::TakenDown) } else { Err(answer.failure()) }
    }

    fn look(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Live, SendError> {
        let sent = self.frozen(job)?.record;
        let Some(rkey) = self.rkey(receipt).map(str::to_owned) else {
            return Ok(Live::Unknown(format!("the ledger has it at {}, which is not {}'s", receipt.id, self.handle)));
        };
        Ok(match self.record(&rkey)? {
            None => Live::Gone,
            Some((cid, mut stored)) => {
                let exact = receipt.revision.as_ref().map(|revision| *revision == self.http.redact(&cid));
                if let Some(Value::String(text)) = stored.get_mut("text") {
                    *text = self.http.redact(text);
                }
                look::live(&sent, &stored, exact)
            }
        })
    }
}

/// The name that an error has: `InvalidSwap`.
fn name_of(answer: &Answer) -> String {
    answer.body().get("error").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether it is a DID: <https://atproto.com/specs/did> (checked 2026-11-21).
fn is_did(text: &str) -> bool {
    let rest = text.strip_prefix("did:").and_then(|rest| rest.split_once(':'));
    rest.is_some_and(|(method, id)| {
        !method.is_empty()
            && method.bytes().all(|b| b.is_ascii_lowercase())
            && !id.is_empty()
            && text.len() <= 2048
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:%-".contains(&b))
    })
}

#[cfg(test)]
mod tests;
