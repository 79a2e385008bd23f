//! A file's text once its findings are repaired.

use std::ops::Range;

use super::finding::{Finding, Fix};
use super::source::Source;

/// One or several lines that were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose fixes these are, each once: [`Finding::id`].
    pub by: Vec<String>,
    /// The first of the lines, as they were.
    pub line: usize,
    /// The lines before, without the last one's end.
    pub before: String,
    /// The same after; fewer or more where fixes took line ends or brought some.
    pub after: String,
}

/// The text of a file with the fixes of these findings, all of it, and the lines that differ. Where fixes overlap or touch,
/// the first counts: whoever looks again finds what is left. `None` where nothing changes.
pub fn repaired(source: &Source, findings: &[&Finding]) -> Option<(String, Vec<Change>)> {
    let text = source.text.as_str();
    let mut fixes: Vec<(&Finding, &Fix)> =
        findings.iter().filter_map(|finding| finding.fix.as_ref().map(|fix| (*finding, fix))).collect();
    fixes.retain(|(_, fix)| text.get(fix.span.clone()).is_some_and(|there| there != fix.text));
    fixes.sort_by_key(|(_, fix)| (fix.span.start, fix.span.end));
    let mut end = None;
    fixes.retain(|(_, fix)| {
        let free = end.is_none_or(|end| fix.span.start > end);
        end = if free { Some(fix.span.end) } else { end };
        free
    });
    if fixes.is_empty() {
        return None;
    }
    let whole = with(text, 0..text.len(), &fixes);
    let mut changes = Vec::new();
    let mut rest = fixes.as_slice();
    while let Some((_, first)) = rest.first() {
        let mut lines = lines_of(text, &first.span);
        let mut count = 1;
        // What stands on the same lines is one change.
        while let Some((_, next)) = rest.get(count).filter(|(_, next)| next.span.start <= lines.end) {
            lines.end = lines_of(text, &next.span).end;
            count += 1;
        }
        let (these, others) = rest.split_at(count);
        let mut by: Vec<String> = these.iter().map(|(finding, _)| finding.id().to_owned()).collect();
        by.dedup();
        changes.push(Change {
            by,
            line: source.place(lines.start).line,
            before: text.get(lines.clone()).unwrap_or_default().to_owned(),
            after: with(text, lines, these),
        });
        rest = others;
    }
    Some((whole, changes))
}

/// A stretch of the text with these fixes, which lie in it.
fn with(text: &str, stretch: Range<usize>, fixes: &[(&Finding, &Fix)]) -> String {
    let mut out = text.get(stretch.clone()).unwrap_or_default().to_owned();
    // From the last to the first, so that places stay what they are.
    for (_, fix) in fixes.iter().rev() {
        out.replace_range(fix.span.start - stretch.start..fix.span.end - stretch.start, &fix.text);
    }
    out
}

/// The whole lines that a span touches, without the last one's end.
fn lines_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(span.end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| span.end + at);
    start..end
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn findings(text: &str, fixes: &[(Range<usize>, &str)]) -> Vec<Finding> {
        let source = Arc::new(Source::new("posts/a.md", text));
        let finding = |(span, text): &(Range<usize>, &str)| {
            Finding::warning("text/x", &source, span.clone(), "x").fix(span.clone(), *text)
        };
        fixes.iter().map(finding).collect()
    }

    /// A line, before and after.
    type Line = (usize, String, String);

    fn fixed(text: &str, fixes: &[(Range<usize>, &str)]) -> Option<(String, Vec<Line>)> {
        let findings = findings(text, fixes);
        let source = Source::new("posts/a.md", text);
        let (text, changes) = repaired(&source, &findings.iter().collect::<Vec<_>>())?;
        Some((text, changes.into_iter().map(|change| (change.line, change.before, change.after)).collect()))
    }

    #[test]
    fn each_line_is_told_once_with_all_that_changed_in_it() {
        let (text, changes) = fixed("---\na b c\nd e\nf", &[(8..9, "C"), (4..5, "A"), (14..15, "F!")]).unwrap();
        assert_eq!(text, "---\nA b C\nd e\nF!");
        assert_eq!(changes, [(2, "a b c".to_owned(), "A b C".to_owned()), (4, "f".to_owned(), "F!".to_owned())]);
        let (text, changes) = fixed("a\nb\nc", &[(1..2, " ")]).unwrap();
        assert_eq!((text.as_str(), &changes[..]), ("a b\nc", &[(1, "a\nb".to_owned(), "a b".to_owned())][..]));
    }

    #[test]
    fn of_fixes_in_one_place_the_first_counts() {
        assert_eq!(fixed("abcd", &[(0..2, "x"), (1..3, "y"), (0..2, "x")]).unwrap().0, "xcd");
        assert_eq!(fixed("abcd", &[(0..2, "x"), (2..3, "y")]).unwrap().0, "xcd", "they touch");
        assert_eq!(fixed("abcd", &[(0..2, "ab")]), None, "nothing changes");
    }

    proptest! {
        #[test]
        fn what_no_fix_names_stays_byte_for_byte(
            text in "[aü\r\n ]{0,40}",
            spans in prop::collection::vec((0usize..50, 0usize..5, "[xü\n]{0,3}"), 0..6),
        ) {
            let fixes: Vec<(Range<usize>, &str)> =
                spans.iter().map(|(start, length, text)| (*start..start + length, text.as_str())).collect();
            let findings = findings(&text, &fixes);
            let source = Source::new("posts/a.md", text.as_str());
            if let Some((after, changes)) = repaired(&source, &findings.iter().collect::<Vec<_>>()) {
                // With the lines that are told put in place of those that were, it is the same text.
                let (mut told, mut from, mut line) = (String::new(), text.as_str(), 1);
                for change in &changes {
                    let skipped: usize = from.split_inclusive('\n').take(change.line - line).map(str::len).sum();
                    told += &from[..skipped];
                    from = from[skipped..].strip_prefix(change.before.as_str()).unwrap();
                    told += &change.after;
                    line = change.line + change.before.matches('\n').count();
                    // The end of the last of them belongs to nobody.
                    if let Some(rest) = from.strip_prefix('\n') {
                        (told, from, line) = (told + "\n", rest, line + 1);
                    }
                }
                prop_assert_eq!(told + from, after);
            }
        }
    }
}
