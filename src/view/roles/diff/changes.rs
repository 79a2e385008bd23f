//! What two `roles.toml` say differently.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::super::human::{condition, length};
use super::super::report::{of_condition, short};
use crate::view::page::listed;
use crate::workspace::{EvidenceMode, ForgeKind, Needs, OwnedKey, Person, Roles, Stage, Workflow};

/// One difference.
#[derive(Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Change {
    pub about: About,
    /// The short name, the role, the workflow, the key of `[policy]` or `[permissions]`.
    pub name: String,
    pub sort: Sort,
    /// In words, without a full stop.
    pub text: String,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum About {
    Person,
    Role,
    Rota,
    Policy,
    Permission,
    Workflow,
}

/// Whether it is new, gone or other than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sort {
    Added,
    Removed,
    Changed,
}

impl About {
    pub fn word(self) -> &'static str {
        match self {
            About::Person => "person",
            About::Role => "role",
            About::Rota => "rota",
            About::Policy => "policy",
            About::Permission => "permission",
            About::Workflow => "workflow",
        }
    }
}

/// All differences, people first.
pub(super) fn changes(before: &Roles, after: &Roles) -> Vec<Change> {
    let mut list = List { changes: Vec::new(), before, after };
    list.people();
    list.roles();
    list.rotas();
    list.policy();
    list.permissions();
    list.workflows();
    list.changes
}

struct List<'a> {
    changes: Vec<Change>,
    before: &'a Roles,
    after: &'a Roles,
}

impl List<'_> {
    fn add(&mut self, about: About, name: &str, sort: Sort, text: impl Into<String>) {
        self.changes.push(Change { about, name: name.to_owned(), sort, text: text.into() });
    }

    /// Says that a value is another one, where it is.
    fn compare<T: PartialEq>(&mut self, about: About, name: &str, was: &T, is: &T, say: impl Fn(&T) -> String) {
        if was != is {
            self.add(about, name, Sort::Changed, format!("{}, not {}", say(is), say(was)));
        }
    }

    fn people(&mut self) {
        for (id, was, is) in pairs(&self.before.people, &self.after.people) {
            match (was, is) {
                (None, Some(person)) => self.add(About::Person, id, Sort::Added, describe(person)),
                (Some(person), None) => self.add(About::Person, id, Sort::Removed, describe(person)),
                (Some(was), Some(is)) => self.person(id, was, is),
                (None, None) => {}
            }
        }
    }

    fn person(&mut self, id: &str, was: &Person, is: &Person) {
        self.compare(About::Person, id, &was.name, &is.name, |name| format!("called {name:?}"));
        self.compare(About::Person, id, &was.bot, &is.bot, |bot| {
            if *bot { "a bot" } else { "a human being" }.to_owned()
        });
        self.items(About::Person, id, "address", &was.emails, &is.emails);
        for forge in ForgeKind::ALL {
            let login = |person: &Person| {
                let account = person.accounts.get(&forge).into_iter();
                account.map(|account| format!("{} ({})", account.login, account.id)).collect::<Vec<_>>()
            };
            self.items(About::Person, id, &format!("{} account", forge.title()), &login(was), &login(is));
        }
        for key in is.keys.iter().filter(|key| !was.owns(&key.key)) {
            self.add(About::Person, id, Sort::Added, key_with_dates(key));
        }
        for key in &was.keys {
            match is.keys.iter().find(|other| other.key == key.key) {
                None => self.add(About::Person, id, Sort::Removed, key_with_dates(key)),
                Some(now) if now != key => self.add(About::Person, id, Sort::Changed, key_with_dates(now)),
                Some(_) => {}
            }
        }
        let absences = |person: &Person| {
            let told = person.away.iter().map(|away| match &away.stand_in {
                Some(stand_in) => format!("{} to {}, {stand_in} stands in", away.from, away.to),
                None => format!("{} to {}", away.from, away.to),
            });
            told.collect::<Vec<_>>()
        };
        self.items(About::Person, id, "away", &absences(was), &absences(is));
    }

    fn roles(&mut self) {
        for (role, was, is) in pairs(&self.before.roles, &self.after.roles) {
            let names = |people: &[String]| if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
            match (was, is) {
                (None, Some(people)) => self.add(About::Role, role, Sort::Added, names(people)),
                (Some(people), None) => self.add(About::Role, role, Sort::Removed, names(people)),
                (Some(was), Some(is)) => self.items(About::Role, role, "", was, is),
                (None, None) => {}
            }
        }
    }

    fn rotas(&mut self) {
        for (role, was, is) in pairs(&self.before.rotas, &self.after.rotas) {
            let say =
                |rota: &crate::workspace::Rota| format!("{} in turn since {}", rota.people.join(", "), rota.since);
            match (was, is) {
                (None, Some(rota)) => self.add(About::Rota, role, Sort::Added, say(rota)),
                (Some(rota), None) => self.add(About::Rota, role, Sort::Removed, say(rota)),
                (Some(was), Some(is)) => self.compare(About::Rota, role, was, is, say),
                (None, None) => {}
            }
        }
    }

    fn policy(&mut self) {
        let (was, is) = (&self.before.policy, &self.after.policy);
        self.compare(About::Policy, "evidence", &was.evidence, &is.evidence, |mode| match mode {
            EvidenceMode::Signed => "signed".to_owned(),
            EvidenceMode::SignOff => "sign-off".to_owned(),
        });
        self.compare(
            About::Policy,
            "author_may_approve",
            &was.author_may_approve,
            &is.author_may_approve,
            bool::to_string,
        );
        self.compare(About::Policy, "reschedule", &was.reschedule, &is.reschedule, |one| {
            format!("{one:?}").to_lowercase()
        });
        self.compare(About::Policy, "reviews", &was.reviews, &is.reviews, |one| format!("{one:?}").to_lowercase());
        self.compare(About::Policy, "needs", &was.needs, &is.needs, usize::to_string);
        self.compare(About::Policy, "retract", &was.retract, &is.retract, |rule| {
            let who = rule
                .roles
                .as_ref()
                .map_or_else(|| "authors, approvers, publishers".to_owned(), |roles| roles.join(", "));
            format!("{} of {who}", rule.needs)
        });
    }

    fn permissions(&mut self) {
        let (was, is) = (&self.before.permissions, &self.after.permissions);
        let all = |otherwise: &'static str| {
            move |roles: &Option<Vec<String>>| roles.as_ref().map_or(otherwise.to_owned(), |roles| roles.join(", "))
        };
        self.compare(About::Permission, "hold", &was.hold, &is.hold, all("everyone in some stage"));
        self.compare(About::Permission, "publish", &was.publish, &is.publish, all("everyone who may push"));
        let rules = |rules: &[crate::workspace::EditRule]| {
            let told = rules.iter().map(|rule| format!("{} by {}", rule.paths.join(" "), rule.roles.join(", ")));
            told.collect::<Vec<_>>()
        };
        let (before, after) = (rules(&was.edit), rules(&is.edit));
        self.items(About::Permission, "edit", "", &before, &after);
        if in_other_order(&before, &after) {
            self.add(About::Permission, "edit", Sort::Changed, "the rules stand in another order");
        }
    }

    fn workflows(&mut self) {
        let by_name = |roles: &Roles| -> BTreeMap<String, Workflow> {
            roles.workflows.iter().map(|workflow| (workflow.name.clone(), workflow.clone())).collect()
        };
        let (earlier, later) = (by_name(self.before), by_name(self.after));
        for (name, was, is) in pairs(&earlier, &later) {
            let stages = |workflow: &Workflow| workflow.stages.iter().map(stage).collect::<Vec<_>>();
            match (was, is) {
                (None, Some(workflow)) => {
                    self.add(About::Workflow, name, Sort::Added, stages(workflow).join(", then "))
                }
                (Some(workflow), None) => {
                    self.add(About::Workflow, name, Sort::Removed, stages(workflow).join(", then "))
                }
                (Some(was), Some(is)) => {
                    self.compare(About::Workflow, name, &was.when, &is.when, |when| {
                        format!("for {}", condition(&of_condition(when), "all posts"))
                    });
                    self.items(About::Workflow, name, "and", &was.and, &is.and);
                    let (before, after) = (stages(was), stages(is));
                    self.items(About::Workflow, name, "stage", &before, &after);
                    if in_other_order(&before, &after) {
                        self.add(About::Workflow, name, Sort::Changed, "its stages stand in another order");
                    }
                }
                (None, None) => {}
            }
        }
        let names = |roles: &Roles| roles.workflows.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        if in_other_order(&names(self.before), &names(self.after)) {
            let order = listed(&names(self.after), "and");
            self.add(About::Workflow, "order", Sort::Changed, format!("the first that matches is used: {order}"));
        }
    }

    /// What a list has more and less, by its entries.
    fn items(&mut self, about: About, name: &str, what: &str, was: &[String], is: &[String]) {
        let say = |item: &String| format!("{what} {item}").trim_start().to_owned();
        for item in is.iter().filter(|item| !was.contains(item)) {
            self.add(about, name, Sort::Added, say(item));
        }
        for item in was.iter().filter(|item| !is.contains(item)) {
            self.add(about, name, Sort::Removed, say(item));
        }
    }
}

/// The entries of both tables by name, in the order of the names.
fn pairs<'a, T>(
    was: &'a BTreeMap<String, T>,
    is: &'a BTreeMap<String, T>,
) -> Vec<(&'a str, Option<&'a T>, Option<&'a T>)> {
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    names.into_iter().map(|name| (name.as_str(), was.get(name), is.get(name))).collect()
}

/// Whether what is in both lists stands in another order.
fn in_other_order<T: PartialEq + Debug>(was: &[T], is: &[T]) -> bool {
    let kept = was.iter().filter(|item| is.contains(item));
    !kept.eq(is.iter().filter(|item| was.contains(item)))
}

fn describe(person: &Person) -> String {
    let mut parts = Vec::new();
    parts.extend((!person.name.is_empty()).then(|| person.name.clone()));
    parts.extend(person.bot.then(|| "a bot".to_owned()));
    parts.extend(person.emails.iter().cloned());
    parts.extend(person.keys.iter().map(key_with_dates));
    if parts.is_empty() { "without key and address".to_owned() } else { parts.join(", ") }
}

fn key_with_dates(owned: &OwnedKey) -> String {
    let mut text = format!("key {}", short(&owned.key.fingerprint()));
    let minute = |at: &chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
    if let Some(from) = &owned.not_before {
        text += &format!(" from {}", minute(from));
    }
    if let Some(until) = &owned.not_after {
        text += &format!(" until {}", minute(until));
    }
    match &owned.revoked {
        Some(since) if *since == chrono::DateTime::<chrono::Utc>::MIN_UTC => text += " revoked",
        Some(since) => text += &format!(" revoked from {}", minute(since)),
        None => {}
    }
    text
}

/// A stage in words: `2 of legal within 48h, then admin too`.
fn stage(stage: &Stage) -> String {
    let mut text = match stage.needs {
        Needs::Some(1) => stage.role.clone(),
        Needs::Some(count) => format!("{count} of {}", stage.role),
        Needs::All => format!("all of {}", stage.role),
    };
    if let Some(within) = &stage.within {
        text += &format!(" within {}", length(within.as_secs()));
    }
    if let Some(role) = &stage.escalate_to {
        text += &format!(", after that {role} too");
    }
    if stage.parallel {
        text += " at the same time";
    }
    let when = condition(&of_condition(&stage.when), "");
    if when.is_empty() { text } else { format!("{text} only for {when}") }
}
