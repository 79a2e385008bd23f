//! A message as a channel takes it.

use serde_json::Value;

/// What is handed to a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Letter {
    /// The body of a request.
    Json(Value),
    /// A comment on the forge, in its Markdown.
    Comment(String),
    /// A mail.
    Mail {
        /// One line.
        subject: String,
        /// Plain text.
        text: String,
    },
}
