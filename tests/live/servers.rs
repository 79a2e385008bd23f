//! Real servers on this machine. Each is started by the test that needs it, and ends with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Where `tests/live/install` put a part of the suite, which must be the one that the repository asks for.
pub fn installed(part: &str, lock: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("live").join(part);
    let wanted = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live").join(part).join(lock)).unwrap();
    let there = std::fs::read(folder.join("installed")).is_ok_and(|installed| installed == wanted);
    assert!(there, "the live suite's {part} is missing or old. To install it:\n\n    bash tests/live/install\n");
    folder
}

/// A process that is killed by its id when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The AT Protocol's reference server with its directory, and two accounts.
pub struct Pds {
    /// `http://127.0.0.1:49152`
    pub origin: String,
    /// The accounts: handle, DID, app password.
    pub accounts: Vec<PdsAccount>,
    process: Process,
}

/// An account on it.
pub struct PdsAccount {
    pub handle: String,
    pub did: String,
    pub password: String,
}

impl Pds {
    pub fn start() -> Self {
        let folder = installed("pds", "package-lock.json");
        let mut child = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/pds/launch.cjs"))
            .current_dir(&folder)
            .env("NODE_PATH", folder.join("node_modules"))
            // It ends, and clears up, when its standard input closes.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is missing: install Node 20");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let process = Process(child);
        let told: Value = serde_json::from_str(&line).expect("the server starts");
        let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
        let accounts = told["accounts"].as_array().unwrap().iter();
        let accounts = accounts.map(|account| PdsAccount {
            handle: text(account, "handle"),
            did: text(account, "did"),
            password: text(account, "password"),
        });
        Self { origin: text(&told, "origin"), accounts: accounts.collect(), process }
    }

    /// Asks it something, as anybody could.
    pub fn get(&self, method: &str, query: &[(&str, &str)]) -> Value {
        get(&self.origin, &format!("xrpc/{method}"), query, None)
    }

    /// The first account's posts, oldest first: `uri`, `cid`, `value`.
    pub fn posts(&self) -> Vec<Value> {
        let query = [
            ("repo", self.accounts[0].handle.as_str()),
            ("collection", "app.bsky.feed.post"),
            ("reverse", "true"),
            ("limit", "100"),
        ];
        self.get("com.atproto.repo.listRecords", &query)["records"].as_array().unwrap().clone()
    }
}

impl Drop for Pds {
    fn drop(&mut self) {
        drop(self.process.0.stdin.take());
        let until = Instant::now() + Duration::from_secs(10);
        while matches!(self.process.0.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A server with Mastodon's API.
pub struct Mastodon {
    /// `http://127.0.0.1:49152`
    pub origin: String,
    _process: Process,
}

impl Mastodon {
    /// Whom [`Mastodon::TOKEN`] belongs to.
    pub const HANDLE: &str = "testuser";
    /// The token that the server knows.
    pub const TOKEN: &str = "mock_token";

    pub fn start() -> Self {
        let program = installed("mastodon", "requirements.txt").join("bin/mastodon_mock");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(["serve", "--in-memory", "--host", "127.0.0.1", "--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut process = Process(child);
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(matches!(process.0.try_wait(), Ok(None)) && Instant::now() < until, "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { origin: format!("http://127.0.0.1:{port}"), _process: process }
    }

    /// Asks it something, as the account.
    pub fn get(&self, path: &str) -> Value {
        get(&self.origin, path, &[], Some(Self::TOKEN))
    }

    /// The account's posts, oldest first.
    pub fn posts(&self) -> Vec<Value> {
        let id = self.get("api/v1/accounts/verify_credentials")["id"].as_str().unwrap().to_owned();
        let mut posts = self.get(&format!("api/v1/accounts/{id}/statuses")).as_array().unwrap().clone();
        posts.reverse();
        posts
    }
}

/// What a server answered.
pub struct Answer {
    pub status: u16,
    /// Its `Content-Type`.
    pub kind: String,
    pub body: Vec<u8>,
}

/// A plain request: the tests do not read back through the code that they test.
pub fn ask(origin: &str, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> Answer {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    // Version 1.0: the answer ends with the connection, and comes in one piece.
    let mut head = format!("{method} {target} HTTP/1.0\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let kind = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    Answer { status, kind: kind.unwrap_or_default(), body: answer[end + 4..].to_vec() }
}

fn get(origin: &str, path: &str, query: &[(&str, &str)], token: Option<&str>) -> Value {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let token = token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}")));
    let answer = ask(origin, "GET", &format!("/{path}?{query}"), &Vec::from_iter(token), b"");
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}
