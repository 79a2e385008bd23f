//! Networks on this machine that take their time to answer, keep their connections open, and hold nothing of what they are
//! given but how often, and how much.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write, copy, sink};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What the server says a film may weigh.
const FILM: u64 = 400_000_000;
/// Who the accounts are on Bluesky.
const DID: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

/// The server. It goes on until the program ends.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// What it was asked.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Posts by the secret of their account.
    pub posts: BTreeMap<String, usize>,
    /// Bytes of the files.
    pub uploaded: u64,
    /// All requests.
    pub requests: usize,
    /// When the first post came, and when the last was answered.
    pub posting: Option<(Instant, Instant)>,
}

/// A request, whose body was read and let go.
struct Request {
    target: String,
    bearer: String,
    body: Value,
    size: u64,
    closes: bool,
}

impl Server {
    /// Starts it.
    pub fn start(latency: Duration) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, seen) = (listener.local_addr()?, Arc::default());
        let inside: Arc<Mutex<Seen>> = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&inside);
                thread::spawn(move || serve(&stream, latency, &seen));
            }
        });
        Ok(Self { address, seen })
    }

    /// `127.0.0.1:49152`
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// What it was asked since this was asked for last.
    pub fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seen {
    /// All posts.
    pub fn posted(&self) -> usize {
        self.posts.values().sum()
    }

    /// The posts of the account that has most of them.
    pub fn busiest(&self) -> usize {
        self.posts.values().copied().max().unwrap_or_default()
    }

    /// From the first post to the last answer.
    pub fn sending(&self) -> Duration {
        self.posting.map_or(Duration::ZERO, |(first, last)| last.duration_since(first))
    }
}

fn serve(stream: &TcpStream, latency: Duration, seen: &Mutex<Seen>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    while let Ok(request) = read(&mut reader) {
        let came = Instant::now();
        thread::sleep(latency);
        let answer = answer(&request, came, seen).to_string();
        let closes = if request.closes { "Connection: close\r\n" } else { "" };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{closes}Content-Length: {}", answer.len());
        let mut stream = stream;
        if stream.write_all(format!("{head}\r\n\r\n{answer}").as_bytes()).is_err() || request.closes {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Result<Request> {
    let (mut target, mut bearer, mut length, mut json, mut closes) = (String::new(), String::new(), 0, false, false);
    let (mut chunked, mut line) = (false, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) => match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(Error::other)?,
                "content-type" => json = value.starts_with("application/json"),
                "authorization" => bearer = value.trim_start_matches("Bearer ").to_owned(),
                "connection" => closes = value == "close",
                "transfer-encoding" => chunked = value == "chunked",
                _ => {}
            },
            None if line.trim_end().is_empty() => break,
            None => target = line.split(' ').nth(1).unwrap_or_default().to_owned(),
        }
    }
    if chunked {
        return Err(Error::other("nothing here sends a body of unknown length"));
    }
    let mut body = reader.take(length);
    let value = if json { serde_json::from_reader(&mut body).unwrap_or_default() } else { Value::Null };
    copy(&mut body, &mut sink())?;
    Ok(Request { target, bearer, body: value, size: length, closes })
}

fn answer(request: &Request, came: Instant, seen: &Mutex<Seen>) -> Value {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.requests += 1;
    let path = request.target.split('?').next().unwrap_or_default();
    let mut posted = |secret: &str| {
        *seen.posts.entry(secret.to_owned()).or_default() += 1;
        let now = Instant::now();
        seen.posting = Some((seen.posting.map_or(came, |(first, _)| first), now));
        seen.posted().to_string()
    };
    match path.rsplit('/').next().unwrap_or_default() {
        "verify_credentials" => json!({ "id": "7", "username": "acme" }),
        "instance" => json!({
            "domain": "acme.example",
            "configuration": { "media_attachments": { "video_size_limit": FILM, "image_size_limit": FILM } },
        }),
        "media" => {
            seen.uploaded += request.size;
            json!({ "id": "110", "url": "https://acme.example/film" })
        }
        "statuses" => {
            let id = posted(&request.bearer);
            let url = format!("https://acme.example/@acme/{id}");
            json!({ "id": id, "uri": url, "url": url })
        }
        "com.atproto.server.createSession" => {
            let (token, handle) = (&request.body["password"], &request.body["identifier"]);
            json!({ "did": DID, "handle": handle, "accessJwt": token, "refreshJwt": token, "active": true })
        }
        "com.atproto.repo.putRecord" | "com.atproto.repo.createRecord" => {
            let id = posted(&request.bearer);
            json!({ "uri": format!("at://{DID}/app.bsky.feed.post/{id}"), "cid": format!("cid-{id}") })
        }
        _ => json!({}),
    }
}
