//! `post/no-threads`: several parts need a network that has threads.

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule =
    Rule { codes: &["post/no-threads"], about: "several parts need a network that has threads", judge };

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability } = delivery;
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
