//! `[hashtags]`: how hashtags are written.

use std::collections::BTreeMap;

use super::Styled;
use crate::style::fold::fold;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// How hashtags are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashtags {
    /// Each word begins with a capital, where the words can be told.
    pub camel_case: bool,
    /// The team's own tags: as they are written, by their lower case.
    pub known: BTreeMap<String, String>,
    /// How much it matters.
    pub level: Level,
}

impl Hashtags {
    /// Takes the entries of a guide.
    pub fn new(camel_case: bool, known: &[String], level: Level) -> Self {
        let bare = known.iter().map(|tag| tag.trim().trim_start_matches('#'));
        Self { camel_case, known: bare.map(|tag| (fold(tag), tag.to_owned())).collect(), level }
    }

    /// Tells tags that should be written in another way. Where nobody can tell the words of a tag, it is let alone.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for named in styled.prose.named.iter().filter(|named| named.hashtag) {
            let written = styled.prose.at(&named.range);
            let Some(sign) = written.chars().next() else { continue };
            let tag = written.get(sign.len_utf8()..).unwrap_or_default();
            let better = match self.known.get(&fold(tag)) {
                Some(known) => Some(known.clone()),
                None if self.camel_case => camel_case(tag),
                None => None,
            };
            let Some(better) = better.filter(|better| better != tag) else { continue };
            let message =
                format!("write {} instead of {}", suggest::quote(&format!("{sign}{better}")), suggest::quote(written));
            let mut remark = styled.remark("hashtag", self.level, &named.range, message);
            let tag = named.range.start + sign.len_utf8()..named.range.end;
            remark.fix = styled.fix(&tag, &better);
            remarks.push(remark);
        }
        remarks
    }
}

/// The words of a tag without what separates them, each with a capital. `None` where nothing separates any.
fn camel_case(tag: &str) -> Option<String> {
    if !tag.trim_matches('_').contains('_') {
        return None;
    }
    let capital = |word: &str| {
        let mut signs = word.chars();
        signs.next().map(|first| first.to_uppercase().chain(signs).collect::<String>()).unwrap_or_default()
    };
    let better: String = tag.split('_').map(capital).collect();
    // Without a capital words would run into each other: `#2026_12`, `#नया_साल`.
    let has_capital = |c: char| c.is_alphabetic() && (c.is_uppercase() || !c.to_uppercase().eq([c]));
    let mut words = tag.split('_').filter(|word| !word.is_empty()).skip(1);
    words.all(|word| word.starts_with(has_capital)).then_some(better)
}
