//! Reviews of pull requests, and what counts of them.

use super::escape;
use super::page::{Page, Tone, counted, listed};
use crate::workspace::{ForgeKind, PersonId, PostId, RoleName};

/// What `greenlit review record --format json` prints.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct ReviewsReport {
    /// The form of this output; 1.
    pub version: u32,
    /// Whether reviews count by `roles.toml`; where they do not, nobody was asked.
    pub count: bool,
    /// The forge that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forge: Option<ForgeKind>,
    /// The repository that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The reviews that were read.
    pub reviews: Vec<ReviewTold>,
    /// The comments on posts' files and their lines that people of `roles.toml` wrote.
    pub comments: Vec<RemarkTold>,
    /// How many comments are left out, for their writers are not in `roles.toml`.
    pub strangers: usize,
    /// How many comments are left out, for there are too many on their pull request.
    pub beyond: usize,
    /// What could not be read, and so does not count.
    pub unread: Vec<Unread>,
    /// The ledger's commit that has them now; missing where there was nothing new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
}

/// One review.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct ReviewTold {
    /// The pull request.
    pub pull_request: u64,
    /// The review's number.
    pub review: u64,
    /// Where people see it.
    pub url: String,
    /// The account's name; empty where it is gone.
    pub login: String,
    /// The account's number; 0 where it is gone.
    pub id: u64,
    /// Whose account it is, by short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// `approved`, `changes requested`, `dismissed`.
    pub says: &'static str,
    /// The posts that it is about, as far as they wait.
    pub posts: Vec<PostId>,
    /// The posts that it looked at in another version: for these it does not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<PostId>,
    /// The stages that it approves for.
    pub stages: Vec<RoleName>,
    /// What became of it.
    pub became: Became,
    /// Why it does not count, or counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a review says that says no.
pub const CHANGES_REQUESTED: &str = "changes requested";

/// What became of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// It is on the ledger now.
    Recorded,
    /// It was there before.
    Known,
    /// It counts once its pull request is merged.
    OnceMerged,
    /// It does not count.
    NotCounted,
    /// It counted, and counts no more; the ledger says so now.
    TakenBack,
}

/// A comment beside a post's file.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct RemarkTold {
    /// The pull request.
    pub pull_request: u64,
    /// The comment's number.
    pub comment: u64,
    /// Where people see it.
    pub url: String,
    /// The account's name.
    pub login: String,
    /// The account's number.
    pub id: u64,
    /// Whose account it is, by short name.
    pub person: PersonId,
    /// The post.
    pub post: PostId,
    /// The line, in the commit that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Whether it is new on the ledger: `recorded` or `known`.
    pub became: Became,
}

/// What of a pull request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The pull request, or its reviews.
    Reviews,
    /// Its comments; nothing rests on them.
    Comments,
}

/// A pull request that could not be read, or not all of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Unread {
    /// Its number; missing where it could not be told which there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// What of it.
    pub what: What,
    /// The error's code.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A review in words, and what became of it; escaped.
pub(super) fn told(review: &ReviewTold, name: impl Fn(&str) -> String) -> String {
    let who = review
        .person
        .as_deref()
        .map_or_else(|| escape(&review.login).into_owned(), |id| escape(&name(id)).into_owned());
    let who = if who.is_empty() { "an account that is gone".to_owned() } else { who };
    let posts: Vec<String> = review.posts.iter().map(ToString::to_string).collect();
    let within = if review.says == CHANGES_REQUESTED { " in" } else { "" };
    let posts = if posts.is_empty() { String::new() } else { format!("{within} {}", listed(&posts, "and")) };
    let stages: Vec<String> = review.stages.iter().map(|stage| escape(stage).into_owned()).collect();
    let stages = if stages.is_empty() { String::new() } else { format!(" for {}", listed(&stages, "and")) };
    let what = match review.became {
        Became::Recorded => "recorded",
        Became::Known => "recorded before",
        Became::OnceMerged => "counts once merged",
        Became::NotCounted => "does not count",
        Became::TakenBack => "counts no more",
    };
    let reason = review.reason.as_deref().map(|reason| format!(": {}", escape(reason))).unwrap_or_default();
    let earlier: Vec<String> = review.earlier.iter().map(ToString::to_string).collect();
    let earlier = match earlier.as_slice() {
        [] => String::new(),
        some => format!("; of {} it looked at another version", listed(some, "and")),
    };
    format!("{who}, {}{posts}{stages}: {what}{reason}{earlier}", review.says)
}

/// The same for people.
pub fn human(report: &ReviewsReport, name: impl Fn(&str) -> String, page: &Page) -> String {
    if !report.count {
        let text = "Reviews do not count here. To let them: `reviews = \"count\"` under [policy] in roles.toml; docs/reviews.md says \
                    what that rests on.";
        return page.wrapped(0, text);
    }
    let mut out = String::new();
    for review in &report.reviews {
        let (mark, tone) = match review.became {
            Became::Recorded | Became::OnceMerged => ("✓", Tone::Good),
            Became::Known => ("·", Tone::Faint),
            Became::NotCounted => ("–", Tone::Faint),
            Became::TakenBack => ("✗", Tone::Careful),
        };
        let text = format!("#{} {}", review.pull_request, told(review, &name));
        out += &format!("{} {}", page.paint(tone, mark), page.hanging(2, 2, &text).trim_start());
    }
    for remark in report.comments.iter().filter(|remark| remark.became == Became::Recorded) {
        let place = remark.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let who = escape(&name(&remark.person)).into_owned();
        let text = format!("#{} {who} commented on {}{place}: recorded", remark.pull_request, remark.post);
        out += &format!("{} {}", page.paint(Tone::Faint, "·"), page.hanging(2, 2, &text).trim_start());
    }
    if report.strangers > 0 {
        let several = if report.strangers == 1 { "is" } else { "are" };
        let text =
            format!("{} of people who are not in roles.toml {several} left out.", counted(report.strangers, "comment"));
        out += &page.wrapped(0, &text);
    }
    if report.beyond > 0 {
        let text =
            format!("{} more on the same pull requests are not written down.", counted(report.beyond, "comment"));
        out += &page.wrapped(0, &text);
    }
    for unread in &report.unread {
        let comments = if unread.what == What::Comments { "comments " } else { "" };
        let number = unread.pull_request.map(|number| format!("#{number} {comments}")).unwrap_or_default();
        let text = format!(
            "{number}could not be read ({}): {}; {}",
            unread.code,
            escape(&unread.message),
            escape(&unread.help)
        );
        out += &format!("{} {}", page.paint(Tone::Bad, "!"), page.hanging(2, 2, &text).trim_start());
    }
    if report.reviews.is_empty() && report.unread.is_empty() && report.ledger.is_none() {
        return out + &page.wrapped(0, "No pull request with posts that wait has reviews.");
    }
    let unread = report.unread.iter().filter(|unread| unread.what == What::Reviews).count();
    if unread > 0 {
        let text = format!("What rests on {} is not approved.", if unread == 1 { "it" } else { "them" });
        out += &page.wrapped(0, &text);
    }
    let new =
        report.reviews.iter().filter(|review| matches!(review.became, Became::Recorded | Became::TakenBack)).count();
    let remarks = report.comments.iter().filter(|remark| remark.became == Became::Recorded).count();
    let written = [(new, "review"), (remarks, "comment")].into_iter().filter(|(count, _)| *count > 0);
    let written: Vec<String> = written.map(|(count, what)| counted(count, what)).collect();
    if let Some(ledger) = &report.ledger {
        let text = format!("{} written to the ledger (commit {ledger:.10}).", listed(&written, "and"));
        out += &page.wrapped(0, &text);
    }
    out
}
