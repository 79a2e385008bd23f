//! `text/invisible`: no character hides in a post.
//!
//! Text that was copied from web pages and word processors often brings along characters that take no room: zero-width
//! spaces, soft hyphens, word joiners; and blanks that do not break, doubled or at a line's end. They count towards the
//! limits, break hashtags and addresses apart, and keep people from finding the post. `greenlit check --fix` removes them.
//!
//! Where a script needs such characters, they are left alone: joiners in Persian, in the scripts of India and in emoji,
//! zero-width spaces in Thai, Khmer, Lao and Burmese, direction marks in posts with Hebrew or Arabic, blanks that do not
//! break before French punctuation. In front matter nothing is repaired. Characters that turn the direction of text are an
//! error of their own (`file/hidden-direction`), whatever the team says.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Our Donau­dampf­schiff sails again.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! می‌خواهم 👩‍💻 नमस्ते. Voilà : « c'est tout » !
//! ```

use std::ops::Range;

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::Finding;
use crate::workspace::characters::{Hidden, hidden};

pub const RULE: Rule = Rule::post(
    &["text/invisible"],
    "no character hides in a post",
    Level::Warning,
    include_str!("invisible.rs"),
    judge,
);

/// Findings in one file: whoever sees so many knows.
const MOST: usize = 20;

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    let (source, body) = (&written.post.source, place::body(written.post));
    for unseen in all(&source.text).into_iter().take(MOST) {
        let Unseen { range, first, instead } = unseen;
        let message = format!("{} (U+{:04X}) is not seen", name(first), u32::from(first));
        let finding = Finding::warning("text/invisible", source, range.clone(), message).label("here");
        let finding = finding.help("remove it");
        findings.push(match instead {
            // In front matter a blank or a line's end more means something else, or nothing at all.
            Some(instead) if range.start >= body => finding.fix(range, instead),
            _ => finding,
        });
    }
}

struct Unseen {
    range: Range<usize>,
    first: char,
    /// What comes in its place; `None` where without it something else would be said.
    instead: Option<&'static str>,
}

fn all(text: &str) -> Vec<Unseen> {
    let mut found: Vec<Unseen> = Vec::new();
    if text.is_ascii() {
        return found;
    }
    let from_right = text.chars().any(is_from_right);
    let zero_width = hidden(text).filter(|(_, c, kind)| *kind == Hidden::ZeroWidth && *c != '\u{feff}');
    let zero_width = zero_width.filter(|(at, c, _)| !is_needed(text, *at, *c, from_right)).map(|(at, c, _)| (at, c));
    let blanks = text.match_indices('\u{a0}').filter(|(at, _)| is_odd_blank(text, *at)).map(|(at, _)| (at, '\u{a0}'));
    let mut places: Vec<(usize, char)> = zero_width.chain(blanks).collect();
    places.sort_unstable();
    for (at, c) in places {
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(last) if last.range.end == at && last.instead == Some("") => last.range.end = end,
            _ => found.push(Unseen { range: at..end, first: c, instead: instead(text, at, c) }),
        }
    }
    found
}

/// What to write in place of a character.
fn instead(text: &str, at: usize, c: char) -> Option<&'static str> {
    let (before, after) = around(text, at, c);
    match c {
        '\u{2028}' | '\u{2029}' => Some("\n"),
        // It keeps a name or a hashtag from being one.
        _ if matches!(before, Some('@' | '#' | '＃')) || matches!(after, Some('@' | '#' | '＃')) => None,
        _ => Some(""),
    }
}

fn around(text: &str, at: usize, c: char) -> (Option<char>, Option<char>) {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    (before, text.get(at + c.len_utf8()..).and_then(|text| text.chars().next()))
}

/// Whether the script around a character cannot be written well without it. `from_right`: the text has such letters.
fn is_needed(text: &str, at: usize, c: char, from_right: bool) -> bool {
    let (before, after) = around(text, at, c);
    let beside = |good: fn(char) -> bool| before.is_some_and(good) || after.is_some_and(good);
    match c {
        '\u{200b}' => beside(
            |c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1980}'..='\u{19df}' | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}'),
        ),
        // Persian puts its endings behind foreign words too: `API‌ها`.
        '\u{200c}' | '\u{200d}' => after.is_some_and(is_from_right),
        '\u{200e}' | '\u{200f}' | '\u{61c}' => from_right,
        '\u{180b}'..='\u{180f}' => beside(|c| matches!(c, '\u{1800}'..='\u{18af}')),
        '\u{17b4}' | '\u{17b5}' => beside(|c| matches!(c, '\u{1780}'..='\u{17ff}')),
        '\u{115f}' | '\u{1160}' => {
            beside(|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}'))
        }
        '\u{34f}' => after.is_some_and(unicode_normalization::char::is_combining_mark),
        _ => false,
    }
}

/// A blank that does not break, where nothing could break: beside another blank, or at the end of a line.
fn is_odd_blank(text: &str, at: usize) -> bool {
    let (before, after) = around(text, at, '\u{a0}');
    matches!(before, Some(' ' | '\u{a0}')) || matches!(after, Some(' ' | '\n' | '\r') | None)
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their kin.
fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && c != '\u{61c}'
}

fn name(c: char) -> &'static str {
    match c {
        '\u{a0}' => "a blank that does not break",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' | '\u{200d}' => "a joiner",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "a direction mark",
        '\u{2028}' | '\u{2029}' => "a line separator",
        '\u{2060}' => "a word joiner",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "a variation selector",
        _ => "a character of no width",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn repaired(text: &str) -> String {
        let mut new = text.to_owned();
        for unseen in all(text).into_iter().rev() {
            new.replace_range(unseen.range, unseen.instead.unwrap_or("!"));
        }
        new
    }

    #[test]
    fn what_hides_is_removed() {
        for (text, good) in [
            ("Acme\u{200b} is\u{2060} here", "Acme is here"),
            ("Donau\u{ad}dampf\u{ad}schiff", "Donaudampfschiff"),
            ("a\u{200b}\u{200b}\u{200b}b", "ab"),
            ("x\u{a0}\u{a0}y and z\u{a0}\n", "x\u{a0}y and z\n"),
            ("one\u{2028}two", "one\ntwo"),
            ("goo\u{200c}gle", "google"),
            ("LTR\u{200e} only", "LTR only"),
            ("發\u{200b}売\u{3164}中", "發売中"),
        ] {
            assert_eq!(repaired(text), good, "{text:?}");
        }
        assert_eq!(repaired("@\u{200b}everyone"), "@!everyone", "found, but no `--fix` makes a mention of it");
    }

    #[test]
    fn honest_text_of_many_scripts_hides_nothing() {
        for text in [
            "می‌خواهم ශ්‍රී 👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ 1️⃣",
            "ภาษา\u{200b}ไทย ភាសា\u{200b}ខ្មែរ မြန်မာ\u{200b}ဘာသာ",
            "שלום\u{200f}! (Acme\u{200e}) עברית",
            "שלום\n\u{200f}#Acme 5!",
            "API\u{200c}ها و CD\u{200c}هایی",
            "Voilà\u{a0}: 10\u{a0}000\u{a0}€, «\u{a0}oui\u{a0}»",
            "ᠮᠣᠩᠭᠣᠯ\u{180b}ᠤ",
            "non\u{2011}breaking",
        ] {
            assert_eq!(repaired(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_left_without(text in "(\\PC|[\u{200b}-\u{200f}\u{ad}\u{a0}\u{2060}\u{34f} \n]){0,40}") {
            for unseen in all(&text) {
                prop_assert!(text.get(unseen.range).is_some());
            }
        }
    }
}
