//! When an account is posted to and when not: gaps, hours, weekdays and days, on the clocks of those who read it.
//!
//! All of it is held against what a clock on the wall shows there, so an hour that happens twice is quiet both times, and
//! a day is a day though it has 23 hours.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use super::accounts::Accounts;
use super::names;
use super::settings::Settings;
use super::source::Source;
use super::{suggest, time};

/// How often and when an account is posted to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rhythm {
    /// The zone in which its days, hours and weekdays are meant.
    pub audience: Tz,
    /// Two posts are so far apart; zero: they may follow each other at once.
    pub min_gap: Duration,
    /// No day has more posts.
    pub max_per_day: Option<usize>,
    /// Every week has so many posts.
    pub min_per_week: Option<Least>,
    /// The hours in which nothing goes out.
    pub quiet: Vec<QuietHours>,
    /// The weekdays on which something may go out.
    pub weekdays: Weekdays,
}

/// So many posts a week at least, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Least {
    /// How many; at least 1.
    pub posts: usize,
    /// `greenlit.toml`
    pub source: Arc<Source>,
    /// Its bytes there.
    pub span: Range<usize>,
}

/// Hours of every day, maybe over midnight: `22:00-07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    /// Not included; midnight is the day's end.
    until: NaiveTime,
}

/// Some of the seven weekdays, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays([bool; 7]);

/// When the posts of a campaign go out, both days included, in the audience's zone, and what their links say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// The first day; `None`: whenever.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
    /// The sites whose links say which campaign they are of: `acme.example`.
    pub link_sites: Vec<String>,
    /// Names and values of the parameters that say so: `utm_campaign`, `autumn`.
    pub link_parameters: Vec<(String, String)>,
}

/// A time in which nothing goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blackout {
    /// What it is: `Christmas`.
    pub why: String,
    /// When.
    pub window: Window,
    /// For whom.
    pub accounts: Accounts,
    /// The file that says so.
    pub file: String,
}

/// From a time on a clock to before another: never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: NaiveDateTime,
    until: NaiveDateTime,
    /// Where the clock hangs; `None`: where people read what goes out.
    zone: Option<Tz>,
}

impl Rhythm {
    /// What the clock shows there.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.audience).naive_local()
    }

    /// Whether the account is left alone at a time: the quiet hours, or `None` in it where it is the weekday.
    pub fn rests(&self, at: DateTime<Utc>) -> Option<Option<QuietHours>> {
        let local = self.local(at);
        if !self.weekdays.holds(local.weekday()) {
            return Some(None);
        }
        self.quiet.iter().find(|quiet| quiet.holds(local.time())).map(|quiet| Some(*quiet))
    }

    /// The first time after another at which the account is not left alone; `None` where none is near.
    pub fn wakes(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // A rest ends where quiet hours or a day do. Quiet hours may fill whole days between open weekdays.
        const NEAR: u64 = 15;
        let today = self.local(at).date();
        let ends = self.quiet.iter().map(|quiet| quiet.until).chain([NaiveTime::MIN]);
        let days = (0..NEAR).filter_map(|n| today.checked_add_days(Days::new(n)));
        let times = days.flat_map(|day| ends.clone().map(move |end| day.and_time(end)));
        let times = times.filter_map(|local| time::first_at(local, self.audience));
        times.filter(|time| *time > at && self.rests(*time).is_none()).min()
    }
}

impl QuietHours {
    /// Reads `22:00-07:00`; `24:00` is midnight.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub fn read(text: &str) -> Result<Self, (String, String)> {
        let fault = || {
            let message = format!("{} are no quiet hours", suggest::quote(text));
            (message, "write from when to when: `22:00-07:00`".to_owned())
        };
        let (from, until) = text.split_once('-').ok_or_else(fault)?;
        let hours = Self { from: clock(from).ok_or_else(fault)?, until: clock(until).ok_or_else(fault)? };
        if hours.from == hours.until {
            let help = "write two different times; for whole days, leave them out of `weekdays`".to_owned();
            return Err((format!("{} is all day long, or no time at all", suggest::quote(text)), help));
        }
        Ok(hours)
    }

    /// Whether a time on the clock is within.
    pub fn holds(&self, time: NaiveTime) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from.format("%H:%M"), self.until.format("%H:%M"))
    }
}

/// `07:00`; `24:00` is the midnight at the day's end.
fn clock(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok())?
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Some(NaiveTime::MIN),
        (hour, minute) => NaiveTime::from_hms_opt(hour, minute, 0),
    }
}

impl Default for Weekdays {
    fn default() -> Self {
        Self([true; 7])
    }
}

impl Weekdays {
    /// Reads days and ranges of days: `mon`, `mon-fri`.
    ///
    /// # Errors
    /// The place in the list, what is wrong, and what to write instead.
    pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, (usize, String, String)> {
        let mut days = [false; 7];
        for (at, text) in texts.into_iter().enumerate() {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let found = [first, last].map(|name| (name.trim(), weekday(name.trim())));
            let [(_, Some(first)), (_, Some(last))] = found else {
                let unknown = found.iter().find(|(_, day)| day.is_none()).map_or("", |(name, _)| name);
                let message = format!("{} is no weekday", suggest::quote(unknown));
                return Err((at, message, suggest::help(&unknown.to_lowercase(), "weekdays", &WEEKDAYS)));
            };
            let mut day = first;
            loop {
                if let Some(place) = days.get_mut(day.num_days_from_monday() as usize) {
                    *place = true;
                }
                if day == last {
                    break;
                }
                day = day.succ();
            }
        }
        if !days.contains(&true) {
            let help = "name days, such as `[\"mon-fri\"]`, or remove the line".to_owned();
            return Err((0, "without any weekday nothing would ever go out".to_owned(), help));
        }
        Ok(Self(days))
    }

    /// Whether a day is among them.
    pub fn holds(&self, day: Weekday) -> bool {
        self.0.get(day.num_days_from_monday() as usize).is_some_and(|holds| *holds)
    }
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `mon`, `Monday`
fn weekday(name: &str) -> Option<Weekday> {
    let known = name.len() == 3 || name.to_lowercase().ends_with("day");
    name.parse().ok().filter(|_| known)
}

impl Campaign {
    /// Whether a day is one of its days.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// When it is: `from 2026-11-01 to 2026-12-15`.
impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, "from {from} to {to}"),
            (Some(from), None) => write!(f, "from {from} on"),
            (None, Some(to)) => write!(f, "until {to}"),
            (None, None) => f.write_str("at any time"),
        }
    }
}

impl Window {
    /// Whole days, the first and the last included; `None` where the last comes before the first.
    pub fn days(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        let until = to.checked_add_days(Days::new(1))?;
        Self::new(from.and_time(NaiveTime::MIN), until.and_time(NaiveTime::MIN), None)
    }

    /// From a time to before another on a clock in a zone; `None` where no time lies between them.
    pub fn new(from: NaiveDateTime, until: NaiveDateTime, zone: Option<Tz>) -> Option<Self> {
        (from < until).then_some(Self { from, until, zone })
    }

    /// Whether a moment is within, for an audience in a zone.
    pub fn holds(&self, at: DateTime<Utc>, audience: Tz) -> bool {
        let local = at.with_timezone(&self.zone.unwrap_or(audience)).naive_local();
        self.from <= local && local < self.until
    }
}

/// When it is: `on 2026-12-25`, `from 2026-12-24 to 2026-12-26`, `from 2026-12-24 12:00 to 2026-12-24 18:00 (Asia/Tokyo)`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = |time: NaiveDateTime| time.time() == NaiveTime::MIN;
        match self.until.date().pred_opt() {
            Some(last) if midnight(self.from) && midnight(self.until) => {
                let first = self.from.date();
                if first == last { write!(f, "on {first}")? } else { write!(f, "from {first} to {last}")? }
            }
            _ => write!(f, "from {} to {}", self.from.format("%Y-%m-%d %H:%M"), self.until.format("%Y-%m-%d %H:%M"))?,
        }
        self.zone.map_or(Ok(()), |zone| write!(f, " ({zone})"))
    }
}

impl Settings {
    /// The campaign of a name, as people read names; `None` where it is not listed.
    pub fn campaign(&self, name: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| names::same(&campaign.name, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn rhythm(zone: Tz, quiet: &[&str], weekdays: &[&str]) -> Rhythm {
        Rhythm {
            audience: zone,
            quiet: quiet.iter().map(|text| QuietHours::read(text).unwrap()).collect(),
            weekdays: Weekdays::read(weekdays.iter().copied()).unwrap(),
            ..Rhythm::default()
        }
    }

    const BERLIN: Tz = chrono_tz::Europe::Berlin;

    #[test]
    fn quiet_hours_reach_over_midnight_and_end_before_their_last_minute() {
        let night = QuietHours::read("22:00-07:00").unwrap();
        let evening = QuietHours::read("20:00 - 24:00").unwrap();
        for (time, in_night, in_evening) in [
            ("21:59", false, true),
            ("22:00", true, true),
            ("00:00", true, false),
            ("06:59", true, false),
            ("07:00", false, false),
        ] {
            let time = clock(time).unwrap();
            assert_eq!((night.holds(time), evening.holds(time)), (in_night, in_evening), "{time}");
        }
        for text in ["", "22:00", "22-7", "7:00-8:00", "22:00-25:00", "22:00-22:00", "00:00-24:00", "２２:00-07:00"] {
            assert!(QuietHours::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_hour_that_happens_twice_is_quiet_both_times_and_one_that_is_left_out_is_not_waited_for() {
        let night = rhythm(BERLIN, &["02:00-03:00"], &["mon-sun"]);
        for (time, rests) in [
            ("2026-10-24T23:59:00Z", false),
            ("2026-10-25T00:30:00Z", true),
            ("2026-10-25T01:30:00Z", true),
            ("2026-10-25T02:00:00Z", false),
            // 01:59 in winter time; the next minute is 03:00 in summer time.
            ("2026-03-29T00:59:00Z", false),
            ("2026-03-29T01:00:00Z", false),
        ] {
            assert_eq!(night.rests(at(time)).is_some(), rests, "{time}");
        }
        assert_eq!(night.wakes(at("2026-10-25T00:30:00Z")), Some(at("2026-10-25T02:00:00Z")));
        let early = rhythm(BERLIN, &["00:00-02:30"], &["mon-sun"]);
        // 02:30 does not happen that night: 03:00 follows 01:59.
        assert_eq!(early.wakes(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn weekdays_are_those_of_the_audience() {
        let week = rhythm(chrono_tz::America::New_York, &[], &["Mon-thu", "friday"]);
        // Saturday in Berlin, Friday evening in New York.
        assert_eq!(week.rests(at("2026-11-28T01:00:00Z")), None);
        assert_eq!(week.rests(at("2026-11-28T12:00:00Z")), Some(None));
        assert_eq!(week.wakes(at("2026-11-28T12:00:00Z")), Some(at("2026-11-30T05:00:00Z")));
        let over = Weekdays::read(["sat-mon"]).unwrap();
        assert!(over.holds(Weekday::Sun) && !over.holds(Weekday::Tue));
        for (texts, wrong) in [(&["mon", "funday"][..], "`funday`"), (&["fr"], "`fr`"), (&[], "nothing would ever")] {
            assert!(Weekdays::read(texts.iter().copied()).unwrap_err().1.contains(wrong), "{texts:?}");
        }
    }

    #[test]
    fn a_day_is_that_of_the_audience_however_many_hours_it_has() {
        let day = "2026-10-25".parse().unwrap();
        let window = Window::days(day, day).unwrap();
        for (time, holds) in [
            ("2026-10-24T21:59:59Z", false),
            ("2026-10-24T22:00:00Z", true),
            ("2026-10-25T22:59:59Z", true),
            ("2026-10-25T23:00:00Z", false),
        ] {
            assert_eq!(window.holds(at(time), BERLIN), holds, "{time}");
        }
        assert!(window.holds(at("2026-10-24T11:00:00Z"), chrono_tz::Pacific::Kiritimati));
        assert_eq!(window.to_string(), "on 2026-10-25");
        assert_eq!(Window::days(day, "2026-10-24".parse().unwrap()), None);
    }
}
