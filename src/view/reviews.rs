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

/// A pull request whose reviews could not be read.
#[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Unread {
    /// Its number; missing where it could not be told which there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
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
    let posts = if posts.is_empty() { String::new() } else { format!(" {}", listed(&posts, "and")) };
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
    format!("{who}, {}{posts}{stages}: {what}{reason}", review.says)
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
    for unread in &report.unread {
        let number = unread.pull_request.map(|number| format!("#{number} ")).unwrap_or_default();
        let text = format!(
            "{number}could not be read ({}): {}; {}",
            unread.code,
            escape(&unread.message),
            escape(&unread.help)
        );
        out += &format!("{} {}", page.paint(Tone::Bad, "!"), page.hanging(2, 2, &text).trim_start());
    }
    if report.reviews.is_empty() && report.unread.is_empty() {
        return page.wrapped(0, "No pull request with posts that wait has reviews.");
    }
    if !report.unread.is_empty() {
        let text = format!("What rests on {} is not approved.", if report.unread.len() == 1 { "it" } else { "them" });
        out += &page.wrapped(0, &text);
    }
    let new =
        report.reviews.iter().filter(|review| matches!(review.became, Became::Recorded | Became::TakenBack)).count();
    if let Some(ledger) = &report.ledger {
        out += &page.wrapped(0, &format!("{} written to the ledger (commit {ledger:.10}).", counted(new, "review")));
    }
    out
}
