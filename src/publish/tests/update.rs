//! What people asked to be changed in its place.

use super::*;
use crate::ledger::Updated;

impl Newsroom {
    /// A thread of three that is out, and is to say something else.
    fn corrected(texts: &[&str]) -> Self {
        let room = Self::autumn();
        assert!(room.publish().fine());
        let key = key_of(&room.payloads[0]);
        let asked = Update { by: "Noor Haddad".into(), commit: "a1aa".repeat(10) };
        Self { payloads: vec![payload(&key, texts)], update: Some(asked), ..room }
    }

    fn updates(&self) -> Vec<Updated> {
        let updates = self.remote.entries().into_iter().filter_map(|entry| match entry {
            Entry::Updated(updated) => Some(*updated),
            _ => None,
        });
        updates.collect()
    }

    fn is_out_as(&self) -> Digest {
        match self.state() {
            State::Published(out) => out.digest.clone(),
            other => panic!("{other:?}"),
        }
    }
}

const GERMAN: [&str; 3] = ["eins", "zwei", "drei"];
const OLD: [&str; 3] = ["one #launch", "two #launch", "three #launch"];
const NEW: [&str; 3] = ["eins #launch", "zwei #launch", "drei #launch"];

fn not_done(outcome: &Outcome) -> (&str, &str) {
    assert!(!outcome.fine());
    match only(outcome) {
        Ending::NotDone { reason, help } => (reason, help),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_out_is_changed_in_its_place_and_written_down_in_one_commit() {
    let room = Newsroom::corrected(&GERMAN);
    let before = room.is_out_as();
    let outcome = room.publish();
    assert!(outcome.fine() && matches!(only(&outcome), Ending::Updated { .. }), "{outcome:#?}");
    assert_eq!((room.fake.texts(), room.remote.commits()), (NEW.map(str::to_owned).to_vec(), 3));
    let [updated] = room.updates().try_into().unwrap();
    assert_eq!((&updated.before, &updated.digest), (&before, &room.is_out_as()));
    assert_eq!(updated.payload, room.payloads[0]);
    assert_eq!((updated.asked_by, updated.approvals), ("a1aa".repeat(10), vec!["81aa".repeat(10)]));
    let again = room.publish();
    assert_eq!((again.ended.len(), room.remote.commits()), (0, 3), "and that is that");
}

#[test]
fn wherever_a_run_dies_the_next_one_changes_it_and_nothing_is_posted_anew() {
    let mut died = 0;
    for steps in 0..20 {
        let room = Newsroom::corrected(&GERMAN);
        room.fake.power.lasts(steps);
        let mut store = Powered { store: room.remote.store(), power: room.fake.power.clone() };
        let plan = room.plan(&store);
        let _ = room.publish_with(&plan, &mut store, "dies");
        died += usize::from(room.fake.power.went_out());
        room.fake.power.lasts(isize::MAX);
        room.publish();
        assert_eq!(room.fake.texts(), NEW, "{steps}");
        assert_eq!(room.updates().len(), 1, "{steps}: it is written down once");
        assert_eq!(room.publish().ended, [], "{steps}");
    }
    assert!(died >= 8, "{died}");
}

#[test]
fn a_lost_answer_is_no_reason_to_be_in_doubt() {
    let room = Newsroom::corrected(&GERMAN);
    room.fake.answers([Answer::Lose, Answer::Busy(None), Answer::AcceptThenLose]);
    assert!(room.publish().fine());
    assert_eq!((room.fake.texts(), room.updates().len()), (NEW.map(str::to_owned).to_vec(), 1));
    let room = Newsroom::corrected(&GERMAN);
    room.fake.answers([Answer::Accept, Answer::Refuse]);
    assert_eq!(not_done(&room.publish()).0, "we do not [secret] it".replace("[secret]", "like"));
    assert_eq!(room.fake.texts(), ["eins #launch", "two #launch", "three #launch"]);
    assert!(room.updates().is_empty(), "the ledger says nothing that is half true");
    assert!(room.publish().fine(), "the next run changes the rest");
    assert_eq!(room.fake.texts(), NEW);
}

#[test]
fn what_was_deleted_there_is_not_made_anew() {
    let room = Newsroom::corrected(&GERMAN);
    room.fake.edits("two #launch", None);
    for _ in 0..2 {
        let outcome = room.publish();
        let (reason, help) = not_done(&outcome);
        assert!(reason.starts_with("part 2 is not there any more") && help.contains("retract"), "{reason} {help}");
        assert_eq!(room.fake.texts(), ["eins #launch", "three #launch"]);
    }
    assert!(room.updates().is_empty());
}

#[test]
fn a_thread_that_grew_or_shrank_is_left_as_it_is() {
    for texts in [&["eins", "zwei"][..], &["eins", "zwei", "drei", "vier"]] {
        let room = Newsroom::corrected(texts);
        let outcome = room.publish();
        assert!(not_done(&outcome).0.starts_with("it went out in 3 parts"));
        assert_eq!((room.fake.texts(), room.updates().len()), (OLD.map(str::to_owned).to_vec(), 0));
    }
}

#[test]
fn nothing_is_changed_that_is_not_approved_or_was_taken_down() {
    let room = Newsroom::corrected(&GERMAN);
    let mut store = room.remote.store();
    for status in [Status::Waiting, Status::Held, Status::Rejected] {
        // A plan that is at odds with itself: the publisher looks once more.
        let mut plan = room.plan(&store);
        plan.deliveries[0].decision.as_mut().unwrap().status = status;
        let outcome = room.publish_with(&plan, &mut store, "ci-1").unwrap();
        assert!(matches!(only(&outcome), Ending::NotTried { .. }), "{outcome:#?}");
    }
    let stale = room.plan(&store);
    let key = key_of(&room.payloads[0]);
    room.remote.push(&[crate::ledger::fixtures::retracted(&key, 3)]);
    store.refresh().unwrap();
    assert_eq!(only(&room.publish_with(&stale, &mut store, "ci-1").unwrap()), &Ending::Taken);
    assert_eq!(room.fake.texts(), OLD);
}

#[test]
fn of_two_runs_one_writes_it_down() {
    let room = Newsroom::corrected(&GERMAN);
    let (mut one, mut two) = (room.remote.store(), room.remote.store());
    let plan = room.plan(&one);
    assert!(room.publish_with(&plan, &mut one, "one").unwrap().fine());
    let outcome = room.publish_with(&plan, &mut two, "two").unwrap();
    assert_eq!(only(&outcome), &Ending::Taken);
    assert_eq!((room.fake.texts(), room.updates().len()), (NEW.map(str::to_owned).to_vec(), 1));
}

#[test]
fn a_folder_that_forgot_gets_back_what_it_was_changed_to() {
    let room = Newsroom::corrected(&GERMAN);
    assert!(room.publish().fine());
    room.fake.burns();
    let room = Newsroom { forgetful: vec![room.payloads[0].account.clone()], ..room };
    assert!(room.publish().fine());
    assert_eq!(room.fake.texts(), NEW);
}
