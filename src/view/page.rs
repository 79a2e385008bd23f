//! Lines for people: columns, wrapping, and marks that say the same with and without colour.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::workspace::Due;

/// For whom and when a page is made.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Whether colours are understood.
    pub colour: bool,
    /// The zone in which times are told.
    pub zone: Tz,
    /// The clock.
    pub now: DateTime<Utc>,
}

/// What a piece of text is, so that it can be told apart. Never said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Strong,
    /// Beside the point.
    Faint,
    /// A yes.
    Good,
    /// Somebody's turn.
    Careful,
    /// A no.
    Bad,
}

impl Page {
    /// Text in a tone. The text must be escaped already.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Careful => "33",
            Tone::Bad => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A text broken at spaces, each line behind `indent` spaces, with a line feed at the end of each.
    pub fn wrapped(&self, indent: usize, text: &str) -> String {
        self.hanging(indent, indent, text)
    }

    /// The same, with the lines after the first behind `hang` spaces.
    pub fn hanging(&self, indent: usize, hang: usize, text: &str) -> String {
        let mut out = String::new();
        let mut line = " ".repeat(indent);
        let mut empty = true;
        for word in text.split_whitespace() {
            for piece in pieces(word, self.width.saturating_sub(hang).max(8)) {
                let gap = usize::from(!empty);
                if !empty && columns(&line) + gap + columns(piece) > self.width {
                    out.push_str(&line);
                    out.push('\n');
                    line = " ".repeat(hang);
                    empty = true;
                }
                if !empty {
                    line.push(' ');
                }
                line.push_str(piece);
                empty = false;
            }
        }
        if !empty {
            out.push_str(&line);
            out.push('\n');
        }
        out
    }

    /// A time as people say it: `Tue 1 Dec 09:00`, with the year where it is another one.
    pub fn time(&self, at: DateTime<Utc>) -> String {
        let (there, here) = (at.with_timezone(&self.zone), self.now.with_timezone(&self.zone));
        let form = if there.year() == here.year() { "%a %-d %b %H:%M" } else { "%a %-d %b %Y %H:%M" };
        there.format(form).to_string()
    }

    /// A time with how far away it is: `Tue 1 Dec 09:00, in 10 days`.
    pub fn when(&self, at: DateTime<Utc>) -> String {
        format!("{}, {}", self.time(at), self.distance(at))
    }

    /// When a post goes out.
    pub fn due(&self, due: Due) -> String {
        match due {
            Due::Asap => "as soon as approved".to_owned(),
            Due::At(at) => self.when(at),
        }
    }

    /// How far away a time is: `in 3 days`, `2 hours ago`, `now`.
    pub fn distance(&self, at: DateTime<Utc>) -> String {
        let span = at.signed_duration_since(self.now);
        let amount = amount(span.abs());
        match (amount, span < TimeDelta::zero()) {
            (None, _) => "now".to_owned(),
            (Some(amount), true) => format!("{amount} ago"),
            (Some(amount), false) => format!("in {amount}"),
        }
    }
}

/// The largest unit that fits, rounded down; days as long as they are easily counted.
fn amount(span: TimeDelta) -> Option<String> {
    let (minutes, hours, days) = (span.num_minutes(), span.num_hours(), span.num_days());
    let (count, unit) = match () {
        () if days >= 730 => (days / 365, "year"),
        () if days >= 60 => (days / 30, "month"),
        () if days >= 21 => (days / 7, "week"),
        () if hours >= 48 => (days, "day"),
        () if minutes >= 60 => (hours, "hour"),
        () if minutes >= 1 => (minutes, "minute"),
        () => return None,
    };
    Some(counted(usize::try_from(count).unwrap_or(0), unit))
}

/// A number and its noun: `1 post`, `3 posts`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{count} {plural}")
}

/// A list as people say it: `Li, Noor or Tess`.
pub fn listed(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Columns that a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// A text cut to so many columns, with `…` where something is missing.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let kept = text.chars().take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken < width
    });
    Cow::Owned(kept.chain(['…']).collect())
}

/// A text cut or filled up with spaces to so many columns.
pub fn padded(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let gap = width.saturating_sub(columns(&text));
    format!("{text}{}", " ".repeat(gap))
}

/// A word that is longer than a line, in pieces that are not.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut taken) = (0, 0);
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if taken + wide > width && at > start {
            pieces.extend(word.get(start..at));
            (start, taken) = (at, 0);
        }
        taken += wide;
    }
    pieces.extend(word.get(start..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize) -> Page {
        let now = "2026-11-21T09:00:00Z".parse().unwrap();
        Page { width, colour: false, zone: chrono_tz::Europe::Berlin, now }
    }

    #[test]
    fn times_are_told_in_the_workspaces_zone_and_by_distance() {
        let page = page(80);
        let told = |at: &str| page.when(at.parse().unwrap());
        assert_eq!(told("2026-12-01T08:00:00Z"), "Tue 1 Dec 09:00, in 9 days");
        assert_eq!(told("2026-11-21T09:00:30Z"), "Sat 21 Nov 10:00, now");
        assert_eq!(told("2026-11-21T07:59:00Z"), "Sat 21 Nov 08:59, 1 hour ago");
        assert_eq!(told("2026-11-22T20:00:00Z"), "Sun 22 Nov 21:00, in 35 hours");
        assert_eq!(told("2028-12-01T08:00:00Z"), "Fri 1 Dec 2028 09:00, in 2 years");
        assert_eq!(page.due(Due::Asap), "as soon as approved");
    }

    #[test]
    fn lines_keep_within_their_width_in_every_script() {
        let text = "ein zwei drei 発売のお知らせ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa vier";
        let wrapped = page(20).hanging(2, 4, text);
        assert!(wrapped.lines().all(|line| columns(line) <= 20), "{wrapped}");
        assert!(wrapped.starts_with("  ein zwei drei\n    発売"), "{wrapped}");
        assert_eq!(wrapped.replace(['\n', ' '], ""), text.replace(' ', ""));
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(padded("発売のお知らせ", 8), "発売の… ");
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!(cut("abcdef", 4), "abc…");
    }

    #[test]
    fn numbers_and_lists_read_like_sentences() {
        assert_eq!((counted(1, "delivery"), counted(2, "delivery")), ("1 delivery".into(), "2 deliveries".into()));
        assert_eq!((counted(3, "day"), counted(0, "post")), ("3 days".into(), "0 posts".into()));
        let names = ["Li", "Noor", "Tess"].map(str::to_owned);
        assert_eq!(listed(&names, "or"), "Li, Noor or Tess");
    }
}
