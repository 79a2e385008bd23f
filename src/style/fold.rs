//! Words as people compare them: not by case, nor by the ways to write one letter, one apostrophe, one blank.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A folded text that knows where each piece of it comes from.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The text.
    pub text: String,
    /// Where pieces begin: here, and in the text that was folded. Pieces of one length go byte for byte.
    pieces: Vec<(usize, usize)>,
}

/// How a text is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Kept,
}

/// Lower case, letters put together, `'` for every apostrophe, and one blank for a run of white space; a blank line is a
/// line's end, so that no phrase goes over it.
pub fn fold(text: &str) -> String {
    Folded::new(text, Case::Lower).text
}

/// The same with capitals as they are.
pub fn plain(text: &str) -> String {
    Folded::new(text, Case::Kept).text
}

impl Folded {
    /// Folds a text.
    pub fn of(text: &str) -> Self {
        Self::new(text, Case::Lower)
    }

    fn new(text: &str, case: Case) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), pieces: vec![(0, 0)] };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let from = folded.text.len();
            let length = folded.piece(rest, case);
            if folded.text.len() - from != length {
                folded.mark(from, at);
                folded.mark(folded.text.len(), at + length);
            }
            at += length;
        }
        folded.mark(folded.text.len(), text.len());
        folded
    }

    fn mark(&mut self, here: usize, there: usize) {
        if self.pieces.last() != Some(&(here, there)) {
            self.pieces.push((here, there));
        }
    }

    /// Adds what stands first in a text; its length there.
    fn piece(&mut self, rest: &str, case: Case) -> usize {
        let mut signs = rest.chars();
        let (Some(first), next) = (signs.next(), signs.next()) else { return 0 };
        if first.is_whitespace() {
            let run = rest.len() - rest.trim_start().len();
            let lines = rest.get(..run).unwrap_or_default().matches('\n').count();
            self.text.push(if lines > 1 { '\n' } else { ' ' });
            return run;
        }
        // No mark can join a sign of ASCII that another one follows.
        if first.is_ascii() && next.is_none_or(|next| next.is_ascii()) {
            self.push(first, case);
            return 1;
        }
        let cluster = rest.graphemes(true).next().unwrap_or_default();
        for c in cluster.nfc() {
            self.push(c, case);
        }
        cluster.len()
    }

    fn push(&mut self, c: char, case: Case) {
        match (c, case) {
            ('’' | '‘' | 'ʼ' | '＇', _) => self.text.push('\''),
            (c, Case::Kept) => self.text.push(c),
            (c, Case::Lower) if c.is_ascii() => self.text.push(c.to_ascii_lowercase()),
            // A word's last letter is another one in Greek, and no other case.
            ('ς', Case::Lower) => self.text.push('σ'),
            (c, Case::Lower) => self.text.extend(c.to_lowercase()),
        }
    }

    /// Where a stretch comes from.
    pub fn place(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.there(range.start, false);
        start..self.there(range.end, true).max(start)
    }

    /// Where a place comes from; within a piece of another length, where that begins or ends.
    fn there(&self, at: usize, end: bool) -> usize {
        let next = self.pieces.partition_point(|(here, _)| *here <= at);
        let Some((here, there)) = next.checked_sub(1).and_then(|last| self.pieces.get(last)).copied() else { return 0 };
        match self.pieces.get(next).copied() {
            Some((to, from)) if to - here != from - there && at > here => {
                if end {
                    from
                } else {
                    there
                }
            }
            _ => there + (at - here),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_read_alike_is_alike() {
        for (text, folded) in [
            ("ÉCOLE ΣΟΦΊΑΣ ПРИВЕТ ẞ", "école σοφίασ привет ß"),
            ("Don’t  do\u{a0}\u{202f}it\nnow", "don't do it now"),
            ("Cafe\u{301} e\u{301}", "café é"),
            ("one\n \ntwo", "one\ntwo"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert_eq!(plain("L’Ore\u{301}al"), "L'Oréal");
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "Cafe\u{301}s don’t  cost\u{a0}İ x";
        let folded = Folded::of(text);
        for (word, there) in [("cafés", "Cafe\u{301}s"), ("don't cost", "don’t  cost"), ("x", "x"), ("t c", "t  c")]
        {
            let at = folded.text.find(word).unwrap();
            assert_eq!(&text[folded.place(&(at..at + word.len()))], there, "{word}");
        }
    }

    proptest! {
        #[test]
        fn every_place_lies_in_the_text(text in "([a-zA-Z'’ \u{a0}\u{301}\u{1a}İΣßéẞ한🍁]|\\n|\\r\\n){0,30}", a in 0..120usize, b in 0..120usize) {
            let folded = Folded::of(&text);
            let clip = |at: usize| (0..=at.min(folded.text.len())).rev().find(|at| folded.text.is_char_boundary(*at)).unwrap();
            let range = clip(a.min(b))..clip(a.max(b));
            prop_assert!(text.get(folded.place(&range)).is_some());
        }
    }
}
