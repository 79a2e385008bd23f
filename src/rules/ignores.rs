//! `<!-- greenlit-ignore CODE: reason -->`: a team's rule does not look at a post, and the post says why.

use std::ops::Range;
use std::sync::Arc;

use super::named;
use crate::workspace::{Finding, Source};

/// What a post wants to be left alone with.
#[derive(Debug)]
pub struct Ignores {
    source: Arc<Source>,
    all: Vec<Ignore>,
}

#[derive(Debug)]
struct Ignore {
    code: String,
    reason: String,
    span: Range<usize>,
}

const OPENING: &str = "<!-- greenlit-ignore";

impl Ignores {
    /// What the comments of a file say. In what is sent they do not stand.
    pub fn of(source: &Arc<Source>) -> Self {
        let mut all = Vec::new();
        for (start, _) in source.text.match_indices(OPENING) {
            let rest = source.text.get(start + OPENING.len()..).unwrap_or_default();
            let Some(end) = rest.find("-->") else { continue };
            let said = rest.get(..end).unwrap_or_default();
            let (codes, reason) = said.split_once(':').unwrap_or((said, ""));
            let span = start..start + OPENING.len() + end + "-->".len();
            let mut codes: Vec<&str> =
                codes.split([',', ' ', '\n', '\t']).map(str::trim).filter(|code| !code.is_empty()).collect();
            if codes.is_empty() {
                codes.push("");
            }
            let ignore =
                |code: &str| Ignore { code: code.to_owned(), reason: reason.trim().to_owned(), span: span.clone() };
            all.extend(codes.into_iter().map(ignore));
        }
        Self { source: Arc::clone(source), all }
    }

    /// Takes away the findings of this file that it wants to be left alone with, and says what is wrong with its wishes.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        let mut used = vec![false; self.all.len()];
        if !self.all.is_empty() {
            findings.retain(|finding| {
                if finding.source.path != self.source.path || !may_be_ignored(finding) {
                    return true;
                }
                let found = self.all.iter().position(|ignore| {
                    !ignore.reason.is_empty() && (ignore.code == finding.code || ignore.code == finding.id())
                });
                if let Some(used) = found.and_then(|at| used.get_mut(at)) {
                    *used = true;
                }
                found.is_none()
            });
        }
        for (ignore, used) in self.all.iter().zip(used) {
            findings.extend(self.flaw(ignore, used));
        }
    }

    fn flaw(&self, ignore: &Ignore, used: bool) -> Option<Finding> {
        let warning = |code: &'static str, message: String, help: &str| {
            Some(Finding::warning(code, &self.source, ignore.span.clone(), message).label("this comment").help(help))
        };
        let form = "write <!-- greenlit-ignore CODE: why -->";
        if ignore.code.is_empty() {
            return warning("check/ignore", "the comment names no rule".to_owned(), form);
        }
        if named(&ignore.code).is_some_and(|rule| rule.level.is_none()) {
            let message = format!("{} cannot be ignored: the network takes nothing else", ignore.code);
            return warning("check/ignore", message, "remove the comment");
        }
        if ignore.reason.is_empty() {
            return warning(
                "check/ignore",
                format!("the comment does not say why {} is to be ignored", ignore.code),
                form,
            );
        }
        if used {
            return None;
        }
        warning("check/ignore-unused", format!("{} finds nothing here", ignore.code), "remove the comment")
    }
}

/// Whether a finding is one of the team's rules.
fn may_be_ignored(finding: &Finding) -> bool {
    finding.name.is_some() || named(finding.code).is_some_and(|rule| rule.level.is_some())
}
