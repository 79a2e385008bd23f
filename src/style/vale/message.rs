//! `message`: what is said, with the words of the text in it.

/// Puts words in the places `%s` of a message, as Vale does: in order, or by number (`%[2]s`). Words too many are left
/// out, and a place too many stays empty.
pub fn filled(message: &str, words: &[&str]) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    let mut next = 0;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let numbered = after.strip_prefix('[').and_then(|after| after.split_once("]s")).and_then(|(number, after)| {
            let number: usize = number.parse().ok()?;
            Some((number.checked_sub(1)?, after))
        });
        rest = if let Some((at, after)) = numbered {
            out.push_str(words.get(at).copied().unwrap_or_default());
            next = at + 1;
            after
        } else if let Some(after) = after.strip_prefix('s') {
            out.push_str(words.get(next).copied().unwrap_or_default());
            next += 1;
            after
        } else if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            after
        } else {
            out.push('%');
            after
        };
    }
    out.push_str(rest);
    out
}

/// Alternatives in a sentence: `'a'`, `'a' or 'b'`, `'a', 'b', or 'c'`.
pub fn either(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.as_slice() {
        [first, second] => format!("{first} or {second}"),
        [before @ .., last] if !before.is_empty() => format!("{}, or {last}", before.join(", ")),
        words => words.concat(),
    }
}

/// The message for words that bring their own quotes.
pub fn unquoted(message: &str) -> String {
    for quoted in ["'%s'", "\"%s\""] {
        if message.contains(quoted) {
            return message.replacen(quoted, "%s", 1);
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_filled_as_vale_does() {
        for (message, words, expected) in [
            ("Use '%s' instead of '%s'.", vec!["a", "b"], "Use 'a' instead of 'b'."),
            ("Avoid '%s'.", vec!["a", "b"], "Avoid 'a'."),
            ("'%[2]s' for '%[1]s'", vec!["a", "b"], "'b' for 'a'"),
            ("100%% '%s'%", vec!["a"], "100% 'a'%"),
            ("'%s' '%s'", vec!["a"], "'a' ''"),
            ("5% off", vec!["a"], "5% off"),
        ] {
            assert_eq!(filled(message, &words), expected, "{message}");
        }
    }

    #[test]
    fn alternatives_read_as_a_sentence() {
        let words = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(
            [either(&words[..1]), either(&words[..2]), either(&words)],
            ["'a'", "'a' or 'b'", "'a', 'b', or 'c'"]
        );
        assert_eq!(unquoted("Use '%s', not '%s'."), "Use %s, not '%s'.");
    }
}
