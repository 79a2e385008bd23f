//! How often and when accounts are posted to.

use super::Check;
use crate::workspace::located::{OneOrMany, Placed};
use crate::workspace::rhythm::{Least, QuietHours, Rhythm, Weekdays};

use std::sync::Arc;
use std::time::Duration;

/// The keys about it, which stand in an account's table, or at the top for accounts that do not say otherwise.
pub(super) struct RhythmFile {
    pub audience: Option<Placed<String>>,
    pub min_gap: Option<Placed<String>>,
    pub max_per_day: Option<Placed<u64>>,
    pub min_per_week: Option<Placed<u64>>,
    pub quiet: Option<Placed<OneOrMany>>,
    pub weekdays: Option<Placed<OneOrMany>>,
}

impl RhythmFile {
    /// The names of the keys.
    pub const KEYS: [&str; 6] = ["audience", "min_gap", "max_per_day", "min_per_week", "quiet", "weekdays"];
}

impl Check<'_> {
    /// What is written, and for the rest what is usual.
    pub(super) fn rhythm(&mut self, file: RhythmFile, usual: &Rhythm) -> Rhythm {
        let mut rhythm = usual.clone();
        if let Some(zone) = file.audience.and_then(|name| self.timezone(&name)) {
            rhythm.audience = zone;
        }
        if let Some(gap) = file.min_gap.and_then(|text| self.window(&text)) {
            rhythm.min_gap = gap;
        }
        if let Some(most) = file.max_per_day.and_then(|most| self.most(&most)) {
            rhythm.max_per_day = Some(most);
        }
        if let Some(least) = file.min_per_week {
            rhythm.min_per_week = self.least(least, rhythm.max_per_day);
        }
        if let Some(quiet) = file.quiet {
            rhythm.quiet = quiet.value.0.iter().filter_map(|text| self.quiet(text)).collect();
        }
        if let Some(days) = file.weekdays.and_then(|days| self.weekdays(&days)) {
            rhythm.weekdays = days;
        }
        rhythm
    }

    fn most(&mut self, most: &Placed<u64>) -> Option<usize> {
        if most.value == 0 {
            let help = "write `max_per_day = 1`, or more, or remove the line";
            self.error("settings/rhythm", &most.span, "with no post a day nothing would ever go out", help);
            return None;
        }
        Some(usize::try_from(most.value).unwrap_or(usize::MAX))
    }

    /// Zero takes away what is usual.
    fn least(&mut self, least: Placed<u64>, most: Option<usize>) -> Option<Least> {
        let posts = usize::try_from(least.value).unwrap_or(usize::MAX);
        if let Some(most) = most.filter(|most| most.saturating_mul(7) < posts) {
            let message = format!("{posts} posts a week are more than {most} a day allow");
            self.error("settings/rhythm", &least.span, message, "lower it, or raise `max_per_day`");
        }
        (posts > 0).then(|| Least { posts, source: Arc::clone(self.source), span: least.span })
    }

    fn quiet(&mut self, text: &Placed<String>) -> Option<QuietHours> {
        match QuietHours::read(&text.value) {
            Ok(hours) => Some(hours),
            Err((message, help)) => {
                self.error("settings/rhythm", &text.span, message, help);
                None
            }
        }
    }

    fn weekdays(&mut self, days: &Placed<OneOrMany>) -> Option<Weekdays> {
        match Weekdays::read(days.value.0.iter().map(|day| day.value.as_str())) {
            Ok(days) => Some(days),
            Err((at, message, help)) => {
                let span = days.value.0.get(at).map_or(&days.span, |day| &day.span);
                self.error("settings/rhythm", span, message, help);
                None
            }
        }
    }
}

/// What holds for accounts that do not say otherwise.
pub(super) struct Usual {
    pub late_after: Duration,
    pub duplicate_window: Duration,
    pub rhythm: Rhythm,
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::workspace::rhythm::Rhythm;
    use crate::workspace::{NetworkSpec, Settings};

    const NETWORKS: &[NetworkSpec] = &[NetworkSpec { network: "net", required: &[], optional: &[] }];

    fn look(text: &str) -> (Settings, Vec<(&'static str, String, String)>) {
        let text = format!("version = 1\nworkspace = \"0197c7b2\"\ntimezone = \"Europe/Berlin\"\n{text}");
        let (settings, findings) = read(text.as_bytes(), NETWORKS);
        let told = findings.into_iter().map(|f| (f.code, text[f.span].to_owned(), f.message));
        (settings.unwrap(), told.collect())
    }

    fn rhythm(settings: &Settings, account: &str) -> Rhythm {
        settings.accounts.values().find(|one| one.name.name() == account).unwrap().rhythm.clone()
    }

    #[test]
    fn an_account_says_otherwise_key_by_key() {
        let (settings, faults) = look(
            "min_gap = \"2h\"\nmax_per_day = 3\nquiet = [\"22:00-07:00\"]\nmin_per_week = 2\n\
             [accounts.\"net/home\"]\n[accounts.\"net/us\"]\naudience = \"America/New_York\"\nquiet = []\nmin_gap = \"0\"\n\
             min_per_week = 0\nweekdays = \"mon-fri\"\n",
        );
        assert_eq!(faults, []);
        let (home, us) = (rhythm(&settings, "home"), rhythm(&settings, "us"));
        assert_eq!((home.audience, us.audience), (chrono_tz::Europe::Berlin, chrono_tz::America::New_York));
        assert_eq!((home.min_gap.as_secs(), us.min_gap.as_secs()), (7200, 0));
        assert_eq!((home.max_per_day, us.max_per_day), (Some(3), Some(3)));
        assert_eq!((home.quiet.len(), us.quiet.len()), (1, 0));
        assert_eq!((home.min_per_week.map(|least| least.posts), us.min_per_week), (Some(2), None));
        assert!(home.weekdays.holds(chrono::Weekday::Sat) && !us.weekdays.holds(chrono::Weekday::Sat));
    }

    #[test]
    fn every_fault_has_its_place() {
        let (_, faults) = look(
            "audience = \"Berlin\"\nmin_gap = \"2 hours\"\nmax_per_day = 0\nquiet = [\"22:00-07:00\", \"22-7\"]\n\
             [accounts.\"net/a\"]\nmax_per_day = 1\nmin_per_week = 8\nweekdays = [\"mon\", \"tues\"]\n\
             [accounts.\"net/b\"]\nweekdays = []\n",
        );
        let faults: Vec<(&str, &str)> = faults.iter().map(|(code, there, _)| (*code, there.as_str())).collect();
        let expected = [
            ("settings/unknown-zone", "\"Berlin\""),
            ("settings/duration", "\"2 hours\""),
            ("settings/rhythm", "0"),
            ("settings/rhythm", "\"22-7\""),
            ("settings/rhythm", "8"),
            ("settings/rhythm", "\"tues\""),
            ("settings/rhythm", "[]"),
        ];
        assert_eq!(faults, expected);
    }
}
