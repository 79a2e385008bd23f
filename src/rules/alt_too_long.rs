//! `post/alt-too-long`: what a picture shows must be told in so many characters.
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! media:
//!   - file: assets/leaf.png
//!     alt: A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop. A red maple leaf lies on a laptop.
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: mastodon/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf lies on a laptop}]
//! ---
//! Autumn is here.
//! ```

use unicode_segmentation::UnicodeSegmentation;

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/alt-too-long"],
    "an alt text must fit where the network limits it",
    include_str!("alt_too_long.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    let Some(limit) = capability.media.alt else { return };
    for file in payload.parts.iter().flat_map(|part| &part.media) {
        let count = file.alt.graphemes(true).count();
        if count > limit {
            let account = &payload.account.name;
            let message =
                format!("the alt text of {} is too long for {account}: {count} characters, and {limit} fit", file.file);
            let finding = Finding::error("post/alt-too-long", &post.source, place::media(post, &file.file), message);
            findings.push(
                finding.label("the alt text of this file").help("say what matters, and leave the rest to the text"),
            );
        }
    }
}
