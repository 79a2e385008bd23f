//! Evidence × roles × digest → decision. Gather first (the git room), judge here. Pure.

pub mod chain;
pub mod decision;
pub mod evaluate;
pub mod evidence;
mod identity;
pub mod question;
#[cfg(test)]
mod tests;
mod veto;
mod when;

pub use chain::{Chain, ChainError, Era, Pending, Policy, PolicyApproval, PolicyFiles};
pub use decision::{Decision, Kind, Status};
pub use evaluate::{evaluate, workflow_for};
pub use evidence::{Author, Dossiers, Edit, Evidence, HoldScope, Line, Refused, Signature, Statement, Verb, Witness};
pub use identity::who;
pub use question::{Facts, Question};
