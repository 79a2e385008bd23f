//! When somebody may be told something, on the clock on their wall.

use std::time::Duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::workspace::rhythm::Rhythm;
use crate::workspace::time::first_at;

/// Time awake before a deadline that a reminder leaves at least: schedules in CI run late.
const AWAKE: TimeDelta = TimeDelta::minutes(90);
/// How far back from a deadline a time awake is looked for.
const FAR: i64 = 14 * 24 * 60;

/// When what can wait is told together: every day, or on a weekday, at a time of the reader's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    day: Option<Weekday>,
    at: NaiveTime,
}

impl Digest {
    /// Reads `daily 09:00` or `mon 09:00`; `None` where it is of another form.
    pub fn read(text: &str) -> Option<Self> {
        let (day, at) = text.trim().split_once(char::is_whitespace)?;
        let day = match day {
            "daily" => None,
            day => Some(day.parse().ok().filter(|_| day.len() == 3 || day.to_lowercase().ends_with("day"))?),
        };
        let at = at.trim();
        let at = (at.len() == 5).then(|| NaiveTime::parse_from_str(at, "%H:%M").ok()).flatten()?;
        Some(Self { day, at })
    }

    /// Whether somebody may be told something at that hour, on one of its days.
    pub fn is_told(&self, rhythm: &Rhythm) -> bool {
        let day = |day: Weekday| self.day.is_none_or(|own| own == day) && rhythm.weekdays.holds(day);
        let week = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
        !rhythm.quiet.iter().any(|quiet| quiet.holds(self.at)) && week.into_iter().any(day)
    }

    /// The last time that it was due, now included.
    pub fn last(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        let days = (0..=8).filter_map(|n| today.checked_sub_days(Days::new(n)));
        days.filter_map(|day| self.on(day, zone)).find(|at| *at <= now)
    }

    /// The next time after another.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = after.with_timezone(&zone).date_naive();
        let days = (0..=8).filter_map(|n| today.checked_add_days(Days::new(n)));
        days.filter_map(|day| self.on(day, zone)).find(|at| *at > after)
    }

    fn on(&self, day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
        let is_day = self.day.is_none_or(|own| own == day.weekday());
        is_day.then(|| first_at(day.and_time(self.at), zone)).flatten()
    }
}

/// The first moment from a time on at which somebody may be told something; `None` where none is near.
pub fn awake(rhythm: &Rhythm, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if rhythm.rests(from).is_none() { Some(from) } else { rhythm.wakes(from) }
}

/// When to remind somebody of a deadline: so long before, but early enough to leave time awake. Before the quiet hours, where
/// it would come too late after them.
pub fn reminder(rhythm: &Rhythm, deadline: DateTime<Utc>, before: Duration) -> DateTime<Utc> {
    let before = TimeDelta::from_std(before).unwrap_or(TimeDelta::MAX);
    let wanted = deadline.checked_sub_signed(before).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let minute = TimeDelta::minutes(1);
    let (mut awake, mut at) = (TimeDelta::zero(), deadline);
    for _ in 0..FAR {
        if awake >= AWAKE && at <= wanted {
            return at;
        }
        let Some(earlier) = at.checked_sub_signed(minute) else { break };
        at = earlier;
        if rhythm.rests(at).is_none() {
            awake += minute;
        }
    }
    wanted
}
