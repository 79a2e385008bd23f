//! `text/shouting`: nobody is shouted at.
//!
//! Whole phrases in capitals are hard to read, and some screen readers spell them out. Found are three long words in capitals
//! in a row, and five words of which three have five letters. Abbreviations, addresses, code, and scripts that know no
//! capitals are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! BIGGEST RELEASE EVER, DOWNLOAD TODAY
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! NASA, ESA and JAXA were there. FINALLY: our biggest release ever.
//! ```

use std::ops::Range;

use super::{Desk, Level, Rule, Written};
use crate::workspace::Finding;

pub const RULE: Rule =
    Rule::post(&["text/shouting"], "nobody is shouted at", Level::Info, include_str!("shouting.rs"), judge);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for reading in &written.texts {
        for range in shouts(&reading.words) {
            let message = "a phrase in capitals is hard to read, and screen readers may spell it out";
            let finding = written.finding("text/shouting", reading, range, message).label("in capitals");
            findings.push(finding.help("write it as a sentence; networks that show **bold** show emphasis so"));
        }
    }
}

/// Phrases in capitals.
fn shouts(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for line in text.split('\n') {
        let mut phrase = Phrase::default();
        for chunk in line.split([' ', '\t', '\u{a0}']).filter(|chunk| !chunk.is_empty()) {
            let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
            let (capitals, small) = letters(chunk);
            if small || chunk.contains("://") || chunk.starts_with(['#', '@']) {
                found.extend(phrase.end());
            } else if capitals > 0 {
                phrase.take(start..start + chunk.len(), capitals);
            }
        }
        found.extend(phrase.end());
    }
    found
}

/// How many capitals a word has, and whether it has any other letter.
fn letters(word: &str) -> (usize, bool) {
    let mut capitals = 0;
    for c in word.chars().filter(|c| c.is_alphabetic()) {
        if !c.is_uppercase() {
            return (capitals, true);
        }
        capitals += 1;
    }
    (capitals, false)
}

#[derive(Default)]
struct Phrase {
    range: Option<Range<usize>>,
    words: usize,
    /// Words of five letters and more, and of six.
    long: usize,
    longer: usize,
}

impl Phrase {
    fn take(&mut self, word: Range<usize>, letters: usize) {
        self.words += 1;
        self.long += usize::from(letters >= 5);
        self.longer += usize::from(letters >= 6);
        self.range = Some(self.range.take().map_or(word.start, |range| range.start)..word.end);
    }

    fn end(&mut self) -> Option<Range<usize>> {
        let phrase = std::mem::take(self);
        let loud = phrase.longer >= 3 || (phrase.words >= 5 && phrase.long >= 3);
        phrase.range.filter(|_| loud)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        shouts(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn phrases_in_capitals() {
        assert_eq!(found("Hi. BIGGEST RELEASE TODAY! It is."), Vec::<&str>::new());
        assert_eq!(found("Hi. BIGGEST RELEASE FOREVER! It is."), ["BIGGEST RELEASE FOREVER!"]);
        assert_eq!(found("ДОБРО ПОЖАЛОВАТЬ ДОРОГИЕ НАШИ ДРУЗЬЯ"), ["ДОБРО ПОЖАЛОВАТЬ ДОРОГИЕ НАШИ ДРУЗЬЯ"]);
        assert_eq!(found("ÜBER GRÖSSTE FREUDE DABEI 2026"), Vec::<&str>::new());
        assert_eq!(found("ÜBERALL GRÖSSTE FREUDEN: JETZT"), ["ÜBERALL GRÖSSTE FREUDEN: JETZT"]);
    }

    #[test]
    fn what_is_not_shouted() {
        for text in [
            "NASA ESA JAXA CNSA ISRO at COP31",
            "UNESCO, UNICEF and UNHCR",
            "BREAKING: we moved. FINALLY.",
            "発売中です 本日より 한국어 שלום לכולם מאוד",
            "A B C D E F G H",
            "#BIGGEST #RELEASE #FOREVER",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
