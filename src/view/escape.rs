//! Text from outside, made safe for a terminal and a CI log. What it hides becomes visible.

use std::borrow::Cow;
use std::ops::Range;

use crate::workspace::characters;

/// A text for one line: control characters, line ends, what turns text around or cannot be seen, and what a CI runner
/// takes for a command become escapes such as `\u{202e}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    rewrite(text, |c| matches!(c, '\n' | '\t'), Commands::All, &mut [])
}

/// The same for a text of several lines: line feeds and tabs stay.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    rewrite(text, |_| false, Commands::All, &mut [])
}

/// The same for a text of several lines that is printed behind a margin, where no line begins with it; with the place
/// that a span of the text has afterwards.
pub fn escape_marked(text: &str, span: Range<usize>) -> (Cow<'_, str>, Range<usize>) {
    let mut places = [span.start, span.end];
    let escaped = rewrite(text, |_| false, Commands::Inner, &mut places);
    let [start, end] = places;
    (escaped, start..end)
}

/// A JSON document that means the same and shows what is in it: what hides in its strings, and what a CI runner takes
/// for a command, stand there as JSON's own `\u202e`.
pub fn escape_json(document: &str) -> Cow<'_, str> {
    let mut hits: Vec<(usize, char)> = characters::hidden(document).map(|(at, c, _)| (at, c)).collect();
    // Outside of strings JSON has none of these.
    for (at, found) in document.match_indices("##[").chain(document.match_indices("##vso[")) {
        hits.push((at + found.len() - 1, '['));
    }
    if hits.is_empty() {
        return Cow::Borrowed(document);
    }
    hits.sort_unstable();
    let mut out = String::with_capacity(document.len() + hits.len() * 6);
    let mut from = 0;
    for (at, c) in hits {
        out.push_str(document.get(from..at).unwrap_or_default());
        let mut units = [0; 2];
        out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        from = at + c.len_utf8();
    }
    out.push_str(document.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Which of a CI runner's commands can take effect where the text is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commands {
    /// `::name::` at the start of a line, and `##[name]` anywhere.
    ///
    /// Printed text may be broken into lines at any space, so every word counts as a start.
    All,
    /// `##[name]` alone.
    Inner,
}

/// Rewrites a text; `places` are byte offsets in it that become offsets in the result.
fn rewrite<'a>(text: &'a str, also: fn(char) -> bool, commands: Commands, places: &mut [usize]) -> Cow<'a, str> {
    let mut hits: Vec<(usize, char)> = characters::hidden(text).map(|(at, c, _)| (at, c)).collect();
    hits.extend(text.char_indices().filter(|(_, c)| also(*c)));
    for (at, found) in text.match_indices("##[").chain(text.match_indices("##vso[")) {
        hits.push((at + found.len() - 1, '['));
    }
    if commands == Commands::All {
        let starts = text.match_indices("::").filter(|(at, _)| {
            text.get(..*at).and_then(|before| before.chars().next_back()).is_none_or(char::is_whitespace)
        });
        hits.extend(starts.map(|(at, _)| (at, ':')));
    }
    if hits.is_empty() {
        return Cow::Borrowed(text);
    }
    hits.sort_unstable();
    hits.dedup();

    let mut out = String::with_capacity(text.len() + hits.len() * 8);
    let originals: Vec<usize> = places.to_vec();
    let mut from = 0;
    for (at, c) in hits {
        out.push_str(text.get(from..at).unwrap_or_default());
        let visible = match c {
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            c => c.escape_unicode().to_string(),
        };
        out.push_str(&visible);
        from = at + c.len_utf8();
        let grown = visible.len() - c.len_utf8();
        for (place, original) in places.iter_mut().zip(&originals) {
            if *original >= from {
                *place += grown;
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_means_the_same_and_hides_nothing() {
        let value = serde_json::json!({ "title": "a\u{202e}b ##[error]x ##vso[y] \u{e0041} \u{1b}[31m ::set-output" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escape_json(&text);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        assert!(escaped.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{escaped}");
        assert!(!escaped.contains("##[") && !escaped.contains("##vso["), "{escaped}");
        assert!(escaped.lines().all(|line| !line.trim_start().starts_with("::")), "{escaped}");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(escape("a\u{1b}[2J\u{7}\r\n"), "a\\u{1b}[2J\\u{7}\\u{d}\\n");
        assert_eq!(escape("safe \u{202e}exe.txt"), "safe \\u{202e}exe.txt");
        assert_eq!(escape_lines("one\n\ttwo\0"), "one\n\ttwo\\u{0}");
    }

    #[test]
    fn a_runner_is_told_nothing() {
        assert_eq!(escape("::set-output name=a::b"), "\\u{3a}:set-output name=a::b");
        assert_eq!(escape_lines("x\n  ::add-mask::y"), "x\n  \\u{3a}:add-mask::y");
        assert_eq!(escape("a ##[error]b ##vso[task]"), "a ##\\u{5b}error]b ##vso\\u{5b}task]");
        assert_eq!(escape("std::fs"), "std::fs");
    }

    #[test]
    fn honest_text_is_not_copied() {
        assert!(matches!(escape("Αυτόματα 👩‍💻 می‌خواهم"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_span_keeps_its_text() {
        let (text, span) = escape_marked("::: a\u{202e}b\n\u{200b}xyz", 13..16);
        assert_eq!((&*text, text.get(span)), ("::: a\\u{202e}b\n\\u{200b}xyz", Some("xyz")));
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_acts(text in "(\\PC|[\0-\u{20}\u{7f}-\u{a0}\u{200b}-\u{2069}\u{e0000}-\u{e007f}:#\\[])*") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(char::is_control));
            prop_assert!(!escaped.trim_start().starts_with("::"));
            prop_assert!(!escaped.contains("##["));
            prop_assert_eq!(characters::hidden(&escaped).count(), 0);
        }
    }
}
