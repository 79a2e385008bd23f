//! Who made a statement: people, not credentials.

use std::sync::Arc;

use super::evidence::{Author, Edit, Signature, Statement, Witness};
use super::question::Facts;
use crate::workspace::{EvidenceMode, Person, PersonId, Roles};

/// A person who is proved to have made a statement, by the roles then and by the roles now.
pub(super) struct Proof {
    pub person: PersonId,
    /// The roles at the trusted commit that the statement names.
    pub then: Arc<Roles>,
}

/// Proves who made a statement; the reason, where that fails, is for people.
///
/// The same credential must belong to the same person at the commit that the statement names and at the tip, under the
/// evidence mode of each: what is granted later does not reach back, what is taken away takes its approvals along.
pub(super) fn prove(statement: &Statement, facts: &Facts<'_>) -> Result<Proof, String> {
    let witness = &statement.witness;
    let now = identify(witness, facts.roles);
    let Some(commit) = &statement.policy else {
        now?;
        return Err("the roles that it was given under are not on the trusted branch".to_owned());
    };
    let Some(then) = (facts.roles_then)(statement) else {
        now?;
        return Err(format!("the roles that it was given under cannot be read (commit {})", short(commit)));
    };
    let before = identify(witness, &then).map(str::to_owned);
    match (before, now) {
        (Ok(before), Ok(now)) if before == now => Ok(Proof { person: before, then }),
        (Ok(before), Ok(_)) => Err(format!("{} was {}'s then", credential(&then), then.name_of(&before))),
        (Ok(before), Err(_)) => Err(format!("{} is no longer {}'s", credential(facts.roles), then.name_of(&before))),
        (Err(_), Ok(now)) => {
            Err(format!("{} was not yet {}'s when it was given", credential(facts.roles), facts.roles.name_of(now)))
        }
        (Err(_), Err(reason)) => Err(reason),
    }
}

fn credential(roles: &Roles) -> &'static str {
    match roles.policy.evidence {
        EvidenceMode::Signed => "the key that signed it",
        EvidenceMode::SignOff => "the committer's address",
    }
}

/// The person behind a commit by one set of roles, in its evidence mode.
pub(super) fn identify<'r>(witness: &Witness, roles: &'r Roles) -> Result<&'r str, String> {
    match roles.policy.evidence {
        EvidenceMode::Signed => match &witness.signature {
            Signature::Missing => Err("signature is missing".to_owned()),
            Signature::Invalid(why) => Err(format!("signature proves nothing: {why}")),
            Signature::Valid(key) => {
                roles.owner_of_key(key).ok_or_else(|| "signed by a key nobody in roles.toml owns".to_owned())
            }
        },
        EvidenceMode::SignOff => {
            let email = witness.email.to_lowercase();
            if !witness.sign_offs.iter().any(|signed| signed.to_lowercase() == email) {
                return Err(format!("has no Signed-off-by of its committer, {}", witness.email));
            }
            roles.owner_of_email(&email).ok_or_else(|| format!("nobody in roles.toml has the address {email}"))
        }
    }
}

/// How to speak of whoever made a statement: by the name in `roles.toml` where that is proved; else it is said that the name
/// is only typed.
pub fn who(statement: &Statement, roles: &Roles, then: Option<&Roles>) -> String {
    let witness = &statement.witness;
    let known = [Some(roles), then].into_iter().flatten();
    let named = known.filter_map(|roles| identify(witness, roles).ok().map(|id| roles.name_of(id)));
    if let Some(person) = named.map(str::to_owned).next() {
        return person;
    }
    format!("someone calling themselves {} <{}>", witness.name, witness.email)
}

/// The same by what is known.
pub(super) fn name(statement: &Statement, facts: &Facts<'_>) -> String {
    who(statement, facts.roles, (facts.roles_then)(statement).as_deref())
}

/// Whether a person can prove anything in the mode that is in force.
pub(super) fn can_prove(person: &str, roles: &Roles) -> bool {
    roles.people.get(person).is_some_and(|person| match roles.policy.evidence {
        EvidenceMode::Signed => !person.keys.is_empty(),
        EvidenceMode::SignOff => !person.emails.is_empty(),
    })
}

/// Whether a person of these roles is among a post's authors, by any key or address that they have.
pub(super) fn is_author(person: &str, roles: &Roles, edits: &[Edit]) -> bool {
    roles.people.get(person).is_some_and(|person| edits.iter().any(|edit| wrote(person, &edit.author)))
}

fn wrote(person: &Person, author: &Author) -> bool {
    author.key.as_ref().is_some_and(|key| person.owns(key))
        || author.emails.iter().any(|email| person.emails.contains(email))
}

/// Whether the very credentials of a commit are those of an author, whoever owns them.
pub(super) fn is_authors_own(witness: &Witness, edits: &[Edit]) -> bool {
    let email = witness.email.to_lowercase();
    edits.iter().map(|edit| &edit.author).any(|author| {
        author.emails.contains(&email)
            || matches!(&witness.signature, Signature::Valid(key) if author.key.as_ref() == Some(key))
    })
}

/// The first digits of a commit, as people quote it.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
