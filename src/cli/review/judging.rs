//! What a review says of the posts that wait, and whether it counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::standing::last_word;
use crate::cli::gather::reviews::Versions;
use crate::cli::gather::{LARGEST_SETTINGS, Trusted};
use crate::cli::{Context, Failure};
use crate::forge::{Forge, PullRequest, PullRequestState, Review, ReviewState, User};
use crate::git::ObjectId;
use crate::ledger::{DeliveryKey, ReviewPlace, ReviewRecord, ReviewSays, Reviewed, Reviewer, Store};
use crate::plan::Plan;
use crate::policy::{Era, stages_for};
use crate::render::Digest;
use crate::view::reviews::{Became, CHANGES_REQUESTED, ReviewTold};
use crate::workspace::{Due, Files, ForgeKind, PersonId, PostId, Reviews, RoleName, Roles, load_roles};

/// Characters of what somebody wants changed that are kept.
const REASON: usize = 500;

/// All that reviews are held against.
pub struct Bench<'a> {
    pub trusted: &'a Trusted,
    pub ledger: &'a dyn Store,
    pub forge: &'a dyn Forge,
    pub context: &'a Context,
    /// The posts that wait.
    pub posts: &'a [PostId],
    /// How the pull requests stand whose reviews count: merged into the trusted branch, whose tip is seen; or open, and what would
    /// become of one is seen.
    state: PullRequestState,
    /// What would go out of the posts, as the commit that is seen has them.
    seen: Versions,
    pub runner: &'a str,
    pub signed_off_by: &'a str,
    /// What commits have, each read once; why one cannot be read.
    versions: HashMap<ObjectId, Result<Versions, String>>,
}

/// A review, and what is to be recorded of it.
pub struct Judged {
    pub told: ReviewTold,
    pub records: Vec<ReviewRecord>,
}

/// The policy that a reviewer could know.
pub struct Known {
    commit: String,
    digest: Option<Digest>,
    approvals: Vec<String>,
    roles: Arc<Roles>,
}

impl Known {
    fn of(era: &Era) -> Self {
        Self {
            commit: era.commit.clone(),
            digest: Some(era.digest.clone()),
            approvals: era.approvals.iter().map(|approval| approval.commit.clone()).collect(),
            roles: Arc::clone(&era.policy.roles),
        }
    }
}

/// The posts on which people still have to decide, or whose yes may still be taken back.
pub fn waiting(plan: &Plan) -> Vec<PostId> {
    let waits = plan.deliveries.iter().filter(|delivery| delivery.decision.is_some());
    waits.map(|delivery| delivery.key.post.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

impl<'a> Bench<'a> {
    pub fn new(
        trusted: &'a Trusted,
        ledger: &'a dyn Store,
        forge: &'a dyn Forge,
        context: &'a Context,
        posts: &'a [PostId],
        state: PullRequestState,
        (runner, signed_off_by): (&'a str, &'a str),
    ) -> Result<Self, Failure> {
        let seen = trusted.versions(ledger, context, posts)?;
        let versions = HashMap::from([(trusted.seen, Ok(seen.clone()))]);
        Ok(Self { trusted, ledger, forge, context, posts, state, seen, runner, signed_off_by, versions })
    }

    /// Judges a review of a pull request. Neither yes nor no is nothing to judge.
    ///
    /// # Errors
    /// When git or the ledger fails.
    pub fn judge(&mut self, pull: &PullRequest, review: &Review, all: &[Review]) -> Result<Option<Judged>, Failure> {
        let says = match review.state {
            ReviewState::Approved => "approved",
            ReviewState::ChangesRequested => CHANGES_REQUESTED,
            ReviewState::Dismissed => "dismissed",
            ReviewState::Commented => return Ok(None),
        };
        let mut told = ReviewTold {
            pull_request: pull.number,
            review: review.id,
            url: review.url.clone(),
            login: review.by.as_ref().map(|user| user.login.clone()).unwrap_or_default(),
            id: review.by.as_ref().map(|user| user.id).unwrap_or_default(),
            person: None,
            says,
            posts: Vec::new(),
            earlier: Vec::new(),
            stages: Vec::new(),
            became: Became::NotCounted,
            reason: None,
        };
        let records = match self.counted(pull, review, all, &mut told) {
            Ok(counted) => counted?,
            Err(reason) => {
                told.reason = Some(reason);
                Vec::new()
            }
        };
        if told.reason.is_none() && records.is_empty() {
            // It is about nothing that waits.
            return Ok(None);
        }
        Ok(Some(Judged { told, records }))
    }

    /// The records of a review that counts; why it does not.
    fn counted(
        &mut self,
        pull: &PullRequest,
        review: &Review,
        all: &[Review],
        told: &mut ReviewTold,
    ) -> Result<Result<Vec<ReviewRecord>, Failure>, String> {
        let by = review.by.as_ref().ok_or("the account is gone")?;
        if by.bot {
            return Err("is a bot, and bots decide nothing".to_owned());
        }
        let person = self.person(by)?;
        told.person = Some(person.clone());
        let branch = &self.trusted.branches.trusted;
        if pull.state != self.state || pull.base != *branch {
            return Err(match self.state {
                PullRequestState::Open => format!("is of no open pull request into {branch}"),
                PullRequestState::Closed | PullRequestState::Merged => format!("is not merged into {branch}"),
            });
        }
        if review.state == ReviewState::Dismissed {
            return Err(format!("was dismissed on {}", self.forge.kind().title()));
        }
        // What names its deliveries takes no other's place: each stands for its own.
        if review.commit.is_some() && last_word(by.id, all).is_some_and(|last| last.id != review.id) {
            return Err("was followed by another review of the same account".to_owned());
        }
        if review.edited {
            return Err("was edited after it was sent: write it again".to_owned());
        }
        let opened = pull.author.as_ref().is_some_and(|author| author.id == by.id);
        if opened && review.state == ReviewState::Approved && !self.trusted.roles.policy.author_may_approve {
            return Err("opened this pull request".to_owned());
        }
        Ok(self.of_posts(pull, review, by, &person, told))
    }

    fn of_posts(
        &mut self,
        pull: &PullRequest,
        review: &Review,
        by: &User,
        person: &PersonId,
        told: &mut ReviewTold,
    ) -> Result<Vec<ReviewRecord>, Failure> {
        let mut not = |reason: String| {
            told.reason = Some(reason);
            Ok(Vec::new())
        };
        let looked_at = review.commit.clone().unwrap_or_else(|| pull.head.clone());
        let branches = &self.trusted.branches;
        let commit = self.looked_at(pull, &looked_at)?;
        let Some((before, after)) = self.ends(pull)? else {
            return not(format!("the commit that it was merged as is not on {}", branches.trusted));
        };
        let is_no = review.state == ReviewState::ChangesRequested;
        let mut changed: BTreeMap<DeliveryKey, (Digest, Due)> = BTreeMap::new();
        match (commit, before) {
            (Some(commit), Some(before)) if review.commit.is_some() => {
                let Some(base) = self.trusted.repository.common_ancestor(before, commit)? else {
                    return not("the commit that was looked at has nothing in common with the branch".to_owned());
                };
                match self.change(base, commit)? {
                    Ok(change) => changed.extend(change),
                    Err(why) => return not(why),
                }
            }
            // What was looked at is named, one by one.
            _ if review.commit.is_none() => {
                let named = |version: &(Digest, Due)| {
                    review.names.iter().any(|yes| (&yes.digest, yes.due) == (&version.0, version.1))
                };
                changed.extend(self.seen.clone().into_iter().filter(|(_, version)| named(version)));
            }
            _ if !is_no => {
                return not(format!(
                    "the commit {looked_at:.10} that was looked at cannot be had from the remote any more: review it again"
                ));
            }
            _ => {}
        }
        if is_no
            && let Some(before) = before
            && let Some(base) = self.trusted.repository.common_ancestor(before, after)?
            && let Ok(change) = self.change(base, after)?
        {
            changed.extend(change);
        }
        let policy = match (commit.and_then(|commit| self.known(commit, review).transpose()).transpose()?, is_no) {
            (Some(policy), _) => policy,
            // A no is heard whatever its writer could know.
            (None, true) => self.newest(),
            (None, false) => {
                return not("its branch began before the policy that is pinned".to_owned());
            }
        };
        let then = policy.roles.as_ref();
        if !is_no && then.policy.reviews == Reviews::Ignore {
            return not("was given before it was in force that reviews count: review it again".to_owned());
        }
        if !is_no && then.owner_of_account(self.forge.kind(), by.id) != Some(person) {
            return not("the account was not yet this person's in roles.toml: review it again".to_owned());
        }
        told.posts = changed.keys().map(|key| key.post.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let record = |post: &PostId, said: ReviewSays| {
            let (of, sent) = ((review.id, review.url.as_str()), (review.commit.clone(), review.submitted_at));
            self.record(pull, of, by, sent, &policy, post, said)
        };
        if is_no {
            let text: String = review.text.chars().take(REASON).collect();
            let said = ReviewSays::ChangesRequested { text };
            return Ok(told.posts.iter().map(|post| record(post, said.clone())).collect());
        }
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        if !changed.iter().any(|(key, version)| self.seen.get(key) == Some(version)) {
            let short = looked_at.get(..10).unwrap_or(&looked_at);
            let one = if self.state == PullRequestState::Open { "one that stands here now" } else { "merged one" };
            return not(format!("looked at another version than the {one} (commit {short}): review it again"));
        }
        let stands = |post: &PostId| {
            changed.iter().any(|(key, version)| key.post == *post && self.seen.get(key) == Some(version))
        };
        (told.posts, told.earlier) = std::mem::take(&mut told.posts).into_iter().partition(stands);
        let mut stages: BTreeMap<(PostId, RoleName), Vec<Reviewed>> = BTreeMap::new();
        for (key, (digest, due)) in &changed {
            let Some(post) = self.trusted.posts.iter().find(|post| post.id == key.post) else { continue };
            for stage in stages_for(&self.trusted.roles, post, &key.account) {
                let roles = [Some(&stage.role), stage.escalate_to.as_ref()];
                let held = |role: &RoleName| self.trusted.roles.holds(person, role) && then.holds(person, role);
                if roles.into_iter().flatten().any(held) {
                    let reviewed = Reviewed { account: key.account.clone(), digest: digest.clone(), due: *due };
                    stages.entry((key.post.clone(), stage.role.clone())).or_default().push(reviewed);
                }
            }
        }
        if stages.is_empty() {
            return not("is in no stage that these posts pass, or was not when it was given".to_owned());
        }
        told.stages = stages.keys().map(|(_, stage)| stage.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let approved = |((post, stage), deliveries): ((PostId, RoleName), Vec<Reviewed>)| {
            record(&post, ReviewSays::Approved { stage, deliveries })
        };
        Ok(stages.into_iter().map(approved).collect())
    }

    /// The commit before a pull request, where there is one, and what became of it or would; `None` where what became of it is not
    /// on the trusted branch.
    fn ends(&self, pull: &PullRequest) -> Result<Option<(Option<ObjectId>, ObjectId)>, Failure> {
        let Trusted { repository, tip, seen, .. } = self.trusted;
        if self.state == PullRequestState::Open {
            return Ok(Some((Some(*tip), *seen)));
        }
        match pull.merge_commit.as_deref().map(str::parse::<ObjectId>) {
            Some(Ok(merged)) if repository.follows(*tip, merged).unwrap_or(false) => {
                Ok(Some((repository.first_parent(merged)?, merged)))
            }
            _ => Ok(None),
        }
    }

    /// A record that takes another one back.
    pub fn taking_back(&self, name: &str, record: &ReviewRecord, how: String, by: Option<Reviewer>) -> ReviewRecord {
        let policy = self.newest();
        ReviewRecord {
            by: by.unwrap_or_else(|| record.by.clone()),
            said: ReviewSays::TakenBack { record: name.to_owned(), how },
            policy: policy.commit,
            policy_digest: policy.digest,
            policy_approvals: policy.approvals,
            runner: self.runner.to_owned(),
            recorded_at: self.context.now,
            signed_off_by: self.signed_off_by.to_owned(),
            ..record.clone()
        }
    }

    /// Whose account it is; why nobody's.
    pub fn person(&self, by: &User) -> Result<PersonId, String> {
        let (roles, forge) = (&self.trusted.roles, self.forge.kind());
        let person = roles.owner_of_account(forge, by.id).map(str::to_owned).ok_or_else(|| {
            let known = roles.people.values().filter_map(|person| person.accounts.get(&forge));
            match known.into_iter().find(|account| account.login.eq_ignore_ascii_case(&by.login)) {
                Some(known) => format!(
                    "the login {} is another account by now: number {}, and roles.toml has number {}",
                    by.login, by.id, known.id
                ),
                None => format!("nobody in roles.toml has the {} account {} ({})", forge.title(), by.login, by.id),
            }
        })?;
        match roles.people.get(&person) {
            Some(known) if known.bot => Err("is a bot, and bots decide nothing".to_owned()),
            _ => Ok(person),
        }
    }

    /// A record of a review or comment of this number and address, which was sent at this time on this commit.
    #[expect(clippy::too_many_arguments, reason = "a record names all of this")]
    pub fn record(
        &self,
        pull: &PullRequest,
        (id, url): (u64, &str),
        by: &User,
        (commit, submitted_at): (Option<String>, DateTime<Utc>),
        policy: &Known,
        post: &PostId,
        said: ReviewSays,
    ) -> ReviewRecord {
        let place = self.forge.place();
        ReviewRecord {
            version: 1,
            workspace: self.trusted.settings.workspace.clone(),
            post: post.clone(),
            review: ReviewPlace {
                forge: place.kind,
                server: place.server(),
                repository: place.repository.clone(),
                pull_request: pull.number,
                id,
                url: url.to_owned(),
            },
            by: Reviewer { login: by.login.clone(), id: by.id },
            said,
            commit,
            submitted_at,
            policy: policy.commit.clone(),
            policy_digest: policy.digest.clone(),
            policy_approvals: policy.approvals.clone(),
            runner: self.runner.to_owned(),
            recorded_at: self.context.now,
            signed_off_by: self.signed_off_by.to_owned(),
        }
    }

    /// A commit of a pull request, fetched where it is not here; `None` where it cannot be had.
    pub fn looked_at(&self, pull: &PullRequest, commit: &str) -> Result<Option<ObjectId>, Failure> {
        let refs = refs(self.forge.kind(), pull.number);
        Ok(self.trusted.repository.reviewed(&self.trusted.branches, commit, &refs)?)
    }

    /// The deliveries that are not the same at two commits, as the later one has them; why one cannot be read.
    fn change(&mut self, before: ObjectId, after: ObjectId) -> Result<Result<Versions, String>, Failure> {
        let before = match self.at(before)? {
            Ok(versions) => versions,
            Err(why) => return Ok(Err(why)),
        };
        let after = self.at(after)?;
        let differs = |(key, version): &(DeliveryKey, (Digest, Due))| before.get(key) != Some(version);
        Ok(after.map(|after| after.into_iter().filter(differs).collect()))
    }

    fn at(&mut self, commit: ObjectId) -> Result<Result<Versions, String>, Failure> {
        if let Some(known) = self.versions.get(&commit) {
            return Ok(known.clone());
        }
        let versions = match self.trusted.posts_at(commit, self.posts) {
            Ok(seen) => Ok(seen.versions(self.ledger, self.context, self.posts)?),
            Err(failure) => Err(format!("commit {commit:.10} cannot be read: {failure}")),
        };
        Ok(self.versions.entry(commit).or_insert(versions).clone())
    }

    /// The newest policy that the reviewed commit follows from, and that was in force when the review was sent.
    fn known(&self, reviewed: ObjectId, review: &Review) -> Result<Option<Known>, Failure> {
        let repository = &self.trusted.repository;
        let Some(chain) = &self.trusted.chain else {
            let base = repository.common_ancestor(self.trusted.tip, reviewed)?;
            let Some(base) = base else { return Ok(None) };
            let roles = load_roles(&repository.files(base)?.read("roles.toml", LARGEST_SETTINGS).unwrap_or_default()).0;
            let known = |roles| Known { commit: base.to_string(), digest: None, approvals: Vec::new(), roles };
            return Ok(roles.map(Arc::new).map(known));
        };
        for era in chain.eras().iter().rev().filter(|era| era.known_at(review.submitted_at)) {
            if repository.follows(reviewed, era.commit.parse().map_err(crate::git::GitError::from)?)? {
                return Ok(Some(Known::of(era)));
            }
        }
        Ok(None)
    }

    /// The policy in force.
    pub fn newest(&self) -> Known {
        match &self.trusted.chain {
            Some(chain) => Known::of(chain.in_force()),
            None => Known {
                commit: self.trusted.tip.to_string(),
                digest: None,
                approvals: Vec::new(),
                roles: Arc::new(self.trusted.roles.clone()),
            },
        }
    }
}

/// The refs under which forges keep a pull request's commits: <https://docs.github.com/en/rest/git/refs>,
/// <https://docs.gitlab.com/user/project/merge_requests/reviews/#checkout-merge-requests-locally> (checked 2026-11-28).
fn refs(forge: ForgeKind, number: u64) -> Vec<String> {
    match forge {
        ForgeKind::Github | ForgeKind::Forgejo => vec![format!("refs/pull/{number}/head")],
        ForgeKind::Gitlab => vec![format!("refs/merge-requests/{number}/head")],
    }
}
