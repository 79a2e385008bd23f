//! How X counts: a weight for each character, one for each emoji, one for each link.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::links::links;
use super::{emoji, letters};

/// The length of a text as X counts it, where each link counts `url`.
///
/// By `config/v3.json` and `js/src/parseTweet.js` in <https://github.com/twitter/twitter-text> (version 3.1.0, checked
/// 2026-11-28): letters of most alphabets count 1, all else 2, also an emoji of many code points; the text is in its
/// composed form (NFC).
pub fn weighted(text: &str, url: usize) -> usize {
    let composed: String = text.nfc().collect();
    let units: Vec<u16> = composed.encode_utf16().collect();
    let links = links(&units);
    let emoji: BTreeMap<usize, usize> =
        emoji::sequences(&composed).into_iter().map(|range| (range.start, range.len())).collect();
    let (mut length, mut at) = (0, 0);
    while let Some(unit) = units.get(at) {
        let (weight, stands_for) = if let Some(units) = links.get(&at) {
            (url, *units)
        } else if let Some(units) = emoji.get(&at) {
            (HEAVY, *units)
        } else {
            let pair = is_high(*unit) && units.get(at + 1).copied().is_some_and(is_low);
            (weight(*unit), if pair { 2 } else { 1 })
        };
        length += weight;
        // No link and no emoji stands for nothing, or there would be no end.
        at += stands_for.max(1);
    }
    length
}

/// How many links X finds in a text.
pub fn count_links(text: &str) -> usize {
    let composed: String = text.nfc().collect();
    links(&composed.encode_utf16().collect::<Vec<u16>>()).len()
}

/// The first character of a text that X refuses, wherever it stands.
pub fn refused(text: &str) -> Option<char> {
    text.chars().find(|c| letters::is_refused(*c))
}

const HEAVY: usize = 2;

fn weight(unit: u16) -> usize {
    match unit {
        0..=0x10ff | 0x2000..=0x200d | 0x2010..=0x201f | 0x2032..=0x2037 => 1,
        _ => HEAVY,
    }
}

fn is_high(unit: u16) -> bool {
    (0xd800..=0xdbff).contains(&unit)
}

fn is_low(unit: u16) -> bool {
    (0xdc00..=0xdfff).contains(&unit)
}
