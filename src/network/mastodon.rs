//! Mastodon, and the servers that speak its client API.

use std::time::Duration;

use crate::render::{Capability, Cards, Length, MediaLimits, OptionSpec, Reconcile, TextForm};
use crate::workspace::{Account, NetworkSpec};

use super::{Network, SendError, Session, Surroundings};

/// Bytes of a picture; `image_size_limit` in the answer of `GET /api/v2/instance` on mastodon.social (checked 2026-11-21).
const IMAGE: u64 = 16 * 1024 * 1024;
/// Bytes of a film; `video_size_limit` in the same answer.
const VIDEO: u64 = 99 * 1024 * 1024;

/// What Mastodon can do as it comes; a server's own limits may be others. Figures from docs.joinmastodon.org,
/// `entities/Instance`, `methods/statuses`, `user/posting` (checked 2026-11-21).
pub static CAPABILITY: Capability = Capability {
    network: "mastodon",
    title: "Mastodon",
    account: NetworkSpec { network: "mastodon", required: &["server", "handle"], optional: &[] },
    text: TextForm::Plain,
    // max_characters and characters_reserved_per_url.
    length: Length::Mastodon { limit: 500, url: 23 },
    threads: true,
    media: MediaLimits {
        // max_media_attachments.
        count: 4,
        types: &[
            ("image/jpeg", IMAGE),
            ("image/png", IMAGE),
            ("image/gif", IMAGE),
            ("image/webp", IMAGE),
            ("video/mp4", VIDEO),
            ("video/webm", VIDEO),
        ],
        // description_limit, 1500 where the server does not say.
        alt: Some(1500),
    },
    cards: Cards::Server,
    options: &[OptionSpec { name: "visibility", values: &["public", "unlisted", "private", "direct"], list: false }],
    content_warning: true,
    // app/services/post_status_service.rb: idempotency keys expire after an hour.
    reconcile: Reconcile::IdempotencyKey { window: Duration::from_secs(3600) },
    secrets: &["TOKEN"],
};

/// The network `mastodon`.
pub struct Mastodon;

impl Network for Mastodon {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    fn connect(&self, account: &Account, _surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError> {
        Err(SendError::NotSent {
            reason: format!("{} cannot be reached by this version", account.name),
            retry_at: None,
        })
    }
}
