//! `greenlit new`

use unicode_normalization::UnicodeNormalization;

/// A post's name made from its title: small letters and digits of every script, `-` for all between; may be empty.
pub fn slug(title: &str) -> String {
    let letter = |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let lower: String = title.nfc().collect::<String>().to_lowercase();
    let words = lower.nfc().collect::<String>();
    let words = words.split(|c: char| !letter(c)).map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        let gap = usize::from(!slug.is_empty());
        if slug.len() + gap + word.len() > LONGEST {
            if slug.is_empty() {
                slug.extend(word.chars().scan(0, |length, c| {
                    *length += c.len_utf8();
                    (*length <= LONGEST).then_some(c)
                }));
            }
            break;
        }
        if gap == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}

/// Bytes; leaves room for `-2` in a post's name.
const LONGEST: usize = 80;
