//! Approvals taken back by those who gave them.

use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::identity::{name, possible_makers, short};
use super::question::{Facts, Question};

/// Why an approval is taken back, if it is, and the withdrawals of it that do not count.
///
/// Whoever gave it may withdraw it, and so may the person for whom it was given. A withdrawal takes a post further from
/// its audience, so it is judged in favour of caution: its maker is known by the roles then or now. It names the
/// approval's commit, so no order of commits and no date matters; who changes their mind again approves again.
pub(super) fn withdrawals(
    approval: &Statement,
    question: &Question<'_>,
    facts: &Facts<'_>,
) -> (Option<String>, Vec<Decision>) {
    let (mut givers, _) = possible_makers(approval, facts);
    if givers.is_empty() {
        // A stranger's counts for nothing; there may be thousands.
        return (None, Vec::new());
    }
    givers.extend(approval.stands_in_for.clone());
    let mut vain = Vec::new();
    let names_it = |verb: &Verb| matches!(verb, Verb::Withdraw { commit } if *commit == approval.commit);
    let meant = |one: &&&Statement| one.workspace == question.workspace && one.verbs.iter().any(names_it);
    for withdrawal in facts.statements.iter().filter(meant) {
        let (makers, unproved) = possible_makers(withdrawal, facts);
        let by = name(withdrawal, facts);
        if !makers.is_disjoint(&givers) {
            return (Some(format!("was withdrawn by {by} (commit {})", short(&withdrawal.commit))), Vec::new());
        }
        let reason = unproved.filter(|_| makers.is_empty()).unwrap_or_else(|| "did not give the approval".to_owned());
        let mut node = Decision::new(Kind::Withdrawal, format!("withdrawal by {by}"), Status::NotCounted, reason);
        node.commit = Some(withdrawal.commit.clone());
        vain.push(node);
    }
    (None, vain)
}
