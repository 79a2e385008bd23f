//! What in `roles.toml` keeps posts from being approved, or soon will.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};

use super::report::{admins, short, voices};
use crate::view::Page;
use crate::view::page::listed;
use crate::workspace::{EvidenceMode, Needs, Roles, Stage};

/// Days ahead in which a key's end is told.
const SOON: i64 = 30;

/// Something to look at.
#[derive(Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Problem {
    /// Stable: `stage-stuck`, `stage-narrow`, `policy-stuck`, `key-ends`, `cannot-prove`.
    pub code: &'static str,
    /// What is wrong, in a sentence without a full stop.
    pub text: String,
    /// What to do.
    pub help: String,
}

/// All that should be looked at, what stops posts first.
pub(super) fn problems(roles: &Roles, today: NaiveDate, page: &Page) -> Vec<Problem> {
    let mut found = Vec::new();
    for workflow in &roles.workflows {
        for stage in &workflow.stages {
            found.extend(stuck(&workflow.name, stage, roles, today, page));
        }
    }
    found.extend(policy_stuck(roles, page));
    found.extend(mute(roles, page));
    found.extend(ending(roles, page));
    let mut seen = BTreeSet::new();
    found.retain(|problem| seen.insert(problem.text.clone()));
    found
}

/// A stage that today nobody can pass, or that one person's absence or own post would stop.
fn stuck(workflow: &str, stage: &Stage, roles: &Roles, today: NaiveDate, page: &Page) -> Option<Problem> {
    let voices = voices(&stage.role, roles, today, page.now);
    let able = voices.len();
    let role = &stage.role;
    let needs = match stage.needs {
        Needs::Some(count) => count,
        Needs::All => 1,
    };
    if able < needs {
        let help = format!("add people to {role}, or a key or address that counts, in roles.toml");
        let text = match able {
            0 => format!("{workflow}: nobody can say yes for {role} today"),
            _ => format!("{workflow}: {role} needs {needs}, and only {able} can say yes today"),
        };
        return Some(Problem { code: "stage-stuck", text, help });
    }
    if able == needs && stage.needs != Needs::All && !roles.policy.author_may_approve {
        let help = format!("add somebody to {role}: nobody may approve their own posts");
        let who: Vec<String> = voices.iter().map(|voice| roles.name_of(&voice.person).to_owned()).collect();
        let who = listed(&who, "and");
        let text = format!("{role} has just {who}: their own posts could never pass it, nor others while one is away");
        return Some(Problem { code: "stage-narrow", text, help });
    }
    None
}

fn policy_stuck(roles: &Roles, page: &Page) -> Option<Problem> {
    let (able, needs) = (admins(roles, page.now).len(), roles.policy.needs);
    (able < needs).then(|| Problem {
        code: "policy-stuck",
        text: format!("a change of the policy needs {needs} of admin, and {able} can prove who they are today"),
        help: "whoever can must add a key that counts, before nobody can".to_owned(),
    })
}

/// Human beings with a role who cannot prove who they are.
fn mute(roles: &Roles, page: &Page) -> Vec<Problem> {
    let evidence = roles.policy.evidence;
    let holders: BTreeSet<&String> = roles.roles.keys().flat_map(|role| roles.humans(role)).collect();
    let mute = holders.into_iter().filter(|id| roles.people.contains_key(*id) && !roles.can_be_heard(id, page.now));
    let problem = |id: &String| {
        let (lacks, help) = match evidence {
            EvidenceMode::Signed => ("no key that counts", "add the line of their file .pub"),
            EvidenceMode::SignOff => ("no address", "add the address that they commit with"),
        };
        let text = format!("{} has {lacks}, so nothing that they decide counts", roles.name_of(id));
        Problem { code: "cannot-prove", text, help: format!("{help} under [people.{id}]") }
    };
    mute.map(problem).collect()
}

/// Keys that end soon.
fn ending(roles: &Roles, page: &Page) -> Vec<Problem> {
    if roles.policy.evidence == EvidenceMode::SignOff {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, person) in &roles.people {
        for key in person.keys.iter().filter(|key| key.counts_at(page.now).is_ok()) {
            let Some(end) = key.not_after.filter(|end| *end - page.now <= TimeDelta::days(SOON)) else { continue };
            let name = roles.name_of(id);
            let text = format!("a key of {name} ends {}: {}", page.when(end), short(&key.key.fingerprint()));
            let help = format!("add the next key, or a later `not_after`, under [people.{id}]");
            found.push(Problem { code: "key-ends", text, help });
        }
    }
    found
}
