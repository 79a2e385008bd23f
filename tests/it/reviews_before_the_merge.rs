//! What the comment on an open pull request says of its reviews: the same that `review record` will once it is merged.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::newsroom::{Desk, Newsroom};
use crate::review::{Github, LI, MAYA, NOOR, TESS, github, job, with_accounts};
use crate::stub::{Reply, Stub};

const POST: &str = "---\ntitle: Autumn launch\nto: outbox/site\n---\nAutumn is here.\n";
const PRICES: &str = "---\nto: outbox/site\nlabels: [pricing]\n---\nNow 10 % off.\n";

/// A newsroom where reviews count, with a post that maya wrote on a branch.
struct Story {
    newsroom: Newsroom,
    stub: Stub,
    github: Arc<Mutex<Github>>,
}

impl Story {
    fn of(text: &str) -> Self {
        Self::with("reviews = \"count\"\n", text)
    }

    fn with(policy: &str, text: &str) -> Self {
        let newsroom = Newsroom::acme();
        newsroom.as_person("maya").edit("roles.toml", "[policy]\n", &format!("[policy]\n{policy}"));
        with_accounts(&newsroom);
        let maya = newsroom.as_person("maya");
        maya.git(["checkout", "-q", "-b", "work"]);
        maya.write("posts/launch.md", text).commit("Write a post");
        let (stub, github) = github(&maya);
        Self { newsroom, stub, github }
    }

    fn maya(&self) -> Desk<'_> {
        self.newsroom.at_folder("maya", "maya")
    }

    /// Maya commits something; the pull request's last commit.
    fn goes_on(&self, path: &str, text: &str) -> String {
        let head = self.maya().write(path, text).commit("Go on").commit_id("HEAD");
        self.github().head.clone_from(&head);
        head
    }

    fn head(&self) -> String {
        self.github().head.clone()
    }

    fn github(&self) -> MutexGuard<'_, Github> {
        self.github.lock().unwrap()
    }

    fn review(&self, who: (&str, u64), state: &str) -> usize {
        let head = self.head();
        self.github().review(who, state, &head)
    }

    /// The report that the run for the pull request prints; the ledger is left alone.
    fn comments(&self) -> Value {
        let ledger = || self.maya().git(["ls-remote", "origin", "greenlit/ledger", "greenlit/approvals"]);
        let before = ledger();
        let report = job(self.maya(), &self.stub).greenlit(["review", "comment", "--format", "json"]).succeeds().json();
        assert_eq!(ledger(), before, "nothing is written down before the merge");
        let schema = self.maya().greenlit(["schema", "pull-request"]).json();
        assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
        report
    }

    /// What the comment says.
    fn text(&self) -> String {
        let github = self.github();
        github.comments.last().expect("a comment")["body"].as_str().unwrap().replace("&#8288;", "")
    }

    /// The check `greenlit: approved`: its status, and how it came out.
    fn approved(&self) -> (String, String) {
        let github = self.github();
        let (status, conclusion, _) = github.check("greenlit: approved");
        (status.to_owned(), conclusion.to_owned())
    }

    #[track_caller]
    fn is_approved(&self, expected: bool) -> Value {
        let report = self.comments();
        let wanted = if expected { ("completed", "success") } else { ("in_progress", "") };
        let (status, conclusion) = self.approved();
        assert_eq!((status.as_str(), conclusion.as_str()), wanted, "{report:#}");
        assert_eq!(report["state"], if expected { "approved" } else { "waiting" });
        report
    }

    /// The last review does not count, for this reason, and one of li's would.
    #[track_caller]
    fn refuses(&self, reason: &str) {
        let report = self.is_approved(false);
        let told = report["reviews"].as_array().unwrap().last().cloned().unwrap_or_default();
        assert_eq!(told["became"], "not-counted", "{report:#}");
        assert!(told["reason"].as_str().unwrap().contains(reason), "no {reason:?} in {told:#}");
        assert!(self.text().contains("does not count: "), "{}", self.text());
        self.review(LI, "APPROVED");
        self.is_approved(true);
    }
}

#[test]
fn a_review_is_a_yes_in_the_comment_and_falls_with_the_text_that_it_is_of() {
    let story = Story::of(POST);
    story.is_approved(false);
    assert_eq!(story.github().requested, [LI, NOOR]);
    story.review(NOOR, "APPROVED");
    let report = story.is_approved(true);
    assert_eq!(report["reviews"][0]["became"], "once-merged");
    let text = story.text();
    assert!(text.contains("<h3>✅ greenlit: approved</h3>"), "{text}");
    assert!(text.contains("✅ editor: Noor Haddad by review of #7 on GitHub (counts once merged)"), "{text}");
    assert!(text.contains("✅ Noor Haddad, approved launch for editor: counts once merged"), "{text}");
    assert_eq!(story.github().labels, ["greenlit: approved"]);
    assert_eq!(story.github().requested, [], "nobody is asked any more");

    // An hour later the run says the same.
    story.github().wrote.clear();
    job(story.maya().at("2026-11-30T11:00:00Z"), &story.stub).greenlit(["review", "comment"]).succeeds();
    assert_eq!(story.github().wrote, [""; 0]);

    // A commit with the same effect changes nothing; another text does.
    story.goes_on("README.md", "# Posts\n");
    story.is_approved(true);
    story.goes_on("posts/launch.md", &POST.replace("Autumn is", "Winter is"));
    let report = story.is_approved(false);
    let reason = report["reviews"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("looked at another version than the one that stands here now (commit "), "{reason}");
    assert_eq!(story.github().labels, ["greenlit: needs review"]);
    assert_eq!(story.github().requested, [LI, NOOR], "whoever looked at another version is asked again");
    story.review(NOOR, "APPROVED");
    story.is_approved(true);
}

#[test]
fn stages_take_turns_and_a_person_counts_once_whatever_they_said_it_with() {
    let story = Story::of(PRICES);
    story.maya().git(["push", "-q", "origin", "work"]);
    let noor = story.newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    noor.greenlit(["approve", "launch", "--yes", "--ref", "origin/work"]).succeeds();
    story.maya().git(["fetch", "-q"]);
    story.review(NOOR, "APPROVED");
    let report = story.is_approved(false);
    assert_eq!(report["turn"][0]["id"], "tess", "{report:#}");
    assert_eq!(story.github().requested, [TESS]);
    let tree = report["posts"][0]["standings"][0]["decision"].to_string();
    assert_eq!(tree.matches("approval by Noor Haddad").count(), 2, "{tree}");

    // Once is enough for its stage, and it is none of the other's.
    story.review(TESS, "APPROVED");
    story.is_approved(true);
    assert_eq!(story.github().check("greenlit: workflow regulated").1, "success");

    // Two are needed: noor with a key and noor by review are one.
    let both = Story::with("reviews = \"count\"\n", POST);
    let maya = both.maya();
    maya.git(["checkout", "-q", "main"]);
    maya.edit(
        "roles.toml",
        "name = \"default\"\nstages = [{ role = \"editor\" }]",
        "name = \"default\"\nstages = [{ role = \"editor\", needs = 2 }]",
    );
    maya.commit("Ask two").push();
    both.newsroom.pin();
    maya.git(["checkout", "-q", "work"]);
    maya.git(["rebase", "-q", "main"]);
    let head = maya.commit_id("HEAD");
    both.github().head.clone_from(&head);
    maya.git(["push", "-q", "origin", "work"]);
    let noor = both.newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    noor.greenlit(["approve", "launch", "--yes", "--ref", "origin/work"]).succeeds();
    maya.git(["fetch", "-q"]);
    both.review(NOOR, "APPROVED");
    both.is_approved(false);
    both.review(LI, "APPROVED");
    both.is_approved(true);
}

#[test]
fn a_review_of_an_older_version_does_not_count() {
    let story = Story::of(POST);
    let old = story.head();
    story.goes_on("posts/launch.md", &POST.replace("Autumn is", "Winter is"));
    story.github().review(NOOR, "APPROVED", &old);
    story.refuses("looked at another version");
}

#[test]
fn a_review_that_is_dismissed_falls_on_the_same_commit() {
    let story = Story::of(POST);
    story.review(NOOR, "APPROVED");
    story.is_approved(true);
    story.github().reviews[0]["state"] = json!("DISMISSED");
    story.is_approved(false);
    assert_eq!(story.github().requested, [LI, NOOR], "whose review was dismissed is asked again");
    story.refuses("was dismissed on GitHub");
}

#[test]
fn bots_the_author_and_strangers_do_not_count() {
    for (who, reason) in [
        (("greenlit[bot]", 41), "is a bot"),
        (MAYA, "opened this pull request"),
        (("mallory", 666), "nobody in roles.toml has the GitHub account mallory (666)"),
        (TESS, "is in no stage"),
    ] {
        let story = Story::of(POST);
        story.review(who, "APPROVED");
        story.refuses(reason);
    }
}

#[test]
fn who_wrote_the_post_does_not_count_whoever_opened_the_pull_request() {
    let story = Story::of(POST);
    let maya = story.maya();
    maya.write("posts/launch.md", POST.replace("Autumn is", "Winter is")).git(["add", "-A"]);
    let author = "Noor <5551+noor-h@users.noreply.github.com>";
    maya.git(["commit", "-q", "-m", "Change it in a browser", "--author", author]);
    story.github().head = maya.commit_id("HEAD");
    story.review(NOOR, "APPROVED");
    story.refuses("is an author of this post");
}

#[test]
fn an_account_is_known_by_its_number_whatever_its_login() {
    let story = Story::of(POST);
    story.review((NOOR.0, 999), "APPROVED");
    story.refuses("the login noor-h is another account by now: number 999, and roles.toml has number 5551");
    let renamed = Story::of(POST);
    renamed.review(("noor-haddad", NOOR.1), "APPROVED");
    renamed.is_approved(true);
}

#[test]
fn changes_requested_are_a_no_until_their_writer_says_yes() {
    let story = Story::of(POST);
    story.review(LI, "APPROVED");
    story.review(NOOR, "CHANGES_REQUESTED");
    let report = story.comments();
    assert_eq!((&report["state"], story.approved().1.as_str()), (&json!("rejected"), "failure"));
    let text = story.text();
    assert!(text.contains("❌ Noor Haddad, changes requested in launch: counts once merged"), "{text}");
    let tree = "❌ rejection by Noor Haddad by review of #7 on GitHub (counts once merged): As discussed; Noor Haddad or Maya \
                Lindqvist can take it back: approve, or dismiss the review";
    assert!(text.contains(tree), "{text}");
    assert_eq!(story.github().labels, ["greenlit: stopped"]);
    // A later version is rejected as well.
    story.goes_on("posts/launch.md", &POST.replace("Autumn is", "Winter is"));
    story.review(LI, "APPROVED");
    assert_eq!(story.comments()["state"], "rejected");
    story.review(NOOR, "APPROVED");
    story.is_approved(true);
}

#[test]
fn where_reviews_cannot_be_read_none_counts_and_nobody_is_bothered() {
    let story = Story::of(POST);
    story.review(NOOR, "APPROVED");
    story.is_approved(true);
    for (fault, code) in [
        (Reply::json(200, json!([{ "id": 80 }])), "forge/partial"),
        (Reply::json(403, json!({ "message": "secondary rate limit" })).with("Retry-After", "60"), "forge/away"),
        (Reply::HangUp, "forge/away"),
    ] {
        story.github().fault = Some(fault);
        let said = job(story.maya(), &story.stub).greenlit(["review", "comment"]);
        said.exits(1).complains(code).complains("could not be read, so none counts, and nobody is asked");
        assert_eq!(story.approved().0, "in_progress");
        assert!(story.text().contains("❗ They could not be read, so none of them counts here: "), "{}", story.text());
        assert_eq!(story.github().requested, []);
    }
    story.github().fault = None;
    story.is_approved(true);
}

#[test]
fn where_the_policy_does_not_count_reviews_none_is_told() {
    let story = Story::with("", POST);
    story.review(NOOR, "APPROVED");
    let report = story.is_approved(false);
    assert_eq!(report.get("reviews"), None);
    let signed = story.maya();
    signed.git(["push", "-q", "origin", "work"]);
    let li = story.newsroom.as_person("li");
    li.git(["fetch", "-q"]);
    li.greenlit(["approve", "launch", "--yes", "--ref", "origin/work"]).succeeds();
    story.maya().git(["fetch", "-q"]);
    story.is_approved(true);
}

#[test]
fn a_pull_request_cannot_let_its_own_people_in() {
    let story = Story::of(POST);
    let roles = story.maya().read("roles.toml");
    let with = roles.replace("[roles]\n", "[people.mallory]\ngithub = { login = \"mallory\", id = 666 }\n\n[roles]\n");
    story.goes_on(
        "roles.toml",
        &with.replace("editor = [\"noor\", \"li\"]", "editor = [\"noor\", \"li\", \"mallory\"]"),
    );
    story.review(("mallory", 666), "APPROVED");
    let report = story.is_approved(false);
    let reason = report["reviews"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("nobody in roles.toml has the GitHub account mallory (666)"), "{reason}");
}

#[test]
fn of_two_posts_a_review_counts_for_the_one_that_is_still_as_it_was() {
    let story = Story::of(POST);
    story.goes_on("posts/snow.md", "---\nto: outbox/site\n---\nSnow.\n");
    story.review(NOOR, "APPROVED");
    story.goes_on("posts/launch.md", &POST.replace("Autumn is", "Winter is"));
    let report = story.is_approved(false);
    let review = &report["reviews"][0];
    assert_eq!((&review["posts"], &review["earlier"]), (&json!(["snow"]), &json!(["launch"])));
    let said = "✅ Noor Haddad, approved snow for editor: counts once merged; of launch it looked at another version";
    assert!(story.text().contains(said), "{}", story.text());
}
