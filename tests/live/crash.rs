//! A publisher that is killed, and what the next one makes of it: everything is out exactly once.

use super::gate::{Gate, Side};
use super::office::{Office, after};
use super::servers::{Mastodon, Pds};

const PUT: &str = "/xrpc/com.atproto.repo.putRecord";
const POST: &str = "/api/v1/statuses";

const THREAD: &str = "---\nto: [bluesky/alice, mastodon/testuser]\n---\nOne.\n\n---\n\nTwo. 🍁\n\n---\n\nThree.\n";
const OTHER: &str = "---\nto: [bluesky/alice, mastodon/testuser]\n---\nAnother.\n";

/// Kills the publisher when each network has taken so many parts and the next one is lost on this side of it; then
/// lets others go on.
fn killed(taken: usize, side: Side) {
    let (pds, mastodon) = (Pds::start(), Mastodon::start());
    let gates = [Gate::before(&pds.origin), Gate::before(&mastodon.origin)];
    let [bluesky, fediverse] = &gates;
    let office = Office::open(&bluesky.origin(), &fediverse.origin(), &pds.accounts[0].password);
    office.approved(&[("thread", THREAD), ("words", OTHER)]);

    bluesky.shut(PUT, taken, side);
    fediverse.shut(POST, taken, side);
    let publisher = office.ci().start(["publish"]);
    gates.iter().for_each(Gate::wait);
    drop(publisher);
    gates.iter().for_each(Gate::open);
    let out = taken + usize::from(side == Side::After);
    assert_eq!((pds.posts().len(), mastodon.posts().len()), (out, out), "where the first run stopped");
    assert_eq!(office.ledger(), ["Begin the ledger", "Claim 4 deliveries"]);

    // While the dead run's lease lasts, nobody touches what it claimed.
    office.ci().greenlit(["publish"]);
    assert_eq!((pds.posts().len(), mastodon.posts().len()), (out, out));
    assert_eq!(office.ledger().len(), 2);

    // Then the next one goes on where it stopped.
    let said = office.ci().at(&after(31)).greenlit(["publish"]);
    said.succeeds();
    let texts: Vec<String> =
        pds.posts().iter().map(|post| post["value"]["text"].as_str().unwrap().to_owned()).collect();
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts
    };
    let all = ["Another.", "One.", "Three.", "Two. 🍁"];
    assert_eq!(sorted(texts), all, "{said}");
    let posts = mastodon.posts();
    let texts = posts.iter().map(|post| post["content"].as_str().unwrap().replace("<p>", "").replace("</p>", ""));
    assert_eq!(sorted(texts.collect()), all, "{said}");

    // And the threads hang together.
    let posts = pds.posts();
    let by_text = |text: &str| posts.iter().find(|post| post["value"]["text"] == *text).unwrap();
    assert_eq!(by_text("Three.")["value"]["reply"]["parent"]["cid"], by_text("Two. 🍁")["cid"]);
    assert_eq!(by_text("Three.")["value"]["reply"]["root"]["uri"], by_text("One.")["uri"]);
    let posts = mastodon.posts();
    let by_text = |text: &str| posts.iter().find(|post| post["content"].as_str().unwrap().contains(text)).unwrap();
    assert_eq!(by_text("Three.")["in_reply_to_id"], by_text("Two.")["id"]);
    assert_eq!(by_text("Two.")["in_reply_to_id"], by_text("One.")["id"]);

    let before = (pds.posts(), mastodon.posts());
    office.ci().at(&after(32)).greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    office.ci().at(&after(90)).greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    assert_eq!((pds.posts(), mastodon.posts()), before);
}

#[test]
fn killed_between_the_claim_and_the_first_request() {
    killed(0, Side::Before);
}

#[test]
fn killed_when_the_first_part_is_out_and_nobody_knows() {
    killed(0, Side::After);
}

#[test]
fn killed_in_the_middle_of_a_thread() {
    killed(1, Side::After);
}
