//! What others wrote is inert on every channel, and no message is longer than a channel takes.

use chrono::{DateTime, Utc};

use super::*;
use crate::ledger::{NewsKey, NewsKind};
use crate::notify::{Item, News, ReaderName, What};
use crate::workspace::{AccountName, PostId};

const EVIL: &str = "<!channel> <@U1> @everyone @here [x](https://evil.example) **b** `c` <b>h</b> https://evil.example www.evil.example\n/start \u{202e}#tag &amp; ::set-output x::y";

fn now() -> DateTime<Utc> {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn item(title: &str, what: What) -> Item {
    let post = PostId::new("launch").unwrap();
    Item {
        key: NewsKey { reader: "noor".into(), kind: NewsKind::Turn, subject: "launch".into() },
        covers: Vec::new(),
        news: News {
            kind: NewsKind::Turn,
            subject: "launch".into(),
            people: ["noor".to_owned()].into(),
            when_late: Default::default(),
            deadline: Some(now()),
            at: None,
            post: Some(post),
            title: title.to_owned(),
            accounts: vec![AccountName::new("outbox/site").unwrap()],
            what,
            command: Some("greenlit approve launch".to_owned()),
        },
        fallen: true,
    }
}

fn message(items: Vec<Item>) -> Message {
    Message {
        reader: ReaderName::Person("noor".into()),
        place: Place { channel: "team".into(), to: Some("42".into()) },
        id: "0123".into(),
        instead_of: vec!["mail".into()],
        digest: true,
        items,
    }
}

fn form(items: Vec<Item>, kind: ChannelKind) -> String {
    match letter(&message(items), kind, &Roles::default(), Tz::UTC, now()) {
        Letter::Json(value) => value.to_string(),
        Letter::Mail { subject, text } => format!("{subject}\n{text}"),
        Letter::Comment(text) => text,
    }
}

const KINDS: [ChannelKind; 7] = [
    ChannelKind::Slack,
    ChannelKind::Discord,
    ChannelKind::Matrix,
    ChannelKind::Telegram,
    ChannelKind::Email,
    ChannelKind::Webhook,
    ChannelKind::Forge,
];

fn everything(evil: &str) -> Vec<What> {
    let evil = || evil.to_owned();
    let account = AccountName::new("outbox/site").unwrap();
    vec![
        What::Approve { stage: Some(evil()), due: Some(now()) },
        What::Do { task: "correct it", why: evil() },
        What::Fallen,
        What::Out { links: vec![(account.clone(), Some("javascript:alert(1)".into())), (account, Some(evil()))] },
        What::Failed { how: "Failed", why: evil() },
        What::PolicyWaits { why: evil() },
        What::PolicyInForce { by: vec![evil()] },
        What::Held { scope: evil(), by: evil(), why: evil() },
        What::Resumed { scope: evil(), why: evil() },
    ]
}

#[test]
fn what_others_wrote_calls_nobody_and_is_no_markup() {
    for what in everything(EVIL) {
        let items = || vec![item(EVIL, what.clone())];
        let slack = form(items(), ChannelKind::Slack);
        assert!(!slack.contains("\"type\":\"link\"") && !slack.contains("mrkdwn\":true"), "{slack}");
        let text = serde_json::from_str::<serde_json::Value>(&slack).unwrap()["text"].as_str().unwrap().to_owned();
        assert!(!text.contains('<') && !text.contains("@everyone"), "{text}");

        let discord: serde_json::Value = serde_json::from_str(&form(items(), ChannelKind::Discord)).unwrap();
        assert_eq!(discord["allowed_mentions"], serde_json::json!({ "parse": [], "users": ["42"] }));
        let content = discord["content"].as_str().unwrap();
        // Outside of code there are only our own words.
        let outside: String = content.split('`').step_by(2).collect();
        assert_eq!(content.matches('`').count() % 2, 0, "{content}");
        for evil in ["evil", "everyone", "@here", "[x]", "<b>", "U1"] {
            assert!(!outside.contains(evil), "{evil} in {outside}");
        }

        for kind in [ChannelKind::Telegram, ChannelKind::Matrix] {
            let body: serde_json::Value = serde_json::from_str(&form(items(), kind)).unwrap();
            let html = body.get("formatted_body").unwrap_or(&body["text"]).as_str().unwrap().to_owned();
            let outside: String =
                html.split("<code>").map(|part| part.split("</code>").last().unwrap_or_default()).collect();
            for evil in ["evil", "everyone", "<b>h", "#tag", "/start"] {
                assert!(!outside.contains(evil), "{evil} in {html}");
            }
            assert!(!html.contains("<@") && !html.contains("<!"), "{html}");
        }
        let matrix = form(items(), ChannelKind::Matrix);
        assert!(matrix.contains("\"m.mentions\":{}"), "{matrix}");

        let comment = form(items(), ChannelKind::Forge);
        let (mention, rest) = comment.split_once("\n\n").unwrap();
        assert_eq!(mention, "@42");
        // No line begins with somebody's text, none is empty, and what is not code does nothing.
        assert!(rest.lines().all(|line| line.starts_with("<p>") && line.ends_with("</p>")), "{rest}");
        let outside: String =
            rest.split("<code>").map(|part| part.split("</code>").last().unwrap_or_default()).collect();
        for evil in ["evil", "@", "[x]", "**", "<b>h", "#tag", "/start", "::set-output", "<a "] {
            assert!(!outside.contains(evil), "{evil} in {rest}");
        }

        let mail = form(items(), ChannelKind::Email);
        assert!(!mail.contains("https://") && !mail.contains("www.evil") && !mail.contains('\u{202e}'), "{mail}");
        assert!(!mail.lines().next().unwrap().contains(char::is_control), "{mail}");
    }
}

#[test]
fn only_what_a_network_told_is_a_link() {
    let account = AccountName::new("mastodon/acme").unwrap();
    let good = "https://social.example/@acme/1";
    let what = What::Out { links: vec![(account, Some(good.to_owned()))] };
    for (kind, link) in [
        (ChannelKind::Slack, format!("{{\"type\":\"link\",\"url\":\"{good}\"}}")),
        (ChannelKind::Discord, format!("<{good}>")),
        (ChannelKind::Telegram, format!("<a href=\\\"{good}\\\">{good}</a>")),
        (ChannelKind::Matrix, format!("<a href=\\\"{good}\\\">{good}</a>")),
        (ChannelKind::Forge, format!("<a href=\"{good}\">{good}</a>")),
        (ChannelKind::Email, good.to_owned()),
    ] {
        let text = form(vec![item("Launch", what.clone())], kind);
        assert!(text.contains(&link), "{kind:?}: {text}");
    }
}

#[test]
fn no_reader_of_mail_finds_an_address_in_what_others_wrote() {
    // Letters on both sides of a dot, as programs look for them.
    let address = regex::Regex::new(r"[\p{L}\p{N}]\.\p{L}{2}|://\w|\w@\w").unwrap();
    let texts = [
        "evil.example",
        "Pay at evil.example/pay!",
        "mail eve@evil.example now",
        "https://evil.example",
        "www.evil.example",
        "v1.2 at 9.30.",
    ];
    for text in texts {
        for what in [What::Do { task: "correct it", why: text.to_owned() }, What::Fallen] {
            for kind in [ChannelKind::Email, ChannelKind::Slack] {
                let said = form(vec![item(text, what.clone())], kind);
                assert!(!address.is_match(&said), "{said}");
            }
        }
    }
    // What is typed is left as it is.
    let mut one = item("Launch", What::Fallen);
    one.news.command = Some("greenlit approve launch.example".to_owned());
    assert!(form(vec![one], ChannelKind::Email).contains("greenlit approve launch.example"));
}

#[test]
fn no_message_is_longer_than_its_channel_takes() {
    let long = "äöü𝕏 https://x.example/".repeat(200);
    for what in everything(&long) {
        for kind in KINDS {
            let items: Vec<Item> = (0..30).map(|_| item(&long, what.clone())).collect();
            match letter(&message(items), kind, &Roles::default(), Tz::UTC, now()) {
                Letter::Json(body) => match kind {
                    ChannelKind::Discord => {
                        let content = body["content"].as_str().unwrap();
                        assert!(content.encode_utf16().count() <= 2_000, "{content}");
                        assert!(
                            !matches!(what, What::Approve { .. }) || content.contains("things more: "),
                            "{content}"
                        );
                    }
                    ChannelKind::Telegram => {
                        let text = body["text"].as_str().unwrap();
                        assert!(text.encode_utf16().count() <= 4_096, "{text}");
                        assert_eq!(text.matches("<code>").count(), text.matches("</code>").count());
                    }
                    ChannelKind::Slack => assert!(body.to_string().len() < 13_000, "{body}"),
                    _ => assert!(body.to_string().len() < 65_536, "{kind:?} {body}"),
                },
                Letter::Mail { text, .. } => assert!(text.len() < 100_000),
                Letter::Comment(text) => assert!(text.len() <= 60_000),
            }
        }
    }
}

#[test]
fn a_notice_says_what_until_when_and_what_to_type() {
    let mut one = item("Autumn launch", What::Approve { stage: Some("editor".into()), due: None });
    one.news.deadline = Some("2026-12-02T08:00:00Z".parse().unwrap());
    let expected = "\
Your turn: approve Autumn launch for editor
It was changed since you approved it, so that approval does not count any more.
until Wed 2 Dec 08:00, in 24 hours
outbox/site
greenlit approve launch

You are told here because mail cannot be used now.";
    assert_eq!(text(&message(vec![one]), &Roles::default(), Tz::UTC, now()), expected);
}
