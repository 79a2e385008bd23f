//! `roles.toml`, as it was checked: who is who, who may what, and which post passes which stages.

use std::collections::BTreeMap;
use std::time::Duration;

/// A person's short name in `roles.toml`: `noor`.
pub type PersonId = String;
/// A role's name: `editor`.
pub type RoleName = String;

/// The people, their roles and the workflows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roles {
    /// Everyone, by short name.
    pub people: BTreeMap<PersonId, Person>,
    /// Who holds which role.
    pub roles: BTreeMap<RoleName, Vec<PersonId>>,
    /// The rules that hold for all workflows.
    pub policy: PolicySettings,
    /// In the order of the file; the first that matches a post is used.
    pub workflows: Vec<Workflow>,
}

/// One human being.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// For people: `Noor Haddad`.
    pub name: String,
    /// Addresses, lower case.
    pub emails: Vec<String>,
    /// SSH keys.
    pub keys: Vec<Key>,
}

/// An SSH public key without its comment: `ssh-ed25519 AAAA…`. Equal text is equal key.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Key(pub String);

/// What counts as proof of who said yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceMode {
    /// The SSH signature on the decision's commit.
    #[default]
    Signed,
    /// The committer's address and a matching `Signed-off-by`, taken at their word.
    SignOff,
}

/// What a change of a post's time does to its approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reschedule {
    /// It takes them back.
    #[default]
    Reapprove,
    /// They stay.
    Keep,
}

/// The `[policy]` table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicySettings {
    /// What counts as proof.
    pub evidence: EvidenceMode,
    /// Whether an author's own approval counts.
    pub author_may_approve: bool,
    /// What a new time does to approvals.
    pub reschedule: Reschedule,
}

/// The stages that a post must pass, and which posts they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// For people: `regulated`.
    pub name: String,
    /// Every condition must hold; none at all always holds.
    pub when: When,
    /// In order: a stage's turn comes when the one before is complete. Never empty.
    pub stages: Vec<Stage>,
}

/// A workflow's condition: each list that is not empty must match one of its entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// A label of the post.
    pub labels: Vec<String>,
    /// An account of the delivery, as a glob: `mastodon/*`.
    pub accounts: Vec<String>,
    /// The post's campaign.
    pub campaigns: Vec<String>,
    /// A language of the post.
    pub languages: Vec<String>,
    /// The post's path, as a glob: `posts/emea/**`.
    pub paths: Vec<String>,
}

/// Who must say yes, how many of them, within how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The role that is asked.
    pub role: RoleName,
    /// How many different people of it; at least 1.
    pub needs: usize,
    /// How long they have, from when the stage's turn came.
    pub within: Option<Duration>,
}

/// The role whose holders may change the rules and lift other people's vetoes.
pub const ADMIN: &str = "admin";

impl Roles {
    /// Whether a person holds a role.
    pub fn holds(&self, person: &str, role: &str) -> bool {
        self.roles.get(role).is_some_and(|people| people.iter().any(|p| p == person))
    }

    /// The person who owns a key.
    pub fn owner_of_key(&self, key: &Key) -> Option<&str> {
        let mut owners = self.people.iter().filter(|(_, person)| person.keys.contains(key));
        owners.next().map(|(id, _)| id.as_str())
    }

    /// The person who has an address; letters' case does not matter.
    pub fn owner_of_email(&self, email: &str) -> Option<&str> {
        let email = email.to_lowercase();
        let mut owners = self.people.iter().filter(|(_, person)| person.emails.contains(&email));
        owners.next().map(|(id, _)| id.as_str())
    }

    /// How people call a person: the name where there is one, else the short name.
    pub fn name_of<'a>(&'a self, person: &'a str) -> &'a str {
        self.people.get(person).map(|p| p.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(person)
    }
}
