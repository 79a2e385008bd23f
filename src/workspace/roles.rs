//! `roles.toml`, as it was checked: who is who, who may what, and which post passes which stages.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::forge::ForgeKind;

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
    /// Who of a role is on duty in which week, for the roles that take turns.
    pub rotas: BTreeMap<RoleName, Rota>,
    /// The rules that hold for all workflows.
    pub policy: PolicySettings,
    /// Who may edit what, hold and publish.
    pub permissions: Permissions,
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
    pub keys: Vec<OwnedKey>,
    /// A program, not a human being: its decisions never count.
    pub bot: bool,
    /// When the person is away, and who stands in.
    pub away: Vec<Away>,
    /// The person on forges.
    pub accounts: BTreeMap<ForgeKind, ForgeAccount>,
}

/// An account on a forge. The number stays when the login changes hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeAccount {
    /// The login: `noor-h`.
    pub login: String,
    /// The account's number.
    pub id: u64,
}

/// A person's key, and when it counts. The publisher's clock decides, never a commit's date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedKey {
    /// The key.
    pub key: Key,
    /// It counts from then on, that moment included.
    pub not_before: Option<DateTime<Utc>>,
    /// It counts until then, that moment not included.
    pub not_after: Option<DateTime<Utc>>,
    /// From then on nothing that it signed counts, whenever it was signed. `revoked = true` is the beginning of time.
    pub revoked: Option<DateTime<Utc>>,
}

impl From<Key> for OwnedKey {
    fn from(key: Key) -> Self {
        Self { key, not_before: None, not_after: None, revoked: None }
    }
}

/// An absence. The days are the workspace zone's, the first and the last of them included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Who may decide instead, for the roles of the person who is away.
    pub stand_in: Option<PersonId>,
}

/// The people of a role who take turns, a week each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// In turn; never empty. After the last comes the first again.
    pub people: Vec<PersonId>,
    /// The first day of the first person's first week; weeks change on its weekday.
    pub since: NaiveDate,
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

/// Whether reviews of pull requests count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reviews {
    /// They do not: what a forge says of who said what is not proved by anybody's key.
    #[default]
    Ignore,
    /// They do, as the forge tells of them.
    Count,
}

/// The `[policy]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// What counts as proof.
    pub evidence: EvidenceMode,
    /// Whether an author's own approval counts.
    pub author_may_approve: bool,
    /// What a new time does to approvals.
    pub reschedule: Reschedule,
    /// How many different admins must approve a change of `roles.toml` or `greenlit.toml`; at least 1.
    pub needs: usize,
    /// Who may have a post taken down.
    pub retract: RetractRule,
    /// Whether reviews of pull requests count.
    pub reviews: Reviews,
}

/// Who may have a post taken down, or held back for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetractRule {
    /// The roles whose holders may; `None`: the post's authors, whoever has a say in its workflow, whoever may publish.
    /// Admins always may.
    pub roles: Option<Vec<RoleName>>,
    /// How many different people must ask for it; at least 1.
    pub needs: usize,
}

impl Default for RetractRule {
    fn default() -> Self {
        Self { roles: None, needs: 1 }
    }
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            evidence: EvidenceMode::default(),
            author_may_approve: false,
            reschedule: Reschedule::default(),
            needs: 1,
            retract: RetractRule::default(),
            reviews: Reviews::default(),
        }
    }
}

/// The `[permissions]` table. Roles that are named nowhere here and in no stage give no right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// Who may edit which paths; the first that matches a path is used, and where none does everyone may.
    pub edit: Vec<EditRule>,
    /// The roles that may hold; `None`: everyone who has a say in some stage. Admins always may.
    pub hold: Option<Vec<RoleName>>,
    /// The roles whose holders may run `publish`; `None`: everyone whom git lets push to the ledger.
    pub publish: Option<Vec<RoleName>>,
}

/// Who may edit files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRule {
    /// Paths, as globs: `posts/emea/**`.
    pub paths: Vec<String>,
    /// The roles whose holders may.
    pub roles: Vec<RoleName>,
}

/// The stages that a post must pass, and which posts they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// For people: `regulated`.
    pub name: String,
    /// Every condition must hold; none at all always holds.
    pub when: When,
    /// Workflows, by name, that must be passed as well, whatever their own `when` says.
    pub and: Vec<String>,
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
    /// How many different people of it.
    pub needs: Needs,
    /// How long they have, from when the stage's turn came.
    pub within: Option<Duration>,
    /// The role that may approve instead once `within` is over.
    pub escalate_to: Option<RoleName>,
    /// Its turn comes together with that of the stage before it.
    pub parallel: bool,
    /// The stage is asked only where this holds.
    pub when: When,
}

/// How many different people of a role must say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// So many; at least 1.
    Some(usize),
    /// Everyone who holds the role and may approve the post; at least one.
    All,
}

impl Person {
    /// Whether a key is this person's, in force or not.
    pub fn owns(&self, key: &Key) -> bool {
        self.keys.iter().any(|owned| owned.key == *key)
    }

    /// Whether the person has what it takes to prove anything: a key that is not revoked, whatever its dates, or an
    /// address. A program never has.
    pub fn can_prove(&self, evidence: EvidenceMode) -> bool {
        !self.bot
            && match evidence {
                EvidenceMode::Signed => self.keys.iter().any(|owned| owned.revoked.is_none()),
                EvidenceMode::SignOff => !self.emails.is_empty(),
            }
    }
}

/// The role whose holders may change the rules and lift other people's vetoes.
pub const ADMIN: &str = "admin";

impl Roles {
    /// Whether a person holds a role.
    pub fn holds(&self, person: &str, role: &str) -> bool {
        self.roles.get(role).is_some_and(|people| people.iter().any(|p| p == person))
    }

    /// The human beings who hold a role.
    pub fn humans(&self, role: &str) -> impl Iterator<Item = &PersonId> {
        let holders = self.roles.get(role).into_iter().flatten();
        holders.filter(|holder| !self.people.get(*holder).is_some_and(|person| person.bot))
    }

    /// The person who owns a key.
    pub fn owner_of_key(&self, key: &Key) -> Option<&str> {
        let mut owners = self.people.iter().filter(|(_, person)| person.owns(key));
        owners.next().map(|(id, _)| id.as_str())
    }

    /// The person who has an address; letters' case does not matter.
    pub fn owner_of_email(&self, email: &str) -> Option<&str> {
        let email = email.to_lowercase();
        let mut owners = self.people.iter().filter(|(_, person)| person.emails.contains(&email));
        owners.next().map(|(id, _)| id.as_str())
    }

    /// The person who has an account on a forge, by its number: whoever has the login may be somebody else by now.
    pub fn owner_of_account(&self, forge: ForgeKind, id: u64) -> Option<&str> {
        let mut owners = self
            .people
            .iter()
            .filter(|(_, person)| person.accounts.get(&forge).is_some_and(|account| account.id == id));
        owners.next().map(|(id, _)| id.as_str())
    }

    /// How people call a person: the name where there is one, else the short name.
    pub fn name_of<'a>(&'a self, person: &'a str) -> &'a str {
        self.people.get(person).map(|p| p.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(person)
    }
}
