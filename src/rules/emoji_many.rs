//! `text/emoji-many`: few emoji in a row.
//!
//! Screen readers say each of them in words: “party popper, party popper, party popper”. Found are more than five in a row,
//! and texts of four lines and more where every line begins with one.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here 🎉🎉🎉🎉🎉🎉
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here 🎉 👩‍👩‍👧‍👦 🇩🇪🇫🇷
//! ```

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{Desk, Level, Rule, Written};
use crate::workspace::Finding;

pub const RULE: Rule =
    Rule::post(&["text/emoji-many"], "few emoji in a row", Level::Info, include_str!("emoji_many.rs"), judge);

const MOST: usize = 5;
/// So many lines may all begin with an emoji.
const LINES: usize = 3;

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for reading in written.texts.iter().filter(|reading| !reading.words.is_ascii()) {
        for (range, count) in rows(&reading.words) {
            let message = format!("{count} emoji in a row: screen readers say each of them in words");
            let finding = written.finding("text/emoji-many", reading, range, message).label("all of these");
            findings.push(finding.help("one says it too"));
        }
        if let Some((range, count)) = bullets(&reading.words) {
            let message = format!("all {count} lines begin with an emoji, which screen readers say in words");
            let finding = written.finding("text/emoji-many", reading, range, message).label("the first of them");
            findings.push(finding.help("write a list: `- ` before each line"));
        }
    }
}

/// Rows of more emoji than there should be.
fn rows(text: &str) -> Vec<(Range<usize>, usize)> {
    let mut found = Vec::new();
    let (mut row, mut count) = (0..0, 0);
    for (at, sign) in text.grapheme_indices(true) {
        if is_emoji(sign) {
            row = if count == 0 { at } else { row.start }..at + sign.len();
            count += 1;
        } else if !matches!(sign, " " | "\u{a0}") {
            found.extend((count > MOST).then(|| (row.clone(), count)));
            count = 0;
        }
    }
    found.extend((count > MOST).then_some((row, count)));
    found
}

/// The first emoji of a text whose lines all begin with one, and how many lines there are.
fn bullets(text: &str) -> Option<(Range<usize>, usize)> {
    let (mut first, mut count) = (None, 0);
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        let sign = line.graphemes(true).next().filter(|sign| is_emoji(sign))?;
        let at = line.as_ptr() as usize - text.as_ptr() as usize;
        first = first.or(Some(at..at + sign.len()));
        count += 1;
    }
    Some((first?, count)).filter(|_| count > LINES)
}

/// Whether a sign is drawn as an emoji: those of the blocks that have little else, flags, and what asks for it.
fn is_emoji(sign: &str) -> bool {
    sign.contains('\u{fe0f}')
        || sign.chars().next().is_some_and(|c| {
            matches!(c, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' | '\u{1f004}' | '\u{1f0cf}')
                || matches!(
                    c,
                    '✅' | '✊'
                        | '✋'
                        | '✨'
                        | '❌'
                        | '❎'
                        | '❓'
                        | '❗'
                        | '⭐'
                        | '⭕'
                        | '⚡'
                        | '⚽'
                        | '☕'
                        | '⏰'
                        | '⏳'
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_emoji() {
        let counts = |text: &str| rows(text).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
        assert_eq!(counts("🎉🎉🎉 🎉🎉🎉!"), [6]);
        assert_eq!(counts("👨‍👩‍👧‍👦👍🏽🇩🇪❤️1️⃣✨ and 🎉🎉🎉🎉🎉🎉🎉"), [6, 7]);
        assert_eq!(counts("🎉🎉🎉🎉🎉 Привет 發売中 ✓✓✓✓✓✓ →→→→→→ नमस्ते"), Vec::<usize>::new());
        assert_eq!(&"a 🎉🎉🎉🎉🎉🎉 b"[rows("a 🎉🎉🎉🎉🎉🎉 b")[0].0.clone()], "🎉🎉🎉🎉🎉🎉");
    }

    #[test]
    fn emoji_before_every_line() {
        assert_eq!(bullets("✅ a\n✅ b\n\n✅ c\n✅ d").map(|(_, count)| count), Some(4));
        assert_eq!(bullets("✅ a\n✅ b\n✅ c"), None);
        assert_eq!(bullets("What is new:\n✅ a\n✅ b\n✅ c\n✅ d"), None);
    }
}
