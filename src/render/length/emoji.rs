//! Emoji of more than one code point that count as one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// By their first code point; of those that begin alike, the longest comes first.
static SEQUENCES: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut sequences: HashMap<char, Vec<&'static str>> = HashMap::new();
    let lines = include_str!("emoji.txt").lines().filter(|line| !line.starts_with("//"));
    for sequence in lines.flat_map(|line| line.split(' ')) {
        if let Some(first) = sequence.chars().next() {
            sequences.entry(first).or_default().push(sequence);
        }
    }
    for alike in sequences.values_mut() {
        alike.sort_unstable_by_key(|sequence| std::cmp::Reverse(sequence.len()));
    }
    sequences
});

/// Where such emoji stand in a text, in UTF-16 code units. An emoji of one code point is not told: it is one already.
pub fn sequences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut rest) = (0, text);
    while let Some(first) = rest.chars().next() {
        let alike = SEQUENCES.get(&first).map(Vec::as_slice).unwrap_or_default();
        let sequence = alike.iter().find(|sequence| rest.starts_with(**sequence));
        let (units, bytes) = match sequence {
            Some(sequence) => (sequence.encode_utf16().count(), sequence.len()),
            None => (first.len_utf16(), first.len_utf8()),
        };
        if sequence.is_some() {
            found.push(at..at + units);
        }
        at += units;
        rest = rest.get(bytes..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_is_taken() {
        assert_eq!(sequences("👩🏽‍🚀"), vec![0..7]);
        assert_eq!(sequences("a👩🏽x"), vec![1..5]);
        assert_eq!(sequences("🏳️‍🌈🏳️"), [0..6, 6..9]);
        assert_eq!(sequences("🇩🇪🇫"), vec![0..4]);
    }

    #[test]
    fn what_is_no_emoji_is_left_alone() {
        for text in ["", "a", "😀", "🇿🇿", "1", "©", "👩\u{200d}a", "e\u{301}"] {
            assert!(sequences(text).is_empty(), "{text}");
        }
    }
}
