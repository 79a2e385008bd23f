//! `greenlit notify` on the forge: who is next is mentioned, once, under the pull request that brought the post.

use serde_json::json;

use crate::hub::{self, Hub, NUMBER};
use crate::newsroom::Newsroom;
use crate::stub::Reply;

const LAUNCH: &str =
    "---\ntitle: \"Fixes #3 @mallory [x](https://evil.example)\"\nto: [outbox/site]\n---\nAutumn is here.\n";

/// The issue for all that came by no pull request.
const ISSUE: u64 = 40;

/// A newsroom where everyone reads on the forge, with a merged pull request by Maya.
fn merged(notify: &str) -> (Newsroom, Hub) {
    let (newsroom, hub) = (hub::newsroom(), Hub::open());
    let channels = format!("version = 1\n[channels.forge]\nkind = \"forge\"\nissue = {ISSUE}\n{notify}");
    newsroom.as_person("maya").write("notify.toml", channels).commit("Tell people on the forge").push();
    hub::propose(&newsroom, "posts/launch.md", LAUNCH);
    hub::squash(&newsroom, &hub);
    (newsroom, hub)
}

/// Where something was said, and to whom.
fn to(said: &[(u64, String)]) -> Vec<(u64, &str)> {
    said.iter().map(|(number, text)| (*number, text.lines().next().unwrap_or_default())).collect()
}

const EVERYONE: &str = "[everyone]\nread = [{ on = \"forge\" }]\n";

#[test]
fn who_is_next_is_mentioned_once_under_the_pull_request_that_brought_the_post() {
    let (newsroom, hub) = merged(EVERYONE);
    let job = hub.job(newsroom.runner());
    job.greenlit(["notify"]).exits(0).shows("✓ Noor Haddad was told on forge").shows("✓ Li Wei was told on forge");
    let said = hub.said();
    assert_eq!(to(&said), [(NUMBER, "@li-gh"), (NUMBER, "@noor-gh")]);
    assert_eq!(
        said[1].1,
        "@noor-gh\n\n<p><b>Your turn</b>: approve <code>Fixes #3 @mallory [x](https://evil.example)</code> for \
         <code>editor</code><br><code>outbox/site</code><br><code>greenlit approve launch</code></p>\n"
    );
    job.greenlit(["notify"]).exits(0).shows("Nobody is to be told anything now");
    assert_eq!(hub.said(), []);

    // What was pushed by hand came by no pull request, and a digest of several posts belongs to none.
    let maya = newsroom.as_person("maya");
    maya.pull();
    maya.write("posts/winter.md", "---\nto: [outbox/site]\nlabels: [pricing]\n---\nWinter.\n").commit("Write").push();
    job.greenlit(["notify"]).exits(0);
    assert_eq!(to(&hub.said()), [(ISSUE, "@li-gh"), (ISSUE, "@noor-gh")]);
    newsroom.as_person("noor").greenlit(["hold", "--everything", "-m", "Wait"]).succeeds();
    job.greenlit(["notify"]).exits(0);
    let said = hub.said();
    assert_eq!(to(&said), ["@li-gh", "@maya-gh", "@noor-gh", "@tess-gh"].map(|who| (ISSUE, who)));
    assert!(said[0].1.contains("<b>Held</b>"), "{}", said[0].1);
}

#[test]
fn what_cannot_be_said_there_is_said_elsewhere_or_later_and_never_twice() {
    let (newsroom, hub) = merged(&format!("[channels.hook]\nkind = \"webhook\"\n{EVERYONE}"));
    let job = hub.job(newsroom.runner());
    // It turns people away for now.
    let limited = Reply::json(403, json!({ "message": "You have exceeded a secondary rate limit" }));
    hub.refuses(NUMBER, Some(limited));
    job.greenlit(["notify"]).exits(0).shows("could not be told yet on forge").shows("secondary rate");
    // The pull request is locked.
    hub.refuses(NUMBER, Some(Reply::json(403, json!({ "message": "issue is locked" }))));
    job.clone().at("2026-11-30T09:30:00Z").greenlit(["notify"]).exits(0);
    assert_eq!(to(&hub.said()), [(ISSUE, "@li-gh"), (ISSUE, "@noor-gh")]);

    // An answer is lost: it may stand there.
    let maya = newsroom.as_person("maya");
    maya.pull();
    maya.write("posts/winter.md", "---\nto: [outbox/site]\n---\nWinter.\n").commit("Write").push();
    hub.refuses(ISSUE, Some(Reply::json(502, json!({}))));
    job.clone().at("2026-11-30T10:00:00Z").greenlit(["notify"]).exits(1).shows("may have been told on forge");
    hub.refuses(ISSUE, None);
    job.clone().at("2026-11-30T12:00:00Z").greenlit(["notify"]).exits(1).shows("Nobody knows whether they were told");
    assert_eq!(hub.said(), []);
}

#[test]
fn without_a_token_or_an_account_the_next_channel_is_used() {
    let notify = "[people.noor]\nread = [{ on = \"forge\" }]\n[rooms.desk]\non = \"forge\"\nnews = [\"turn\"]\n";
    let (newsroom, hub) = merged(notify);
    let job = || hub.job(newsroom.runner());
    job().env("GITHUB_TOKEN", "").greenlit(["notify"]).exits(1).shows("Cannot be told").shows("Noor Haddad");
    let maya = newsroom.as_person("maya");
    maya.pull();
    hub.job(maya.clone()).env("GITHUB_TOKEN", "").greenlit(["notify", "test", "noor"]).exits(1).shows("no token");
    hub.job(maya.clone()).greenlit(["notify", "test", "noor"]).exits(0).shows("✓ forge took it");
    hub.job(maya.clone()).greenlit(["notify", "test", "desk"]).exits(0);
    let said = hub.said();
    assert_eq!(to(&said), [(ISSUE, "@noor-gh"), (ISSUE, "<p><b>greenlit can reach you here.</b></p>")]);

    // On the forge where the repository lies now she has no account.
    let table = "github = { login = \"noor-gh\", id = 5551 }";
    maya.edit("roles.toml", table, "gitlab = { login = \"noor-gl\", id = 551 }").commit("Move noor").push();
    newsroom.pin();
    job().greenlit(["notify"]).exits(1).shows("roles.toml names no account of theirs on GitHub");
    assert_eq!(to(&hub.said()).len(), 1, "the room needs none");
}

#[test]
fn the_settings_name_an_issue_and_no_login() {
    let newsroom = hub::newsroom();
    let maya = newsroom.as_person("maya");
    for (text, told) in [
        ("[channels.forge]\nkind = \"forge\"\n", "under an issue, and `issue`"),
        ("[channels.forge]\nkind = \"forge\"\nissue = 0\n", "no issue has the number 0"),
        ("[channels.forge]\nkind = \"webhook\"\nissue = 12\n", "only the forge has issues"),
        (
            "[channels.forge]\nkind = \"forge\"\nissue = 12\n[people.noor]\nread = [{ on = \"forge\", to = \"noor-gh\" }]\n",
            "nobody is found there on the forge",
        ),
    ] {
        maya.write("notify.toml", format!("version = 1\n{text}"));
        maya.greenlit(["check"]).exits(1).shows(told);
    }
}
