//! `post/media-type`, `post/media-size`, `post/media-pixels`: files must be of a type and a size that the network takes.
//!
//! What a file is, its bytes say, and not its name. Where it is too large, the size is told that would fit.
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

use std::time::Duration;

use super::{Delivery, Rule, place};
use crate::render::{Attachment, Cards, MediaLimits};
use crate::workspace::{Assets, Finding};

pub const RULE: Rule = Rule::firm(
    &["post/media-type", "post/media-size", "post/media-pixels"],
    "files must be of a type and a size that the network takes",
    include_str!("media_type.rs"),
    judge,
);

/// Pixels, whatever the network says. A file of a few bytes can claim to be as large as it likes, and whoever opens it pays for that;
/// no camera makes larger ones.
const MOST_PIXELS: u64 = 200_000_000;

fn judge(delivery: &Delivery<'_>, findings: &mut Vec<Finding>) {
    let Delivery { post, payload, capability, assets } = delivery;
    let account = &payload.account.name;
    let types = &capability.media.types;
    let mut error = |code, file: &Attachment, message: String, help: String| {
        let finding = Finding::error(code, &post.source, place::media(post, &file.file), message);
        findings.push(finding.label("this file").help(help));
    };
    for part in &payload.parts {
        for file in &part.media {
            let size = Size::of(file, *assets);
            let limit = size.limit(&capability.media);
            match types.iter().find(|(mime, _)| *mime == file.mime) {
                None => {
                    let known: Vec<&str> = types.iter().map(|(mime, _)| *mime).collect();
                    let message = format!("{account} takes no {}", file.mime);
                    error("post/media-type", file, message, format!("it takes {}", known.join(", ")));
                }
                Some((_, limit)) if file.size > *limit => {
                    let message = format!("the file has {} bytes, and {account} takes {limit}", file.size);
                    let films = types.iter().any(|(mime, _)| *mime == "video/mp4");
                    let help = match size.frames {
                        Some(frames @ 2..) if films => {
                            format!("send its {frames} pictures as a film: MP4 takes far less")
                        }
                        _ => size.in_bytes(file.size, *limit),
                    };
                    error("post/media-size", file, message, help);
                }
                Some(_) if size.pixels() > limit => {
                    let what = if size.is_film { "film" } else { "picture" };
                    let message =
                        format!("the {what} claims to have {} pixels; {account} takes {limit}", size.pixels());
                    error("post/media-pixels", file, message, size.in_pixels(limit));
                }
                Some(_) => {}
            }
        }
        let image = part.card.as_ref().and_then(|card| card.image.as_ref());
        if let (Some(image), Cards::Client { image: limit, .. }) = (image, capability.cards)
            && image.size > limit
        {
            let message = format!("the card's picture has {} bytes, and {account} takes {limit}", image.size);
            error("post/media-size", image, message, Size::of(image, *assets).in_bytes(image.size, limit));
        }
    }
}

/// How large a picture or a film is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    width: u32,
    height: u32,
    is_film: bool,
    /// How long a film plays.
    duration: Option<Duration>,
    /// The pictures of an animation.
    frames: Option<u32>,
}

impl Size {
    fn of(file: &Attachment, assets: &dyn Assets) -> Self {
        let is_film = file.mime.starts_with("video/");
        let moving = assets.asset(&file.file).ok().and_then(|asset| asset.moving).unwrap_or_default();
        Self {
            width: file.width.or(moving.width).unwrap_or(0),
            height: file.height.or(moving.height).unwrap_or(0),
            is_film,
            duration: moving.duration,
            frames: moving.frames,
        }
    }

    fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    fn limit(self, media: &MediaLimits) -> u64 {
        let limit = if self.is_film { media.film_pixels } else { media.picture_pixels };
        limit.map_or(MOST_PIXELS, |limit| limit.min(MOST_PIXELS))
    }

    /// What to do where the network takes so many pixels.
    fn in_pixels(self, limit: u64) -> String {
        let (width, height) = self.within(limit, self.pixels());
        format!("make it smaller: {width} × {height} pixels fit")
    }

    /// What to do where the network takes so many bytes: a picture has as many as it has pixels, a film as it is long.
    fn in_bytes(self, bytes: u64, limit: u64) -> String {
        let seconds = self.duration.map_or(0, |duration| duration.as_secs().saturating_add(1));
        if self.is_film && seconds > 0 {
            return format!("make it smaller: {} kbit/s fit, sound included", limit / seconds * 8 / 1000);
        }
        if self.is_film || self.pixels() == 0 {
            return "make it smaller".to_owned();
        }
        let (width, height) = self.within(limit, bytes);
        format!("make it smaller: at the same quality {width} × {height} pixels would fit, or store it as JPEG or WebP")
    }

    /// The measures of which there is so much less in all, in the same form.
    fn within(self, limit: u64, of: u64) -> (u32, u32) {
        let side = |side: u32| {
            let squared = u128::from(side) * u128::from(side) * u128::from(limit) / u128::from(of.max(1));
            u32::try_from(squared.isqrt()).unwrap_or(side).max(1)
        };
        (side(self.width), side(self.height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32, film: Option<u64>) -> Size {
        let duration = film.filter(|seconds| *seconds > 0).map(Duration::from_secs);
        Size { width, height, is_film: film.is_some(), duration, frames: None }
    }

    #[test]
    fn what_would_fit_is_said() {
        assert_eq!(size(8000, 6000, None).within(12_000_000, 48_000_000), (4000, 3000));
        assert_eq!(size(u32::MAX, 1, None).within(1, u64::from(u32::MAX)), (65_535, 1));
        assert_eq!(size(7, 9, None).within(10, 0), (22, 28), "what is empty fits");
        let said = size(4000, 3000, None).in_bytes(8_000_000, 2_000_000);
        assert!(said.contains("2000 × 1500"), "{said}");
        assert!(size(1280, 720, Some(99)).in_bytes(1, 100_000_000).contains(" 8000 kbit/s"));
        for unknown in [size(0, 0, None), size(1280, 720, Some(0))] {
            assert_eq!(unknown.in_bytes(9, 3), "make it smaller");
        }
    }
}
