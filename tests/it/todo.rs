//! `greenlit todo`: what waits for whom, most urgent first.

use crate::newsroom::Newsroom;
use crate::status::{LI, approval, busy, decide, post};

#[test]
fn everyone_finds_what_waits_for_them_and_a_lead_finds_it_all() {
    let newsroom = busy();
    let tess = newsroom.as_person("tess");
    let said = tess.greenlit(["todo", "--fetch"]);
    let expected = "Todo for Tess Okafor, Mon 30 Nov 10:00

○ Approve prices for legal
    until Wed 2 Dec 10:00, in 2 days; goes out Thu 3 Dec 09:00, in 2 days
    New prices · outbox/site · outbox/status
    greenlit approve prices
";
    assert_eq!(said.exits(1).stdout, expected);
    let said = tess.greenlit(["todo", "--everyone"]);
    said.exits(1).shows(
        "Approve winter for editor\n    goes out Thu 24 Dec 18:00, in 3 weeks\n    for Noor Haddad or Li Wei · Winter",
    );
    assert!(said.stdout.find("prices") < said.stdout.find("winter"), "the most urgent comes first");
    tess.greenlit(["todo", "--for", "Maya Lindqvist"])
        .exits(1)
        .shows("Correct oops\n    posts/oops.md:3:1: there is no key `titel` here")
        .hides("winter");
}

#[test]
fn what_is_rejected_waits_for_its_owner_and_for_who_rejected_it() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: [outbox/site]\nowner: tess\n---\nHello.\n").commit("Say hello").push();
    decide(&newsroom.as_person("li"), LI, "Greenlit-Reject: hello\n");
    for person in ["tess", "li"] {
        let desk = newsroom.as_person(person);
        desk.greenlit(["todo", "--fetch"]).exits(1).shows("Correct hello, or lift its rejection").shows("Li Wei");
    }
    newsroom.as_person("noor").greenlit(["todo", "--fetch"]).exits(0).shows("1 thing waits for others");
}

#[test]
fn a_list_is_somebodys() {
    let newsroom = busy();
    let mallory = newsroom.as_person("mallory");
    mallory.greenlit(["todo"]).exits(2).complains("--for PERSON");
    mallory.greenlit(["todo", "--for", "nor"]).exits(2).complains("there is no person \"nor\"");
}

#[test]
fn what_is_done_waits_for_nobody() {
    let newsroom = busy();
    let (tess, noor) = (newsroom.as_person("tess"), newsroom.as_person("noor"));
    decide(&noor, ("noor", 1), &approval(&noor, "winter", "editor"));
    noor.greenlit(["todo"]).exits(0).shows("Nothing waits here");
    let said = tess.greenlit(["todo", "--fetch", "--format", "json"]).json();
    assert_eq!((&said["person"], &said["tasks"][0]["command"]), (&"tess".into(), &"greenlit approve prices".into()));
    assert_eq!(said["tasks"].as_array().unwrap().len(), 1);
}

#[test]
fn who_is_called_in_a_comment_has_something_to_answer() {
    let newsroom = busy();
    let (noor, tess) = (newsroom.as_person("noor"), newsroom.as_person("tess"));
    noor.greenlit(["comment", "winter", "-m", "Is that right, @tess? And @admin?"]).succeeds();
    tess.greenlit(["todo", "--fetch"]).exits(1).shows("Answer on winter").shows("Noor Haddad wrote: Is that right");
    newsroom.as_person("maya").greenlit(["todo", "--fetch"]).shows("Answer on winter");
    newsroom.as_person("li").greenlit(["todo", "--fetch"]).hides("Answer");
    let task = tess.greenlit(["todo", "--format", "json"]).json()["tasks"][0].clone();
    let reply = task["command"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    tess.greenlit(["comment", "winter", "--reply", &reply, "-m", "It is."]).succeeds();
    tess.greenlit(["todo"]).hides("Answer");
    newsroom.as_person("maya").greenlit(["todo", "--fetch"]).shows("Answer on winter");
}

#[test]
fn a_change_of_the_rules_waits_for_the_admins() {
    let newsroom = busy();
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "editor = [\"noor\", \"li\"]", "editor = [\"noor\"]").commit("Take Li off").push();
    maya.greenlit(["todo", "--fetch"])
        .exits(1)
        .shows("Approve the change of the rules")
        .shows("greenlit approve --policy");
    newsroom.as_person("tess").greenlit(["todo", "--fetch"]).hides("the rules");
    maya.greenlit(["approve", "--policy"]).succeeds();
    maya.greenlit(["todo"]).hides("the rules");
}

#[test]
fn what_is_remembered_of_a_draft_asks_the_same() {
    let newsroom = busy();
    newsroom.as_person("maya").write("posts/sketch.md", post("draft: true\n", "So?")).commit("Sketch").push();
    newsroom.as_person("noor").greenlit(["comment", "sketch", "-m", "Like this, @tess?"]).succeeds();
    let tess = newsroom.as_person("tess");
    let fresh = tess.greenlit(["todo", "--fetch"]).stdout;
    assert!(fresh.contains("Answer on sketch"), "{fresh}");
    assert_eq!(tess.greenlit(["todo"]).stdout, fresh, "the second time from what was remembered");
}
