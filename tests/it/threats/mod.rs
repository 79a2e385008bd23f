//! What somebody might try: each test is named by the number of its threat, tries the attack, and then does the honest
//! thing that looks most like it, which must pass.

mod approvals;
mod parsing;
mod policy;
mod repository;
mod t23_deleted_hold_stays;
mod t32_false_fronts;
mod t35_jobs_of_strangers;
mod t36_words_for_the_runner;
mod t44_t45_reviews;

use crate::newsroom::{Desk, Newsroom};
use crate::status::{LI, approval, decide};

/// A post to one account, due at once.
pub const HELLO: &str = "---\ntitle: Hello\nto: [outbox/site]\n---\nHello, world.\n";

/// A picture of 3 × 2 pixels: as much of it as says so.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";

/// A newsroom with one post by Maya on `main`, and nobody's yes.
pub fn with_hello() -> Newsroom {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").write("posts/hello.md", HELLO).commit("Say hello").push();
    newsroom
}

/// Li says yes to a post as it is on `main`.
pub fn li_approves(newsroom: &Newsroom, post: &str) {
    let li = newsroom.as_person("li");
    let yes = approval(&li, post, "editor");
    decide(&li, LI, &yes);
}

/// Where a post's first delivery stands, after a fetch; `nowhere` where the plan does not have it.
#[track_caller]
pub fn standing(desk: &Desk<'_>, post: &str) -> String {
    standing_in(&desk.greenlit(["plan", "--fetch", "--format", "json"]).json(), post)
}

/// The same from a plan.
pub fn standing_in(plan: &serde_json::Value, post: &str) -> String {
    let deliveries = plan["deliveries"].as_array().cloned().unwrap_or_default();
    let found = deliveries.iter().find(|delivery| delivery["post"] == post);
    found.and_then(|delivery| delivery["standing"].as_str()).unwrap_or("nowhere").to_owned()
}
