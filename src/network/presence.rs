//! Whether people who are mentioned are there.

use super::SendError;

/// What is known of somebody who is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// They can be mentioned.
    There,
    /// Nobody has this name.
    Nobody {
        /// Who says so: `bsky.social`.
        host: String,
    },
    /// Whoever was asked cannot say.
    Unsure {
        /// Why, for people.
        why: String,
    },
    /// Whoever would have to be asked does not answer at all.
    Silent {
        /// Why, for people.
        why: String,
    },
}

impl From<SendError> for Presence {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotSent { reason, .. } | SendError::Ambiguous { reason } => Self::Silent { why: reason },
            SendError::Refused { reason } | SendError::Credentials { reason, .. } => Self::Unsure { why: reason },
        }
    }
}
