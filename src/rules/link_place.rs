//! `link/place`: a link to a place in a page leads to a place that the page has.
//!
//! Looked at by `greenlit check --links`. `https://acme.example/docs#pricing` needs an element with that id in the page; readers
//! land at the top without it. Pages that are too large to be read (2 MiB) and files that are no pages are left out.
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here.
//! ```

use super::{Level, Rule};

pub const RULE: Rule = Rule::asked(
    &["link/place"],
    "a link to a place in a page leads to a place that the page has",
    Level::Warning,
    include_str!("link_place.rs"),
);
