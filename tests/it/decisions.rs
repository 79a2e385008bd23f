//! What people decide besides yes and no: holds, comments, withdrawals, and approvals for somebody who is away.

use crate::newsroom::{Newsroom, Said};

const HELLO: &str = "---\nto: [outbox/site, outbox/status]\ncampaign: autumn\n---\nHello, world.\n";
const PRICES: &str = "---\nto: outbox/site\nlabels: [pricing]\n---\nNow 10 % off.\n";

/// A newsroom with one post by maya on `main`.
fn with_post(name: &str, text: &str) -> Newsroom {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").write(&format!("posts/{name}.md"), text).commit("Write a post").push();
    newsroom
}

/// Where a post's deliveries stand, as `plan` tells everybody.
#[track_caller]
fn standings(newsroom: &Newsroom) -> Vec<String> {
    let plan = newsroom.runner().greenlit(["plan", "--format", "json"]).json();
    let deliveries = plan["deliveries"].as_array().expect("deliveries");
    deliveries.iter().map(|one| one["standing"].as_str().expect("a standing").to_owned()).collect()
}

/// What somebody was told, in lines that fit a terminal.
#[track_caller]
fn narrow(said: &Said) {
    let wide = said.stdout.lines().chain(said.stderr.lines()).find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "wider than 80 columns in {said}");
}

#[test]
fn one_command_stops_everything_though_posts_are_broken_and_another_lets_it_go_on() {
    let newsroom = with_post("hello", HELLO);
    newsroom.as_person("maya").write("posts/broken.md", "---\ntoo: x\n---\n").commit("Break one").push();
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds();
    assert_eq!(standings(&newsroom), ["ready", "ready"]);

    let tess = newsroom.as_person("tess");
    tess.greenlit(["hold", "--everything"]).exits(2).complains("a hold needs a reason").complains("-m");
    let held = tess.greenlit(["hold", "--everything", "-m", "Outage"]);
    held.succeeds()
        .shows("Held everything")
        .shows("pushed to origin")
        .shows("It stops hello")
        .shows("To go on: `greenlit resume --everything`");
    narrow(&held);
    assert_eq!(standings(&newsroom), ["held", "held"]);
    newsroom.runner().greenlit(["publish"]).shows("Not sent: 2 held. Why: greenlit plan");
    tess.greenlit(["todo"]).exits(1).shows("greenlit resume --everything");
    tess.greenlit(["status"]).shows("greenlit resume --everything  let go on what is held");
    newsroom.runner().greenlit(["status"]).shows("held by Tess Okafor").shows("Outage");

    newsroom
        .as_person("noor")
        .greenlit(["resume", "--everything"])
        .exits(1)
        .complains("Tess Okafor")
        .complains("not yours");
    newsroom.as_person("noor").greenlit(["resume"]).exits(2).complains("Outage").complains("greenlit resume COMMIT");
    let resumed = tess.greenlit(["resume", "--all-mine", "-m", "Over"]);
    resumed.succeeds().shows("Resumed everything").shows("Nothing is held any more");
    narrow(&resumed);
    tess.greenlit(["resume", "--everything"]).exits(2).complains("nothing is held");
    newsroom.runner().greenlit(["publish"]).shows("Published 2 deliveries");
    tess.greenlit(["log", "hello"]).succeeds().shows("Tess Okafor");
}

#[test]
fn an_account_a_campaign_and_a_post_are_held_by_themselves() {
    let newsroom = with_post("hello", HELLO);
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["hold", "--account", "outbox/site", "-m", "Moving"]).succeeds().shows("the account outbox/site");
    assert_eq!(standings(&newsroom), ["held", "ready"]);
    maya.greenlit(["hold", "--account", "outbox/sitte", "-m", "x"]).exits(2).complains("outbox/site");
    maya.greenlit(["hold", "--campaign", "autunm", "-m", "x"]).exits(2).complains("did you mean `autumn`?");
    maya.greenlit(["hold", "--campaign", "Autumn", "-m", "Wait"]).succeeds().shows("the campaign autumn");
    assert_eq!(standings(&newsroom), ["held", "held"]);
    maya.greenlit(["resume", "--campaign", "autumn"]).succeeds().shows("Still held:").shows("account outbox/site");
    maya.greenlit(["resume", "--account", "outbox/site"]).succeeds();

    let here = maya.greenlit(["hold", "hello", "-m", "Wait", "--offline"]);
    here.succeeds().shows("Nobody else knows of it yet").shows("`git push origin");
    maya.greenlit(["resume", "hello"]).succeeds();
    let report = maya.greenlit(["hold", "hello", "-m", "Wait", "--format", "json"]).succeeds().json();
    assert_eq!((&report["did"], &report["commits"][0]["scopes"]), (&"hold".into(), &serde_json::json!(["post hello"])));
    assert_eq!(report["stands"][0]["status"], "held");
    let commit = report["commits"][0]["commit"].as_str().expect("a commit").to_owned();
    maya.greenlit(["resume", &commit[..10]]).succeeds().shows("Resumed hello");
    newsroom.as_person("mallory").greenlit(["hold", "hello", "-m", "x"]).exits(1).complains("is nobody's");
    assert_eq!(standings(&newsroom), ["ready", "ready"]);
}

#[test]
fn people_talk_about_a_line_and_the_line_is_quoted_as_it_was_read() {
    let newsroom = with_post("hello", HELLO);
    let noor = newsroom.as_person("noor");
    noor.greenlit(["comment", "hello", "-m", "@tes, is this true?"]).exits(2).complains("did you mean `@tess`?");
    noor.greenlit(["comment", "hello", "--line", "9", "-m", "x"]).exits(2).complains("has 5 lines on main");
    let said = noor.greenlit(["comment", "hello", "--line", "5", "-m", "@tess, is this true?"]);
    said.succeeds().shows("Commented on hello").shows("greenlit log hello").shows("--reply");
    narrow(&said);
    let tess = newsroom.as_person("tess");
    let log = tess.greenlit(["log", "hello", "--fetch", "--format", "json"]).json();
    let events = log["events"].as_array().expect("events");
    let comment = events.iter().find(|event| event["event"] == "commented").expect("a comment");
    assert_eq!((&comment["by"], &comment["line"]["text"]), (&"Noor Haddad".into(), &"Hello, world.".into()));
    let commit = &comment["commit"].as_str().expect("a commit")[..10];
    tess.greenlit(["comment", "hello", "--reply", commit, "-m", "No.\n\nOnly Europe."]).succeeds();
    tess.greenlit(["comment", "hello", "--reply", "0000000000", "-m", "x"]).exits(2).complains("no comment");
    tess.greenlit(["reject", "hello", "--line", "5", "-m", "Untrue"]).succeeds();

    let maya = newsroom.as_person("maya");
    maya.git(["fetch", "-q"]);
    maya.greenlit(["preview", "hello"])
        .shows("Said about it")
        .shows("Only Europe.")
        .shows("Tess Okafor rejected it, line 5");
    maya.edit("posts/hello.md", "world", "Europe").commit("Mean Europe").push();
    let log = maya.greenlit(["log", "hello"]);
    log.shows("Noor Haddad commented on line 5").shows("> Hello, world. (the line has changed since)");
    log.shows("Tess Okafor answered Noor Haddad").shows("Only Europe.").shows("rejected it for its line 5: Untrue");
}

#[test]
fn an_approval_is_taken_back_by_who_gave_it_for_one_account_or_for_all() {
    let newsroom = with_post("hello", HELLO);
    let noor = newsroom.as_person("noor");
    noor.greenlit(["withdraw", "hello"])
        .exits(1)
        .complains("nothing that you approved of hello")
        .complains("greenlit reject hello");
    noor.greenlit(["approve", "hello"]).succeeds();
    newsroom.as_person("li").greenlit(["withdraw", "hello"]).exits(1).complains("nothing that you approved");
    let one = noor.greenlit(["withdraw", "hello", "--account", "outbox/status", "-m", "Wrong place"]);
    one.succeeds()
        .shows("Withdrew your approval of hello")
        .complains("The rest of the same approval stays: 1 delivery");
    assert_eq!(standings(&newsroom), ["ready", "waiting"]);
    noor.greenlit(["withdraw", "hello"]).succeeds();
    assert_eq!(standings(&newsroom), ["waiting", "waiting"]);
    noor.greenlit(["log", "hello"]).shows("Noor Haddad took back the approval").shows("Wrong place");
    noor.greenlit(["approve", "hello"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds();
    noor.greenlit(["withdraw", "hello"]).exits(1).complains("is out already");
}

#[test]
fn a_stand_in_approves_for_who_is_away_and_says_so() {
    let newsroom = with_post("prices", PRICES);
    let away = "[people.tess]\naway = [{ from = 2026-11-28, to = 2026-12-04, stand_in = \"li\" }]";
    newsroom.as_person("maya").edit("roles.toml", "[people.tess]", away).commit("Send Tess on holiday").push();
    newsroom.pin();
    newsroom.as_person("noor").greenlit(["approve", "prices"]).succeeds();
    newsroom.as_person("noor").greenlit(["approve", "prices", "--for", "tess"]).exits(1).complains("would not count");
    let li = newsroom.as_person("li");
    li.greenlit(["approve", "prices", "--for", "tes"]).exits(2).complains("did you mean `tess`?");
    li.greenlit(["approve", "prices"])
        .succeeds()
        .shows("Approved prices for legal, standing in for Tess Okafor")
        .complains("Tess Okafor is away");
    assert_eq!(standings(&newsroom), ["ready"]);
    let message = newsroom.runner().git(["log", "-1", "--format=%B", "origin/greenlit/approvals"]);
    assert!(message.contains("\nGreenlit-For: tess\n"), "{message}");
}
