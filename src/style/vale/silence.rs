//! `<!-- vale off -->`: stretches of a text in which rules are silent.

use std::ops::Range;

/// A stretch in which one rule is silent, or all are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence<'a> {
    /// The rule; `None`: all of them.
    pub rule: Option<&'a str>,
    /// Its place in the Markdown.
    pub range: Range<usize>,
}

/// The stretches of a text: from `vale off` to `vale on`, and from `vale Google.We = NO` to `vale Google.We = YES`.
pub fn read(markdown: &str) -> Vec<Silence<'_>> {
    let mut found: Vec<Silence<'_>> = Vec::new();
    let mut at = 0;
    while let Some((start, inside)) = comment(markdown, at) {
        at = start + inside.len();
        let Some(said) = inside.trim().strip_prefix("vale ").map(str::trim) else { continue };
        let (rule, off) = match said.split_once('=').map(|(rule, value)| (rule.trim(), value.trim())) {
            Some((rule, "NO")) => (Some(rule), true),
            Some((rule, "YES")) => (Some(rule), false),
            None if said == "off" => (None, true),
            None if said == "on" => (None, false),
            _ => continue,
        };
        let open = found.iter_mut().rev().find(|one| one.rule == rule && one.range.end == markdown.len());
        match (open, off) {
            (None, true) => found.push(Silence { rule, range: start..markdown.len() }),
            (Some(open), false) => open.range.end = start,
            _ => {}
        }
    }
    found
}

/// What the next comment says, and where.
fn comment(markdown: &str, at: usize) -> Option<(usize, &str)> {
    let rest = markdown.get(at..)?;
    let start = at + rest.find("<!--")? + "<!--".len();
    let inside = markdown.get(start..)?;
    Some((start, inside.get(..inside.find("-->")?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_begin_and_end_where_comments_say() {
        let text = "a <!-- vale off -->b<!--vale on--> c <!-- vale A.B = NO -->d<!-- vale A.B = YES -->e <!-- vale off --> f <!-- x -->";
        let found: Vec<_> = read(text).into_iter().map(|one| (one.rule, &text[one.range])).collect();
        assert_eq!(
            found,
            [
                (None, " vale off -->b<!--"),
                (Some("A.B"), " vale A.B = NO -->d<!--"),
                (None, " vale off --> f <!-- x -->"),
            ]
        );
        assert_eq!(read("<!-- vale off"), []);
    }
}
