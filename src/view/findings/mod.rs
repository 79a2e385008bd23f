//! Findings, for people with the place underlined, for programs as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use unicode_width::UnicodeWidthChar;

use super::escape::{escape, escape_marked};
use crate::rules::{Level, Page, Rule};
use crate::workspace::{Finding, Fix, Place, Severity};

/// What `greenlit check --format json` prints.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Report {
    /// The form of this value; 1.
    pub version: u32,
    /// By file, then by place.
    pub findings: Vec<Found>,
}

/// One fault in one file. Lines and columns count from 1, columns in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Found {
    /// Stable code, `area/name`: `post/unknown-key`.
    pub code: &'static str,
    /// Who says so, where that is no rule of greenlit's own: `Microsoft.Contractions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The file's path from the workspace's root.
    pub file: String,
    /// The first offending character's line.
    pub line: usize,
    /// The first offending character's column.
    pub column: usize,
    /// The line of the character behind the last.
    pub end_line: usize,
    /// The column of the character behind the last.
    pub end_column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The short text for the marked place.
    pub label: String,
    /// What to type instead.
    pub help: String,
    /// Where one can read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What `--fix` types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Replacement>,
}

/// What `greenlit check --explain CODE --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Explained {
    /// The form of this value; 1.
    version: u32,
    /// The codes of the rule's findings.
    codes: Vec<&'static str>,
    /// What it asks, in one sentence.
    about: &'static str,
    /// How bad what it finds is, where `greenlit.toml` says nothing; not there: it cannot go out, whatever anybody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
    /// Its page, in Markdown.
    page: String,
}

impl Explained {
    /// What there is to say of a rule.
    pub fn of(rule: &Rule, page: &Page) -> Self {
        Self { version: 1, codes: rule.codes.to_vec(), about: rule.about, level: rule.level, page: page.text.clone() }
    }
}

/// A change of the file that `--fix` makes. Lines and columns count as those of the finding.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Replacement {
    /// Where what goes begins.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Its column.
    pub end_column: usize,
    /// What comes in its place.
    pub text: String,
}

impl Report {
    /// The findings as programs read them.
    pub fn new(findings: &[Finding]) -> Self {
        let found = findings.iter().map(|finding| {
            let (start, end) = (finding.place(), finding.source.place(finding.span.end));
            Found {
                code: finding.code,
                name: finding.name.clone(),
                severity: finding.severity,
                file: finding.source.path.clone(),
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                message: finding.message.clone(),
                label: finding.label.clone(),
                help: finding.help.clone(),
                link: finding.link.clone(),
                fix: finding.fix.as_ref().map(|fix| replacement(finding, fix)),
            }
        });
        Self { version: 1, findings: found.collect() }
    }
}

fn replacement(finding: &Finding, fix: &Fix) -> Replacement {
    let (start, end) = (finding.source.place(fix.span.start), finding.source.place(fix.span.end));
    Replacement {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: fix.text.clone(),
    }
}

/// The findings for people, each with the offending text underlined, and how many there are of each file.
pub fn human(findings: &[Finding], width: usize, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false).with_context_lines(1);
    let mut text = String::new();
    for finding in findings {
        // Only a failing formatter fails here, and a text takes everything.
        let _ = handler.render_report(&mut text, &Shown::new(finding, width));
        text.push('\n');
    }
    text
}

/// `3 errors and 1 warning in 2 files`
pub fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let files: BTreeMap<&str, ()> = findings.iter().map(|finding| (finding.source.path.as_str(), ())).collect();
    let kinds = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    let kinds = kinds.map(|(severity, what)| (count(severity), what)).into_iter().filter(|(count, _)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(count, what)| several(count, what)).collect();
    let kinds = match kinds.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        few => few.concat(),
    };
    format!("{kinds} in {}", several(files.len(), "file"))
}

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
    fn new(finding: &Finding, width: usize) -> Self {
        Self {
            code: escape(finding.id()).into_owned(),
            severity: finding.severity,
            message: escape(&finding.message).into_owned(),
            label: escape(&finding.label).into_owned(),
            help: escape(&help(finding)).into_owned(),
            file: escape(&finding.source.path).into_owned(),
            place: finding.place(),
            snippet: Snippet::new(&finding.source.text, finding.span.clone(), width.saturating_sub(12).max(24)),
        }
    }
}

/// What to do, and where one can read more.
fn help(finding: &Finding) -> String {
    match &finding.link {
        Some(link) if finding.help.is_empty() => link.clone(),
        Some(link) => format!("{} ({link})", finding.help),
        None => finding.help.clone(),
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
    fn new(file: &str, span: Range<usize>, width: usize) -> Self {
        let file = &*without_passwords(file);
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
            text.push_str(&cut(above, 0..0, width).0);
            text.push('\n');
            first_line -= 1;
        }
        let (shown, marked) = cut(line, marked, width);
        let span = text.len() + marked.start..text.len() + marked.end;
        text.push_str(&shown);
        text.push('\n');
        if start + line.len() + 1 < file.len() {
            text.push_str(&cut(line_at(start + line.len() + 1), 0..0, width).0);
            text.push('\n');
        }
        Self { text, span, first_line }
    }
}

/// The same bytes, with `*` in place of a name and password in an address: `https://me:secret@host`.
fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for (at, scheme) in text.match_indices("://") {
        let from = at + scheme.len();
        let rest = text.get(from..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', '"', '\'', ' ', '\t', '\r', '\n']).next().unwrap_or_default();
        if let Some(end) = authority.rfind('@') {
            shown.to_mut().replace_range(from..from + end, &"*".repeat(end));
        }
    }
    shown
}

/// Escapes a line and takes away what is too far from the marked bytes; they may end with the line that is left.
fn cut(line: &str, marked: Range<usize>, width: usize) -> (String, Range<usize>) {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let marked = marked.start.min(line.len())..marked.end.min(line.len());
    // Room is given to what stands before the marked place first, a third of the line.
    let (before, rest) = line.split_at_checked(marked.start).unwrap_or((line, ""));
    let skipped = if columns(line) > width { before.len() - tail(before, width / 3).len() } else { 0 };
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
    text.chars().map(|c| c.width().unwrap_or(1)).sum()
}

/// The beginning of a text that fits into so many columns.
fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(1);
        used > width
    });
    end.map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// The end of a text that fits into so many columns.
fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find(|(_, c)| {
        used += c.width().unwrap_or(1);
        used > width
    });
    start.map_or(text, |(at, c)| text.get(at + c.len_utf8()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::workspace::Source;

    fn finding(text: &str, span: Range<usize>) -> Finding {
        let source = Arc::new(Source::new("posts/a.md", text));
        Finding::error("post/unknown-key", &source, span, "there is no key `titel` here")
            .label("unknown key")
            .help("did you mean `title`?")
    }

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
        let snippet = Snippet::new(&line, 500..504, 60);
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
    fn programs_get_characters_not_bytes() {
        let report = Report::new(&[finding("è: ü\n", 4..6)]);
        let found = &report.findings[0];
        assert_eq!((found.line, found.column, found.end_line, found.end_column), (1, 4, 1, 5));
    }

    #[test]
    fn the_summary_counts() {
        let warning = Finding { severity: Severity::Warning, ..finding("x", 0..1) };
        assert_eq!(summary(&[finding("x", 0..1), finding("x", 0..1), warning]), "2 errors and 1 warning in 1 file");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_file_can_be_shown(text in "(\\PC|[\0-\u{20}]|\n|\r|\u{202e}|::|##\\[){0,80}", from in 0usize..300, length in 0usize..200) {
            let shown = human(&[finding(&text, from..from + length)], 60, false);
            prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
            prop_assert!(!shown.contains("##[") && !shown.lines().any(|line| line.trim_start().starts_with("::")));
        }
    }
}
