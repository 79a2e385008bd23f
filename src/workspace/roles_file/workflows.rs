//! `[[workflow]]`: the stages that posts pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use super::super::located::{OneOrMany, Placed, without_null};
use super::super::roles::{Needs, RoleName, Roles, Stage, When, Workflow};
use super::super::{glob, suggest, time};
use super::Check;

/// The stages that a post must pass, and which posts they are for.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct WorkflowFile {
    /// For people: `regulated`.
    #[serde(default)]
    name: Option<Placed<String>>,
    /// Which posts; every key that is given must match. Without it: all.
    #[serde(default)]
    when: Option<Placed<WhenFile>>,
    /// Workflows, by name, that must be passed as well, whatever their own `when` says.
    #[serde(default)]
    and: Option<Placed<OneOrMany>>,
    /// All stages are asked at once.
    #[serde(default)]
    parallel: bool,
    /// The stages, in order.
    #[schemars(required)]
    stages: Option<Vec<Placed<StageFile>>>,
}

/// A condition: one entry of each list that is given must match.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct WhenFile {
    /// Labels of the post.
    #[serde(default)]
    labels: Option<Placed<OneOrMany>>,
    /// Accounts, as patterns: `mastodon/*`.
    #[serde(default)]
    accounts: Option<Placed<OneOrMany>>,
    /// Campaigns.
    #[serde(default)]
    campaigns: Option<Placed<OneOrMany>>,
    /// Languages of the post.
    #[serde(default)]
    languages: Option<Placed<OneOrMany>>,
    /// Paths, as patterns: `posts/emea/**`.
    #[serde(default)]
    paths: Option<Placed<OneOrMany>>,
}

/// Who must say yes.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct StageFile {
    /// The role that is asked.
    role: Placed<String>,
    /// How many different people of it, or `"all"`; 1 where it is not given.
    #[serde(default)]
    needs: Option<Placed<NeedsFile>>,
    /// How long they have, from when the stage's turn came: `24h`.
    #[serde(default)]
    within: Option<Placed<String>>,
    /// The role that may approve instead once `within` is over.
    #[serde(default)]
    escalate_to: Option<Placed<String>>,
    /// It is asked together with the stage before it.
    #[serde(default)]
    parallel: bool,
    /// The stage is asked only where this holds.
    #[serde(default)]
    when: Option<Placed<WhenFile>>,
}

/// A number, or `"all"`.
#[derive(Debug, Clone, Copy)]
enum NeedsFile {
    Some(u64),
    All,
}

impl Check<'_> {
    pub(super) fn workflows(&mut self, file: Vec<Placed<WorkflowFile>>, roles: &Roles) -> Vec<Workflow> {
        let mut combined: Vec<(usize, Placed<String>)> = Vec::new();
        let also: BTreeSet<String> = file
            .iter()
            .flat_map(|workflow| workflow.value.and.iter().flat_map(|and| &and.value.0))
            .map(|name| name.value.clone())
            .collect();
        let mut workflows: Vec<Workflow> = Vec::new();
        let mut catches_all: Option<String> = None;
        let mut names = BTreeSet::new();
        for (index, Placed { value: workflow, span }) in file.into_iter().enumerate() {
            let place = workflow.name.as_ref().map_or(span.clone(), |name| name.span.clone());
            let name = workflow.name.map_or_else(|| format!("workflow {}", index + 1), |name| name.value);
            if !names.insert(name.clone()) {
                let message = format!("a second workflow is called {}", suggest::quote(&name));
                self.error("roles/workflow-name", &place, message, "give each a name of its own");
            }
            if let Some(earlier) = catches_all.as_ref().filter(|_| !also.contains(&name)) {
                let message = format!("no post ever comes here: {} takes them all", suggest::quote(earlier));
                let help = if also.contains(earlier) {
                    format!("move {} behind the workflow that takes all others", suggest::quote(earlier))
                } else {
                    "move it up, or give the other one a `when`".to_owned()
                };
                self.error("roles/unreachable", &place, message, help);
            }
            let when = workflow.when.map(|when| self.when(when)).unwrap_or_default();
            if when == When::default() && catches_all.is_none() {
                catches_all = Some(name.clone());
            }
            let stages = match workflow.stages {
                Some(stages) if !stages.is_empty() => self.stages(stages, workflow.parallel, roles),
                None if self.taken.holds(&span, "stages") => Vec::new(),
                _ => {
                    let message =
                        format!("the workflow {} has no stages: nobody would be asked", suggest::quote(&name));
                    self.error("roles/no-stages", &place, message, "write `stages = [{ role = \"editor\" }]`");
                    Vec::new()
                }
            };
            let and = workflow.and.map(|and| self.not_empty("roles/and", and)).unwrap_or_default();
            combined.extend(and.iter().cloned().map(|name| (index, name)));
            let and = and.into_iter().map(|name| name.value).collect();
            workflows.push(Workflow { name, when, and, stages });
        }
        if catches_all.is_none() {
            let help = "add at the end: [[workflow]], name = \"default\", stages = [{ role = \"editor\" }]";
            self.warning("roles/no-default", &(0..0), "posts that match no workflow can never be approved", help);
        }
        self.combined(&combined, &workflows);
        workflows
    }

    /// Each name behind `and` must be another workflow's, from which no way leads back.
    fn combined(&mut self, combined: &[(usize, Placed<String>)], workflows: &[Workflow]) {
        let by_name: BTreeMap<&str, &Workflow> =
            workflows.iter().map(|workflow| (workflow.name.as_str(), workflow)).collect();
        let names: Vec<&str> = workflows.iter().map(|workflow| workflow.name.as_str()).collect();
        for (at, also) in combined {
            let Some(workflow) = workflows.get(*at) else { continue };
            if !by_name.contains_key(also.value.as_str()) {
                let message = format!("there is no workflow {}", suggest::quote(&also.value));
                let help = suggest::help(&also.value, "workflows", &names);
                self.error("roles/and", &also.span, message, help);
            } else if leads_to(&also.value, &workflow.name, &by_name) {
                let (this, other) = (suggest::quote(&workflow.name), suggest::quote(&also.value));
                let message = if also.value == workflow.name {
                    format!("the workflow {this} asks for itself")
                } else {
                    format!("the workflow {this} asks for {other}, and that for {this} again")
                };
                self.error("roles/and", &also.span, message, format!("remove {other} from `and`"));
            }
        }
    }

    fn when(&mut self, when: Placed<WhenFile>) -> When {
        let file = when.value;
        if [&file.labels, &file.accounts, &file.campaigns, &file.languages, &file.paths]
            .iter()
            .all(|list| list.is_none())
        {
            self.error(
                "roles/empty-when",
                &when.span,
                "this condition says nothing",
                "remove `when`: then it fits all",
            );
        }
        let mut list = |list: Option<Placed<OneOrMany>>| {
            list.map(|list| self.not_empty("roles/empty-when", list)).unwrap_or_default()
        };
        let (accounts, paths) = (list(file.accounts), list(file.paths));
        let (labels, campaigns, languages) = (list(file.labels), list(file.campaigns), list(file.languages));
        for pattern in accounts.iter().chain(&paths) {
            if let Some(message) = glob::fault(&pattern.value) {
                self.error("roles/pattern", &pattern.span, message, "write `mastodon/*` or `posts/emea/**`");
            }
        }
        let values = |list: Vec<Placed<String>>| list.into_iter().map(|entry| entry.value).collect();
        When {
            labels: values(labels),
            accounts: values(accounts),
            campaigns: values(campaigns),
            languages: values(languages),
            paths: values(paths),
        }
    }

    fn stages(&mut self, file: Vec<Placed<StageFile>>, all_at_once: bool, roles: &Roles) -> Vec<Stage> {
        let mut stages = Vec::new();
        for (index, Placed { value: stage, span }) in file.into_iter().enumerate() {
            if stage.parallel && index == 0 {
                let message = "there is no stage before this one to be asked together with";
                self.warning("roles/parallel", &span, message, "write `parallel = true` at the second of the two");
            }
            let parallel = index > 0 && (stage.parallel || all_at_once);
            stages.extend(self.stage(stage, parallel, roles));
        }
        stages
    }

    fn stage(&mut self, stage: StageFile, parallel: bool, roles: &Roles) -> Option<Stage> {
        let within = stage.within.as_ref().and_then(|text| match time::duration(&text.value) {
            Ok(duration) => Some(duration),
            Err(help) => {
                let message = format!("{} is no length of time", suggest::quote(&text.value));
                self.error("roles/duration", &text.span, message, help);
                None
            }
        });
        let when = stage.when.map(|when| self.when(when)).unwrap_or_default();
        let escalate_to = stage.escalate_to.and_then(|to| {
            if stage.within.is_none() {
                let message = "`escalate_to` says who may approve after a time, and `within` is missing";
                self.error("roles/escalate", &to.span, message, "add `within = \"24h\"`, or remove `escalate_to`");
            }
            self.escalation(to, &stage.role.value, roles)
        });
        if !self.known_role(&stage.role, roles) {
            return None;
        }
        let needs = self.needs(stage.needs, &stage.role, roles);
        Some(Stage { role: stage.role.value, needs, within, escalate_to, parallel, when })
    }

    fn escalation(&mut self, to: Placed<String>, role: &str, roles: &Roles) -> Option<RoleName> {
        if !self.known_role(&to, roles) {
            return None;
        }
        if to.value == role {
            let message = format!("this stage asks {} already", suggest::quote(role));
            self.error("roles/escalate", &to.span, message, "name another role, or remove `escalate_to`");
        } else if roles.humans(&to.value).next().is_none() {
            let message = format!("nobody is {}, so nobody could approve instead", suggest::quote(&to.value));
            self.error("roles/escalate", &to.span, message, "add people to the role, or name another");
        }
        Some(to.value)
    }

    fn needs(&mut self, file: Option<Placed<NeedsFile>>, role: &Placed<String>, roles: &Roles) -> Needs {
        let file = file.unwrap_or_else(|| Placed::new(NeedsFile::Some(1), role.span.clone()));
        let humans = roles.humans(&role.value).count();
        let quoted = suggest::quote(&role.value);
        let (needs, least) = match file.value {
            NeedsFile::All => (Needs::All, 1),
            NeedsFile::Some(count) => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                (Needs::Some(count), count)
            }
        };
        if least == 0 {
            let message = "a stage that needs nobody is no stage";
            self.error("roles/needs", &file.span, message, "write `needs = 1`, or remove the stage");
        } else if least > humans {
            let asked = if least == 1 { "somebody".to_owned() } else { format!("{least} people") };
            let help = match humans {
                0 => format!("add people to {quoted}; bots do not count"),
                _ => format!("write a number up to {humans}, or add people to {quoted}; bots do not count"),
            };
            self.error("roles/needs", &file.span, format!("this needs {asked}, and {quoted} has {humans}"), help);
        }
        needs
    }
}

/// Whether `from` is `to`, or asks for it by its `and` or those of the workflows that it asks for.
fn leads_to(from: &str, to: &str, workflows: &BTreeMap<&str, &Workflow>) -> bool {
    let mut ahead = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(name) = ahead.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            ahead.extend(workflows.get(name).into_iter().flat_map(|workflow| &workflow.and).map(String::as_str));
        }
    }
    false
}

impl<'de> Deserialize<'de> for NeedsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAll;
        impl Visitor<'_> for NumberOrAll {
            type Value = NeedsFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or \"all\"")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<NeedsFile, E> {
                Ok(NeedsFile::Some(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<NeedsFile, E> {
                match text {
                    "all" => Ok(NeedsFile::All),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(NumberOrAll)
    }
}

impl schemars::JsonSchema for NeedsFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NeedsFile".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "all" }] })
    }
}
