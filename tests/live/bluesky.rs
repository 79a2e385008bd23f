//! Posts on the AT Protocol's reference server, read back from its repository.

use greenlit::ledger::PartReceipt;
use greenlit::network::{Found, SendError};
use greenlit::workspace::Link;
use serde_json::{Value, json};

use super::desk::{Desk, account, picture, post};
use super::servers::Pds;

fn desk(pds: &Pds) -> Desk {
    let alice = &pds.accounts[0];
    Desk::open(account("bluesky/acme", &pds.origin, &alice.handle), ("PASSWORD", &alice.password)).unwrap()
}

/// The record that a receipt names: text, facets, embed.
fn record(pds: &Pds, receipt: &PartReceipt) -> Value {
    let records = pds.posts();
    let found = records.iter().find(|record| record["uri"] == json!(receipt.id)).unwrap();
    assert_eq!(found["cid"], json!(receipt.revision));
    found["value"].clone()
}

/// What each facet covers, by the bytes of the stored text, and what it says.
pub fn facets(record: &Value) -> Vec<(String, Value)> {
    let text = record["text"].as_str().unwrap().as_bytes();
    let byte = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let facets = record["facets"].as_array().unwrap().iter();
    facets
        .map(|facet| {
            let range = byte(&facet["index"]["byteStart"])..byte(&facet["index"]["byteEnd"]);
            let mut feature = facet["features"][0].clone();
            feature.as_object_mut().unwrap().remove("$type");
            (String::from_utf8(text[range].to_vec()).unwrap(), feature)
        })
        .collect()
}

#[test]
fn posts_stand_in_the_repository_as_they_were_meant() {
    let pds = Pds::start();
    let mut desk = desk(&pds);

    // Text: emoji before the facets, so that bytes and characters part company.
    let text = "Grüße 👩‍👩‍👧‍👦 from **Acme 5**: [read on](https://acme.example/a?b=1&c=2) with @bob.test, #Launch";
    let mut rich = post("rich", &[text]);
    rich.languages = vec!["en".to_owned(), "de".to_owned()];
    rich.options = [("bluesky".to_owned(), [("labels".to_owned(), json!(["nudity"]))].into())].into();
    let claimed = desk.claim(&rich).unwrap();
    let receipts = desk.publish(&claimed);
    let record = record(&pds, &receipts[0]);
    assert_eq!(record["text"], "Grüße 👩‍👩‍👧‍👦 from Acme 5: read on with @bob.test, #Launch");
    assert_eq!(
        facets(&record),
        [
            ("read on".to_owned(), json!({ "uri": "https://acme.example/a?b=1&c=2" })),
            ("@bob.test".to_owned(), json!({ "did": pds.accounts[1].did })),
            ("#Launch".to_owned(), json!({ "tag": "Launch" })),
        ]
    );
    assert_eq!(record["langs"], json!(["en", "de"]));
    assert_eq!(record["labels"]["values"], json!([{ "val": "nudity" }]));

    // Sent again, as a run would that crashed: the same post.
    assert_eq!(desk.send(&claimed, &[]).unwrap(), receipts[0]);
    assert_eq!(pds.posts().len(), 1);

    // A picture: the server has its bytes under the name that was known before.
    let mut pictured = post("pictured", &["A picture."]);
    pictured.media = vec![picture("assets/launch.png", "A red maple leaf")];
    let claimed = desk.claim(&pictured).unwrap();
    let receipts = desk.publish(&claimed);
    let record = self::record(&pds, &receipts[0]);
    let attachment = &claimed.payload.parts[0].media[0];
    let image = &record["embed"]["images"][0];
    assert_eq!(image["alt"], "A red maple leaf");
    assert_eq!(image["aspectRatio"], json!({ "width": attachment.width, "height": attachment.height }));
    assert_eq!(image["image"]["size"], json!(attachment.size));
    let blobs = pds.get("com.atproto.sync.listBlobs", &[("did", &pds.accounts[0].did)]);
    assert_eq!(blobs["cids"][0], image["image"]["ref"]["$link"]);

    // A card.
    let mut carded = post("carded", &["A card."]);
    carded.link = Some(Link {
        url: "https://acme.example/launch".to_owned(),
        title: Some("Acme 5".to_owned()),
        description: Some("It is out.".to_owned()),
        image: Some(picture("assets/acme-5.png", "A box")),
    });
    let claimed = desk.claim(&carded).unwrap();
    let receipts = desk.publish(&claimed);
    let external = self::record(&pds, &receipts[0])["embed"]["external"].clone();
    assert_eq!(external["uri"], "https://acme.example/launch");
    assert_eq!((&external["title"], &external["description"]), (&json!("Acme 5"), &json!("It is out.")));
    assert_eq!(external["thumb"]["mimeType"], "image/png");
}

#[test]
fn a_thread_answers_itself() {
    let pds = Pds::start();
    let mut desk = desk(&pds);
    let claimed = desk.claim(&post("thread", &["One.", "Two.", "Three."])).unwrap();
    // A crash after the first part: another session goes on.
    let first = desk.send(&claimed, &[]).unwrap();
    let mut desk = self::desk(&pds);
    assert_eq!(desk.find(&claimed, &[]), Found::Yes(first.clone()));
    let second = desk.send(&claimed, std::slice::from_ref(&first)).unwrap();
    let sent = [first, second];
    let third = desk.send(&claimed, &sent).unwrap();
    let stored = pds.posts();
    let texts: Vec<&str> = stored.iter().map(|record| record["value"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["One.", "Two.", "Three."]);
    let reference = |n: usize| json!({ "uri": stored[n]["uri"], "cid": stored[n]["cid"] });
    assert_eq!(stored[0]["value"].get("reply"), None);
    assert_eq!(stored[1]["value"]["reply"], json!({ "root": reference(0), "parent": reference(0) }));
    assert_eq!(stored[2]["value"]["reply"], json!({ "root": reference(0), "parent": reference(1) }));
    assert_eq!(stored[2]["uri"], json!(third.id));
}

#[test]
fn what_cannot_go_out_is_refused_before_anything_is_sent() {
    let pds = Pds::start();
    let mut desk = desk(&pds);
    let error = desk.claim(&post("typo", &["Thanks, @bbo.test!"])).err().unwrap();
    assert!(matches!(&error, SendError::Refused { reason } if reason.contains("@bbo.test")), "{error:?}");
    let error = desk.claim(&post("long", &["fine", &"x".repeat(301)])).err().unwrap();
    assert!(matches!(&error, SendError::Refused { reason } if reason.starts_with("part 2")), "{error:?}");
    assert!(pds.posts().is_empty());

    let alice = &pds.accounts[0];
    for (handle, password) in
        [(&alice.handle, "abcd-efgh-ijkl-mnop"), (&pds.accounts[1].handle, alice.password.as_str())]
    {
        let error = Desk::open(account("bluesky/acme", &pds.origin, handle), ("PASSWORD", password)).err().unwrap();
        assert!(matches!(error, SendError::Credentials { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains(password), "{error:?}");
    }
}
