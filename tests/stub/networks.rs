//! Servers that do with posts what the real ones do: one address for all networks, and for each secret a place of its
//! own, so that stories side by side do not meet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::stub::{Reply, Seen, Stub};

/// Who the account is on Bluesky.
pub const DID: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

/// All networks behind one address.
pub struct Networks {
    stub: Stub,
    places: Arc<Mutex<BTreeMap<String, Place>>>,
}

/// What one account has, and what is going to happen to it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// What is out, in the order in which it came.
    pub out: Vec<Out>,
    /// What becomes of the next requests that publish; nothing special where there is none.
    pub posting: VecDeque<Fault>,
    /// The same for those that ask.
    pub asking: VecDeque<Fault>,
    /// The same for all requests, whatever they are for.
    pub any: VecDeque<Fault>,
    /// What it was asked: `POST /api/v2/media`.
    pub asked: Vec<String>,
    /// Files that came.
    pub files: usize,
    /// The server's clock.
    pub now: DateTime<Utc>,
    /// Whether a repeated `Idempotency-Key` is answered with the first post. GoToSocial does not (docs.gotosocial.org,
    /// checked 2026-11-22).
    pub forgets_keys: bool,
}

/// A message that is out.
#[derive(Debug, Clone, PartialEq)]
pub struct Out {
    /// What the server calls it.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The message that it answers.
    pub parent: Option<String>,
    key: Option<String>,
    body: Value,
    made: DateTime<Utc>,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing.
    None,
    /// It is not acted on, and this is the answer.
    Before(Reply),
    /// It is acted on, and this is the answer.
    After(Reply),
}

impl Networks {
    /// Opens them.
    pub fn open() -> Self {
        let places: Arc<Mutex<BTreeMap<String, Place>>> = Arc::default();
        let inside = Arc::clone(&places);
        let stub = Stub::start(move |seen| {
            let mut places = inside.lock().unwrap();
            answer(places.entry(secret(seen)).or_default(), seen)
        });
        Self { stub, places }
    }

    /// `http://127.0.0.1:49152`
    pub fn origin(&self) -> String {
        self.stub.origin()
    }

    /// The place of a secret.
    pub fn place<T>(&self, secret: &str, look: impl FnOnce(&mut Place) -> T) -> T {
        look(self.places.lock().unwrap().entry(secret.to_owned()).or_default())
    }

    /// The secret that an account of this network has for a place: a password, a token, an address.
    pub fn secret(&self, network: &str, place: &str) -> String {
        if network == "webhook" { format!("{}/hook/{place}", self.origin()) } else { place.to_owned() }
    }
}

impl Place {
    fn post(&mut self, id: String, parent: &Value, key: Option<&str>, body: Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let words = text(&body["text"]).or_else(|| text(&body["status"])).unwrap_or_default();
        let (made, parent, key) = (self.now, text(parent), key.map(str::to_owned));
        self.out.push(Out { id, text: words, parent, key, body, made });
    }
}

/// Which place a request is for.
fn secret(seen: &Seen) -> String {
    if let Some(place) = seen.path().strip_prefix("/hook/") {
        return place.to_owned();
    }
    let bearer = seen.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let password = seen.json()["password"].as_str().unwrap_or_default().to_owned();
    bearer.map_or(password, str::to_owned)
}

fn answer(place: &mut Place, seen: &Seen) -> Reply {
    let path = seen.path().to_owned();
    let publishes = seen.method == "POST"
        && (path.ends_with("putRecord") || path.ends_with("/statuses") || path.starts_with("/hook/"));
    let asks = path.ends_with("getRecord") || (seen.method == "GET" && path.ends_with("/statuses"));
    place.asked.push(format!("{} {path}", seen.method));
    let fault = match (publishes, asks) {
        (true, _) => place.posting.pop_front(),
        (_, true) => place.asking.pop_front(),
        _ => None,
    };
    match fault.or_else(|| place.any.pop_front()) {
        Some(Fault::Before(reply)) => reply,
        Some(Fault::After(reply)) => {
            act(place, seen, &path);
            reply
        }
        Some(Fault::None) | None => act(place, seen, &path),
    }
}

fn act(place: &mut Place, seen: &Seen, path: &str) -> Reply {
    if path.starts_with("/hook/") {
        return hook(place, seen);
    }
    match path.strip_prefix("/xrpc/com.atproto.") {
        Some(method) => bluesky(place, seen, method),
        None => mastodon(place, seen, path),
    }
}

/// A receiver that keeps no list of what it has, and has no names of its own.
fn hook(place: &mut Place, seen: &Seen) -> Reply {
    let body = seen.json();
    let id = body["id"].as_str().unwrap_or_default().to_owned();
    let parent = body["in_reply_to"].clone();
    place.post(id.clone(), &parent, None, body);
    Reply::json(200, json!({ "id": id }))
}

/// The reference server: `putRecord` with `swapRecord: null` writes only where there is nothing, and the same record a
/// second time is no change (packages/pds/src/api/com/atproto/repo/putRecord.ts, checked 2026-11-21).
fn bluesky(place: &mut Place, seen: &Seen, method: &str) -> Reply {
    let error = |name: &str| Reply::json(400, json!({ "error": name, "message": name }));
    let uri = |rkey: &str| format!("at://{DID}/app.bsky.feed.post/{rkey}");
    let cid = |id: &str| format!("cid-of-{}", id.rsplit('/').next().unwrap_or_default());
    match method {
        "server.createSession" => {
            let body = seen.json();
            let token = body["password"].clone();
            Reply::json(200, json!({ "did": DID, "handle": body["identifier"], "accessJwt": token, "active": true }))
        }
        "repo.putRecord" => {
            let body = seen.json();
            assert_eq!(body.get("swapRecord"), Some(&Value::Null));
            let id = uri(body["rkey"].as_str().unwrap_or_default());
            match place.out.iter().find(|out| out.id == id) {
                Some(out) if out.body == body["record"] => {}
                Some(_) => return error("InvalidSwap"),
                None => {
                    let parent = body["record"]["reply"]["parent"]["uri"].clone();
                    place.post(id.clone(), &parent, None, body["record"].clone());
                }
            }
            Reply::json(200, json!({ "uri": id, "cid": cid(&id) }))
        }
        "repo.uploadBlob" => {
            let (kind, size) = (seen.header("content-type"), seen.body.len());
            let blob =
                json!({ "$type": "blob", "ref": { "$link": raw_cid(&seen.body) }, "mimeType": kind, "size": size });
            Reply::json(200, json!({ "blob": blob }))
        }
        "repo.deleteRecord" => {
            let id = uri(seen.json()["rkey"].as_str().unwrap_or_default());
            place.out.retain(|out| out.id != id);
            Reply::json(200, json!({}))
        }
        "repo.getRecord" => {
            let id = uri(seen.target.rsplit('=').next().unwrap_or_default());
            match place.out.iter().find(|out| out.id == id) {
                Some(out) => Reply::json(200, json!({ "uri": id, "cid": cid(&id), "value": out.body })),
                None => error("RecordNotFound"),
            }
        }
        _ => Reply::json(404, json!({ "error": "MethodNotImplemented" })),
    }
}

/// The CID of a file: version 1, raw, SHA-256, in base 32 (<https://atproto.com/specs/data-model>, checked 2026-11-28).
fn raw_cid(bytes: &[u8]) -> String {
    let mut cid = vec![0x01, 0x55, 0x12, 0x20];
    cid.extend(Sha256::digest(bytes));
    let (mut text, mut bits, mut held) = ("b".to_owned(), 0_u32, 0);
    for byte in cid {
        (bits, held) = (bits << 8 | u32::from(byte), held + 8);
        while held >= 5 {
            held -= 5;
            text.push(char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits << (5 - held) & 31) as usize]));
    }
    text
}

fn mastodon(place: &mut Place, seen: &Seen, path: &str) -> Reply {
    if let Some(id) = path.strip_prefix("/api/v1/statuses/") {
        return one_status(place, seen, id);
    }
    match (seen.method.as_str(), path) {
        // A big file is worked on after the answer.
        ("POST", "/api/v2/media") => {
            place.files += 1;
            Reply::json(202, json!({ "id": place.files.to_string(), "type": "image" }))
        }
        ("GET", path) if path.starts_with("/api/v1/media/") => {
            Reply::json(200, json!({ "id": path.rsplit('/').next(), "type": "image" }))
        }
        ("GET", "/api/v1/accounts/verify_credentials") => Reply::json(200, json!({ "id": "7", "username": "acme" })),
        ("GET", "/api/v2/instance") => Reply::json(200, json!({ "domain": "mastodon.test" })),
        ("POST", "/api/v1/statuses") => {
            let key = seen.header("idempotency-key").filter(|_| !place.forgets_keys);
            // Keys are kept for an hour.
            let since = place.now - Duration::hours(1);
            let known = |out: &&Out| key.is_some() && out.key.as_deref() == key && out.made > since;
            if let Some(out) = place.out.iter().find(known) {
                return Reply::json(200, status(out));
            }
            let (body, id) = (seen.json(), (110_000 + place.out.len()).to_string());
            let parent = body["in_reply_to_id"].clone();
            place.post(id, &parent, key, body);
            Reply::json(200, place.out.last().map(status).unwrap_or_default())
        }
        ("GET", "/api/v1/accounts/7/statuses") => {
            let before = seen.target.split(['?', '&']).find_map(|pair| pair.strip_prefix("max_id="));
            let newest_first = place.out.iter().rev().filter(|out| before.is_none_or(|id| out.id.as_str() < id));
            Reply::json(200, newest_first.take(40).map(status).collect())
        }
        _ => Reply::json(404, json!({ "error": "Record not found" })),
    }
}

/// One that is out is shown, changed or taken away.
fn one_status(place: &mut Place, seen: &Seen, id: &str) -> Reply {
    let Some(at) = place.out.iter().position(|out| out.id == id) else {
        return Reply::json(404, json!({ "error": "Record not found" }));
    };
    match seen.method.as_str() {
        "DELETE" => Reply::json(200, status(&place.out.remove(at))),
        "PUT" => {
            let out = &mut place.out[at];
            out.body = seen.json();
            out.text = out.body["status"].as_str().unwrap_or_default().to_owned();
            Reply::json(200, status(out))
        }
        _ => Reply::json(200, status(&place.out[at])),
    }
}

/// As it is shown: HTML of the text.
fn status(out: &Out) -> Value {
    let text = out.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let content = format!("<p>{}</p>", text.replace("\n\n", "</p><p>").replace('\n', "<br />"));
    json!({
        "id": out.id,
        "url": format!("https://mastodon.test/@acme/{}", out.id),
        "content": content,
        "spoiler_text": "",
        "media_attachments": files(&out.body),
        "edited_at": null,
        "in_reply_to_id": out.parent,
        "created_at": out.made.to_rfc3339(),
    })
}

fn files(body: &Value) -> Value {
    let ids = body["media_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
    let described = |id: &Value| {
        let attributes = body["media_attributes"].as_array().into_iter().flatten().find(|file| file["id"] == *id);
        attributes.map_or(json!("A red leaf"), |file| file["description"].clone())
    };
    ids.iter().map(|id| json!({ "id": id, "type": "image", "description": described(id) })).collect()
}
