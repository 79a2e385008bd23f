//! `text/placeholder`: nothing that somebody meant to fill in goes out.
//!
//! Looks for marks that writers leave for themselves (TODO, TBD, FIXME, XXX, TKTK), blind text (“lorem ipsum”), braces of a
//! template that nobody filled (`{{name}}`), and square brackets with words such as `[link]` or `[insert date]` that are
//! no link; in the texts, the alt texts, the content warning, and the title and description of the link. Code is not looked at,
//! nor are TODO and XXX beside other words in capitals or in a name (`Super Bowl XXX`), unless a colon follows.
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
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! link:
//!   url: https://acme.example/5
//!   title: Acme 5
//!   description: "[insert text]"
//! ---
//! Acme 5 is out.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is out. Our to-do list is empty, and “todo” is a fine word in Spanish: todo está listo.
//!
//! HOY TODO A MITAD. [Link in bio]
//! ```

use std::ops::Range;

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::{Finding, Post, suggest};

pub const RULE: Rule = Rule::post(
    &["text/placeholder"],
    "nothing that somebody meant to fill in goes out",
    Level::Error,
    include_str!("placeholder.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    let mut told = |said: &str, span: Range<usize>, label: &'static str| {
        let message = format!("{} is still to be filled in", suggest::quote(said));
        let finding = Finding::error("text/placeholder", &written.post.source, span, message);
        findings.push(finding.label(label).help("write what is meant, or make the post a draft: `draft: true`"));
    };
    for text in in_front(written.post) {
        for (range, label) in placeholders(text) {
            let said = text.get(range).unwrap_or_default();
            told(said, place::in_front(written.post, said), label);
        }
    }
    for reading in &written.texts {
        for (range, label) in placeholders(&reading.words) {
            let said = reading.words.get(range.clone()).unwrap_or_default();
            told(said, reading.span(range), label);
        }
    }
}

/// The texts in a post's front matter that are sent.
fn in_front(post: &Post) -> impl Iterator<Item = &str> {
    let link = post.link.iter();
    let cards = link.clone().flat_map(|link| [&link.title, &link.description]);
    let media = post.media.iter().chain(link.filter_map(|link| link.image.as_ref()));
    cards.chain(media.map(|media| &media.alt)).chain([&post.content_warning]).filter_map(Option::as_deref)
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
        if MARKS.contains(&word) || (WORDS_TOO.contains(&word) && is_mark(text, at, word)) {
            found.push((at..at + word.len(), "a mark for the writer"));
        }
    }
    for (start, _) in text.match_indices('[') {
        let rest = text.get(start + 1..).unwrap_or_default();
        let Some(end) = rest.find([']', '[', '\n']).filter(|end| rest.get(*end..*end + 1) == Some("]")) else {
            continue;
        };
        if is_asked_for(rest.get(..end).unwrap_or_default()) {
            found.push((start..start + end + 2, "nobody filled this in"));
        }
    }
    found
}

/// Marks are written in capitals; in small letters they are words of some language.
const MARKS: [&str; 3] = ["TBD", concat!("FIX", "ME"), "TKTK"];
/// These are words of some language, or numbers, in capitals too.
const WORDS_TOO: [&str; 2] = [concat!("TO", "DO"), "XXX"];

/// Whether a word that may be meant is a mark: a colon follows, or it stands in no phrase of capitals and in no name.
fn is_mark(text: &str, at: usize, word: &str) -> bool {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default().trim_end();
    let after = text.get(at + word.len()..).unwrap_or_default();
    let before = line.rsplit(|c| !is_inside(c)).next().unwrap_or_default();
    let next = after.trim_start_matches([' ', '\t']).split(|c| !is_inside(c)).next().unwrap_or_default();
    // `Super Bowl XXX`. A sentence may begin with a capital, too.
    let numbered = word == "XXX" && before.starts_with(char::is_uppercase) && before.len() < line.trim_start().len();
    after.starts_with(':') || !(numbered || is_in_capitals(before) || is_in_capitals(next))
}

fn is_in_capitals(word: &str) -> bool {
    word != "I" && word.starts_with(char::is_alphabetic) && !word.chars().any(char::is_lowercase)
}

/// What is to be inserted, where square brackets hold nothing else.
const THINGS: [&str; 13] = [
    "link", "url", "date", "time", "name", "title", "image", "picture", "photo", "company", "handle", "number", "text",
];

/// Whether what stands in square brackets asks for something: `insert date`, `your name`, `link here`, `link`.
fn is_asked_for(inside: &str) -> bool {
    let folded = inside.to_lowercase();
    match folded.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["insert" | "placeholder" | "tbd", ..] | ["here"] => true,
        ["your", thing, ..] | [thing, "here"] | [thing] => THINGS.contains(thing),
        _ => false,
    }
}

/// The words of a text: letters and digits in a row.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c| !is_inside(c)).map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_to_be_filled_in_is_found() {
        for (text, asks) in [
            ("TODO: say more", "TODO"),
            ("Say more, TODO!", "TODO"),
            ("HOY TODO: A MITAD", "TODO"),
            ("Meet us in the EU. TODO I want a date", "TODO"),
            ("XXX is our new game", "XXX"),
            ("Call XXX for more", "XXX"),
            ("It opens TBD", "TBD"),
            ("[insert the date]", "[insert the date]"),
            ("see [link here]", "[link here]"),
            ("[Your name here]", "[Your name here]"),
            ("[LINK] (link)", "[LINK]"),
            ("[tbd by Noor]", "[tbd by Noor]"),
            ("Hi {{name}}!", "{{name}}"),
        ] {
            let found: Vec<_> = placeholders(text).into_iter().map(|(range, _)| &text[range]).collect();
            assert_eq!(found, [asks], "{text}");
        }
    }

    #[test]
    fn what_is_meant_is_left_alone() {
        for text in [
            "HOY TODO A MITAD",
            "todo está listo",
            "Super Bowl XXX is tonight",
            "Venue: TBA",
            "[Link in bio]",
            "[Image description: a red leaf]",
            "[Title IX]",
            "[Here be dragons] [Your move] [time is up]",
            "[1] [x] []",
        ] {
            assert_eq!(placeholders(text), [], "{text}");
        }
    }
}
