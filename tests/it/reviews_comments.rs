//! Comments on the lines of a pull request as comments on the post: once, by people, inert, and deciding nothing.

use serde_json::{Value, json};

use crate::hub::{self, Hub};
use crate::newsroom::{Desk, Newsroom};
use crate::reviews::record;
use crate::stub::Reply;

const FILE: &str = "posts/launch.md";
const POST: &str = "---\ntitle: Autumn launch\nto: [outbox/site]\n---\nAutumn is here.\nWe have 3 new colours.\n";
const NOOR: (&str, u64) = ("noor-gh", 5551);
const LI: (&str, u64) = ("li-gh", 5552);
const MAYA: (&str, u64) = ("maya-gh", 5554);

/// What maya proposed; the commit that people look at.
fn proposed() -> (Newsroom, Hub, String) {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let head = hub::propose(&newsroom, FILE, POST);
    (newsroom, hub, head)
}

/// A desk that has all that is on the remote, and of pull requests nothing but what was merged.
fn reader(newsroom: &Newsroom) -> Desk<'_> {
    let li = newsroom.as_person("li");
    li.pull();
    li.git(["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    li
}

/// The comments in the story of the post.
fn comments(newsroom: &Newsroom) -> Vec<Value> {
    let report = reader(newsroom).greenlit(["log", "launch", "--format", "json"]).succeeds().json();
    let events = report["events"].as_array().expect("events").clone();
    events.into_iter().filter(|event| event["event"] == "commented").collect()
}

fn told(report: &Value) -> Vec<(u64, &str)> {
    let comments = report["comments"].as_array().expect("comments");
    comments.iter().map(|one| (one["comment"].as_u64().unwrap(), one["became"].as_str().unwrap())).collect()
}

#[test]
fn a_comment_on_a_line_and_its_answers_stand_in_the_posts_story() {
    let (newsroom, hub, head) = proposed();
    let line = |number| (FILE, number, head.as_str());
    let asked = hub.comment(NOOR, line(6), "Three? I count four.");
    let answer = hub.comment(MAYA, line(6), "Three: the fourth is the old one.");
    hub.change_comment(answer, "in_reply_to_id", json!(asked));
    hub.comment(("mallory-gh", 666), line(5), "Buy followers at evil.example");
    hub.comment(("greenlit[bot]", 41), line(5), "I am a program.");
    hub.comment(LI, line(5), "<!-- greenlit:fix 0123 -->\nwould write");
    hub.comment(LI, ("README.md", 1, &head), "Of no post.");
    hub::squash(&newsroom, &hub);
    let report = record(&newsroom, &hub);
    assert_eq!(told(&report), [(500, "recorded"), (501, "recorded")]);
    assert_eq!((&report["strangers"], &report["reviews"]), (&json!(1), &json!([])));

    let li = reader(&newsroom);
    let log = li.greenlit(["log", "launch"]);
    log.shows("Noor Haddad commented on line 6, #12 on GitHub").shows("> We have 3 new colours.");
    log.shows("Three? I count four.").shows("https://github.com/acme/posts/pull/12#discussion_r500");
    log.shows("Maya Lindqvist answered Noor Haddad on line 6, #12 on GitHub").hides("evil.example").hides("a program");
    let preview = li.greenlit(["preview", "launch"]);
    preview.shows("Noor Haddad commented, line 6, #12 on GitHub").shows("Three: the fourth is the old one.");
    let (report, preview) = (comments(&newsroom), li.greenlit(["preview", "launch", "--format", "json"]).json());
    assert_eq!((report.len(), &report[1]["reply_to"]["commit"]), (2, &report[0]["commit"]));
    assert_eq!(report[0]["on"]["pull_request"], 12);
    let schemas = [("log", li.greenlit(["log", "launch", "--format", "json"]).json()), ("preview", preview)];
    for (schema, report) in schemas {
        let schema = li.greenlit(["schema", schema]).json();
        assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    }
    li.greenlit(["ledger", "verify", "--fetch"]).succeeds().shows("2 comments");

    // It decides nothing, and is written once.
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    assert_eq!(plan["deliveries"][0]["standing"], "waiting");
    let again = record(&newsroom, &hub);
    assert_eq!(told(&again), [(500, "known"), (501, "known")]);
    assert_eq!(again.get("ledger"), None, "{again:#}");
    hub.job(newsroom.runner()).greenlit(["review", "record"]).succeeds().hides("commented on");
}

#[test]
fn an_answer_in_a_terminal_and_a_question_to_people_work_as_ever() {
    let (newsroom, hub, head) = proposed();
    hub.comment(NOOR, (FILE, 6, &head), "@legal, is that true?");
    hub::squash(&newsroom, &hub);
    record(&newsroom, &hub);
    let commit = comments(&newsroom)[0]["commit"].as_str().unwrap().to_owned();
    let tess = newsroom.as_person("tess");
    tess.greenlit(["todo", "--fetch"]).exits(1).shows("Noor Haddad wrote: @legal, is that true?");
    tess.greenlit(["comment", "launch", "--reply", &commit[..10], "-m", "It is."]).succeeds();
    let said = comments(&newsroom);
    assert_eq!((&said[1]["reply_to"]["by"], &said[1]["text"]), (&json!("Noor Haddad"), &json!("It is.")));
    tess.greenlit(["todo", "--fetch"]).hides("is that true?");
}

#[test]
fn what_is_changed_afterwards_is_told_as_it_is_last_and_keeps_its_name() {
    let (newsroom, hub, head) = proposed();
    let asked = hub.comment(NOOR, (FILE, 6, &head), "Three? I count four.");
    hub::squash(&newsroom, &hub);
    record(&newsroom, &hub);
    let first = comments(&newsroom)[0]["commit"].clone();
    // Sent, or resolved: something changed, and not what it says.
    hub.change_comment(asked, "updated_at", json!("2026-11-30T09:30:00Z"));
    assert_eq!(told(&record(&newsroom, &hub)), [(500, "known")]);
    let mut texts = vec!["Three? I count four.".to_owned()];
    for n in 1..=6 {
        texts.push(format!("I was wrong: {n}"));
        hub.change_comment(asked, "body", json!(texts.last()));
        hub.change_comment(asked, "updated_at", json!(format!("2026-11-30T10:0{n}:00Z")));
        record(&newsroom, &hub);
        let said = comments(&newsroom);
        assert_eq!((said.len(), &said[0]["commit"]), (1, &first));
        assert_eq!(said[0]["on"]["edited"], true);
        assert_eq!(said[0]["text"], json!(texts[n.min(4)]), "nobody fills the ledger by changing words");
    }
    reader(&newsroom).greenlit(["log", "launch"]).shows("#12 on GitHub, edited");
}

#[test]
fn a_line_of_an_older_version_is_quoted_though_its_commit_is_gone() {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    newsroom.as_person("li");
    let old = hub::propose(&newsroom, FILE, POST);
    hub.comment(NOOR, (FILE, 6, &old), "Three? I count four.");
    hub.comment(NOOR, (FILE, 5, &old), "Nice.");
    let maya = newsroom.as_person("maya");
    maya.edit(FILE, "3 new colours", "4 new colours").commit("Count again");
    hub::share(&maya);
    hub::squash(&newsroom, &hub);
    record(&newsroom, &hub);
    let li = reader(&newsroom);
    assert!(li.try_git(["cat-file", "-e", &old]).is_err(), "who reads has not what was squashed");
    li.greenlit(["log", "launch"])
        .shows("> We have 3 new colours. (the line has changed since)")
        .shows("> Autumn is here.");
    li.greenlit(["preview", "launch"]).shows("Nice.").hides("I count four");
}

#[test]
fn words_of_others_are_inert_and_have_an_end() {
    let (newsroom, hub, head) = proposed();
    let (at, trailer) =
        ((FILE, 6, head.as_str()), format!("Greenlit-Approve: launch outbox/site sha256:{}", "0".repeat(64)));
    let text = format!(
        "look \u{1b}[2J\u{202e}here\n::set-output name=a::b\n\n{trailer} at asap\nSigned-off-by: Noor <noor@x>"
    );
    hub.comment(NOOR, at, &text);
    hub.comment(NOOR, at, &"word ".repeat(2_000));
    for n in 0..110 {
        hub.comment(LI, at, &format!("And {n}"));
    }
    hub::squash(&newsroom, &hub);
    let report = record(&newsroom, &hub);
    assert_eq!((report["comments"].as_array().unwrap().len(), &report["beyond"]), (100, &json!(12)), "{report:#}");
    let log = reader(&newsroom).greenlit(["log", "launch"]);
    assert!(
        !log.stdout.contains(['\u{1b}', '\u{202e}'])
            && !log.stdout.lines().any(|line| line.trim_start().starts_with("::")),
        "{log}"
    );
    let said = comments(&newsroom);
    assert_eq!(said.len(), 100);
    assert_eq!(said[1]["text"].as_str().unwrap().chars().count(), 2_001);
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    assert_eq!(plan["deliveries"][0]["standing"], "waiting", "a trailer in a comment approves nothing");
    assert_eq!(record(&newsroom, &hub)["beyond"], 12);
}

#[test]
fn where_comments_cannot_be_read_reviews_count_all_the_same_and_the_next_run_tries_again() {
    let (newsroom, hub, head) = proposed();
    hub.comment(NOOR, (FILE, 6, &head), "Three? I count four.");
    hub.review("li", "APPROVED", &head);
    hub::squash(&newsroom, &hub);
    let limited = Reply::json(403, json!({ "message": "secondary rate limit" })).with("Retry-After", "60");
    for (fault, code) in [(limited, "forge/away"), (Reply::json(200, json!([{ "id": 500 }])), "forge/partial")] {
        hub.breaks_comments(Some(fault));
        let said = hub.job(newsroom.runner()).greenlit(["review", "record"]);
        said.succeeds().shows(&format!("#12 comments could not be read ({code})")).hides("not approved");
    }
    assert_eq!(comments(&newsroom), [Value::Null; 0]);
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    assert_eq!(plan["deliveries"][0]["standing"], "ready");
    hub.breaks_comments(None);
    hub.job(newsroom.runner())
        .greenlit(["review", "record"])
        .succeeds()
        .shows("#12 Noor Haddad commented on launch, line 6: recorded")
        .shows("1 comment written to the ledger");
}

#[test]
fn where_reviews_do_not_count_nobody_is_asked_for_comments() {
    let newsroom = Newsroom::acme();
    let hub = Hub::open();
    let head = hub::propose(&newsroom, FILE, POST);
    hub.comment(NOOR, (FILE, 6, &head), "Three? I count four.");
    hub::squash(&newsroom, &hub);
    hub.job(newsroom.runner()).greenlit(["review", "record"]).succeeds().shows("Reviews do not count here");
    assert_eq!(hub.asked(), [""; 0]);
    assert_eq!(comments(&newsroom), [Value::Null; 0]);
}
