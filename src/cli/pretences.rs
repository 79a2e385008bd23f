//! What in a post is not what it looks like: whoever approves it is told, and where approvals are signed says that they know.

use super::decide::Desk;
use super::{Exit, Failure};
use crate::rules;
use crate::view::escape;
use crate::view::page::{Tone, counted};
use crate::workspace::{EvidenceMode, Finding, PostId};

/// What was found in the posts that somebody is about to approve.
pub(super) struct Pretences(Vec<Finding>);

impl Pretences {
    /// Looks through the posts as they were committed.
    ///
    /// # Errors
    /// When nobody is there to be asked, approvals are signed, and it was not said on the command line that all of it is meant.
    pub fn of(desk: &Desk<'_>, posts: &[PostId], meant: bool) -> Result<Self, Failure> {
        let mut found = Vec::new();
        for id in posts {
            if let Some(known) = desk.trusted.known(id.as_str()) {
                found.extend(rules::pretences(desk.trusted.whole(known)?, &desk.trusted.settings));
            }
        }
        let strict = desk.trusted.roles.policy.evidence == EvidenceMode::Signed;
        if found.is_empty() || meant || !strict || desk.asks() {
            return Ok(Self(found));
        }
        let lines: Vec<String> = found.iter().map(told).collect();
        Err(Failure::new(
            Exit::Waits,
            "approve/pretence",
            format!("not everything in it is what it looks like\n{}", lines.join("\n")),
            "have it corrected; where that is meant so, and you looked where it leads: --meant",
        ))
    }

    /// Shows them.
    pub fn show(&self, desk: &Desk<'_>) {
        if self.0.is_empty() {
            return;
        }
        let page = desk.context.page(desk.trusted.settings.timezone);
        let mut out = format!("{}\n", page.paint(Tone::Bad, "Not what it looks like"));
        for finding in &self.0 {
            out += &page.hanging(2, 4, &told(finding));
        }
        desk.context.print(&format!("{out}\n"));
    }

    /// For the question whether to approve: `, although 2 things in it are not what they look like`.
    pub fn although(&self) -> String {
        match self.0.len() {
            0 => String::new(),
            1 => ", although something in it is not what it looks like".to_owned(),
            count => format!(", although {} in it are not what they look like", counted(count, "thing")),
        }
    }
}

/// `posts/a.md:5:12: “pаypal.com” looks like paypal.com: it is really called xn--pypal-4ve.com`
fn told(finding: &Finding) -> String {
    let place = finding.place();
    let path = escape(&finding.source.path);
    format!("{path}:{}:{}: {}", place.line, place.column, escape(&finding.message))
}
