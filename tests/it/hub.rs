//! A scripted GitHub beside a newsroom: pull requests that are merged, and reviews of them.
//!
//! It says what it is told to say, so that it can also say what GitHub would not on demand: half a list, a login that is
//! somebody else by now, a review that was dismissed a minute ago.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::forge::on_github;
use crate::newsroom::{Desk, NOW, Newsroom};
use crate::stub::{Reply, Seen, Stub};

/// The numbers of people's accounts, whose logins are `<short name>-gh`.
const ACCOUNTS: [(&str, u64); 5] = [("noor", 5551), ("li", 5552), ("tess", 5553), ("maya", 5554), ("mallory", 666)];

/// The number of the pull request of all stories.
pub const NUMBER: u64 = 12;

/// GitHub, as far as it is asked.
pub struct Hub {
    stub: Stub,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pulls: Vec<Value>,
    reviews: Vec<Value>,
    events: Vec<Value>,
    /// What is answered in the place of reviews.
    fault: Option<Reply>,
    /// The comments that were written, with the number of what they are under.
    said: Vec<(u64, String)>,
    /// What is answered to a comment there instead.
    refusals: BTreeMap<u64, Reply>,
    comments: Vec<Value>,
    /// What is answered in the place of comments.
    fault_of_comments: Option<Reply>,
}

impl Hub {
    /// One without pull requests.
    pub fn open() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let known = Arc::clone(&state);
        let stub = Stub::start(move |seen| answer(&mut known.lock().unwrap(), seen));
        Self { stub, state }
    }

    /// The desk as a job of GitHub has it.
    pub fn job<'a>(&self, desk: Desk<'a>) -> Desk<'a> {
        on_github(desk, &self.stub)
    }

    /// Adds a review by a person of the newsroom; its number.
    pub fn review(&self, person: &str, state: &str, commit: &str) -> u64 {
        let (_, id) = ACCOUNTS.iter().find(|(name, _)| *name == person).expect("an account");
        self.review_by(&format!("{person}-gh"), *id, "User", state, commit)
    }

    /// Adds a review by any account; its number.
    pub fn review_by(&self, login: &str, id: u64, kind: &str, state: &str, commit: &str) -> u64 {
        let mut known = self.known();
        let place = known.reviews.len() as u64;
        let number = 80 + place;
        known.reviews.push(json!({
            "id": number,
            "user": { "login": login, "id": id, "type": kind },
            "body": "As discussed",
            "state": state,
            "html_url": format!("https://github.com/acme/posts/pull/{NUMBER}#pullrequestreview-{number}"),
            "commit_id": commit,
            "submitted_at": format!("2026-11-30T09:00:{:02}Z", place),
        }));
        number
    }

    /// Changes what a review says.
    pub fn change(&self, review: u64, key: &str, value: Value) {
        let mut known = self.known();
        let found = known.reviews.iter_mut().find(|one| one["id"] == review).expect("a review");
        found[key] = value;
    }

    /// Dismisses a review, by a person of the newsroom.
    pub fn dismiss(&self, review: u64, person: &str) {
        self.change(review, "state", json!("DISMISSED"));
        let (_, id) = ACCOUNTS.iter().find(|(name, _)| *name == person).expect("an account");
        self.known().events.push(json!({
            "event": "review_dismissed",
            "actor": { "login": format!("{person}-gh"), "id": id, "type": "User" },
            "dismissed_review": { "review_id": review, "state": "approved" },
        }));
    }

    /// Forgets a review, as if it had never been given.
    pub fn known_without(&self, review: u64) {
        self.known().reviews.retain(|one| one["id"] != review);
    }

    /// Answers so whenever reviews are asked for; `None`: as usual.
    pub fn breaks(&self, fault: Option<Reply>) {
        self.known().fault = fault;
    }

    /// Takes no comment under a number, and answers so; `None`: as usual.
    pub fn refuses(&self, number: u64, answer: Option<Reply>) {
        let refusals = &mut self.known().refusals;
        match answer {
            Some(answer) => drop(refusals.insert(number, answer)),
            None => drop(refusals.remove(&number)),
        }
    }

    /// Takes the comments that were written: under which number, and what.
    pub fn said(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.known().said)
    }

    /// Adds a comment by any account on a line of a file as a commit has it, or an answer to another; its number.
    pub fn comment(&self, (login, id): (&str, u64), (path, line, commit): (&str, u64, &str), text: &str) -> u64 {
        let mut known = self.known();
        let number = 500 + known.comments.len() as u64;
        let at = format!("2026-11-30T08:{:02}:{:02}Z", known.comments.len() / 60, known.comments.len() % 60);
        known.comments.push(json!({
            "id": number,
            "user": { "login": login, "id": id, "type": if login.ends_with("[bot]") { "Bot" } else { "User" } },
            "body": text,
            "html_url": format!("https://github.com/acme/posts/pull/{NUMBER}#discussion_r{number}"),
            "created_at": at,
            "updated_at": at,
            "path": path,
            "line": Value::Null,
            "original_line": line,
            "commit_id": commit,
            "original_commit_id": commit,
            "side": "RIGHT",
        }));
        number
    }

    /// Changes what a comment says.
    pub fn change_comment(&self, comment: u64, key: &str, value: Value) {
        let mut known = self.known();
        let found = known.comments.iter_mut().find(|one| one["id"] == comment).expect("a comment");
        found[key] = value;
    }

    /// Answers so whenever comments are asked for; `None`: as usual.
    pub fn breaks_comments(&self, fault: Option<Reply>) {
        self.known().fault_of_comments = fault;
    }

    /// What it was asked, method and path.
    pub fn asked(&self) -> Vec<String> {
        self.stub.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path())).collect()
    }

    fn known(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn answer(known: &mut State, seen: &Seen) -> Reply {
    let path = seen.path().strip_prefix("/repos/acme/posts/").unwrap_or_default().to_owned();
    let steps: Vec<&str> = path.split('/').collect();
    let list = |values: Vec<&Value>| Reply::json(200, json!(values));
    let is = |pull: &&Value, number: &str| pull["number"].as_u64() == number.parse().ok();
    match steps.as_slice() {
        ["commits", commit, "pulls"] => list(
            known
                .pulls
                .iter()
                .filter(|pull| pull["merge_commit_sha"] == **commit || pull["head"]["sha"] == **commit)
                .collect(),
        ),
        ["pulls", _, "reviews"] => match &known.fault {
            Some(fault) => fault.clone(),
            None => list(known.reviews.iter().collect()),
        },
        ["pulls", number] => match known.pulls.iter().find(|pull| is(pull, number)) {
            Some(pull) => Reply::json(200, pull.clone()),
            None => Reply::json(404, json!({ "message": "Not Found" })),
        },
        ["pulls"] => list(known.pulls.iter().collect()),
        ["issues", number, "comments"] if seen.method == "POST" => {
            let number = number.parse().expect("a number");
            if let Some(refusal) = known.refusals.get(&number) {
                return refusal.clone();
            }
            known.said.push((number, seen.json()["body"].as_str().expect("a text").to_owned()));
            Reply::json(201, json!({ "id": known.said.len() }))
        }
        ["pulls", _, "comments"] => match &known.fault_of_comments {
            Some(fault) => fault.clone(),
            None => {
                let page = seen.target.split_once("&page=").map_or(1, |(_, page)| page.parse().unwrap());
                list(known.comments.iter().skip(100 * (page - 1)).take(100).collect())
            }
        },
        ["issues", _, "events"] => list(known.events.iter().collect()),
        _ => Reply::json(404, json!({ "message": "Not Found" })),
    }
}

/// A newsroom whose people have accounts, and where reviews count.
pub fn newsroom() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    for (person, id) in &ACCOUNTS[..4] {
        let person_table = format!("[people.{person}]\n");
        let with = format!("{person_table}github = {{ login = \"{person}-gh\", id = {id} }}\n");
        maya.edit("roles.toml", &person_table, &with);
    }
    maya.edit("roles.toml", "[policy]\n", "[policy]\nreviews = \"count\"\n").commit("Let reviews count").push();
    newsroom.pin();
    newsroom
}

/// Maya writes a post on a branch and asks for a review; the commit that reviewers look at.
pub fn propose(newsroom: &Newsroom, path: &str, text: &str) -> String {
    let maya = newsroom.as_person("maya");
    maya.pull();
    maya.git(["checkout", "-q", "-B", "change", "main"]);
    maya.git(["reset", "-q", "--hard", "origin/main"]);
    maya.write(path, text).commit("Write a post");
    share(&maya)
}

/// Pushes what is on the branch to where the pull request's commits are; the last of them.
pub fn share(maya: &Desk<'_>) -> String {
    maya.git(["push", "-q", "-f", "origin", &format!("HEAD:refs/pull/{NUMBER}/head")]);
    maya.commit_id("HEAD")
}

/// Li merges what is proposed with one new commit, as forges squash.
pub fn squash(newsroom: &Newsroom, hub: &Hub) -> String {
    let maya = newsroom.as_person("maya");
    let head = maya.commit_id("change");
    let merger = newsroom.clone_as("maya", &format!("merge-{}", &head[..8]));
    merger.git(["fetch", "-q", "origin", &format!("refs/pull/{NUMBER}/head")]);
    merger.git(["merge", "-q", "--squash", "FETCH_HEAD"]);
    merger.git(["commit", "-q", "-m", &format!("Write a post (#{NUMBER})")]);
    merger.git(["push", "-q", "origin", "HEAD:refs/heads/main"]);
    maya.git(["checkout", "-q", "main"]);
    let merged = merger.commit_id("HEAD");
    hub.known().pulls = vec![pull(&head, &merged)];
    merged
}

/// Maya merges what is proposed with a merge commit.
pub fn merge(newsroom: &Newsroom, hub: &Hub) -> String {
    let maya = newsroom.as_person("maya");
    let head = maya.commit_id("change");
    maya.git(["checkout", "-q", "main"]);
    maya.git(["merge", "-q", "--no-ff", "-m", &format!("Merge pull request #{NUMBER}"), "change"]);
    maya.git(["push", "-q", "origin", "HEAD:refs/heads/main"]);
    let merged = maya.commit_id("HEAD");
    hub.known().pulls = vec![pull(&head, &merged)];
    merged
}

fn pull(head: &str, merged: &str) -> Value {
    json!({
        "number": NUMBER,
        "html_url": format!("https://github.com/acme/posts/pull/{NUMBER}"),
        "title": "Write a post",
        "user": { "login": "maya-gh", "id": 5554, "type": "User" },
        "state": "closed",
        "merged_at": NOW,
        "merge_commit_sha": merged,
        "base": { "ref": "main", "sha": head, "repo": { "id": 7 } },
        "head": { "ref": "change", "sha": head, "repo": { "id": 7 } },
        "labels": [],
        "requested_reviewers": [],
        "updated_at": NOW,
    })
}
