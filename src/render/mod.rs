//! Post × account → payload: text for each network, its length, its digest. Pure.

pub mod canonical;
pub mod capability;
mod compose;
mod detect;
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
pub use editing::Editing;
pub use marks::{Mark, Marks};
pub use payload::{Attachment, Card, Digest, Facet, Feature, Identity, Part, Payload};
pub use wording::Wording;

#[cfg(test)]
mod tests;
