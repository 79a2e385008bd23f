//! Findings as a JUnit report, which most CI servers show: a suite for each file, a case for each finding.
//!
//! No more is written than the schema of Jenkins' JUnit plugin knows, the strictest that is in wide use:
//! <https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd>
//! It was made from what is known of that schema, and not held against it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::help;
use crate::view::escape::escape;
use crate::workspace::{Finding, Severity};

/// The report over the files that were looked at. Errors alone are failures; what `check` lets pass, passes here.
pub fn document(findings: &[Finding], files: &BTreeSet<String>) -> String {
    let found: BTreeSet<&str> = findings.iter().map(|finding| finding.source.path.as_str()).collect();
    let files: BTreeSet<&str> = files.iter().map(String::as_str).chain(found).collect();
    let (mut suites, mut tests) = (String::new(), 0);
    for file in files {
        let of_file: Vec<&Finding> = findings.iter().filter(|finding| finding.source.path == file).collect();
        tests += of_file.len().max(1);
        suites += &suite(file, &of_file);
    }
    let failures = findings.iter().filter(|finding| finding.is_error()).count();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"greenlit check\" tests=\"{tests}\" failures=\"{failures}\">\n{suites}</testsuites>\n"
    )
}

fn suite(file: &str, findings: &[&Finding]) -> String {
    let name = xml(file);
    let tests = findings.len().max(1);
    let failures = findings.iter().filter(|finding| finding.is_error()).count();
    let mut cases: String = findings.iter().map(|finding| case(&name, finding)).collect();
    if findings.is_empty() {
        cases = format!("    <testcase classname=\"{name}\" name=\"no findings\"/>\n");
    }
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n\
         {cases}  </testsuite>\n"
    )
}

fn case(file: &str, finding: &Finding) -> String {
    let (place, code, message) = (finding.place(), xml(finding.id()), xml(&finding.message));
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut said = format!("{file}:{}:{}: {severity}: {message}", place.line, place.column);
    let help = help(finding);
    if !help.is_empty() {
        said += &format!("\nhelp: {}", xml(&help));
    }
    let outcome = if finding.is_error() {
        format!("<failure type=\"{code}\" message=\"{message}\">{said}</failure>")
    } else {
        format!("<system-out>{said}</system-out>")
    };
    let name = format!("{code} at {}:{}", place.line, place.column);
    format!("    <testcase classname=\"{file}\" name=\"{name}\">\n      {outcome}\n    </testcase>\n")
}

/// A text for one line of XML, in an attribute or between tags. Of the characters that XML 1.0 cannot have, escaping for
/// logs leaves two. <https://www.w3.org/TR/xml/#charsets> (checked 2026-11-28)
fn xml(text: &str) -> Cow<'_, str> {
    let text = escape(text);
    if !text.contains(['&', '<', '>', '"', '\'', '\u{fffe}', '\u{ffff}']) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.into()
}
