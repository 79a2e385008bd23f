//! `substitution`: words for which there are better ones.

use std::ops::Range;

use super::action::{Action, replaced};
use super::exceptions::Exceptions;
use super::message::either;
use super::needles::{Needles, needles_of_all};
use super::rule_file::{Fault, RuleFile};
use super::{Hit, word_pattern};
use crate::style::fold::fold;
use crate::style::pattern::Pattern;

/// Words for which there are better ones.
#[derive(Debug)]
pub struct Substitution {
    pattern: Pattern,
    swaps: Vec<Swap>,
    exceptions: Exceptions,
    replaces: bool,
    capitalize: bool,
    matchcase: bool,
}

/// One pair, in the order of the pattern's groups.
#[derive(Debug)]
struct Swap {
    better: String,
    /// What fits is good already.
    good: Option<Pattern>,
    /// The key itself, where the better words have groups of it.
    groups: Option<Pattern>,
}

impl Substitution {
    /// Reads the rule, and what a text must have for it to find anything.
    ///
    /// # Errors
    /// What is wrong with its patterns.
    pub fn new(file: &RuleFile, vocabulary: &[String]) -> Result<(Self, Needles), Fault> {
        let pairs = file.swap.as_ref().map(|swap| swap.value.0.as_slice()).unwrap_or_default();
        if pairs.is_empty() {
            return Err(Fault::missing("swap"));
        }
        let action = file.action.as_ref().and_then(|action| action.value.name.as_deref());
        let replaces = action == Some("replace");
        // Of keys that begin alike the longest counts.
        let mut pairs: Vec<_> = pairs.iter().collect();
        pairs.sort_by_key(|(key, _)| (usize::MAX - key.value.len(), key.value.as_str()));
        let mut swaps = Vec::new();
        let mut keys = Vec::new();
        for (key, better) in pairs {
            let cased = if file.ignorecase { format!("(?i){}", key.value) } else { key.value.clone() };
            let alone = Pattern::new(&cased).map_err(|why| Fault::pattern(&key.span, &why))?;
            let better = better.0.clone();
            let good =
                (!replaces && !is_phrase(&better)).then(|| Pattern::new(&format!("^(?:{better})$")).ok()).flatten();
            let groups = has_groups(&better).then_some(alone);
            swaps.push(Swap { better, good, groups });
            keys.push(ungrouped(&key.value));
        }
        let grouped: Vec<String> = keys.iter().map(|key| format!("({key})")).collect();
        let pattern = word_pattern(&grouped.join("|"), file.nonword);
        let pattern = if file.ignorecase { format!("(?i){pattern}") } else { pattern };
        let span = file.swap.as_ref().map(|swap| swap.span.clone()).unwrap_or_default();
        let pattern = Pattern::new(&pattern).map_err(|why| Fault::pattern(&span, &why))?;
        let exceptions = Exceptions::new(&file.exceptions(vocabulary))
            .map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let (capitalize, matchcase) = (file.capitalize, file.matchcase);
        let needles = needles_of_all(&keys, file.ignorecase);
        Ok((Self { pattern, swaps, exceptions, replaces, capitalize, matchcase }, needles))
    }

    /// What it finds in a stretch of text.
    pub fn find(&self, text: &str, action: &Action) -> Vec<Hit> {
        let found = self.pattern.captures_all(text);
        found
            .into_iter()
            .filter_map(|found| {
                let (at, range) = found.groups.iter().enumerate().find_map(|(at, group)| Some((at, group.clone()?)))?;
                let swap = self.swaps.get(at)?;
                let observed = text.get(range.clone())?;
                let mut better = match &swap.groups {
                    Some(pattern) => replaced(pattern, observed, &swap.better),
                    None => swap.better.clone(),
                };
                if self.capitalize && starts_upper(observed) {
                    better = capitalized(&better);
                }
                let mut words = options(&better);
                if self.matchcase {
                    words.iter_mut().for_each(|word| *word = recased(word, observed));
                }
                let good = match (&swap.good, self.replaces) {
                    (_, true) => words.iter().any(|word| word == observed),
                    (Some(pattern), _) => pattern.is_match(observed),
                    (None, _) => better == observed,
                };
                let said = words.iter().any(|word| is_within(text, &range, word));
                if good || said || self.exceptions.spare(text, &range) {
                    return None;
                }
                let own = matches!(action, Action::Replace(params) if params.is_empty());
                let hit = if own {
                    let told = vec![either(&words), observed.to_owned()];
                    // Put in, they would bring the word again.
                    words.retain(|word| !fold(word).contains(&fold(observed)) || word.len() <= observed.len());
                    Hit::new(range, told, words).quoting()
                } else {
                    Hit::new(range, vec![better, observed.to_owned()], action.options(observed))
                };
                Some(hit)
            })
            .collect()
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        self.pattern.gave_up() || self.exceptions.gave_up()
    }
}

/// Whether what was found is a piece of the better words, which stand there already.
fn is_within(text: &str, range: &Range<usize>, better: &str) -> bool {
    let (better, found) = (fold(better), fold(text.get(range.clone()).unwrap_or_default()));
    if better.len() <= found.len() {
        return false;
    }
    let (before, after) = (text.get(..range.start).unwrap_or_default(), text.get(range.end..).unwrap_or_default());
    // So many signs stand for those of the better words, also where marks and blanks are more.
    let near = better.len() * 2;
    let before = before.get(before.char_indices().rev().nth(near).map_or(0, |(at, _)| at)..).unwrap_or_default();
    let after = after.get(..after.char_indices().nth(near).map_or(after.len(), |(at, _)| at)).unwrap_or_default();
    let (before, after) = (fold(before), fold(after));
    better.match_indices(&found).any(|(at, _)| {
        before.ends_with(better.get(..at).unwrap_or_default())
            && after.starts_with(better.get(at + found.len()..).unwrap_or_default())
    })
}

/// Whether a text is words alone: then it is no pattern.
pub fn is_phrase(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
}

/// Whether better words speak of groups: `$1`.
fn has_groups(better: &str) -> bool {
    better.split('$').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit() || c == '{'))
}

/// The alternatives in better words: `a|b`, where `\|` is a bar.
fn options(better: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut signs = better.chars().peekable();
    while let Some(c) = signs.next() {
        match c {
            '\\' if signs.peek() == Some(&'|') => {
                signs.next();
                if let Some(word) = words.last_mut() {
                    word.push('|');
                }
            }
            '|' => words.push(String::new()),
            c => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A key whose groups catch nothing: each key is a group of its own, known by its number.
fn ungrouped(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut rest = key;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let after = rest.get(length..).unwrap_or_default();
        match c {
            '\\' => {
                length += after.chars().next().map_or(0, char::len_utf8);
                out.push_str(rest.get(..length).unwrap_or_default());
            }
            '(' if !in_class => {
                let name = ["?P<", "?<"].iter().find_map(|sign| {
                    let named = after.strip_prefix(sign).filter(|named| !named.starts_with(['=', '!']))?;
                    named.find('>').map(|end| sign.len() + end + 1)
                });
                match name {
                    Some(name) => length += name,
                    None if after.starts_with('?') => {
                        out.push('(');
                        rest = after;
                        continue;
                    }
                    None => {}
                }
                out.push_str("(?:");
            }
            c => {
                in_class = match c {
                    '[' => true,
                    ']' => false,
                    _ => in_class,
                };
                out.push(c);
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn starts_upper(text: &str) -> bool {
    text.starts_with(char::is_uppercase)
}

/// The text with a capital first.
pub fn capitalized(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// A word in the case of what it takes the place of.
fn recased(word: &str, observed: &str) -> String {
    let letters = || observed.chars().filter(|c| c.is_alphabetic());
    if letters().count() > 1 && letters().all(char::is_uppercase) {
        word.to_uppercase()
    } else if starts_upper(observed) {
        capitalized(word)
    } else if letters().all(char::is_lowercase) {
        word.to_lowercase()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_groups() {
        assert_eq!(options(r"a|b c|\|"), ["a", "b c", "|"]);
        assert_eq!(ungrouped(r"(a)(?:b)(?<!c)(?<n>d)\((e[(])"), r"(?:a)(?:b)(?<!c)(?:d)\((?:e[(])");
        assert!(has_groups("$1s") && !has_groups("5 $ more"));
        assert_eq!([recased("utilize", "USE"), recased("utilize", "Use")], ["UTILIZE", "Utilize"]);
    }
}
