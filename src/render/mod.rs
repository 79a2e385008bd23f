//! Post × account → payload: text for each network, its length, its digest. Pure.

pub mod canonical;
pub mod capability;
mod compose;
pub mod length;
pub mod payload;

pub use capability::{Capability, Cards, Length, MediaLimits, OptionSpec, Reconcile, TextForm};
pub use compose::render;
pub use payload::{Attachment, Card, Digest, Facet, Feature, Identity, Part, Payload};
