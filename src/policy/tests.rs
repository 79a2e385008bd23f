//! Stories of a small newsroom: each attack beside its honest twin.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::render::Digest;
use crate::workspace::{
    AccountName, Body, Due, EvidenceMode, Key, Needs, Person, Post, PostId, Reschedule, Roles, Source, Stage, When,
    Workflow,
};

/// What a story is about, all of it open to change.
#[derive(Clone)]
struct Newsroom {
    now: Roles,
    /// The roles at each trusted commit.
    then: BTreeMap<String, Roles>,
    post: Post,
    account: AccountName,
    digest: Digest,
    due: Due,
    authors: Vec<Author>,
    statements: Vec<Statement>,
}

const WORKSPACE: &str = "0197c7b2";

/// Li and Noor are editors, Tess and Noor are legal, Maya is admin, Ben wrote the post and is an editor too.
fn newsroom() -> Newsroom {
    let person = |name: &str| Person {
        name: format!("{name} Example"),
        emails: vec![email(name)],
        keys: vec![key(name).into(), Key(format!("ssh-ed25519 second-of-{name}")).into()],
        ..Person::default()
    };
    let names = ["li", "noor", "tess", "maya", "ben"];
    let stage = |role: &str| Stage {
        role: role.into(),
        needs: Needs::Some(1),
        within: None,
        escalate_to: None,
        parallel: false,
        when: When::default(),
    };
    let workflow = |name: &str, when, stages| Workflow { name: name.into(), when, and: Vec::new(), stages };
    let roles = Roles {
        people: names.iter().map(|name| ((*name).to_owned(), person(name))).collect(),
        roles: BTreeMap::from([
            ("editor".to_owned(), vec!["li".to_owned(), "noor".to_owned(), "ben".to_owned()]),
            ("legal".to_owned(), vec!["tess".to_owned(), "noor".to_owned()]),
            ("admin".to_owned(), vec!["maya".to_owned()]),
        ]),
        workflows: vec![
            workflow(
                "regulated",
                When { labels: vec!["pricing".into()], ..When::default() },
                vec![stage("editor"), stage("legal")],
            ),
            workflow("default", When::default(), vec![stage("editor")]),
        ],
        ..Roles::default()
    };
    Newsroom {
        then: BTreeMap::from([("c0ffee".to_owned(), roles.clone())]),
        now: roles,
        post: post("autumn"),
        account: AccountName::new("bluesky/acme").unwrap(),
        digest: Digest::of(b"Autumn is here"),
        due: "2026-12-01T08:00:00Z".parse().unwrap(),
        authors: vec![Author { commit: "a1".into(), key: Some(key("ben")), emails: vec![email("ben")] }],
        statements: Vec::new(),
    }
}

fn post(id: &str) -> Post {
    Post {
        id: PostId::new(id).unwrap(),
        source: Arc::new(Source::new(format!("posts/{id}.md"), "")),
        title: None,
        to: vec![AccountName::new("bluesky/acme").unwrap()],
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: None,
        labels: Vec::new(),
        languages: vec!["en".into()],
        link: None,
        media: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: BTreeMap::new(),
        body: Body::default(),
    }
}

fn key(name: &str) -> Key {
    Key(format!("ssh-ed25519 key-of-{name}"))
}

fn email(name: &str) -> String {
    format!("{name}@example.com")
}

fn at(text: &str) -> Due {
    text.parse().unwrap()
}

impl Newsroom {
    fn judge(&self) -> Decision {
        let roles_then = |statement: &Statement| {
            statement.policy.as_deref().and_then(|commit| self.then.get(commit).cloned().map(Arc::new))
        };
        let evidence = Evidence { statements: self.statements.clone(), refused: Vec::new() };
        let dossiers = Dossiers::new(&evidence);
        let question = Question {
            workspace: WORKSPACE,
            post: &self.post,
            account: &self.account,
            digest: &self.digest,
            due: self.due,
            zone: chrono_tz::Europe::Berlin,
        };
        let facts = Facts {
            roles: &self.now,
            roles_then: &roles_then,
            now: DateTime::UNIX_EPOCH,
            statements: dossiers.of(&self.post.id),
            authors: &self.authors,
        };
        evaluate(&question, &facts)
    }

    fn says(&self, name: &str, verb: Verb) -> Statement {
        Statement {
            commit: format!("{:040x}", self.statements.len() + 1),
            witness: Witness {
                signature: Signature::Valid(key(name)),
                name: format!("{name} Example"),
                email: email(name),
                sign_offs: vec![email(name)],
            },
            dated: DateTime::<Utc>::UNIX_EPOCH,
            workspace: WORKSPACE.into(),
            policy: Some("c0ffee".into()),
            policy_approvals: Vec::new(),
            stands_in_for: None,
            reply_to: None,
            line: None,
            seen: None,
            stage: None,
            verbs: vec![verb],
            text: String::new(),
        }
    }

    fn yes(&self, name: &str, stage: &str) -> Statement {
        let verb = Verb::Approve {
            post: self.post.id.clone(),
            account: self.account.clone(),
            digest: self.digest.clone(),
            due: self.due,
        };
        Statement { stage: Some(stage.into()), ..self.says(name, verb) }
    }

    fn approve(&mut self, name: &str, stage: &str) -> &mut Statement {
        let statement = self.yes(name, stage);
        self.add(statement)
    }

    fn reject(&mut self, name: &str) -> &mut Statement {
        let statement = self.says(name, Verb::Reject { post: self.post.id.clone() });
        self.add(statement)
    }

    fn lift(&mut self, name: &str, commit: &str) -> &mut Statement {
        let statement = self.says(name, Verb::Lift { commit: commit.into() });
        self.add(statement)
    }

    fn add(&mut self, statement: Statement) -> &mut Statement {
        self.statements.push(statement);
        self.statements.last_mut().unwrap()
    }

    fn regulated(mut self) -> Self {
        self.post.labels = vec!["Pricing".into()];
        self
    }

    fn by_sign_off(mut self) -> Self {
        self.now.policy.evidence = EvidenceMode::SignOff;
        self.then.insert("c0ffee".into(), self.now.clone());
        self
    }

    /// The reasons of all that does not count, in order.
    fn refusals(&self) -> Vec<String> {
        fn collect(node: &Decision, reasons: &mut Vec<String>) {
            if node.status == Status::NotCounted {
                reasons.push(node.reason.clone());
            }
            node.children.iter().for_each(|child| collect(child, reasons));
        }
        let mut reasons = Vec::new();
        collect(&self.judge(), &mut reasons);
        reasons
    }
}

#[test]
fn one_editor_is_enough_for_an_ordinary_post() {
    let mut room = newsroom();
    let waiting = room.judge();
    assert_eq!(waiting.status, Status::Waiting);
    assert_eq!(waiting.whose_turn(), ["li", "noor"], "not Ben, who wrote it");
    room.approve("li", "editor");
    let decision = room.judge();
    assert!(decision.approved(), "{decision:#?}");
    assert_eq!(decision.commits(), [format!("{:040x}", 1)]);
    assert!(decision.whose_turn().is_empty());
}

#[test]
fn stages_come_in_order() {
    let mut room = newsroom().regulated();
    room.approve("tess", "legal");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting);
    assert_eq!(decision.whose_turn(), ["li", "noor"], "editors first, though Tess was early");
    assert_eq!(decision.children[1].status, Status::Pending);
    assert_eq!(decision.children[1].reason, "after editor");
    room.approve("li", "editor");
    assert!(room.judge().approved());
}

#[test]
fn someone_in_two_roles_approves_for_each() {
    let mut room = newsroom().regulated();
    room.approve("noor", "editor");
    assert_eq!(room.judge().whose_turn(), ["noor", "tess"]);
    room.approve("noor", "legal");
    assert!(room.judge().approved());
}

/// One reason for which an approval does not count, each one change away from an honest one that does.
#[test]
fn what_does_not_count_says_why() {
    type Change = fn(&mut Newsroom);
    let stories: &[(&str, Change, &str)] = &[
        ("the text was edited", |r| r.digest = Digest::of(b"edited"), "approved an earlier version: sha256:"),
        (
            "the time was moved",
            |r| r.due = at("2026-12-02T08:00:00Z"),
            "approved for 2026-12-01 09:00 CET; it is now for 2026-12-02 09:00 CET",
        ),
        (
            "the time was taken off",
            |r| r.due = Due::Asap,
            "approved for 2026-12-01 09:00 CET; it is now to go out at once",
        ),
        ("another workspace", |r| r.statements[0].workspace = "other".into(), "was made for another workspace"),
        ("no stage", |r| r.statements[0].stage = None, "names no stage"),
        ("another stage", |r| r.statements[0].stage = Some("legal".into()), "is not in legal"),
        ("no signature", |r| r.statements[0].witness.signature = Signature::Missing, "signature is missing"),
        (
            "a bad signature",
            |r| r.statements[0].witness.signature = Signature::Invalid("it is for another commit".into()),
            "signature proves nothing: it is for another commit",
        ),
        (
            "a stranger's key, in Li's name",
            |r| r.statements[0].witness.signature = Signature::Valid(key("mallory")),
            "signed by a key nobody in roles.toml owns",
        ),
        (
            "a bot in the role of nobody",
            |r| r.statements[0].witness.signature = Signature::Valid(key("maya")),
            "is not in editor",
        ),
        (
            "the author, though an editor",
            |r| r.statements[0].witness.signature = Signature::Valid(key("ben")),
            "is an author of this post",
        ),
        (
            "the author with their other key",
            |r| r.statements[0].witness.signature = Signature::Valid(Key("ssh-ed25519 second-of-ben".into())),
            "is an author of this post",
        ),
        ("co-author by address", |r| r.authors[0].emails.push(email("li")), "is an author of this post"),
        (
            "removed from the role",
            |r| r.now.roles.get_mut("editor").unwrap().retain(|p| p != "li"),
            "was removed from editor",
        ),
        (
            "the key was revoked",
            |r| r.now.people.get_mut("li").unwrap().keys.clear(),
            "the key that signed it is no longer Li Example's",
        ),
        ("the person is gone", |r| drop(r.now.people.remove("li")), "the key that signed it is no longer li Example's"),
        (
            "the role was given later",
            |r| r.then.get_mut("c0ffee").unwrap().roles.get_mut("editor").unwrap().retain(|p| p != "li"),
            "was not in editor yet when approving",
        ),
        (
            "the key was added later",
            |r| r.then.get_mut("c0ffee").unwrap().people.get_mut("li").unwrap().keys.clear(),
            "the key that signed it was not yet li Example's when it was given",
        ),
        (
            "the key was someone else's",
            |r| {
                let then = r.then.get_mut("c0ffee").unwrap();
                then.people.get_mut("li").unwrap().keys.clear();
                then.people.get_mut("tess").unwrap().keys.push(key("li").into());
            },
            "the key that signed it was tess Example's then",
        ),
        (
            "roles from a branch of their own",
            |r| r.statements[0].policy = None,
            "the roles that it was given under are not on the trusted branch",
        ),
        (
            "roles that cannot be read",
            |r| r.then.clear(),
            "the roles that it was given under cannot be read (commit c0ffee)",
        ),
    ];
    for (story, change, reason) in stories {
        let mut room = newsroom();
        room.approve("li", "editor");
        assert!(room.judge().approved(), "the honest twin of: {story}");
        change(&mut room);
        let decision = room.judge();
        assert_ne!(decision.status, Status::Approved, "{story}");
        let reasons = room.refusals();
        assert_eq!(reasons.len(), 1, "{story}: {reasons:?}");
        assert!(reasons[0].to_lowercase().starts_with(&reason.to_lowercase()), "{story}: {reasons:?}");
    }
}

#[test]
fn an_approval_of_another_post_or_account_is_no_matter_here() {
    for change in [
        |room: &mut Newsroom| room.account = AccountName::new("bluesky/other").unwrap(),
        |room: &mut Newsroom| room.post = post("winter"),
    ] {
        let mut room = newsroom();
        room.approve("li", "editor");
        change(&mut room);
        assert_eq!(room.judge().status, Status::Waiting);
        assert!(room.refusals().is_empty());
    }
}

#[test]
fn authors_may_approve_where_the_roles_say_so() {
    let mut room = newsroom();
    room.approve("ben", "editor");
    assert!(!room.judge().approved());
    room.now.policy.author_may_approve = true;
    assert!(room.judge().approved());
}

#[test]
fn a_new_time_keeps_approvals_where_the_roles_say_so() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.due = at("2026-12-02T08:00:00Z");
    assert!(!room.judge().approved());
    room.now.policy.reschedule = Reschedule::Keep;
    assert!(room.judge().approved());
}

#[test]
fn a_person_counts_once_with_any_number_of_keys() {
    let mut room = newsroom();
    room.now.workflows[1].stages[0].needs = Needs::Some(2);
    room.approve("li", "editor");
    room.approve("li", "editor").witness.signature = Signature::Valid(Key("ssh-ed25519 second-of-li".into()));
    let decision = room.judge();
    assert_eq!(decision.status, Status::Waiting);
    assert_eq!(decision.children[0].reason, "1 of 2 approved");
    assert_eq!(decision.whose_turn(), ["noor"]);
    assert_eq!(room.refusals(), ["has approved for editor already"]);
    room.approve("noor", "editor");
    assert!(room.judge().approved());
}

#[test]
fn a_stage_asked_twice_needs_a_second_yes() {
    let mut room = newsroom().regulated();
    let again = room.now.workflows[0].stages[0].clone();
    room.now.workflows[0].stages.push(again);
    room.approve("li", "editor");
    room.approve("tess", "legal");
    assert_eq!(room.judge().whose_turn(), ["li", "noor"]);
    room.approve("li", "editor");
    assert!(room.judge().approved());
}

#[test]
fn a_stage_that_nobody_can_give_says_so_and_names_the_admin() {
    let mut room = newsroom();
    room.now.roles.insert("editor".into(), vec!["ben".into()]);
    let decision = room.judge();
    assert_eq!(
        decision.children[0].reason,
        "0 of 1 approved, and nobody else can: Ben Example is an author of this post; an admin can add people to roles.toml"
            .replace("Ben", "ben")
    );
    assert_eq!(decision.whose_turn(), ["maya"]);
}

#[test]
fn no_workflow_is_no_yes() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.now.workflows.pop();
    assert_eq!(room.judge().status, Status::Error);
    room.now.workflows[0].when = When::default();
    room.now.workflows[0].stages.clear();
    assert_eq!(room.judge().status, Status::Error);
}

#[test]
fn sign_offs_are_taken_at_their_word_and_called_so() {
    let mut room = newsroom().by_sign_off();
    room.approve("li", "editor").witness.signature = Signature::Missing;
    let decision = room.judge();
    assert!(decision.approved());
    assert_eq!(decision.reason, "not authenticated: sign-offs are taken at their word");
    room.statements[0].witness.sign_offs = vec![email("tess")];
    assert!(!room.judge().approved());
    assert_eq!(room.refusals(), ["has no Signed-off-by of its committer, li@example.com"]);
    room.statements[0].witness.email = "ceo@example.com".into();
    room.statements[0].witness.sign_offs = vec!["ceo@example.com".into()];
    assert_eq!(room.refusals(), ["nobody in roles.toml has the address ceo@example.com"]);
}

#[test]
fn loosened_rules_do_not_reach_back() {
    let mut room = newsroom();
    room.approve("li", "editor").witness.signature = Signature::Missing;
    room.now.policy.evidence = EvidenceMode::SignOff;
    assert!(!room.judge().approved(), "given under rules that wanted a signature");
    room.then.get_mut("c0ffee").unwrap().policy.evidence = EvidenceMode::SignOff;
    assert!(room.judge().approved());
    room.now.policy.evidence = EvidenceMode::Signed;
    assert!(!room.judge().approved(), "and tightened ones hold at once");
}

#[test]
fn a_rejection_outlives_every_new_version_until_it_is_lifted() {
    let mut room = newsroom();
    room.approve("li", "editor");
    let veto = room.reject("noor").commit.clone();
    room.statements[1].text = "The price\n is wrong.".into();
    room.digest = Digest::of(b"the third version");
    room.approve("li", "editor");
    let decision = room.judge();
    assert_eq!(decision.status, Status::Rejected);
    assert_eq!(decision.children[0].what, "rejection by noor Example");
    assert_eq!(decision.children[0].reason, "The price is wrong.");
    assert_eq!(decision.whose_turn(), ["maya", "noor"]);

    let mut lifted = room.clone();
    lifted.lift("noor", &veto);
    assert!(lifted.judge().approved());
    let mut overruled = room.clone();
    overruled.lift("maya", &veto);
    assert!(overruled.judge().approved());
    let mut meddled = room.clone();
    meddled.lift("li", &veto);
    assert_eq!(meddled.judge().status, Status::Rejected);
    assert!(meddled.refusals().contains(&"did not make the rejection and is no admin".to_owned()));
    let mut forged = room.clone();
    forged.lift("noor", &veto).witness.signature = Signature::Valid(key("mallory"));
    assert_eq!(forged.judge().status, Status::Rejected);
}

#[test]
fn who_could_reject_then_or_can_now_has_rejected() {
    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("noor");
    // Noor leaves, roles and all: her rejection stays, and an admin can lift it.
    room.now.people.remove("noor");
    for people in room.now.roles.values_mut() {
        people.retain(|person| person != "noor");
    }
    let decision = room.judge();
    assert_eq!(decision.status, Status::Rejected);
    assert_eq!(decision.whose_turn(), ["maya"]);

    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("tess").policy = None;
    assert_eq!(room.judge().status, Status::Rejected, "legal rejects, though this workflow does not ask legal");

    let mut room = newsroom();
    room.approve("li", "editor");
    room.reject("mallory");
    assert!(room.judge().approved(), "a stranger's rejection is no rejection");
    assert_eq!(room.refusals(), ["signed by a key nobody in roles.toml owns"]);
}

/// How far along a decision is: a yes, and how many approvals count.
fn nearness(decision: &Decision) -> (bool, bool, usize) {
    let approvals = |node: &Decision| node.children.iter().filter(|child| child.approved()).count();
    let counted = decision.children.iter().map(|stage| usize::from(stage.approved()) + approvals(stage)).sum();
    (decision.approved(), decision.status != Status::Rejected, counted)
}

/// What somebody who was entitled to nothing can put on the branch.
fn intrusion() -> impl Strategy<Value = (usize, usize, usize)> {
    (0usize..8, 0usize..5, 0usize..3)
}

fn intrude(room: &mut Newsroom, (way, who, what): (usize, usize, usize)) {
    let name = ["li", "noor", "tess", "maya", "ben"][who];
    let mut statement = match what {
        0 => room.yes(name, "editor"),
        1 => room.yes(name, "legal"),
        _ => {
            let veto = room.statements.first().map_or_else(String::new, |first| first.commit.clone());
            room.says(name, Verb::Lift { commit: veto })
        }
    };
    match way {
        0 => statement.witness.signature = Signature::Missing,
        1 => statement.witness.signature = Signature::Invalid("made up".into()),
        2 => statement.witness.signature = Signature::Valid(key("mallory")),
        3 => statement.workspace = "other".into(),
        4 => statement.policy = None,
        5 => statement.policy = Some("not-on-the-branch".into()),
        6 => statement.witness.signature = Signature::Valid(Key(format!("ssh-ed25519 key-of-{name} "))),
        _ => statement.witness.signature = Signature::Valid(key("ben")),
    }
    if way == 7 && what == 2 {
        return; // Ben may lift what Ben rejected.
    }
    room.statements.push(statement);
}

proptest! {
    #[test]
    fn evidence_that_nobody_was_entitled_to_give_brings_nothing_nearer(
        honest in proptest::collection::vec((0usize..5, 0usize..3), 0..5),
        intrusions in proptest::collection::vec(intrusion(), 1..8),
        regulated: bool,
    ) {
        let mut room = if regulated { newsroom().regulated() } else { newsroom() };
        for (who, what) in honest {
            let name = ["li", "noor", "tess", "maya", "ben"][who];
            match what {
                0 => room.approve(name, "editor"),
                1 => room.approve(name, "legal"),
                _ => room.reject(name),
            };
        }
        let before = nearness(&room.judge());
        for one in intrusions {
            intrude(&mut room, one);
        }
        let after = nearness(&room.judge());
        prop_assert!(after <= before, "{before:?} became {after:?}");
    }

    #[test]
    fn every_bound_field_takes_the_approval_back(field in 0usize..5, salt in "[a-z]{1,8}", minutes in 1i64..500_000) {
        let mut room = newsroom();
        room.approve("li", "editor");
        prop_assert!(room.judge().approved());
        match field {
            0 => room.digest = Digest::of(salt.as_bytes()),
            1 => room.due = Due::At(DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)),
            2 => room.account = AccountName::new(&format!("mastodon/{salt}")).unwrap(),
            3 => room.post = post(&format!("autumn-{salt}")),
            _ => room.statements[0].workspace = salt,
        }
        prop_assert!(!room.judge().approved());
    }
}
