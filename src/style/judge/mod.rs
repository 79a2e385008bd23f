//! One file for each kind of judgement of a team's own guide: a text of a post in, remarks out.

pub mod avoid;
pub mod capitals;
pub mod counts;
pub mod hashtags;
pub mod links;
pub mod names;
pub mod opening;
pub mod privacy;
pub mod reading;
pub mod require;
mod syllables;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::named::is_word;
use super::{Fix, Level, Prose, Remark};
use crate::workspace::{Post, Text};

/// A text of a post, with all that a judgement may want to know.
#[derive(Debug, Clone, Copy)]
pub struct Styled<'a> {
    /// The post.
    pub post: &'a Post,
    /// Its text.
    pub text: &'a Text,
    /// The words of that text.
    pub prose: &'a Prose<'a>,
    /// The language that they are in, where it is known.
    pub language: Option<&'a str>,
    /// The page for people that goes with each remark.
    pub link: Option<&'a str>,
}

impl Styled<'_> {
    /// A remark on a place of the prose.
    pub fn remark(&self, check: &str, level: Level, range: &Range<usize>, message: String) -> Remark {
        Remark {
            check: format!("style/{check}"),
            level,
            range: self.prose.in_file(range),
            message,
            link: self.link.map(str::to_owned),
            fix: None,
        }
    }

    /// Other words for a place of the prose, where the file says it as it is shown.
    pub fn fix(&self, range: &Range<usize>, text: &str) -> Option<Fix> {
        self.prose.fix(range, text)
    }

    /// The texts of which this one is the first: the post's thread, or what a variant sends in its place. `None` where
    /// it is none that begins anything.
    pub fn thread(&self) -> Option<Vec<&Text>> {
        let body = &self.post.body;
        let begins = |parts: &[Text]| parts.first().is_some_and(|first| first.offset == self.text.offset);
        if begins(&body.parts) {
            return Some(body.parts.iter().collect());
        }
        let variant = body.variants.iter().find(|variant| begins(&variant.parts))?;
        match variant.part {
            None => Some(variant.parts.iter().collect()),
            Some(1) => Some(variant.parts.iter().chain(body.parts.iter().skip(1)).collect()),
            Some(_) => None,
        }
    }
}

/// The words of a stretch of prose, with the marks that belong to letters, and apostrophes within.
pub fn words(prose: &Prose<'_>, range: &Range<usize>) -> Vec<Range<usize>> {
    let text = prose.at(range);
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let inside = is_word(c) || start.is_some() && matches!(c, '\'' | '’') && next.is_some_and(is_word);
        match start {
            None if inside => start = Some(at),
            Some(from) if !inside => {
                words.push(range.start + from..range.start + at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| range.start + from..range.end));
    words
}

/// `: why`, where there is a why.
fn because(why: Option<&str>) -> String {
    why.map(|why| format!(": {why}")).unwrap_or_default()
}

/// Choices in a sentence: `a`, `b` or `c`, each in backquotes.
fn choice(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        words => words.concat(),
    }
}
