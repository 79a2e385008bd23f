//! The adapter against a receiver on this machine.

use serde_json::json;

use super::super::stub::{Reply, Stub};
use super::*;
use crate::ledger::DeliveryKey;
use crate::network::{Approved, Secret};
use crate::render::{Attachment, Identity, Part};
use crate::workspace::PostId;

const HASH: &str = "4f0c12ab34cd56ef4f0c12ab34cd56ef4f0c12ab34cd56ef4f0c12ab34cd56ef";
const PATH: &str = "/hooks/catch/1234567/s3cretpiece?key=an0therpiece";

fn connect_to(url: &str) -> Result<Box<dyn Session>, SendError> {
    let account = Account {
        name: AccountName::new("webhook/make").unwrap(),
        server: None,
        handle: None,
        path: None,
        url: None,
        title: None,
        template: None,
        late_after: std::time::Duration::ZERO,
        duplicate_window: std::time::Duration::ZERO,
        rhythm: Default::default(),
        most: Default::default(),
    };
    let secrets = [("URL".to_owned(), Secret::new(url.to_owned()))].into();
    Webhook.connect(&account, &Surroundings { secrets, ..Surroundings::default() })
}

fn connect(stub: &Stub) -> Box<dyn Session> {
    connect_to(&format!("{}{PATH}\n", stub.origin())).unwrap()
}

fn payload() -> Payload {
    let launch = Attachment {
        file: "assets/launch.png".to_owned(),
        sha256: "7a6d3fde2e98c1d2e3d3bd8d8e39b8e9e9e9b42a0f4f4f5a5e6a6f8d1e7b9c0a".to_owned(),
        size: 48_213,
        mime: "image/png".to_owned(),
        alt: "A red maple leaf on a laptop".to_owned(),
        width: Some(1200),
        height: Some(630),
    };
    let text = "Autumn is here, and so is Acme 5. #launch\n\nhttps://acme.example/launch";
    let first = Part { text: text.to_owned(), media: vec![launch], ..Part::default() };
    let second = Part { text: "It is what you asked for, in green.".to_owned(), ..Part::default() };
    Payload {
        version: 1,
        workspace: "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11".to_owned(),
        post: PostId::new("autumn-launch").unwrap(),
        occurrence: "once".to_owned(),
        account: Identity { name: AccountName::new("webhook/make").unwrap(), server: None, handle: None },
        parts: vec![first, second],
        languages: vec!["en".to_owned(), "de".to_owned()],
        content_warning: None,
        sensitive: false,
        options: [].into(),
        repeats: Vec::new(),
    }
}

struct NoFiles;

impl MediaBytes for NoFiles {
    fn open(&self, _: &Attachment) -> Result<Approved, String> {
        panic!("files stay at home")
    }
}

fn with_job<T>(sent: &[PartReceipt], call: impl FnOnce(&Job<'_>) -> T) -> T {
    let payload = payload();
    let key = DeliveryKey::once(payload.post.clone(), payload.account.name.clone());
    let claimed_at = DateTime::from_timestamp(1_796_112_000, 0).unwrap();
    call(&Job { key: &key, hash: HASH, payload: &payload, frozen: &Value::Null, claimed_at, sent })
}

fn sent(hook: &mut dyn Session, sent: &[PartReceipt]) -> Result<PartReceipt, SendError> {
    with_job(sent, |job| hook.send(job, &NoFiles))
}

#[test]
fn a_receiver_gets_what_the_guide_shows() {
    let stub = Stub::replies(vec![Reply::json(200, json!({ "id": 77, "url": "https://news.example/77" }))]);
    let mut hook = connect(&stub);
    let first = sent(hook.as_mut(), &[]).unwrap();
    assert_eq!(first.id, "77");
    assert_eq!(first.url.as_deref(), Some("https://news.example/77"));
    let second = sent(hook.as_mut(), std::slice::from_ref(&first)).unwrap();
    assert!(sent(hook.as_mut(), &[first, second]).is_err(), "there is no third");

    let seen = stub.seen();
    assert_eq!(seen.iter().map(|seen| seen.target.as_str()).collect::<Vec<_>>(), [PATH, PATH]);
    assert_eq!(seen[0].header("greenlit-delivery"), Some(format!("{HASH}-1").as_str()));
    let guide = include_str!("../../../docs/webhook.md");
    let example = guide.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(seen[0].json(), serde_json::from_str::<Value>(example).unwrap());
    assert_eq!(seen[1].json()["in_reply_to"], "77");
    assert_eq!((&seen[1].json()["part"], &seen[1].json()["of"]), (&json!(2), &json!(2)));
}

#[test]
fn a_fine_status_is_enough() {
    for reply in [
        Reply::json(204, json!(null)),
        Reply::json(202, json!({ "id": "", "url": "javascript:alert(1)" })),
        Reply::json(200, json!({ "id": ["list"], "url": 7 })),
        Reply::json(200, json!({ "id": "x".repeat(501) })),
        Reply::page(200, "<!doctype html><title>Thanks</title>"),
        Reply::page(200, &"x".repeat(5 << 20)),
    ] {
        let stub = Stub::replies(vec![reply]);
        let receipt = sent(connect(&stub).as_mut(), &[]).unwrap();
        assert_eq!(receipt, PartReceipt { id: format!("{HASH}-1"), url: None, revision: None });
        assert_eq!(stub.seen().len(), 1);
    }
}

#[test]
fn a_lost_answer_is_for_a_person() {
    let stub = Stub::replies(vec![Reply::HangUp]);
    let mut hook = connect(&stub);
    let error = sent(hook.as_mut(), &[]).unwrap_err();
    assert!(matches!(error, SendError::Ambiguous { .. }), "{error:?}");
    let found = with_job(&[], |job| hook.find(job)).unwrap();
    assert!(matches!(&found, Found::Unknown(why) if why.contains("cannot be asked")), "{found:?}");
    assert_eq!(stub.seen().len(), 1, "asking asks nobody");
}

#[test]
fn an_address_that_does_not_work_is_not_the_posts_fault() {
    for status in [401, 403, 404, 410] {
        let stub = Stub::replies(vec![Reply::json(status, json!({ "message": "no hook \"POST s3cretpiece\"" }))]);
        let error = sent(connect(&stub).as_mut(), &[]).unwrap_err();
        assert!(matches!(&error, SendError::Credentials { help, .. } if help.contains("GREENLIT_WEBHOOK_MAKE_URL")));
        assert!(error.to_string().contains("no hook \"POST [secret]\""), "{error}");
    }
    let stub = Stub::replies(vec![Reply::json(400, json!({ "message": "text is missing" }))]);
    let error = sent(connect(&stub).as_mut(), &[]).unwrap_err();
    assert!(matches!(&error, SendError::Refused { reason } if reason.ends_with("text is missing")), "{error:?}");
    for url in ["", "make", "http://hooks.example/x", "https://10.0.0.1/x", "https://a:b@hooks.example/x", "file:///x"]
    {
        let error = connect_to(url).err().unwrap();
        assert!(matches!(error, SendError::Credentials { .. }), "{url}: {error:?}");
        assert!(error.to_string().starts_with("GREENLIT_WEBHOOK_MAKE_URL"), "{error}");
    }
}

#[test]
fn the_address_is_shown_to_nobody() {
    let elsewhere = Stub::replies(vec![Reply::json(200, json!({}))]);
    let target = format!("{}/s3cretpiece?key=an0therpiece", elsewhere.origin());
    for reply in [
        Reply::json(307, json!({})).with("Location", &target),
        Reply::json(422, json!({ "error": format!("{PATH} s3cretpiece an0therpiece 1234567") })),
        Reply::json(500, json!({ "error": PATH })),
    ] {
        let stub = Stub::replies(vec![reply]);
        let error = sent(connect(&stub).as_mut(), &[]).unwrap_err();
        for piece in ["s3cret", "an0ther", "1234567"] {
            assert!(!format!("{error:?}").contains(piece), "{error:?}");
        }
    }
    assert!(elsewhere.seen().is_empty(), "and a redirect is not followed");
}
