//! `post/unknown-option` and `post/option-value`: the network must know the option, and its value.
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! options: {mastodon: {visibility: everybody}}
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: mastodon/acme
//! options: {mastodon: {visibility: unlisted}}
//! ---
//! Autumn is here.
//! ```

use serde_json::Value;

use super::{Delivery, Rule, place};
use crate::render::OptionSpec;
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::firm(
    &["post/unknown-option", "post/option-value"],
    "the network must know the option, and its value",
    include_str!("options.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let account = &payload.account.name;
    let known: Vec<&str> = capability.options.iter().map(|spec| spec.name).collect();
    for (name, value) in &payload.options {
        let span = place::option(post, account, name);
        let finding = match capability.options.iter().find(|spec| spec.name == name) {
            None => {
                let message = format!("{} has no option {}", capability.title, suggest::quote(name));
                Finding::error("post/unknown-option", &post.source, span, message)
                    .label("unknown option")
                    .help(suggest::help(name, "options", &known))
            }
            Some(spec) => match fault(spec, value) {
                None => continue,
                Some((message, help)) => Finding::error("post/option-value", &post.source, span, message)
                    .label("the value of this")
                    .help(help),
            },
        };
        findings.push(finding);
    }
}

/// What is wrong with an option's value, and what to write.
fn fault(spec: &OptionSpec, value: &Value) -> Option<(String, String)> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let name = spec.name;
    if value.is_array() && !spec.list {
        return Some((
            format!("`{name}` takes one value"),
            format!("write one of {}", suggest::list(spec.values.iter().copied())),
        ));
    }
    let wrong = texts.into_iter().find(|text| !spec.values.is_empty() && !spec.values.contains(text))?;
    Some((format!("{} is no value of `{name}`", suggest::quote(wrong)), suggest::help(wrong, "values", spec.values)))
}
