//! When a server wants to be asked again.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;

/// When a limit is lifted: what AT Protocol servers, Discord, and GitHub-like servers and Mastodon send (checked
/// 2026-11-22). Only the last resort, and only where the limit is why the server said no: they are on every answer.
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset-after", "x-ratelimit-reset"];

/// How much of a limit is left.
const REMAINING: [&str; 2] = ["ratelimit-remaining", "x-ratelimit-remaining"];

/// Nobody is told to wait longer: a header that says so is wrong, or means harm.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// When the answer's headers ask to be asked again, at most a day ahead: `Retry-After` (RFC 9110, section 10.2.3), else
/// the reset of a limit that is used up.
pub(super) fn retry_at(status: u16, headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = |name: &&str| Some(headers.get(*name)?.to_str().ok()?.trim());
    let used_up = status == 429 || REMAINING.iter().filter_map(text).any(|left| left == "0");
    let resets = RESETS.iter().filter(|_| used_up);
    ["retry-after"]
        .iter()
        .chain(resets)
        .filter_map(text)
        .find_map(|text| moment(text, now))
        .map(|at| at.clamp(now, now + LONGEST))
}

/// Seconds from now, seconds or milliseconds since 1970, an ISO 8601 time, or an HTTP date.
fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(number) = text.parse::<f64>() {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        // A float is cut to the integer's range, never wrapped.
        #[allow(clippy::cast_possible_truncation)]
        let millis = (number * 1000.0) as i64;
        return match number {
            // Later than 2001 in milliseconds, or in seconds.
            n if n >= 1e12 => DateTime::from_timestamp_millis(millis / 1000),
            n if n >= 1e9 => DateTime::from_timestamp_millis(millis),
            _ => now.checked_add_signed(TimeDelta::try_milliseconds(millis)?),
        };
    }
    let iso = DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
    iso.or_else(|| http_date(text, now))
}

/// A date in one of the three forms of RFC 9110, section 5.6.7 (checked 2026-11-22), which all mean UTC.
pub(super) fn http_date(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.with_timezone(&Utc));
    }
    if let Ok(date) = NaiveDateTime::parse_from_str(text, "%a %b %e %H:%M:%S %Y") {
        return Some(date.and_utc());
    }
    // `Sunday, 06-Nov-94 08:49:37 GMT`. The day's name says nothing that is needed, and would not fit another century.
    let (_, date) = text.split_once(", ")?;
    let date = NaiveDateTime::parse_from_str(date, "%d-%b-%y %H:%M:%S GMT").ok()?.and_utc();
    // Two digits that seem to be more than 50 years ahead mean the past.
    let is_past = date > now + TimeDelta::days(50 * 365);
    if is_past { date.checked_sub_months(chrono::Months::new(1200)) } else { Some(date) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &str) -> Option<String> {
        let now = DateTime::parse_from_rfc3339("2026-12-01T08:00:00Z").unwrap().with_timezone(&Utc);
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_at(429, &headers, now).map(|at| at.format("%d %H:%M:%S").to_string())
    }

    #[test]
    fn every_form_is_understood() {
        for (name, value) in [
            ("retry-after", "90"),
            ("retry-after", "Tue, 01 Dec 2026 08:01:30 GMT"),
            ("retry-after", "Tuesday, 01-Dec-26 08:01:30 GMT"),
            ("retry-after", "Tue Dec  1 08:01:30 2026"),
            ("x-ratelimit-reset-after", "90.0"),
            ("ratelimit-reset", "1796112090"),
            ("x-ratelimit-reset", "1796112090"),
            ("x-ratelimit-reset", "1796112090000"),
            ("x-ratelimit-reset", "2026-12-01T08:01:30.000000Z"),
            ("x-ratelimit-reset", "90.0"),
        ] {
            assert_eq!(asked(name, value).as_deref(), Some("01 08:01:30"), "{name}: {value}");
        }
    }

    #[test]
    fn dates_of_the_past_are_told_by_any_form() {
        let now = DateTime::from_timestamp(1_796_112_000, 0).unwrap();
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text, now).map(|at| at.to_rfc3339()).as_deref(), Some("1994-11-06T08:49:37+00:00"));
        }
        for text in ["", ", ", "Sunday, 06-Nov-94 08:49:37 CET", "Sun Nov 6 1994", "Sunday, 99-Foo-94 08:49:37 GMT"] {
            assert_eq!(http_date(text, now), None, "{text}");
        }
    }

    #[test]
    fn a_limit_that_is_not_used_up_is_no_reason_to_wait() {
        let now = DateTime::from_timestamp(1_796_112_000, 0).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit-reset", "90".parse().unwrap());
        headers.insert("ratelimit-remaining", "2999".parse().unwrap());
        assert_eq!(retry_at(503, &headers, now), None, "the server is away for another reason");
        assert_eq!(retry_at(429, &headers, now), Some(now + TimeDelta::seconds(90)));
        headers.insert("ratelimit-remaining", "0".parse().unwrap());
        assert_eq!(retry_at(503, &headers, now), Some(now + TimeDelta::seconds(90)));
        headers.insert("retry-after", "5".parse().unwrap());
        assert_eq!(
            retry_at(503, &headers, now),
            Some(now + TimeDelta::seconds(5)),
            "the server's own word comes first"
        );
    }

    #[test]
    fn nonsense_is_no_reason_to_wait() {
        for value in ["", "soon", "-5", "NaN", "inf", "2026"] {
            let at = asked("retry-after", value);
            assert!(at.is_none() || at.as_deref() == Some("01 08:33:46"), "{value}: {at:?}");
        }
        for value in ["99999999999999999999999", "999999999", "Fri, 01 Dec 2126 08:00:00 GMT"] {
            assert_eq!(asked("retry-after", value).as_deref().unwrap_or("02 08:00:00"), "02 08:00:00", "{value}");
        }
        assert_eq!(asked("retry-after", "Tue, 01 Dec 2020 08:00:00 GMT").as_deref(), Some("01 08:00:00"));
    }
}
