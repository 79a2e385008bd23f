//! Changing what is out.

use super::*;

/// What is out, and a session that changes it.
struct Desk {
    stub: Stub,
    inside: Arc<Mutex<Server>>,
    session: Box<dyn Session>,
    before: Payload,
    frozen: Value,
    sent: Vec<PartReceipt>,
}

/// One picture of a leaf, `0…`, and more by their first digit.
fn pictured(text: &str, pictures: &[(char, &str)]) -> Part {
    let file = |(digit, alt): &(char, &str)| Attachment {
        sha256: digit.to_string().repeat(64),
        alt: (*alt).to_owned(),
        ..picture(4)
    };
    Part { media: pictures.iter().map(file).collect(), ..part(text) }
}

impl Desk {
    /// With these parts out, as the server shows them afterwards.
    fn open(parts: Vec<Part>) -> Self {
        let (stub, inside) = server();
        let mut session = connect(&stub).unwrap();
        let before = payload(parts);
        let frozen = session.freeze(HASH, &before, now()).unwrap();
        let mut sent = Vec::new();
        for part in &before.parts {
            sent.push(with_job(&before, &frozen, &sent, |job| session.send(job, &Leaf)).unwrap());
            let files = part.media.iter().enumerate();
            let files = files.map(|(n, file)| json!({ "id": format!("f{n}"), "description": file.alt }));
            let post = &mut inside.lock().unwrap().posts[sent.len() - 1];
            post["media_attachments"] = files.collect();
            post["edited_at"] = Value::Null;
        }
        Self { stub, inside, session, before, frozen, sent }
    }

    fn edit(&mut self, after: &Payload, part: usize) -> Result<Edited, SendError> {
        let (session, receipt) = (&mut self.session, self.sent[part].clone());
        let out = OutThere { payload: &self.before, receipt: &receipt, now: now() };
        with_job(after, &self.frozen, &self.sent[..part], |job| session.edit(job, &out, &Leaf))
    }

    /// What was put last.
    fn put(&self) -> Value {
        let seen = self.stub.seen();
        seen.iter().rev().find(|seen| seen.method == "PUT").map(Seen::json).expect("something was put")
    }

    fn uploads(&self) -> usize {
        self.stub.seen().iter().filter(|seen| seen.path() == "/api/v2/media").count()
    }
}

#[test]
fn words_are_changed_in_their_place_and_nothing_new_is_posted() {
    let mut desk = Desk::open(vec![part("one"), part("two")]);
    let mut after = payload(vec![part("eins"), part("zwei")]);
    after.content_warning = None;
    for n in [0, 1] {
        assert_eq!(desk.edit(&after, n), Ok(Edited::Done(desk.sent[n].clone())));
        assert_eq!(desk.edit(&after, n), Ok(Edited::Done(desk.sent[n].clone())), "again");
    }
    assert_eq!(
        desk.put(),
        json!({ "status": "zwei", "sensitive": false, "spoiler_text": "", "language": "en", "media_ids": [] }),
        "a warning that is not there any more is taken away"
    );
    let posts = desk.inside.lock().unwrap().posts.clone();
    let shown: Vec<&str> = posts.iter().map(|post| post["content"].as_str().unwrap()).collect();
    assert_eq!(shown, ["<p>eins</p>", "<p>zwei</p>"]);
}

#[test]
fn files_that_stay_are_kept_and_new_ones_uploaded() {
    let mut desk = Desk::open(vec![pictured("one", &[('1', "A leaf"), ('2', "A tree")])]);
    let uploads = desk.uploads();
    desk.edit(&payload(vec![pictured("one", &[('2', "An oak")])]), 0).unwrap();
    assert_eq!(desk.put()["media_ids"], json!(["f1"]));
    assert_eq!(desk.put()["media_attributes"], json!([{ "id": "f1", "description": "An oak" }]));
    assert_eq!(desk.uploads(), uploads);

    let mut desk = Desk::open(vec![pictured("one", &[('1', "A leaf")])]);
    desk.edit(&payload(vec![pictured("one", &[('3', "A leaf"), ('1', "A leaf")])]), 0).unwrap();
    assert_eq!(desk.put()["media_ids"], json!(["m1", "f0"]), "in their order");

    // Somebody was at it: which file is which, nobody knows.
    desk.inside.lock().unwrap().posts[0]["edited_at"] = json!("2026-12-02T08:00:00.000Z");
    desk.edit(&payload(vec![pictured("one", &[('1', "A leaf")])]), 0).unwrap();
    assert_eq!(desk.put()["media_ids"], json!(["m1"]));
    assert!(desk.put().get("media_attributes").is_none());
}

#[test]
fn what_is_gone_is_not_made_anew() {
    let mut desk = Desk::open(vec![part("one")]);
    let (path, gone) = ("/api/v1/statuses/100", Reply::json(404, json!({ "error": "Record not found" })));
    let posts = std::mem::take(&mut desk.inside.lock().unwrap().posts);
    assert_eq!(desk.edit(&payload(vec![part("eins")]), 0), Ok(Edited::Gone));
    desk.inside.lock().unwrap().posts = posts;
    // Deleted between the look and the edit.
    let there = desk.inside.lock().unwrap().posts[0].clone();
    desk.inside.lock().unwrap().instead.extend([(path, Reply::json(200, there)), (path, gone)]);
    assert_eq!(desk.edit(&payload(vec![part("eins")]), 0), Ok(Edited::Gone));
    assert_eq!(desk.inside.lock().unwrap().posts.len(), 1);
}

#[test]
fn what_cannot_be_changed_is_left_alone() {
    let mut desk = Desk::open(vec![part("one"), part("two")]);
    let long = "x".repeat(60);
    let error = desk.edit(&payload(vec![part("eins"), part(&long)]), 0).unwrap_err();
    assert!(matches!(&error, SendError::Refused { reason } if reason.starts_with("part 2: it has")), "{error}");
    desk.inside.lock().unwrap().posts[0]["account"] = json!({ "id": "8" });
    let after = payload(vec![part("eins"), part("zwei")]);
    assert!(matches!(desk.edit(&after, 0), Err(SendError::Refused { .. })), "somebody else's");
    assert!(!desk.stub.seen().iter().any(|seen| seen.method == "PUT"));

    let path = "/api/v1/statuses/101";
    let mut answers = |reply: Reply| {
        let there = desk.inside.lock().unwrap().posts[1].clone();
        desk.inside.lock().unwrap().instead.extend([(path, Reply::json(200, there)), (path, reply)]);
        desk.edit(&after, 1).unwrap_err()
    };
    assert!(matches!(answers(Reply::HangUp), SendError::Ambiguous { .. }));
    assert!(matches!(answers(Reply::json(500, json!({}))), SendError::Ambiguous { .. }));
    assert!(matches!(answers(Reply::json(429, json!({}))), SendError::NotSent { .. }));
    assert!(matches!(answers(Reply::json(422, json!({ "error": "no" }))), SendError::Refused { .. }));
    assert!(matches!(answers(Reply::page(200, "<html>")), SendError::Ambiguous { .. }));
}

#[test]
fn a_server_that_keeps_the_old_files_is_told_on() {
    let mut desk = Desk::open(vec![pictured("one", &[('1', "A leaf")])]);
    let path = "/api/v1/statuses/100";
    let there = desk.inside.lock().unwrap().posts[0].clone();
    desk.inside
        .lock()
        .unwrap()
        .instead
        .extend([(path, Reply::json(200, there.clone())), (path, Reply::json(200, there))]);
    let error = desk.edit(&payload(vec![part("one")]), 0).unwrap_err();
    assert!(error.to_string().ends_with("took the new text, and not the files"), "{error}");
}
