//! The whole road: written, approved, published by CI with the built program, and read back through the servers' own
//! APIs.

use serde_json::{Value, json};

use super::bluesky::facets;
use super::office::Office;
use super::servers::{Mastodon, Pds};

const RICH: &str = "\
---
title: Acme 5
to: [bluesky/alice, mastodon/testuser]
language: de
---
Grüße 👩‍👩‍👧‍👦 from **Acme 5**: [read on](https://acme.example/a?b=1&c=2) 🍁 with @bob.test, #Launch: https://acme.example/é
";

const PICTURED: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
---
A picture.

![A red maple leaf 🍁](assets/launch.png)
";

const CARDED: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
link:
  url: https://acme.example/launch
  title: Acme 5
  description: It is out.
  image: assets/acme-5.png
  alt: A phone with a large 5
---
A card.
";

const THREAD: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
---
One.

---

Two.

---

Three.

::: mastodon part 2
Two, at length.
:::
";

const WARNED: &str = "\
---
to: [mastodon/testuser]
language: fr
content_warning: Du gâteau
options:
  mastodon:
    visibility: unlisted
---
Il y a du **gâteau** & <du thé>.
";

#[test]
fn posts_travel_from_a_text_editor_to_both_networks_once() {
    let (pds, mastodon) = (Pds::start(), Mastodon::start());
    let office = Office::open(&pds.origin, &mastodon.origin, &pds.accounts[0].password);
    let maya = office.newsroom.as_person("maya");
    maya.write("assets/launch.png", include_bytes!("../../examples/newsroom/assets/launch.png"));
    maya.write("assets/acme-5.png", include_bytes!("../../examples/newsroom/assets/acme-5.png"));
    office.approved(&[
        ("a-rich", RICH),
        ("b-pictured", PICTURED),
        ("c-carded", CARDED),
        ("d-thread", THREAD),
        ("e-warned", WARNED),
    ]);

    let ci = office.ci();
    ci.greenlit(["publish"]).succeeds().shows("Published 9 deliveries");
    assert_eq!(office.ledger(), ["Begin the ledger", "Claim 9 deliveries", "Record 9 deliveries"]);
    on_bluesky(&pds);
    on_mastodon(&mastodon);

    // Whoever asks, finds the way to each.
    let log = ci.greenlit(["log", "a-rich"]);
    let rkey = posts_on(&pds, "Grüße")["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    log.succeeds().shows(&format!("https://bsky.app/profile/alice.test/post/{rkey}"));
    log.shows(mastodon.posts().iter().find(|post| says(post, "Grüße")).unwrap()["url"].as_str().unwrap());
    let status = ci.greenlit(["status", "--format", "json"]).succeeds().json();
    assert_eq!(status["posts"], json!([]), "nothing is unfinished: {status:#}");

    // Again: from here, from a fresh clone, and after the ledger was all that is left of the first run.
    let before = (pds.posts(), mastodon.posts());
    for desk in [ci, office.ci(), office.ci()] {
        desk.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    }
    assert_eq!((pds.posts(), mastodon.posts()), before);
    assert_eq!(office.ledger().len(), 3);

    // Gone from the file, it is not sent anew when it comes back.
    maya.pull().remove("posts/d-thread.md").commit("Tidy up").push();
    office.ci().greenlit(["publish"]).succeeds();
    maya.write("posts/d-thread.md", THREAD).commit("Bring it back").push();
    office.ci().greenlit(["publish"]).succeeds();
    assert_eq!((pds.posts(), mastodon.posts()), before);
}

/// The record whose text begins so.
fn posts_on(pds: &Pds, text: &str) -> Value {
    let found = pds.posts().into_iter().find(|post| post["value"]["text"].as_str().unwrap().starts_with(text));
    found.unwrap_or_else(|| panic!("no {text} on Bluesky"))
}

fn on_bluesky(pds: &Pds) {
    let posts = pds.posts();
    assert_eq!(posts.len(), 1 + 1 + 1 + 3, "{posts:#?}");

    let rich = &posts_on(pds, "Grüße")["value"];
    assert_eq!(rich["text"], "Grüße 👩‍👩‍👧‍👦 from Acme 5: read on 🍁 with @bob.test, #Launch: https://acme.example/é");
    assert_eq!(
        facets(rich),
        [
            ("read on".to_owned(), json!({ "uri": "https://acme.example/a?b=1&c=2" })),
            ("@bob.test".to_owned(), json!({ "did": pds.accounts[1].did })),
            ("#Launch".to_owned(), json!({ "tag": "Launch" })),
            ("https://acme.example/é".to_owned(), json!({ "uri": "https://acme.example/é" })),
        ]
    );
    assert_eq!(rich["langs"], json!(["de"]));

    let image = &posts_on(pds, "A picture.")["value"]["embed"]["images"][0];
    assert_eq!(image["alt"], "A red maple leaf 🍁");
    assert_eq!(image["aspectRatio"], json!({ "width": 1200, "height": 800 }));
    let card = &posts_on(pds, "A card.")["value"]["embed"]["external"];
    assert_eq!(card["uri"], "https://acme.example/launch");
    assert_eq!((&card["title"], &card["description"]), (&json!("Acme 5"), &json!("It is out.")));
    let blobs = pds.get("com.atproto.sync.listBlobs", &[("did", &pds.accounts[0].did)]);
    let blobs = blobs["cids"].as_array().unwrap();
    for blob in [&image["image"], &card["thumb"]] {
        assert!(blobs.contains(&blob["ref"]["$link"]), "{blob} in {blobs:?}");
    }

    let [one, two, three] = ["One.", "Two.", "Three."].map(|text| posts_on(pds, text));
    let reference = |post: &Value| json!({ "uri": post["uri"], "cid": post["cid"] });
    assert_eq!(two["value"]["text"], "Two.");
    assert_eq!(one["value"].get("reply"), None);
    assert_eq!(two["value"]["reply"], json!({ "root": reference(&one), "parent": reference(&one) }));
    assert_eq!(three["value"]["reply"], json!({ "root": reference(&one), "parent": reference(&two) }));
}

/// Whether a status has a text.
fn says(status: &Value, text: &str) -> bool {
    status["content"].as_str().unwrap().contains(text)
}

fn on_mastodon(server: &Mastodon) {
    let posts = server.posts();
    assert_eq!(posts.len(), 1 + 1 + 1 + 3 + 1, "{posts:#?}");
    let post = |text: &str| {
        let found = posts.iter().find(|post| says(post, text));
        found.unwrap_or_else(|| panic!("no {text} on Mastodon: {posts:#?}"))
    };

    let rich = post("Grüße");
    for text in ["👩‍👩‍👧‍👦 from Acme 5: read on", "https://acme.example/a?b=1&amp;c=2", "@bob.test", "https://acme.example/é"]
    {
        assert!(says(rich, text), "no {text} in {}", rich["content"]);
    }
    assert_eq!(rich["tags"][0]["name"].as_str().unwrap().to_lowercase(), "launch");
    assert_eq!((&rich["language"], &rich["visibility"]), (&json!("de"), &json!("public")));
    assert_eq!(post("A picture.")["media_attachments"][0]["description"], "A red maple leaf 🍁");
    assert!(says(post("A card."), "https://acme.example/launch"), "the server makes the card");

    let [one, two, three] = ["One.", "Two, at length.", "Three."].map(post);
    let parents = [one, two, three].map(|post| post["in_reply_to_id"].clone());
    assert_eq!(parents, [Value::Null, one["id"].clone(), two["id"].clone()]);

    let warned = post("gâteau");
    assert!(says(warned, "Il y a du gâteau &amp; &lt;du thé&gt;."), "{}", warned["content"]);
    assert_eq!((&warned["spoiler_text"], &warned["language"]), (&json!("Du gâteau"), &json!("fr")));
    assert_eq!(warned["visibility"], "unlisted");
}
