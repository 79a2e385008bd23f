//! Threats 8, 44 and 45 for reviews: dismissed, superseded, edited, half told; of another commit, by a login that changed hands.

use serde_json::{Value, json};

use crate::hub::{self, Hub};
use crate::newsroom::Newsroom;
use crate::reviews::{record, told};
use crate::stub::Reply;

const POST: &str = "---\nto: [outbox/site]\n---\nAutumn is here.\n";

fn merged() -> (Newsroom, Hub, String) {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let head = hub::propose(&newsroom, "posts/launch.md", POST);
    hub::squash(&newsroom, &hub);
    (newsroom, hub, head)
}

/// A run of publish sends nothing, or it sends the post.
#[track_caller]
fn publishes(newsroom: &Newsroom, hub: &Hub, expected: bool) {
    let runner = hub.job(newsroom.runner());
    let said = runner.greenlit(["publish"]);
    assert_eq!(runner.has("public/index.html"), expected, "{said}");
}

#[track_caller]
fn not_counted(newsroom: &Newsroom, hub: &Hub, reason: &str) {
    let report = record(newsroom, hub);
    let last = told(&report).pop().unwrap_or_default();
    assert_eq!(last.1, "not-counted", "{report:#}");
    assert!(last.2.contains(reason), "no {reason:?} in {report:#}");
    publishes(newsroom, hub, false);
}

#[test]
fn t44_a_review_that_is_dismissed_before_it_is_recorded_or_after() {
    let (newsroom, hub, head) = merged();
    let yes = hub.review("noor", "APPROVED", &head);
    hub.dismiss(yes, "mallory");
    not_counted(&newsroom, &hub, "was dismissed on GitHub");

    let (newsroom, hub, head) = merged();
    let yes = hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    hub.dismiss(yes, "mallory");
    publishes(&newsroom, &hub, false);
    hub.change(yes, "state", json!("APPROVED"));
    publishes(&newsroom, &hub, true);
}

#[test]
fn t44_a_review_that_is_superseded() {
    for (then, counts) in [("CHANGES_REQUESTED", false), ("COMMENTED", true)] {
        let (newsroom, hub, head) = merged();
        hub.review("noor", "APPROVED", &head);
        record(&newsroom, &hub);
        hub.review("noor", then, &head);
        publishes(&newsroom, &hub, counts);
    }
}

#[test]
fn t44_a_review_that_is_another_by_now() {
    type Change = fn(&str) -> (&'static str, Value);
    let changes: [Change; 4] = [
        |_| ("user", json!({ "login": "noor-gh", "id": 999, "type": "User" })),
        |_| ("user", Value::Null),
        |_| ("commit_id", json!("f".repeat(40))),
        |_| ("submitted_at", json!("2026-11-30T10:00:00Z")),
    ];
    for change in changes {
        let (newsroom, hub, head) = merged();
        let yes = hub.review("noor", "APPROVED", &head);
        record(&newsroom, &hub);
        let (key, value) = change(&head);
        hub.change(yes, key, value);
        publishes(&newsroom, &hub, false);
        hub.change(yes, "user", json!({ "login": "noor-gh", "id": 5551, "type": "User" }));
        hub.change(yes, "commit_id", json!(head));
        hub.change(yes, "submitted_at", json!("2026-11-30T09:00:00Z"));
        publishes(&newsroom, &hub, true);
    }
}

#[test]
fn t44_a_forge_that_is_away_or_tells_half_of_it() {
    let (newsroom, hub, head) = merged();
    hub.review("noor", "APPROVED", &head);
    let cut = Reply::json(200, json!([])).with("Link", "<http://127.0.0.1:9/next>; rel=\"next\"");
    for fault in [Reply::HangUp, Reply::Cut, Reply::json(500, json!({})), Reply::json(200, json!({})), cut] {
        hub.breaks(Some(fault));
        let said = hub.job(newsroom.runner()).greenlit(["review", "record"]);
        said.exits(1).shows("#12 could not be read (forge/").shows("What rests on it is not approved.");
        publishes(&newsroom, &hub, false);
    }
    hub.breaks(None);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}

#[test]
fn t44_a_note_of_a_review_that_nobody_gave() {
    let (newsroom, hub, head) = merged();
    let yes = hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    // Whoever may push to the ledger notes one more for another post, and the forge knows nothing of it.
    hub.known_without(yes);
    publishes(&newsroom, &hub, false);
}

#[test]
fn t45_a_review_of_an_older_commit() {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let old = hub::propose(&newsroom, "posts/launch.md", POST);
    let maya = newsroom.as_person("maya");
    maya.edit("posts/launch.md", "Autumn", "Winter").commit("Change the season");
    let new = hub::share(&maya);
    hub::squash(&newsroom, &hub);
    hub.review("noor", "APPROVED", &old);
    not_counted(&newsroom, &hub, "another version than the merged one");
    hub.review("noor", "APPROVED", &new);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}

#[test]
fn t45_an_older_commit_with_the_same_effect_counts() {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let old = hub::propose(&newsroom, "posts/launch.md", POST);
    let maya = newsroom.as_person("maya");
    maya.write("README.md", "# Posts\n").commit("Say what is here");
    hub::share(&maya);
    hub::squash(&newsroom, &hub);
    hub.review("noor", "APPROVED", &old);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}

#[test]
fn t45_a_login_that_was_renamed_and_one_that_was_taken_over() {
    let (newsroom, hub, head) = merged();
    hub.review_by("noor-gh", 999, "User", "APPROVED", &head);
    not_counted(&newsroom, &hub, "the login noor-gh is another account by now: number 999");
    hub.review_by("noor-haddad", 5551, "User", "APPROVED", &head);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}

#[test]
fn t08_t05_a_bots_review_and_the_authors_own() {
    let (newsroom, hub, head) = merged();
    hub.review_by("greenlit[bot]", 41, "Bot", "APPROVED", &head);
    not_counted(&newsroom, &hub, "is a bot");
    hub.review("maya", "APPROVED", &head);
    not_counted(&newsroom, &hub, "opened this pull request");
    hub.review("mallory", "APPROVED", &head);
    not_counted(&newsroom, &hub, "nobody in roles.toml has the GitHub account mallory-gh (666)");
    hub.review("tess", "APPROVED", &head);
    not_counted(&newsroom, &hub, "is in no stage");
    hub.review("li", "APPROVED", &head);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}

#[test]
fn t05_somebody_who_wrote_in_a_browser_reviews_it_with_the_same_account() {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    hub::propose(&newsroom, "posts/launch.md", POST);
    let maya = newsroom.as_person("maya");
    maya.edit("posts/launch.md", "Autumn", "Winter");
    maya.git(["add", "-A"]);
    maya.git(["commit", "-q", "-m", "Change it", "--author", "Noor <5551+noor-gh@users.noreply.github.com>"]);
    let head = hub::share(&maya);
    hub::merge(&newsroom, &hub);
    hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    let plan = newsroom.runner().greenlit(["plan"]);
    plan.shows("is an author of this");
    publishes(&newsroom, &hub, false);
    hub.review("li", "APPROVED", &head);
    record(&newsroom, &hub);
    publishes(&newsroom, &hub, true);
}
