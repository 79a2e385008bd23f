//! `[reading]`: how easy a text is to read.

use super::syllables::{Language, syllables};
use super::{Styled, words};
use crate::style::{Level, Remark};

/// How easy texts should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The least ease, of 100.
    pub ease: u8,
    /// Texts with fewer words are not judged: their ease says nothing.
    pub from_words: usize,
    /// How much it matters.
    pub level: Level,
}

impl Reading {
    /// Tells a text that is harder to read; only where its language has a formula.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let Some(language) = styled.language.and_then(Language::of) else { return Vec::new() };
        let prose = styled.prose;
        let (mut count, mut sounds) = (0_usize, 0_usize);
        for word in prose.blocks.iter().flat_map(|block| words(prose, &block.range)) {
            let text = prose.at(&word).to_lowercase();
            if text.chars().any(char::is_alphabetic) && prose.named_at(word.start).is_none() {
                count += 1;
                sounds += syllables(&text, language);
            }
        }
        let (Some(first), Some(last)) = (prose.blocks.first(), prose.blocks.last()) else { return Vec::new() };
        if count == 0 || count < self.from_words {
            return Vec::new();
        }
        let sentence = count as f64 / prose.sentences.len().max(1) as f64;
        let word = sounds as f64 / count as f64;
        let (ease, by) = ease(language, sentence, word);
        if ease >= f64::from(self.ease) {
            return Vec::new();
        }
        let message = format!(
            "this is hard to read: {:.0} of 100 by {by}, and {} or more are asked for; shorter sentences and words help",
            ease.clamp(0.0, 100.0).floor(),
            self.ease
        );
        vec![styled.remark("reading", self.level, &(first.range.start..last.range.end), message)]
    }
}

/// The ease by words in a sentence and syllables in a word, and whose formula it is.
///
/// Flesch 1948; Amstad 1978; Kandel and Moles 1958; Szigriszt-Pazos 1993.
fn ease(language: Language, sentence: f64, word: f64) -> (f64, &'static str) {
    match language {
        Language::English => (206.835 - 1.015 * sentence - 84.6 * word, "Flesch"),
        Language::German => (180.0 - sentence - 58.5 * word, "Amstad"),
        Language::French => (207.0 - 1.015 * sentence - 73.6 * word, "Kandel and Moles"),
        Language::Spanish => (206.835 - sentence - 62.3 * word, "Szigriszt-Pazos"),
    }
}
