//! `text/weekday`: a date and the weekday beside it agree.
//!
//! Reads dates in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish, in words (“Tuesday, 1 December”)
//! and in numbers (2026-12-01, 1.12.2026). Of 3/4/2026 the post's `language:` tells which number is the month. Where no
//! year is written, the next such day after the post goes out is meant, or one of the last two months. A day that no
//! calendar has (31 November) is found too. “Monday to Friday, 4 December” and code are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-20 09:00
//! ---
//! Our party is on Monday, 1 December 2026. Bring a friend.
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! language: de
//! publish_at: 2026-11-20 09:00
//! ---
//! Wir feiern am Mittwoch, den 1. Dezember.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-20 09:00
//! ---
//! Our party is on Tuesday, 1 December 2026. Bring a friend.
//! ```

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use super::calendar::{Day, dates};
use super::{Desk, Level, Rule, Written};
use crate::workspace::{Due, Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["text/weekday"],
    "a date and the weekday beside it agree",
    Level::Error,
    include_str!("weekday.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let today = out_on(written, desk);
    for reading in &written.texts {
        for day in dates(&reading.words, &written.post.languages) {
            let there = reading.words.get(day.range.clone()).unwrap_or_default();
            let Some((range, message, label)) = fault(&day, there, today) else { continue };
            let finding = written.finding("text/weekday", reading, range, message).label(label);
            findings.push(finding.help("correct the weekday or the date"));
        }
    }
}

/// The day on which a post goes out, where its readers are.
pub(super) fn out_on(written: &Written<'_>, desk: &Desk<'_>) -> NaiveDate {
    let at = match written.post.due {
        Due::At(at) => at,
        Due::Asap => desk.now,
    };
    let accounts = written.post.to.iter().filter_map(|account| desk.settings.accounts.get(account));
    let days = accounts.map(|account| account.rhythm.local(at).date());
    // Where it is the earlier day, what ends that day is not over.
    days.min().unwrap_or_else(|| at.with_timezone(&desk.settings.timezone).date_naive())
}

/// What is wrong with a day: where, in a sentence, and in a word.
fn fault(day: &Day, there: &str, today: NaiveDate) -> Option<(Range<usize>, String, String)> {
    if !day.exists() {
        let sure = day.named && (day.year.is_some() || day.weekday.is_some());
        let message = format!("there is no such day: {}", suggest::quote(there));
        return sure.then(|| (day.range.clone(), message, "in no calendar".to_owned()));
    }
    let (weekday, place) = day.weekday.clone()?;
    let meant = day.near(today);
    if meant.is_empty() || meant.iter().any(|date| date.weekday() == weekday) {
        return None;
    }
    let date = meant.last()?;
    let message = format!("{} {} is a {}", date.day(), date.format("%B %Y"), date.format("%A"));
    Some((place, message, format!("a {}", date.format("%A"))))
}
