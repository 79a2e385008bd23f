//! `link/moved` and `link/unsure`: addresses are where things are today.
//!
//! Looked at by `greenlit check --links`. `link/moved`: the server sends everybody on to another address for good (301, 308): the
//! old one may be gone when the post is read in a year. Where the post may be changed, the new address can be taken over.
//! `link/unsure`: the server answered, and that says nothing of the page: it turns programs away (401, 403), or is busy (429,
//! 503). Or it was not asked, for its other addresses had kept everybody waiting for a minute. Open it yourself.
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here.
//! ```

use super::{Level, Rule};

pub const RULE: Rule = Rule::asked(
    &["link/moved", "link/unsure"],
    "addresses are where things are today",
    Level::Info,
    include_str!("link_moved.rs"),
);
