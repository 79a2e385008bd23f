//! Jobs that check and publish: the workflow files that greenlit writes, and what is wrong with those that there are.
//!
//! A file's text goes in, findings come out. Whether a forge keeps secrets from a branch, or who may push, no file tells:
//! that is said as a hint where it matters.

mod actions;
mod condition;
mod cron;
mod desk;
mod document;
mod expression;
mod forge;
mod gitlab;
mod script;
mod setup;
mod shell;
mod surroundings;
#[cfg(test)]
mod tests;
mod workflow;

use std::sync::Arc;

pub use forge::{Forge, folders};
pub use setup::{Program, Setup, files, is_plain, variables};
pub use surroundings::{Need, Surroundings};

use crate::workspace::{Finding, Source};
use desk::Desk;

/// What a workflow does, beside its faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether one of its jobs publishes.
    pub publishes: bool,
    /// Whether such a job runs on a schedule, as far as the file can tell.
    pub scheduled: bool,
}

/// Looks through workflow files: what is wrong, file by file and place by place; and whether any of them publishes.
pub fn diagnose(files: &[Arc<Source>], around: &Surroundings) -> (Vec<Finding>, bool) {
    let mut found = Vec::new();
    let mut publishing: Vec<(&Arc<Source>, Verdict)> = Vec::new();
    for source in files {
        let Some(forge) = Forge::of_file(&source.path) else { continue };
        let root = match document::read(source) {
            Ok(root) => root,
            Err(fault) => {
                found.push(fault.finding(source));
                continue;
            }
        };
        let Some(root) = root else { continue };
        let mut desk = Desk { source, forge, around, found: Vec::new() };
        let verdict = match forge {
            Forge::Github | Forge::Forgejo => actions::check(&mut desk, &root),
            Forge::Gitlab => gitlab::check(&mut desk, &root),
        };
        found.extend(desk.found);
        publishing.extend(verdict.publishes.then_some((source, verdict)));
    }
    if let Some((source, _)) = publishing.first()
        && !publishing.iter().any(|(_, verdict)| verdict.scheduled)
    {
        let help = "write `schedule:` with `- cron: \"7,22,37,52 * * * *\"` under `on:`";
        let message = "no schedule starts a job that publishes: what falls due later, and what is approved later, waits for a push";
        found.push(Finding::error("ci/no-schedule", source, 0..0, message).label("here").help(help));
    }
    found.sort_by(|a, b| (&a.source.path, a.span.start, a.code).cmp(&(&b.source.path, b.span.start, b.code)));
    (found, !publishing.is_empty())
}
