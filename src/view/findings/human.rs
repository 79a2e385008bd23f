//! Findings for people: file by file, each with the place underlined.

use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use unicode_width::UnicodeWidthChar;

use super::help;
use super::shown::without_secrets;
use crate::view::escape::{escape, escape_marked};
use crate::workspace::{Finding, Place, Severity};

/// The findings file by file, under a line that names it.
pub fn grouped(findings: &[Finding], width: usize, colour: bool) -> String {
    let mut text = String::new();
    for of_file in findings.chunk_by(|a, b| a.source.path == b.source.path) {
        let Some(first) = of_file.first() else { continue };
        // A long path is not cut: people copy it.
        let heading = format!("── {}", escape(&first.source.path));
        let heading = if colour { format!("\u{1b}[1m{heading}\u{1b}[0m") } else { heading };
        text += &format!("{heading}\n\n{}", human(of_file, width, colour));
    }
    text
}

/// The findings for people, each with the offending text underlined.
pub fn human(findings: &[Finding], width: usize, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false).with_context_lines(1);
    let mut text = String::new();
    for of_file in findings.chunk_by(|a, b| a.source == b.source) {
        let file = of_file.first().map(|finding| without_secrets(&finding.source.text)).unwrap_or_default();
        for finding in of_file {
            // Only a failing formatter fails here, and a text takes everything.
            let _ = handler.render_report(&mut text, &Shown::new(finding, &file, width));
            text.push('\n');
        }
    }
    text
}

/// Columns beside the lines of a file: their numbers, the frame, and what shows that a line was cut.
const GUTTER: usize = 12;

/// A finding, escaped, with no more of its file than is shown.
#[derive(Debug)]
struct Shown {
    code: String,
    severity: Severity,
    message: String,
    label: String,
    help: String,
    file: String,
    place: Place,
    snippet: Snippet,
}

impl Shown {
    fn new(finding: &Finding, file: &str, width: usize) -> Self {
        let room = width.saturating_sub(GUTTER).max(24);
        let label = escape(&finding.label);
        let label =
            if columns(&label) > room / 2 { format!("{}…", head(&label, room / 2 - 1)) } else { label.into() };
        // The label stands to the right of the middle of what is marked.
        let lead = room.saturating_sub(columns(&label) + 4);
        let snippet = Snippet::new(file, finding.span.clone(), room, lead);
        Self {
            code: escape(finding.id()).into_owned(),
            severity: finding.severity,
            message: escape(&finding.message).into_owned(),
            label,
            help: escape(&help(finding)).into_owned(),
            file: escape(&finding.source.path).into_owned(),
            place: finding.place(),
            snippet,
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn std::fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = (!self.label.is_empty()).then(|| self.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(label, SourceSpan::from(self.snippet.span.clone())))))
    }
}

impl SourceCode for Shown {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.snippet.text.read_span(span, before, after)?;
        // Asked for no lines around it, the answer is what the heading says: the place in the whole file.
        let (line, column) = if before == 0 && after == 0 {
            (self.place.line - 1, self.place.column - 1)
        } else {
            (self.snippet.first_line - 1 + inner.line(), inner.column())
        };
        let (data, span) = (inner.data(), *inner.span());
        Ok(Box::new(MietteSpanContents::new_named(self.file.clone(), data, span, line, column, inner.line_count())))
    }
}

/// The line of a finding with its neighbours, cut to the width of the screen.
#[derive(Debug, PartialEq, Eq)]
struct Snippet {
    text: String,
    /// The marked bytes of `text`: of a span over several lines those of the first.
    span: Range<usize>,
    /// The number of the first line, from 1.
    first_line: usize,
}

impl Snippet {
    fn new(file: &str, span: Range<usize>, width: usize, lead: usize) -> Self {
        let start = file.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let number = file.get(..start).unwrap_or_default().matches('\n').count() + 1;
        let line_at = |from: usize| {
            let rest = file.get(from..).unwrap_or_default();
            rest.split('\n').next().unwrap_or_default()
        };
        let line = line_at(start);
        let marked = span.start - start..span.end.min(start + line.len()).max(span.start) - start;

        let mut text = String::new();
        let mut first_line = number;
        if let Some(above) = start.checked_sub(1).and_then(|end| file.get(..end)) {
            let above = above.rsplit('\n').next().unwrap_or_default();
            text.push_str(&cut(above, 0..0, width, width).0);
            text.push('\n');
            first_line -= 1;
        }
        let (shown, marked) = cut(line, marked, width, lead);
        let span = text.len() + marked.start..text.len() + marked.end;
        text.push_str(&shown);
        text.push('\n');
        if start + line.len() + 1 < file.len() {
            text.push_str(&cut(line_at(start + line.len() + 1), 0..0, width, width).0);
            text.push('\n');
        }
        Self { text, span, first_line }
    }
}

/// Escapes a line and takes away what is too far from the marked bytes; they may end with the line that is left. Their
/// middle is at most `lead` columns from the left.
fn cut(line: &str, marked: Range<usize>, width: usize, lead: usize) -> (String, Range<usize>) {
    let mut less = 0;
    loop {
        let (shown, span) = cut_to(line, marked.clone(), width.saturating_sub(less), lead.saturating_sub(less));
        // What hides takes more columns once it is visible.
        let before = columns(shown.get(..span.start).unwrap_or_default());
        let middle = before + columns(shown.get(span.clone()).unwrap_or_default()) / 2;
        let over = columns(&shown).saturating_sub(width + 2).max(middle.saturating_sub(lead + 2));
        if over == 0 || less >= width {
            return (shown, span);
        }
        less += over.div_ceil(4);
    }
}

/// A line, escaped, without what is too much for so many columns.
pub fn shortened(line: &str, width: usize) -> String {
    cut(line, 0..0, width, width).0
}

fn cut_to(line: &str, marked: Range<usize>, width: usize, lead: usize) -> (String, Range<usize>) {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let marked = marked.start.min(line.len())..marked.end.min(line.len());
    // Room is given to what stands before the marked place first, a third of the line.
    let (before, rest) = line.split_at_checked(marked.start).unwrap_or((line, ""));
    let room = if columns(line) > width { width / 3 } else { width };
    let room = room.min(lead.saturating_sub(columns(rest.get(..marked.len()).unwrap_or_default()).min(width) / 2));
    let skipped = before.len() - tail(before, room).len();
    let before = before.get(skipped..).unwrap_or_default();
    let rest_width = width.saturating_sub(columns(before));
    let shown = head(rest, rest_width);
    let end = marked.len().min(shown.len());
    let (escaped, span) = escape_marked(
        line.get(skipped..marked.start + shown.len()).unwrap_or_default(),
        before.len()..before.len() + end,
    );
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    let (left, right) = (dots(skipped > 0), dots(shown.len() < rest.len()));
    (format!("{left}{escaped}{right}"), span.start + left.len()..span.end + left.len())
}

fn columns(text: &str) -> usize {
    text.chars().map(wide).sum()
}

fn wide(c: char) -> usize {
    // A tab is printed as four blanks.
    if c == '\t' { 4 } else { c.width().unwrap_or(1) }
}

/// The beginning of a text that fits into so many columns.
fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += wide(*c);
        used > width
    });
    end.map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// The end of a text that fits into so many columns.
fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find(|(_, c)| {
        used += wide(*c);
        used > width
    });
    start.map_or(text, |(at, c)| text.get(at + c.len_utf8()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::finding;
    use super::*;

    #[test]
    fn people_see_the_place_underlined() {
        let text = human(&[finding("---\nto: x\nüber\u{202e}: titel\n---\n", 20..25)], 80, false);
        insta::assert_snapshot!(text, @r"
        post/unknown-key

          × there is no key `titel` here
           ╭─[posts/a.md:3:8]
         2 │ to: x
         3 │ über\u{202e}: titel
           ·               ──┬──
           ·                 ╰── unknown key
         4 │ ---
           ╰────
          help: did you mean `title`?
        ");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let line = format!("{}MARK{}", "a".repeat(500), "b".repeat(500));
        let snippet = Snippet::new(&line, 500..504, 60, 60);
        assert!(columns(&snippet.text) <= 63, "{}", snippet.text);
        assert_eq!(&snippet.text[snippet.span.clone()], "MARK");
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let text = "a = 1\nserver = \"https://me:sécret@host.example/\"\n";
        let shown = human(&[finding(text, 15..20), finding(text, 0..1)], 80, false);
        assert!(shown.contains("https://**********@host.example/") && !shown.contains("cret"), "{shown}");
    }

    #[test]
    fn each_file_is_named_once_above_its_findings() {
        let (first, mut second) = (finding("a: x", 0..1), finding("b: y", 0..1));
        second.source = std::sync::Arc::new(crate::workspace::Source::new("posts/b.md", "b: y"));
        let text = grouped(&[first.clone(), first, second], 80, false);
        assert_eq!(
            text.lines().filter(|line| line.starts_with("── ")).collect::<Vec<_>>(),
            ["── posts/a.md", "── posts/b.md"]
        );
        assert!(text.contains("\n\n── posts/b.md\n\npost/unknown-key"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_file_can_be_shown(text in "(\\PC|[\0-\u{20}]|\n|\r|\u{202e}|::|##\\[){0,80}", from in 0usize..300, length in 0usize..200) {
            let shown = human(&[finding(&text, from..from + length)], 60, false);
            prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
            prop_assert!(shown.lines().all(|line| columns(line) <= 60), "{}", shown);
            prop_assert!(!shown.contains("##[") && !shown.lines().any(|line| line.trim_start().starts_with("::")));
        }
    }
}
