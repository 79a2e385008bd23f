//! Mastodon, and the servers that speak its client API: GoToSocial, Pleroma, Akkoma, snac2, …
//!
//! Mastodon answers a repeated `Idempotency-Key` with the first post; GoToSocial and snac2 do not. So the account's own
//! posts are listed and compared ([`compare`]) before anything is repeated.

mod compare;
mod edit;
mod instance;
mod look;
mod own;
mod presence;

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::{
    Edited, Found, Job, Live, MediaBytes, Network, OutThere, Presence, Removed, SendError, Session, Surroundings,
    variable,
};
use crate::http::{Http, Uploads};
use crate::ledger::PartReceipt;
use crate::render::{
    Attachment, Capability, Cards, Editing, Length, MediaLimits, OptionSpec, Part, Payload, Reconcile, TextForm, length,
};
use crate::workspace::{Account, NetworkSpec};
use compare::Likeness;
use instance::Instance;
use own::Looked;

/// Bytes of a picture; `image_size_limit` in the answer of `GET /api/v2/instance` on mastodon.social (checked 2026-11-21).
const IMAGE: u64 = 16 * 1024 * 1024;
/// Bytes of a film; `video_size_limit` in the same answer.
const VIDEO: u64 = 99 * 1024 * 1024;

/// What Mastodon can do as it comes; a server's own limits may be others. Figures from docs.joinmastodon.org,
/// `entities/Instance`, `methods/statuses`, `user/posting` (checked 2026-11-21).
pub static CAPABILITY: Capability = Capability {
    network: "mastodon",
    title: "Mastodon",
    account: NetworkSpec { network: "mastodon", required: &["server", "handle"], optional: &[] },
    text: TextForm::Plain,
    // max_characters and characters_reserved_per_url.
    length: Length::Mastodon { limit: 500, url: 23 },
    threads: true,
    media: MediaLimits {
        // max_media_attachments.
        count: 4,
        types: Cow::Borrowed(&[
            ("image/jpeg", IMAGE),
            ("image/png", IMAGE),
            ("image/gif", IMAGE),
            ("image/webp", IMAGE),
            ("video/mp4", VIDEO),
            ("video/webm", VIDEO),
        ]),
        // description_limit, 1500 where the server does not say.
        alt: Some(1500),
        // image_matrix_limit, video_matrix_limit; MAX_MATRIX_LIMIT and MAX_VIDEO_MATRIX_LIMIT in the source (checked 2026-11-28).
        picture_pixels: Some(33_177_600),
        film_pixels: Some(8_294_400),
        // app/services/post_status_service.rb: images_and_video (checked 2026-11-28).
        mixed: false,
        tallest: None,
    },
    cards: Cards::Server,
    options: &[OptionSpec { name: "visibility", values: &["public", "unlisted", "private", "direct"], list: false }],
    content_warning: true,
    // app/services/post_status_service.rb: idempotency keys expire after an hour.
    reconcile: Reconcile::IdempotencyKey { window: Duration::from_secs(3600) },
    // app/services/update_status_service.rb takes all but the visibility (checked 2026-11-22).
    edit: Editing::InPlace { fixed: &["visibility"] },
    deletes: true,
    secrets: &["TOKEN"],
};

/// The network `mastodon`.
pub struct Mastodon;

impl Network for Mastodon {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    fn capability_of(&self, account: &Account, cache: Option<&Path>) -> Capability {
        match (cache, &account.server) {
            (Some(cache), Some(server)) => Instance::recall(cache, server).capability(),
            _ => CAPABILITY.clone(),
        }
    }

    fn learn(&self, account: &Account, surroundings: &Surroundings) -> bool {
        let (Some(cache), Some(server)) = (&surroundings.cache, &account.server) else { return false };
        if Instance::is_kept(cache, server) {
            return false;
        }
        let asked = Http::new(server, &surroundings.caller(), String::new()).and_then(|http| Instance::ask(&http));
        asked.map(|instance| instance.keep(cache, server)).is_ok()
    }

    fn presence(&self, account: &Account, handle: &str, surroundings: &Surroundings) -> Option<Presence> {
        let server = account.server.as_deref()?;
        let cache = surroundings.cache.as_deref();
        let domain = cache.and_then(|cache| Instance::recall(cache, server).domain);
        let http = Http::new(server, &surroundings.caller(), String::new());
        Some(http.and_then(|http| presence::presence(&http, domain.as_deref(), handle)).unwrap_or_else(Presence::from))
    }

    fn connect(&self, account: &Account, surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError> {
        Ok(Box::new(Profile::open(account, surroundings)?))
    }
}

/// An account on a server, logged in.
struct Profile {
    http: Http,
    token: String,
    instance: Instance,
    id: String,
}

/// What a claim keeps for this network.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    version: u32,
    /// The server and the account's id there: whom it was claimed for.
    server: String,
    account: String,
    /// An idempotency key for each part.
    keys: Vec<String>,
}

impl Profile {
    fn open(account: &Account, surroundings: &Surroundings) -> Result<Self, SendError> {
        let variable = variable(&account.name, "TOKEN");
        let missing =
            |what: &str| SendError::Refused { reason: format!("{} has no {what} in greenlit.toml", account.name) };
        let server = account.server.as_deref().ok_or_else(|| missing("server"))?;
        let handle = account.handle.as_deref().ok_or_else(|| missing("handle"))?;
        let help = format!(
            "make an application in the account's settings on {server} (Development, New application, with read and \
             write) and set {variable} to its access token"
        );
        let token = surroundings.secrets.get("TOKEN").map(|secret| secret.expose().trim()).unwrap_or_default();
        if token.is_empty() {
            return Err(SendError::Credentials { reason: format!("{variable} is not set"), help });
        }
        let http = Http::new(server, &surroundings.caller(), help.clone())?;
        // Neither answer needs the other.
        let (who, instance) = thread::scope(|scope| {
            let instance = scope.spawn(|| Instance::ask(&http));
            let who = http.get(&["api", "v1", "accounts", "verify_credentials"]).bearer(token).value();
            (who, instance.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let who = who.map_err(|error| match error {
            // A token without the right scope is answered with 403; no post has anything to do with it.
            SendError::Refused { reason } => SendError::Credentials { reason, help: help.clone() },
            other => other,
        })?;
        let id = who.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = who.get("username").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() || name.is_empty() {
            let reason = format!("{} did not say whose token it is; is it a Mastodon server?", http.host());
            return Err(SendError::NotSent { reason, retry_at: None });
        }
        let instance = instance?;
        if !is_same(handle, name, &instance, &http) {
            let reason =
                format!("the token belongs to {} on {}, and greenlit.toml says {handle}", http.fit(name), http.host());
            return Err(SendError::Credentials { reason, help });
        }
        if let Some(cache) = surroundings.cache.as_ref().filter(|_| !surroundings.only_looks) {
            instance.keep(cache, server);
        }
        Ok(Self { http, token: token.to_owned(), instance, id })
    }

    /// Holds all parts against the server's own limits.
    fn weigh(&self, payload: &Payload) -> Result<(), SendError> {
        for (n, part) in payload.parts.iter().enumerate() {
            if let Some(why) = self.objection(part, payload.content_warning.as_deref()) {
                return Err(SendError::Refused { reason: format!("part {}: {why}", n + 1) });
            }
        }
        Ok(())
    }

    /// Why the server would not take a part, by its own limits.
    fn objection(&self, part: &Part, warning: Option<&str>) -> Option<String> {
        let capability = self.instance.capability();
        let measure = length::measure(part, warning, &capability.length);
        if let (Some(limit), false) = (measure.limit, measure.fits()) {
            return Some(format!("it has {} characters; the server takes {limit}", measure.count));
        }
        if part.media.len() > capability.media.count {
            return Some(format!("it has {} files; the server takes {}", part.media.len(), capability.media.count));
        }
        // "Cannot attach a video to a post that already contains images."
        let pictures = part.media.iter().filter(|file| file.mime.starts_with("image/")).count();
        if pictures < part.media.len() && part.media.len() > 1 {
            return Some("a film goes alone, without other files".to_owned());
        }
        part.media.iter().find_map(|file| {
            let alt = file.alt.chars().count();
            let too_long = capability.media.alt.filter(|limit| alt > *limit);
            let too_long = too_long.map(|limit| format!("its alt text has {alt} characters; the server takes {limit}"));
            let why =
                too_long.or_else(|| match capability.media.types.iter().find(|(mime, _)| *mime == file.mime) {
                    None => Some(format!("the server takes no {}", file.mime)),
                    Some((_, limit)) if file.size > *limit => {
                        Some(format!("it has {} bytes; the server takes {limit}", file.size))
                    }
                    Some(_) => None,
                })?;
            Some(format!("{}: {why}", file.file))
        })
    }

    /// Uploads a file, and waits until the server has worked on it.
    fn upload(&self, attachment: &Attachment, media: &dyn MediaBytes, uploads: &Uploads) -> Result<String, SendError> {
        if !uploads.may_begin() {
            let reason = format!("{} takes too long over the files", self.http.host());
            return Err(SendError::NotSent { reason, retry_at: None });
        }
        let texts = match attachment.alt.as_str() {
            "" => Vec::new(),
            alt => vec![("description", alt.to_owned())],
        };
        let upload = |version: &str| {
            let bytes = super::open(media, attachment)?;
            let request = self.http.post(&["api", version, "media"]).bearer(&self.token);
            request.form(attachment, bytes, &texts)?.answer()
        };
        let mut answer = upload("v2")?;
        if matches!(answer.status, 404 | 405) {
            answer = upload("v1")?;
        }
        let processing = answer.status == 202;
        let file = answer.value()?;
        let id = file.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if id.is_empty() {
            let reason = format!("{} did not say what it calls {}", self.http.host(), attachment.file);
            return Err(SendError::NotSent { reason, retry_at: None });
        }
        if processing {
            self.wait(&id, attachment, uploads)?;
        }
        Ok(id)
    }

    /// 206: still working on it; 200: done. <https://docs.joinmastodon.org/methods/media/#get> (checked 2026-11-21).
    fn wait(&self, id: &str, attachment: &Attachment, uploads: &Uploads) -> Result<(), SendError> {
        let mut pause = Duration::from_millis(100);
        loop {
            let answer = self.http.get(&["api", "v1", "media", id]).bearer(&self.token).answer()?;
            match answer.status {
                206 => {}
                200 => return Ok(()),
                _ => return Err(answer.failure()),
            }
            if !uploads.may_wait() {
                let reason = format!("{} is still working on {}", self.http.host(), attachment.file);
                return Err(SendError::NotSent { reason, retry_at: None });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(3));
        }
    }

    /// The part after those that are out, and its idempotency key.
    fn next<'j>(&self, job: &Job<'j>) -> Result<(&'j Part, String), SendError> {
        let refused = |reason: String| SendError::Refused { reason };
        let frozen: Frozen = serde_json::from_value(job.frozen.clone()).map_err(|_| {
            refused("the claim does not hold what Mastodon needs; was it written by another version?".to_owned())
        })?;
        if (frozen.server.as_str(), frozen.account.as_str()) != (self.http.host().as_str(), self.id.as_str()) {
            return Err(refused(format!(
                "it was claimed for account {} on {}, and this is {} on {}",
                frozen.account,
                frozen.server,
                self.id,
                self.http.host()
            )));
        }
        let at = job.sent.len();
        match (job.payload.parts.get(at), frozen.keys.into_iter().nth(at)) {
            (Some(part), Some(key)) => Ok((part, key)),
            _ => Err(refused("all its parts are out".to_owned())),
        }
    }

    fn receipt(&self, status: &Value) -> Option<PartReceipt> {
        let id = status.get("id")?.as_str().filter(|id| !id.is_empty())?;
        // A `url` that is none is the server's own affair; only what a browser opens is passed on.
        let url = status.get("url").and_then(Value::as_str);
        let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        Some(PartReceipt { id: self.http.redact(id), url: url.map(|url| self.http.redact(url)), revision: None })
    }
}

impl Session for Profile {
    fn freeze(&mut self, hash: &str, payload: &Payload, _now: DateTime<Utc>) -> Result<Value, SendError> {
        self.weigh(payload)?;
        let keys = (0..payload.parts.len()).map(|n| format!("greenlit-{hash}-{n}")).collect();
        let frozen = Frozen { version: 1, server: self.http.host(), account: self.id.clone(), keys };
        serde_json::to_value(frozen).map_err(|error| SendError::Refused { reason: error.to_string() })
    }

    fn send(&mut self, job: &Job<'_>, media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
        let (part, key) = self.next(job)?;
        let mut status =
            json!({ "status": part.text, "visibility": visibility(job.payload)?, "sensitive": job.payload.sensitive });
        if let Some(warning) = &job.payload.content_warning {
            status["spoiler_text"] = json!(warning);
        }
        // It takes one language.
        if let Some(language) = job.payload.languages.first() {
            status["language"] = json!(language);
        }
        if let Some(before) = job.sent.last() {
            status["in_reply_to_id"] = json!(before.id);
        }
        if !part.media.is_empty() {
            let uploads = Uploads::start();
            let ids =
                part.media.iter().map(|file| self.upload(file, media, &uploads)).collect::<Result<Vec<_>, _>>()?;
            status["media_ids"] = json!(ids);
        }
        let request = self.http.post(&["api", "v1", "statuses"]).bearer(&self.token).header("idempotency-key", key);
        let answer = request.json(status).publishes().answer()?;
        if !answer.fine() {
            return Err(answer.failure());
        }
        self.receipt(&answer.body()).ok_or_else(|| answer.senseless("no id"))
    }

    fn find(&mut self, job: &Job<'_>) -> Result<Found, SendError> {
        let (part, _) = self.next(job)?;
        let mut similar = None;
        let looked = self.own_posts(job, |status| {
            let receipt = self.receipt(status)?;
            if job.sent.iter().any(|sent| sent.id == receipt.id) {
                return None;
            }
            match likeness(part, job, status) {
                Likeness::Same => return Some(receipt),
                Likeness::Similar => {
                    let place = receipt.url.as_deref().unwrap_or(&receipt.id);
                    similar = Some(format!("{place} may be it: it is alike, and not the same"));
                }
                Likeness::Other => {}
            }
            None
        })?;
        Ok(match looked {
            Looked::Found(receipt) => Found::Yes(receipt),
            Looked::All => similar.map_or(Found::No, Found::Unknown),
            Looked::NotAll(why) => Found::Unknown(why),
        })
    }

    /// 404 where it is not there, or is somebody else's (<https://docs.joinmastodon.org/methods/statuses/#delete>, checked
    /// 2026-11-22). Its files go with it, where the server knows to be asked for that.
    fn take_down(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Removed, SendError> {
        self.next(job)?;
        let Some(id) = self.id_of(receipt, job)? else { return Ok(Removed::AlreadyGone) };
        let request = self.http.delete(&["api", "v1", "statuses", &id]).bearer(&self.token);
        let answer = request.query("delete_media", "true").publishes().status_is_enough().answer()?;
        match answer.status {
            404 | 410 => Ok(Removed::AlreadyGone),
            _ if answer.fine() => Ok(Removed::TakenDown),
            _ => Err(answer.failure()),
        }
    }

    fn look(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Live, SendError> {
        let (part, _) = self.next(job)?;
        let page = page_of(receipt);
        let id = id_of(receipt, page.as_ref());
        let answer = self.http.get(&["api", "v1", "statuses", id]).bearer(&self.token).answer()?;
        match (answer.status, &page) {
            (404 | 410, None) => return Ok(Live::Gone),
            (404 | 410, Some(page)) => {
                return Ok(Live::Unknown(format!("{} knows no post by the address {page}", self.http.host())));
            }
            _ => {}
        }
        let status = answer.value()?;
        if status.get("id").and_then(Value::as_str) != Some(id) {
            let reason = format!("{} answered with no post", self.http.host());
            return Err(SendError::NotSent { reason, retry_at: None });
        }
        if status.pointer("/account/id").and_then(Value::as_str).is_some_and(|author| author != self.id) {
            return Ok(Live::Unknown(format!("{} is somebody else's post", receipt.id)));
        }
        Ok(match look::live(part, job.payload, &status) {
            Live::Edited { text, differs } => Live::Edited { text: self.http.redact(&text), differs },
            live => live,
        })
    }

    fn edit(&mut self, job: &Job<'_>, out: &OutThere<'_>, media: &dyn MediaBytes) -> Result<Edited, SendError> {
        self.put(job, out, media)
    }
}

/// What somebody found there is known by its page, whose address ends with the id.
fn page_of(receipt: &PartReceipt) -> Option<Url> {
    Url::parse(&receipt.id).ok().filter(Url::has_host)
}

fn id_of<'a>(receipt: &'a PartReceipt, page: Option<&'a Url>) -> &'a str {
    page.and_then(|page| page.path_segments()?.next_back()).unwrap_or(&receipt.id)
}

/// Whether a status of the account is a part: the same text at the same place with the same files.
fn likeness(part: &Part, job: &Job<'_>, status: &Value) -> Likeness {
    let text = |key: &str| status.get(key).and_then(Value::as_str).unwrap_or_default();
    let likeness = compare::compare(&part.text, text("content"));
    if likeness != Likeness::Same {
        return likeness;
    }
    let parent = status.get("in_reply_to_id").and_then(Value::as_str);
    let warning = job.payload.content_warning.as_deref().unwrap_or_default();
    let files = status.get("media_attachments").and_then(Value::as_array).map_or(0, Vec::len);
    let exactly = parent == job.sent.last().map(|sent| sent.id.as_str())
        && compare::compare(warning, text("spoiler_text")) == Likeness::Same
        && files == part.media.len();
    if exactly { Likeness::Same } else { Likeness::Similar }
}

/// What the post says, else `public`: never the account's own default, which nobody approved.
fn visibility(payload: &Payload) -> Result<&str, SendError> {
    match payload.options.get("visibility") {
        None => Ok("public"),
        Some(Value::String(visibility)) => Ok(visibility),
        Some(_) => Err(SendError::Refused { reason: "the option `visibility` is a text".to_owned() }),
    }
}

/// Whether the settings' handle, `acme`, `@acme` or `acme@social.example`, is this account.
fn is_same(handle: &str, name: &str, instance: &Instance, http: &Http) -> bool {
    let handle = handle.trim_start_matches('@');
    let (user, domain) = handle.split_once('@').map_or((handle, None), |(user, domain)| (user, Some(domain)));
    user.eq_ignore_ascii_case(name)
        && domain.is_none_or(|domain| {
            domain.eq_ignore_ascii_case(&http.host())
                || instance.domain.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(domain))
        })
}

#[cfg(test)]
mod tests;
