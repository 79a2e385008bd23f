//! GitLab, by the API under `/api/v4`: <https://docs.gitlab.com/api/merge_requests/>, <https://docs.gitlab.com/api/notes/>,
//! <https://docs.gitlab.com/api/commits/>, <https://docs.gitlab.com/api/pipelines/>; threads by <https://docs.gitlab.com/api/discussions/>
//! (`doc/api/discussions.md` in GitLab's repository, checked 2026-11-28). Fields and paths are as known from that
//! documentation; they were held against stubs, and against no GitLab.
//!
//! Its approvals name no commit, so none of them says what was approved. A comment does that holds the lines which
//! [`crate::policy::paste::read`] reads: it is the review, and changed afterwards it is none.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::alike::PullFile as _;
use super::api::{Api, Method};
use super::upsert::Shelf;
use super::{
    Caller, Check, Comment, Conclusion, Dismissal, Forge, ForgeError, OnLine, Place, PullRequest, PullRequestState,
    Review, ReviewState, Thread, Upserted, User,
};
use crate::http::SendError;
use crate::policy::paste::read as read_yes;
use crate::workspace::ForgeKind;

/// Characters of what a status says in a line.
const DESCRIPTION: usize = 255;

/// One project on GitLab.
pub(super) struct Gitlab {
    api: Api,
    project: String,
}

impl Gitlab {
    /// Gets ready to ask it.
    pub fn new(place: Place, caller: &Caller) -> Result<Self, ForgeError> {
        let project = place.repository.clone();
        Ok(Self { api: Api::new(place, caller, Vec::new())?, project })
    }

    /// A path in the project, which is one step: its number, or its whole name.
    fn path<'p>(&'p self, rest: &[&'p str]) -> Vec<&'p str> {
        ["projects", &self.project].into_iter().chain(rest.iter().copied()).collect()
    }

    fn request(&self, number: u64) -> Result<RequestFile, ForgeError> {
        self.api.get(&self.path(&["merge_requests", &number.to_string()]))
    }

    fn change(&self, number: u64, change: Value) -> Result<(), ForgeError> {
        let number = number.to_string();
        self.api.write(Method::Put, &self.path(&["merge_requests", &number]), Some(change)).map(|_| ())
    }

    /// The comments that people wrote, oldest first.
    fn notes(&self, number: u64) -> Result<Vec<NoteFile>, ForgeError> {
        let number = number.to_string();
        let path = self.path(&["merge_requests", &number, "notes"]);
        let query = [("sort", "asc"), ("order_by", "created_at")];
        let mut notes: Vec<NoteFile> = self.api.list(&path, &query)?;
        notes.retain(|note| !note.system);
        notes.sort_by_key(|note| (note.created_at, note.id));
        Ok(notes)
    }

    fn url(request: &RequestFile, note: u64) -> String {
        format!("{}#note_{note}", request.web_url)
    }

    /// Who has a login now.
    fn user(&self, login: &str) -> Result<u64, ForgeError> {
        let found: Vec<UserFile> = self.api.list(&["users"], &[("username", login)])?;
        let user = found.into_iter().find(|user| user.username.eq_ignore_ascii_case(login));
        user.map(|user| user.id)
            .ok_or_else(|| ForgeError::Missing { reason: format!("GitLab knows nobody called {login}") })
    }
}

#[derive(Deserialize)]
struct UserFile {
    username: String,
    id: u64,
    #[serde(default)]
    bot: bool,
}

impl UserFile {
    /// The accounts of access tokens are named `project_7_bot_0a1b`: <https://docs.gitlab.com/user/project/settings/project_access_tokens/>.
    fn read(self) -> User {
        let of_a_token = ["project_", "group_"].iter().any(|kind| {
            let number =
                self.username.strip_prefix(kind).and_then(|rest| rest.split_once("_bot")).map(|(number, _)| number);
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
        });
        User { bot: self.bot || of_a_token, login: self.username, id: self.id }
    }
}

#[derive(Deserialize)]
struct RequestFile {
    iid: u64,
    web_url: String,
    title: String,
    author: Option<UserFile>,
    state: String,
    source_project_id: Option<u64>,
    target_project_id: u64,
    source_branch: String,
    target_branch: String,
    sha: Option<String>,
    merge_commit_sha: Option<String>,
    squash_commit_sha: Option<String>,
    merged_at: Option<DateTime<Utc>>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    reviewers: Vec<UserFile>,
    updated_at: DateTime<Utc>,
}

impl super::alike::PullFile for RequestFile {
    fn read(self, api: &Api) -> Result<PullRequest, ForgeError> {
        let state = match self.state.as_str() {
            "opened" | "locked" => PullRequestState::Open,
            "closed" => PullRequestState::Closed,
            "merged" => PullRequestState::Merged,
            _ => return Err(api.partial("a merge request in a state that nobody knows")),
        };
        let head = self.sha.ok_or_else(|| api.partial("a merge request without a commit"))?;
        // Without a merge commit it was taken as it was: the branch was put forward to its last commit.
        let became = self.merge_commit_sha.or(self.squash_commit_sha).unwrap_or_else(|| head.clone());
        Ok(PullRequest {
            number: self.iid,
            url: self.web_url,
            title: self.title,
            author: self.author.map(UserFile::read),
            from_fork: self.source_project_id != Some(self.target_project_id),
            base: self.target_branch,
            branch: self.source_branch,
            head,
            state,
            merge_commit: (state == PullRequestState::Merged).then_some(became),
            merged_at: self.merged_at,
            labels: self.labels,
            requested: self.reviewers.into_iter().map(UserFile::read).collect(),
            updated_at: self.updated_at,
        })
    }
}

#[derive(Deserialize)]
struct NoteFile {
    id: u64,
    author: Option<UserFile>,
    body: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(default)]
    system: bool,
    position: Option<PositionFile>,
}

#[derive(Deserialize)]
struct PositionFile {
    new_path: Option<String>,
    new_line: Option<usize>,
    head_sha: Option<String>,
}

/// A thread, of which the first note is answered by all others.
#[derive(Deserialize)]
struct ThreadFile {
    notes: Vec<NoteFile>,
}

impl NoteFile {
    fn comment(self, request: &RequestFile) -> Comment {
        let line =
            self.position.and_then(|at| Some(OnLine { path: at.new_path?, number: at.new_line, commit: at.head_sha? }));
        Comment {
            id: self.id,
            by: self.author.map(UserFile::read),
            line,
            answers: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            url: Gitlab::url(request, self.id),
            text: self.body,
        }
    }
}

impl Forge for Gitlab {
    fn kind(&self) -> ForgeKind {
        ForgeKind::Gitlab
    }

    fn place(&self) -> &Place {
        &self.api.place
    }

    fn merged(&self, into: &str, since: DateTime<Utc>) -> Result<Vec<PullRequest>, ForgeError> {
        let after = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let query = [
            ("state", "merged"),
            ("target_branch", into),
            ("updated_after", after.as_str()),
            ("order_by", "updated_at"),
            ("sort", "desc"),
        ];
        self.api.merged::<RequestFile>(&self.path(&["merge_requests"]), &query, (into, since))
    }

    fn open(&self, into: &str) -> Result<Vec<PullRequest>, ForgeError> {
        let query = [("state", "opened"), ("target_branch", into)];
        self.api.open::<RequestFile>(&self.path(&["merge_requests"]), &query, into)
    }

    fn of_commit(&self, commit: &str) -> Result<Vec<PullRequest>, ForgeError> {
        let path = self.path(&["repository", "commits", commit, "merge_requests"]);
        let files: Vec<RequestFile> = self.api.list(&path, &[])?;
        files.into_iter().map(|file| file.read(&self.api)).collect()
    }

    fn pull_request(&self, number: u64) -> Result<PullRequest, ForgeError> {
        self.request(number)?.read(&self.api)
    }

    fn reviews(&self, number: u64) -> Result<Vec<Review>, ForgeError> {
        let request = self.request(number)?;
        let reviews = self.notes(number)?.into_iter().map(|note| {
            let names = read_yes(&note.body);
            Review {
                id: note.id,
                by: note.author.map(UserFile::read),
                state: if names.is_empty() { ReviewState::Commented } else { ReviewState::Approved },
                commit: None,
                names,
                submitted_at: note.created_at,
                edited: note.updated_at != note.created_at,
                url: Self::url(&request, note.id),
                text: note.body,
            }
        });
        Ok(reviews.collect())
    }

    /// A comment is deleted by whoever takes it back: nothing is dismissed.
    fn dismissals(&self, _number: u64) -> Result<Vec<Dismissal>, ForgeError> {
        Ok(Vec::new())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let request = self.request(number)?;
        Ok(self.notes(number)?.into_iter().map(|note| note.comment(&request)).collect())
    }

    fn comments_on_files(&self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let request = self.request(number)?;
        let path = ["merge_requests", &number.to_string(), "discussions"];
        let threads: Vec<ThreadFile> = self.api.list(&self.path(&path), &[])?;
        let mut comments = Vec::new();
        for thread in threads {
            let notes = thread.notes.into_iter().filter(|note| !note.system);
            let mut notes: Vec<Comment> = notes.map(|note| note.comment(&request)).collect();
            // Who answers need not be on the line by the server's word.
            let Some((first, answers)) = notes.split_first_mut() else { continue };
            for answer in answers {
                answer.answers = Some(first.id);
                answer.line.clone_from(&first.line);
            }
            comments.extend(notes.into_iter().filter(|note| note.line.is_some()));
        }
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        Ok(comments)
    }

    fn me(&self) -> Result<User, ForgeError> {
        self.api.get::<UserFile>(&["user"]).map(UserFile::read)
    }

    fn upsert_comment(&self, number: u64, mark: &str, text: &str) -> Result<Upserted, ForgeError> {
        let (comments, number) = (self.comments(number)?, number.to_string());
        let all = self.path(&["merge_requests", &number, "notes"]);
        let shelf = Shelf { all: &all, one: &all, change: Method::Put };
        self.api.upsert(&shelf, comments, (mark, text), || self.me())
    }

    fn say(&self, under: Thread, text: &str) -> Result<(), SendError> {
        let (list, number) = match under {
            Thread::PullRequest(number) => ("merge_requests", number),
            Thread::Issue(number) => ("issues", number),
        };
        self.api.say(&self.path(&[list, &number.to_string(), "notes"]), text)
    }

    fn check(&self, commit: &str, check: &Check) -> Result<(), ForgeError> {
        let state = match check.conclusion {
            Conclusion::Success | Conclusion::Neutral => "success",
            Conclusion::Failure => "failed",
            Conclusion::Pending => "pending",
        };
        let description: String = check.title.chars().take(DESCRIPTION).collect();
        let mut body = json!({ "state": state, "name": check.name, "description": description });
        if let Some(url) = &check.url {
            body["target_url"] = json!(url);
        }
        match self.api.write(Method::Post, &self.path(&["statuses", commit]), Some(body)) {
            // It stands there already: of its pending and running statuses GitLab changes the one of this name, and takes no pending one
            // for pending (app/services/ci/create_commit_status_service.rb, checked 2026-11-28). What stands otherwise must not stay.
            Err(ForgeError::Refused { reason })
                if reason.contains("Cannot transition status") && reason.contains(&format!("from :{state}")) =>
            {
                Ok(())
            }
            written => written.map(|_| ()),
        }
    }

    fn request_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError> {
        let mut asked: Vec<u64> = self.request(number)?.reviewers.iter().map(|user| user.id).collect();
        let before = asked.len();
        for login in logins {
            let id = self.user(login)?;
            if !asked.contains(&id) {
                asked.push(id);
            }
        }
        if asked.len() == before { Ok(()) } else { self.change(number, json!({ "reviewer_ids": asked })) }
    }

    fn unrequest_reviewers(&self, number: u64, logins: &[&str]) -> Result<(), ForgeError> {
        let asked = self.request(number)?.reviewers;
        let is_spared = |user: &&UserFile| logins.iter().any(|login| login.eq_ignore_ascii_case(&user.username));
        let left: Vec<u64> = asked.iter().filter(|user| !is_spared(user)).map(|user| user.id).collect();
        if left.len() == asked.len() { Ok(()) } else { self.change(number, json!({ "reviewer_ids": left })) }
    }

    fn add_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError> {
        if labels.is_empty() { Ok(()) } else { self.change(number, json!({ "add_labels": labels.join(",") })) }
    }

    fn remove_labels(&self, number: u64, labels: &[&str]) -> Result<(), ForgeError> {
        if labels.is_empty() { Ok(()) } else { self.change(number, json!({ "remove_labels": labels.join(",") })) }
    }

    fn dispatch(&self, _workflow: &str, branch: &str) -> Result<(), ForgeError> {
        self.api.write(Method::Post, &self.path(&["pipeline"]), Some(json!({ "ref": branch }))).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::connect;
    use crate::http::Secret;
    use crate::http::stub::{Reply, Stub};

    fn gitlab(stub: &Stub, repository: &str) -> Box<dyn Forge> {
        let api = format!("{}/api/v4", stub.origin()).parse().unwrap();
        let token = Some(Secret::new("glpat-correct-horse".to_owned()));
        let place = Place { kind: ForgeKind::Gitlab, api, repository: repository.to_owned(), token };
        connect(place, &Caller::default()).unwrap()
    }

    fn request(state: &str, merge: Option<&str>, squash: Option<&str>) -> Value {
        json!({
            "iid": 12, "web_url": "https://gitlab.example/r", "title": "Autumn", "author": { "username": "maya", "id": 4 },
            "state": state, "source_project_id": 8, "target_project_id": 7, "source_branch": "autumn",
            "target_branch": "main", "sha": "head", "merge_commit_sha": merge, "squash_commit_sha": squash,
            "merged_at": "2026-11-28T08:00:00Z", "labels": ["waits"], "reviewers": [{ "username": "li", "id": 3 }],
            "updated_at": "2026-11-28T08:00:00Z",
        })
    }

    #[test]
    fn a_merge_request_became_what_gitlab_says_or_its_last_commit() {
        for (merge, squash, became) in [(Some("m"), Some("s"), "m"), (None, Some("s"), "s"), (None, None, "head")] {
            let answer = request("merged", merge, squash);
            let stub = Stub::start(move |seen| {
                // A project's name is one step, whatever is in it.
                assert_eq!(seen.target, "/api/v4/projects/acme%2Fnews%2Fposts/merge_requests/12");
                Reply::json(200, answer.clone())
            });
            let pull = gitlab(&stub, "acme/news/posts").pull_request(12).unwrap();
            assert_eq!(pull.merge_commit.as_deref(), Some(became));
            assert!(pull.from_fork && pull.state == PullRequestState::Merged);
        }
        for (state, merged) in [("opened", Ok(None)), ("closed", Ok(None)), ("odd", Err("forge/partial"))] {
            let stub = Stub::start(move |_| Reply::json(200, request(state, Some("m"), None)));
            let pull = gitlab(&stub, "7").pull_request(12);
            assert_eq!(pull.map(|pull| pull.merge_commit).map_err(|error| error.code()), merged);
        }
    }

    #[test]
    fn what_is_written_beside_a_merge_request() {
        let stub = Stub::start(|seen| match (seen.method.as_str(), seen.path()) {
            ("GET", "/api/v4/user") => Reply::json(200, json!({ "username": "ci", "id": 41 })),
            ("GET", "/api/v4/users") => Reply::json(200, json!([{ "username": "noor", "id": 5 }])),
            ("GET", path) if path.ends_with("/notes") => {
                let note = |id: u64, author: u64, system: bool| {
                    json!({
                        "id": id, "author": { "username": "x", "id": author }, "body": "<!-- greenlit:preview -->\nOld",
                        "created_at": "2026-11-28T09:00:00Z", "updated_at": "2026-11-28T09:00:00Z", "system": system,
                    })
                };
                Reply::json(200, json!([note(7, 99, false), note(8, 41, false), note(9, 41, true)]))
            }
            ("GET", _) => Reply::json(200, request("opened", None, None)),
            ("POST", path) if path.contains("/statuses/") => {
                Reply::json(400, json!({ "message": "Cannot transition status via :enqueue from :pending" }))
            }
            _ => Reply::json(200, json!({})),
        });
        let gitlab = gitlab(&stub, "7");
        assert_eq!(gitlab.upsert_comment(12, "preview", "New"), Ok(Upserted::Changed));
        assert_eq!(gitlab.upsert_comment(12, "preview", "Old"), Ok(Upserted::Unchanged));
        let check = Check {
            name: "greenlit: approved".to_owned(),
            conclusion: Conclusion::Pending,
            title: "waits".to_owned(),
            summary: String::new(),
            url: None,
            annotations: Vec::new(),
        };
        gitlab.check("abc", &check).unwrap();
        let success = Check { conclusion: Conclusion::Success, ..check.clone() };
        let refused = gitlab.check("abc", &success).unwrap_err();
        assert_eq!(refused.code(), "forge/refused", "what says pending there is no success");
        gitlab.request_reviewers(12, &["noor"]).unwrap();
        gitlab.request_reviewers(12, &[]).unwrap();
        gitlab.unrequest_reviewers(12, &["LI"]).unwrap();
        gitlab.add_labels(12, &["a", "b"]).unwrap();
        let writes: Vec<_> = stub.seen().into_iter().filter(|seen| seen.method != "GET").collect();
        let told: Vec<_> = writes
            .iter()
            .map(|seen| (format!("{} {}", seen.method, &seen.path()["/api/v4/projects/7/".len()..]), seen.json()))
            .collect();
        let state = json!({ "state": "pending", "name": "greenlit: approved", "description": "waits" });
        let success_state = json!({ "state": "success", "name": "greenlit: approved", "description": "waits" });
        assert_eq!(
            told,
            [
                ("PUT merge_requests/12/notes/8".to_owned(), json!({ "body": "<!-- greenlit:preview -->\nNew" })),
                ("POST statuses/abc".to_owned(), state),
                ("POST statuses/abc".to_owned(), success_state),
                ("PUT merge_requests/12".to_owned(), json!({ "reviewer_ids": [3, 5] })),
                ("PUT merge_requests/12".to_owned(), json!({ "reviewer_ids": [] })),
                ("PUT merge_requests/12".to_owned(), json!({ "add_labels": "a,b" })),
            ]
        );
    }

    #[test]
    fn threads_tell_which_comment_answers_which() {
        let stub = Stub::start(|seen| match seen.path() {
            path if path.ends_with("/discussions") => {
                let note = |id: u64, system: bool, line: Option<u64>| {
                    let position =
                        line.map(|line| json!({ "new_path": "posts/a.md", "new_line": line, "head_sha": "abc" }));
                    json!({
                        "id": id, "author": { "username": "noor", "id": 5 }, "body": "Hm", "system": system, "position": position,
                        "created_at": "2026-11-28T09:00:00Z", "updated_at": "2026-11-28T09:00:00Z",
                    })
                };
                let thread = |notes: Vec<Value>| json!({ "id": "6a9c", "individual_note": false, "notes": notes });
                Reply::json(
                    200,
                    json!([
                        thread(vec![note(4, false, Some(9)), note(5, true, None), note(6, false, None)]),
                        thread(vec![note(7, false, None), note(8, false, None)]),
                        thread(vec![note(9, true, Some(2))]),
                    ]),
                )
            }
            _ => Reply::json(200, request("merged", None, None)),
        });
        let comments = gitlab(&stub, "7").comments_on_files(12).unwrap();
        let told: Vec<_> =
            comments.iter().map(|one| (one.id, one.answers, one.line.as_ref().unwrap().number)).collect();
        assert_eq!(told, [(4, None, Some(9)), (6, Some(4), Some(9))]);
        assert_eq!(comments[0].url, "https://gitlab.example/r#note_4");
    }
}
