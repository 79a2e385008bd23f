//! A server that misbehaves on demand: on every network each part is out once, and the message says what happened.

use std::time::Duration;

use greenlit::ledger::State;
use serde_json::json;

use crate::matrix::{adapters, can_be_asked, office, office_with};
use crate::networks::Fault;
use crate::office::after;
use crate::row::{Adapter, Row, Verdict, kill};
use crate::stub::{Reply, Stub};

/// What the server does with the second part, what the run says of it where a person reads it, and whether a client must
/// take it that nobody knows.
struct Case {
    name: &'static str,
    fault: Fault,
    says: &'static str,
    in_doubt: bool,
}

fn cases(elsewhere: &Stub) -> Vec<Case> {
    use Fault::{After, Before};
    let case = |name, fault, says, in_doubt| Case { name, fault, says, in_doubt };
    let busy =
        |header: &str, value: &str| Before(Reply::json(429, json!({ "error": "slow down" })).with(header, value));
    let soon = after(0) + chrono::TimeDelta::seconds(20);
    let location = format!("{}/elsewhere", elsewhere.origin());
    vec![
        case("cut", After(Reply::HangUp), "broke the connection off", true),
        case("error", After(Reply::json(500, json!({ "error": "oops" }))), "answered 500: oops", true),
        case("late", After(Reply::Late(Duration::from_millis(2500))), "did not answer within", true),
        // A webhook's status says it all.
        case("half-a-message", After(Reply::Cut), "broke its answer off", false),
        case("half-a-document", After(Reply::page(200, "{\"id\": \"1")), "", false),
        case("web-page", After(Reply::page(200, "<!doctype html><title>Welcome</title>")), "", false),
        case("30-megabytes", After(Reply::page(200, &"x".repeat(30 << 20))), "", false),
        case("byte-by-byte", After(Reply::Trickle), "", false),
        case("found", Before(Reply::json(302, json!({})).with("Location", &location)), "redirects to", true),
        case("moved", Before(Reply::json(307, json!({})).with("Location", &location)), "redirects to", false),
        case("busy", Before(Reply::json(429, json!({ "error": "slow down" }))), "answered 429: slow down", false),
        case("busy-seconds", busy("Retry-After", "20"), "answered 429: slow down", false),
        case("busy-date", busy("Retry-After", &soon.to_rfc2822()), "answered 429: slow down", false),
        case("busy-epoch", busy("RateLimit-Reset", &soon.timestamp().to_string()), "answered 429: slow down", false),
        case("busy-iso", busy("X-RateLimit-Reset", &soon.to_rfc3339()), "answered 429: slow down", false),
        case("busy-nonsense", busy("Retry-After", "soon"), "answered 429: slow down", false),
        case("down", Before(Reply::json(503, json!({}))), "answered 503", false),
    ]
}

#[test]
fn whatever_a_server_does_each_part_is_out_once() {
    let (office, elsewhere) = (office(), Stub::replies(vec![Reply::json(200, json!({ "id": "stolen" }))]));
    let (cases, mut rows) = (cases(&elsewhere), Vec::new());
    for adapter in adapters().into_iter().filter(|adapter| adapter.network != "outbox") {
        rows.extend(cases.iter().map(|case| (adapter, case)));
    }
    let faults: Vec<String> = std::thread::scope(|scope| {
        let chunks = rows.chunks(rows.len().div_ceil(4));
        let check = |(adapter, case): &(Adapter, &Case)| {
            let row = Row::new(&office, &format!("{}-{}", adapter.title, case.name), *adapter, "");
            let (ran, verdict) = row.served([Fault::None, case.fault.clone()].into());
            let told = format!("{}{}", ran.stdout, ran.stderr);
            let fits = match verdict {
                Verdict::Once { runs } => runs == 1 && (can_be_asked(adapter) || !case.in_doubt),
                Verdict::Uncertain { .. } => !can_be_asked(adapter) && case.in_doubt && told.contains(case.says),
                Verdict::Wrong(_) => false,
            };
            // What the network was not asked after is told while it is waited for.
            let waits = matches!(case.fault, Fault::Before(_)) && !case.in_doubt;
            let fits = fits && (!waits || told.contains(case.says));
            (!fits).then(|| format!("{} {}: {verdict:?}\n{ran}", adapter.title, case.name))
        };
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().filter_map(check).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n\n"));
    assert!(elsewhere.seen().is_empty(), "no redirect is followed");
}

#[test]
fn a_thread_whose_second_answer_is_lost_has_three_parts_in_order() {
    let office = office();
    for adapter in adapters().into_iter().filter(|adapter| adapter.network != "outbox") {
        let row = Row::new(&office, &format!("second-{}", adapter.title), adapter, "");
        let (ran, verdict) = row.served([Fault::None, Fault::After(Reply::HangUp)].into());
        let expected = match can_be_asked(&adapter) {
            true => Verdict::Once { runs: 1 },
            false => Verdict::Uncertain { parts: 2, runs: 1 },
        };
        assert_eq!(verdict, expected, "{}: {ran}", adapter.title);
    }
}

#[test]
fn a_thread_whose_answers_are_lost_until_the_run_gives_up_is_finished_by_the_next() {
    let office = office();
    for adapter in adapters().into_iter().filter(|adapter| adapter.network != "outbox") {
        let row = Row::new(&office, &format!("deaf-{}", adapter.title), adapter, "");
        row.asked(vec![Fault::Before(Reply::HangUp); 4].into());
        let (ran, verdict) = row.served([Fault::None, Fault::After(Reply::HangUp)].into());
        let expected = match can_be_asked(&adapter) {
            true => Verdict::Once { runs: 2 },
            false => Verdict::Uncertain { parts: 2, runs: 1 },
        };
        assert_eq!(verdict, expected, "{}: {ran}", adapter.title);
    }
}

/// What makes other tools send four for two: both answers are lost, nobody can be asked, and somebody runs it again.
#[test]
fn two_posts_whose_answers_are_lost_are_two_posts() {
    let office = office_with(&[("first", "First."), ("second", "Second.")]);
    for adapter in adapters().into_iter().filter(can_be_asked).filter(|adapter| adapter.network != "outbox") {
        let desk = office.desk(&format!("two-{}", adapter.title));
        let accounts = [(adapter.account, office.networks.secret(adapter.network, &desk.name))];
        office.networks.place(&desk.name, |place| {
            place.forgets_keys = adapter.forgets_keys;
            place.posting = vec![Fault::After(Reply::HangUp); 2].into();
            place.asking = vec![Fault::Before(Reply::HangUp); 8].into();
        });
        for minute in [0, 31, 62] {
            office.networks.place(&desk.name, |place| place.now = after(minute));
            desk.run(&mut desk.publish(&desk.clone(), minute, "", &accounts), kill);
        }
        let mut texts: Vec<String> =
            office.networks.place(&desk.name, |place| place.out.iter().map(|out| out.text.clone()).collect());
        texts.sort();
        assert_eq!(texts, ["First.", "Second."], "{}", adapter.title);
        for post in ["first", "second"] {
            assert!(matches!(desk.state(adapter.account, post), State::Published(_)), "{}", adapter.title);
        }
    }
}
