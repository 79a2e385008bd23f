//! A post, as it was checked: what its file says, with names resolved and times fixed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::names::{AccountName, PostId};
use super::source::Source;

/// Settings for networks and accounts, by their names.
type Options = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// One Markdown file under `posts/`.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// Unique in the workspace.
    pub id: PostId,
    /// The file, for findings.
    pub source: Arc<Source>,
    /// For people; never sent.
    pub title: Option<String>,
    /// Groups resolved, each account once, in the order of the file.
    pub to: Vec<AccountName>,
    /// When it goes out.
    pub due: Due,
    /// A draft never goes out.
    pub draft: bool,
    /// Whose post it is, a short name of `roles.toml` or any text.
    pub owner: Option<String>,
    /// The campaign that it belongs to.
    pub campaign: Option<String>,
    /// For workflows and views.
    pub labels: Vec<String>,
    /// BCP 47 tags, the main one first.
    pub languages: Vec<String>,
    /// The page that the post is about.
    pub link: Option<Link>,
    /// Pictures and other files named in the front matter.
    pub media: Vec<Media>,
    /// Text shown in place of the post until a reader asks for more.
    pub content_warning: Option<String>,
    /// Whether the media should be hidden until a reader asks.
    pub sensitive: bool,
    /// Settings for one network or account (`mastodon`, `mastodon/acme`): `visibility`, `labels`.
    pub options: Options,
    /// The posts whose text it may say again.
    pub repeats: Vec<PostId>,
    /// The text.
    pub body: Body,
}

/// When a post goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// As soon as it is approved and on the trusted branch. Written `asap` in approvals.
    Asap,
    /// At this minute. Written `2026-12-01T08:00:00Z` in approvals.
    At(DateTime<Utc>),
}

/// The page that a post is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `https://…`
    pub url: String,
    /// The card's title; the address stands in where there is none.
    pub title: Option<String>,
    /// The card's text.
    pub description: Option<String>,
    /// The card's picture.
    pub image: Option<Media>,
}

/// A file of the workspace that is sent along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Path from the workspace's root, `/` between folders, no `.` or `..`.
    pub file: String,
    /// What it shows, for people who do not see it.
    pub alt: Option<String>,
    /// The part that it is attached to, from 1.
    pub part: usize,
    /// Where the file is named, for findings.
    pub span: Range<usize>,
}

/// The text under the front matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// The parts of the thread; at least one.
    pub parts: Vec<Text>,
    /// Where it differs for a network or an account.
    pub variants: Vec<Variant>,
}

/// A piece of Markdown, and where in the file it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// CommonMark, without the blank lines around it.
    pub markdown: String,
    /// Byte offset of its first character in the file.
    pub offset: usize,
}

/// A `::: name` block: other text for one network or account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// `bluesky` or `bluesky/acme`, one or more.
    pub names: Vec<String>,
    /// The part that it stands in for, from 1; `None`: for the whole thread.
    pub part: Option<usize>,
    /// Its own parts; empty: nothing is sent in that place.
    pub parts: Vec<Text>,
    /// The opening line.
    pub span: Range<usize>,
}

impl std::fmt::Display for Due {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Due::Asap => f.write_str("asap"),
            Due::At(at) => f.write_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        }
    }
}

impl std::str::FromStr for Due {
    type Err = String;

    /// Reads what `Display` writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "asap" {
            return Ok(Due::Asap);
        }
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| format!("{text:?} is no time in UTC"))?;
        let due = Due::At(at.with_timezone(&Utc));
        if due.to_string() == text { Ok(due) } else { Err(format!("{text:?} is no time in UTC to the second")) }
    }
}

impl serde::Serialize for Due {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            due if serializer.is_human_readable() => serializer.collect_str(due),
            Due::Asap => serializer.serialize_none(),
            Due::At(at) => serializer.serialize_some(&at.timestamp()),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Due {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let Some(seconds) = Option::<i64>::deserialize(deserializer)? else { return Ok(Due::Asap) };
        let at =
            DateTime::from_timestamp(seconds, 0).ok_or_else(|| serde::de::Error::custom("there is no such time"))?;
        Ok(Due::At(at))
    }
}

impl schemars::JsonSchema for Due {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Due".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "`asap`, or a time in UTC to the second: `2026-12-01T08:00:00Z`.",
            "pattern": "^(asap|[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_reads_only_what_it_writes() {
        for text in ["asap", "2026-12-01T08:00:00Z"] {
            let due: Due = text.parse().unwrap();
            assert_eq!(due.to_string(), text);
            assert_eq!(postcard::from_bytes(&postcard::to_allocvec(&due).unwrap()), Ok(due));
        }
        for text in ["", "ASAP", "2026-12-01T09:00:00+01:00", "2026-12-01", "2026-12-01T08:00:00.5Z"] {
            assert!(text.parse::<Due>().is_err(), "{text}");
        }
    }
}
