//! Times as people write them, and how long is how long.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::suggest;

/// Why a time cannot be used, with a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFault {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
}

/// Reads `2026-12-01 09:00`, `2026-12-01T09:00`, either with an offset (`+01:00`, `Z`) or a zone behind it
/// (`2026-12-01 09:00 America/New_York`); without one it is meant in `zone`.
///
/// # Errors
/// When it is of another form, names an unknown zone, or a minute that does not exist or exists twice.
pub fn read(text: &str, zone: Tz) -> Result<DateTime<Utc>, TimeFault> {
    let text = text.trim();
    let (local, rest) = date_and_time(text)?;
    match rest.trim_start() {
        "" => in_zone(local, zone),
        offset @ ("Z" | "z") => at_offset(local, offset, 0),
        offset if offset.starts_with(['+', '-']) => {
            let seconds = offset_seconds(offset).ok_or_else(|| malformed(text))?;
            at_offset(local, offset, seconds)
        }
        name if rest.starts_with(char::is_whitespace) => in_zone(local, named_zone(name)?),
        _ => Err(malformed(text)),
    }
}

/// A time zone by its name.
///
/// # Errors
/// When there is no such zone.
pub fn named_zone(name: &str) -> Result<Tz, TimeFault> {
    Tz::from_str(name).map_err(|_| {
        let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        // People know the city, not the continent: `Berlin`, `New York`.
        let city = name.replace(' ', "_");
        let by_city =
            || known.clone().find(|zone| zone.rsplit('/').next().is_some_and(|c| c.eq_ignore_ascii_case(&city)));
        let help = match suggest::nearest(name, known.clone()).or_else(by_city) {
            Some(zone) => format!("did you mean `{zone}`?"),
            None => "write a name of the time zone list, such as `Europe/Berlin` or `America/New_York`".to_owned(),
        };
        let message = format!("there is no time zone {}", suggest::quote(name));
        TimeFault { code: "post/unknown-zone", message, help }
    })
}

/// Reads `90s`, `30m`, `6h`, `2d`; at most ten years.
///
/// # Errors
/// When it is of another form; the text says what to write.
pub fn duration(text: &str) -> Result<Duration, String> {
    const LONGEST: u64 = 10 * 366 * 24 * 3600;
    let form = || "write a whole number and `s`, `m`, `h` or `d`: `90s`, `30m`, `6h`, `2d`".to_owned();
    let text = text.trim();
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(form)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(form());
    }
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(form()),
    };
    let seconds = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).filter(|n| *n <= LONGEST);
    seconds.map(Duration::from_secs).ok_or_else(|| "write a time of at most ten years".to_owned())
}

/// Reads a day, `2026-12-24`, from 1970 on; `None` where it is of another form, or there is no such day.
pub fn day(text: &str) -> Option<NaiveDate> {
    let shape = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]);
    let year = number(text, 0..4).filter(|year| shape && *year >= 1970)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(text, 5..7)?, number(text, 8..10)?)
}

fn malformed(text: &str) -> TimeFault {
    TimeFault {
        code: "post/bad-time",
        message: format!("{} is no date and time", suggest::quote(text)),
        help: "write `2026-12-01 09:00`, with `+01:00` or ` Europe/Berlin` behind it for another zone".to_owned(),
    }
}

/// Splits off `2026-12-01 09:00[:00]`; the rest is what says the zone.
fn date_and_time(text: &str) -> Result<(NaiveDateTime, &str), TimeFault> {
    let fault = || malformed(text);
    let (date, rest) = text.split_at_checked(10).ok_or_else(fault)?;
    let digits = [number(date, 0..4), number(date, 5..7), number(date, 8..10)];
    if !matches!(date.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]) || digits.contains(&None) {
        return Err(fault());
    }
    let date = day(date).ok_or_else(|| TimeFault {
        code: "post/bad-time",
        message: format!("there is no day {date}"),
        help: "write year, month and day: `2026-12-01 09:00`".to_owned(),
    })?;
    if rest.trim().is_empty() {
        return Err(TimeFault {
            code: "post/bad-time",
            message: "the hour is missing".to_owned(),
            help: format!("write `{date} 09:00`"),
        });
    }
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(fault)?.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(digits).ok_or_else(fault)?;
    let second = match clock.as_bytes() {
        [_, _, b':', _, _] => Some(0),
        [_, _, b':', _, _, b':', _, _] => number(clock, 6..8),
        _ => None,
    };
    let (Some(hour), Some(minute), Some(second)) = (number(clock, 0..2), number(clock, 3..5), second) else {
        return Err(fault());
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second).ok_or_else(|| TimeFault {
        code: "post/bad-time",
        message: format!("there is no time {}", suggest::quote(clock)),
        help: "write hours from 00 to 23 and minutes from 00 to 59: `09:00`".to_owned(),
    })?;
    Ok((date.and_time(time), zone))
}

fn number(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// `+01:00`, `+0100`, `+01`
fn offset_seconds(text: &str) -> Option<i32> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (number(digits, 0..2)?, 0),
        4 => (number(digits, 0..2)?, number(digits, 2..4)?),
        5 if digits.as_bytes().get(2) == Some(&b':') => (number(digits, 0..2)?, number(digits, 3..5)?),
        _ => return None,
    };
    // The list of time zones knows no offset beyond +14:00.
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|s| *s <= 14 * 3600 && minutes < 60)?;
    Some(sign * seconds)
}

fn at_offset(local: NaiveDateTime, written: &str, seconds: i32) -> Result<DateTime<Utc>, TimeFault> {
    let time = FixedOffset::east_opt(seconds).and_then(|offset| offset.from_local_datetime(&local).single());
    time.map(|time| time.with_timezone(&Utc)).ok_or_else(|| malformed(written))
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, TimeFault> {
    let written = local.format("%Y-%m-%d %H:%M");
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(time) => Ok(time.with_timezone(&Utc)),
        MappedLocalTime::Ambiguous(first, second) => Err(TimeFault {
            code: "post/ambiguous-time",
            message: format!(
                "{written} happens twice in {zone}, when the clocks go back: at {} and at {}",
                shown(&first),
                shown(&second)
            ),
            help: format!("write `{}` or `{}`", exact(&first), exact(&second)),
        }),
        MappedLocalTime::None => {
            let (before, after) = offsets_around(local, zone);
            let read = |offset: FixedOffset| offset.from_local_datetime(&local).single();
            // A clock that was not put forward shows the time at the old offset, one that was put too early at the new.
            let readings: Vec<DateTime<Tz>> =
                [before, after].into_iter().flatten().filter_map(read).map(|time| time.with_timezone(&zone)).collect();
            let places: Vec<String> = readings.iter().map(shown).collect();
            let written_as: Vec<String> = readings.iter().map(|time| format!("`{}`", exact(time))).collect();
            Err(TimeFault {
                code: "post/impossible-time",
                message: format!(
                    "{written} does not exist in {zone}, the clocks go forward over it: it could mean {}",
                    places.join(" or ")
                ),
                help: format!("write {}", written_as.join(" or ")),
            })
        }
    }
}

/// When a clock shows a time first, or passes it by: clocks go forward in steps of quarters of an hour, over a day at most.
pub fn first_at(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let shown = |local: NaiveDateTime| match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => Some(time.with_timezone(&Utc)),
        MappedLocalTime::None => None,
    };
    shown(local).or_else(|| {
        let quarters = (1..=96).filter_map(|n| local.checked_add_signed(chrono::TimeDelta::minutes(15 * n)));
        quarters.filter_map(shown).next()
    })
}

/// The offsets before and after the gap in which a local time lies. No gap is longer than the day that Samoa left out.
fn offsets_around(local: NaiveDateTime, zone: Tz) -> (Option<FixedOffset>, Option<FixedOffset>) {
    let quarters = |sign: i64| {
        (1..=100).find_map(|n| {
            let near = local.checked_add_signed(chrono::TimeDelta::minutes(sign * 15 * n))?;
            let offset = match zone.offset_from_local_datetime(&near) {
                MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset,
                MappedLocalTime::None => return None,
            };
            Some(offset.fix())
        })
    };
    (quarters(-1), quarters(1))
}

fn shown(time: &DateTime<Tz>) -> String {
    time.format("%H:%M (UTC%:z)").to_string()
}

fn exact(time: &DateTime<Tz>) -> String {
    time.format("%Y-%m-%d %H:%M%:z").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;

    fn utc(text: &str) -> String {
        read(text, BERLIN).map_or_else(|fault| fault.code.to_owned(), |time| time.to_rfc3339())
    }

    #[test]
    fn every_way_to_write_eight_in_the_morning() {
        for text in [
            "2026-12-01 09:00",
            "2026-12-01T09:00",
            "2026-12-01 09:00:00",
            "2026-12-01 08:00Z",
            "2026-12-01T09:00+01:00",
            "2026-12-01 09:00 +0100",
            "2026-12-01 03:00 America/New_York",
            "2026-12-01 13:30 Asia/Kolkata",
        ] {
            assert_eq!(utc(text), "2026-12-01T08:00:00+00:00", "{text}");
        }
    }

    #[test]
    fn the_night_when_clocks_go_forward() {
        let fault = read("2026-03-29 02:30", BERLIN).unwrap_err();
        assert_eq!(fault.code, "post/impossible-time");
        assert!(fault.message.contains("03:30 (UTC+02:00) or 01:30 (UTC+01:00)"), "{}", fault.message);
        assert_eq!(fault.help, "write `2026-03-29 03:30+02:00` or `2026-03-29 01:30+01:00`");
    }

    #[test]
    fn the_night_when_clocks_go_back() {
        let fault = read("2026-10-25 02:30", BERLIN).unwrap_err();
        assert_eq!(fault.code, "post/ambiguous-time");
        assert_eq!(fault.help, "write `2026-10-25 02:30+02:00` or `2026-10-25 02:30+01:00`");
        assert_eq!(utc("2026-10-25 02:30+02:00"), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn the_day_that_samoa_left_out() {
        let fault = read("2011-12-30 12:00", chrono_tz::Pacific::Apia).unwrap_err();
        assert_eq!(fault.code, "post/impossible-time");
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "tomorrow",
            "2026-12-01",
            "01.12.2026 09:00",
            "2026-13-01 09:00",
            "2026-02-30 09:00",
            "2026-12-01 24:00",
            "2026-12-01 9:00",
            "2026-12-01 09:00+25:00",
            "2026-12-01 09:00+",
            "0000-12-01 09:00",
            "2026-12-01 09:00pm",
            "２０２６-12-01 09:00",
        ] {
            assert_eq!(utc(text), "post/bad-time", "{text}");
        }
        assert_eq!(utc("2026-12-01 09:00 Europe/Berlni"), "post/unknown-zone");
        assert_eq!(named_zone("new york").unwrap_err().help, "did you mean `America/New_York`?");
    }

    #[test]
    fn durations() {
        assert_eq!(duration("6h"), Ok(Duration::from_secs(21_600)));
        for text in ["", "h", "6", "-6h", "6 weeks", "1.5h", "99999999999999999999d", "99999999d", "６h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends_with_an_answer(text in "\\PC{0,24}", clock in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[Z+ ]?\\PC{0,8}") {
            let _ = (read(&text, BERLIN), read(&clock, BERLIN), duration(&text));
        }
    }
}
