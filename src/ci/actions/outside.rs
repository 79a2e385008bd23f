//! What a workflow takes from files that lie elsewhere, or are not there.

use crate::ci::desk::Desk;
use crate::ci::expression::secrets;
use crate::ci::node::{Entry, Node};
use crate::ci::shelf::{Shelf, local};
use crate::workspace::suggest;

/// The workflows that one calls.
pub fn calls(desk: &mut Desk<'_>, shelf: &Shelf, root: &Node) {
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        let Some((node, name)) = job.value.get("uses").and_then(|node| Some((node, node.text()?))) else { continue };
        match local(name) {
            Some(paths) => {
                missing(desk, shelf, node, &paths);
                required(desk, job, node, paths.iter().find_map(|path| shelf.tree(path)));
            }
            None if concerns(job) => called(desk, job, node, name),
            None => {}
        }
    }
}

/// Whether what is called may have to do with greenlit: it has a secret of its, or all of them, or is called so.
fn concerns(job: &Entry) -> bool {
    let named = |text: &str| text.to_lowercase().contains("greenlit");
    let all = job.value.get("secrets").and_then(Node::text).is_some_and(|text| text.trim() == "inherit");
    all || job.value.texts().iter().any(|(text, _)| named(text))
}

/// The actions of this repository that a workflow's steps use.
pub fn steps(desk: &mut Desk<'_>, shelf: &Shelf, root: &Node) {
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        let steps = job.value.get("steps").map(Node::items).unwrap_or_default();
        // What another repository brings lies where that was put.
        let brought: Vec<&str> = steps.iter().filter_map(|step| step.get("with")?.get("path")?.text()).collect();
        for node in steps.iter().filter_map(|step| step.get("uses")) {
            let paths = node.text().and_then(|uses| local(uses).or_else(|| uses.starts_with("./").then(Vec::new)));
            let Some(paths) = paths else { continue };
            if !brought.iter().any(|path| paths.iter().any(|own| own.starts_with(path.trim_start_matches("./")))) {
                missing(desk, shelf, node, &paths);
            }
        }
    }
}

/// Secrets and inputs that a workflow of this repository must be handed over, and is not.
fn required(desk: &mut Desk<'_>, job: &Entry, node: &Node, tree: Option<&Node>) {
    let call = tree.and_then(|tree| tree.get("on")).and_then(|on| on.get("workflow_call"));
    let all = job.value.get("secrets").and_then(Node::text).is_some_and(|text| text.trim() == "inherit");
    for (key, table, code) in [("secrets", "secrets", "ci/missing-secret"), ("inputs", "with", "ci/not-read")] {
        let wanted = call.and_then(|call| call.get(key)).map(Node::entries).unwrap_or_default().iter();
        let needs = |entry: &&Entry| entry.value.get("required").is_some_and(Node::is_true);
        let given = job.value.get(table).map(Node::entries).unwrap_or_default();
        let has =
            |name: &str| given.iter().any(|entry| entry.key.eq_ignore_ascii_case(name)) || all && key == "secrets";
        for entry in wanted.filter(needs).filter(|entry| !has(&entry.key)) {
            let message = format!(
                "this workflow must be handed over {}, and is not: the forge refuses to run it",
                suggest::quote(&entry.key)
            );
            desk.error(code, node.span, message, format!("write it under `{table}:`"));
        }
    }
}

/// A file of this repository that cannot be read.
fn missing(desk: &mut Desk<'_>, shelf: &Shelf, node: &Node, paths: &[String]) {
    let problems: Vec<String> = paths.iter().filter_map(|path| shelf.problem(path)).collect();
    if problems.len() == paths.len() {
        let why = problems.first().map_or("the path leaves the workspace", String::as_str);
        let message = format!("{} cannot be read here: {why}", suggest::quote(node.text().unwrap_or_default()));
        desk.warning("ci/not-read", node.span, message, "name a file of this repository, as it is spelt there");
    }
}

/// A workflow of another repository.
fn called(desk: &mut Desk<'_>, job: &Entry, node: &Node, name: &str) {
    let version = name.split_once('@').map_or("", |(_, version)| version);
    let pinned = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
    let handed = job.value.entry("secrets");
    if !pinned {
        desk.error(
            "ci/unpinned-action",
            node.span,
            "whoever can move this tag or branch decides what runs here, beside whatever this job knows",
            "pin the commit: `uses: OWNER/NAME/.github/workflows/FILE.yml@<40 digits>`",
        );
    }
    if let Some(entry) = handed.filter(|entry| entry.value.text().is_some_and(|text| text.trim() == "inherit")) {
        desk.error(
            "ci/secret-too-wide",
            entry.span,
            "every secret is handed to a workflow of another repository",
            "hand over those that it needs, one by one; greenlit's belong to the job that publishes alone",
        );
    } else if let Some((_, node)) = handed.and_then(|entry| {
        let mut texts = entry.value.texts().into_iter();
        texts.find(|(text, _)| secrets(text).iter().any(|name| name.starts_with("GREENLIT_")))
    }) {
        let message = "a secret of greenlit's is handed to a workflow of another repository, which is not read here";
        let help = "let the job that publishes stand in this repository";
        desk.warning("ci/secret-too-wide", node.span, message, help);
    }
    desk.hint(
        "ci/not-read",
        node.span,
        "this workflow lies in another repository, and was not read: what it does is not known here",
        "run `greenlit ci doctor` there, too, or let greenlit's jobs stand in this repository",
    );
}
