//! What is posted to Slack, Discord and Telegram, held against the types that are published of it: Slack's own of its webhooks,
//! `discord-api-types`, and grammY's of Telegram's Bot API. The compiler takes no name that a type does not have.

use std::process::Command;

use serde_json::Value;

use super::newsroom::Newsroom;
use super::servers::installed;
use super::stub::{Reply, Stub};

/// Each kind with the beginning of its path, and its type.
const KINDS: [(&str, &str, &str); 3] = [
    ("Slack", "/slack/", "Slack"),
    ("Discord", "/discord/", "RESTPostAPIWebhookWithTokenJSONBody"),
    ("Telegram", "/bot7:secret/", "Parameters<ApiMethods<never>['sendMessage']>[0]"),
];

/// `mrkdwn` is in Slack's reference of a message's payload, and not in the type.
const HEAD: &str = "\
import type { ApiMethods } from '@grammyjs/types';
import type { IncomingWebhookSendArguments } from '@slack/webhook';
import type { RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';
type Slack = IncomingWebhookSendArguments & { mrkdwn?: boolean };
";

/// What the compiler says of these bodies.
fn compiled(newsroom: &Newsroom, bodies: &[(&str, Value)]) -> Result<(), String> {
    let part = installed("chat", "package-lock.json");
    let literals: String =
        bodies.iter().enumerate().map(|(nth, (kind, body))| format!("const of{nth}: {kind} = {body};\n")).collect();
    let folder = newsroom.path().join("types");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("letters.ts"), format!("{HEAD}{literals}")).unwrap();
    let _ = std::os::unix::fs::symlink(part.join("node_modules"), folder.join("node_modules"));
    let output = Command::new(part.join("node_modules/.bin/tsc"))
        .args(["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "letters.ts"])
        .args(["--module", "nodenext", "--moduleResolution", "nodenext"])
        .current_dir(&folder)
        .output()
        .expect("the compiler starts");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

#[test]
fn what_chats_are_posted_is_what_their_types_know() {
    let newsroom = Newsroom::acme();
    let stub = Stub::start(|_| Reply::json(200, serde_json::json!({ "ok": true })));
    let maya = newsroom.as_person("maya");
    let channels: String = ["slack", "discord", "telegram"]
        .map(|kind| format!("[channels.{kind}]\nkind = \"{kind}\"\n[rooms.{kind}]\non = \"{kind}\"\nTO{kind}news = [\"turn\", \"out\", \"hold\"]\n"))
        .concat();
    let channels = channels.replace("TOslack", "").replace("TOdiscord", "").replace("TOtelegram", "to = \"-7\"\n");
    let notify = format!(
        "version = 1\n{channels}[people.noor]\nread = [{{ on = \"slack\", to = \"U0NOOR\" }}]\n\
         [people.li]\nread = [{{ on = \"discord\", to = \"4711\" }}]\n[people.tess]\nread = [{{ on = \"telegram\", to = \"12\" }}]\n"
    );
    let site = maya
        .read("greenlit.toml")
        .replace("[accounts.\"outbox/site\"]\n", "[accounts.\"outbox/site\"]\nurl = \"https://acme.example\"\n");
    maya.write("greenlit.toml", site)
        .write("notify.toml", notify)
        .write("posts/hello.md", "---\ntitle: Hello <b> & `all`\nto: [outbox/site]\n---\nHello.\n")
        .write("posts/prices.md", "---\nto: [outbox/site]\nlabels: [pricing]\npublish_at: 2026-12-24 18:00\n---\nUp.\n")
        .commit("Write two posts")
        .push();
    newsroom.pin();
    let job = newsroom
        .runner()
        .env("GREENLIT_NOTIFY_SLACK_URL", &format!("{}/slack/secret", stub.origin()))
        .env("GREENLIT_NOTIFY_DISCORD_URL", &format!("{}/discord/secret", stub.origin()))
        .env("GREENLIT_NOTIFY_TELEGRAM_URL", &stub.origin())
        .env("GREENLIT_NOTIFY_TELEGRAM_TOKEN", "7:secret");
    job.greenlit(["notify"]).exits(0);
    newsroom.as_person("noor").greenlit(["approve", "hello", "prices", "--yes"]).succeeds();
    job.greenlit(["publish"]).succeeds();
    newsroom.as_person("tess").greenlit(["hold", "prices", "-m", "Not yet"]).succeeds();
    job.clone().at("2026-11-30T11:00:00Z").greenlit(["notify"]).exits(0);

    let seen = stub.seen();
    let of = |path: &str| -> Vec<Value> {
        seen.iter().filter(|seen| seen.path().starts_with(path)).map(|seen| seen.json()).collect()
    };
    let mut bodies: Vec<(&str, Value)> = Vec::new();
    for (_, path, kind) in KINDS {
        let own = of(path);
        assert!(own.len() >= 3, "{path}: {own:?}");
        let text = serde_json::json!(own).to_string();
        assert!(text.contains("https://acme.example/"), "a link to what is out: {text}");
        bodies.extend(own.into_iter().map(|body| (kind, body)));
    }
    compiled(&newsroom, &bodies).unwrap_or_else(|why| panic!("{why}"));

    // It does look.
    for (nth, name) in [
        (0, "text"),
        (0, "elements"),
        (0, "unfurl_links"),
        (1, "content"),
        (1, "parse"),
        (2, "chat_id"),
        (2, "is_disabled"),
    ] {
        let (_, path, kind) = KINDS[nth];
        let wrong = of(path)[0].to_string().replace(&format!("\"{name}\":"), &format!("\"{name}s\":"));
        let wrong = serde_json::from_str(&wrong).unwrap();
        let why = compiled(&newsroom, &[(kind, wrong)]).expect_err(name);
        assert!(why.contains(&format!("'{name}s'")) || why.contains(name), "{name}: {why}");
    }
}
