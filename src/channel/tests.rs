//! What each channel is handed, and what its answers come to.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use serde_json::json;

use super::*;
use crate::http::stub::{Reply, Stub};

fn channel(kind: ChannelKind) -> Channel {
    let from = (kind == ChannelKind::Email).then(|| "greenlit@acme.example".to_owned());
    Channel { name: "team".to_owned(), kind, from, issue: None }
}

fn surroundings(secrets: &[(&str, &str)]) -> Surroundings {
    let secrets = secrets.iter().map(|(end, text)| ((*end).to_owned(), Secret::new((*text).to_owned())));
    let now = "2026-12-01T08:00:00Z".parse().unwrap();
    Surroundings { now, secrets: secrets.collect(), trace: None }
}

fn place(to: Option<&str>) -> Place {
    Place { channel: "team".to_owned(), to: to.map(str::to_owned) }
}

fn send(kind: ChannelKind, to: Option<&str>, secrets: &[(&str, &str)]) -> Result<(), SendError> {
    let letter = match kind {
        ChannelKind::Email => Letter::Mail { subject: "greenlit: Grüße".to_owned(), text: "Hé\n.\nx".to_owned() },
        _ => Letter::Json(json!({ "text": "Your turn" })),
    };
    say(&channel(kind), &place(to), &letter, "0123abcd", &surroundings(secrets))
}

#[test]
fn each_channel_is_asked_as_its_maker_says() {
    let stub = Stub::replies(vec![Reply::json(200, json!({}))]);
    let origin = stub.origin();
    let secret = format!("{origin}/services/T1/B1/hunter22");
    send(ChannelKind::Slack, None, &[("URL", &secret)]).unwrap();
    send(ChannelKind::Discord, None, &[("URL", &secret)]).unwrap();
    send(ChannelKind::Webhook, None, &[("URL", &secret)]).unwrap();
    send(ChannelKind::Matrix, Some("!a/b:x.example"), &[("URL", &origin), ("TOKEN", "hunter22")]).unwrap();
    send(ChannelKind::Telegram, Some("-7"), &[("URL", &origin), ("TOKEN", "12:hunter22")]).unwrap();
    let seen = stub.seen();
    let asked: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(
        asked,
        [
            "POST /services/T1/B1/hunter22",
            "POST /services/T1/B1/hunter22?wait=true",
            "POST /services/T1/B1/hunter22",
            "PUT /_matrix/client/v3/rooms/!a%2Fb:x.example/send/m.room.message/0123abcd",
            "POST /bot12:hunter22/sendMessage",
        ]
    );
    assert!(seen.iter().all(|seen| seen.json() == json!({ "text": "Your turn" })));
    assert_eq!(seen[2].header("greenlit-delivery"), Some("0123abcd"));
    assert_eq!(seen[3].header("authorization"), Some("Bearer hunter22"));
    assert!(seen[4].header("authorization").is_none());
}

#[test]
fn an_answer_tells_what_was_surely_not_said() {
    let all = [
        (ChannelKind::Slack, None),
        (ChannelKind::Discord, None),
        (ChannelKind::Matrix, Some("!a:x")),
        (ChannelKind::Telegram, Some("7")),
        (ChannelKind::Webhook, None),
    ];
    for (kind, to) in all {
        for (reply, expected) in [
            (Reply::json(429, json!({ "retry_after": 90.5 })), "not sent until 08:01:30"),
            (Reply::json(429, json!({ "parameters": { "retry_after": 90 } })), "not sent until 08:01:30"),
            (Reply::json(429, json!({ "retry_after_ms": 90_000 })), "not sent until 08:01:30"),
            (Reply::json(429, json!({ "retry_after": 1e18 })), "not sent until 08:00:00"),
            (Reply::json(429, json!({})).with("Retry-After", "60"), "not sent until 08:01:00"),
            (Reply::json(503, json!({})), "not sent"),
            (Reply::json(400, json!({ "error": "hunter22" })), "refused"),
            (Reply::json(401, json!({})), "credentials"),
            (Reply::json(403, json!({ "error": "https://x/hunter22" })), "credentials"),
            (Reply::json(404, json!({})), "credentials"),
            (Reply::json(410, json!({})), "credentials"),
            (Reply::json(500, json!({})), "ambiguous"),
            (Reply::HangUp, "ambiguous"),
            (Reply::Cut, "fine"),
            (Reply::json(302, json!({})).with("Location", "https://evil.example/"), "ambiguous"),
            (Reply::json(308, json!({})).with("Location", "https://evil.example/"), "not sent"),
        ] {
            let stub = Stub::replies(vec![reply.clone()]);
            let url = match kind {
                ChannelKind::Matrix | ChannelKind::Telegram => stub.origin(),
                _ => format!("{}/services/hunter22", stub.origin()),
            };
            let result = send(kind, to, &[("URL", &url), ("TOKEN", "hunter22")]);
            let told = match &result {
                Ok(()) => "fine".to_owned(),
                Err(SendError::NotSent { retry_at: Some(at), .. }) => {
                    format!("not sent until {}", at.format("%H:%M:%S"))
                }
                Err(SendError::NotSent { .. }) => "not sent".to_owned(),
                Err(SendError::Refused { .. }) => "refused".to_owned(),
                Err(SendError::Credentials { .. }) => "credentials".to_owned(),
                Err(SendError::Ambiguous { .. }) => "ambiguous".to_owned(),
            };
            assert_eq!(told, expected, "{kind:?} {reply:?} {result:?}");
            assert!(!format!("{result:?}").contains("hunter22"), "{kind:?} {reply:?} {result:?}");
        }
    }
}

#[test]
fn what_is_no_address_of_a_channel_is_never_asked() {
    for (url, reason) in [
        ("", "GREENLIT_NOTIFY_TEAM_URL is not set"),
        ("hunter22", "GREENLIT_NOTIFY_TEAM_URL is no address"),
        ("https://noor:hunter22@x.example/y", "a name or a password"),
        ("http://93.184.216.34/hunter22", "http"),
        ("https://10.0.0.1/hunter22", "10.0.0.1"),
    ] {
        let error = send(ChannelKind::Slack, None, &[("URL", url)]).unwrap_err();
        let text = format!("{error:?}");
        assert!(matches!(error, SendError::Credentials { .. }) && text.contains(reason), "{url}: {text}");
        assert!(!text.contains("hunter22") || url == "hunter22" && !text.contains("\"hunter22\""), "{text}");
    }
}

/// A mail server that says these lines, one for each that it hears, and then what it heard.
fn mail_server(lines: &'static [&'static str]) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut heard, mut in_mail) = (String::new(), false);
        let _ = stream.write_all(b"220 hello\r\n");
        let mut answers = lines.iter();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
            heard += &line;
            if in_mail && line != ".\r\n" {
                continue;
            }
            let Some(answer) = answers.next() else { break };
            in_mail = answer.starts_with("354");
            let _ = stream.write_all(answer.as_bytes());
        }
        drop(stream);
        let _ = send.send(heard);
    });
    (port, receive)
}

#[test]
fn a_mail_is_handed_over_whole() {
    let lines =
        &["250-hello\r\n250 8BITMIME\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 taken\r\n", "221 bye\r\n"];
    let (port, heard) = mail_server(lines);
    send(ChannelKind::Email, Some("noor@acme.example"), &[("URL", &format!("smtp://127.0.0.1:{port}"))]).unwrap();
    let heard = heard.recv().unwrap();
    for expected in [
        "MAIL FROM:<greenlit@acme.example>",
        "RCPT TO:<noor@acme.example>",
        "Subject: greenlit: =?utf-8?",
        "Message-ID: <0123abcd.greenlit@acme.example>",
        "Auto-Submitted: auto-generated",
        "Date: Tue, 01 Dec 2026 08:00:00 +0000",
    ] {
        assert!(heard.contains(expected), "{expected} in\n{heard}");
    }
}

#[test]
fn a_mail_is_in_doubt_only_once_all_of_it_was_sent() {
    let ok = "250 ok\r\n";
    let cases: [(&'static [&'static str], &str); 6] = [
        (&["421 not now\r\n"], "NotSent"),
        (&["250 hello\r\n", "550 who is hunter22?\r\n"], "Refused"),
        (&["250 hello\r\n", "250 ok\r\n", "451 later\r\n"], "NotSent"),
        (&["250 hello\r\n", "250 ok\r\n"], "NotSent"),
        (&["250 hello\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"], "Ambiguous"),
        (&["250 hello\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "554 spam\r\n"], "Refused"),
    ];
    for (lines, expected) in cases {
        let (port, _heard) = mail_server(lines);
        let url = format!("smtp://127.0.0.1:{port}");
        let error = format!("{:?}", send(ChannelKind::Email, Some("noor@acme.example"), &[("URL", &url)]).unwrap_err());
        assert!(error.starts_with(expected) && !error.contains("hunter22"), "{lines:?} {ok}: {error}");
    }
    // Nothing is said in the clear to another machine, and no password either.
    let (port, heard) = mail_server(&["250 hello\r\n"]);
    let url = format!("smtp://noor:hunter22@127.0.0.1:{port}");
    let error = send(ChannelKind::Email, Some("noor@acme.example"), &[("URL", &url)]).unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");
    assert!(!heard.recv().unwrap().contains("hunter22"), "the server knows no way to log in");
    assert!(error.to_string().contains("no way to log in"), "{error}");
    for url in ["https://x.example", "smtps:x", "mail"] {
        let error = send(ChannelKind::Email, Some("noor@acme.example"), &[("URL", url)]).unwrap_err();
        assert!(matches!(error, SendError::Credentials { .. }), "{url}: {error:?}");
    }
}
