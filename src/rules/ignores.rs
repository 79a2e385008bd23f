//! `<!-- greenlit-ignore CODE: reason -->`: a team's rule does not look at a post, and the post says why.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::named;
use crate::workspace::{Finding, Source};

/// What posts want to be left alone with.
#[derive(Debug)]
pub struct Ignores<'a>(BTreeMap<&'a str, Vec<Ignore<'a>>>);

/// One comment about one rule.
#[derive(Debug)]
struct Ignore<'a> {
    source: &'a Arc<Source>,
    code: String,
    reason: String,
    span: Range<usize>,
    used: bool,
}

const OPENING: &str = "<!-- greenlit-ignore";

impl<'a> Ignores<'a> {
    /// What the comments of these files say. In what is sent they do not stand.
    pub fn of(sources: impl Iterator<Item = &'a Arc<Source>>) -> Self {
        let said = sources.map(|source| (source.path.as_str(), comments(source)));
        Self(said.filter(|(_, ignores)| !ignores.is_empty()).collect())
    }

    /// Takes away the findings that a file wants to be left alone with, and says what is wrong with its wishes. Whether
    /// there is anything to be left alone with by a rule that asks servers is known only where they were `asked`.
    pub fn apply(mut self, findings: &mut Vec<Finding>, asked: bool) {
        findings.retain(|finding| {
            let Some(ignores) = self.0.get_mut(finding.source.path.as_str()).filter(|_| may_be_ignored(finding)) else {
                return true;
            };
            let names = |code: &str| code == finding.code || code == finding.id();
            match ignores.iter_mut().find(|ignore| !ignore.reason.is_empty() && names(&ignore.code)) {
                Some(ignore) => ignore.used = true,
                None => return true,
            }
            false
        });
        findings.extend(self.0.values().flatten().filter_map(|ignore| ignore.flaw(asked)));
    }
}

/// The comments of a file, one for each rule that they name.
fn comments(source: &Arc<Source>) -> Vec<Ignore<'_>> {
    let mut all = Vec::new();
    for (start, _) in source.text.match_indices(OPENING) {
        let rest = source.text.get(start + OPENING.len()..).unwrap_or_default();
        let Some(end) = rest.find("-->") else { continue };
        let said = rest.get(..end).unwrap_or_default();
        let (codes, reason) = said.split_once(':').unwrap_or((said, ""));
        let span = start..start + OPENING.len() + end + "-->".len();
        let mut codes: Vec<&str> = codes.split([',', ' ', '\n', '\t']).filter(|code| !code.is_empty()).collect();
        if codes.is_empty() {
            codes.push("");
        }
        all.extend(codes.into_iter().map(|code| Ignore {
            source,
            code: code.to_owned(),
            reason: reason.trim().to_owned(),
            span: span.clone(),
            used: false,
        }));
    }
    all
}

impl Ignore<'_> {
    /// What is wrong with it.
    fn flaw(&self, asked: bool) -> Option<Finding> {
        let warning = |code: &'static str, message: String, help: &str| {
            Some(Finding::warning(code, self.source, self.span.clone(), message).label("this comment").help(help))
        };
        let rule = named(&self.code);
        let form = "write <!-- greenlit-ignore CODE: why -->";
        if self.code.is_empty() {
            return warning("check/ignore", "the comment names no rule".to_owned(), form);
        }
        if rule.is_some_and(|rule| rule.level.is_none()) {
            let message = format!("{} cannot be ignored: the network takes nothing else", self.code);
            return warning("check/ignore", message, "remove the comment");
        }
        if self.reason.is_empty() {
            return warning(
                "check/ignore",
                format!("the comment does not say why {} is to be ignored", self.code),
                form,
            );
        }
        if self.used || rule.is_some_and(|rule| rule.asks() && !asked) {
            return None;
        }
        warning("check/ignore-unused", format!("{} finds nothing here", self.code), "remove the comment")
    }
}

/// Whether a finding is one of the team's rules.
fn may_be_ignored(finding: &Finding) -> bool {
    finding.name.is_some() || named(finding.code).is_some_and(|rule| rule.level.is_some())
}
