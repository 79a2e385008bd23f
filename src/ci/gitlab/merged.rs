//! A pipeline together with what it takes over: files of this repository, templates, and parts of other jobs.
//!
//! <https://docs.gitlab.com/ci/yaml/includes/>, <https://docs.gitlab.com/ci/yaml/yaml_optimization/> (checked 2026-11-28)

use crate::ci::node::{Entry, Node, Value};
use crate::ci::shelf::{From, Shelf, includes, local_include};

/// Templates of templates, files in files, parts of parts.
const DEEPEST: usize = 10;

/// The pipeline with the files of this repository that it includes. What it says itself counts over them.
pub fn with_includes(root: &Node, shelf: &Shelf) -> Node {
    let whole = included(root, shelf, &mut Vec::new());
    let resolved = referred(&whole, &whole, 0);
    resolved.first().cloned().unwrap_or(whole)
}

fn included(root: &Node, shelf: &Shelf, path: &mut Vec<String>) -> Node {
    let mut below: Option<Node> = None;
    for include in includes(root) {
        let From::Here(pattern) = include.from else { continue };
        for name in local_include(pattern, &mut shelf.paths()) {
            let Some(tree) = shelf.tree(&name).filter(|_| path.len() < DEEPEST && !path.contains(&name)) else {
                continue;
            };
            path.push(name);
            let tree = included(tree, shelf, path);
            path.pop();
            // Of several files the last counts.
            below = Some(below.map_or(tree.clone(), |below| tree.over(&below)));
        }
    }
    below.map_or_else(|| root.clone(), |below| root.over(&below))
}

/// A value with what its `!reference`s stand for; in a list, the items of a list that is meant.
fn referred(node: &Node, root: &Node, depth: usize) -> Vec<Node> {
    if depth > DEEPEST {
        return vec![node.clone()];
    }
    let one = |value: &Node| referred(value, root, depth).into_iter().next().unwrap_or_else(|| value.clone());
    let value = match &node.value {
        Value::Scalar { .. } => return vec![node.clone()],
        Value::Reference(names) => {
            let meant = names.iter().try_fold(root, |node, name| node.get(name));
            return match meant.map(|meant| (&meant.value, meant)) {
                Some((Value::List(items), _)) => {
                    items.iter().flat_map(|item| referred(item, root, depth + 1)).collect()
                }
                Some((_, meant)) => referred(meant, root, depth + 1),
                None => Vec::new(),
            };
        }
        Value::List(items) => Value::List(items.iter().flat_map(|item| referred(item, root, depth)).collect()),
        Value::Table(entries) => {
            let line = |entry: &Entry| {
                let value = match &entry.value.value {
                    Value::Reference(_) => {
                        let items = referred(&entry.value, root, depth);
                        match items.as_slice() {
                            [only] if only.text().is_none() => only.clone(),
                            _ => Node { value: Value::List(items), span: entry.value.span },
                        }
                    }
                    _ => one(&entry.value),
                };
                Entry { value, ..entry.clone() }
            };
            Value::Table(entries.iter().map(line).collect())
        }
    };
    vec![Node { value, span: node.span }]
}

/// A job together with the templates that it extends; what it says itself counts, also inside its tables.
pub fn with_templates(job: &Node, root: &Node) -> Node {
    templates(job, root, 0)
}

fn templates(job: &Node, root: &Node, depth: usize) -> Node {
    let names = job.get("extends").map(Node::items).unwrap_or_default();
    if depth >= DEEPEST {
        return job.clone();
    }
    let mut whole = job.clone();
    // Of several templates the last counts.
    for name in names.iter().rev().filter_map(Node::text) {
        if let Some(template) = root.get(name) {
            whole = whole.over(&templates(template, root, depth + 1));
        }
    }
    whole
}
