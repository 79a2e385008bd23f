//! A workflow with what it takes over from files of this repository: actions that are made of steps, and workflows that it
//! calls. What comes from elsewhere stays as it stands, and is not read.
//!
//! <https://docs.github.com/en/actions/sharing-automations/reusing-workflows>,
//! <https://docs.github.com/en/actions/sharing-automations/creating-actions/creating-a-composite-action> (checked 2026-11-28)

use crate::ci::expression;
use crate::ci::node::{Entry, Node, Value};
use crate::ci::shelf::{Shelf, local};

/// Actions in actions, and workflows in workflows.
const DEEPEST: usize = 10;
/// Steps and jobs that one workflow comes to.
const MOST: usize = 2000;

/// The workflow with all that it takes over.
pub fn expand(root: &Node, shelf: &Shelf) -> Node {
    let mut left = MOST;
    let Some(jobs) = root.entry("jobs") else { return root.clone() };
    let expanded = jobs_of(root, &[], shelf, 0, &mut left);
    root.with_entry("jobs", jobs.span, Node { value: Value::Table(expanded), span: jobs.value.span })
}

/// Whether a workflow is only there for others of this repository, which call it.
pub fn is_called(root: &Node, path: &str, shelf: &Shelf) -> bool {
    let triggers = root.get("on").map(Node::texts).unwrap_or_default();
    let table = root.get("on").map(Node::entries).unwrap_or_default();
    let only = match table {
        [] => matches!(triggers.as_slice(), [("workflow_call", _)]),
        entries => entries.iter().all(|entry| entry.key == "workflow_call"),
    };
    let calls = |root: &Node| {
        let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
        let mut uses = jobs.iter().filter_map(|job| local(job.value.get("uses")?.text()?));
        uses.any(|paths| paths.iter().any(|called| called == path))
    };
    only && shelf.workflows().filter_map(|(_, file)| shelf.document(file)).any(|document| calls(&document.root))
}

/// The jobs of a workflow; those that call another one are replaced by that one's.
fn jobs_of(root: &Node, path: &[&str], shelf: &Shelf, depth: usize, left: &mut usize) -> Vec<Entry> {
    let mut found = Vec::new();
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let called = job.value.get("uses").and_then(Node::text).and_then(local);
        let called = called.filter(|_| depth < DEEPEST).into_iter().flatten().find(|name| shelf.tree(name).is_some());
        match called.as_deref() {
            Some(name) if !path.contains(&name) => {
                let Some(tree) = shelf.tree(name) else { continue };
                let tree = filled_call(tree, &job.value);
                let inner: Vec<&str> = path.iter().copied().chain([name]).collect();
                let jobs = jobs_of(&tree, &inner, shelf, depth + 1, left);
                found.extend(jobs.into_iter().map(|inner| Entry {
                    key: format!("{} / {}", job.key, inner.key),
                    value: called_job(&inner.value, &tree, &job.value),
                    ..inner
                }));
            }
            _ => found.push(Entry { value: with_steps(&job.value, shelf, left), ..job.clone() }),
        }
    }
    found
}

/// A called workflow with what it is handed over in the place of its inputs and secrets.
fn filled_call(tree: &Node, caller: &Node) -> Node {
    let inputs = tree.get("on").and_then(|on| on.get("workflow_call")).and_then(|call| call.get("inputs"));
    let all = caller.get("secrets").and_then(Node::text).is_some_and(|text| text.trim() == "inherit");
    tree.with_texts(&|text| {
        expression::replaced(text, &|name| {
            if let Some(input) = name.strip_prefix("inputs.") {
                return Some(given(input, caller.get("with"), inputs));
            }
            let secret = name.strip_prefix("secrets.").filter(|_| !all)?;
            let own = caller.get("secrets")?.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(secret))?;
            Some(own.value.text()?.to_owned())
        })
    })
}

/// What an input is given, else what it is where nothing is given.
fn given(input: &str, with: Option<&Node>, inputs: Option<&Node>) -> String {
    let find = |table: Option<&Node>| {
        let mut entries = table.map(Node::entries).unwrap_or_default().iter();
        entries.find(|entry| entry.key.eq_ignore_ascii_case(input)).map(|entry| entry.value.clone())
    };
    let value = find(with).or_else(|| find(inputs)?.get("default").cloned());
    value.and_then(|value| value.text().map(str::to_owned)).unwrap_or_default()
}

/// A job of a called workflow as it runs there: with what the call and that workflow say for all jobs.
fn called_job(job: &Node, tree: &Node, caller: &Node) -> Node {
    let mut whole = job.clone();
    for key in ["permissions", "concurrency"] {
        let outer = tree.entry(key).or_else(|| caller.entry(key));
        if let Some(entry) = outer.filter(|_| job.get(key).is_none()) {
            whole = whole.with_entry(key, entry.span, entry.value.clone());
        }
    }
    for key in ["env", "defaults"] {
        if let Some(entry) = tree.entry(key) {
            let value = whole.get(key).map_or_else(|| entry.value.clone(), |own| own.over(&entry.value));
            whole = whole.with_entry(key, entry.span, value);
        }
    }
    if let Some(outer) = caller.entry("if") {
        let both = match (job.get("if").and_then(Node::text), outer.value.text()) {
            (Some(own), Some(outer)) => format!("({}) && ({})", expression::inner(own), expression::inner(outer)),
            (_, outer) => outer.unwrap_or_default().to_owned(),
        };
        let value = Node { value: Value::Scalar { text: both, plain: true }, span: outer.value.span };
        whole = whole.with_entry("if", outer.span, value);
    }
    whole
}

/// A job with the steps of the actions of this repository that it uses.
fn with_steps(job: &Node, shelf: &Shelf, left: &mut usize) -> Node {
    let Some(steps) = job.entry("steps") else { return job.clone() };
    let Value::List(items) = &steps.value.value else { return job.clone() };
    let items = steps_of(items, &[], shelf, left);
    job.with_entry("steps", steps.span, Node { value: Value::List(items), span: steps.value.span })
}

fn steps_of(items: &[Node], path: &[&str], shelf: &Shelf, left: &mut usize) -> Vec<Node> {
    let mut found = Vec::new();
    for step in items {
        if *left == 0 {
            break;
        }
        *left -= 1;
        found.push(step.clone());
        let names = step.get("uses").and_then(Node::text).and_then(local).unwrap_or_default();
        let Some(name) = names.iter().find(|name| shelf.tree(name).is_some()) else { continue };
        let (Some(action), false) = (shelf.tree(name), path.contains(&name.as_str()) || path.len() >= DEEPEST) else {
            continue;
        };
        let inputs = action.get("inputs");
        let filled = action.with_texts(&|text| {
            expression::replaced(text, &|name| Some(given(name.strip_prefix("inputs.")?, step.get("with"), inputs)))
        });
        let inner: Vec<Node> = filled
            .get("runs")
            .and_then(|runs| runs.get("steps"))
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(|inner| inside(inner, step))
            .collect();
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        found.extend(steps_of(&inner, &path, shelf, left));
    }
    found
}

/// A step of an action as it runs there: with the environment of the step that uses it, and what that one forgives.
fn inside(inner: &Node, outer: &Node) -> Node {
    let mut whole = inner.clone();
    if let Some(entry) = outer.entry("env") {
        let value = whole.get("env").map_or_else(|| entry.value.clone(), |own| own.over(&entry.value));
        whole = whole.with_entry("env", entry.span, value);
    }
    for key in ["continue-on-error", "if"] {
        if let Some(entry) = outer.entry(key).filter(|_| inner.get(key).is_none()) {
            whole = whole.with_entry(key, entry.span, entry.value.clone());
        }
    }
    whole
}
