//! Who may do what, as values.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::may::{May, may};
use super::problems::{Problem, problems};
use crate::view::Page;
use crate::workspace::{
    ADMIN, Away, EvidenceMode, ForgeKind, Needs, OwnedKey, PersonId, RoleName, Roles, Stage, When, Workflow,
};

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The roles that are in force.
    pub roles: &'a Roles,
    /// The commit that they stand at.
    pub trusted: &'a str,
    /// The branch that the commit is on.
    pub branch: &'a str,
    /// The one person whom it is about; all where there is none.
    pub person: Option<&'a str>,
}

/// What `greenlit roles --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct RolesReport {
    version: u32,
    /// The clock.
    now: DateTime<Utc>,
    /// The day in the workspace's zone, by which rotas and absences go.
    pub(super) today: NaiveDate,
    /// The trusted branch's commit that was read.
    pub(super) trusted: String,
    /// What counts as proof of who said yes.
    pub(super) evidence: EvidenceMode,
    /// Everyone, or the one person who was asked for.
    pub(super) people: Vec<PersonReport>,
    /// What that one person may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) may: Option<May>,
    /// In order; the first that matches a post is used.
    pub(super) workflows: Vec<WorkflowReport>,
    pub(super) permissions: PermissionsReport,
    /// What keeps posts, or changes of the policy, from being approved, or soon will.
    pub(super) problems: Vec<Problem>,
}

/// A person, or a program.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct PersonReport {
    pub id: PersonId,
    pub name: String,
    pub bot: bool,
    pub roles: Vec<RoleName>,
    /// Whether what the person says can count now.
    pub can_prove: bool,
    pub emails: Vec<String>,
    pub keys: Vec<KeyReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gitlab: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forgejo: Option<String>,
    /// Absences that are not over.
    pub away: Vec<AwayReport>,
    /// The roles in which it is the person's turn today.
    pub on_duty: Vec<RoleName>,
    /// The people for whom the person may decide today.
    pub stands_in_for: Vec<PersonId>,
}

/// A key.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct KeyReport {
    pub kind: String,
    pub fingerprint: String,
    /// Whether it counts now.
    pub counts: bool,
    /// Why it does not: `was revoked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<DateTime<Utc>>,
}

/// An absence, both days included.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct AwayReport {
    pub from: NaiveDate,
    pub to: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<PersonId>,
}

/// A workflow.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct WorkflowReport {
    pub name: String,
    pub when: WhenReport,
    /// Workflows that must be passed as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub and: Vec<String>,
    pub stages: Vec<StageReport>,
}

/// A condition; lists that are not there ask for nothing.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct WhenReport {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaigns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

/// A stage.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct StageReport {
    pub role: RoleName,
    /// How many different people; not there where all of the role are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<usize>,
    /// Those who can say yes today, whose turn it is first.
    pub people: Vec<Voice>,
    /// How long they have, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
    /// The role that may approve instead after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate_to: Option<RoleName>,
    /// Asked together with the stage before it.
    pub parallel: bool,
    pub when: WhenReport,
}

/// Somebody who can say yes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(super) struct Voice {
    pub person: PersonId,
    /// Whether the person holds the role.
    pub own: bool,
    /// The holders of the role for whom the person stands in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<PersonId>,
    pub on_duty: bool,
    pub away: bool,
}

/// Who may do what else.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct PermissionsReport {
    /// In order; the first whose path matches is used. What none matches everyone may edit.
    pub edit: Vec<EditReport>,
    /// The roles that may hold posts; not there: everyone with a say in some stage. Admins always may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Vec<RoleName>>,
    /// The roles that may publish; not there: everyone who may push to the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Vec<RoleName>>,
    /// The roles that may have posts taken down; not there: a post's authors, whoever has a say in its workflow, whoever
    /// may publish. Admins always may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retract: Option<Vec<RoleName>>,
    /// So many people must ask for that.
    pub retract_needs: usize,
    /// So many admins must approve a change of the policy.
    pub policy_needs: usize,
    /// Those who can, today.
    pub admins: Vec<PersonId>,
}

/// Who may edit which paths.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(super) struct EditReport {
    pub paths: Vec<String>,
    pub roles: Vec<RoleName>,
}

/// The roles for programs.
pub fn report(told: &Told<'_>, page: &Page) -> RolesReport {
    let Told { roles, trusted, person, .. } = *told;
    let today = page.now.with_timezone(&page.zone).date_naive();
    let wanted = |id: &&PersonId| person.is_none_or(|person| person == *id);
    RolesReport {
        version: 1,
        now: page.now,
        today,
        trusted: trusted.to_owned(),
        evidence: roles.policy.evidence,
        people: roles.people.keys().filter(wanted).filter_map(|id| of_person(id, roles, today, page.now)).collect(),
        may: person.map(|person| may(person, roles, today)),
        workflows: roles.workflows.iter().map(|workflow| of_workflow(workflow, roles, today, page.now)).collect(),
        permissions: PermissionsReport {
            edit: roles
                .permissions
                .edit
                .iter()
                .map(|rule| EditReport { paths: rule.paths.clone(), roles: rule.roles.clone() })
                .collect(),
            hold: roles.permissions.hold.clone(),
            publish: roles.permissions.publish.clone(),
            retract: roles.policy.retract.roles.clone(),
            retract_needs: roles.policy.retract.needs,
            policy_needs: roles.policy.needs,
            admins: admins(roles, page.now),
        },
        problems: problems(roles, today, page),
    }
}

/// The first letters of a fingerprint, which tell keys apart.
pub(super) fn short(fingerprint: &str) -> String {
    const ENOUGH: usize = 19;
    fingerprint.get(..ENOUGH).map_or_else(|| fingerprint.to_owned(), |first| format!("{first}…"))
}

/// The admins whose word can count at a time. A stand-in is no admin.
pub(super) fn admins(roles: &Roles, now: DateTime<Utc>) -> Vec<PersonId> {
    let able = |id: &&PersonId| roles.people.get(*id).is_some_and(|one| one.can_prove_at(roles.policy.evidence, now));
    roles.humans(ADMIN).filter(able).cloned().collect()
}

fn of_person(id: &str, roles: &Roles, today: NaiveDate, now: DateTime<Utc>) -> Option<PersonReport> {
    let person = roles.people.get(id)?;
    let held = roles.roles.keys().filter(|role| roles.holds(id, role));
    let on_duty = roles.rotas.keys().filter(|role| roles.on_duty(role, today).is_some_and(|duty| duty.person == id));
    let login = |forge: ForgeKind| person.accounts.get(&forge).map(|account| account.login.clone());
    Some(PersonReport {
        id: id.to_owned(),
        name: person.name.clone(),
        bot: person.bot,
        roles: held.cloned().collect(),
        can_prove: roles.can_be_heard(id, now),
        emails: person.emails.clone(),
        keys: person.keys.iter().map(|key| of_key(key, now)).collect(),
        github: login(ForgeKind::Github),
        gitlab: login(ForgeKind::Gitlab),
        forgejo: login(ForgeKind::Forgejo),
        away: person.away.iter().filter(|away| away.to >= today).map(of_absence).collect(),
        on_duty: on_duty.cloned().collect(),
        stands_in_for: roles.stands_in_for(id, today).map(str::to_owned).collect(),
    })
}

fn of_key(owned: &OwnedKey, now: DateTime<Utc>) -> KeyReport {
    let counts = owned.counts_at(now);
    KeyReport {
        kind: owned.key.kind().to_owned(),
        fingerprint: owned.key.fingerprint(),
        counts: counts.is_ok(),
        why: counts.err().map(|why| why.to_string()),
        not_before: owned.not_before,
        not_after: owned.not_after,
    }
}

fn of_absence(away: &Away) -> AwayReport {
    AwayReport { from: away.from, to: away.to, stand_in: away.stand_in.clone() }
}

fn of_workflow(workflow: &Workflow, roles: &Roles, today: NaiveDate, now: DateTime<Utc>) -> WorkflowReport {
    WorkflowReport {
        name: workflow.name.clone(),
        when: of_condition(&workflow.when),
        and: workflow.and.clone(),
        stages: workflow.stages.iter().map(|stage| of_stage(stage, roles, today, now)).collect(),
    }
}

fn of_stage(stage: &Stage, roles: &Roles, today: NaiveDate, now: DateTime<Utc>) -> StageReport {
    StageReport {
        role: stage.role.clone(),
        needs: match stage.needs {
            Needs::Some(count) => Some(count),
            Needs::All => None,
        },
        people: voices(&stage.role, roles, today, now),
        within: stage.within.as_ref().map(Duration::as_secs),
        escalate_to: stage.escalate_to.clone(),
        parallel: stage.parallel,
        when: of_condition(&stage.when),
    }
}

/// Those who can say yes for a role today, each once, whose turn it is first.
pub(super) fn voices(role: &str, roles: &Roles, today: NaiveDate, now: DateTime<Utc>) -> Vec<Voice> {
    let duty = roles.on_duty(role, today);
    let mut voices: Vec<Voice> = Vec::new();
    for member in roles.voices_on(role, today, now) {
        let absent = member.instead_of.map(str::to_owned);
        if let Some(known) = voices.iter_mut().find(|voice| voice.person == member.person) {
            known.own |= absent.is_none();
            known.stands_in_for.extend(absent);
            continue;
        }
        voices.push(Voice {
            person: member.person.to_owned(),
            own: absent.is_none(),
            stands_in_for: absent.into_iter().collect(),
            on_duty: duty.is_some_and(|duty| duty.person == member.person),
            away: roles.people.get(member.person).is_some_and(|person| person.is_away(today)),
        });
    }
    voices
}

pub(super) fn of_condition(when: &When) -> WhenReport {
    WhenReport {
        labels: when.labels.clone(),
        accounts: when.accounts.clone(),
        campaigns: when.campaigns.clone(),
        languages: when.languages.clone(),
        paths: when.paths.clone(),
    }
}
