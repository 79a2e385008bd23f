//! `asset/cropped`: people see all of a picture without opening it.
//!
//! Bluesky's app shows the middle of a picture that stands alone and is more than twice as tall as it is wide; what stands at
//! its top and bottom, a headline mostly, is seen by those who open it. `tall.png` has 1,000 × 3,000 pixels:
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! media: [{file: assets/tall.png, alt: A maple from its roots to its crown}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: [bluesky/acme, outbox/site]
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//!
//! ::: outbox
//! Autumn is here. ![A maple from its roots to its crown](assets/tall.png)
//! :::
//! ```

use super::{Level, Outgoing, Rule, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::outgoing(
    &["asset/cropped"],
    "people see all of a picture without opening it",
    Level::Info,
    include_str!("asset_cropped.rs"),
    judge,
);

fn judge(outgoing: &Outgoing<'_>, findings: &mut Vec<Finding>) {
    let Outgoing { post, payload, capability, .. } = outgoing;
    let Some(most) = capability.media.tallest else { return };
    for part in &payload.parts {
        let [picture] = part.media.as_slice() else { continue };
        let (Some(width), Some(height)) = (picture.width, picture.height) else { continue };
        let shown = width.saturating_mul(most);
        if height <= shown {
            continue;
        }
        let message =
            format!("{} shows the middle of {}: {width} × {shown} pixels of {height}", capability.title, picture.file);
        let finding = Finding::warning("asset/cropped", &post.source, place::media(post, &picture.file), message);
        findings.push(finding.label("this picture").help(format!("make it no taller than {most} times its width")));
    }
}
