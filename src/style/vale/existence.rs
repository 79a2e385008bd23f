//! `existence`: words that should not be there.

use super::action::Action;
use super::exceptions::Exceptions;
use super::needles::{Needles, needles, needles_of_all};
use super::rule_file::{Fault, RuleFile};
use super::{Hit, word_pattern};
use crate::style::pattern::Pattern;

/// Words that should not be there.
#[derive(Debug)]
pub struct Existence {
    pattern: Pattern,
    exceptions: Exceptions,
}

impl Existence {
    /// Reads the rule, and what a text must have for it to find anything.
    ///
    /// # Errors
    /// What is wrong with its patterns.
    pub fn new(file: &RuleFile, vocabulary: &[String]) -> Result<(Self, Needles), Fault> {
        let tokens: Vec<String> =
            RuleFile::texts(file.tokens.as_ref()).into_iter().filter(|token| !token.trim().is_empty()).collect();
        let raw = RuleFile::texts(file.raw.as_ref()).concat();
        if tokens.is_empty() && raw.is_empty() {
            return Err(Fault::missing("tokens"));
        }
        let words = word_pattern(&tokens.join("|"), file.nonword || tokens.is_empty());
        let joined = if file.append { format!("{words}{raw}") } else { format!("{raw}{words}") };
        let cased = if file.ignorecase { format!("(?i){joined}") } else { joined.clone() };
        let pattern = Pattern::new(&cased).map_err(|why| faulty(file, &why))?;
        // An accepted word says nothing of a pattern that is no word.
        let words = if file.nonword { &[] } else { vocabulary };
        let exceptions =
            Exceptions::new(&file.exceptions(words)).map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let needles =
            if raw.is_empty() { needles_of_all(&tokens, file.ignorecase) } else { needles(&joined, file.ignorecase) };
        Ok((Self { pattern, exceptions }, needles))
    }

    /// What it finds in a stretch of text.
    pub fn find(&self, text: &str, action: &Action) -> Vec<Hit> {
        self.pattern
            .find_all(text)
            .into_iter()
            .filter(|range| !self.exceptions.spare(text, range))
            .map(|range| {
                let found = text.get(range.clone()).unwrap_or_default();
                Hit::new(range, vec![found.to_owned()], action.options(found))
            })
            .collect()
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        self.pattern.gave_up() || self.exceptions.gave_up()
    }
}

/// The token that cannot be read; where each of them can, all together.
fn faulty(file: &RuleFile, why: &str) -> Fault {
    let lists = [&file.tokens, &file.raw].into_iter().flatten();
    for token in lists.clone().flat_map(|words| &words.value.0) {
        if let Err(why) = Pattern::new(&token.value.0) {
            return Fault::pattern(&token.span, &why);
        }
    }
    let span = lists.map(|words| words.span.clone()).next().unwrap_or_default();
    Fault::pattern(&span, why)
}
