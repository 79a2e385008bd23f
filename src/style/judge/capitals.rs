//! `all_caps`: words that shout.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Styled, words};
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// Letters from which on a word in capitals shouts by itself: shorter ones are short forms more often than not.
const LONG: usize = 5;

/// Words in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capitals {
    /// How much it matters.
    pub level: Level,
    /// Words that may be so.
    pub allowed: BTreeSet<String>,
}

impl Capitals {
    /// Tells long words in capitals, with the shorter ones beside them: each row once.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for block in &styled.prose.blocks {
            let mut row: Vec<Range<usize>> = Vec::new();
            for word in words(styled.prose, &block.range) {
                let parted = |last: &Range<usize>| {
                    let between = styled.prose.at(&(last.end..word.start));
                    between.contains(|c: char| !c.is_whitespace())
                };
                if row.last().is_some_and(parted) {
                    remarks.extend(self.row(styled, &row));
                    row.clear();
                }
                if self.shouts(styled, &word) {
                    row.push(word);
                } else {
                    remarks.extend(self.row(styled, &row));
                    row.clear();
                }
            }
            remarks.extend(self.row(styled, &row));
        }
        remarks
    }

    fn shouts(&self, styled: &Styled<'_>, range: &Range<usize>) -> bool {
        let word = styled.prose.at(range);
        let letters = || word.chars().filter(|c| c.is_alphabetic());
        letters().nth(1).is_some()
            && letters().all(char::is_uppercase)
            && !self.allowed.contains(word)
            && styled.prose.named_at(range.start).is_none()
    }

    fn row(&self, styled: &Styled<'_>, row: &[Range<usize>]) -> Option<Remark> {
        let (first, last) = (row.first()?, row.last()?);
        let long = |word: &Range<usize>| styled.prose.at(word).chars().filter(|c| c.is_alphabetic()).count() >= LONG;
        // `NATO EU` are names; `BUY IT TODAY` is none.
        if !row.iter().any(long) {
            return None;
        }
        let range = first.start..last.end;
        let message = format!("{} is all in capitals: it reads as shouting", suggest::quote(styled.prose.at(&range)));
        Some(styled.remark("all-caps", self.level, &range, message))
    }
}
