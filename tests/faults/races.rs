//! Several publishers at once over clones of one remote, some of them killed in the middle.

use std::collections::BTreeMap;
use std::path::PathBuf;

use greenlit::ledger::{State, Store as _};

use crate::networks::Out;
use crate::office::{Desk, Office, after, key};
use crate::row::kill;

/// Posts, each to every account.
const POSTS: usize = 20;
const ACCOUNTS: [&str; 10] = [
    "bluesky/one",
    "bluesky/two",
    "bluesky/three",
    "bluesky/four",
    "bluesky/five",
    "mastodon/one",
    "mastodon/two",
    "mastodon/three",
    "mastodon/four",
    "mastodon/five",
];
/// Rounds in which publishers are killed; each is half an hour after the one before.
const KILLING: i64 = 2;
/// Rounds after which a race is given up.
const MOST_ROUNDS: i64 = 10;

/// Numbers that look like chance and are the same at every run.
struct Chance(u64);

impl Chance {
    /// splitmix64 (<https://prng.di.unimi.it/splitmix64.c>, checked 2026-11-22).
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

fn office() -> Office {
    let to = ACCOUNTS.join(", ");
    let post = |n: usize| (name(n), format!("---\nto: [{to}]\n---\n{}\n", text(n)));
    Office::open(&ACCOUNTS, &(0..POSTS).map(post).collect::<Vec<_>>())
}

fn name(n: usize) -> String {
    format!("post-{n:02}")
}

fn text(n: usize) -> String {
    // No word is in two of them: what is alike would be left to a person where a server forgets keys.
    format!("Leaf{n} falls{n} green{n}.")
}

fn place(desk: &Desk<'_>, account: &str) -> String {
    format!("{}-{account}", desk.name)
}

/// What one publisher does in one round: where it is killed, which accounts it is for.
fn fate(chance: &mut Chance, killing: bool) -> (String, Vec<&'static str>) {
    let point =
        ["claim/before-push", "claim/after-push", "send/before-request", "send/after-response", "record/before-push"];
    let point = point[chance.below(point.len())];
    let time = if point.starts_with("send") { 1 + chance.below(60) } else { 1 };
    let faults = if killing && chance.below(4) > 0 { format!("{point}=kill@{time}") } else { String::new() };
    // Half of them are for all accounts.
    let all = chance.below(2) == 0;
    let accounts = ACCOUNTS.into_iter().filter(|_| all || chance.below(3) == 0).collect();
    (faults, accounts)
}

fn race(office: &Office, publishers: usize, chance: &mut Chance) {
    let desk = office.desk(&format!("race-{publishers}"));
    let (mut kills, mut rounds) = (0, 0);
    while !all_out(&desk) {
        assert!(rounds < MOST_ROUNDS, "it does not come to an end");
        let minute = rounds * 31;
        for account in ACCOUNTS {
            office.networks.place(&place(&desk, account), |place| {
                place.forgets_keys = true;
                place.now = after(minute);
            });
        }
        let fates: Vec<_> = (0..publishers).map(|_| (desk.clone(), fate(chance, rounds < KILLING))).collect();
        let stopped: Vec<bool> = std::thread::scope(|scope| {
            let desk = &desk;
            let run = |(clone, (faults, accounts)): (PathBuf, (String, Vec<&'static str>))| {
                let accounts: Vec<_> = accounts.iter().map(|account| (*account, place(desk, account))).collect();
                desk.run(&mut desk.publish(&clone, minute, &faults, &accounts), kill).stopped
            };
            let threads: Vec<_> = fates.into_iter().map(|fate| scope.spawn(move || run(fate))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        kills += stopped.into_iter().filter(|stopped| *stopped).count();
        rounds += 1;
    }
    let mut out: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for account in ACCOUNTS {
        let texts: Vec<String> = office
            .networks
            .place(&place(&desk, account), |place| place.out.iter().map(|out| out.text.clone()).collect());
        texts.into_iter().for_each(|text| *out.entry((account, text)).or_default() += 1);
    }
    let twice: Vec<_> = out.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{publishers} publishers: out more than once: {twice:?}");
    assert_eq!(out.len(), POSTS * ACCOUNTS.len(), "{publishers} publishers");
    eprintln!("{publishers} publishers, {kills} killed, {rounds} rounds: {0} of {0}, none twice", out.len());
}

/// Whether the ledger says that everything is out, under the ids that the servers have.
fn all_out(desk: &Desk<'_>) -> bool {
    desk.read(|ledger| {
        let mut deliveries = ACCOUNTS.iter().flat_map(|account| (0..POSTS).map(move |n| (*account, n)));
        deliveries.all(|(account, n)| match ledger.state(&key(account, &name(n))).unwrap() {
            State::Published(published) => {
                let id = &published.parts[0].id;
                let is_it = |out: &Out| out.id == *id && out.text == text(n);
                assert!(desk.office.networks.place(&place(desk, account), |place| place.out.iter().any(is_it)));
                true
            }
            _ => false,
        })
    })
}

#[test]
fn however_many_race_and_die_each_delivery_is_out_once() {
    let seed = std::env::var("GREENLIT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_122);
    eprintln!("GREENLIT_SEED={seed}");
    let (office, mut chance) = (office(), Chance(seed));
    for publishers in [2, 4, 8] {
        race(&office, publishers, &mut chance);
    }
}
