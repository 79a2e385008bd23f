//! The bytes of attachments: those that were approved, or none.

use crate::network::MediaBytes;
use crate::render::{Attachment, Digest, Payload};

/// Where attachments' bytes come from: a commit of the trusted branch.
pub trait MediaAt: Sync {
    /// An attachment's bytes at a commit. What they are worth is checked by the caller.
    ///
    /// # Errors
    /// When they cannot be had; why, in a sentence.
    fn bytes(&self, commit: &str, attachment: &Attachment) -> Result<Vec<u8>, String>;
}

/// One claim's media, each checked against the hash that was approved.
pub(super) struct Checked<'a> {
    pub source: &'a dyn MediaAt,
    /// The trusted commit that the claim was made from: a file may have been changed since.
    pub commit: &'a str,
}

impl MediaBytes for Checked<'_> {
    fn bytes(&self, attachment: &Attachment) -> Result<Vec<u8>, String> {
        let bytes = self.source.bytes(self.commit, attachment)?;
        if Digest::of(&bytes).as_str().strip_prefix("sha256:") == Some(attachment.sha256.as_str()) {
            Ok(bytes)
        } else {
            Err(format!("{} is not the file that was approved", attachment.file))
        }
    }
}

impl Checked<'_> {
    /// Looks at every attachment of a payload, so that no thread stops half way for a missing picture.
    pub fn all(&self, payload: &Payload) -> Result<(), String> {
        for part in &payload.parts {
            let card = part.card.as_ref().and_then(|card| card.image.as_ref());
            for attachment in part.media.iter().chain(card) {
                self.bytes(attachment)?;
            }
        }
        Ok(())
    }
}
