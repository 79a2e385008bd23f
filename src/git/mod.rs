//! The only room that opens repositories or runs `git`: objects, decision commits, signatures, branches.
//!
//! Reading is libgit2's work, over objects that are already here. Fetch, push and signing are the `git` program's, with
//! the person's own set-up.

mod armor;
pub mod authors;
mod blob;
mod bundle;
pub mod cache;
pub mod changes;
pub mod commit;
pub mod decisions;
pub mod difference;
pub mod evidence;
pub mod first_parents;
mod hear;
pub mod history;
pub mod landings;
pub mod ledger;
mod objects;
pub mod program;
mod remote;
mod remote_run;
pub mod repository;
mod reviewed;
mod side_by_side;
pub mod sightings;
pub mod sign;
pub mod signature;
pub mod signer;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod token;
pub mod trailers;
mod trails;
pub mod tree;
mod walk;
pub mod words;
pub mod work_tree;
pub mod write;

pub use cache::{Cache, Encoded, Id};
pub use commit::{Identity, Malformed, RawCommit};
pub use decisions::Draft;
pub use evidence::{Overheard, Overhearing};
pub use first_parents::{RootFile, RootFiles, RootHistory};
pub use history::Change;
pub use ledger::GitLedger;
pub use program::{Answer, GitError, Program};
pub use repository::{APPROVALS, Branches, LEDGER, ObjectId, Pushed, Repository};
pub use sign::SecretKey;
pub use signer::Signer;
pub use trailers::{Message, Trailer};
pub use tree::CommitFiles;
pub use work_tree::WorkTreeFiles;
pub use write::{Decided, Shared};
