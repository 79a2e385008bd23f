//! `mention/unsure`: somebody can say whether those who are mentioned are there.
//!
//! Looked at by `greenlit check --links`. The server that would know does not answer, or answers something else. Look for
//! yourself.
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Thank you, Alice!
//! ```

use super::{Level, Rule};

pub const RULE: Rule = Rule::asked(
    &["mention/unsure"],
    "somebody can say whether those who are mentioned are there",
    Level::Info,
    include_str!("mention_unsure.rs"),
);
