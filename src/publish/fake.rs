//! A network, a clock and a power switch for tests. The shipped program does not have them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Clock, MediaAt};
use crate::ledger::{Appended, DeliveryKey, Entry, Open, PartReceipt, Sighting, Sightings, Store, StoreError};
use crate::network::{Approved, Earlier, Edited, Found, Job, Live, MediaBytes, OutThere, Removed, SendError, Session};
use crate::render::{Attachment, Identity, Payload, Wording};
use crate::workspace::Stream;

/// What the server does with the next part.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It takes it.
    Accept,
    /// It takes it, and the answer is lost.
    AcceptThenLose,
    /// It does not get it, and nobody can know.
    Lose,
    /// It says no for good.
    Refuse,
    /// It takes it, and says no to the retry that it cannot tell apart.
    AlreadyThere,
    /// It is busy until then, or for a while.
    Busy(Option<DateTime<Utc>>),
    /// It does not know the password any more.
    Locked,
    /// The adapter breaks down before anything is sent.
    Panic,
}

impl Answer {
    /// The same where the server gets what it is asked for.
    fn met(self) -> Result<Self, SendError> {
        match self {
            Answer::Lose => Err(lost()),
            Answer::Refuse => Err(SendError::Refused { reason: "we do not like it".to_owned() }),
            Answer::Busy(retry_at) => Err(SendError::NotSent { reason: "busy".to_owned(), retry_at }),
            Answer::Locked => Err(SendError::Credentials {
                reason: "the password is refused".to_owned(),
                help: "renew it".to_owned(),
            }),
            Answer::Panic => panic!("the adapter breaks down"),
            Answer::Accept | Answer::AcceptThenLose | Answer::AlreadyThere => Ok(self),
        }
    }
}

fn lost() -> SendError {
    SendError::Ambiguous { reason: "the answer was lost".to_owned() }
}

/// A part that is out.
#[derive(Debug, Clone, PartialEq)]
pub struct Out {
    pub account: String,
    pub hash: String,
    pub part: usize,
    pub text: String,
    pub frozen: serde_json::Value,
    pub before: Vec<PartReceipt>,
}

#[derive(Debug, Default)]
struct Server {
    out: Vec<Out>,
    /// What was taken down, in the order in which it went.
    down: Vec<String>,
    script: VecDeque<Answer>,
    /// Whether it can be asked after what it has.
    blind: bool,
    /// What `connect` answers, by account.
    door: BTreeMap<String, SendError>,
    /// What `freeze` answers.
    desk: Option<SendError>,
    frozen: usize,
    connects: usize,
}

/// The fake network: one server for all accounts.
#[derive(Debug, Clone, Default)]
pub struct Fake {
    server: Arc<Mutex<Server>>,
    pub power: Power,
}

impl Fake {
    pub fn answers(&self, script: impl IntoIterator<Item = Answer>) {
        self.server.lock().unwrap().script = script.into_iter().collect();
    }

    fn answer(&self) -> Answer {
        self.server.lock().unwrap().script.pop_front().unwrap_or(Answer::Accept)
    }

    pub fn cannot_be_asked(&self) {
        self.server.lock().unwrap().blind = true;
    }

    pub fn can_be_asked_again(&self) {
        self.server.lock().unwrap().blind = false;
    }

    pub fn door(&self, account: &str, error: Option<SendError>) {
        let door = &mut self.server.lock().unwrap().door;
        match error {
            Some(error) => door.insert(account.to_owned(), error),
            None => door.remove(account),
        };
    }

    pub fn desk(&self, error: Option<SendError>) {
        self.server.lock().unwrap().desk = error;
    }

    pub fn out(&self) -> Vec<Out> {
        self.server.lock().unwrap().out.clone()
    }

    /// The texts that are out, in the order in which they went.
    pub fn texts(&self) -> Vec<String> {
        self.out().into_iter().map(|out| out.text).collect()
    }

    /// The texts that were taken down, in the order in which they went.
    pub fn down(&self) -> Vec<String> {
        self.server.lock().unwrap().down.clone()
    }

    /// Has again what was out once.
    pub fn brings_back(&self, out: Vec<Out>) {
        self.server.lock().unwrap().out = out;
    }

    /// Loses everything that is out, as a folder does that a fresh clone has not got.
    pub fn burns(&self) {
        self.server.lock().unwrap().out.clear();
    }

    /// Somebody edits what is out, or deletes it.
    pub fn edits(&self, text: &str, to: Option<&str>) {
        let out = &mut self.server.lock().unwrap().out;
        let at = out.iter().position(|out| out.text == text).expect("it is out");
        match to {
            Some(to) => out[at].text = to.to_owned(),
            None => drop(out.remove(at)),
        }
    }

    pub fn connects(&self) -> usize {
        self.server.lock().unwrap().connects
    }

    pub fn connect(&self, identity: &Identity) -> Result<Box<dyn Session>, SendError> {
        self.power.spend().map_err(|reason| SendError::NotSent { reason, retry_at: None })?;
        let mut server = self.server.lock().unwrap();
        server.connects += 1;
        match server.door.get(identity.name.as_str()) {
            Some(error) => Err(error.clone()),
            None => Ok(Box::new(At { fake: self.clone(), account: identity.name.to_string() })),
        }
    }
}

struct At {
    fake: Fake,
    account: String,
}

fn receipt(hash: &str, part: usize) -> PartReceipt {
    let id = format!("{}-{part}", hash.get(..8).unwrap_or_default());
    PartReceipt { url: Some(format!("https://fake.example/{id}")), id, revision: None }
}

impl Session for At {
    fn freeze(&mut self, _: &str, _: &Payload, _: DateTime<Utc>) -> Result<serde_json::Value, SendError> {
        let mut server = self.fake.server.lock().unwrap();
        if let Some(error) = &server.desk {
            return Err(error.clone());
        }
        server.frozen += 1;
        Ok(serde_json::json!({ "nonce": server.frozen }))
    }

    fn send(&mut self, job: &Job<'_>, media: &dyn MediaBytes) -> Result<PartReceipt, SendError> {
        let at = job.sent.len();
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        let part = job.payload.parts.get(at).expect("a part is left");
        for attachment in &part.media {
            media.open(attachment).and_then(Approved::check).map_err(|reason| SendError::Refused { reason })?;
        }
        let answer = self.fake.answer().met()?;
        self.fake.server.lock().unwrap().out.push(Out {
            account: self.account.clone(),
            hash: job.hash.to_owned(),
            part: at,
            text: part.text.clone(),
            frozen: job.frozen.clone(),
            before: job.sent.to_vec(),
        });
        // The power may go between the server's work and the answer.
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        match answer {
            Answer::AcceptThenLose => Err(lost()),
            Answer::AlreadyThere => Err(SendError::Refused { reason: "you said that already".to_owned() }),
            _ => Ok(receipt(job.hash, at)),
        }
    }

    fn find(&mut self, job: &Job<'_>) -> Result<Found, SendError> {
        self.fake.power.spend().map_err(|reason| SendError::NotSent { reason, retry_at: None })?;
        let server = self.fake.server.lock().unwrap();
        if server.blind {
            return Ok(Found::Unknown("this network cannot be asked".to_owned()));
        }
        let at = job.sent.len();
        let there = server.out.iter().any(|out| out.hash == job.hash && out.part == at);
        Ok(if there { Found::Yes(receipt(job.hash, at)) } else { Found::No })
    }

    fn look(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Live, SendError> {
        let at = job.sent.len();
        assert_eq!(*receipt, self::receipt(job.hash, at));
        let mut server = self.fake.server.lock().unwrap();
        match server.script.pop_front() {
            Some(Answer::Refuse) => return Err(SendError::Refused { reason: "we do not like it".to_owned() }),
            Some(Answer::Panic) => panic!("the adapter breaks down"),
            Some(_) => return Err(SendError::NotSent { reason: "busy".to_owned(), retry_at: None }),
            None => {}
        }
        let there = server.out.iter().find(|out| out.hash == job.hash && out.part == at);
        Ok(match there {
            None => Live::Gone,
            Some(out) if out.text == job.payload.parts[at].text => Live::Same,
            Some(out) => Live::Edited { text: out.text.clone(), differs: vec!["text"] },
        })
    }

    fn take_down(&mut self, job: &Job<'_>, receipt: &PartReceipt) -> Result<Removed, SendError> {
        let at = job.sent.len();
        assert_eq!(*receipt, self::receipt(job.hash, at));
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        let answer = self.fake.answer().met()?;
        let mut server = self.fake.server.lock().unwrap();
        let there = server.out.iter().position(|out| out.hash == job.hash && out.part == at);
        let Some(there) = there else { return Ok(Removed::AlreadyGone) };
        let down = server.out.remove(there);
        server.down.push(down.text);
        drop(server);
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        if matches!(answer, Answer::AcceptThenLose) { Err(lost()) } else { Ok(Removed::TakenDown) }
    }

    fn edit(&mut self, job: &Job<'_>, out: &OutThere<'_>, media: &dyn MediaBytes) -> Result<Edited, SendError> {
        let (at, lost) = (job.sent.len(), || SendError::Ambiguous { reason: "the answer was lost".to_owned() });
        assert_eq!(*out.receipt, receipt(job.hash, at));
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        let part = &job.payload.parts[at];
        for attachment in &part.media {
            media.open(attachment).map_err(|reason| SendError::Refused { reason })?;
        }
        let mut server = self.fake.server.lock().unwrap();
        let answer = server.script.pop_front().unwrap_or(Answer::Accept);
        match answer {
            Answer::Lose => return Err(lost()),
            Answer::Refuse => return Err(SendError::Refused { reason: "we do not like it".to_owned() }),
            Answer::Busy(retry_at) => return Err(SendError::NotSent { reason: "busy".to_owned(), retry_at }),
            _ => {}
        }
        let Some(there) = server.out.iter_mut().find(|out| out.hash == job.hash && out.part == at) else {
            return Ok(Edited::Gone);
        };
        there.text.clone_from(&part.text);
        drop(server);
        self.fake.power.spend().map_err(|reason| SendError::Ambiguous { reason })?;
        match answer {
            Answer::AcceptThenLose => Err(lost()),
            _ => Ok(Edited::Done(receipt(job.hash, at))),
        }
    }

    fn lacks(&self, hash: &str) -> bool {
        !self.fake.out().iter().any(|out| out.hash == hash)
    }

    fn restore(&mut self, earlier: &mut dyn Iterator<Item = Earlier<'_>>) -> Result<(), SendError> {
        for Earlier { claim, .. } in earlier {
            for (part, message) in claim.payload.parts.iter().enumerate() {
                self.fake.server.lock().unwrap().out.push(Out {
                    account: self.account.clone(),
                    hash: claim.key.hash(&claim.payload.workspace),
                    part,
                    text: message.text.clone(),
                    frozen: claim.frozen.clone(),
                    before: Vec::new(),
                });
            }
        }
        Ok(())
    }
}

/// Lets so many things happen, and then nothing more: what a machine that dies leaves behind.
#[derive(Debug, Clone)]
pub struct Power(Arc<AtomicIsize>);

impl Default for Power {
    fn default() -> Self {
        Self(Arc::new(AtomicIsize::new(isize::MAX)))
    }
}

impl Power {
    pub fn lasts(&self, steps: isize) {
        self.0.store(steps, Ordering::SeqCst);
    }

    pub fn went_out(&self) -> bool {
        self.0.load(Ordering::SeqCst) <= 0
    }

    fn spend(&self) -> Result<(), String> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some((left - 1).max(0)));
        if left == Ok(0) { Err("the power is out".to_owned()) } else { Ok(()) }
    }
}

/// A store that stops working with the power, before or after the push.
pub struct Powered<S> {
    pub store: S,
    pub power: Power,
}

impl<S: Store> Store for Powered<S> {
    fn entries(&self, key: &DeliveryKey) -> Result<Vec<Entry>, StoreError> {
        self.store.entries(key)
    }

    fn noted(&self, wording: &Wording) -> Result<Vec<DeliveryKey>, StoreError> {
        self.store.noted(wording)
    }

    fn open(&self) -> Result<Open, StoreError> {
        self.store.open()
    }

    fn write(&mut self, message: &str, entries: &[Entry], seen: &[Sighting]) -> Result<Appended, StoreError> {
        self.power.spend().map_err(StoreError::Git)?;
        let appended = self.store.write(message, entries, seen)?;
        self.power.spend().map_err(StoreError::Git)?;
        Ok(appended)
    }

    fn sightings_since(&self, since: Option<DateTime<Utc>>) -> Result<Sightings, StoreError> {
        self.store.sightings_since(since)
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        self.power.spend().map_err(StoreError::Git)?;
        self.store.refresh()
    }
}

/// A clock that moves only when somebody waits.
#[derive(Debug)]
pub struct Hands(Mutex<DateTime<Utc>>);

impl Hands {
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }
}

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// A folder of one picture, which somebody may have exchanged.
pub struct Album(pub Vec<u8>);

impl MediaAt for Album {
    fn open(&self, _: &str, _: &Attachment) -> Result<Stream, String> {
        Ok(Box::new(std::io::Cursor::new(self.0.clone())))
    }
}
