//! `[roles]` and `[rota]`: who holds which role, and whose week it is.

use std::collections::BTreeMap;

use super::super::located::{Named, OneOrMany, Placed, without_null};
use super::super::roles::{Person, PersonId, RoleName, Roles, Rota};
use super::super::{names, suggest};
use super::Check;

/// The people of a role who take turns, a week each.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct RotaFile {
    /// In turn; all who hold the role where it is not given.
    #[serde(default)]
    people: Option<Placed<OneOrMany>>,
    /// The first day of the first person's first week, in the workspace's zone: `2026-01-05`.
    since: Placed<String>,
}

impl Check<'_> {
    pub(super) fn holders(
        &mut self,
        file: Named<OneOrMany>,
        people: &BTreeMap<PersonId, Person>,
    ) -> BTreeMap<RoleName, Vec<PersonId>> {
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
                if self.known_person(&holder, people.keys()) && !group.contains(&holder.value) {
                    group.push(holder.value);
                }
            }
            roles.insert(role.value, group);
        }
        roles
    }

    pub(super) fn rotas(&mut self, file: Named<RotaFile>, roles: &Roles) -> BTreeMap<RoleName, Rota> {
        let mut rotas = BTreeMap::new();
        for (role, rota) in file.0 {
            let since = self.day(&rota.since);
            if !self.known_role(&role, roles) {
                continue;
            }
            let people = match rota.people {
                Some(people) => self.turns(&role.value, people, roles),
                None => roles.humans(&role.value).cloned().collect(),
            };
            if people.is_empty() {
                let message = format!("nobody takes turns as {}", suggest::quote(&role.value));
                self.error("roles/rota", &role.span, message, "name people of the role, or remove the rota");
            }
            if let Some(since) = since {
                rotas.insert(role.value, Rota { people, since });
            }
        }
        rotas
    }

    fn turns(&mut self, role: &str, people: Placed<OneOrMany>, roles: &Roles) -> Vec<PersonId> {
        let mut turns = Vec::new();
        for person in people.value.0 {
            if !self.known_person(&person, roles.people.keys()) {
                continue;
            }
            let (name, quoted) = (suggest::quote(&person.value), suggest::quote(role));
            if !roles.holds(&person.value, role) {
                let message = format!("{name} takes turns as {quoted} and does not hold the role");
                self.error("roles/rota", &person.span, message, format!("add them to {quoted} under [roles]"));
            } else if roles.people.get(&person.value).is_some_and(|one| one.bot) {
                let message = format!("{name} is a bot, whose decisions never count");
                self.error("roles/rota", &person.span, message, "name human beings");
            } else {
                turns.push(person.value);
            }
        }
        turns
    }
}
