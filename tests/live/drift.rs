//! What people do to posts by hand on real servers, as `greenlit drift` sees it.

use serde_json::{Value, json};

use super::office::Office;
use super::servers::{Mastodon, Pds, ask};

const THREAD: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
---
Autumn is here: https://acme.example/a?b=1&c=2 #launch

---

It is **red** & <green>.

---

And it is brown.
";

const PICTURED: &str = "\
---
to: [bluesky/alice, mastodon/testuser]
---
A picture.

![A red maple leaf 🍁](assets/launch.png)
";

impl Pds {
    /// Does something as alice.
    fn act(&self, method: &str, mut body: Value) {
        let alice = &self.accounts[0];
        let kind = ("Content-Type".to_owned(), "application/json".to_owned());
        let post = |method: &str, body: &Value, token: Option<&str>| {
            let body = body.to_string();
            let mut headers = vec![kind.clone(), ("Content-Length".to_owned(), body.len().to_string())];
            headers.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
            let answer = ask(&self.origin, "POST", &format!("/xrpc/{method}"), &headers, body.as_bytes());
            assert_eq!(answer.status, 200, "{method}: {}", String::from_utf8_lossy(&answer.body));
            serde_json::from_slice::<Value>(&answer.body).unwrap()
        };
        let login = json!({ "identifier": alice.handle, "password": alice.password });
        let session = post("com.atproto.server.createSession", &login, None);
        body["repo"] = json!(alice.did);
        body["collection"] = json!("app.bsky.feed.post");
        post(method, &body, session["accessJwt"].as_str());
    }

    /// The key and the record of the post whose text begins so.
    fn record(&self, text: &str) -> (String, Value) {
        let posts = self.posts();
        let post = posts.iter().find(|post| post["value"]["text"].as_str().unwrap().starts_with(text)).unwrap();
        (post["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), post["value"].clone())
    }
}

impl Mastodon {
    /// Does something to the post that has a text.
    pub(super) fn act(&self, method: &str, text: &str, body: &Value) {
        let posts = self.posts();
        let post = posts.iter().find(|post| post["content"].as_str().unwrap().contains(text)).unwrap();
        let target = format!("/api/v1/statuses/{}", post["id"].as_str().unwrap());
        let body = body.to_string();
        let headers = [
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Content-Length".to_owned(), body.len().to_string()),
            ("Authorization".to_owned(), format!("Bearer {}", Self::TOKEN)),
        ];
        let answer = ask(&self.origin, method, &target, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
}

#[test]
fn what_people_do_to_posts_by_hand_is_seen() {
    let (pds, mastodon) = (Pds::start(), Mastodon::start());
    let office = Office::open(&pds.origin, &mastodon.origin, &pds.accounts[0].password);
    let maya = office.newsroom.as_person("maya");
    maya.write("assets/launch.png", include_bytes!("../../examples/newsroom/assets/launch.png"));
    office.approved(&[("pictured", PICTURED), ("thread", THREAD)]);
    let ci = office.ci();
    ci.greenlit(["publish"]).succeeds().shows("Published 4 deliveries");
    ci.greenlit(["drift"]).succeeds().shows("Looked at 4 deliveries").shows("4 unchanged");

    let (rkey, mut record) = pds.record("It is red");
    record["text"] = json!("It is blue & <green>.");
    pds.act("com.atproto.repo.putRecord", json!({ "rkey": rkey, "record": record }));
    let (rkey, _) = pds.record("A picture.");
    pds.act("com.atproto.repo.deleteRecord", json!({ "rkey": rkey }));
    mastodon.act("PUT", "It is red", &json!({ "status": "It is blue & <green>." }));
    mastodon.act("DELETE", "A picture.", &json!({}));

    let said = ci.greenlit(["drift"]);
    said.exits(1).shows("2 edited there, 2 gone.");
    for account in ["bluesky/alice", "mastodon/testuser"] {
        said.shows(&format!("≠ thread → {account}: part 2 of 3: “… blue & <green>.” stands"));
        said.shows(&format!("✗ pictured → {account}: it is gone"));
    }
    ci.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
    ci.env("GREENLIT_MASTODON_TESTUSER_TOKEN", "").greenlit(["drift"]).exits(4).shows("_TESTUSER_TOKEN is not");
}
