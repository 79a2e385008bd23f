//! What a server answered, and what that means.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{Effect, SendError};

/// What a server answered.
pub(crate) struct Answer {
    /// `200`
    pub status: u16,
    pub(super) body: Vec<u8>,
    pub(super) effect: Effect,
    pub(super) retry_at: Option<DateTime<Utc>>,
    pub(super) headers: HeaderMap,
    pub(super) host: String,
    pub(super) said: String,
    pub(super) help: String,
}

impl Answer {
    /// A header's text; `None` where it is not there, or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the server wants to be asked again, where it says so: it turns people away for now.
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        self.retry_at
    }

    /// What the server says, fit to be shown; empty where it says nothing.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Whether the status is 2xx.
    pub fn fine(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body's JSON, whatever the status; `Null` where it is none.
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The JSON of an answer that is fine.
    ///
    /// # Errors
    /// When it is not fine, or no JSON.
    pub fn value(self) -> Result<Value, SendError> {
        if !self.fine() {
            return Err(self.failure());
        }
        serde_json::from_slice(&self.body).map_err(|_| self.senseless("no JSON"))
    }

    /// An answer that looks fine and makes no sense: `what` was found in it.
    pub fn senseless(&self, what: &str) -> SendError {
        let said = if self.said.is_empty() { String::new() } else { format!(": {}", self.said) };
        let reason = format!("{} answered {} with {what}{said}", self.host, self.status);
        match self.effect {
            Effect::None => SendError::NotSent { reason, retry_at: None },
            Effect::Publishes => SendError::Ambiguous { reason },
        }
    }

    /// What an answer means that is not fine.
    pub fn failure(&self) -> SendError {
        let Self { status, host, said, effect, retry_at, .. } = self;
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        let reason = format!("{host} answered {status}{said}");
        match (*status, *effect) {
            (401, _) => SendError::Credentials { reason, help: self.help.clone() },
            // The request was not taken: 408 not read to its end, 425 not acted on, 429 and 503 turned away.
            (408 | 425 | 429 | 503, _) => SendError::NotSent { reason, retry_at: *retry_at },
            (400..500, _) => SendError::Refused { reason },
            (_, Effect::None) => SendError::NotSent { reason, retry_at: *retry_at },
            (_, Effect::Publishes) => SendError::Ambiguous { reason },
        }
    }
}
