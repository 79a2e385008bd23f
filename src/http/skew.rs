//! Whether this machine's clock is the servers': what is due, late, or approved in time is decided by it.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{AGE, DATE, HeaderMap};

use super::retry::http_date;

/// A difference up to here is nobody's fault.
const TOLERATED: TimeDelta = TimeDelta::minutes(2);

/// How far the clock is ahead of the server's, or behind it, where that is too much. The server wrote its date between
/// `asked` and `answered`, which are this machine's times; an answer out of a store is older by its age.
pub(super) fn skew(headers: &HeaderMap, asked: DateTime<Utc>, answered: DateTime<Utc>) -> Option<TimeDelta> {
    let date = http_date(headers.get(DATE)?.to_str().ok()?.trim(), answered)?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse::<u32>().ok()).unwrap_or(0);
    let there = date.checked_add_signed(TimeDelta::seconds(age.into()))?;
    let (ahead, behind) = (asked - there, there - answered);
    if ahead > TOLERATED {
        Some(ahead)
    } else if behind > TOLERATED {
        Some(-behind)
    } else {
        None
    }
}

/// What is wrong, and what to do about it.
pub(super) fn told(skew: TimeDelta, host: &str, now: DateTime<Utc>) -> (String, String) {
    let amount = match skew.num_seconds().abs() {
        seconds if seconds < 2 * 3600 => format!("{} minutes", seconds / 60),
        seconds if seconds < 2 * 86_400 => format!("{} hours", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    };
    let side = if skew > TimeDelta::zero() { "ahead of" } else { "behind" };
    let now = now.format("%Y-%m-%d %H:%M:%S UTC");
    let reason = format!("this machine's clock is {amount} {side} that of {host} (here it is {now})");
    let help =
        "set the clock (`timedatectl set-ntp true`, or whoever runs the machine), then run `greenlit publish` again";
    (reason, help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_796_112_000 + seconds, 0).unwrap()
    }

    /// In seconds, for a server whose clock shows so many more than this machine's did when it asked.
    fn skew_of(there: i64, answered: i64, age: Option<&str>) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, at(there).format("%a, %d %b %Y %H:%M:%S GMT").to_string().parse().unwrap());
        age.map(|age| headers.insert(AGE, age.parse().unwrap()));
        skew(&headers, at(0), at(answered)).map(|skew| skew.num_seconds())
    }

    #[test]
    fn two_minutes_are_nobodys_fault_and_more_are() {
        assert_eq!([-120, 0, 120].map(|there| skew_of(there, 0, None)), [None; 3]);
        assert_eq!(skew_of(-121, 0, None), Some(121), "ahead");
        assert_eq!(skew_of(121, 0, None), Some(-121), "behind");
    }

    #[test]
    fn a_slow_answer_or_one_out_of_a_store_says_nothing_against_the_clock() {
        assert_eq!(skew_of(300, 300, None), None);
        assert_eq!(skew_of(0, 300, None), None);
        assert_eq!(skew_of(-600, 1, Some("600")), None);
        assert_eq!(skew_of(-600, 1, Some("old")), Some(600));
        assert_eq!(skew(&HeaderMap::new(), at(0), at(0)), None);
    }

    #[test]
    fn people_are_told_by_how_much() {
        let (reason, help) = told(TimeDelta::seconds(-7 * 60 - 3), "bsky.social", at(0));
        assert!(reason.contains("7 minutes behind that of bsky.social") && help.contains("set the clock"), "{reason}");
        assert!(told(TimeDelta::days(400), "x", at(0)).0.contains("400 days ahead of"));
    }
}
