//! What `ci init` writes, read by linters that have nothing to do with greenlit: zizmor, which looks for what is unsafe in
//! workflows of GitHub, and the schemas that the forges publish for their files.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::newsroom::{Desk, Newsroom};
use super::servers::installed;

/// What a linter said, or every fault.
fn lint(program: &str, arguments: &[&str], files: &[&Path]) -> Result<String, String> {
    let program = installed("workflows", "requirements.txt").join("bin").join(program);
    let output = Command::new(program).args(arguments).args(files).output().expect("the linter starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// The files for a forge, written into a clone.
fn written(desk: &Desk<'_>, forge: &str, files: &[&str]) -> Vec<PathBuf> {
    let from = ["--source", "https://forge.example/acme/greenlit", "--rev", "0123456789abcdef0123456789abcdef01234567"];
    desk.write(
        "notify.toml",
        "version = 1\n[channels.hook]\nkind = \"webhook\"\n[everyone]\nread = [{ on = \"hook\" }]\n",
    );
    desk.greenlit(["ci", "init", "--forge", forge].into_iter().chain(from)).succeeds();
    let files: Vec<PathBuf> = files.iter().map(|file| desk.path().join(file)).collect();
    assert!(files.iter().all(|file| file.is_file()), "{files:?}");
    files
}

const GITHUB: [&str; 3] = [
    ".github/workflows/greenlit-check.yml",
    ".github/workflows/greenlit-publish.yml",
    ".github/workflows/greenlit-review.yml",
];
const FORGEJO: [&str; 3] = [
    ".forgejo/workflows/greenlit-check.yml",
    ".forgejo/workflows/greenlit-publish.yml",
    ".forgejo/workflows/greenlit-review.yml",
];

const SCHEMA_GITHUB: [&str; 2] = ["--builtin-schema", "vendor.github-workflows"];
const SCHEMA_GITLAB: [&str; 4] = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];

#[test]
fn zizmor_finds_nothing_unsafe_in_what_is_written_for_github() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let files = written(&maya, "github", &GITHUB);
    let files: Vec<&Path> = files.iter().map(AsRef::as_ref).collect();
    lint("zizmor", &["--offline", "--persona=pedantic", "--min-severity=low", "--no-progress"], &files)
        .unwrap_or_else(|why| panic!("{why}"));

    // It does look: a job that hands a stranger's title to a shell is found.
    let title = "${{ github.event.pull_request.title }}";
    let unsafe_one = format!("{}\n      - name: Greet\n        run: echo {title}\n", maya.read(GITHUB[0]).trim_end());
    maya.write(GITHUB[0], unsafe_one);
    let why = lint("zizmor", &["--offline", "--no-progress"], &files).expect_err("a stranger's words in a shell");
    assert!(why.contains("template-injection"), "{why}");
}

#[test]
fn the_action_is_safe_and_as_its_schema_asks() {
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    let linted = lint("zizmor", &["--offline", "--persona=pedantic", "--no-progress"], &[&action]);
    linted.unwrap_or_else(|why| panic!("{why}"));
    let linted = lint("check-jsonschema", &["--builtin-schema", "vendor.github-actions"], &[&action]);
    linted.unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn what_is_written_is_as_the_forges_schemas_ask() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    for (forge, names, schema) in [
        ("github", GITHUB.as_slice(), SCHEMA_GITHUB.as_slice()),
        ("forgejo", &FORGEJO, &SCHEMA_GITHUB),
        ("gitlab", &[".gitlab-ci.yml"], &SCHEMA_GITLAB),
    ] {
        let files = written(&maya, forge, names);
        let files: Vec<&Path> = files.iter().map(AsRef::as_ref).collect();
        lint("check-jsonschema", schema, &files).unwrap_or_else(|why| panic!("{forge}: {why}"));

        // It does look: a key that no such file has is found.
        let broken = maya.read(names[0]).replace("script:", "scrpt:").replace("runs-on:", "runs:");
        maya.write(names[0], broken);
        lint("check-jsonschema", schema, &files).expect_err(forge);
    }
}
