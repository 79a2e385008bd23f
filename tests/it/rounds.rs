//! `greenlit publish` that stays: within a window, or for good.

use crate::newsroom::Newsroom;
use crate::publish::{approve, with_hello};

/// A post to one outbox at a time on the newsroom's day, approved.
fn planned(newsroom: &Newsroom, post: &str, time: &str) {
    let maya = newsroom.as_person("maya");
    let text = format!("---\nto: [outbox/site]\npublish_at: 2026-11-30T{time}Z\n---\nThis is {post}.\n");
    maya.write(&format!("posts/{post}.md"), text).commit(&format!("Write {post}")).push();
    approve(newsroom, post);
}

#[test]
fn within_a_window_a_post_goes_out_at_its_time_and_not_before() {
    let newsroom = Newsroom::acme();
    planned(&newsroom, "soon", "09:00:04");
    planned(&newsroom, "later", "10:00:00");
    let runner = newsroom.runner();
    let said = runner.greenlit(["publish", "--within", "5m"]);
    said.succeeds().shows("Waiting until Mon 30 Nov 10:00.").shows("✓ outbox/site: soon is out").hides("later is out");
    let ledger = runner.git(["ls-tree", "-r", "--name-only", "origin/greenlit/ledger"]);
    let claim = ledger.lines().find(|path| path.ends_with("claim.json")).expect("a claim");
    let claim = runner.git(["show", &format!("origin/greenlit/ledger:{claim}")]);
    let claim: serde_json::Value = serde_json::from_str(&claim).unwrap();
    assert!(claim["claimed_at"].as_str().unwrap() >= "2026-11-30T09:00:04Z", "nothing is claimed early: {claim}");

    let told = newsroom.runner().greenlit(["publish", "--within", "5s", "--format", "json"]);
    assert_eq!(told.succeeds().stdout.lines().count(), 1, "one report a line: {told}");
    assert_eq!(told.json()["deliveries"], serde_json::json!([]));
    newsroom.runner().greenlit(["publish", "--within", "5m", "--watch"]).exits(2);
    newsroom.runner().greenlit(["publish", "--within", "soon"]).exits(2).complains("write a whole number");
}

#[test]
fn a_watch_goes_on_through_an_outage_and_stops_cleanly() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    let mut watch = runner.start(["publish", "--watch", "--every", "1s"]);
    watch.says("Watching").says("outbox/site: hello is out").says("outbox/status: hello is out");

    let (remote, elsewhere) = (newsroom.remote(), newsroom.path().join("elsewhere"));
    std::fs::rename(&remote, &elsewhere).unwrap();
    watch.says("Nothing can be published now: git fetch failed");
    std::fs::rename(&elsewhere, &remote).unwrap();
    watch.says("All is well again.");

    let maya = newsroom.as_person("maya");
    maya.write("posts/more.md", "---\nto: [outbox/site]\n---\nMore.\n").commit("More").push();
    approve(&newsroom, "more");
    watch.says("outbox/site: more is out");
    assert_eq!(watch.signal("TERM").ends(), 0, "{}", watch.said());
    let said = watch.said();
    assert!(said.ends_with("Told to end: nothing is left half done.\n"), "{said}");
    for once in ["Watching", "hello is out", "Nothing can be", "All is well", "more is out"] {
        let times = if once.starts_with("hello") { 2 } else { 1 };
        assert_eq!(said.matches(once).count(), times, "{once}: {said}");
    }
    newsroom.runner().greenlit(["publish"]).succeeds().shows("Nothing to publish now.");

    // Started again, it goes on where it was.
    maya.write("posts/last.md", "---\nto: [outbox/site]\n---\nLast.\n").commit("Last").push();
    approve(&newsroom, "last");
    let mut again = runner.start(["publish", "--watch", "--every", "1s"]);
    again.says("outbox/site: last is out");
    assert_eq!(again.signal("TERM").ends(), 0, "{}", again.said());
    assert!(!again.said().contains("hello is out") && !again.said().contains("more is out"), "{}", again.said());
}

#[test]
fn a_signal_cuts_the_waiting_short() {
    let newsroom = Newsroom::acme();
    planned(&newsroom, "later", "10:00:00");
    let mut run = newsroom.runner().start(["publish", "--within", "2h"]);
    assert_eq!(run.says("Waiting until").signal("INT").ends(), 0, "{}", run.said());
}
