//! What people asked to be changed in its place after it went out.

use super::evidence::{Statement, Verb};
use super::identity::{Proof, editor, name, prove};
use super::question::Facts;
use super::workflows::stages_for;
use crate::render::Digest;
use crate::workspace::{ADMIN, AccountName, Outline, Roles};

/// A delivery that is out, and what its post says by now.
#[derive(Clone, Copy)]
pub struct Updatable<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// The post.
    pub post: &'a Outline,
    /// The account.
    pub account: &'a AccountName,
    /// The digest of what it would send by now.
    pub digest: &'a Digest,
}

/// That somebody asked for what is out to be changed. It says nothing of whether that is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Who, for people.
    pub by: String,
    /// The commit that says so.
    pub commit: String,
}

/// The word that asks for what is out to be changed to exactly this: of somebody whom the post concerns, proved as
/// strictly as an approval, and not withdrawn by them. Of several, the first by their dates.
///
/// # Errors
/// Why a word on it does not count, of the last such, for people; an empty text where there is none.
pub fn update(of: &Updatable<'_>, facts: &Facts<'_>) -> Result<Update, String> {
    let mut in_vain = String::new();
    let mut statements: Vec<&Statement> = facts.statements.to_vec();
    statements.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    let here = statements.into_iter().filter(|one| one.workspace == of.workspace);
    for statement in here.filter(|one| one.verbs.iter().any(|verb| asks(of, verb))) {
        let by = name(statement, facts);
        match prove(statement, facts) {
            Err(reason) => in_vain = format!("the word of {by}: {reason}"),
            Ok(proof) if !may_ask(&proof.person, &proof.then, of, facts) => {
                in_vain = format!("{by} had no say in this post when asking for it");
            }
            Ok(proof) if !may_ask(&proof.person, facts.roles, of, facts) => {
                in_vain = format!("{by} has no say in this post");
            }
            Ok(proof) if is_withdrawn(statement, &proof, of, facts) => in_vain = format!("{by} withdrew it"),
            Ok(_) => return Ok(Update { by, commit: statement.commit.clone() }),
        }
    }
    Err(in_vain)
}

fn asks(of: &Updatable<'_>, verb: &Verb) -> bool {
    let Verb::Update { post, account, digest } = verb else { return false };
    *post == of.post.id && account == of.account && digest == of.digest
}

/// Whether a person may ask: an author of the post, whoever has a say in its workflow, whoever may publish, an admin.
fn may_ask(person: &str, roles: &Roles, of: &Updatable<'_>, facts: &Facts<'_>) -> bool {
    let holds = |role: &String| roles.holds(person, role);
    let mut stages = stages_for(roles, of.post, of.account).into_iter();
    roles.holds(person, ADMIN)
        || stages.any(|stage| [Some(&stage.role), stage.escalate_to.as_ref()].into_iter().flatten().any(holds))
        || roles.permissions.publish.iter().flatten().any(holds)
        || facts.edits.iter().any(|edit| editor(&edit.author, facts) == Ok(person))
}

/// Whether the person who asked took that back.
fn is_withdrawn(statement: &Statement, proof: &Proof, of: &Updatable<'_>, facts: &Facts<'_>) -> bool {
    let names_it = |verb: &Verb| matches!(verb, Verb::Withdraw { commit } if *commit == statement.commit);
    let meant = |one: &&&Statement| one.workspace == of.workspace && one.verbs.iter().any(names_it);
    let by_them = |one: &Statement| prove(one, facts).is_ok_and(|by| by.person == proof.person);
    facts.statements.iter().filter(meant).any(|one| by_them(one))
}
