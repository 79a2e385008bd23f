//! Claim, say, write down: so that nobody is told twice, whatever breaks off.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Desk, surroundings};
use crate::channel;
use crate::cli::{Exit, Failure};
use crate::git::ledger::GitLedger;
use crate::http::SendError;
use crate::ledger::tellings::Step;
use crate::ledger::{Appended, NewsKey, Store, Telling};
use crate::notify::{Channel, Letter, Message, Outlook};
use crate::view::notice;
use crate::view::notify::{Ending, ResultWord};

/// Others that may be faster before a run gives up.
const RACES: usize = 8;

/// A run that says things.
pub(super) struct Sayer<'a> {
    pub desk: &'a Desk<'a>,
    /// This run's name on the ledger.
    pub runner: String,
    pub usable: &'a dyn Fn(&Channel) -> bool,
}

impl Sayer<'_> {
    /// Says what is to be said now.
    ///
    /// # Errors
    /// When the ledger cannot be used. Where something was said already and that cannot be written down, nobody is told it
    /// again: it counts as uncertain.
    pub fn say(&self, ledger: &mut GitLedger<'_>) -> Result<(Outlook, Vec<(Message, Ending)>), Failure> {
        let outlook = self.claim(ledger)?;
        let mut done = Vec::new();
        let mut tellings = Vec::new();
        let mut down: BTreeMap<String, SendError> = BTreeMap::new();
        for message in &outlook.messages {
            let result = match down.get(&message.place.channel) {
                Some(error) => Err(error.clone()),
                None => self.hand_over(message),
            };
            if let Err(error @ SendError::NotSent { .. }) = &result {
                down.insert(message.place.channel.clone(), error.clone());
            }
            tellings.extend(self.endings(message, &result));
            done.push((message.clone(), ending(&result)));
        }
        self.write(ledger, "Tell what was told\n", tellings)?;
        Ok((outlook, done))
    }

    /// Looks what is to be said, and takes it on; others who do the same are faster, or see it.
    fn claim(&self, ledger: &mut GitLedger<'_>) -> Result<Outlook, Failure> {
        for _ in 0..RACES {
            let outlook = self.desk.outlook(ledger)?;
            let mut tellings: Vec<Telling> = Vec::new();
            for message in &outlook.messages {
                let step = |item: &crate::notify::Item| self.telling(&item.key, Step::Claimed, Some(message), None);
                tellings.extend(message.items.iter().map(step));
            }
            tellings.extend(outlook.digests.iter().map(|key| self.telling(key, Step::Told, None, None)));
            for lost in outlook.lost.iter() {
                let Some(attempt) = lost.attempt.as_ref().filter(|attempt| !attempt.uncertain) else { continue };
                let mut telling = self.telling(&lost.key, Step::Uncertain, None, None);
                (telling.channel, telling.message) = (Some(attempt.channel.clone()), attempt.message.clone());
                tellings.push(telling);
            }
            let first = self.desk.first();
            match ledger.tell("Say what is new\n", first.as_ref(), &tellings)? {
                Appended::Done(_) => return Ok(outlook),
                Appended::Raced => ledger.refresh()?,
            }
        }
        Err(faster())
    }

    /// Writes down what became of it.
    fn write(&self, ledger: &mut GitLedger<'_>, message: &str, tellings: Vec<Telling>) -> Result<(), Failure> {
        for _ in 0..RACES {
            match ledger.tell(message, None, &tellings)? {
                Appended::Done(_) => return Ok(()),
                Appended::Raced => ledger.refresh()?,
            }
        }
        Err(faster())
    }

    fn hand_over(&self, message: &Message) -> Result<(), SendError> {
        let desk = self.desk;
        let Some(channel) = desk.notify.channels.get(&message.place.channel).filter(|one| (self.usable)(one)) else {
            let reason = format!("{} cannot be used now", message.place.channel);
            return Err(SendError::NotSent { reason, retry_at: None });
        };
        let rhythm = desk.notify.readers.get(&message.reader).map(|reader| reader.rhythm.audience);
        let zone = rhythm.unwrap_or(desk.trusted.settings.timezone);
        let letter = notice::letter(message, channel.kind, &desk.trusted.roles, zone, desk.now());
        match (&letter, desk.wall) {
            (Letter::Comment(text), Some(wall)) => wall.say(channel, message, text, Some(desk.trusted)),
            _ => channel::say(channel, &message.place, &letter, &message.id, &surroundings(channel, desk.context)),
        }
    }

    /// What is written of a message that was handed over, or not.
    fn endings(&self, message: &Message, result: &Result<(), SendError>) -> Vec<Telling> {
        let step = match ending(result).word {
            ResultWord::Told => Step::Told,
            ResultWord::Failed => Step::Failed,
            ResultWord::Refused => Step::Refused,
            ResultWord::Uncertain => Step::Uncertain,
        };
        let retry_at = match result {
            Err(SendError::NotSent { retry_at, .. }) => *retry_at,
            _ => None,
        };
        let mut tellings = Vec::new();
        for item in &message.items {
            tellings.push(self.telling(&item.key, step, Some(message), retry_at));
            if step == Step::Told {
                tellings.extend(item.covers.iter().map(|key| self.telling(key, step, Some(message), None)));
            }
        }
        tellings
    }

    fn telling(
        &self,
        key: &NewsKey,
        step: Step,
        message: Option<&Message>,
        not_before: Option<DateTime<Utc>>,
    ) -> Telling {
        Telling {
            version: 1,
            key: key.clone(),
            step,
            channel: message.map(|message| message.place.channel.clone()),
            message: message.map(|message| message.id.clone()).unwrap_or_default(),
            runner: self.runner.clone(),
            at: self.desk.now(),
            not_before,
        }
    }
}

/// What a channel's answer comes to.
pub(super) fn ending(result: &Result<(), SendError>) -> Ending {
    let word = match result {
        Ok(()) => ResultWord::Told,
        Err(SendError::NotSent { .. }) => ResultWord::Failed,
        Err(SendError::Refused { .. } | SendError::Credentials { .. }) => ResultWord::Refused,
        Err(SendError::Ambiguous { .. }) => ResultWord::Uncertain,
    };
    let reason = result.as_ref().err().map(|error| match error {
        SendError::Credentials { reason, help } => format!("{reason}; {help}"),
        other => other.to_string(),
    });
    Ending { word, reason }
}

fn faster() -> Failure {
    Failure::new(
        Exit::Delivery,
        "notify/raced",
        "others wrote to the ledger each time, and were faster",
        "run `greenlit notify` again; what may have been said already is not said again",
    )
}
