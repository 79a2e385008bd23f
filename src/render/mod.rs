//! Post × account → payload: text for each network, its length, its digest. Pure.

pub mod canonical;
pub mod capability;
pub mod payload;

pub use capability::{Capability, Cards, Length, MediaLimits, OptionSpec, Reconcile, TextForm};
pub use payload::{Attachment, Card, Digest, Facet, Feature, Identity, Part, Payload};
