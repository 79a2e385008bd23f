//! `[links]`: what links say.

use std::collections::BTreeSet;

use super::Styled;
use crate::style::fold::fold;
use crate::style::named::is_word;
use crate::style::prose::Mark;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// What no link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    words: BTreeSet<String>,
    level: Level,
}

impl Links {
    /// Takes the words of a guide.
    pub fn new(words: &[String], level: Level) -> Self {
        Self { words: words.iter().map(|word| bare(&fold(word)).to_owned()).collect(), level }
    }

    /// Tells links that say nothing else.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let links = styled.prose.marked.iter().filter(|marked| marked.mark == Mark::Link);
        links
            .filter(|link| self.words.contains(bare(&fold(styled.prose.at(&link.range)))))
            .map(|link| {
                let words = suggest::quote(styled.prose.at(&link.range));
                let message = format!("the link {words} does not say where it leads: name what is there");
                styled.remark("link-text", self.level, &link.range, message)
            })
            .collect()
    }
}

/// Words without the signs around them.
fn bare(words: &str) -> &str {
    words.trim_matches(|c: char| !is_word(c))
}
