//! One file per channel on which people are told what happens: what it takes to hand a letter over, and what became of it.

mod discord;
mod email;
mod matrix;
mod slack;
mod telegram;
#[cfg(test)]
mod tests;
mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use crate::http::{Caller, Http, Secret, SendError, Trace};
use crate::notify::{Channel, ChannelKind, Letter, Place};

/// What a channel needs from outside, handed in by the command line.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// The channel's secrets by the end of their variable: `URL`, `TOKEN`.
    pub secrets: BTreeMap<String, Secret>,
    /// Is told of every request after its end, for `-v`.
    pub trace: Option<Arc<Trace>>,
}

/// Ends of variables that may be set besides those that must: a Telegram server of one's own.
pub const OPTIONAL: [&str; 1] = ["URL"];

/// Nobody waits longer for a channel: a server that says so is wrong, or means harm.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// Says something once. `id` is the message's name: where the channel knows it, it is said once however often it is handed over.
///
/// # Errors
/// See [`SendError`]: what was surely not said is told apart from what may have been.
pub fn say(
    channel: &Channel,
    place: &Place,
    letter: &Letter,
    id: &str,
    surroundings: &Surroundings,
) -> Result<(), SendError> {
    let line = Line { channel, surroundings };
    match (channel.kind, letter) {
        (ChannelKind::Slack, Letter::Json(body)) => slack::say(&line, body),
        (ChannelKind::Discord, Letter::Json(body)) => discord::say(&line, body),
        (ChannelKind::Matrix, Letter::Json(body)) => matrix::say(&line, place, body, id),
        (ChannelKind::Telegram, Letter::Json(body)) => telegram::say(&line, body),
        (ChannelKind::Webhook, Letter::Json(body)) => webhook::say(&line, body, id),
        (ChannelKind::Email, Letter::Mail { subject, text }) => email::say(&line, place, subject, text, id),
        (kind, _) => Err(SendError::Refused { reason: format!("that is nothing for {}", kind.title()) }),
    }
}

/// A channel and its surroundings.
struct Line<'a> {
    channel: &'a Channel,
    surroundings: &'a Surroundings,
}

impl Line<'_> {
    /// A secret.
    fn secret(&self, end: &str) -> Result<&str, SendError> {
        let secret = self.surroundings.secrets.get(end).map(|secret| secret.expose().trim()).unwrap_or_default();
        if secret.is_empty() {
            return Err(self.credentials(format!("{} is not set", self.channel.variable(end))));
        }
        Ok(secret)
    }

    /// The address in a secret.
    fn address(&self, end: &str) -> Result<Url, SendError> {
        let mut url = Url::parse(self.secret(end)?)
            .map_err(|_| self.credentials(format!("{} is no address", self.channel.variable(end))))?;
        url.set_fragment(None);
        Ok(url)
    }

    fn credentials(&self, reason: String) -> SendError {
        SendError::Credentials { reason, help: self.help() }
    }

    fn help(&self) -> String {
        let variables: Vec<String> = self.channel.variables().collect();
        format!("set {} in the environment of this run", variables.join(" and "))
    }

    /// A client for the server of an address, whose every piece is kept out of errors.
    fn http(&self, url: &Url) -> Result<Http, SendError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(self.credentials("the address has a name or a password before its host".to_owned()));
        }
        let caller = Caller {
            now: self.surroundings.now,
            clock_is_real: false,
            secrets: self.surroundings.secrets.values().cloned().collect(),
            trace: self.surroundings.trace.clone(),
        };
        let http = Http::new(&url.origin().ascii_serialization(), &caller, self.help());
        let mut http = http.map_err(|error| match error {
            SendError::Refused { reason } => self.credentials(reason),
            other => other,
        })?;
        http.hide_address(url);
        Ok(http)
    }

    /// Hands JSON over at a secret address.
    fn post(&self, body: &Value) -> Result<(), SendError> {
        let url = self.address("URL")?;
        let http = self.http(&url)?;
        self.heard(http.post_to(&url).json(body.clone()).publishes().status_is_enough().answer()?)
    }

    /// What an answer means. Where the address or the token is wrong, the channel cannot be used.
    fn heard(&self, answer: crate::http::Answer) -> Result<(), SendError> {
        if answer.fine() {
            return Ok(());
        }
        let waits = wait(&answer.body());
        Err(match (answer.status, answer.failure()) {
            (403 | 404 | 410, error) => self.credentials(error.to_string()),
            (_, SendError::NotSent { reason, retry_at: None }) => {
                let retry_at = waits.and_then(|wait| self.surroundings.now.checked_add_signed(wait));
                SendError::NotSent { reason, retry_at }
            }
            (_, error) => error,
        })
    }
}

/// How long an answer's body asks to be left alone: `retry_after` in seconds (Discord; under `parameters` Telegram),
/// `retry_after_ms` (Matrix, before it had the header).
/// <https://discord.com/developers/docs/topics/rate-limits>, <https://core.telegram.org/bots/api#responseparameters>,
/// <https://spec.matrix.org/latest/client-server-api/#rate-limiting> (checked 2026-11-28)
fn wait(body: &Value) -> Option<TimeDelta> {
    let seconds = body.get("retry_after").or_else(|| body.pointer("/parameters/retry_after")).and_then(Value::as_f64);
    let seconds =
        seconds.or_else(|| body.get("retry_after_ms").and_then(Value::as_f64).map(|millis| millis / 1000.0))?;
    // A float is cut to the integer's range, never wrapped.
    #[allow(clippy::cast_possible_truncation)]
    let millis = (seconds.max(0.0) * 1000.0).ceil() as i64;
    TimeDelta::try_milliseconds(millis).map(|wait| wait.min(LONGEST_WAIT))
}
