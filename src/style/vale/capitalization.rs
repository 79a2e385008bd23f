//! `capitalization`: how a heading or a sentence is cased.

use std::ops::Range;

use super::Hit;
use super::action::Action;
use super::exceptions::Exceptions;
use super::rule_file::{Fault, RuleFile};
use super::substitution::capitalized;
use crate::style::pattern::Pattern;
use crate::workspace::suggest;

/// How a heading or a sentence is cased.
#[derive(Debug)]
pub struct Capitalization {
    case: Case,
    exceptions: Exceptions,
    /// Exceptions as they are written, which say their own case.
    spellings: Vec<String>,
    words: Pattern,
    threshold: f64,
    indicators: Vec<String>,
    prefix: Option<Pattern>,
}

#[derive(Debug)]
enum Case {
    Title(Titles),
    Sentence,
    Lower,
    Upper,
    Pattern(Pattern),
}

/// Which words of a title stay small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Titles {
    /// Articles, conjunctions and prepositions of up to three letters.
    AssociatedPress,
    /// Articles, conjunctions and all prepositions.
    Chicago,
}

const SMALL: [&str; 29] = [
    "a", "an", "and", "as", "at", "but", "by", "en", "for", "if", "in", "nor", "of", "off", "on", "or", "out", "per",
    "so", "the", "to", "up", "v", "v.", "via", "vs", "vs.", "yet", "than",
];

const PREPOSITIONS: [&str; 41] = [
    "about",
    "above",
    "across",
    "after",
    "against",
    "along",
    "among",
    "around",
    "before",
    "behind",
    "below",
    "beneath",
    "beside",
    "besides",
    "between",
    "beyond",
    "despite",
    "down",
    "during",
    "except",
    "from",
    "inside",
    "into",
    "like",
    "near",
    "onto",
    "outside",
    "over",
    "past",
    "since",
    "through",
    "throughout",
    "toward",
    "towards",
    "under",
    "underneath",
    "until",
    "upon",
    "with",
    "within",
    "without",
];

impl Capitalization {
    /// Reads the rule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(file: &RuleFile, vocabulary: &[String]) -> Result<Self, Fault> {
        let Some(matches) = &file.matches else { return Err(Fault::missing("match")) };
        let case = match matches.value.as_str() {
            "$title" => Case::Title(match &file.style {
                Some(style) if style.value == "Chicago" => Titles::Chicago,
                Some(style) if style.value != "AP" => {
                    let message =
                        format!("{} is no style of titles: `AP` and `Chicago` are", suggest::quote(&style.value));
                    return Err(Fault { span: style.span.clone(), message });
                }
                _ => Titles::AssociatedPress,
            }),
            "$sentence" => Case::Sentence,
            "$lower" => Case::Lower,
            "$upper" => Case::Upper,
            pattern => Case::Pattern(Pattern::new(pattern).map_err(|why| Fault::pattern(&matches.span, &why))?),
        };
        let spellings = file.exceptions(vocabulary);
        let exceptions = Exceptions::new(&spellings).map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let mut known: Vec<&str> = spellings.iter().map(String::as_str).collect();
        known.sort_by_key(|word| usize::MAX - word.len());
        let known = if known.is_empty() { String::new() } else { format!(r"\b(?:{})\b|", known.join("|")) };
        let words = Pattern::new(&format!(r"(?i){known}[\p{{N}}\p{{L}}*]+\S*"))
            .map_err(|why| Fault::pattern(&file.exceptions_span(), &why))?;
        let prefix = match &file.prefix {
            Some(prefix) => Some(
                Pattern::new(&format!("^(?:{})", prefix.value.0)).map_err(|why| Fault::pattern(&prefix.span, &why))?,
            ),
            None => None,
        };
        let threshold = file.threshold.filter(|threshold| *threshold > 0.0).unwrap_or(0.8);
        let indicators = RuleFile::texts(file.indicators.as_ref());
        Ok(Self { case, exceptions, spellings, words, threshold, indicators, prefix })
    }

    /// What it finds in a stretch of text: at most the whole of it.
    pub fn find(&self, text: &str, action: &Action) -> Vec<Hit> {
        let skipped = self.prefix.as_ref().and_then(|prefix| prefix.find_all(text).into_iter().next());
        let start = skipped.map_or(0, |prefix| prefix.end);
        let shown = text.get(start..).unwrap_or_default();
        let (fine, expected) = match &self.case {
            Case::Lower => (shown == shown.to_lowercase(), shown.to_lowercase()),
            Case::Upper => (shown == shown.to_uppercase(), shown.to_uppercase()),
            Case::Pattern(pattern) => (pattern.is_match(shown), shown.to_owned()),
            Case::Title(titles) => self.compared(shown, |words, at| Some(title_word(*titles, words, at))),
            Case::Sentence => self.compared(shown, |words, at| self.sentence_word(words, at)),
        };
        let fine = fine
            || matches!(self.case, Case::Lower | Case::Upper | Case::Pattern(_)) && self.exceptions.spare_word(shown);
        if fine {
            return Vec::new();
        }
        let expected = format!("{}{expected}", text.get(..start).unwrap_or_default());
        let known = matches!(self.case, Case::Title(_) | Case::Sentence);
        let options = match action {
            Action::Replace(params) if params.is_empty() && known => vec![expected.clone()],
            action => action.options(text),
        };
        vec![Hit::new(0..text.len(), vec![text.to_owned(), expected], options)]
    }

    /// Whether enough words are cased as they should be, and how the text should be.
    fn compared(&self, text: &str, case: impl Fn(&[&str], usize) -> Option<String>) -> (bool, String) {
        let places: Vec<Range<usize>> = self.words.find_all(text);
        let words: Vec<&str> = places.iter().map(|place| text.get(place.clone()).unwrap_or_default()).collect();
        let mut expected = String::new();
        let (mut written, mut good) = (0, 0_usize);
        let mut lost = false;
        for (at, (place, word)) in places.iter().zip(&words).enumerate() {
            let known = self.spellings.iter().find(|spelling| spelling.to_lowercase() == word.to_lowercase());
            let wanted = match known {
                Some(spelling) => spelling.clone(),
                None if self.exceptions.spare_word(word) || is_acronym(word) => (*word).to_owned(),
                None => case(&words, at).unwrap_or_else(|| (*word).to_owned()),
            };
            good += usize::from(wanted == *word);
            // A sentence that begins small is never one.
            lost |= at == 0 && wanted != *word && matches!(self.case, Case::Sentence);
            expected.push_str(text.get(written..place.start).unwrap_or_default());
            expected.push_str(&wanted);
            written = place.end;
        }
        expected.push_str(text.get(written..).unwrap_or_default());
        let enough = words.is_empty() || good as f64 / words.len() as f64 >= self.threshold;
        (enough && !lost, expected)
    }

    /// A word of a sentence; `None` where both cases will do.
    fn sentence_word(&self, words: &[&str], at: usize) -> Option<String> {
        let word = words.get(at).copied().unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| words.get(before)).copied();
        let free = before.is_some_and(|before| {
            if self.indicators.is_empty() {
                before.ends_with(':') || at == 1 && before.trim_end_matches('.').chars().all(char::is_numeric)
            } else {
                self.indicators.iter().any(|sign| before.ends_with(sign.as_str()))
            }
        });
        if free {
            return None;
        }
        let small = word.to_lowercase();
        Some(if at == 0 { capitalized(&small) } else { small })
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        let case = matches!(&self.case, Case::Pattern(pattern) if pattern.gave_up());
        case || self.exceptions.gave_up() || self.words.gave_up()
    }
}

/// A word of a title: capital, except small words that are neither the first nor the last.
fn title_word(titles: Titles, words: &[&str], at: usize) -> String {
    let word = words.get(at).copied().unwrap_or_default();
    let small = word.to_lowercase();
    let bare = small.trim_end_matches([',', ';', '!', '?']);
    let edge = at == 0 || at + 1 == words.len() || words.get(at - 1).is_some_and(|before| before.ends_with(':'));
    let stays_small = SMALL.contains(&bare) || titles == Titles::Chicago && PREPOSITIONS.contains(&bare);
    if stays_small && !edge { small } else { capitalized(word) }
}

/// Whether a word is all capitals, as short forms are.
fn is_acronym(word: &str) -> bool {
    let letters = || word.chars().filter(|c| c.is_alphabetic());
    letters().count() > 1 && letters().all(|c| !c.is_lowercase()) || letters().next().is_none()
}
