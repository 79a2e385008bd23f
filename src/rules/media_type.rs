//! `post/media-type`, `post/media-size`, `post/media-pixels`: files must be of a type and a size that the network takes.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! media: [{file: assets/report.pdf, alt: The report of this year}]
//! ---
//! Our report is out.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Our report is out.
//! ```

use super::{Delivery, Rule, place};
use crate::render::{Attachment, Cards};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::firm(
    &["post/media-type", "post/media-size", "post/media-pixels"],
    "files must be of a type and a size that the network takes",
    include_str!("media_type.rs"),
    judge,
);

/// Pixels of a picture. A file of a few bytes can claim to be as large as it likes, and whoever opens it pays for that;
/// no camera makes larger ones.
const MOST_PIXELS: u64 = 200_000_000;

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability } = delivery;
    let account = &payload.account.name;
    let types = &capability.media.types;
    let mut error = |code, file: &Attachment, message: String, help: String| {
        let finding = Finding::error(code, &post.source, place::media(post, &file.file), message);
        findings.push(finding.label("this file").help(help));
    };
    for part in &payload.parts {
        for file in &part.media {
            match types.iter().find(|(mime, _)| *mime == file.mime) {
                None => {
                    let known: Vec<&str> = types.iter().map(|(mime, _)| *mime).collect();
                    let message = format!("{account} takes no {}", file.mime);
                    error("post/media-type", file, message, format!("it takes {}", known.join(", ")));
                }
                Some((_, limit)) if file.size > *limit => {
                    let message = format!("the file has {} bytes, and {account} takes {limit}", file.size);
                    error("post/media-size", file, message, "make it smaller".to_owned());
                }
                Some(_) if pixels(file) > MOST_PIXELS => {
                    let message =
                        format!("the picture claims to have {} pixels; {MOST_PIXELS} are allowed", pixels(file));
                    error("post/media-pixels", file, message, "make it smaller".to_owned());
                }
                Some(_) => {}
            }
        }
        let image = part.card.as_ref().and_then(|card| card.image.as_ref());
        if let (Some(image), Cards::Client { image: limit, .. }) = (image, capability.cards)
            && image.size > limit
        {
            let message = format!("the card's picture has {} bytes, and {account} takes {limit}", image.size);
            error("post/media-size", image, message, "make it smaller".to_owned());
        }
    }
}

fn pixels(file: &Attachment) -> u64 {
    u64::from(file.width.unwrap_or(0)) * u64::from(file.height.unwrap_or(0))
}
