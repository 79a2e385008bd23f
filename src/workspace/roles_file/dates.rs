//! Days and moments in `roles.toml`, written as TOML's dates or as text.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::super::located::Placed;
use super::super::{suggest, time};
use super::Check;

/// Which moment a bare date stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BareDate {
    /// Midnight at its beginning.
    Begin,
    /// Midnight at its end.
    End,
}

impl Check<'_> {
    /// A day: `2026-12-24`.
    pub(super) fn day(&mut self, text: &Placed<String>) -> Option<NaiveDate> {
        let day = time::day(text.value.trim());
        if day.is_none() {
            let message = format!("{} is no day", suggest::quote(&text.value));
            self.error("roles/date", &text.span, message, "write year, month and day: `2026-12-24`");
        }
        day
    }

    /// A moment: `2026-12-24`, which is midnight UTC, or a time as in a post; without a zone it is meant in UTC.
    pub(super) fn moment(&mut self, text: &str, span: &Range<usize>, bare: BareDate) -> Option<DateTime<Utc>> {
        if let Some(day) = time::day(text.trim()) {
            let day = match bare {
                BareDate::Begin => Some(day),
                BareDate::End => day.checked_add_days(Days::new(1)),
            };
            return day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        }
        match time::read(text, Tz::UTC) {
            Ok(moment) => Some(moment),
            Err(fault) => {
                let help = "write a day, `2026-12-24` (from midnight UTC), or a time, `2026-12-24 09:00+01:00`";
                self.error("roles/date", span, fault.message, help);
                None
            }
        }
    }
}
