//! Where a few posts stand, in few lines: after a decision on them.

use super::decision::tree;
use super::page::{Page, Tone};
use super::standing::{Standing, alike, why};
use crate::plan::{Plan, Step};
use crate::workspace::{Due, Roles};

/// Each post of a plan, where it stands, and the decision below it.
pub fn brief(plan: &Plan, roles: &Roles, page: &Page) -> String {
    let mut out = String::new();
    for group in alike(plan) {
        let post = page.paint(Tone::Strong, group.first.key.post.as_str());
        out += &format!("\n{post} → {}\n", group.accounts());
        let why = why(&group, page);
        let stands = match group.standing {
            // Its time is past, and nothing waits for it.
            Standing::Retracted => why,
            _ if matches!(group.first.step, Step::Published { .. } | Step::Aftercare(_)) => why,
            Standing::Ready if group.first.due == Due::Asap => format!("{why}, no time set"),
            _ => format!("{why}, due {}", page.due(group.first.due)),
        };
        out += &page.wrapped(2, &stands);
        if let Some(decision) = &group.decision {
            out += &tree(decision, roles, page, 2);
        }
    }
    out
}
