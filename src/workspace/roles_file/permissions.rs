//! `[permissions]`: who may edit what, hold and publish.

use super::super::glob;
use super::super::located::{OneOrMany, Placed, without_null};
use super::super::roles::{EditRule, Permissions, RoleName, Roles};
use super::Check;

/// Who may edit what, hold and publish.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct PermissionsFile {
    /// Who may edit which paths; the first that matches a path is used. Where none does, everyone may.
    #[serde(default)]
    edit: Vec<EditRuleFile>,
    /// The roles that may stop posts with `greenlit hold`; everyone with a say in some stage where it is not given. Admins
    /// always may.
    #[serde(default)]
    hold: Option<Placed<OneOrMany>>,
    /// The roles whose holders may run `greenlit publish`; all who may push to the ledger where it is not given.
    #[serde(default)]
    publish: Option<Placed<OneOrMany>>,
}

/// Who may edit files.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct EditRuleFile {
    /// Paths, as patterns: `posts/emea/**`.
    paths: Placed<OneOrMany>,
    /// The roles whose holders may.
    roles: Placed<OneOrMany>,
}

impl Check<'_> {
    pub(super) fn permissions(&mut self, file: PermissionsFile, roles: &Roles) -> Permissions {
        Permissions {
            edit: file.edit.into_iter().map(|rule| self.edit_rule(rule, roles)).collect(),
            hold: file.hold.map(|list| self.named_roles(list, roles)),
            publish: file.publish.map(|list| self.named_roles(list, roles)),
        }
    }

    fn edit_rule(&mut self, file: EditRuleFile, roles: &Roles) -> EditRule {
        let paths = self.not_empty("roles/permissions", file.paths);
        for pattern in &paths {
            if let Some(message) = glob::fault(&pattern.value) {
                self.error("roles/pattern", &pattern.span, message, "write `posts/emea/**`");
            }
        }
        let paths = paths.into_iter().map(|pattern| pattern.value).collect();
        EditRule { paths, roles: self.named_roles(file.roles, roles) }
    }

    pub(super) fn named_roles(&mut self, list: Placed<OneOrMany>, roles: &Roles) -> Vec<RoleName> {
        let list = self.not_empty("roles/permissions", list);
        list.into_iter().filter(|role| self.known_role(role, roles)).map(|role| role.value).collect()
    }
}
