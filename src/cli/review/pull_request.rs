//! What a pull request changes, collected from commits. Nothing of the change is executed, and the working tree is not read.

use std::collections::BTreeSet;

use super::judging::{Bench, waiting};
use crate::cli::check;
use crate::cli::gather::Trusted;
use crate::cli::gather::policy::{POLICY_FILES, policy, policy_files};
use crate::cli::gather::reviews::{once_merged, would_be_named};
use crate::cli::preview::rendered;
use crate::cli::roles::diff;
use crate::cli::{Context, Failure};
use crate::forge::{Forge, PullRequest, PullRequestState, Review};
use crate::git::difference::between;
use crate::git::{ObjectId, Repository};
use crate::plan::{Plan, Step};
use crate::policy::Evidence;
use crate::rules;
use crate::view::plan::Told as Planned;
use crate::view::pull_request::{Change, Heard, PolicyChange, PullRequestReport, Told, Touched, report};
use crate::view::reviews::Became;
use crate::workspace::{FileAssets, Files, Finding, Post, PostId, Reviews, Roles};

/// All that the report is made of.
pub struct Gathered {
    /// The trusted branch, with the settings and posts of the change.
    pub trusted: Trusted,
    /// What people decided.
    evidence: Evidence,
    before: Plan,
    after: Plan,
    /// What `check` finds in what differs and what depends on it, as anybody may see it.
    pub found: Vec<Finding>,
    differing: BTreeSet<String>,
    gone: Vec<(String, PostId)>,
    policy: Option<PolicyChange>,
    unusable: Option<String>,
    /// The reviews that were given before the merge.
    reviews: Vec<Heard>,
    /// Why they could not be read.
    unread: Option<String>,
}

impl Gathered {
    /// Reads the trusted branch, the change in this commit, and what people decided. The change is what differs from the trusted
    /// branch's tip, or from another commit where one is named.
    ///
    /// # Errors
    /// When the workspace cannot be used, the commit is not here, or history is not whole.
    pub fn read(head: &str, base: Option<&str>, fetch: bool, context: &Context) -> Result<Self, Failure> {
        let mut trusted = Trusted::read(context, fetch)?;
        let head = trusted.repository.commit_named(head)?;
        let base = base.map_or(Ok(trusted.tip), |base| trusted.repository.commit_named(base))?;
        let differing = between(trusted.repository.program(), base, head)?;
        let evidence = trusted.evidence(&trusted.ledger(context)?)?;
        let before = trusted.weigh(&evidence, &trusted.ledger(context)?, context, None)?;
        let files = policy_files(&trusted.repository.files(head)?);
        let mut unusable = None;
        let mut change = None;
        if differing.iter().any(|file| POLICY_FILES.contains(&file.as_str())) {
            match policy(&files) {
                Err(why) => unusable = Some(why),
                Ok(policy) => {
                    let roles = Roles::clone(&policy.roles);
                    let told = (roles != trusted.roles).then(|| diff::told(&mut trusted, &evidence, roles, context));
                    let (roles, in_words) = told.transpose()?.unzip();
                    let now = context.now;
                    let consider = |chain: &crate::policy::Chain| {
                        chain.consider(&files.digest(), Ok(&policy), &evidence.statements, now)
                    };
                    change = Some(PolicyChange {
                        files: differing.iter().filter(|file| POLICY_FILES.contains(&file.as_str())).cloned().collect(),
                        pinned: trusted.chain.is_some(),
                        from: trusted.chain.as_ref().map(|chain| chain.in_force().digest.clone()),
                        to: files.digest(),
                        decision: trusted.chain.as_ref().map(consider),
                        roles,
                        in_words: in_words.unwrap_or_default(),
                        difference: line_by_line(&trusted.repository, trusted.tip, head)?,
                    });
                }
            }
        }
        let gone = trusted.posts.iter().filter(|post| differing.contains(&post.path));
        let gone: Vec<(String, PostId)> = gone.map(|post| (post.path.clone(), post.id.clone())).collect();
        let (trusted, after) = if unusable.is_some() {
            (Trusted { seen: head, ..trusted }, before.clone())
        } else {
            let trusted = trusted.seeing(head)?;
            let after = trusted.weigh(&evidence, &trusted.ledger(context)?, context, None)?;
            (trusted, after)
        };
        let found = check::of_commit(&trusted, &trusted.repository.files(head)?, differing.clone(), context.now);
        let (policy, reviews, unread) = (change, Vec::new(), None);
        Ok(Self { trusted, evidence, before, after, found, differing, gone, policy, unusable, reviews, unread })
    }

    /// Whether reviews of pull requests count.
    pub fn reviews_count(&self) -> bool {
        self.trusted.roles.policy.reviews == Reviews::Count
    }

    /// Says that the reviews could not be read, and why: none counts.
    pub fn without_reviews(&mut self, why: String) {
        self.unread = Some(why).filter(|_| self.reviews_count());
    }

    /// Takes in what people said of an open pull request by review: as `review record` will once it is merged, and nothing of it is
    /// written down.
    ///
    /// # Errors
    /// When git or the ledger fails.
    pub fn hear(
        &mut self,
        pull: &PullRequest,
        reviews: &[Review],
        forge: &dyn Forge,
        context: &Context,
    ) -> Result<(), Failure> {
        if !self.reviews_count() || self.unusable.is_some() || pull.state != PullRequestState::Open {
            return Ok(());
        }
        let ledger = self.trusted.ledger(context)?;
        let posts = waiting(&self.after);
        let mut bench = Bench::new(&self.trusted, &ledger, forge, context, &posts, pull.state, ("", ""))?;
        let mut records = Vec::new();
        for review in reviews {
            let Some(mut judged) = bench.judge(pull, review, reviews)? else { continue };
            if judged.told.reason.is_none() {
                judged.told.became = Became::OnceMerged;
            }
            let names = judged.records.iter().map(would_be_named).collect();
            self.reviews.push(Heard { told: judged.told, names });
            records.extend(judged.records);
        }
        if !records.is_empty() {
            self.evidence.statements.extend(once_merged(records));
            self.after = self.trusted.weigh(&self.evidence, &ledger, context, None)?;
        }
        Ok(())
    }

    /// Whether a file is the same in another commit.
    ///
    /// # Errors
    /// When the commit is not here.
    pub fn is_as_in(&self, commit: ObjectId, path: &str) -> Result<bool, Failure> {
        let repository = &self.trusted.repository;
        let here = repository.files(self.trusted.seen)?.blob(path).ok();
        let there = repository.files(commit)?.blob(path).ok();
        Ok(here.is_some() && here == there)
    }

    /// Makes the report, and hands it on with all that it is made of.
    ///
    /// # Errors
    /// When a post cannot be read again.
    pub fn told<R>(&self, context: &Context, tell: impl FnOnce(&PullRequestReport<'_>) -> R) -> Result<R, Failure> {
        let Trusted { repository, seen, settings, .. } = &self.trusted;
        let files = repository.files(*seen)?;
        let posts = if self.unusable.is_some() { Vec::new() } else { self.touched(&files)? };
        let (base, head) = (self.trusted.tip.to_string(), seen.to_string());
        let after = Planned {
            plan: &self.after,
            roles: &self.trusted.roles,
            chain: self.trusted.chain.as_ref(),
            branch: &self.trusted.branches.trusted,
            reader: None,
            refused: &self.evidence.refused,
        };
        let told = Told {
            base: &base,
            head: &head,
            after,
            before: &self.before,
            posts: &posts,
            findings: &self.found,
            reviews: &self.reviews,
            unread: self.unread.as_deref(),
            policy: self.policy.as_ref(),
            unusable: self.unusable.as_deref(),
        };
        Ok(tell(&report(&told, &context.page(settings.timezone))))
    }

    /// The posts whose files differ, or files that they send, in order of their time.
    fn touched(&self, files: &dyn Files) -> Result<Vec<Touched<'_>>, Failure> {
        let trusted = &self.trusted;
        let assets = FileAssets::new(files);
        let mut touched: Vec<Touched<'_>> = Vec::new();
        for known in &trusted.posts {
            let post = trusted.whole(known)?;
            let uses = || rules::files(post).into_iter().any(|(file, _)| self.differing.contains(&file));
            let before = self.gone.iter().find(|(_, id)| *id == known.id);
            let known_before = self.before.deliveries.iter().any(|delivery| delivery.key.post == known.id);
            let change = match (self.differing.contains(&known.path), before) {
                (true, Some((path, _))) if *path != known.path => Change::Moved,
                (true, None) if !known_before => Change::Added,
                (true, _) => Change::Edited,
                (false, _) if uses() => Change::Media,
                (false, _) => continue,
            };
            touched.push(Touched {
                change,
                file: known.path.clone(),
                post: Some(post),
                accounts: self.accounts(post, &assets),
            });
        }
        for file in trusted.broken.iter().filter(|file| self.differing.contains(&file.path)) {
            let change =
                if self.gone.iter().any(|(path, _)| *path == file.path) { Change::Edited } else { Change::Added };
            touched.push(Touched { change, file: file.path.clone(), post: None, accounts: Vec::new() });
        }
        for (file, id) in &self.gone {
            let there = touched.iter().any(|one| one.file == *file || one.post.is_some_and(|post| post.id == *id));
            if !there {
                touched.push(Touched { change: Change::Removed, file: file.clone(), post: None, accounts: Vec::new() });
            }
        }
        let place = |one: &Touched<'_>| (one.post.is_none(), one.post.map(|post| post.due), one.file.clone());
        touched.sort_by_key(place);
        Ok(touched)
    }

    /// What a post would send to each of its accounts.
    fn accounts(&self, post: &Post, assets: &FileAssets<'_>) -> Vec<crate::view::preview::Rendered> {
        let Trusted { settings, repository, .. } = &self.trusted;
        let duplicate = |account: &_| {
            let mine =
                |delivery: &&crate::plan::Delivery| delivery.key.post == post.id && delivery.key.account == *account;
            match self.after.deliveries.iter().find(mine).map(|delivery| &delivery.step) {
                Some(Step::Duplicate(duplicate)) => Some(duplicate.clone()),
                _ => None,
            }
        };
        // What is wrong is told by `check`.
        let mut known = Vec::new();
        let mut all = Vec::new();
        for name in &post.to {
            let mut rendered = rendered(post, name, settings, repository, assets, &mut known);
            rendered.duplicate = duplicate(name);
            all.push(rendered);
        }
        all
    }
}

/// Both files of the policy, as they are and as they would be. They are text, whatever the repository says of them.
fn line_by_line(repository: &Repository, base: ObjectId, head: ObjectId) -> Result<String, Failure> {
    let mut arguments = vec!["--literal-pathspecs", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--text"];
    let parted = format!("{base}...{head}");
    arguments.extend([parted.as_str(), "--"]);
    arguments.extend(POLICY_FILES);
    let answer = repository.program().run(&arguments)?;
    Ok(String::from_utf8_lossy(&answer.output).into_owned())
}
