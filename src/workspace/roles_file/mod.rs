//! `roles.toml` as it is written, and the way from there to [`Roles`].

mod dates;
#[cfg(test)]
mod examples;
mod groups;
mod people;
mod permissions;
mod retract;
#[cfg(test)]
mod tests;
mod workflows;

use std::ops::Range;
use std::sync::Arc;

use super::finding::Finding;
use super::located::{Named, OneOrMany, Placed, without_null};
use super::roles::{ADMIN, EvidenceMode, PolicySettings, Reschedule, Reviews, Roles};
use super::source::Source;
use super::typed::{self, Area, Taken};
use super::{suggest, text, toml};
use groups::RotaFile;
use people::PersonFile;
use permissions::PermissionsFile;
use retract::RetractFile;
use workflows::WorkflowFile;

/// Who is who, who may what, and which post passes which stages: `roles.toml` at the workspace's root.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct RolesFile {
    /// The form of this file; 1.
    #[schemars(required, range(min = 1, max = 1))]
    version: Option<Placed<u64>>,
    /// Everyone, by a short name.
    #[serde(default)]
    people: Named<PersonFile>,
    /// Who holds which role, by short names. Holders of `admin` may change `greenlit.toml` and `roles.toml`.
    #[serde(default)]
    roles: Named<OneOrMany>,
    /// The roles whose people take turns, a week each.
    #[serde(default)]
    rota: Named<RotaFile>,
    /// Rules that hold for all workflows.
    #[serde(default)]
    policy: PolicyFile,
    /// Who may edit what, hold and publish.
    #[serde(default)]
    permissions: PermissionsFile,
    /// The ways of a post to a yes; the first whose `when` matches is used.
    #[serde(default)]
    workflow: Vec<Placed<WorkflowFile>>,
}

/// Rules that hold for all workflows.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct PolicyFile {
    /// What counts as proof of who said yes: `signed` (SSH signatures) or `sign-off` (taken at their word).
    #[serde(default)]
    evidence: EvidenceMode,
    /// Whether the author's own approval counts.
    #[serde(default)]
    author_may_approve: bool,
    /// What a new time does to approvals: `reapprove` takes them back, `keep` keeps them.
    #[serde(default)]
    reschedule: Reschedule,
    /// How many different admins must approve a change of `greenlit.toml` or `roles.toml`; 1 where it is not given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    needs: Option<Placed<u64>>,
    /// Who may have a post taken down with `greenlit retract`.
    #[serde(default)]
    retract: RetractFile,
    /// Whether reviews of pull requests count: `ignore`, or `count` as the forge tells of them.
    #[serde(default)]
    reviews: Reviews,
}

/// Where `roles.toml` stands.
pub const PATH: &str = "roles.toml";

/// Reads a `roles.toml`. The roles are given only where there is no error.
pub fn read(bytes: &[u8]) -> (Option<Roles>, Vec<Finding>) {
    let mut findings = Vec::new();
    let readable = text::read(PATH, bytes, &mut findings);
    let roles = toml::read(&readable.source, &readable.text, &mut findings)
        .and_then(|root| typed::read::<RolesFile>(root, Area::Roles, &readable.source, &mut findings))
        .map(|(file, taken)| Check { source: &readable.source, taken, findings: &mut findings }.roles(file));
    let sound = !findings.iter().any(Finding::is_error);
    (roles.filter(|_| sound), findings)
}

struct Check<'a> {
    source: &'a Arc<Source>,
    taken: Taken,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::error(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn warning(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::warning(code, self.source, span.clone(), message).label("here").help(help));
    }

    fn roles(&mut self, file: RolesFile) -> Roles {
        match &file.version {
            Some(version) if version.value == 1 => {}
            Some(version) => self.error(
                "roles/version",
                &version.span,
                format!("this program knows version 1, not {}", version.value),
                "write `version = 1`, or use a newer greenlit",
            ),
            None if self.taken.holds(&(0..0), "version") => {}
            None => self.error(Area::Roles.missing_key(), &(0..0), "`version` is missing", "write `version = 1`"),
        }
        let mut roles = Roles { people: self.people(file.people), ..Roles::default() };
        roles.roles = self.holders(file.roles, &roles.people);
        roles.rotas = self.rotas(file.rota, &roles);
        roles.policy = self.policy(file.policy, &roles);
        roles.permissions = self.permissions(file.permissions, &roles);
        roles.workflows = self.workflows(file.workflow, &roles);
        roles
    }

    fn policy(&mut self, file: PolicyFile, roles: &Roles) -> PolicySettings {
        let PolicyFile { evidence, author_may_approve, reschedule, needs, retract, reviews } = file;
        let retract = self.retract(retract, evidence, roles);
        let mut policy =
            PolicySettings { evidence, author_may_approve, reschedule, retract, reviews, ..PolicySettings::default() };
        if let Some(needs) = needs {
            policy.needs = usize::try_from(needs.value).unwrap_or(usize::MAX);
            let able = roles.roles.get(ADMIN).into_iter().flatten();
            let able = able.filter(|admin| roles.people.get(*admin).is_some_and(|one| one.can_prove(evidence))).count();
            if policy.needs == 0 {
                let message = "a change of the policy that needs nobody would be everybody's";
                self.error("roles/policy-needs", &needs.span, message, "write `needs = 1`, or more");
            } else if policy.needs > able {
                let message = format!(
                    "this needs {}, and {able} of role `admin` can prove who they are",
                    if policy.needs == 1 { "1 admin".to_owned() } else { format!("{} admins", policy.needs) },
                );
                let help = match evidence {
                    EvidenceMode::Signed => "name more people under `admin`, each with a key that is not revoked",
                    EvidenceMode::SignOff => "name more people under `admin`, each with an address",
                };
                self.error("roles/policy-needs", &needs.span, message, help);
            }
        }
        policy
    }

    /// A role that is named somewhere; a finding where there is none of this name.
    fn known_role(&mut self, role: &Placed<String>, roles: &Roles) -> bool {
        let known = roles.roles.contains_key(&role.value);
        if !known {
            let names: Vec<&str> = roles.roles.keys().map(String::as_str).collect();
            let message = format!("there is no role {}", suggest::quote(&role.value));
            self.error("roles/unknown-role", &role.span, message, suggest::help(&role.value, "roles", &names));
        }
        known
    }

    /// The same for a person.
    fn known_person<'n>(&mut self, person: &Placed<String>, people: impl IntoIterator<Item = &'n String>) -> bool {
        let people: Vec<&str> = people.into_iter().map(String::as_str).collect();
        let known = people.contains(&person.value.as_str());
        if !known {
            let message = format!("there is no person {}", suggest::quote(&person.value));
            let help = match suggest::nearest(&person.value, people) {
                Some(person) => format!("did you mean `{person}`?"),
                None => "add the person: [people.NAME] with `emails` and `keys`".to_owned(),
            };
            self.error("roles/unknown-person", &person.span, message, help);
        }
        known
    }

    /// An empty list would match nothing, and reads as if it matched all.
    fn not_empty(&mut self, code: &'static str, list: Placed<OneOrMany>) -> Vec<Placed<String>> {
        let Placed { value: OneOrMany(entries), span } = list;
        if entries.is_empty() {
            self.error(code, &span, "this list is empty", "name what is meant, or remove it");
        }
        entries
    }
}
