//! One row of the matrix: an adapter, a place, a kind of fault; runs until nothing changes any more; the verdict.

use std::cell::Cell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Child;

use greenlit::ledger::State;

use crate::networks::{self, Fault, Out};
use crate::office::{Desk, Office, Ran, after, go_on};
use crate::stub::Reply;

/// What a row is about: a post, and what comes of it.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Its name.
    pub post: &'static str,
    /// What is out at the end.
    pub texts: &'static [&'static str],
    pub end: End,
}

/// What the ledger says at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Published,
    Updated,
    Retracted,
}

/// The thread that most rows send.
pub const THREAD: Story = Story { post: "thread", texts: &["One.", "Two.", "Three."], end: End::Published };
/// Runs after which a row is given up.
const MOST_RUNS: usize = 7;
/// Longer than a lease.
const LATER: i64 = 31;

/// A network's adapter, or the same with a server of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adapter {
    pub title: &'static str,
    pub account: &'static str,
    pub network: &'static str,
    pub forgets_keys: bool,
}

/// What happens: the run is killed there; the step fails, or an answer is lost; the server is silent, or the machine
/// sleeps for longer than a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Killed,
    Failed,
    Hung,
}

/// Where it happens: a failpoint, and when it is come to for which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub point: &'static str,
    pub time: usize,
}

/// When a request breaks: before the server acts on it, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// What a row came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All parts once, in order; the ledger says so. The number of runs that it took.
    Once { runs: usize },
    /// So many parts once, in order; the ledger and `status` say that nobody knows about the rest.
    Uncertain { parts: usize, runs: usize },
    /// Anything else.
    Wrong(String),
}

/// One adapter's story.
pub struct Row<'o> {
    desk: Desk<'o>,
    adapter: Adapter,
    story: Story,
    clone: PathBuf,
    minute: Cell<i64>,
    runs: Cell<usize>,
    asked_at_first: Cell<usize>,
    guard: &'o str,
}

impl<'o> Row<'o> {
    /// `guard`: a failpoint that leaves a guard out, or nothing.
    pub fn new(office: &'o Office, name: &str, adapter: Adapter, guard: &'o str) -> Self {
        let desk = office.desk(name);
        office.networks.place(name, |place| place.forgets_keys = adapter.forgets_keys);
        let clone = desk.clone();
        let (minute, runs, asked_at_first) = Default::default();
        Self { desk, adapter, story: THREAD, clone, minute, runs, asked_at_first, guard }
    }

    /// The same with another story.
    pub fn telling(self, story: Story) -> Self {
        Self { story, ..self }
    }

    /// Puts this on the server.
    pub fn begin_with(&self, place: networks::Place) {
        let forgets_keys = self.adapter.forgets_keys;
        self.place(|there| *there = networks::Place { forgets_keys, ..place });
    }

    /// What the server was asked by the first run, without the ids in it.
    pub fn requests_of_the_first_run(&self) -> Vec<String> {
        let mut asked = self.place(|place| place.asked.clone());
        asked.truncate(self.asked_at_first.get());
        let name = |last: &str| last == self.desk.name || last.bytes().all(|b| b.is_ascii_digit());
        let told = |asked: &String| match asked.rsplit_once('/') {
            Some((path, last)) if name(last) => format!("{path}/…"),
            _ => asked.clone(),
        };
        asked.iter().map(told).collect()
    }

    /// Breaks a request of the first run, from 1, and lets come what comes after.
    pub fn at_request(&self, number: usize, moment: Moment, kind: Kind) -> Verdict {
        let broken = |reply| match moment {
            Moment::Before => Fault::Before(reply),
            Moment::After => Fault::After(reply),
        };
        let fault = |reply| {
            let quiet = std::iter::repeat_n(Fault::None, number - 1);
            self.place(|place| place.any = quiet.chain([broken(reply)]).collect());
        };
        let point = match moment {
            Moment::Before => "http/before-request",
            Moment::After => "http/after-response",
        };
        let ran = match kind {
            Kind::Killed => self.run(&format!("{point}=kill@{number}"), kill),
            Kind::Failed => {
                fault(Reply::HangUp);
                self.run("", kill)
            }
            Kind::Hung => {
                fault(Reply::Silence);
                self.run("", kill)
            }
        };
        if kind == Kind::Killed && !ran.stopped {
            return Verdict::Wrong(format!("it did not come to request {number}: {ran}"));
        }
        self.until_quiet(&ran)
    }

    fn place<T>(&self, look: impl FnOnce(&mut networks::Place) -> T) -> T {
        self.desk.office.networks.place(&self.desk.name, look)
    }

    /// Lets it happen, and what comes after.
    pub fn verdict(&self, place: Place, kind: Kind) -> Verdict {
        if place.point == "find/before-request" {
            // Something must be there to be asked after.
            let ran = self.run("send/after-response=kill@2", kill);
            if !ran.stopped {
                return Verdict::Wrong(format!("it did not come to its second part: {ran}"));
            }
            self.wait(LATER);
        }
        let ran = self.disturbed(place, kind);
        if kind == Kind::Killed && !ran.stopped {
            return Verdict::Wrong(format!("it did not come to {}: {ran}", place.point));
        }
        // The claim that is asked after has run out.
        if kind == Kind::Killed && place.point != "find/before-request" {
            // While the lease lasts, nobody touches what was claimed.
            let before = (self.out(), self.desk.ledger());
            if self.claimed() {
                self.wait(1);
                self.run("", kill);
                self.runs.set(self.runs.get() - 1);
                if before != (self.out(), self.desk.ledger()) {
                    return Verdict::Wrong("another run touched it while its claim held".to_owned());
                }
            }
        }
        self.until_quiet(&ran)
    }

    /// Lets the server do this with what is posted, one after the other; the first run, and the verdict.
    pub fn served(&self, posting: VecDeque<Fault>) -> (Ran, Verdict) {
        self.place(|place| place.posting = posting);
        let ran = self.run("", kill);
        self.asked_at_first.set(self.place(|place| place.asked.len()));
        let verdict = self.until_quiet(&ran);
        (ran, verdict)
    }

    /// Lets the server do this when it is asked.
    pub fn asked(&self, asking: VecDeque<Fault>) {
        self.place(|place| place.asking = asking);
    }

    /// Runs again until nothing changes.
    fn until_quiet(&self, first: &Ran) -> Verdict {
        let mut told = format!("{first}");
        let mut done = self.settled().then(|| self.runs.get());
        for _ in 0..MOST_RUNS {
            let before = (self.out(), self.desk.ledger());
            self.wait(LATER);
            let ran = self.run("", kill);
            told += &format!("\n{ran}");
            if before == (self.out(), self.desk.ledger()) {
                return self.judge(done.unwrap_or(self.runs.get() - 1), &told);
            }
            done = done.or_else(|| self.settled().then(|| self.runs.get()));
        }
        Verdict::Wrong(format!("it never comes to rest\n{told}"))
    }

    fn disturbed(&self, place: Place, kind: Kind) -> Ran {
        let Place { point, time } = place;
        let silent = |fault: fn(Reply) -> Fault| {
            let quiet = std::iter::repeat_n(Fault::None, time - 1);
            quiet.chain([fault(Reply::Silence)]).collect::<VecDeque<_>>()
        };
        match kind {
            Kind::Killed => self.run(&format!("{point}=kill@{time}"), kill),
            // A disk that is full stays so.
            Kind::Failed if point.ends_with("before-commit") => self.run(&format!("{point}=fail@*"), kill),
            Kind::Failed => self.run(&format!("{point}=fail@{time}"), kill),
            // The server says nothing until the client has had enough.
            Kind::Hung if self.adapter.network != "outbox" && point.ends_with("request") => {
                let asks = point.starts_with("find");
                self.place(|place| match asks {
                    true => place.asking = silent(Fault::Before),
                    false => place.posting = silent(Fault::Before),
                });
                self.run("", kill)
            }
            Kind::Hung if self.adapter.network != "outbox" && point == "send/after-response" => {
                self.place(|place| place.posting = silent(Fault::After));
                self.run("", kill)
            }
            // The machine sleeps for longer than its claim holds, and another one goes to work.
            Kind::Hung => self.run(&format!("{point}=stand@{time}"), |child| {
                self.wait(LATER);
                self.run("", kill);
                go_on(child);
            }),
        }
    }

    fn wait(&self, minutes: i64) {
        self.minute.set(self.minute.get() + minutes);
    }

    fn run(&self, faults: &str, stopped: impl FnOnce(&mut Child)) -> Ran {
        self.runs.set(self.runs.get() + 1);
        let (minute, Adapter { account, network, .. }) = (self.minute.get(), self.adapter);
        let networks = &self.desk.office.networks;
        networks.place(&self.desk.name, |place| place.now = after(minute));
        // CI has a fresh clone each time; an outbox is its own clone's folder.
        let clone = if network == "outbox" { self.clone.clone() } else { self.desk.clone() };
        let guarded = format!("{faults};{}", self.guard);
        let secret = networks.secret(network, &self.desk.name);
        self.desk.run(&mut self.desk.publish(&clone, minute, &guarded, &[(account, secret)]), stopped)
    }

    /// What is out on the server, or in the folder.
    fn out(&self) -> Vec<(String, Option<String>)> {
        if self.adapter.network != "outbox" {
            let told = |out: &Out| (out.text.clone(), out.parent.clone());
            return self.place(|place| place.out.iter().map(told).collect());
        }
        let data = self.clone.join("public/data");
        let Ok(files) = std::fs::read_dir(data) else { return Vec::new() };
        let mut out = Vec::new();
        for file in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json"))
        {
            let record: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            let parts = record["payload"]["parts"].as_array().unwrap();
            out.extend(parts.iter().map(|part| (part["text"].as_str().unwrap().to_owned(), None)));
        }
        out
    }

    fn state(&self) -> State {
        self.desk.state(self.adapter.account, self.story.post)
    }

    fn claimed(&self) -> bool {
        matches!(self.state(), State::Claimed(_))
    }

    fn settled(&self) -> bool {
        match self.state() {
            State::Published(out) => match self.story.end {
                End::Published => true,
                End::Updated => out.updated_at.is_some(),
                End::Retracted => false,
            },
            State::Retracted(_) => self.story.end == End::Retracted,
            // The next run asks, where the network can be asked.
            State::Uncertain(..) => self.adapter.network == "webhook",
            _ => false,
        }
    }

    fn judge(&self, runs: usize, told: &str) -> Verdict {
        let out = self.out();
        let wrong = |why: String| Verdict::Wrong(format!("{why}; out: {out:?}\n{told}"));
        let texts: Vec<&str> = out.iter().map(|(text, _)| text.trim()).collect();
        let expected = self.story.texts;
        if texts != expected[..texts.len().min(expected.len())] {
            return wrong("not each part once and in order".to_owned());
        }
        let ids = self.ids();
        if let Some(ids) = &ids {
            let parents = out.iter().map(|(_, parent)| parent.clone());
            let before = std::iter::once(None).chain(ids.iter().cloned().map(Some));
            if !parents.eq(before.take(out.len())) {
                return wrong(format!("the thread does not hang together: {ids:?}"));
            }
        }
        match self.state() {
            State::Retracted(_) if self.story.end == End::Retracted => Verdict::Once { runs },
            State::Published(published) if self.settled() && texts.len() == expected.len() => {
                let known: Vec<String> = published.parts.iter().map(|part| part.id.clone()).collect();
                match ids {
                    Some(ids) if ids != known => wrong(format!("the ledger names {known:?} and the server {ids:?}")),
                    _ => Verdict::Once { runs },
                }
            }
            State::Uncertain(_, uncertain) if uncertain.parts.len() <= texts.len() => {
                let clone = self.desk.clone();
                let mut command = self.desk.command(&clone, self.minute.get(), "");
                let ran = self.desk.run(command.args(["status", "--fetch"]), kill);
                if !ran.stdout.contains("uncertain") && !ran.stdout.contains("nobody knows") {
                    return wrong(format!("status does not say that it is uncertain: {ran}"));
                }
                Verdict::Uncertain { parts: texts.len(), runs }
            }
            state => wrong(format!("the ledger says {state:?}")),
        }
    }

    /// What the server calls the parts; an outbox makes its names itself.
    fn ids(&self) -> Option<Vec<String>> {
        let ids = |place: &mut networks::Place| place.out.iter().map(|out| out.id.clone()).collect();
        (self.adapter.network != "outbox").then(|| self.place(ids))
    }
}

/// SIGKILL.
pub fn kill(child: &mut Child) {
    child.kill().unwrap();
}
