//! Bluesky, and every other server of the AT Protocol.

use crate::render::{Capability, Cards, Length, MediaLimits, OptionSpec, Reconcile, TextForm};
use crate::workspace::{Account, NetworkSpec};

use super::{Network, SendError, Session, Surroundings};

/// What Bluesky can do. Figures from the lexicons in `bluesky-social/atproto`, `lexicons/app/bsky` (checked 2026-11-21).
pub static CAPABILITY: Capability = Capability {
    network: "bluesky",
    title: "Bluesky",
    account: NetworkSpec { network: "bluesky", required: &["service", "handle"], optional: &[] },
    text: TextForm::Facets,
    // feed/post.json: text has maxGraphemes 300, maxLength 3000.
    length: Length::Graphemes { limit: 300, bytes: 3000 },
    threads: true,
    media: MediaLimits {
        // embed/images.json: maxLength 4.
        count: 4,
        // embed/images.json: image/*, maxSize 2000000 since 2026-04; servers that are older refuse more than 1000000.
        // Animated GIFs are shown as stills, so they are left out.
        types: &[("image/jpeg", 2_000_000), ("image/png", 2_000_000), ("image/webp", 2_000_000)],
        // No limit in the lexicon.
        alt: None,
    },
    // embed/external.json: thumb has maxSize 1000000. A record has one embed: pictures or a card.
    cards: Cards::Client { with_media: false, image: 1_000_000 },
    options: &[OptionSpec {
        name: "labels",
        // The self-labels of com.atproto.label.defs that a post may carry.
        values: &["porn", "sexual", "nudity", "graphic-media", "!no-unauthenticated"],
        list: true,
    }],
    // Labels are its only warnings.
    content_warning: false,
    reconcile: Reconcile::ClientChosenId,
    secrets: &["PASSWORD"],
};

/// The network `bluesky`.
pub struct Bluesky;

impl Network for Bluesky {
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
