//! Words that stand twice in a row only by mistake.

/// What nobody doubles on purpose, in any of the languages that have the word.
#[rustfmt::skip]
const NEVER_DOUBLED: &[&str] = &[
    "the", "an", "of", "and", "or", "our", "und", "oder", "eine", "einen", "einem", "einer", "het", "een", "och", "og", "att", "til",
    "le", "les", "des", "du", "et", "une", "el", "los", "las", "del", "una", "il", "di", "della", "um", "uma", "os",
];

/// Whether a word, in any case, is one that nobody doubles on purpose.
pub fn is_never(word: &str) -> bool {
    NEVER_DOUBLED.contains(&word.to_lowercase().as_str())
}
