//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! The runner takes every line of a step's output that begins with `::` for a command, so each text from a file is escaped
//! twice: as for any log, and in the way of these commands.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; escaping as in `escapeData` and
//! `escapeProperty` of <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts> (checked 2026-11-28)

use super::help;
use crate::view::escape::escape;
use crate::workspace::{Finding, Severity};

/// One command for each finding, each on a line of its own.
pub fn commands(findings: &[Finding]) -> String {
    findings.iter().map(command).collect()
}

fn command(finding: &Finding) -> String {
    let (start, end) = (finding.place(), finding.source.place(finding.span.end));
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let file = property(&finding.source.path);
    let mut place = format!("file={file},line={},endLine={}", start.line, end.line);
    // The runner takes columns for a mistake where the lines differ.
    if start.line == end.line {
        place += &format!(",col={},endColumn={}", start.column, end.column);
    }
    let mut said = data(&finding.message);
    let help = help(finding);
    if !help.is_empty() {
        said += &format!("%0A{}", data(&help));
    }
    format!("::{name} {place},title={}::{said}\n", property(finding.id()))
}

fn data(text: &str) -> String {
    escape(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
