//! "Did you mean …?"

/// The known word nearest to what was written, if it is near enough to be what was meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words have no neighbours worth the time.
    if written.len() > 64 {
        return None;
    }
    let folded = written.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&folded, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= allowed(written).min(allowed(word)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// A third of a word may be wrong: less, and typing errors are missed; more, and the guess is a joke.
fn allowed(word: &str) -> usize {
    (word.chars().count() / 3).max(1)
}

/// `a`, `b` and `c`, each in backquotes; shortened where there are many.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 16;
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if words.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        _ => format!(
            "{} and {} more",
            words.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "),
            words.len() - SHOWN
        ),
    }
}

/// The sentence that leads out: the nearest word, or all there are.
pub fn help(written: &str, what: &str, known: &[&str]) -> String {
    match nearest(written, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => format!("there are no {what} yet"),
        None => format!("the {what} are {}", list(known.iter().copied())),
    }
}

/// Text from a file, short enough for a message.
pub fn quote(text: &str) -> String {
    const LONGEST: usize = 48;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("`{}…`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_understood_and_nothing_else() {
        let known = ["publish_at", "labels", "language", "to", "title"];
        assert_eq!(nearest("publishat", known), Some("publish_at"));
        assert_eq!(nearest("Lables", known), Some("labels"));
        assert_eq!(nearest("too", known), Some("to"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("x", known), None);
    }
}
