//! The places that host the repository: who reviewed what there, and what is written beside a pull request.
//!
//! One file a forge, one trait. Reading fails as a whole or answers with all that there is: a page that is missing, a field that
//! makes no sense, a server that turns people away for now are errors, never shorter lists. Nothing here decides what counts.

mod alike;
mod api;
mod facts;
mod forgejo;
mod github;
mod gitlab;
mod place;
#[cfg(test)]
mod tests;
mod upsert;

use std::fmt;

use chrono::{DateTime, Utc};

pub use crate::http::Caller;
use crate::http::SendError;
use crate::workspace::ForgeKind;
pub use facts::{
    Annotation, Check, Comment, Conclusion, Dismissal, Level, MARK, OnLine, OnLines, PullRequest, PullRequestState,
    Review, ReviewState, Thread, Upserted, User,
};
pub use place::{FORGE, Place, TOKENS};

/// One repository on its forge.
pub trait Forge {
    /// Which software it is.
    fn kind(&self) -> ForgeKind;

    /// The repository and its server, as the ledger calls them.
    fn place(&self) -> &Place;

    /// The pull requests that were merged into a branch and changed since a time, newest change first.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn merged(&self, into: &str, since: DateTime<Utc>) -> Result<Vec<PullRequest>, ForgeError>;

    /// The open pull requests into a branch, in order of their numbers.
    ///
    /// # Errors
    /// When not all of them can be had, or greenlit does not ask this forge for them.
    fn open(&self, into: &str) -> Result<Vec<PullRequest>, ForgeError> {
        let _ = into;
        Err(ForgeError::Refused { reason: format!("{} is not asked for its open pull requests", self.kind().title()) })
    }

    /// The pull requests by which a commit came where it is, also those that are not merged.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn of_commit(&self, commit: &str) -> Result<Vec<PullRequest>, ForgeError>;

    /// One pull request.
    ///
    /// # Errors
    /// When it cannot be had, or is none.
    fn pull_request(&self, number: u64) -> Result<PullRequest, ForgeError>;

    /// All reviews of a pull request, oldest first. One that its writer has not sent is left out.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn reviews(&self, number: u64) -> Result<Vec<Review>, ForgeError>;

    /// Who dismissed which review of a pull request, as far as the forge tells; oldest first.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn dismissals(&self, number: u64) -> Result<Vec<Dismissal>, ForgeError>;

    /// All comments on a pull request, also those on lines, oldest first.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn comments(&self, number: u64) -> Result<Vec<Comment>, ForgeError>;

    /// The comments on files of a pull request and their lines, with what each answers, oldest first.
    ///
    /// # Errors
    /// When not all of them can be had.
    fn comments_on_files(&self, number: u64) -> Result<Vec<Comment>, ForgeError>;

    /// Who the token is.
    ///
    /// # Errors
    /// When the forge does not say.
    fn me(&self) -> Result<User, ForgeError>;

    /// Makes the one comment on a pull request that bears this mark say this: writes it, or changes it where it is there. The mark
    /// is a word, put into the text where readers do not see it ([`MARK`]). A comment with the mark that somebody else wrote is
    /// left alone.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn upsert_comment(&self, number: u64, mark: &str, text: &str) -> Result<Upserted, ForgeError>;

    /// Says something, in a comment of its own.
    ///
    /// # Errors
    /// What was surely not said is told apart from what may have been.
    fn say(&self, under: Thread, text: &str) -> Result<(), SendError>;

    /// Says something about lines of a file, as a pull request's commit has them: the first and the last, counted from 1. They
    /// are lines that the pull request brings.
    ///
    /// # Errors
    /// When the forge does not take it, or does not take such comments from greenlit.
    fn comment_on_lines(&self, number: u64, on: &OnLines<'_>, text: &str) -> Result<(), ForgeError> {
        let _ = (number, on, text);
        Err(ForgeError::Refused { reason: format!("nothing is said beside lines on {}", self.kind().title()) })
    }

    /// Says of a commit how a check of it came out, in the place of what that check said before. Where the forge keeps no lines
    /// with a commit's status, annotations are left out.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn check(&self, commit: &str, check: &Check) -> Result<(), ForgeError>;

    /// Asks people to review a pull request.
    ///
    /// # Errors
    /// When the forge does not take it: somebody may not see the repository, or wrote the pull request.
    fn request_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError>;

    /// Asks people no longer. That somebody was not asked is fine.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn unrequest_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError>;

    /// Puts labels on a pull request. That one is there is fine.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn add_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError>;

    /// Takes labels off. That one is not there is fine.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn remove_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError>;

    /// Asks for a run of a workflow, `greenlit-publish.yml`, on a branch. On GitLab a pipeline of the branch is run.
    ///
    /// # Errors
    /// When the forge does not take it.
    fn dispatch(&self, workflow: &str, branch: &str) -> Result<(), ForgeError>;
}

impl fmt::Debug for dyn Forge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.place())
    }
}

/// Gets ready to ask a repository's forge. Asks nothing but the name service.
///
/// # Errors
/// When the server's address cannot be used, or has no address now.
pub fn connect(place: Place, caller: &Caller) -> Result<Box<dyn Forge>, ForgeError> {
    match place.kind {
        ForgeKind::Github => Ok(Box::new(github::Github::new(place, caller)?)),
        ForgeKind::Forgejo => Ok(Box::new(forgejo::Forgejo::new(place, caller)?)),
        ForgeKind::Gitlab => Ok(Box::new(gitlab::Gitlab::new(place, caller)?)),
    }
}

/// Why a forge did not answer, or did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForgeError {
    /// It cannot be reached, or turns people away for now.
    #[error("{reason}")]
    Away {
        /// What happened.
        reason: String,
        /// When it wants to be asked again.
        retry_at: Option<DateTime<Utc>>,
    },
    /// The token is missing, or may not do this.
    #[error("{reason}")]
    Token {
        /// What happened.
        reason: String,
        /// What to set, and where.
        help: String,
    },
    /// What was asked for is not there, or the token may not see it.
    #[error("{reason}")]
    Missing {
        /// What happened.
        reason: String,
    },
    /// It said no.
    #[error("{reason}")]
    Refused {
        /// What happened; the server's own words, shortened.
        reason: String,
    },
    /// What it answered is not whole, or makes no sense.
    #[error("{reason}")]
    Partial {
        /// What is wrong with it.
        reason: String,
    },
}

impl ForgeError {
    /// The code by which programs know it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Away { .. } => "forge/away",
            Self::Token { .. } => "forge/token",
            Self::Missing { .. } => "forge/missing",
            Self::Refused { .. } => "forge/refused",
            Self::Partial { .. } => "forge/partial",
        }
    }

    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Self::Away { retry_at: Some(at), .. } => {
                format!("try again after {}", at.format("%Y-%m-%d %H:%M:%S UTC"))
            }
            Self::Away { retry_at: None, .. } => "try again later; the next scheduled run does".to_owned(),
            Self::Token { help, .. } => help.clone(),
            Self::Missing { .. } => {
                "look whether the number and the repository are right, and whether the token may read it".to_owned()
            }
            Self::Refused { .. } => "see what the server says above".to_owned(),
            Self::Partial { .. } => {
                "try again later; where it stays so, a proxy or another version of the forge may be in between"
                    .to_owned()
            }
        }
    }
}

impl From<SendError> for ForgeError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NotSent { reason, retry_at } => Self::Away { reason, retry_at },
            SendError::Ambiguous { reason } => Self::Away { reason, retry_at: None },
            SendError::Refused { reason } => Self::Refused { reason },
            SendError::Credentials { reason, help } => Self::Token { reason, help },
        }
    }
}
