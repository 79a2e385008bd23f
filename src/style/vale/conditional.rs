//! `conditional`: where one thing stands, another must.

use std::collections::BTreeSet;

use super::Hit;
use super::action::Action;
use super::exceptions::Exceptions;
use super::needles::{Needles, needles};
use super::rule_file::{Fault, RuleFile};
use crate::style::pattern::Pattern;

/// Where one thing stands, another must: a short form, and what it stands for.
#[derive(Debug)]
pub struct Conditional {
    first: Pattern,
    second: Pattern,
    /// Whether the second names what is explained; else it only has to be there.
    names: bool,
    exceptions: Exceptions,
}

impl Conditional {
    /// Reads the rule, and what a text must have for it to find anything.
    ///
    /// # Errors
    /// What is wrong with its patterns.
    pub fn new(file: &RuleFile, vocabulary: &[String]) -> Result<(Self, Needles), Fault> {
        let Some(first) = &file.first else { return Err(Fault::missing("first")) };
        let Some(second) = &file.second else { return Err(Fault::missing("second")) };
        let needles = needles(&first.value.0, false);
        let opens = second.value.0.matches('(').count();
        let names = opens > second.value.0.matches("(?").count() + second.value.0.matches(r"\(").count();
        let exceptions = Exceptions::new(&file.exceptions(vocabulary))
            .map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let first = Pattern::new(&first.value.0).map_err(|why| Fault::pattern(&first.span, &why))?;
        let second = Pattern::new(&second.value.0).map_err(|why| Fault::pattern(&second.span, &why))?;
        Ok((Self { first, second, names, exceptions }, needles))
    }

    /// What it finds in a stretch of text, where `explained` is what those before it explain.
    pub fn find(&self, text: &str, action: &Action, explained: &mut BTreeSet<String>) -> Vec<Hit> {
        let there = self.second.captures_all(text);
        if !self.names && !there.is_empty() {
            return Vec::new();
        }
        for name in there.into_iter().flat_map(|found| found.groups).flatten() {
            explained.extend(text.get(name).filter(|name| !name.is_empty()).map(str::to_owned));
        }
        let places = self.first.find_all(text).into_iter();
        places
            .filter_map(|range| {
                let found = text.get(range.clone())?;
                let fine = explained.contains(found) || self.exceptions.spare(text, &range);
                (!fine).then(|| Hit::new(range, vec![found.to_owned()], action.options(found)))
            })
            .collect()
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        self.first.gave_up() || self.second.gave_up() || self.exceptions.gave_up()
    }
}
