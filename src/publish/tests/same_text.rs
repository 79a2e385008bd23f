//! Two publishers, two posts, one text.

use super::*;
use crate::ledger::fixtures::{claim, key, published};

/// What becomes of autumn, while another publisher took on another post between its plan and its claim.
fn autumn_after(meanwhile: &[Entry], texts: &[&str], repeats: &[&str]) -> (Newsroom, Outcome) {
    let mut room = Newsroom::with(&[("autumn", "bluesky/acme", texts)]);
    room.payloads[0].repeats = repeats.iter().map(|post| key(post).post).collect();
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    room.remote.push(meanwhile);
    let outcome = room.publish_with(&plan, &mut store, "ci-1").unwrap();
    (room, outcome)
}

#[test]
fn what_another_publisher_took_on_meanwhile_is_not_said_again() {
    let winter = key("winter");
    for meanwhile in [vec![claim(&winter, "ci-2")], vec![claim(&winter, "ci-2"), published(&winter)]] {
        let (room, outcome) = autumn_after(&meanwhile, &["Autumn is here"], &[]);
        let Ending::NotTried { reason, .. } = only(&outcome) else { panic!("{outcome:#?}") };
        assert!(reason.contains("winter") && room.fake.out().is_empty(), "{outcome:#?}");
        assert_eq!(room.remote.entries().len(), meanwhile.len(), "nothing was claimed");
    }
}

#[test]
fn other_words_and_a_knowing_repetition_go_out_all_the_same() {
    let meanwhile = [claim(&key("winter"), "ci-2")];
    for (text, repeats) in [("Autumn was here", &[][..]), ("Autumn is here", &["winter"])] {
        let (room, outcome) = autumn_after(&meanwhile, &[text], repeats);
        assert!(outcome.fine(), "{outcome:#?}");
        room.assert_all_out_once(text);
    }
}
