//! What a style guide says of a text.

use std::ops::Range;

/// How much a remark matters. Words and order are Vale's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth a thought; `[check]` calls it `info`.
    #[serde(alias = "info")]
    Suggestion,
    /// Somebody should look at it.
    Warning,
    /// It must not go out like this.
    Error,
}

/// One remark on one place of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which rule says it: `Google.Contractions`, `style/avoid`.
    pub check: String,
    /// How much it matters.
    pub level: Level,
    /// The bytes of the file that it is about.
    pub range: Range<usize>,
    /// What is said.
    pub message: String,
    /// Where more is said about it.
    pub link: Option<String>,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// Other words for a place of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The bytes of the file that they take the place of.
    pub range: Range<usize>,
    /// The words.
    pub text: String,
}

/// Words with a capital first; those that have capitals of their own stay: `iPhone`.
pub fn raised(words: &str) -> String {
    let mut signs = words.chars();
    match signs.next() {
        Some(first) if !signs.as_str().contains(char::is_uppercase) => first.to_uppercase().chain(signs).collect(),
        _ => words.to_owned(),
    }
}
