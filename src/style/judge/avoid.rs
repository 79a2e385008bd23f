//! `[[avoid]]`: words that are not said.

use std::ops::Range;

use super::{Styled, because, choice};
use crate::style::fold::fold;
use crate::style::lexicon::Lexicon;
use crate::style::remark::raised;
use crate::style::{Level, Remark};
use crate::workspace::suggest;

/// Words that are not said.
#[derive(Debug, Clone)]
pub struct Avoid {
    lexicon: Lexicon,
    /// The rule of each word.
    rules: Vec<usize>,
    words: Vec<String>,
    /// What is said instead.
    said: Lexicon,
    /// The rule of each of those.
    sayers: Vec<usize>,
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
        let words: Vec<String> = avoided.iter().flat_map(|one| one.words.clone()).collect();
        let rules = avoided.iter().enumerate().flat_map(|(at, one)| one.words.iter().map(move |_| at)).collect();
        let said = avoided.iter().flat_map(|one| &one.say).map(String::as_str);
        let sayers = avoided.iter().enumerate().flat_map(|(at, one)| one.say.iter().map(move |_| at)).collect();
        let lexicon = Lexicon::new(words.iter().map(String::as_str));
        Self { lexicon, rules, words, said: Lexicon::new(said), sayers, avoided }
    }

    /// Tells each such word, but for those within what is said instead.
    pub fn judge(&self, styled: &Styled<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let said = self.said.find(styled.prose);
        for (word, range) in self.lexicon.find(styled.prose) {
            let Some(rule) = self.rules.get(word).and_then(|at| self.avoided.get(*at)) else { continue };
            let own = |(say, place): &(usize, Range<usize>)| {
                self.sayers.get(*say) == self.rules.get(word) && place.start <= range.start && range.end <= place.end
            };
            if said.iter().any(own) {
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
                let listed = self.words.get(word).map(String::as_str).unwrap_or_default();
                // Put in, it would bring the word again.
                let again = fold(only).contains(&fold(listed));
                let begins = styled.prose.begins_sentence(range.start);
                let fix = || styled.fix(&range, &as_found(only, found, begins || !starts_upper(listed)));
                remark.fix = (!again).then(fix).flatten();
            }
            remarks.push(remark);
        }
        remarks
    }
}

/// A word with a capital first where one may be and there was one; a word with capitals of its own keeps them.
fn as_found(word: &str, found: &str, may_be: bool) -> String {
    if may_be && starts_upper(found) { raised(word) } else { word.to_owned() }
}

fn starts_upper(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}
