//! All that a command needs to know, collected from commits: the one place where the rooms meet.

mod following;
mod holds;
mod permitted;
pub mod policy;
mod posts;
mod remembered;
mod rendered;
pub mod repeats;
mod retractions;
pub mod reviews;
mod sightings;
mod trusted;
mod weigh;

use std::cell::RefCell;

pub use posts::Known;

use super::Exit;
use crate::git::ledger::LedgerReading;
use crate::git::{Branches, ObjectId, Overheard, Repository};
use crate::network;
use crate::plan::{BrokenFile, Delivery, Plan};
use crate::policy::{Chain, Evidence, Retraction};
use crate::view::plan::Told;
use crate::view::standing::Standing;
use crate::workspace::{Finding, NetworkSpec, PersonId, Roles, Settings};

/// `greenlit.toml` and `roles.toml` may have so many bytes each.
pub const LARGEST_SETTINGS: u64 = 1 << 20;

/// What the trusted branch's tip says.
pub struct Trusted {
    /// The repository.
    pub repository: Repository,
    /// The names of the branches.
    pub branches: Branches,
    /// The trusted branch's commit. Its roles decide.
    pub tip: ObjectId,
    /// The commit whose settings and posts are read: the trusted one, or what a person decides on before it is merged.
    pub seen: ObjectId,
    /// `greenlit.toml` as it is in force
    pub settings: Settings,
    /// `roles.toml` as it is in force
    pub roles: Roles,
    /// The policies from the pinned root on; `None` where nothing is pinned, and the tip's files are taken as they are.
    pub chain: Option<Chain>,
    /// The posts without an error, by path.
    pub posts: Vec<Known>,
    /// The files that are no posts because of their errors, by path.
    pub broken: Vec<BrokenFile>,
    /// The decisions that the chain was read from, for the first who asks.
    pub(in crate::cli) heard: RefCell<Option<Evidence>>,
    /// What was said on the branches, for the first who asks, where not all of it had to be verified for the chain.
    pub(super) overheard: RefCell<Option<Overheard>>,
    /// The ledger of these settings, for the first who asks, where it was begun to be read.
    pub(super) ledger_reading: RefCell<Option<LedgerReading>>,
    /// What was read before, where it may be used.
    pub(super) remembered: Option<remembered::Remembered>,
    /// Whether servers may be asked what they take, as the remote was asked what is new.
    pub(super) online: bool,
}

/// What people decided, and what publish would do.
pub struct Gathered {
    /// The decision commits; approvals of posts that are out, and comments on them, may be left out unless they were asked
    /// for.
    pub evidence: Evidence,
    /// The plan.
    pub plan: Plan,
}

impl Gathered {
    /// All that is shown of it, to somebody where that is known.
    pub fn told<'a>(&'a self, trusted: &'a Trusted, reader: Option<&'a PersonId>) -> Told<'a> {
        Told {
            plan: &self.plan,
            roles: &trusted.roles,
            chain: trusted.chain.as_ref(),
            branch: &trusted.branches.trusted,
            reader,
            refused: &self.evidence.refused,
        }
    }
}

/// How a command ends that shows where things stand: whether something waits for a person.
pub fn exit(trusted: &Trusted, plan: &Plan) -> Exit {
    let policy = trusted.chain.as_ref().is_some_and(|chain| chain.pending().is_some());
    let lacks = |delivery: &Delivery| delivery.retraction.as_deref().is_some_and(Retraction::lacks_people);
    let waits = |delivery: &Delivery| Standing::from(&delivery.step).needs_a_person() || lacks(delivery);
    let waits = policy || plan.deliveries.iter().any(waits);
    if waits || !plan.broken.is_empty() { Exit::Waits } else { Exit::Fine }
}

/// The networks' own keys in `greenlit.toml`.
pub fn network_specs() -> Vec<NetworkSpec> {
    network::all().iter().map(|network| network.capability().account).collect()
}

/// `file:line:column: message` for each error.
pub fn errors(findings: &[Finding]) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.is_error());
    let told = errors.map(|finding| {
        let place = finding.place();
        format!("{}:{}:{}: {}", finding.source.path, place.line, place.column, finding.message)
    });
    told.collect()
}
