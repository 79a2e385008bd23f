//! What became of a request, and who is told of it.

use chrono::{DateTime, Utc};

/// Who is told of requests.
pub type Trace = dyn Fn(&Exchange) + Send + Sync;

/// One request and its end, with nothing in it that is secret: no headers, no bodies, no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `POST`
    pub method: String,
    /// `bsky.social`, with the port where it is not the scheme's own.
    pub host: String,
    /// `/xrpc/com.atproto.repo.putRecord`
    pub path: String,
    /// The answer's status; `None` where there was no answer.
    pub status: Option<u16>,
}

/// A text that never appears in any output.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// Why something was not sent, or may not have been.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SendError {
    /// Surely not sent; may be tried again. DNS, connect, TLS, 429, 503.
    #[error("{reason}")]
    NotSent {
        /// What happened.
        reason: String,
        /// When the server wants to be asked again.
        retry_at: Option<DateTime<Utc>>,
    },
    /// It may have been sent. Timeout after sending, reset, 500, 502, 504.
    #[error("{reason}")]
    Ambiguous {
        /// What happened.
        reason: String,
    },
    /// Refused for good; the server's own words, shortened.
    #[error("{reason}")]
    Refused {
        /// What happened.
        reason: String,
    },
    /// Credentials are missing or refused, or the account's settings cannot be used; the account is left alone.
    #[error("{reason}")]
    Credentials {
        /// What happened.
        reason: String,
        /// What to set or renew, and where.
        help: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_owned())), "[secret]");
    }
}
