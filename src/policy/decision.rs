//! The result of holding evidence against the workflow: a tree that explains itself.

use chrono::{DateTime, Utc};

use crate::workspace::{PersonId, RoleName};

/// Whether a node of the tree is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Satisfied.
    Approved,
    /// Somebody's turn.
    Waiting,
    /// Its turn has not come.
    Pending,
    /// Stopped until somebody lets it go on.
    Held,
    /// Vetoed.
    Rejected,
    /// It cannot be judged, and so counts as no.
    #[default]
    Error,
    /// Told for explanation: evidence that does not count, and why.
    NotCounted,
}

/// What a node of the tree is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A workflow; the root is the first that matches, those combined with it are its children.
    #[default]
    Workflow,
    /// A change of the policy.
    Policy,
    /// A stage of a workflow.
    Stage,
    /// Somebody's approval.
    Approval,
    /// Somebody's approval taken back.
    Withdrawal,
    /// Somebody's veto.
    Rejection,
    /// A veto taken back.
    Lift,
    /// Somebody's stop.
    Hold,
    /// A stop taken back.
    Resume,
    /// Whether everyone who changed the post's files may.
    Edits,
    /// One change that its maker may not make.
    Edit,
}

/// One node: what was asked, how it stands, why.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, schemars::JsonSchema)]
pub struct Decision {
    /// What it is about.
    pub kind: Kind,
    /// What was asked: `workflow regulated`, `stage legal`, `approval by Noor Haddad`.
    pub what: String,
    /// How it stands.
    pub status: Status,
    /// Why, in a sentence without a full stop; empty where the children say it all.
    pub reason: String,
    /// A stage's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// How many different people a stage asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<usize>,
    /// Whose turn it is to make it `approved`, by short name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turn: Vec<PersonId>,
    /// Who may as well, though it is not their turn: others than those on duty, or who are away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub may_also: Vec<PersonId>,
    /// Since when it is somebody's turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Until when it should be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Whether that time is over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Who made it, by short name, where that is proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// For whom a stand-in approved, by short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_person: Option<PersonId>,
    /// What a hold stops: `everything`, `account bluesky/acme`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether it is a review of a pull request that is open still, and counts only once that is merged.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub once_merged: bool,
    /// The commit that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Decision>,
}

impl Decision {
    /// A node without children.
    pub fn new(kind: Kind, what: impl Into<String>, status: Status, reason: impl Into<String>) -> Self {
        Self { kind, what: what.into(), status, reason: reason.into(), ..Self::default() }
    }

    /// Whether it is a yes.
    pub fn approved(&self) -> bool {
        self.status == Status::Approved
    }

    /// The commits that a yes rests on: the approvals that count.
    pub fn commits(&self) -> Vec<String> {
        let mut commits: Vec<String> = Vec::new();
        self.collect(&mut commits);
        commits.sort();
        commits.dedup();
        commits
    }

    fn collect(&self, commits: &mut Vec<String>) {
        if self.approved() {
            commits.extend(self.commit.clone().filter(|_| self.kind == Kind::Approval));
            for child in &self.children {
                child.collect(commits);
            }
        }
    }

    /// Whose turn it is: those who can lift a rejection or end a hold, and the people of the waiting nodes. Each once.
    pub fn whose_turn(&self) -> Vec<PersonId> {
        let mut people = self.turn.clone();
        for child in self.children.iter().filter(|child| child.status == Status::Waiting) {
            people.extend(child.whose_turn());
        }
        people.sort();
        people.dedup();
        people
    }

    /// The stages in its workflow and those combined with it, in order.
    pub fn stages(&self) -> Vec<&Decision> {
        let mut stages = Vec::new();
        for child in &self.children {
            match child.kind {
                Kind::Stage => stages.push(child),
                Kind::Workflow => stages.extend(child.stages()),
                _ => {}
            }
        }
        stages
    }
}
