//! Which policy is in force: the trusted branch's history, read for the chain.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{LARGEST_SETTINGS, Trusted, errors, network_specs};
use crate::cli::Failure;
use crate::cli::root::Root;
use crate::git::{Branches, CommitFiles, ObjectId, Repository, RootHistory};
use crate::policy::chain::{Line, Version};
use crate::policy::{Chain, Evidence, Policy, PolicyFiles, Verb};
use crate::render::Digest;
use crate::workspace::{FileEntry, FileProblem, Files, NetworkSpec, SharedFiles, Stream, load_roles, load_settings};

/// The files that a policy is.
pub const POLICY_FILES: [&str; 2] = ["greenlit.toml", "roles.toml"];

/// Follows the chain of policies from the root to the tip, and fills in when decisions were first seen, as far as the
/// ledger tells. Decisions may be left out that approve no policy, where the trusted commits are `named` that they name.
///
/// # Errors
/// When the root is not on the trusted branch's line, its policy cannot be used, or history is not whole.
pub fn chain(
    repository: &Repository,
    branches: &Branches,
    tip: ObjectId,
    root: &Root,
    evidence: &mut Evidence,
    named: &HashSet<ObjectId>,
    now: DateTime<Utc>,
) -> Result<Chain, Failure> {
    let first = root.commit()?;
    let history = repository.root_files_along(tip, Some(first), POLICY_FILES)?;
    if !history.met_root {
        return Err(astray(repository, branches, tip, root, first));
    }
    let follow = |evidence: &Evidence| follow(repository, tip, &history, evidence, named, now);
    let chain = follow(evidence)?;
    // Where the ledger is, the settings say, and the oldest first: those of a later policy may rest on an approval that
    // only the ledger shows to have come too late.
    let ledger = chain.eras().iter().find_map(|era| {
        let pinned = era.policy.settings.ledger.as_deref();
        repository.ledger_for_sightings(branches, pinned).ok()
    });
    let Some(ledger) = ledger else { return Ok(chain) };
    // What approves a policy is kept.
    let kept = repository.cache().map(|_| DateTime::<Utc>::MAX_UTC);
    repository.remember(evidence, &ledger.since(kept)?, tip)?;
    let changes = |verb: &Verb| matches!(verb, Verb::ApprovePolicy { .. });
    if !evidence.statements.iter().any(|statement| statement.verbs.iter().any(changes)) {
        return Ok(chain);
    }
    follow(evidence)
}

fn follow(
    repository: &Repository,
    tip: ObjectId,
    history: &RootHistory<2>,
    evidence: &Evidence,
    named: &HashSet<ObjectId>,
    now: DateTime<Utc>,
) -> Result<Chain, Failure> {
    let policies = evidence.statements.iter().filter_map(|statement| statement.policy.as_deref()?.parse().ok());
    let changed = history.states.iter().map(|state| state.commit);
    let wanted: HashSet<ObjectId> = policies.chain(changed).chain(named.iter().copied()).chain([tip]).collect();
    let places = history.line.iter().enumerate().filter(|(_, commit)| wanted.contains(*commit));
    let places: HashMap<ObjectId, usize> = places.map(|(position, commit)| (*commit, position)).collect();
    let library = Library::default();
    let mut versions = Vec::new();
    for state in &history.states {
        let Some(position) = places.get(&state.commit).copied() else { continue };
        let digest = library.take(&repository.files(state.commit)?);
        versions.push(Version { commit: state.commit.to_string(), position, digest });
    }
    let asides = asides(repository, tip, &versions, evidence, &library)?;
    let positions = places.into_iter().map(|(commit, position)| (commit.to_string(), position)).collect();
    let line = Line { versions: &versions, asides: &asides, positions, load: &|digest| library.read(digest) };
    Ok(Chain::follow(line, &evidence.statements, now)?)
}

/// Policies that somebody approved and that the line never had, where the tip's history has them beside it.
fn asides(
    repository: &Repository,
    tip: ObjectId,
    versions: &[Version],
    evidence: &Evidence,
    library: &Library,
) -> Result<Vec<Digest>, Failure> {
    let on_line: BTreeSet<&Digest> = versions.iter().map(|version| &version.digest).collect();
    let approved = evidence.statements.iter().flat_map(|statement| &statement.verbs).filter_map(|verb| match verb {
        Verb::ApprovePolicy { to, .. } => Some(to),
        _ => None,
    });
    let wanted: BTreeSet<&Digest> = approved.filter(|policy| !on_line.contains(policy)).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for state in repository.root_files_anywhere(tip, POLICY_FILES)? {
        let digest = library.take(&repository.files(state.commit)?);
        if wanted.contains(&digest) {
            found.push(digest);
        }
    }
    Ok(found)
}

/// Why the root is not on the line.
fn astray(repository: &Repository, branches: &Branches, tip: ObjectId, root: &Root, first: ObjectId) -> Failure {
    let branch = &branches.trusted;
    let pinned = format!("the root {first:.10} ({})", root.source());
    let (message, help) = if repository.commit_named(&first.to_string()).is_err() {
        (
            format!("{pinned} is not in this repository"),
            "fetch all of its history, or look whether this is the right repository and root",
        )
    } else if repository.follows(tip, first).unwrap_or(false) {
        (
            format!("{pinned} came into {branch} from the side: it is not among the first parents of {tip:.10}"),
            "somebody moved the branch onto a line of their own, as a fast-forward of a merge does: put it back to the \
             merge's other parent, or pin a root that you trust with `greenlit trust pin`",
        )
    } else if repository.follows(first, tip).unwrap_or(false) {
        (
            format!("{branch} was rewound: {tip:.10} stands before {pinned}"),
            "push the commits that were taken away from a clone that has them",
        )
    } else {
        (
            format!("{branch} was rewritten: {tip:.10} does not follow from {pinned}"),
            "find out who rewrote it and why; push the right history from a clone that has it",
        )
    };
    Failure::broken("trust/astray", message, help)
}

/// The policies that were met, by digest; each is read when it is asked for, and once.
#[derive(Default)]
struct Library {
    files: RefCell<BTreeMap<Digest, PolicyFiles>>,
    read: RefCell<BTreeMap<Digest, Result<Arc<Policy>, String>>>,
}

impl Library {
    fn take(&self, files: &CommitFiles<'_>) -> Digest {
        let policy = policy_files(files);
        let digest = policy.digest();
        self.files.borrow_mut().insert(digest.clone(), policy);
        digest
    }

    fn read(&self, digest: &Digest) -> Result<Arc<Policy>, String> {
        if let Some(known) = self.read.borrow().get(digest) {
            return known.clone();
        }
        let files = self.files.borrow();
        let read = files.get(digest).map_or_else(|| Err("it is not here".to_owned()), policy).map(Arc::new);
        self.read.borrow_mut().insert(digest.clone(), read.clone());
        read
    }
}

/// The two files of a commit.
pub fn policy_files(files: &dyn Files) -> PolicyFiles {
    let [settings, roles] = POLICY_FILES.map(|path| files.read(path, LARGEST_SETTINGS));
    PolicyFiles { settings, roles }
}

/// Reads a policy; what is wrong with it, line by line.
///
/// # Errors
/// When one of the files cannot be had or has an error.
pub fn policy(files: &PolicyFiles) -> Result<Policy, String> {
    let specs: Vec<NetworkSpec> = network_specs();
    let bytes = |path: &str, file: &Result<Vec<u8>, FileProblem>| {
        file.clone().map_err(|problem| format!("{path} cannot be read: {problem}"))
    };
    let [settings_path, roles_path] = POLICY_FILES;
    let (settings, findings) = load_settings(&bytes(settings_path, &files.settings)?, &specs);
    let settings = settings.ok_or_else(|| errors(&findings).join("\n"))?;
    let (roles, findings) = load_roles(&bytes(roles_path, &files.roles)?);
    let roles = roles.ok_or_else(|| errors(&findings).join("\n"))?;
    Ok(Policy { settings, roles: Arc::new(roles) })
}

impl Trusted {
    /// The approvals that the policy in force rests on: whoever names them has known them.
    pub fn policy_approvals(&self) -> Vec<String> {
        let approvals = self.chain.iter().flat_map(|chain| &chain.in_force().approvals);
        approvals.map(|approval| approval.commit.clone()).collect()
    }
}

/// The tip's files under the policy in force.
pub struct InForce<'r> {
    policy: &'r dyn Files,
    rest: &'r dyn Files,
}

impl<'r> InForce<'r> {
    /// The files of one commit, but for those of the policy, which are another commit's.
    pub fn new(policy: &'r dyn Files, rest: &'r dyn Files) -> Self {
        Self { policy, rest }
    }
}

impl Files for InForce<'_> {
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        self.rest.list(folder)
    }

    fn names(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        self.rest.names(folder)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileProblem> {
        if POLICY_FILES.contains(&path) { self.policy.read(path, limit) } else { self.rest.read(path, limit) }
    }

    fn open(&self, path: &str, limit: u64) -> Result<Stream, FileProblem> {
        if POLICY_FILES.contains(&path) { self.policy.open(path, limit) } else { self.rest.open(path, limit) }
    }

    fn shared(&self) -> Option<Box<dyn SharedFiles + '_>> {
        Some(Box::new(Shared { policy: self.policy.shared()?, rest: self.rest.shared()? }))
    }
}

/// The same for several processors.
struct Shared<'a> {
    policy: Box<dyn SharedFiles + 'a>,
    rest: Box<dyn SharedFiles + 'a>,
}

impl SharedFiles for Shared<'_> {
    fn with(&self, work: &mut dyn FnMut(&dyn Files)) -> Result<(), FileProblem> {
        let mut opened = Ok(());
        let both = self.policy.with(&mut |policy| {
            opened = self.rest.with(&mut |rest| work(&InForce { policy, rest }));
        });
        both.and(opened)
    }
}
