//! Reviews of pull requests as approvals and rejections: recorded, counted, asked after again, taken back.

use serde_json::{Value, json};

use crate::hub::{self, Hub, NUMBER};
use crate::newsroom::{Desk, Newsroom};
use crate::stub::Reply;

const LAUNCH: &str = "---\ntitle: Autumn launch\nto: [outbox/site]\n---\nAutumn is here.\n";
const PRICES: &str = "---\nto: [outbox/site]\nlabels: [pricing]\n---\nNow 10 % off.\n";

/// A newsroom with a merged pull request by Maya; what reviewers looked at.
fn merged(text: &str) -> (Newsroom, Hub, String) {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let head = hub::propose(&newsroom, "posts/launch.md", text);
    hub::squash(&newsroom, &hub);
    (newsroom, hub, head)
}

/// Records reviews in a fresh clone; the report.
#[track_caller]
pub fn record(newsroom: &Newsroom, hub: &Hub) -> Value {
    let report = hub.job(newsroom.runner()).greenlit(["review", "record", "--format", "json"]).succeeds().json();
    let schema = newsroom.runner().greenlit(["schema", "reviews"]).json();
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    report
}

/// What became of each review, and why.
pub fn told(report: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reviews = report["reviews"].as_array().expect("reviews");
    reviews.iter().map(|one| (one["review"].as_u64().unwrap(), text(&one["became"]), text(&one["reason"]))).collect()
}

/// The standing of the post in a fresh clone.
#[track_caller]
fn standing(newsroom: &Newsroom) -> String {
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    plan["deliveries"][0]["standing"].as_str().unwrap_or_else(|| panic!("{plan:#}")).to_owned()
}

fn plan(desk: &Desk<'_>) -> String {
    desk.greenlit(["plan", "--fetch"]).stdout
}

#[test]
fn a_review_of_what_was_merged_is_a_yes_from_the_phone_to_the_proof() {
    let (newsroom, hub, head) = merged(LAUNCH);
    assert_eq!(standing(&newsroom), "waiting");
    hub.review("noor", "APPROVED", &head);
    let report = record(&newsroom, &hub);
    assert_eq!(told(&report), [(80, "recorded".to_owned(), String::new())]);
    assert_eq!(
        (&report["reviews"][0]["person"], &report["reviews"][0]["stages"]),
        (&json!("noor"), &json!(["editor"]))
    );
    let shown = plan(&newsroom.as_person("li"));
    assert!(shown.contains("✓ editor: Noor Haddad by review of #12 on GitHub"), "{shown}");
    assert_eq!(told(&record(&newsroom, &hub))[0].1, "known", "nothing is written twice");

    let runner = hub.job(newsroom.runner());
    runner.greenlit(["publish"]).succeeds().shows("launch");
    assert!(runner.read("public/index.html").contains("Autumn is here."));
    let li = newsroom.as_person("li");
    li.git(["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    let proof = li.greenlit(["prove", "launch"]);
    proof.succeeds().shows("Proved: every check holds.").shows("pullrequestreview-80").shows("not signed");
    li.greenlit(["ledger", "verify", "--fetch"]).succeeds().shows("0 sightings, 1");
    li.greenlit(["log", "launch"]).shows("Noor Haddad").shows("approved");
    li.greenlit(["status"]).succeeds();
    assert!(hub.asked().iter().all(|asked| asked.starts_with("GET ")), "{:?}", hub.asked());
}

#[test]
fn the_record_has_all_that_it_takes_to_check_it_again() {
    let (newsroom, hub, head) = merged(LAUNCH);
    hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    let li = newsroom.as_person("li");
    li.git(["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    let files = li.git(["ls-tree", "-r", "--name-only", "origin/greenlit/ledger", "reviews/"]);
    let record: Value =
        serde_json::from_str(&li.git(["show", &format!("origin/greenlit/ledger:{}", files.trim())])).unwrap();
    let schema = li.greenlit(["schema", "ledger-review"]).json();
    assert!(jsonschema::is_valid(&schema, &record), "{record:#}");
    for (at, value) in [
        ("/review/forge", json!("github")),
        ("/review/repository", json!("acme/posts")),
        ("/review/pull_request", json!(NUMBER)),
        ("/review/id", json!(80)),
        ("/by", json!({ "login": "noor-gh", "id": 5551 })),
        ("/commit", json!(head)),
        ("/post", json!("launch")),
        ("/said/approved/stage", json!("editor")),
        ("/said/approved/deliveries/0/account", json!("outbox/site")),
        ("/submitted_at", json!("2026-11-30T09:00:00Z")),
    ] {
        assert_eq!(record.pointer(at), Some(&value), "{at} in {record:#}");
    }
    assert!(record["policy_digest"].as_str().unwrap().starts_with("sha256:"));
    let log = li.git(["log", "-1", "--format=%B", "origin/greenlit/ledger"]);
    assert!(log.starts_with("Record reviews of #12\n\nSigned-off-by: CI <runner@acme.example>"), "{log}");
}

#[test]
fn stages_count_people_once_whatever_they_said_it_with() {
    let (newsroom, hub, head) = merged(PRICES);
    hub.review("noor", "APPROVED", &head);
    hub.review("noor", "APPROVED", &head);
    let report = record(&newsroom, &hub);
    let became: Vec<_> = told(&report).into_iter().map(|(_, became, _)| became).collect();
    assert_eq!(became, ["not-counted", "recorded"], "the last word counts");
    newsroom.as_person("noor").greenlit(["approve", "launch"]).exits(1);
    let shown = plan(&newsroom.as_person("li"));
    assert!(shown.contains("✓ editor: Noor Haddad by review") && shown.contains("waits for Tess Okafor"), "{shown}");
    hub.review("tess", "APPROVED", &head);
    record(&newsroom, &hub);
    assert_eq!(standing(&newsroom), "ready");
}

#[test]
fn reviews_count_only_where_the_policy_says_so_and_a_change_of_that_needs_an_admin() {
    let newsroom = Newsroom::acme();
    let hub = Hub::open();
    hub.job(newsroom.runner()).greenlit(["review", "record"]).succeeds().shows("Reviews do not count here");
    assert_eq!(hub.asked(), [""; 0]);
    let li = newsroom.as_person("li");
    li.edit("roles.toml", "[policy]\n", "[policy]\nreviews = \"count\"\n");
    li.edit("roles.toml", "[people.noor]\n", "[people.noor]\ngithub = { login = \"noor-gh\", id = 5551 }\n");
    li.commit("Let reviews count").push();
    let head = hub::propose(&newsroom, "posts/launch.md", LAUNCH);
    hub::squash(&newsroom, &hub);
    hub.review("noor", "APPROVED", &head);
    hub.job(newsroom.runner()).greenlit(["review", "record"]).succeeds().shows("Reviews do not count here");
    newsroom.as_person("maya").greenlit(["approve", "--policy"]).succeeds();
    // It was given before anybody could know that it would count.
    let report = record(&newsroom, &hub);
    assert!(told(&report)[0].2.contains("before it was in force that reviews count"), "{report:#}");
}

#[test]
fn changes_requested_stay_a_no_until_their_writer_or_an_admin_takes_them_back() {
    let (newsroom, hub, head) = merged(LAUNCH);
    let no = hub.review("li", "CHANGES_REQUESTED", &head);
    hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    assert_eq!(standing(&newsroom), "rejected");
    let shown = plan(&newsroom.as_person("noor"));
    assert!(shown.contains("rejection by Li Wei by review of #12 on GitHub: As discussed"), "{shown}");

    // Somebody who is no admin dismisses it.
    hub.dismiss(no, "noor");
    let report = record(&newsroom, &hub);
    assert!(report.to_string().contains("was dismissed on GitHub"), "{report:#}");
    assert_eq!(standing(&newsroom), "rejected");
    let shown = plan(&newsroom.as_person("noor"));
    assert!(shown.contains("did not make the rejection and is no admin"), "{shown}");

    newsroom.as_person("maya").greenlit(["lift", "launch"]).succeeds();
    assert_eq!(standing(&newsroom), "ready");
}

#[test]
fn a_no_is_over_once_its_writer_says_yes_or_an_admin_dismisses_it() {
    for by_admin in [false, true] {
        let (newsroom, hub, head) = merged(LAUNCH);
        let no = hub.review("li", "CHANGES_REQUESTED", &head);
        record(&newsroom, &hub);
        assert_eq!(standing(&newsroom), "rejected");
        if by_admin {
            hub.dismiss(no, "maya");
            hub.review("noor", "APPROVED", &head);
        } else {
            hub.review("li", "APPROVED", &head);
        }
        record(&newsroom, &hub);
        assert_eq!(standing(&newsroom), "ready", "{by_admin}");
        hub.job(newsroom.runner()).greenlit(["publish"]).succeeds();
    }
}

#[test]
fn publish_asks_again_before_it_sends_and_what_it_cannot_ask_after_waits() {
    let (newsroom, hub, head) = merged(LAUNCH);
    let yes = hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    let publish = || hub.job(newsroom.runner()).greenlit(["publish"]);
    for (fault, code) in [
        (Reply::HangUp, "forge/away"),
        (Reply::json(403, json!({ "message": "secondary rate limit" })).with("Retry-After", "60"), "forge/away"),
        (Reply::json(200, json!([{ "id": yes }])), "forge/partial"),
        (Reply::json(401, json!({ "message": "Bad credentials" })), "forge/token"),
    ] {
        hub.breaks(Some(fault));
        let said = publish();
        said.succeeds().complains(code).complains("was not sent").complains("could ask whether they still stand");
        assert_eq!(standing(&newsroom), "ready", "as far as the ledger knows");
    }
    newsroom.runner().greenlit(["publish"]).succeeds().complains("forge/token").complains("names no forge");
    hub.breaks(None);
    publish().succeeds().shows("launch");
    let out = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    assert_eq!(out["deliveries"][0]["standing"], "published", "{out:#}");
}

#[test]
fn a_signed_approval_makes_up_for_a_review_that_fell() {
    let (newsroom, hub, head) = merged(LAUNCH);
    let yes = hub.review("noor", "APPROVED", &head);
    record(&newsroom, &hub);
    hub.dismiss(yes, "maya");
    hub.job(newsroom.runner()).greenlit(["publish"]).succeeds().complains("was dismissed on GitHub");
    record(&newsroom, &hub);
    assert_eq!(standing(&newsroom), "waiting");
    newsroom.as_person("li").greenlit(["approve", "launch"]).succeeds();
    let before = hub.asked().len();
    newsroom.runner().greenlit(["publish"]).succeeds().shows("launch");
    assert_eq!(hub.asked().len(), before, "where nothing rests on a review, nobody is asked");
}

#[test]
fn pull_requests_are_found_by_number_and_by_time_too() {
    let (newsroom, hub, head) = merged(LAUNCH);
    hub.review("noor", "APPROVED", &head);
    let runner = hub.job(newsroom.runner());
    runner.greenlit(["review", "record", "13"]).exits(1).shows("#13 could not be read (forge/missing)");
    runner
        .greenlit(["review", "record", "--since", "14d"])
        .succeeds()
        .shows("#12 Noor Haddad, approved launch for editor: recorded");
    runner.greenlit(["review", "record", "12"]).succeeds().shows("recorded before");
    newsroom.runner().greenlit(["review", "record"]).exits(3).complains("forge/token").complains("GREENLIT_FORGE");
}

#[test]
fn what_was_looked_at_is_read_with_its_pictures_its_place_and_what_stands_beside_it() {
    const SHOWN: &str =
        "---\nid: launch\nto: [outbox/site]\nmedia: [{ file: assets/leaf.png, alt: A leaf }]\n---\nAutumn is here.\n";
    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";
    for (what, counts) in [("another post", true), ("its place", true), ("its picture", false), ("a twin", false)] {
        let (newsroom, hub) = (hub::newsroom(), Hub::open());
        let maya = newsroom.as_person("maya");
        for n in 0..3 {
            maya.write(&format!("posts/old-{n}.md"), format!("---\nto: [outbox/site]\ndraft: true\n---\nOld {n}\n"));
        }
        maya.write("posts/old.md", "---\nto: [outbox/site]\n---\nOld\n").commit("Write").push();
        let twin = if what == "a twin" { "posts/twin.md" } else { "posts/none.txt" };
        maya.git(["checkout", "-q", "-B", "change", "main"]);
        maya.write("assets/leaf.png", PICTURE).write("posts/a.md", SHOWN).write(twin, SHOWN).commit("Write a post");
        let looked_at = hub::share(&maya);
        match what {
            "another post" => maya.edit("posts/old.md", "Old", "Older"),
            "its picture" => maya.write("assets/leaf.png", [PICTURE, b"x"].concat()),
            "a twin" => maya.remove("posts/twin.md"),
            _ => maya.write("posts/b.md", SHOWN).remove("posts/a.md"),
        };
        maya.commit("Go on");
        hub::share(&maya);
        hub::squash(&newsroom, &hub);
        hub.review("noor", "APPROVED", &looked_at);
        let report = record(&newsroom, &hub);
        let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
        let of_launch = plan["deliveries"].as_array().unwrap().iter().find(|one| one["post"] == "launch");
        let standing = of_launch.unwrap_or_else(|| panic!("{what}: {plan:#}"))["standing"].clone();
        assert_eq!(standing, if counts { "ready" } else { "waiting" }, "{what}: {report:#}");
    }
}
