//! What in a post is not what it looks like, for whoever says yes to it. Neither a level nor an ignore keeps it from them: these
//! are the author's, or the team's.

use super::{Written, link_lookalike, link_mismatch, mixed_script};
use crate::workspace::{Finding, Post, Settings};

/// Links that show another address than theirs, servers that pretend to be others, and words with letters that look like another
/// script's; by their place.
pub fn pretences(post: &Post, settings: &Settings) -> Vec<Finding> {
    let (mut findings, written) = (Vec::new(), Written::of(post));
    link_mismatch::mismatches(&written, &mut findings);
    link_lookalike::lookalikes(settings, &[post], &mut findings);
    mixed_script::strangers(&written, &mut findings);
    findings.sort_by_key(|finding| finding.span.start);
    findings
}
