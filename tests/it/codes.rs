//! Every code that `check` can print is explained: the sources are read for them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use greenlit::rules::{self, codes::codes};

use crate::newsroom::Newsroom;
use crate::renewal::repository;

/// Where findings are made.
const SOURCES: [&str; 8] =
    ["src/workspace", "src/render", "src/rules", "src/style", "src/ci", "src/notify", "src/cli/check", "src/cli/ci"];

/// The codes in a text of Rust: literals `"area/name"` outside of comments and tests. Those of failures, which end a command
/// and are no findings, are left out.
fn codes_in(text: &str, areas: &BTreeSet<&str>) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = lines.join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices('"') {
        let literal = code[at + 1..].split('"').next().unwrap_or_default();
        let Some((area, name)) = literal.split_once('/') else { continue };
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let before = code[..at].trim_end();
        let fails = ["Failure::usage(", "Failure::broken("].iter().any(|call| before.ends_with(call));
        // A code of an area that nobody knows yet is handed to what makes a finding.
        let finds = ["error(", "warning(", "fault(", "refuse("].iter().any(|call| before.ends_with(call));
        if (areas.contains(area) || (finds && area.chars().all(is_name)))
            && !name.is_empty()
            && name.chars().all(is_name)
            && !fails
        {
            found.insert(literal.to_owned());
        }
    }
    found
}

fn read(folder: &Path, areas: &BTreeSet<&str>, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() {
            read(&entry, areas, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.extend(codes_in(&fs::read_to_string(entry).expect("a file"), areas));
        }
    }
}

#[test]
fn the_table_of_codes_has_what_the_sources_say_and_no_more() {
    let of_rules: BTreeSet<&str> = rules::all().iter().flat_map(|rule| rule.codes).copied().collect();
    let listed: BTreeSet<&str> = codes().map(|code| code.code).collect();
    let known: BTreeSet<&str> = of_rules.union(&listed).copied().collect();
    let areas = known.iter().filter_map(|code| code.split('/').next()).collect();
    let mut said = BTreeSet::new();
    for folder in SOURCES {
        read(&repository(folder), &areas, &mut said);
    }
    let missing: Vec<&String> = said.iter().filter(|code| !known.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "give these a line in src/rules/codes.md: {missing:?}");
    let unused: Vec<&&str> = listed.iter().filter(|code| !said.contains(**code)).collect();
    assert!(unused.is_empty(), "nobody says these any more; take them out of src/rules/codes.md: {unused:?}");
}

#[test]
fn the_reader_sees_codes_and_nothing_else() {
    let text = [
        "// \"post/commented\"",
        "self.error(\"post/plain\", &span);",
        "Finding::warning(\"new/area\", &span);",
        "let (code, help) = (\"post/chosen\", \"write posts/a.md or post/some thing\");",
        "Failure::usage(",
        "    \"post/failure\", \"x\");",
        "file(\"posts/other\", \"image/png\", \"post/\", \"post/A\");",
        "#[cfg(test)]",
        "mod tests {",
        "self.error(\"post/tested\");",
    ];
    let found: Vec<String> = codes_in(&text.join("\n"), &["post"].into()).into_iter().collect();
    assert_eq!(found, ["new/area", "post/chosen", "post/plain"]);
}

#[test]
fn every_code_is_explained() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("noor", "anywhere");
    let said = desk.greenlit(["check", "--explain", "post/unknown-key"]);
    said.succeeds().shows("`post/unknown-key`").shows("a key that nobody knows").shows("Correct its spelling");
    let report = desk.greenlit(["check", "--explain", "check/ignore", "--format", "json"]).succeeds().json();
    let schema = desk.greenlit(["schema", "check-explain"]).succeeds().json();
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    assert_eq!((&report["codes"], report.get("level")), (&serde_json::json!(["check/ignore"]), None));
    desk.greenlit(["check", "--explain", "post/unknown-kye"]).exits(2).complains("did you mean `post/unknown-key`?");
}
