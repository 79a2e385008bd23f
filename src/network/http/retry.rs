//! When a server wants to be asked again.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;

/// Headers that say it, the most reliable first: RFC 9110 section 10.2.3, then what AT Protocol servers, GitHub-like
/// servers and Mastodon send (checked 2026-11-21).
const HEADERS: [&str; 3] = ["retry-after", "ratelimit-reset", "x-ratelimit-reset"];

/// Nobody is told to wait longer: a header that says so is wrong, or means harm.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// When the answer's headers ask to be asked again, at most a day ahead.
pub(super) fn retry_at(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find_map(|text| moment(text.trim(), now))
        .map(|at| at.clamp(now, now + LONGEST))
}

/// Seconds from now, seconds or milliseconds since 1970, an HTTP date or an ISO 8601 time.
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
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).ok()?;
    Some(parsed.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &str) -> Option<String> {
        let now = DateTime::parse_from_rfc3339("2026-12-01T08:00:00Z").unwrap().with_timezone(&Utc);
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_at(&headers, now).map(|at| at.format("%d %H:%M:%S").to_string())
    }

    #[test]
    fn every_form_is_understood() {
        for (name, value) in [
            ("retry-after", "90"),
            ("retry-after", "Tue, 01 Dec 2026 08:01:30 GMT"),
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
