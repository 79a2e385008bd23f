//! A small newsroom, for the stories of this room.

mod edits;
mod keys;
mod objections;
mod properties;
mod resolutions;
mod retractions;
mod stories;
mod time;
mod updates;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::*;
use crate::render::Digest;
use crate::workspace::{
    AccountName, Due, EvidenceMode, Key, Needs, Outline, Person, PostId, Reschedule, Roles, Stage, When, Workflow,
};

/// What a story is about, all of it open to change.
#[derive(Clone)]
struct Newsroom {
    now: Roles,
    /// The roles at each trusted commit.
    then: BTreeMap<String, Roles>,
    post: Outline,
    account: AccountName,
    digest: Digest,
    due: Due,
    edits: Vec<Edit>,
    statements: Vec<Statement>,
    clock: DateTime<Utc>,
    landed: Option<DateTime<Utc>>,
    revoked: BTreeSet<Key>,
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
        edits: vec![edit("ben")],
        statements: Vec::new(),
        clock: time("2026-11-30T09:00:00Z"),
        landed: None,
        revoked: BTreeSet::new(),
    }
}

/// One person of a role must say yes.
fn stage(role: &str) -> Stage {
    Stage {
        role: role.into(),
        needs: Needs::Some(1),
        within: None,
        escalate_to: None,
        parallel: false,
        when: When::default(),
    }
}

/// A change of the post by somebody.
fn edit(name: &str) -> Edit {
    let author = Author {
        commit: format!("by-{name}"),
        key: Some(key(name)),
        emails: vec![email(name)],
        committer: email(name),
    };
    Edit { path: "posts/autumn.md".into(), author }
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn post(id: &str) -> Outline {
    Outline {
        id: PostId::new(id).unwrap(),
        path: format!("posts/{id}.md"),
        title: "Autumn".into(),
        to: vec![AccountName::new("bluesky/acme").unwrap()],
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: None,
        labels: Vec::new(),
        languages: vec!["en".into()],
        repeats: Vec::new(),
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
        let question = Question {
            workspace: WORKSPACE,
            post: &self.post,
            account: &self.account,
            digest: &self.digest,
            due: self.due,
            zone: chrono_tz::Europe::Berlin,
        };
        self.with_facts(|facts| evaluate(&question, facts))
    }

    /// Answers a question from what is known of the post.
    fn with_facts<T>(&self, answer: impl FnOnce(&Facts<'_>) -> T) -> T {
        let roles_then = |statement: &Statement| {
            statement.policy.as_deref().and_then(|commit| self.then.get(commit).cloned().map(Arc::new))
        };
        let evidence = Evidence { statements: self.statements.clone(), refused: Vec::new() };
        let dossiers = Dossiers::new(&evidence);
        answer(&Facts {
            roles: &self.now,
            roles_then: &roles_then,
            revoked: &self.revoked,
            now: self.clock,
            statements: &dossiers.of(&self.post.id),
            edits: &self.edits,
            landed: self.landed,
        })
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

    fn hold(&mut self, name: &str, scope: HoldScope) -> &mut Statement {
        let statement = self.says(name, Verb::Hold { scope });
        self.add(statement)
    }

    fn resume(&mut self, name: &str, commit: &str) -> &mut Statement {
        let statement = self.says(name, Verb::Resume { commit: commit.into() });
        self.add(statement)
    }

    fn withdraw(&mut self, name: &str, commit: &str) -> &mut Statement {
        let statement = self.says(name, Verb::Withdraw { commit: commit.into() });
        self.add(statement)
    }

    /// Changes the roles then and now alike.
    fn always(&mut self, change: impl Fn(&mut Roles)) {
        change(&mut self.now);
        self.then.values_mut().for_each(change);
    }

    /// The node of a stage.
    fn stage(&self, role: &str) -> Decision {
        let decision = self.judge();
        decision.stages().into_iter().find(|node| node.role.as_deref() == Some(role)).unwrap().clone()
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
