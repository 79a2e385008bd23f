//! `greenlit prove`: who approved what went out, under which rules, when and where.

use crate::newsroom::{Newsroom, Said};

/// A newsroom in which `prices` is out, with the yes of an editor and of legal.
fn published() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let post = "---\nto: [outbox/site]\ntitle: New prices\nlabels: [pricing]\n---\nUp by 3 %.\n";
    maya.write("posts/prices.md", post).commit("Write of prices").push();
    newsroom.as_person("noor").greenlit(["approve", "prices"]).succeeds();
    newsroom.as_person("tess").greenlit(["approve", "prices"]).succeeds();
    newsroom.runner().greenlit(["publish"]).succeeds();
    newsroom
}

fn prove(newsroom: &Newsroom, arguments: &[&str]) -> Said {
    let lawyer = newsroom.as_person("li");
    lawyer.git(["fetch", "-q"]);
    lawyer.greenlit([&["prove"], arguments].concat())
}

#[test]
fn what_went_out_is_proved_to_a_lawyer_and_to_a_program() {
    let newsroom = published();
    let said = prove(&newsroom, &["prices"]);
    said.exits(0)
        .shows("Proof of prices → outbox/site")
        .shows("Monday, 30 November 2026 at 10:00:00 (UTC+01:00)")
        .shows("│ Up by 3 %.")
        .shows("Noor Haddad (noor) for editor")
        .shows("Tess Okafor (tess) for legal")
        .shows("signed with the SSH key SHA256:")
        .shows("the pinned start is commit")
        .shows("Proved: every check holds.");
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);

    let report = prove(&newsroom, &["prices", "--format", "json"]).succeeds().json();
    let schema = newsroom.as_person("li").greenlit(["schema", "prove"]).succeeds().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.iter_errors(&report).next().is_none(), "{report:#}");
    assert_eq!(report["proved"], true);
    let proof = &report["deliveries"][0];
    let approval = &proof["approvals"][0];
    let object = approval["object"].as_str().unwrap();
    let hash = newsroom.as_person("li").object("commit", object.as_bytes());
    assert_eq!(approval["commit"], hash.trim(), "the object is the commit, byte for byte");
    assert!(object.contains(proof["digest"].as_str().unwrap()), "it names exactly what went out");

    let id = proof["published"]["parts"][0]["url"].as_str().or(proof["published"]["parts"][0]["id"].as_str()).unwrap();
    prove(&newsroom, &[id]).exits(0).shows("Proof of prices → outbox/site");
}

#[test]
fn what_nobody_approved_is_not_proved() {
    let newsroom = published();
    // The branch with the decisions is gone, and with it what the publisher relied on.
    let li = newsroom.as_person("li");
    li.git(["push", "-q", "origin", ":greenlit/approvals"]);
    li.git(["fetch", "-q", "--prune"]);
    li.greenlit(["prove", "prices"]).exits(3).shows("Not proved").shows("says yes to exactly this: this");
    let report = li.greenlit(["prove", "prices", "--format", "json"]).json();
    assert_eq!(report["proved"], false);
}

#[test]
fn what_never_went_out_has_no_proof() {
    let newsroom = published();
    newsroom.as_person("maya").write("posts/later.md", "---\nto: [outbox/site]\n---\nLater.\n").commit("Later").push();
    prove(&newsroom, &["later"]).exits(1).complains("nothing of later was ever sent");
    prove(&newsroom, &["https://elsewhere.example/1"]).exits(1).complains("greenlit status --all");
}
