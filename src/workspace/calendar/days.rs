//! `calendar/*.toml`: days with names.

use std::sync::Arc;

use super::super::accounts::Accounts;
use super::super::finding::Finding;
use super::super::located::{OneOrMany, Placed, without_null};
use super::super::names::AccountName;
use super::super::rhythm::{Blackout, Window};
use super::super::settings::Settings;
use super::super::source::Source;
use super::super::typed::{self, Area};
use super::super::{suggest, time, toml};

/// Days on which nothing goes out: a file `calendar/*.toml`.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct DaysFile {
    /// The days.
    #[serde(default)]
    day: Vec<DayFile>,
}

/// One of them.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct DayFile {
    /// The day, on the accounts' audiences' calendars: `2026-12-25`.
    date: Placed<String>,
    /// What it is: `Christmas`.
    name: Placed<String>,
    /// The accounts that it is for, as patterns: `mastodon/*`; all where it is not given.
    #[serde(default)]
    accounts: Option<OneOrMany>,
}

/// Reads a file's days.
pub(super) fn read(
    source: &Arc<Source>,
    text: &str,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Vec<Blackout> {
    let file = toml::read(source, text, findings)
        .and_then(|root| typed::read::<DaysFile>(root, Area::Calendar, source, findings));
    let known: Vec<&AccountName> = settings.accounts.keys().collect();
    let mut days = Vec::new();
    for day in file.map(|(file, _)| file.day).unwrap_or_default() {
        let patterns = day.accounts.unwrap_or_default().0;
        let accounts = Accounts::read(patterns, &known, |span, message, help| {
            let finding = Finding::error("calendar/unknown-account", source, span, message);
            findings.push(finding.label("here").help(help));
        });
        let date = time::day(day.date.value.trim());
        match date.and_then(|date| Window::days(date, date)) {
            Some(window) => {
                let (why, file) = (day.name.value, source.path.clone());
                days.push(Blackout { why, window, accounts, file });
            }
            None => {
                let message = format!("{} is no day", suggest::quote(&day.date.value));
                let finding = Finding::error("calendar/date", source, day.date.span, message);
                findings.push(finding.label("here").help("write year, month and day: `2026-12-25`"));
            }
        }
    }
    days
}
