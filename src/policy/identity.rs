//! Who made a statement: people, not credentials.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::evidence::{Author, Edit, OnForge, Signature, Statement, Witness};
use super::question::Facts;
use crate::workspace::{
    ADMIN, EvidenceMode, ForgeAccount, ForgeKind, KeyOut, OwnedKey, Person, PersonId, Reviews, Roles,
};

/// A person who is proved to have made a statement, by the roles then and by the roles now.
#[derive(Clone)]
pub(super) struct Proof {
    pub person: PersonId,
    /// The roles that the statement was given under.
    pub then: Arc<Roles>,
}

/// Proves who made a statement; the reason, where that fails, is for people.
///
/// The same credential must belong to the same person under the roles then and the roles now, in the evidence mode of
/// each: what is granted later does not reach back, what is taken away takes its approvals along. A key counts within
/// its time alone, by the publisher's clock: by the roles now it must count now; by the roles then, when the publisher
/// first saw the statement. A date that the statement itself bears can only count against it.
pub(super) fn prove(statement: &Statement, facts: &Facts<'_>) -> Result<Proof, String> {
    let witness = &statement.witness;
    let now = identify(witness, facts.roles);
    if let Some(why) = on_forge(witness).and_then(|review| review.fallen.as_deref()) {
        now?;
        return Err(why.to_owned());
    }
    let Some(commit) = &statement.policy else {
        now?;
        return Err("the roles that it was given under are not on the trusted branch".to_owned());
    };
    let Some(then) = (facts.roles_then)(statement) else {
        now?;
        return Err(format!("the roles that it was given under cannot be read (commit {})", short(commit)));
    };
    let before = identify(witness, &then).map(str::to_owned);
    let person = match (before, now) {
        (Ok(before), Ok(now)) if before == now => before,
        (Ok(before), Ok(_)) => {
            return Err(format!("{} was {}'s then", credential(witness, &then), then.name_of(&before)));
        }
        // Reviews may have ceased to count; whose account it is says the other.
        (Ok(_), Err(reason)) if on_forge(witness).is_some() => return Err(reason),
        (Ok(before), Err(_)) => {
            return Err(format!("{} is no longer {}'s", credential(witness, facts.roles), then.name_of(&before)));
        }
        (Err(_), Ok(_)) if on_forge(witness).is_some() && then.policy.reviews == Reviews::Ignore => {
            return Err("was given while reviews did not count".to_owned());
        }
        (Err(_), Ok(now)) => {
            let owner = facts.roles.name_of(now);
            return Err(format!("{} was not yet {owner}'s when it was given", credential(witness, facts.roles)));
        }
        (Err(_), Err(reason)) => return Err(reason),
    };
    let seen = statement.seen.map_or(facts.now, |seen| seen.min(facts.now));
    for (roles, at) in [(facts.roles, facts.now), (&*then, seen)] {
        if roles.people.get(&person).is_none_or(|person| person.bot) {
            return Err("is a bot, and bots decide nothing".to_owned());
        }
        in_force(witness, &person, roles, at, facts)?;
    }
    // Its date proves nothing for it; but who says to have signed outside of the key's time has not signed within it.
    in_force(witness, &person, facts.roles, statement.dated, facts).map_err(|why| format!("{why}, by its own date"))?;
    Ok(Proof { person, then })
}

fn credential(witness: &Witness, roles: &Roles) -> &'static str {
    match roles.policy.evidence {
        _ if on_forge(witness).is_some() => "the account that gave it",
        EvidenceMode::Signed => "the key that signed it",
        EvidenceMode::SignOff => "the committer's address",
    }
}

/// The review that it is, if it is one.
pub(super) fn on_forge(witness: &Witness) -> Option<&OnForge> {
    match &witness.signature {
        Signature::Review(review) => Some(review),
        _ => None,
    }
}

/// The person behind a review, where reviews count: whoever has the account's number, however it is called by now.
fn reviewer<'r>(review: &OnForge, roles: &'r Roles) -> Result<&'r str, String> {
    if roles.policy.reviews == Reviews::Ignore {
        return Err("reviews do not count by roles.toml".to_owned());
    }
    let OnForge { forge, login, id, .. } = review;
    roles.owner_of_account(*forge, *id).ok_or_else(|| {
        let same_login = |account: &ForgeAccount| account.login.eq_ignore_ascii_case(login);
        let namesake =
            roles.people.values().find_map(|person| person.accounts.get(forge).filter(|one| same_login(one)));
        match namesake {
            Some(known) => format!(
                "the login {login} is another account by now: number {id}, and roles.toml has number {}",
                known.id
            ),
            None => format!("nobody in roles.toml has the {} account {login} ({id})", forge.title()),
        }
    })
}

/// The person behind a commit by one set of roles, in its evidence mode, whatever the time of their key.
///
/// # Errors
/// Why nobody is proved to be, for people.
pub fn identify<'r>(witness: &Witness, roles: &'r Roles) -> Result<&'r str, String> {
    if let Some(review) = on_forge(witness) {
        return reviewer(review, roles);
    }
    match roles.policy.evidence {
        EvidenceMode::Signed => match &witness.signature {
            Signature::Missing => Err("signature is missing".to_owned()),
            Signature::Invalid(why) => Err(format!("signature proves nothing: {why}")),
            Signature::Review(review) => reviewer(review, roles),
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

/// Whether the key that a person signed with counts at that time.
fn in_force(
    witness: &Witness,
    person: &str,
    roles: &Roles,
    at: DateTime<Utc>,
    facts: &Facts<'_>,
) -> Result<(), String> {
    let (EvidenceMode::Signed, Signature::Valid(key)) = (roles.policy.evidence, &witness.signature) else {
        return Ok(());
    };
    let keys = roles.people.get(person).map(|person| person.keys.as_slice()).unwrap_or_default();
    keys.iter().filter(|owned| owned.key == *key).try_for_each(|owned| counts(owned, at, facts))
}

/// Whether a key counts at that time, and was never revoked.
fn counts(owned: &OwnedKey, at: DateTime<Utc>, facts: &Facts<'_>) -> Result<(), String> {
    let day = |time: &DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    // What is revoked by now counts for no earlier time either.
    if facts.revoked.contains(&owned.key) || owned.counts_at(facts.now) == Err(KeyOut::Revoked) {
        return Err("the key that signed it is revoked".to_owned());
    }
    owned.counts_at(at).map_err(|why| match why {
        KeyOut::Revoked => "the key that signed it is revoked".to_owned(),
        KeyOut::NotYet(from) => format!("the key that signed it counts only from {}", day(&from)),
        KeyOut::Ended(until) => format!("the key that signed it has expired ({})", day(&until)),
    })
}

/// Everyone whom a statement could be by, under the roles then or now, whatever the time of their keys; and why it is
/// not proved by some of them.
///
/// For what makes people careful: a veto or a hold must not end by itself because a key ran out or was stolen, an admin
/// ends it. Nothing that brings a post nearer may rest on this.
pub(super) fn possible_makers(statement: &Statement, facts: &Facts<'_>) -> (BTreeSet<PersonId>, Option<String>) {
    let then = (facts.roles_then)(statement);
    let mut makers = BTreeSet::new();
    let mut unproved = None;
    for roles in then.as_deref().into_iter().chain([facts.roles]) {
        match identify(&statement.witness, roles) {
            Ok(person) if roles.people.get(person).is_some_and(|person| person.bot) => {
                unproved = Some("is a bot, and bots decide nothing".to_owned());
            }
            Ok(person) => {
                makers.insert(person.to_owned());
            }
            Err(reason) => unproved = Some(reason),
        }
    }
    (makers, unproved)
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
    match on_forge(witness) {
        Some(review) => format!("{} on {}", review.login, review.forge.title()),
        None => format!("someone calling themselves {} <{}>", witness.name, witness.email),
    }
}

/// The same by what is known.
pub(super) fn name(statement: &Statement, facts: &Facts<'_>) -> String {
    who(statement, facts.roles, (facts.roles_then)(statement).as_deref())
}

/// Why nothing that a person says could count now; `None` where it could.
pub(super) fn unable(person: &str, facts: &Facts<'_>) -> Option<&'static str> {
    let Some(person) = facts.roles.people.get(person) else { return Some("is not among the people in roles.toml") };
    if person.bot {
        return Some("is a bot");
    }
    if facts.roles.policy.reviews == Reviews::Count && !person.accounts.is_empty() {
        return None;
    }
    match facts.roles.policy.evidence {
        EvidenceMode::Signed if person.keys.is_empty() => Some("has no key in roles.toml"),
        EvidenceMode::Signed if !person.keys.iter().any(|key| counts(key, facts.now, facts).is_ok()) => {
            Some("has no key that counts now")
        }
        EvidenceMode::SignOff if person.emails.is_empty() => Some("has no address in roles.toml"),
        EvidenceMode::Signed | EvidenceMode::SignOff => None,
    }
}

/// The admins whose word counts.
pub(super) fn admins(facts: &Facts<'_>) -> Vec<PersonId> {
    let all = facts.roles.roles.get(ADMIN).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|admin| unable(admin, facts).is_none()).cloned().collect()
}

/// Whether a person of these roles is among a post's authors, by any key or address that they have.
pub(super) fn is_author(person: &str, roles: &Roles, edits: &[Edit]) -> bool {
    roles.people.get(person).is_some_and(|person| edits.iter().any(|edit| wrote(person, &edit.author)))
}

fn wrote(person: &Person, author: &Author) -> bool {
    author.key.as_ref().is_some_and(|key| person.owns(key))
        || author.emails.iter().any(|email| person.emails.contains(email) || is_forges_own(email, person))
}

/// Whether an address is one that a forge gives to a person's account, for commits that are made in a browser (checked 2026-11-28):
/// `5551+noor-h@users.noreply.github.com`, `5551-noor-h@users.noreply.gitlab.com`, `noor-h@noreply.codeberg.org`. To take a
/// stranger for the author costs an approval; to overlook the author lets somebody approve their own post.
fn is_forges_own(email: &str, person: &Person) -> bool {
    let Some((name, host)) = email.split_once('@').filter(|(_, host)| host.split('.').any(|label| label == "noreply"))
    else {
        return false;
    };
    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = name.split_at(digits);
    let login = rest.strip_prefix(['+', '-']).filter(|_| !number.is_empty());
    person.accounts.iter().any(|(forge, account)| match login {
        Some(_) if *forge != ForgeKind::Forgejo && host.contains(forge.word()) => number == account.id.to_string(),
        Some(login) => [name, login].iter().any(|name| account.login.eq_ignore_ascii_case(name)),
        None => account.login.eq_ignore_ascii_case(name),
    })
}

/// Whether the very credentials of a commit are those of an author, whoever owns them.
pub(super) fn is_authors_own(witness: &Witness, edits: &[Edit]) -> bool {
    if on_forge(witness).is_some() {
        return false;
    }
    let email = witness.email.to_lowercase();
    edits.iter().map(|edit| &edit.author).any(|author| {
        author.emails.contains(&email)
            || matches!(&witness.signature, Signature::Valid(key) if author.key.as_ref() == Some(key))
    })
}

/// The person who made a change of a file, in the evidence mode that is in force: who signed it, or whose address
/// committed it. A bot may edit; it only decides nothing.
pub(super) fn editor<'r>(author: &Author, facts: &Facts<'r>) -> Result<&'r str, String> {
    let roles = facts.roles;
    match roles.policy.evidence {
        EvidenceMode::Signed => {
            let key = author.key.as_ref().ok_or("its commit is not signed")?;
            let person = roles.owner_of_key(key).ok_or("its commit is signed by a key nobody in roles.toml owns")?;
            let keys = roles.people.get(person).map(|person| person.keys.as_slice()).unwrap_or_default();
            keys.iter().filter(|owned| owned.key == *key).try_for_each(|owned| counts(owned, facts.now, facts))?;
            Ok(person)
        }
        EvidenceMode::SignOff => {
            let unknown = || format!("nobody in roles.toml has the address {}", author.committer);
            roles.owner_of_email(&author.committer).ok_or_else(unknown)
        }
    }
}

/// The first digits of a commit, as people quote it.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
