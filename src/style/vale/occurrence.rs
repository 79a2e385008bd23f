//! `occurrence`: too many of something, or too few.

use super::Hit;
use super::action::Action;
use super::needles::{Needles, needles};
use super::rule_file::{Fault, RuleFile};
use crate::style::pattern::Pattern;
use crate::style::prose::GAP;

/// Too many of something, or too few.
#[derive(Debug)]
pub struct Occurrence {
    pattern: Pattern,
    least: usize,
    most: Option<usize>,
}

impl Occurrence {
    /// Reads the rule, and what a text must have for it to find anything.
    ///
    /// # Errors
    /// What is wrong with its pattern.
    pub fn new(file: &RuleFile) -> Result<(Self, Needles), Fault> {
        let Some(token) = file.token.as_ref().filter(|token| !token.value.0.is_empty()) else {
            return Err(Fault::missing("token"));
        };
        let count = |number: Option<u64>| {
            number.filter(|number| *number > 0).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
        };
        let (least, most) = (count(file.min).unwrap_or_default(), count(file.max));
        if least == 0 && most.is_none() {
            return Err(Fault {
                message: "neither `min` nor `max` says how many there may be".into(),
                span: token.span.clone(),
            });
        }
        let cased = if file.ignorecase { "(?i)" } else { "" };
        let pattern =
            Pattern::new(&format!("{cased}(?:{})", token.value.0)).map_err(|why| Fault::pattern(&token.span, &why))?;
        // Where there are too few, there may be none.
        let needles = if least > 0 { Needles::Unknown } else { needles(&token.value.0, file.ignorecase) };
        Ok((Self { pattern, least, most }, needles))
    }

    /// What it finds in a stretch of text: at most one thing.
    pub fn find(&self, text: &str, action: &Action) -> Vec<Hit> {
        let places = self.pattern.find_all(text);
        let fine = places.len() >= self.least && self.most.is_none_or(|most| places.len() <= most);
        if fine {
            return Vec::new();
        }
        let seen =
            places.iter().find(|place| !text.get((*place).clone()).unwrap_or_default().chars().all(|c| c == GAP));
        let range = seen.or(places.first()).cloned().unwrap_or(0..text.len());
        let found = text.get(range.clone()).unwrap_or_default();
        let options = if places.is_empty() { Vec::new() } else { action.options(found) };
        vec![Hit::new(range, Vec::new(), options).plain()]
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        self.pattern.gave_up()
    }
}
