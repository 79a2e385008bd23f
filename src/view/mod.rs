//! Text for people and JSON for programs, made from values. What came from outside is escaped here.

pub mod brief;
pub mod count;
pub mod decision;
pub mod drift;
pub mod escape;
pub mod findings;
pub mod journal;
pub mod ledger;
pub mod log;
pub mod notice;
pub mod notify;
pub mod page;
pub mod plan;
pub mod preview;
pub mod prove;
pub mod publish;
pub mod pull_request;
mod repeats;
pub mod reviews;
pub mod roles;
pub mod standing;
pub mod status;
#[cfg(test)]
mod tests;
pub mod thread;
pub mod todo;
pub mod trust;

pub use escape::{escape, escape_json, escape_lines, escape_marked};
pub use page::{Page, Tone};
