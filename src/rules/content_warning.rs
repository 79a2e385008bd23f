//! `post/no-content-warning`: a warning that the network cannot show is not shown.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! content_warning: a spoiler
//! ---
//! It was the gardener.
//! ```
//!
//! ```markdown good
//! ---
//! to: mastodon/acme
//! content_warning: a spoiler
//! ---
//! It was the gardener.
//! ```

use super::{Delivery, Rule};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/no-content-warning"],
    "a content warning needs a network that can show it",
    include_str!("content_warning.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let Some(warning) = post.content_warning.as_deref().filter(|_| !capability.content_warning) else { return };
    let key = "content_warning:";
    let span = post.source.text.find(key).map_or(0..0, |at| at..at + key.len() - 1);
    let message =
        format!("{} has no content warnings: {warning:?} is not shown on {}", capability.title, payload.account.name);
    let finding = Finding::warning("post/no-content-warning", &post.source, span, message).label("left out there");
    findings.push(finding.help(format!("say it in the text: `::: {}`", payload.account.name.network())));
}
