//! The adapter against a server that keeps posts, and errs when it is told to. A real one is in the live suite.

mod edit;
mod retract;

use std::sync::{Arc, Mutex};

use super::super::stub::{Reply, Seen, Stub};
use super::*;
use crate::ledger::DeliveryKey;
use crate::network::{Approved, Secret};
use crate::render::Identity;
use crate::workspace::{AccountName, PostId, Sha256};

const TOKEN: &str = "a-token-that-nobody-sees";
const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Posts, newest last; what is still to be worked on; what is answered instead, by path.
#[derive(Default)]
struct Server {
    posts: Vec<Value>,
    keys: Vec<String>,
    working: usize,
    old: bool,
    instead: Vec<(&'static str, Reply)>,
}

fn server() -> (Stub, Arc<Mutex<Server>>) {
    let server: Arc<Mutex<Server>> = Arc::default();
    let inside = Arc::clone(&server);
    (Stub::start(move |seen| answer(&mut inside.lock().unwrap(), seen)), server)
}

fn answer(server: &mut Server, seen: &Seen) -> Reply {
    if let Some(at) = server.instead.iter().position(|(path, _)| *path == seen.path()) {
        return server.instead.remove(at).1;
    }
    if seen.path() != "/api/v2/instance" && seen.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return Reply::json(401, json!({ "error": "The access token is invalid" }));
    }
    match (seen.method.as_str(), seen.path()) {
        ("GET", "/api/v1/accounts/verify_credentials") => Reply::json(200, json!({ "id": "7", "username": "acme" })),
        ("GET", "/api/v2/instance") => {
            let statuses = json!({ "max_characters": 50, "max_media_attachments": 2 });
            Reply::json(200, json!({ "domain": "acme.example", "configuration": { "statuses": statuses } }))
        }
        ("POST", "/api/v2/media") if server.old => Reply::page(404, "<html>"),
        ("POST", "/api/v2/media") => Reply::json(202, json!({ "id": "m1", "url": null })),
        ("POST", "/api/v1/media") => Reply::json(200, json!({ "id": "m1", "url": "https://acme.example/m1" })),
        ("GET", "/api/v1/media/m1") if server.working > 0 => {
            server.working -= 1;
            Reply::json(206, json!({ "id": "m1", "url": null }))
        }
        ("GET", "/api/v1/media/m1") => Reply::json(200, json!({ "id": "m1" })),
        ("POST", "/api/v1/statuses") => {
            let key = seen.header("idempotency-key").unwrap().to_owned();
            if let Some(at) = server.keys.iter().position(|known| *known == key) {
                return Reply::json(200, server.posts[at].clone());
            }
            let sent = seen.json();
            let id = (100 + server.posts.len()).to_string();
            let files = sent["media_ids"].as_array().cloned().unwrap_or_default();
            let post = json!({
                "id": id,
                "url": format!("https://acme.example/@acme/{id}"),
                "created_at": "2026-12-01T08:00:05.000Z",
                "content": format!("<p>{}</p>", sent["status"].as_str().unwrap()),
                "spoiler_text": sent["spoiler_text"].as_str().unwrap_or_default(),
                "in_reply_to_id": sent["in_reply_to_id"],
                "media_attachments": files,
            });
            server.posts.push(post.clone());
            server.keys.push(key);
            Reply::json(200, post)
        }
        ("DELETE", path) if path.starts_with("/api/v1/statuses/") => {
            let id = path.rsplit('/').next();
            match server.posts.iter().position(|post| post["id"].as_str() == id) {
                Some(at) => Reply::json(200, server.posts.remove(at)),
                None => Reply::json(404, json!({ "error": "Record not found" })),
            }
        }
        ("PUT", path) if path.starts_with("/api/v1/statuses/") => {
            let (id, sent) = (path.rsplit('/').next(), seen.json());
            let Some(post) = server.posts.iter_mut().find(|post| post["id"].as_str() == id) else {
                return Reply::json(404, json!({ "error": "Record not found" }));
            };
            let files = sent["media_ids"].as_array().cloned().unwrap_or_default();
            let file = |id: &Value| {
                let attributes = sent["media_attributes"].as_array().into_iter().flatten();
                let alt = attributes.filter(|one| one["id"] == *id).map(|one| one["description"].clone()).next();
                json!({ "id": id, "description": alt.unwrap_or(json!("A leaf")) })
            };
            post["content"] = json!(format!("<p>{}</p>", sent["status"].as_str().unwrap()));
            post["spoiler_text"] = sent["spoiler_text"].clone();
            post["edited_at"] = json!("2026-12-02T08:00:00.000Z");
            post["media_attachments"] = files.iter().map(file).collect();
            Reply::json(200, post.clone())
        }
        ("GET", path) if path.starts_with("/api/v1/statuses/") => {
            let id = path.rsplit('/').next();
            let post = server.posts.iter().find(|post| post["id"].as_str() == id);
            post.map_or_else(
                || Reply::json(404, json!({ "error": "Record not found" })),
                |post| Reply::json(200, post.clone()),
            )
        }
        ("GET", "/api/v1/accounts/7/statuses") => {
            let below: usize = seen
                .target
                .split("max_id=")
                .nth(1)
                .map_or(usize::MAX, |rest| rest.split('&').next().unwrap().parse().unwrap());
            let page =
                server.posts.iter().rev().filter(|post| post["id"].as_str().unwrap().parse::<usize>().unwrap() < below);
            Reply::json(200, page.take(2).cloned().collect())
        }
        _ => Reply::json(404, json!({ "error": "Record not found" })),
    }
}

fn account(server: &str, handle: &str) -> Account {
    Account {
        name: AccountName::new("mastodon/acme").unwrap(),
        server: Some(server.to_owned()),
        handle: Some(handle.to_owned()),
        path: None,
        url: None,
        title: None,
        template: None,
        late_after: Duration::from_secs(3600),
        duplicate_window: Duration::ZERO,
        rhythm: Default::default(),
        most: Default::default(),
    }
}

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-12-01T08:00:00Z").unwrap().with_timezone(&Utc)
}

fn surroundings(token: &str, cache: Option<&Path>) -> Surroundings {
    Surroundings {
        now: now(),
        secrets: [("TOKEN".to_owned(), Secret::new(token.to_owned()))].into(),
        root: std::path::PathBuf::new(),
        cache: cache.map(Path::to_owned),
        trace: None,
        only_looks: false,
        clock_is_real: false,
    }
}

fn connect(stub: &Stub) -> Result<Box<dyn Session>, SendError> {
    Mastodon.connect(&account(&stub.origin(), "acme"), &surroundings(TOKEN, None))
}

fn part(text: &str) -> Part {
    Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None }
}

fn picture(size: u64) -> Attachment {
    Attachment {
        file: "assets/leaf.png".to_owned(),
        sha256: "0".repeat(64),
        size,
        mime: "image/png".to_owned(),
        alt: "A leaf".to_owned(),
        width: None,
        height: None,
    }
}

fn payload(parts: Vec<Part>) -> Payload {
    Payload {
        version: 1,
        workspace: "w".to_owned(),
        post: PostId::new("autumn").unwrap(),
        occurrence: "once".to_owned(),
        account: Identity { name: AccountName::new("mastodon/acme").unwrap(), server: None, handle: None },
        parts,
        languages: vec!["en".to_owned()],
        content_warning: Some("cake".to_owned()),
        sensitive: false,
        options: [("visibility".to_owned(), json!("unlisted"))].into(),
        repeats: Vec::new(),
    }
}

struct Leaf;

impl MediaBytes for Leaf {
    fn open(&self, attachment: &Attachment) -> Result<Approved, String> {
        // What it is was not looked at in these payloads.
        let leaf = Attachment { sha256: Sha256::of(b"leaf"), size: 4, ..attachment.clone() };
        Ok(Approved::new(&leaf, Box::new(b"leaf".as_slice())))
    }
}

fn with_job<T>(payload: &Payload, frozen: &Value, sent: &[PartReceipt], call: impl FnOnce(&Job<'_>) -> T) -> T {
    let key = DeliveryKey::once(payload.post.clone(), payload.account.name.clone());
    call(&Job { key: &key, hash: HASH, payload, frozen, claimed_at: now(), sent })
}

#[test]
fn a_thread_answers_itself_and_is_found() {
    let (stub, _) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one & only"), part("two"), part("three")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut sent: Vec<PartReceipt> = Vec::new();
    for n in 0..3 {
        assert_eq!(with_job(&payload, &frozen, &sent, |job| session.find(job)), Ok(Found::No), "{n}");
        let receipt = with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap();
        assert_eq!(with_job(&payload, &frozen, &sent, |job| session.find(job)), Ok(Found::Yes(receipt.clone())), "{n}");
        sent.push(receipt);
    }
    assert_eq!(sent[2].url.as_deref(), Some("https://acme.example/@acme/102"));
    let posted: Vec<Seen> = stub.seen().into_iter().filter(|seen| seen.method == "POST").collect();
    let keys: Vec<&str> = posted.iter().filter_map(|seen| seen.header("idempotency-key")).collect();
    assert_eq!(keys, [0, 1, 2].map(|n| format!("greenlit-{HASH}-{n}")));
    assert_eq!(
        posted[1].json(),
        json!({ "status": "two", "visibility": "unlisted", "sensitive": false, "spoiler_text": "cake", "language": "en",
            "in_reply_to_id": "100" })
    );
}

#[test]
fn what_is_alike_and_not_the_same_is_left_to_people() {
    let (stub, inside) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("Acme 5 is out now")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let post = |id: &str, at: &str, content: &str| json!({ "id": id, "created_at": at, "content": content, "spoiler_text": "cake", "in_reply_to_id": null });
    let mut find = |posts: Vec<Value>| {
        inside.lock().unwrap().posts = posts;
        with_job(&payload, &frozen, &[], |job| session.find(job)).unwrap()
    };
    assert_eq!(find(vec![post("1", "2026-12-01T08:00:09Z", "<p>Something else</p>")]), Found::No);
    // Yesterday's was another delivery.
    assert_eq!(find(vec![post("1", "2026-11-30T08:00:00Z", "<p>Acme 5 is out now</p>")]), Found::No);
    assert!(matches!(find(vec![post("1", "2026-12-01T08:00:09Z", "<p>Acme 6 is out now</p>")]), Found::Unknown(_)));
    let mut answer = post("1", "2026-12-01T08:00:09Z", "<p>Acme 5 is out now</p>");
    answer["in_reply_to_id"] = json!("55");
    assert!(matches!(find(vec![answer]), Found::Unknown(_)));
    // Behind two pages of others.
    let mut many = vec![post("1", "2026-12-01T08:00:01Z", "<p>Acme 5 is out now</p>")];
    many.extend((2..7).map(|n| post(&n.to_string(), "2026-12-01T08:00:02Z", "<p>Something else</p>")));
    assert!(matches!(find(many), Found::Yes(receipt) if receipt.id == "1"));
}

#[test]
fn files_are_waited_for() {
    for old in [false, true] {
        let (stub, inside) = server();
        *inside.lock().unwrap() = Server { working: 2, old, ..Server::default() };
        let mut session = connect(&stub).unwrap();
        let payload = payload(vec![Part { media: vec![picture(4)], ..part("one") }]);
        let frozen = session.freeze(HASH, &payload, now()).unwrap();
        with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap();
        let seen = stub.seen();
        let post = seen.iter().find(|seen| seen.path() == "/api/v1/statuses").unwrap();
        assert_eq!(post.json()["media_ids"], json!(["m1"]));
        let form =
            String::from_utf8(seen.iter().find(|seen| seen.path().ends_with("/media")).unwrap().body.clone()).unwrap();
        assert!(form.contains("A leaf") && form.contains("leaf\r\n") && form.contains("image/png"), "{form}");
        // Paths of the workspace stay at home.
        assert!(!form.contains("assets"), "{form}");
        assert_eq!(seen.iter().filter(|seen| seen.path() == "/api/v1/media/m1").count(), if old { 0 } else { 3 });
    }
}

#[test]
fn the_servers_own_limits_count() {
    let (stub, _) = server();
    let mut session = connect(&stub).unwrap();
    for (bad, why) in [
        (part(&"x".repeat(47)), "51 characters"),
        (Part { media: vec![picture(4); 3], ..part("x") }, "3 files"),
        (Part { media: vec![picture(17 << 20)], ..part("x") }, "bytes"),
        (Part { media: vec![Attachment { alt: "x".repeat(1501), ..picture(4) }], ..part("x") }, "alt text"),
        (Part { media: vec![Attachment { mime: "image/tiff".to_owned(), ..picture(4) }], ..part("x") }, "image/tiff"),
        (
            Part { media: vec![picture(4), Attachment { mime: "video/mp4".to_owned(), ..picture(4) }], ..part("x") },
            "alone",
        ),
    ] {
        let error = session.freeze(HASH, &payload(vec![part("fine"), bad]), now()).unwrap_err();
        let SendError::Refused { reason } = &error else { panic!("{error:?}") };
        assert!(reason.starts_with("part 2: ") && reason.contains(why), "{reason}");
    }
    assert!(session.freeze(HASH, &payload(vec![part(&"x".repeat(46))]), now()).is_ok());
}

#[test]
fn limits_are_known_offline_afterwards() {
    let (stub, _) = server();
    let folder = tempfile::tempdir().unwrap();
    let account = account(&stub.origin(), "acme");
    assert_eq!(Mastodon.capability_of(&account, Some(folder.path())), CAPABILITY);
    Mastodon.connect(&account, &surroundings(TOKEN, Some(folder.path()))).unwrap();
    let capability = Mastodon.capability_of(&account, Some(folder.path()));
    assert_eq!(capability.length, Length::Mastodon { limit: 50, url: 23 });
    assert_eq!(capability.media.count, 2);
    assert_eq!(Mastodon.capability_of(&account, None), CAPABILITY);
}

#[test]
fn limits_are_asked_for_once_without_a_token() {
    let (stub, _) = server();
    let folder = tempfile::tempdir().unwrap();
    let account = account(&stub.origin(), "acme");
    let learn = |cache| Mastodon.learn(&account, &surroundings("", cache));
    assert!(!learn(None) && learn(Some(folder.path())) && !learn(Some(folder.path())));
    assert_eq!(Mastodon.capability_of(&account, Some(folder.path())).length, Length::Mastodon { limit: 50, url: 23 });
    let seen = stub.seen();
    assert!(seen.len() == 1 && seen[0].header("authorization").is_none(), "{seen:?}");
}

#[test]
fn only_the_named_account_will_do() {
    let (stub, inside) = server();
    let connect = |handle: &str, token: &str| {
        Mastodon.connect(&account(&stub.origin(), handle), &surroundings(token, None)).map(|_| ())
    };
    let host = stub.origin().trim_start_matches("http://").to_owned();
    for good in ["acme".to_owned(), "@Acme".to_owned(), "acme@acme.example".to_owned(), format!("@acme@{host}")] {
        assert_eq!(connect(&good, TOKEN), Ok(()), "{good}");
    }
    for bad in ["other", "acme@other.example", ""] {
        let error = connect(bad, TOKEN).unwrap_err();
        assert!(
            matches!(&error, SendError::Credentials { reason, .. } if reason.contains("belongs to acme")),
            "{error:?}"
        );
    }
    let error = connect("acme", "wrong-token").unwrap_err();
    assert!(matches!(&error, SendError::Credentials { help, .. } if help.contains("GREENLIT_MASTODON_ACME_TOKEN")));
    assert!(matches!(connect("acme", "").unwrap_err(), SendError::Credentials { .. }));
    let echo = Reply::json(403, json!({ "error": format!("{TOKEN} has no such scope") }));
    inside.lock().unwrap().instead.push(("/api/v1/accounts/verify_credentials", echo));
    let error = connect("acme", TOKEN).unwrap_err();
    assert!(matches!(&error, SendError::Credentials { .. }) && !format!("{error:?}").contains(TOKEN), "{error:?}");
}

#[test]
fn faults_while_publishing_are_told_apart() {
    let (stub, inside) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![Part { media: vec![picture(4)], ..part("one") }]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut send = |path: &'static str, reply: Reply| {
        inside.lock().unwrap().instead.push((path, reply));
        with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap_err()
    };
    let (media, statuses) = ("/api/v2/media", "/api/v1/statuses");
    assert!(matches!(send(media, Reply::json(500, json!({}))), SendError::NotSent { .. }));
    assert!(matches!(send(media, Reply::json(422, json!({ "error": "no" }))), SendError::Refused { .. }));
    assert!(matches!(send(statuses, Reply::HangUp), SendError::Ambiguous { .. }));
    assert!(matches!(send(statuses, Reply::json(500, json!({}))), SendError::Ambiguous { .. }));
    assert!(matches!(send(statuses, Reply::json(200, json!({}))), SendError::Ambiguous { .. }));
    assert!(matches!(send(statuses, Reply::page(200, "<html>Welcome")), SendError::Ambiguous { .. }));
    assert!(matches!(send(statuses, Reply::json(422, json!({ "error": "too long" }))), SendError::Refused { .. }));
    let limited = Reply::json(429, json!({})).with("X-RateLimit-Reset", "2026-12-01T08:05:00Z");
    let SendError::NotSent { retry_at, .. } = send(statuses, limited) else { panic!() };
    assert_eq!(retry_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-12-01T08:05:00+00:00"));
    assert!(inside.lock().unwrap().posts.is_empty());
}

#[test]
fn what_stands_there_is_held_against_what_was_sent() {
    let (stub, inside) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![Part { media: vec![picture(4)], ..part("Acme 5 is out: @bob@b.example") }, part("two")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut sent = Vec::new();
    for _ in 0..2 {
        sent.push(with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap());
    }
    let shown = {
        let mut post = inside.lock().unwrap().posts[0].clone();
        post["media_attachments"] = json!([{ "id": "m1", "description": "A leaf" }]);
        post["content"] = json!("<p>Acme 5 is out: <a href=\"https://b.example/@bob\">@bob</a></p>");
        post["edited_at"] = Value::Null;
        post["account"] = json!({ "id": "7" });
        post
    };
    let mut look = |changes: Value| {
        let mut post = shown.clone();
        changes.as_object().unwrap().iter().for_each(|(key, value)| post[key] = value.clone());
        inside.lock().unwrap().posts[0] = post;
        with_job(&payload, &frozen, &[], |job| session.look(job, &sent[0])).unwrap()
    };
    let edited = json!("2026-12-02T08:00:00.000Z");
    let alike = "<p>Acme 6 is out: <a href=\"https://b.example/@bob\">@bob</a></p>";
    assert_eq!(look(json!({})), Live::Same);
    assert_eq!(look(json!({ "content": alike })), Live::Same, "nobody edited it: the server has ways of its own");
    assert_eq!(look(json!({ "edited_at": edited, "language": "en", "sensitive": true })), Live::Same, "and back again");
    let differs = |live: Live| match live {
        Live::Edited { text, differs } => (text, differs),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        differs(look(json!({ "content": alike, "edited_at": edited, "language": "fr" }))),
        ("Acme 6 is out: @bob@b.example".to_owned(), vec!["text", "language"])
    );
    assert_eq!(differs(look(json!({ "content": "<p>Winter sale</p>" }))).1, ["text"]);
    assert_eq!(differs(look(json!({ "spoiler_text": "" }))).1, ["content warning"]);
    assert_eq!(differs(look(json!({ "media_attachments": [] }))).1, ["files"]);
    assert_eq!(differs(look(json!({ "media_attachments": [{ "description": null }] }))).1, ["alt texts"]);
    let secret = format!("<p>Look: {TOKEN}</p>");
    assert!(!differs(look(json!({ "content": secret }))).0.contains(TOKEN));
    assert!(matches!(look(json!({ "account": { "id": "8" } })), Live::Unknown(_)));

    inside.lock().unwrap().posts[0].as_object_mut().unwrap().remove("edited_at");
    inside.lock().unwrap().posts[0]["account"] = json!({ "id": "7" });
    inside.lock().unwrap().posts[0]["content"] = json!(alike);
    let mut look = |n: usize, id: &str| {
        let receipt = PartReceipt { id: id.to_owned(), url: None, revision: None };
        with_job(&payload, &frozen, &sent[..n], |job| session.look(job, &receipt))
    };
    assert!(matches!(look(0, "100"), Ok(Live::Unknown(_))), "a server that knows no edits may write as it likes");
    // What a person found there is known by its page.
    assert_eq!(look(1, "https://acme.example/@acme/101"), Ok(Live::Same));
    assert!(matches!(look(1, "https://acme.example/@acme/999"), Ok(Live::Unknown(_))));
    assert_eq!(look(1, "999"), Ok(Live::Gone));
    inside.lock().unwrap().instead.push(("/api/v1/statuses/101", Reply::json(500, json!({}))));
    assert!(matches!(look(1, "101"), Err(SendError::NotSent { .. })), "that is not gone");
    inside.lock().unwrap().instead.push(("/api/v1/statuses/101", Reply::json(200, json!([]))));
    assert!(matches!(look(1, "101"), Err(SendError::NotSent { .. })), "nor is that the post");
}
