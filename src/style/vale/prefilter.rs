//! Which rules may find anything in a text: one pass for all of them.

use aho_corasick::AhoCorasick;

use super::needles::{Needles, lowered};
use super::rule::Rule;
use crate::style::prose::Prose;

/// The needles of all rules.
#[derive(Debug, Default)]
pub struct Prefilter {
    automaton: Option<AhoCorasick>,
    /// The rules that each needle is one of.
    owners: Vec<Vec<usize>>,
    /// The rules that look at every text.
    always: Vec<usize>,
    all: usize,
}

/// Letters that are `s` and `k` in another case, and longer.
const OTHER_CASES: [char; 2] = ['\u{17f}', '\u{212a}'];

impl Prefilter {
    /// Takes the rules by their numbers.
    pub fn new(rules: &[Rule]) -> Self {
        let mut needles: Vec<(&str, Vec<usize>)> = Vec::new();
        let mut always = Vec::new();
        let mut pairs: Vec<(&str, usize)> = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            match &rule.needles {
                Needles::AnyOf(own) => pairs.extend(own.iter().map(|needle| (needle.as_str(), at))),
                Needles::Unknown => always.push(at),
            }
        }
        pairs.sort_unstable();
        for (needle, rule) in pairs {
            match needles.last_mut() {
                Some((last, owners)) if *last == needle => owners.push(rule),
                _ => needles.push((needle, vec![rule])),
            }
        }
        let (needles, owners): (Vec<&str>, Vec<Vec<usize>>) = needles.into_iter().unzip();
        let automaton = AhoCorasick::new(needles).ok();
        if automaton.is_none() {
            always = (0..rules.len()).collect();
        }
        Self { automaton, owners, always, all: rules.len() }
    }

    /// The numbers of the rules that may find anything, in order.
    pub fn candidates(&self, prose: &Prose<'_>) -> Vec<usize> {
        if prose.text.contains(OTHER_CASES) {
            return (0..self.all).collect();
        }
        let mut rules = self.always.clone();
        if let Some(automaton) = &self.automaton {
            let text = lowered(&prose.text);
            let found = automaton.find_overlapping_iter(&text);
            rules.extend(found.filter_map(|found| self.owners.get(found.pattern().as_usize())).flatten());
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}
