use std::net::TcpListener;
use std::sync::Mutex;

use serde_json::json;

use super::stub::{Reply, Stub};
use super::*;

const PASSWORD: &str = "correct-horse";

fn caller() -> Caller {
    Caller {
        now: DateTime::from_timestamp(1_796_112_000, 0).unwrap(),
        secrets: vec![Secret::new(format!("{PASSWORD}\n"))],
        trace: None,
        clock_is_real: false,
    }
}

fn http(server: &str) -> Http {
    let limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(5), body: 1000 };
    Http::with(server, &caller(), "set the variable".to_owned(), limits).unwrap()
}

fn impatient(server: &str) -> Http {
    let limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(1), body: 1000 };
    Http::with(server, &caller(), "set the variable".to_owned(), limits).unwrap()
}

/// What becomes of a request that publishes, and of one that does not.
fn both(reply: Reply) -> (SendError, SendError) {
    let stub = Stub::replies(vec![reply]);
    let http = impatient(&stub.origin());
    let publishing = http.post(&["post"]).bearer(PASSWORD).json(json!({})).publishes().value().unwrap_err();
    let reading = http.get(&["read"]).bearer(PASSWORD).value().unwrap_err();
    for error in [&publishing, &reading] {
        assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
    (publishing, reading)
}

fn not_sent(error: &SendError) -> bool {
    matches!(error, SendError::NotSent { .. })
}

fn ambiguous(error: &SendError) -> bool {
    matches!(error, SendError::Ambiguous { .. })
}

#[test]
fn a_server_that_is_away_got_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = http(&format!("http://{free}")).post(&["post"]).publishes().value().unwrap_err();
    assert!(not_sent(&error), "{error:?}");
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[test]
fn a_server_without_tls_got_nothing() {
    let stub = Stub::replies(vec![Reply::HangUp]);
    let server = stub.origin().replace("http:", "https:");
    // A machine without certificates does not come as far as the handshake, and sends as little.
    let limits = Limits { total: Duration::from_secs(5), ..Limits::default() };
    let error = match Http::with(&server, &caller(), String::new(), limits) {
        Ok(http) => http.post(&["post"]).publishes().value().unwrap_err(),
        Err(error) => error,
    };
    assert!(not_sent(&error), "{error:?}");
}

#[test]
fn silence_after_sending_is_ambiguous() {
    for reply in [Reply::Silence, Reply::Stall, Reply::HangUp] {
        let (publishing, reading) = both(reply.clone());
        assert!(ambiguous(&publishing), "{reply:?}: {publishing:?}");
        assert!(not_sent(&reading), "{reply:?}: {reading:?}");
    }
}

#[test]
fn each_status_has_its_meaning() {
    for status in [429, 503, 408, 425] {
        let (publishing, reading) = both(Reply::json(status, json!({ "error": "later" })));
        assert!(not_sent(&publishing) && not_sent(&reading), "{status}");
    }
    for status in [500, 502, 504, 520] {
        let (publishing, reading) = both(Reply::json(status, json!({ "error": "oops" })));
        assert!(ambiguous(&publishing) && not_sent(&reading), "{status}");
    }
    for status in [400, 403, 404, 409, 413, 422] {
        let (publishing, _) = both(Reply::json(status, json!({ "error": "Bad", "message": "too\nlong" })));
        assert!(
            matches!(&publishing, SendError::Refused { reason } if reason.ends_with(": Bad: too long")),
            "{status}"
        );
    }
    let (publishing, _) = both(Reply::json(401, json!({ "error": "no" })));
    assert!(matches!(&publishing, SendError::Credentials { help, .. } if help == "set the variable"));
}

#[test]
fn a_server_says_when_to_come_back() {
    let (publishing, _) = both(Reply::json(429, json!({})).with("RateLimit-Reset", "1796112090"));
    let SendError::NotSent { retry_at: Some(at), .. } = publishing else { panic!("{publishing:?}") };
    assert_eq!(at.timestamp(), 1_796_112_090);
    let (publishing, _) = both(Reply::json(503, json!({})).with("Retry-After", "90"));
    let SendError::NotSent { retry_at: Some(at), .. } = publishing else { panic!("{publishing:?}") };
    assert!((1_796_112_090..1_796_112_100).contains(&at.timestamp()), "{at}");
}

#[test]
fn an_endless_answer_is_not_read() {
    let (publishing, reading) = both(Reply::page(200, &"x".repeat(5000)));
    assert!(ambiguous(&publishing) && not_sent(&reading));
    assert!(reading.to_string().contains("more than 1000 bytes"), "{reading}");
}

#[test]
fn a_web_page_is_no_answer() {
    let page = format!("<!doctype html><title>Sign in, {PASSWORD}</title>");
    let (publishing, reading) = both(Reply::page(200, &page));
    assert!(ambiguous(&publishing) && not_sent(&reading));
    assert!(reading.to_string().contains("a web page, \"Sign in, [secret]\""), "{reading}");
}

#[test]
fn credentials_do_not_follow_a_redirect_elsewhere() {
    let elsewhere = Stub::replies(vec![Reply::json(200, json!({}))]);
    for status in [301, 302, 303, 307, 308] {
        let reply = Reply::json(status, json!({})).with("Location", &format!("{}/a?b={PASSWORD}", elsewhere.origin()));
        let (publishing, reading) = both(reply);
        assert_eq!(ambiguous(&publishing), status == 302 || status == 303, "{status}: {publishing:?}");
        assert!(not_sent(&reading), "{status}: {reading:?}");
    }
    assert!(elsewhere.seen().is_empty(), "{:?}", elsewhere.seen());
}

#[test]
fn a_redirect_at_home_is_followed_for_reading() {
    let stub = Stub::start(|seen| match seen.path() {
        "/old" => Reply::json(301, json!({})).with("Location", "/new"),
        "/round" => Reply::json(301, json!({})).with("Location", "/round"),
        _ => Reply::json(200, json!({ "new": true })),
    });
    let http = http(&stub.origin());
    assert_eq!(http.get(&["old"]).bearer(PASSWORD).value(), Ok(json!({ "new": true })));
    assert_eq!(stub.seen().last().unwrap().header("authorization"), Some("Bearer correct-horse"));
    assert!(not_sent(&http.get(&["round"]).value().unwrap_err()));
    let before = stub.seen().len();
    assert!(not_sent(&http.post(&["old"]).publishes().value().unwrap_err()));
    assert_eq!(stub.seen().len(), before + 1);
}

#[test]
fn a_servers_echo_of_a_secret_is_not_shown() {
    let (publishing, reading) = both(Reply::json(400, json!({ "error": format!("bad password {PASSWORD}!") })));
    for error in [publishing, reading] {
        assert!(error.to_string().ends_with("bad password [secret]!"), "{error}");
    }
}

#[test]
fn the_trace_tells_neither_query_nor_headers() {
    let seen: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let log = Arc::clone(&seen);
    let stub = Stub::replies(vec![Reply::json(200, json!({}))]);
    let caller =
        Caller { trace: Some(Arc::new(move |exchange| log.lock().unwrap().push(exchange.clone()))), ..caller() };
    let http = Http::new(&stub.origin(), &caller, String::new()).unwrap();
    http.get(&["a b", PASSWORD]).query("token", PASSWORD).bearer(PASSWORD).value().unwrap();
    let told = seen.lock().unwrap().clone();
    let [exchange] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((exchange.method.as_str(), exchange.status), ("GET", Some(200)));
    assert_eq!(exchange.path, "/a%20b/[secret]");
    assert!(stub.origin().ends_with(&exchange.host));
    let request = stub.seen().pop().unwrap();
    assert_eq!(request.header("user-agent"), Some(concat!("greenlit/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.target, "/a%20b/correct-horse?token=correct-horse");
}

#[test]
fn a_token_that_is_no_header_is_refused_unseen() {
    let http = http("http://127.0.0.1:9");
    let error = http.get(&["a"]).bearer("tok\u{0}en-of-many-words").value().unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error:?}");
    assert!(!error.to_string().contains("many-words"), "{error}");
}

#[test]
fn a_clock_that_is_wrong_leaves_the_account_alone_and_what_is_published_stands() {
    let date = "Tue, 01 Dec 2026 08:07:30 GMT";
    let answer = Reply::json(200, json!({})).with("Date", date);
    let stub = Stub::replies(vec![answer.clone()]);
    let http = |clock_is_real| {
        let limits = Limits { total: Duration::from_secs(5), ..Limits::default() };
        let caller = Caller { clock_is_real, ..caller() };
        Http::with(&stub.origin(), &caller, String::new(), limits).unwrap()
    };
    let error = http(true).get(&["read"]).value().unwrap_err();
    let SendError::Credentials { reason, help } = &error else { panic!("{error:?}") };
    assert!(reason.contains("7 minutes behind that of 127.0.0.1") && help.contains("timedatectl"), "{reason}");
    assert!(http(true).post(&["post"]).publishes().value().is_ok());
    assert!(http(false).get(&["read"]).value().is_ok(), "a clock that was set on purpose is nobody's");
}
