//! `link/dead` and `link/private`: every address leads to a page that anybody can open.
//!
//! Looked at by `greenlit check --links`, which asks the servers; without it nothing is asked. `link/dead`: nobody answers, or
//! the answer is that nothing is there (404, 410). `link/private`: the address leads to one's own machine or into a private
//! network, where readers cannot go and this program does not.
//!
//! An address is asked with `HEAD`, and with `GET` where that is not enough; one that does not answer is asked twice more.
//! What was fine is not asked again for a day.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! The preview is at http://localhost:8080/launch.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! The preview will be public soon.
//! ```

use super::{Level, Rule};

pub const RULE: Rule = Rule::asked(
    &["link/dead", "link/private"],
    "every address leads to a page that anybody can open",
    Level::Error,
    include_str!("link_dead.rs"),
);
