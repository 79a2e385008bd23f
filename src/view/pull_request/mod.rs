//! What a pull request changes: what would go out, what is wrong with it, who has said yes and whose turn it is.

mod calendar;
pub(super) mod inert;
mod markdown;
mod posts;
mod reviews;
#[cfg(test)]
mod tests;
mod texts;

use chrono::{DateTime, Utc};

pub use self::markdown::{Budget, Yes, markdown};

use self::calendar::{Slot, calendar};
use self::posts::{PostReport, post};
pub use self::reviews::Heard;
use self::reviews::reviews;
use super::findings::{Found, Report};
use super::page::Page;
use super::plan as planned;
use super::preview::Rendered;
use super::reviews::ReviewTold;
use super::roles::diff::DiffReport;
use super::roles::diff::effects::{Effect, effects};
use super::standing::Standing;
use super::status::Who;
use crate::plan::Plan;
use crate::policy::{Decision, Kind, Status};
use crate::render::Digest;
use crate::workspace::{Finding, PersonId, Post, Severity};

/// What is known of a pull request.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The trusted branch's commit.
    pub base: &'a str,
    /// The commit with the change.
    pub head: &'a str,
    /// What publish would do if the change were merged now, and under whose roles.
    pub after: planned::Told<'a>,
    /// What it would do as the trusted branch is.
    pub before: &'a Plan,
    /// The posts whose files differ, or files that they send.
    pub posts: &'a [Touched<'a>],
    /// What `check` finds in what differs and what depends on it, as anybody may see it.
    pub findings: &'a [Finding],
    /// The reviews that were given before the merge, where they count.
    pub reviews: &'a [Heard],
    /// Why they could not be read, so that none counts here.
    pub unread: Option<&'a str>,
    /// The change of `greenlit.toml` and `roles.toml`, where they differ from what is in force.
    pub policy: Option<&'a PolicyChange>,
    /// Why nothing can be judged: the change's settings or roles cannot be used.
    pub unusable: Option<&'a str>,
}

/// A post that the change touches.
pub struct Touched<'a> {
    /// What became of it.
    pub change: Change,
    /// Its file.
    pub file: String,
    /// The post; `None` where it is gone or has errors.
    pub post: Option<&'a Post>,
    /// What it would send, in the order of its `to`.
    pub accounts: Vec<Rendered>,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// Its file says something else.
    Edited,
    /// Its file has another name.
    Moved,
    /// A file that it sends is another one.
    Media,
    /// It is gone.
    Removed,
}

/// A change of the policy.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PolicyChange {
    /// The files that differ.
    pub files: Vec<String>,
    /// Whether a root of trust is pinned. Where none is, the change is in force once it is merged.
    pub pinned: bool,
    /// The policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Digest>,
    /// What it would be.
    pub to: Digest,
    /// Which admins approved it; nothing where no root is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What other roles would do to every pending post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<DiffReport>,
    /// The same in words.
    #[serde(skip)]
    pub in_words: String,
    /// Both files, line by line, as `git diff` has them.
    pub difference: String,
}

/// What `greenlit review comment --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PullRequestReport<'a> {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// The trusted branch's name.
    branch: String,
    /// Its commit.
    base: String,
    /// The commit with the change.
    head: String,
    state: State,
    /// Those who can take it further.
    turn: Vec<Who>,
    /// In order of due time.
    posts: Vec<PostReport>,
    /// Other pending posts that would stand otherwise, because of the settings.
    elsewhere: Vec<Effect>,
    /// What is wrong with files that are none of these posts.
    findings: Vec<Found>,
    /// The reviews that were given so far, where reviews count by the policy, and what counts of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reviews: Vec<ReviewTold>,
    /// Why they could not be read, so that none counts here.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<&'a str>,
    /// These posts and what goes out next to them, in order.
    calendar: Vec<Slot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a PolicyChange>,
    /// Why nothing can be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<&'a str>,
}

/// Where a pull request stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Something has to be corrected.
    Errors,
    /// Somebody rejected a post.
    Rejected,
    /// A post is held.
    Held,
    /// A post is late, says again what was said, or was refused by its network.
    Look,
    /// People have to say yes.
    Waiting,
    /// Everybody has said yes who must.
    Approved,
    /// Only drafts, or posts that go: nobody has to say anything.
    Quiet,
    /// It touches no post and no policy.
    Nothing,
}

impl PolicyChange {
    /// Whether it is in force once it is merged.
    fn is_approved(&self) -> bool {
        self.decision.as_ref().is_none_or(Decision::approved)
    }
}

/// A pull request for programs.
pub fn report<'a>(told: &Told<'a>, page: &Page) -> PullRequestReport<'a> {
    let posts: Vec<PostReport> = told.posts.iter().map(|touched| post(touched, told, page)).collect();
    let is_touched = |file: &str| told.posts.iter().any(|touched| touched.file == file);
    let rest: Vec<Finding> =
        told.findings.iter().filter(|finding| !is_touched(&finding.source.path)).cloned().collect();
    let elsewhere = effects(told.before, told.after.plan);
    let elsewhere = elsewhere.into_iter().filter(|effect| !posts.iter().any(|post| post.is(&effect.post)));
    let mut turn: Vec<String> = posts.iter().flat_map(PostReport::whose_turn).collect();
    let policy = told.policy.and_then(|policy| policy.decision.as_ref()).filter(|decision| !decision.approved());
    turn.extend(policy.into_iter().flat_map(|decision| decision.turn.iter().cloned()));
    turn.sort();
    turn.dedup();
    PullRequestReport {
        version: 1,
        now: page.now,
        branch: told.after.branch.to_owned(),
        base: told.base.to_owned(),
        head: told.head.to_owned(),
        state: state(told, &posts),
        turn: Who::all(turn, told.after.roles),
        elsewhere: elsewhere.collect(),
        findings: Report::new(&rest).findings,
        reviews: reviews(told.reviews, told.after.plan),
        unread: told.unread,
        calendar: calendar(told),
        posts,
        policy: told.policy,
        unusable: told.unusable,
    }
}

fn state(told: &Told<'_>, posts: &[PostReport]) -> State {
    if told.unusable.is_some() || told.findings.iter().any(Finding::is_error) {
        return State::Errors;
    }
    let policy = told.policy.map(|policy| if policy.is_approved() { State::Approved } else { State::Waiting });
    let states = posts.iter().map(|post| post.state).chain(policy);
    states.min().unwrap_or(State::Nothing)
}

impl From<Standing> for State {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Broken => State::Errors,
            Standing::Rejected => State::Rejected,
            Standing::Held => State::Held,
            Standing::Late | Standing::Duplicate | Standing::Failed | Standing::Uncertain => State::Look,
            Standing::Waiting => State::Waiting,
            Standing::Ready | Standing::Scheduled | Standing::Updating => State::Approved,
            Standing::Unfinished
            | Standing::Sending
            | Standing::Retracting
            | Standing::Draft
            | Standing::Changed
            | Standing::Published
            | Standing::Retracted => State::Quiet,
        }
    }
}

impl PullRequestReport<'_> {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Where its approvals stand, whatever else is wrong.
    pub fn approval(&self) -> State {
        let policy = self.policy.filter(|policy| !policy.is_approved()).map(|_| State::Waiting);
        let standings = self.posts.iter().flat_map(|post| &post.standings).map(|one| State::from(one.standing));
        let unusable = self.unusable.map(|_| State::Errors);
        standings.chain(policy).chain(unusable).min().unwrap_or(State::Nothing)
    }

    /// Where the posts stand that pass a workflow, which may be one that another adds; `None` where no post does.
    pub fn workflow(&self, name: &str) -> Option<State> {
        let decisions = self.posts.iter().flat_map(|post| &post.standings).filter_map(|one| one.decision.as_deref());
        let nodes = decisions.flat_map(|root| std::iter::once(root).chain(&root.children));
        let named =
            nodes.filter(|node| node.kind == Kind::Workflow && node.what.strip_prefix("workflow ") == Some(name));
        let state = |node: &Decision| match node.status {
            Status::Approved => State::Approved,
            Status::Waiting | Status::Pending => State::Waiting,
            Status::Held => State::Held,
            Status::Rejected => State::Rejected,
            Status::Error | Status::NotCounted => State::Look,
        };
        named.map(state).min()
    }

    /// Those who can take it further, by short name.
    pub fn whose_turn(&self) -> impl Iterator<Item = &PersonId> {
        self.turn.iter().map(|who| &who.id)
    }
}

/// How many of these are errors.
fn errors(findings: &[Found]) -> usize {
    findings.iter().filter(|found| found.severity == Severity::Error).count()
}
