//! The outbox as drift looks at it.

use super::*;
use crate::ledger::PartReceipt;
use crate::network::Live;

#[test]
fn what_is_on_the_site_is_held_against_what_was_sent_and_nothing_is_written() {
    let stand = Newsstand::new();
    let look = |sent: &Sent, part: usize| {
        let surroundings =
            Surroundings { root: stand.root.path().to_owned(), only_looks: true, ..Surroundings::default() };
        let mut session = Outbox.connect(&stand.account, &surroundings)?;
        let receipt =
            |n: usize| PartReceipt { id: format!("outbox:{n}"), url: Some(sent.urls[n].clone()), revision: None };
        let before: Vec<PartReceipt> = (0..part).map(receipt).collect();
        session.look(&Job { sent: &before, ..sent.job() }, &receipt(part))
    };
    let sent = stand.publish(&payload("autumn", vec![part("one"), part("two")]), "2026-12-01T08:00:00Z");
    let other = stand.publish(&payload("other", vec![part("one")]), "2026-12-01T08:00:00Z");
    assert_eq!((look(&sent, 0), look(&sent, 1)), (Ok(Live::Same), Ok(Live::Same)));

    let data = stand.root.path().join(format!("public/data/{}.json", sent.hash));
    let whole = std::fs::read_to_string(&data).unwrap();
    std::fs::write(&data, whole.replace("\"two\"", "\"2\"")).unwrap();
    assert_eq!(look(&sent, 0), Ok(Live::Same));
    assert_eq!(look(&sent, 1), Ok(Live::Edited { text: "2".to_owned(), differs: vec!["text"] }));
    std::fs::write(&data, "nonsense").unwrap();
    assert!(matches!(look(&sent, 0), Ok(Live::Unknown(_))), "its page is there, and says who knows what");
    std::fs::remove_file(stand.root.path().join("public/posts/autumn.html")).unwrap();
    assert_eq!(look(&sent, 0), Ok(Live::Gone));
    assert_eq!(look(&other, 0), Ok(Live::Same));

    stand.loses_its_folder();
    let error = look(&sent, 0).unwrap_err();
    assert!(error.to_string().contains("public is not in this clone; `greenlit publish` writes it"), "{error}");
    assert!(!stand.root.path().join("public").exists());
}
