//! Who was told what, and who will be told when: for people and for programs.

use chrono::{DateTime, Utc};

use super::escape;
use super::notice::{headline, text};
use super::page::{Page, Tone, counted};
use crate::ledger::NewsKind;
use crate::notify::{Channel, Item, Later, Message, Notify, Outlook, ReaderName, Undone, Why};
use crate::workspace::{PostId, Roles};

/// What `greenlit notify --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct NotifyReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// What was said; with `--dry-run` what would be.
    messages: Vec<MessageReport>,
    /// What will be told, the soonest first.
    later: Vec<LaterReport>,
    /// What was begun by a run that did not end, so that nobody knows whether it was said. It is not said again.
    uncertain: Vec<NewsReport>,
    /// What nobody can be told, because no channel of theirs can be used.
    unreachable: Vec<NewsReport>,
}

/// What was said to somebody at once.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct MessageReport {
    /// A person's short name, or `room NAME`.
    reader: String,
    /// The channel, as `notify.toml` calls it.
    channel: String,
    /// Whether it is a digest.
    digest: bool,
    /// The channels that should have been used and do not work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instead_of: Vec<String>,
    news: Vec<PieceReport>,
    /// What became of it; missing with `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ResultWord>,
    /// Why it was not told, or may not have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A piece of news.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct PieceReport {
    kind: NewsKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<PostId>,
    /// In words.
    text: String,
    /// Until when it should be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
}

/// What will be told.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct LaterReport {
    reader: String,
    news: PieceReport,
    /// When, at the earliest.
    at: DateTime<Utc>,
    why: Why,
}

/// What somebody was not told.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct NewsReport {
    reader: String,
    news: PieceReport,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResultWord {
    /// It was said.
    Told,
    /// It was not, and is tried again.
    Failed,
    /// The channel will not take it; the next is tried.
    Refused,
    /// Nobody knows. Where the channel knows a message by its name, it is said again.
    Uncertain,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// In one word.
    pub word: ResultWord,
    /// Why it was not told, or may not have been.
    pub reason: Option<String>,
}

impl Ending {
    /// Whether a person should look: what is only late is no trouble.
    pub fn is_trouble(&self) -> bool {
        matches!(self.word, ResultWord::Refused | ResultWord::Uncertain)
    }
}

fn piece(item: &Item) -> PieceReport {
    PieceReport { kind: item.key.kind, post: item.news.post.clone(), text: headline(item), until: item.news.deadline }
}

/// News that is in no message, as an item.
fn as_item(key: &crate::ledger::NewsKey, news: &crate::notify::News) -> Item {
    Item { key: key.clone(), covers: Vec::new(), news: news.clone(), fallen: false }
}

/// The run for programs; a rehearsal where nothing was done.
pub fn report(outlook: &Outlook, done: Option<&[(Message, Ending)]>, page: &Page) -> NotifyReport {
    let message = |message: &Message, ending: Option<&Ending>| MessageReport {
        reader: message.reader.to_string(),
        channel: message.place.channel.clone(),
        digest: message.digest,
        instead_of: message.instead_of.clone(),
        news: message.items.iter().map(piece).collect(),
        result: ending.map(|ending| ending.word),
        reason: ending.and_then(|ending| ending.reason.clone()),
    };
    let undone =
        |one: &Undone| NewsReport { reader: one.reader.to_string(), news: piece(&as_item(&one.key, &one.news)) };
    NotifyReport {
        version: 1,
        now: page.now,
        messages: match done {
            Some(done) => done.iter().map(|(one, ending)| message(one, Some(ending))).collect(),
            None => outlook.messages.iter().map(|one| message(one, None)).collect(),
        },
        later: outlook
            .later
            .iter()
            .map(|later| LaterReport {
                reader: later.reader.to_string(),
                news: piece(&as_item(&later.key, &later.news)),
                at: later.at,
                why: later.why,
            })
            .collect(),
        uncertain: outlook.lost.iter().map(undone).collect(),
        unreachable: outlook.unreachable.iter().map(undone).collect(),
    }
}

/// What people call a reader.
fn called(reader: &ReaderName, roles: &Roles) -> String {
    match reader {
        ReaderName::Person(person) => escape(roles.name_of(person)).into_owned(),
        ReaderName::Room(room) => format!("room {}", escape(room)),
    }
}

/// The run for people.
pub fn human(outlook: &Outlook, done: &[(Message, Ending)], roles: &Roles, page: &Page) -> String {
    let mut out = String::new();
    for (message, ending) in done {
        let (mark, tone, what) = match ending.word {
            ResultWord::Told => ("✓", Tone::Good, "was told"),
            ResultWord::Failed => ("…", Tone::Careful, "could not be told yet"),
            ResultWord::Refused => ("✗", Tone::Bad, "cannot be told there"),
            ResultWord::Uncertain => ("!", Tone::Bad, "may have been told"),
        };
        let who = called(&message.reader, roles);
        let digest = if message.digest { ", in a digest" } else { "" };
        let head = format!("{who} {what} on {}{digest}", escape(&message.place.channel));
        out += &format!("{} {head}\n", page.paint(tone, mark));
        for item in &message.items {
            out += &page.hanging(4, 6, &headline(item));
        }
        if let Some(reason) = &ending.reason {
            out += &page.wrapped(4, &page.paint(Tone::Faint, &escape(reason)));
        }
    }
    if done.is_empty() {
        out += "Nobody is to be told anything now.\n";
    }
    out + &rest(outlook, roles, page)
}

/// What would be said now, word for word, and what later.
pub fn rehearsal(outlook: &Outlook, notify: &Notify, roles: &Roles, page: &Page) -> String {
    let mut out = String::new();
    for message in &outlook.messages {
        let head = format!("{} on {}", called(&message.reader, roles), escape(&message.place.channel));
        out += &format!("{}\n", page.paint(Tone::Strong, &head));
        let zone = notify.readers.get(&message.reader).map_or(page.zone, |reader| reader.rhythm.audience);
        for line in text(message, roles, zone, page.now).lines() {
            out += &if line.is_empty() { "\n".to_owned() } else { page.hanging(2, 4, line) };
        }
        out.push('\n');
    }
    if outlook.messages.is_empty() {
        out += "Nobody is to be told anything now.\n";
    }
    out + &rest(outlook, roles, page)
}

/// What is not told now.
fn rest(outlook: &Outlook, roles: &Roles, page: &Page) -> String {
    let mut out = String::new();
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out += &format!("\n{}\n", page.paint(Tone::Strong, title));
            out += &lines.concat();
        }
    };
    let later = |later: &Later| {
        let why = match later.why {
            Why::Quiet => ", after the quiet hours",
            Why::Digest => ", in the digest",
            Why::Reminder => "",
            Why::Retry => ", once the channel is tried again",
            Why::Claimed => ": another run is about to say it",
        };
        let item = as_item(&later.key, &later.news);
        let head = format!("{} {}{why}: {}", page.time(later.at), called(&later.reader, roles), headline(&item));
        page.hanging(2, 4, &head)
    };
    section("Later", outlook.later.iter().map(later).collect());
    let undone = |one: &Undone| {
        page.hanging(2, 4, &format!("{}: {}", called(&one.reader, roles), headline(&as_item(&one.key, &one.news))))
    };
    section("Nobody knows whether they were told, and it is not said twice", outlook.lost.iter().map(undone).collect());
    section(
        "Cannot be told: their channels lack variables; `greenlit notify test` names them",
        outlook.unreachable.iter().map(undone).collect(),
    );
    out
}

/// A place that was tried.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Tried {
    /// The channel.
    channel: String,
    /// The variables that it reads.
    variables: Vec<String>,
    /// Whether it took the message.
    works: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Tried {
    /// By what the channel answered.
    pub fn of(channel: &Channel, ending: Ending) -> Self {
        Self {
            channel: channel.name.clone(),
            variables: channel.variables().collect(),
            works: ending.word == ResultWord::Told,
            reason: ending.reason,
        }
    }

    /// Whether it took the message.
    pub fn worked(&self) -> bool {
        self.works
    }
}

/// What `greenlit notify test --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct TrialReport {
    version: u32,
    /// Every place that was tried.
    tried: Vec<Tried>,
}

/// The trials for programs.
pub fn trials(tried: &[Tried]) -> TrialReport {
    TrialReport { version: 1, tried: tried.to_vec() }
}

/// The trials for people.
pub fn trials_human(tried: &[Tried], page: &Page) -> String {
    let mut out = String::new();
    for one in tried {
        let (mark, tone, what) =
            if one.works { ("✓", Tone::Good, "took it") } else { ("✗", Tone::Bad, "did not take it") };
        out += &format!("{} {} {what}\n", page.paint(tone, mark), escape(&one.channel));
        if let Some(reason) = &one.reason {
            out += &page.wrapped(4, &escape(reason));
        }
    }
    if tried.iter().all(|one| one.works) {
        out += &page.wrapped(0, &format!("{} reached; look whether it arrived.", counted(tried.len(), "place")));
    }
    out
}
