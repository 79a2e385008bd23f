use super::*;
use crate::git::remote::{WITNESS, seen_at};
use crate::git::testing::Scene;
use crate::ledger::fixtures::{
    WORKSPACE, claim, failed as refused, key, now, published, retracted, uncertain, updated,
};
use crate::ledger::{State, codec, fold};

/// A workspace with a ledger that was begun and pinned.
pub(super) struct Room {
    pub scene: Scene,
    pub root: ObjectId,
}

impl Room {
    pub fn local() -> Self {
        let scene = Scene::new();
        scene.commit("x", "0");
        scene.git().run(&["remote", "remove", "origin"]).unwrap();
        let root = scene.open().0.begin_ledger(WORKSPACE, now()).unwrap();
        Self { scene, root }
    }

    pub fn shared() -> Self {
        let scene = Scene::new();
        scene.commit("x", "0");
        scene.push("main");
        let root = scene.open().0.begin_ledger(WORKSPACE, now()).unwrap();
        Self { scene, root }
    }

    /// Another clone of the remote.
    pub fn clone(&self, name: &str) -> Repository {
        let folder = self.scene.folder.path().join(name);
        let (remote, path) = (self.scene.remote.to_str().unwrap(), folder.to_str().unwrap());
        self.scene.git().run(&["clone", "-q", remote, path]).unwrap();
        std::fs::write(folder.join("greenlit.toml"), "version = 1\n").unwrap();
        Repository::open(&folder).unwrap().with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1")
    }

    pub fn open<'r>(&self, repository: &'r Repository) -> Result<GitLedger<'r>, StoreError> {
        let branches = repository.branches("main", "origin").unwrap();
        GitLedger::open(repository, &branches, WORKSPACE, Some(&self.root.to_string()), now())
    }

    /// Puts one of the remote's refs where somebody with push rights wants it; nothing: takes it away.
    pub fn force(&self, to: &str, name: &str) {
        self.scene.git().run(&["push", "-q", self.scene.remote.to_str().unwrap(), &format!("+{to}:{name}")]).unwrap();
    }

    /// Where the remote's ref stands.
    pub fn remote_ref(&self, name: &str) -> Option<ObjectId> {
        let remote = self.scene.remote.to_str().unwrap();
        let listed = self.scene.git().run(&["ls-remote", remote, name]).unwrap().line();
        listed.split_whitespace().next().map(|id| id.parse().unwrap())
    }

    /// Puts the remote's ledger back to its first commit.
    fn roll_back(&self) {
        self.force(&self.root.to_string(), &format!("refs/heads/{LEDGER}"));
    }

    /// Commits whatever somebody with push rights might put there, on top of the tip.
    pub fn tamper(&self, repository: &Repository, path: &str, bytes: Option<&[u8]>) -> ObjectId {
        let tip = self.open(repository).unwrap().tip();
        let change = [(path.to_owned(), bytes.map(<[u8]>::to_vec))];
        let commit = repository.ledger_step(Some(tip), &change, "tamper", now()).unwrap();
        assert!(repository.move_branch(LEDGER, Some(tip), commit, "tamper").unwrap());
        commit
    }
}

pub(super) fn reason(result: Result<GitLedger<'_>, StoreError>) -> String {
    match result {
        Err(StoreError::Untrusted { reason, help }) => {
            assert!(!help.is_empty());
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_entry_has_the_commit_that_brought_it_and_every_address_its_delivery() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let mut ledger = room.open(&repository).unwrap();
    let (autumn, winter) = (key("autumn"), key("winter"));
    let mut append = |entries: &[Entry]| match ledger.append("Record", entries) {
        Ok(Appended::Done(commit)) => commit,
        other => panic!("{other:?}"),
    };
    let first = append(&[claim(&autumn, "one"), claim(&winter, "one")]);
    let second = append(&[published(&autumn)]);
    let written = ledger.written(&autumn).unwrap();
    let whence: Vec<_> =
        written.iter().map(|one| (one.commit.to_string(), one.path.rsplit('/').next().unwrap())).collect();
    assert_eq!(whence, [(first, "0001-claim.json"), (second, "0002-published.json")]);
    let Entry::Published(out) = &written[1].entry else { panic!("{written:?}") };
    assert_eq!(ledger.published_as(&out.parts[0].id).unwrap(), std::slice::from_ref(&autumn));
    assert_eq!(ledger.published_as("autumn").unwrap(), [autumn]);
    assert!(ledger.published_as("https://elsewhere.example/1").unwrap().is_empty());
}

#[test]
fn a_delivery_is_written_and_read_back() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let mut ledger = room.open(&repository).unwrap();
    let (autumn, winter) = (key("autumn"), key("winter"));
    assert!(ledger.entries(&autumn).unwrap().is_empty());
    let claims = [claim(&autumn, "one"), claim(&winter, "one")];
    assert!(matches!(ledger.append("Claim 2 deliveries", &claims), Ok(Appended::Done(_))));
    assert_eq!(ledger.open().unwrap().keys, [autumn.clone(), winter.clone()]);
    ledger.append("Record", &[published(&autumn), uncertain(&winter, 1)]).unwrap();
    assert_eq!(ledger.open().unwrap().keys, std::slice::from_ref(&winter), "what is uncertain stays open");
    ledger.append("Record", &[refused(&winter, false)]).unwrap();
    assert!(ledger.open().unwrap().keys.is_empty());

    let again = room.open(&repository).unwrap();
    assert_eq!(again.entries(&autumn).unwrap(), [claim(&autumn, "one"), published(&autumn)]);
    assert!(matches!(fold(again.entries(&winter).unwrap()), State::Failed(_)));
    let files = room.scene.git().run(&["ls-tree", "-r", "--name-only", LEDGER]).unwrap().line();
    let hash = autumn.hash(WORKSPACE);
    for file in ["0001-claim.json", "0002-published.json"] {
        assert!(files.contains(&format!("deliveries/{}/{hash}/{file}", &hash[..2])), "{files}");
    }
    assert!(files.contains("README.md") && !files.contains("open/"), "{files}");
    let log = room.scene.git().run(&["log", "--format=%s %ct", LEDGER]).unwrap().line();
    assert_eq!(log.lines().nth(2).unwrap(), format!("Claim 2 deliveries {}", now().timestamp()));
    room.scene.git().run(&["fsck", "--strict"]).unwrap();
}

#[test]
fn the_first_run_after_init_pushes_the_ledger_and_a_fresh_clone_reads_it() {
    let room = Room::shared();
    let (here, _) = room.scene.open();
    room.open(&here).unwrap().append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
    let there = room.clone("fresh");
    let ledger = room.open(&there).unwrap();
    assert_eq!(ledger.entries(&key("autumn")).unwrap().len(), 1);
    assert_eq!(here.local_tip(LEDGER).unwrap(), Some(ledger.tip()), "the local branch came along");
}

#[test]
fn of_two_publishers_one_is_told_to_look_again() {
    let room = Room::shared();
    let (here, _) = room.scene.open();
    room.open(&here).unwrap().append("Claim", &[claim(&key("winter"), "one")]).unwrap();
    let there = room.clone("there");
    let (mut one, mut two) = (room.open(&here).unwrap(), room.open(&there).unwrap());
    let autumn = key("autumn");
    assert!(matches!(one.append("Claim", &[claim(&autumn, "one")]), Ok(Appended::Done(_))));
    assert_eq!(two.append("Claim", &[claim(&autumn, "two")]).unwrap(), Appended::Raced);
    assert!(two.entries(&autumn).unwrap().is_empty());
    two.refresh().unwrap();
    assert_eq!(two.entries(&autumn).unwrap(), [claim(&autumn, "one")]);
    two.append("Record", &[published(&autumn)]).unwrap();
    assert_eq!(one.append("Record", &[uncertain(&autumn, 1)]).unwrap(), Appended::Raced);
}

#[test]
fn without_a_remote_the_branch_itself_is_compared_and_swapped() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let (mut one, mut two) = (room.open(&repository).unwrap(), room.open(&repository).unwrap());
    assert!(matches!(one.append("Claim", &[claim(&key("autumn"), "one")]), Ok(Appended::Done(_))));
    assert_eq!(two.append("Claim", &[claim(&key("autumn"), "two")]).unwrap(), Appended::Raced);
    two.refresh().unwrap();
    assert_eq!(two.entries(&key("autumn")).unwrap().len(), 1);
}

#[test]
fn a_ledger_that_is_gone_or_another_one_is_not_trusted() {
    let room = Room::local();
    let (repository, branches) = room.scene.open();
    let none = GitLedger::open(&repository, &branches, WORKSPACE, None, now());
    assert!(reason(none).contains("does not say"));
    let short = GitLedger::open(&repository, &branches, WORKSPACE, Some(&room.root.to_string()[..12]), now());
    assert!(reason(short).contains("is no commit"));
    room.scene.git().run(&["branch", "-D", LEDGER]).unwrap();
    assert!(reason(room.open(&repository)).contains("there is no branch"));
    // Somebody begins it anew: nothing was ever published, it says.
    let anew = repository.begin_ledger("another workspace", now()).unwrap();
    assert_ne!(anew, room.root);
    assert!(reason(room.open(&repository)).contains("does not begin with"));
}

#[test]
fn a_ledger_that_was_rolled_back_stops_the_run() {
    let room = Room::shared();
    let (here, _) = room.scene.open();
    let mut ledger = room.open(&here).unwrap();
    ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
    ledger.append("Record", &[published(&key("autumn"))]).unwrap();
    room.roll_back();
    assert!(matches!(ledger.refresh(), Err(StoreError::Untrusted { .. })));
}

#[test]
fn a_clone_that_knows_more_than_the_remote_keeps_its_word() {
    let room = Room::shared();
    let (here, _) = room.scene.open();
    let mut ledger = room.open(&here).unwrap();
    ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
    // Rolled back, where there is no witness, and this clone was told so by git itself.
    room.roll_back();
    room.force("", WITNESS);
    room.scene.git().run(&["update-ref", "-d", &seen_at("origin", WITNESS)]).unwrap();
    room.scene
        .git()
        .run(&["fetch", "-q", "origin", &format!("+refs/heads/{LEDGER}:refs/remotes/origin/{LEDGER}")])
        .unwrap();
    assert_eq!(room.open(&here).unwrap().entries(&key("autumn")).unwrap().len(), 1);
    // And where the two have gone different ways, nobody guesses.
    let there = room.clone("there");
    room.open(&there).unwrap().append("Claim", &[claim(&key("winter"), "two")]).unwrap();
    let branches = here.branches("main", "origin").unwrap();
    here.fetch(&branches).unwrap();
    assert!(reason(room.open(&here)).contains("different ways"));
}

#[test]
fn a_malformed_file_stops_its_own_delivery_only() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let (autumn, winter) = (key("autumn"), key("winter"));
    let claims = [claim(&autumn, "one"), claim(&winter, "one")];
    room.open(&repository).unwrap().append("Claim", &claims).unwrap();
    let folder = tree::folder(&autumn.hash(WORKSPACE));
    let good = crate::ledger::codec::encode(&published(&autumn)).unwrap();
    let other = crate::ledger::codec::encode(&published(&winter)).unwrap();
    for (name, bytes) in [
        ("0002-published.json", &b"{}"[..]),
        ("0002-published.json", &other),
        ("0002-failed.json", &good),
        ("0003-published.json", &good),
        ("notes.txt", b"hello"),
        ("0002-published.json", b"\xff\xfe"),
    ] {
        let path = format!("{folder}/{name}");
        room.tamper(&repository, &path, Some(bytes));
        let mut ledger = room.open(&repository).unwrap();
        assert!(matches!(ledger.entries(&autumn), Err(StoreError::Malformed { path: p, .. }) if p == path), "{name}");
        assert!(matches!(ledger.append("Record", &[published(&autumn)]), Err(StoreError::Malformed { .. })));
        assert_eq!(ledger.entries(&winter).unwrap().len(), 1);
        room.tamper(&repository, &path, None);
    }
    assert_eq!(room.open(&repository).unwrap().entries(&autumn).unwrap().len(), 1);
    let strays = [format!("open/{}", "0".repeat(64)), "open/a/b".to_owned(), "open/notes.txt".to_owned()];
    let others = serde_json::to_vec(&winter).unwrap();
    for (path, bytes) in strays.iter().zip([&others[..], b"{}", &[b' '; 5_000]]) {
        room.tamper(&repository, path, Some(bytes));
    }
    let open = room.open(&repository).unwrap().open().unwrap();
    assert_eq!(open.keys, [autumn, winter], "marks beside them are read");
    assert_eq!(open.misfits.len(), strays.len());
}

#[test]
fn a_delivery_whose_entries_were_taken_away_is_not_begun_again() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let (autumn, winter) = (key("autumn"), key("winter"));
    let mut ledger = room.open(&repository).unwrap();
    ledger.append("Claim", &[claim(&autumn, "one"), claim(&winter, "one")]).unwrap();
    ledger.append("Record", &[published(&autumn), published(&winter)]).unwrap();
    let files = tree::folder(&autumn.hash(WORKSPACE));
    let receipt = (format!("{files}/0002-published.json"), crate::ledger::codec::encode(&published(&autumn)).unwrap());
    let other = crate::ledger::codec::encode(&refused(&autumn, true)).unwrap();

    // Hidden behind rubbish, and however far up it is cut off.
    room.tamper(&repository, &format!("{files}/0000-notes.txt"), Some(b"hello"));
    for gone in [receipt.0.as_str(), &files, "deliveries"] {
        let whole = room.open(&repository).unwrap().tip();
        let lost = room.tamper(&repository, gone, None);
        room.tamper(&repository, &format!("{files}/0002-failed.json"), Some(&other));
        let ledger = room.open(&repository).unwrap();
        let told = ledger.entries(&autumn).unwrap_err().to_string();
        assert!(told.contains(&lost.to_string()[..10]) && told.contains("autumn"), "{told}");
        assert_eq!(ledger.entries(&winter).is_err(), gone == "deliveries");
        room.scene.git().run(&["update-ref", &format!("refs/heads/{LEDGER}"), &whole.to_string()]).unwrap();
    }

    // Put back, and the rubbish away: all is well.
    room.tamper(&repository, &receipt.0, None);
    room.tamper(&repository, &receipt.0, Some(&receipt.1));
    room.tamper(&repository, &format!("{files}/0000-notes.txt"), None);
    assert_eq!(room.open(&repository).unwrap().entries(&autumn).unwrap().len(), 2);
}

/// Packs, whose objects get a file each.
fn unpack(scene: &Scene) {
    for file in std::fs::read_dir(scene.root.join(".git/objects/pack")).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        if path.extension().is_some_and(|end| end == "pack") {
            scene.git().run_with(&["unpack-objects", "-q"], Some(&bytes)).unwrap();
        }
    }
}

/// A machine that reads one delivery does not read the ten thousand others.
#[test]
fn one_delivery_is_a_look_up() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let claims: Vec<Entry> = (0..300).map(|n| claim(&key(&format!("post-{n}")), "one")).collect();
    room.open(&repository).unwrap().append("Claim 300 deliveries", &claims).unwrap();
    unpack(&room.scene);
    // All other deliveries' files are taken out of the object store: nobody misses them.
    let wanted = tree::folder(&key("post-7").hash(WORKSPACE));
    let listed = room.scene.git().run(&["ls-tree", "-r", LEDGER, "deliveries"]).unwrap().line();
    for line in listed.lines().filter(|line| !line.contains(&wanted)) {
        let id = line.split_whitespace().nth(2).unwrap();
        std::fs::remove_file(room.scene.root.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    }
    let (repository, _) = room.scene.open();
    assert_eq!(room.open(&repository).unwrap().entries(&key("post-7")).unwrap().len(), 1);
    assert!(room.open(&repository).unwrap().entries(&key("post-8")).is_err());
}

fn sighting(commit: &str, part: u32) -> Sighting {
    let seen = crate::ledger::Seen { commit: commit.repeat(40), raw: Some("tree …".to_owned()) };
    Sighting { part, ..Sighting::of("CI box", now(), vec![seen]).remove(0) }
}

#[test]
fn what_was_seen_is_on_the_ledger_for_the_next_run() {
    let room = Room::shared();
    let (here, _) = room.scene.open();
    let mut ledger = room.open(&here).unwrap();
    assert_eq!(ledger.sightings().unwrap(), Sightings::default());
    let before = ledger.tip();
    ledger.write("See 0 decisions", &[], &[]).unwrap();
    assert_eq!(ledger.tip(), before, "nothing seen, nothing written");
    let (autumn, seen) = (claim(&key("autumn"), "one"), [sighting("a", 1), sighting("b", 2)]);
    ledger.write("Claim autumn, see 2 decisions", &[autumn], &seen).unwrap();
    let there = room.clone("there");
    let seen = room.open(&there).unwrap().sightings().unwrap();
    assert_eq!(seen.first_seen(&"b".repeat(40)), Some(now()));
    assert_eq!(seen.kept().count(), 2);
    assert_eq!(room.open(&there).unwrap().open().unwrap().keys, [key("autumn")], "in the same commit");
    assert_eq!(there.program().run(&["rev-list", "--count", &ledger.tip().to_string()]).unwrap().line(), "2");
}

#[test]
fn a_sighting_that_was_taken_away_or_changed_stops_everything_until_it_is_back() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let (kept, other) = (sighting("a", 1), sighting("b", 1));
    room.open(&repository).unwrap().write("See 1 decision", &[], std::slice::from_ref(&kept)).unwrap();
    let (path, bytes) = (kept.path(), kept.encode().unwrap());
    let whole = room.open(&repository).unwrap().tip();
    for gone in [path.as_str(), "sightings"] {
        let lost = room.tamper(&repository, gone, None);
        let told = room.open(&repository).unwrap().sightings().unwrap_err().to_string();
        assert!(told.contains(&lost.to_string()[..10]) && told.contains(&path), "{told}");
        room.tamper(&repository, &path, Some(&other.encode().unwrap()));
        assert!(room.open(&repository).unwrap().sightings().is_err(), "another one in its place is not it");
        room.tamper(&repository, &path, Some(&bytes));
        assert_eq!(room.open(&repository).unwrap().sightings().unwrap().kept().count(), 1);
        room.scene.git().run(&["update-ref", &format!("refs/heads/{LEDGER}"), &whole.to_string()]).unwrap();
    }
}

#[test]
fn what_was_seen_long_ago_is_left_out_unless_its_bytes_are_kept() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let mut ledger = room.open(&repository).unwrap();
    let named = |commit: &str| crate::ledger::Seen { commit: commit.repeat(40), raw: None };
    let kept = crate::ledger::Seen { raw: Some("tree …".to_owned()), ..named("c") };
    let earlier = now() - chrono::Duration::days(9);
    ledger.write("See", &[], &Sighting::of("run", earlier, vec![named("a"), kept])).unwrap();
    ledger.write("See", &[], &Sighting::of("run", now(), vec![named("b")])).unwrap();
    let seen = |since: Option<DateTime<Utc>>| {
        let all = ledger.sightings_since(since).unwrap();
        ["a", "b", "c"].map(|commit| all.first_seen(&commit.repeat(40)))
    };
    assert_eq!(seen(None), [Some(earlier), Some(now()), Some(earlier)]);
    assert_eq!(seen(Some(earlier + chrono::Duration::hours(1))), seen(None), "the same day");
    assert_eq!(seen(Some(now())), [None, Some(now()), Some(earlier)]);
    assert_eq!(seen(Some(DateTime::<Utc>::MAX_UTC)), [None, None, Some(earlier)]);
    assert_eq!(seen(Some(DateTime::<Utc>::MIN_UTC)), seen(None));
}

#[test]
fn what_is_no_sighting_stops_everything_and_may_be_taken_away() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let renamed = sighting("a", 1).encode().unwrap();
    let nine = "sightings/2026/12/01/20261201T090000Z-CI-box-9.json";
    let strays = ["sightings/notes.txt", nine, "sightings/2026/12/01/2/x"];
    for stray in strays {
        room.tamper(&repository, stray, Some(if stray.ends_with("9.json") { &renamed } else { b"hello" }));
        let told = room.open(&repository).unwrap().sightings();
        assert!(matches!(&told, Err(StoreError::Malformed { .. })), "{stray} {told:?}");
        if !stray.ends_with("9.json") {
            room.tamper(&repository, stray, None);
            assert!(room.open(&repository).unwrap().sightings().is_ok(), "{stray}");
        } else {
            room.scene.git().run(&["update-ref", &format!("refs/heads/{LEDGER}"), &room.root.to_string()]).unwrap();
        }
    }
}

#[test]
fn what_is_remembered_of_the_ledger_is_what_it_says() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let keys = ["autumn", "winter", "spring", "summer"].map(key);
    let [autumn, winter, spring, summer] = &keys;
    let states = |repository: &Repository| {
        let ledger = room.open(repository).unwrap();
        keys.each_ref().map(|key| format!("{:?}", ledger.state(key)))
    };
    let told = |what: &str| {
        let plain = states(&repository);
        for _ in 0..2 {
            assert_eq!(states(&room.scene.open().0.remembering()), plain, "{what}");
        }
        plain
    };
    assert!(told("an empty ledger").iter().all(|state| state == "Ok(New)"));
    let mut ledger = room.open(&repository).unwrap();
    ledger.append("Claim", &[claim(autumn, "one"), claim(winter, "one"), claim(spring, "one")]).unwrap();
    told("claims");
    ledger.append("Record", &[published(autumn), refused(winter, false)]).unwrap();
    let [out, failed, claimed, new] = told("outcomes");
    assert!(out.starts_with("Ok(Published") && failed.starts_with("Ok(Failed"), "{out} {failed}");
    assert!(claimed.starts_with("Ok(Claimed") && new == "Ok(New)", "{claimed} {new}");
    ledger.append("Record", &[updated(autumn, "Autumn is over"), updated(autumn, "Winter")]).unwrap();
    let [changed, ..] = told("changed in its place");
    assert!(changed.starts_with("Ok(Published") && changed != out && changed.contains("updated_at: Some"), "{changed}");

    ledger.append("Record", &[retracted(winter, 0), retracted(spring, 0)]).unwrap();
    let [_, failed, claimed, _] = told("held back");
    assert!(failed.starts_with("Ok(Retracted") && claimed.starts_with("Ok(Retracted"), "{failed} {claimed}");
    ledger.append("Record", &[published(spring)]).unwrap();
    assert!(told("out all the same")[2].starts_with("Ok(Published"));
    ledger.append("Record", &[retracted(spring, 1)]).unwrap();
    assert!(told("taken down")[2].starts_with("Ok(Retracted"));
    assert_eq!(ledger.published().unwrap().len(), 1, "what was taken down is not out");

    let place = |key: &DeliveryKey| tree::folder(&key.hash(WORKSPACE));
    room.tamper(&repository, &place(summer), Some(b"a file where the folder should be"));
    assert!(told("rubbish")[3].starts_with("Err"));
    // The receipt of another delivery proves nothing.
    let bytes = codec::encode(&published(autumn)).unwrap();
    room.tamper(&repository, &format!("{}/0005-published.json", place(spring)), Some(&bytes));
    assert!(told("a copied receipt")[2].starts_with("Err"));
    room.tamper(&repository, &format!("{}/0002-published.json", place(autumn)), None);
    assert!(told("a receipt taken away")[0].starts_with("Err"));
    let bytes = codec::encode(&published(autumn)).unwrap();
    room.tamper(&repository, &format!("{}/0002-published.json", place(autumn)), Some(&bytes));
    assert!(told("put back")[0].starts_with("Ok(Published"));
    room.tamper(&repository, &format!("{}/0003-updated.json", place(autumn)), Some(b"rubbish"));
    assert!(told("nobody knows what it was changed to")[0].starts_with("Err"));
}

#[test]
fn few_posts_on_a_long_ledger_are_looked_up_and_many_are_remembered() {
    let room = Room::local();
    let (repository, _) = room.scene.open();
    let keys: Vec<DeliveryKey> = (0..60).map(|n| key(&format!("post-{n}"))).collect();
    let mut ledger = room.open(&repository).unwrap();
    ledger.append("Claim", &keys.iter().map(|key| claim(key, "one")).collect::<Vec<_>>()).unwrap();
    ledger.append("Record", &keys[..50].iter().map(published).collect::<Vec<_>>()).unwrap();
    let states = |ledger: &GitLedger<'_>| {
        keys.iter().chain([&key("new")]).map(|key| format!("{:?}", ledger.state(key))).collect::<Vec<_>>()
    };
    let plain = states(&ledger);
    for posts in [0, 1, 60] {
        for n in 0..posts {
            let place = room.scene.root.join(format!("posts/{n}.md"));
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, "post").unwrap();
        }
        room.scene.commit_all("Posts");
        let (repository, _) = room.scene.open();
        let repository = repository.remembering();
        let ledger = room.open(&repository).unwrap();
        assert_eq!(ledger.receipts.is_some(), posts == 60, "{posts}");
        assert_eq!(states(&ledger), plain);
    }
}

/// A push reads a thousand small files one by one.
#[test]
fn many_deliveries_are_one_file_here_and_whole_on_the_remote() {
    let room = Room::shared();
    let (repository, _) = room.scene.open();
    let packs = || std::fs::read_dir(room.scene.root.join(".git/objects/pack")).unwrap().count();
    let before = packs();
    let keys: Vec<_> = (0..60).map(|n| key(&format!("post-{n}"))).collect();
    let mut ledger = room.open(&repository).unwrap();
    ledger.append("Claim", &[claim(&key("autumn"), "one")]).unwrap();
    assert_eq!(packs(), before, "a few objects are a file each");
    ledger.append("Claim", &keys.iter().map(|key| claim(key, "one")).collect::<Vec<_>>()).unwrap();
    assert!(packs() > before);
    ledger.append("Record", &keys.iter().map(published).collect::<Vec<_>>()).unwrap();
    assert_eq!(room.remote_ref(WITNESS), Some(ledger.tip()));
    let there = room.clone("there");
    there.fetch(&there.branches("main", "origin").unwrap()).unwrap();
    let ledger = room.open(&there).unwrap();
    assert!(keys.iter().all(|key| matches!(ledger.state(key), Ok(State::Published(_)))));
    assert!(matches!(ledger.state(&key("autumn")), Ok(State::Claimed(_))));
    there.program().run(&["fsck", "--strict", "--full"]).unwrap();
}
