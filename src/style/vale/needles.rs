//! What a text must have for a pattern to fit: so that most rules need not look at most posts.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

use crate::style::pattern::translated;

/// Pieces of text of which at least one stands wherever a pattern fits, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needles {
    /// One of these.
    AnyOf(Vec<String>),
    /// Nobody can say: the pattern must look for itself.
    Unknown,
}

/// Needles that one rule may have.
const MOST_NEEDLES: usize = 5_000;

/// The needles of a pattern.
pub fn needles(pattern: &str, ignorecase: bool) -> Needles {
    needles_of_all(&[pattern.to_owned()], ignorecase)
}

/// The needles of patterns of which any may fit.
pub fn needles_of_all(patterns: &[String], ignorecase: bool) -> Needles {
    let mut all = Vec::new();
    for pattern in patterns {
        // `(?i)` alone would make many needles of one; needles have no case.
        let ignorecase = ignorecase || pattern.contains("(?i");
        match literals(&pattern.replace("(?i)", "").replace("(?m)", "")) {
            // Of other letters more than two may be the same letter in another case.
            Some(found) if !ignorecase || found.iter().all(|needle| needle.is_ascii()) => all.extend(found),
            _ => return Needles::Unknown,
        }
    }
    all.sort_unstable();
    all.dedup();
    if all.is_empty() || all.len() > MOST_NEEDLES { Needles::Unknown } else { Needles::AnyOf(all) }
}

/// What each fit begins with, or else ends with.
fn literals(pattern: &str) -> Option<Vec<String>> {
    let pattern = without_looks(&translated(pattern))?;
    let hir = ParserBuilder::new().build().parse(&pattern).ok()?;
    let at_edge = |kind: ExtractKind| {
        let mut extractor = Extractor::new();
        let found = extractor.kind(kind).limit_total(64).extract(&hir);
        let texts = found.literals()?.iter().map(|literal| {
            let text = std::str::from_utf8(literal.as_bytes()).ok()?;
            Some(lowered(text)).filter(|text| text.len() > 1)
        });
        texts.collect::<Option<Vec<String>>>().filter(|texts| !texts.is_empty())
    };
    at_edge(ExtractKind::Prefix).or_else(|| at_edge(ExtractKind::Suffix))
}

/// The pattern without what it only looks at: that makes it fit more, never less.
fn without_looks(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let look = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|sign| rest.starts_with(sign));
        let length = match c {
            _ if look => group(rest)?,
            '\\' => 1 + rest.get(1..)?.chars().next()?.len_utf8(),
            '[' => class(rest)?,
            c => c.len_utf8(),
        };
        if !look {
            out.push_str(rest.get(..length)?);
        }
        rest = rest.get(length..)?;
    }
    Some(out)
}

/// The length of the group that begins here.
fn group(pattern: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = pattern.get(at..)?.chars().next() {
        at += match c {
            '\\' => 1 + pattern.get(at + 1..)?.chars().next()?.len_utf8(),
            '[' => class(pattern.get(at..)?)?,
            c => c.len_utf8(),
        };
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The length of the class that begins here.
fn class(pattern: &str) -> Option<usize> {
    let mut at = if pattern.starts_with("[^") { 2 } else { 1 };
    if pattern.get(at..)?.starts_with(']') {
        at += 1;
    }
    while let Some(c) = pattern.get(at..)?.chars().next() {
        at += match c {
            '\\' => 1 + pattern.get(at + 1..)?.chars().next()?.len_utf8(),
            c => c.len_utf8(),
        };
        if c == ']' {
            return Some(at);
        }
    }
    None
}

/// Lower case and blanks, byte for byte at the same offsets: a letter whose other case is longer or shorter stays.
pub fn lowered(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii() {
                return if c.is_ascii_whitespace() { ' ' } else { c.to_ascii_lowercase() };
            }
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(small), None) if small.len_utf8() == c.len_utf8() => small,
                _ => c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::style::pattern::Pattern;

    fn any_of(pattern: &str) -> Option<Vec<String>> {
        match needles(pattern, false) {
            Needles::AnyOf(needles) => Some(needles),
            Needles::Unknown => None,
        }
    }

    #[test]
    fn needles_stand_wherever_a_pattern_fits() {
        for (pattern, expected) in [
            ("utilise", Some(vec!["utilise"])),
            ("(?:Foo|bar) baz", Some(vec!["bar baz", "foo baz"])),
            (r"(?<!not )good(?= one)", Some(vec!["good"])),
            (r"\d+ dogs?", Some(vec![" dog", " dogs"])),
            (r"\w+ly", Some(vec!["ly"])),
            (r"(a)\1", None),
            ("[a-z]", None),
            ("", None),
        ] {
            let found = any_of(pattern);
            let found = found.as_ref().map(|found| found.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found, expected, "{pattern}");
        }
        assert_eq!(needles("Привет", true), Needles::Unknown);
        assert_eq!(needles("Привет", false), Needles::AnyOf(vec!["привет".into()]));
    }

    proptest! {
        #[test]
        fn no_fit_is_ever_without_a_needle(
            pattern in r"([abAÉ]|\(\?:a\|bb\)|\(\?=b\)|\(\?<!a\)|\[ab\]|a\?|b\+|\(ab\)\*|\||\\b|\.){1,8}",
            text in "[abABéÉ ]{0,12}",
            ignorecase: bool,
        ) {
            let cased = if ignorecase { format!("(?i){pattern}") } else { pattern.clone() };
            if let (Ok(compiled), Needles::AnyOf(needles)) = (Pattern::new(&cased), needles(&pattern, ignorecase))
                && compiled.is_match(&text)
            {
                let folded = lowered(&text);
                prop_assert!(needles.iter().any(|needle| folded.contains(needle.as_str())), "{needles:?} {text}");
            }
        }
    }
}
