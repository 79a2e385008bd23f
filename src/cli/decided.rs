//! What is said after a decision: where its commit is, and whose turn it is now.

use super::approve::instead_of;
use super::decide::Desk;
use super::{Exit, Failure};
use crate::git::{APPROVALS, Decided, Shared};
use crate::plan::Plan;
use crate::policy::{Decision, HoldScope, Status};
use crate::render::Digest;
use crate::view::brief::brief;
use crate::view::escape;
use crate::view::trust::notice;
use crate::workspace::{AccountName, Due, EvidenceMode, PersonId, PostId};

/// What the commands that decide print with `--format json`.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Report {
    version: u32,
    /// `approve`, `reject`, `lift`, `comment`, `hold`, `resume`, `withdraw`, `resolve`, `retract` or `update`.
    did: &'static str,
    /// Who decided, by short name; missing for somebody who is not in `roles.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// What counts as proof here; `sign-off` is not authenticated.
    evidence: EvidenceMode,
    /// The trusted branch's commit, whose roles decide.
    trusted: String,
    /// The commit whose posts were decided on.
    seen: String,
    /// The decision commits that were made; none where there was nothing to decide.
    commits: Vec<Made>,
    /// Where the posts stand now that were approved, rejected, held or the like.
    stands: Vec<Stands>,
}

/// One decision commit.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct Made {
    commit: String,
    /// The stage that was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// The person who is away and for whom a stand-in approved, by short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands_in_for: Option<PersonId>,
    /// What is held, or let go on: `everything`, `post launch`, `account bluesky/acme`, `campaign autumn`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    /// Whether others can see it.
    pushed: bool,
    /// Why it could not be pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Where one delivery stands.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct Stands {
    post: PostId,
    account: AccountName,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    due: Due,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// Whose turn it is, by short name.
    turn: Vec<PersonId>,
}

/// One decision that was made, and the stage that it approves for.
pub struct Outcome {
    /// The commit, and whether others can see it.
    pub decided: Decided,
    /// `editor`
    pub stage: Option<String>,
    /// What is held or resumed.
    pub scopes: Vec<HoldScope>,
    /// The person who is away and for whom a stand-in approved.
    pub stands_in_for: Option<PersonId>,
}

impl Outcome {
    /// A decision for no stage.
    pub fn of(decided: Decided) -> Self {
        Self { decided, stage: None, scopes: Vec::new(), stands_in_for: None }
    }
}

/// Says what was done, where the posts stand now, and what comes next. The exit code tells whether others can see it.
///
/// # Errors
/// When history or the ledger cannot be read.
pub fn tell(
    desk: &mut Desk<'_>,
    did: &'static str,
    sentence: &str,
    outcomes: &[Outcome],
    posts: &[PostId],
) -> Result<Exit, Failure> {
    desk.look_again()?;
    let plan = desk.plan(posts)?;
    Ok(told(desk, did, sentence, outcomes, Some(&plan)))
}

/// The same with a plan that was made already, or with none.
pub fn told(desk: &Desk<'_>, did: &'static str, sentence: &str, outcomes: &[Outcome], plan: Option<&Plan>) -> Exit {
    let failed = outcomes.iter().any(|outcome| matches!(outcome.decided.shared, Shared::Failed(_)));
    if desk.context.json() {
        desk.context.print_json(&report(desk, did, outcomes, plan));
    } else {
        let page = desk.context.page(desk.trusted.settings.timezone);
        let mut out = String::new();
        for outcome in outcomes {
            out += &page.wrapped(0, &format!("{sentence}{}", place(outcome, desk)));
        }
        if desk.trusted.roles.policy.evidence == EvidenceMode::SignOff {
            out += &page.wrapped(0, "Not authenticated: roles.toml takes sign-offs at their word.");
        }
        out += &notice(desk.trusted.chain.as_ref(), &desk.trusted.roles, &page);
        if let Some(plan) = plan {
            out += &brief(plan, &desk.trusted.roles, &page);
        }
        if plan.is_some() && !desk.sees_trusted() {
            let (seen, trusted) = (escape(&desk.seen_on), escape(&desk.trusted.branches.trusted));
            out += &page.wrapped(0, &format!("Read from {seen}; nothing goes out before it is merged into {trusted}."));
        }
        desk.context.print(&out);
    }
    if failed { Exit::Waits } else { Exit::Fine }
}

/// Behind a sentence: the commit, and whether others can see it.
pub(super) fn place(outcome: &Outcome, desk: &Desk<'_>) -> String {
    let remote = desk.trusted.branches.remote.as_deref().unwrap_or_default();
    let push = format!("`git push {} {APPROVALS}`", escape(remote));
    let stage = outcome.stage.as_ref().map(|stage| format!(" for {}", escape(stage))).unwrap_or_default();
    let instead = outcome.stands_in_for.as_ref().map(|absent| instead_of(absent, desk)).unwrap_or_default();
    let commit = format!("commit {:.10}", outcome.decided.commit);
    let where_it_is = match &outcome.decided.shared {
        Shared::Pushed(remote) => format!("pushed to {}", escape(remote)),
        Shared::NoRemote => "there is no remote to push it to".to_owned(),
        Shared::NotAsked => format!("not pushed yet: {push}"),
        Shared::Failed(why) => {
            format!("but it could not be pushed ({}); push it with {push}", escape(why))
        }
    };
    format!("{stage}{instead} ({commit}), {where_it_is}.")
}

fn report(desk: &Desk<'_>, did: &'static str, outcomes: &[Outcome], plan: Option<&Plan>) -> Report {
    let made = |outcome: &Outcome| Made {
        commit: outcome.decided.commit.to_string(),
        stage: outcome.stage.clone(),
        stands_in_for: outcome.stands_in_for.clone(),
        scopes: outcome.scopes.iter().map(ToString::to_string).collect(),
        pushed: matches!(outcome.decided.shared, Shared::Pushed(_)),
        problem: match &outcome.decided.shared {
            Shared::Failed(why) => Some(why.clone()),
            Shared::Pushed(_) | Shared::NoRemote | Shared::NotAsked => None,
        },
    };
    let stands = plan.into_iter().flat_map(|plan| &plan.deliveries).map(|delivery| Stands {
        post: delivery.key.post.clone(),
        account: delivery.key.account.clone(),
        digest: delivery.digest.clone(),
        due: delivery.due,
        status: delivery.decision.as_deref().map(|decision| decision.status),
        turn: delivery.decision.as_deref().map(Decision::whose_turn).unwrap_or_default(),
    });
    Report {
        version: 1,
        did,
        person: desk.me.person.clone(),
        evidence: desk.trusted.roles.policy.evidence,
        trusted: desk.trusted.tip.to_string(),
        seen: desk.trusted.seen.to_string(),
        commits: outcomes.iter().map(made).collect(),
        stands: stands.collect(),
    }
}
