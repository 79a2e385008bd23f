//! `[policy] retract`: who may have a post taken down.

use super::super::located::{OneOrMany, Placed, without_null};
use super::super::roles::{ADMIN, EvidenceMode, RetractRule, Roles};
use super::Check;

/// Who may have a post taken down with `greenlit retract`, or held back for good.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct RetractFile {
    /// The roles whose holders may. Where it is not given: the post's authors (by a signed commit), whoever has a say in its
    /// workflow, and whoever may publish. Admins always may.
    #[serde(default)]
    roles: Option<Placed<OneOrMany>>,
    /// How many different people must ask for it; 1 where it is not given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    needs: Option<Placed<u64>>,
}

impl Check<'_> {
    pub(super) fn retract(&mut self, file: RetractFile, evidence: EvidenceMode, roles: &Roles) -> RetractRule {
        let named = file.roles.map(|list| self.named_roles(list, roles));
        let mut rule = RetractRule { roles: named, ..RetractRule::default() };
        let Some(needs) = file.needs else { return rule };
        rule.needs = usize::try_from(needs.value).unwrap_or(usize::MAX);
        let may = |id: &str| match &rule.roles {
            Some(named) => roles.holds(id, ADMIN) || named.iter().any(|role| roles.holds(id, role)),
            None => true,
        };
        let able = roles.people.iter().filter(|(id, person)| may(id) && person.can_prove(evidence)).count();
        if rule.needs == 0 {
            let message = "a retraction that needs nobody would be everybody's";
            self.error("roles/policy-retract", &needs.span, message, "write `needs = 1`, or more");
        } else if rule.needs > able {
            let message =
                format!("this needs {} people, and {able} of those who may can prove who they are", rule.needs);
            let help = "lower it, or name more roles, of people with a key that is not revoked (or, with sign-offs, an address)";
            self.error("roles/policy-retract", &needs.span, message, help);
        }
        rule
    }
}
