//! Letters of one script that look like those of another.
//!
//! The twins are those pairs of Unicode's confusables.txt (UTS #39, <https://www.unicode.org/Public/security/latest/>,
//! checked 2026-11-28) between Latin and Cyrillic or Greek which the usual fonts draw alike.

/// The scripts whose letters are taken for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
}

/// The script of a letter, where it is one of the three. Signs such as `µ` and `Ω` (ohm) have none.
pub(super) fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            Some(Script::Latin)
        }
        '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' => Some(Script::Cyrillic),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' if c.is_alphabetic() => Some(Script::Greek),
        _ => None,
    }
}

/// The Latin letter that a Cyrillic or Greek one looks like.
pub(super) fn latin_twin(c: char) -> Option<char> {
    TWINS.iter().find(|(other, _)| *other == c).map(|(_, latin)| *latin)
}

/// The letter of a script that looks like a Latin one.
pub(super) fn twin_in(script: Script, latin: char) -> Option<char> {
    let of = |(other, twin): &&(char, char)| *twin == latin && self::script(*other) == Some(script);
    TWINS.iter().find(of).map(|(other, _)| *other)
}

#[rustfmt::skip]
const TWINS: [(char, char); 50] = [
    ('а', 'a'), ('е', 'e'), ('о', 'o'), ('р', 'p'), ('с', 'c'), ('у', 'y'), ('х', 'x'), ('і', 'i'), ('ј', 'j'), ('ѕ', 's'),
    ('һ', 'h'), ('ԁ', 'd'), ('ԛ', 'q'), ('ԝ', 'w'), ('ӏ', 'l'),
    ('А', 'A'), ('В', 'B'), ('Е', 'E'), ('К', 'K'), ('М', 'M'), ('Н', 'H'), ('О', 'O'), ('Р', 'P'), ('С', 'C'), ('Т', 'T'),
    ('У', 'Y'), ('Х', 'X'), ('І', 'I'), ('Ј', 'J'), ('Ѕ', 'S'),
    ('ο', 'o'), ('ν', 'v'), ('ρ', 'p'), ('υ', 'u'), ('α', 'a'), ('ι', 'i'),
    ('Α', 'A'), ('Β', 'B'), ('Ε', 'E'), ('Ζ', 'Z'), ('Η', 'H'), ('Ι', 'I'), ('Κ', 'K'), ('Μ', 'M'), ('Ν', 'N'), ('Ο', 'O'),
    ('Ρ', 'P'), ('Τ', 'T'), ('Υ', 'Y'), ('Χ', 'X'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_of_two_scripts() {
        for (other, latin) in TWINS {
            assert_eq!(script(latin), Some(Script::Latin), "{latin}");
            assert!(matches!(script(other), Some(Script::Cyrillic | Script::Greek)), "{other}");
            assert_eq!(latin_twin(other), Some(latin));
            assert_eq!(twin_in(script(other).unwrap(), latin), Some(other));
        }
        assert_eq!(
            [script('µ'), script('\u{2126}'), script('д'), script('発'), script('1')],
            [None, None, Some(Script::Cyrillic), None, None]
        );
    }
}
