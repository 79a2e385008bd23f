//! One workflow under examination, and what was found in it.

use std::sync::Arc;

use super::Forge;
use super::node::{Node, Span};
use super::surroundings::Surroundings;
use crate::workspace::{Files, Finding, Severity, Source};

pub struct Desk<'a> {
    /// All files that are examined together.
    pub sources: &'a [Arc<Source>],
    /// The repository.
    pub files: &'a dyn Files,
    pub forge: Forge,
    pub around: &'a Surroundings,
    pub found: Vec<Finding>,
}

impl Desk<'_> {
    /// Something that is unsafe, or keeps greenlit from working.
    pub fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, code, span, message.into(), help.into());
    }

    /// Something that works, and should be better.
    pub fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, code, span, message.into(), help.into());
    }

    /// Something that this file cannot tell.
    pub fn hint(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Info, code, span, message.into(), help.into());
    }

    /// The place of some words inside a value.
    pub fn at(&self, node: &Node, words: &str) -> Span {
        self.sources.get(node.span.file).map_or(node.span, |source| node.place_of(source, words))
    }

    /// What has several reasons in one place is told once.
    fn add(&mut self, severity: Severity, code: &'static str, span: Span, message: String, help: String) {
        let Some(source) = self.sources.get(span.file) else { return };
        let place = span.start..span.end;
        let same = |other: &Finding| other.code == code && other.span == place && other.source.path == source.path;
        if !self.found.iter().any(same) {
            let finding = Finding::error(code, source, place, message).label("here").help(help);
            self.found.push(Finding { severity, ..finding });
        }
    }
}
