//! How a busy network is waited for.

use super::*;

/// When a run ends that meets a server which is busy three times.
fn ends(runner: &str) -> chrono::TimeDelta {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"])]);
    room.fake.answers([Answer::Busy(None), Answer::Busy(None), Answer::Busy(None)]);
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    assert!(room.publish_with(&plan, &mut store, runner).unwrap().fine());
    room.clock.now() - now()
}

#[test]
fn runs_that_were_turned_away_together_do_not_come_back_together() {
    let times: Vec<_> = ["ci-1", "ci-2", "ci-3", "ci-4"].map(ends).to_vec();
    assert!(times.iter().all(|time| (7_000..=10_500).contains(&time.num_milliseconds())), "{times:?}");
    assert!(times.windows(2).any(|pair| pair[0] != pair[1]), "{times:?}");
    assert_eq!(ends("ci-1"), times[0], "and each can be told again");
}

#[test]
fn before_the_claim_an_account_that_asks_for_long_is_left_alone_and_says_until_when() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("autumn", "mastodon/acme", &["hello"])]);
    let busy = SendError::NotSent { reason: "429".to_owned(), retry_at: Some(now() + Duration::from_secs(3600)) };
    room.fake.door("bluesky/acme", Some(busy));
    let outcome = room.publish();
    let Ending::NotTried { help, .. } = &outcome.ended[0].ending else { panic!("{outcome:#?}") };
    assert!(help.contains("until 2026-12-01 10:00:00 UTC"), "{help}");
    assert!(matches!(outcome.ended[1].ending, Ending::Published { .. }), "the others go on");
    assert_eq!(room.clock.now(), now(), "and nobody waits for it");
}
