//! What is asked of the forge: a run of the workflow that publishes.

use serde_json::json;

use crate::newsroom::{Desk, Newsroom};
use crate::stub::{Reply, Stub};

const TOKEN: &str = "ghs_correct-horse-battery";

/// The desk as a job of GitHub has it, whose API is this server.
pub fn on_github<'a>(desk: Desk<'a>, stub: &Stub) -> Desk<'a> {
    desk.env("GITHUB_API_URL", &stub.origin()).env("GITHUB_REPOSITORY", "acme/posts").env("GITHUB_TOKEN", TOKEN)
}

#[test]
fn an_approval_asks_for_a_run_where_told_to_and_stands_whatever_comes_of_that() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    for post in ["hello", "goodbye"] {
        maya.write(&format!("posts/{post}.md"), format!("---\nto: [outbox/site]\n---\nWe say {post}.\n"));
    }
    maya.commit("Say hello").push();
    let stub = Stub::replies(vec![
        Reply::json(204, json!(null)),
        Reply::json(403, json!({ "message": format!("Resource not accessible by {TOKEN}") })),
    ]);
    let noor = on_github(newsroom.as_person("noor"), &stub);
    let said = noor.greenlit(["approve", "hello", "--dispatch"]);
    said.succeeds().complains("Asked GitHub for a run of greenlit-publish.yml on main.");
    let asked = stub.seen();
    assert_eq!(asked[0].path(), "/repos/acme/posts/actions/workflows/greenlit-publish.yml/dispatches");
    assert_eq!((asked[0].json(), asked.len()), (json!({ "ref": "main" }), 1));

    let said = noor.greenlit(["-v", "approve", "goodbye", "--dispatch=publish.yml"]);
    said.exits(1).shows("pushed to origin").complains("The approval stands").complains("forge/token");
    said.complains("actions: write").complains("workflows/publish.yml/dispatches: 403").hides(TOKEN);
    newsroom.runner().greenlit(["plan"]).shows("Publish would do now").shows("✓ goodbye");
    noor.greenlit(["approve", "hello", "--dispatch", "--offline"]).exits(2).complains("cannot be used with");
    newsroom.as_person("noor").greenlit(["approve", "hello", "--dispatch"]).exits(1).complains("names no forge");
}
