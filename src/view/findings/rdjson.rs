//! Findings in reviewdog's form, for comments on pull and merge requests of many git hosts.
//!
//! Lines and columns count from 1, columns in bytes of UTF-8, and an end is the place behind the last.
//! <https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto> (checked 2026-11-28)

use serde::Serialize;

use super::{REPOSITORY, address, help, page_of};
use crate::view::escape::escape;
use crate::workspace::{Finding, Severity, Source};

/// A `DiagnosticResult`.
#[derive(Debug, Serialize)]
pub struct Report {
    source: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'static str,
}

#[derive(Debug, Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    original_output: String,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Debug, Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
struct Code {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

impl Report {
    /// The findings as reviewdog reads them.
    pub fn new(findings: &[Finding]) -> Self {
        Self {
            source: Tool { name: "greenlit", url: REPOSITORY },
            severity: findings.iter().map(|finding| finding.severity).min().map(severity),
            diagnostics: findings.iter().map(diagnostic).collect(),
        }
    }
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    // What it says becomes a comment: what hides in it is made visible.
    let (message, help, id) = (escape(&finding.message), help(finding), escape(finding.id()));
    let message = if help.is_empty() { message.into_owned() } else { format!("{message}\n{}", escape(&help)) };
    let (place, path) = (finding.place(), finding.source.path.clone());
    let said = escape(&finding.message);
    let original_output = format!("{}:{}:{}: {said} [{id}]", escape(&path), place.line, place.column);
    let suggestions =
        finding.fix.iter().map(|fix| Suggestion { range: range(&finding.source, &fix.span), text: fix.text.clone() });
    Diagnostic {
        message,
        location: Location { path, range: range(&finding.source, &finding.span) },
        severity: severity(finding.severity),
        code: Code {
            value: id.into_owned(),
            url: finding.link.as_deref().and_then(address).or_else(|| page_of(REPOSITORY, finding.code)),
        },
        suggestions: suggestions.collect(),
        original_output,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

fn range(source: &Source, span: &std::ops::Range<usize>) -> Range {
    Range { start: position(source, span.start), end: position(source, span.end) }
}

fn position(source: &Source, offset: usize) -> Position {
    let before = source.text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position { line: before.matches('\n').count() + 1, column: offset - line_start + 1 }
}
