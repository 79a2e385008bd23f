//! `calendar/`: holidays and other times in which nothing goes out, as `.ics` files of any calendar program and as TOML.

mod days;
mod ics;
mod lines;
mod recurrence;
mod zones;

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::files::{FileProblem, Files};
use super::finding::Finding;
use super::rhythm::Blackout;
use super::settings::Settings;
use super::source::Source;
use super::text;

pub use days::DaysFile;

/// Where the files stand.
const FOLDER: &str = "calendar";
/// Bytes that one of them may have.
const LARGEST: u64 = 1 << 20;
/// Days that are looked at for all the rules of all files together: some thousand rules, each for some years.
const MOST_STEPS: u32 = 4_000_000;

/// Reads all calendars. What comes again and again is followed through the days that are asked for; what comes once is
/// there whenever it is.
pub fn read(files: &dyn Files, settings: &Settings, days: &Range<NaiveDate>) -> (Vec<Blackout>, Vec<Finding>) {
    let (mut blackouts, mut findings, mut steps) = (Vec::new(), Vec::new(), MOST_STEPS);
    let entries = match files.names(FOLDER) {
        Ok(entries) => entries,
        Err(problem) => return (blackouts, vec![unreadable(FOLDER, &problem)]),
    };
    for entry in entries {
        let end = entry.path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        let Some(end @ ("ics" | "toml")) = end.as_deref() else { continue };
        let bytes = match files.read(&entry.path, LARGEST) {
            Ok(bytes) => bytes,
            Err(problem) => {
                findings.push(unreadable(&entry.path, &problem));
                continue;
            }
        };
        let bytes = if end == "ics" { lines::whole(&bytes) } else { bytes };
        let readable = text::read(&entry.path, &bytes, &mut findings);
        if end == "ics" {
            blackouts.extend(ics::read(&readable.source, days, &mut steps, &mut findings));
        } else {
            blackouts.extend(days::read(&readable.source, &readable.text, settings, &mut findings));
        }
    }
    (blackouts, findings)
}

fn unreadable(path: &str, problem: &FileProblem) -> Finding {
    let source = Arc::new(Source::new(path, ""));
    Finding::error("calendar/unreadable", &source, 0..0, format!("{path} cannot be read: {problem}"))
        .help("put the calendar's file itself into the folder `calendar`, or take it away")
}

#[cfg(test)]
mod tests;
