//! `doubled_words`: the same word twice in a row.

use std::collections::BTreeSet;

use super::{Styled, words};
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// The same word twice in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubled {
    /// How much it matters.
    pub level: Level,
    /// Words that may be, in lower case.
    pub allowed: BTreeSet<String>,
}

impl Doubled {
    /// Tells each word behind which the same word stands, with nothing but white space between.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let prose = styled.prose;
        let mut remarks = Vec::new();
        for block in &prose.blocks {
            let words = words(prose, &block.range);
            for (first, second) in words.iter().zip(words.iter().skip(1)) {
                let folded = |range: &std::ops::Range<usize>| prose.folded.get(range.clone()).unwrap_or_default();
                let word = folded(second);
                let same = folded(first) == word && prose.at(&(first.end..second.start)).trim().is_empty();
                if !same || !word.chars().any(char::is_alphabetic) || self.allowed.contains(word) {
                    continue;
                }
                let message = format!("{} stands here twice", suggest::quote(prose.at(second)));
                let mut remark = styled.remark("doubled-word", self.level, &(first.start..second.end), message);
                // The first one stays: it may begin the sentence.
                remark.fix = styled.fix(&(first.end..second.end), "");
                remarks.push(remark);
            }
        }
        remarks
    }
}
