//! Machines that die at every step, and those that follow them; with a ledger in memory and with real ones.

use super::*;
use crate::git::testing::Scene;
use crate::git::{GitLedger, LEDGER, Program, Repository};

/// The power goes out after every possible number of steps; the next run, on another machine, finishes.
#[test]
fn whenever_the_machine_dies_every_part_goes_out_exactly_once() {
    let posts: &[(&str, &str, &[&str])] =
        &[("autumn", "bluesky/acme", &["one", "two", "three"]), ("winter", "mastodon/acme", &["snow"])];
    let mut steps = 0;
    loop {
        let room = Newsroom::with(posts);
        room.fake.power.lasts(steps);
        let mut store = Powered { store: room.remote.store(), power: room.fake.power.clone() };
        let plan = room.plan(&store);
        let first = room.publish_with(&plan, &mut store, "dies");
        let died = room.fake.power.went_out();
        room.fake.power.lasts(isize::MAX);
        if !died {
            assert!(first.unwrap().fine());
            break;
        }
        room.lease_runs_out();
        let second = room.publish();
        assert!(second.fine(), "after {steps} steps: {second:#?}");
        room.assert_all_out_once(&format!("after {steps} steps"));
        assert!(room.publish().ended.is_empty(), "after {steps} steps the third run has nothing to do");
        steps += 1;
    }
    assert!(steps > 12, "every step was tried: {steps}");
}

/// A workspace on a real remote, with a ledger that was begun there; two clones of it.
struct Clones {
    scene: Scene,
    root: String,
}

impl Clones {
    fn new() -> Self {
        let scene = Scene::new();
        scene.commit("x", "0");
        scene.push("main");
        let root = scene.open().0.begin_ledger(WORKSPACE, now()).unwrap().to_string();
        scene.push(LEDGER);
        Self { scene, root }
    }

    fn clone(&self, name: &str) -> Repository {
        let folder = self.scene.folder.path().join(name);
        let (remote, path) = (self.scene.remote.to_str().unwrap(), folder.to_str().unwrap());
        self.scene.git().run(&["clone", "-q", remote, path]).unwrap();
        std::fs::write(folder.join("greenlit.toml"), "version = 1\n").unwrap();
        Repository::open(&folder).unwrap().with("GIT_CONFIG_GLOBAL", "/dev/null").with("GIT_CONFIG_NOSYSTEM", "1")
    }

    fn ledger<'r>(&self, repository: &'r Repository) -> GitLedger<'r> {
        let branches = repository.branches("main", "origin").unwrap();
        GitLedger::open(repository, &branches, WORKSPACE, Some(&self.root), now()).unwrap()
    }

    fn commits(&self) -> usize {
        let count = Program::new(&self.scene.remote).run(&["rev-list", "--count", LEDGER]).unwrap().line();
        count.parse().unwrap()
    }
}

#[test]
fn of_two_clones_of_one_remote_each_part_is_sent_by_one() {
    let room = Newsroom::with(&[
        ("autumn", "bluesky/acme", &["one", "two"]),
        ("winter", "mastodon/acme", &["snow"]),
        ("spring", "bluesky/acme", &["leaf"]),
    ]);
    let clones = Clones::new();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let run = |name: &'static str| {
            let (room, clones) = (&room, &clones);
            scope.spawn(move || {
                let repository = clones.clone(name);
                let mut ledger = clones.ledger(&repository);
                let plan = room.plan(&ledger);
                room.publish_with(&plan, &mut ledger, name).unwrap()
            })
        };
        let threads = [run("one"), run("two")];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    room.assert_all_out_once("two clones");
    assert!(outcomes.iter().all(Outcome::fine), "{outcomes:#?}");
    assert_eq!(clones.commits(), 3, "the first, one claim, one outcome");

    let third = clones.clone("three");
    let mut ledger = clones.ledger(&third);
    let plan = room.plan(&ledger);
    assert!(room.publish_with(&plan, &mut ledger, "three").unwrap().ended.is_empty());
}

#[test]
fn a_machine_that_dies_with_a_real_ledger_is_followed_by_another() {
    for steps in [2, 3, 5, 8] {
        let room = Newsroom::autumn();
        let clones = Clones::new();
        let here = clones.clone("dies");
        let store = clones.ledger(&here);
        let plan = room.plan(&store);
        room.fake.power.lasts(steps);
        let _ = room.publish_with(&plan, &mut Powered { store, power: room.fake.power.clone() }, "dies");
        room.fake.power.lasts(isize::MAX);
        room.lease_runs_out();
        let there = clones.clone("follows");
        let mut store = clones.ledger(&there);
        let plan = room.plan(&store);
        assert!(room.publish_with(&plan, &mut store, "follows").unwrap().fine(), "after {steps} steps");
        room.assert_all_out_once(&format!("after {steps} steps"));
    }
}
