//! `roles.toml` as it is written, and the way from there to [`Roles`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::finding::Finding;
use super::keys;
use super::located::{Named, OneOrMany, Placed, without_null};
use super::names;
use super::roles::{
    EvidenceMode, Needs, Permissions, Person, PersonId, PolicySettings, Reschedule, RoleName, Roles, Stage, When,
    Workflow,
};
use super::source::Source;
use super::typed::{self, Area, Taken};
use super::{glob, suggest, text, time, toml};

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
    /// Rules that hold for all workflows.
    #[serde(default)]
    policy: PolicyFile,
    /// The ways of a post to a yes; the first whose `when` matches is used.
    #[serde(default)]
    workflow: Vec<Placed<WorkflowFile>>,
}

/// One human being.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct PersonFile {
    /// For people: `Noor Haddad`.
    #[serde(default)]
    name: Option<String>,
    /// E-mail addresses that the person commits with.
    #[serde(default)]
    emails: Vec<Placed<String>>,
    /// SSH public keys that the person signs with: `ssh-ed25519 AAAA…`.
    #[serde(default)]
    keys: Vec<Placed<String>>,
    /// The person on GitHub.
    #[serde(default)]
    github: Option<GithubFile>,
}

/// A person on GitHub. The number stays when the login changes hands.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct GithubFile {
    /// The login: `noor-h`.
    login: Placed<String>,
    /// The account's number.
    id: Placed<u64>,
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
}

/// The stages that a post must pass, and which posts they are for.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct WorkflowFile {
    /// For people: `regulated`.
    #[serde(default)]
    name: Option<Placed<String>>,
    /// Which posts; every key that is given must match. Without it: all.
    #[serde(default)]
    when: Option<Placed<WhenFile>>,
    /// The stages, in order.
    #[schemars(required)]
    stages: Option<Vec<Placed<StageFile>>>,
}

/// A workflow's condition: one entry of each list that is given must match.
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
    /// How many different people of it; 1 where it is not given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    needs: Option<Placed<u64>>,
    /// How long they have, from when the stage's turn came: `24h`.
    #[serde(default)]
    within: Option<Placed<String>>,
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
        let people = self.people(file.people);
        let roles = self.holders(file.roles, &people);
        let policy = PolicySettings {
            evidence: file.policy.evidence,
            author_may_approve: file.policy.author_may_approve,
            reschedule: file.policy.reschedule,
            ..PolicySettings::default()
        };
        let workflows = self.workflows(file.workflow, &roles);
        Roles { people, roles, rotas: BTreeMap::new(), policy, permissions: Permissions::default(), workflows }
    }

    fn people(&mut self, file: Named<PersonFile>) -> BTreeMap<PersonId, Person> {
        let mut people = BTreeMap::new();
        let mut emails = Owners::new("address");
        let mut keys = Owners::new("key");
        let mut logins = Owners::new("GitHub account");
        for (id, person) in file.0 {
            if let Err(why) = names::checked(&id.value) {
                let message = format!("{} is no short name: {why}", suggest::quote(&id.value));
                self.error("roles/person-name", &id.span, message, "write a word, such as [people.noor]");
            }
            let mut checked = Person { name: person.name.unwrap_or_default(), ..Person::default() };
            for email in person.emails {
                let address = email.value.trim().to_lowercase();
                if !looks_like_email(&address) {
                    let message = format!("{} is no e-mail address", suggest::quote(&email.value));
                    self.error("roles/email", &email.span, message, "write it as `noor@example.com`");
                } else if self.first(&mut emails, &address, &id.value, &email.span) {
                    checked.emails.push(address);
                }
            }
            for key in person.keys {
                match keys::normalised(&key.value) {
                    Ok(normal) => {
                        if self.first(&mut keys, &normal.0, &id.value, &key.span) {
                            checked.keys.push(normal.into());
                        }
                    }
                    Err((message, help)) => self.error("roles/key", &key.span, message, help),
                }
            }
            if let Some(github) = person.github {
                if github.login.value.trim().is_empty() {
                    self.error("roles/github", &github.login.span, "the login is empty", "write `login = \"noor-h\"`");
                }
                if github.id.value == 0 {
                    let help = "write the number that https://api.github.com/users/LOGIN gives as `id`";
                    self.error("roles/github", &github.id.span, "no GitHub account has the number 0", help);
                }
                self.first(&mut logins, &github.login.value.to_lowercase(), &id.value, &github.login.span);
                self.first(&mut logins, &github.id.value.to_string(), &id.value, &github.id.span);
            }
            people.insert(id.value, checked);
        }
        people
    }

    /// Notes who owns something. Whether it is the first to claim it; twice under one person is only untidy.
    fn first(&mut self, owners: &mut Owners, thing: &str, person: &str, span: &Range<usize>) -> bool {
        let what = owners.what;
        match owners.seen.get(thing) {
            None => {
                owners.seen.insert(thing.to_owned(), person.to_owned());
                true
            }
            Some(owner) if owner == person => {
                self.warning("roles/twice", span, format!("this {what} stands here twice"), "keep one of them");
                false
            }
            Some(owner) => {
                let message = format!("this {what} is {}'s already: one {what}, one person", suggest::quote(owner));
                self.error("roles/shared", span, message, "remove it from one of the two");
                false
            }
        }
    }

    fn holders(
        &mut self,
        file: Named<OneOrMany>,
        people: &BTreeMap<PersonId, Person>,
    ) -> BTreeMap<RoleName, Vec<PersonId>> {
        let known: Vec<&str> = people.keys().map(String::as_str).collect();
        let mut roles = BTreeMap::new();
        for (role, holders) in file.0 {
            if let Err(why) = names::checked(&role.value) {
                let message = format!("{} is no name for a role: {why}", suggest::quote(&role.value));
                self.error("roles/role-name", &role.span, message, "write a word, such as `editor`");
            }
            if holders.0.is_empty() {
                let message = format!("nobody is {}", suggest::quote(&role.value));
                self.warning("roles/empty-role", &role.span, message, "name people, or remove the role");
            }
            let mut group: Vec<PersonId> = Vec::new();
            for holder in holders.0 {
                if !people.contains_key(&holder.value) {
                    let message = format!("there is no person {}", suggest::quote(&holder.value));
                    let help = match suggest::nearest(&holder.value, known.iter().copied()) {
                        Some(person) => format!("did you mean `{person}`?"),
                        None => "add the person: [people.NAME] with `emails` and `keys`".to_owned(),
                    };
                    self.error("roles/unknown-person", &holder.span, message, help);
                } else if !group.contains(&holder.value) {
                    group.push(holder.value);
                }
            }
            roles.insert(role.value, group);
        }
        roles
    }

    fn workflows(
        &mut self,
        file: Vec<Placed<WorkflowFile>>,
        roles: &BTreeMap<RoleName, Vec<PersonId>>,
    ) -> Vec<Workflow> {
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
            if let Some(earlier) = &catches_all {
                let message = format!("no post ever comes here: {} takes them all", suggest::quote(earlier));
                self.error("roles/unreachable", &place, message, "move it up, or give the other one a `when`");
            }
            let when = workflow.when.map(|when| self.when(when)).unwrap_or_default();
            if when == When::default() && catches_all.is_none() {
                catches_all = Some(name.clone());
            }
            let stages = match workflow.stages {
                Some(stages) if !stages.is_empty() => stages.into_iter().filter_map(|s| self.stage(s, roles)).collect(),
                None if self.taken.holds(&span, "stages") => Vec::new(),
                _ => {
                    let message =
                        format!("the workflow {} has no stages: nobody would be asked", suggest::quote(&name));
                    self.error("roles/no-stages", &place, message, "write `stages = [{ role = \"editor\" }]`");
                    Vec::new()
                }
            };
            workflows.push(Workflow { name, when, and: Vec::new(), stages });
        }
        if catches_all.is_none() {
            let help = "add at the end: [[workflow]], name = \"default\", stages = [{ role = \"editor\" }]";
            self.warning("roles/no-default", &(0..0), "posts that match no workflow can never be approved", help);
        }
        workflows
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
        let accounts = self.list(file.accounts);
        let paths = self.list(file.paths);
        for pattern in accounts.iter().chain(&paths) {
            if let Some(message) = glob::fault(&pattern.value) {
                self.error("roles/pattern", &pattern.span, message, "write `mastodon/*` or `posts/emea/**`");
            }
        }
        let values = |list: Vec<Placed<String>>| list.into_iter().map(|entry| entry.value).collect();
        When {
            labels: values(self.list(file.labels)),
            accounts: values(accounts),
            campaigns: values(self.list(file.campaigns)),
            languages: values(self.list(file.languages)),
            paths: values(paths),
        }
    }

    /// An empty list would match nothing, and reads as if it matched all.
    fn list(&mut self, list: Option<Placed<OneOrMany>>) -> Vec<Placed<String>> {
        let Some(Placed { value: OneOrMany(entries), span }) = list else { return Vec::new() };
        if entries.is_empty() {
            self.error("roles/empty-when", &span, "this list is empty", "name what must match, or remove it");
        }
        entries
    }

    fn stage(&mut self, stage: Placed<StageFile>, roles: &BTreeMap<RoleName, Vec<PersonId>>) -> Option<Stage> {
        let stage = stage.value;
        let within = stage.within.and_then(|text| match time::duration(&text.value) {
            Ok(duration) => Some(duration),
            Err(help) => {
                let message = format!("{} is no length of time", suggest::quote(&text.value));
                self.error("roles/duration", &text.span, message, help);
                None
            }
        });
        let Some(holders) = roles.get(&stage.role.value) else {
            let known: Vec<&str> = roles.keys().map(String::as_str).collect();
            let message = format!("there is no role {}", suggest::quote(&stage.role.value));
            let help = suggest::help(&stage.role.value, "roles", &known);
            self.error("roles/unknown-role", &stage.role.span, message, help);
            return None;
        };
        let needs = stage.needs.unwrap_or_else(|| Placed::new(1, stage.role.span.clone()));
        let count = usize::try_from(needs.value).unwrap_or(usize::MAX);
        if count == 0 {
            let message = "a stage that needs nobody is no stage";
            self.error("roles/needs", &needs.span, message, "write `needs = 1`, or remove the stage");
        } else if count > holders.len() {
            let (people, role) = (holders.len(), suggest::quote(&stage.role.value));
            let message = format!("this needs {count} people, and {role} has {people}");
            self.error(
                "roles/needs",
                &needs.span,
                message,
                format!("write a number up to {people}, or add people to {role}"),
            );
        }
        Some(Stage {
            role: stage.role.value,
            needs: Needs::Some(count),
            within,
            escalate_to: None,
            parallel: false,
            when: When::default(),
        })
    }
}

/// Things that belong to one person alone.
struct Owners {
    what: &'static str,
    seen: BTreeMap<String, PersonId>,
}

impl Owners {
    fn new(what: &'static str) -> Self {
        Self { what, seen: BTreeMap::new() }
    }
}

fn looks_like_email(text: &str) -> bool {
    let sign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',');
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(sign)
}

#[cfg(test)]
mod tests {
    use super::super::roles::Key;
    use super::*;

    const NOOR: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti noor@laptop";

    fn faults(text: &str) -> Vec<(&'static str, usize)> {
        read(text.as_bytes()).1.iter().map(|f| (f.code, f.place().line)).collect()
    }

    #[test]
    fn a_good_one() {
        let text = format!(
            r#"
version = 1
[people.noor]
name = "Noor Haddad"
emails = ["Noor@Example.com"]
keys = ["{NOOR}"]
github = {{ login = "noor-h", id = 5551 }}
[people.li]
[roles]
editor = ["noor", "li"]
[policy]
evidence = "sign-off"
reschedule = "keep"
[[workflow]]
name = "regulated"
when = {{ labels = ["pricing"], accounts = "mastodon/*" }}
stages = [{{ role = "editor", needs = 2, within = "24h" }}]
[[workflow]]
name = "default"
stages = [{{ role = "editor" }}]
"#
        );
        let (roles, findings) = read(text.as_bytes());
        assert_eq!(findings, []);
        let roles = roles.unwrap();
        assert_eq!(roles.people["noor"].emails, ["noor@example.com"]);
        assert_eq!(roles.owner_of_key(&Key(NOOR.rsplit_once(' ').unwrap().0.to_owned())), Some("noor"));
        assert_eq!(roles.policy.evidence, EvidenceMode::SignOff);
        assert_eq!(roles.workflows[0].when.accounts, ["mastodon/*"]);
        assert_eq!(roles.workflows[1].stages[0].needs, Needs::Some(1));
    }

    #[test]
    fn every_fault_in_one_run() {
        let text = format!(
            r#"
[people.noor]
emails = ["noor", "n@x.example"]
keys = ["{NOOR}", "ssh-ed25519 AAAA"]
[people.maya]
emails = ["N@x.example"]
keys = ["{NOOR}"]
githup = 1
[roles]
editor = ["nor"]
legal = []
[policy]
evidence = "signd"
[[workflow]]
name = "a"
when = {{ labels = [], paths = ["posts/{{a,b}}"] }}
stages = [{{ role = "editors" }}, {{ role = "legal", needs = 0 }}, {{ role = "editor", within = "soon" }}, {{ needs = 1 }}]
[[workflow]]
name = "b"
[[workflow]]
name = "b"
stages = []
"#
        );
        let mut found = faults(&text);
        found.sort();
        let mut expected = vec![
            ("roles/missing-key", 1),
            ("roles/email", 3),
            ("roles/key", 4),
            ("roles/shared", 6),
            ("roles/shared", 7),
            ("roles/unknown-key", 8),
            ("roles/unknown-person", 10),
            ("roles/empty-role", 11),
            ("roles/bad-value", 13),
            ("roles/empty-when", 16),
            ("roles/pattern", 16),
            ("roles/unknown-role", 17),
            ("roles/needs", 17),
            ("roles/duration", 17),
            ("roles/needs", 17),
            ("roles/missing-key", 17),
            ("roles/no-stages", 19),
            ("roles/workflow-name", 21),
            ("roles/unreachable", 21),
            ("roles/no-stages", 21),
        ];
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(read(text.as_bytes()).0, None);
    }

    #[test]
    fn a_workspace_without_a_default_is_warned() {
        let text = "version = 1\n[people.a]\n[roles]\ne = [\"a\"]\n[[workflow]]\nwhen = { labels = \"x\" }\nstages = [{ role = \"e\" }]\n";
        let (roles, findings) = read(text.as_bytes());
        assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["roles/no-default"]);
        assert!(roles.is_some(), "a warning holds nothing up");
    }
}
