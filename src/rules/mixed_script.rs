//! `text/mixed-script`: no word has letters of another script that only look like its own.
//!
//! “Acmе” with a Cyrillic “е” reads like “Acme”, but nobody finds it by searching, hashtags lead elsewhere, and screen
//! readers stumble. Found are words of Latin letters with Cyrillic or Greek ones among them that look Latin, and the other
//! way round. Words wholly of one script, `kΩ`, `Δt`, `PDFы`, Latin beside Japanese, and code are left alone.
//! `greenlit check --fix` types the letters of the word's own script.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Ask Acmе anything.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Спросите Acme: Δt, 10 kΩ, Acmeを使う, αβγ.
//! ```

use super::scripts::{Script, latin_twin, script, twin_in};
use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["text/mixed-script"],
    "no word has letters of another script that only look like its own",
    Level::Warning,
    include_str!("mixed_script.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    strangers(written, findings);
}

/// Words of a post with letters that look like another script's.
pub(super) fn strangers(written: &Written<'_>, findings: &mut Vec<Finding>) {
    for reading in &written.texts {
        let text = reading.words.as_str();
        for word in mixed(text) {
            let range = place(text, word);
            let Some((other, repaired)) = seen_through(word) else { continue };
            let name = match script(other) {
                Some(Script::Cyrillic) => "Cyrillic",
                Some(Script::Greek) => "Greek",
                _ => "Latin",
            };
            let message =
                format!("{} has the {name} letter {other} (U+{:04X})", suggest::quote(word), u32::from(other));
            let span = reading.span(range.clone());
            let finding =
                written.finding("text/mixed-script", reading, range, message).label("looks like another letter");
            findings.push(finding.help(format!("write {}", suggest::quote(&repaired))).fix(span, repaired));
        }
    }
}

/// The words of a text that have letters of several scripts, but those in addresses.
pub(super) fn mixed(text: &str) -> impl Iterator<Item = &str> {
    let all = if text.is_ascii() { "" } else { text };
    let chunks = all.split(char::is_whitespace).filter(|chunk| !chunk.is_ascii() && !chunk.contains("://"));
    let words = chunks.flat_map(|chunk| chunk.split(|c: char| !c.is_alphabetic()));
    words.filter(|word| {
        let mut scripts = word.chars().filter_map(script);
        scripts.next().is_some_and(|first| scripts.any(|other| other != first))
    })
}

fn place(text: &str, part: &str) -> std::ops::Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// The first foreign letter of a word, and the word as it looks, if all of its foreign letters look like its own.
fn seen_through(word: &str) -> Option<(char, String)> {
    let count = |wanted: Script| word.chars().filter(|c| script(*c) == Some(wanted)).count();
    let (latin, cyrillic, greek) = (count(Script::Latin), count(Script::Cyrillic), count(Script::Greek));
    if latin == 0 || (cyrillic > 0 && greek > 0) || latin + cyrillic + greek < 3 || is_inflected(word) {
        return None;
    }
    let foreign = if cyrillic > 0 { Script::Cyrillic } else { Script::Greek };
    let own = if latin >= cyrillic + greek { Script::Latin } else { foreign };
    let mut first = None;
    let mut repaired = String::with_capacity(word.len());
    for c in word.chars() {
        match script(c) {
            Some(other) if other != own => {
                first = first.or(Some(c));
                repaired.push(if own == Script::Latin { latin_twin(c)? } else { twin_in(own, c)? });
            }
            _ => repaired.push(c),
        }
    }
    Some((first?, repaired))
}

/// `VIPа`: an abbreviation with a Cyrillic or Greek ending.
fn is_inflected(word: &str) -> bool {
    let ending = word.trim_start_matches(|c: char| script(c) == Some(Script::Latin) && c.is_uppercase());
    ending.len() < word.len() && ending.chars().all(|c| c.is_lowercase() && script(c) != Some(Script::Latin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> Vec<String> {
        mixed(text).filter_map(seen_through).map(|(_, word)| word).collect()
    }

    #[test]
    fn letters_that_only_look_like_others() {
        assert_eq!(repaired("Ask Acm\u{435} or P\u{430}yp\u{430}l"), ["Acme", "Paypal"]);
        assert_eq!(repaired("При\u{63}оединяйтесь"), ["Присоединяйтесь"]);
        assert_eq!(repaired("G\u{3bf}\u{3bf}gle, καλ\u{6f}ς"), ["Google", "καλος"]);
        assert_eq!(repaired("#\u{41d}ello_world"), ["Hello"]);
    }

    #[test]
    fn honest_words_of_many_scripts() {
        for text in [
            "Straße Ærø Łódź Việt naïve ǅ",
            "Привет, мир. Їжак, Џеп, Қазақстан",
            "Καλημέρα κόσμε",
            "Δt 10 kΩ 5 µm πr λx α-Helix βTest",
            "PDFы ITшник SMMщик VIPа VIPом iPhone'ом USB-кабель",
            "Acmeを使う 発売 카카오Talk 微信WeChat",
            "ДОБРО пожаLOVEать",
            "https://аpple.example/x",
            "नमस्ते שלום مرحبا ไทย",
        ] {
            assert_eq!(repaired(text), Vec::<String>::new(), "{text}");
        }
    }
}
