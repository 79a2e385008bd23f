//! What stands until somebody takes it back: the part that rejections and holds share.

use std::collections::BTreeSet;

use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::identity::{admins, name, on_forge, possible_makers, prove, short, unable};
use super::question::Facts;
use crate::workspace::{ADMIN, PersonId, Roles};

/// A sort of objection, and how it is taken back.
pub(super) struct Sort<'a> {
    pub kind: Kind,
    /// The status of one that stands.
    pub standing: Status,
    /// `rejection`
    pub noun: &'a str,
    /// `rejection`, `hold of account bluesky/acme`
    pub what: String,
    /// Whether a person may make it, under these roles.
    pub may: &'a dyn Fn(&str, &Roles) -> bool,
    /// Why one that a known person makes does not count.
    pub may_not: &'a str,
    /// What is said of whoever takes it back: `lift`, `resume`.
    pub end: (Kind, &'a str),
    /// Whether a statement's verb takes back that of a commit.
    pub ends: &'a dyn Fn(&Verb, &str) -> bool,
}

/// Whether an objection stands: judged in favour of caution, it does if somebody may have made it who was entitled then
/// or is now, whatever became of their key since. It ends when its maker or an admin takes it back, which brings the
/// post nearer to its audience, and is proved as strictly as an approval.
pub(super) fn judge(statement: &Statement, sort: &Sort<'_>, workspace: &str, facts: &Facts<'_>) -> Decision {
    let mut what = format!("{} by {}", sort.what, name(statement, facts));
    let review = on_forge(&statement.witness);
    if let Some(review) = review {
        what += &format!(" by {}", review.told());
    }
    let mut node = Decision::new(sort.kind, what, Status::NotCounted, String::new());
    node.commit = Some(statement.commit.clone());
    node.once_merged = review.is_some_and(|review| review.once_merged);
    node.since = Some(statement.seen.unwrap_or(statement.dated).min(facts.now));

    let then = (facts.roles_then)(statement);
    let (makers, unproved) = possible_makers(statement, facts);
    let entitled =
        |person: &PersonId| then.as_deref().into_iter().chain([facts.roles]).any(|roles| (sort.may)(person, roles));
    if !makers.iter().any(entitled) {
        node.reason = unproved.filter(|_| makers.is_empty()).unwrap_or_else(|| sort.may_not.to_owned());
        return node;
    }

    node.status = sort.standing;
    node.reason = first_words(&statement.text);
    node.person = makers.iter().find(|maker| facts.roles.people.contains_key(*maker)).cloned();
    let ends = |one: &&&Statement| {
        one.workspace == workspace && one.verbs.iter().any(|verb| (sort.ends)(verb, &statement.commit))
    };
    for end in facts.statements.iter().filter(ends) {
        let by = name(end, facts);
        match may_end(end, &makers, sort, facts) {
            Ok(()) => {
                let verb = if sort.kind == Kind::Hold { "resumed" } else { "lifted" };
                node.status = Status::NotCounted;
                node.reason = format!("was {verb} by {by} (commit {})", short(&end.commit));
                node.children.clear();
                return node;
            }
            Err(reason) => {
                let (kind, noun) = sort.end;
                let mut child = Decision::new(kind, format!("{noun} by {by}"), Status::NotCounted, reason);
                child.commit = Some(end.commit.clone());
                node.children.push(child);
            }
        }
    }
    node.turn = makers.iter().filter(|maker| unable(maker, facts).is_none()).cloned().collect();
    node.turn.extend(admins(facts).into_iter().filter(|admin| !makers.contains(admin)));
    node
}

fn may_end(end: &Statement, makers: &BTreeSet<PersonId>, sort: &Sort<'_>, facts: &Facts<'_>) -> Result<(), String> {
    let proof = prove(end, facts)?;
    let admin = proof.then.holds(&proof.person, ADMIN) && facts.roles.holds(&proof.person, ADMIN);
    if admin || makers.contains(&proof.person) {
        return Ok(());
    }
    Err(format!("did not make the {} and is no admin", sort.noun))
}

/// Whether a person has a say in some stage of some workflow, or is an admin.
pub(super) fn has_a_say(person: &str, roles: &Roles) -> bool {
    let stages = roles.workflows.iter().flat_map(|workflow| &workflow.stages);
    let mut asked = stages.flat_map(|stage| [Some(&stage.role), stage.escalate_to.as_ref()]).flatten();
    roles.holds(person, ADMIN) || asked.any(|role| roles.holds(person, role))
}

/// The reason that somebody wrote, on one line and not longer than a line or two.
pub(super) fn first_words(text: &str) -> String {
    const ENOUGH: usize = 160;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= ENOUGH {
        return line;
    }
    line.chars().take(ENOUGH).chain(['…']).collect()
}
