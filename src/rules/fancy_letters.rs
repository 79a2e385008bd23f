//! `text/fancy-letters`: words are written with letters.
//!
//! “𝗯𝗼𝗹𝗱” is made of mathematical signs. Screen readers spell them out or pass over them, search finds nothing, and old
//! devices show boxes. `greenlit check --fix` types the letters. Single signs, as formulas have them (𝑥 + 𝑦), are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is 𝗵𝗲𝗿𝗲 𝗮𝗻𝗱 𝗳𝗿𝗲𝗲.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here and free, for 𝑥 + 𝑦 and ℝ too. 🅰️
//! ```

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["text/fancy-letters"],
    "words are written with letters",
    Level::Warning,
    include_str!("fancy_letters.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for reading in written.texts.iter().filter(|reading| !reading.words.is_ascii()) {
        for range in phrases(&reading.words) {
            let there = reading.words.get(range.clone()).unwrap_or_default();
            let letters = plain(there);
            let message = format!("{} is made of signs that screen readers spell out", suggest::quote(there));
            let span = reading.span(range.clone());
            let finding = written.finding("text/fancy-letters", reading, range, message).label("no letters");
            findings.push(finding.help(format!("write {}", suggest::quote(&letters))).fix(span, letters));
        }
    }
}

/// Words of such signs, with the blanks between them.
fn phrases(text: &str) -> Vec<Range<usize>> {
    const SHORTEST: usize = 3;
    let mut found = Vec::new();
    let (mut range, mut row, mut longest) = (0..0, 0, 0);
    let mut end = |range: &mut Range<usize>, longest: &mut usize| {
        if std::mem::take(longest) >= SHORTEST {
            found.push(range.clone());
        }
        *range = 0..0;
    };
    for (at, c) in text.char_indices() {
        if is_fancy(c) {
            range = if range.is_empty() { at } else { range.start }..at + c.len_utf8();
            row += 1;
            longest = longest.max(row);
        } else {
            row = 0;
            if c != ' ' {
                end(&mut range, &mut longest);
            }
        }
    }
    end(&mut range, &mut longest);
    found
}

/// Letters of Unicode's blocks for mathematics and for lists: 𝗔, 𝓐, 𝔸, Ⓐ, 🄰. The signs for blood types are emoji.
fn is_fancy(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f149}')
        || matches!(c, '\u{1f150}'..='\u{1f169}' | '\u{1f172}'..='\u{1f17d}' | '\u{1f180}'..='\u{1f189}')
        // The gaps of the mathematical alphabets were filled before there were any.
        || matches!(c, 'ℬ' | 'ℰ' | 'ℱ' | 'ℋ' | 'ℐ' | 'ℒ' | 'ℳ' | 'ℛ' | 'ℯ' | 'ℊ' | 'ℴ' | 'ℎ' | 'ℭ' | 'ℌ' | 'ℑ' | 'ℜ' | 'ℨ' | 'ℂ' | 'ℍ' | 'ℕ' | 'ℙ' | 'ℚ' | 'ℝ' | 'ℤ')
}

/// The letters behind the signs. Those on a dark ground have none by Unicode's own tables.
fn plain(text: &str) -> String {
    let letter = |c: char, first: char| {
        let nth = u32::from(c) - u32::from(first);
        char::from_u32(u32::from('A') + nth).unwrap_or(c)
    };
    let letters = text.chars().map(|c| match c {
        '\u{1f150}'..='\u{1f169}' => letter(c, '\u{1f150}'),
        '\u{1f170}'..='\u{1f189}' => letter(c, '\u{1f170}'),
        _ => c,
    });
    letters.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        phrases(text).into_iter().map(|range| plain(&text[range])).collect()
    }

    #[test]
    fn words_of_signs() {
        assert_eq!(found("is 𝗵𝗲𝗿𝗲 𝗮𝗻𝗱 𝗳𝗿𝗲𝗲."), ["here and free"]);
        assert_eq!(found("𝓗ℯ𝓁𝓁ℴ, ⓦⓞⓡⓛⓓ 🅷🅴🆈 🄷🄴🅈"), ["Hello", "world HEY HEY"]);
        assert_eq!(found("𝟮𝟬𝟮𝟲"), ["2026"]);
    }

    #[test]
    fn letters_and_formulas() {
        for text in ["𝑥 + 𝑦 = 𝑧", "ℝ², ℕ and ℂ", "🅰️🅱️🆎🅾️", "Ⓐ ⓘ", "ｶﾀｶﾅ ＰＣ", "Привет नमस्ते שלום", "№ ™ ½"]
        {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
