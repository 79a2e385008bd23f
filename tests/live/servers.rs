//! Real servers on this machine. Each is started by the test that needs it, and ends with it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Where `tests/live/install` put the servers.
fn installed() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("live");
    assert!(folder.join("pds/installed").exists(), "run tests/live/install first");
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
        let folder = installed().join("pds");
        let mut child = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/pds/launch.cjs"))
            .current_dir(&folder)
            .env("NODE_PATH", folder.join("node_modules"))
            // It ends, and clears up, when its standard input closes.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
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
        let program = installed().join("mastodon/bin/mastodon_mock");
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
}

/// A plain request: the tests do not read back through the code that they test.
fn get(origin: &str, path: &str, query: &[(&str, &str)], token: Option<&str>) -> Value {
    use std::io::{Read, Write};
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    // Version 1.0: the answer ends with the connection, and comes in one piece.
    write!(stream, "GET /{path}?{query} HTTP/1.0\r\nHost: {host}\r\n{token}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{path}: {answer}");
    serde_json::from_str(body).unwrap()
}
