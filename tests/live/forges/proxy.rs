//! A proxy before a server that plays GitHub in a story: what greenlit asks must be what GitHub's description knows, and what the
//! story answers must be what GitHub could answer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use serde_json::json;

use super::GITHUB;
use super::described::Asked;
use crate::newsroom::Desk;
use crate::stub::{Reply, Seen, Stub};

/// The first fault. From then on no story gets an answer any more, so that none passes over it.
static WRONG: Mutex<Option<String>> = Mutex::new(None);

/// By the address of the server that each stands before. No story has a place for one, so they end with the program.
static PROXIES: Mutex<BTreeMap<String, Stub>> = Mutex::new(BTreeMap::new());

/// The desk as a job of GitHub has it, whose API is this server.
pub fn on_github<'a>(desk: Desk<'a>, stub: &Stub) -> Desk<'a> {
    let mut proxies = PROXIES.lock().unwrap();
    // One for each, since a server is known by its address.
    let proxy = proxies.entry(stub.origin()).or_insert_with(|| {
        let origin = stub.origin();
        Stub::start(move |seen| passed_on(&origin, seen))
    });
    let desk = desk.env("GITHUB_API_URL", &proxy.origin()).env("GITHUB_REPOSITORY", "acme/posts");
    desk.env("GITHUB_TOKEN", "ghs_correct-horse-battery")
}

fn passed_on(origin: &str, seen: &Seen) -> Reply {
    let mut wrong = WRONG.lock().unwrap();
    if wrong.is_none() {
        match held(origin, seen) {
            Ok(reply) => return reply,
            Err(why) => *wrong = Some(why),
        }
    }
    Reply::json(418, json!({ "message": format!("GitHub's description: {}", wrong.as_deref().unwrap_or_default()) }))
}

fn held(origin: &str, seen: &Seen) -> Result<Reply, String> {
    let asked = Asked { method: &seen.method, target: &seen.target, body: &seen.body };
    let operation = GITHUB.ask(&asked)?;
    let reply = answer_of(origin, seen);
    if let Reply::Answer { status: 200..300, body, .. } = &reply {
        operation.is_part_of_an_answer(body)?;
    }
    Ok(reply)
}

/// What the story answers.
fn answer_of(origin: &str, seen: &Seen) -> Reply {
    let mut stream = TcpStream::connect(origin.trim_start_matches("http://")).unwrap();
    let mut request = format!("{} {} HTTP/1.1\r\n", seen.method, seen.target).into_bytes();
    for (name, value) in &seen.headers {
        request.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    request.extend(b"\r\n");
    request.extend(&seen.body);
    stream.write_all(&request).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Reply::HangUp };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let body = answer[end + 4..].to_vec();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        match name {
            "Content-Length" if value.parse() != Ok(body.len()) => return Reply::Cut,
            "Content-Length" | "Connection" => {}
            _ => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    Reply::Answer { status, headers, body }
}
