//! Whether the addresses that posts lead to answer.
//!
//! An address is asked with `HEAD`, and with `GET` where a server does not take that or the place in the page matters.
//! Hosts are asked side by side, the addresses of one host one after the other. What was fine lately is not asked again.
//!
//! Whoever writes a post chooses where this program goes, so it goes to public addresses alone: each name is looked up, each
//! of its addresses is looked at, and the connection is made to one of those and no other ([`guard`]). Behind a proxy the
//! connection is the proxy's, which looks names up for itself: there its own rules keep people out of the network behind it.
//! No credentials are sent, no cookies are kept, and of an answer only so much is read as it takes to find a place in a page.

mod anchors;
mod guard;
mod memory;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use url::Url;

use super::{address, innermost, provide_tls};
use guard::Guard;
pub use memory::Memory;

/// Hosts that are asked at once.
const AT_ONCE: usize = 16;
/// Redirects that are followed. Browsers follow 20 (Fetch standard, section 4.4, checked 2026-11-28).
const MOST_HOPS: usize = 10;
/// Bytes of a page that are read in search of a place.
const PAGE: usize = 2 << 20;
/// So long a host may keep everybody waiting.
const FOR_A_HOST: Duration = Duration::from_secs(60);
/// A server that asks for more patience is told of as one that could not be asked.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It answers.
    Fine,
    /// It answers, at another address for good.
    Moved {
        /// Where.
        to: String,
    },
    /// It answers that nothing is there.
    Gone {
        /// 404, 410
        status: u16,
    },
    /// The page is there, and has no such place.
    NoPlace,
    /// It leads to this machine or into a private network. It was not asked.
    Private {
        /// Which host, in words.
        why: String,
    },
    /// Nobody answers: no such name, no connection, no TLS.
    Dead {
        /// Why, for people.
        why: String,
    },
    /// It answers, and that says nothing: 403 to a program, 503 to everybody for now.
    Unsure {
        /// Why, for people.
        why: String,
    },
}

/// Asks after addresses.
#[derive(Debug, Clone)]
pub struct Links {
    guard: Guard,
    /// For one request.
    limit: Duration,
    /// For all addresses of one host; what is left then is not asked.
    for_a_host: Duration,
    /// Before an address that did not answer is asked again; each time twice as long.
    pause: Duration,
    /// How often.
    again: u32,
}

impl Default for Links {
    fn default() -> Self {
        let (limit, pause) = (Duration::from_secs(15), Duration::from_millis(500));
        Self { guard: Guard::new(address::is_public), limit, for_a_host: FOR_A_HOST, pause, again: 2 }
    }
}

/// What is to be done about an answer.
enum Next {
    Follow(Url),
    Get,
    Done(Verdict),
    /// It is asked again after a pause; so it is told of where nothing better comes.
    Again(Duration, Verdict),
}

impl Links {
    /// Asks after all of them; in their order.
    pub fn ask(&self, addresses: &[String]) -> Vec<Verdict> {
        let mut hosts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, address) in addresses.iter().enumerate() {
            let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
            hosts.entry(host.unwrap_or_default()).or_default().push(at);
        }
        let (workers, queue) = (hosts.len().min(AT_ONCE), Mutex::new(hosts.into_values()));
        let verdicts = Mutex::new(vec![Verdict::Unsure { why: "it was not asked".to_owned() }; addresses.len()]);
        let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    let client = self.client();
                    while let Some(host) = take() {
                        let until = Instant::now() + self.for_a_host;
                        for at in host {
                            let Some(address) = addresses.get(at) else { continue };
                            let verdict = match &client {
                                Ok(_) if Instant::now() >= until => self.too_slow(),
                                Ok(client) => self.one(client, address, until),
                                Err(why) => Verdict::Unsure { why: why.clone() },
                            };
                            let mut verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
                            if let Some(place) = verdicts.get_mut(at) {
                                *place = verdict;
                            }
                        }
                    }
                });
            }
        });
        verdicts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self) -> Result<Client, String> {
        provide_tls();
        let builder = Client::builder()
            .user_agent(concat!("greenlit/", env!("CARGO_PKG_VERSION"), " (link check)"))
            .connect_timeout(self.limit)
            .timeout(self.limit)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .dns_resolver(Arc::new(self.guard.clone()));
        builder.build().map_err(|error| format!("no TLS on this machine: {}", innermost(&error)))
    }

    fn too_slow(&self) -> Verdict {
        let seconds = self.for_a_host.as_secs();
        Verdict::Unsure { why: format!("other links took its server more than {seconds} seconds, so it was not asked") }
    }

    /// Asks after one, until it answers, was asked often enough, or time is up.
    fn one(&self, client: &Client, address: &str, until: Instant) -> Verdict {
        let Ok(mut url) = Url::parse(address) else {
            return Verdict::Dead { why: "it is no address".to_owned() };
        };
        // A name and password in an address are no business of a program that only looks.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        let mut turn = 0;
        loop {
            match self.follow(client, url.clone()) {
                Next::Again(wait, _) if turn < self.again && wait <= PATIENCE && Instant::now() < until => {
                    thread::sleep(wait.max(self.pause * 2_u32.pow(turn)));
                    turn += 1;
                }
                Next::Again(_, verdict) | Next::Done(verdict) => return verdict,
                Next::Follow(_) | Next::Get => return Verdict::Unsure { why: "it leads in circles".to_owned() },
            }
        }
    }

    /// Follows an address through its redirects.
    fn follow(&self, client: &Client, mut url: Url) -> Next {
        let place = url.fragment().filter(|place| anchors::is_in_page(place)).map(str::to_owned);
        let first = if place.is_some() { Method::GET } else { Method::HEAD };
        let (mut method, mut moved, mut for_good) = (first.clone(), false, true);
        for _ in 0..=MOST_HOPS {
            if let Err(verdict) = self.guard.check(&url) {
                return Next::Done(verdict);
            }
            let until = Instant::now() + self.limit;
            let response = match client.request(method.clone(), url.clone()).send() {
                Ok(response) => response,
                Err(error) => return self.failed(&error),
            };
            let status = response.status();
            match next(&url, &method, &response) {
                Next::Follow(to) => {
                    for_good &= matches!(status.as_u16(), 301 | 308);
                    (url, method, moved) = (to, first.clone(), true);
                }
                Next::Get => method = Method::GET,
                Next::Done(Verdict::Fine) => {
                    let there = place.as_deref().is_none_or(|place| has_place(response, place, until));
                    return Next::Done(match (there, moved && for_good) {
                        (false, _) => Verdict::NoPlace,
                        (true, true) => Verdict::Moved { to: url.to_string() },
                        (true, false) => Verdict::Fine,
                    });
                }
                other => return other,
            }
        }
        Next::Done(Verdict::Dead { why: format!("it redirects more than {MOST_HOPS} times") })
    }

    fn failed(&self, error: &reqwest::Error) -> Next {
        let why = innermost(error);
        if error.is_timeout() {
            let why = format!("it does not answer within {} seconds", self.limit.as_secs());
            return Next::Again(Duration::ZERO, Verdict::Dead { why });
        }
        Next::Again(Duration::ZERO, Verdict::Dead { why })
    }
}

/// What an answer means, by its status (RFC 9110, section 15).
fn next(url: &Url, method: &Method, response: &Response) -> Next {
    let status = response.status();
    let unsure = || Verdict::Unsure { why: format!("it answers {}", status.as_u16()) };
    if status.is_redirection() {
        let to = response.headers().get(LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
        return match to {
            Some(mut to) => {
                if to.fragment().is_none() {
                    to.set_fragment(url.fragment());
                }
                let _ = to.set_username("").and_then(|()| to.set_password(None));
                Next::Follow(to)
            }
            None => Next::Done(unsure()),
        };
    }
    if status.is_success() {
        return Next::Done(Verdict::Fine);
    }
    if *method == Method::HEAD {
        // Many a server answers HEAD with an error, and GET with the page.
        return Next::Get;
    }
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Next::Done(Verdict::Gone { status: status.as_u16() }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
            Next::Again(seconds.map(Duration::from_secs).unwrap_or_default(), unsure())
        }
        status if status.is_server_error() => Next::Again(Duration::ZERO, unsure()),
        _ => Next::Done(unsure()),
    }
}

/// Whether a page has a place. What is no page has no places to miss.
fn has_place(response: Response, place: &str, until: Instant) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("html") {
        return true;
    }
    match beginning(response, until) {
        Some(page) => anchors::has(&String::from_utf8_lossy(&page), place),
        None => true,
    }
}

/// A page's bytes; `None` where they are too many, or take too long.
fn beginning(mut response: Response, until: Instant) -> Option<Vec<u8>> {
    let (mut page, mut piece) = (Vec::new(), [0; 16 << 10]);
    loop {
        match response.read(&mut piece) {
            Ok(0) => return Some(page),
            Ok(n) => page.extend_from_slice(piece.get(..n)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
        if page.len() > PAGE || Instant::now() > until {
            return None;
        }
    }
}

#[cfg(test)]
mod tests;
