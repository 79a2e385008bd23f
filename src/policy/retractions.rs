//! What people asked to be taken down.

use std::collections::BTreeMap;

use super::evidence::{Statement, Verb};
use super::identity::{Proof, editor, name, prove, unable};
use super::objections::{first_words, has_a_say};
use super::question::Facts;
use super::workflows::stages_for;
use crate::render::Digest;
use crate::workspace::{ADMIN, AccountName, Outline, PersonId, PostId, RetractRule, Roles};

/// A delivery that people may want to be taken down.
#[derive(Clone, Copy)]
pub struct Retractable<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// The post.
    pub post: &'a PostId,
    /// What decides which workflow it is in; `None` where its file is gone, and whoever has a say in any workflow may.
    pub outline: Option<&'a Outline>,
    /// The account.
    pub account: &'a AccountName,
    /// The digest of what is out, or on its way; `None` where nothing is: then whoever says no means the post, whatever its
    /// words.
    pub out: Option<&'a Digest>,
}

/// That people asked for a delivery to be taken down, or held back for good; whether enough of them did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retraction {
    /// The digest that they named.
    pub digest: Digest,
    /// Those whose word counts, in the order of their own dates.
    pub asked: Vec<Asked>,
    /// Why, in the words of the first of them.
    pub reason: String,
    /// What was said and does not count.
    pub vain: Vec<InVain>,
    /// How many more must ask for it before it is done.
    pub lacks: usize,
    /// Who could, where some more must, by short name.
    pub turn: Vec<PersonId>,
}

/// Somebody who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// For people.
    pub by: String,
    /// The commit that says so.
    pub commit: String,
}

/// A word that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InVain {
    /// The commit.
    pub commit: String,
    /// Why, for people, as a sentence of its own.
    pub reason: String,
}

impl Retraction {
    /// Whether enough people asked for it.
    pub fn is_complete(&self) -> bool {
        self.lacks == 0 && !self.asked.is_empty()
    }

    /// Whether somebody asked for it, and others must before it is done.
    pub fn lacks_people(&self) -> bool {
        self.lacks > 0 && !self.asked.is_empty()
    }

    /// The commits of those whose word counts.
    pub fn commits(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.commit.clone()).collect()
    }

    /// Who asked for it, for people.
    pub fn by(&self) -> String {
        let names: Vec<&str> = self.asked.iter().map(|asked| asked.by.as_str()).collect();
        names.join(", ")
    }
}

/// What people asked of a delivery: each who counts is entitled then and now, proved as strictly as an approval, and names
/// exactly what is out. Whoever asked may withdraw it. `None` where nobody said anything.
pub fn retraction(of: &Retractable<'_>, facts: &Facts<'_>) -> Option<Retraction> {
    let mut people: BTreeMap<PersonId, &Statement> = BTreeMap::new();
    let mut vain = Vec::new();
    let mut named: Option<(&Digest, &Statement)> = None;
    let mut statements: Vec<&Statement> = facts.statements.to_vec();
    statements.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    for statement in statements.into_iter().filter(|one| one.workspace == of.workspace) {
        let Some(digest) = statement.verbs.iter().find_map(|verb| said_of(of, verb)) else { continue };
        match counts(statement, digest, of, facts) {
            Ok(person) => {
                named = named.filter(|_| !people.is_empty()).or(Some((digest, statement)));
                people.entry(person).or_insert(statement);
            }
            Err(reason) => {
                named = named.or(Some((digest, statement)));
                vain.push(InVain { commit: statement.commit.clone(), reason });
            }
        }
    }
    let (digest, first) = named?;
    let lacks = facts.roles.policy.retract.needs.saturating_sub(people.len());
    let may = |person: &PersonId| {
        !people.contains_key(person) && unable(person, facts).is_none() && may_now(person, of, facts)
    };
    let turn = facts.roles.people.keys().filter(|person| lacks > 0 && may(person)).cloned().collect();
    let mut asked: Vec<&Statement> = people.values().copied().collect();
    asked.sort_by(|a, b| (a.dated, &a.commit).cmp(&(b.dated, &b.commit)));
    let asked = asked.into_iter().map(|one| Asked { by: name(one, facts), commit: one.commit.clone() }).collect();
    Some(Retraction { digest: digest.clone(), asked, reason: first_words(&first.text), vain, lacks, turn })
}

fn said_of<'s>(of: &Retractable<'_>, verb: &'s Verb) -> Option<&'s Digest> {
    let Verb::Retract { post, account, digest } = verb else { return None };
    (post == of.post && account == of.account).then_some(digest)
}

/// Who says so, where that counts.
fn counts(statement: &Statement, digest: &Digest, of: &Retractable<'_>, facts: &Facts<'_>) -> Result<PersonId, String> {
    let by = || name(statement, facts);
    let proof = prove(statement, facts).map_err(|reason| format!("the word of {}: {reason}", by()))?;
    if !may(&proof.person, &proof.then, of, facts) || !may_now(&proof.person, of, facts) {
        return Err(format!("{} may not have it taken down: {}", by(), entitled(&facts.roles.policy.retract)));
    }
    if of.out.is_some_and(|out| out != digest) {
        return Err(format!("{} named other words than are out: retract it again", by()));
    }
    match withdrawn(statement, &proof, of.workspace, facts) {
        true => Err(format!("{} withdrew it", by())),
        false => Ok(proof.person),
    }
}

/// Who may have a post taken down, as a sentence's end.
fn entitled(rule: &RetractRule) -> String {
    match &rule.roles {
        Some(roles) => format!("`[policy] retract` in roles.toml allows it to {} and admins", roles.join(", ")),
        None => "its authors may (by a signed commit), whoever has a say in its workflow, and whoever may publish"
            .to_owned(),
    }
}

fn may_now(person: &str, of: &Retractable<'_>, facts: &Facts<'_>) -> bool {
    may(person, facts.roles, of, facts)
}

fn may(person: &str, roles: &Roles, of: &Retractable<'_>, facts: &Facts<'_>) -> bool {
    if roles.holds(person, ADMIN) {
        return true;
    }
    let holds = |role: &String| roles.holds(person, role);
    if let Some(named) = &roles.policy.retract.roles {
        return named.iter().any(holds);
    }
    let has_say = match of.outline {
        Some(post) => stages_for(roles, post, of.account).into_iter().any(|stage| {
            let asked = [Some(&stage.role), stage.escalate_to.as_ref()];
            asked.into_iter().flatten().any(holds)
        }),
        None => has_a_say(person, roles),
    };
    let may_publish = roles.permissions.publish.iter().flatten().any(holds);
    has_say || may_publish || facts.edits.iter().any(|edit| editor(&edit.author, facts) == Ok(person))
}

/// Whether the person who asked took that back: proved as strictly as the asking, for it brings the post nearer again.
fn withdrawn(statement: &Statement, proof: &Proof, workspace: &str, facts: &Facts<'_>) -> bool {
    let names_it = |verb: &Verb| matches!(verb, Verb::Withdraw { commit } if *commit == statement.commit);
    let meant = |one: &&&Statement| one.workspace == workspace && one.verbs.iter().any(names_it);
    let by_them = |one: &Statement| prove(one, facts).is_ok_and(|by| by.person == proof.person);
    facts.statements.iter().filter(meant).any(|one| by_them(one))
}
