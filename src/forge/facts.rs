//! What forges tell, and what they are told, in one form for all of them.

use chrono::{DateTime, Utc};

use crate::policy::Yes;

/// How a mark stands in a comment's text: `<!-- greenlit:preview -->`.
pub const MARK: [&str; 2] = ["<!-- greenlit:", " -->"];

/// An account on a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name today: whoever has it may give it up.
    pub login: String,
    /// Its number: it stays.
    pub id: u64,
    /// Whether the forge says that it is no human being.
    pub bot: bool,
}

/// A pull request; on GitLab, a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number in the repository.
    pub number: u64,
    /// Where people see it.
    pub url: String,
    /// What it is called.
    pub title: String,
    /// Who opened it; `None` where the account is gone.
    pub author: Option<User>,
    /// The branch that it is to be merged into.
    pub base: String,
    /// The branch that it comes from.
    pub branch: String,
    /// The last commit of that branch, all its hex digits.
    pub head: String,
    /// Whether that branch lies in another repository, or its repository is gone.
    pub from_fork: bool,
    /// How it stands.
    pub state: PullRequestState,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// The commit that it became, where it is merged and the forge says so.
    pub merge_commit: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who is asked to review it and has not answered.
    pub requested: Vec<User>,
    /// When something about it changed last.
    pub updated_at: DateTime<Utc>,
}

/// How a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullRequestState {
    /// It waits.
    Open,
    /// It was closed without being merged.
    Closed,
    /// It is merged.
    Merged,
}

/// Somebody's word on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Its number; on GitLab that of the comment that names what is approved.
    pub id: u64,
    /// Whose it is; `None` where the account is gone.
    pub by: Option<User>,
    /// What it says now.
    pub state: ReviewState,
    /// The commit that was looked at, all its hex digits; `None` where the forge keeps none.
    pub commit: Option<String>,
    /// What its text approves by digest, where the forge keeps no commit.
    pub names: Vec<Yes>,
    /// When it was sent.
    pub submitted_at: DateTime<Utc>,
    /// Whether its text was changed afterwards, where that matters.
    pub edited: bool,
    /// Its text.
    pub text: String,
    /// Where people see it.
    pub url: String,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Yes.
    Approved,
    /// No, not like this.
    ChangesRequested,
    /// Neither.
    Commented,
    /// It was taken back, by its writer or somebody else.
    Dismissed,
}

/// That a review was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissal {
    /// The review's number.
    pub review: u64,
    /// Who did it; `None` where the account is gone.
    pub by: Option<User>,
}

/// What somebody wrote beside a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its number; comments on lines have numbers of their own.
    pub id: u64,
    /// Whose it is; `None` where the account is gone.
    pub by: Option<User>,
    /// Its text.
    pub text: String,
    /// The line that it is about.
    pub line: Option<OnLine>,
    /// The comment that it answers.
    pub answers: Option<u64>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Where people see it.
    pub url: String,
}

/// A line of a file as a pull request has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnLine {
    /// The file.
    pub path: String,
    /// Counted from 1; `None` where the comment is about the whole file, or about a line that the pull request takes away.
    pub number: Option<usize>,
    /// The commit that was looked at.
    pub commit: String,
}

/// Lines of a file that something is said about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnLines<'a> {
    /// The pull request's last commit.
    pub commit: &'a str,
    /// The file.
    pub path: &'a str,
    /// The first line, counted from 1, and the last.
    pub lines: (usize, usize),
}

/// Where people talk on a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// Under a pull request.
    PullRequest(u64),
    /// Under an issue.
    Issue(u64),
}

/// What became of a comment that was to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// There was none.
    Written,
    /// It said something else.
    Changed,
    /// It said so already.
    Unchanged,
}

/// How a check of a commit came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What branch rules know it by: `greenlit: regulated`.
    pub name: String,
    /// How it came out.
    pub conclusion: Conclusion,
    /// In a line.
    pub title: String,
    /// In full, Markdown. Whoever makes it has made everything from outside inert.
    pub summary: String,
    /// Where to read more.
    pub url: Option<String>,
    /// What concerns lines.
    pub annotations: Vec<Annotation>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Fine.
    Success,
    /// Something is wrong.
    Failure,
    /// It waits for somebody.
    Pending,
    /// It says nothing.
    Neutral,
}

/// What a check says of lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The file.
    pub path: String,
    /// The first line, counted from 1, and the last.
    pub lines: (usize, usize),
    /// How bad it is.
    pub level: Level,
    /// In a line.
    pub title: String,
    /// In full, plain text.
    pub message: String,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Notice,
    /// Better changed.
    Warning,
    /// Wrong.
    Failure,
}
