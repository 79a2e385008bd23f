//! Findings: for people with the place underlined, for programs as JSON, and in the forms that others read.

use std::collections::BTreeSet;

pub mod fixed;
pub mod github;
mod human;
pub mod junit;
pub mod rdjson;
pub mod sarif;
mod shown;

pub use fixed::Fixed;
pub use human::{grouped, human};
pub use shown::{Secrets, shown};

use crate::rules::codes::{Code, described};
use crate::rules::{Level, Page, Rule};
use crate::workspace::{Finding, Fix, Severity};

/// What `greenlit check --format json` prints.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Report {
    /// The form of this value; 1.
    pub version: u32,
    /// By file, then by place; with `--fix`, what is left.
    pub findings: Vec<Found>,
    /// What `--fix` changed, round by round.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Fixed>,
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
    /// The codes of the rule's findings, or the one that belongs to no rule.
    codes: Vec<&'static str>,
    /// What it asks, or what is wrong, in one sentence.
    about: &'static str,
    /// How bad what it finds is, where `greenlit.toml` says nothing; not there: nobody changes that.
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

    /// What there is to say of a code that belongs to no rule.
    pub fn of_code(code: Code) -> Self {
        Self { version: 1, codes: vec![code.code], about: code.about, level: None, page: code.page() }
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
        Self { version: 1, findings: found.collect(), fixed: Vec::new() }
    }

    /// The same with what was changed before.
    pub fn after(self, fixed: Vec<Fixed>) -> Self {
        Self { fixed, ..self }
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

/// `3 errors and 1 warning in 2 files`
pub fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let files: BTreeSet<&str> = findings.iter().map(|finding| finding.source.path.as_str()).collect();
    let kinds = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    let kinds = kinds.map(|(severity, what)| (count(severity), what)).into_iter().filter(|(count, _)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(count, what)| several(count, what)).collect();
    let kinds = match kinds.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        few => few.concat(),
    };
    format!("{kinds} in {}", several(files.len(), "file"))
}

/// What to do, and where one can read more.
fn help(finding: &Finding) -> String {
    match &finding.link {
        Some(link) if finding.help.is_empty() => link.clone(),
        Some(link) => format!("{} ({link})", finding.help),
        None => finding.help.clone(),
    }
}

/// The address of a rule's page, where the package says where its repository is.
fn page_of(repository: &str, code: &str) -> Option<String> {
    let heading = match crate::rules::named(code) {
        // As forges make anchors of headings.
        Some(rule) => rule.codes.first()?.replace('/', ""),
        None => described(code).map(|_| "faults-of-form".to_owned())?,
    };
    (!repository.is_empty()).then(|| format!("{}/blob/HEAD/docs/rules.md#{heading}", repository.trim_end_matches('/')))
}

/// A link that people can follow, in the form that programs take; `None` for anything else.
fn address(link: &str) -> Option<String> {
    let link = url::Url::parse(link).ok()?;
    matches!(link.scheme(), "http" | "https").then(|| link.into())
}

/// Where this program's source is; empty where the package does not say.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

#[cfg(test)]
mod tests;
