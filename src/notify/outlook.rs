//! Who is told what now, and who will be told what when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::moments::{awake, reminder};
use super::news::{News, What};
use super::settings::{Channel, Notify, Place, Reader, ReaderName};
use crate::ledger::tellings::{Attempt, Standing};
use crate::ledger::{NewsKey, NewsKind};
use crate::workspace::{PersonId, Sha256};

/// For so long, nobody else takes over what a run began to say.
const LEASE: TimeDelta = TimeDelta::minutes(30);
/// For so long, a message may be said again under its name: Synapse keeps the names of transactions for a day
/// (<https://github.com/matrix-org/synapse/pull/8476>, checked 2026-11-28).
const REPEATS: TimeDelta = TimeDelta::hours(12);
/// What happened longer ago is no news.
const NEWS: TimeDelta = TimeDelta::days(8);
/// So often in vain, and the next channel is tried.
const TRIES: usize = 3;
/// Between two tries on a channel.
const BACKOFF: [TimeDelta; 2] = [TimeDelta::minutes(10), TimeDelta::minutes(25)];
/// A channel that wants to be left alone for longer is passed over.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// So near to a deadline, nobody waits for a channel while there is another.
const NEAR: TimeDelta = TimeDelta::hours(2);
/// Between two tries where no channel works.
const REST: TimeDelta = TimeDelta::hours(6);

/// All that it takes to see who is told what.
pub struct Round<'a, E> {
    /// Where and when everyone is told.
    pub notify: &'a Notify,
    /// The workspace's id.
    pub workspace: &'a str,
    /// Who is away today.
    pub away: &'a BTreeSet<PersonId>,
    /// Since when news is told.
    pub begun: DateTime<Utc>,
    /// The clock.
    pub now: DateTime<Utc>,
    /// Whether a channel can be used: its secrets are there.
    pub usable: &'a dyn Fn(&Channel) -> bool,
    /// How telling a piece of news stands.
    pub told: &'a dyn Fn(&NewsKey) -> Result<Standing, E>,
}

/// Who is told what now, and who will be told what when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// What is to be said now.
    pub messages: Vec<Message>,
    /// Digests that are made up now.
    pub digests: Vec<NewsKey>,
    /// What is told later.
    pub later: Vec<Later>,
    /// What was begun and nobody knows whether it was said, and that is not said again.
    pub lost: Vec<Undone>,
    /// What nobody can be told, because no channel of theirs can be used.
    pub unreachable: Vec<Undone>,
}

/// What is said to somebody at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// To whom.
    pub reader: ReaderName,
    /// Where.
    pub place: Place,
    /// Its name: the same when it is said again.
    pub id: String,
    /// The channels that should have been used and do not work.
    pub instead_of: Vec<String>,
    /// Whether it is a digest.
    pub digest: bool,
    /// Most urgent first; never empty.
    pub items: Vec<Item>,
}

/// A piece of news in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is told.
    pub key: NewsKey,
    /// What need not be told any more once this is.
    pub covers: Vec<NewsKey>,
    /// What it is about.
    pub news: News,
    /// Whether a post of it was changed since the reader approved it.
    pub fallen: bool,
}

/// What is told later.
#[derive(Debug, Clone, PartialEq)]
pub struct Later {
    /// To whom.
    pub reader: ReaderName,
    /// What.
    pub key: NewsKey,
    /// What it is about.
    pub news: News,
    /// When, at the earliest.
    pub at: DateTime<Utc>,
    /// Why not now.
    pub why: Why,
}

/// Why something is told later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The reader's quiet hours.
    Quiet,
    /// It is part of the next digest.
    Digest,
    /// It is a reminder.
    Reminder,
    /// The channel failed, and is tried again.
    Retry,
    /// Another run is saying it.
    Claimed,
}

/// What was not told.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    /// To whom.
    pub reader: ReaderName,
    /// What.
    pub key: NewsKey,
    /// What it is about.
    pub news: News,
    /// How it was begun, where it was.
    pub attempt: Option<Attempt>,
}

/// Something to tell, and from when on.
struct Candidate<'n> {
    key: NewsKey,
    covers: Vec<NewsKey>,
    news: &'n News,
    ready: DateTime<Utc>,
    why: Why,
    standing: Standing,
    fallen: bool,
}

/// A digest that is due now.
#[derive(Debug, Clone, PartialEq)]
struct Slot {
    /// The mark to set, where one falls due.
    now: Option<NewsKey>,
    next: DateTime<Utc>,
}

impl<E> Round<'_, E> {
    /// Holds the news against what was told.
    ///
    /// # Errors
    /// When what was told cannot be read: nobody is told anything twice for that.
    pub fn outlook(&self, news: &[News]) -> Result<Outlook, E> {
        let mut outlook = Outlook::default();
        for (name, reader) in &self.notify.readers {
            let slot = self.slot(name, reader)?;
            let mut candidates = Vec::new();
            for news in news.iter().filter(|news| self.concerns(name, news)) {
                candidates.extend(self.candidate(name, reader, news, slot.as_ref())?);
            }
            self.of_reader(name, reader, candidates, slot, &mut outlook);
        }
        outlook.later.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        Ok(outlook)
    }

    fn concerns(&self, name: &ReaderName, news: &News) -> bool {
        let is_new = news.at.is_none_or(|at| at >= self.begun && at >= self.now - NEWS);
        // Who is away is told what nobody else can do, and of the rest when back.
        let is_there = |person: &PersonId| news.at.is_none() || !self.away.contains(person);
        is_new
            && match name {
                ReaderName::Room(_) => true,
                ReaderName::Person(person) => {
                    let concerned = news.people.contains(person) || news.when_late.contains(person);
                    concerned && is_there(person)
                }
            }
    }

    /// The digest of a reader that has one.
    fn slot(&self, name: &ReaderName, reader: &Reader) -> Result<Option<Slot>, E> {
        let Some(digest) = reader.digest else { return Ok(None) };
        let zone = reader.rhythm.audience;
        let far = self.now + NEWS;
        let next = digest.next(self.now, zone).unwrap_or(far);
        let last = digest.last(self.now, zone).filter(|last| *last >= self.begun);
        let mark = last.map(|last| NewsKey {
            reader: name.to_string(),
            kind: NewsKind::Digest,
            subject: last.format("%Y-%m-%dT%H:%MZ").to_string(),
        });
        let now = match mark {
            Some(mark) if reader.rhythm.rests(self.now).is_none() => (self.told)(&mark)?.told.is_none().then_some(mark),
            _ => None,
        };
        Ok(Some(Slot { now, next }))
    }

    /// What is to be told of a piece of news, and when; `None` where nothing is.
    fn candidate<'n>(
        &self,
        name: &ReaderName,
        reader: &Reader,
        news: &'n News,
        slot: Option<&Slot>,
    ) -> Result<Option<Candidate<'n>>, E> {
        let key = |kind: NewsKind, subject: String| NewsKey { reader: name.to_string(), kind, subject };
        let wants = |kind: NewsKind| reader.news.contains(&kind);
        let first = key(news.kind, news.subject.clone());
        let in_digest = |kind: NewsKind| match slot {
            Some(slot) if can_wait(kind) => {
                if slot.now.is_some() {
                    (self.now, Why::Digest)
                } else {
                    (slot.next, Why::Digest)
                }
            }
            _ => (self.now, Why::Quiet),
        };
        let is_turn = match name {
            ReaderName::Room(_) => true,
            ReaderName::Person(person) => news.people.contains(person),
        };
        let candidate = |key: NewsKey, covers, ready, why, standing| {
            Some(Candidate { key, covers, news, ready, why, standing, fallen: false })
        };
        let Some(deadline) = news.deadline.filter(|_| news.kind == NewsKind::Turn) else {
            if !wants(news.kind) || !is_turn {
                return Ok(None);
            }
            let standing = (self.told)(&first)?;
            if standing.told.is_some() {
                return Ok(None);
            }
            let (ready, why) = in_digest(news.kind);
            return Ok(candidate(first, Vec::new(), ready, why, standing));
        };

        let until = deadline.format("%Y-%m-%dT%H:%M:%SZ");
        let reminding = key(NewsKind::Deadline, format!("{} until {until}", news.subject));
        let overdue = key(NewsKind::Overdue, format!("{} until {until}", news.subject));
        let first_told = (self.told)(&first)?;
        if self.now >= deadline && wants(NewsKind::Overdue) {
            let standing = (self.told)(&overdue)?;
            if standing.told.is_some() {
                return Ok(None);
            }
            let mut covers = Vec::new();
            if is_turn {
                covers.extend(first_told.told.is_none().then_some(first));
                covers.extend((self.told)(&reminding)?.told.is_none().then_some(reminding));
            }
            return Ok(candidate(overdue, covers, self.now, Why::Quiet, standing));
        }
        if !is_turn {
            return Ok(None);
        }
        let remind_at = reminder(&reader.rhythm, deadline, reader.remind);
        let is_soon = self.now >= remind_at && self.now < deadline;
        match first_told.told.or(first_told.open.as_ref().filter(|open| !self.may_repeat(open)).map(|open| open.at)) {
            None if wants(NewsKind::Turn) => {
                let (ready, why) = in_digest(NewsKind::Turn);
                let (ready, why) =
                    if remind_at < ready { (remind_at.max(self.now), Why::Reminder) } else { (ready, why) };
                Ok(candidate(first, if is_soon { vec![reminding] } else { Vec::new() }, ready, why, first_told))
            }
            // Who was told so late needs no reminder.
            Some(told) if told >= remind_at => Ok(None),
            _ if wants(NewsKind::Deadline) && self.now < deadline => {
                let standing = (self.told)(&reminding)?;
                if standing.told.is_some() {
                    return Ok(None);
                }
                Ok(candidate(reminding, Vec::new(), remind_at.max(self.now), Why::Reminder, standing))
            }
            _ => Ok(None),
        }
    }

    /// Whether what was begun is still being said, or may be said again.
    fn may_repeat(&self, open: &Attempt) -> bool {
        let repeats = self.notify.channels.get(&open.channel).is_some_and(|channel| channel.kind.repeats());
        repeats && self.now < open.since + REPEATS
    }

    /// Puts a reader's news into messages.
    fn of_reader(
        &self,
        name: &ReaderName,
        reader: &Reader,
        mut candidates: Vec<Candidate<'_>>,
        slot: Option<Slot>,
        outlook: &mut Outlook,
    ) {
        fold_fallen(&mut candidates, self.now);
        let mut messages: BTreeMap<(String, usize), Message> = BTreeMap::new();
        let mut to_say: Vec<(usize, Vec<String>, Candidate<'_>)> = Vec::new();
        for candidate in candidates {
            let undone = |attempt| Undone {
                reader: name.clone(),
                key: candidate.key.clone(),
                news: candidate.news.clone(),
                attempt,
            };
            let later = |at, why| Later {
                reader: name.clone(),
                key: candidate.key.clone(),
                news: candidate.news.clone(),
                at,
                why,
            };
            if let Some(open) = &candidate.standing.open {
                if self.may_repeat(open) {
                    match awake(&reader.rhythm, self.now) {
                        Some(at) if at <= self.now => {
                            let place = reader.places.iter().find(|place| place.channel == open.channel);
                            let place = place.or(reader.places.first());
                            let Some(place) = place.cloned() else { continue };
                            let message = messages.entry((open.message.clone(), 0)).or_insert_with(|| Message {
                                reader: name.clone(),
                                place,
                                id: open.message.clone(),
                                instead_of: Vec::new(),
                                digest: false,
                                items: Vec::new(),
                            });
                            message.items.push(candidate.item());
                        }
                        Some(at) => outlook.later.push(later(at, Why::Quiet)),
                        None => {}
                    }
                } else if !open.uncertain && self.now < open.at + LEASE {
                    outlook.later.push(later(open.at + LEASE, Why::Claimed));
                } else {
                    outlook.lost.push(undone(Some(open.clone())));
                }
                continue;
            }
            // What was begun waits for no digest.
            let ready = if candidate.standing.failures.is_empty() { candidate.ready } else { self.now };
            let from = ready.max(self.now);
            let Some(at) = awake(&reader.rhythm, from) else { continue };
            if at > self.now {
                let why = if at > from { Why::Quiet } else { candidate.why };
                outlook.later.push(later(at, why));
                continue;
            }
            let is_near =
                candidate.news.deadline.is_some_and(|deadline| self.now < deadline && deadline <= self.now + NEAR);
            let untried = if is_near { self.untried(reader, &candidate.standing) } else { None };
            match untried.unwrap_or_else(|| self.choose(reader, &candidate.standing)) {
                Chosen::Now(place, passed) => to_say.push((place, passed, candidate)),
                Chosen::Wait(until) => outlook.later.push(later(until, Why::Retry)),
                Chosen::Nobody => outlook.unreachable.push(undone(None)),
            }
        }
        let is_digest = slot.as_ref().is_some_and(|slot| slot.now.is_some());
        outlook.digests.extend(slot.and_then(|slot| slot.now));
        to_say.sort_by(|(a, _, one), (b, _, other)| (a, one.urgency()).cmp(&(b, other.urgency())));
        let mut places: BTreeMap<usize, Vec<(Vec<String>, Item, bool)>> = BTreeMap::new();
        for (place, passed, candidate) in to_say {
            let waits = can_wait(candidate.key.kind) && candidate.why == Why::Digest;
            places.entry(place).or_default().push((passed, candidate.item(), waits));
        }
        for (at, items) in places {
            let Some(place) = reader.places.get(at) else { continue };
            let most = self.notify.channels.get(&place.channel).map_or(1, |channel| channel.kind.most_items());
            for some in items.chunks(most) {
                let mut message = Message {
                    reader: name.clone(),
                    place: place.clone(),
                    id: String::new(),
                    instead_of: some.first().map(|(passed, ..)| passed.clone()).unwrap_or_default(),
                    digest: is_digest && some.iter().any(|(.., waits)| *waits),
                    items: some.iter().map(|(_, item, _)| item.clone()).collect(),
                };
                message.id = message.name(self.workspace);
                outlook.messages.push(message);
            }
        }
        outlook.messages.extend(messages.into_values());
    }

    /// The first place that works.
    fn choose(&self, reader: &Reader, standing: &Standing) -> Chosen {
        let mut passed: Vec<String> = Vec::new();
        let mut rests: Option<(DateTime<Utc>, usize)> = None;
        for (at, place) in reader.places.iter().enumerate() {
            let Some(channel) = self.notify.channels.get(&place.channel).filter(|one| (self.usable)(one)) else {
                passed.push(place.channel.clone());
                continue;
            };
            let Some(failures) = standing.failures.get(&channel.name) else { return Chosen::Now(at, passed) };
            let wait = BACKOFF.get(failures.count.saturating_sub(1)).copied().unwrap_or(PATIENCE);
            let ready = failures.not_before.unwrap_or(failures.last).max(failures.last + wait);
            if failures.refused || failures.count >= TRIES || ready > failures.last + PATIENCE {
                passed.push(channel.name.clone());
                let again = failures.not_before.unwrap_or(failures.last).max(failures.last + REST);
                rests = Some(rests.map_or((again, at), |known| known.min((again, at))));
            } else if ready > self.now {
                return Chosen::Wait(ready);
            } else {
                return Chosen::Now(at, passed);
            }
        }
        match rests {
            Some((again, at)) if again <= self.now => Chosen::Now(at, Vec::new()),
            Some((again, _)) => Chosen::Wait(again),
            None => Chosen::Nobody,
        }
    }

    /// The first place where nothing went wrong yet.
    fn untried(&self, reader: &Reader, standing: &Standing) -> Option<Chosen> {
        let channel = |place: &Place| self.notify.channels.get(&place.channel);
        let works = |place: &Place| channel(place).is_some_and(|one| (self.usable)(one));
        let at = reader.places.iter().position(|one| works(one) && !standing.failures.contains_key(&one.channel))?;
        let passed = reader.places.iter().take(at).map(|place| place.channel.clone()).collect();
        Some(Chosen::Now(at, passed))
    }
}

enum Chosen {
    /// A place, and the channels before it that do not work.
    Now(usize, Vec<String>),
    Wait(DateTime<Utc>),
    Nobody,
}

/// Whether a kind of news can wait for a digest.
fn can_wait(kind: NewsKind) -> bool {
    !matches!(kind, NewsKind::Deadline | NewsKind::Overdue | NewsKind::Failed | NewsKind::Policy)
}

/// Tells in one what was changed since somebody approved it and waits for them again.
fn fold_fallen(candidates: &mut Vec<Candidate<'_>>, now: DateTime<Utc>) {
    let is_new = |candidate: &Candidate<'_>| candidate.standing == Standing::default() && candidate.ready <= now;
    let mut fallen: Vec<(NewsKey, News)> = Vec::new();
    for candidate in candidates.iter().filter(|candidate| candidate.key.kind == NewsKind::Changed && is_new(candidate))
    {
        fallen.push((candidate.key.clone(), candidate.news.clone()));
    }
    for (key, news) in fallen {
        let is_same = |candidate: &&mut Candidate<'_>| {
            matches!(candidate.news.what, What::Approve { .. })
                && candidate.news.post == news.post
                && is_new(candidate)
                && candidate.key.kind != NewsKind::Changed
        };
        let Some(turn) = candidates.iter_mut().find(is_same) else { continue };
        turn.fallen = true;
        turn.covers.push(key.clone());
        candidates.retain(|candidate| candidate.key != key);
    }
}

impl Candidate<'_> {
    fn item(&self) -> Item {
        let Self { key, covers, news, fallen, .. } = self;
        Item { key: key.clone(), covers: covers.clone(), news: (*news).clone(), fallen: *fallen }
    }

    fn urgency(&self) -> (usize, Option<DateTime<Utc>>, &NewsKey) {
        let kinds = [
            NewsKind::Policy,
            NewsKind::Failed,
            NewsKind::Overdue,
            NewsKind::Deadline,
            NewsKind::Hold,
            NewsKind::Turn,
            NewsKind::Changed,
            NewsKind::Out,
        ];
        let kind = kinds.iter().position(|kind| *kind == self.key.kind).unwrap_or(kinds.len());
        (kind, self.news.deadline, &self.key)
    }
}

impl Message {
    /// All that is told once this is said.
    pub fn keys(&self) -> impl Iterator<Item = &NewsKey> {
        self.items.iter().flat_map(|item| [&item.key].into_iter().chain(&item.covers))
    }

    /// The same for the same news to the same reader.
    fn name(&self, workspace: &str) -> String {
        let mut hashes: Vec<String> = self.keys().map(|key| key.hash(workspace)).collect();
        hashes.sort();
        let mut name = Sha256::of(format!("{}\n{}", self.place.channel, hashes.join("\n")).as_bytes());
        name.truncate(32);
        name
    }
}
