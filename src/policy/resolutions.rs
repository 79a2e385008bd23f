//! What people found out of deliveries of which the publisher could not know whether they are out.

use chrono::{DateTime, Utc};

use super::evidence::{Fate, Statement, Verb};
use super::identity::{name, prove};
use super::objections::has_a_say;
use super::question::Facts;
use crate::render::Digest;
use crate::workspace::{ADMIN, AccountName, PostId, Roles};

/// A delivery of which the publisher noted that it does not know.
#[derive(Clone, Copy)]
pub struct Doubt<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// The post.
    pub post: &'a PostId,
    /// The account.
    pub account: &'a AccountName,
    /// The digest of what was claimed.
    pub digest: &'a Digest,
    /// When it was noted.
    pub since: DateTime<Utc>,
}

/// Somebody's word on a doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What they found.
    pub fate: Fate,
    /// Who, for people.
    pub by: String,
    /// The commit that says so.
    pub commit: String,
}

/// The word that settles a doubt: of somebody who may publish, proved as strictly as an approval, on exactly this doubt.
///
/// Where two contradict each other, the one counts by which less is sent: that it is out, and more of it.
///
/// # Errors
/// Why a word on it does not count, of the last such, for people; an empty text where there is none.
pub fn resolution(doubt: &Doubt<'_>, facts: &Facts<'_>) -> Result<Resolution, String> {
    let mut found: Option<Resolution> = None;
    let mut in_vain = String::new();
    let mut statements: Vec<&Statement> = facts.statements.to_vec();
    statements.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    for statement in statements.into_iter().filter(|one| one.workspace == doubt.workspace) {
        for fate in statement.verbs.iter().filter_map(|verb| said_of(doubt, verb)) {
            match prove(statement, facts) {
                Ok(proof) if may_settle(&proof.person, &proof.then) && may_settle(&proof.person, facts.roles) => {
                    if found.as_ref().is_none_or(|known| parts(fate) > parts(&known.fate)) {
                        let (by, commit) = (name(statement, facts), statement.commit.clone());
                        found = Some(Resolution { fate: fate.clone(), by, commit });
                    }
                }
                Ok(proof) => in_vain = format!("{} may not publish", facts.roles.name_of(&proof.person)),
                Err(reason) => in_vain = format!("the word of {}: {reason}", name(statement, facts)),
            }
        }
    }
    found.ok_or(in_vain)
}

fn said_of<'s>(doubt: &Doubt<'_>, verb: &'s Verb) -> Option<&'s Fate> {
    let Verb::Resolve { post, account, digest, since, fate } = verb else { return None };
    let of_it = post == doubt.post && account == doubt.account && digest == doubt.digest && *since == doubt.since;
    of_it.then_some(fate)
}

fn parts(fate: &Fate) -> usize {
    match fate {
        Fate::Sent(urls) => urls.len(),
        Fate::NotSent => 0,
    }
}

/// Whether somebody may settle what became of a delivery: who may publish; where nobody is named for that, whoever has a
/// say in a workflow.
fn may_settle(person: &str, roles: &Roles) -> bool {
    match &roles.permissions.publish {
        Some(named) => roles.holds(person, ADMIN) || named.iter().any(|role| roles.holds(person, role)),
        None => has_a_say(person, roles),
    }
}
