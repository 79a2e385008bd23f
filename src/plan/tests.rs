//! What is to be done with one delivery, case by case.

use proptest::prelude::*;

use super::*;
use crate::ledger::fixtures::{claim, failed, key, now, payload, published, receipts, retracted, uncertain};
use crate::ledger::{Entry, fold};
use crate::policy::{Asked, Fate, Kind};

pub(super) fn candidate(post: &str) -> Candidate {
    let key = key(post);
    Candidate {
        payload: Ok(payload(&key, &["Autumn is here"]).into()),
        key,
        title: "Autumn".into(),
        path: format!("posts/{post}.md"),
        due: Due::Asap,
        draft: false,
        late_after: Duration::from_secs(6 * 3600),
        decision: Some(Box::new(Decision::new(Kind::Workflow, "workflow default", Status::Approved, ""))),
        state: Ok(State::New),
        reconcile: Reconcile::ClientChosenId,
        word: None,
        retraction: None,
        deletes: true,
        saying: Saying::default(),
        update: None,
        editing: Editing::InPlace { fixed: &[] },
    }
}

pub(super) fn step_of(mut candidate: Candidate) -> Step {
    candidate.step(now())
}

pub(super) fn in_hours(hours: i64) -> Due {
    Due::At(now() + TimeDelta::hours(hours))
}

#[test]
fn what_is_approved_and_due_is_sent() {
    assert_eq!(step_of(candidate("a")), Step::Send);
    assert_eq!(step_of(Candidate { due: in_hours(0), ..candidate("a") }), Step::Send);
    assert_eq!(step_of(Candidate { due: in_hours(-6), ..candidate("a") }), Step::Send);
    assert_eq!(step_of(Candidate { due: in_hours(-7), ..candidate("a") }), Step::Late);
    assert_eq!(step_of(Candidate { due: in_hours(1), ..candidate("a") }), Step::NotDue);
    assert_eq!(step_of(Candidate { draft: true, ..candidate("a") }), Step::Draft);
    let broken = Err(vec!["posts/a.md:1:1: no".to_owned()]);
    assert!(matches!(step_of(Candidate { payload: broken, ..candidate("a") }), Step::Broken { .. }));
}

#[test]
fn nobody_or_somebody_saying_no_is_no() {
    let with = |status| Candidate {
        decision: Some(Box::new(Decision::new(Kind::Workflow, "", status, ""))),
        ..candidate("a")
    };
    assert_eq!(step_of(Candidate { decision: None, ..candidate("a") }), Step::Waiting);
    assert_eq!(step_of(with(Status::Waiting)), Step::Waiting);
    assert_eq!(step_of(with(Status::Error)), Step::Waiting);
    assert_eq!(step_of(with(Status::Rejected)), Step::Rejected);
    assert_eq!(step_of(with(Status::Held)), Step::Held);
    assert_eq!(step_of(Candidate { due: in_hours(5), ..with(Status::Waiting) }), Step::Waiting, "not due either");
}

#[test]
fn what_is_out_is_out_whatever_becomes_of_its_file() {
    let state = Ok(fold([published(&key("a"))]));
    let Entry::Published(receipt) = published(&key("a")) else { unreachable!() };
    let out = |changed| Step::Published { out: receipt.clone().into(), changed };
    let change = |status| Some(Change { editing: Editing::InPlace { fixed: &[] }, asked: None, status });
    assert_eq!(step_of(Candidate { state: state.clone(), ..candidate("a") }), out(None));
    let edited = Ok(payload(&key("a"), &["other words"]).into());
    let edited = Candidate { state: state.clone(), payload: edited, ..candidate("a") };
    assert!(edited.is_changed() && edited.needs_decision(), "people may say yes to the new words");
    assert_eq!(step_of(edited.clone()), out(change(Status::Approved)), "to approve is not to ask for it");
    assert_eq!(step_of(Candidate { decision: None, ..edited }), out(change(Status::Waiting)));
    assert_eq!(step_of(Candidate { state, payload: Err(vec![]), draft: true, ..candidate("a") }), out(None));
}

#[test]
fn a_claim_is_left_alone_while_its_lease_runs_and_asked_after_it() {
    let state = fold([claim(&key("a"), "one")]);
    let State::Claimed(held) = state.clone() else { panic!("a claim") };
    let candidate = Candidate { state: Ok(state), ..candidate("a") };
    assert_eq!(candidate.clone().step(held.lease_until - TimeDelta::seconds(1)), Step::Claimed(held.clone()));
    assert_eq!(candidate.clone().step(held.lease_until), Step::Reconcile(held));
}

#[test]
fn an_uncertain_delivery_is_asked_for_while_the_network_can_tell() {
    let state = fold([claim(&key("a"), "one"), uncertain(&key("a"), 0)]);
    let asked = |reconcile, hours| {
        let candidate = Candidate { state: Ok(state.clone()), reconcile, ..candidate("a") };
        matches!(candidate.clone().step(now() + TimeDelta::hours(hours)), Step::Reconcile(_))
    };
    let window = Duration::from_secs(3600);
    assert!(asked(Reconcile::ClientChosenId, 1000) && asked(Reconcile::Lookup, 1000));
    assert!(asked(Reconcile::IdempotencyKey { window }, 1) && !asked(Reconcile::IdempotencyKey { window }, 2));
    assert!(!asked(Reconcile::None, 0));
    let word = Resolution { fate: Fate::NotSent, by: "Noor Haddad".into(), commit: "81aa".repeat(10) };
    let told = Candidate { state: Ok(state), reconcile: Reconcile::None, word: Some(Box::new(word)), ..candidate("a") };
    assert!(matches!(told.clone().step(now()), Step::Reconcile(_)), "somebody looked");
}

#[test]
fn refused_bytes_wait_for_other_bytes() {
    let refused = Ok(fold([failed(&key("a"), false)]));
    let step = step_of(Candidate { state: refused.clone(), ..candidate("a") });
    assert_eq!(step, Step::Failed { reason: "too long".into(), out: Vec::new() });
    let shorter = Ok(payload(&key("a"), &["shorter"]).into());
    assert_eq!(step_of(Candidate { state: refused, payload: shorter, ..candidate("a") }), Step::Send);
    let busy = Ok(fold([failed(&key("a"), true)]));
    assert_eq!(step_of(Candidate { state: busy, ..candidate("a") }), Step::Send);
}

#[test]
fn a_claim_outlives_its_post() {
    let orphan = |entries: Vec<Entry>| Orphan {
        key: key("gone"),
        state: Ok(fold(entries)),
        reconcile: Reconcile::ClientChosenId,
        word: None,
        retraction: None,
        deletes: true,
    };
    let later = now() + TimeDelta::hours(1);
    let orphans = vec![orphan(vec![claim(&key("gone"), "one")]), orphan(vec![published(&key("gone"))])];
    let plan = plan(later, String::new(), vec![candidate("a")], orphans, Vec::new());
    let steps: Vec<_> = plan.deliveries.iter().map(|d| (d.key.post.as_str(), d.path.is_some())).collect();
    assert_eq!(steps, [("a", true), ("gone", false)]);
    assert!(matches!(plan.deliveries[1].step, Step::Reconcile(_)));
    assert!(plan.deliveries[1].payload.is_some());
}

#[test]
fn deliveries_come_by_time_then_name() {
    let at = |post, hours| Candidate { due: in_hours(hours), ..candidate(post) };
    let all = vec![at("c", 2), at("b", 2), at("a", 3), at("z", -1), candidate("y")];
    let plan = plan(now(), String::new(), all, Vec::new(), Vec::new());
    let posts: Vec<&str> = plan.deliveries.iter().map(|delivery| delivery.key.post.as_str()).collect();
    assert_eq!(posts, ["y", "z", "b", "c", "a"]);
}

/// What enough people asked for.
fn regret(post: &str) -> Option<Box<Retraction>> {
    Some(Box::new(Retraction {
        digest: payload(&key(post), &["Autumn is here"]).digest(),
        asked: vec![Asked { by: "Noor Haddad".into(), commit: "7e7e".repeat(10) }],
        reason: "the price is wrong".into(),
        vain: Vec::new(),
        lacks: 0,
        turn: Vec::new(),
    }))
}

#[test]
fn what_people_want_to_be_gone_is_taken_down_wherever_that_can_be_done() {
    let down = |entries: Vec<Entry>, deletes, hours| {
        let state = Ok(fold(entries));
        let asked = Candidate { state, deletes, retraction: regret("a"), draft: true, ..candidate("a") };
        matches!(asked.clone().step(now() + TimeDelta::hours(hours)), Step::Aftercare(Aftercare::Retract(_)))
    };
    let claimed = || claim(&key("a"), "one");
    let Entry::Failed(mut half) = failed(&key("a"), false) else { unreachable!() };
    half.parts = receipts(1);
    assert!(down(vec![], true, 0) && down(vec![], false, 0), "what is not out is held back");
    assert!(down(vec![failed(&key("a"), true)], false, 0));
    assert!(down(vec![published(&key("a"))], true, 0) && !down(vec![published(&key("a"))], false, 0));
    assert!(down(vec![Entry::Failed(half.clone())], true, 0) && !down(vec![Entry::Failed(half)], false, 0));
    assert!(down(vec![claimed(), uncertain(&key("a"), 1)], true, 0));
    assert!(!down(vec![claimed()], true, 0) && down(vec![claimed()], true, 1), "nobody interferes while it is sent");
    assert!(!down(vec![retracted(&key("a"), 1)], true, 0), "once");
}

#[test]
fn a_word_that_does_not_suffice_changes_nothing() {
    let retraction = regret("a").map(|regret| Box::new(Retraction { lacks: 1, ..*regret }));
    assert_eq!(step_of(Candidate { retraction, ..candidate("a") }), Step::Send);
    let retraction = regret("a").map(|regret| Box::new(Retraction { asked: Vec::new(), ..*regret }));
    assert_eq!(step_of(Candidate { retraction, ..candidate("a") }), Step::Send, "those who spoke may not");
}

#[test]
fn what_is_out_of_a_post_that_is_gone_can_be_taken_down() {
    let orphan = |entries: Vec<Entry>, retraction| Orphan {
        key: key("gone"),
        state: Ok(fold(entries)),
        reconcile: Reconcile::ClientChosenId,
        word: None,
        retraction,
        deletes: true,
    };
    let orphans = vec![
        orphan(vec![published(&key("gone"))], regret("gone")),
        orphan(vec![published(&key("gone"))], None),
        orphan(vec![retracted(&key("gone"), 1)], regret("gone")),
        orphan(vec![], regret("gone")),
    ];
    let plan = plan(now(), String::new(), Vec::new(), orphans, Vec::new());
    let [one] = plan.deliveries.as_slice() else { panic!("{plan:?}") };
    assert!(matches!(one.step, Step::Aftercare(_)));
}

fn entry() -> impl Strategy<Value = Entry> {
    (0..6usize).prop_map(|which| match which {
        0 => claim(&key("a"), "one"),
        1 => published(&key("a")),
        2 => failed(&key("a"), true),
        3 => failed(&key("a"), false),
        4 => retracted(&key("a"), 1),
        _ => uncertain(&key("a"), 1),
    })
}

fn status() -> impl Strategy<Value = Option<Status>> {
    use Status::{Approved, Error, Held, NotCounted, Pending, Rejected, Waiting};
    prop::sample::select(vec![
        Some(Approved),
        Some(Waiting),
        Some(Pending),
        Some(Rejected),
        Some(Held),
        Some(Error),
        Some(NotCounted),
        None,
    ])
}

proptest! {
    #[test]
    fn only_what_is_approved_due_and_new_is_sent(
        entries in prop::collection::vec(entry(), 0..5),
        status in status(),
        draft: bool,
        broken: bool,
        unreadable: bool,
        hours in prop::option::of(-30i64..30),
        later in 0i64..50,
        regretted: bool,
    ) {
        let state = fold(entries);
        let candidate = Candidate {
            due: hours.map_or(Due::Asap, in_hours),
            draft,
            decision: status.map(|status| Box::new(Decision::new(Kind::Workflow, "", status, ""))),
            retraction: if regretted { regret("a") } else { None },
            state: if unreadable { Err("no entry".into()) } else { Ok(state.clone()) },
            payload: if broken { Err(vec![]) } else { candidate("a").payload },
            ..candidate("a")
        };
        let now = now() + TimeDelta::hours(later);
        if candidate.clone().step(now) == Step::Send {
            let sent = candidate.payload.as_ref().unwrap().digest.clone();
            prop_assert!(!unreadable && !draft && !broken && !regretted);
            prop_assert!(state.may_send(&sent));
            prop_assert_eq!(status, Some(Status::Approved));
            let Due::At(due) = candidate.due else { return Ok(()) };
            prop_assert!(due <= now && now <= due + TimeDelta::hours(6));
        }
    }
}
