//! `repetition`: the same word twice in a row.

use super::Hit;
use super::action::Action;
use super::exceptions::Exceptions;
use super::rule_file::{Fault, RuleFile};
use crate::style::fold::fold;
use crate::style::pattern::Pattern;
use crate::style::prose::GAP;
use crate::style::sentences;
use crate::workspace::doubled;

/// The same word twice in a row, also over the end of a line.
#[derive(Debug)]
pub struct Repetition {
    pattern: Pattern,
    exceptions: Exceptions,
    most: usize,
    ignorecase: bool,
    alpha: bool,
}

impl Repetition {
    /// Reads the rule.
    ///
    /// # Errors
    /// What is wrong with its patterns.
    pub fn new(file: &RuleFile, vocabulary: &[String]) -> Result<Self, Fault> {
        let tokens = RuleFile::texts(file.tokens.as_ref());
        if tokens.is_empty() {
            return Err(Fault::missing("tokens"));
        }
        let span = file.tokens.as_ref().map(|tokens| tokens.span.clone()).unwrap_or_default();
        let cased = if file.ignorecase { "(?i)" } else { "" };
        let pattern =
            Pattern::new(&format!("{cased}({})", tokens.join("|"))).map_err(|why| Fault::pattern(&span, &why))?;
        let exceptions = Exceptions::new(&file.exceptions(vocabulary))
            .map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let most = usize::try_from(file.max.unwrap_or_default()).unwrap_or(usize::MAX);
        Ok(Self { pattern, exceptions, most, ignorecase: file.ignorecase, alpha: file.alpha })
    }

    /// What it finds in a stretch of text.
    pub fn find(&self, text: &str, action: &Action) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut count = 0;
        let mut before: Option<std::ops::Range<usize>> = None;
        for place in self.pattern.find_all(text) {
            let word = text.get(place.clone()).unwrap_or_default().trim();
            let last = before.replace(place.clone());
            let Some(last) = last.filter(|last| self.repeats(text.get(last.clone()).unwrap_or_default().trim(), word))
            else {
                continue;
            };
            count += 1;
            let both = last.start..place.end;
            // Over the end of a sentence a word may well stand twice.
            let between = text.get(last.end..place.start).unwrap_or_default();
            if count <= self.most
                || between.contains(sentences::is_stop)
                || sentences::split(text, both.clone()).len() != 1
                || self.exceptions.spare(text, &both)
            {
                continue;
            }
            let found = text.get(both.clone()).unwrap_or_default();
            // `nous nous aimons`: in many languages words are doubled for good.
            let mistaken = doubled::is_never(word) || !word.contains(char::is_alphabetic);
            let options = if mistaken { action.options(found) } else { Vec::new() };
            hits.push(Hit::new(both, vec![word.to_owned()], options));
            count = 0;
        }
        hits
    }

    fn repeats(&self, last: &str, word: &str) -> bool {
        let same = if self.ignorecase { fold(last) == fold(word) } else { last == word };
        same && !word.is_empty()
            && !word.contains(GAP)
            && (!self.alpha
                || word.chars().all(|c| c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)))
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        self.pattern.gave_up() || self.exceptions.gave_up()
    }
}
