//! A ledger that is walked.

use super::super::tests::Room;
use super::*;
use crate::git::Repository;
use crate::ledger::fixtures::{
    WORKSPACE, claim, failed as refused, key, now, published, retracted, uncertain, updated,
};
use crate::ledger::{DeliveryKey, Seen};

/// Two deliveries: autumn is out, winter is open; a sighting beside the claims.
pub(super) fn room() -> (Room, Repository) {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let mut ledger = room.open(&repository).unwrap();
    let seen = Seen { commit: "a".repeat(40), raw: None };
    let claims = [claim(&key("autumn"), "one"), claim(&key("winter"), "one")];
    ledger.write("Claim", &claims, &Sighting::of("CI", now(), vec![seen])).unwrap();
    ledger.append("Record", &[published(&key("autumn")), uncertain(&key("winter"), 1)]).unwrap();
    drop(ledger);
    (room, repository)
}

pub(super) fn walk(room: &Room, repository: &Repository) -> Walked {
    room.open(repository).unwrap().verify(&mut |_| Vec::new()).unwrap()
}

pub(super) fn place(key: &DeliveryKey, name: &str) -> String {
    format!("{}/{name}", folder(&key.hash(WORKSPACE)))
}

/// What is told of the flaws, those that are mended in brackets.
pub(super) fn told(walked: &Walked) -> Vec<String> {
    let told = |flaw: &Flaw| if flaw.mended { format!("({})", flaw.what) } else { flaw.what.clone() };
    walked.flaws.iter().map(told).collect()
}

#[test]
fn what_a_publisher_writes_holds() {
    let (room, repository) = room();
    let walked = walk(&room, &repository);
    let Walked { commits, entries, deliveries, open, sightings, .. } = walked;
    assert_eq!((commits, entries, deliveries, open, sightings), (3, 4, 2, 1, 1));
    assert_eq!(walked.flaws, []);
    let mut ledger = room.open(&repository).unwrap();
    let winter = key("winter");
    let more = [refused(&winter, true), claim(&winter, "two"), published(&winter), updated(&winter, "Snow")];
    for entry in more {
        ledger.append("Go on", &[entry]).unwrap();
    }
    let walked = walk(&room, &repository);
    assert_eq!((walked.entries, walked.open, told(&walked)), (8, 0, Vec::new()));
}

#[test]
fn what_was_taken_away_or_changed_is_told_with_its_commit_until_it_is_back() {
    let (room, repository) = room();
    let bytes = codec::encode(&published(&key("autumn"))).unwrap();
    let path = place(&key("autumn"), "0002-published.json");
    let gone = room.tamper(&repository, &path, None);
    let walked = walk(&room, &repository);
    assert_eq!(told(&walked)[0], "it was taken away");
    assert_eq!((&walked.flaws[0].commit, walked.flaws[0].path.as_ref()), (&gone.to_string(), Some(&path)));
    let other = codec::encode(&refused(&key("autumn"), true)).unwrap();
    room.tamper(&repository, &path, Some(&other));
    assert!(told(&walk(&room, &repository)).contains(&"its name does not say what it is and when it came".to_owned()));
    room.tamper(&repository, &path, Some(&bytes));
    let walked = walk(&room, &repository);
    assert!(walked.flaws.iter().all(|flaw| flaw.mended), "{walked:?}");
    room.tamper(&repository, "deliveries", None);
    let told = told(&walk(&room, &repository));
    assert_eq!(told.iter().filter(|told| *told == "it was taken away").count(), 5, "one of them twice");
}

#[test]
fn what_no_publisher_writes_is_told_until_it_is_gone() {
    let (autumn, winter, spring) = (key("autumn"), key("winter"), key("spring"));
    let encode = |entry: &Entry| codec::encode(entry).unwrap();
    let Entry::Failed(mut other) = refused(&winter, false) else { unreachable!() };
    other.digest = Digest::of(b"other words");
    let Entry::Updated(mut of_others) = updated(&autumn, "Snow") else { unreachable!() };
    of_others.before = Digest::of(b"other words");
    let of_others = Entry::Updated(of_others);
    let sighting =
        Sighting::of("CI two", now(), vec![Seen { commit: "b".repeat(40), raw: Some("tree".into()) }]).remove(0);
    for (path, bytes, expected) in [
        (place(&autumn, "0003-claim.json"), encode(&claim(&autumn, "two")), "the delivery was out already"),
        (place(&winter, "0004-claim.json"), encode(&claim(&winter, "two")), "its name does not say"),
        (place(&winter, "0003-failed.json"), encode(&Entry::Failed(other)), "it is the outcome of another payload"),
        (place(&autumn, "0003-updated.json"), encode(&of_others), "it is the outcome of another payload"),
        (place(&winter, "0003-updated.json"), encode(&updated(&winter, "Snow")), "nothing was out"),
        (place(&winter, "0003-claim.json"), encode(&claim(&autumn, "two")), "it is about autumn"),
        (place(&spring, "0001-published.json"), encode(&published(&spring)), "no claim stood open for it"),
        (place(&spring, "0001-claim.json"), b"{}".to_vec(), "missing field"),
        (place(&spring, "x/0001-claim.json"), encode(&claim(&spring, "one")), "it is about spring"),
        ("sightings/2026/12/x.json".to_owned(), sighting.encode().unwrap(), "it was seen at another time"),
        (sighting.path(), sighting.encode().unwrap(), "the bytes that it keeps of commit bbbbbbbbbb"),
        ("notes/x.txt".to_owned(), b"hello".to_vec(), "no publisher writes such a file"),
    ] {
        let (room, repository) = room();
        let brought = room.tamper(&repository, &path, Some(&bytes));
        let walked = walk(&room, &repository);
        assert!(told(&walked).iter().any(|told| told.starts_with(expected)), "{path} {walked:?}");
        assert!(walked.flaws.iter().all(|flaw| flaw.commit == brought.to_string()), "{walked:?}");
        room.tamper(&repository, &path, None);
        let walked = walk(&room, &repository);
        assert!(walked.flaws.iter().all(|flaw| flaw.mended), "{path} {walked:?}");
    }
}

#[test]
fn marks_that_do_not_agree_with_the_entries_are_told() {
    let (room, repository) = room();
    let mark = |post: &str| format!("open/{}", key(post).hash(WORKSPACE));
    let bytes = serde_json::to_vec(&key("winter")).unwrap();
    room.tamper(&repository, &mark("winter"), None);
    assert!(told(&walk(&room, &repository))[0].contains("nothing marks it as open"));
    room.tamper(&repository, &mark("winter"), Some(&bytes));
    room.tamper(&repository, &mark("autumn"), Some(&serde_json::to_vec(&key("autumn")).unwrap()));
    assert_eq!(told(&walk(&room, &repository)), ["it marks a delivery that is not open"]);
    room.tamper(&repository, &mark("autumn"), Some(b"rubbish"));
    assert_eq!(walk(&room, &repository).flaws.len(), 1);
}

#[test]
fn merges_and_claims_without_proof_are_told() {
    let (room, repository) = room();
    let tip = room.open(&repository).unwrap().tip();
    let tree = repository.objects.find_commit(tip).unwrap().tree_id().to_string();
    let (tip, root) = (tip.to_string(), room.root.to_string());
    let merge = ["commit-tree", &tree, "-m", "merge", "-p", &tip, "-p", &root];
    let merge = room.scene.git().run(&merge).unwrap().line();
    room.scene.git().run(&["update-ref", "refs/heads/greenlit/ledger", &merge]).unwrap();
    let mut claims = 0;
    let walked = room.open(&repository).unwrap().verify(&mut |word| {
        claims += 1;
        if matches!(word, Word::Approved(claim) if claim.key == key("winter")) {
            vec!["nobody said yes".to_owned()]
        } else {
            Vec::new()
        }
    });
    let walked = walked.unwrap();
    assert_eq!(told(&walked), ["nobody said yes", "it is a merge, and a publisher never merges"]);
    assert_eq!((claims, walked.flaws[1].commit.clone()), (2, merge));
}

#[test]
fn what_was_taken_down_is_so_once_and_on_somebodys_word() {
    let (autumn, winter, spring) = (key("autumn"), key("winter"), key("spring"));
    let (room, repository) = room();
    let mut ledger = room.open(&repository).unwrap();
    let down = [retracted(&autumn, 1), retracted(&winter, 1), retracted(&spring, 0)];
    ledger.append("Record", &down).unwrap();
    let walked = walk(&room, &repository);
    assert_eq!((told(&walked), walked.open), (Vec::new(), 0), "what is out, in doubt, and never went out");
    let mut words = Vec::new();
    let walked = ledger.verify(&mut |word| match word {
        Word::Retracted(down) => {
            words.push(down.key.clone());
            vec!["nobody asked for it".to_owned()]
        }
        Word::Approved(_) => Vec::new(),
    });
    assert_eq!((words.len(), told(&walked.unwrap()).len()), (3, 3));

    let Entry::Retracted(mut other) = retracted(&autumn, 1) else { unreachable!() };
    other.digest = Digest::of(b"other words");
    for (path, entry, expected) in [
        (place(&autumn, "0004-claim.json"), claim(&autumn, "two"), "the delivery was retracted already"),
        (place(&autumn, "0004-published.json"), published(&autumn), "the delivery was retracted already"),
        (place(&autumn, "0004-retracted.json"), retracted(&autumn, 1), "the delivery was retracted already"),
    ] {
        room.tamper(&repository, &path, Some(&codec::encode(&entry).unwrap()));
        let told = told(&walk(&room, &repository));
        assert_eq!(told.iter().filter(|told| *told == expected).count(), 1, "{path} {told:?}");
        room.tamper(&repository, &path, None);
    }
    let (room, repository) = self::room();
    room.tamper(
        &repository,
        &place(&autumn, "0003-retracted.json"),
        Some(&codec::encode(&Entry::Retracted(other)).unwrap()),
    );
    assert!(told(&walk(&room, &repository))[0].starts_with("it is the outcome of another payload"));
}
