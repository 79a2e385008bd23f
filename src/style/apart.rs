//! What in a text is nobody's to respell: addresses without `https://`, and what somebody else says.

use std::ops::Range;

use super::prose::GAP;

/// Signs that stand around an address, or between it and other words.
const EDGES: [char; 20] =
    ['"', '\'', '“', '”', '„', '«', '»', '‘', '’', '(', ')', '[', ']', '{', '}', '<', '>', ',', ';', GAP];
/// Signs at its end that are the sentence's.
const STOPS: [char; 6] = ['.', ':', '!', '?', '…', '/'];

/// The addresses that are written without a scheme, in order: `acme.example/shop`, `www.acme.example`, `ana@acme.example`,
/// `docs/guide.md`.
pub fn addresses(text: &str) -> Vec<Range<usize>> {
    if !text.contains('.') {
        return Vec::new();
    }
    let tokens = text.split(|c: char| c.is_whitespace() || EDGES.contains(&c));
    tokens
        .filter_map(|token| {
            let bare = token.trim_end_matches(STOPS);
            let start = token.as_ptr() as usize - text.as_ptr() as usize;
            is_address(bare).then(|| start..start + bare.len())
        })
        .collect()
}

fn is_address(token: &str) -> bool {
    if !token.contains('.') {
        return false;
    }
    let begins = |sign: &str| token.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign));
    let before_path = token.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = before_path.rsplit('@').next().unwrap_or_default();
    let file = token.rsplit_once('/').map(|(_, file)| file);
    begins("www.") || is_dotted(host) || file.is_some_and(is_dotted)
}

/// Whether it is names with points between them, of which the last is one of letters. With a capital behind a point it is
/// two sentences that nobody put a blank between.
fn is_dotted(host: &str) -> bool {
    let mut names = host.split('.');
    let first = names.next().unwrap_or_default();
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let small = |name: &str| !name.is_empty() && name.chars().all(|c| inside(c) && !c.is_uppercase());
    let last = host.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
    !first.is_empty()
        && first.chars().all(inside)
        && names.all(small)
        && last.chars().nth(1).is_some()
        && last.chars().all(char::is_alphabetic)
}

/// The stretches of a block that stand in quotation marks, in order.
pub fn quotations(text: &str, block: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &[char])> = None;
    for (at, c) in text.get(block.clone()).unwrap_or_default().char_indices() {
        match open {
            Some((start, closing)) if closing.contains(&c) => {
                found.push(block.start + start..block.start + at);
                open = None;
            }
            Some(_) => {}
            None => open = closing(c).map(|closing| (at, closing)),
        }
    }
    found
}

/// What closes a quotation that a sign opens, in any of the languages that write it so.
fn closing(c: char) -> Option<&'static [char]> {
    Some(match c {
        '"' => &['"'],
        '“' => &['”', '“'],
        '”' => &['”'],
        '„' => &['“', '”'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '‹' => &['›'],
        '「' => &['」'],
        '『' => &['』'],
        '《' => &['》'],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_a_scheme() {
        let found = |text| addresses(text).into_iter().map(|range| &text[range]).collect::<Vec<&str>>();
        assert_eq!(
            found(
                "See cloud.example/a?b=1. “www.Cloud.Example”, ana@cloud.example; docs/cloud.md (node.js), cloud.example/"
            ),
            [
                "cloud.example/a?b=1",
                "www.Cloud.Example",
                "ana@cloud.example",
                "docs/cloud.md",
                "node.js",
                "cloud.example"
            ]
        );
        assert_eq!(found("e.g. z.B. 3.50 U.S. Done.Now and/or v1.2 ... a…b 9 a.m."), Vec::<&str>::new());
    }

    #[test]
    fn what_somebody_else_says() {
        let text = "He said \"yes it is\" and „nein“, « oui », “no”. It's 5\" wide";
        let found: Vec<&str> = quotations(text, &(0..text.len())).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["\"yes it is", "„nein", "« oui ", "“no"]);
    }
}
