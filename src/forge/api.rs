//! What the clients of all forges have in common: the token, pages of lists, and what an answer means.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::place::Place;
use super::{Caller, ForgeError};
use crate::http::{Answer, Http, Request, SendError};
use crate::workspace::ForgeKind;

/// Items that are asked for on one page. GitHub and GitLab give no more than 100, Forgejo 50 where its admin has set nothing else.
const PAGE: usize = 100;

/// Items that Forgejo gives on one page where its admin has set nothing else.
const FORGEJO_PAGE: usize = 50;

/// Pages that are read of one list. What has more is not read to its end, so it counts as not read.
const MOST_PAGES: usize = 100;

/// One repository's server.
pub(super) struct Api {
    http: Http,
    pub place: Place,
    base: Vec<String>,
    headers: Vec<(&'static str, String)>,
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

/// Whether reading a list goes on.
pub(super) enum More {
    /// With the next page.
    Wanted,
    /// What follows is of no interest.
    Enough,
}

impl Api {
    /// `headers`: what every request says beside its token.
    pub fn new(place: Place, caller: &Caller, headers: Vec<(&'static str, String)>) -> Result<Self, ForgeError> {
        let mut caller = caller.clone();
        caller.secrets.extend(place.token.clone());
        let http = Http::new(&place.api.origin().ascii_serialization(), &caller, help(place.kind))?;
        let base = place.api.path_segments().into_iter().flatten().filter(|step| !step.is_empty());
        Ok(Self { base: base.map(str::to_owned).collect(), http, place, headers })
    }

    /// The steps of a path: a text is one step, whatever is in it.
    fn steps<'p>(&'p self, path: &[&'p str]) -> Vec<&'p str> {
        self.base.iter().map(String::as_str).chain(path.iter().copied()).collect()
    }

    fn ready<'r>(&self, request: Request<'r>) -> Request<'r> {
        let mut request =
            self.headers.iter().fold(request, |request, (name, value)| request.header(name, value.clone()));
        if let Some(token) = &self.place.token {
            request = request.bearer(token.expose());
        }
        request
    }

    /// Reads one thing.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, ForgeError> {
        self.get_where(path, &[])
    }

    /// Reads one thing that is asked for more closely.
    pub fn get_where<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, ForgeError> {
        let asked =
            query.iter().fold(self.http.get(&self.steps(path)), |request, (key, value)| request.query(key, value));
        let answer = self.ready(asked).answer()?;
        read(self.fine(answer)?.value()?)
    }

    /// Reads a list to its end, or for as long as it is wanted: `take` is given one page after the other.
    ///
    /// The next page is where the header `Link` says (RFC 8288), on this server. Where there is none, it follows while the header
    /// `X-Total-Count` promises more, as with Forgejo's reviews and labels; else on a page that is full. A page that was there
    /// before ends in an error: then nobody knows what is missing.
    pub fn pages<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        mut take: impl FnMut(Vec<T>) -> Result<More, ForgeError>,
    ) -> Result<(), ForgeError> {
        let first = |page: usize| {
            let request =
                query.iter().fold(self.http.get(&self.steps(path)), |request, (key, value)| request.query(key, value));
            let is_forgejo = self.place.kind == ForgeKind::Forgejo;
            let size = if is_forgejo { "limit" } else { "per_page" };
            let request = request.query(size, &PAGE.to_string());
            // Forgejo answers with all of some lists where no page is named, and then with parts of them again.
            let named = page > 1 || is_forgejo;
            if named { request.query("page", &page.to_string()) } else { request }
        };
        let mut request = first(1);
        let mut seen: HashSet<String> = HashSet::new();
        let mut read_so_far = 0;
        for page in 1..=MOST_PAGES {
            let answer = self.fine(self.ready(request).answer()?)?;
            let next = answer.header("link").map(|links| next_of(links).map(str::to_owned));
            let total = answer.header("x-total-count").and_then(|total| total.parse::<usize>().ok());
            let value = answer.value()?;
            let Value::Array(items) = value else { return Err(self.partial("something else than a list")) };
            let count = items.len();
            read_so_far += count;
            let repeats = count > 0 && !seen.insert(Value::from(items.clone()).to_string());
            if repeats {
                return Err(self.partial("the same page of a list twice"));
            }
            if matches!(take(items.into_iter().map(read).collect::<Result<_, _>>()?)?, More::Enough) {
                return Ok(());
            }
            request = match next {
                Some(Some(address)) => self.http.get_at(&address)?,
                Some(None) => return Ok(()),
                None => {
                    let more = match total {
                        // The total counts what is not shown to everybody, too, so it need not be reached.
                        Some(total) => read_so_far < total && (count > 0 || page * FORGEJO_PAGE < total),
                        None => count >= PAGE,
                    };
                    if !more {
                        return Ok(());
                    }
                    first(page + 1)
                }
            };
        }
        Err(self.partial(&format!("more than {MOST_PAGES} pages")))
    }

    /// Reads a list to its end.
    pub fn list<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<T>, ForgeError> {
        let mut all = Vec::new();
        self.pages(path, query, |page| {
            all.extend(page);
            Ok(More::Wanted)
        })?;
        Ok(all)
    }

    /// Writes something; the answer's JSON, `Null` where it has none.
    pub fn write(&self, method: Method, path: &[&str], body: Option<Value>) -> Result<Value, ForgeError> {
        let steps = self.steps(path);
        let request = match method {
            Method::Post => self.http.post(&steps),
            Method::Put => self.http.put(&steps),
            Method::Patch => self.http.patch(&steps),
            Method::Delete => self.http.delete(&steps),
        };
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        Ok(self.fine(self.ready(request).answer()?)?.body())
    }

    /// Says something in a comment, so that what was surely not said is told apart from what may have been.
    pub fn say(&self, path: &[&str], text: &str) -> Result<(), SendError> {
        let request = self.http.post(&self.steps(path)).json(json!({ "body": text }));
        let answer = self.ready(request).publishes().status_is_enough().answer()?;
        let (failure, retry_at) = (answer.failure(), answer.retry_at());
        match (answer.status, self.fine(answer)) {
            (_, Ok(_)) => Ok(()),
            (_, Err(ForgeError::Token { reason, help })) => Err(SendError::Credentials { reason, help }),
            // GitHub turns people away with 403, too.
            (403, Err(ForgeError::Away { reason, .. })) => Err(SendError::NotSent { reason, retry_at }),
            (_, Err(_)) => Err(failure),
        }
    }

    /// What an answer means that is not fine.
    ///
    /// GitHub turns people away with 403 or 429, and says for how long in `Retry-After`, or in `X-RateLimit-Reset` where
    /// `X-RateLimit-Remaining` is 0; a secondary limit may say so in words alone:
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api> (checked 2026-11-28).
    fn fine(&self, answer: Answer) -> Result<Answer, ForgeError> {
        if answer.fine() {
            return Ok(answer);
        }
        let (status, title) = (answer.status, self.place.kind.title());
        let said = if answer.said().is_empty() { String::new() } else { format!(": {}", answer.said()) };
        let reason = format!("{title} ({}) answers {status}{said}", self.http.host());
        let limited = answer.retry_at().is_some() || answer.said().to_ascii_lowercase().contains("rate limit");
        Err(match status {
            403 | 429 if limited => ForgeError::Away { reason, retry_at: answer.retry_at() },
            401 | 403 => ForgeError::Token { reason, help: help(self.place.kind) },
            404 | 410 => ForgeError::Missing { reason },
            408 | 425 | 429 | 500.. => ForgeError::Away { reason, retry_at: answer.retry_at() },
            _ => ForgeError::Refused { reason },
        })
    }

    /// An answer that is not what it should be.
    pub fn partial(&self, what: &str) -> ForgeError {
        ForgeError::Partial {
            reason: format!("{} ({}) answers with {what}", self.place.kind.title(), self.http.host()),
        }
    }

    /// Whether the token is one.
    pub fn has_token(&self) -> bool {
        self.place.token.is_some()
    }
}

/// What to do where the token is not enough.
fn help(kind: ForgeKind) -> String {
    match kind {
        ForgeKind::Github => {
            "give the job `permissions:` with `pull-requests: read` (to write beside them: `pull-requests: write`, `checks: write`, \
             `issues: write`; for --dispatch: `actions: write`), and the step GITHUB_TOKEN: ${{ github.token }}; on your own \
             machine set GITHUB_TOKEN"
        }
        ForgeKind::Gitlab => "set GITLAB_TOKEN to an access token of the project with the scope `read_api`; `api` to write",
        ForgeKind::Forgejo => {
            "set FORGEJO_TOKEN to a token with `read:repository` and `read:issue`; with `write:` in their place to write"
        }
    }
    .to_owned()
}

/// Reads a value as the answer should be.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, ForgeError> {
    serde_json::from_value(value).map_err(|error| ForgeError::Partial {
        reason: format!("the forge's answer is not what it should be: {error}"),
    })
}

/// Where the header says that the next page is.
fn next_of(links: &str) -> Option<&str> {
    links.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| {
            let (name, value) = parameter.trim().split_once('=')?;
            (name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next"))
                .then_some(())
        };
        parameters.split(';').find_map(is_next).map(|()| address)
    })
}
