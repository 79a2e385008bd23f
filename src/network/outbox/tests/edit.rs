//! The outbox as publish changes what is on it.

use super::*;
use crate::ledger::PartReceipt;
use crate::network::{Edited, Live, OutThere};

impl Newsstand {
    fn edit(&self, sent: &Sent, after: &Payload, at: &str) -> Result<Edited, SendError> {
        let receipt = PartReceipt { id: "outbox:1".to_owned(), url: Some(sent.urls[0].clone()), revision: None };
        let out = OutThere { payload: &sent.payload, receipt: &receipt, now: time(at) };
        self.open().edit(&Job { payload: after, ..sent.job() }, &out, &self.files)
    }
}

#[test]
fn a_page_is_written_anew_under_its_address_and_its_first_date() {
    let mut stand = Newsstand::at("https://news.example");
    let (leaf, oak) = (stand.picture("leaf", "A leaf"), stand.picture("oak", "An oak"));
    let pictured = |text: &str, picture: &Attachment| Part { media: vec![picture.clone()], ..part(text) };
    let sent = stand.publish(&payload("autumn", vec![pictured("Atumn", &leaf), part("two")]), "2026-12-01T08:00:00Z");
    let other = stand.publish(&payload("other", vec![part("one")]), "2026-12-01T09:00:00Z");
    let after = payload("autumn", vec![pictured("Autumn", &oak), part("2")]);
    for at in ["2026-12-02T08:00:00.5Z", "2026-12-02T09:00:00Z"] {
        let Ok(Edited::Done(receipt)) = stand.edit(&sent, &after, at) else { panic!("it is there") };
        assert_eq!(receipt.url.as_ref(), sent.urls.first(), "where it was");
    }
    let page = stand.read("posts/autumn.html");
    assert!(page.contains("<p>Autumn</p>") && !page.contains("Atumn") && page.contains("An oak"), "{page}");
    assert!(page.contains("1 December 2026, 08:00 UTC") && page.contains("edited <time"), "{page}");
    assert!(page.contains("2 December 2026, 09:00 UTC"), "{page}");
    assert!(stand.read("index.html").contains("Autumn"));
    let feed = stand.read("feed.json");
    assert!(feed.contains("\"date_modified\": \"2026-12-02T09:00:00Z\""), "{feed}");
    assert!(stand.read("feed.atom").contains("<updated>2026-12-02T09:00:00+00:00</updated>"));
    assert!(!stand.read("posts/other.html").contains("edited"));

    // What it says now is what is looked for, and what a fresh clone gets back.
    let job = Job { payload: &after, ..sent.job() };
    let receipt = PartReceipt { id: "outbox:1".to_owned(), url: None, revision: None };
    assert_eq!(stand.open().look(&job, &receipt), Ok(Live::Same));
    let whole = stand.everything();
    stand.loses_its_folder();
    let mut earlier = sent.earlier(&stand.files);
    earlier.claim.payload = after.clone();
    earlier.edited = Some(time("2026-12-02T09:00:00Z"));
    stand.open().restore(&mut [earlier, other.earlier(&stand.files)].into_iter()).unwrap();
    let gone = format!("media/{}.png", &leaf.sha256[..32]);
    let there: BTreeMap<_, _> = whole.into_iter().filter(|(name, _)| *name != gone).collect();
    assert_eq!(stand.everything(), there);
}

#[test]
fn a_page_that_is_gone_is_not_made_anew() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("autumn", vec![part("one")]), "2026-12-01T08:00:00Z");
    stand.loses_its_folder();
    let after = payload("autumn", vec![part("eins")]);
    assert_eq!(stand.edit(&sent, &after, "2026-12-02T08:00:00Z"), Ok(Edited::Gone));
    assert!(!stand.root.path().join("public/posts/autumn.html").exists());
}

#[test]
fn what_a_page_cannot_show_changes_nothing() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("autumn", vec![part("one")]), "2026-12-01T08:00:00Z");
    let whole = stand.everything();
    let script = Part { html: Some("<script>alert(1)</script>".to_owned()), ..part("one") };
    for after in [payload("autumn", vec![script]), payload("winter", vec![part("one")])] {
        assert!(matches!(stand.edit(&sent, &after, "2026-12-02T08:00:00Z"), Err(SendError::Refused { .. })));
    }
    assert_eq!(stand.everything(), whole);
}
