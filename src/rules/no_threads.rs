//! `post/no-threads`: several parts need a network that has threads.
//!
//! Every network of today has threads; one that has none takes the first part of a post alone, and nothing is cut off in
//! silence.
//!
//! ```markdown good
//! ---
//! to: mastodon/acme
//! ---
//! One.
//!
//! ---
//!
//! Two.
//! ```

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/no-threads"],
    "several parts need a network that has threads",
    include_str!("no_threads.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let parts = payload.parts.len();
    if capability.threads || parts < 2 {
        return;
    }
    let account = &payload.account.name;
    let span = place::text_of(post, account, 1, parts).map_or(0..0, place::whole);
    let message = format!("{} has no threads, and the post has {parts} parts for {account}", capability.title);
    let help = format!("write it as one text: `::: {}`", account.network());
    findings.push(Finding::error("post/no-threads", &post.source, span, message).label("the second part").help(help));
}
