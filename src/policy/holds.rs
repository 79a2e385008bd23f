//! Holds, which stop a post, an account, a campaign or everything until they are resumed.

use super::decision::{Decision, Kind, Status};
use super::evidence::{HoldScope, Verb};
use super::objections::{Sort, has_a_say, judge};
use super::question::{Facts, Question};
use super::when::same;
use crate::workspace::{ADMIN, Roles};

/// Every hold that the delivery falls under: `held` where it stands, `not-counted` where it does not, with the reason.
///
/// It takes effect from the approvals branch at once, whatever stage the post is in, and takes no approval away.
pub(super) fn holds(question: &Question<'_>, facts: &Facts<'_>) -> Vec<Decision> {
    holds_of(question.workspace, &|scope| covers(scope, question), facts)
}

/// Every hold, whatever it covers: `held` where it stands, `not-counted` where it does not, with the reason.
pub fn every_hold(workspace: &str, facts: &Facts<'_>) -> Vec<Decision> {
    holds_of(workspace, &|_| true, facts)
}

fn holds_of(workspace: &str, wanted: &dyn Fn(&HoldScope) -> bool, facts: &Facts<'_>) -> Vec<Decision> {
    let mut nodes = Vec::new();
    for statement in facts.statements.iter().filter(|one| one.workspace == workspace) {
        for verb in &statement.verbs {
            let Verb::Hold { scope } = verb else { continue };
            if !wanted(scope) {
                continue;
            }
            let sort = Sort {
                kind: Kind::Hold,
                standing: Status::Held,
                noun: "hold",
                what: format!("hold of {scope}"),
                may: &may_hold,
                may_not: match &facts.roles.permissions.hold {
                    Some(_) => "is in no role that may hold (permissions in roles.toml)",
                    None => "is in no stage of a workflow",
                },
                end: (Kind::Resume, "resume"),
                ends: &|verb, held| matches!(verb, Verb::Resume { commit } if commit == held),
            };
            let mut node = judge(statement, &sort, workspace, facts);
            node.scope = Some(scope.to_string());
            nodes.push(node);
        }
    }
    nodes.sort_by_key(|node| node.status != Status::Held);
    nodes
}

fn covers(scope: &HoldScope, question: &Question<'_>) -> bool {
    match scope {
        HoldScope::Everything => true,
        HoldScope::Post(post) => *post == question.post.id,
        HoldScope::Account(account) => account == question.account,
        HoldScope::Campaign(campaign) => question.post.campaign.as_deref().is_some_and(|have| same(have, campaign)),
    }
}

fn may_hold(person: &str, roles: &Roles) -> bool {
    match &roles.permissions.hold {
        Some(named) => roles.holds(person, ADMIN) || named.iter().any(|role| roles.holds(person, role)),
        None => has_a_say(person, roles),
    }
}
