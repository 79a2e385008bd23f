//! What must hold before anything is sent: the policy is the one that admins approved, and whoever runs this may.

use chrono::{DateTime, Utc};

use crate::cli::gather::Trusted;
use crate::cli::{Exit, Failure};
use crate::git::Signer;
use crate::policy::Status;
use crate::view::decision::names;
use crate::view::escape;
use crate::workspace::{EvidenceMode, Key, RoleName, Roles};

/// What starts jobs of strangers, as GitHub, Forgejo and GitLab tell their jobs.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
/// <https://docs.gitlab.com/ci/variables/predefined_variables/> (checked 2026-11-28)
const STRANGERS: [(&str, &[&str]); 2] = [
    (
        "GITHUB_EVENT_NAME",
        &[
            "pull_request",
            "pull_request_target",
            "pull_request_review",
            "pull_request_review_comment",
            "pull_request_comment",
            "issue_comment",
            "issues",
            // What waits to be merged is not merged.
            "merge_group",
        ],
    ),
    ("CI_PIPELINE_SOURCE", &["merge_request_event", "external_pull_request_event"]),
];

/// A job that anybody can start, or that runs before the merge, publishes nothing. Whoever changes the job can take the
/// variable away, too: it is the forge that keeps secrets from them, and this that tells an honest mistake.
///
/// # Errors
/// When a pull request, a merge queue or somebody's comment started the job.
pub fn refuse_strangers(variable: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    for (name, events) in STRANGERS {
        let Some(event) = variable(name).filter(|event| events.contains(&event.as_str())) else { continue };
        return Err(Failure::broken(
            "publish/event",
            format!("{name} says {event}: such a job runs for anybody, or before the merge; nothing was published"),
            "publish on a push to the trusted branch, on a schedule or at a button: `greenlit ci init` writes such a job, \
             and `greenlit ci doctor` looks through yours",
        ));
    }
    Ok(())
}

/// Without a pinned root, whoever can merge could change who must approve: that is to be said, or is too little.
///
/// # Errors
/// When approvals are signed and nothing pins what the signatures are held against.
pub fn refuse_without_root(trusted: &Trusted, trust_tip: bool) -> Result<Option<&'static str>, Failure> {
    match (&trusted.chain, trust_tip) {
        (Some(_), false) => Ok(None),
        (Some(_), true) => Err(Failure::usage(
            "publish/trust-tip",
            "a root is pinned, and --trust-tip would leave it out",
            "run `greenlit publish` without --trust-tip",
        )),
        (None, true) => Ok(Some(
            "No root is pinned: roles.toml and greenlit.toml are taken as they are, whoever changed them last.",
        )),
        (None, false) if trusted.roles.policy.evidence == EvidenceMode::SignOff => Ok(Some(
            "No root is pinned, and sign-offs are taken at their word: whoever can merge can publish. \
             `greenlit trust pin` changes the former.",
        )),
        (None, false) => Err(Failure::broken(
            "publish/no-root",
            "no root is pinned, so whoever can merge could change who must approve; nothing was published",
            "`greenlit trust pin` prints the line to set outside of the repository; to publish all the same: --trust-tip",
        )),
    }
}

/// While the tip's policy is not in force, nothing is published under either.
///
/// # Errors
/// Then, with what must be approved, and by whom.
pub fn refuse_while_pending(trusted: &Trusted) -> Result<(), Failure> {
    let Some(pending) = trusted.chain.as_ref().and_then(|chain| chain.pending()) else { return Ok(()) };
    let branch = escape(&trusted.branches.trusted);
    let decision = &pending.decision;
    let message = format!(
        "greenlit.toml or roles.toml on {branch} was changed (commit {:.10}) and the change is not in force: {}; \
         nothing was published",
        pending.commit,
        escape(&decision.reason)
    );
    let help = match decision.status {
        Status::Error => "correct the files or restore them, and bring that to the trusted branch".to_owned(),
        _ => format!(
            "{} can: `greenlit approve --policy`; or restore both files as they were",
            names(&decision.turn, &trusted.roles)
        ),
    };
    Err(Failure::new(Exit::Broken, "publish/policy", message, help))
}

/// Where `[permissions] publish` names roles, only their holders publish.
///
/// # Errors
/// When whoever runs this holds none of them, or runs it with a key that does not count now.
pub fn refuse_others(trusted: &Trusted, now: DateTime<Utc>) -> Result<(), Failure> {
    let roles = &trusted.roles;
    let Some(allowed) = &roles.permissions.publish else { return Ok(()) };
    let (who, person) = runner(trusted, now)?;
    if person.is_some_and(|person| may_publish(&person, allowed, roles)) {
        return Ok(());
    }
    Err(Failure::broken(
        "publish/permission",
        format!("{} may not publish: roles.toml allows it to {}", escape(&who), escape(&allowed.join(", "))),
        "run it as one of them, or let an admin give the CI job a key of its own: a person with `bot = true` in one of \
         these roles",
    ))
}

fn may_publish(person: &str, allowed: &[RoleName], roles: &Roles) -> bool {
    allowed.iter().any(|role| roles.holds(person, role))
}

/// The person who owns a key, while it counts.
fn counting_owner<'r>(key: &Key, roles: &'r Roles, now: DateTime<Utc>) -> Option<&'r str> {
    let owner = roles.owner_of_key(key)?;
    let mut keys = roles.people.get(owner)?.keys.iter();
    keys.all(|owned| owned.key != *key || owned.counts_at(now).is_ok()).then_some(owner)
}

/// Who runs this, in words and as a person of `roles.toml`.
fn runner(trusted: &Trusted, now: DateTime<Utc>) -> Result<(String, Option<String>), Failure> {
    let roles = &trusted.roles;
    match roles.policy.evidence {
        EvidenceMode::SignOff => {
            let (_, email) = trusted.repository.committer()?;
            let person = roles.owner_of_email(&email).map(str::to_owned);
            Ok((format!("the address {email}"), person))
        }
        EvidenceMode::Signed => {
            let signer = Signer::configured(trusted.repository.program())?;
            let key = signer.key().filter(|key| !trusted.revoked().contains(key));
            let person = key.and_then(|key| counting_owner(key, roles, now)).map(str::to_owned);
            let who = key.map_or_else(|| "whoever signs here".to_owned(), |key| format!("the key {}", key.0));
            Ok((who, person))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{OwnedKey, Person};

    #[test]
    fn only_what_anybody_can_start_is_refused() {
        let started = |name: &'static str, event: &'static str| {
            refuse_strangers(move |asked| (asked == name).then(|| event.to_owned())).is_ok()
        };
        for event in ["push", "schedule", "workflow_dispatch", "workflow_run", "repository_dispatch", ""] {
            assert!(started("GITHUB_EVENT_NAME", event) && started("CI_PIPELINE_SOURCE", event), "{event}");
        }
        assert!(!started("GITHUB_EVENT_NAME", "pull_request_target") && !started("GITHUB_EVENT_NAME", "merge_group"));
        assert!(!started("CI_PIPELINE_SOURCE", "merge_request_event"));
    }

    #[test]
    fn a_key_that_has_run_out_or_is_revoked_publishes_nothing() {
        let key = Key("ssh-ed25519 job".to_owned());
        let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = time("2026-12-01T08:00:00Z");
        let owner = |owned: OwnedKey| {
            let job = Person { keys: vec![owned], bot: true, ..Person::default() };
            let roles = Roles { people: [("job".to_owned(), job)].into(), ..Roles::default() };
            counting_owner(&key, &roles, now).map(str::to_owned)
        };
        let plain = || OwnedKey::from(key.clone());
        assert_eq!(owner(plain()).as_deref(), Some("job"));
        assert_eq!(owner(OwnedKey { revoked: Some(now), ..plain() }), None);
        assert_eq!(owner(OwnedKey { not_after: Some(now), ..plain() }), None);
        assert_eq!(owner(OwnedKey { not_before: Some(time("2026-12-02T08:00:00Z")), ..plain() }), None);
    }
}
