use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::workspace::Source;

pub fn finding(text: &str, span: Range<usize>) -> Finding {
    let source = Arc::new(Source::new("posts/a.md", text));
    Finding::error("post/unknown-key", &source, span, "there is no key `titel` here")
        .label("unknown key")
        .help("did you mean `title`?")
}

/// A finding with such text wherever a file's text can come in.
fn hostile(text: &str, path: &str, severity: Severity) -> Finding {
    let source = Arc::new(Source::new(path, format!("{text}\n{text}")));
    let mut finding = Finding::warning("text/placeholder", &source, 0..text.len(), text);
    finding = finding.label(text).help(text).fix(0..text.len(), text);
    Finding { severity, name: Some(text.to_owned()), link: Some(text.to_owned()), ..finding }
}

const ATTACKS: [&str; 14] = [
    "::error file=x::y",
    "x\n::set-output name=a::b",
    "x\r::add-mask::y",
    "x\r\n::stop-commands::y",
    "%0A::error::x",
    "%0a%0D::error::x%25",
    "a,line=1::b",
    "a::b: c",
    "##[error]x",
    "x ##[command]rm",
    "##vso[task.setvariable variable=a]b",
    "\u{1b}]8;;https://evil.example\u{7}click\u{1b}]8;;\u{7}",
    "a\u{85}::error::b\u{2028}::error::c\u{2029}::error::d",
    "]]></system-out><failure/>&lt;\u{0}\u{fffe}\u{ffff}\u{b}",
];

/// What a text from a file may be: attacks, and any characters with many that mean something to somebody.
fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(ATTACKS.to_vec()).prop_map(str::to_owned),
        "(\\PC|[\0-\u{20}\u{7f}-\u{a0}\u{2028}\u{2029}\u{202e}\u{fffe}\u{ffff}%:,#\\[\\]<>&\"']|::|##\\[|%0A){0,60}",
    ]
}

fn any_severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(vec![Severity::Error, Severity::Warning, Severity::Info])
}

/// Reads a workflow command as GitHub's runner does (`ActionCommand.TryParseV2` in actions/runner, checked 2026-11-28).
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let unescape = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let rest = line.trim_start().strip_prefix("::").expect("a command");
    let (head, data) = rest.split_once("::").expect("a command");
    let (name, properties) = head.split_once(' ').expect("a command with properties");
    let properties = properties.split(',').map(|property| {
        let (key, value) = property.split_once('=').expect("a property");
        (key.to_owned(), unescape(&value.replace("%3A", ":").replace("%2C", ",")))
    });
    (name.to_owned(), properties.collect(), unescape(data))
}

fn acts_in_a_log(text: &str) -> bool {
    text.contains(|c: char| (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}'))
        || text.contains("##[")
        || text.contains("##vso[")
}

#[test]
fn programs_get_characters_not_bytes() {
    let report = Report::new(&[finding("è: ü\n", 4..6)]);
    let found = &report.findings[0];
    assert_eq!((found.line, found.column, found.end_line, found.end_column), (1, 4, 1, 5));
    // reviewdog counts bytes.
    let rdjson = serde_json::to_value(rdjson::Report::new(&[finding("è: ü\n", 4..6)])).unwrap();
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["start"], serde_json::json!({"line": 1, "column": 5}));
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["end"], serde_json::json!({"line": 1, "column": 7}));
}

#[test]
fn the_summary_counts() {
    let warning = Finding { severity: Severity::Warning, ..finding("x", 0..1) };
    assert_eq!(summary(&[finding("x", 0..1), finding("x", 0..1), warning]), "2 errors and 1 warning in 1 file");
}

#[test]
fn github_marks_the_place() {
    assert_eq!(
        github::commands(&[finding("---\ntitel: x\n", 4..9)]),
        "::error file=posts/a.md,line=2,endLine=2,col=1,endColumn=6,title=post/unknown-key::there is no key `titel` \
         here%0Adid you mean `title`?\n"
    );
    // The runner drops columns of a place on several lines.
    let several = github::commands(&[finding("ab\ncd", 1..4)]);
    assert!(several.starts_with("::error file=posts/a.md,line=1,endLine=2,title="), "{several}");
}

#[test]
fn a_page_is_named_where_the_package_says_where_it_is() {
    assert_eq!(page_of("", "text/placeholder"), None);
    assert_eq!(
        page_of("https://git.example/acme/greenlit/", "text/placeholder").as_deref(),
        Some("https://git.example/acme/greenlit/blob/HEAD/docs/rules.md#textplaceholder")
    );
    for (code, heading) in [("post/media-size", "postmedia-type"), ("post/unknown-key", "faults-of-form")] {
        assert!(page_of("https://git.example", code).is_some_and(|page| page.ends_with(heading)), "{code}");
    }
}

#[test]
fn junit_says_yes_to_each_file_without_a_fault() {
    let warning = Finding { severity: Severity::Warning, ..finding("b: x", 0..1) };
    let files = ["posts/a.md".to_owned(), "posts/b<>.md".to_owned()].into();
    insta::assert_snapshot!(junit::document(&[finding("a: x", 0..1), warning], &files), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="greenlit check" tests="3" failures="1">
      <testsuite name="posts/a.md" tests="2" failures="1" errors="0" skipped="0">
        <testcase classname="posts/a.md" name="post/unknown-key at 1:1">
          <failure type="post/unknown-key" message="there is no key `titel` here">posts/a.md:1:1: error: there is no key `titel` here
    help: did you mean `title`?</failure>
        </testcase>
        <testcase classname="posts/a.md" name="post/unknown-key at 1:1">
          <system-out>posts/a.md:1:1: warning: there is no key `titel` here
    help: did you mean `title`?</system-out>
        </testcase>
      </testsuite>
      <testsuite name="posts/b&lt;&gt;.md" tests="1" failures="0" errors="0" skipped="0">
        <testcase classname="posts/b&lt;&gt;.md" name="no findings"/>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn sarif_knows_a_finding_again_where_lines_moved() {
    let prints = |text: &str| -> Vec<String> {
        let places: Vec<usize> = text.match_indices("titel").map(|(at, _)| at).collect();
        let findings: Vec<Finding> = places.iter().map(|at| finding(text, *at..at + 5)).collect();
        let log = serde_json::to_value(sarif::Log::new(&findings)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["partialFingerprints"]["greenlit/v1"].as_str().unwrap().to_owned()).collect()
    };
    let (before, after) = (prints("titel: x\ntitel: x\n"), prints("to: y\n\n  titel: x\n# z\ntitel: x\n"));
    assert_eq!(before, after);
    assert_ne!(before[0], before[1], "equal lines are counted");
    assert_ne!(before, prints("titel: y\ntitel: x\n"));
}

#[test]
fn sarif_encodes_paths_and_makes_no_links_of_text() {
    let mut odd = finding("x", 0..1);
    odd.source = Arc::new(Source::new("posts/ä b:#?%.md", "x"));
    odd.message = "see [this](https://evil.example)".to_owned();
    let log = serde_json::to_value(sarif::Log::new(&[odd])).unwrap();
    let result = &log["runs"][0]["results"][0];
    let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "posts/%C3%A4%20b%3A%23%3F%25.md");
    assert_eq!(location["uriBaseId"], "%SRCROOT%");
    assert_eq!(result["message"]["text"], "see [this] (https://evil.example)\ndid you mean `title`?");
}

/// The official schema, with formats checked.
fn sarif_schema() -> jsonschema::Validator {
    let schema = include_str!("../../../tests/fixtures/sarif/sarif-schema-2.1.0.json");
    // What the schema says of languages is no regular expression: it closes a bracket that nobody opened.
    let schema = serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn assert_sarif(schema: &jsonschema::Validator, findings: &[Finding]) -> serde_json::Value {
    let log = serde_json::to_value(sarif::Log::new(findings)).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&log).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    log
}

#[test]
fn sarif_is_what_the_official_schema_says() {
    let schema = sarif_schema();
    assert_sarif(&schema, &[]);
    let named = Finding { name: Some("Acme.Tone".to_owned()), ..finding("a: x\nb", 0..6) };
    let log = assert_sarif(&schema, &[finding("a: x", 0..0).fix(0..1, "b"), named, finding("a", 9..9)]);
    assert_eq!(log["runs"][0]["results"][0]["level"], "error");
    for attack in ATTACKS {
        assert_sarif(&schema, &[hostile(attack, "posts/a.md", Severity::Info)]);
    }
}

/// Whether XML 1.0 allows a character. <https://www.w3.org/TR/xml/#charsets> (checked 2026-11-28)
fn xml_has(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

proptest! {
    #[test]
    fn nothing_in_a_file_becomes_a_command(text in anything(), path in anything(), severity in any_severity()) {
        let findings = [hostile(&text, &path, severity), hostile(&path, "posts/a.md", severity)];
        let said = github::commands(&findings);
        prop_assert_eq!(said.lines().count(), findings.len());
        prop_assert!(!acts_in_a_log(&said), "{}", said);
        for line in said.lines() {
            let (name, properties, data) = command(line);
            prop_assert!(["error", "warning", "notice"].contains(&name.as_str()), "{}", line);
            let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
            prop_assert!(
                keys == ["file", "line", "endLine", "title"]
                    || keys == ["file", "line", "endLine", "col", "endColumn", "title"],
                "{}", line
            );
            // The runner prints what it read once more.
            prop_assert!(!acts_in_a_log(&data), "{}", data);
            prop_assert!(data.lines().all(|line| !line.trim_start().starts_with("::")), "{}", data);
            prop_assert!(properties.iter().all(|(_, value)| !value.contains('\n') && !acts_in_a_log(value)));
        }
    }

    #[test]
    fn junit_is_well_formed_whatever_stands_in_a_file(text in anything(), path in anything(), severity in any_severity()) {
        let document = junit::document(&[hostile(&text, &path, severity)], &["posts/b.md".to_owned()].into());
        prop_assert!(document.chars().all(xml_has));
        prop_assert!(!acts_in_a_log(&document), "{}", document);
        prop_assert!(document.lines().all(|line| !line.trim_start().starts_with("::")), "{}", document);
        let mut reader = quick_xml::Reader::from_str(&document);
        reader.config_mut().check_end_names = true;
        let mut cases = 0;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element)) => {
                    cases += usize::from(element.name().as_ref() == b"testcase");
                    prop_assert!(element.attributes().all(|attribute| attribute.is_ok()), "{}", document);
                }
                Ok(_) => {}
                Err(error) => prop_assert!(false, "{}: {}", error, document),
            }
        }
        prop_assert_eq!(cases, 2);
    }

    #[test]
    fn what_reviewdog_marks_is_what_is_meant(text in anything(), from in 0usize..80, length in 0usize..40) {
        let found = finding(&text, from..from + length);
        let report = serde_json::to_value(rdjson::Report::new(std::slice::from_ref(&found))).unwrap();
        let range = &report["diagnostics"][0]["location"]["range"];
        let offset = |place: &serde_json::Value| {
            let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap() - 1;
            text.split_inclusive('\n').take(number("line")).map(str::len).sum::<usize>() + number("column")
        };
        prop_assert_eq!(offset(&range["start"])..offset(&range["end"]), found.span);
    }
}
