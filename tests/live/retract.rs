//! Posts on real servers, taken down with `greenlit retract`.

use super::office::Office;
use super::servers::{Mastodon, Pds};

const THREAD: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
---
Autumn is here.

---

It is red.

---

And it is brown.
";

const STAYS: &str = "---\nto: [bluesky/alice, mastodon/testuser]\n---\nWinter comes later.\n";

#[test]
fn a_thread_goes_from_its_end_and_nothing_else_does() {
    let (pds, mastodon) = (Pds::start(), Mastodon::start());
    let office = Office::open(&pds.origin, &mastodon.origin, &pds.accounts[0].password);
    office.approved(&[("thread", THREAD), ("stays", STAYS)]);
    let ci = office.ci();
    ci.greenlit(["publish"]).succeeds().shows("Published 4 deliveries");
    assert_eq!((pds.posts().len(), mastodon.posts().len()), (4, 4));

    // Somebody deleted the middle of one by hand.
    mastodon.act("DELETE", "It is red", &serde_json::json!({}));
    let noor = office.newsroom.as_person("noor");
    noor.greenlit(["retract", "thread", "--reason", "The price is wrong"]).succeeds().shows("takes it down");
    let said = ci.greenlit(["publish"]);
    said.succeeds().shows("2 retracted").shows("some of it was not there any more");
    let left = |posts: Vec<serde_json::Value>| posts.iter().map(ToString::to_string).collect::<String>();
    for posts in [left(pds.posts()), left(mastodon.posts())] {
        assert!(
            posts.contains("Winter comes later") && !posts.contains("Autumn") && !posts.contains("brown"),
            "{posts}"
        );
    }
    ci.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    ci.greenlit(["drift"]).succeeds().shows("2 unchanged");
    ci.greenlit(["ledger", "verify"]).succeeds();
}
