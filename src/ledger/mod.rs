//! What the publisher did: entries, their fold into the state of a delivery, and the store as a trait. Pure.

pub mod codec;
pub mod entry;
#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
pub mod memory;
pub mod reviews;
pub mod same_text;
pub mod sightings;
pub mod state;
pub mod store;
pub mod tellings;
pub mod walked;

pub use entry::{Claim, DeliveryKey, Entry, Failed, PartReceipt, Published, Retracted, Uncertain, Updated};
pub use reviews::{Recorded, Remarked, ReviewPlace, ReviewRecord, ReviewSays, Reviewed, Reviewer};
pub use same_text::{Said, SameText, same_text};
pub use sightings::{Seen, Sighting, Sightings};
pub use state::{State, fold, sent};
pub use store::{Appended, Misfit, Open, Store, StoreError};
pub use tellings::{Begun, NewsKey, NewsKind, Telling};
pub use walked::{Flaw, Overview, Walked};
