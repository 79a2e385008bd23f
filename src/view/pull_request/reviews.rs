//! Reviews that were given before the merge.

use crate::plan::Plan;
use crate::policy::{Decision, Status};
use crate::view::reviews::{Became, ReviewTold};

/// A review of the pull request, as it was judged.
pub struct Heard {
    /// What it says.
    pub told: ReviewTold,
    /// What stands for it in decisions; nothing where it does not count.
    pub names: Vec<String>,
}

/// The reviews with what came of them where they were held against the workflows: what counts stands first.
pub(super) fn reviews(heard: &[Heard], plan: &Plan) -> Vec<ReviewTold> {
    let decisions: Vec<&Decision> =
        plan.deliveries.iter().filter_map(|delivery| delivery.decision.as_deref()).collect();
    let mut all: Vec<ReviewTold> = heard.iter().map(|one| weighed(one, &decisions)).collect();
    all.sort_by_key(|review| review.became == Became::NotCounted);
    all
}

/// A review of somebody who may say yes is in vain where the policy says so of its place in the workflow.
fn weighed(heard: &Heard, decisions: &[&Decision]) -> ReviewTold {
    let mut told = heard.told.clone();
    let mut nodes = Vec::new();
    decisions.iter().for_each(|decision| collect(decision, &heard.names, &mut nodes));
    let in_vain = nodes.iter().all(|node| node.status == Status::NotCounted);
    if let Some(node) = nodes.first().filter(|_| in_vain) {
        told.became = Became::NotCounted;
        told.reason = Some(node.reason.clone());
    }
    told
}

fn collect<'d>(node: &'d Decision, names: &[String], found: &mut Vec<&'d Decision>) {
    if node.commit.as_ref().is_some_and(|commit| names.contains(commit)) {
        found.push(node);
    }
    node.children.iter().for_each(|child| collect(child, names, found));
}
