//! `text/doubled-word`: no word stands there twice by mistake.
//!
//! Finds a word that is repeated at once, on the same line or over a line's end, whatever its letters and whether or not
//! one of them is a capital. Looked at are words alone: not numbers, not `#tags` and `@names`, not what a hyphen ties
//! together (Malay *anak-anak*), and nothing with a comma or other signs in between.
//!
//! Many languages double words on purpose. So names and cries with two capitals (*Duran Duran*), three of a word in a row,
//! and words that are often doubled (*had had*, *will will*, *very very*, *nous nous*, *piano piano*) are left alone; so are whole
//! posts in languages that form words by doubling them, and scripts in which such languages are written. `greenlit check --fix`
//! takes the second word away where it is one that nobody doubles on purpose, such as an article.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is the the best time of the year.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! The new release is out for all of
//! of you.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! We had had our doubts that that would work, but Duran Duran said: no, no, no! Room 5 5 is `the the` one. Go go go.
//! May may be too early, and what will will be really really good, ganz ganz sicher.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! language: vi
//! ---
//! Mùa thu lá vàng xanh xanh.
//! ```

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::{Desk, Level, Reading, Rule, Written};
use crate::workspace::{Finding, doubled, suggest};

pub const RULE: Rule = Rule::post(
    &["text/doubled-word"],
    "no word stands there twice by mistake",
    Level::Warning,
    include_str!("doubled_word.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    let language = written.post.languages.first().map(|tag| tag.split('-').next().unwrap_or_default().to_lowercase());
    if language.is_some_and(|language| DOUBLING.contains(&language.as_str())) {
        return;
    }
    for reading in &written.texts {
        for (first, second) in doubled(&reading.words, &reading.text.markdown) {
            let word = reading.words.get(second.clone()).unwrap_or_default();
            let message = format!("the word {} stands there twice", suggest::quote(word));
            let mut finding = written.finding("text/doubled-word", reading, second.clone(), message);
            if doubled::is_never(word)
                && let Some(gone) = removable(written, reading, &first, &second)
            {
                finding = finding.fix(gone, "");
            }
            findings.push(finding.label("once more").help("take one of them away"));
        }
    }
}

/// Languages that make plurals, adverbs and stronger words by writing a word twice.
const DOUBLING: &[&str] = &[
    "vi", "hi", "ur", "bn", "mr", "gu", "pa", "ne", "ta", "te", "kn", "ml", "or", "as", "si", "tr", "az", "kk", "uz",
    "ky", "ko", "fa", "ku", "id", "ms", "jv", "su", "tl", "fil", "th", "km", "lo", "my", "sw", "ha", "yo", "ht", "mg",
    "hy", "ka", "zh", "ja",
];

/// What is doubled on purpose, or meets itself in good sentences, in other languages.
#[rustfmt::skip]
const ON_PURPOSE: &[&str] = &[
    // English
    "that", "had", "will", "may", "can", "very", "really", "so", "too", "much", "many", "never", "ever", "always",
    "now", "more", "far", "long", "big", "super", "pretty", "well", "there", "again", "please", "no", "yes", "yeah", "ok", "okay",
    "hi", "hey", "hello", "bye", "wow", "yay", "boo", "ha", "he", "ho", "la", "na", "blah", "knock", "tick", "beep", "tut", "chop",
    "night", "go", "come", "run", "quick", "hip",
    // German, Dutch, and the North
    "die", "das", "der", "sie", "ihr", "ganz", "sehr", "viel", "immer", "weiter", "bald", "lange", "langsam", "schnell", "ja", "nein",
    "doch", "ze", "dat", "zo", "heel", "erg", "veel", "nee", "nej", "nei", "mycket", "väldigt", "meget", "veldig", "så",
    // The languages from Latin
    "nous", "vous", "oui", "non", "si", "très", "trop", "bien", "vite", "petit", "tout", "beaucoup", "encore", "doucement", "muy",
    "ya", "sí", "casi", "mucho", "poco", "luego", "rápido", "piano", "pian", "via", "così", "molto", "tanto", "sì", "subito", "quasi",
    "bene", "muito", "sim", "não", "bem", "logo", "já", "foarte", "da", "nu",
    // Others
    "bardzo", "tak", "nie", "już", "velmi", "moc", "ano", "ne", "очень", "да", "нет", "дуже", "так", "ні", "nagyon", "igen", "nem",
    "niin", "hyvin", "σιγά", "πολύ", "ναι", "όχι", "לאט", "מאוד", "جدا", "نعم",
];

/// Signs that may stand before a word.
const OPENING: &[char] = &['(', '[', '"', '\'', '“', '„', '«', '‘', '‚', '¿', '¡'];
/// Signs that may stand behind one.
const CLOSING: &[char] = &['.', ',', ';', ':', '!', '?', '…', ')', ']', '"', '\'', '”', '“', '»', '’', '‘', '؟', '،'];

/// The places of words and of their repetitions in a text.
fn doubled(words: &str, markdown: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let place = |token: &str| {
        let start = token.as_ptr() as usize - words.as_ptr() as usize;
        start..start + token.len()
    };
    let tokens: Vec<&str> = words.split_whitespace().collect();
    let mut found: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut repeated = false;
    for pair in tokens.windows(2) {
        let [first, second] = pair else { continue };
        let (first, second) = (first.trim_start_matches(OPENING), second.trim_end_matches(CLOSING));
        let (before, after) = (place(first), place(second));
        let again = std::mem::replace(&mut repeated, same(first, second) && is_gap(markdown, before.end..after.start));
        if repeated && again {
            // A third of them: somebody means it.
            found.pop_if(|(_, last)| *last == before);
        } else if repeated && !is_on_purpose(first, second) {
            found.push((before, after));
        }
    }
    found
}

fn same(first: &str, second: &str) -> bool {
    is_word(first) && is_word(second) && first.to_lowercase() == second.to_lowercase()
}

fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\'' | '’');
    text.starts_with(char::is_alphabetic) && text.chars().all(inside)
}

fn is_on_purpose(first: &str, second: &str) -> bool {
    let name = [first, second].iter().all(|word| word.starts_with(char::is_uppercase));
    name || ON_PURPOSE.contains(&first.to_lowercase().as_str()) || first.chars().any(is_of_doubling_script)
}

/// The scripts of India, of South-East Asia, Hangul, kana and Han, Armenian and Georgian: where a post does not say its
/// language, they do. <https://www.unicode.org/Public/UCD/latest/ucd/Blocks.txt>
fn is_of_doubling_script(c: char) -> bool {
    matches!(c,
        '\u{530}'..='\u{58f}' | '\u{900}'..='\u{eff}' | '\u{1000}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Whether nothing but blanks and at most one line's end stands there, inside of one paragraph.
fn is_gap(markdown: &str, between: Range<usize>) -> bool {
    let (before, gap) = (markdown.get(..between.start).unwrap_or_default(), markdown.get(between).unwrap_or("-"));
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    let heading = line.starts_with('#') && line.trim_start_matches('#').starts_with([' ', '\t']);
    let ends = gap.matches('\n').count();
    gap.trim().is_empty() && ends <= usize::from(!heading)
}

/// The bytes of the file without which the word stands there once.
fn removable(
    written: &Written<'_>,
    reading: &Reading<'_>,
    first: &Range<usize>,
    second: &Range<usize>,
) -> Option<Range<usize>> {
    let markdown = reading.text.markdown.as_str();
    let rest = markdown.get(second.end..)?;
    let next = rest.trim_start_matches([' ', '\t']);
    let over_a_line = markdown.get(first.end..second.start)?.contains('\n');
    // Lines stay lines, as long as no other sign than a letter comes to begin one: it might make a list or a heading.
    let gone = if over_a_line && next.len() < rest.len() && next.starts_with(char::is_alphabetic) {
        second.start..markdown.len() - next.len()
    } else {
        first.end..second.end
    };
    let span = reading.span(gone.clone());
    // Where a variant stood in between, the file has more than the text.
    (written.post.source.text.get(span.clone()) == markdown.get(gone)).then_some(span)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::rules::Deliveries;
    use crate::workspace::fixes::repaired;
    use crate::workspace::memory::MemoryFiles;
    use crate::workspace::{NetworkSpec, Scope, Source, load_post, load_settings};

    const SPEC: NetworkSpec = NetworkSpec { network: "small", required: &["handle"], optional: &[] };
    const FRONT: &str = "---\nto: small/acme\ntitle: the the\n---\n";

    /// What the rule finds in a post with this body.
    fn judged(post: &str) -> Vec<Finding> {
        let toml = "version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"small/acme\"]\nhandle = \"acme\"\n";
        let (settings, files) = (load_settings(toml.as_bytes(), &[SPEC]).0.unwrap(), MemoryFiles::default());
        let scope = Scope { settings: Some(&settings), networks: &[SPEC], files: Some(&files) };
        let Some(post) = load_post("posts/a.md", post.as_bytes(), &scope).post else { return Vec::new() };
        let now = chrono::DateTime::UNIX_EPOCH;
        let said = std::collections::BTreeMap::new();
        let deliveries =
            Deliveries { out: &|_, _| false, needs: &|_, _| None, asked: &|_| false, said: &said, blackouts: &[] };
        let rights = Default::default();
        let (settings, posts, assets) = (&settings, &[&post][..], &files);
        let desk = Desk { settings, roles: None, posts, files: &files, assets, rights: &rights, now, deliveries };
        let mut findings = Vec::new();
        judge(&Written::of(&post), &desk, &mut findings);
        findings
    }

    fn fixed(post: &str) -> Option<String> {
        let source = Arc::new(Source::new("posts/a.md", post));
        repaired(&source, &judged(post).iter().collect::<Vec<_>>()).map(|(text, _)| text)
    }

    proptest! {
        #[test]
        fn fixed_posts_stay_as_they_are(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "the", "The", "of", "und", "über", "это", "# ", "- ", "> ", "`of`", "*of*", "---", ":::", "::: small", "#of", "5",
                ]),
                0..25,
            ),
            gaps in prop::collection::vec(prop::sample::select(vec![" ", " ", "  ", "\n", "\r\n", ", ", ". ", "\n\n", ""]), 25),
        ) {
            let body: String = pieces.iter().zip(&gaps).flat_map(|(piece, gap)| [*piece, *gap]).collect();
            let mut post = format!("{FRONT}{body}");
            let mut rounds = 0;
            while let Some(text) = fixed(&post) {
                prop_assert!(text.len() < post.len() && text.starts_with(FRONT), "{:?} became {:?}", post, text);
                (post, rounds) = (text, rounds + 1);
                prop_assert!(rounds <= 10, "{:?}", post);
            }
            prop_assert!(judged(&post).iter().all(|finding| finding.fix.is_none() || rounds == 10));
        }
    }

    #[test]
    fn the_second_goes_and_lines_stay() {
        for (body, after) in [
            ("the the end", "the end"),
            ("the\nthe end", "the\nend"),
            ("the\nthe - end", "the - end"),
            ("the\nthe.", "the."),
            ("the\r\nthe end", "the\r\nend"),
            ("> the the end", "> the end"),
        ] {
            assert_eq!(fixed(&format!("{FRONT}{body}\n")), Some(format!("{FRONT}{after}\n")), "{body}");
        }
        assert_eq!(fixed(&format!("{FRONT}for days days\n")), None, "somebody may mean it");
        let apart = format!("{FRONT}the\n::: small\nx\n:::\nthe\n");
        assert_eq!(fixed(&apart), None, "between them stands another text");
    }

    fn found(text: &str) -> Vec<&str> {
        doubled(text, text).into_iter().map(|(_, second)| &text[second]).collect()
    }

    #[test]
    fn words_of_any_script_are_found_and_what_is_meant_is_not() {
        for (text, words) in [
            ("The the end", &["the"][..]),
            ("in the The end", &["The"]),
            ("der Baum und und der Strauch", &["und"]),
            ("“это это”, don’t don’t.", &["это", "don’t"]),
            ("über\nüber uns", &["über"]),
            ("the the of of", &["the", "of"]),
            ("that that had had No no", &[]),
            ("will will, May may really really ganz ganz sehr sehr oui oui", &[]),
            ("5 5, anak-anak anak-anak, #go #go, @al @al, the, the", &[]),
            ("Duran Duran plays", &[]),
            ("row row row", &[]),
            ("one\n\none", &[]),
            ("# Autumn\nautumn is here", &[]),
            ("आप धीरे धीरे चलें, 빨리 빨리", &[]),
        ] {
            assert_eq!(found(text), words, "{text}");
        }
    }
}
