//! `post/media-mixed`: a film goes alone where the network takes no other files beside it.
//!
//! Mastodon refuses a film beside pictures, and two films; animated GIFs count as pictures.
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}, {file: assets/film.mp4, alt: Leaves fall from a maple}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: [mastodon/acme, outbox/site]
//! media: [{file: assets/leaf.png, alt: A red maple leaf}, {file: assets/film.mp4, alt: Leaves fall from a maple, part: 2}]
//! ---
//! Autumn is here.
//!
//! ---
//!
//! Look how they fall.
//! ```

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/media-mixed"],
    "a film goes alone where the network takes no other files beside it",
    include_str!("media_mixed.rs"),
    judge,
);

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, .. } = delivery;
    if capability.media.mixed {
        return;
    }
    for part in payload.parts.iter().filter(|part| part.media.len() > 1) {
        if let Some(film) = part.media.iter().find(|file| file.mime.starts_with("video/")) {
            let message = format!("{} takes no film beside other files", payload.account.name);
            let finding = Finding::error("post/media-mixed", &post.source, place::media(post, &film.file), message);
            findings.push(finding.label("this film").help("put it on a part of its own: `part: 2`"));
        }
    }
}
