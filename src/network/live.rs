//! What stands on a network now, held against what was sent.

/// Characters of somebody's words that are kept.
const LONGEST: usize = 5_000;

/// What stands now where a part went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    /// What was sent, but for what servers do to a text.
    Same,
    /// Something else.
    Edited {
        /// The words that stand there, without secrets, shortened. Not escaped.
        text: String,
        /// What differs, in words: `text`, `alt texts`, `content warning`. Never empty.
        differs: Vec<&'static str>,
    },
    /// Nothing.
    Gone,
    /// Nobody can tell; why.
    Unknown(String),
}

impl Live {
    /// Same where nothing differs.
    pub(super) fn of(text: &str, differs: Vec<&'static str>) -> Self {
        if differs.is_empty() {
            return Self::Same;
        }
        let text = match text.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
            None => text.to_owned(),
        };
        Self::Edited { text, differs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_words_are_kept_without_end() {
        assert_eq!(Live::of("x", Vec::new()), Live::Same);
        let Live::Edited { text, .. } = Live::of(&"ä".repeat(100_000), vec!["text"]) else { panic!() };
        assert_eq!(text.chars().count(), 5_001);
    }
}
