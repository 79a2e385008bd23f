//! `greenlit.toml`, as it was checked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::names::AccountName;
use super::rhythm::{Blackout, Campaign, Rhythm};
use super::source::Source;

/// The workspace's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The workspace's random id; part of every payload.
    pub workspace: String,
    /// The zone of times written without one.
    pub timezone: Tz,
    /// The trusted branch's name: `main`.
    pub trusted: String,
    /// The git remote to fetch from and push to, where there is one: `origin`.
    pub remote: String,
    /// The ledger's first commit, 40 or 64 hex digits; `None` before `init` pinned it.
    pub ledger: Option<String>,
    /// The accounts, by name.
    pub accounts: BTreeMap<AccountName, Account>,
    /// Groups of accounts that `to:` may name.
    pub groups: BTreeMap<String, Vec<AccountName>>,
    /// How bad it is what the team's rules find, as it is written; `rules` knows what there is.
    pub check: Vec<SetLevel>,
    /// The campaigns that are listed, in the order of the file; where there are none, a post may name any.
    pub campaigns: Vec<Campaign>,
    /// The times in which nothing goes out.
    pub blackouts: Vec<Blackout>,
}

/// A line of `[check]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetLevel {
    /// The rule's code, or the name of a style's rule.
    pub code: String,
    /// `error`, `warning`, `info`, `off`
    pub level: String,
    /// `greenlit.toml`
    pub source: Arc<Source>,
    /// Where the code stands.
    pub code_span: Range<usize>,
    /// Where the level stands.
    pub level_span: Range<usize>,
}

/// One account, as `greenlit.toml` describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// `network/name`.
    pub name: AccountName,
    /// The server's origin where the network has one: `https://bsky.social`, no slash at the end.
    pub server: Option<String>,
    /// Who the account is on its server: `acme.example` (Bluesky), `acme` (Mastodon).
    pub handle: Option<String>,
    /// The folder of an outbox, from the workspace's root.
    pub path: Option<String>,
    /// The address where an outbox's folder is served, for links and feeds; no slash at the end.
    pub url: Option<String>,
    /// An outbox's title, for people.
    pub title: Option<String>,
    /// A minijinja template around each text.
    pub template: Option<Template>,
    /// A delivery later than this is held for a person.
    pub late_after: Duration,
    /// For so long, the same text goes out once; zero: it may go out at any time again.
    pub duplicate_window: Duration,
    /// How often and when it is posted to.
    pub rhythm: Rhythm,
    /// How much of a kind one message has at most, where that is said.
    pub most: Most,
}

/// How much of a kind one message has at most; `None`: nobody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Most {
    /// `#launch`
    pub hashtags: Option<usize>,
    /// `@alice.example`
    pub mentions: Option<usize>,
    /// Addresses that can be opened.
    pub links: Option<usize>,
    /// How long a film plays.
    pub film: Option<Duration>,
}

/// An account's template, and where it stands. What may be in it is said by [`crate::render::template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// minijinja.
    pub text: String,
    /// `greenlit.toml`
    pub source: Arc<Source>,
    /// Its bytes there.
    pub span: Range<usize>,
}

/// What the settings' loader must know of a network: its name, and the keys that its accounts may have in
/// `greenlit.toml` beside those that every account may have (`template`, `late_after`, …).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct NetworkSpec {
    /// `bluesky`
    pub network: &'static str,
    /// Keys that an account must have: `handle`.
    pub required: &'static [&'static str],
    /// Keys that it may have.
    pub optional: &'static [&'static str],
}
