//! `calendar/*.ics`: the events of an iCalendar file, RFC 5545 (checked 2026-11-28).
//!
//! There are crates that read such files; none of those looked at tells where in the file something stands, and the one for
//! rules of recurrence brings a reader of regular expressions along.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::super::accounts::Accounts;
use super::super::finding::Finding;
use super::super::rhythm::{Blackout, Window};
use super::super::source::Source;
use super::super::{suggest, time as times};
use super::lines::{Line, lines};
use super::recurrence::{Rule, date, time};
use super::zones::zone;

/// Events of one file that are read.
const MOST_EVENTS: usize = 10_000;
/// Faults of one file that are told.
const MOST_FAULTS: usize = 50;

/// A fault: where, what is wrong, what to do.
struct Fault(Range<usize>, String, &'static str);

/// What is wrong with a file.
#[derive(Default)]
struct Faults {
    /// With these, something is missing.
    errors: Vec<Fault>,
    /// With these, it is not all.
    warnings: Vec<Fault>,
}

/// A time as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct When {
    clock: NaiveDateTime,
    /// `None`: wherever somebody is.
    zone: Option<Tz>,
    whole_day: bool,
}

/// An event, and what of it comes again.
struct Event {
    summary: String,
    start: When,
    length: TimeDelta,
    rule: Option<(Rule, Range<usize>)>,
    /// Where it begins in the file.
    begun: Range<usize>,
    more: Vec<When>,
    except: Vec<When>,
    uid: String,
    cancelled: bool,
    /// The time of the one of a series for which this event stands.
    instead_of: Option<When>,
}

/// Reads a file's events. Rules are followed through `days`.
pub(super) fn read(
    source: &Arc<Source>,
    days: &Range<NaiveDate>,
    steps: &mut u32,
    findings: &mut Vec<Finding>,
) -> Vec<Blackout> {
    let mut faults = Faults::default();
    let events = events(&source.text, &mut faults);
    let mut replaced: BTreeMap<&str, Vec<When>> = BTreeMap::new();
    for event in &events {
        if let Some(time) = event.instead_of {
            replaced.entry(&event.uid).or_default().push(time);
        }
    }
    let mut blackouts = Vec::new();
    for event in events.iter().filter(|event| !event.cancelled) {
        let replaced = replaced.get(event.uid.as_str()).filter(|_| event.instead_of.is_none());
        let out = event.except.iter().chain(replaced.into_iter().flatten());
        let found = event.starts(days, steps).and_then(|starts| {
            let out = event.taken_out(out, steps)?;
            let windows: Vec<_> = starts
                .into_iter()
                .filter(|start| !out.0.contains(start) && !out.1.contains(&start.date()))
                .filter_map(|start| Window::new(start, start.checked_add_signed(event.length)?, event.start.zone))
                .collect();
            spend(steps, windows.len()).map(|()| windows)
        });
        let Some(windows) = found else {
            let help = "let it begin later, or write the days one by one";
            let span = event.rule.as_ref().map_or(&event.begun, |(_, span)| span).clone();
            faults.errors.push(Fault(span, "it would take too long to follow all the rules".to_owned(), help));
            continue;
        };
        blackouts.extend(windows.into_iter().map(|window| Blackout {
            why: event.summary.clone(),
            window,
            accounts: Accounts::default(),
            file: source.path.clone(),
        }));
    }
    let of = |make: fn(&'static str, &Arc<Source>, Range<usize>, String) -> Finding, faults: Vec<Fault>| {
        let finding =
            move |Fault(span, message, help)| make("calendar/ics", source, span, message).label("here").help(help);
        faults.into_iter().take(MOST_FAULTS).map(finding).collect::<Vec<_>>()
    };
    findings.extend(of(Finding::error, faults.errors));
    findings.extend(of(Finding::warning, faults.warnings));
    blackouts
}

/// Takes steps from those that are left for all files together. `None` where there are not so many.
fn spend(steps: &mut u32, taken: usize) -> Option<()> {
    *steps = steps.checked_sub(u32::try_from(taken).ok()?)?;
    Some(())
}

fn events(text: &str, faults: &mut Faults) -> Vec<Event> {
    let (mut events, mut open): (Vec<Event>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut lines_of, mut begun): (Vec<Line>, Range<usize>) = (Vec::new(), 0..0);
    let all = lines(text);
    if !matches!(all.first(), Some(Ok(line)) if line.name == "BEGIN" && line.value.eq_ignore_ascii_case("VCALENDAR")) {
        let message = "this is no calendar: it does not begin with BEGIN:VCALENDAR".to_owned();
        faults.errors.push(Fault(
            0..text.lines().next().map_or(0, str::len),
            message,
            "export it again, as iCalendar (.ics)",
        ));
        return events;
    }
    for line in all {
        let line = match line {
            Ok(line) => line,
            Err(span) => {
                let message = "this line has no name and value".to_owned();
                faults.warnings.push(Fault(span, message, "export the calendar again, or remove the line"));
                continue;
            }
        };
        let inside = open.last().is_some_and(|name| name == "VEVENT");
        match line.name.as_str() {
            "BEGIN" => {
                let name = line.value.trim().to_ascii_uppercase();
                if name == "VEVENT" {
                    (lines_of, begun) = (Vec::new(), line.span);
                }
                open.push(name);
            }
            "END" if inside && line.value.trim().eq_ignore_ascii_case("VEVENT") => {
                open.pop();
                if events.len() >= MOST_EVENTS {
                    let message = format!("there are more than {MOST_EVENTS} events");
                    faults.errors.push(Fault(line.span, message, "leave out those of the past"));
                    return events;
                }
                match event(&std::mem::take(&mut lines_of), &begun, &mut faults.warnings) {
                    Ok(event) => events.push(event),
                    Err(fault) => faults.errors.push(fault),
                }
            }
            "END" => {
                open.pop();
            }
            _ if inside => lines_of.push(line),
            _ => {}
        }
    }
    if !open.is_empty() {
        let message = "the file ends in the middle".to_owned();
        faults.errors.push(Fault(text.len()..text.len(), message, "export the calendar again"));
    }
    events
}

/// Reads one event. A length of nothing is one like any other: a mark in the calendar, in which nobody keeps still.
fn event(lines: &[Line], begun: &Range<usize>, warnings: &mut Vec<Fault>) -> Result<Event, Fault> {
    let find = |name: &str| lines.iter().find(|line| line.name == name);
    let Some(start_line) = find("DTSTART") else {
        return Err(Fault(begun.clone(), "this event has no beginning".to_owned(), "give it DTSTART"));
    };
    let start = when(start_line, &start_line.value)?;
    let length = match (find("DTEND"), find("DURATION")) {
        (Some(line), _) => {
            let end = when(line, &line.value)?;
            if end.whole_day != start.whole_day {
                let help = "write DTSTART and DTEND both with VALUE=DATE, or both without";
                return Err(Fault(line.span.clone(), "a day and a time do not go together".to_owned(), help));
            }
            end.on_the_clock_of(start).signed_duration_since(start.clock)
        }
        (None, Some(line)) => duration(&line.value).ok_or_else(|| {
            let message = format!("{} is no length of time", suggest::quote(&line.value));
            Fault(line.span.clone(), message, "write `P1D` or `PT2H`")
        })?,
        (None, None) => TimeDelta::zero(),
    };
    // Some programs end a whole day where it begins.
    let length = if start.whole_day { length.max(TimeDelta::days(1)) } else { length };
    if length < TimeDelta::zero() {
        let help = "give it a DTEND that is later, or a DURATION";
        return Err(Fault(start_line.span.clone(), "this event ends before it begins".to_owned(), help));
    }
    let mut rules = lines.iter().filter(|line| line.name == "RRULE");
    let help = "write the days one by one, as events of their own or in calendar/*.toml";
    let rule = rules.next().and_then(|line| match Rule::read(&line.value) {
        Ok(rule) => Some((rule, line.span.clone())),
        Err(why) => {
            let message = format!("this rule is not followed, so only its first day counts: {why}");
            warnings.push(Fault(line.span.clone(), message, help));
            None
        }
    });
    warnings.extend(
        rules.map(|line| Fault(line.span.clone(), "of several rules only the first is followed".to_owned(), help)),
    );
    let list = |name: &str| {
        let lines = lines.iter().filter(|line| line.name == name);
        let times = lines.flat_map(|line| line.value.split(',').map(move |value| when(line, value)));
        times.collect::<Result<Vec<When>, Fault>>()
    };
    let text = |name: &str| find(name).map(Line::text).unwrap_or_default();
    let summary = Some(text("SUMMARY")).filter(|summary| !summary.is_empty());
    Ok(Event {
        summary: summary.unwrap_or_else(|| "an event".to_owned()),
        start,
        length,
        rule,
        begun: begun.clone(),
        more: list("RDATE")?,
        except: list("EXDATE")?,
        uid: text("UID"),
        cancelled: text("STATUS").eq_ignore_ascii_case("CANCELLED"),
        instead_of: find("RECURRENCE-ID").map(|line| when(line, &line.value)).transpose()?,
    })
}

/// Reads a date or a time with its zone.
fn when(line: &Line, value: &str) -> Result<When, Fault> {
    let value = value.trim();
    if let Some(day) = date(value) {
        return Ok(When { clock: day.and_time(NaiveTime::MIN), zone: None, whole_day: true });
    }
    let Some((clock, utc)) = time(value) else {
        let message = format!("{} is no date and no time", suggest::quote(value));
        return Err(Fault(line.span.clone(), message, "write `20261225` or `20261225T180000Z`"));
    };
    let zone = match line.parameter("TZID") {
        _ if utc => Some(Tz::UTC),
        None => None,
        Some(name) => Some(zone(name).ok_or_else(|| {
            let help = "name a zone of the time zone list, such as `Europe/Berlin`";
            Fault(line.span.clone(), format!("there is no time zone {}", suggest::quote(name)), help)
        })?),
    };
    Ok(When { clock, zone, whole_day: false })
}

impl When {
    /// What the clock of another time shows at this one.
    fn on_the_clock_of(self, other: Self) -> NaiveDateTime {
        match (self.zone, other.zone) {
            (Some(own), Some(zone)) if own != zone => {
                times::first_at(self.clock, own).map_or(self.clock, |at| at.with_timezone(&zone).naive_local())
            }
            _ => self.clock,
        }
    }
}

impl Event {
    /// The times at which it begins; those of its rule only within `days`. `None` where that takes more than the steps that
    /// are left.
    fn starts(&self, days: &Range<NaiveDate>, steps: &mut u32) -> Option<Vec<NaiveDateTime>> {
        spend(steps, self.more.len())?;
        let more = self.more.iter().map(|time| time.on_the_clock_of(self.start));
        let Some((rule, _)) = &self.rule else {
            return Some([self.start.clock].into_iter().chain(more).collect());
        };
        let (first, hour) = (self.start.clock.date(), self.start.clock.time());
        let last = rule.until.map(|(until, utc)| {
            let zone = utc.then_some(Tz::UTC);
            let until = When { clock: until, zone, whole_day: false }.on_the_clock_of(self.start);
            let today = if hour <= until.time() { Some(until.date()) } else { until.date().pred_opt() };
            today.unwrap_or(NaiveDate::MIN)
        });
        // What began before may not be over yet.
        let before = u64::try_from(self.length.num_days()).unwrap_or(0) + 1;
        let days = days.start.checked_sub_days(Days::new(before)).unwrap_or(NaiveDate::MIN)..days.end;
        let found = rule.days(first, last, &days, steps)?;
        Some(found.into_iter().map(|day| day.and_time(hour)).chain(more).collect())
    }

    /// The starts that are taken out, and the days that take out what begins on them.
    fn taken_out<'a>(
        &self,
        out: impl Iterator<Item = &'a When>,
        steps: &mut u32,
    ) -> Option<(BTreeSet<NaiveDateTime>, BTreeSet<NaiveDate>)> {
        let (mut times, mut days) = (BTreeSet::new(), BTreeSet::new());
        for when in out {
            spend(steps, 1)?;
            if when.whole_day {
                days.insert(when.clock.date());
            } else {
                times.insert(when.on_the_clock_of(self.start));
            }
        }
        Some((times, days))
    }
}

/// `P1W`, `P1DT2H30M`; no less than nothing.
fn duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let mut rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (mut seconds, mut clock): (i64, bool) = (0, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            (rest, clock) = (after, true);
            continue;
        }
        let (digits, after) = rest.split_at_checked(rest.find(|sign: char| !sign.is_ascii_digit())?)?;
        let unit = match (after.as_bytes().first()?, clock) {
            (b'W', false) => 7 * 86_400,
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
        rest = after.get(1..)?;
    }
    // Longer than anybody keeps still.
    const LONGEST: i64 = 10 * 366 * 86_400;
    TimeDelta::try_seconds(seconds).filter(|_| seconds <= LONGEST)
}
