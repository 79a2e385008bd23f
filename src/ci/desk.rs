//! One workflow file under examination, and what was found in it.

use std::ops::Range;
use std::sync::Arc;

use super::Forge;
use super::document::Node;
use super::surroundings::Surroundings;
use crate::workspace::{Finding, Severity, Source};

pub struct Desk<'a> {
    pub source: &'a Arc<Source>,
    pub forge: Forge,
    pub around: &'a Surroundings,
    pub found: Vec<Finding>,
}

impl Desk<'_> {
    /// Something that is unsafe, or keeps greenlit from working.
    pub fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Finding::error(code, self.source, span, message).label("here").help(help));
    }

    /// Something that works, and should be better.
    pub fn warning(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Finding::warning(code, self.source, span, message).label("here").help(help));
    }

    /// Something that this file cannot tell.
    pub fn hint(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::warning(code, self.source, span, message).label("here").help(help);
        self.add(Finding { severity: Severity::Info, ..finding });
    }

    /// The place of some words inside a value.
    pub fn at(&self, node: &Node, words: &str) -> Range<usize> {
        node.place_of(self.source, words)
    }

    /// What has several reasons in one place is told once.
    fn add(&mut self, finding: Finding) {
        let same = |other: &Finding| other.code == finding.code && other.span == finding.span;
        if !self.found.iter().any(same) {
            self.found.push(finding);
        }
    }
}
