//! `exceptions`: what a rule lets pass.

use std::ops::Range;

use crate::style::pattern::Pattern;

/// What a rule lets pass: the words of its `exceptions`, and those of the accepted vocabulary.
#[derive(Debug, Default)]
pub struct Exceptions {
    /// Fits in what was found.
    within: Option<Pattern>,
    /// Phrases: what was found may be a part of one.
    around: Option<Pattern>,
}

impl Exceptions {
    /// Reads exceptions, each of which is a pattern.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn new(words: &[String]) -> Result<Self, String> {
        if words.is_empty() {
            return Ok(Self::default());
        }
        // The longest first: of alternatives, the first that fits counts.
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.sort_by_key(|word| (usize::MAX - word.len(), *word));
        let cased: Vec<String> = words
            .iter()
            .map(|word| match word.strip_prefix("(?i)") {
                Some(any) => format!("(?i:{any})"),
                None => format!("(?-i:{word})"),
            })
            .collect();
        let within = Pattern::new(&format!(r"(?m)\b(?:{})\b", cased.join("|")))?;
        let phrases: Vec<&str> =
            words.iter().copied().filter(|word| word.contains([' ', '\t']) || word.contains(r"\s")).collect();
        let around = match phrases.as_slice() {
            [] => None,
            phrases => Some(Pattern::new(&format!(r"(?i)\b(?:{})\b", phrases.join("|")))?),
        };
        Ok(Self { within: Some(within), around })
    }

    /// Whether what was found in a text may pass.
    pub fn spare(&self, text: &str, found: &Range<usize>) -> bool {
        let words = text.get(found.clone()).unwrap_or_default().trim();
        self.spare_word(words)
            || self.around.as_ref().is_some_and(|phrases| {
                phrases.find_all(text).iter().any(|phrase| phrase.start <= found.start && found.end <= phrase.end)
            })
    }

    /// Whether an exception fits in a word.
    pub fn spare_word(&self, word: &str) -> bool {
        self.within.as_ref().is_some_and(|within| within.is_match(word))
    }

    /// Whether a search was broken off.
    pub fn gave_up(&self) -> bool {
        [&self.within, &self.around].into_iter().flatten().any(Pattern::gave_up)
    }
}
