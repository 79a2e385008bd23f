//! Patterns of style guides: in linear time where that can be, and never without end.
//!
//! Vale's patterns are .NET's, read by Go's `regexp2`. What `regex` has a meaning for runs there, in time that grows
//! with the text alone; only look-around and backreferences go to `fancy-regex`, which backtracks, and gives up.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Steps back that one search may take. A search in a post that takes more was made to.
const MOST_STEPS: usize = 200_000;
/// Bytes of one text that a pattern which looks around is held against: it may look from each place to the text's ends.
const MOST_AROUND: usize = 16 << 10;
/// Matches of one pattern in one text beyond which nobody reads on.
const MOST_MATCHES: usize = 500;
/// Bytes that one compiled pattern may take.
const MOST_BYTES: usize = 20 << 20;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    engine: Engine,
    gave_up: AtomicBool,
}

#[derive(Debug)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

/// A place where a pattern fits: the whole, and its groups by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The whole.
    pub range: Range<usize>,
    /// Group 1 and those after it; `None` where a group took no part.
    pub groups: Vec<Option<Range<usize>>>,
}

impl Pattern {
    /// Compiles a pattern as Vale means it.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = translated(text);
        let linear = regex::RegexBuilder::new(&text).size_limit(MOST_BYTES).build();
        let engine = match linear {
            Ok(linear) => Engine::Linear(linear),
            Err(regex::Error::CompiledTooBig(_)) => return Err("it is too large".to_owned()),
            Err(first) => {
                let built = fancy_regex::RegexBuilder::new(&text)
                    .backtrack_limit(MOST_STEPS)
                    .delegate_size_limit(MOST_BYTES)
                    .build();
                match built {
                    Ok(backtracking) => Engine::Backtracking(Box::new(backtracking)),
                    Err(second) => return Err(reason(&first, &second, &text)),
                }
            }
        };
        Ok(Self { engine, gave_up: AtomicBool::new(false) })
    }

    /// Whether it runs in time that grows with the text alone.
    pub fn is_linear(&self) -> bool {
        matches!(self.engine, Engine::Linear(_))
    }

    /// Whether a search was so long that it was broken off.
    pub fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Whether it fits anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        match &self.engine {
            Engine::Linear(pattern) => pattern.is_match(text),
            Engine::Backtracking(_) if self.is_long(text) => false,
            Engine::Backtracking(pattern) => self.heard(pattern.is_match(text)).unwrap_or_default(),
        }
    }

    /// All places where it fits, from left to right.
    pub fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        match &self.engine {
            Engine::Linear(pattern) => pattern.find_iter(text).take(MOST_MATCHES).map(|found| found.range()).collect(),
            Engine::Backtracking(_) if self.is_long(text) => Vec::new(),
            Engine::Backtracking(pattern) => pattern
                .find_iter(text)
                .take(MOST_MATCHES)
                .map_while(|found| self.heard(found))
                .map(|found| found.start()..found.end())
                .collect(),
        }
    }

    /// The same with the groups.
    pub fn captures_all(&self, text: &str) -> Vec<Match> {
        match &self.engine {
            Engine::Linear(pattern) => pattern
                .captures_iter(text)
                .take(MOST_MATCHES)
                .filter_map(|found| {
                    let groups = found.iter().skip(1).map(|group| group.map(|group| group.range())).collect();
                    Some(Match { range: found.get(0)?.range(), groups })
                })
                .collect(),
            Engine::Backtracking(_) if self.is_long(text) => Vec::new(),
            Engine::Backtracking(pattern) => pattern
                .captures_iter(text)
                .take(MOST_MATCHES)
                .map_while(|found| self.heard(found))
                .filter_map(|found| {
                    let place = |group: fancy_regex::Match<'_>| group.start()..group.end();
                    let groups = found.iter().skip(1).map(|group| group.map(place)).collect();
                    Some(Match { range: place(found.get(0)?), groups })
                })
                .collect(),
        }
    }

    /// Whether a text is too long for a pattern that looks around, which is noted.
    fn is_long(&self, text: &str) -> bool {
        let long = text.len() > MOST_AROUND;
        if long {
            self.gave_up.store(true, Ordering::Relaxed);
        }
        long
    }

    /// Notes a search that was broken off.
    fn heard<T>(&self, answer: fancy_regex::Result<T>) -> Option<T> {
        if answer.is_err() {
            self.gave_up.store(true, Ordering::Relaxed);
        }
        answer.ok()
    }
}

/// Why neither engine reads a pattern: the one that knows its signs has the better reason.
fn reason(first: &regex::Error, second: &fancy_regex::Error, text: &str) -> String {
    let looks = ["(?=", "(?!", "(?<=", "(?<!", "(?>"].iter().any(|sign| text.contains(sign));
    let told = if looks { second.to_string() } else { first.to_string() };
    // `regex` draws the pattern first and says the reason last.
    let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim_start_matches("error: ").trim().to_owned()
}

/// The same pattern in the words of `regex`, where .NET means another thing by them.
pub(super) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    let mut in_class = false;
    // How many signs of a class were seen: `]` as its first is a letter like any other.
    let mut seen = 0;
    while let Some(c) = rest.next() {
        let ahead = rest.as_str();
        match c {
            '\\' => {
                escape(&mut out, &mut rest);
                seen += 1;
            }
            ']' if in_class && seen > 0 => {
                in_class = false;
                out.push(c);
            }
            '[' if !in_class => {
                in_class = true;
                seen = 0;
                out.push(c);
                if ahead.starts_with('^') {
                    rest.next();
                    out.push('^');
                }
            }
            // `[[:word:]]`
            '[' if ahead.starts_with(':') && ahead.get(1..).is_some_and(|name| name.contains(":]")) => {
                out.push(c);
                for c in rest.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
                seen += 1;
            }
            // In a class of `regex` these nest, intersect and subtract.
            '[' | ']' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
                seen += 1;
            }
            '-' if in_class && (ahead.starts_with('-') || out.ends_with('-')) => {
                out.push_str("\\-");
                seen += 1;
            }
            '{' if !in_class && !is_count(ahead) => out.push_str("\\{"),
            c => {
                out.push(c);
                seen += 1;
            }
        }
    }
    out
}

/// What stands behind a backslash.
fn escape(out: &mut String, rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        // In `regex` these are the edges of words.
        Some(c @ ('<' | '>')) => out.push(c),
        Some(c @ ('\u{80}'.. | '_')) => out.push(c),
        Some('Z') => out.push_str("\\z"),
        Some('e') => out.push_str("\\x1B"),
        Some(c) => {
            out.push('\\');
            out.push(c);
        }
        None => out.push('\\'),
    }
}

/// Whether a brace opens a count: `{2}`, `{2,}`, `{2,3}`.
fn is_count(ahead: &str) -> bool {
    let Some((inside, _)) = ahead.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    !least.is_empty() && least.chars().chain(most.chars()).all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
        Pattern::new(pattern).unwrap().find_all(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_dot_net_means() {
        for (pattern, text, expected) in [
            (r"\b(?:a|b)\b", "a ab b é", vec!["a", "b"]),
            (r"(?i)straße", "STRASSE Straße", vec!["Straße"]),
            (r"[[a]+", "x[[a", vec!["[[a"]),
            (r"[]a]+", "x]]a", vec!["]]a"]),
            (r"[a&&b]+", "a&&b", vec!["a&&b"]),
            (r"\<b\>", "<b>", vec!["<b>"]),
            (r"x{y}", "x{y}", vec!["x{y}"]),
            (r"x{2,}", "xxx", vec!["xxx"]),
            (r"\’s", "it’s", vec!["’s"]),
            (r"[[:upper:]]+", "abCD", vec!["CD"]),
            (r"(\w+) \1", "the the", vec!["the the"]),
            (r"(?<!not )good", "not good good", vec!["good"]),
            (r"(?<year>\d{4})", "in 2026", vec!["2026"]),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn only_what_must_backtracks() {
        assert!(Pattern::new(r"(?m)\b(?:utilise|leverage)\b").unwrap().is_linear());
        assert!(!Pattern::new(r"(?<=a)b").unwrap().is_linear());
    }

    #[test]
    fn no_pattern_runs_without_end() {
        let pattern = Pattern::new(r"^(?=(a+)+$)\1b").unwrap();
        assert!(!pattern.is_match(&format!("{}c", "a".repeat(60))));
        let pattern = Pattern::new(r"(?:(?=a)(?:a|aa))+$(?<=b)").unwrap();
        let started = std::time::Instant::now();
        assert!(pattern.find_all(&format!("{}c", "a".repeat(3000))).is_empty());
        assert!(pattern.gave_up() && started.elapsed().as_secs() < 20);
    }

    #[test]
    fn long_texts_are_not_looked_around_in() {
        let (around, plain) = (Pattern::new(r"(?<=a+)b").unwrap(), Pattern::new("ab").unwrap());
        let (short, long) = ("a".repeat(MOST_AROUND - 1) + "b", "a".repeat(MOST_AROUND) + "b");
        assert_eq!((around.find_all("aab").len(), around.gave_up()), (1, false));
        assert!(around.captures_all(&long).is_empty() && !around.is_match(&long) && around.gave_up());
        assert_eq!((plain.find_all(&short).len(), plain.find_all(&long).len(), plain.gave_up()), (1, 1, false));
    }

    #[test]
    fn a_reason_fits_in_a_line() {
        for pattern in ["(a", "[a", r"\p{Nope}", "(?<=a", "a{9999}{9999}"] {
            let why = Pattern::new(pattern).unwrap_err();
            assert!(!why.is_empty() && !why.contains('\n'), "{pattern}: {why}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_and_no_text_is_fatal(
            pattern in r"([a-c\\\[\](){}|*+?.^$&~é-]|\(\?:|\(\?=|\(\?<!|\\b|\\1|\{2,\}){0,12}",
            text in "[a-c é漢]{0,20}",
        ) {
            if let Ok(pattern) = Pattern::new(&pattern) {
                for found in pattern.captures_all(&text) {
                    prop_assert!(text.get(found.range).is_some());
                }
            }
        }
    }
}
