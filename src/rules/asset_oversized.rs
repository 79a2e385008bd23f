//! `asset/oversized`: no picture has more pixels than people get to see.
//!
//! Networks make pictures smaller before they show them; what is beyond 4,096 pixels on a side costs time and room in every
//! clone. What a network does not take at all is an error of its own: `post/media-size`, `post/media-pixels`.
//!
//! A picture is as large as its first bytes say; this one has 8,289 × 2,657 pixels:
//!
//! ```text file assets/wide.gif
//! GIF89aa a
//! and so on
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/site
//! media: [{file: assets/wide.gif, alt: A maple wood from above}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//! ```

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["asset/oversized"],
    "no picture has more pixels than people get to see",
    Level::Info,
    include_str!("asset_oversized.rs"),
    judge,
);

/// Pixels on the longer side.
const ENOUGH: u32 = 4096;

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let post = written.post;
    for (file, span) in place::files(post) {
        let Ok(asset) = desk.assets.asset(&file) else { continue };
        let (Some(width), Some(height)) = (asset.width, asset.height) else { continue };
        let Some((small_width, small_height)) = within(width, height) else { continue };
        let message = format!("{file} has {width} × {height} pixels");
        let finding = Finding::warning("asset/oversized", &post.source, span, message);
        let help = format!("{small_width} × {small_height} are enough");
        findings.push(finding.label("this file").help(help));
    }
}

/// The measures that are enough, where a picture has more.
fn within(width: u32, height: u32) -> Option<(u32, u32)> {
    let longer = width.max(height);
    let fit = |side: u32| u32::try_from(u64::from(side) * u64::from(ENOUGH) / u64::from(longer)).ok().map(|n| n.max(1));
    if longer > ENOUGH { Some((fit(width)?, fit(height)?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_form() {
        assert_eq!(within(8192, 4096), Some((4096, 2048)));
        assert_eq!(within(4097, 1), Some((4096, 1)));
        assert_eq!((within(4096, 4096), within(0, 0)), (None, None));
        assert_eq!(within(u32::MAX, u32::MAX), Some((4096, 4096)));
    }
}
