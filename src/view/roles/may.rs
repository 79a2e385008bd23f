//! What one person may do.

use chrono::NaiveDate;

use crate::workspace::{ADMIN, PersonId, RoleName, Roles};

/// What one person may do.
#[derive(Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct May {
    /// The stages that the person may approve.
    pub approve: Vec<Say>,
    /// Of the rules for editing, in order, whether each lets the person.
    pub edit: Vec<MayEdit>,
    /// Whether the person may hold posts.
    pub hold: bool,
    /// Whether the person may publish; not there where that is up to who may push to the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<bool>,
    /// Whether the person may approve changes of the policy, and lift and resume what others stopped.
    pub admin: bool,
}

/// A stage that somebody may approve.
#[derive(Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Say {
    pub workflow: String,
    pub role: RoleName,
    /// Whether it is the person's own right.
    pub own: bool,
    /// Those whose right it is besides, for whom the person stands in today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<PersonId>,
    /// Only once the stage's time is over.
    pub after_deadline: bool,
}

/// Whether somebody may edit the files of a rule.
#[derive(Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct MayEdit {
    pub paths: Vec<String>,
    pub may: bool,
}

/// What a person may do by these roles, whether or not they can prove who they are. A bot decides nothing.
pub(super) fn may(person: &str, roles: &Roles, today: NaiveDate) -> May {
    let human = roles.people.get(person).is_some_and(|one| !one.bot);
    let holds_one_of = |named: &[RoleName]| named.iter().any(|role| roles.holds(person, role));
    let admin = human && roles.holds(person, ADMIN);
    let approve = says(person, roles, today);
    let rule =
        |rule: &crate::workspace::EditRule| MayEdit { paths: rule.paths.clone(), may: holds_one_of(&rule.roles) };
    let has_a_say =
        roles.workflows.iter().flat_map(|workflow| &workflow.stages).any(|stage| roles.holds(person, &stage.role));
    May {
        hold: admin || (human && roles.permissions.hold.as_deref().map_or(has_a_say, holds_one_of)),
        publish: roles.permissions.publish.as_deref().map(holds_one_of),
        edit: roles.permissions.edit.iter().map(rule).collect(),
        approve,
        admin,
    }
}

fn says(person: &str, roles: &Roles, today: NaiveDate) -> Vec<Say> {
    let mut says: Vec<Say> = Vec::new();
    for workflow in &roles.workflows {
        for stage in &workflow.stages {
            for (role, after_deadline) in [(Some(&stage.role), false), (stage.escalate_to.as_ref(), true)] {
                let members = role.map(|role| roles.members_on(role, today)).unwrap_or_default();
                let rights: Vec<Option<&str>> =
                    members.iter().filter(|member| member.person == person).map(|member| member.instead_of).collect();
                let say = Say {
                    workflow: workflow.name.clone(),
                    role: stage.role.clone(),
                    own: rights.contains(&None),
                    stands_in_for: rights.iter().flatten().map(|absent| (*absent).to_owned()).collect(),
                    after_deadline,
                };
                if !rights.is_empty() && !says.contains(&say) {
                    says.push(say);
                }
            }
        }
    }
    says
}
