//! Stories of one newsroom that publishes to a network with moods.

mod dies;
mod look;
mod overtaken;
mod patience;
mod record;
mod retract;
mod same_text;
mod seen;
mod stop;
mod update;
mod words;

use std::sync::Mutex;
use std::time::Duration;

use super::fake::{Album, Answer, Fake, Hands, Powered};
use super::{Clock, Ended, Ending, Event, LEASE, Outcome, PublishError, Publisher};
use crate::ledger::fixtures::{WORKSPACE, now, payload};
use crate::ledger::memory::Remote;
use crate::ledger::{DeliveryKey, Entry, Sighting, State, Store, fold};
use crate::network::SendError;
use crate::plan::{Candidate, Plan, Saying, Step, plan};
use crate::policy::{Decision, Kind, Resolution, Retraction, Status, Update};
use crate::render::{Attachment, Digest, Editing, Identity, Payload, Reconcile};
use crate::workspace::{AccountName, Due, PostId, Sha256};

/// For so long, an account does not say the same again.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// The network, the ledger's remote, the clock, and what is to go out.
struct Newsroom {
    fake: Fake,
    remote: Remote,
    clock: Hands,
    album: Album,
    payloads: Vec<Payload>,
    forgetful: Vec<Identity>,
    seen: Vec<Sighting>,
    events: Mutex<Vec<String>>,
    word: Option<Resolution>,
    retraction: Option<Retraction>,
    deletes: bool,
    update: Option<Update>,
    editing: Editing,
}

impl Newsroom {
    /// Posts as `(post, account, texts)`.
    fn with(posts: &[(&str, &str, &[&str])]) -> Self {
        let payload = |(post, account, texts): &(&str, &str, &[&str])| {
            let key = DeliveryKey::once(PostId::new(post).unwrap(), AccountName::new(account).unwrap());
            payload(&key, texts)
        };
        Self {
            fake: Fake::default(),
            remote: Remote::default(),
            clock: Hands::at(now()),
            album: Album(b"a red leaf".to_vec()),
            payloads: posts.iter().map(payload).collect(),
            forgetful: Vec::new(),
            seen: Vec::new(),
            events: Mutex::default(),
            word: None,
            retraction: None,
            deletes: true,
            update: None,
            editing: Editing::InPlace { fixed: &[] },
        }
    }

    fn autumn() -> Self {
        Self::with(&[("autumn", "bluesky/acme", &["one", "two", "three"])])
    }

    /// What a planner makes of approved posts that are due.
    fn plan(&self, store: &dyn Store) -> Plan {
        let candidate = |payload: &Payload| {
            let key = key_of(payload);
            let mut approval = Decision::new(Kind::Approval, "approval by Noor Haddad", Status::Approved, "");
            approval.commit = Some("81aa".repeat(10));
            Candidate {
                title: key.post.to_string(),
                path: format!("posts/{}.md", key.post),
                due: Due::Asap,
                draft: false,
                late_after: Duration::MAX,
                payload: Ok(payload.clone().into()),
                decision: Some(Box::new(approval)),
                state: Ok(fold(store.entries(&key).unwrap())),
                reconcile: Reconcile::Lookup,
                word: self.word.clone().map(Box::new),
                retraction: self.retraction.clone().map(Box::new),
                deletes: self.deletes,
                saying: Saying::default(),
                update: self.update.clone().map(Box::new),
                editing: self.editing,
                key,
            }
        };
        let candidates = self.payloads.iter().map(candidate).collect();
        plan(self.clock.now(), "4f0c".repeat(10), candidates, Vec::new(), Vec::new())
    }

    fn publish_with(&self, plan: &Plan, store: &mut dyn Store, runner: &str) -> Result<Outcome, PublishError> {
        self.with_publisher(runner, |publisher| publisher.publish(plan, store))
    }

    fn with_publisher<T>(&self, runner: &str, act: impl FnOnce(&Publisher<'_>) -> T) -> T {
        act(&Publisher {
            workspace: WORKSPACE,
            runner,
            seen: &self.seen,
            window: &|_| WEEK,
            connect: &|identity| self.fake.connect(identity),
            forgetful: &self.forgetful,
            media: &self.album,
            clock: &self.clock,
            redact: &|text| text.replace("like", "[secret]"),
            progress: &|event: Event<'_>| self.events.lock().unwrap().push(format!("{event:?}")),
        })
    }

    /// One `greenlit publish`, from a fresh clone.
    fn publish(&self) -> Outcome {
        let mut store = self.remote.store();
        let plan = self.plan(&store);
        self.publish_with(&plan, &mut store, "ci-1").unwrap()
    }

    fn state(&self) -> State {
        fold(self.remote.store().entries(&key_of(&self.payloads[0])).unwrap())
    }

    fn lease_runs_out(&self) {
        self.clock.wait(LEASE);
    }

    /// Each part of each post is out exactly once, in order, with what was frozen for it the first time.
    fn assert_all_out_once(&self, story: &str) {
        let out = self.fake.out();
        assert_eq!(
            out.len(),
            self.payloads.iter().map(|payload| payload.parts.len()).sum::<usize>(),
            "{story}: {out:#?}"
        );
        for payload in &self.payloads {
            let hash = key_of(payload).hash(WORKSPACE);
            let parts: Vec<_> = out.iter().filter(|out| out.hash == hash).collect();
            for (n, part) in parts.iter().enumerate() {
                assert_eq!((part.part, &part.text), (n, &payload.parts[n].text), "{story}");
                assert_eq!(part.before.len(), n, "{story}: it answers the part before it");
                assert_eq!(part.frozen, parts[0].frozen, "{story}: recovery sends what the claim holds");
            }
        }
    }
}

fn key_of(payload: &Payload) -> DeliveryKey {
    DeliveryKey::once(payload.post.clone(), payload.account.name.clone())
}

fn only(outcome: &Outcome) -> &Ending {
    let [Ended { ending, .. }] = outcome.ended.as_slice() else { panic!("one delivery: {outcome:#?}") };
    ending
}

#[test]
fn what_is_approved_goes_out_once_in_two_commits() {
    let room = Newsroom::with(&[
        ("autumn", "bluesky/acme", &["one", "two", "three"]),
        ("autumn", "mastodon/acme", &["hello"]),
        ("winter", "bluesky/acme", &["snow"]),
        ("spring", "mastodon/acme", &["leaf"]),
    ]);
    let outcome = room.publish();
    assert!(outcome.fine(), "{outcome:#?}");
    assert_eq!(outcome.ended.len(), 4);
    room.assert_all_out_once("a quiet day");
    assert_eq!(room.remote.commits(), 2, "one claim and one outcome, whatever the number of deliveries");
    assert_eq!(room.fake.connects(), 2, "one session for each account");
    let bluesky: Vec<String> =
        room.fake.out().into_iter().filter(|out| out.account == "bluesky/acme").map(|out| out.text).collect();
    assert_eq!(bluesky, ["one #launch", "two #launch", "three #launch", "snow #launch"], "in the plan's order");

    let Ending::Published { parts, adopted: false } = &outcome.ended[0].ending else { panic!("{outcome:#?}") };
    assert!(parts[2].url.as_deref().is_some_and(|url| url.starts_with("https://fake.example/")));

    let again = room.publish();
    assert_eq!((again.ended.len(), room.remote.commits()), (0, 2), "a second run finds nothing to do");
    room.assert_all_out_once("the day after");
}

#[test]
fn the_claim_says_what_is_sent_and_on_whose_word() {
    let room = Newsroom::autumn();
    room.publish();
    let Entry::Claim(claim) = &room.remote.entries()[0] else { panic!("the claim comes first") };
    assert_eq!((&claim.payload, claim.runner.as_str()), (&room.payloads[0], "ci-1"));
    assert_eq!(claim.approvals, ["81aa".repeat(10)]);
    assert_eq!(claim.frozen, serde_json::json!({ "nonce": 1 }));
    assert_eq!(claim.lease_until, now() + LEASE);
}

#[test]
fn a_lost_answer_is_asked_after() {
    for (answer, story) in [(Answer::AcceptThenLose, "the server had it"), (Answer::Lose, "the server never got it")] {
        let room = Newsroom::autumn();
        room.fake.answers([Answer::Accept, answer]);
        let outcome = room.publish();
        assert!(outcome.fine(), "{story}: {outcome:#?}");
        room.assert_all_out_once(story);
    }
}

#[test]
fn a_refusal_after_a_lost_answer_is_asked_after_too() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"])]);
    room.fake.answers([Answer::Lose, Answer::AlreadyThere]);
    assert!(room.publish().fine());
    room.assert_all_out_once("the retry was taken, and called a repetition");
}

#[test]
fn a_refusal_is_for_good_and_stops_only_that_post() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("winter", "bluesky/acme", &["snow"])]);
    room.fake.answers([Answer::Refuse]);
    let outcome = room.publish();
    assert!(matches!(&outcome.ended[0].ending, Ending::Failed { reason, retry: false, .. } if reason.contains("like")));
    assert!(matches!(&outcome.ended[1].ending, Ending::Published { .. }));
    let State::Failed(failed) = room.state() else { panic!("it is recorded") };
    assert_eq!(failed.reason, "we do not [secret] it", "with no secret that a server repeats");
    assert_eq!(room.publish().ended.len(), 0, "the same bytes are not tried again");
}

#[test]
fn a_busy_network_is_waited_for_as_long_as_it_says() {
    let room = Newsroom::autumn();
    room.fake.answers([Answer::Busy(Some(now() + Duration::from_secs(40))), Answer::Busy(None)]);
    assert!(room.publish().fine());
    room.assert_all_out_once("busy, then well");
    assert!(room.clock.now() >= now() + Duration::from_secs(41));
}

#[test]
fn a_network_that_is_busy_for_long_is_tried_again_by_the_next_run() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("winter", "bluesky/acme", &["snow"])]);
    room.fake.answers([Answer::Busy(Some(now() + Duration::from_secs(600)))]);
    let outcome = room.publish();
    let told = "busy; it asks to be left alone until 2026-12-01 09:10:00 UTC";
    let says_so =
        |ended: &Ended| matches!(&ended.ending, Ending::Failed { retry: true, reason, .. } if reason.contains(told));
    assert!(outcome.ended.iter().all(says_so), "{outcome:#?}");
    assert!(room.fake.out().is_empty(), "the second post is not tried either");
    assert!(room.clock.now() < now() + Duration::from_secs(60), "nobody waits for ten minutes");
    let claims = room.remote.commits();
    assert!(room.publish().ended.is_empty() && room.remote.commits() == claims, "another machine leaves it alone too");
    room.clock.wait(Duration::from_secs(600));
    assert!(room.publish().fine());
    room.assert_all_out_once("after the pause");
}

#[test]
fn a_thread_is_taken_up_where_it_stopped() {
    let room = Newsroom::autumn();
    room.fake.answers([Answer::Accept, Answer::Busy(Some(now() + Duration::from_secs(600)))]);
    assert!(matches!(only(&room.publish()), Ending::Uncertain { parts, .. } if parts.len() == 1));
    assert!(room.publish().ended.is_empty(), "it asked to be left alone");
    room.clock.wait(Duration::from_secs(600));
    assert!(room.publish().fine(), "the next run need not wait for a lease");
    room.assert_all_out_once("three parts in two runs");
    let claims = room.remote.entries().into_iter().filter_map(|entry| match entry {
        Entry::Claim(claim) => Some((claim.claimed_at, claim.frozen)),
        _ => None,
    });
    let claims: Vec<_> = claims.collect();
    assert_eq!(claims[0], claims[1], "the second claim renews the lease and nothing else");
}

#[test]
fn a_locked_account_stops_and_the_others_go_on() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("winter", "bluesky/acme", &["snow"])]);
    room.fake.answers([Answer::Locked]);
    let outcome = room.publish();
    assert!(outcome.ended.iter().all(|ended| matches!(ended.ending, Ending::Failed { retry: true, .. })));

    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("autumn", "mastodon/acme", &["hello"])]);
    let refused = SendError::Credentials { reason: "no password".to_owned(), help: "set it".to_owned() };
    room.fake.door("bluesky/acme", Some(refused));
    let outcome = room.publish();
    assert!(matches!(outcome.ended[0].ending, Ending::NotTried { .. }));
    assert!(matches!(outcome.ended[1].ending, Ending::Published { .. }));
}

#[test]
fn an_adapter_that_breaks_down_takes_nobody_with_it() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one"]), ("winter", "bluesky/acme", &["snow"])]);
    room.fake.answers([Answer::Panic]);
    let outcome = room.publish();
    assert!(matches!(outcome.ended[0].ending, Ending::Uncertain { .. }), "{outcome:#?}");
    assert!(matches!(outcome.ended[1].ending, Ending::Failed { retry: true, .. }));
    room.lease_runs_out();
    assert!(room.publish().fine());
    room.assert_all_out_once("after the repair");
}

#[test]
fn what_fails_before_the_claim_is_told_and_not_recorded() {
    let room = Newsroom::autumn();
    let refused = SendError::Credentials { reason: "no password".to_owned(), help: "set it".to_owned() };
    room.fake.door("bluesky/acme", Some(refused));
    assert!(matches!(only(&room.publish()), Ending::NotTried { help, .. } if help == "set it"));
    room.fake.door("bluesky/acme", None);
    room.fake.desk(Some(SendError::Refused { reason: "nobody is called @nobody".to_owned() }));
    assert!(matches!(only(&room.publish()), Ending::NotTried { .. }));
    assert_eq!((room.remote.commits(), room.fake.out().len()), (0, 0));
    room.fake.desk(None);
    assert!(room.publish().fine());
}

#[test]
fn a_picture_that_was_exchanged_is_not_sent() {
    let mut room = Newsroom::autumn();
    let leaf = Sha256::of(b"a red leaf");
    room.payloads[0].parts[1].media.push(Attachment {
        file: "assets/leaf.png".to_owned(),
        sha256: leaf,
        size: 10,
        mime: "image/png".to_owned(),
        alt: "A red leaf".to_owned(),
        width: None,
        height: None,
    });
    room.album = Album(b"something else".to_vec());
    let outcome = room.publish();
    assert!(matches!(only(&outcome), Ending::NotTried { reason, .. } if reason.contains("not the file")));
    assert_eq!((room.remote.commits(), room.fake.out().len()), (0, 0), "not even the first part of the thread");
    room.album = Album(b"a red leaf".to_vec());
    assert!(room.publish().fine());
}

#[test]
fn what_was_not_approved_to_the_byte_is_not_sent() {
    let room = Newsroom::autumn();
    let mut store = room.remote.store();
    let mut plan = room.plan(&store);
    plan.deliveries[0].payload.as_mut().unwrap().parts[0].text.push('!');
    assert!(matches!(only(&room.publish_with(&plan, &mut store, "ci").unwrap()), Ending::NotTried { .. }));
    let mut plan = room.plan(&store);
    plan.deliveries[0].decision.as_mut().unwrap().status = Status::Waiting;
    assert!(matches!(only(&room.publish_with(&plan, &mut store, "ci").unwrap()), Ending::NotTried { .. }));
    assert_eq!((room.remote.commits(), room.fake.out().len()), (0, 0));
}

#[test]
fn of_two_publishers_with_the_same_plan_one_sends() {
    let room = Newsroom::with(&[("autumn", "bluesky/acme", &["one", "two"]), ("winter", "mastodon/acme", &["snow"])]);
    let (mut one, mut two) = (room.remote.store(), room.remote.store());
    let plan = room.plan(&one);
    let outcomes = std::thread::scope(|scope| {
        let one = scope.spawn(|| room.publish_with(&plan, &mut one, "one").unwrap());
        let two = scope.spawn(|| room.publish_with(&plan, &mut two, "two").unwrap());
        [one.join().unwrap(), two.join().unwrap()]
    });
    room.assert_all_out_once("a race");
    assert!(outcomes.iter().all(Outcome::fine));
    let endings: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.ended).collect();
    assert_eq!(endings.iter().filter(|ended| ended.ending == Ending::Taken).count(), 2, "{endings:#?}");
    assert_eq!(room.remote.commits(), 2);
}

#[test]
fn a_claim_of_another_run_is_left_alone_until_its_lease_is_over() {
    let room = Newsroom::autumn();
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    room.fake.power.lasts(3);
    let mut powered = Powered { store: store.clone(), power: room.fake.power.clone() };
    let _ = room.publish_with(&plan, &mut powered, "dies");
    room.fake.power.lasts(isize::MAX);
    store.refresh().unwrap();
    assert!(matches!(room.state(), State::Claimed(_)));
    assert!(room.publish().ended.is_empty());
    // Even a plan that says otherwise does not get past the ledger.
    assert_eq!(only(&room.publish_with(&plan, &mut store, "two").unwrap()), &Ending::Taken);
    assert!(room.fake.out().is_empty());
    room.lease_runs_out();
    assert!(room.publish().fine());
    room.assert_all_out_once("taken over");
}

#[test]
fn of_two_publishers_that_find_an_open_claim_one_goes_on() {
    let room = Newsroom::autumn();
    room.fake.answers([Answer::Accept, Answer::Busy(Some(now() + Duration::from_secs(600)))]);
    room.publish();
    room.clock.wait(Duration::from_secs(600));
    let (mut one, mut two) = (room.remote.store(), room.remote.store());
    let plan = room.plan(&one);
    assert!(matches!(plan.deliveries[0].step, Step::Reconcile(_)));
    std::thread::scope(|scope| {
        scope.spawn(|| room.publish_with(&plan, &mut one, "one").unwrap());
        scope.spawn(|| room.publish_with(&plan, &mut two, "two").unwrap());
    });
    room.assert_all_out_once("a race for the rest");
}

#[test]
fn recovery_sends_nothing_that_people_have_taken_back() {
    let room = Newsroom::autumn();
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    room.fake.power.lasts(3);
    let mut powered = Powered { store: store.clone(), power: room.fake.power.clone() };
    let _ = room.publish_with(&plan, &mut powered, "dies");
    room.fake.power.lasts(isize::MAX);
    room.lease_runs_out();
    store.refresh().unwrap();
    let mut plan = room.plan(&store);
    plan.deliveries[0].decision.as_mut().unwrap().status = Status::Rejected;
    let outcome = room.publish_with(&plan, &mut store, "two").unwrap();
    assert!(matches!(only(&outcome), Ending::Failed { retry: true, .. }), "{outcome:#?}");
    assert!(room.fake.out().is_empty());
    assert!(room.publish().fine(), "approved once more, it goes out as something new");
}

#[test]
fn a_veto_stops_a_thread_that_is_half_out() {
    let room = Newsroom::autumn();
    room.fake.answers([Answer::Accept, Answer::Busy(Some(now() + Duration::from_secs(600)))]);
    room.publish();
    room.clock.wait(Duration::from_secs(600));
    let mut store = room.remote.store();
    let mut plan = room.plan(&store);
    plan.deliveries[0].decision.as_mut().unwrap().status = Status::Rejected;
    let outcome = room.publish_with(&plan, &mut store, "two").unwrap();
    assert!(matches!(only(&outcome), Ending::Uncertain { parts, .. } if parts.len() == 1), "{outcome:#?}");
    assert_eq!(room.fake.out().len(), 1);
    assert!(room.publish().fine());
    room.assert_all_out_once("the veto was lifted");
}

#[test]
fn an_outcome_that_cannot_be_recorded_is_told_loudly() {
    let room = Newsroom::autumn();
    let mut store = Powered { store: room.remote.store(), power: room.fake.power.clone() };
    let plan = room.plan(&store);
    // Connect, claim (two steps), three parts (two steps each), and then the ledger cannot be reached.
    room.fake.power.lasts(1 + 2 + 6);
    let outcome = room.publish_with(&plan, &mut store, "ci").unwrap();
    assert!(matches!(only(&outcome), Ending::Published { .. }));
    assert!(outcome.unrecorded.is_some() && !outcome.fine());
}

#[test]
fn a_network_that_lives_in_a_folder_gets_back_what_a_fresh_clone_lacks() {
    let mut room = Newsroom::with(&[("autumn", "outbox/site", &["one", "two"]), ("winter", "outbox/site", &["snow"])]);
    let winter = room.payloads.pop().unwrap();
    room.forgetful = vec![winter.account.clone()];
    room.publish();
    room.fake.burns();
    room.payloads.push(winter);
    assert!(room.publish().fine());
    assert_eq!(room.fake.texts(), ["one #launch", "two #launch", "snow #launch"], "given back first, then the new one");
    assert_eq!(room.fake.connects(), 2, "one session for each run");
    room.publish();
    assert_eq!((room.fake.out().len(), room.remote.commits()), (3, 4), "given back is not published again");

    let away = SendError::NotSent { reason: "the disk is full".to_owned(), retry_at: None };
    room.fake.door("outbox/site", Some(away));
    let outcome = room.publish();
    assert!(!outcome.fine() && outcome.troubles[0].reason.contains("full"), "{outcome:#?}");
}

#[test]
fn a_run_that_takes_longer_than_its_claim_stops() {
    let room = Newsroom::autumn();
    let mut store = room.remote.store();
    let plan = room.plan(&store);
    let publisher = Publisher {
        workspace: WORKSPACE,
        runner: "slow",
        seen: &[],
        window: &|_| WEEK,
        connect: &|identity| room.fake.connect(identity),
        forgetful: &[],
        media: &room.album,
        clock: &room.clock,
        redact: &str::to_owned,
        // Each part takes a quarter of an hour.
        progress: &|event: Event<'_>| {
            if matches!(event, Event::Sending { .. }) {
                room.clock.wait(Duration::from_secs(15 * 60));
            }
        },
    };
    let outcome = publisher.publish(&plan, &mut store).unwrap();
    assert!(matches!(only(&outcome), Ending::Uncertain { parts, .. } if parts.len() == 2), "{outcome:#?}");
    assert!(room.publish().fine());
    room.assert_all_out_once("the next run sends the third");
}
