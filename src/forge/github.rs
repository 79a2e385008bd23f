//! GitHub, by its REST API of 2022-11-28: <https://docs.github.com/en/rest>.
//!
//! Paths, fields and statuses are those of GitHub's own OpenAPI description, `api.github.com.json` as the package `@octokit/openapi`
//! 23.0.2 brings it (checked 2026-11-28). It leaves open which words a review's state, an event and an account's type may be. The
//! states are those of `PullRequestReviewState` in GitHub's GraphQL schema; any other is an error. `review_dismissed` and the type
//! `User` could not be looked up. GitHub itself was not asked; `tests/live/forges` holds every request, and answers made from the
//! description, against it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::alike::PullFile as _;
use super::api::{Api, Method};
use super::upsert::Shelf;
use super::{
    Caller, Check, Comment, Conclusion, Dismissal, Forge, ForgeError, Level, OnLine, OnLines, Place, PullRequest,
    PullRequestState, Review, ReviewState, Thread, Upserted, User,
};
use crate::http::SendError;
use crate::workspace::ForgeKind;

/// Annotations that one request may bring; those of the next are added to them (OpenAPI description, checked 2026-11-28).
const ANNOTATIONS: usize = 50;
/// The account behind a job's own token, which may not ask who it is. No description of the API names its number.
const ACTIONS: (&str, u64) = ("github-actions[bot]", 41_898_282);

/// One repository on GitHub.
pub(super) struct Github {
    api: Api,
    owner: String,
    name: String,
}

impl Github {
    /// Gets ready to ask it.
    pub fn new(place: Place, caller: &Caller) -> Result<Self, ForgeError> {
        let parted = place.repository.split_once('/').map(|(owner, name)| (owner.to_owned(), name.to_owned()));
        let (owner, name) = parted.filter(|(_, name)| !name.contains('/')).ok_or_else(|| ForgeError::Refused {
            reason: format!("{:?} is no repository on GitHub, which is written OWNER/NAME", place.repository),
        })?;
        let headers = vec![("x-github-api-version", "2022-11-28".to_owned())];
        Ok(Self { api: Api::new(place, caller, headers)?, owner, name })
    }

    /// A path in the repository.
    fn path<'p>(&'p self, rest: &[&'p str]) -> Vec<&'p str> {
        ["repos", &self.owner, &self.name].into_iter().chain(rest.iter().copied()).collect()
    }

    /// Whether the newest check run of this name says the same already: a schedule would make thousands of them. Where that
    /// cannot be told, one is made.
    fn says_so(&self, commit: &str, body: &serde_json::Value) -> bool {
        let name = body["name"].as_str().unwrap_or_default();
        let query = [("check_name", name), ("filter", "latest")];
        let runs = self.api.get_where::<serde_json::Value>(&self.path(&["commits", commit, "check-runs"]), &query);
        let Ok(runs) = runs else { return false };
        let same = |run: &serde_json::Value| {
            let said = |key: &str| run["output"][key] == body["output"][key];
            run["name"] == body["name"]
                && run["status"] == body["status"]
                && run["conclusion"] == body["conclusion"]
                && said("title")
                && said("summary")
        };
        runs["check_runs"].as_array().is_some_and(|runs| runs.iter().any(same))
    }

    /// The comments of a list, in the order of their time.
    fn comments_in(&self, lists: &[&[&str]]) -> Result<Vec<Comment>, ForgeError> {
        let mut comments = Vec::new();
        for list in lists {
            let files: Vec<CommentFile> = self.api.list(&self.path(list), &[])?;
            comments.extend(files.into_iter().map(Comment::from));
        }
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        Ok(comments)
    }
}

#[derive(Deserialize)]
struct UserFile {
    login: String,
    id: u64,
    r#type: String,
}

impl From<UserFile> for User {
    fn from(file: UserFile) -> Self {
        let bot = file.r#type != "User" || file.login.ends_with("[bot]");
        Self { login: file.login, id: file.id, bot }
    }
}

#[derive(Deserialize)]
struct PullFile {
    number: u64,
    html_url: String,
    title: String,
    user: Option<UserFile>,
    state: String,
    base: EndFile,
    head: EndFile,
    merged_at: Option<DateTime<Utc>>,
    merge_commit_sha: Option<String>,
    #[serde(default)]
    labels: Vec<LabelFile>,
    #[serde(default)]
    requested_reviewers: Vec<UserFile>,
    updated_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct EndFile {
    r#ref: String,
    sha: String,
    repo: Option<RepositoryFile>,
}

#[derive(Deserialize)]
struct RepositoryFile {
    id: u64,
}

#[derive(Deserialize)]
struct LabelFile {
    name: String,
}

impl super::alike::PullFile for PullFile {
    fn read(self, api: &Api) -> Result<PullRequest, ForgeError> {
        let state = match (self.state.as_str(), self.merged_at) {
            ("closed", Some(_)) => PullRequestState::Merged,
            ("closed", None) => PullRequestState::Closed,
            ("open", None) => PullRequestState::Open,
            _ => return Err(api.partial("a pull request in a state that it cannot have")),
        };
        let repository = |end: &EndFile| end.repo.as_ref().map(|repository| repository.id);
        Ok(PullRequest {
            number: self.number,
            url: self.html_url,
            title: self.title,
            author: self.user.map(User::from),
            from_fork: repository(&self.head).is_none() || repository(&self.head) != repository(&self.base),
            base: self.base.r#ref,
            branch: self.head.r#ref,
            head: self.head.sha,
            state,
            // Before it is merged, this is a trial.
            merge_commit: self.merge_commit_sha.filter(|_| state == PullRequestState::Merged),
            merged_at: self.merged_at,
            labels: self.labels.into_iter().map(|label| label.name).collect(),
            requested: self.requested_reviewers.into_iter().map(User::from).collect(),
            updated_at: self.updated_at,
        })
    }
}

#[derive(Deserialize)]
struct ReviewFile {
    id: u64,
    user: Option<UserFile>,
    #[serde(default)]
    body: Option<String>,
    state: String,
    html_url: String,
    commit_id: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
}

impl ReviewFile {
    /// `None` for one that its writer has not sent.
    fn read(self, api: &Api) -> Result<Option<Review>, ForgeError> {
        let state = match self.state.as_str() {
            "APPROVED" => ReviewState::Approved,
            "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
            "COMMENTED" => ReviewState::Commented,
            "DISMISSED" => ReviewState::Dismissed,
            "PENDING" => return Ok(None),
            _ => return Err(api.partial("a review in a state that nobody knows")),
        };
        let submitted_at = self.submitted_at.ok_or_else(|| api.partial("a review without a time"))?;
        Ok(Some(Review {
            id: self.id,
            by: self.user.map(User::from),
            state,
            commit: self.commit_id,
            names: Vec::new(),
            submitted_at,
            // What counts is the state and the commit, which nobody can edit.
            edited: false,
            text: self.body.unwrap_or_default(),
            url: self.html_url,
        }))
    }
}

#[derive(Deserialize)]
struct CommentFile {
    id: u64,
    user: Option<UserFile>,
    #[serde(default)]
    body: Option<String>,
    html_url: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    in_reply_to_id: Option<u64>,
    path: Option<String>,
    line: Option<usize>,
    original_line: Option<usize>,
    original_commit_id: Option<String>,
    side: Option<String>,
}

impl From<CommentFile> for Comment {
    fn from(file: CommentFile) -> Self {
        // On the left stands the file as it was before, whose lines have other numbers.
        let number = file.original_line.or(file.line).filter(|_| file.side.as_deref() != Some("LEFT"));
        let line = file.path.zip(file.original_commit_id).map(|(path, commit)| OnLine { path, number, commit });
        Self {
            id: file.id,
            by: file.user.map(User::from),
            text: file.body.unwrap_or_default(),
            line,
            answers: file.in_reply_to_id,
            created_at: file.created_at,
            updated_at: file.updated_at,
            url: file.html_url,
        }
    }
}

/// What happened to a pull request; only dismissals are read.
#[derive(Deserialize)]
struct EventFile {
    event: Option<String>,
    actor: Option<UserFile>,
    dismissed_review: Option<DismissedFile>,
}

#[derive(Deserialize)]
struct DismissedFile {
    review_id: u64,
}

impl Forge for Github {
    fn kind(&self) -> ForgeKind {
        ForgeKind::Github
    }

    fn place(&self) -> &Place {
        &self.api.place
    }

    fn merged(&self, into: &str, since: DateTime<Utc>) -> Result<Vec<PullRequest>, ForgeError> {
        let query = [("state", "closed"), ("base", into), ("sort", "updated"), ("direction", "desc")];
        self.api.merged::<PullFile>(&self.path(&["pulls"]), &query, (into, since))
    }

    fn open(&self, into: &str) -> Result<Vec<PullRequest>, ForgeError> {
        self.api.open::<PullFile>(&self.path(&["pulls"]), &[("state", "open"), ("base", into)], into)
    }

    fn of_commit(&self, commit: &str) -> Result<Vec<PullRequest>, ForgeError> {
        let pulls: Vec<PullFile> = self.api.list(&self.path(&["commits", commit, "pulls"]), &[])?;
        pulls.into_iter().map(|pull| pull.read(&self.api)).collect()
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
        let events: Vec<EventFile> = self.api.list(&self.path(&["issues", &number.to_string(), "events"]), &[])?;
        let dismissals = events.into_iter().filter(|event| event.event.as_deref() == Some("review_dismissed"));
        let read = dismissals.filter_map(|event| {
            Some(Dismissal { review: event.dismissed_review?.review_id, by: event.actor.map(User::from) })
        });
        Ok(read.collect())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let number = number.to_string();
        self.comments_in(&[&["issues", &number, "comments"], &["pulls", &number, "comments"]])
    }

    fn comments_on_files(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        self.comments_in(&[&["pulls", &number.to_string(), "comments"]])
    }

    fn me(&self) -> Result<User, ForgeError> {
        match self.api.get::<UserFile>(&["user"]) {
            Ok(user) => Ok(user.into()),
            Err(ForgeError::Token { .. }) if self.api.has_token() => {
                Ok(User { login: ACTIONS.0.to_owned(), id: ACTIONS.1, bot: true })
            }
            Err(error) => Err(error),
        }
    }

    fn upsert_comment(&self, number: u64, mark: &str, text: &str) -> Result<Upserted, ForgeError> {
        let number = number.to_string();
        let (all, one) = (self.path(&["issues", &number, "comments"]), self.path(&["issues", "comments"]));
        let comments: Vec<CommentFile> = self.api.list(&all, &[])?;
        let comments = comments.into_iter().map(Comment::from).collect();
        let shelf = Shelf { all: &all, one: &one, change: Method::Patch };
        self.api.upsert(&shelf, comments, (mark, text), || self.me())
    }

    fn say(&self, under: Thread, text: &str) -> Result<(), SendError> {
        let (Thread::PullRequest(number) | Thread::Issue(number)) = under;
        self.api.say(&self.path(&["issues", &number.to_string(), "comments"]), text)
    }

    fn comment_on_lines(&self, number: u64, on: &OnLines<'_>, text: &str) -> Result<(), ForgeError> {
        let (number, (first, last)) = (number.to_string(), on.lines);
        let mut body = json!({ "body": text, "commit_id": on.commit, "path": on.path, "line": last, "side": "RIGHT" });
        if first < last {
            body["start_line"] = json!(first);
            body["start_side"] = json!("RIGHT");
        }
        self.api.write(Method::Post, &self.path(&["pulls", &number, "comments"]), Some(body)).map(|_| ())
    }

    fn check(&self, commit: &str, check: &Check) -> Result<(), ForgeError> {
        let annotations: Vec<_> = check
            .annotations
            .iter()
            .map(|one| {
                let level = match one.level {
                    Level::Notice => "notice",
                    Level::Warning => "warning",
                    Level::Failure => "failure",
                };
                json!({
                    "path": one.path, "start_line": one.lines.0, "end_line": one.lines.1,
                    "annotation_level": level, "title": one.title, "message": one.message,
                })
            })
            .collect();
        let mut parts = annotations.chunks(ANNOTATIONS);
        let output =
            |part: &[serde_json::Value]| json!({ "title": check.title, "summary": check.summary, "annotations": part });
        let mut body = json!({
            "name": check.name, "head_sha": commit, "output": output(parts.next().unwrap_or_default()),
        });
        let conclusion = match check.conclusion {
            Conclusion::Success => Some("success"),
            Conclusion::Failure => Some("failure"),
            Conclusion::Neutral => Some("neutral"),
            Conclusion::Pending => None,
        };
        match conclusion {
            Some(conclusion) => {
                body["status"] = json!("completed");
                body["conclusion"] = json!(conclusion);
            }
            None => body["status"] = json!("in_progress"),
        }
        if let Some(url) = &check.url {
            body["details_url"] = json!(url);
        }
        if self.says_so(commit, &body) {
            return Ok(());
        }
        let made = match self.api.write(Method::Post, &self.path(&["check-runs"]), Some(body)) {
            // Only apps may make check runs, as a job's token is one; a person's token may set a status.
            Err(ForgeError::Token { .. } | ForgeError::Missing { .. }) => {
                return self.api.status(&self.path(&["statuses", commit]), check);
            }
            made => made?,
        };
        let rest: Vec<_> = parts.collect();
        if rest.is_empty() {
            return Ok(());
        }
        let id = made.get("id").and_then(serde_json::Value::as_u64);
        let id = id.ok_or_else(|| self.api.partial("a check run without a number"))?.to_string();
        for part in rest {
            self.api.write(Method::Patch, &self.path(&["check-runs", &id]), Some(json!({ "output": output(part) })))?;
        }
        Ok(())
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
        let path = self.path(&["issues", &number, "labels"]);
        self.api.write(Method::Post, &path, Some(json!({ "labels": labels }))).map(|_| ())
    }

    fn remove_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError> {
        let number = number.to_string();
        for label in labels {
            match self.api.write(Method::Delete, &self.path(&["issues", &number, "labels", label]), None) {
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
