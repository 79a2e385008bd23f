//! One server over HTTP: who may be asked, for how long, how much of the answer is read, and what each outcome means.
//!
//! - https everywhere, plain http only on this machine; no address inside a private network ([`address`])
//! - a redirect is followed only for reading and only within the same origin: credentials go nowhere else
//! - a proxy named by `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` is used for https, as build machines have them; it sees
//!   the server's name and nothing else
//! - an answer has at most [`Limits::body`] bytes and comes within [`Limits::total`]
//! - the server's clock and this machine's are held against each other ([`skew`]), before anything is sent
//! - every outcome is a [`SendError`] that tells what is surely not sent from what may be
//! - no error text has a secret in it ([`words`])

mod address;
mod answer;
mod approved;
pub mod links;
mod outcome;
mod redact;
mod retry;
mod skew;
mod uploads;
mod words;

use std::error::Error as _;
use std::io::Read;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder, Response, multipart};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use serde_json::Value;
use url::Url;

use crate::failpoints;
use crate::render::Attachment;
use address::{Origin, Refusal};
pub(crate) use answer::Answer;
pub use approved::Approved;
pub use outcome::{Exchange, Secret, SendError, Trace};
pub use redact::Redactor;
pub(crate) use uploads::Uploads;

/// Characters from which on a piece of the secret address is kept out of errors by itself.
const SECRET_PIECE: usize = 6;

/// How long a server may take, and how much it may say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// To connect.
    pub connect: Duration,
    /// For one request, from its start to the answer's last byte.
    pub total: Duration,
    /// Bytes of an answer.
    pub body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: failpoints::limit(Duration::from_secs(60)),
            body: 4 * 1024 * 1024,
        }
    }
}

/// Who asks: what a client needs from outside, handed in by the command line.
#[derive(Clone, Default)]
pub struct Caller {
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// Whether that is this machine's own; see [`skew`].
    pub clock_is_real: bool,
    /// What is kept out of every text about the server.
    pub secrets: Vec<Secret>,
    /// Is told of every request after its end, for `-v`.
    pub trace: Option<Arc<Trace>>,
}

/// What a request does when it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing that a reader of the network would see: reading, logging in, uploading. A failure is "not sent".
    None,
    /// It publishes. When nobody knows whether it arrived, that is said.
    Publishes,
}

/// One server, and what every request to it has in common.
pub(crate) struct Http {
    client: Client,
    origin: Url,
    limits: Limits,
    secrets: Redactor,
    help: String,
    trace: Option<Arc<Trace>>,
    // The run's clock, and how far it has moved since: the only clock here that is not a stopwatch.
    now: DateTime<Utc>,
    since: Instant,
    checks_clock: bool,
}

impl Http {
    /// Gets ready to ask a server, `https://social.example`. Asks nothing but the name service. `help` is what to do
    /// when the server refuses the credentials.
    pub fn new(server: &str, caller: &Caller, help: String) -> Result<Self, SendError> {
        Self::with(server, caller, help, Limits::default())
    }

    fn with(server: &str, caller: &Caller, help: String, limits: Limits) -> Result<Self, SendError> {
        let origin = address::origin(server, proxied()).map_err(|refusal| match refusal {
            Refusal::Settings(reason) => SendError::Refused { reason },
            Refusal::Lookup(reason) => SendError::NotSent { reason, retry_at: None },
        })?;
        let secrets = Redactor::new(caller.secrets.iter().map(|secret| secret.expose()));
        let client = client(&origin, limits).map_err(|error| SendError::NotSent {
            reason: format!("no TLS on this machine: {}; are its CA certificates installed?", innermost(&error)),
            retry_at: None,
        })?;
        Ok(Self {
            client,
            origin: origin.url,
            limits,
            secrets,
            help,
            trace: caller.trace.clone(),
            now: caller.now,
            since: Instant::now(),
            checks_clock: caller.clock_is_real,
        })
    }

    /// Keeps a text out of every error from now on: a token that the server gave.
    pub fn hide(&mut self, text: &str) {
        self.secrets.add(text);
    }

    /// Keeps an address that is itself the secret out of errors, and each piece of it that could be a key: receivers say which
    /// one they do not know.
    pub fn hide_address(&mut self, url: &Url) {
        if url.path().len() > 1 {
            self.hide(url.path());
        }
        let pieces = url.path().split('/').map(str::to_owned);
        let values = url.query_pairs().map(|(_, value)| value.into_owned());
        for piece in pieces.chain(values).filter(|piece| piece.len() >= SECRET_PIECE) {
            self.hide(&piece);
        }
    }

    /// A text from the server without secrets, for what is stored.
    pub fn redact(&self, text: &str) -> String {
        self.secrets.redact(text).into_owned()
    }

    /// A text from the server, without secrets and control characters, shortened, for what is shown.
    pub fn fit(&self, text: &str) -> String {
        words::fit(text, &self.secrets)
    }

    /// `bsky.social`, with the port where it is not https's own.
    pub fn host(&self) -> String {
        let host = self.origin.host_str().unwrap_or_default();
        self.origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Asks for something; the path's segments are escaped.
    pub fn get(&self, path: &[&str]) -> Request<'_> {
        self.request(Method::GET, path)
    }

    /// Takes something away.
    pub fn delete(&self, path: &[&str]) -> Request<'_> {
        self.request(Method::DELETE, path)
    }

    /// Hands something over.
    pub fn post(&self, path: &[&str]) -> Request<'_> {
        self.request(Method::POST, path)
    }

    /// Puts something in the place of what is there.
    pub fn put(&self, path: &[&str]) -> Request<'_> {
        self.request(Method::PUT, path)
    }

    /// Changes what is there.
    pub fn patch(&self, path: &[&str]) -> Request<'_> {
        self.request(Method::PATCH, path)
    }

    /// Asks for what an answer of this server points to, which must be on this server: a token goes nowhere else.
    ///
    /// # Errors
    /// When it is no address, or another server's.
    pub fn get_at(&self, address: &str) -> Result<Request<'_>, SendError> {
        let url = Url::parse(address).ok().filter(|url| url.origin() == self.origin.origin());
        let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
        let reason = || format!("{} points to another server, which is not asked", self.host());
        url.map(|url| self.request_at(Method::GET, url))
            .ok_or_else(|| SendError::NotSent { reason: reason(), retry_at: None })
    }

    /// Hands something over at an address of this server, which is a secret as a whole.
    pub fn post_to(&self, url: &Url) -> Request<'_> {
        let mut own = self.origin.clone();
        own.set_path(url.path());
        own.set_query(url.query());
        self.request_at(Method::POST, own)
    }

    fn request(&self, method: Method, path: &[&str]) -> Request<'_> {
        let mut url = self.origin.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        self.request_at(method, url)
    }

    fn request_at(&self, method: Method, url: Url) -> Request<'_> {
        Request {
            http: self,
            method,
            url,
            bearer: None,
            headers: Vec::new(),
            body: Body::None,
            effect: Effect::None,
            status_is_enough: false,
            total: self.limits.total,
        }
    }

    /// The run's clock, moved on by the time that has passed.
    fn clock(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        self.now.checked_add_signed(passed).unwrap_or(self.now)
    }

    fn tell(&self, method: &Method, url: &Url, status: Option<u16>) {
        if let Some(trace) = &self.trace {
            trace(&Exchange { method: method.to_string(), host: self.host(), path: self.redact(url.path()), status });
        }
    }
}

/// What a request carries.
enum Body {
    None,
    Json(Value),
    File { mime: String, size: u64, bytes: Approved },
    Form(multipart::Form),
}

/// A request that is being put together.
pub(crate) struct Request<'a> {
    http: &'a Http,
    method: Method,
    url: Url,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Body,
    effect: Effect,
    status_is_enough: bool,
    total: Duration,
}

impl Request<'_> {
    /// Adds to the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sends a token along.
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// Sends a header along.
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Carries a JSON value.
    pub fn json(mut self, value: Value) -> Self {
        self.body = Body::Json(value);
        self
    }

    /// Carries a file, which is read as it is sent. A big one may take its time.
    pub fn file(mut self, attachment: &Attachment, bytes: Approved) -> Self {
        let Attachment { mime, size, .. } = attachment;
        self.total = self.total.max(uploads::longest(*size));
        self.body = Body::File { mime: mime.clone(), size: *size, bytes };
        self
    }

    /// Carries a file, which is read as it is sent, and texts as a form.
    ///
    /// # Errors
    /// When the media type is none.
    pub fn form(
        mut self,
        attachment: &Attachment,
        bytes: Approved,
        texts: &[(&'static str, String)],
    ) -> Result<Self, SendError> {
        let Attachment { mime, size, .. } = attachment;
        self.total = self.total.max(uploads::longest(*size));
        // The file's own name says things about the workspace: it stays at home.
        let name = format!("media.{}", mime.rsplit('/').next().unwrap_or("bin"));
        let part = multipart::Part::reader_with_length(bytes, *size).file_name(name).mime_str(mime);
        let part = part.map_err(|_| SendError::Refused { reason: format!("{mime:?} is no media type") })?;
        let form = texts.iter().fold(multipart::Form::new(), |form, (key, text)| form.text(*key, text.clone()));
        self.body = Body::Form(form.part("file", part));
        Ok(self)
    }

    /// Says that the request publishes.
    pub fn publishes(mut self) -> Self {
        self.effect = Effect::Publishes;
        self
    }

    /// Says that a fine status is an answer, whatever becomes of the body.
    pub fn status_is_enough(mut self) -> Self {
        self.status_is_enough = true;
        self
    }

    /// Sends it, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When there is no answer, or it is too long, too slow, or a redirect that is not followed.
    pub fn answer(mut self) -> Result<Answer, SendError> {
        let body = std::mem::replace(&mut self.body, Body::None);
        let mut request = self.prepare();
        request = match body {
            Body::None => request,
            Body::Json(value) => request.json(&value),
            Body::File { mime, size, bytes } => {
                request.header(CONTENT_TYPE, mime).body(reqwest::blocking::Body::sized(bytes, size))
            }
            Body::Form(form) => request.multipart(form),
        };
        let until = Instant::now() + self.total;
        let mut response = self.exchange(request)?;
        for _ in 0..3 {
            let Some(target) = self.followable(&response) else { break };
            self.url = target;
            response = self.exchange(self.prepare())?;
        }
        if response.status().is_redirection() && response.status().as_u16() != 304 {
            return Err(self.redirected(&response));
        }
        self.read(response, until)
    }

    /// Sends it, and reads the answer's JSON.
    ///
    /// # Errors
    /// As [`Request::answer`]; also when the server refuses, or does not answer with JSON.
    pub fn value(self) -> Result<Value, SendError> {
        self.answer()?.value()
    }

    fn prepare(&self) -> RequestBuilder {
        let mut request = self.http.client.request(self.method.clone(), self.url.clone());
        request = request.header(ACCEPT, "application/json").timeout(self.total);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn exchange(&self, request: RequestBuilder) -> Result<Response, SendError> {
        let asked = self.http.clock();
        if failpoints::fails("http", "before-request") {
            return Err(self.lost("broke the connection off"));
        }
        let result = request.send();
        self.http.tell(&self.method, &self.url, result.as_ref().ok().map(|response| response.status().as_u16()));
        let response = result.map_err(|error| self.broken(&error))?;
        if failpoints::fails("http", "after-response") {
            return Err(self.lost("broke the connection off"));
        }
        // What is published is published, whatever the clock shows.
        if self.http.checks_clock && self.effect == Effect::None {
            let now = self.http.clock();
            if let Some(skew) = skew::skew(response.headers(), asked, now) {
                let (reason, help) = skew::told(skew, &self.http.host(), now);
                return Err(SendError::Credentials { reason, help });
            }
        }
        Ok(response)
    }

    /// Where a redirect leads, if it may be followed: reading, within the origin.
    fn followable(&self, response: &Response) -> Option<Url> {
        if !response.status().is_redirection() || self.method != Method::GET {
            return None;
        }
        let target = self.url.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()?;
        (target.origin() == self.http.origin.origin()).then_some(target)
    }

    fn redirected(&self, response: &Response) -> SendError {
        let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let target = target.and_then(|text| self.url.join(text).ok());
        // Nothing but the origin: a path or a query could hold anything.
        let target = target.map_or_else(|| "nowhere".to_owned(), |url| url.origin().ascii_serialization());
        let reason = self.http.fit(&format!("{} redirects to {target}, which is not followed", self.http.host()));
        match (self.effect, response.status().as_u16()) {
            // "Found" and "See Other" may come after the work is done.
            (Effect::Publishes, 302 | 303) => SendError::Ambiguous { reason },
            _ => SendError::NotSent { reason, retry_at: None },
        }
    }

    /// Reads an answer's body within its bounds.
    fn read(&self, mut response: Response, until: Instant) -> Result<Answer, SendError> {
        let body = match self.body(&mut response, until) {
            Ok(body) => body,
            Err(_) if self.status_is_enough && response.status().is_success() => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Answer {
            status: response.status().as_u16(),
            effect: self.effect,
            retry_at: retry::retry_at(response.status().as_u16(), response.headers(), self.http.clock()),
            headers: response.headers().clone(),
            host: self.http.host(),
            said: self.http.fit(&words::words(&body)),
            help: self.http.help.clone(),
            body,
        })
    }

    fn body(&self, response: &mut Response, until: Instant) -> Result<Vec<u8>, SendError> {
        let limit = self.http.limits.body;
        let mut body = Vec::new();
        let mut chunk = [0; 16 * 1024];
        loop {
            match response.read(&mut chunk) {
                Ok(0) => return Ok(body),
                Ok(n) => body.extend_from_slice(chunk.get(..n).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(self.lost("broke its answer off")),
            }
            if body.len() as u64 > limit {
                return Err(self.lost(&format!("answered with more than {limit} bytes")));
            }
            if Instant::now() > until {
                return Err(self.lost(&format!("took longer than {:?} to answer", self.total)));
            }
        }
    }

    /// No answer: what that means.
    fn broken(&self, error: &reqwest::Error) -> SendError {
        let host = self.http.host();
        let why = self.http.fit(&innermost(error));
        if error.is_builder() {
            let reason = format!("the request to {host} cannot be made: {why}");
            return SendError::Refused { reason };
        }
        if error.is_connect() {
            let why = if error.is_timeout() { "no connection in time".to_owned() } else { why };
            return SendError::NotSent { reason: format!("{host} cannot be reached: {why}"), retry_at: None };
        }
        if error.is_timeout() {
            return self.lost(&format!("did not answer within {:?}", self.total));
        }
        self.lost(&format!("broke the connection off: {why}"))
    }

    /// The request may have arrived, and its answer did not.
    fn lost(&self, what: &str) -> SendError {
        let reason = format!("{} {what}", self.http.host());
        match self.effect {
            Effect::None => SendError::NotSent { reason, retry_at: None },
            Effect::Publishes => SendError::Ambiguous { reason },
        }
    }
}

/// Chooses who does the arithmetic of TLS, once.
pub(crate) fn provide_tls() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only where another part of the process has chosen one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Whether an error is of TLS, however deep it lies: a certificate that is not trusted, or a server that speaks something else.
pub(crate) fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let within = |error: &std::io::Error| error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    let is_it = error.is::<rustls::Error>() || error.downcast_ref().is_some_and(within);
    is_it || error.source().is_some_and(is_of_tls)
}

fn client(origin: &Origin, limits: Limits) -> reqwest::Result<Client> {
    provide_tls();
    let mut builder = Client::builder()
        .user_agent(concat!("greenlit/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_idle_timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if let Some(name) = origin.url.domain().filter(|_| !origin.addresses.is_empty()) {
        builder = builder.resolve_to_addrs(name, &origin.addresses);
    }
    if origin.loopback {
        builder = builder.no_proxy();
    }
    if origin.url.scheme() == "http" {
        // No TLS, so the machine's certificates need not be read.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

/// Whether the environment names a proxy for https.
fn proxied() -> bool {
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The text of the first cause; it has no address in it, as the outer ones have.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.source().is_none() { "no reason given".to_owned() } else { cause.to_string() }
}

#[cfg(test)]
#[allow(dead_code, reason = "a toolbox: the faults suite uses the rest")]
#[path = "../../tests/stub/mod.rs"]
pub(crate) mod stub;

#[cfg(test)]
mod tests;
