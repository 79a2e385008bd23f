//! `greenlit review comment`: what a pull request changes, read from its commits.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::forge::on_github;
use crate::newsroom::{Desk, Newsroom};
use crate::stub::{Reply, Seen, Stub};

const POST: &str = "---
title: Autumn launch
to: [outbox/site, outbox/status]
publish_at: 2026-12-03 09:00
---
Autumn is here. Thanks, @alice@mastodon.example!
";

const PRICES: &str = "---
title: New prices
to: outbox/site
publish_at: 2026-12-02 09:00
labels: [pricing]
---
Prices stay as they are.
";

/// A post on main that noor approved, and maya on a branch.
fn branched(newsroom: &Newsroom) -> Desk<'_> {
    let maya = newsroom.as_person("maya");
    maya.write("posts/launch.md", POST).write("posts/prices.md", PRICES).commit("Write").push();
    newsroom.as_person("noor").greenlit(["approve", "launch", "prices", "--yes"]).succeeds();
    maya.git(["fetch", "-q"]);
    maya.git(["checkout", "-q", "-b", "work"]);
    maya
}

fn report(desk: &Desk<'_>) -> serde_json::Value {
    desk.greenlit(["review", "comment", "--print", "--format", "json"]).json()
}

#[test]
fn people_see_what_goes_out_what_is_missing_and_what_a_change_takes_back() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    let later = POST.replace("2026-12-03 09:00", "2026-12-03 10:00");
    maya.write("posts/launch.md", later)
        .write("posts/winter.md", "---\nto: outbox/site\npublish_at: 2026-12-04 09:00\n---\nWinter is coming.\n")
        .commit("Move the launch");
    let said = maya.greenlit(["review", "comment", "--print"]);
    let all = [
        "<h3>⏳ greenlit: 2 posts wait for approval</h3>",
        "<b>Li Wei</b> and <b>Noor Haddad</b>",
        "<code>launch</code><br>Autumn launch<br>Thu 3 Dec 10:00<br>instead of Thu 3 Dec 09:00",
        "the change takes back 1 approval",
        "<li>⏳ editor: waits for Noor Haddad or Li Wei",
        "➖ approval by Noor Haddad for editor is lost: approved for 2026-12-03 09:00 CET; it is now for 2026-12-03 10:00 CET",
        "<blockquote><code>Autumn is here. Thanks, @alice@mastodon.example!</code></blockquote>",
        "<p>The same as outbox/site: 48 characters</p>",
        "<td>Wed 2 Dec 09:00</td><td><code>prices</code>",
    ];
    said.exits(1);
    for part in all {
        said.shows(part);
    }
    let report = report(&maya);
    assert_eq!(report["state"], "waiting");
    assert_eq!(report["posts"][0]["change"], "edited");
    assert_eq!(report["posts"][0]["due_before"], "2026-12-03T08:00:00Z");
    assert_eq!(report["posts"][0]["standings"][0]["approvals"][0]["counted"], true);
    assert_eq!(report["posts"][0]["standings"][0]["approvals"][0]["counts"], false);
    assert_eq!(report["posts"][1]["change"], "added");
    assert_eq!(report["posts"][1]["accounts"][0]["payload"]["parts"][0]["text"], "Winter is coming.");

    // What is approved on the branch is approved.
    maya.git(["push", "-q", "origin", "work"]);
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    noor.greenlit(["approve", "launch", "winter", "--yes", "--ref", "origin/work"]).succeeds();
    maya.git(["fetch", "-q"]);
    maya.greenlit(["review", "comment", "--print"])
        .succeeds()
        .shows("<h3>✅ greenlit: approved</h3>")
        .shows("✅ editor: Noor Haddad");
}

#[test]
fn commits_are_read_and_the_working_tree_is_not() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is coming.\n").commit("Write");
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nTBD\n").write("posts/other.md", POST);
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("Winter is coming.").hides("TBD").hides("posts/other.md");
    maya.git(["checkout", "-q", "-f", "main"]);
    maya.greenlit(["review", "comment", "--print", "--head", "work"]).exits(1).shows("Winter is coming.");
    maya.remove("posts/other.md");
    maya.greenlit(["review", "comment", "--print"]).succeeds().shows("no post is touched");
    maya.greenlit(["review", "comment", "--print", "--head", "nothing"]).exits(3).complains("nothing");
}

#[test]
fn what_check_finds_in_the_change_stands_with_its_post() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is TBD.\n")
        .write("posts/broken.md", "---\nto: nowhere\n---\nx\n")
        .remove("posts/prices.md")
        .commit("Write");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("<h3>❌ greenlit: 2 errors to correct</h3>").shows("<code>posts/broken.md</code>");
    said.shows("<code>text/placeholder</code>").shows("nothing of it went out");
    let report = report(&maya);
    let changes: Vec<_> =
        report["posts"].as_array().unwrap().iter().map(|post| (&post["file"], &post["change"])).collect();
    assert_eq!(
        serde_json::json!(changes),
        serde_json::json!([["posts/winter.md", "added"], ["posts/broken.md", "added"], ["posts/prices.md", "removed"]])
    );
    assert_eq!(report["state"], "errors");
}

#[test]
fn a_change_of_the_policy_names_the_admins_who_must_approve_it() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    let roles = maya.read("roles.toml").replace("editor = [\"noor\", \"li\"]", "editor = [\"li\"]");
    maya.write("roles.toml", roles).commit("Let noor go");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1)
        .shows("an admin must approve the change of the policy")
        .shows("It is the turn of <b>Maya Lindqvist</b>")
        .shows("– role editor: noor")
        .shows("the approval by Noor Haddad for editor would not count: was removed from")
        .shows("-editor = [&quot;noor&quot;, &quot;li&quot;]&#10;+editor = [&quot;li&quot;]");
    assert_eq!(report(&maya)["policy"]["files"], serde_json::json!(["roles.toml"]));
    maya.git(["push", "-q", "origin", "work"]);
    maya.greenlit(["approve", "--policy", "--yes", "--ref", "work"]).succeeds();
    maya.greenlit(["review", "comment", "--print"]).succeeds().shows("Admins approved exactly this change");

    maya.write("roles.toml", "version = 1\n[roles\n").commit("Break it");
    let said = maya.greenlit(["review", "comment", "--print"]);
    said.exits(1).shows("the settings cannot be used").shows("roles.toml");
}

/// What GitHub knows, and what it is told.
#[derive(Default)]
pub struct Github {
    pub head: String,
    fork: bool,
    /// Whether the token may only read.
    reads: bool,
    pub comments: Vec<Value>,
    lines: Vec<Value>,
    pub labels: Vec<String>,
    pub requested: Vec<(&'static str, u64)>,
    pub reviews: Vec<Value>,
    /// What is answered in the place of reviews.
    pub fault: Option<Reply>,
    checks: Vec<Value>,
    pub wrote: Vec<String>,
}

const BOT: (&str, u64) = ("github-actions[bot]", 41_898_282);
pub const NOOR: (&str, u64) = ("noor-h", 5551);
pub const LI: (&str, u64) = ("li-w", 5552);
pub const TESS: (&str, u64) = ("tess-o", 5553);
pub const MAYA: (&str, u64) = ("maya-l", 1);

fn user((login, id): (&str, u64)) -> Value {
    json!({ "login": login, "id": id, "type": if login.ends_with("[bot]") { "Bot" } else { "User" } })
}

fn said_by(who: (&str, u64), id: usize, text: &str) -> Value {
    let at = "2026-11-30T09:00:00Z";
    json!({ "id": id, "user": user(who), "body": text, "html_url": "u", "created_at": at, "updated_at": at })
}

impl Github {
    fn pull(&self) -> Value {
        let requested: Vec<Value> = self.requested.iter().map(|who| user(*who)).collect();
        let labels: Vec<Value> = self.labels.iter().map(|name| json!({ "name": name })).collect();
        json!({
            "number": 7, "html_url": "https://github.example/acme/posts/pull/7", "title": "Autumn", "user": user(MAYA),
            "state": "open", "merged_at": null, "merge_commit_sha": null, "updated_at": "2026-11-30T09:00:00Z",
            "base": { "ref": "main", "sha": "c".repeat(40), "repo": { "id": 7 } },
            "head": { "ref": "work", "sha": self.head, "repo": { "id": if self.fork { 8 } else { 7 } } },
            "labels": labels, "requested_reviewers": requested,
        })
    }

    fn answer(&mut self, seen: &Seen) -> Reply {
        // `/repos/OWNER/NAME/pulls/7`
        let within = seen.path().strip_prefix("/repos/").map(|path| path.splitn(3, '/').nth(2).unwrap_or_default());
        let path = within.map_or_else(|| seen.path().to_owned(), |path| format!("/{path}"));
        if seen.method != "GET" {
            if self.reads {
                return Reply::json(403, json!({ "message": "Resource not accessible by integration" }));
            }
            self.wrote.push(format!("{} {path}", seen.method));
        }
        if let Some(fault) = self.fault.clone().filter(|_| path == "/pulls/7/reviews") {
            return fault;
        }
        let id = 100 + self.comments.len() + self.lines.len();
        let body = seen.json();
        let text = body["body"].as_str().unwrap_or_default();
        let answer = match (seen.method.as_str(), path.as_str()) {
            ("GET", "/pulls/7") => self.pull(),
            ("GET", "/pulls") => json!([self.pull()]),
            ("GET", "/issues/7/comments") => json!(self.comments),
            ("GET", "/pulls/7/comments") => json!(self.lines),
            ("GET", "/pulls/7/reviews") => json!(self.reviews),
            ("GET", "/user") => {
                return Reply::json(403, json!({ "message": "Resource not accessible by integration" }));
            }
            ("POST", "/issues/7/comments") => {
                self.comments.push(said_by(BOT, id, text));
                json!({ "id": id })
            }
            ("PATCH", path) if path.starts_with("/issues/comments/") => {
                let number: u64 = path.rsplit('/').next().unwrap().parse().unwrap();
                let there = self.comments.iter_mut().find(|comment| comment["id"] == number).unwrap();
                there["body"] = json!(text);
                json!({})
            }
            ("POST", "/pulls/7/comments") => {
                let mut comment = said_by(BOT, id, text);
                comment["path"] = body["path"].clone();
                comment["line"] = body["line"].clone();
                comment["original_commit_id"] = body["commit_id"].clone();
                self.lines.push(comment);
                json!({ "id": id })
            }
            ("GET", path) if path.ends_with("/check-runs") => {
                let mut checks = json!(self.checks);
                // It tells how many there are, and not which.
                for output in
                    checks.as_array_mut().into_iter().flatten().filter_map(|check| check["output"].as_object_mut())
                {
                    output.remove("annotations");
                }
                json!({ "check_runs": checks })
            }
            ("POST", "/check-runs") => {
                self.checks.retain(|check| check["name"] != body["name"]);
                self.checks.push(body);
                json!({ "id": 1 })
            }
            ("POST", "/pulls/7/requested_reviewers") => {
                let all = [NOOR, LI, TESS];
                self.requested.extend(all.iter().filter(|(login, _)| body["reviewers"][0] == *login));
                json!({})
            }
            ("DELETE", "/pulls/7/requested_reviewers") => {
                let spared = body["reviewers"].as_array().unwrap();
                self.requested.retain(|(login, _)| !spared.contains(&json!(login)));
                json!({})
            }
            ("POST", "/issues/7/labels") => {
                self.labels
                    .extend(body["labels"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()));
                json!([])
            }
            ("DELETE", path) if path.starts_with("/issues/7/labels/") => {
                let name = path.rsplit('/').next().unwrap().replace("%20", " ").replace("%3A", ":");
                self.labels.retain(|label| *label != name);
                json!([])
            }
            _ => return Reply::json(404, json!({ "message": format!("no {path} here") })),
        };
        Reply::json(200, answer)
    }

    /// Adds a review; its number.
    pub fn review(&mut self, who: (&str, u64), state: &str, commit: &str) -> usize {
        let (id, at) = (80 + self.reviews.len(), format!("2026-11-30T09:00:{:02}Z", self.reviews.len()));
        self.reviews.push(json!({
            "id": id, "user": user(who), "body": "As discussed", "state": state, "submitted_at": at, "commit_id": commit,
            "html_url": format!("https://github.example/acme/posts/pull/7#pullrequestreview-{id}"),
        }));
        id
    }

    /// The commits that checks stand on.
    pub fn checked(&self) -> Vec<&str> {
        self.checks.iter().filter_map(|check| check["head_sha"].as_str()).collect()
    }

    pub fn check(&self, name: &str) -> (&str, &str, &str) {
        let check = self.checks.iter().find(|check| check["name"] == name).expect("the check was made");
        (
            check["status"].as_str().unwrap_or_default(),
            check["conclusion"].as_str().unwrap_or_default(),
            check["output"]["title"].as_str().unwrap_or_default(),
        )
    }
}

/// A GitHub with pull request 7, whose last commit is maya's.
pub fn github(maya: &Desk<'_>) -> (Stub, Arc<Mutex<Github>>) {
    let github = Github { head: maya.commit_id("HEAD"), ..Github::default() };
    let github = Arc::new(Mutex::new(github));
    let answering = Arc::clone(&github);
    (Stub::start(move |seen| answering.lock().unwrap().answer(seen)), github)
}

/// The desk as a job has it that the pull request started.
pub fn job<'a>(desk: Desk<'a>, stub: &Stub) -> Desk<'a> {
    on_github(desk, stub).env("GITHUB_REF", "refs/pull/7/merge")
}

/// People are known on GitHub.
pub fn with_accounts(newsroom: &Newsroom) {
    let maya = newsroom.as_person("maya");
    let mut roles = maya.read("roles.toml");
    for (person, (login, id)) in [("noor", NOOR), ("li", LI), ("tess", TESS), ("maya", MAYA)] {
        let table = format!("[people.{person}]\n");
        roles = roles.replace(&table, &format!("{table}github = {{ login = \"{login}\", id = {id} }}\n"));
    }
    maya.write("roles.toml", roles).commit("Name accounts").push();
    newsroom.pin();
}

#[test]
fn one_comment_checks_requests_and_labels_are_kept_up_to_date() {
    let newsroom = Newsroom::acme();
    with_accounts(&newsroom);
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is TBD.\n").commit("Write");
    let (stub, github) = github(&maya);
    let marked = "<!-- greenlit:pull-request -->\nI am the comment.";
    github.lock().unwrap().comments.push(said_by(("mallory", 666), 1, marked));
    github.lock().unwrap().requested.push(LI);

    let ci = job(newsroom.at_folder("maya", "maya"), &stub);
    ci.greenlit(["review", "comment"]).succeeds().shows("1 error to correct").shows("wrote the comment");
    {
        let github = github.lock().unwrap();
        assert_eq!(github.comments[0]["body"], marked, "somebody else's comment stays as it is");
        let text = github.comments[1]["body"].as_str().unwrap();
        assert!(text.starts_with("<!-- greenlit:pull-request -->\n<h3>❌ greenlit: 1 error to correct</h3>"), "{text}");
        assert_eq!(github.check("greenlit: check"), ("completed", "failure", "1 error in 1 file"));
        assert_eq!(github.check("greenlit: approved").0, "in_progress");
        assert_eq!(github.check("greenlit: workflow regulated").2, "no post here passes it");
        let annotation = &github.checks[0]["output"]["annotations"][0];
        assert_eq!((&annotation["path"], &annotation["start_line"]), (&json!("posts/winter.md"), &json!(4)));
        assert_eq!(annotation["annotation_level"], "failure");
        assert_eq!(github.labels, ["greenlit: to correct"]);
        assert_eq!(github.requested, [LI], "nobody has to read what is to be corrected");
    }

    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is coming.\n").commit("Correct it");
    github.lock().unwrap().head = maya.commit_id("HEAD");
    ci.greenlit(["review", "comment"]).succeeds().shows("changed the comment").shows("asked noor-h");
    {
        let github = github.lock().unwrap();
        assert_eq!(github.comments.len(), 2);
        let text = github.comments[1]["body"].as_str().unwrap();
        assert!(
            text.contains("⏳ greenlit: 1 post waits for approval") && text.ends_with("<!-- greenlit asked 5551 -->\n")
        );
        assert_eq!(github.check("greenlit: check"), ("completed", "success", "nothing is found"));
        assert_eq!(github.check("greenlit: workflow default"), ("in_progress", "", "it waits for approval"));
        assert_eq!(github.labels, ["greenlit: needs review"]);
        assert_eq!(github.requested, [LI, NOOR], "li was asked by somebody else");
    }
    github.lock().unwrap().wrote.clear();
    ci.greenlit(["review", "comment"]).succeeds().shows("the comment says so already").hides("asked");
    assert!(github.lock().unwrap().wrote.is_empty(), "what stands there already is not said again");
    let later = job(newsroom.at_folder("maya", "maya"), &stub).at("2026-11-30T11:00:00Z");
    later.greenlit(["review", "comment"]).succeeds().shows("the comment says so already");
    assert!(github.lock().unwrap().wrote.is_empty(), "nor an hour later");

    maya.git(["push", "-q", "origin", "work"]);
    let li = newsroom.as_person("li");
    li.git(["fetch", "-q"]);
    li.greenlit(["approve", "winter", "--yes", "--ref", "origin/work"]).succeeds();
    maya.git(["fetch", "-q"]);
    ci.greenlit(["review", "comment"]).succeeds().shows("no longer asks noor-h");
    {
        let github = github.lock().unwrap();
        assert_eq!(github.check("greenlit: approved"), ("completed", "success", "everybody has said yes who must"));
        assert_eq!(github.labels, ["greenlit: approved"]);
        assert_eq!(github.requested, [LI], "who was asked by people stays asked");
        assert!(!github.comments[1]["body"].as_str().unwrap().contains("greenlit asked"));
    }
    assert!(stub.seen().iter().all(|seen| seen.header("authorization").is_some()));
}

#[test]
fn what_check_would_type_is_offered_beside_lines_that_the_change_brings_and_once() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let old = POST.replace("publish_at", "language: en\npublish_at") + "\nIt is the the first.\n";
    maya.write("posts/launch.md", &old).commit("Write").push();
    maya.git(["checkout", "-q", "-b", "work"]);
    maya.write("posts/launch.md", old + "\nAnd the the ```second```.\n").commit("Go on");
    let (stub, github) = github(&maya);
    let ci = job(newsroom.at_folder("maya", "maya"), &stub);
    for _ in 0..2 {
        ci.greenlit(["review", "comment", "--no-requests"]).succeeds();
    }
    let github = github.lock().unwrap();
    let offered: Vec<(&Value, &Value)> = github.lines.iter().map(|line| (&line["line"], &line["path"])).collect();
    assert_eq!(offered, [(&json!(11), &json!("posts/launch.md"))]);
    let text = github.lines[0]["body"].as_str().unwrap();
    assert!(text.contains("\n````suggestion\nAnd the ```second```.\n````\n"), "{text}");
    assert!(github.labels.is_empty() && github.requested.is_empty());
}

#[test]
fn a_forks_job_that_may_write_nothing_shows_it_in_its_summary() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is coming.\n").commit("Write");
    let (stub, github) = github(&maya);
    (github.lock().unwrap().reads, github.lock().unwrap().fork) = (true, true);
    let summary = newsroom.path().join("summary.md");
    let ci = || job(newsroom.at_folder("maya", "maya"), &stub);
    ci().greenlit(["review", "comment"]).succeeds().complains("comes from a fork").shows("<h3>⏳ greenlit");
    let said = ci().env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()).greenlit(["review", "comment"]);
    said.succeeds().complains("in the job's summary").hides("<h3>");
    assert!(std::fs::read_to_string(&summary).unwrap().contains("<h3>⏳ greenlit: 1 post waits for approval</h3>"));
    assert!(github.lock().unwrap().wrote.is_empty());

    // Where it is no fork, the token lacks a right that it should have.
    github.lock().unwrap().fork = false;
    ci().greenlit(["review", "comment"]).exits(3).complains("forge/token");
    ci().env("GITHUB_REF", "refs/heads/main").greenlit(["review", "comment"]).exits(2).complains("--pull 12");
}

#[test]
fn all_open_pull_requests_are_brought_up_to_date_and_one_without_posts_is_left_in_peace() {
    let newsroom = Newsroom::acme();
    let maya = branched(&newsroom);
    maya.write("README.md", "hello").commit("Greet");
    let (stub, github) = github(&maya);
    // As on GitHub, the remote has it under a name that no clone fetches by itself.
    maya.git(["push", "-q", "origin", "work:refs/pull/7/head"]);
    let ci = || on_github(newsroom.as_person("li"), &stub);
    ci().greenlit(["review", "comment", "--open", "--fetch"]).succeeds().shows("there is nothing to comment on");
    assert_eq!(github.lock().unwrap().comments.len(), 0);
    assert_eq!(github.lock().unwrap().check("greenlit: approved").1, "success");

    maya.write("posts/winter.md", "---\nto: outbox/site\n---\nWinter is coming.\n").commit("Write");
    maya.git(["push", "-q", "origin", "work:refs/pull/7/head"]);
    github.lock().unwrap().head = maya.commit_id("HEAD");
    ci().greenlit(["review", "comment", "--open"]).succeeds().shows("wrote the comment");

    // A job for an older commit says nothing any more.
    maya.git(["checkout", "-q", "HEAD~1"]);
    github.lock().unwrap().wrote.clear();
    job(newsroom.at_folder("maya", "maya"), &stub)
        .greenlit(["review", "comment"])
        .succeeds()
        .complains("does not contain: nothing is said here");
    assert!(github.lock().unwrap().wrote.is_empty());
}
