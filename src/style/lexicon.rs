//! Many literal words, found in one pass.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::fold::fold;
use super::named::{is_unspaced, is_word};
use super::prose::Prose;

/// Words and phrases that are looked for, whatever their case.
#[derive(Debug, Clone)]
pub struct Lexicon {
    automaton: Option<AhoCorasick>,
}

impl Lexicon {
    /// Takes words; they are known by their number.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let folded: Vec<String> = words.into_iter().map(|word| fold(word.trim())).collect();
        let any = folded.iter().any(|word| !word.is_empty());
        // Word lists of any sane size fit; one that does not finds nothing, and `check` says so when it reads it.
        let automaton =
            any.then(|| AhoCorasick::builder().match_kind(MatchKind::Standard).build(folded).ok()).flatten();
        Self { automaton }
    }

    /// The whole words in a text, with their numbers: from left to right, none within another, the longest of those
    /// that begin at one place.
    pub fn find(&self, prose: &Prose<'_>) -> Vec<(usize, Range<usize>)> {
        let found = self.find_in(&prose.folded.text).into_iter();
        found.map(|(word, range)| (word, prose.folded.place(&range))).collect()
    }

    /// The same in a text that is folded already.
    pub fn find_in(&self, folded: &str) -> Vec<(usize, Range<usize>)> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found: Vec<(usize, Range<usize>)> = automaton
            .find_overlapping_iter(folded)
            .map(|found| (found.pattern().as_usize(), found.range()))
            .filter(|(_, range)| !range.is_empty() && is_whole(folded, range))
            .collect();
        found.sort_by_key(|(word, range)| (range.start, usize::MAX - range.end, *word));
        let mut end = 0;
        found.retain(|(_, range)| {
            let free = range.start >= end;
            if free {
                end = range.end;
            }
            free
        });
        found
    }
}

/// Whether no word goes on at either edge of a place. Where words stand without blanks between them nobody can tell.
pub fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let inside = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    let joined = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => is_word(a) && is_word(b) && !is_unspaced(a) && !is_unspaced(b),
        _ => false,
    };
    !joined(before, inside.chars().next()) && !joined(inside.chars().next_back(), after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::fold::Folded;

    fn found(words: &[&str], text: &str) -> Vec<String> {
        let lexicon = Lexicon::new(words.iter().copied());
        let folded = Folded::of(text);
        let found = lexicon.find_in(&folded.text).into_iter();
        found.map(|(_, range)| text[folded.place(&range)].to_owned()).collect()
    }

    #[test]
    fn whole_words_in_any_case_and_script() {
        assert_eq!(
            found(&["use", "used to"], "We USED to use it, used\nto, user, re-use"),
            ["USED to", "use", "used\nto", "use"]
        );
        assert_eq!(found(&["Использовать"], "ИСПОЛЬЗОВАТЬ неиспользовать"), ["ИСПОЛЬЗОВАТЬ"]);
        assert_eq!(found(&["σοφία"], "ΣΟΦΊΑ και σοφίας"), ["ΣΟΦΊΑ"]);
        assert_eq!(found(&["秋"], "この秋です"), ["秋"]);
        assert_eq!(found(&["हिन्द"], "हिन्दी हिन्द"), ["हिन्द"], "a vowel sign belongs to its word");
        assert_eq!(found(&["جديد"], "هذا جديد، جديدة"), ["جديد"]);
        assert_eq!(found(&["don't make"], "We don’t\u{a0} make, don't\n\nmake"), ["don’t\u{a0} make"]);
        assert_eq!(found(&["café"], "Cafe\u{301} cafe"), ["Cafe\u{301}"]);
        assert_eq!(found(&["", " "], "a b"), Vec::<String>::new());
    }
}
