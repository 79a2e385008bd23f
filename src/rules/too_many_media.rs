//! `post/too-many-media`: a part takes so many files and no more.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: One}, {file: assets/leaf.png, alt: Two}, {file: assets/leaf.png, alt: Three}, {file: assets/leaf.png, alt: Four}, {file: assets/leaf.png, alt: Five}]
//! ---
//! Five leaves.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! One leaf.
//! ```

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/too-many-media"],
    "a part takes so many files and no more",
    include_str!("too_many_media.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let limit = capability.media.count;
    for (n, part) in payload.parts.iter().enumerate() {
        if let Some(first) = part.media.get(limit) {
            let (count, account) = (part.media.len(), &payload.account.name);
            let message = format!("part {} has {count} files, and {account} takes {limit}", n + 1);
            let finding = Finding::error("post/too-many-media", &post.source, place::media(post, &first.file), message);
            findings.push(finding.label("one too many").help("remove some, or put them on another part: `part: 2`"));
        }
    }
}
