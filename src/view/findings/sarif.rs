//! Findings as SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>; what GitHub makes
//! of it: <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support> (checked 2026-11-28)

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use super::{REPOSITORY, address, help, page_of};
use crate::rules::codes::codes;
use crate::rules::{self, Level};
use crate::view::escape::escape;
use crate::workspace::{Finding, Fix, Severity, Sha256, Source};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What paths start from: a name that code scanning takes for the root of the checkout.
const ROOT: &str = "%SRCROOT%";

/// A whole log.
#[derive(Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    results: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
struct Base {
    description: Message,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    short_description: Message,
    full_description: Message,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
}

#[derive(Debug, Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair {
    description: Message,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

impl Log {
    /// The findings, and every rule that there is.
    pub fn new(findings: &[Finding]) -> Self {
        let mut rules = descriptors();
        let mut index: BTreeMap<String, usize> =
            rules.iter().enumerate().map(|(at, rule)| (rule.id.clone(), at)).collect();
        let mut seen = BTreeMap::new();
        let mut results = Vec::new();
        for finding in findings {
            // What speaks for itself, such as a rule of a style that the team brought, is described by what it found.
            let id = escape(finding.id()).into_owned();
            let rule_index = *index.entry(id.clone()).or_insert_with(|| {
                rules.push(described(&id, finding));
                rules.len() - 1
            });
            results.push(outcome(finding, id, rule_index, &mut seen));
        }
        let driver = Driver {
            name: "greenlit",
            semantic_version: env!("CARGO_PKG_VERSION"),
            information_uri: REPOSITORY,
            rules,
        };
        let base = Base { description: message("The root of the workspace, where greenlit.toml is.") };
        let run = Run {
            tool: Tool { driver },
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: BTreeMap::from([(ROOT, base)]),
            results,
        };
        Self { schema: SCHEMA, version: "2.1.0", runs: [run] }
    }
}

fn descriptors() -> Vec<Descriptor> {
    let of = |rule: &'static rules::Rule| {
        let page = rule.page().text;
        rule.codes.iter().map(move |code| Descriptor {
            id: (*code).to_owned(),
            short_description: message(rule.about),
            full_description: message(rule.about),
            help: Help { text: page.clone(), markdown: page.clone() },
            help_uri: page_of(REPOSITORY, code),
            default_configuration: configuration(rule.level),
        })
    };
    let of_form = codes().map(|code| Descriptor {
        id: code.code.to_owned(),
        short_description: message(code.about),
        full_description: message(code.about),
        help: Help { text: code.page(), markdown: code.page() },
        help_uri: page_of(REPOSITORY, code.code),
        default_configuration: configuration(None),
    });
    rules::all().iter().flat_map(of).chain(of_form).collect()
}

fn configuration(at: Option<Level>) -> Configuration {
    let level = match at {
        None | Some(Level::Error) => "error",
        Some(Level::Warning) => "warning",
        Some(Level::Info) => "note",
        Some(Level::Off) => "none",
    };
    Configuration { enabled: at != Some(Level::Off), level }
}

fn described(id: &str, finding: &Finding) -> Descriptor {
    let text = if finding.help.is_empty() { id.to_owned() } else { plain(&help(finding)) };
    Descriptor {
        id: id.to_owned(),
        short_description: message(id),
        full_description: message(id),
        help: Help { markdown: text.clone(), text },
        help_uri: finding.link.as_deref().and_then(address),
        default_configuration: Configuration { enabled: true, level: level(finding.severity) },
    }
}

fn outcome(finding: &Finding, rule_id: String, rule_index: usize, seen: &mut BTreeMap<String, usize>) -> Outcome {
    let help = help(finding);
    let mut said = plain(&finding.message);
    if !help.is_empty() {
        said += &format!("\n{}", plain(&help));
    }
    let place = fingerprint(finding);
    let count = seen.entry(place.clone()).and_modify(|count| *count += 1).or_insert(1);
    Outcome {
        rule_id,
        rule_index,
        level: level(finding.severity),
        message: Message { text: said },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact(&finding.source.path),
                region: region(&finding.source, &finding.span),
            },
        }],
        partial_fingerprints: BTreeMap::from([("greenlit/v1", format!("{place}:{count}"))]),
        fixes: finding.fix.iter().map(|fix| repair(finding, fix)).collect(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn repair(finding: &Finding, fix: &Fix) -> Repair {
    Repair {
        description: message("What `greenlit check --fix` types"),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&finding.source.path),
            replacements: [Replacement {
                deleted_region: region(&finding.source, &fix.span),
                inserted_content: message(&fix.text),
            }],
        }],
    }
}

fn message(text: &str) -> Message {
    Message { text: text.to_owned() }
}

/// A text that came from a file: what hides in it is made visible, and no `[words](address)` in it becomes a link.
fn plain(text: &str) -> String {
    escape(text).replace("](", "] (")
}

fn region(source: &Source, span: &Range<usize>) -> Region {
    let (start, end) = (source.place(span.start), source.place(span.end));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn artifact(path: &str) -> ArtifactLocation {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        // What RFC 3986, 2.3 calls unreserved; everything else might mean something.
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    ArtifactLocation { uri, uri_base_id: ROOT }
}

/// The same wherever in its file the line stands: code, file, the marked text and its line.
fn fingerprint(finding: &Finding) -> String {
    let text = finding.source.text.as_str();
    let (before, after) = (text.get(..finding.span.start), text.get(finding.span.start..));
    let before = before.and_then(|text| text.rsplit('\n').next()).unwrap_or_default();
    let after = after.and_then(|text| text.split('\n').next()).unwrap_or_default();
    let line = format!("{before}{after}");
    let mut hash = Sha256::default();
    let marked = text.get(finding.span.clone()).unwrap_or_default();
    for piece in [finding.id(), &finding.source.path, marked, line.trim()] {
        hash.add(piece.as_bytes());
        hash.add(b"\0");
    }
    hash.hex()
}
