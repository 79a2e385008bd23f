//! `post/alt-too-long`: what a picture shows must be told in so many characters.

use unicode_segmentation::UnicodeSegmentation;

use super::{Delivery, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule =
    Rule { codes: &["post/alt-too-long"], about: "an alt text must fit where the network limits it", judge };

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability } = delivery;
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
