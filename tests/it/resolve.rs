//! `greenlit resolve`: what nobody could know, somebody finds out.

use crate::newsroom::{Desk, Newsroom, Said};
use crate::publish::approve;
use crate::stub::{Reply, Stub};

const POST: &str = "---\nto: [webhook/crm]\n---\nOne.\n\n---\n\nTwo.\n";

/// A post in two parts for a webhook, approved.
fn newsroom() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let settings = maya.read("greenlit.toml");
    maya.write("greenlit.toml", settings + "\n[accounts.\"webhook/crm\"]\n").write("posts/news.md", POST);
    maya.commit("Tell the customers").push();
    newsroom.pin();
    approve(&newsroom, "news");
    newsroom
}

fn publish(newsroom: &Newsroom, hook: &Stub) -> Said {
    newsroom.runner().env("GREENLIT_WEBHOOK_CRM_URL", &format!("{}/in", hook.origin())).greenlit(["publish"])
}

/// The texts that arrived, in order.
fn arrived(hook: &Stub) -> Vec<String> {
    hook.seen().iter().map(|seen| seen.json()["text"].as_str().unwrap().to_owned()).collect()
}

/// The first part is taken, and the answer to the second is lost.
fn in_doubt(newsroom: &Newsroom) -> Stub {
    let hook = Stub::replies(vec![
        Reply::json(200, serde_json::json!({})),
        Reply::HangUp,
        Reply::json(200, serde_json::json!({})),
    ]);
    publish(newsroom, &hook).exits(4).shows("uncertain");
    hook
}

fn noor(newsroom: &Newsroom) -> Desk<'_> {
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q", "origin"]);
    noor
}

#[test]
fn what_somebody_finds_there_is_out_and_never_sent_again() {
    let newsroom = newsroom();
    let hook = in_doubt(&newsroom);
    let noor = noor(&newsroom);
    noor.greenlit(["status"]).exits(1).shows("greenlit resolve news --account webhook/crm");
    newsroom.as_person("maya").greenlit(["todo", "--fetch"]).shows("greenlit resolve news");
    publish(&newsroom, &hook);
    assert_eq!(arrived(&hook), ["One.", "Two."], "nothing is sent blind");
    let said = noor.greenlit(["resolve", "news", "--sent", "https://crm.example/2", "-m", "Seen in the CRM"]);
    said.succeeds().shows("is in doubt:").shows("look for: Two.").shows("never sends it");
    noor.greenlit(["status"]).shows("Noor Haddad found it there");
    noor.greenlit(["resolve", "news", "--not-sent"]).exits(1).complains("Noor Haddad said already");
    publish(&newsroom, &hook).succeeds();
    assert_eq!(arrived(&hook), ["One.", "Two."]);
    noor.git(["fetch", "-q", "origin"]);
    let log = noor.greenlit(["log", "news"]);
    log.shows("Noor Haddad found it on webhook/crm: Seen in the CRM").shows("https://crm.example/2");
    noor.greenlit(["resolve", "news", "--sent", "https://crm.example/2"]).exits(2).complains("in doubt");
}

#[test]
fn what_is_not_there_is_sent_by_the_next_run_and_once() {
    let newsroom = newsroom();
    let hook = in_doubt(&newsroom);
    let said = noor(&newsroom).greenlit(["resolve", "posts/news.md", "--account", "webhook/crm", "--not-sent"]);
    said.succeeds().shows("sends what is missing");
    publish(&newsroom, &hook).succeeds();
    publish(&newsroom, &hook).succeeds();
    assert_eq!(arrived(&hook), ["One.", "Two.", "Two."], "it said that the second was not there");
}

#[test]
fn what_makes_no_sense_or_would_not_count_is_said_before_anything_is_signed() {
    let newsroom = newsroom();
    noor(&newsroom).greenlit(["resolve", "news", "--not-sent"]).exits(2).complains("nothing of news is in doubt");
    let _hook = in_doubt(&newsroom);
    let noor = noor(&newsroom);
    noor.greenlit(["resolve", "news"]).exits(2);
    noor.greenlit(["resolve", "nothing", "--not-sent"]).exits(2);
    let two = ["--sent", "https://crm.example/1", "--sent", "https://crm.example/2"];
    noor.greenlit(["resolve", "news"].into_iter().chain(two)).exits(2).complains("1 part is of it in doubt");
    noor.greenlit(["resolve", "news", "--sent", "file:///etc/passwd"]).exits(2).complains("no address");
    let mallory = newsroom.as_person("mallory");
    mallory.greenlit(["resolve", "news", "--not-sent"]).exits(1).complains("would not count");
    assert!(
        noor.try_git(["log", "--grep=Greenlit-Resolve", "origin/greenlit/approvals"]).is_ok_and(|log| log.is_empty())
    );
}
