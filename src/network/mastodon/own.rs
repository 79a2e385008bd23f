//! The account's own posts, newest first, looked through back to when something was claimed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::Profile;
use crate::ledger::PartReceipt;
use crate::network::{Job, SendError};

/// How far a server's clock may be off before its posts are taken for older ones.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Pages of own posts that are looked through.
const PAGES: usize = 10;

/// What looking through them came to.
pub(super) enum Looked<T> {
    /// It was among them.
    Found(T),
    /// All that were made since were looked at.
    All,
    /// There may be more; why they were not looked at.
    NotAll(String),
}

impl Profile {
    /// Looks at the account's posts that were made since a delivery was claimed, until `wanted` finds what it is after.
    pub(super) fn own_posts<T>(
        &self,
        job: &Job<'_>,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> Result<Looked<T>, SendError> {
        let since = job.claimed_at.checked_sub_signed(SKEW).unwrap_or(job.claimed_at);
        let mut last: Option<String> = None;
        for _ in 0..PAGES {
            let mut request = self.http.get(&["api", "v1", "accounts", &self.id, "statuses"]).bearer(&self.token);
            request = request.query("limit", "40").query("exclude_reblogs", "true");
            if let Some(id) = &last {
                request = request.query("max_id", id);
            }
            let page = request.value()?;
            let Some(page) = page.as_array() else {
                return Ok(Looked::NotAll(format!("{} does not list the account's posts", self.http.host())));
            };
            for status in page {
                if made(status).is_some_and(|at| at < since) {
                    return Ok(Looked::All);
                }
                if let Some(found) = wanted(status) {
                    return Ok(Looked::Found(found));
                }
            }
            let oldest = page.last().and_then(|status| status.get("id")).and_then(Value::as_str).map(str::to_owned);
            if oldest.is_none() || oldest == last {
                return Ok(Looked::All);
            }
            last = oldest;
        }
        Ok(Looked::NotAll("the account has more new posts than are looked through".to_owned()))
    }

    /// What the server calls a part that is out; `None` where it surely is not there. What somebody found there is known
    /// by its page alone.
    pub(super) fn id_of(&self, receipt: &PartReceipt, job: &Job<'_>) -> Result<Option<String>, SendError> {
        let Some(page) = Url::parse(&receipt.id).ok().filter(Url::has_host) else {
            return Ok(Some(receipt.id.clone()));
        };
        let is_page = |status: &Value| {
            let address = |key: &str| status.get(key).and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
            let id = status.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())?;
            (address("url").as_ref() == Some(&page) || address("uri").as_ref() == Some(&page)).then(|| id.to_owned())
        };
        match self.own_posts(job, is_page)? {
            Looked::Found(id) => Ok(Some(id)),
            Looked::All => Ok(None),
            Looked::NotAll(why) => Err(SendError::Refused { reason: format!("{page} was not found: {why}") }),
        }
    }
}

/// When a status was made, by the server's clock.
fn made(status: &Value) -> Option<DateTime<Utc>> {
    let text = status.get("created_at")?.as_str()?;
    Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc))
}
