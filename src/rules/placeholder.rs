//! `text/placeholder`: nothing that somebody meant to fill in goes out.
//!
//! Looks for marks that writers leave for themselves (TODO, TBD, FIXME, XXX, TK), blind text (“lorem ipsum”), braces of a
//! template that nobody filled (`{{name}}`), and square brackets with words such as `[link]` or `[insert date]` that are
//! no link. Code is not looked at.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Our new release is out, see {{link}} for more.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is out. TODO: say what is new in it.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is out. Our to-do list is empty, and “todo” is a fine word in Spanish: todo está listo.
//! ```

use std::ops::Range;

use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["text/placeholder"],
    "nothing that somebody meant to fill in goes out",
    Level::Error,
    include_str!("placeholder.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for reading in &written.texts {
        for (range, label) in placeholders(&reading.words) {
            let there = reading.words.get(range.clone()).unwrap_or_default();
            let message = format!("{} is still to be filled in", suggest::quote(there));
            let finding = written.finding("text/placeholder", reading, range, message);
            findings.push(finding.label(label).help("write what is meant, or make the post a draft: `draft: true`"));
        }
    }
}

/// The placeholders of a text, in no order.
fn placeholders(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("{{") {
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find("}}").map_or(start + 2, |end| start + end + 2);
        found.push((start..end, "nobody filled this in"));
    }
    let folded = text.to_ascii_lowercase();
    found.extend(folded.match_indices("lorem ipsum").map(|(at, words)| (at..at + words.len(), "blind text")));
    for (at, word) in words(text) {
        if MARKS.contains(&word) {
            found.push((at..at + word.len(), "a mark for the writer"));
        }
    }
    for (start, _) in text.match_indices('[') {
        let rest = text.get(start + 1..).unwrap_or_default();
        let Some(end) = rest.find([']', '[', '\n']).filter(|end| rest.get(*end..*end + 1) == Some("]")) else {
            continue;
        };
        let inside = rest.get(..end).unwrap_or_default().to_lowercase();
        let first = inside.split_whitespace().next().unwrap_or_default();
        if ASKED_FOR.contains(&first) || ASKED_FOR.contains(&inside.trim()) {
            found.push((start..start + end + 2, "nobody filled this in"));
        }
    }
    found
}

/// Marks are written in capitals; in small letters they are words of some language.
const MARKS: [&str; 6] = [concat!("TO", "DO"), "TBD", "TBA", concat!("FIX", "ME"), "XXX", "TKTK"];
/// What stands in square brackets where something is to be inserted.
const ASKED_FOR: [&str; 14] = [
    "insert",
    "link",
    "url",
    "date",
    "time",
    "name",
    "title",
    "image",
    "picture",
    "placeholder",
    "tbd",
    "here",
    "your",
    "company",
];

/// The words of a text: letters and digits in a row.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c: char| !inside(c)).map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}
