//! Weeks of runs against a ledger in memory: everyone is told once, before the deadline, never in their quiet hours.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::ledger::tellings::{Standing, Step};
use crate::ledger::{NewsKey, NewsKind, Telling};
use crate::workspace::{PersonId, Roles, load_roles};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn roles() -> Roles {
    let people: String = ["noor", "li", "tess", "maya"]
        .map(|person| format!("[people.{person}]\nname = \"{person}\"\nemails = [\"{person}@acme.example\"]\n"))
        .concat();
    let text = format!(
        "version = 1\n{people}[roles]\neditor = [\"noor\", \"li\"]\nlegal = [\"tess\"]\nadmin = [\"maya\"]\n\
         [policy]\nevidence = \"sign-off\"\n[[workflow]]\nname = \"default\"\nstages = [{{ role = \"editor\" }}]\n"
    );
    load_roles(text.as_bytes()).0.unwrap()
}

const CHANNELS: &str = "version = 1\n[channels.slack]\nkind = \"slack\"\n[channels.matrix]\nkind = \"matrix\"\n[channels.hook]\nkind = \"webhook\"\n";

fn notify(text: &str) -> Notify {
    let (notify, findings) = Notify::read(format!("{CHANNELS}{text}").as_bytes(), &roles(), chrono_tz::Europe::Berlin);
    let told: Vec<String> = findings.iter().map(|finding| finding.message.clone()).collect();
    notify.unwrap_or_else(|| panic!("{told:?}"))
}

fn turn(subject: &str, people: &[&str], deadline: Option<&str>) -> News {
    News {
        kind: NewsKind::Turn,
        subject: subject.to_owned(),
        people: people.iter().map(|person| (*person).to_owned()).collect(),
        when_late: BTreeSet::new(),
        deadline: deadline.map(at),
        at: None,
        post: None,
        title: subject.to_owned(),
        accounts: Vec::new(),
        what: What::Approve { stage: None, due: None },
        command: None,
    }
}

/// What becomes of what a run says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Luck {
    Good,
    /// The channel is away.
    Down,
    /// The run dies after it said everything.
    DiesAfter,
    /// The run dies before it said anything.
    DiesBefore,
}

/// A ledger, and what arrived.
struct World {
    notify: Notify,
    begun: DateTime<Utc>,
    away: BTreeSet<PersonId>,
    ledger: RefCell<BTreeMap<NewsKey, Vec<Telling>>>,
    /// By message and place, as channels that know names see it: what arrived, when first.
    arrived: BTreeMap<(String, String), Arrived>,
    nth: usize,
}

#[derive(Debug, Clone)]
struct Arrived {
    at: DateTime<Utc>,
    reader: String,
    channel: String,
    keys: Vec<NewsKey>,
}

impl World {
    fn new(text: &str, begun: &str) -> Self {
        let (notify, begun) = (notify(text), at(begun));
        Self { notify, begun, away: BTreeSet::new(), ledger: RefCell::default(), arrived: BTreeMap::new(), nth: 0 }
    }

    fn outlook(&self, news: &[News], now: DateTime<Utc>) -> Outlook {
        let told = |key: &NewsKey| {
            let ledger = self.ledger.borrow();
            Ok::<_, Infallible>(Standing::of(ledger.get(key).map(Vec::as_slice).unwrap_or_default()))
        };
        let round = Round {
            notify: &self.notify,
            workspace: "w",
            away: &self.away,
            begun: self.begun,
            now,
            usable: &|_| true,
            told: &told,
        };
        round.outlook(news).unwrap()
    }

    fn write(&self, key: &NewsKey, step: Step, message: Option<&Message>, now: DateTime<Utc>) {
        let telling = Telling {
            version: 1,
            key: key.clone(),
            step,
            channel: message.map(|message| message.place.channel.clone()),
            message: message.map(|message| message.id.clone()).unwrap_or_default(),
            runner: "4f".to_owned(),
            at: now,
            not_before: None,
        };
        self.ledger.borrow_mut().entry(key.clone()).or_default().push(telling);
    }

    /// One run, as `cli/notify/say.rs` makes it.
    fn run(&mut self, news: &[News], now: DateTime<Utc>, luck: &dyn Fn(&str) -> Luck) -> Outlook {
        let outlook = self.outlook(news, now);
        outlook.messages.iter().for_each(|message| {
            message.items.iter().for_each(|item| self.write(&item.key, Step::Claimed, Some(message), now));
        });
        outlook.digests.iter().for_each(|key| self.write(key, Step::Told, None, now));
        for message in &outlook.messages {
            let luck = luck(&message.place.channel);
            if matches!(luck, Luck::Good | Luck::DiesAfter) {
                // A channel that knows names takes each once; any other takes all it gets.
                self.nth += 1;
                let repeats = self.notify.channels[&message.place.channel].kind.repeats();
                let name = if repeats { message.id.clone() } else { format!("{} {}", message.id, self.nth) };
                self.arrived.entry((message.place.channel.clone(), name)).or_insert(Arrived {
                    at: now,
                    reader: message.reader.to_string(),
                    channel: message.place.channel.clone(),
                    keys: message.keys().cloned().collect(),
                });
            }
            match luck {
                Luck::Good => message.keys().for_each(|key| self.write(key, Step::Told, Some(message), now)),
                Luck::Down => {
                    message.items.iter().for_each(|item| self.write(&item.key, Step::Failed, Some(message), now))
                }
                Luck::DiesAfter | Luck::DiesBefore => {}
            }
        }
        outlook
    }

    /// What arrived for somebody: when, on which channel, which kinds.
    fn heard(&self, who: &str) -> Vec<String> {
        let mut all: Vec<&Arrived> = self.arrived.values().filter(|arrived| arrived.reader == who).collect();
        all.sort_by_key(|arrived| arrived.at);
        let told = all.into_iter().map(|arrived| {
            let kinds: Vec<String> = arrived.keys.iter().map(|key| format!("{:?}", key.kind)).collect();
            format!("{} {} {}", arrived.at.format("%a %H:%M"), arrived.channel, kinds.join("+"))
        });
        told.collect()
    }

    /// Runs every so many minutes.
    fn runs(
        &mut self,
        news: &[News],
        from: &str,
        until: &str,
        minutes: i64,
        luck: &dyn Fn(DateTime<Utc>, &str) -> Luck,
    ) {
        let mut now = at(from);
        while now < at(until) {
            self.run(news, now, &|channel| luck(now, channel));
            now += TimeDelta::minutes(minutes);
        }
    }
}

const READ: &str = "read = [{ on = \"slack\" }, { on = \"matrix\", to = \"!a:x\" }]\n";

fn good(_: DateTime<Utc>, _: &str) -> Luck {
    Luck::Good
}

#[test]
fn a_reminder_comes_before_the_quiet_hours_where_it_would_be_late_after_them() {
    let noor = format!("[people.noor]\n{READ}quiet = [\"20:00-08:00\"]\nremind = \"2h\"\ntimezone = \"UTC\"\n");
    // Until two in the night: two hours before is midnight, so before eight in the evening.
    let news = [turn("launch", &["noor"], Some("2026-12-02T02:00:00Z"))];
    let mut world = World::new(&noor, "2026-12-01T09:00:00Z");
    world.runs(&news, "2026-12-01T09:00:00Z", "2026-12-03T12:00:00Z", 60, &good);
    assert_eq!(world.heard("noor"), ["Tue 09:00 slack Turn", "Tue 19:00 slack Deadline", "Wed 08:00 slack Overdue"]);
    // What comes up in the quiet hours with a deadline in them waits all the same, and says what it is by then.
    let mut world = World::new(&noor, "2026-12-01T21:00:00Z");
    world.runs(&news, "2026-12-01T21:00:00Z", "2026-12-03T12:00:00Z", 60, &good);
    assert_eq!(world.heard("noor"), ["Wed 08:00 slack Overdue+Turn+Deadline"]);
}

#[test]
fn whoever_wants_no_reminder_and_reads_a_digest_is_told_before_a_deadline_in_their_sleep() {
    // The next digest comes after it, and until then there are three hours awake.
    let maya = format!(
        "[people.maya]\n{READ}quiet = [\"23:20-05:10\"]\ndigest = \"daily 12:15\"\nremind = \"0h\"\ntimezone = \"UTC\"\n"
    );
    let news = [turn("launch", &["maya"], Some("2026-12-03T01:43:00Z"))];
    let mut world = World::new(&maya, "2026-12-01T09:00:00Z");
    world.runs(&[], "2026-12-02T12:13:00Z", "2026-12-02T19:43:00Z", 15, &good);
    world.runs(&news, "2026-12-02T19:43:00Z", "2026-12-04T12:00:00Z", 15, &good);
    assert_eq!(world.heard("maya"), ["Wed 21:58 slack Turn+Deadline", "Thu 05:13 slack Overdue"]);
    // Where less than that is left, at once.
    let mut world = World::new(&maya, "2026-12-01T09:00:00Z");
    world.runs(&[], "2026-12-02T12:15:00Z", "2026-12-02T22:50:00Z", 15, &good);
    world.runs(&news, "2026-12-02T22:50:00Z", "2026-12-03T01:43:00Z", 15, &good);
    assert_eq!(world.heard("maya"), ["Wed 22:50 slack Turn+Deadline"]);
}

#[test]
fn the_clocks_change_and_nobody_is_woken() {
    // In Berlin, Sunday 28 March 2027 has no hour from two to three; 31 October 2027 has it twice.
    let noor = format!("[people.noor]\n{READ}quiet = [\"22:00-02:30\"]\ndigest = \"daily 02:30\"\n");
    let news = [turn("launch", &["noor"], None)];
    let mut world = World::new(&noor, "2027-03-27T21:00:00Z");
    world.runs(&news, "2027-03-27T21:00:00Z", "2027-03-28T12:00:00Z", 15, &good);
    assert_eq!(world.heard("noor"), ["Sun 01:00 slack Turn"], "at three, when there is no half past two");
    let mut world = World::new(&noor, "2027-10-30T20:00:00Z");
    world.runs(&news, "2027-10-30T20:00:00Z", "2027-10-31T12:00:00Z", 15, &good);
    assert_eq!(world.heard("noor"), ["Sun 00:30 slack Turn"], "at the first half past two");
    // A reminder a day before a deadline on a day that has 23 hours.
    let li = format!("[people.li]\n{READ}quiet = [\"20:00-08:00\"]\n");
    let news = [turn("launch", &["li"], Some("2027-03-28T17:00:00Z"))];
    let mut world = World::new(&li, "2027-03-26T10:00:00Z");
    world.runs(&news, "2027-03-26T10:00:00Z", "2027-03-28T16:00:00Z", 15, &good);
    assert_eq!(world.heard("li"), ["Fri 10:00 slack Turn", "Sat 17:00 slack Deadline"]);
}

#[test]
fn a_digest_takes_along_what_can_wait() {
    let noor = format!("[people.noor]\n{READ}digest = \"mon 09:00\"\n");
    let mut world = World::new(&noor, "2026-11-30T10:00:00Z");
    let mut failed = turn("failed", &["noor"], None);
    failed.kind = NewsKind::Failed;
    let news = [turn("a", &["noor"], None), turn("b", &["noor"], Some("2026-12-04T12:00:00Z")), failed];
    world.runs(&news, "2026-11-30T10:00:00Z", "2026-12-07T12:00:00Z", 60, &good);
    assert_eq!(
        world.heard("noor"),
        ["Mon 10:00 slack Failed", "Thu 12:00 slack Turn+Deadline", "Fri 12:00 slack Overdue", "Mon 08:00 slack Turn"]
    );
    // What comes up just after the digest waits for the next, though that one had nothing to say.
    let mut world = World::new(&noor, "2026-11-25T10:00:00Z");
    world.runs(&[], "2026-11-30T08:00:00Z", "2026-11-30T10:00:00Z", 60, &good);
    world.runs(&news[..1], "2026-11-30T10:00:00Z", "2026-12-08T10:00:00Z", 60, &good);
    assert_eq!(world.heard("noor"), ["Mon 08:00 slack Turn"]);
}

#[test]
fn a_stand_in_is_told_while_somebody_is_away_and_they_of_what_happened_when_back() {
    let text = format!("[people.noor]\n{READ}[people.li]\n{READ}");
    let mut world = World::new(&text, "2026-12-01T09:00:00Z");
    let mut out = turn("out", &["noor", "li"], None);
    (out.kind, out.at) = (NewsKind::Out, Some(at("2026-12-02T09:00:00Z")));
    // As `todo` has it: whose turn it is, is the stand-in's, while noor is away.
    world.runs(&[turn("launch", &["noor"], None)], "2026-12-01T09:00:00Z", "2026-12-02T09:00:00Z", 60, &good);
    world.away = ["noor".to_owned()].into();
    world.runs(
        &[turn("launch", &["li"], None), out.clone()],
        "2026-12-02T09:00:00Z",
        "2026-12-04T09:00:00Z",
        60,
        &good,
    );
    world.away = BTreeSet::new();
    world.runs(&[turn("launch", &["noor"], None), out], "2026-12-04T09:00:00Z", "2026-12-05T09:00:00Z", 60, &good);
    assert_eq!(world.heard("noor"), ["Tue 09:00 slack Turn", "Fri 09:00 slack Out"]);
    assert_eq!(world.heard("li"), ["Wed 09:00 slack Turn+Out"]);
}

#[test]
fn a_channel_that_fails_is_tried_again_and_then_the_next_one_is_used() {
    let text = format!("[people.noor]\n{READ}[people.li]\nread = [{{ on = \"slack\" }}]\n");
    let mut world = World::new(&text, "2026-12-01T09:00:00Z");
    let news = [turn("launch", &["noor", "li"], None)];
    let luck = |now: DateTime<Utc>, channel: &str| {
        if channel == "slack" && now < at("2026-12-01T12:00:00Z") { Luck::Down } else { Luck::Good }
    };
    let mut outlooks = Vec::new();
    let mut now = at("2026-12-01T09:00:00Z");
    while now < at("2026-12-01T20:00:00Z") {
        outlooks.push(world.run(&news, now, &|channel| luck(now, channel)));
        now += TimeDelta::minutes(15);
    }
    // At 9:00, 9:15 and 9:45 it failed; then the next channel is told at once, and says why.
    assert_eq!(world.heard("noor"), ["Tue 10:00 matrix Turn"]);
    let said = outlooks[4].messages.iter().find(|message| message.reader == ReaderName::Person("noor".into()));
    assert_eq!(said.unwrap().instead_of, ["slack"]);
    // Who has no other is not forgotten.
    assert_eq!(world.heard("li"), ["Tue 15:45 slack Turn"]);
    assert!(outlooks[1].later.is_empty() && outlooks[2].later.iter().any(|later| later.why == Why::Retry));
}

#[test]
fn near_a_deadline_the_next_channel_is_used_at_once() {
    let text = format!(
        "[people.noor]\n{READ}remind = \"0h\"\ndigest = \"wed 12:00\"\n[people.li]\nread = [{{ on = \"slack\" }}]\n"
    );
    let mut world = World::new(&text, "2026-12-01T09:00:00Z");
    let news = [turn("launch", &["noor", "li"], Some("2026-12-03T12:00:00Z"))];
    // Slack is away from the reminder on until just before the deadline.
    let luck = |now: DateTime<Utc>, channel: &str| {
        let is_away = now >= at("2026-12-03T10:00:00Z") && now < at("2026-12-03T11:55:00Z");
        if channel == "slack" && is_away { Luck::Down } else { Luck::Good }
    };
    world.runs(&[], "2026-12-02T11:30:00Z", "2026-12-02T12:30:00Z", 30, &luck);
    world.runs(&news, "2026-12-02T12:30:00Z", "2026-12-03T12:00:00Z", 29, &luck);
    assert_eq!(world.heard("noor"), ["Thu 11:13 matrix Turn+Deadline"]);
    // Whoever has no other waits for it.
    assert_eq!(world.heard("li"), ["Wed 12:30 slack Turn+Deadline"]);
}

#[test]
fn what_a_dead_run_began_is_said_again_only_where_the_channel_knows_it() {
    let text = "[people.noor]\nread = [{ on = \"slack\" }]\n[people.li]\nread = [{ on = \"matrix\", to = \"!a:x\" }]\n\
                [people.tess]\nread = [{ on = \"hook\" }]\n";
    for luck in [Luck::DiesAfter, Luck::DiesBefore] {
        let mut world = World::new(text, "2026-12-01T09:00:00Z");
        let news = [turn("launch", &["noor", "li", "tess"], None)];
        world.run(&news, at("2026-12-01T09:00:00Z"), &|_| luck);
        let soon = world.outlook(&news, at("2026-12-01T09:10:00Z"));
        assert_eq!(soon.later.len(), 1, "the other run may still be saying it on Slack");
        let again = world.run(&news, at("2026-12-01T10:00:00Z"), &|_| Luck::Good);
        world.runs(&news, "2026-12-01T11:00:00Z", "2026-12-03T09:00:00Z", 60, &good);
        let when = if luck == Luck::DiesAfter { "Tue 09:00" } else { "Tue 10:00" };
        assert_eq!(world.heard("li"), [format!("{when} matrix Turn")]);
        assert_eq!(world.heard("tess"), [format!("{when} hook Turn")]);
        assert_eq!(world.heard("noor").len(), usize::from(luck == Luck::DiesAfter), "never twice");
        assert_eq!(again.lost.len(), 1, "and it is said that nobody knows");
    }
}

#[test]
fn a_turn_is_new_when_it_came_anew_and_old_news_is_none() {
    let text = format!("[people.noor]\n{READ}");
    let mut world = World::new(&text, "2026-12-01T09:00:00Z");
    let mut changed = turn("changed launch", &["noor"], None);
    (changed.kind, changed.what) = (NewsKind::Changed, What::Fallen);
    world.runs(&[turn("launch", &["noor"], None)], "2026-12-01T09:00:00Z", "2026-12-02T09:00:00Z", 60, &good);
    let both = [turn("launch fallen", &["noor"], None), changed];
    world.runs(&both, "2026-12-02T09:00:00Z", "2026-12-03T09:00:00Z", 60, &good);
    assert_eq!(world.heard("noor"), ["Tue 09:00 slack Turn", "Wed 09:00 slack Turn+Changed"]);
    let mut old = turn("out", &["noor"], None);
    (old.kind, old.at) = (NewsKind::Out, Some(at("2026-12-01T08:59:00Z")));
    let mut recent = old.clone();
    (recent.subject, recent.at) = ("recent".to_owned(), Some(at("2026-12-01T09:01:00Z")));
    world.runs(&[old, recent.clone()], "2026-12-10T09:02:00Z", "2026-12-10T12:00:00Z", 60, &good);
    assert_eq!(world.heard("noor").len(), 2, "from before the first run, or more than eight days ago");
}

#[test]
fn much_news_comes_in_several_messages_and_none_is_left_out() {
    let text = format!("[people.noor]\n{READ}");
    let mut world = World::new(&text, "2026-12-01T09:00:00Z");
    let news: Vec<News> = (0..23).map(|n| turn(&format!("post {n:02}"), &["noor"], None)).collect();
    let outlook = world.run(&news, at("2026-12-01T09:00:00Z"), &|_| Luck::Good);
    assert_eq!(outlook.messages.iter().map(|message| message.items.len()).collect::<Vec<_>>(), [10, 10, 3]);
    let told: BTreeSet<&NewsKey> = outlook.messages.iter().flat_map(Message::keys).collect();
    assert_eq!(told.len(), 23);
    assert_eq!(world.outlook(&news, at("2026-12-01T10:00:00Z")), Outlook::default());
}

/// Something that waits for somebody for a time, in minutes from the beginning.
#[derive(Debug, Clone)]
struct Wait {
    who: usize,
    from: i64,
    until: i64,
    deadline: Option<i64>,
}

const PEOPLE: [&str; 4] = ["noor", "li", "tess", "maya"];
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
];
const DIGESTS: [&str; 6] = ["never", "never", "daily 12:15", "daily 02:30", "wed 12:00", "sat 23:59"];
const WEEKDAYS: [&str; 4] = ["mon-sun", "mon-sun", "mon-fri", "sat, sun"];

fn waits() -> impl Strategy<Value = Vec<Wait>> {
    let wait = (0..4usize, 0..8_000i64, 60..6_000i64, prop::option::of(30..5_000i64));
    let wait = wait.prop_map(|(who, from, lasts, deadline)| Wait {
        who,
        from,
        until: from + lasts,
        deadline: deadline.map(|after| from + after),
    });
    prop::collection::vec(wait, 1..12)
}

/// When somebody reads.
#[derive(Debug, Clone)]
struct Habits {
    zone: usize,
    /// The hour in which the quiet ones begin, and how many there are.
    quiet: (u32, u32),
    digest: usize,
    weekdays: usize,
    /// In hours.
    remind: u64,
}

impl Habits {
    /// A table of the file. A digest that nobody would be awake for is left out.
    fn table(&self, person: &str) -> String {
        let (from, hours) = self.quiet;
        let quiet = format!("{from:02}:20-{:02}:10", (from + hours) % 24);
        let days: Vec<String> = WEEKDAYS[self.weekdays].split(", ").map(|day| format!("{day:?}")).collect();
        let table = |digest: &str| {
            format!(
                "[people.{person}]\n{READ}timezone = \"{}\"\nquiet = [\"{quiet}\"]\nweekdays = [{}]\ndigest = \"{digest}\"\n\
                 remind = \"{}h\"\n",
                ZONES[self.zone],
                days.join(", "),
                self.remind
            )
        };
        let own = table(DIGESTS[self.digest]);
        let file = format!("{CHANNELS}{own}");
        if Notify::read(file.as_bytes(), &roles(), chrono_tz::UTC).0.is_some() { own } else { table("never") }
    }
}

fn roster() -> impl Strategy<Value = Vec<Habits>> {
    let habits = (0..8usize, (0..24u32, 1..24u32), 0..6usize, 0..4usize, 0..48u64);
    let habits =
        habits.prop_map(|(zone, quiet, digest, weekdays, remind)| Habits { zone, quiet, digest, weekdays, remind });
    prop::collection::vec(habits, 4)
}

/// Clocks change within the week: on 14 March, 28 March, 4 April, 26 September, 31 October or 7 November 2027; and a week without.
const BEGINNINGS: [&str; 7] = [
    "2027-03-12T00:00:00Z",
    "2027-03-26T00:00:00Z",
    "2027-04-02T00:00:00Z",
    "2027-09-24T00:00:00Z",
    "2027-10-29T00:00:00Z",
    "2027-11-05T00:00:00Z",
    "2027-06-04T00:00:00Z",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn everyone_is_told_once_before_the_deadline_never_in_their_quiet_hours(
        roster in roster(),
        waits in waits(),
        begun in prop::sample::select(BEGINNINGS.to_vec()),
        steps in prop::collection::vec(5..30i64, 40),
        outages in prop::collection::vec((0..8_000i64, 0..600i64), 0..3),
    ) {
        let text: String = PEOPLE.iter().zip(&roster).map(|(person, habits)| habits.table(person)).collect();
        let mut world = World::new(&text, begun);
        let minute = |minutes: i64| at(begun) + TimeDelta::minutes(minutes);
        let down = |now: DateTime<Utc>| outages.iter().any(|(from, lasts)| minute(*from) <= now && now < minute(from + lasts));
        let (mut runs, mut now, mut step) = (Vec::new(), 0, 0);
        while now < 13_100 {
            let news: Vec<News> = waits.iter().enumerate().filter(|(_, wait)| wait.from <= now && now < wait.until).map(|(n, wait)| {
                let deadline = wait.deadline.map(|deadline| minute(deadline).to_rfc3339());
                turn(&format!("wait {n}"), &[PEOPLE[wait.who]], deadline.as_deref())
            }).collect();
            let time = minute(now);
            world.run(&news, time, &|channel| if channel == "slack" && down(time) { Luck::Down } else { Luck::Good });
            runs.push(now);
            now += steps[step % steps.len()];
            step += 1;
        }

        let readers = world.notify.readers.clone();
        let rests = |who: &str, time: DateTime<Utc>| readers[&ReaderName::Person(who.to_owned())].rhythm.rests(time).is_some();
        let mut seen = BTreeSet::new();
        for arrived in world.arrived.values() {
            prop_assert!(!rests(&arrived.reader, arrived.at), "{arrived:?}");
            for key in &arrived.keys {
                prop_assert!(seen.insert(key.clone()), "twice: {key:?}");
            }
        }
        for (n, wait) in waits.iter().enumerate() {
            let who = PEOPLE[wait.who];
            let subject = format!("wait {n}");
            let mine = |arrived: &&Arrived| {
                arrived.reader == who && arrived.keys.iter().any(|key| key.subject == subject || key.subject.starts_with(&format!("{subject} ")))
            };
            let first = world.arrived.values().filter(mine).map(|arrived| arrived.at).min();
            // From when on it could be told, at the runs of its time: an hour awake with the channels working.
            let could: Vec<i64> = runs.iter().copied().filter(|run| {
                wait.from <= *run && *run < wait.until && !rests(who, minute(*run)) && !down(minute(*run))
            }).collect();
            let awake = |until: i64| could.iter().filter(|run| **run < until).count();
            let has_digest = readers[&ReaderName::Person(who.to_owned())].digest.is_some();
            if let Some(deadline) = wait.deadline.filter(|deadline| *deadline <= wait.until) {
                // Half a day of runs at which it could be told: then it was, in time, digest or not.
                let last = could.iter().rev().find(|run| **run < deadline);
                let lately = last.is_some_and(|last| could.iter().filter(|run| **run < deadline && **run > last - 95).count() >= 3);
                if awake(deadline) > 10 && lately {
                    prop_assert!(first.is_some_and(|first| first < minute(deadline)), "{who} {wait:?}: {first:?}");
                }
            } else if !has_digest && awake(wait.until) > 10 {
                prop_assert!(first.is_some(), "{who} was forgotten: {wait:?}");
            }
        }
    }
}
