//! What is asked of the policy, and what is known.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::evidence::{Edit, Statement};
use crate::render::Digest;
use crate::workspace::{AccountName, Due, Key, Outline, Roles};

/// What is asked: may this go out?
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The workspace's id.
    pub workspace: &'a str,
    /// The post.
    pub post: &'a Outline,
    /// Where it would go.
    pub account: &'a AccountName,
    /// The digest of what would go there.
    pub digest: &'a Digest,
    /// When it would go.
    pub due: Due,
    /// The zone in which times are told to people.
    pub zone: Tz,
}

/// What is known.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The roles at the trusted branch's tip.
    pub roles: &'a Roles,
    /// The roles that a statement was given under; `None` where it names no commit of the trusted branch, or the roles
    /// there cannot be read.
    pub roles_then: &'a dyn Fn(&Statement) -> Option<Arc<Roles>>,
    /// The keys that some policy in force has ever revoked: none of them comes back.
    pub revoked: &'a BTreeSet<Key>,
    /// The publisher's clock, read once.
    pub now: DateTime<Utc>,
    /// What people decided on this post, from [`super::Dossiers::of`]. Statements on other posts do no harm.
    pub statements: &'a [&'a Statement],
    /// Every change of what the post sends since it was last published: whoever made one is an author.
    pub edits: &'a [Edit],
    /// When the present version of these files came to the trusted branch; `None` where that was not asked for, or it is
    /// not there yet.
    pub landed: Option<DateTime<Utc>>,
}
