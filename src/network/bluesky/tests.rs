//! The adapter against a server that keeps records, and errs when it is told to. The real one is in the live suite.

use std::collections::BTreeMap as Map;
use std::sync::{Arc, Mutex};

use super::super::stub::{Reply, Seen, Stub};
use super::*;
use crate::ledger::DeliveryKey;
use crate::network::{Approved, Secret};
use crate::render::{Facet, Feature, Identity, Part};
use crate::workspace::{AccountName, PostId, Sha256};

const PASSWORD: &str = "abcd-efgh-ijkl-mnop";
const DID: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Records by key, and answers that come instead of the right ones, by method.
#[derive(Default)]
struct Shelf {
    records: Map<String, Value>,
    instead: Map<&'static str, Vec<Reply>>,
}

fn server() -> (Stub, Arc<Mutex<Shelf>>) {
    let shelf: Arc<Mutex<Shelf>> = Arc::default();
    let inside = Arc::clone(&shelf);
    (Stub::start(move |seen| answer(&mut inside.lock().unwrap(), seen)), shelf)
}

fn answer(shelf: &mut Shelf, seen: &Seen) -> Reply {
    let name = seen.path().trim_start_matches("/xrpc/").to_owned();
    if let Some(replies) = shelf.instead.get_mut(name.as_str())
        && !replies.is_empty()
    {
        return replies.remove(0);
    }
    let error = |name: &str| Reply::json(400, json!({ "error": name, "message": name }));
    match name.as_str() {
        "com.atproto.server.createSession" => Reply::json(
            200,
            json!({ "did": DID, "handle": "acme.test", "accessJwt": "access-jwt", "refreshJwt": "refresh-jwt", "active": true }),
        ),
        "com.atproto.identity.resolveHandle" if seen.target.contains("bob.test") => {
            Reply::json(200, json!({ "did": "did:web:bob.test" }))
        }
        "com.atproto.identity.resolveHandle" => error("InvalidRequest"),
        "com.atproto.repo.uploadBlob" => {
            let attachment = Attachment { sha256: Sha256::of(&seen.body), size: seen.body.len() as u64, ..picture() };
            Reply::json(200, json!({ "blob": record::blob(&attachment).unwrap() }))
        }
        "com.atproto.repo.putRecord" => {
            let (rkey, record) = (seen.json()["rkey"].as_str().unwrap().to_owned(), seen.json()["record"].clone());
            assert_eq!(seen.json().get("swapRecord"), Some(&Value::Null));
            if shelf.records.contains_key(&rkey) {
                return error("InvalidSwap");
            }
            let cid = cid(&record);
            shelf.records.insert(rkey, record);
            Reply::json(200, json!({ "uri": "ignored", "cid": cid }))
        }
        "com.atproto.repo.getRecord" => {
            let rkey = seen.target.rsplit('=').next().unwrap();
            match shelf.records.get(rkey) {
                Some(record) => Reply::json(200, json!({ "cid": cid(record), "value": record })),
                None => error("RecordNotFound"),
            }
        }
        "com.atproto.repo.deleteRecord" => {
            assert_eq!((&seen.json()["repo"], &seen.json()["collection"]), (&json!(DID), &json!(POST)));
            shelf.records.remove(seen.json()["rkey"].as_str().unwrap());
            Reply::json(200, json!({}))
        }
        _ => Reply::json(404, json!({ "error": "MethodNotImplemented" })),
    }
}

/// Stands for the content, as CIDs do.
fn cid(record: &Value) -> String {
    crate::render::Digest::of(record.to_string().as_bytes()).to_string()
}

fn account(server: &str) -> Account {
    Account {
        name: AccountName::new("bluesky/acme").unwrap(),
        server: Some(server.to_owned()),
        handle: Some("acme.test".to_owned()),
        path: None,
        url: None,
        title: None,
        template: None,
        late_after: std::time::Duration::from_secs(3600),
        duplicate_window: std::time::Duration::ZERO,
        rhythm: Default::default(),
        most: Default::default(),
    }
}

fn surroundings(password: &str) -> Surroundings {
    Surroundings {
        now: now(),
        secrets: [("PASSWORD".to_owned(), Secret::new(password.to_owned()))].into(),
        root: std::path::PathBuf::new(),
        cache: None,
        trace: None,
        only_looks: false,
        clock_is_real: false,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_112_000, 0).unwrap()
}

fn connect(stub: &Stub) -> Result<Box<dyn Session>, SendError> {
    Bluesky.connect(&account(&stub.origin()), &surroundings(PASSWORD))
}

fn picture() -> Attachment {
    Attachment {
        file: "assets/leaf.png".to_owned(),
        // Of the bytes `leaf`.
        sha256: "7a6d3fde2e98c1d2e3d3bd8d8e39b8e9e9e9b42a0f4f4f5a5e6a6f8d1e7b9c0a".to_owned(),
        size: 4,
        mime: "image/png".to_owned(),
        alt: "A leaf".to_owned(),
        width: Some(4),
        height: Some(3),
    }
}

fn part(text: &str) -> Part {
    Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None }
}

fn payload(parts: Vec<Part>) -> Payload {
    Payload {
        version: 1,
        workspace: "w".to_owned(),
        post: PostId::new("autumn").unwrap(),
        occurrence: "once".to_owned(),
        account: Identity { name: AccountName::new("bluesky/acme").unwrap(), server: None, handle: None },
        parts,
        languages: vec!["en".to_owned()],
        content_warning: None,
        sensitive: false,
        options: [("labels".to_owned(), json!(["nudity"]))].into(),
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

/// Calls something with a job for this payload.
fn with_job<T>(payload: &Payload, frozen: &Value, sent: &[PartReceipt], call: impl FnOnce(&Job<'_>) -> T) -> T {
    let key = DeliveryKey::once(payload.post.clone(), payload.account.name.clone());
    call(&Job { key: &key, hash: HASH, payload, frozen, claimed_at: now(), sent })
}

#[test]
fn a_thread_answers_itself() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one"), part("two"), part("three")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    assert!(shelf.lock().unwrap().records.is_empty());
    let mut sent = Vec::new();
    for _ in 0..3 {
        assert_eq!(with_job(&payload, &frozen, &sent, |job| session.find(job)), Ok(Found::No));
        let receipt = with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap();
        assert_eq!(with_job(&payload, &frozen, &sent, |job| session.find(job)), Ok(Found::Yes(receipt.clone())));
        sent.push(receipt);
    }
    let records: Vec<Value> = shelf.lock().unwrap().records.values().cloned().collect();
    assert_eq!(records[0].get("reply"), None);
    assert_eq!(records[2]["reply"]["root"], json!({ "uri": sent[0].id, "cid": sent[0].revision }));
    assert_eq!(records[2]["reply"]["parent"], json!({ "uri": sent[1].id, "cid": sent[1].revision }));
    assert_eq!(records[2]["langs"], json!(["en"]));
    assert_eq!(records[2]["labels"]["values"], json!([{ "val": "nudity" }]));
    let rkey = sent[0].id.rsplit('/').next().unwrap();
    assert_eq!(sent[0].id, format!("at://{DID}/app.bsky.feed.post/{rkey}"));
    assert_eq!(sent[0].url, Some(format!("https://bsky.app/profile/acme.test/post/{rkey}")));
}

#[test]
fn what_was_sent_twice_is_there_once() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    assert_eq!(session.freeze(HASH, &payload, now()).unwrap(), frozen);
    let first = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap();
    let second = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap();
    assert_eq!(first, second);
    // Somebody else's record under our key is not ours.
    shelf.lock().unwrap().records.values_mut().for_each(|record| record["text"] = json!("other"));
    let error = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    let found = with_job(&payload, &frozen, &[], |job| session.find(job)).unwrap();
    assert!(matches!(found, Found::Unknown(_)), "{found:?}");
}

#[test]
fn a_lost_answer_is_asked_for() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    shelf.lock().unwrap().instead.insert("com.atproto.repo.putRecord", vec![Reply::HangUp]);
    let error = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap_err();
    assert!(matches!(error, SendError::Ambiguous { .. }), "{error:?}");
    assert_eq!(with_job(&payload, &frozen, &[], |job| session.find(job)), Ok(Found::No));
}

#[test]
fn people_are_resolved_and_strangers_refused() {
    let (stub, _) = server();
    let mut session = connect(&stub).unwrap();
    let mention = |handle: &str| Part {
        facets: vec![Facet { start: 0, end: 4, feature: Feature::Mention { handle: handle.to_owned() } }],
        ..part("@bob says hi")
    };
    let frozen = session.freeze(HASH, &payload(vec![mention("bob.test"), mention("bob.test")]), now()).unwrap();
    let feature = &frozen["parts"][1]["record"]["facets"][0]["features"][0];
    assert_eq!(feature, &json!({ "$type": "app.bsky.richtext.facet#mention", "did": "did:web:bob.test" }));
    assert_eq!(stub.seen().iter().filter(|seen| seen.path().contains("resolveHandle")).count(), 1);
    let error = session.freeze(HASH, &payload(vec![mention("bbo.test")]), now()).unwrap_err();
    assert!(matches!(&error, SendError::Refused { reason } if reason.contains("@bbo.test")), "{error:?}");
}

#[test]
fn a_server_that_changes_a_picture_does_not_get_the_post() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    // The record names another hash than the bytes that are there.
    let payload = payload(vec![Part { media: vec![picture()], ..part("one") }]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let error = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    assert!(shelf.lock().unwrap().records.is_empty());
}

#[test]
fn a_session_that_ran_out_is_opened_anew() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let expired = Reply::json(400, json!({ "error": "ExpiredToken", "message": "Token has expired" }));
    shelf.lock().unwrap().instead.insert("com.atproto.repo.putRecord", vec![expired]);
    with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap();
    assert_eq!(stub.seen().iter().filter(|seen| seen.path().contains("createSession")).count(), 2);
}

#[test]
fn only_the_named_account_will_do() {
    for (session, wanted) in [
        (json!({ "did": DID, "handle": "other.test", "accessJwt": "j" }), "logged in other.test"),
        (
            json!({ "did": DID, "handle": "acme.test", "accessJwt": "j", "active": false, "status": "suspended" }),
            "suspended",
        ),
        (json!({ "did": "nobody", "handle": "acme.test", "accessJwt": "j" }), "did not say who"),
        (json!([]), "did not say who"),
    ] {
        let error = connect(&Stub::replies(vec![Reply::json(200, session)])).err().unwrap();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    for status in [400, 401, 403] {
        let refusal = Reply::json(status, json!({ "error": "AuthFailed", "message": format!("not {PASSWORD}") }));
        let error = connect(&Stub::replies(vec![refusal])).err().unwrap();
        assert!(
            matches!(&error, SendError::Credentials { help, .. } if help.contains("GREENLIT_BLUESKY_ACME_PASSWORD"))
        );
        assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
    let (stub, _) = server();
    let error = Bluesky.connect(&account(&stub.origin()), &surroundings(" ")).err().unwrap();
    assert_eq!(error.to_string(), "GREENLIT_BLUESKY_ACME_PASSWORD is not set");
    assert!(stub.seen().is_empty());
}

#[test]
fn a_token_that_the_server_gave_is_not_shown() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let echo = Reply::json(422, json!({ "error": "access-jwt is a nice token, refresh-jwt too" }));
    shelf.lock().unwrap().instead.insert("com.atproto.repo.getRecord", vec![echo]);
    let payload = payload(vec![part("one")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let error = with_job(&payload, &frozen, &[], |job| session.find(job)).unwrap_err();
    assert!(!error.to_string().contains("jwt"), "{error}");
}

#[test]
fn a_claim_that_makes_no_sense_is_refused() {
    let (stub, _) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one")]);
    for frozen in [
        Value::Null,
        json!({ "version": 1, "did": "did:plc:somebodyelse", "parts": [] }),
        json!({ "version": 1, "did": DID, "parts": [] }),
    ] {
        let error = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap_err();
        assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    }
}

#[test]
fn a_record_that_somebody_edited_on_the_ledger_is_refused() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one"), part("two")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let first = with_job(&payload, &frozen, &[], |job| session.send(job, &Leaf)).unwrap();
    for record in [json!("text"), json!(7), json!(["list"]), json!(null)] {
        let mut edited = frozen.clone();
        edited["parts"][1]["record"] = record;
        let sent = [first.clone()];
        let error = with_job(&payload, &edited, &sent, |job| session.send(job, &Leaf)).unwrap_err();
        assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    }
    assert_eq!(shelf.lock().unwrap().records.len(), 1, "nothing was sent for it");
}

#[test]
fn what_stands_there_is_held_against_what_was_sent() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one"), part("two"), part("three")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap());
    }
    let rkey = |n: usize| sent[n].id.rsplit('/').next().unwrap().to_owned();
    let mut look =
        |n: usize, receipt: &PartReceipt| with_job(&payload, &frozen, &sent[..n], |job| session.look(job, receipt));
    for (n, receipt) in sent.iter().enumerate() {
        assert_eq!(look(n, receipt), Ok(Live::Same), "{n}");
    }
    shelf.lock().unwrap().records.get_mut(&rkey(1)).unwrap()["text"] = json!(format!("two, by {PASSWORD}"));
    shelf.lock().unwrap().records.remove(&rkey(2));
    let Ok(Live::Edited { text, differs }) = look(1, &sent[1]) else { panic!() };
    assert!(text.starts_with("two, by ") && !text.contains(PASSWORD) && differs == ["text"], "{text} {differs:?}");
    assert_eq!(look(2, &sent[2]), Ok(Live::Gone));

    // What a person found there is known by its page, and has no CID.
    let page = |author: &str| PartReceipt {
        id: format!("https://bsky.app/profile/{author}/post/{}", rkey(0)),
        url: None,
        revision: None,
    };
    assert_eq!(look(0, &page("acme.test")), Ok(Live::Same));
    assert_eq!(look(0, &page(DID)), Ok(Live::Same));
    assert!(matches!(look(0, &page("other.test")), Ok(Live::Unknown(why)) if why.contains("other.test")));

    shelf.lock().unwrap().instead.insert("com.atproto.repo.getRecord", vec![Reply::json(502, json!({}))]);
    assert!(matches!(look(0, &sent[0]), Err(SendError::NotSent { .. })), "that is not gone");
    assert!(matches!(
        with_job(&payload, &Value::Null, &[], |job| session.look(job, &sent[0])),
        Err(SendError::Refused { .. })
    ));
}

#[test]
fn what_is_out_is_taken_down_and_saying_so_again_does_no_harm() {
    let (stub, shelf) = server();
    let mut session = connect(&stub).unwrap();
    let payload = payload(vec![part("one"), part("two")]);
    let frozen = session.freeze(HASH, &payload, now()).unwrap();
    let mut sent = Vec::new();
    for _ in 0..2 {
        sent.push(with_job(&payload, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap());
    }
    let mut down = |n: usize, receipt: &PartReceipt| {
        with_job(&payload, &frozen, &sent[..n], |job| session.take_down(job, receipt))
    };
    shelf.lock().unwrap().instead.insert("com.atproto.repo.deleteRecord", vec![Reply::HangUp]);
    assert!(matches!(down(1, &sent[1]), Err(SendError::Ambiguous { .. })));
    assert_eq!(down(1, &sent[1]), Ok(Removed::TakenDown));
    assert_eq!(down(1, &sent[1]), Ok(Removed::AlreadyGone));
    assert_eq!(shelf.lock().unwrap().records.len(), 1, "and nothing else went");
    let elsewhere = PartReceipt { id: "at://did:plc:b/app.bsky.feed.post/x".to_owned(), ..sent[0].clone() };
    assert!(matches!(down(0, &elsewhere), Err(SendError::Refused { .. })), "of somebody else nothing is taken down");
    let page = format!("https://bsky.app/profile/acme.test/post/{}", sent[0].id.rsplit('/').next().unwrap());
    assert_eq!(down(0, &PartReceipt { id: page, url: None, revision: None }), Ok(Removed::TakenDown));
    let other = json!({ "version": 1, "did": "did:plc:b", "parts": [] });
    let refused = with_job(&payload, &other, &[], |job| session.take_down(job, &sent[0]));
    assert!(matches!(refused, Err(SendError::Refused { .. })));
}
