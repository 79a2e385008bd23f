//! Every network's adapter × every failpoint × every kind of fault.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenlit::network;
use greenlit::render::Reconcile;

use crate::office::Office;
use crate::renewal::compare;
use crate::row::{Adapter, Kind, Place, Row, Story, THREAD, Verdict};

pub const KINDS: [Kind; 3] = [Kind::Killed, Kind::Failed, Kind::Hung];

/// Rows that are run side by side: much of a row is waiting.
const THREADS: usize = 3;

/// The adapters of the registry; Mastodon twice, because not all servers that speak its language keep keys.
pub fn adapters() -> Vec<Adapter> {
    let adapter = |network: &'static str| {
        let named = |title, account| Adapter { title, account, network, forgets_keys: account == "mastodon/keyless" };
        match network {
            "bluesky" => vec![named("Bluesky", "bluesky/acme")],
            "mastodon" => vec![named("Mastodon", "mastodon/acme"), named("GoToSocial", "mastodon/keyless")],
            "outbox" => vec![named("Outbox", "outbox/site")],
            "webhook" => vec![named("Webhook", "webhook/make")],
            other => panic!("the matrix does not know {other}: give it a server in tests/stub/networks.rs"),
        }
    };
    network::all().iter().flat_map(|network| adapter(network.capability().network)).collect()
}

fn places() -> Vec<Place> {
    let once = |point| Place { point, time: 1 };
    let each = |point| (1..=THREAD.texts.len()).map(move |time| Place { point, time });
    let mut places: Vec<Place> = ["claim/before-commit", "claim/before-push", "claim/after-push"].map(once).into();
    places.extend(each("send/before-request").zip(each("send/after-response")).flat_map(|(a, b)| [a, b]));
    places.extend(["record/before-commit", "record/before-push", "record/after-push", "find/before-request"].map(once));
    places
}

/// One with the thread, for all adapters.
pub fn office() -> Office {
    office_with(&[(THREAD.post, &THREAD.texts.join("\n\n---\n\n"))])
}

/// One with these posts, name and text, for all adapters.
pub fn office_with(posts: &[(&str, &str)]) -> Office {
    let to: Vec<&str> = adapters().iter().map(|adapter| adapter.account).collect();
    let text = |text: &str| format!("---\nto: [{}]\n---\n{text}\n", to.join(", "));
    let posts: Vec<_> = posts.iter().map(|(name, words)| ((*name).to_owned(), text(words))).collect();
    // An outbox has no server; the newsroom has one from the beginning.
    let others: Vec<&str> = to.iter().copied().filter(|account| !account.starts_with("outbox/")).collect();
    Office::open(&others, &posts)
}

/// The verdict on each, in order.
fn run(office: &Office, rows: &[(Adapter, Place, Kind)], guard: &str) -> Vec<Verdict> {
    side_by_side(rows, |(adapter, place, kind)| {
        let name = format!("{}-{}-{}-{kind:?}", adapter.title, place.point.replace('/', "-"), place.time);
        let name = format!("{}{name}", guard.split('=').next().unwrap_or_default());
        Row::new(office, &name, *adapter, guard).verdict(*place, *kind)
    })
}

/// The verdict on each row, in order.
pub fn side_by_side<R: Sync>(rows: &[R], verdict: impl Fn(&R) -> Verdict + Sync) -> Vec<Verdict> {
    let (next, verdicts) = (AtomicUsize::new(0), Mutex::new(vec![None; rows.len()]));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(row) = rows.get(at) else { return };
                    let verdict = verdict(row);
                    verdicts.lock().unwrap()[at] = Some(verdict);
                }
            });
        }
    });
    verdicts.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

#[test]
fn whatever_breaks_each_part_is_out_once() {
    let office = office();
    let mut rows = Vec::new();
    for adapter in adapters() {
        for place in places() {
            rows.extend(KINDS.map(|kind| (adapter, place, kind)));
        }
    }
    let verdicts = run(&office, &rows, "");
    let mut faults = Vec::new();
    for ((adapter, place, kind), verdict) in rows.iter().zip(&verdicts) {
        let fault = match verdict {
            Verdict::Wrong(why) => why,
            Verdict::Uncertain { .. } if can_be_asked(adapter) => "it stays uncertain",
            _ => continue,
        };
        faults.push(format!("{} {}@{} {kind:?}: {fault}", adapter.title, place.point, place.time));
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n\n"));
    compare("docs/faults.md", &table(&rows, &verdicts));
}

/// A run is killed when the server has two parts of three and the ledger knows of none.
const HALF_WAY: Place = Place { point: "send/after-response", time: 2 };

/// The adapters whose row fails where a guard is left out.
fn fail_without(guard: &str) -> Vec<&'static str> {
    let office = office();
    let rows: Vec<_> = adapters().into_iter().map(|adapter| (adapter, HALF_WAY, Kind::Killed)).collect();
    let verdicts = run(&office, &rows, guard);
    let failed = rows.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Wrong(_)));
    failed.map(|((adapter, ..), _)| adapter.title).collect()
}

/// What is left has other guards: Mastodon its key, an outbox the file's name.
#[test]
fn without_the_claim_the_matrix_fails() {
    assert_eq!(fail_without("claim=skip"), ["Bluesky", "GoToSocial", "Webhook"]);
}

/// What is left sends the same under the same id or key, and the server takes it for one.
#[test]
fn without_the_asking_the_matrix_fails() {
    assert_eq!(fail_without("asking=skip"), ["GoToSocial", "Webhook"]);
}

/// The head of docs/faults.md.
const INTRODUCTION: &str = "\
# What happens when it breaks

Made by `cargo test --features failpoints --test faults`, which runs all of it.

A thread of three parts is published. At one step of the way the run is **killed** (SIGKILL), the step **fails** (a full
disk, a lost answer), or it **hangs**: the server says nothing until the client has had enough; where there is no server,
the machine sleeps for longer than the claim holds, and another run goes to work meanwhile. Then `greenlit publish` is run
again, each time in a fresh clone and half an hour later, until nothing changes. While a killed run's claim holds, no other
run touches what it claimed.

*once*: the server has each part once and in order, and the ledger names the ids that the server has. *k of 3, uncertain*:
the network cannot be asked; k parts are out, none twice, the rest is not sent, and `greenlit status` says so. Behind it
the number of runs that it took, all told. [When a request breaks](faults-by-request.md) is about pictures, logging in,
taking down and changing.

";

/// Whether the network can say afterwards what it has.
pub fn can_be_asked(adapter: &Adapter) -> bool {
    network::named(adapter.network).is_some_and(|network| network.capability().reconcile != Reconcile::None)
}

fn table(rows: &[(Adapter, Place, Kind)], verdicts: &[Verdict]) -> String {
    let once = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Once { .. })).count();
    let counts = format!(
        "{} rows: {once} once, {} at most once and uncertain, 0 twice, 0 lost.\n",
        rows.len(),
        rows.len() - once
    );
    let mut text = INTRODUCTION.to_owned() + &counts;
    for adapter in adapters() {
        let how = match (can_be_asked(&adapter), adapter.forgets_keys) {
            (false, _) => " (cannot be asked)",
            (true, true) => " (Mastodon's language, without its keys: found among the account's own posts)",
            (true, false) => "",
        };
        text +=
            &format!("\n## {}{how}\n\n| step | killed | failed | hung |\n| --- | --- | --- | --- |\n", adapter.title);
        for place in places() {
            let cells = KINDS.map(|kind| {
                let at = rows.iter().position(|row| *row == (adapter, place, kind)).unwrap();
                cell(&verdicts[at], &THREAD)
            });
            let part = if place.point.starts_with("send") { format!(", part {}", place.time) } else { String::new() };
            text += &format!("| `{}`{part} | {} |\n", place.point, cells.join(" | "));
        }
    }
    text
}

pub fn cell(verdict: &Verdict, story: &Story) -> String {
    match verdict {
        Verdict::Once { runs: 1 } => "once, 1 run".to_owned(),
        Verdict::Once { runs } => format!("once, {runs} runs"),
        Verdict::Uncertain { parts, runs } => {
            let (of, s) = (story.texts.len(), if *runs == 1 { "" } else { "s" });
            format!("{parts} of {of}, uncertain, {runs} run{s}")
        }
        Verdict::Wrong(_) => "wrong".to_owned(),
    }
}
