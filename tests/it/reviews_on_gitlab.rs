//! GitLab keeps no commit with an approval: a comment that names what is approved is the review.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::newsroom::{Desk, NOW, Newsroom};
use crate::reviews::told;
use crate::stub::{Reply, Stub};

const TOKEN: &str = "glpat-correct-horse";
const ACCOUNTS: [(&str, u64); 3] = [("noor", 551), ("li", 552), ("maya", 554)];

/// A newsroom where reviews on GitLab count, with a merge request of Maya's that is merged.
struct Story {
    newsroom: Newsroom,
    stub: Stub,
    notes: Arc<Mutex<Vec<Value>>>,
}

impl Story {
    fn new() -> Self {
        Self::of("merged")
    }

    /// The same with a merge request that is `opened` still, or `merged`.
    fn of(state: &'static str) -> Self {
        let newsroom = Newsroom::acme();
        let maya = newsroom.as_person("maya");
        for (person, id) in ACCOUNTS {
            let table = format!("[people.{person}]\n");
            maya.edit("roles.toml", &table, &format!("{table}gitlab = {{ login = \"{person}-gl\", id = {id} }}\n"));
        }
        maya.edit("roles.toml", "[policy]\n", "[policy]\nreviews = \"count\"\n").commit("Let reviews count").push();
        newsroom.pin();
        maya.git(["checkout", "-q", "-b", "change"]);
        maya.write("posts/launch.md", "---\nto: [outbox/site]\n---\nAutumn is here.\n").commit("Write a post");
        let head = maya.commit_id("HEAD");
        maya.git(["push", "-q", "origin", "HEAD:refs/merge-requests/12/head"]);
        if state == "merged" {
            maya.git(["checkout", "-q", "main"]);
            maya.git(["merge", "-q", "--no-ff", "-m", "Merge branch 'change'", "change"]);
            maya.push();
        }
        let merged = maya.commit_id("HEAD");
        let request = json!({
            "iid": 12, "web_url": "https://gitlab.example/acme/posts/-/merge_requests/12", "title": "Write a post",
            "author": { "username": "maya-gl", "id": 554 }, "state": state, "source_project_id": 77,
            "target_project_id": 77, "source_branch": "change", "target_branch": "main", "sha": head,
            "merge_commit_sha": merged, "squash_commit_sha": null, "merged_at": NOW, "labels": [], "reviewers": [],
            "updated_at": NOW,
        });
        let notes: Arc<Mutex<Vec<Value>>> = Arc::default();
        let known = Arc::clone(&notes);
        let commits =
            [head, merged].map(|commit| format!("/api/v4/projects/77/repository/commits/{commit}/merge_requests"));
        let stub = Stub::start(move |seen| match seen.path() {
            "/api/v4/user" => Reply::json(200, json!({ "username": "project_77_bot_0a1b2c", "id": 41 })),
            path if path.contains("/statuses/") => Reply::json(201, json!({})),
            "/api/v4/projects/77/merge_requests/12/notes" if seen.method == "POST" => {
                Reply::json(201, json!({ "id": 1 }))
            }
            "/api/v4/projects/77/merge_requests/12" => Reply::json(200, request.clone()),
            "/api/v4/projects/77/merge_requests/12/notes" => Reply::json(200, json!(*known.lock().unwrap())),
            path if commits.iter().any(|commit| commit == path) => Reply::json(200, json!([request])),
            path if path.ends_with("/merge_requests") => Reply::json(200, json!([])),
            _ => Reply::json(404, json!({ "message": "404 Not found" })),
        });
        Self { newsroom, stub, notes }
    }

    fn job(&self) -> Desk<'_> {
        let api = format!("{}/api/v4", self.stub.origin());
        let runner = self.newsroom.runner().env("CI_API_V4_URL", &api).env("CI_PROJECT_ID", "77");
        runner.env("GREENLIT_FORGE_TOKEN", TOKEN)
    }

    /// Somebody comments; the comment's number.
    fn says(&self, login: &str, id: u64, text: &str) -> u64 {
        let mut notes = self.notes.lock().unwrap();
        let number = 900 + notes.len() as u64;
        let at = format!("2026-11-30T09:00:{:02}Z", notes.len());
        notes.push(json!({
            "id": number, "author": { "username": login, "id": id }, "body": text, "created_at": at, "updated_at": at,
            "system": false,
        }));
        number
    }

    fn record(&self) -> Vec<(u64, String, String)> {
        told(&self.job().greenlit(["review", "record", "--format", "json"]).succeeds().json())
    }

    /// The line that approves the post as it is on the trusted branch.
    fn yes(&self) -> String {
        let plan = self.newsroom.runner().greenlit(["plan", "--format", "json"]).json();
        format!("greenlit: approve {} at asap", plan["deliveries"][0]["digest"].as_str().expect("a digest"))
    }
}

#[test]
fn a_comment_that_names_the_digest_is_a_yes_until_it_is_deleted_or_changed() {
    let story = Story::new();
    let yes = story.yes();
    story.says("noor-gl", 551, &format!("Lovely.\n\n{yes}\n"));
    assert_eq!(story.record(), [(900, "recorded".to_owned(), String::new())]);
    let li = story.newsroom.as_person("li");
    li.greenlit(["plan", "--fetch"]).shows("✓ editor: Noor Haddad by review of #12 on GitLab");

    let kept = std::mem::take(&mut *story.notes.lock().unwrap());
    story.job().greenlit(["publish"]).shows("Nothing to publish now").complains("is not on GitLab any more");
    let mut edited = kept.clone();
    edited[0]["updated_at"] = json!("2026-11-30T09:30:00Z");
    *story.notes.lock().unwrap() = edited;
    story.job().greenlit(["publish"]).shows("Nothing to publish now").complains("was changed on GitLab");
    *story.notes.lock().unwrap() = kept;
    let job = story.job();
    job.greenlit(["publish"]).succeeds().shows("Published 1 delivery");
    assert!(job.read("public/index.html").contains("Autumn is here."));
    assert!(story.stub.seen().iter().all(|seen| seen.method == "GET"));
    let bearer = format!("Bearer {TOKEN}");
    assert!(story.stub.seen().iter().all(|seen| seen.header("authorization") == Some(bearer.as_str())));
}

#[test]
fn nobody_approves_by_citing_by_a_name_or_their_own_post() {
    let story = Story::new();
    let yes = story.yes();
    story.says("noor-gl", 551, &format!("> {yes}"));
    story.says("li-gl", 552, "LGTM");
    story.says("li-gl", 552, &format!("greenlit: approve sha256:{} at asap", "0".repeat(64)));
    assert_eq!(story.record(), [], "they say nothing of what waits");
    story.says("noor-gl", 666, &yes);
    story.says("maya-gl", 554, &yes);
    story.says("project_77_bot_0a1b2c", 551, &yes);
    let reasons: Vec<String> = story.record().into_iter().map(|(_, became, why)| format!("{became}: {why}")).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for (reason, part) in reasons.iter().zip(["is another account by now", "opened this pull request", "is a bot"]) {
        assert!(reason.starts_with("not-counted: ") && reason.contains(part), "{reason}");
    }
    story.job().greenlit(["publish"]).shows("Nothing to publish now");
}

#[test]
fn a_comment_that_names_the_digest_is_a_yes_before_the_merge_too() {
    let story = Story::of("opened");
    let job = || {
        let api = format!("{}/api/v4", story.stub.origin());
        let maya = story.newsroom.at_folder("maya", "maya").env("CI_API_V4_URL", &api).env("CI_PROJECT_ID", "77");
        maya.env("GREENLIT_FORGE_TOKEN", TOKEN).env("CI_MERGE_REQUEST_IID", "12")
    };
    let report = || job().greenlit(["review", "comment", "--no-requests", "--format", "json"]).succeeds().json();
    let first = report();
    assert_eq!(first["state"], "waiting", "{first:#}");
    let digest = first["posts"][0]["accounts"][0]["digest"].as_str().expect("a digest");
    let said = |login: &str, id: u64, digest: &str| {
        story.says(login, id, &format!("greenlit: approve {digest} at asap"));
        let report = report();
        let last = report["reviews"].as_array().into_iter().flatten().last().cloned().unwrap_or_default();
        (report["state"].as_str().unwrap().to_owned(), last["reason"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(said("noor-gl", 551, &format!("sha256:{}", "0".repeat(64))), ("waiting".to_owned(), String::new()));
    assert_eq!(said("maya-gl", 554, digest), ("waiting".to_owned(), "opened this pull request".to_owned()));
    assert_eq!(said("noor-gl", 551, digest), ("approved".to_owned(), "opened this pull request".to_owned()));
    let status = |state: &str| {
        let is =
            |seen: &&crate::stub::Seen| seen.json()["name"] == "greenlit: approved" && seen.json()["state"] == state;
        story.stub.seen().iter().filter(is).count()
    };
    assert_eq!((status("pending"), status("success")), (3, 1));
    // Changed afterwards it is none, and the status falls back.
    story.notes.lock().unwrap().last_mut().unwrap()["updated_at"] = json!("2026-11-30T09:30:00Z");
    assert_eq!(report()["state"], "waiting");
    assert_eq!((status("pending"), status("success")), (4, 1));
}

#[test]
fn a_manual_run_is_a_pipeline_of_the_branch() {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n").commit("Hello").push();
    let stub = Stub::start(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/api/v4/projects/77/pipeline") => Reply::json(201, json!({ "id": 5 })),
        _ => Reply::json(404, json!({})),
    });
    let noor = newsroom.as_person("noor").env("CI_API_V4_URL", &format!("{}/api/v4", stub.origin()));
    let noor = noor.env("CI_PROJECT_ID", "77").env("GREENLIT_FORGE_TOKEN", TOKEN);
    noor.pull();
    noor.greenlit(["approve", "hello", "--dispatch"]).succeeds().complains("Asked GitLab for a run");
    assert_eq!(stub.seen()[0].json(), json!({ "ref": "main" }));
}
