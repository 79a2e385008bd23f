//! What a file says twice, waits for in vain, or asks in a way that has one answer alone.

use crate::ci::Forge;
use crate::ci::desk::Desk;
use crate::ci::document::Document;
use crate::ci::expression::{expressions, inner, is_text};
use crate::ci::node::{Entry, Node};
use crate::ci::workflow::{PROPERTIES, is_property};
use crate::workspace::suggest;

/// What an expression can read: <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts> (checked
/// 2026-11-28), and Forgejo's other names of `github`.
const CONTEXTS: [&str; 16] = [
    "github",
    "env",
    "vars",
    "job",
    "jobs",
    "steps",
    "runner",
    "secrets",
    "strategy",
    "matrix",
    "needs",
    "inputs",
    "forgejo",
    "forge",
    "gitea",
    "hashfiles",
];

pub fn check(desk: &mut Desk<'_>, document: &Document) {
    twice(desk, document);
    needs(desk, &document.root);
    for entry in document.root.all_entries() {
        if entry.key == "if"
            && let Some(text) = entry.value.text()
        {
            condition(desk, entry, text);
        }
        if let Some(text) = entry.value.text().filter(|text| text.contains("${{")) {
            for expression in expressions(text) {
                names(desk, &entry.value, expression);
            }
        }
    }
}

/// Keys that stand twice in one table.
pub fn twice(desk: &mut Desk<'_>, document: &Document) {
    for (key, span) in &document.twice {
        let message = format!("{} stands in this table a second time", suggest::quote(key));
        let help = "keep one of them";
        match desk.forge {
            Forge::Gitlab => desk.warning("ci/twice", *span, message + ", and the first is passed over", help),
            Forge::Github | Forge::Forgejo => {
                desk.error("ci/twice", *span, message + ": the forge refuses the file", help)
            }
        }
    }
}

/// Jobs that wait for one that is not there, or for each other.
fn needs(desk: &mut Desk<'_>, root: &Node) {
    let jobs = root.get("jobs").map(Node::entries).unwrap_or_default();
    let names: Vec<&str> = jobs.iter().map(|job| job.key.as_str()).collect();
    let waits = |job: &Entry| {
        job.value
            .get("needs")
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
    };
    for job in jobs {
        for (name, node) in job.value.get("needs").map(Node::texts).unwrap_or_default() {
            if !names.contains(&name) {
                let message =
                    format!("there is no job {} to wait for: the forge refuses the file", suggest::quote(name));
                desk.error("ci/needs", node.span, message, suggest::help(name, "jobs", &names));
            }
        }
        // Whoever comes back to where they began.
        let (mut seen, mut open) = (Vec::new(), waits(job));
        while let Some(name) = open.pop().filter(|_| seen.len() <= names.len()) {
            if !seen.contains(&name) {
                open.extend(jobs.iter().filter(|other| other.key == name).flat_map(waits));
                seen.push(name);
            }
        }
        if seen.contains(&job.key)
            && let Some(entry) = job.value.entry("needs")
        {
            let message = "this job waits for itself, by way of others: the forge refuses the file";
            desk.error("ci/needs", entry.span, message, "take one of the `needs:` out");
        }
    }
}

fn condition(desk: &mut Desk<'_>, entry: &Entry, text: &str) {
    const WHOLE: &str = "write the condition without braces, or all of it inside one pair: `if: a == 'b' && c`";
    let expression = inner(text);
    if is_text(text) {
        let message = "this is a text with an expression in it, and a text is always true: nothing is asked";
        desk.error("ci/expression", entry.value.span, message, WHOLE);
    } else if expression.contains('"') {
        let message = "an expression has its texts in single quotes: the forge refuses the file";
        desk.error("ci/expression", entry.value.span, message, "write 'main' in place of \"main\"");
    } else if ["secrets.", "secrets["].iter().any(|start| expression.contains(start)) {
        let message = "a condition cannot read secrets: the forge refuses the file";
        let help = "take it out; `greenlit publish` says which secret is missing";
        desk.error("ci/expression", entry.value.span, message, help);
    } else if alternatives(expression).iter().any(|part| {
        part.len() > 2
            && part.starts_with('\'')
            && part.ends_with('\'')
            && !part.get(1..part.len() - 1).unwrap_or_default().contains('\'')
    }) {
        let message = "one side of an `||` is a text alone, which is always true: nothing is asked";
        desk.error(
            "ci/expression",
            entry.value.span,
            message,
            "compare it with something: `github.event_name == 'schedule'`",
        );
    }
    if !text.contains("${{") {
        names(desk, &entry.value, expression);
    }
}

/// The sides of `||`, outside of brackets.
fn alternatives(expression: &str) -> Vec<&str> {
    if expression.contains('(') { Vec::new() } else { expression.split("||").map(str::trim).collect() }
}

/// Names that stand for nothing.
fn names(desk: &mut Desk<'_>, node: &Node, expression: &str) {
    let plain: String = expression.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
    for word in plain.split(|c: char| !is_part(c)) {
        let Some((context, rest)) = word.split_once('.').filter(|(context, _)| !context.is_empty()) else { continue };
        let folded = context.to_lowercase();
        if context.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        if !CONTEXTS.contains(&folded.as_str()) {
            let message = format!("there is no {}, so nothing is read here", suggest::quote(context));
            desk.error(
                "ci/expression",
                desk.at(node, word),
                message,
                suggest::help(context, "things that can be read", &CONTEXTS[..12]),
            );
        } else if matches!(folded.as_str(), "github" | "forgejo" | "forge" | "gitea")
            && !is_property(&rest.to_lowercase())
        {
            let message = format!("there is no {}, so nothing is read here", suggest::quote(word));
            desk.error("ci/expression", desk.at(node, word), message, suggest::help(rest, "names in it", &PROPERTIES));
        }
    }
}
