//! A post that a pull request touches.

use super::{Change, State, Told, Touched};
use crate::ledger::DeliveryKey;
use crate::plan::{Delivery, Plan, Step};
use crate::policy::Decision;
use crate::view::decision::waits;
use crate::view::findings::{Found, Report};
use crate::view::page::Page;
use crate::view::preview::AccountReport;
use crate::view::roles::diff::effects::voices;
use crate::view::standing::{Alike, Standing, alike};
use crate::view::status::{Who, situation};
use crate::workspace::{AccountName, Due, Finding, PersonId, PostId};

/// A post, what it would send, and how that stands.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct PostReport {
    /// Its id; missing where it has errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    pub title: String,
    pub file: String,
    pub change: Change,
    pub state: State,
    /// A draft does not go out.
    pub draft: bool,
    /// Whether something of it is out.
    pub was_out: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it was to go out before, where that is another time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_before: Option<Due>,
    /// What would go out, in the order of the post's `to`.
    pub accounts: Vec<AccountReport>,
    /// Where that stands; accounts that stand alike in one entry.
    pub standings: Vec<StandingReport>,
    /// What is wrong with its file.
    pub findings: Vec<Found>,
}

/// How deliveries of a post stand, once they are merged.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct StandingReport {
    pub accounts: Vec<AccountName>,
    pub standing: Standing,
    /// Why it stands there, in words.
    pub reason: String,
    /// The stage that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Those who can take it further.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turn: Vec<Who>,
    /// The approvals that were given, for this text or for another.
    pub approvals: Vec<Given>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<Decision>>,
}

/// Somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Given {
    /// `approval by Li Wei for editor`
    pub what: String,
    pub commit: String,
    /// Whether it counts with the change.
    pub counts: bool,
    /// Whether it counts without.
    pub counted: bool,
    /// Why it does not count; empty where it does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl PostReport {
    /// Whether it is this post.
    pub fn is(&self, post: &PostId) -> bool {
        self.post.as_ref() == Some(post)
    }

    /// Those who can take it further.
    pub fn whose_turn(&self) -> impl Iterator<Item = PersonId> {
        let waits = self.standings.iter().filter(|standing| standing.standing.needs_a_person());
        waits.flat_map(|standing| standing.turn.iter().map(|who| who.id.clone()))
    }
}

/// What there is to say of a post.
pub(super) fn post(touched: &Touched<'_>, told: &Told<'_>, page: &Page) -> PostReport {
    let findings: Vec<Finding> =
        told.findings.iter().filter(|finding| finding.source.path == touched.file).cloned().collect();
    let (before, after) = (of_file(told.before, touched), of_file(told.after.plan, touched));
    let gone = touched.change == Change::Removed;
    let id = touched.post.map(|post| post.id.clone()).or_else(|| before.first().map(|one| one.key.post.clone()));
    let mine =
        Plan { deliveries: if gone { Vec::new() } else { after }, broken: Vec::new(), ..told.after.plan.clone() };
    let standings: Vec<StandingReport> =
        alike(&mine).iter().map(|group| standing(group, &before, told, page)).collect();
    let broken = touched.post.is_none() && !gone;
    let errors = broken || findings.iter().any(Finding::is_error);
    let states = standings.iter().map(|standing| State::from(standing.standing));
    let due = touched.post.map(|post| post.due);
    let due_before = before.first().map(|delivery| delivery.due);
    PostReport {
        title: mine.deliveries.first().or(before.first()).map(|one| one.title.clone()).unwrap_or_default(),
        post: id,
        file: touched.file.clone(),
        change: touched.change,
        state: states.chain(errors.then_some(State::Errors)).min().unwrap_or(State::Quiet),
        draft: touched.post.is_some_and(|post| post.draft),
        was_out: before.iter().any(|delivery| matches!(delivery.step, Step::Published { .. })),
        due_before: due_before.filter(|before| due.is_none_or(|due| due != *before)),
        due,
        accounts: touched.accounts.iter().map(AccountReport::of).collect(),
        standings,
        findings: Report::new(&findings).findings,
    }
}

/// The deliveries of the post on one side. What is gone there is known by its file.
fn of_file(plan: &Plan, touched: &Touched<'_>) -> Vec<Delivery> {
    let is = |delivery: &&Delivery| match touched.post {
        Some(post) => delivery.key.post == post.id,
        None => delivery.path.as_deref() == Some(touched.file.as_str()),
    };
    plan.deliveries.iter().filter(is).cloned().collect()
}

fn standing(group: &Alike<'_>, before: &[Delivery], told: &Told<'_>, page: &Page) -> StandingReport {
    let decision = group.decision.as_deref();
    let turn = decision.map(Decision::whose_turn).unwrap_or_default();
    StandingReport {
        accounts: group.accounts.iter().map(|account| (*account).clone()).collect(),
        standing: group.standing,
        reason: situation(group, &told.after, page),
        stage: decision.and_then(|decision| waits(decision, told.after.roles, page)).map(|(stage, _)| stage),
        turn: Who::all(turn, told.after.roles),
        approvals: decision.map(|decision| given(decision, &group.first.key, before)).unwrap_or_default(),
        decision: group.decision.clone(),
    }
}

/// The approvals in a decision, the older first, and whether each counted before.
fn given(decision: &Decision, key: &DeliveryKey, before: &[Delivery]) -> Vec<Given> {
    let earlier = before.iter().find(|delivery| delivery.key == *key);
    let earlier = earlier.and_then(|delivery| delivery.decision.as_deref()).map(voices).unwrap_or_default();
    let given = voices(decision).into_iter().map(|(commit, voice)| Given {
        what: voice.what(),
        commit: commit.to_owned(),
        counts: voice.counts,
        counted: earlier.get(commit).is_some_and(|voice| voice.counts),
        reason: if voice.counts { String::new() } else { voice.reason.to_owned() },
    });
    given.collect()
}
