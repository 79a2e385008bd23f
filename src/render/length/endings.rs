//! The endings of domains: `com`, `de`, `рф`.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::letters;

struct Endings {
    generic: HashSet<&'static str>,
    country: HashSet<&'static str>,
    /// Characters of the longest one.
    longest: usize,
}

static ENDINGS: LazyLock<Endings> = LazyLock::new(|| {
    let (generic, country) = LISTS.split_once("[country]").unwrap_or((LISTS, ""));
    let listed = |list: &'static str| list.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    let longest = listed(LISTS).map(|line| line.chars().count()).max().unwrap_or_default();
    Endings { generic: listed(generic).collect(), country: listed(country).collect(), longest }
});

const LISTS: &str = include_str!("endings.txt");

/// The length of the ending with which a text begins, in UTF-16 code units; `None` where it begins with none.
///
/// Of generic endings the longest counts, then of countries', and any that is written in punycode. Behind one of the lists'
/// there is no ASCII letter or digit and no sign that would make a name of it.
pub fn ending(text: &[u16]) -> Option<usize> {
    let start = text.iter().take(ENDINGS.longest).map_while(|unit| char::from_u32((*unit).into()));
    let start: String = start.take_while(|c| *c != '.').map(letters::folded).collect();
    // Where each character of it ends: none takes two code units.
    let ends: Vec<usize> = start.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let stands_alone = |length: usize| text.get(length).is_none_or(|unit| !letters::goes_on(*unit));
    let longest = |list: &HashSet<&str>| {
        let mut beginnings =
            ends.iter().enumerate().rev().map(|(n, end)| (n + 1, start.get(..*end).unwrap_or_default()));
        let listed = beginnings.find(|(length, ending)| stands_alone(*length) && list.contains(ending));
        listed.map(|(length, _)| length)
    };
    longest(&ENDINGS.generic).or_else(|| longest(&ENDINGS.country)).or_else(|| punycode(text))
}

fn punycode(text: &[u16]) -> Option<usize> {
    let prefix = letters::begins(text, "xn--").then_some("xn--".len())?;
    let name = text.iter().skip(prefix).take_while(|unit| letters::is_ascii_name(**unit)).count();
    (name > 0).then_some(prefix + name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<usize> {
        ending(&text.encode_utf16().collect::<Vec<u16>>())
    }

    #[test]
    fn the_longest_ending_counts() {
        assert_eq!(of("com"), Some(3));
        assert_eq!(of("CoMmunity/x"), Some(9));
        assert_eq!(of("comm"), None);
        assert_eq!(of("co.jp"), Some(2));
        assert_eq!(of("comです"), Some(3));
        assert_eq!(of("みんなです"), Some(3));
        assert_eq!(of("РФ"), Some(2));
        assert_eq!(of("xn--P1ai-x/"), Some(10));
        for none in ["", "x", "com@", "com+", "com-x", "com9", "xn--", "😀", "\u{212a}y"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
