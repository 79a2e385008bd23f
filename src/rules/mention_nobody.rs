//! `mention/nobody`: everybody who is mentioned is there.
//!
//! Looked at by `greenlit check --links`, which asks the account's own server: Bluesky's who has the handle, Mastodon's whom it
//! knows; somebody on another server, whom it does not know yet, is looked for there. Bluesky refuses a post that mentions
//! nobody, and on Mastodon nobody hears of it: `Thank you, @alcie.example!` is found. Who was there is not asked for again for a
//! day.
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Thank you, Alice! Write to `@alice.example`.
//! ```

use super::{Level, Rule};

pub const RULE: Rule = Rule::asked(
    &["mention/nobody"],
    "everybody who is mentioned is there",
    Level::Error,
    include_str!("mention_nobody.rs"),
);
