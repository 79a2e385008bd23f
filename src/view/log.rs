//! The story of a post, from first draft to receipts.

mod lines;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::decision::tree;
use super::escape;
use super::page::{Page, Tone, columns};
use super::plan::{PolicyReport, Told};
use super::standing::{Standing, alike, mark, why};
use super::thread::{OnPullRequest, Quote};
use crate::ledger::{Entry, PartReceipt};
use crate::plan::{Delivery, Step};
use crate::policy::{Decision, Fate, HoldScope, Statement, Status, Verb};
use crate::render::Digest;
use crate::workspace::{AccountName, Due, PostId};
use lines::lines;

/// A commit that changed the post's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The commit.
    pub commit: String,
    /// Its author, as typed.
    pub by: String,
    /// Its date, as typed.
    pub at: DateTime<Utc>,
    /// Its message's first line.
    pub subject: String,
}

/// All that is known of one post.
#[derive(Debug, Clone, Copy)]
pub struct Story<'a> {
    /// The post.
    pub post: &'a PostId,
    /// A plan with this post's deliveries alone.
    pub told: Told<'a>,
    /// What changed its file, oldest first.
    pub edits: &'a [Edit],
    /// What people decided on it, each with what its maker is called.
    pub statements: &'a [(&'a Statement, String)],
    /// The lines that they spoke about, by the statement's commit.
    pub quotes: &'a BTreeMap<String, Quote>,
    /// What the publisher did, each delivery's entries oldest first.
    pub entries: &'a [Entry],
}

/// What `greenlit log --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct LogReport {
    version: u32,
    post: PostId,
    /// In order of time. People's times are what they typed; the publisher's are those of its clock.
    events: Vec<Event>,
    /// Where it stands, for each account.
    stands: Vec<Stands>,
    policy: PolicyReport,
}

/// Where it stands for one account.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct Stands {
    account: AccountName,
    standing: Standing,
    due: Due,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
struct Event {
    at: DateTime<Utc>,
    /// Who did it: a person proved by their key where it is a decision, a typed name where it is an edit, a run of the
    /// publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(flatten)]
    what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum What {
    /// The file came to be.
    Written { subject: String },
    /// The file was changed.
    Changed { subject: String },
    /// Somebody said yes.
    Approved {
        #[serde(skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        /// Who was away, where a stand-in said it.
        #[serde(skip_serializing_if = "Option::is_none")]
        instead_of: Option<String>,
        approvals: Vec<Approval>,
    },
    /// Somebody said no.
    Rejected {
        why: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<Quote>,
        verdict: Verdict,
    },
    /// A rejection was taken back.
    Lifted { rejection: String },
    /// Somebody said something.
    Commented {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<Quote>,
        /// The commit that it answers, and whose that is.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<Answered>,
        /// The pull request on which it was said.
        #[serde(skip_serializing_if = "Option::is_none")]
        on: Option<OnPullRequest>,
    },
    /// Somebody stopped it, or all that it belongs to.
    Held { scope: String, why: String, verdict: Verdict },
    /// A hold was taken back.
    Resumed { hold: String },
    /// Somebody took their approval back, or their word that it be retracted.
    Withdrawn {
        /// The commit that says what was taken back.
        approval: String,
        why: String,
        /// Whether that was no approval.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        retraction: bool,
    },
    /// Somebody said what became of it, where the publisher could not know.
    Resolved { account: AccountName, sent: bool, places: Vec<String>, why: String },
    /// Somebody wants what is out to be changed to this.
    UpdateAsked { account: AccountName, digest: Digest, why: String },
    /// Somebody asked for it to be taken down, or held back for good.
    Retract { accounts: Vec<AccountName>, why: String, verdict: Verdict },
    /// A run of the publisher took it on.
    Claimed { account: AccountName, digest: Digest },
    /// It went out.
    Published { account: AccountName, parts: Vec<PartReceipt>, adopted: bool },
    /// What is out was changed in its place.
    Updated { account: AccountName, digest: Digest, parts: Vec<PartReceipt> },
    /// The network refused it, or was away.
    Failed { account: AccountName, reason: String, retry: bool },
    /// Nobody knows whether it went out.
    Uncertain { account: AccountName, reason: String },
    /// It was taken down, or held back for good.
    Retracted {
        account: AccountName,
        parts: Vec<PartReceipt>,
        /// What was not there any more.
        gone: Vec<PartReceipt>,
        /// Why nobody knows whether more of it is out.
        #[serde(skip_serializing_if = "Option::is_none")]
        in_doubt: Option<String>,
    },
}

/// A comment or decision that somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
struct Answered {
    commit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// A yes for one account.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
struct Approval {
    account: AccountName,
    digest: Digest,
    due: Due,
    verdict: Verdict,
}

/// Whether a decision counts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
struct Verdict {
    counts: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The story for programs.
pub fn report(story: &Story<'_>) -> LogReport {
    let stands = story.told.plan.deliveries.iter().map(|delivery| Stands {
        account: delivery.key.account.clone(),
        standing: Standing::from(&delivery.step),
        due: delivery.due,
        decision: delivery.decision.as_deref().cloned(),
    });
    LogReport {
        version: 1,
        post: story.post.clone(),
        events: events(story),
        stands: stands.collect(),
        policy: PolicyReport::of(&story.told),
    }
}

/// Everything that happened, in order.
fn events(story: &Story<'_>) -> Vec<Event> {
    let edits = story.edits.iter().enumerate().map(|(n, edit)| {
        let subject = edit.subject.clone();
        let what = if n == 0 { What::Written { subject } } else { What::Changed { subject } };
        Event { at: edit.at, by: Some(edit.by.clone()), commit: Some(edit.commit.clone()), what }
    });
    let mut events: Vec<Event> = edits.collect();
    // The newest come first.
    for (statement, by) in story.statements.iter().rev() {
        events.extend(said(statement, story).into_iter().map(|what| Event {
            at: statement.dated,
            by: Some(by.clone()),
            commit: Some(statement.commit.clone()),
            what,
        }));
    }
    events.extend(story.entries.iter().map(done));
    // What was typed at the same second stays in the order of this list.
    events.sort_by_key(|event| event.at);
    events
}

/// What a statement says of this post.
fn said(statement: &Statement, story: &Story<'_>) -> Vec<What> {
    let mut approvals = Vec::new();
    let mut others = Vec::new();
    let mut retracted = Vec::new();
    let quote = || story.quotes.get(&statement.commit).cloned();
    for verb in &statement.verbs {
        match verb {
            Verb::Approve { post, account, digest, due } if post == story.post => {
                let verdict = verdict_on_approval(statement, account, story);
                approvals.push(Approval { account: account.clone(), digest: digest.clone(), due: *due, verdict });
            }
            Verb::Reject { post } if post == story.post => {
                let (why, verdict) = (one_line(&statement.text), verdict_on_objection(statement, story));
                others.push(What::Rejected { why, line: quote(), verdict });
            }
            Verb::Lift { commit } => others.push(What::Lifted { rejection: commit.clone() }),
            Verb::Comment { post } if post == story.post => {
                let reply_to = statement.reply_to.as_ref().map(|commit| Answered {
                    commit: commit.clone(),
                    by: story.statements.iter().find(|(one, _)| one.commit == *commit).map(|(_, by)| by.clone()),
                });
                let (text, on) = (statement.text.clone(), OnPullRequest::of(statement));
                others.push(What::Commented { text, line: quote(), reply_to, on });
            }
            Verb::Hold { scope } if stopped(statement, scope, story) => {
                let (why, verdict) = (one_line(&statement.text), verdict_on_objection(statement, story));
                others.push(What::Held { scope: scope.to_string(), why, verdict });
            }
            Verb::Resume { commit } if ends_a_hold(commit, story) => {
                others.push(What::Resumed { hold: commit.clone() });
            }
            Verb::Withdraw { commit } => {
                let of = story.statements.iter().find(|(one, _)| one.commit == *commit);
                let is_retraction = |verb: &Verb| matches!(verb, Verb::Retract { .. });
                let retraction = of.is_some_and(|(one, _)| one.verbs.iter().any(is_retraction));
                others.push(What::Withdrawn { approval: commit.clone(), why: one_line(&statement.text), retraction });
            }
            Verb::Resolve { post, account, fate, .. } if post == story.post => {
                let places = match fate {
                    Fate::Sent(urls) => urls.clone(),
                    Fate::NotSent => Vec::new(),
                };
                let (account, why) = (account.clone(), one_line(&statement.text));
                others.push(What::Resolved { account, sent: !places.is_empty(), places, why });
            }
            Verb::Update { post, account, digest } if post == story.post => {
                let (account, why) = (account.clone(), one_line(&statement.text));
                others.push(What::UpdateAsked { account, digest: digest.clone(), why });
            }
            Verb::Retract { post, account, .. } if post == story.post => retracted.push(account.clone()),
            // Of other posts, or of the policy.
            Verb::Approve { .. }
            | Verb::Reject { .. }
            | Verb::Hold { .. }
            | Verb::Resume { .. }
            | Verb::Comment { .. }
            | Verb::ApprovePolicy { .. }
            | Verb::Update { .. }
            | Verb::Retract { .. }
            | Verb::Resolve { .. } => {}
        }
    }
    if !retracted.is_empty() {
        let (why, verdict) = (one_line(&statement.text), verdict_on_retraction(statement, story));
        others.push(What::Retract { accounts: retracted, why, verdict });
    }
    if !approvals.is_empty() {
        let absent = statement.stands_in_for.as_deref();
        let instead_of = absent.map(|absent| story.told.roles.name_of(absent).to_owned());
        others.insert(0, What::Approved { stage: statement.stage.clone(), instead_of, approvals });
    }
    others
}

fn verdict_on_approval(statement: &Statement, account: &AccountName, story: &Story<'_>) -> Verdict {
    let used = story.entries.iter().any(|entry| match entry {
        Entry::Claim(claim) => claim.key.account == *account && claim.approvals.contains(&statement.commit),
        Entry::Updated(entry) => entry.key.account == *account && entry.approvals.contains(&statement.commit),
        _ => false,
    });
    let of_account = |delivery: &&Delivery| delivery.key.account == *account;
    let no = |reason: &str| Verdict { counts: false, reason: Some(reason.to_owned()) };
    let Some(delivery) = story.told.plan.deliveries.iter().find(of_account) else {
        return if used { Verdict { counts: true, reason: None } } else { no("the post does not go there") };
    };
    match delivery.decision.as_deref().and_then(|decision| find(decision, &statement.commit)) {
        _ if used => Verdict { counts: true, reason: None },
        Some(node) if node.status == Status::NotCounted => no(&node.reason),
        Some(_) => Verdict { counts: true, reason: None },
        None if matches!(delivery.step, Step::Published { .. }) => no("was not needed when it went out"),
        None => no("it was not asked for"),
    }
}

fn verdict_on_retraction(statement: &Statement, story: &Story<'_>) -> Verdict {
    let used = story.entries.iter().any(|entry| match entry {
        Entry::Retracted(down) => down.statements.contains(&statement.commit),
        _ => false,
    });
    let mut asked = story.told.plan.deliveries.iter().filter_map(|delivery| delivery.retraction.as_deref());
    let vain = asked.find_map(|one| one.vain.iter().find(|vain| vain.commit == statement.commit));
    let reason = vain.filter(|_| !used).map(|vain| vain.reason.clone());
    Verdict { counts: reason.is_none(), reason }
}

/// Whether a hold is of this post, or of something that it belongs to now.
fn stopped(statement: &Statement, scope: &HoldScope, story: &Story<'_>) -> bool {
    let mut decisions = story.told.plan.deliveries.iter().filter_map(|delivery| delivery.decision.as_deref());
    matches!(scope, HoldScope::Post(post) if post == story.post)
        || decisions.any(|decision| find(decision, &statement.commit).is_some())
}

fn ends_a_hold(commit: &str, story: &Story<'_>) -> bool {
    let held = story.statements.iter().find(|(statement, _)| statement.commit == commit);
    held.is_some_and(|(statement, _)| {
        let holds = |verb: &Verb| matches!(verb, Verb::Hold { scope } if stopped(statement, scope, story));
        statement.verbs.iter().any(holds)
    })
}

fn verdict_on_objection(statement: &Statement, story: &Story<'_>) -> Verdict {
    let mut decisions = story.told.plan.deliveries.iter().filter_map(|delivery| delivery.decision.as_deref());
    let node = decisions.find_map(|decision| find(decision, &statement.commit));
    let reason = node.filter(|node| node.status == Status::NotCounted).map(|node| node.reason.clone());
    Verdict { counts: reason.is_none(), reason }
}

pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The node that tells of a commit.
fn find<'d>(decision: &'d Decision, commit: &str) -> Option<&'d Decision> {
    if decision.commit.as_deref() == Some(commit) {
        return Some(decision);
    }
    decision.children.iter().find_map(|child| find(child, commit))
}

fn done(entry: &Entry) -> Event {
    let account = entry.key().account.clone();
    let (at, by, what) = match entry {
        Entry::Claim(claim) => {
            let what = What::Claimed { account, digest: claim.digest.clone() };
            (claim.claimed_at, Some(claim.runner.clone()), what)
        }
        Entry::Published(out) => {
            let what = What::Published { account, parts: out.parts.clone(), adopted: out.adopted };
            (out.published_at, None, what)
        }
        Entry::Updated(updated) => {
            let (digest, parts) = (updated.digest.clone(), updated.parts.clone());
            (updated.updated_at, Some(updated.runner.clone()), What::Updated { account, digest, parts })
        }
        Entry::Failed(failed) => {
            let what = What::Failed { account, reason: failed.reason.clone(), retry: failed.retry };
            (failed.failed_at, None, what)
        }
        Entry::Uncertain(noted) => {
            let what = What::Uncertain { account, reason: noted.reason.clone() };
            (noted.noted_at, None, what)
        }
        Entry::Retracted(down) => {
            let (parts, gone, in_doubt) = (down.parts.clone(), down.gone.clone(), down.in_doubt.clone());
            (down.retracted_at, None, What::Retracted { account, parts, gone, in_doubt })
        }
    };
    Event { at, by, commit: None, what }
}

/// The story for people.
pub fn human(story: &Story<'_>, page: &Page) -> String {
    let plan = story.told.plan;
    let post = escape(story.post.as_str());
    let mut out = match plan.deliveries.first().filter(|first| !first.title.is_empty()) {
        Some(first) => format!("{}  {}\n", page.paint(Tone::Strong, &post), escape(&first.title)),
        None => format!("{}\n", page.paint(Tone::Strong, &post)),
    };
    if let Some(path) = plan.deliveries.iter().find_map(|delivery| delivery.path.as_deref()) {
        out += &page.wrapped(0, &escape(path));
    }
    out += &super::trust::notice(story.told.chain, story.told.roles, page);
    out.push('\n');
    let events = events(story);
    let width = events.iter().map(|event| columns(&page.time(event.at))).max().unwrap_or(0);
    let mut told = String::new();
    for event in &events {
        let time = page.time(event.at);
        // A time is told once for all that happened in that minute.
        out += &lines(event, if time == told { "" } else { &time }, width, page);
        told = time;
    }
    if events.is_empty() {
        out += "Nothing has happened yet.\n";
    }
    for group in alike(plan) {
        let (sign, tone) = mark(group.standing);
        let state = format!("{}: {}", group.accounts(), why(&group, page));
        let due = match (group.standing, group.first.due) {
            (Standing::Published | Standing::Retracting | Standing::Retracted, _) | (_, Due::Asap) => String::new(),
            (_, Due::At(at)) => format!(" · due {}", page.when(at)),
        };
        let line = page.hanging(2, 2, &format!("{state}{due}"));
        out += &format!("\n{} {}", page.paint(tone, sign), line.trim_start());
        let open = !group.standing.is_over() && group.standing != Standing::Retracting;
        if let Some(decision) = group.decision.as_ref().filter(|decision| open && !decision.approved()) {
            out += &tree(decision, story.told.roles, page, 2);
        }
    }
    out
}
