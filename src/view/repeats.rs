//! What was said already, and what to do where it is to be said again.

use chrono::{DateTime, Utc};

use super::escape;
use super::page::Page;
use crate::ledger::{Said, SameText};
use crate::plan::Duplicate;
use crate::workspace::PostId;

/// Another post that said the same on the same account.
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
pub(super) struct SameTextReport {
    post: PostId,
    /// Whether it is out, may be, or goes first.
    said: Said,
    /// When it went out, was claimed, or is to go out.
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl From<&SameText> for SameTextReport {
    fn from(same: &SameText) -> Self {
        let SameText { post, at, said, url } = same.clone();
        Self { post, said, at, url }
    }
}

/// Why it is held, and the ways out. Escaped.
pub(super) fn held(duplicate: &Duplicate, page: &Page) -> String {
    let Duplicate { others, until, repeats } = duplicate;
    let told = others.first().map(|other| told(other, page)).unwrap_or_default();
    let more = match others.len() {
        0 | 1 => String::new(),
        n => format!(", and as {} more", n - 1),
    };
    let until = until.map(|until| format!(", or wait until {}", page.time(until))).unwrap_or_default();
    format!("{told}{more}; if that is meant, add `{}` to its front matter{until}", line(repeats))
}

/// `the same text went out here as autumn Tue 1 Dec 09:00, 3 days ago: https://…`
fn told(other: &SameText, page: &Page) -> String {
    let post = escape(other.post.as_str());
    let when = page.when(other.at);
    let text = match other.said {
        Said::Out => format!("the same text went out here as {post} {when}"),
        Said::Perhaps => format!("the same text was begun to be sent here as {post} {when}, and may be out"),
        Said::Soon => format!("the same text goes out here as {post} {when}"),
    };
    match &other.url {
        Some(url) => format!("{text}, {}", escape(url)),
        None => text,
    }
}

/// The line for the front matter.
fn line(repeats: &[PostId]) -> String {
    let names: Vec<_> = repeats.iter().map(|post| escape(post.as_str())).collect();
    if let [name] = names.as_slice() { format!("repeats: {name}") } else { format!("repeats: [{}]", names.join(", ")) }
}
