//! Whether everyone who changed the post's files may.

use super::approvals::{Approval, Voice};
use super::decision::{Decision, Kind, Status};
use super::evidence::Edit;
use super::identity::{admins, editor, short};
use super::question::{Facts, Question};
use super::stages::in_role;
use super::turn::{hindrance, members};
use super::when::path_matches;
use super::workflows::stages_for;
use crate::workspace::{EditRule, PersonId};

/// So many changes are told one by one.
const TOLD: usize = 10;

/// Holds each change of the post's files against `[permissions] edit`; `None` where no rule is about them.
///
/// A change by somebody who may not make it is vouched for where somebody who may gave an approval that counts: they have
/// approved exactly what it led to.
pub(super) fn edits(question: &Question<'_>, counted: &[&Approval<'_>], facts: &Facts<'_>) -> Option<Decision> {
    let rules = &facts.roles.permissions.edit;
    let rule_of = |path: &str| rules.iter().find(|rule| rule.paths.iter().any(|pattern| path_matches(pattern, path)));
    let ruled: Vec<(&Edit, &EditRule)> =
        facts.edits.iter().filter_map(|edit| Some((edit, rule_of(&edit.path)?))).collect();
    if ruled.is_empty() {
        return None;
    }
    let mut node = Decision::new(Kind::Edits, "edits", Status::Approved, "");
    let mut open: Vec<&EditRule> = Vec::new();
    let mut foreign = 0;
    for (edit, rule) in ruled {
        let Err(why) = may_edit(edit, rule, facts) else { continue };
        let voucher =
            counted.iter().find(|approval| approval.voice.as_ref().is_ok_and(|voice| vouches(voice, rule, facts)));
        foreign += 1;
        if voucher.is_none() && !open.contains(&rule) {
            open.push(rule);
        }
        if foreign <= TOLD {
            node.children.push(told(edit, &why, voucher.copied(), facts));
        }
    }
    if !open.is_empty() {
        node.status = Status::Waiting;
        let roles: Vec<&str> = open.iter().flat_map(|rule| &rule.roles).map(String::as_str).collect();
        let roles = if roles.is_empty() { "nobody".to_owned() } else { roles.join(" or ") };
        node.reason = format!("changed by somebody who may not, and not yet approved by {roles}");
        node.turn = vouchers(&open, question, facts);
        if node.turn.is_empty() {
            node.reason += ", none of whom is asked; an admin can change roles.toml";
            node.turn = admins(facts);
        }
    }
    Some(node)
}

fn may_edit(edit: &Edit, rule: &EditRule, facts: &Facts<'_>) -> Result<(), String> {
    let person = editor(&edit.author, facts)?;
    if rule.roles.iter().any(|role| facts.roles.holds(person, role)) {
        return Ok(());
    }
    Err(format!("{} is not in {}", facts.roles.name_of(person), rule.roles.join(" or ")))
}

fn vouches(voice: &Voice, rule: &EditRule, facts: &Facts<'_>) -> bool {
    rule.roles.iter().any(|role| in_role(voice, role, facts).is_ok())
}

/// Those who may make all such changes and are asked for this post.
fn vouchers(open: &[&EditRule], question: &Question<'_>, facts: &Facts<'_>) -> Vec<PersonId> {
    let stages = stages_for(facts.roles, question.post, question.account);
    let asked = |person: &&PersonId| stages.iter().any(|stage| facts.roles.holds(person, &stage.role));
    let may = open.iter().flat_map(|rule| &rule.roles).flat_map(|role| members(role, facts));
    let mut people: Vec<PersonId> =
        may.filter(asked).filter(|person| hindrance(person, facts).is_none()).cloned().collect();
    people.sort();
    people.dedup();
    people
}

fn told(edit: &Edit, why: &str, voucher: Option<&Approval<'_>>, facts: &Facts<'_>) -> Decision {
    let what = format!("change of {} in {}", edit.path, short(&edit.author.commit));
    let mut node = Decision::new(Kind::Edit, what, Status::NotCounted, why);
    node.commit = Some(edit.author.commit.clone());
    if let Some(voice) = voucher.and_then(|approval| approval.voice.as_ref().ok()) {
        node.status = Status::Approved;
        node.reason = format!("{why}; {} vouches for it", facts.roles.name_of(&voice.seat));
    }
    node
}
