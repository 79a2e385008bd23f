//! Characters that people do not see, or that show other text than there is.

/// What hides behind a character that should not stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// A control character other than line feed, tab, and the carriage return of a line's end.
    Control,
    /// It turns the direction of the text after it: what is shown is not what is there.
    Direction,
    /// A tag character outside a flag: invisible text.
    Tag,
    /// It takes no room on the screen.
    ZeroWidth,
}

/// Every hidden character of a text with its byte offset. Joiners after a letter, variation selectors after a
/// character, and the flags of England, Scotland and Wales are what they seem and are left out.
pub fn hidden(text: &str) -> impl Iterator<Item = (usize, char, Hidden)> + '_ {
    let mut before: Option<char> = None;
    let mut flag_ends = 0;
    text.char_indices().filter_map(move |(at, c)| {
        let previous = before.replace(c);
        // Most characters of most texts.
        if matches!(c, ' '..='~' | '\n' | '\t') {
            return None;
        }
        if c == BLACK_FLAG {
            flag_ends = at + flag_length(text.get(at..).unwrap_or_default());
        }
        if at < flag_ends {
            return None;
        }
        kind(c, previous).map(|kind| (at, c, kind))
    })
}

const BLACK_FLAG: char = '\u{1f3f4}';

/// The three flags made of tag characters that the emoji list recommends for use.
/// Source: unicode.org/Public/emoji/latest/emoji-sequences.txt, RGI_Emoji_Tag_Sequence, checked 2026-11-21.
const FLAGS: [&str; 3] = [
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

fn flag_length(text: &str) -> usize {
    FLAGS.iter().find(|flag| text.starts_with(**flag)).map_or(0, |flag| flag.len())
}

fn kind(c: char, before: Option<char>) -> Option<Hidden> {
    match c {
        '\n' | '\t' => None,
        c if c.is_control() => Some(Hidden::Control),
        // Embeddings, overrides and isolates; see "Trojan Source" (CVE-2021-42574).
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(Hidden::Direction),
        '\u{e0000}'..='\u{e007f}' => Some(Hidden::Tag),
        // Persian, the scripts of India, and emoji families cannot be written without joiners.
        '\u{200c}' | '\u{200d}' => (!before.is_some_and(shows)).then_some(Hidden::ZeroWidth),
        // They choose between forms of the character before: ❤ and ❤️.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => before
            .is_none_or(|before| before.is_whitespace() || kind(before, None).is_some())
            .then_some(Hidden::ZeroWidth),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e0fff}' => Some(Hidden::ZeroWidth),
        _ => None,
    }
}

/// Whether a joiner may follow: letters, marks and emoji. ASCII has nothing to join.
fn shows(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && (matches!(c, '\u{fe0f}') || kind(c, None).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Hidden> {
        hidden(text).map(|(_, _, kind)| kind).collect()
    }

    #[test]
    fn honest_text_of_many_scripts_hides_nothing() {
        for text in
            ["Autumn\n\tlaunch", "می‌خواهم", "ශ්‍රී ලංකා", "ന്‍", "👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥 1️⃣ ❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Alba", "葛󠄀城市", "עברית و عربي"]
        {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_not_seen_is_found() {
        assert_eq!(kinds("a\u{202e}b"), [Hidden::Direction]);
        assert_eq!(kinds("a\u{1b}[2Jb\0\r"), [Hidden::Control; 3]);
        assert_eq!(kinds("a\u{e0067}"), [Hidden::Tag]);
        assert_eq!(kinds("\u{1f3f4}\u{e0061}\u{e007f}"), [Hidden::Tag; 2], "a flag that is none of the three");
        assert_eq!(kinds("goo\u{200c}gle \u{200b}"), [Hidden::ZeroWidth; 2]);
        assert_eq!(kinds("❤\u{fe0f}\u{fe0f}\u{fe0f}"), [Hidden::ZeroWidth; 2], "selectors in a row carry hidden bytes");
    }
}
