//! One file per rule: a post and its payload held against what the network takes. Pure.

mod alt_too_long;
mod content_warning;
mod media_type;
mod no_threads;
mod options;
mod place;
mod template;
mod text_too_long;
mod too_many_media;

use crate::render::{Capability, Payload};
use crate::workspace::{Finding, Post};

pub use template::template;

/// A rule: what it finds in one delivery.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The codes of its findings.
    pub codes: &'static [&'static str],
    /// What it asks, in one sentence.
    pub about: &'static str,
    judge: fn(&Delivery<'_>, &mut Vec<Finding>),
}

/// What a rule looks at: one post for one account, as it would be sent.
struct Delivery<'a> {
    post: &'a Post,
    payload: &'a Payload,
    capability: &'a Capability,
}

/// Every rule.
pub fn all() -> &'static [Rule] {
    &[
        text_too_long::RULE,
        too_many_media::RULE,
        media_type::RULE,
        alt_too_long::RULE,
        no_threads::RULE,
        options::RULE,
        content_warning::RULE,
    ]
}

/// Holds one delivery against all rules.
pub fn check(post: &Post, payload: &Payload, capability: &Capability) -> Vec<Finding> {
    let delivery = Delivery { post, payload, capability };
    let mut findings = Vec::new();
    for rule in all() {
        (rule.judge)(&delivery, &mut findings);
    }
    findings
}

#[cfg(test)]
mod tests;
