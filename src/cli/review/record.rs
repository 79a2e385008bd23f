//! `greenlit review record`

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::judging::{Bench, waiting};
use super::standing::{Asking, last_word, still_approves};
use crate::cli::gather::Trusted;
use crate::cli::publish::round::runner;
use crate::cli::{Context, Exit, Failure, forges};
use crate::forge::{Forge, ForgeError, PullRequest, PullRequestState, ReviewState};
use crate::git::ledger::GitLedger;
use crate::ledger::{Appended, Recorded, ReviewRecord, ReviewSays, Reviewer, Store};
use crate::view::reviews::{Became, CHANGES_REQUESTED, ReviewTold, ReviewsReport, Unread, What, human};
use crate::workspace::{PostId, Reviews, time};

/// How often it is tried again where somebody else wrote to the ledger meanwhile.
const TRIES: usize = 5;

/// Write down what merged pull requests' reviews say of the posts that wait, so that it counts
///
/// For CI, after each push to the trusted branch and on a schedule: reviews may come late. It asks the forge for the reviews of
/// the pull requests by which waiting posts came to the trusted branch, and writes those to the ledger that count. Only where
/// roles.toml says `reviews = "count"` under `[policy]`. What cannot be read is not approved.
///
/// What people of roles.toml wrote there beside the posts' lines is written down as well: `log` and `preview` show it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these pull requests
    #[arg(value_name = "NUMBER")]
    numbers: Vec<u64>,

    /// All pull requests that were merged or changed within this time, also those without posts that wait: 14d
    #[arg(long, value_name = "TIME", value_parser = time::duration, conflicts_with = "numbers")]
    since: Option<Duration>,
}

/// Reads reviews, writes down those that count, and tells of each.
///
/// # Errors
/// When the workspace or its ledger cannot be used, or nothing tells which forge to ask.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, true)?;
    if trusted.roles.policy.reviews == Reviews::Ignore {
        return Ok(tell(&trusted, &ReviewsReport::unasked(), context));
    }
    let mut ledger = trusted.ledger(context)?;
    let posts = waiting(&trusted.gather(&ledger, context, None)?.plan);
    let forge = forges::of(&trusted.repository, trusted.branches.remote.as_deref(), context);
    let forge = forge.map_err(|error| forges::failure(&error))?;
    let runner = runner()?;
    let who = trusted.repository.committer().map(|(name, email)| format!("{name} <{email}>"));
    let who = who.unwrap_or_else(|_| "greenlit <greenlit@localhost>".to_owned());
    let mut report = ReviewsReport::of(forge.as_ref());
    let recorded = ledger.reviews(Some(&posts.iter().collect()))?;
    let pulls = pulls(args, &trusted, forge.as_ref(), &posts, &recorded, context, &mut report)?;
    let mut records = Vec::new();
    if !pulls.is_empty() {
        let state = PullRequestState::Merged;
        let mut bench = Bench::new(&trusted, &ledger, forge.as_ref(), context, &posts, state, (&runner, &who))?;
        let known: HashSet<String> = recorded.iter().map(|one| one.record.path()).collect();
        let mut asking = Asking::new(forge.as_ref());
        for pull in pulls.values() {
            let reviews = match asking.reviews(pull.number) {
                Ok(reviews) => reviews.to_vec(),
                Err(error) => {
                    report.unread.push(unread(Some(pull.number), &error));
                    continue;
                }
            };
            for review in &reviews {
                let Some(mut judged) = bench.judge(pull, review, &reviews)? else { continue };
                judged.records.retain(|record| !known.contains(&record.path()));
                if judged.told.reason.is_none() {
                    judged.told.became = if judged.records.is_empty() { Became::Known } else { Became::Recorded };
                }
                report.reviews.push(judged.told);
                records.extend(judged.records);
            }
            match forge.comments_on_files(pull.number) {
                Ok(comments) => {
                    let remarks = bench.remarks(pull, &comments, &recorded)?;
                    report.comments.extend(remarks.told);
                    report.strangers += remarks.strangers;
                    report.beyond += remarks.beyond;
                    records.extend(remarks.records);
                }
                Err(error) => report.unread.push(Unread { what: What::Comments, ..unread(Some(pull.number), &error) }),
            }
            let mine = recorded.iter().filter(|one| one.record.review.pull_request == pull.number);
            let mine: Vec<&Recorded> = mine.filter(|one| asking.is_of(&one.record.review)).collect();
            match taken_back(&bench, pull, &mine, &reviews, &recorded) {
                Ok(back) => {
                    report.reviews.extend(back.iter().map(|(told, _)| told.clone()));
                    records.extend(back.into_iter().map(|(_, record)| record));
                }
                Err(error) => report.unread.push(unread(Some(pull.number), &error)),
            }
        }
    }
    report.ledger = write(&mut ledger, &records)?;
    Ok(tell(&trusted, &report, context))
}

/// The pull requests to read, by number.
fn pulls(
    args: &Args,
    trusted: &Trusted,
    forge: &dyn Forge,
    posts: &[PostId],
    recorded: &[Recorded],
    context: &Context,
    report: &mut ReviewsReport,
) -> Result<BTreeMap<u64, PullRequest>, Failure> {
    let mut pulls = BTreeMap::new();
    let mut numbers: BTreeSet<u64> = args.numbers.iter().copied().collect();
    if let Some(since) = args.since {
        let since = TimeDelta::from_std(since).ok().and_then(|since| context.now.checked_sub_signed(since));
        match forge.merged(&trusted.branches.trusted, since.unwrap_or_default()) {
            Ok(found) => pulls.extend(found.into_iter().map(|pull| (pull.number, pull))),
            Err(error) => report.unread.push(unread(None, &error)),
        }
    } else if numbers.is_empty() {
        for commit in trusted.changes(posts)? {
            match forge.of_commit(&commit) {
                Ok(found) => pulls.extend(found.into_iter().map(|pull| (pull.number, pull))),
                // A commit that was pushed by hand came by none.
                Err(ForgeError::Missing { .. } | ForgeError::Refused { .. }) => {}
                Err(error) => report.unread.push(unread(None, &error)),
            }
        }
    }
    if args.numbers.is_empty() {
        let here = Asking::new(forge);
        numbers.extend(
            recorded.iter().map(|one| &one.record.review).filter(|at| here.is_of(at)).map(|at| at.pull_request),
        );
    }
    for number in numbers {
        if pulls.contains_key(&number) {
            continue;
        }
        match forge.pull_request(number) {
            Ok(pull) => drop(pulls.insert(number, pull)),
            Err(error) => report.unread.push(unread(Some(number), &error)),
        }
    }
    Ok(pulls)
}

/// What was recorded of a pull request and does not stand any more.
fn taken_back(
    bench: &Bench<'_>,
    pull: &PullRequest,
    mine: &[&Recorded],
    reviews: &[crate::forge::Review],
    recorded: &[Recorded],
) -> Result<Vec<(ReviewTold, ReviewRecord)>, ForgeError> {
    let forge = bench.forge.kind().title();
    let gone: HashSet<&str> = recorded
        .iter()
        .filter_map(|one| match &one.record.said {
            ReviewSays::TakenBack { record, .. } => Some(record.as_str()),
            _ => None,
        })
        .collect();
    let mut dismissals = None;
    let mut back = Vec::new();
    for one in mine.iter().filter(|one| !gone.contains(one.name.as_str())) {
        let record = &one.record;
        let (how, by) = match &record.said {
            ReviewSays::Approved { .. } => match still_approves(record, reviews, forge) {
                Ok(()) => continue,
                Err(how) => (how, None),
            },
            ReviewSays::ChangesRequested { .. } => {
                let now = reviews.iter().find(|review| review.id == record.review.id);
                let last = last_word(record.by.id, reviews);
                if last.is_some_and(|last| last.id != record.review.id && last.state == ReviewState::Approved) {
                    ("was followed by a yes".to_owned(), None)
                } else if now.is_some_and(|now| now.state == ReviewState::Dismissed) {
                    if dismissals.is_none() {
                        dismissals = Some(bench.forge.dismissals(pull.number)?);
                    }
                    let of_this = dismissals.iter().flatten().rfind(|dismissal| dismissal.review == record.review.id);
                    // Whoever it was: the policy says whether they may. Of nobody it says no.
                    let by = of_this.and_then(|dismissal| dismissal.by.as_ref());
                    let by = by.map(|user| Reviewer { login: user.login.clone(), id: user.id });
                    let by = by.unwrap_or(Reviewer { login: "somebody".to_owned(), id: 0 });
                    (format!("was dismissed on {forge}"), Some(by))
                } else {
                    continue;
                }
            }
            ReviewSays::Commented(_) | ReviewSays::TakenBack { .. } => continue,
        };
        let (says, stages) = match &record.said {
            ReviewSays::Approved { stage, .. } => ("approved", vec![stage.clone()]),
            _ => (CHANGES_REQUESTED, Vec::new()),
        };
        let person = bench.trusted.roles.owner_of_account(record.review.forge, record.by.id);
        let told = ReviewTold {
            pull_request: pull.number,
            review: record.review.id,
            url: record.review.url.clone(),
            login: record.by.login.clone(),
            id: record.by.id,
            person: person.map(str::to_owned),
            says,
            posts: vec![record.post.clone()],
            earlier: Vec::new(),
            stages,
            became: Became::TakenBack,
            reason: Some(how.clone()),
        };
        back.push((told, bench.taking_back(&one.name, record, how, by)));
    }
    Ok(back)
}

/// Writes records, also where somebody else wrote meanwhile; the ledger's commit, where there was anything to write.
fn write(ledger: &mut GitLedger<'_>, records: &[ReviewRecord]) -> Result<Option<String>, Failure> {
    let posts: HashSet<&PostId> = records.iter().map(|record| &record.post).collect();
    for _ in 0..TRIES {
        let there: HashSet<String> = ledger.reviews(Some(&posts))?.iter().map(|one| one.record.path()).collect();
        let new: Vec<ReviewRecord> = records.iter().filter(|record| !there.contains(&record.path())).cloned().collect();
        if new.is_empty() {
            return Ok(None);
        }
        match ledger.record(&message(&new), &new)? {
            Appended::Done(commit) => return Ok(Some(commit)),
            Appended::Raced => ledger.refresh()?,
        }
    }
    Err(Failure::new(
        Exit::Waits,
        "review/raced",
        "other runs wrote to the ledger all the time; no review was recorded",
        "run `greenlit review record` again, or leave it to the next scheduled run",
    ))
}

fn message(records: &[ReviewRecord]) -> String {
    let numbers: BTreeSet<String> = records.iter().map(|one| format!("#{}", one.review.pull_request)).collect();
    let who = records.first().map(|record| record.signed_off_by.as_str()).unwrap_or_default();
    let numbers: Vec<String> = numbers.into_iter().collect();
    format!("Record reviews of {}\n\nSigned-off-by: {who}\n", numbers.join(", "))
}

fn unread(number: Option<u64>, error: &ForgeError) -> Unread {
    let (what, message) = (What::Reviews, error.to_string());
    Unread { pull_request: number, what, code: error.code(), message, help: error.help() }
}

fn tell(trusted: &Trusted, report: &ReviewsReport, context: &Context) -> Exit {
    if context.json() {
        context.print_json(report);
    } else {
        let page = context.page(trusted.settings.timezone);
        context.print(&human(report, |id| trusted.roles.name_of(id).to_owned(), &page));
    }
    // Nothing rests on comments.
    if report.unread.iter().all(|unread| unread.what == What::Comments) { Exit::Fine } else { Exit::Waits }
}

impl ReviewsReport {
    fn unasked() -> Self {
        let (forge, repository, ledger) = (None, None, None);
        let (reviews, comments, unread) = (Vec::new(), Vec::new(), Vec::new());
        let (strangers, beyond) = (0, 0);
        Self { version: 1, count: false, forge, repository, reviews, comments, strangers, beyond, unread, ledger }
    }

    fn of(forge: &dyn Forge) -> Self {
        let (kind, repository) = (Some(forge.kind()), Some(forge.place().repository.clone()));
        Self { count: true, forge: kind, repository, ..Self::unasked() }
    }
}
