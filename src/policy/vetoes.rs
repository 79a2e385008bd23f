//! Rejections, which stay until they are lifted.

use super::decision::{Decision, Kind, Status};
use super::evidence::{Statement, Verb};
use super::objections::{Sort, has_a_say, judge};
use super::question::{Facts, Question};

/// Every rejection of the post: `rejected` where it stands, `not-counted` where it does not, with the reason.
///
/// It stands if its maker held a role of any stage of any workflow, or was an admin. A post that leaves a workflow (a label
/// is taken off) keeps that workflow's rejections.
pub(super) fn vetoes(question: &Question<'_>, facts: &Facts<'_>) -> Vec<Decision> {
    let sort = Sort {
        kind: Kind::Rejection,
        standing: Status::Rejected,
        noun: "rejection",
        what: "rejection".to_owned(),
        may: &has_a_say,
        may_not: "is in no stage of a workflow",
        end: (Kind::Lift, "lift"),
        ends: &|verb, vetoed| matches!(verb, Verb::Lift { commit } if commit == vetoed),
    };
    let rejects = |statement: &&&Statement| {
        statement.workspace == question.workspace
            && statement.verbs.iter().any(|verb| matches!(verb, Verb::Reject { post } if *post == question.post.id))
    };
    let mut nodes: Vec<Decision> = facts
        .statements
        .iter()
        .filter(rejects)
        .map(|statement| judge(statement, &sort, question.workspace, facts))
        .collect();
    nodes.sort_by_key(|node| node.status != Status::Rejected);
    nodes
}
