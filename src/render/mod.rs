//! Post × account → payload: text for each network, its length, its digest. Pure.

pub mod canonical;
pub mod capability;
mod compose;
mod detect;
mod digest;
pub mod editing;
pub mod html;
mod layout;
pub mod length;
mod markdown;
mod marks;
pub mod payload;
mod richtext;
pub mod template;
pub mod variants;
mod wording;

pub use capability::{Capability, Cards, Length, MediaLimits, OptionSpec, Reconcile, TextForm};
pub use compose::{attempt, render};
pub use detect::addresses;
pub use digest::Digest;
pub use editing::Editing;
pub use marks::{Mark, Marks};
pub use payload::{Attachment, Card, Facet, Feature, Identity, Part, Payload};
pub use wording::Wording;

/// A piece of Markdown as it reads where text has no form, addresses beside what leads to them.
pub fn plain(markdown: &str) -> String {
    layout::lay(&markdown::parse(markdown), layout::Links::Beside).text
}

#[cfg(test)]
mod tests;
