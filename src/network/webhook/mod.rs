//! Webhooks: a part is one `POST` of JSON ([`Body`]) to a secret address, where n8n, Make, Zapier or a program of one's
//! own takes it further.
//!
//! Nobody can be asked afterwards what became of it, so a lost answer is a person's to settle. Each part has a name of
//! its own in the header [`DELIVERY`], by which a receiver can drop what it has already.

mod body;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{Found, Job, MediaBytes, Network, SendError, Session, Surroundings, variable};
use crate::http::Http;
use crate::ledger::PartReceipt;
use crate::render::{Capability, Cards, Editing, Length, MediaLimits, Payload, Reconcile, TextForm};
use crate::workspace::{Account, AccountName, NetworkSpec};

pub use body::{Body, File};

/// What a file may weigh, in bytes. It is named and not sent; it must still be there, and be what was approved.
const FILE: u64 = 1_000_000_000;

/// What a webhook can be given.
pub static CAPABILITY: Capability = Capability {
    network: "webhook",
    title: "Webhook",
    account: NetworkSpec { network: "webhook", required: &[], optional: &[] },
    // Whoever takes the text alone, and nothing else of the body, loses no link.
    text: TextForm::Plain,
    length: Length::Unlimited,
    threads: true,
    media: MediaLimits {
        count: 20,
        types: Cow::Borrowed(&[
            ("image/jpeg", FILE),
            ("image/png", FILE),
            ("image/gif", FILE),
            ("image/webp", FILE),
            ("video/mp4", FILE),
            ("video/webm", FILE),
            ("application/pdf", FILE),
        ]),
        alt: None,
        picture_pixels: None,
        film_pixels: None,
        mixed: true,
        tallest: None,
    },
    cards: Cards::Server,
    options: &[],
    content_warning: true,
    reconcile: Reconcile::None,
    edit: Editing::Never { why: "what a webhook took cannot be changed from here" },
    deletes: false,
    secrets: &["URL"],
};

/// The header that names a part: the same whenever it is sent, and no other part's.
const DELIVERY: &str = "greenlit-delivery";

/// Characters of an id or an address in an answer; longer ones are not taken.
const LONGEST: usize = 500;

/// The network `webhook`.
pub struct Webhook;

impl Network for Webhook {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    fn connect(&self, account: &Account, surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError> {
        Ok(Box::new(Hook::open(account, surroundings)?))
    }
}

/// One address.
struct Hook {
    http: Http,
    url: Url,
    account: AccountName,
    help: String,
}

impl Hook {
    fn open(account: &Account, surroundings: &Surroundings) -> Result<Self, SendError> {
        let variable = variable(&account.name, "URL");
        let help = format!("set {variable} to the address that the receiver gave: https://…");
        let credentials = |reason: String| SendError::Credentials { reason, help: help.clone() };
        let text = surroundings.secrets.get("URL").map(|secret| secret.expose().trim()).unwrap_or_default();
        if text.is_empty() {
            return Err(credentials(format!("{variable} is not set")));
        }
        let mut url = Url::parse(text).map_err(|_| credentials(format!("{variable} is no address")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(credentials(format!("{variable} has a name or a password before its host")));
        }
        url.set_fragment(None);
        let http = Http::new(&url.origin().ascii_serialization(), &surroundings.caller(), help.clone());
        let mut http = http.map_err(|error| match error {
            // No post has anything to do with an address that is not to be used.
            SendError::Refused { reason } => credentials(format!("{variable}: {reason}")),
            other => other,
        })?;
        http.hide_address(&url);
        Ok(Self { http, url, account: account.name.clone(), help })
    }
}

impl Session for Hook {
    /// Nothing: all that is sent is in the payload.
    fn freeze(&mut self, _hash: &str, _payload: &Payload, _now: DateTime<Utc>) -> Result<Value, SendError> {
        Ok(Value::Null)
    }

    fn send(&mut self, job: &Job<'_>, _media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
        let refused = |reason: &str| SendError::Refused { reason: reason.to_owned() };
        let body = Body::of(job).ok_or_else(|| refused("all its parts are out"))?;
        let name = body.id.clone();
        let body = serde_json::to_value(body).map_err(|error| refused(&error.to_string()))?;
        let request = self.http.post_to(&self.url).header(DELIVERY, name.clone()).json(body);
        let answer = request.publishes().status_is_enough().answer()?;
        match answer.status {
            // What is wrong is the address, and the post is as good as before.
            401 | 403 | 404 | 410 => {
                Err(SendError::Credentials { reason: answer.failure().to_string(), help: self.help.clone() })
            }
            _ if answer.fine() => Ok(self.receipt(name, &answer.body())),
            _ => Err(answer.failure()),
        }
    }

    fn find(&mut self, _job: &Job<'_>) -> Result<Found, SendError> {
        Ok(Found::Unknown(format!("{} is a webhook, which cannot be asked what it has", self.account)))
    }
}

impl Hook {
    /// What the receiver calls it, where it says so; else the part's name.
    fn receipt(&self, name: String, answer: &Value) -> PartReceipt {
        let text = |key: &str| match answer.get(key) {
            Some(Value::String(text)) => Some(self.http.redact(text)),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let fits = |text: &String| (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        PartReceipt {
            id: text("id").filter(fits).unwrap_or(name),
            url: text("url").filter(fits).filter(is_web),
            revision: None,
        }
    }
}

#[cfg(test)]
mod tests;
