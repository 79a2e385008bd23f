//! `[[avoid]]`: words that are not said.

use super::{Styled, because, choice};
use crate::style::lexicon::Lexicon;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// Words that are not said.
#[derive(Debug, Clone)]
pub struct Avoid {
    lexicon: Lexicon,
    /// The rule of each word.
    rules: Vec<usize>,
    avoided: Vec<Avoided>,
}

/// What one entry of the guide says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avoided {
    /// The words.
    pub words: Vec<String>,
    /// What is said instead.
    pub say: Vec<String>,
    /// Why.
    pub why: Option<String>,
    /// How much it matters.
    pub level: Level,
}

impl Avoid {
    /// Takes the entries of a guide.
    pub fn new(avoided: Vec<Avoided>) -> Self {
        let lexicon = Lexicon::new(avoided.iter().flat_map(|one| &one.words).map(String::as_str));
        let rules = avoided.iter().enumerate().flat_map(|(at, one)| one.words.iter().map(move |_| at)).collect();
        Self { lexicon, rules, avoided }
    }

    /// Tells each such word. What somebody else is called is theirs to say.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (word, range) in self.lexicon.find(styled.prose) {
            let Some(rule) = self.rules.get(word).and_then(|at| self.avoided.get(*at)) else { continue };
            if styled.prose.named_at(range.start).is_some_and(|named| !named.hashtag) {
                continue;
            }
            let found = styled.prose.at(&range);
            let (quoted, why) = (suggest::quote(found), because(rule.why.as_deref()));
            let message = match rule.say.as_slice() {
                [] => format!("{quoted} is not said here{why}"),
                say => format!("say {} instead of {quoted}{why}", choice(say)),
            };
            let mut remark = styled.remark("avoid", rule.level, &range, message);
            if let [only] = rule.say.as_slice() {
                remark.fix = styled.fix(&range, &as_found(only, found));
            }
            remarks.push(remark);
        }
        remarks
    }
}

/// A word with a capital first where there was one.
fn as_found(word: &str, found: &str) -> String {
    let mut signs = word.chars();
    match signs.next() {
        Some(first) if found.starts_with(char::is_uppercase) => first.to_uppercase().chain(signs).collect(),
        _ => word.to_owned(),
    }
}
