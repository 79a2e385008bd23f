//! Hashtags and mentions in running text.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// A hashtag or a mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its place, with the sign.
    pub range: Range<usize>,
    /// Whether it is a hashtag; else it is a mention.
    pub hashtag: bool,
}

/// The hashtags and mentions of a text, as any of the networks finds them, in order. A mention takes its server along.
pub fn named(text: &str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for (at, sign) in text.match_indices(['#', '＃', '@', '＠']) {
        let hashtag = matches!(sign, "#" | "＃");
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(|c| is_word(c) || matches!(c, '/' | '&' | '@' | '＠'))
            || found.last().is_some_and(|last| at < last.range.end)
        {
            continue;
        }
        let start = at + sign.len();
        let rest = text.get(start..).unwrap_or_default();
        let inside = |c: char| is_word(c) || !hashtag && matches!(c, '.' | '-' | '@');
        let word = rest.split(|c: char| !inside(c)).next().unwrap_or_default();
        let word = word.trim_end_matches(['.', '-', '@']);
        if word.chars().any(char::is_alphabetic) {
            found.push(Named { range: at..start + word.len(), hashtag });
        }
    }
    found
}

/// Whether a character is part of a word: letters, digits, the marks that belong to letters, and `_`.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a character belongs to a script that writes words without blanks between them, where a word's end is not seen.
pub fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{2fdf}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9f}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        named(text).into_iter().map(|named| &text[named.range]).collect()
    }

    #[test]
    fn hashtags_and_mentions_of_many_scripts() {
        assert_eq!(
            found("#one #zwei! ＃発売 (#मस्ते) #a_b @alice, @bob@server.example. @c.example's #1"),
            ["#one", "#zwei", "＃発売", "#मस्ते", "#a_b", "@alice", "@bob@server.example", "@c.example"]
        );
        assert_eq!(found("x#a a@b.example &#35;x https://a.example/#b"), Vec::<&str>::new());
    }
}
