//! Evidence × roles × digest → decision. Gather first (the git room), judge here. Pure.

pub mod decision;
pub mod evidence;

pub use decision::{Decision, Status};
pub use evidence::{Author, Evidence, Signature, Statement, Verb, Witness};
