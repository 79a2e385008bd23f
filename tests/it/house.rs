//! The house rules: ARCHITECTURE.md's table of rooms is read, and every path in `src/` is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::renewal::repository;

/// Rooms that do no I/O.
const PURE: [&str; 9] = ["workspace", "render", "rules", "style", "policy", "ledger", "plan", "ci", "notify"];

/// What no pure room may name: disk, environment, programs, network, threads' clocks, randomness.
const IMPURE: [&str; 15] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "chrono::Local",
    "Utc::now",
    "SystemTime::now",
    "Instant::now",
    "getrandom",
    "indicatif",
];

/// Crates that one room alone names.
const AT_HOME: [(&str, &str); 6] = [
    ("git2", "git"),
    ("reqwest", "http"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("indicatif", "cli"),
    ("lettre", "channel"),
];

/// Longest file, in lines.
const LONGEST: usize = 600;

/// A source file without its tests: where it is, and the paths that it names.
struct SourceFile {
    name: String,
    room: String,
    lines: usize,
    paths: BTreeSet<String>,
}

#[test]
fn no_room_uses_what_the_table_does_not_give_it() {
    let allowed = table();
    let mut faults = Vec::new();
    for file in sources() {
        if matches!(file.room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(may_use) = allowed.get(&file.room) else {
            faults.push(format!("{}: the room {} is not in ARCHITECTURE.md's table", file.name, file.room));
            continue;
        };
        for path in &file.paths {
            if let Some(inside) = path.strip_prefix("crate::") {
                let mut steps = inside.split("::");
                let room = steps.next().unwrap_or_default();
                if room != file.room && allowed.contains_key(room) && !may_use.contains(room) {
                    faults.push(format!("{}: {} may not use {path}", file.name, file.room));
                }
                let adapter = steps.next().is_some_and(|step| step.starts_with(char::is_lowercase));
                if file.room == "publish" && room == "network" && adapter {
                    faults.push(format!("{}: publish may use the network trait, not {path}", file.name));
                }
            }
            let named = |name: &str| path == name || path.starts_with(&format!("{name}::"));
            if PURE.contains(&file.room.as_str())
                && IMPURE.iter().any(|name| named(name) || path.ends_with(&format!("::{name}")))
            {
                faults.push(format!("{}: a pure room may not name {path}", file.name));
            }
            for (dependency, room) in AT_HOME {
                if named(dependency) && file.room != room {
                    faults.push(format!("{}: {dependency} is named in {room}/ alone", file.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_file_names_serde_yaml() {
    let files = sources();
    let names_it = |file: &&SourceFile| file.paths.iter().any(|path| path.starts_with("serde_yaml"));
    let files: Vec<&str> = files.iter().filter(names_it).map(|file| file.name.as_str()).collect();
    assert!(files.len() <= 1, "{files:?}");
}

#[test]
fn files_are_short_and_named_by_meaning() {
    for file in sources() {
        assert!(file.lines <= LONGEST, "{} has {} lines: split it by meaning", file.name, file.lines);
        let vague = ["util", "utils", "helper", "helpers", "misc", "common", "shared"];
        let steps = file.name.trim_end_matches(".rs").split('/').any(|step| vague.contains(&step));
        assert!(!steps, "{} says nothing of what is in it", file.name);
    }
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let later = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimplem", "ented")];
    for file in rust_files(&repository("src")).into_iter().chain(rust_files(&repository("tests"))) {
        // The rule about marks that writers leave for themselves has to name them.
        if file.ends_with("rules/placeholder.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let found = text.split(|c: char| !c.is_alphanumeric()).find(|word| later.contains(word));
        assert_eq!(found, None, "in {}", file.display());
    }
}

/// The room → the rooms that it may use, from ARCHITECTURE.md.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip_while(|line| !line.starts_with("| room |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 10, "ARCHITECTURE.md has a table of the rooms");
    let room = |cell: &str| cell.trim_matches('`').trim_end_matches('/').trim_end_matches(".rs").to_owned();
    let rooms: BTreeSet<String> = rows.iter().map(|row| room(row[0])).collect();
    rows.iter()
        .map(|row| {
            let uses = row[2].replace("the pure rooms", &PURE.join(", "));
            let words: BTreeSet<&str> = uses.split(|c: char| !c.is_alphanumeric()).collect();
            let may = |name: &String| words.contains("all") || words.contains(name.as_str());
            (room(row[0]), rooms.iter().filter(|name| may(name)).cloned().collect())
        })
        .collect()
}

fn sources() -> Vec<SourceFile> {
    let root = repository("src");
    rust_files(&root).iter().map(|file| source(&root, file)).collect()
}

fn source(root: &Path, file: &Path) -> SourceFile {
    let text = fs::read_to_string(file).unwrap();
    let inside = file.strip_prefix(root).unwrap().with_extension("");
    let mut module: Vec<String> = inside.iter().map(|step| step.to_string_lossy().into_owned()).collect();
    let room = module[0].clone();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    let code = code_of(&text);
    let tests = inside.iter().any(|step| step == "tests");
    let code = if tests { "" } else { code.split("#[cfg(test)]\nmod ").next().unwrap_or_default() };
    SourceFile {
        name: file.strip_prefix(repository("")).unwrap().to_string_lossy().replace('\\', "/"),
        room,
        lines: text.lines().count(),
        paths: paths(code, &module),
    }
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            found.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

/// The text without comments, and with empty literals.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(end) =
            raw_string(rest).filter(|_| !code.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        {
            end
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' && is_char(rest) {
            quoted(rest, '\'')
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skip..];
    }
    code
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?.bytes().take_while(|b| *b == b'#').count();
    text[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = 2 + hashes;
    text[start..].find(&close).map(|end| start + end + close.len())
}

/// The end of a literal with backslash escapes, that begins here.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// A character, not a lifetime.
fn is_char(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    matches!((chars.next(), chars.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

/// Every path of at least two steps, groups of `use` spread out, `super` and `self` resolved to `crate::…`.
fn paths(code: &str, module: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // What stands before each open brace: the path of a `use` group, or nothing.
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut joined = false;
    let tokens = tokens(code);
    for token in tokens.iter().map(String::as_str).chain([";"]) {
        if token == "::" {
            joined = true;
        } else if token == "{" {
            groups.push(if joined { std::mem::take(&mut path) } else { groups.last().cloned().unwrap_or_default() });
            if !joined {
                keep(&mut found, &path, module);
                *groups.last_mut().unwrap() = Vec::new();
            }
            path = groups.last().cloned().unwrap_or_default();
            joined = !path.is_empty();
        } else if token.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            if !joined {
                keep(&mut found, &path, module);
                path.clear();
            }
            path.push(token.to_owned());
            joined = false;
        } else {
            keep(&mut found, &path, module);
            if token == "}" {
                groups.pop();
            }
            path = if matches!(token, "," | "}") { groups.last().cloned().unwrap_or_default() } else { Vec::new() };
            joined = !path.is_empty();
        }
    }
    found
}

fn keep(found: &mut BTreeSet<String>, path: &[String], module: &[String]) {
    if path.len() < 2 && path.first().is_none_or(|first| first != "git2") {
        return;
    }
    let mut base = Vec::new();
    let mut rest = path;
    if matches!(path[0].as_str(), "self" | "super") {
        base = std::iter::once("crate".to_owned()).chain(module.iter().cloned()).collect();
        while let Some((first, after)) =
            rest.split_first().filter(|(first, _)| matches!(first.as_str(), "self" | "super"))
        {
            if first == "super" {
                base.pop();
            }
            rest = after;
        }
    }
    base.extend(rest.iter().cloned());
    found.insert(base.join("::"));
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = code.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = if c.is_alphanumeric() || c == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

#[test]
fn the_reader_of_paths_sees_through_groups_comments_and_literals() {
    let code = r##"
        use std::{collections::BTreeMap, fs::{self, File}};
        use super::render::{Payload, digest::Digest};
        // use git2::Oid;
        fn f<'a>(x: &'a str) -> char { let _ = ("reqwest::get", r#"std::env"#, '"'); chrono::Utc::now(); '\'' }
    "##;
    let found = paths(&code_of(code), &["policy".to_owned()]);
    for expected in [
        "std::collections::BTreeMap",
        "std::fs::self",
        "std::fs::File",
        "crate::render::Payload",
        "crate::render::digest::Digest",
        "chrono::Utc::now",
    ] {
        assert!(found.contains(expected), "{expected} in {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("git2") || path.contains("reqwest") || path.contains("env")));
}
