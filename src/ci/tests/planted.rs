//! Mistakes that teams make, planted in what greenlit writes and in what others write in their own way; and that what others
//! write well is left alone.
//!
//! The cases lie in `mistakes/` and `honest/`, to be read.

use super::*;

/// A mistake: what is changed in which file, and the codes that it must be told with.
#[derive(Debug, Default)]
struct Mistake<'t> {
    title: &'t str,
    /// The honest one that it is made in; what greenlit writes where there is none.
    base: &'t str,
    changes: Vec<Change<'t>>,
    codes: Vec<&'t str>,
}

#[derive(Debug, Default)]
struct Change<'t> {
    file: &'t str,
    from: Vec<&'t str>,
    to: Vec<&'t str>,
}

fn mistakes(text: &str) -> Vec<Mistake<'_>> {
    let mut found: Vec<Mistake<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            found.push(Mistake { title, ..Mistake::default() });
        }
        let Some(mistake) = found.last_mut() else { continue };
        if let Some(base) = line.strip_prefix("in ") {
            mistake.base = base;
        } else if let Some(file) = line.strip_prefix("@@ ") {
            mistake.changes.push(Change { file, ..Change::default() });
        } else if let Some(codes) = line.strip_prefix("=> ") {
            mistake.codes = codes.split(' ').collect();
        } else if let Some(change) = mistake.changes.last_mut() {
            change.from.extend(line.strip_prefix('-'));
            change.to.extend(line.strip_prefix('+'));
        }
    }
    found
}

/// The files of a case that is written well.
fn honest(text: &str) -> Vec<(String, String)> {
    let parts = text.split("=== ").skip(1).filter_map(|part| part.split_once('\n'));
    parts.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

macro_rules! honest_ones {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("honest/", $name, ".txt")))),*] };
}

const HONEST: [(&str, &str); 20] = honest_ones![
    "build-then-publish",
    "checkout-flow",
    "composite",
    "container",
    "docker-run",
    "exit-handled",
    "fj",
    "fork-safe-check",
    "gh-anchors",
    "gl-extends",
    "gl-include",
    "gl-only",
    "other-workflows",
    "pat",
    "release-beside",
    "reusable",
    "reusable-map",
    "sarif",
    "ssh-key",
    "vault",
];

fn of_honest(name: &str) -> Vec<(String, String)> {
    let (_, text) = HONEST.iter().find(|(known, _)| *known == name).expect("an honest one");
    honest(text)
}

/// Makes a mistake, and tells what is not found of it, and what else is.
fn missed(mistake: &Mistake<'_>, mut files: Vec<(String, String)>) -> Option<String> {
    for change in &mistake.changes {
        let (from, to) = (change.from.join("\n"), change.to.join("\n"));
        let file = files.iter_mut().find(|(path, _)| path.contains(change.file));
        let (_, text) = file.unwrap_or_else(|| panic!("{} is there: {}", change.file, mistake.title));
        assert!(text.contains(&from), "{}: {from:?} stands in {}:\n{text}", mistake.title, change.file);
        *text = text.replacen(&from, &to, 1);
    }
    let found = diagnosis(&files).found;
    let beside = ["ci/unseen", "ci/no-check"];
    let mut told: Vec<&str> = found.iter().map(|finding| finding.code).filter(|code| !beside.contains(code)).collect();
    told.extend(
        found.iter().map(|finding| finding.code).filter(|code| *code == "ci/no-check" && mistake.codes.contains(code)),
    );
    told.sort_unstable();
    told.dedup();
    (told != mistake.codes).then(|| format!("{}: {told:?} and not {:?}", mistake.title, mistake.codes))
}

#[test]
fn what_others_write_well_is_left_alone() {
    let mut wrong = Vec::new();
    for (name, text) in HONEST {
        let files = honest(text);
        assert!(!files.is_empty(), "{name}");
        let found = diagnosis(&files).found;
        let told = found.iter().filter(|finding| finding.severity != Severity::Info);
        wrong.extend(
            told.map(|finding| format!("{name}: {} {} at {:?}", finding.code, finding.message, finding.place())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_in_what_greenlit_writes_are_found() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (forge, text) in [
        (Forge::Github, include_str!("mistakes/github-unsafe.txt")),
        (Forge::Github, include_str!("mistakes/github-broken.txt")),
        (Forge::Gitlab, include_str!("mistakes/gitlab.txt")),
        (Forge::Forgejo, include_str!("mistakes/forgejo.txt")),
    ] {
        let all = mistakes(text);
        count += all.len();
        wrong.extend(all.iter().filter_map(|mistake| missed(mistake, written(forge))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 200, "{count} mistakes were made");
}

#[test]
fn mistakes_in_what_others_write_are_found_also_where_a_file_takes_over_another() {
    let all = mistakes(include_str!("mistakes/taken-over.txt"));
    let wrong: Vec<String> = all.iter().filter_map(|mistake| missed(mistake, of_honest(mistake.base))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.len() > 50, "{} mistakes were made", all.len());
}

#[test]
fn what_is_taken_over_is_followed_as_far_as_the_repository_and_no_further() {
    let call = "on: push\npermissions: {contents: read}\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n";
    let around = around();
    let look = |files: MemoryFiles| {
        let found = diagnose(&files, &around).found;
        found.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect::<Vec<_>>().join("\n")
    };
    // Round and round.
    let back = call.replace("b.yml", "a.yml").replace("on: push", "on: workflow_call");
    let files = MemoryFiles::default().with(".github/workflows/a.yml", call).with(".github/workflows/b.yml", &back);
    assert_eq!(look(files), "");
    let includes = |name: &str| format!("include: [{{local: {name}}}]\na: {{script: [greenlit check]}}\n");
    let files =
        MemoryFiles::default().with(".gitlab-ci.yml", includes("/b.yml")).with("b.yml", includes(".gitlab-ci.yml"));
    assert_eq!(look(files), "");
    let action = "runs: {using: composite, steps: [{uses: ./x}, {run: greenlit check || true, shell: bash}]}\n";
    let step = "on: push\npermissions: {contents: read}\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: ./x}]}}\n";
    let files = MemoryFiles::default().with(".github/workflows/a.yml", step).with("x/action.yml", action);
    assert!(look(files).contains("ci/ignored-failure"));

    // A link is not followed, and neither is a path out of it.
    let files = MemoryFiles::default().with(".gitlab-ci.yml", includes("/b.yml")).with_link("b.yml");
    assert!(look(files).contains("ci/not-read `/b.yml` cannot be read here: it is a symbolic link"), "a link");
    let files = MemoryFiles::default().with(".gitlab-ci.yml", includes("../../b.yml"));
    assert!(look(files).contains("ci/not-read"), "a path upwards");
    let files = MemoryFiles::default().with(".github/workflows/a.yml", call).with_link(".github/workflows/b.yml");
    assert!(look(files).contains("ci/not-read"), "a linked workflow");
    let files = MemoryFiles::default().with_link(".github/workflows/a.yml");
    assert!(look(files).contains("ci/unreadable"), "a linked workflow of its own");

    // A bomb of calls ends.
    let many = |name: &str| {
        let jobs: String = (0..60).map(|at| format!("  j{at}: {{uses: ./.github/workflows/{name}.yml}}\n")).collect();
        format!("on: workflow_call\njobs:\n{jobs}")
    };
    let files = (0..8).fold(MemoryFiles::default(), |files, at| {
        let text = many(&format!("w{}", at + 1));
        files.with(
            &format!(".github/workflows/w{at}.yml"),
            if at == 0 { text.replace("workflow_call", "push") } else { text },
        )
    });
    look(files);
}
