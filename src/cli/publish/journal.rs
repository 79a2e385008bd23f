//! What is told of a run that goes on: a line for each thing that happened, with its time. For programs a report for each
//! round that had something to do, one a line.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::round::Done;
use super::rounds::{Between, Mode};
use crate::cli::{Context, Failure};
use crate::publish::Clock;
use crate::view::journal::{Line, lines};
use crate::view::page::Page;
use crate::view::publish as view;

/// Tells, and remembers what was told, so that what stays as it is is told once.
pub struct Journal<'a> {
    context: &'a Context,
    clock: &'a dyn Clock,
    mode: Mode,
    zone: Cell<Tz>,
    told: RefCell<Vec<Line>>,
    warned: RefCell<Vec<String>>,
    rounds: Cell<usize>,
}

impl<'a> Journal<'a> {
    /// Nothing was told yet.
    pub fn new(context: &'a Context, clock: &'a dyn Clock, mode: Mode) -> Self {
        let (zone, rounds) = (Cell::new(Tz::UTC), Cell::new(0));
        Self { context, clock, mode, zone, told: RefCell::default(), warned: RefCell::default(), rounds }
    }

    /// A round was made.
    pub fn round(&self, done: &Done) {
        let Done { plan, outcome, zone, warnings } = done;
        let first = self.rounds.replace(self.rounds.get() + 1) == 0;
        self.zone.set(*zone);
        let known = self.warned.replace(warnings.clone());
        warnings.iter().filter(|warning| !known.contains(warning)).for_each(|warning| self.context.note(warning));
        if self.context.json() {
            let quiet = outcome.ended.is_empty() && outcome.troubles.is_empty() && outcome.unrecorded.is_none();
            if first || !quiet {
                self.context.print_json_line(&view::report(plan, outcome));
            }
            return;
        }
        if first {
            self.say(&self.opening(done));
        }
        let lines = lines(plan, outcome);
        for line in lines.iter().filter(|line| line.is_news || !self.told.borrow().contains(line)) {
            self.line(line);
        }
        self.told.replace(lines);
    }

    fn opening(&self, done: &Done) -> String {
        match self.mode {
            Mode::Watch(every) => {
                format!("Watching, at every due minute and each {} seconds. Ctrl-C ends it.", every.as_secs())
            }
            Mode::Within(window) => {
                let minutes = window.as_secs().div_ceil(60);
                match done.next() {
                    None => "Nothing has a time to wait for.".to_owned(),
                    Some(next) => {
                        format!("Publishing for {minutes} minutes; due next: {}.", self.page().time(next))
                    }
                }
            }
        }
    }

    /// Something happened between rounds.
    pub fn between(&self, between: &Between<'_>) {
        if self.context.json() {
            if let Between::Away(failure) = between {
                failure.print(self.context.format);
            }
            return;
        }
        match between {
            Between::Waits(at) => self.say(&format!("Waiting until {}.", self.page().time(*at))),
            Between::Away(failure) => self.say(&away(failure)),
            Between::Back => self.say("All is well again."),
            Between::Stopped => self.say("Told to end: nothing is left half done."),
        }
    }

    fn page(&self) -> Page {
        Page { now: self.now(), ..self.context.page(self.zone.get()) }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn say(&self, text: &str) {
        self.line(&Line::plain(text));
    }

    fn line(&self, line: &Line) {
        self.context.print(&line.laid_out(&self.page()));
    }
}

/// Why a round could not be made, in one line; what to do about it is told only to those who are stuck.
fn away(failure: &Failure) -> String {
    let words = failure.to_string();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = failure.help().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("Nothing can be published now: {words}{help}. Trying again until it can.")
}
