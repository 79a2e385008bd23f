//! Where one sentence ends and the next begins.

use std::ops::Range;

use super::prose::GAP;

/// Words with a full stop behind them that never end a sentence.
const NEVER_LAST: [&str; 60] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "messrs", "gen", "col", "sgt", "capt", "lt", "rev", "hon", "gov",
    "sen", "rep", "vs", "cf", "e.g", "i.e", "viz", "approx", "fig", "figs", "vol", "pp", "al", "z.b", "d.h", "u.a",
    "bzw", "ca", "nr", "evtl", "ggf", "inkl", "zzgl", "vgl", "hr", "fr", "str", "sog", "m.e", "p.ex", "mme", "mlle",
    "sra", "srta", "ud", "uds", "p.ej", "núm", "pág", "т.е", "т.д", "г", "ул", "им",
];

/// Words with a full stop behind them that may end one: they do where a capital follows.
const MAYBE_LAST: [&str; 22] = [
    "etc", "inc", "ltd", "co", "corp", "jr", "sr", "no", "a.m", "p.m", "u.s", "u.k", "e.u", "usw", "jan", "feb", "aug",
    "sept", "oct", "nov", "dec", "dept",
];

/// The sentences of the stretch `block` of a text, without the white space between them.
///
/// A sentence ends behind `.`, `!`, `?`, their sisters in other scripts, and the quotes and brackets that close behind
/// them; not behind abbreviations, initials and the points of numbers. A line that ends without any of them ends a
/// sentence too, unless the next one goes on in small letters: in a post, people see the line end.
pub fn split(text: &str, block: Range<usize>) -> Vec<Range<usize>> {
    let Some(words) = text.get(block.clone()) else { return Vec::new() };
    walk(words, block.start).0
}

/// The sentences, and how many stops and signs behind them were looked at on the way.
fn walk(words: &str, block: usize) -> (Vec<Range<usize>>, usize) {
    let mut sentences = Vec::new();
    let (mut start, mut at, mut looked) = (0, 0, 0);
    let mut run = Run::default();
    while let Some(c) = words.get(at..).and_then(|rest| rest.chars().next()) {
        let end = at + c.len_utf8();
        let next = if is_stop(c) || c == ';' && greek_before(words, at) {
            if at >= run.stops {
                run = Run::at(words, at, end);
                looked += run.end - at;
            }
            run.ends(words, at, c).then_some(run.end)
        } else if c == '\n' {
            line_ends(words, end).then_some(end)
        } else {
            None
        };
        if let Some(next) = next {
            push(&mut sentences, words, start..next, block);
            start = next;
        }
        at = next.unwrap_or(end);
    }
    push(&mut sentences, words, start..words.len(), block);
    (sentences, looked)
}

fn push(sentences: &mut Vec<Range<usize>>, words: &str, range: Range<usize>, block: usize) {
    let sentence = words.get(range.clone()).unwrap_or_default();
    let blank = sentence.len() - sentence.trim_start().len();
    let start = range.start + blank;
    let sentence = start..start + sentence.trim().len();
    if !sentence.is_empty() {
        sentences.push(block + sentence.start..block + sentence.end);
    }
}

/// Whether a sign may end a sentence.
pub fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || always(c)
}

/// Stops that mean nothing else.
fn always(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '．' | '｡' | '؟' | '۔' | '।' | '॥' | '։' | '\u{37e}' | '።' | '⸮')
}

/// In Greek, `;` asks.
fn greek_before(words: &str, at: usize) -> bool {
    let before = words.get(..at).and_then(|before| before.chars().next_back());
    before.is_some_and(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'))
}

/// Stops in a row, and the quotes and brackets that close behind them: looked at once for all of them.
#[derive(Default)]
struct Run {
    /// The byte after the last stop.
    stops: usize,
    /// The byte after what closes.
    end: usize,
    /// The byte after the last stop that means nothing else.
    always: usize,
}

impl Run {
    /// The run that begins with the stop at a place, which has `after` behind it.
    fn at(words: &str, at: usize, after: usize) -> Self {
        let rest = words.get(after..).unwrap_or_default();
        let rest = rest.trim_start_matches(is_stop);
        let stops = words.len() - rest.len();
        let rest =
            rest.trim_start_matches(['"', '\'', '”', '’', '»', '«', '“', ')', ']', '」', '』', '）', '】', '》', '〉']);
        let last = words.get(at..stops).and_then(|stops| stops.rfind(always));
        Self { stops, end: words.len() - rest.len(), always: last.map_or(0, |last| at + last + 1) }
    }

    /// Whether the stop `c` of the run, at a place, ends a sentence.
    fn ends(&self, words: &str, at: usize, c: char) -> bool {
        let rest = words.get(self.end..).unwrap_or_default();
        if rest.is_empty() || at < self.always {
            return true;
        }
        if !rest.starts_with(|c: char| c.is_whitespace() || c == GAP) {
            return false;
        }
        ends(words, at, c, self.end)
    }
}

/// Whether the stop `c` at a place, with a blank behind `end`, ends a sentence.
fn ends(words: &str, at: usize, c: char, end: usize) -> bool {
    let rest = words.get(end..).unwrap_or_default();
    let follows = rest.trim_start().trim_start_matches(['"', '\'', '“', '„', '«', '‘', '(', '[', '¿', '¡', '—', '–']);
    let small = follows.starts_with(char::is_lowercase);
    if small {
        return false;
    }
    // More than one stop, and stops other than the point, end no abbreviation.
    if c != '.' || words.get(at..end).is_some_and(|stops| stops.len() > 1 && stops.starts_with("..")) {
        return true;
    }
    let before = words.get(..at).unwrap_or_default();
    let word = before
        .rsplit(|c: char| {
            c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '„' | '«' | '‘' | '—' | '–' | '/' | GAP)
        })
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    let starts_upper = follows.starts_with(char::is_uppercase);
    if NEVER_LAST.contains(&lower.as_str()) || MAYBE_LAST.contains(&lower.as_str()) && !starts_upper {
        return false;
    }
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        // `J. R. R. Tolkien`, but not `So do I.`
        (Some(letter), None) if letter.is_uppercase() => letter == 'I',
        // `1. First`: a number at the very beginning counts something.
        (Some(digit), _) if digit.is_numeric() && word.chars().all(char::is_numeric) => before.trim() != word,
        _ => true,
    }
}

/// Whether a line's end, with the next line from `next` on, ends a sentence.
fn line_ends(words: &str, next: usize) -> bool {
    let follows = words.get(next..).unwrap_or_default();
    let follows = follows.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
    // Of several line ends the last one tells.
    follows.starts_with(|c: char| c != '\n' && !c.is_alphanumeric() && c != GAP || c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(text: &str) -> Vec<&str> {
        split(text, 0..text.len()).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn stops_end_sentences_and_points_do_not() {
        for (text, expected) in [
            ("One. Two! Three? Four", vec!["One.", "Two!", "Three?", "Four"]),
            (
                "Dr. Ada met Mr. Li, e.g. at Acme Inc. in Ohio. Good.",
                vec!["Dr. Ada met Mr. Li, e.g. at Acme Inc. in Ohio.", "Good."],
            ),
            ("It costs 3.50 at J. R. Acme. So do I. Yes", vec!["It costs 3.50 at J. R. Acme.", "So do I.", "Yes"]),
            ("Well... maybe. Well... No. Well… Yes", vec!["Well... maybe.", "Well...", "No.", "Well…", "Yes"]),
            ("“Really?” she said. (It was.) Fine.", vec!["“Really?” she said.", "(It was.)", "Fine."]),
            ("We ship at 9 a.m. Monday. Yahoo! is here.", vec!["We ship at 9 a.m.", "Monday.", "Yahoo! is here."]),
            ("See acme.example/x. Version 2.0 is out.", vec!["See acme.example/x.", "Version 2.0 is out."]),
            ("1. First we go. Then we stop.", vec!["1. First we go.", "Then we stop."]),
            ("In 2024. We won.", vec!["In 2024.", "We won."]),
            ("", vec![]),
            (" \n ", vec![]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_of_many_scripts() {
        for (text, expected) in [
            ("秋です。「本当？」はい！次", vec!["秋です。", "「本当？」", "はい！", "次"]),
            ("Осень пришла. Т.е. скоро зима.", vec!["Осень пришла.", "Т.е. скоро зима."]),
            ("Τι είναι; Καλό.", vec!["Τι είναι;", "Καλό."]),
            ("ما هذا؟ هذا جيد.", vec!["ما هذا؟", "هذا جيد."]),
            ("यह अच्छा है। हाँ।", vec!["यह अच्छा है।", "हाँ।"]),
            ("Das ist z.B. Mai. Gut.", vec!["Das ist z.B. Mai.", "Gut."]),
            ("¿Qué tal? ¡Bien!", vec!["¿Qué tal?", "¡Bien!"]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_a_post_end_sentences() {
        assert_eq!(sentences("What is new\n✅ Fast\n✅ Small"), ["What is new", "✅ Fast", "✅ Small"]);
        assert_eq!(sentences("a long line\nthat goes on\n2 times"), ["a long line\nthat goes on\n2 times"]);
    }

    #[test]
    fn a_run_of_stops_is_looked_at_once() {
        for text in [format!("{}a", ".".repeat(5000)), format!("{} a", ".".repeat(5000)), ".\".a".repeat(2000)] {
            let looked = walk(&text, 0).1;
            assert!(looked <= text.len(), "{looked} of {}", text.len());
        }
    }

    proptest! {
        #[test]
        fn sentences_lie_in_the_text_in_order(text in "([a-zA-Z.!?…。 \n\"é;۔Ωя1\u{1a}]|Dr|e\\.g){0,60}") {
            let mut end = 0;
            for sentence in split(&text, 0..text.len()) {
                prop_assert!(sentence.start >= end && !text[sentence.clone()].trim().is_empty());
                end = sentence.end;
            }
        }
    }
}
