//! What a claim says of approvals and of the trusted branch, held against both.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::cli::Failure;
use crate::cli::gather::{LARGEST_SETTINGS, Trusted};
use crate::cli::prove::approves;
use crate::git::ObjectId;
use crate::git::ledger::Word;
use crate::ledger::{Claim, Retracted, Store};
use crate::policy::{Statement, Verb, identify};
use crate::workspace::{Files, Reschedule, Roles, load_roles};

/// Looks up the roles that a statement was given under.
type RolesThen<'a> = Box<dyn Fn(&Statement) -> Option<Arc<Roles>> + 'a>;

/// All that people decided and all commits of the trusted branch.
pub struct Claims<'a> {
    trusted: &'a Trusted,
    statements: HashMap<String, Statement>,
    commits: HashSet<ObjectId>,
    in_force: RolesThen<'a>,
    written: RefCell<HashMap<ObjectId, Option<Arc<Roles>>>>,
}

impl<'a> Claims<'a> {
    /// Reads both, once for all claims.
    ///
    /// # Errors
    /// When history cannot be walked.
    pub fn new(trusted: &'a Trusted, store: &dyn Store) -> Result<Self, Failure> {
        // What the ledger kept of deleted commits is left out: it would have the ledger bear witness to itself.
        let evidence = trusted.repository.evidence(&trusted.branches, trusted.tip)?;
        // Of reviews there is no other witness here; the forge is the one, and whoever publishes asks it.
        let reviews = trusted.reviews(store, None)?;
        let statements = evidence.statements.into_iter().chain(reviews).map(|one| (one.commit.clone(), one)).collect();
        let commits = trusted.repository.ancestors(trusted.tip)?;
        let in_force = Box::new(trusted.roles_then());
        Ok(Self { trusted, statements, commits, in_force, written: RefCell::default() })
    }

    /// What is not borne out, each in a sentence's end.
    pub fn flaws(&mut self, word: Word<'_>) -> Vec<String> {
        match word {
            Word::Approved(claim) => self.of_claim(claim),
            Word::Retracted(down) => self.of_retraction(down),
        }
    }

    fn of_retraction(&self, down: &Retracted) -> Vec<String> {
        if down.statements.is_empty() {
            return vec!["it names nobody who asked for it".to_owned()];
        }
        let flaw = |commit: &String| {
            let why = self.asked(commit, down).err()?;
            Some(format!("word {commit:.10}: {why}"))
        };
        down.statements.iter().filter_map(flaw).collect()
    }

    /// Whether a statement asks for exactly this to be taken down, by somebody who was known then.
    fn asked(&self, commit: &str, down: &Retracted) -> Result<(), String> {
        let Some(statement) = self.statements.get(commit) else {
            return Err(
                "this clone does not have it: `git fetch` its branch, or look for it in another clone".to_owned()
            );
        };
        let was_out = !down.parts.is_empty() || !down.gone.is_empty();
        let asks = |verb: &Verb| {
            matches!(verb, Verb::Retract { post, account, digest }
                if *post == down.key.post && *account == down.key.account && (!was_out || *digest == down.digest))
        };
        if !statement.verbs.iter().any(asks) {
            return Err("it asks for something else".to_owned());
        }
        let roles = (self.in_force)(statement).or_else(|| self.written_then(statement));
        let roles = roles.ok_or("the roles that it was given under cannot be read")?;
        identify(&statement.witness, &roles).map(|_| ())
    }

    fn of_claim(&self, claim: &Claim) -> Vec<String> {
        let mut flaws = Vec::new();
        if !claim.trusted.parse().is_ok_and(|commit| self.commits.contains(&commit)) {
            let branch = &self.trusted.branches.trusted;
            flaws.push(format!(
                "it names {:.10} as the commit of {branch} that was read, which is not on {branch}",
                claim.trusted
            ));
        }
        if claim.approvals.is_empty() {
            flaws.push("it names no approval".to_owned());
        }
        for commit in &claim.approvals {
            if let Err(why) = self.approved(commit, claim) {
                flaws.push(format!("approval {commit:.10}: {why}"));
            }
        }
        flaws
    }

    fn approved(&self, commit: &str, claim: &Claim) -> Result<(), String> {
        let statement = self.statements.get(commit);
        approves(statement, claim)?;
        let Some(statement) = statement else { return Ok(()) };
        let roles = (self.in_force)(statement).or_else(|| self.written_then(statement));
        let roles = roles.ok_or("the roles that it was given under cannot be read")?;
        let mut dues = statement.verbs.iter().filter_map(|verb| match verb {
            Verb::Approve { post, account, due, .. } => {
                (*post == claim.key.post && *account == claim.key.account).then_some(due)
            }
            _ => None,
        });
        if roles.policy.reschedule == Reschedule::Reapprove && dues.all(|due| *due != claim.due) {
            return Err("it was given for another time".to_owned());
        }
        identify(&statement.witness, &roles).map(|_| ())
    }
    /// The roles as the commit has them that a statement names: it may be older than the root that is pinned by now.
    fn written_then(&self, statement: &Statement) -> Option<Arc<Roles>> {
        let files = self.trusted.repository.files(statement.policy.as_deref()?.parse().ok()?).ok()?;
        let blob = files.blob("roles.toml").ok()?;
        let read = || load_roles(&files.read("roles.toml", LARGEST_SETTINGS).ok()?).0.map(Arc::new);
        self.written.borrow_mut().entry(blob).or_insert_with(read).clone()
    }
}
