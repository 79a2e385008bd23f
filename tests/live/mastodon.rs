//! Posts on a server with Mastodon's API, read back through it.

use greenlit::network::{Edited, Found, SendError};
use serde_json::{Value, json};

use super::desk::{Desk, account, picture, post};
use super::servers::{Mastodon, ask};

fn desk(server: &Mastodon) -> Desk {
    Desk::open(account("mastodon/acme", &server.origin, Mastodon::HANDLE), ("TOKEN", Mastodon::TOKEN)).unwrap()
}

#[test]
fn posts_are_shown_as_they_were_meant() {
    let server = Mastodon::start();
    let mut desk = desk(&server);
    let text = "Grüße 👩‍👩‍👧‍👦 from **Acme 5** & <friends>: [read on](https://acme.example/a?b=1&c=2) #Launch";
    let mut rich = post("rich", &[text]);
    rich.languages = vec!["de".to_owned()];
    rich.content_warning = Some("Cake".to_owned());
    rich.options = [("mastodon".to_owned(), [("visibility".to_owned(), json!("unlisted"))].into())].into();
    rich.media = vec![picture("assets/launch.png", "A red maple leaf")];
    let claimed = desk.claim(&rich).unwrap();
    let receipts = desk.publish(&claimed);
    let [shown] = server.posts().try_into().unwrap();
    let content = shown["content"].as_str().unwrap();
    assert!(content.contains("Grüße 👩‍👩‍👧‍👦 from Acme 5 &amp; &lt;friends&gt;"), "{content}");
    assert!(content.contains("https://acme.example/a?b=1&amp;c=2"), "{content}");
    assert_eq!(shown["tags"][0]["name"].as_str().unwrap().to_lowercase(), "launch");
    assert_eq!((&shown["language"], &shown["visibility"]), (&json!("de"), &json!("unlisted")));
    assert_eq!(shown["spoiler_text"], "Cake");
    assert_eq!(shown["media_attachments"][0]["description"], "A red maple leaf");
    assert_eq!((&shown["id"], &shown["url"]), (&json!(receipts[0].id), &json!(receipts[0].url)));

    // Sent again within the hour: the server knows the key.
    assert_eq!(desk.send(&claimed, &[]).unwrap(), receipts[0]);
    assert_eq!(server.posts().len(), 1);
}

#[test]
fn a_thread_answers_itself() {
    let server = Mastodon::start();
    let mut desk = desk(&server);
    let claimed = desk.claim(&post("thread", &["One.", "Two.", "Three."])).unwrap();
    let first = desk.send(&claimed, &[]).unwrap();
    // A crash after the first part: another session goes on.
    let mut desk = self::desk(&server);
    assert_eq!(desk.find(&claimed, &[]), Found::Yes(first.clone()));
    assert_eq!(desk.find(&claimed, std::slice::from_ref(&first)), Found::No);
    let second = desk.send(&claimed, std::slice::from_ref(&first)).unwrap();
    let third = desk.send(&claimed, &[first.clone(), second.clone()]).unwrap();
    let parents: Vec<Value> = server.posts().iter().map(|post| post["in_reply_to_id"].clone()).collect();
    assert_eq!(parents, [Value::Null, json!(first.id), json!(second.id)]);
    assert_eq!(server.posts()[2]["id"], json!(third.id));
    assert_eq!(server.posts()[2]["visibility"], "public");
}

#[test]
fn what_is_out_is_changed_in_its_place() {
    let server = Mastodon::start();
    let mut desk = desk(&server);
    let thread = |texts: &[&str], warning: Option<&str>| {
        let mut thread = post("thread", texts);
        thread.content_warning = warning.map(str::to_owned);
        thread.media = vec![picture("assets/launch.png", "A red maple leaf")];
        thread
    };
    let claimed = desk.claim(&thread(&["One.", "Two."], Some("Cake"))).unwrap();
    let receipts = desk.publish(&claimed);
    let pictures = server.posts()[0]["media_attachments"].clone();
    let after = thread(&["Eins & <so weiter>.", "Zwei."], None);
    for _ in ["once", "and again, as after a crash"] {
        for (n, receipt) in receipts.iter().enumerate() {
            assert_eq!(desk.edit(&claimed, &receipts[..n], receipt, &after), Edited::Done(receipt.clone()));
        }
    }
    let [first, second] = server.posts().try_into().unwrap();
    assert!(first["content"].as_str().unwrap().contains("Eins &amp; &lt;so weiter&gt;."), "{first}");
    assert!(second["content"].as_str().unwrap().contains("Zwei."), "{second}");
    assert_eq!((&first["spoiler_text"], &first["media_attachments"]), (&json!(""), &pictures));
    assert_eq!(second["in_reply_to_id"], first["id"]);

    let path = format!("/api/v1/statuses/{}", receipts[1].id);
    let token = [("Authorization".to_owned(), format!("Bearer {}", Mastodon::TOKEN))];
    assert_eq!(ask(&server.origin, "DELETE", &path, &token, b"").status, 200);
    assert_eq!(desk.edit(&claimed, &receipts[..1], &receipts[1], &after), Edited::Gone);
    assert_eq!(server.posts().len(), 1);
}

#[test]
fn what_cannot_go_out_is_refused_before_anything_is_sent() {
    let server = Mastodon::start();
    let error = desk(&server).claim(&post("long", &["fine", &"x".repeat(501)])).err().unwrap();
    assert!(matches!(&error, SendError::Refused { reason } if reason.starts_with("part 2")), "{error:?}");
    assert!(server.posts().is_empty());
    for (handle, token) in [(Mastodon::HANDLE, "wrong-token"), ("somebody-else", Mastodon::TOKEN)] {
        let error = Desk::open(account("mastodon/acme", &server.origin, handle), ("TOKEN", token)).err().unwrap();
        assert!(matches!(error, SendError::Credentials { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains(token), "{error:?}");
    }
}
