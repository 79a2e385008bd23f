//! The embedded network: a folder that is a site. A page for each post, Atom and JSON feeds, no server.
//!
//! The folder is the server's memory: a data file for each delivery, named by its hash and written whole or not at
//! all, is what makes a delivery *out*. Everything else is made from these files, again and again to the same bytes,
//! so that a run that died between the two is healed by the next.

mod feeds;
mod folder;
mod markup;
mod page_name;
mod session;
mod site;
mod store;
#[cfg(test)]
mod tests;
mod view;

use std::borrow::Cow;

use crate::render::{Capability, Cards, Editing, Length, MediaLimits, Reconcile, TextForm};
use crate::workspace::{Account, NetworkSpec};

use super::{Network, SendError, Session, Surroundings};

/// What a picture may weigh, in bytes: readers' patience ends here.
const PICTURE: u64 = 10_000_000;
/// What a film may weigh: it is played while it comes. A host of one's own takes it; GitHub takes 100 MB a file, and says
/// so (docs.github.com "About large files", checked 2026-11-21).
const FILM: u64 = 500_000_000;

/// What an outbox can do: all that HTML can.
pub static CAPABILITY: Capability = Capability {
    network: "outbox",
    title: "Outbox",
    account: NetworkSpec { network: "outbox", required: &["path"], optional: &["url", "title"] },
    text: TextForm::Html,
    length: Length::Unlimited,
    threads: true,
    media: MediaLimits {
        count: 20,
        types: Cow::Borrowed(&[
            ("image/png", PICTURE),
            ("image/jpeg", PICTURE),
            ("image/gif", PICTURE),
            ("image/webp", PICTURE),
            ("video/mp4", FILM),
            ("application/pdf", FILM),
        ]),
        alt: None,
        picture_pixels: None,
        film_pixels: None,
        mixed: true,
        tallest: None,
    },
    cards: Cards::Client { with_media: true, image: PICTURE },
    options: &[],
    content_warning: true,
    reconcile: Reconcile::ClientChosenId,
    edit: Editing::InPlace { fixed: &[] },
    deletes: true,
    secrets: &[],
};

/// The network `outbox`.
pub struct Outbox;

impl Network for Outbox {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    fn connect(&self, account: &Account, surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError> {
        Ok(Box::new(session::Outbox::open(account, surroundings)?))
    }

    fn forgets(&self) -> bool {
        true
    }
}
