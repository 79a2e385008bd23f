//! `[opening]`: how posts do not begin.

use super::{Styled, because};
use crate::style::lexicon::Lexicon;
use crate::style::named::is_word;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// Words that no post begins with.
#[derive(Debug, Clone)]
pub struct Opening {
    lexicon: Lexicon,
    why: Option<String>,
    level: Level,
}

impl Opening {
    /// Takes the words of a guide.
    pub fn new(words: &[String], why: Option<String>, level: Level) -> Self {
        Self { lexicon: Lexicon::new(words.iter().map(String::as_str)), why, level }
    }

    /// Tells the first words of a thread that are among them; signs and emoji before them do not help.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        if styled.thread().is_none() {
            return Vec::new();
        }
        let begin = styled.prose.text.find(is_word).unwrap_or_default();
        let found =
            self.lexicon.find(styled.prose).into_iter().map(|(_, range)| range).find(|range| range.start <= begin);
        let Some(range) = found else { return Vec::new() };
        let message =
            format!("no post begins with {}{}", suggest::quote(styled.prose.at(&range)), because(self.why.as_deref()));
        vec![styled.remark("opening", self.level, &range, message)]
    }
}
