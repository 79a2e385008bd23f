//! What is held, whatever it covers.

use chrono::{DateTime, Utc};

use super::Trusted;
use crate::policy::{Decision, Evidence, Facts, Statement, Verb, every_hold};

impl Trusted {
    /// Every hold, judged: those that stand are `held`. Neither posts nor the ledger are asked.
    pub fn holds(&self, evidence: &Evidence, now: DateTime<Utc>) -> Vec<Decision> {
        let about_holds =
            |one: &&Statement| one.verbs.iter().any(|verb| matches!(verb, Verb::Hold { .. } | Verb::Resume { .. }));
        let statements: Vec<&Statement> = evidence.statements.iter().filter(about_holds).collect();
        let facts = Facts {
            roles: &self.roles,
            roles_then: &self.roles_then(),
            revoked: self.revoked(),
            now,
            statements: &statements,
            edits: &[],
            landed: None,
        };
        every_hold(&self.settings.workspace, &facts)
    }
}
