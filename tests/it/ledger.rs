//! What the ledger is, and whether all of it is true.

use super::newsroom::Newsroom;
use super::publish::{tamper, with_hello};

#[test]
fn what_was_published_holds_and_a_forged_claim_does_not() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds();
    runner
        .greenlit(["ledger"])
        .succeeds()
        .shows("4 entries of 2 deliveries")
        .shows("witness")
        .shows("open     nothing");
    let report = runner.greenlit(["ledger", "--format", "json"]).succeeds().json();
    assert_eq!((&report["witness"], &report["deliveries"]), (&report["tip"], &2.into()));
    runner
        .greenlit(["ledger", "verify"])
        .succeeds()
        .shows("The ledger holds")
        .shows("4 entries of 2 deliveries (0 open)");

    forge(&newsroom);
    let runner = newsroom.runner();
    let said = runner.greenlit(["ledger", "verify", "--fetch"]);
    said.exits(3).shows("the delivery was out already").shows("this clone does not have it").shows("findings in");
    said.shows("which is not on main");
    let report = runner.greenlit(["ledger", "verify", "--format", "json"]).exits(3).json();
    assert_eq!((&report["holds"], &report["findings"][0]["mended"]), (&false.into(), &false.into()));
}

/// Somebody with push rights claims what is out once more, on the word of commits that do not exist.
fn forge(newsroom: &Newsroom) {
    tamper(newsroom, |mallory| {
        let list = mallory.git(["ls-files", "deliveries"]);
        let claim = list.lines().find(|path| path.ends_with("0001-claim.json")).expect("a claim");
        let mut forged: serde_json::Value = serde_json::from_str(&mallory.read(claim)).expect("JSON");
        forged["approvals"] = serde_json::json!(["1".repeat(40)]);
        forged["trusted"] = "2".repeat(40).into();
        let text = serde_json::to_string_pretty(&forged).expect("JSON");
        mallory.write(&claim.replace("0001", "0003"), format!("{text}\n"));
    });
}
