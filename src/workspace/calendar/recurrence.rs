//! What comes again and again: `RRULE` of RFC 5545, section 3.3.10 (checked 2026-11-28), as far as calendars of holidays
//! use it.
//!
//! A day is looked at and either is one of the rule's or not. So a rule needs one step for each day, whatever it says, and
//! nothing is ever made that nobody asked for.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// A rule that can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    frequency: Frequency,
    /// At least 1.
    interval: i64,
    count: Option<u32>,
    /// The last time, and whether it is meant in UTC.
    pub until: Option<(NaiveDateTime, bool)>,
    months: Vec<u32>,
    /// From the month's beginning, or from its end where negative; never 0.
    days: Vec<i32>,
    /// The how-manieth of a weekday, from the end where negative; 0 for all of them.
    weekdays: Vec<(i32, Weekday)>,
    week_start: Weekday,
    /// The how-manieth of all those days in a month or a year, from the end where negative; empty for all.
    places: Vec<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Rule {
    /// Reads `FREQ=YEARLY;BYMONTH=11;BYDAY=4TH`.
    ///
    /// # Errors
    /// Why it cannot be followed.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            days: Vec::new(),
            weekdays: Vec::new(),
            week_start: Weekday::Mon,
            places: Vec::new(),
        };
        let mut frequency = None;
        for piece in text.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
            let (key, value) = piece.split_once('=').ok_or_else(|| format!("{piece:?} says nothing"))?;
            let wrong = || format!("{piece:?} cannot be read");
            match key.to_ascii_uppercase().as_str() {
                "FREQ" => frequency = Some(frequency_of(value)?),
                "INTERVAL" => rule.interval = i64::from(whole(value, 1..=10_000).ok_or_else(wrong)?),
                "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?),
                "UNTIL" => rule.until = Some(until(value).ok_or_else(wrong)?),
                "BYMONTH" => rule.months = list(value, |one| whole(one, 1..=12)?.try_into().ok()).ok_or_else(wrong)?,
                "BYMONTHDAY" => rule.days = list(value, |one| nonzero(one, 31)).ok_or_else(wrong)?,
                "BYDAY" => rule.weekdays = list(value, numbered_weekday).ok_or_else(wrong)?,
                "BYSETPOS" => rule.places = list(value, |one| nonzero(one, 366)).ok_or_else(wrong)?,
                "WKST" => rule.week_start = weekday(value).ok_or_else(wrong)?,
                // At which hour it begins again does not matter for rules of days.
                key => return Err(format!("{key} is not known here")),
            }
        }
        rule.frequency = frequency.ok_or("it does not say how often (FREQ)")?;
        let numbered = rule.weekdays.iter().any(|(n, _)| *n != 0);
        match rule.frequency {
            Frequency::Daily | Frequency::Weekly if numbered => {
                Err("only months and years have a first or a last weekday".to_owned())
            }
            Frequency::Weekly if !rule.days.is_empty() => Err("weeks have no days of the month".to_owned()),
            Frequency::Daily | Frequency::Weekly if !rule.places.is_empty() => {
                Err("only months and years have a first or a last of their days (BYSETPOS)".to_owned())
            }
            _ => Ok(rule),
        }
    }

    /// The days within `days` on which it begins again, the first day too, which always counts. `None` where that takes
    /// more than the steps that are left.
    pub fn days(
        &self,
        first: NaiveDate,
        last: Option<NaiveDate>,
        days: &Range<NaiveDate>,
        steps: &mut u32,
    ) -> Option<Vec<NaiveDate>> {
        let mut found = Vec::new();
        let mut left = self.count.unwrap_or(u32::MAX);
        let end = last.and_then(|last| last.succ_opt()).map_or(days.end, |end| end.min(days.end));
        // Only what is counted has to be followed from the beginning.
        let mut day = if self.count.is_some() { first } else { first.max(days.start) };
        while day < end && left > 0 {
            *steps = steps.checked_sub(1)?;
            if day == first || self.holds(day, first) && self.is_in_place(day, first, steps)? {
                left -= 1;
                if days.contains(&day) {
                    found.push(day);
                }
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        Some(found)
    }

    fn holds(&self, day: NaiveDate, first: NaiveDate) -> bool {
        if !self.months.is_empty() && !self.months.contains(&day.month()) {
            return false;
        }
        let every = |past: i64| past % self.interval == 0;
        let month = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
        let week = |day: NaiveDate| {
            let begun = i64::from(day.weekday().days_since(self.week_start));
            (i64::from(day.num_days_from_ce()) - begun).div_euclid(7)
        };
        let in_turn = match self.frequency {
            Frequency::Daily => every(day.signed_duration_since(first).num_days()),
            Frequency::Weekly => every(week(day) - week(first)),
            Frequency::Monthly => every(month(day) - month(first)),
            Frequency::Yearly => every(i64::from(day.year()) - i64::from(first.year())),
        };
        in_turn && self.falls_on(day, first)
    }

    fn falls_on(&self, day: NaiveDate, first: NaiveDate) -> bool {
        let (of_month, in_month) = (day_of(day.day()), i32::from(day.num_days_in_month()));
        let dated = self.days.iter().any(|n| *n == of_month || in_month + 1 + n == of_month);
        let named =
            self.weekdays.iter().any(|(n, weekday)| *weekday == day.weekday() && (*n == 0 || self.is_nth(day, *n)));
        match (self.days.is_empty(), self.weekdays.is_empty()) {
            (false, true) => dated,
            (true, false) => named,
            (false, false) => dated && named,
            (true, true) => match self.frequency {
                Frequency::Daily => true,
                Frequency::Weekly => day.weekday() == first.weekday(),
                Frequency::Monthly => day.day() == first.day(),
                Frequency::Yearly => {
                    day.day() == first.day() && (day.month() == first.month() || !self.months.is_empty())
                }
            },
        }
    }

    /// Whether a day of the rule is one of the how-manieth that are meant. `None` where the steps do not last.
    fn is_in_place(&self, day: NaiveDate, first: NaiveDate, steps: &mut u32) -> Option<bool> {
        if self.places.is_empty() {
            return Some(true);
        }
        *steps = steps.checked_sub(366)?;
        let in_turn = |other: &NaiveDate| {
            let together = self.frequency == Frequency::Yearly || other.month() == day.month();
            other.year() == day.year() && together && self.holds(*other, first)
        };
        let before =
            std::iter::successors(day.pred_opt(), NaiveDate::pred_opt).take_while(|other| other.year() == day.year());
        let after = day.iter_days().skip(1).take_while(|other| other.year() == day.year());
        let place = |others: usize| i32::try_from(others + 1).unwrap_or(i32::MAX);
        let (from_start, from_end) = (place(before.filter(in_turn).count()), -place(after.filter(in_turn).count()));
        Some(self.places.iter().any(|one| *one == from_start || *one == from_end))
    }

    /// Whether a day is the how-manieth of its weekday: in its year where the rule is about years and names no month.
    fn is_nth(&self, day: NaiveDate, n: i32) -> bool {
        let in_year = self.frequency == Frequency::Yearly && self.months.is_empty();
        let (place, all) = if in_year {
            (day_of(day.ordinal()), if day.leap_year() { 366 } else { 365 })
        } else {
            (day_of(day.day()), i32::from(day.num_days_in_month()))
        };
        if n > 0 { (place - 1) / 7 + 1 == n } else { (all - place) / 7 + 1 == -n }
    }
}

fn day_of(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn frequency_of(text: &str) -> Result<Frequency, String> {
    match text.trim().to_ascii_uppercase().as_str() {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        other => Err(format!("{other:?} is not known here")),
    }
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|one| read(one.trim())).collect()
}

fn whole(text: &str, range: std::ops::RangeInclusive<i32>) -> Option<i32> {
    text.trim().parse().ok().filter(|number| range.contains(number))
}

fn nonzero(text: &str, most: i32) -> Option<i32> {
    whole(text, -most..=most).filter(|number| *number != 0)
}

/// `MO`, `4TH`, `-1SU`
fn numbered_weekday(text: &str) -> Option<(i32, Weekday)> {
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = if number.is_empty() { 0 } else { nonzero(number, 53)? };
    Some((number, weekday(name)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    match text.trim().to_ascii_uppercase().as_str() {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}

fn until(text: &str) -> Option<(NaiveDateTime, bool)> {
    let text = text.trim();
    if let Some(day) = date(text) {
        return Some((day.and_time(NaiveTime::from_hms_opt(23, 59, 59)?), false));
    }
    time(text)
}

/// `20261225`
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let plain = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let number = |range: Range<usize>| text.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(plain.then(|| number(0..4))??).ok()?;
    NaiveDate::from_ymd_opt(year, number(4..6)?, number(6..8)?)
}

/// `20261225T180000`, with `Z` behind it in UTC.
pub(super) fn time(text: &str) -> Option<(NaiveDateTime, bool)> {
    let (plain, utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |plain| (plain, true));
    let (day, clock) = plain.split_once(['T', 't'])?;
    let plain = clock.len() == 6 && clock.bytes().all(|b| b.is_ascii_digit());
    let number = |range: Range<usize>| clock.get(range)?.parse::<u32>().ok();
    // A leap second has no place of its own.
    let second = plain.then(|| number(4..6))??.min(59);
    Some((date(day)?.and_time(NaiveTime::from_hms_opt(number(0..2)?, number(2..4)?, second)?), utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn follow(rule: &str, first: &str, from: &str, to: &str) -> String {
        let rule = Rule::read(rule).unwrap();
        let last = rule.until.map(|(time, _)| time.date());
        let days = rule.days(day(first), last, &(day(from)..day(to)), &mut 100_000).unwrap();
        days.iter().map(|day| day.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// Mostly the examples of RFC 5545, section 3.8.5.3.
    #[test]
    fn rules_fall_on_their_days() {
        for (rule, first, from, to, days) in [
            ("FREQ=DAILY;COUNT=3", "1997-09-02", "1997-01-01", "1998-01-01", "1997-09-02 1997-09-03 1997-09-04"),
            (
                "FREQ=DAILY;INTERVAL=10;COUNT=3",
                "1997-09-02",
                "1997-01-01",
                "1998-01-01",
                "1997-09-02 1997-09-12 1997-09-22",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH;COUNT=4",
                "1997-09-02",
                "1997-01-01",
                "1998-01-01",
                "1997-09-02 1997-09-04 1997-09-16 1997-09-18",
            ),
            // What the week's first day changes.
            (
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
                "1997-08-05",
                "1997-01-01",
                "1998-01-01",
                "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
                "1997-08-05",
                "1997-01-01",
                "1998-01-01",
                "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
            ),
            (
                "FREQ=MONTHLY;COUNT=3;BYDAY=1FR",
                "1997-09-05",
                "1997-01-01",
                "1998-01-01",
                "1997-09-05 1997-10-03 1997-11-07",
            ),
            (
                "FREQ=MONTHLY;COUNT=3;BYDAY=-2MO",
                "1997-09-22",
                "1997-01-01",
                "1998-01-01",
                "1997-09-22 1997-10-20 1997-11-17",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-3",
                "1997-09-28",
                "1997-09-01",
                "1997-12-01",
                "1997-09-28 1997-10-29 1997-11-28",
            ),
            (
                "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
                "1998-02-13",
                "1998-01-01",
                "1999-01-01",
                "1998-02-13 1998-03-13 1998-11-13",
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "2026-10-30",
                "2026-10-01",
                "2027-01-01",
                "2026-10-30 2026-11-30 2026-12-31",
            ),
            (
                "FREQ=YEARLY;BYMONTH=5;BYDAY=MO;BYSETPOS=1,-1",
                "2026-05-04",
                "2026-01-01",
                "2027-01-01",
                "2026-05-04 2026-05-25",
            ),
            ("FREQ=MONTHLY", "2026-01-31", "2026-01-01", "2026-06-01", "2026-01-31 2026-03-31 2026-05-31"),
            ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-01-01", "2000-01-01", "1997-05-19 1998-05-18 1999-05-17"),
            ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2020-11-26", "2026-01-01", "2028-01-01", "2026-11-26 2027-11-25"),
            (
                "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
                "1996-11-05",
                "1996-01-01",
                "2005-01-01",
                "1996-11-05 2000-11-07 2004-11-02",
            ),
            ("FREQ=YEARLY;UNTIL=20271225", "2019-12-25", "2026-01-01", "2030-01-01", "2026-12-25 2027-12-25"),
            ("FREQ=YEARLY", "2024-02-29", "2024-01-01", "2033-01-01", "2024-02-29 2028-02-29 2032-02-29"),
            (
                "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1",
                "2026-01-01",
                "2026-01-01",
                "2028-01-01",
                "2026-01-01 2026-07-01 2027-01-01 2027-07-01",
            ),
        ] {
            assert_eq!(follow(rule, first, from, to), days, "{rule}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        for rule in [
            "",
            "FREQ=HOURLY",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=-1",
            "FREQ=MONTHLY;BYSETPOS=0",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;BYDAY=1MO",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYDAY=1",
            "FREQ=MONTHLY;BYDAY=é",
            "FREQ=DAILY;UNTIL=2026",
            "INTERVAL=2",
        ] {
            assert!(Rule::read(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn no_rule_takes_more_steps_than_are_left() {
        let rule = Rule::read("FREQ=DAILY;COUNT=4000000000").unwrap();
        let mut steps = 1000;
        assert_eq!(rule.days(day("1970-01-01"), None, &(day("2026-01-01")..day("2027-01-01")), &mut steps), None);
        assert_eq!(steps, 0);
    }
}
