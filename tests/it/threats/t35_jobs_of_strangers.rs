//! T35: a job that anybody can start runs `publish`.

use super::{li_approves, with_hello};

#[test]
fn t35_a_job_that_a_pull_request_starts_publishes_nothing() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    for (name, event) in [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
    ] {
        let runner = newsroom.runner().env(name, event);
        let said = runner.greenlit(["publish"]);
        said.exits(3).complains("publish/event").complains(event).complains("greenlit ci doctor");
        assert!(!runner.has("public/index.html"));
        runner.greenlit(["publish", "--dry-run"]).shows("hello");
    }

    let runner = newsroom.runner().env("GITHUB_EVENT_NAME", "schedule");
    runner.greenlit(["publish"]).succeeds();
    assert!(runner.has("public/index.html"), "the schedule does");
}
