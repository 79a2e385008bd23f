use std::net::IpAddr;

use super::super::stub::{Reply, Stub};
use super::*;

/// Asks servers of this machine, without long pauses.
fn links() -> Links {
    let limit = Duration::from_secs(5);
    let guard = Guard::behind(|ip| ip.is_loopback(), std::iter::empty());
    Links { guard, limit, for_a_host: FOR_A_HOST, pause: Duration::from_millis(1), again: 2 }
}

fn ask(stub: &Stub, path: &str) -> Verdict {
    links().ask(&[format!("{}{path}", stub.origin())]).remove(0)
}

fn status(status: u16) -> Reply {
    Reply::page(status, "")
}

#[test]
fn a_page_that_is_there_is_fine_and_one_that_is_not_is_gone() {
    let stub = Stub::start(|seen| match seen.path() {
        "/fine" => status(200),
        "/gone" => status(410),
        "/head" if seen.method == "HEAD" => status(405),
        "/head" => status(200),
        "/shy" => status(403),
        _ => status(404),
    });
    assert_eq!(ask(&stub, "/fine"), Verdict::Fine);
    assert_eq!(stub.seen().iter().map(|seen| seen.method.as_str()).collect::<Vec<_>>(), ["HEAD"]);
    assert_eq!(ask(&stub, "/gone"), Verdict::Gone { status: 410 });
    assert_eq!(ask(&stub, "/nothing"), Verdict::Gone { status: 404 });
    assert_eq!(ask(&stub, "/head"), Verdict::Fine, "GET is tried where HEAD is refused");
    assert_eq!(ask(&stub, "/shy"), Verdict::Unsure { why: "it answers 403".to_owned() });
}

#[test]
fn what_moved_for_good_is_told_and_what_moved_for_now_is_fine() {
    let stub = Stub::start(|seen| match seen.path() {
        "/old" => status(301).with("Location", "/older"),
        "/older" => status(308).with("Location", "/new"),
        "/today" => status(302).with("Location", "/new"),
        "/round" => status(301).with("Location", "/round"),
        "/away" => status(301).with("Location", "ftp://files.example/x"),
        _ => status(200),
    });
    assert_eq!(ask(&stub, "/old"), Verdict::Moved { to: format!("{}/new", stub.origin()) });
    assert_eq!(ask(&stub, "/today"), Verdict::Fine);
    assert!(matches!(ask(&stub, "/round"), Verdict::Dead { why } if why.contains("redirects")));
    assert!(matches!(ask(&stub, "/away"), Verdict::Dead { why } if why.contains("no web page")));
}

#[test]
fn a_place_in_a_page_is_looked_for() {
    let stub = Stub::start(|seen| match seen.path() {
        "/file" => Reply::json(200, serde_json::json!({})),
        _ => Reply::page(200, "<h2 id=\"pricing\">Prices</h2>"),
    });
    assert_eq!(ask(&stub, "/#pricing"), Verdict::Fine);
    assert_eq!(ask(&stub, "/#prices"), Verdict::NoPlace);
    assert_eq!(ask(&stub, "/file#prices"), Verdict::Fine, "what is no page has no places");
    assert_eq!(ask(&stub, "/#:~:text=nothing"), Verdict::Fine);
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_not_called_dead() {
    let mut left = 2;
    let stub = Stub::start(move |_| {
        left -= 1;
        if left >= 0 { status(503).with("Retry-After", "0") } else { status(200) }
    });
    assert_eq!(ask(&stub, "/"), Verdict::Fine);
    let stub = Stub::replies(vec![status(503)]);
    assert_eq!(ask(&stub, "/"), Verdict::Unsure { why: "it answers 503".to_owned() });
    let stub = Stub::replies(vec![status(429).with("Retry-After", "3600")]);
    assert_eq!(ask(&stub, "/"), Verdict::Unsure { why: "it answers 429".to_owned() });
    assert_eq!(stub.seen().len(), 2, "HEAD and GET: nobody waits an hour");
    let stub = Stub::replies(vec![Reply::HangUp]);
    assert!(matches!(ask(&stub, "/"), Verdict::Dead { .. }));
}

#[test]
fn nobody_is_led_into_a_private_network() {
    let stub = Stub::replies(vec![status(200)]);
    let port = stub.origin().rsplit(':').next().unwrap().to_owned();
    let addresses = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
    ];
    for (address, verdict) in addresses.iter().zip(Links::default().ask(&addresses)) {
        assert!(matches!(verdict, Verdict::Private { .. }), "{address}: {verdict:?}");
    }
    assert_eq!(stub.seen().len(), 0, "nothing was asked");
}

/// The address that a name has when it is connected to may be another one than it had before.
#[test]
fn a_name_is_connected_to_only_where_it_may_lead() {
    let stub = Stub::replies(vec![status(200)]);
    let address = stub.origin().replace("127.0.0.1", "localhost");
    let asks = |guard| Links { guard, ..links() }.client().unwrap().get(&address).send();
    let proxies = |proxy: &str| Guard::behind(|_| false, std::iter::once(proxy.to_owned()));
    assert!(asks(Guard::behind(|_| false, std::iter::empty())).is_err());
    assert!(asks(proxies("http://proxy.example:3128")).is_err());
    assert_eq!(stub.seen().len(), 0, "nobody was asked");
    for proxy in ["http://noor:x@LOCALHOST:3128", "localhost:3128", "localhost"] {
        assert!(asks(proxies(proxy)).is_ok(), "{proxy} may be asked: whoever runs this machine says so");
    }
}

#[test]
fn a_host_that_takes_long_is_not_asked_for_ever() {
    let stub = Stub::replies(vec![Reply::Late(Duration::from_millis(500))]);
    let links = Links { for_a_host: Duration::from_millis(400), ..links() };
    let addresses = [1, 2, 3].map(|n| format!("{}/{n}", stub.origin()));
    let verdicts = links.ask(&addresses);
    assert_eq!(verdicts[0], Verdict::Fine);
    assert!(verdicts[1..].iter().all(|verdict| matches!(verdict, Verdict::Unsure { .. })), "{verdicts:?}");
    assert_eq!(stub.seen().len(), 1);
}

#[test]
fn a_redirect_leads_nowhere_that_the_address_itself_may_not() {
    let inner = Stub::replies(vec![status(200)]);
    let target = inner.origin().replace("127.0.0.1", "127.0.0.2");
    let outer = Stub::replies(vec![status(302).with("Location", &target)]);
    let links = Links { guard: Guard::new(|ip| ip == IpAddr::from([127, 0, 0, 1])), ..links() };
    let verdict = links.ask(&[outer.origin()]).remove(0);
    assert!(matches!(verdict, Verdict::Private { .. }), "{verdict:?}");
    assert_eq!(inner.seen().len(), 0);
}

#[test]
fn names_and_passwords_stay_at_home() {
    let stub = Stub::replies(vec![status(200)]);
    let address = stub.origin().replace("http://", "http://noor:hunter2@");
    assert_eq!(links().ask(&[address]), [Verdict::Fine]);
    assert_eq!(stub.seen()[0].header("authorization"), None);
    assert_eq!(stub.seen()[0].header("cookie"), None);
}

#[test]
fn many_are_asked_side_by_side_and_answered_in_order() {
    let stub = Stub::start(|seen| status(if seen.path().ends_with('3') { 404 } else { 200 }));
    let addresses: Vec<String> = (0..40).map(|n| format!("{}/{n}", stub.origin())).collect();
    for (n, verdict) in links().ask(&addresses).into_iter().enumerate() {
        assert_eq!(verdict == Verdict::Fine, n % 10 != 3, "{n}: {verdict:?}");
    }
    assert_eq!(links().ask(&[]), []);
}

#[test]
fn what_was_fine_is_remembered_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let now: chrono::DateTime<chrono::Utc> = "2026-11-28T09:00:00Z".parse().unwrap();
    let at = |hours| Memory::of(Some(folder.path()), now + chrono::TimeDelta::hours(hours));
    let mut memory = at(0);
    assert!(!memory.knows("https://acme.example/"));
    memory.learn("https://acme.example/");
    memory.keep();
    assert!(at(23).knows("https://acme.example/") && !at(24).knows("https://acme.example/"));
    assert!(!at(-1).knows("https://acme.example/"), "a clock that goes back knows nothing");
    std::fs::write(folder.path().join("links.json"), "rubbish").unwrap();
    assert!(!at(1).knows("https://acme.example/"));
}
