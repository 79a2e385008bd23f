use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use crate::http::Secret;
use crate::http::stub::{Reply, Seen, Stub};

const TOKEN: &str = "ghs_correct-horse-battery";

fn place(kind: ForgeKind, stub: &Stub, path: &str) -> Place {
    let api = format!("{}{path}", stub.origin()).parse().unwrap();
    Place { kind, api, repository: "acme/posts".to_owned(), token: Some(Secret::new(TOKEN.to_owned())) }
}

fn github(stub: &Stub) -> Box<dyn Forge> {
    connect(place(ForgeKind::Github, stub, ""), &Caller::default()).unwrap()
}

fn user(login: &str, id: u64) -> Value {
    json!({ "login": login, "id": id, "type": if login.ends_with("[bot]") { "Bot" } else { "User" } })
}

fn review(id: u64, login: &str, state: &str) -> Value {
    json!({
        "id": id, "user": user(login, id + 1000), "body": "", "state": state, "html_url": format!("https://github.com/r/{id}"),
        "commit_id": "a".repeat(40), "submitted_at": format!("2026-11-28T09:00:{:02}Z", id % 60),
    })
}

fn pull(number: u64, merged: bool, updated: &str) -> Value {
    json!({
        "number": number, "html_url": "https://github.com/acme/posts/pull/1", "title": "Autumn", "user": user("maya-l", 1),
        "state": "closed", "merged_at": merged.then_some("2026-11-28T08:00:00Z"), "merge_commit_sha": "b".repeat(40),
        "base": { "ref": "main", "sha": "c".repeat(40), "repo": { "id": 7 } },
        "head": { "ref": "autumn", "sha": "d".repeat(40), "repo": null },
        "labels": [{ "name": "greenlit: waits" }], "requested_reviewers": [user("li-w", 3)], "updated_at": updated,
    })
}

fn comment(id: u64, login: &str, text: &str) -> Value {
    let at = "2026-11-28T09:00:00Z";
    json!({ "id": id, "user": user(login, 41_898_282), "body": text, "html_url": "u", "created_at": at, "updated_at": at })
}

/// Answers with JSON by the request's method and path.
fn answering(answer: impl Fn(&str, &Seen) -> Value + Send + 'static) -> Stub {
    Stub::start(move |seen| match answer(&format!("{} {}", seen.method, seen.path()), seen) {
        Value::Null => Reply::json(404, json!({ "message": "Not Found" })),
        value => Reply::json(200, value),
    })
}

#[test]
fn all_pages_are_read_wherever_the_server_says_that_the_next_one_is() {
    let stub = Stub::start(move |seen| {
        assert_eq!(seen.header("authorization"), Some("Bearer ghs_correct-horse-battery"));
        assert_eq!(seen.header("x-github-api-version"), Some("2022-11-28"));
        // The server goes by its own size of pages, and calls the repository by its number.
        let origin = format!("http://{}", seen.header("host").unwrap());
        let link = |page: u64| {
            format!("<{origin}/repositories/7/pulls/12/reviews?page={page}>; rel=\"next\", <{origin}/x>; rel=\"last\"")
        };
        match seen.target.as_str() {
            "/repos/acme/posts/pulls/12/reviews?per_page=100" => {
                Reply::json(200, json!([review(3, "noor-h", "APPROVED"), review(2, "li-w", "PENDING")]))
                    .with("Link", &link(2))
            }
            "/repositories/7/pulls/12/reviews?page=2" => {
                let mut gone = review(1, "x", "CHANGES_REQUESTED");
                gone["user"] = Value::Null;
                Reply::json(200, json!([gone])).with("link", &link(3))
            }
            "/repositories/7/pulls/12/reviews?page=3" => Reply::json(200, json!([review(4, "ci[bot]", "DISMISSED")]))
                .with("link", "<http://127.0.0.1/>; rel=\"prev\""),
            other => panic!("{other}"),
        }
    });
    let reviews = github(&stub).reviews(12).unwrap();
    let told: Vec<_> =
        reviews.iter().map(|one| (one.id, one.state, one.by.as_ref().map(|user| (user.id, user.bot)))).collect();
    assert_eq!(
        told,
        [
            (1, ReviewState::ChangesRequested, None),
            (3, ReviewState::Approved, Some((1003, false))),
            (4, ReviewState::Dismissed, Some((1004, true))),
        ]
    );
    assert_eq!(reviews[1].commit.as_deref(), Some("a".repeat(40).as_str()));
}

#[test]
fn a_full_page_without_a_word_of_the_next_is_followed_by_the_next() {
    let stub = Stub::start(|seen| {
        let from = if seen.target.contains("&page=2") { 101 } else { 1 };
        let page: Vec<Value> =
            (from..from + 100).take(if from == 1 { 100 } else { 3 }).map(|id| review(id, "a", "COMMENTED")).collect();
        Reply::json(200, json!(page))
    });
    assert_eq!(github(&stub).reviews(12).unwrap().len(), 103);
    assert_eq!(stub.seen().len(), 2);
}

#[test]
fn a_list_that_is_not_whole_is_no_list() {
    let one = || json!([review(1, "noor-h", "APPROVED")]);
    let next = |stub: &str| format!("<{stub}/next>; rel=\"next\"");
    let broken = || {
        [
            Reply::HangUp,
            Reply::Cut,
            Reply::json(500, json!({})),
            Reply::json(200, json!({})),
            Reply::json(200, json!([{}])),
        ]
    };
    for second in broken() {
        let stub = Stub::start(move |seen| match seen.path() {
            "/next" => second.clone(),
            _ => Reply::json(200, one()).with("Link", &next(&format!("http://{}", seen.header("host").unwrap()))),
        });
        let error = github(&stub).reviews(12).unwrap_err();
        assert!(["forge/away", "forge/partial"].contains(&error.code()), "{error:?}");
        assert_eq!(stub.seen().len(), 2);
    }
    // The same page for ever, and no page at all of what is asked for.
    let stub = Stub::start(move |seen| {
        Reply::json(200, one()).with("Link", &next(&format!("http://{}", seen.header("host").unwrap())))
    });
    assert_eq!(github(&stub).reviews(12).unwrap_err().code(), "forge/partial");
    let mut odd = review(1, "noor-h", "SHRUGGED");
    for change in ["state", "submitted_at", "user"] {
        odd[change] = if change == "user" { json!({ "login": "noor-h" }) } else { Value::Null };
        let odd = odd.clone();
        let stub = answering(move |_, _| json!([odd.clone()]));
        assert_eq!(github(&stub).reviews(12).unwrap_err().code(), "forge/partial", "{change}");
    }
}

#[test]
fn a_token_goes_to_no_other_server() {
    let other = Stub::replies(vec![Reply::json(200, json!([]))]);
    let away = other.origin();
    for reply in [
        Reply::json(200, json!([review(1, "noor-h", "APPROVED")]))
            .with("Link", &format!("<{away}/next>; rel=\"next\"")),
        Reply::json(301, json!({})).with("Location", &format!("{away}/repositories/7")),
    ] {
        let stub = Stub::replies(vec![reply]);
        let error = github(&stub).reviews(12).unwrap_err();
        assert_eq!(error.code(), "forge/away");
        assert!(!format!("{error:?}").contains(TOKEN), "{error:?}");
    }
    assert_eq!(other.seen().len(), 0, "nobody asked it");
}

#[test]
fn who_is_turned_away_for_now_is_told_for_how_long() {
    let said = |message: &str| json!({ "message": message });
    let cases = [
        (
            Reply::json(403, said("You have exceeded a secondary rate limit")).with("Retry-After", "60"),
            "forge/away",
            "1970-01-01 00:01",
        ),
        (Reply::json(403, said("You have exceeded a secondary rate limit")), "forge/away", "later"),
        (
            Reply::json(403, said("API rate limit exceeded"))
                .with("X-RateLimit-Remaining", "0")
                .with("X-RateLimit-Reset", "90"),
            "forge/away",
            "1970",
        ),
        (Reply::json(429, said("slow down")), "forge/away", "later"),
        (Reply::json(503, said("")), "forge/away", "later"),
        (Reply::json(403, said("Resource not accessible by integration")), "forge/token", "pull-requests: read"),
        (Reply::json(401, said("Bad credentials")), "forge/token", "GITHUB_TOKEN"),
        (Reply::json(404, said("Not Found")), "forge/missing", "may read it"),
        (Reply::json(422, said("Validation Failed")), "forge/refused", "above"),
    ];
    for (reply, code, help) in cases {
        let stub = Stub::replies(vec![reply]);
        let error = github(&stub).pull_request(12).unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        assert!(error.help().contains(help), "{}", error.help());
        assert_eq!(stub.seen().len(), 1, "and nobody knocks again at once");
    }
}

#[test]
fn merged_ones_are_read_until_they_are_too_old() {
    let stub = answering(|_, seen| {
        assert!(seen.target.starts_with("/repos/acme/posts/pulls?state=closed&base=main&sort=updated&direction=desc&"));
        json!([
            pull(3, true, "2026-11-28T09:00:00Z"),
            pull(2, false, "2026-11-27T09:00:00Z"),
            pull(1, true, "2026-10-01T09:00:00Z")
        ])
    });
    let since: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
    let merged = github(&stub).merged("main", since).unwrap();
    let [one] = merged.as_slice() else { panic!("{merged:?}") };
    assert_eq!((one.number, one.state, one.from_fork), (3, PullRequestState::Merged, true));
    assert_eq!(one.merge_commit.as_deref(), Some("b".repeat(40).as_str()));
    assert_eq!((one.labels.as_slice(), one.requested[0].id), (&["greenlit: waits".to_owned()][..], 3));
}

#[test]
fn comments_and_dismissals_are_read() {
    let stub = answering(|asked, _| match asked {
        "GET /repos/acme/posts/issues/12/comments" => json!([comment(5, "noor-h", "Nice")]),
        "GET /repos/acme/posts/pulls/12/comments" => {
            let mut on_line = comment(4, "noor-h", "Is it?");
            for (key, value) in [
                ("path", json!("posts/a.md")),
                ("line", Value::Null),
                ("original_line", json!(9)),
                ("original_commit_id", json!("abc")),
            ] {
                on_line[key] = value;
            }
            let mut on_left = on_line.clone();
            (on_left["id"], on_left["side"]) = (json!(6), json!("LEFT"));
            json!([on_left, on_line])
        }
        "GET /repos/acme/posts/issues/12/events" => json!([
            { "event": "labeled", "actor": user("li-w", 3) },
            { "event": "review_dismissed", "actor": user("maya-l", 1), "dismissed_review": { "state": "approved", "review_id": 80 } },
        ]),
        _ => Value::Null,
    });
    let comments = github(&stub).comments(12).unwrap();
    assert_eq!(
        comments[0].line,
        Some(OnLine { path: "posts/a.md".to_owned(), number: Some(9), commit: "abc".to_owned() })
    );
    assert_eq!((comments[1].text.as_str(), &comments[1].line), ("Nice", &None));
    assert_eq!(comments[2].line.as_ref().map(|line| line.number), Some(None), "a line that goes has no number");
    let by = User { login: "maya-l".to_owned(), id: 1, bot: false };
    assert_eq!(github(&stub).dismissals(12).unwrap(), [Dismissal { review: 80, by: Some(by) }]);
}

#[test]
fn one_comment_is_kept_up_to_date_and_nobody_elses_is_touched() {
    let marked = "<!-- greenlit:preview -->\nIt is fine.";
    for (there, becomes, wrote) in [
        (json!([]), Upserted::Written, "POST /repos/acme/posts/issues/12/comments"),
        (
            json!([comment(8, "github-actions[bot]", "<!-- greenlit:preview -->\nOld")]),
            Upserted::Changed,
            "PATCH /repos/acme/posts/issues/comments/8",
        ),
        (json!([comment(8, "github-actions[bot]", marked)]), Upserted::Unchanged, ""),
        (
            json!([{ "id": 9, "user": user("mallory", 666), "body": marked, "html_url": "u", "created_at": "2026-11-28T09:00:00Z", "updated_at": "2026-11-28T09:00:00Z" }]),
            Upserted::Written,
            "POST /repos/acme/posts/issues/12/comments",
        ),
    ] {
        let stub = Stub::start(move |seen| match (seen.method.as_str(), seen.path()) {
            // A job's token may not ask who it is.
            (_, "/user") => Reply::json(403, json!({ "message": "Resource not accessible by integration" })),
            ("GET", _) => Reply::json(200, there.clone()),
            _ => Reply::json(201, json!({ "id": 8 })),
        });
        assert_eq!(github(&stub).upsert_comment(12, "preview", "It is fine."), Ok(becomes));
        let writes: Vec<_> = stub.seen().into_iter().filter(|seen| seen.method != "GET").collect();
        let told: Vec<_> = writes.iter().map(|seen| format!("{} {}", seen.method, seen.path())).collect();
        assert_eq!(told.join(" "), wrote);
        assert!(writes.iter().all(|seen| seen.json()["body"] == marked));
    }
}

#[test]
fn a_check_brings_its_annotations_in_turn_and_becomes_a_status_where_it_may_not() {
    let annotation = |line| Annotation {
        path: "posts/a.md".to_owned(),
        lines: (line, line),
        level: Level::Warning,
        title: "text/shouting".to_owned(),
        message: "It shouts".to_owned(),
    };
    let check = Check {
        name: "greenlit: default".to_owned(),
        conclusion: Conclusion::Pending,
        title: "ä".repeat(200),
        summary: "…".to_owned(),
        url: None,
        annotations: (1..=60).map(annotation).collect(),
    };
    let made = answering(|_, _| json!({ "id": 4 }));
    github(&made).check(&"d".repeat(40), &check).unwrap();
    let seen: Vec<Seen> = made.seen().into_iter().filter(|seen| seen.method != "GET").collect();
    let counts: Vec<_> = seen
        .iter()
        .map(|seen| (seen.path().to_owned(), seen.json()["output"]["annotations"].as_array().unwrap().len()))
        .collect();
    assert_eq!(
        counts,
        [("/repos/acme/posts/check-runs".to_owned(), 50), ("/repos/acme/posts/check-runs/4".to_owned(), 10)]
    );
    assert_eq!(seen[0].json()["status"], "in_progress");

    let personal = Stub::start(|seen| match seen.path().contains("check-runs") {
        true => Reply::json(403, json!({ "message": "You must authenticate via a GitHub App." })),
        false => Reply::json(201, json!({ "id": 1 })),
    });
    github(&personal).check("abc", &Check { conclusion: Conclusion::Failure, ..check }).unwrap();
    let status = personal.seen().pop().unwrap();
    assert_eq!((status.path(), status.json()["state"].as_str()), ("/repos/acme/posts/statuses/abc", Some("failure")));
    assert_eq!(status.json()["description"].as_str().unwrap().chars().count(), 140);
}

#[test]
fn people_labels_and_runs_are_asked_for() {
    let stub = Stub::start(|seen| match seen.method.as_str() {
        "DELETE" if seen.path().contains("labels/gone") => {
            Reply::json(404, json!({ "message": "Label does not exist" }))
        }
        _ => Reply::json(200, json!([])),
    });
    let github = github(&stub);
    github.request_reviewers(12, &["noor-h"]).unwrap();
    github.unrequest_reviewers(12, &["noor-h"]).unwrap();
    github.add_labels(12, &["greenlit: waits"]).unwrap();
    github.remove_labels(12, &["gone", "greenlit: waits/now"]).unwrap();
    github.dispatch("greenlit-publish.yml", "main").unwrap();
    let asked: Vec<_> =
        stub.seen().iter().map(|seen| format!("{} {} {}", seen.method, seen.path(), seen.json())).collect();
    assert_eq!(
        asked,
        [
            "POST /repos/acme/posts/pulls/12/requested_reviewers {\"reviewers\":[\"noor-h\"]}",
            "DELETE /repos/acme/posts/pulls/12/requested_reviewers {\"reviewers\":[\"noor-h\"]}",
            "POST /repos/acme/posts/issues/12/labels {\"labels\":[\"greenlit: waits\"]}",
            "DELETE /repos/acme/posts/issues/12/labels/gone null",
            "DELETE /repos/acme/posts/issues/12/labels/greenlit:%20waits%2Fnow null",
            "POST /repos/acme/posts/actions/workflows/greenlit-publish.yml/dispatches {\"ref\":\"main\"}",
        ]
    );
    for asked in [
        github.request_reviewers(12, &[]),
        github.unrequest_reviewers(12, &[]),
        github.add_labels(12, &[]),
        github.remove_labels(12, &[]),
    ] {
        asked.unwrap();
    }
    assert_eq!(stub.seen().len(), 6, "nobody is nothing to ask for");
}

fn forgejo(stub: &Stub) -> Box<dyn Forge> {
    connect(place(ForgeKind::Forgejo, stub, "/api/v1"), &Caller::default()).unwrap()
}

#[test]
fn forgejo_tells_the_same_in_its_own_words() {
    let review = |id: u64, login: &str, number: i64, state: &str, dismissed: bool| {
        json!({
            "id": id, "user": { "login": login, "id": number }, "body": "", "state": state, "dismissed": dismissed,
            "commit_id": "a".repeat(40), "html_url": "u", "submitted_at": format!("2026-11-28T09:00:{id:02}Z"),
        })
    };
    let stub = answering(move |asked, _| match asked {
        "GET /api/v1/repos/acme/posts/pulls/12/reviews" => json!([
            review(1, "noor", 7, "APPROVED", false),
            review(2, "li", 8, "REQUEST_CHANGES", false),
            review(3, "tess", 9, "APPROVED", true),
            review(4, "li", 8, "PENDING", false),
            review(5, "li", 8, "REQUEST_REVIEW", false),
            review(6, "Ghost", -1, "COMMENT", false),
        ]),
        "GET /api/v1/repos/acme/posts/commits/abc/pull" => {
            let end =
                |name: &str, repository: u64| json!({ "ref": name, "sha": "c".repeat(40), "repo_id": repository });
            json!({
                "number": 12, "html_url": "u", "title": "t", "user": { "login": "maya", "id": 4 }, "state": "closed",
                "merged": true, "base": end("main", 1), "head": end("change", 2), "merged_at": "2026-11-28T08:00:00Z",
                "merge_commit_sha": "b".repeat(40), "labels": null, "requested_reviewers": null,
                "updated_at": "2026-11-28T08:00:00Z",
            })
        }
        _ => Value::Null,
    });
    let forgejo = forgejo(&stub);
    let told: Vec<_> =
        forgejo.reviews(12).unwrap().iter().map(|one| (one.state, one.by.as_ref().map(|by| by.id))).collect();
    assert_eq!(
        told,
        [
            (ReviewState::Approved, Some(7)),
            (ReviewState::ChangesRequested, Some(8)),
            (ReviewState::Dismissed, Some(9)),
            (ReviewState::Commented, None),
        ]
    );
    let pulls = forgejo.of_commit("abc").unwrap();
    assert_eq!((pulls[0].number, pulls[0].state, pulls[0].from_fork), (12, PullRequestState::Merged, true));
    assert_eq!(forgejo.of_commit("def").unwrap_err().code(), "forge/missing");
    assert!(stub.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer ghs_correct-horse-battery")));
}

#[test]
fn forgejo_is_asked_for_labels_comments_and_runs() {
    let stub = Stub::start(|seen| match (seen.method.as_str(), seen.path()) {
        ("GET", path) if path.ends_with("labels") => Reply::json(200, json!([{ "id": 3, "name": "waits" }])),
        ("GET", "/api/v1/user") => Reply::json(200, json!({ "login": "ci", "id": 41 })),
        ("GET", _) => {
            let at = "2026-11-28T09:00:00Z";
            let own = json!({ "id": 8, "user": { "login": "ci", "id": 41 }, "body": "<!-- greenlit:preview -->\nOld", "html_url": "u", "created_at": at, "updated_at": at });
            Reply::json(200, json!([own]))
        }
        ("POST", path) if path.ends_with("dispatches") => Reply::json(204, Value::Null),
        _ => Reply::json(201, json!({ "id": 4 })),
    });
    let forgejo = forgejo(&stub);
    forgejo.add_labels(12, &["waits", "new"]).unwrap();
    forgejo.remove_labels(12, &["waits", "gone"]).unwrap();
    assert_eq!(forgejo.upsert_comment(12, "preview", "New"), Ok(Upserted::Changed));
    forgejo.dispatch("greenlit-publish.yml", "main").unwrap();
    forgejo.request_reviewers(12, &["noor"]).unwrap();
    let writes: Vec<_> = stub.seen().into_iter().filter(|seen| seen.method != "GET").collect();
    let told: Vec<_> = writes
        .iter()
        .map(|seen| format!("{} {}", seen.method, seen.path().trim_start_matches("/api/v1/repos/acme/posts")))
        .collect();
    assert_eq!(
        told,
        [
            "POST /labels",
            "POST /issues/12/labels",
            "DELETE /issues/12/labels/3",
            "PATCH /issues/comments/8",
            "POST /actions/workflows/greenlit-publish.yml/dispatches",
            "POST /pulls/12/requested_reviewers",
        ]
    );
    assert_eq!(writes[1].json(), json!({ "labels": [3, 4] }));
}

#[test]
fn forgejo_is_asked_for_more_where_it_counts_more() {
    // Without `Link`, in pages of 50, and the total counts what is not shown: one of the first page, all of the second.
    let stub = Stub::start(|seen| {
        let of = |ids: std::ops::Range<u64>| {
            let one = |id: u64| {
                json!({
                    "id": id, "user": { "login": "noor", "id": 7 }, "body": "", "state": "COMMENT", "dismissed": false,
                    "commit_id": "a".repeat(40), "html_url": "u", "submitted_at": "2026-11-28T09:00:00Z",
                })
            };
            Reply::json(200, json!(ids.map(one).collect::<Vec<_>>())).with("X-Total-Count", "153")
        };
        match seen.target.rsplit_once("page=").unwrap().1 {
            "1" => of(1..50),
            "2" | "5" => of(0..0),
            "3" => of(101..151),
            "4" => of(151..154),
            other => panic!("{other}"),
        }
    });
    let reviews = forgejo(&stub).reviews(12).unwrap();
    assert_eq!((reviews.len(), reviews.last().unwrap().id), (102, 153));
    let asked: Vec<_> = stub.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(asked[0], "/api/v1/repos/acme/posts/pulls/12/reviews?limit=100&page=1");

    // A list that knows no pages comes whole, and is not asked for again.
    let stub = Stub::start(|_| {
        let at = "2026-11-28T09:00:00Z";
        let one = |id: u64| json!({ "id": id, "user": null, "body": "", "html_url": "u", "created_at": at, "updated_at": at });
        Reply::json(200, json!((1..=120).map(one).collect::<Vec<_>>())).with("X-Total-Count", "120")
    });
    assert_eq!(forgejo(&stub).upsert_comment(12, "preview", "New"), Ok(Upserted::Written));
    assert_eq!(stub.seen().len(), 2);
}

#[test]
fn forgejo_tells_who_dismissed_a_review_and_which_line_a_comment_is_about() {
    let at = "2026-11-28T09:00:00Z";
    let stub = answering(move |asked, _| match asked.trim_start_matches("GET /api/v1/repos/acme/posts/") {
        "issues/12/timeline" => json!([
            null,
            { "type": "review", "user": { "login": "noor", "id": 7 }, "review_id": 80 },
            { "type": "dismiss_review", "user": { "login": "maya", "id": 4 }, "review_id": 80 },
            { "type": "dismiss_review", "user": { "login": "Ghost", "id": -1 }, "review_id": 81 },
        ]),
        "issues/12/comments" => json!([]),
        "pulls/12/reviews" => json!([{
            "id": 80, "user": { "login": "noor", "id": 7 }, "body": "", "state": "COMMENT", "dismissed": false,
            "commit_id": "a", "html_url": "u", "submitted_at": at,
        }, {
            "id": 81, "user": null, "body": "Yes", "state": "APPROVED", "dismissed": false, "comments_count": 0,
            "commit_id": "a", "html_url": "u", "submitted_at": at,
        }]),
        "pulls/12/reviews/80/comments" => {
            let one = |id: u64, new: u64, old: u64| {
                json!({
                    "id": id, "user": null, "body": "", "html_url": "u", "created_at": at, "updated_at": at, "path": "posts/a.md",
                    "position": new, "original_position": old, "original_commit_id": "", "commit_id": "abc",
                })
            };
            json!((1..=100).map(|id| if id == 1 { one(id, 0, 9) } else { one(id, 9, 0) }).collect::<Vec<_>>())
        }
        _ => Value::Null,
    });
    let forgejo = forgejo(&stub);
    let by = User { login: "maya".to_owned(), id: 4, bot: false };
    assert_eq!(
        forgejo.dismissals(12).unwrap(),
        [Dismissal { review: 80, by: Some(by) }, Dismissal { review: 81, by: None }]
    );
    let comments = forgejo.comments(12).unwrap();
    // Lines are those of the commit that was reviewed. Who answers writes on the same line of the same review.
    let line = |number| Some(OnLine { path: "posts/a.md".to_owned(), number, commit: "a".to_owned() });
    assert_eq!((comments.len(), &comments[0].line, &comments[1].line), (100, &line(None), &line(Some(9))));
    let answers: Vec<_> = comments[..4].iter().map(|comment| comment.answers).collect();
    assert_eq!(answers, [None, None, Some(2), Some(2)]);
    let nothing = Stub::replies(vec![Reply::json(200, Value::Null)]);
    assert_eq!(
        connect(place(ForgeKind::Forgejo, &nothing, ""), &Caller::default()).unwrap().dismissals(12),
        Ok(vec![])
    );
}

#[test]
fn what_is_said_goes_under_a_pull_request_or_an_issue_and_what_was_not_is_known() {
    for (kind, path, under) in [
        (ForgeKind::Github, "", ["/repos/acme/posts/issues/12/comments", "/repos/acme/posts/issues/7/comments"]),
        (
            ForgeKind::Forgejo,
            "/api/v1",
            ["/api/v1/repos/acme/posts/issues/12/comments", "/api/v1/repos/acme/posts/issues/7/comments"],
        ),
        (
            ForgeKind::Gitlab,
            "/api/v4",
            ["/api/v4/projects/acme%2Fposts/merge_requests/12/notes", "/api/v4/projects/acme%2Fposts/issues/7/notes"],
        ),
    ] {
        // That it took it is enough, whatever else it says.
        let stub = Stub::replies(vec![Reply::json(201, json!({ "id": 1 })), Reply::Cut]);
        let forge = connect(place(kind, &stub, path), &Caller::default()).unwrap();
        assert_eq!(forge.say(Thread::PullRequest(12), "Hello"), Ok(()));
        assert_eq!(forge.say(Thread::Issue(7), "Hello"), Ok(()));
        let seen = stub.seen();
        assert_eq!(seen.iter().map(Seen::path).collect::<Vec<_>>(), under);
        assert!(seen.iter().all(|seen| seen.method == "POST" && seen.json() == json!({ "body": "Hello" })));
        assert!(seen.iter().all(|seen| seen.header("authorization").is_some()));
    }
    let limited = json!({ "message": "You have exceeded a secondary rate limit" });
    for (reply, told) in [
        (Reply::json(403, limited).with("Retry-After", "60"), "NotSent { .. Some(1970-01-01T00:01:00"),
        (Reply::json(429, json!({})), "NotSent"),
        (Reply::json(503, json!({})), "NotSent"),
        (Reply::json(403, json!({ "message": "Resource not accessible by integration" })), "Credentials"),
        (Reply::json(401, json!({})), "Credentials"),
        (Reply::json(404, json!({})), "Refused"),
        (Reply::json(410, json!({})), "Refused"),
        (Reply::json(422, json!({})), "Refused"),
        (Reply::json(500, json!({})), "Ambiguous"),
        (Reply::json(502, json!({})), "Ambiguous"),
        (Reply::HangUp, "Ambiguous"),
    ] {
        let stub = Stub::replies(vec![reply.clone()]);
        let said = format!("{:?}", github(&stub).say(Thread::Issue(7), "Hello").unwrap_err());
        assert!(told.split(" { .. ").all(|part| said.contains(part)), "{reply:?}: {said}");
        assert_eq!(stub.seen().len(), 1);
        assert!(!said.contains(TOKEN), "{said}");
    }
}
