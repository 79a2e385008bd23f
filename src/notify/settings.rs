//! `notify.toml` as it was checked, and the way there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::file::{ChannelFile, KindFile, NotifyFile, PlaceFile, ReaderFile, RoomFile};
use super::moments::Digest;
use crate::ledger::NewsKind;
use crate::workspace::located::{OneOrMany, Placed};
use crate::workspace::rhythm::{QuietHours, Rhythm, Weekdays};
use crate::workspace::source::Source;
use crate::workspace::typed::{self, Area, Taken};
use crate::workspace::{Finding, PersonId, Roles, suggest, text, time, toml};

/// Where `notify.toml` stands.
pub const PATH: &str = "notify.toml";

/// How long before a deadline people are reminded, where nothing is said.
const REMIND: Duration = Duration::from_secs(24 * 3600);
/// The longest such time.
const LONGEST_REMIND: Duration = Duration::from_secs(30 * 24 * 3600);
/// Bytes of an address on a channel.
const LONGEST_TO: usize = 255;

/// Where and when everyone is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notify {
    /// By name.
    pub channels: BTreeMap<String, Channel>,
    /// Those in `roles.toml` who have a say, or are named in the file.
    pub readers: BTreeMap<ReaderName, Reader>,
}

/// Somebody or something that is told: a person, or a room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReaderName {
    /// A person.
    Person(PersonId),
    /// A room.
    Room(String),
}

/// `noor`, `room launches`: no person's name has a blank.
impl fmt::Display for ReaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => f.write_str(person),
            Self::Room(room) => write!(f, "room {room}"),
        }
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the file, which its variables are made of.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// The sender's address, of e-mail.
    pub from: Option<String>,
    /// The issue on the forge under which is said what belongs to no single pull request.
    pub issue: Option<u64>,
}

/// A kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of Discord.
    Discord,
    /// A Matrix server.
    Matrix,
    /// A bot of Telegram.
    Telegram,
    /// E-mail by SMTP.
    Email,
    /// JSON to an address.
    Webhook,
    /// A comment on the forge.
    Forge,
}

impl ChannelKind {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Matrix => "Matrix",
            Self::Telegram => "Telegram",
            Self::Email => "e-mail",
            Self::Webhook => "a webhook",
            Self::Forge => "the forge",
        }
    }

    /// Whether a message may be sent again under its name, and arrives once all the same: a Matrix server knows its
    /// transaction, a webhook's receiver its header. Nothing else is sent twice.
    pub fn repeats(self) -> bool {
        matches!(self, Self::Matrix | Self::Webhook)
    }

    /// How many pieces of news go into one message.
    pub fn most_items(self) -> usize {
        match self {
            // 2000 characters in all.
            Self::Discord => 5,
            _ => 10,
        }
    }

    /// The ends of its variables that must be set. The forge is asked with its own token.
    pub fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::Slack | Self::Discord | Self::Email | Self::Webhook => &["URL"],
            Self::Matrix => &["URL", "TOKEN"],
            Self::Telegram => &["TOKEN"],
            Self::Forge => &[],
        }
    }
}

impl Channel {
    /// The environment variable of a secret: `GREENLIT_NOTIFY_TEAM_SLACK_URL`.
    pub fn variable(&self, end: &str) -> String {
        format!("GREENLIT_NOTIFY_{}_{end}", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    /// The variables that must be set.
    pub fn variables(&self) -> impl Iterator<Item = String> + '_ {
        self.kind.secrets().iter().map(|end| self.variable(end))
    }
}

/// Where and when somebody is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// In order; never empty.
    pub places: Vec<Place>,
    /// Zone, quiet hours and weekdays.
    pub rhythm: Rhythm,
    /// When what can wait is told together.
    pub digest: Option<Digest>,
    /// How long before a deadline to be reminded.
    pub remind: Duration,
    /// What is told.
    pub news: BTreeSet<NewsKind>,
}

/// A place on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The channel's name.
    pub channel: String,
    /// Where or who on it.
    pub to: Option<String>,
}

/// The kinds of news, as people name them.
const KINDS: [(&str, NewsKind); 8] = [
    ("turn", NewsKind::Turn),
    ("deadline", NewsKind::Deadline),
    ("overdue", NewsKind::Overdue),
    ("changed", NewsKind::Changed),
    ("out", NewsKind::Out),
    ("failed", NewsKind::Failed),
    ("policy", NewsKind::Policy),
    ("hold", NewsKind::Hold),
];

impl Notify {
    /// Reads a `notify.toml`, for the people of `roles.toml` and the workspace's zone. `None` where it has errors.
    pub fn read(bytes: &[u8], roles: &Roles, zone: Tz) -> (Option<Self>, Vec<Finding>) {
        let mut findings = Vec::new();
        let readable = text::read(PATH, bytes, &mut findings);
        let notify = toml::read(&readable.source, &readable.text, &mut findings)
            .and_then(|root| typed::read::<NotifyFile>(root, Area::Notify, &readable.source, &mut findings))
            .map(|(file, taken)| {
                Check { source: &readable.source, taken, roles, zone, findings: &mut findings }.notify(file)
            });
        let sound = !findings.iter().any(Finding::is_error);
        (notify.filter(|_| sound), findings)
    }
}

struct Check<'a> {
    source: &'a Arc<Source>,
    taken: Taken,
    roles: &'a Roles,
    zone: Tz,
    findings: &'a mut Vec<Finding>,
}

/// What a person or a room says of when it reads.
#[derive(Default)]
struct Times {
    timezone: Option<Placed<String>>,
    quiet: Option<Placed<OneOrMany>>,
    weekdays: Option<Placed<OneOrMany>>,
    digest: Option<Placed<String>>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn notify(&mut self, file: NotifyFile) -> Notify {
        self.version(file.version.as_ref());
        let channels: BTreeMap<String, Channel> =
            file.channels.0.into_iter().filter_map(|(name, channel)| self.channel(name, channel)).collect();
        let usual = file.everyone.map(|everyone| everyone.value).unwrap_or_default();
        let mut readers = BTreeMap::new();
        let mut said: BTreeMap<PersonId, ReaderFile> = BTreeMap::new();
        let mut nowhere = Vec::new();
        for (name, reader) in file.people.0 {
            let people: Vec<&str> = self.roles.people.keys().map(String::as_str).collect();
            if self.roles.people.contains_key(&name.value) {
                said.insert(name.value, reader.value);
            } else {
                let help = suggest::help(&name.value, "people of roles.toml", &people);
                let message = format!("there is no person {} in roles.toml", suggest::quote(&name.value));
                self.error("notify/unknown-person", &name.span, message, help);
            }
        }
        let people: Vec<PersonId> =
            self.roles.people.iter().filter(|(_, person)| !person.bot).map(|(id, _)| id.clone()).collect();
        for person in people {
            let own = said.remove(&person).unwrap_or_default();
            match self.person(&person, own, &usual, &channels) {
                Some(reader) => {
                    readers.insert(ReaderName::Person(person), reader);
                }
                None => nowhere.push(self.roles.name_of(&person).to_owned()),
            }
        }
        // Where a place is wrong, that is told.
        if !nowhere.is_empty() && !self.findings.iter().any(Finding::is_error) {
            let (who, is) = match nowhere.split_last() {
                Some((last, rest)) if !rest.is_empty() => (format!("{} and {last}", rest.join(", ")), "are"),
                _ => (nowhere.concat(), "is"),
            };
            let message = format!("{who} {is} told nothing: there is no place to read");
            let help = "write `read = [{ on = \"CHANNEL\" }]` for them, or under `[everyone]`";
            self.findings.push(Finding::warning("notify/nowhere", self.source, 0..0, message).help(help));
        }
        for (name, room) in file.rooms.0 {
            if let Some(reader) = self.room(room.value, &channels) {
                readers.insert(ReaderName::Room(name.value), reader);
            }
        }
        Notify { channels, readers }
    }

    fn version(&mut self, version: Option<&Placed<u64>>) {
        match version {
            Some(version) if version.value == 1 => {}
            Some(version) => self.error(
                "notify/version",
                &version.span,
                format!("this program knows version 1, not {}", version.value),
                "write `version = 1`, or use a newer greenlit",
            ),
            None if self.taken.holds(&(0..0), "version") => {}
            None => self.error("notify/missing-key", &(0..0), "`version` is missing", "write `version = 1` on top"),
        }
    }

    fn channel(&mut self, name: Placed<String>, file: Placed<ChannelFile>) -> Option<(String, Channel)> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name_fits = (1..=40).contains(&name.value.len()) && name.value.chars().all(plain);
        if !name_fits {
            let message = format!("{} is no name that a variable can be made of", suggest::quote(&name.value));
            self.error("notify/channel", &name.span, message, "write small letters, digits and `-`: `team-slack`");
            return None;
        }
        let kind = match file.value.kind {
            KindFile::Slack => ChannelKind::Slack,
            KindFile::Discord => ChannelKind::Discord,
            KindFile::Matrix => ChannelKind::Matrix,
            KindFile::Telegram => ChannelKind::Telegram,
            KindFile::Email => ChannelKind::Email,
            KindFile::Webhook => ChannelKind::Webhook,
            KindFile::Forge => ChannelKind::Forge,
        };
        match (&file.value.from, kind) {
            (Some(from), ChannelKind::Email) if !is_address(&from.value) => {
                self.error(
                    "notify/channel",
                    &from.span,
                    "this is no address",
                    "write `from = \"greenlit@acme.example\"`",
                );
            }
            (Some(_), ChannelKind::Email) => {}
            (None, ChannelKind::Email) => {
                let help = "write `from = \"greenlit@acme.example\"`";
                self.error("notify/channel", &name.span, "mails need a sender, and `from` is missing", help);
            }
            (Some(from), _) => {
                self.error("notify/channel", &from.span, "only e-mail has a sender", "remove the line");
            }
            (None, _) => {}
        }
        match (&file.value.issue, kind) {
            (Some(issue), ChannelKind::Forge) if issue.value == 0 => {
                self.error("notify/channel", &issue.span, "no issue has the number 0", "write `issue = 12`");
            }
            (Some(_), ChannelKind::Forge) => {}
            (None, ChannelKind::Forge) => {
                let help = "open an issue for it, and write its number: `issue = 12`";
                let message = "what belongs to no single pull request is said under an issue, and `issue` is missing";
                self.error("notify/channel", &name.span, message, help);
            }
            (Some(issue), _) => {
                self.error("notify/channel", &issue.span, "only the forge has issues", "remove the line");
            }
            (None, _) => {}
        }
        let (from, issue) = (file.value.from.map(|from| from.value), file.value.issue.map(|issue| issue.value));
        Some((name.value.clone(), Channel { name: name.value, kind, from, issue }))
    }

    fn person(
        &mut self,
        person: &PersonId,
        own: ReaderFile,
        usual: &ReaderFile,
        channels: &BTreeMap<String, Channel>,
    ) -> Option<Reader> {
        let read = own.read.or_else(|| usual.read.clone());
        let places: Vec<Place> = read
            .iter()
            .flat_map(|read| &read.value)
            .filter_map(|place| self.place(&place.value, Some(person), channels))
            .collect();
        let times = Times {
            timezone: own.timezone.or_else(|| usual.timezone.clone()),
            quiet: own.quiet.or_else(|| usual.quiet.clone()),
            weekdays: own.weekdays.or_else(|| usual.weekdays.clone()),
            digest: own.digest.or_else(|| usual.digest.clone()),
        };
        let (rhythm, digest) = self.times(times);
        let remind = own.remind.or_else(|| usual.remind.clone());
        let remind = remind.and_then(|remind| self.remind(&remind)).unwrap_or(REMIND);
        let news = own.news.or_else(|| usual.news.clone());
        let news = news.map_or_else(|| KINDS.iter().map(|(_, kind)| *kind).collect(), |news| self.news(&news));
        (!places.is_empty()).then_some(Reader { places, rhythm, digest, remind, news })
    }

    fn room(&mut self, file: RoomFile, channels: &BTreeMap<String, Channel>) -> Option<Reader> {
        let RoomFile { on, to, news, timezone, quiet, weekdays, digest } = file;
        let place = self.place(&PlaceFile { on, to }, None, channels);
        let (rhythm, digest) = self.times(Times { timezone, quiet, weekdays, digest });
        let usual = || [NewsKind::Out, NewsKind::Failed].into();
        let news = news.map_or_else(usual, |news| self.news(&news));
        Some(Reader { places: vec![place?], rhythm, digest, remind: REMIND, news })
    }

    fn place(
        &mut self,
        file: &PlaceFile,
        person: Option<&PersonId>,
        channels: &BTreeMap<String, Channel>,
    ) -> Option<Place> {
        let Some(channel) = channels.get(&file.on.value) else {
            let known: Vec<&str> = channels.keys().map(String::as_str).collect();
            let message = format!("there is no channel {}", suggest::quote(&file.on.value));
            let help = match known.as_slice() {
                [] => "write a table `[channels.NAME]` with `kind = \"slack\"` or another".to_owned(),
                known => suggest::help(&file.on.value, "channels", known),
            };
            self.error("notify/channel", &file.on.span, message, help);
            return None;
        };
        let (to, span) = match &file.to {
            Some(to) => (Some(to.value.trim()), &to.span),
            None => (None, &file.on.span),
        };
        let fits = |to: &str| to.len() <= LONGEST_TO && !to.chars().any(|c| c.is_whitespace() || c.is_control());
        let digits = |to: &str| !to.is_empty() && to.bytes().all(|b| b.is_ascii_digit());
        let wrong = match (channel.kind, to) {
            (_, Some(to)) if !fits(to) => Some("write it without blanks"),
            (ChannelKind::Slack, Some(to))
                if !to.starts_with(['U', 'W']) || !to.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) =>
            {
                Some("write the member's id, `U0123ABCD`: it is in the profile, under the three dots")
            }
            (ChannelKind::Discord, Some(to)) if !digits(to) => {
                Some("write the member's number: with developer mode on, the menu of a member has \"Copy User ID\"")
            }
            (ChannelKind::Matrix, to) if !to.is_some_and(|to| to.starts_with('!')) => {
                Some("write the room's internal id, `to = \"!abc:matrix.example\"`: it is in the room's settings")
            }
            (ChannelKind::Telegram, to)
                if !to.is_some_and(|to| digits(to.strip_prefix('-').unwrap_or(to)) || to.starts_with('@')) =>
            {
                Some(
                    "write the chat's number, `to = \"123456789\"`: the bot's getUpdates tells it once you wrote to the bot",
                )
            }
            (ChannelKind::Forge, Some(_)) => {
                Some("the account that the person has in roles.toml is mentioned: remove `to`")
            }
            (ChannelKind::Forge, None)
                if person
                    .is_some_and(|person| self.roles.people.get(person).is_none_or(|one| one.accounts.is_empty())) =>
            {
                // Under `[everyone]` it holds for whoever has an account.
                return None;
            }
            (ChannelKind::Webhook, Some(_)) => Some("a webhook's address comes from the environment: remove `to`"),
            (ChannelKind::Email, to) => match (to, person) {
                (Some(to), _)
                    if self.roles.owner_of_email(to).is_none_or(|owner| person.is_some_and(|p| p != owner)) =>
                {
                    Some("mails go to addresses that the person has in roles.toml: write one of those")
                }
                (None, Some(person)) if self.roles.people.get(person).is_none_or(|one| one.emails.is_empty()) => {
                    // Under `[everyone]` it holds for whoever has an address.
                    return None;
                }
                (None, None) => Some("write `to`, with an address that somebody has in roles.toml"),
                _ => None,
            },
            _ => None,
        };
        if let Some(help) = wrong {
            let message = format!("nobody is found there on {}", channel.kind.title());
            self.error("notify/place", span, message, help);
            return None;
        }
        let first = |person: &PersonId| self.roles.people.get(person).and_then(|one| one.emails.first().cloned());
        let to = match (channel.kind, to) {
            (ChannelKind::Email, None) => person.and_then(first),
            (_, to) => to.map(str::to_owned),
        };
        Some(Place { channel: channel.name.clone(), to })
    }

    fn times(&mut self, times: Times) -> (Rhythm, Option<Digest>) {
        let mut rhythm = Rhythm { audience: self.zone, ..Rhythm::default() };
        if let Some(zone) = times.timezone {
            match time::named_zone(&zone.value) {
                Ok(zone) => rhythm.audience = zone,
                Err(fault) => self.error("notify/times", &zone.span, fault.message, fault.help),
            }
        }
        for quiet in times.quiet.iter().flat_map(|quiet| &quiet.value.0) {
            match QuietHours::read(&quiet.value) {
                Ok(hours) => rhythm.quiet.push(hours),
                Err((message, help)) => self.error("notify/times", &quiet.span, message, help),
            }
        }
        if let Some(days) = times.weekdays {
            match Weekdays::read(days.value.0.iter().map(|day| day.value.as_str())) {
                Ok(days) => rhythm.weekdays = days,
                Err((at, message, help)) => {
                    let span = days.value.0.get(at).map_or(&days.span, |day| &day.span).clone();
                    self.error("notify/times", &span, message, help);
                }
            }
        }
        let digest = times.digest.filter(|digest| digest.value.trim() != "never");
        let digest = digest.and_then(|digest| match Digest::read(&digest.value) {
            Some(read) if read.is_told(&rhythm) => Some(read),
            Some(_) => {
                let help = "write an hour at which something is told";
                self.error("notify/times", &digest.span, "the digest falls into the quiet hours", help);
                None
            }
            None => {
                let message = format!("{} is no time for a digest", suggest::quote(&digest.value));
                self.error("notify/times", &digest.span, message, "write `daily 09:00`, `mon 09:00` or `never`");
                None
            }
        });
        (rhythm, digest)
    }

    fn remind(&mut self, remind: &Placed<String>) -> Option<Duration> {
        match time::duration(&remind.value) {
            Ok(time) if time <= LONGEST_REMIND => Some(time),
            Ok(_) => {
                self.error("notify/times", &remind.span, "this is longer than 30 days", "write at most `30d`");
                None
            }
            Err(help) => {
                let message = format!("{} is no length of time", suggest::quote(&remind.value));
                self.error("notify/times", &remind.span, message, help);
                None
            }
        }
    }

    fn news(&mut self, news: &Placed<OneOrMany>) -> BTreeSet<NewsKind> {
        let mut kinds = BTreeSet::new();
        for name in &news.value.0 {
            match KINDS.iter().find(|(known, _)| *known == name.value) {
                Some((_, kind)) => {
                    kinds.insert(*kind);
                }
                None => {
                    let known: Vec<&str> = KINDS.iter().map(|(known, _)| *known).collect();
                    let message = format!("there is no news {}", suggest::quote(&name.value));
                    self.error("notify/bad-value", &name.span, message, suggest::help(&name.value, "kinds", &known));
                }
            }
        }
        kinds
    }
}

/// Enough to be told from something else; whether anybody is there, the server says.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    text.len() <= LONGEST_TO && text.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host))
}
