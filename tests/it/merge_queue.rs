//! `greenlit review comment` in a merge queue: the checks that the branch asks for, on the commit that the queue made.

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::forge::on_github;
use crate::newsroom::{Desk, Newsroom, Said};
use crate::review::{Github, NOOR, github, with_accounts};
use crate::stub::Stub;

const WINTER: &str = "---\ntitle: Winter\nto: outbox/site\n---\nWinter is coming.\n";
const OTHER: &str = "---\ntitle: Other\nto: outbox/site\n---\nSomething else.\n";

/// Maya's pull request 7, on the branch `work`, and a queue that squashes.
struct Story {
    newsroom: Newsroom,
    stub: Stub,
    github: Arc<Mutex<Github>>,
}

impl Story {
    fn of(policy: &str) -> Self {
        let newsroom = Newsroom::acme();
        newsroom.as_person("maya").edit("roles.toml", "[policy]\n", &format!("[policy]\n{policy}"));
        with_accounts(&newsroom);
        let maya = newsroom.as_person("maya");
        maya.git(["checkout", "-q", "-b", "work"]);
        maya.write("posts/winter.md", WINTER).commit("Write a post");
        maya.git(["push", "-q", "origin", "work"]);
        let (stub, github) = github(&maya);
        Self { newsroom, stub, github }
    }

    fn maya(&self) -> Desk<'_> {
        self.newsroom.at_folder("maya", "maya")
    }

    fn noor_approves(&self) {
        let noor = self.newsroom.as_person("noor");
        noor.git(["fetch", "-q"]);
        noor.greenlit(["approve", "winter", "--yes", "--ref", "origin/work"]).succeeds();
        self.maya().git(["fetch", "-q"]);
    }

    /// An entry before maya's, with a file of somebody else's; its commit.
    fn another_entry(&self, path: &str, text: &str) -> String {
        let maya = self.maya();
        maya.git(["checkout", "-q", "-B", "entry-1", "origin/main"]);
        maya.write(path, text).commit("Something else (#6)").commit_id("HEAD")
    }

    /// What the job says that the queue starts for pull request 7 on this commit.
    fn job(&self, base: &str) -> Said {
        let maya = self.maya();
        maya.git(["checkout", "-q", "-B", "entry", base]);
        maya.git(["merge", "-q", "--squash", "work"]);
        maya.commit("Write a post (#7)");
        let event = self.newsroom.path().join("event.json");
        let told = json!({ "action": "checks_requested", "merge_group": { "base_sha": maya.commit_id(base) } });
        std::fs::write(&event, told.to_string()).expect("the event is written");
        on_github(self.maya(), &self.stub)
            .env("GITHUB_EVENT_NAME", "merge_group")
            .env("GITHUB_EVENT_PATH", event.to_str().expect("UTF-8"))
            .env("GITHUB_REF", &format!("refs/heads/gh-readonly-queue/main/pr-7-{}", maya.commit_id(base)))
            .greenlit(["review", "comment"])
    }

    #[track_caller]
    fn approved(&self, conclusion: &str, title: &str) {
        let github = self.github.lock().unwrap();
        assert_eq!(github.check("greenlit: approved"), ("completed", conclusion, title));
        let entry = self.maya().commit_id("entry");
        assert!(github.checked().iter().all(|commit| *commit == entry), "the checks stand on the queue's commit");
        assert!(github.comments.is_empty() && github.labels.is_empty() && github.requested.is_empty());
    }
}

const YES: &str = "everybody has said yes who must";
const WAITS: &str = "it waits for approval";

#[test]
fn what_is_approved_as_it_would_be_merged_passes_and_nothing_waits_there() {
    let story = Story::of("");
    story.job("origin/main").exits(1).shows("Pull request 7 in the merge queue").shows(WAITS);
    story.approved("failure", WAITS);
    story.noor_approves();
    story.job("origin/main").succeeds().shows("greenlit: check: nothing is found");
    story.approved("success", YES);
}

#[test]
fn an_entry_answers_for_its_own_posts_and_for_what_the_entries_before_make_of_them() {
    let story = Story::of("");
    story.noor_approves();
    let base = story.another_entry("posts/other.md", OTHER);
    story.job(&base).succeeds();
    story.approved("success", YES);
    let settings = story.maya().read("greenlit.toml");
    let settings = settings.replace("path = \"public\"", "path = \"public\"\ntemplate = \"{{ text }} Yours, Acme\"");
    let base = story.another_entry("greenlit.toml", &settings);
    story.job(&base).exits(1);
    story.approved("failure", WAITS);
}

#[test]
fn reviews_count_there_as_they_will_after_the_merge() {
    let story = Story::of("reviews = \"count\"\n");
    let head = story.github.lock().unwrap().head.clone();
    story.github.lock().unwrap().review(NOOR, "APPROVED", &head);
    story.job("origin/main").succeeds();
    story.approved("success", YES);
    story.github.lock().unwrap().reviews[0]["state"] = json!("DISMISSED");
    story.job("origin/main").exits(1);
    story.approved("failure", WAITS);
}

#[test]
fn a_job_that_does_not_say_which_entry_it_is_for_checks_nothing() {
    let story = Story::of("");
    let bare = on_github(story.maya(), &story.stub).env("GITHUB_EVENT_NAME", "merge_group");
    bare.greenlit(["review", "comment"]).exits(2).complains("review/queue");
    assert!(story.stub.seen().is_empty());
    bare.greenlit(["publish"]).exits(3).complains("publish/event").complains("merge_group");
}
