//! What greenlit asks the forges, and what it reads from their answers, held against the forges' own descriptions of their APIs:
//! GitHub's OpenAPI description from npm, and Forgejo's, which lies in a crate. GitLab's (`doc/api/openapi/openapi_v3.yaml` in its
//! repository) is in no package of npm, PyPI or crates.io.
//!
//! A server plays the forge by nothing but its description: it takes no request that the description does not know, to the last
//! name in a body, and answers with the description's own examples, with all that an answer may hold, or with as little as it may.
//! And the stories of `tests/it/review.rs` and `tests/it/reviews.rs` are told again behind a [`proxy`].

mod described;
pub mod proxy;
mod sample;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use greenlit::forge::{
    Annotation, Caller, Check, Conclusion, Forge, ForgeError, Level, OnLines, Place, Thread, connect,
};
use greenlit::workspace::ForgeKind;
use serde_json::{Value, json};

use super::servers::installed;
use super::stub::{Reply, Seen, Stub};
use described::{Asked, Described};
use sample::{Fullness, sample};

fn read(file: &str) -> Described {
    let path: PathBuf = installed("forges", "package-lock.json").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Described::new(serde_json::from_slice(&bytes).expect("a description"))
}

static GITHUB: LazyLock<Described> = LazyLock::new(|| read("api.github.com.json"));
static FORGEJO: LazyLock<Described> = LazyLock::new(|| read("swagger.v1.json"));

/// What a server says that plays a forge.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    /// The nth of the description's examples; the last one where there are fewer.
    Example(usize),
    /// What the description allows.
    Made(Fullness),
}

/// A word for a text that the description leaves open, by the path that is asked for and the text's place in the answer.
type Words = fn(&str, &str) -> Option<Value>;

/// A server that plays a forge by its description, and what was wrong with the requests that it got.
struct Mock {
    stub: Stub,
    wrong: Arc<Mutex<Vec<String>>>,
}

impl Mock {
    fn start(described: &'static Described, says: Says, words: Words) -> Self {
        let wrong: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&wrong);
        let stub = Stub::start(move |seen| {
            answer(described, says, words, seen).unwrap_or_else(|why| {
                noted.lock().unwrap().push(why.clone());
                Reply::json(418, json!({ "message": why }))
            })
        });
        Self { stub, wrong }
    }

    fn forge(&self, kind: ForgeKind) -> Box<dyn Forge> {
        let base = if kind == ForgeKind::Forgejo { "/api/v1" } else { "" };
        let api = format!("{}{base}", self.stub.origin()).parse().unwrap();
        let place = Place { kind, api, repository: "acme/posts".to_owned(), token: None };
        connect(place, &Caller::default()).unwrap()
    }

    /// What it was asked, each once.
    fn asked(&self) -> Vec<String> {
        let steps =
            |seen: &Seen| seen.path().replace("/repos/acme/posts", "").replace("/api/v1", "").replace(COMMIT, "COMMIT");
        let mut asked: Vec<String> =
            self.stub.seen().iter().map(|seen| format!("{} {}", seen.method, steps(seen))).collect();
        asked.sort();
        asked.dedup();
        asked
    }
}

fn answer(described: &'static Described, says: Says, words: Words, seen: &Seen) -> Result<Reply, String> {
    let asked = Asked { method: &seen.method, target: &seen.target, body: &seen.body };
    let operation = described.ask(&asked)?;
    let examples = operation.examples();
    let (status, value) = match says {
        Says::Example(nth) if !examples.is_empty() => examples[nth.min(examples.len() - 1)].clone(),
        _ => {
            let fullness = if let Says::Made(fullness) = says { fullness } else { Fullness::Most };
            let (status, schema) = operation.answers().last().ok_or("it has no answer")?;
            let word = |place: &str| words(seen.path(), place);
            let value = schema.map_or(Value::Null, |schema| sample(described, schema, fullness, &word));
            // What was made up is what the description allows.
            operation.is_an_answer(status, &value)?;
            (status, value)
        }
    };
    match value {
        Value::Null => Ok(Reply::Answer { status, headers: Vec::new(), body: Vec::new() }),
        // GitHub's example of a pull request is open, and merged.
        mut value if value["merged_at"].is_string() => {
            value["state"] = json!("closed");
            Ok(Reply::json(status, value))
        }
        Value::Array(mut all) => {
            all.iter_mut().filter(|one| one["merged_at"].is_string()).for_each(|one| one["state"] = json!("closed"));
            Ok(Reply::json(status, json!(all)))
        }
        value => Ok(Reply::json(status, value)),
    }
}

/// Asks for all that greenlit ever does, and gives what could not be read.
fn everything(forge: &dyn Forge) -> Vec<String> {
    let mut unread: Vec<String> = Vec::new();
    let mut tried = |what: &str, result: Result<(), ForgeError>| {
        unread.extend(result.err().map(|error| format!("{what}: {error}")));
    };
    let commit = COMMIT;
    let since = "2000-01-01T00:00:00Z".parse().unwrap();
    tried("merged", forge.merged("main", since).map(drop));
    tried("open", forge.open("main").map(drop));
    tried("of a commit", forge.of_commit(commit).map(drop));
    tried("pull request", forge.pull_request(12).map(drop));
    tried("reviews", forge.reviews(12).map(drop));
    tried("dismissals", forge.dismissals(12).map(drop));
    tried("comments", forge.comments(12).map(drop));
    tried("me", forge.me().map(drop));
    tried("comment", forge.upsert_comment(12, "preview", "Hello").map(drop));
    for under in [Thread::PullRequest(12), Thread::Issue(7)] {
        let said = forge.say(under, "@noor-h");
        tried("say", said.map_err(|error| ForgeError::Refused { reason: error.to_string() }));
    }
    for lines in [(3, 3), (3, 5)] {
        let on = OnLines { commit, path: "posts/a.md", lines };
        tried("beside lines", forge.comment_on_lines(12, &on, "Is it?"));
    }
    for conclusion in [Conclusion::Success, Conclusion::Failure, Conclusion::Neutral, Conclusion::Pending] {
        let annotation = |line| Annotation {
            path: "posts/a.md".to_owned(),
            lines: (line, line),
            level: [Level::Notice, Level::Warning, Level::Failure][line % 3],
            title: "text/shouting".to_owned(),
            message: "It shouts".to_owned(),
        };
        let check = Check {
            name: "greenlit: check".to_owned(),
            conclusion,
            title: "60 warnings".to_owned(),
            summary: "…".to_owned(),
            url: (conclusion == Conclusion::Success).then(|| "https://ci.example/1".to_owned()),
            annotations: (1..=60).map(annotation).collect(),
        };
        tried("check", forge.check(commit, &check));
    }
    tried("ask", forge.request_reviewers(12, &["noor-h"]));
    tried("ask no more", forge.unrequest_reviewers(12, &["noor-h"]));
    tried("labels", forge.add_labels(12, &["text", "greenlit: waits"]));
    tried("no labels", forge.remove_labels(12, &["text", "greenlit: waits"]));
    tried("dispatch", forge.dispatch("greenlit-publish.yml", "main"));
    unread
}

/// All that GitHub is asked below `/repos/OWNER/NAME`, but a commit's status.
const ASKED_OF_GITHUB: &str = "
DELETE /issues/12/labels/greenlit:%20waits
DELETE /issues/12/labels/text
DELETE /pulls/12/requested_reviewers
GET /commits/COMMIT/check-runs
GET /commits/COMMIT/pulls
GET /issues/12/comments
GET /issues/12/events
GET /pulls
GET /pulls/12
GET /pulls/12/comments
GET /pulls/12/reviews
GET /user
PATCH /check-runs/1
PATCH /check-runs/4
PATCH /issues/comments/1
POST /actions/workflows/greenlit-publish.yml/dispatches
POST /check-runs
POST /issues/12/comments
POST /issues/12/labels
POST /issues/7/comments
POST /pulls/12/comments
POST /pulls/12/requested_reviewers
";

/// All that Forgejo is asked there.
const ASKED_OF_FORGEJO: &str = "
DELETE /issues/12/labels/1
DELETE /pulls/12/requested_reviewers
GET /commits/COMMIT/pull
GET /issues/12/comments
GET /issues/12/labels
GET /issues/12/timeline
GET /labels
GET /pulls
GET /pulls/12
GET /pulls/12/reviews
GET /pulls/12/reviews/1/comments
GET /user
PATCH /issues/comments/1
POST /actions/workflows/greenlit-publish.yml/dispatches
POST /issues/12/comments
POST /issues/12/labels
POST /issues/7/comments
POST /labels
POST /pulls/12/requested_reviewers
POST /pulls/12/reviews
POST /statuses/COMMIT
";

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

const MARKED: &str = "<!-- greenlit:preview -->\nOld";

fn on_github(path: &str, place: &str) -> Option<Value> {
    match place {
        "/body" if path.ends_with("/comments") => Some(json!(MARKED)),
        "/state" if path.ends_with("/pulls") || path.contains("/pulls/") && !path.ends_with("/reviews") => {
            Some(json!("closed"))
        }
        _ => None,
    }
}

/// Only a review that its writer has not sent has no time.
fn unsent_on_github(path: &str, place: &str) -> Option<Value> {
    let is_state = place == "/state" && path.ends_with("/reviews");
    if is_state { Some(json!("PENDING")) } else { on_github(path, place) }
}

fn on_forgejo(path: &str, place: &str) -> Option<Value> {
    match place {
        "/body" if path.ends_with("/comments") => Some(json!(MARKED)),
        "/state" if path.ends_with("/reviews") => Some(json!("APPROVED")),
        "/state" => Some(json!("closed")),
        "/merged" => Some(json!(true)),
        "/type" if path.ends_with("/timeline") => Some(json!("dismiss_review")),
        _ => None,
    }
}

#[test]
fn github_knows_what_it_is_asked_and_what_it_answers_is_read() {
    let mut asked: Vec<String> = Vec::new();
    for (says, words) in [
        (Says::Example(0), on_github as Words),
        (Says::Example(1), on_github),
        (Says::Made(Fullness::Most), on_github),
        (Says::Made(Fullness::Least), unsent_on_github),
    ] {
        let mock = Mock::start(&GITHUB, says, words);
        let forge = mock.forge(ForgeKind::Github);
        let unread = everything(&*forge);
        assert_eq!(*mock.wrong.lock().unwrap(), [""; 0], "{says:?}");
        assert_eq!(unread, [""; 0], "{says:?}");
        asked.extend(mock.asked());
    }
    asked.sort();
    asked.dedup();
    assert_eq!(asked.join("\n"), ASKED_OF_GITHUB.trim());

    // Where a token may make no check runs, a commit gets a status.
    let stub = Stub::start(|seen| match seen.path().ends_with("/check-runs") {
        true => Reply::json(403, json!({ "message": "You must authenticate via a GitHub App." })),
        false => answer(&GITHUB, Says::Example(0), on_github, seen).unwrap_or_else(|why| panic!("{why}")),
    });
    let mock = Mock { stub, wrong: Arc::default() };
    assert_eq!(everything(&*mock.forge(ForgeKind::Github)), [""; 0]);
    assert_eq!(mock.asked().iter().filter(|asked| asked.contains("/statuses/")).count(), 1);
}

type Change = fn(&mut Value);

#[test]
fn what_no_description_knows_is_noticed() {
    let ask = |method: &str, target: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        GITHUB.ask(&Asked { method, target, body: body.as_bytes() }).map(|_| ())
    };
    let run = |change: Change| {
        let annotation = json!({
            "path": "a.md", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "It shouts",
        });
        let output = json!({ "title": "t", "summary": "s", "annotations": [annotation] });
        let mut run = json!({ "name": "greenlit", "head_sha": "abc", "status": "in_progress", "output": output });
        change(&mut run);
        ask("POST", "/repos/acme/posts/check-runs", run)
    };
    assert_eq!(run(|_| {}), Ok(()));
    let changes: [(&str, Change); 5] = [
        ("head_sha", |run| drop(run.as_object_mut().unwrap().remove("head_sha"))),
        ("headsha", |run| run["headsha"] = json!("abc")),
        ("waiting", |run| run["status"] = json!("waiting")),
        ("level", |run| run["output"]["annotations"][0]["level"] = json!("notice")),
        ("51", |run| run["output"]["annotations"] = json!(vec![run["output"]["annotations"][0].clone(); 51])),
    ];
    for (what, change) in changes {
        let why = run(change).expect_err(what);
        assert!(why.contains(what) || what == "51" && why.contains("50 items"), "{what}: {why}");
    }
    for (method, target, body) in [
        ("GET", "/repos/acme/posts/pull/12", Value::Null),
        ("PUT", "/repos/acme/posts/pulls/12/requested_reviewers", json!({ "reviewers": ["noor-h"] })),
        ("GET", "/repos/acme/posts/pulls?limit=100", Value::Null),
        ("GET", "/repos/acme/posts/pulls?state=waiting", Value::Null),
        ("GET", "/repos/acme/posts/pulls?per_page=many", Value::Null),
        ("POST", "/repos/acme/posts/issues/12/comments", Value::Null),
        ("POST", "/repos/acme/posts/issues/12/comments", json!({ "text": "Hello" })),
        ("POST", "/repos/acme/posts/issues/12/comments", json!({ "body": "Hello", "text": "Hello" })),
    ] {
        assert!(ask(method, target, body.clone()).is_err(), "{method} {target} {body}");
    }

    let target = "/repos/acme/posts/pulls/12/reviews";
    let reviews = GITHUB.ask(&Asked { method: "GET", target, body: b"" }).unwrap();
    assert_eq!(reviews.is_part_of_an_answer(br#"[{"id":1,"user":null,"commit_id":null,"state":"APPROVED"}]"#), Ok(()));
    for body in [r#"{"reviews":[]}"#, r#"[{"id":"1"}]"#, r#"[{"commit":"abc"}]"#, r#"[{"user":{"username":"noor-h"}}]"#]
    {
        assert!(reviews.is_part_of_an_answer(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn forgejo_knows_what_it_is_asked_and_what_it_answers_is_read() {
    let mock = Mock::start(&FORGEJO, Says::Made(Fullness::Most), on_forgejo);
    let forge = mock.forge(ForgeKind::Forgejo);
    let unread = everything(&*forge);
    assert_eq!(*mock.wrong.lock().unwrap(), [""; 0]);
    assert_eq!(unread, [""; 0]);
    assert_eq!(mock.asked().join("\n"), ASKED_OF_FORGEJO.trim());
}
