//! `[[name]]`: names that are written in one way.

use std::ops::Range;

use super::{Styled, because};
use crate::style::fold::plain;
use crate::style::lexicon::Lexicon;
use crate::style::named::is_word;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// Names that are written in one way.
#[derive(Debug, Clone)]
pub struct Names {
    lexicon: Lexicon,
    /// The name of each spelling.
    owners: Vec<usize>,
    names: Vec<Name>,
}

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub write: String,
    /// Other spellings that people write.
    pub also: Vec<String>,
    /// Why.
    pub why: Option<String>,
    /// How much it matters.
    pub level: Level,
}

impl Names {
    /// Takes the entries of a guide.
    pub fn new(names: Vec<Name>) -> Self {
        let spellings = || {
            names.iter().enumerate().flat_map(|(at, name)| {
                std::iter::once(&name.write).chain(&name.also).map(move |spelling| (at, spelling))
            })
        };
        let lexicon = Lexicon::new(spellings().map(|(_, spelling)| spelling.as_str()));
        let owners = spellings().map(|(at, _)| at).collect();
        Self { lexicon, owners, names }
    }

    /// Tells each name that is written in another way; not in hashtags, mentions and addresses.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (spelling, range) in self.lexicon.find(styled.prose) {
            let Some(name) = self.owners.get(spelling).and_then(|at| self.names.get(*at)) else { continue };
            let found = styled.prose.at(&range);
            let elsewhere = styled.prose.named_at(range.start).is_some() || in_address(&styled.prose.text, &range);
            let alike = plain(found) == plain(&name.write) && !name.also.iter().any(|other| other == found);
            if alike || elsewhere {
                continue;
            }
            let message = format!(
                "write {} instead of {}{}",
                suggest::quote(&name.write),
                suggest::quote(found),
                because(name.why.as_deref())
            );
            let mut remark = styled.remark("name", name.level, &range, message);
            // `go` may well be no Go.
            let other = is_ordinary(&name.write) && found.chars().all(char::is_lowercase);
            remark.fix = if other { None } else { styled.fix(&range, &name.write) };
            remarks.push(remark);
        }
        remarks
    }
}

/// Whether a name looks like any word at a sentence's beginning: `Go`, `Teams`.
fn is_ordinary(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
}

/// Whether a word is part of an address: `github.com`, `docs/github`, `noor@github.example`.
fn in_address(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let mut after = text.get(range.end..).unwrap_or_default().chars();
    before.is_some_and(|c| matches!(c, '/' | '@' | '.' | '\\'))
        || match (after.next(), after.next()) {
            (Some('.' | '/' | '@'), Some(next)) => is_word(next),
            _ => false,
        }
}
