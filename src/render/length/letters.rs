//! Which characters links on X are made of.
//!
//! The classes are those of `js/src/regexp` in <https://github.com/twitter/twitter-text> (version 3.1.0, checked
//! 2026-11-28), which sees UTF-16 code units: half of a pair of surrogates is a character like any other.

use std::ops::RangeInclusive;

/// The letters of Latin scripts with accents, and the marks that put accents on letters.
const ACCENTED: [RangeInclusive<char>; 17] = [
    '\u{c0}'..='\u{d6}',
    '\u{d8}'..='\u{f6}',
    '\u{f8}'..='\u{ff}',
    '\u{100}'..='\u{24f}',
    '\u{253}'..='\u{254}',
    '\u{256}'..='\u{257}',
    '\u{259}'..='\u{259}',
    '\u{25b}'..='\u{25b}',
    '\u{263}'..='\u{263}',
    '\u{268}'..='\u{268}',
    '\u{26f}'..='\u{26f}',
    '\u{272}'..='\u{272}',
    '\u{289}'..='\u{289}',
    '\u{28b}'..='\u{28b}',
    '\u{2bb}'..='\u{2bb}',
    '\u{300}'..='\u{36f}',
    '\u{1e00}'..='\u{1eff}',
];

const CYRILLIC: [RangeInclusive<char>; 1] = ['\u{400}'..='\u{4ff}'];

/// What may stand in a domain's name: all but punctuation, white space, and signs that direct text.
pub fn is_domain(unit: u16) -> bool {
    match char::from_u32(unit.into()) {
        // Half of a pair.
        None => true,
        Some(c) => !is_punctuation(c) && !is_space(c) && !is_direction(c) && !is_refused(c),
    }
}

/// What may stand in a label of a domain, but not all of it at its beginning and end.
pub fn is_label(unit: u16) -> bool {
    is_domain(unit) || is_one_of(unit, "-_")
}

/// What a domain without a scheme is made of.
pub fn is_plain_label(unit: u16) -> bool {
    is_ascii_name(unit) || is_in(unit, &ACCENTED)
}

/// ASCII letters, digits and the hyphen.
pub fn is_ascii_name(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || is_one_of(unit, "-")
}

/// What a path is made of, beside parentheses.
pub fn is_path(unit: u16) -> bool {
    is_letter(unit) || is_one_of(unit, "!*';:=+,.$/%#[]-_~@|&\u{2013}")
}

/// What a path may end with, beside parentheses.
pub fn ends_path(unit: u16) -> bool {
    is_letter(unit) || is_one_of(unit, "+-=_#/")
}

/// What a query is made of.
pub fn is_query(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || is_one_of(unit, "!?*'@();:&=+$/%#[]-_.,~|")
}

/// What a query may end with.
pub fn ends_query(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || is_one_of(unit, "-_&=#/")
}

/// What a link may follow.
pub fn precedes(unit: u16) -> bool {
    let named = is_ascii_alphanumeric(unit) || is_one_of(unit, "@＠$#＃");
    !named && !char::from_u32(unit.into()).is_some_and(is_refused)
}

/// What a link without a scheme may not follow.
pub fn joins(unit: u16) -> bool {
    is_one_of(unit, "-_./")
}

/// What an ending of a domain may not be followed by.
pub fn goes_on(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || is_one_of(unit, "@+-")
}

/// Characters that X takes in no post: the byte order mark, and two that are none.
pub fn is_refused(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{feff}' | '\u{ffff}')
}

/// Whether a text begins with these small ASCII letters and signs, in any case.
pub fn begins(text: &[u16], with: &str) -> bool {
    let mut units = text.iter();
    with.bytes().all(|byte| units.next().is_some_and(|unit| lower(*unit) == u16::from(byte)))
}

/// A letter in the one case in which letters are compared.
pub fn folded(c: char) -> char {
    small(capital(c))
}

pub fn is_ascii_digit(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_digit())
}

pub fn is_ascii_alphanumeric(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric())
}

fn lower(unit: u16) -> u16 {
    u8::try_from(unit).map_or(unit, |byte| byte.to_ascii_lowercase().into())
}

pub fn is_one_of(unit: u16, signs: &str) -> bool {
    signs.chars().any(|sign| u32::from(sign) == u32::from(unit))
}

fn is_letter(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || is_in(unit, &CYRILLIC) || is_in(unit, &ACCENTED)
}

/// Whether a character is in one of the ranges in either case. U+0345 is among the marks and has iota as its capital, so
/// iota counts as one: twitter-text compares as regular expressions do.
fn is_in(unit: u16, ranges: &[RangeInclusive<char>]) -> bool {
    let Some(c) = char::from_u32(unit.into()) else { return false };
    let has = |c: char| ranges.iter().any(|range| range.contains(&c));
    let capital = capital(c);
    has(c) || has(capital) || has(small(c)) || (capital == '\u{399}' && has('\u{345}'))
}

/// The capital of a letter, where that is one character; never an ASCII one of what is none.
fn capital(c: char) -> char {
    alone(c, c.to_uppercase())
}

fn small(c: char) -> char {
    alone(c, c.to_lowercase())
}

fn alone(c: char, mut other: impl Iterator<Item = char>) -> char {
    match (other.next(), other.next()) {
        (Some(other), None) if c.is_ascii() || !other.is_ascii() => other,
        _ => c,
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '"' | '`')
}

fn is_space(c: char) -> bool {
    matches!(c, '\u{9}'..='\u{d}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200a}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
