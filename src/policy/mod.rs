//! Evidence × roles × digest → decision. Gather first (the git room), judge here. Pure.

mod absence;
mod approvals;
pub mod chain;
mod deadlines;
pub mod decision;
pub mod dossiers;
mod edits;
pub mod evaluate;
pub mod evidence;
mod holds;
mod identity;
mod objections;
pub mod paste;
pub mod question;
mod resolutions;
mod retractions;
mod seats;
mod stages;
#[cfg(test)]
mod tests;
mod turn;
mod updates;
mod vetoes;
mod when;
mod withdrawals;
pub mod workflows;

pub use chain::{Chain, ChainError, Era, Pending, Policy, PolicyApproval, PolicyFiles};
pub use decision::{Decision, Kind, Status};
pub use dossiers::Dossiers;
pub use evaluate::evaluate;
pub use evidence::{
    Author, Edit, Evidence, Fate, HoldScope, Line, OnForge, Refused, Signature, Statement, Verb, Witness,
};
pub use holds::every_hold;
pub use identity::{identify, who};
pub use paste::Yes;
pub use question::{Facts, Question};
pub use resolutions::{Doubt, Resolution, resolution};
pub use retractions::{Asked, InVain, Retractable, Retraction, retraction};
pub use updates::{Updatable, Update, update};
pub use workflows::{stages_for, time_needed, workflows_for};
