//! The bytes of attachments: those that were approved, or none.

use crate::network::{Approved, MediaBytes};
use crate::render::{Attachment, Payload};
use crate::workspace::Stream;

/// Where attachments' bytes come from: a commit of the trusted branch.
pub trait MediaAt: Sync {
    /// An attachment's bytes at a commit. What they are worth is checked by the caller.
    ///
    /// # Errors
    /// When they cannot be had; why, in a sentence.
    fn open(&self, commit: &str, attachment: &Attachment) -> Result<Stream, String>;
}

/// One claim's media, each checked against the hash that was approved.
pub(super) struct Checked<'a> {
    pub source: &'a dyn MediaAt,
    /// The trusted commit that the claim was made from: a file may have been changed since.
    pub commit: &'a str,
}

impl MediaBytes for Checked<'_> {
    fn open(&self, attachment: &Attachment) -> Result<Approved, String> {
        self.source.open(self.commit, attachment).map(|bytes| Approved::new(attachment, bytes))
    }
}

impl Checked<'_> {
    /// Looks at every attachment of a payload, so that no thread stops half way for a missing picture.
    pub fn all(&self, payload: &Payload) -> Result<(), String> {
        for part in &payload.parts {
            let card = part.card.as_ref().and_then(|card| card.image.as_ref());
            for attachment in part.media.iter().chain(card) {
                self.open(attachment)?.check()?;
            }
        }
        Ok(())
    }
}
