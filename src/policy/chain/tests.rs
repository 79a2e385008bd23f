//! Each story has a trusted branch of a few policies, `A` at its root, and says what people approved.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::policy::decision::Status;
use crate::policy::evidence::{Signature, Verb, Witness};
use crate::workspace::{EvidenceMode, OwnedKey, Person, Roles, Settings};

fn now() -> DateTime<Utc> {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn key(of: &str) -> Key {
    Key(format!("ssh-ed25519 {of}"))
}

/// Maya and ada are admins, noor is an editor; each has a key and an address.
fn roles() -> Roles {
    let person = |id: &str| Person {
        name: id.to_uppercase(),
        emails: vec![format!("{id}@acme.example")],
        keys: vec![key(id).into()],
        ..Person::default()
    };
    let everyone = ["maya", "ada", "noor"];
    let held = |people: &[&str]| people.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    Roles {
        people: everyone.iter().map(|id| ((*id).to_owned(), person(id))).collect(),
        roles: BTreeMap::from([("admin".to_owned(), held(&["maya", "ada"])), ("editor".to_owned(), held(&["noor"]))]),
        ..Roles::default()
    }
}

fn settings() -> Settings {
    Settings {
        workspace: "w".into(),
        timezone: chrono_tz::UTC,
        trusted: "main".into(),
        remote: "origin".into(),
        ledger: None,
        accounts: BTreeMap::new(),
        groups: BTreeMap::new(),
        check: Vec::new(),
        campaigns: Vec::new(),
        blackouts: Vec::new(),
    }
}

fn name(policy: &str) -> Digest {
    Digest::of(policy.as_bytes())
}

/// The commit at a place of the line.
fn at(position: usize) -> String {
    format!("{position:040}")
}

fn approve(commit: &str, by: &str, from: &str, to: &str, seen_at: usize) -> Statement {
    Statement {
        commit: commit.to_owned(),
        witness: Witness {
            signature: Signature::Valid(key(by)),
            name: by.to_owned(),
            email: format!("{by}@acme.example"),
            sign_offs: vec![format!("{by}@acme.example")],
        },
        dated: now(),
        workspace: "w".into(),
        policy: Some(at(seen_at)),
        policy_approvals: Vec::new(),
        stage: None,
        stands_in_for: None,
        reply_to: None,
        line: None,
        seen: None,
        verbs: vec![Verb::ApprovePolicy { to: name(to), from: name(from) }],
        text: String::new(),
    }
}

fn naming(mut statement: Statement, commits: &[&str]) -> Statement {
    statement.policy_approvals = commits.iter().map(|commit| (*commit).to_owned()).collect();
    statement
}

/// A branch of twenty commits, and what its policies say.
#[derive(Default)]
struct Branch {
    policies: BTreeMap<String, Result<Roles, String>>,
    line: Vec<(usize, &'static str)>,
    asides: Vec<&'static str>,
}

impl Branch {
    /// The policies by place; each says the same but for its bytes.
    fn of(line: &[(usize, &'static str)]) -> Self {
        let policies = line.iter().map(|(_, policy)| ((*policy).to_owned(), Ok(roles()))).collect();
        Self { policies, line: line.to_vec(), asides: Vec::new() }
    }

    fn saying(mut self, policy: &str, change: impl Fn(&mut Roles)) -> Self {
        let mut said = roles();
        change(&mut said);
        self.policies.insert(policy.to_owned(), Ok(said));
        self
    }

    fn broken(mut self, policy: &str) -> Self {
        self.policies.insert(policy.to_owned(), Err("roles.toml: there is no such file".into()));
        self
    }

    fn beside(mut self, policy: &'static str) -> Self {
        self.asides.push(policy);
        self
    }

    fn try_with(&self, statements: &[Statement], now: DateTime<Utc>) -> Result<Chain, ChainError> {
        let version = |(position, policy): &(usize, &str)| Version {
            commit: at(*position),
            position: *position,
            digest: name(policy),
        };
        let versions: Vec<Version> = self.line.iter().map(version).collect();
        let asides: Vec<Digest> = self.asides.iter().map(|policy| name(policy)).collect();
        let by_digest: BTreeMap<Digest, &Result<Roles, String>> =
            self.policies.iter().map(|(policy, said)| (name(policy), said)).collect();
        let load = |digest: &Digest| {
            let roles = Result::clone(by_digest[digest])?;
            Ok(Arc::new(Policy { settings: settings(), roles: Arc::new(roles) }))
        };
        let positions: HashMap<String, usize> = (0..20).map(|position| (at(position), position)).collect();
        let line = Line { versions: &versions, asides: &asides, positions, load: &load };
        Chain::follow(line, statements, now)
    }

    fn with(&self, statements: &[Statement]) -> Chain {
        self.try_with(statements, now()).unwrap()
    }
}

/// The names of the eras' policies, and whether the tip is in force.
fn story(chain: &Chain) -> (Vec<&'static str>, bool) {
    let names = ["A", "B", "C", "D"];
    let named = |era: &Era| *names.iter().find(|policy| name(policy) == era.digest).unwrap();
    (chain.eras().iter().map(named).collect(), chain.pending().is_none())
}

fn why(chain: &Chain) -> String {
    let decision = &chain.pending().unwrap().decision;
    let children: Vec<String> =
        decision.children.iter().map(|child| format!("{}: {}", child.what, child.reason)).collect();
    format!("{}; {}", decision.reason, children.join("; "))
}

#[test]
fn a_change_is_in_force_once_an_admin_approved_exactly_it() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]);
    let alone = branch.with(&[]);
    assert_eq!(story(&alone), (vec!["A"], false));
    let pending = alone.pending().unwrap();
    assert_eq!((pending.decision.status, pending.commit.as_str()), (Status::Waiting, at(5).as_str()));
    assert_eq!(pending.decision.turn, ["maya", "ada"]);
    assert!(why(&alone).starts_with("0 of 1 approved"), "{}", why(&alone));

    let approved = branch.with(&[approve("x", "maya", "A", "B", 5)]);
    assert_eq!(story(&approved), (vec!["A", "B"], true));
    let [approval] = &approved.in_force().approvals[..] else { panic!("{approved:?}") };
    assert_eq!((approval.person.as_str(), approval.key.as_ref()), ("maya", Some(&key("maya"))));
    assert_eq!(approved.in_force().commit, at(5));
}

#[test]
fn approval_may_come_before_the_merge_and_long_after_it() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]);
    for seen_at in [0, 3, 5, 9] {
        assert!(story(&branch.with(&[approve("x", "ada", "A", "B", seen_at)])).1, "{seen_at}");
    }
}

#[test]
fn restoring_the_bytes_heals_what_nobody_approved() {
    let chain = Branch::of(&[(0, "A"), (5, "B"), (7, "A")]).with(&[]);
    assert_eq!(story(&chain), (vec!["A"], true));
    assert_eq!(chain.in_force().commit, at(0));
}

#[test]
fn of_two_changes_in_a_row_the_tips_bytes_are_approved_directly() {
    let branch = Branch::of(&[(0, "A"), (5, "B"), (7, "C")]);
    let steps = [approve("x", "maya", "B", "C", 7)];
    assert_eq!(story(&branch.with(&steps)), (vec!["A"], false), "B never was in force");
    assert!(why(&branch.with(&steps)).contains("a change of another policy"), "{}", why(&branch.with(&steps)));
    let direct = branch.with(&[approve("x", "maya", "A", "C", 7)]);
    assert_eq!(story(&direct), (vec!["A", "C"], true));
    let both = [approve("x", "maya", "A", "B", 5), naming(approve("y", "maya", "B", "C", 7), &["x"])];
    assert_eq!(story(&branch.with(&both)), (vec!["A", "B", "C"], true));
}

#[test]
fn an_old_approval_is_not_replayed_when_the_policy_goes_back_and_forth() {
    let branch = Branch::of(&[(0, "A"), (5, "B"), (7, "A"), (9, "B")]);
    let forth = approve("x", "maya", "A", "B", 4);
    let back = naming(approve("y", "maya", "B", "A", 7), &["x"]);
    let replayed = branch.with(&[forth.clone(), back.clone()]);
    assert_eq!(story(&replayed), (vec!["A", "B", "A"], false));
    assert!(why(&replayed).contains("before the policy that it changes was in force"), "{}", why(&replayed));
    // Late in the first era, by its commit; still it does not know that A came back.
    let late = approve("x", "maya", "A", "B", 8);
    let back_from_late = naming(approve("y", "maya", "B", "A", 8), &["x"]);
    assert_eq!(story(&branch.with(&[late, back_from_late])), (vec!["A", "B", "A"], false));
    let again = naming(approve("z", "ada", "A", "B", 9), &["y"]);
    assert_eq!(story(&branch.with(&[forth, back, again])), (vec!["A", "B", "A", "B"], true));
}

#[test]
fn who_was_an_admin_once_does_not_undo_their_leave_with_a_change_that_was_passed_over() {
    let hour = |n: u32| Some(now() - chrono::TimeDelta::hours(i64::from(10 - n)));
    let leave = |roles: &mut Roles| _ = roles.roles.insert("admin".into(), vec!["maya".into()]);
    // B was merged, never approved, and taken back; with C, ada is no admin any more.
    let branch = Branch::of(&[(0, "A"), (5, "B"), (6, "A"), (8, "C")]).saying("C", leave);
    let left = Statement { seen: hour(1), ..approve("x", "maya", "A", "C", 8) };
    for seen in [None, hour(2)] {
        let back = Statement { seen, ..approve("y", "ada", "A", "B", 5) };
        let chain = branch.with(&[left.clone(), back.clone()]);
        assert_eq!(story(&chain), (vec!["A", "C"], true), "{seen:?}");
        // Nor with one of her own that is on the branch later.
        let branch = Branch::of(&[(0, "A"), (5, "C"), (7, "B")]).saying("C", leave);
        assert_eq!(story(&branch.with(&[left.clone(), back])), (vec!["A", "C"], false), "{seen:?}");
    }
    // What was approved in its day stays.
    let before = Statement { seen: hour(0), ..approve("y", "ada", "A", "B", 5) };
    assert_eq!(story(&branch.with(&[left.clone(), before])), (vec!["A", "B"], false));
    // Where two are asked for, the second of them decides when it was.
    let two = Branch::of(&[(0, "A"), (5, "B"), (8, "C")]).saying("A", |roles| roles.policy.needs = 2);
    let said = |commit, by, to, seen| Statement { seen, ..approve(commit, by, "A", to, 5) };
    let mut all = vec![said("1", "maya", "C", hour(3)), said("2", "ada", "C", hour(4)), said("3", "ada", "B", hour(1))];
    all.push(said("4", "maya", "B", hour(5)));
    assert_eq!(story(&two.with(&all)).0, ["A", "C"]);
}

#[test]
fn a_change_is_judged_by_the_policy_before_it_alone() {
    // B makes mallory an admin, takes maya's and ada's right away, and takes sign-offs at their word.
    let branch = Branch::of(&[(0, "A"), (5, "B")]).saying("B", |roles| {
        let mallory = Person {
            emails: vec!["mallory@acme.example".into()],
            keys: vec![key("mallory").into()],
            ..Person::default()
        };
        roles.people.insert("mallory".into(), mallory);
        roles.roles.insert("admin".into(), vec!["mallory".into()]);
        roles.policy.evidence = EvidenceMode::SignOff;
    });
    let own = branch.with(&[approve("x", "mallory", "A", "B", 5)]);
    assert_eq!(story(&own), (vec!["A"], false));
    assert!(why(&own).contains("nobody in roles.toml owns"), "{}", why(&own));
    let mut typed = approve("x", "maya", "A", "B", 5);
    typed.witness.signature = Signature::Missing;
    assert!(why(&branch.with(&[typed])).contains("signature is missing"));
    assert_eq!(story(&branch.with(&[approve("x", "maya", "A", "B", 5)])), (vec!["A", "B"], true));
}

#[test]
fn a_new_admins_approval_made_before_the_grant_was_approved_never_counts() {
    let branch = Branch::of(&[(0, "A"), (5, "B"), (7, "C")]).saying("B", |roles| {
        roles.roles.insert("admin".into(), vec!["noor".into()]);
    });
    let grant = approve("x", "maya", "A", "B", 7);
    let early = approve("y", "noor", "B", "C", 7);
    assert_eq!(story(&branch.with(&[grant.clone(), early.clone()])), (vec!["A", "B"], false));
    assert_eq!(story(&branch.with(&[grant, naming(early, &["x"])])), (vec!["A", "B", "C"], true));
}

#[test]
fn as_many_different_admins_as_the_old_policy_asks_for() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]).saying("A", |roles| roles.policy.needs = 2);
    let (maya, ada) = (approve("x", "maya", "A", "B", 5), approve("z", "ada", "A", "B", 5));
    let again = approve("y", "maya", "A", "B", 6);
    let one = branch.with(&[maya.clone(), again]);
    assert_eq!(story(&one), (vec!["A"], false));
    assert_eq!(one.pending().unwrap().decision.turn, ["ada"]);
    assert_eq!(story(&branch.with(&[maya.clone(), approve("z", "noor", "A", "B", 5)])), (vec!["A"], false));
    assert_eq!(story(&branch.with(&[maya, ada])), (vec!["A", "B"], true));
    // The threshold that B lowers or raises is not asked.
    let raised = Branch::of(&[(0, "A"), (5, "B")]).saying("B", |roles| roles.policy.needs = 2);
    assert_eq!(story(&raised.with(&[approve("x", "maya", "A", "B", 5)])), (vec!["A", "B"], true));
}

#[test]
fn a_policy_that_cannot_be_read_or_locks_everyone_out_is_never_in_force() {
    let approved = [approve("x", "maya", "A", "B", 5), approve("y", "ada", "A", "B", 5)];
    let broken = Branch::of(&[(0, "A"), (5, "B")]).broken("B").with(&approved);
    assert_eq!(story(&broken), (vec!["A"], false));
    assert_eq!(broken.pending().unwrap().decision.status, Status::Error);
    assert!(why(&broken).contains("there is no such file"), "{}", why(&broken));

    let without_keys = |roles: &mut Roles| roles.people.values_mut().for_each(|person| person.keys.clear());
    let revoked = |roles: &mut Roles| {
        let keys = roles.people.values_mut().flat_map(|person| &mut person.keys);
        keys.for_each(|owned| owned.revoked = Some(DateTime::<Utc>::MIN_UTC));
    };
    let bots = |roles: &mut Roles| roles.people.values_mut().for_each(|person| person.bot = true);
    let needs = |roles: &mut Roles| roles.policy.needs = 3;
    let nobody = |roles: &mut Roles| drop(roles.roles.remove("admin"));
    let ways: [&dyn Fn(&mut Roles); 5] = [&without_keys, &revoked, &bots, &needs, &nobody];
    for (number, way) in ways.iter().enumerate() {
        let chain = Branch::of(&[(0, "A"), (5, "B")]).saying("B", way).with(&approved);
        assert_eq!(story(&chain), (vec!["A"], false), "{number}");
        assert!(why(&chain).contains("lock everyone out"), "{number}: {}", why(&chain));
    }
    let root = Branch::of(&[(0, "A")]).broken("A").try_with(&[], now()).unwrap_err();
    assert!(root.to_string().contains("no such file"), "{root}");
}

#[test]
fn statements_know_the_era_whose_approvals_they_name() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]);
    let chain = branch.with(&[approve("x", "maya", "A", "B", 9)]);
    let said = |seen_at, names: &[&str]| naming(approve("s", "noor", "C", "D", seen_at), names);
    let then = |statement: Statement| chain.then(&statement).map(|era| era.position);
    assert_eq!(then(said(2, &[])), Some(0));
    assert_eq!(then(said(9, &[])), Some(0), "made before anybody had approved the change, as far as it proves");
    assert_eq!(then(said(9, &["x"])), Some(5));
    assert_eq!(then(said(9, &["y"])), Some(0), "another commit");
    assert_eq!(then(said(2, &["x"])), Some(0), "the change was not there yet");
    let mut stray = said(9, &["x"]);
    stray.policy = Some("f".repeat(40));
    assert_eq!(then(stray), None, "before the root, or beside the line");
}

#[test]
fn too_few_named_approvals_prove_nothing() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]).saying("A", |roles| roles.policy.needs = 2);
    let chain = branch.with(&[
        approve("x", "maya", "A", "B", 5),
        approve("y", "maya", "A", "B", 5),
        approve("z", "ada", "A", "B", 5),
    ]);
    let then = |names: &[&str]| chain.then(&naming(approve("s", "noor", "C", "D", 9), names)).unwrap().position;
    assert_eq!((then(&["x"]), then(&["x", "y"]), then(&["x", "x"])), (0, 0, 0));
    assert_eq!((then(&["x", "z"]), then(&["y", "z"])), (5, 5));
}

#[test]
fn a_revoked_key_never_comes_back() {
    let revoking = |roles: &mut Roles| {
        let maya = roles.people.get_mut("maya").unwrap();
        maya.keys = vec![OwnedKey { revoked: Some(DateTime::<Utc>::MIN_UTC), ..key("maya").into() }, key("new").into()];
    };
    let revoke = approve("x", "ada", "A", "B", 5);
    // C is as A was: it has maya's key without its revocation.
    let line = Branch::of(&[(0, "A"), (5, "B"), (7, "C")]).saying("B", revoking);
    let reverted = line.with(&[revoke.clone(), naming(approve("y", "ada", "B", "C", 7), &["x"])]);
    assert_eq!(story(&reverted), (vec!["A", "B", "C"], true));
    assert_eq!(reverted.revoked(), &BTreeSet::from([key("maya")]));

    // A merge that keeps only our side has dropped B from the line.
    let dropped = Branch::of(&[(0, "A"), (7, "C")]).saying("B", revoking).beside("B");
    let stolen = approve("s", "maya", "A", "C", 7);
    let chain = dropped.with(&[revoke.clone(), stolen.clone()]);
    assert_eq!(story(&chain), (vec!["A"], false));
    assert!(why(&chain).contains("a key that is revoked"), "{}", why(&chain));
    assert!(chain.revoked().contains(&key("maya")));
    // Those who approved it had stood on the line that is gone, and had gone on from there.
    let gone = |statement| Statement { policy: Some("f".repeat(40)), ..statement };
    let chain = dropped.with(&[gone(revoke.clone()), stolen.clone()]);
    assert_eq!(story(&chain), (vec!["A"], false));
    let two_steps = Branch::of(&[(0, "A"), (7, "C")]).saying("D", revoking).beside("D").saying("B", |_| {}).beside("B");
    let steps = [gone(revoke.clone()), gone(naming(approve("y", "ada", "B", "D", 6), &["x"])), stolen.clone()];
    assert_eq!(story(&two_steps.with(&steps)), (vec!["A"], false));
    assert_eq!(story(&two_steps.with(&[steps[1].clone(), stolen.clone()])), (vec!["A", "C"], true));
    // Nor where B comes back to the line after that.
    let late = Branch::of(&[(0, "A"), (7, "C"), (9, "B")]).saying("B", revoking);
    assert_eq!(story(&late.with(&[revoke, stolen.clone()])), (vec!["A", "B"], true));
    // Had nobody approved B, the key would still be maya's.
    assert_eq!(story(&dropped.with(std::slice::from_ref(&stolen))), (vec!["A", "C"], true));
    assert_eq!(story(&dropped.with(&[stolen, approve("n", "noor", "A", "B", 5)])), (vec!["A", "C"], true));
}

#[test]
fn who_revokes_their_own_key_signs_that_with_it() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]).saying("B", |roles| {
        let keys = &mut roles.people.get_mut("maya").unwrap().keys;
        *keys = vec![OwnedKey { revoked: Some(DateTime::<Utc>::MIN_UTC), ..key("maya").into() }, key("new").into()];
    });
    assert_eq!(story(&branch.with(&[approve("x", "maya", "A", "B", 5)])), (vec!["A", "B"], true));
}

#[test]
fn a_key_counts_in_its_time_by_the_publishers_clock() {
    let until = |end: &str| {
        let end: DateTime<Utc> = end.parse().unwrap();
        Branch::of(&[(0, "A"), (5, "B")]).saying("A", move |roles| {
            roles.people.get_mut("maya").unwrap().keys[0].not_after = Some(end);
        })
    };
    let mut backdated = approve("x", "maya", "A", "B", 5);
    backdated.dated = "2020-01-01T00:00:00Z".parse().unwrap();
    let expired = until("2026-11-30T00:00:00Z");
    assert!(why(&expired.with(&[backdated.clone()])).contains("has expired"));
    let seen = Statement { seen: Some("2026-11-29T00:00:00Z".parse().unwrap()), ..backdated.clone() };
    assert_eq!(story(&expired.with(&[seen])), (vec!["A", "B"], true));
    assert_eq!(story(&until("2026-12-02T00:00:00Z").with(&[backdated])), (vec!["A", "B"], true));
}

#[test]
fn bots_strangers_and_other_workspaces_approve_nothing() {
    let branch = Branch::of(&[(0, "A"), (5, "B")]).saying("A", |roles| roles.people.get_mut("ada").unwrap().bot = true);
    let refused = |statement: Statement, reason: &str| {
        let chain = branch.with(&[statement]);
        assert!(why(&chain).contains(reason), "{}", why(&chain));
    };
    refused(approve("x", "ada", "A", "B", 5), "is a bot");
    refused(approve("x", "noor", "A", "B", 5), "is no admin");
    refused(Statement { workspace: "other".into(), ..approve("x", "maya", "A", "B", 5) }, "another workspace");
    refused(Statement { policy: None, ..approve("x", "maya", "A", "B", 5) }, "names no commit");
    refused(Statement { policy: Some("f".repeat(40)), ..approve("x", "maya", "A", "B", 5) }, "names no commit");
}

#[test]
fn a_policys_name_is_both_files_bytes() {
    let files =
        |settings: &[u8], roles: &[u8]| PolicyFiles { settings: Ok(settings.to_vec()), roles: Ok(roles.to_vec()) };
    let good = files(b"a", b"b");
    assert_eq!(good.digest(), files(b"a", b"b").digest());
    for other in [files(b"a ", b"b"), files(b"a", b"b "), files(b"b", b"a"), files(b"ab", b"")] {
        assert_ne!(good.digest(), other.digest());
    }
    let linked = PolicyFiles { roles: Err(FileProblem::Irregular("symbolic link")), ..good.clone() };
    let missing = PolicyFiles { roles: Err(FileProblem::Missing), ..good.clone() };
    assert!(linked.digest() != good.digest() && missing.digest() != linked.digest());
}

prop_compose! {
    fn anything(by: &'static [&'static str], commit: &'static str)(
        by in prop::sample::select(by),
        from in prop::sample::select(vec!["A", "B", "C", "D"]),
        to in prop::sample::select(vec!["A", "B", "C", "D"]),
        seen_at in 0..20usize,
        names in prop::collection::vec(prop::sample::select(vec!["x", "y", "z", "0", "1", "a", "b"]), 0..3),
        commit in commit,
        unsigned in any::<bool>(),
    ) -> Statement {
        let mut statement = naming(approve(&commit, by, from, to, seen_at), &names);
        if unsigned {
            statement.witness.signature = Signature::Missing;
        }
        statement
    }
}

proptest! {
    /// Whatever the branch is and whatever the admins did: what others say changes nothing. No commit is two people's.
    #[test]
    fn no_statements_by_others_change_the_policy_in_force(
        policies in prop::collection::vec(prop::sample::select(vec!["A", "B", "C", "D"]), 1..6),
        honest in prop::collection::vec(anything(&["maya", "ada"], "[0-9]{1,2}"), 0..4),
        needs in 1..3usize,
        foreign in prop::collection::vec(anything(&["noor", "mallory"], "[a-f]{1,2}"), 0..8),
        order in any::<prop::sample::Index>(),
    ) {
        let line: Vec<(usize, &str)> = policies.iter().enumerate().map(|(n, policy)| (n * 2, *policy)).collect();
        let mut branch = Branch::of(&line);
        for policy in ["A", "B", "C", "D"] {
            branch = branch.saying(policy, |roles| roles.policy.needs = needs);
        }
        let before = branch.with(&honest);
        let mut all = honest.clone();
        let place = order.index(all.len() + 1);
        all.splice(place..place, foreign);
        let after = branch.with(&all);
        prop_assert_eq!(story(&before), story(&after));
        prop_assert_eq!(before.in_force().position, after.in_force().position);
        prop_assert_eq!(&before.in_force().approvals, &after.in_force().approvals);
    }
}
