//! `notify.toml` as it is written.

use crate::workspace::located::{Named, OneOrMany, Placed, without_null};

/// Where people are told what happens: `notify.toml` at the workspace's root. It decides nothing, so it is no part of the
/// policy, and no admin need approve a change of it.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct NotifyFile {
    /// The form of this file; 1.
    #[schemars(required, range(min = 1, max = 1))]
    pub(super) version: Option<Placed<u64>>,
    /// The channels, by a name of your own: `slack`. Their addresses and tokens come from the environment:
    /// `GREENLIT_NOTIFY_SLACK_URL`.
    #[serde(default)]
    pub(super) channels: Named<Placed<ChannelFile>>,
    /// What holds for everyone in `roles.toml` who says nothing else.
    #[serde(default)]
    pub(super) everyone: Option<Placed<ReaderFile>>,
    /// The people, by their short names in `roles.toml`.
    #[serde(default)]
    pub(super) people: Named<Placed<ReaderFile>>,
    /// Places that belong to no single person, by a name of your own: `launches`.
    #[serde(default)]
    pub(super) rooms: Named<Placed<RoomFile>>,
}

/// A channel.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct ChannelFile {
    /// What it is.
    pub kind: KindFile,
    /// The sender's address, of e-mail.
    #[serde(default)]
    pub from: Option<Placed<String>>,
    /// On the forge: the number of the issue under which is said what belongs to no single pull request.
    #[serde(default)]
    pub issue: Option<Placed<u64>>,
}

/// A kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindFile {
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of Discord.
    Discord,
    /// A room on a Matrix server.
    Matrix,
    /// A bot of Telegram.
    Telegram,
    /// E-mail by SMTP.
    Email,
    /// JSON to an address of your own.
    Webhook,
    /// A comment on the forge that mentions the person.
    Forge,
}

/// Where and when somebody reads.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct ReaderFile {
    /// Where: the first that works.
    #[serde(default)]
    pub read: Option<Placed<Vec<Placed<PlaceFile>>>>,
    /// The zone of all times here: `Africa/Cairo`. The workspace's where it is not given.
    #[serde(default)]
    pub timezone: Option<Placed<String>>,
    /// The hours in which nothing is told: `["20:00-08:00"]`.
    #[serde(default)]
    pub quiet: Option<Placed<OneOrMany>>,
    /// The weekdays on which something is told: `["mon-fri"]`. All where none is given.
    #[serde(default)]
    pub weekdays: Option<Placed<OneOrMany>>,
    /// When all that can wait is told together: `daily 09:00`, `mon 09:00`; `never` for at once.
    #[serde(default)]
    pub digest: Option<Placed<String>>,
    /// How long before a deadline to be reminded: `1d` where it is not given.
    #[serde(default)]
    pub remind: Option<Placed<String>>,
    /// The kinds of news to be told: `turn`, `deadline`, `overdue`, `changed`, `out`, `failed`, `policy`, `hold`.
    #[serde(default)]
    pub news: Option<Placed<OneOrMany>>,
}

/// A place to read.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct PlaceFile {
    /// The channel, by its name here.
    pub on: Placed<String>,
    /// Where or who on it: a chat of Telegram, a room of Matrix, a member to mention on Slack or Discord, an e-mail address
    /// that the person has in `roles.toml`.
    #[serde(default)]
    pub to: Option<Placed<String>>,
}

/// A place of its own.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct RoomFile {
    /// The channel, by its name here.
    pub on: Placed<String>,
    /// Where on it: a chat of Telegram, a room of Matrix.
    #[serde(default)]
    pub to: Option<Placed<String>>,
    /// The kinds of news that are told there: `out` and `failed` where none is given.
    #[serde(default)]
    pub news: Option<Placed<OneOrMany>>,
    /// The zone of all times here. The workspace's where it is not given.
    #[serde(default)]
    pub timezone: Option<Placed<String>>,
    /// The hours in which nothing is told.
    #[serde(default)]
    pub quiet: Option<Placed<OneOrMany>>,
    /// The weekdays on which something is told.
    #[serde(default)]
    pub weekdays: Option<Placed<OneOrMany>>,
    /// When all that can wait is told together: `daily 09:00`, `mon 09:00`.
    #[serde(default)]
    pub digest: Option<Placed<String>>,
}
