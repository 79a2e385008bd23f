//! Forgejo, Codeberg and Gitea, by the API under `/api/v1`.
//!
//! Paths, fields and statuses are those of Forgejo's own description, `swagger.v1.json` of version 17.0.0-dev as the crate
//! forgejo-api 0.12.0 brings it (checked 2026-11-28). It leaves open which words a review's state and an event of the timeline may
//! be, which side of a change a comment is about, and which lists come in pages: that is from Gitea's source, from which Forgejo
//! comes (`modules/structs/pull_review.go`, `services/convert/pull_review.go`, `models/issues/comment.go`, checked 2026-11-28).
//! No Forgejo that runs was asked; `tests/live/forges` holds every request, and answers made from the description, against it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::alike::PullFile as _;
use super::api::{Api, Method};
use super::upsert::Shelf;
use super::{
    Caller, Check, Comment, Dismissal, Forge, ForgeError, OnLine, OnLines, Place, PullRequest, PullRequestState,
    Review, ReviewState, Thread, Upserted, User,
};
use crate::http::SendError;
use crate::workspace::ForgeKind;

/// One repository on Forgejo.
pub(super) struct Forgejo {
    api: Api,
    owner: String,
    name: String,
}

impl Forgejo {
    /// Gets ready to ask it.
    pub fn new(place: Place, caller: &Caller) -> Result<Self, ForgeError> {
        let parted = place.repository.split_once('/').map(|(owner, name)| (owner.to_owned(), name.to_owned()));
        let (owner, name) = parted.filter(|(_, name)| !name.contains('/')).ok_or_else(|| ForgeError::Refused {
            reason: format!("{:?} is no repository on Forgejo, which is written OWNER/NAME", place.repository),
        })?;
        Ok(Self { api: Api::new(place, caller, Vec::new())?, owner, name })
    }

    /// A path in the repository.
    fn path<'p>(&'p self, rest: &[&'p str]) -> Vec<&'p str> {
        ["repos", &self.owner, &self.name].into_iter().chain(rest.iter().copied()).collect()
    }

    /// The labels of the repository with these names. One that it does not have is made.
    fn labels(&self, names: &[&str]) -> Result<Vec<u64>, ForgeError> {
        let known: Vec<LabelFile> = self.api.list(&self.path(&["labels"]), &[])?;
        let mut numbers = Vec::new();
        for name in names {
            let number = match known.iter().find(|label| label.name == *name) {
                Some(label) => Some(label.id),
                None => {
                    let body = json!({ "name": name, "color": "#c5def5" });
                    let made = self.api.write(Method::Post, &self.path(&["labels"]), Some(body))?;
                    made.get("id").and_then(serde_json::Value::as_u64)
                }
            };
            numbers.push(number.ok_or_else(|| self.api.partial("a label without a number"))?);
        }
        Ok(numbers)
    }
}

#[derive(Deserialize)]
struct UserFile {
    login: String,
    id: i64,
}

impl UserFile {
    /// `None` for an account that is gone, which has a number below 1, and for Forgejo's own programs, which have one, too.
    /// Forgejo does not tell other programs from people: `bot = true` in roles.toml does.
    fn read(self) -> Option<User> {
        let id = u64::try_from(self.id).ok().filter(|id| *id > 0)?;
        Some(User { bot: self.login.ends_with("[bot]"), login: self.login, id })
    }
}

#[derive(Deserialize)]
struct PullFile {
    number: u64,
    html_url: String,
    title: String,
    user: Option<UserFile>,
    state: String,
    merged: bool,
    base: EndFile,
    head: EndFile,
    merged_at: Option<DateTime<Utc>>,
    merge_commit_sha: Option<String>,
    #[serde(default)]
    labels: Option<Vec<LabelFile>>,
    #[serde(default)]
    requested_reviewers: Option<Vec<UserFile>>,
    updated_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct EndFile {
    r#ref: String,
    sha: String,
    repo_id: i64,
}

#[derive(Deserialize)]
struct LabelFile {
    id: u64,
    name: String,
}

impl super::alike::PullFile for PullFile {
    fn read(self, api: &Api) -> Result<PullRequest, ForgeError> {
        let state = match (self.state.as_str(), self.merged) {
            ("closed", true) => PullRequestState::Merged,
            ("closed", false) => PullRequestState::Closed,
            ("open", false) => PullRequestState::Open,
            _ => return Err(api.partial("a pull request in a state that it cannot have")),
        };
        Ok(PullRequest {
            number: self.number,
            url: self.html_url,
            title: self.title,
            author: self.user.and_then(UserFile::read),
            from_fork: self.head.repo_id != self.base.repo_id,
            base: self.base.r#ref,
            branch: self.head.r#ref,
            head: self.head.sha,
            state,
            merge_commit: self.merge_commit_sha.filter(|_| state == PullRequestState::Merged),
            merged_at: self.merged_at,
            labels: self.labels.unwrap_or_default().into_iter().map(|label| label.name).collect(),
            requested: self.requested_reviewers.unwrap_or_default().into_iter().filter_map(UserFile::read).collect(),
            updated_at: self.updated_at,
        })
    }
}

#[derive(Deserialize)]
struct ReviewFile {
    id: u64,
    user: Option<UserFile>,
    #[serde(default)]
    body: String,
    state: String,
    html_url: String,
    commit_id: String,
    dismissed: bool,
    comments_count: Option<u64>,
    submitted_at: DateTime<Utc>,
}

impl ReviewFile {
    /// `None` for one that its writer has not sent, and for what only asks for one.
    fn read(self, api: &Api) -> Result<Option<Review>, ForgeError> {
        let state = match (self.state.as_str(), self.dismissed) {
            ("PENDING" | "REQUEST_REVIEW", _) => return Ok(None),
            ("APPROVED" | "REQUEST_CHANGES", true) => ReviewState::Dismissed,
            ("APPROVED", false) => ReviewState::Approved,
            ("REQUEST_CHANGES", false) => ReviewState::ChangesRequested,
            ("COMMENT", _) => ReviewState::Commented,
            _ => return Err(api.partial("a review in a state that nobody knows")),
        };
        Ok(Some(Review {
            id: self.id,
            by: self.user.and_then(UserFile::read),
            state,
            commit: Some(self.commit_id),
            names: Vec::new(),
            submitted_at: self.submitted_at,
            edited: false,
            text: self.body,
            url: self.html_url,
        }))
    }
}

#[derive(Deserialize)]
struct CommentFile {
    id: u64,
    user: Option<UserFile>,
    #[serde(default)]
    body: String,
    html_url: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    path: Option<String>,
    /// The line in the file as it becomes; 0 where the comment is about one that goes, which `original_position` counts.
    position: Option<usize>,
    original_commit_id: Option<String>,
    commit_id: Option<String>,
}

/// Puts together what belongs together of a review's comments, oldest first: who answers writes into the review of the comment that
/// is answered, on the same line. The commit that a comment names is the one that wrote the line; lines are counted as in the commit
/// that was looked at, which is the review's (Gitea's `services/pull/review.go`, checked 2026-11-28).
fn thread(comments: &mut [Comment], looked_at: &str) {
    let mut first: HashMap<(String, Option<usize>), u64> = HashMap::new();
    for comment in comments {
        let Some(line) = comment.line.as_mut() else { continue };
        if !looked_at.is_empty() {
            line.commit = looked_at.to_owned();
        }
        let begun = *first.entry((line.path.clone(), line.number)).or_insert(comment.id);
        comment.answers = Some(begun).filter(|begun| *begun != comment.id);
    }
}

/// What happened to a pull request; only dismissals are read.
#[derive(Deserialize)]
struct EventFile {
    r#type: String,
    user: Option<UserFile>,
    #[serde(default)]
    review_id: u64,
}

impl From<CommentFile> for Comment {
    fn from(file: CommentFile) -> Self {
        let number = file.position.filter(|line| *line > 0);
        let commit = file.original_commit_id.filter(|commit| !commit.is_empty()).or(file.commit_id);
        let line = file.path.zip(commit).map(|(path, commit)| OnLine { path, number, commit });
        Self {
            id: file.id,
            by: file.user.and_then(UserFile::read),
            text: file.body,
            line,
            answers: None,
            created_at: file.created_at,
            updated_at: file.updated_at,
            url: file.html_url,
        }
    }
}

impl Forge for Forgejo {
    fn kind(&self) -> ForgeKind {
        ForgeKind::Forgejo
    }

    fn place(&self) -> &Place {
        &self.api.place
    }

    fn merged(&self, into: &str, since: DateTime<Utc>) -> Result<Vec<PullRequest>, ForgeError> {
        let query = [("state", "closed"), ("sort", "recentupdate")];
        self.api.merged::<PullFile>(&self.path(&["pulls"]), &query, (into, since))
    }

    fn open(&self, into: &str) -> Result<Vec<PullRequest>, ForgeError> {
        self.api.open::<PullFile>(&self.path(&["pulls"]), &[("state", "open")], into)
    }

    fn of_commit(&self, commit: &str) -> Result<Vec<PullRequest>, ForgeError> {
        let pull: PullFile = self.api.get(&self.path(&["commits", commit, "pull"]))?;
        Ok(vec![pull.read(&self.api)?])
    }

    fn pull_request(&self, number: u64) -> Result<PullRequest, ForgeError> {
        let pull: PullFile = self.api.get(&self.path(&["pulls", &number.to_string()]))?;
        pull.read(&self.api)
    }

    fn reviews(&self, number: u64) -> Result<Vec<Review>, ForgeError> {
        let files: Vec<ReviewFile> = self.api.list(&self.path(&["pulls", &number.to_string(), "reviews"]), &[])?;
        let read = files.into_iter().map(|file| file.read(&self.api)).collect::<Result<Vec<_>, _>>()?;
        let mut reviews: Vec<Review> = read.into_iter().flatten().collect();
        reviews.sort_by_key(|review| (review.submitted_at, review.id));
        Ok(reviews)
    }

    fn dismissals(&self, number: u64) -> Result<Vec<Dismissal>, ForgeError> {
        // All of it comes at once where no page is named. It is no list where there is nothing in it, and what the server itself
        // cannot read is null.
        let events: Option<Vec<Option<EventFile>>> =
            self.api.get(&self.path(&["issues", &number.to_string(), "timeline"]))?;
        let events = events.into_iter().flatten().flatten();
        let dismissals = events.filter(|event| event.r#type == "dismiss_review" && event.review_id > 0);
        let read =
            dismissals.map(|event| Dismissal { review: event.review_id, by: event.user.and_then(UserFile::read) });
        Ok(read.collect())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        // Both kinds come at once.
        let files: Vec<CommentFile> = self.api.get(&self.path(&["issues", &number.to_string(), "comments"]))?;
        let mut comments: Vec<Comment> = files.into_iter().map(Comment::from).collect();
        comments.extend(self.comments_on_files(number)?);
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        Ok(comments)
    }

    fn comments_on_files(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let number = number.to_string();
        let reviews: Vec<ReviewFile> = self.api.list(&self.path(&["pulls", &number, "reviews"]), &[])?;
        let mut comments = Vec::new();
        for review in reviews.into_iter().filter(|review| review.comments_count != Some(0)) {
            let id = review.id.to_string();
            let path = self.path(&["pulls", &number, "reviews", &id, "comments"]);
            let files: Vec<CommentFile> = self.api.get(&path)?;
            let mut of_review: Vec<Comment> = files.into_iter().map(Comment::from).collect();
            of_review.sort_by_key(|comment| (comment.created_at, comment.id));
            thread(&mut of_review, &review.commit_id);
            comments.append(&mut of_review);
        }
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        Ok(comments)
    }

    fn me(&self) -> Result<User, ForgeError> {
        let user: UserFile = self.api.get(&["user"])?;
        user.read().ok_or_else(|| self.api.partial("a user without a number"))
    }

    fn upsert_comment(&self, number: u64, mark: &str, text: &str) -> Result<Upserted, ForgeError> {
        let number = number.to_string();
        let (all, one) = (self.path(&["issues", &number, "comments"]), self.path(&["issues", "comments"]));
        let comments: Vec<CommentFile> = self.api.get(&all)?;
        let comments = comments.into_iter().map(Comment::from).collect();
        let shelf = Shelf { all: &all, one: &one, change: Method::Patch };
        self.api.upsert(&shelf, comments, (mark, text), || self.me())
    }

    fn say(&self, under: Thread, text: &str) -> Result<(), SendError> {
        let (Thread::PullRequest(number) | Thread::Issue(number)) = under;
        self.api.say(&self.path(&["issues", &number.to_string(), "comments"]), text)
    }

    fn comment_on_lines(&self, number: u64, on: &OnLines<'_>, text: &str) -> Result<(), ForgeError> {
        let number = number.to_string();
        let comment = json!({ "path": on.path, "body": text, "new_position": on.lines.1 });
        let body = json!({ "event": "COMMENT", "commit_id": on.commit, "comments": [comment] });
        self.api.write(Method::Post, &self.path(&["pulls", &number, "reviews"]), Some(body)).map(|_| ())
    }

    fn check(&self, commit: &str, check: &Check) -> Result<(), ForgeError> {
        self.api.status(&self.path(&["statuses", commit]), check)
    }

    fn request_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError> {
        let path = ["pulls", &number.to_string(), "requested_reviewers"];
        self.api.reviewers(Method::Post, &self.path(&path), logins)
    }

    fn unrequest_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError> {
        let path = ["pulls", &number.to_string(), "requested_reviewers"];
        self.api.reviewers(Method::Delete, &self.path(&path), logins)
    }

    fn add_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError> {
        if labels.is_empty() {
            return Ok(());
        }
        let number = number.to_string();
        let labels = self.labels(labels)?;
        let path = self.path(&["issues", &number, "labels"]);
        self.api.write(Method::Post, &path, Some(json!({ "labels": labels }))).map(|_| ())
    }

    fn remove_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError> {
        if labels.is_empty() {
            return Ok(());
        }
        let number = number.to_string();
        // These come at once, whatever page is asked for.
        let there: Vec<LabelFile> = self.api.get(&self.path(&["issues", &number, "labels"]))?;
        for label in there.iter().filter(|label| labels.contains(&label.name.as_str())) {
            let id = label.id.to_string();
            match self.api.write(Method::Delete, &self.path(&["issues", &number, "labels", &id]), None) {
                Ok(_) | Err(ForgeError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn dispatch(&self, workflow: &str, branch: &str) -> Result<(), ForgeError> {
        let path = self.path(&["actions", "workflows", workflow, "dispatches"]);
        self.api.write(Method::Post, &path, Some(json!({ "ref": branch }))).map(|_| ())
    }
}
