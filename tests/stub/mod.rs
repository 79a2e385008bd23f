//! A server on this machine that answers as it is told, and remembers what it was asked. For faults that no real
//! server would show on demand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST`
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers.
    Answer {
        /// `200`
        status: u16,
        /// Beside `Content-Length`.
        headers: Vec<(String, String)>,
        /// The body's bytes.
        body: Vec<u8>,
    },
    /// Closes the connection without a word.
    HangUp,
    /// Says nothing until the client goes away.
    Silence,
    /// Begins an answer of 1000 bytes, and says nothing more until the client goes away.
    Stall,
    /// Answers with nothing, so much later.
    Late(Duration),
    /// Promises more JSON than it sends.
    Cut,
    /// Sends its answer one byte a second.
    Trickle,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, value: serde_json::Value) -> Self {
        Self::text(status, "application/json", value.to_string())
    }

    /// A web page.
    pub fn page(status: u16, html: &str) -> Self {
        Self::text(status, "text/html", html.to_owned())
    }

    fn text(status: u16, kind: &str, text: String) -> Self {
        Self::Answer { status, headers: vec![("Content-Type".to_owned(), kind.to_owned())], body: text.into_bytes() }
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// The server; it stops when it is dropped.
pub struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts a server that answers each request by this function.
    pub fn start(mut answer: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                let Some(request) = read(&stream) else { continue };
                if request.method == "STOP" {
                    return;
                }
                log.lock().unwrap().push(request.clone());
                let reply = answer(&request);
                // On a thread of its own: a stalled answer must not hold up the next request.
                std::thread::spawn(move || write(stream, &reply));
            }
        });
        Self { address, seen }
    }

    /// Starts a server that gives these answers in turn, and the last one for ever.
    pub fn replies(replies: Vec<Reply>) -> Self {
        let mut at = 0;
        Self::start(move |_| {
            let reply = replies[at.min(replies.len() - 1)].clone();
            at += 1;
            reply
        })
    }

    /// `http://127.0.0.1:49152`
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.write_all(b"STOP / HTTP/1.1\r\n\r\n");
        }
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, target, headers, body })
}

fn write(mut stream: TcpStream, reply: &Reply) {
    let until_the_client_goes = |mut stream: TcpStream| {
        let _ = stream.read(&mut [0; 64]);
    };
    match reply {
        Reply::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
            let _ = stream.shutdown(Shutdown::Write);
            until_the_client_goes(stream);
        }
        Reply::HangUp => {}
        Reply::Silence => until_the_client_goes(stream),
        Reply::Late(time) => {
            std::thread::sleep(*time);
            let _ = stream.write_all(b"HTTP/1.1 200 Told\r\nContent-Length: 2\r\n\r\n{}");
        }
        Reply::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 Told\r\nContent-Length: 1000\r\n\r\n{\"id\": \"1");
        }
        Reply::Trickle => {
            let _ = stream.write_all(b"HTTP/1.1 200 Told\r\nContent-Length: 60\r\n\r\n");
            let alive = |byte: &u8| {
                std::thread::sleep(Duration::from_secs(1));
                stream.write_all(&[*byte]).is_ok()
            };
            b"{\"id\": \"                                                  1\"}".iter().all(alive);
        }
        Reply::Stall => {
            let _ = stream.write_all(b"HTTP/1.1 200 Told\r\nContent-Length: 1000\r\n\r\n{\"a\":");
            until_the_client_goes(stream);
        }
    }
}
