//! Jobs that check and publish: the workflow files that greenlit writes, and what is wrong with those that there are.
//!
//! A repository's files go in, findings come out. Whether a forge keeps secrets from a branch, or who may push, no file tells:
//! that is said as a hint where it matters.

mod across;
mod actions;
mod condition;
mod cron;
mod desk;
mod document;
mod expression;
mod forge;
mod gitlab;
mod node;
mod script;
mod setup;
mod shelf;
mod shell;
mod surroundings;
#[cfg(test)]
mod tests;
mod workflow;

use std::sync::Arc;

pub use forge::Forge;
pub use setup::{Program, Setup, files, is_plain, variables};
pub use surroundings::{Misuse, Need, Surroundings};

use crate::workspace::{Files, Finding, Source};
use across::Verdict;
use desk::Desk;
use shelf::Shelf;

/// What the workflow files of a repository say.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    /// The files that were read.
    pub sources: Vec<Arc<Source>>,
    /// What is wrong, file by file and place by place.
    pub found: Vec<Finding>,
    /// Whether any job publishes, as far as they tell.
    pub publishes: bool,
}

/// Looks through the workflow files of all forges, and what of the repository they take over.
pub fn diagnose(files: &dyn Files, around: &Surroundings) -> Diagnosis {
    let shelf = Shelf::gather(files);
    let mut diagnosis = Diagnosis { sources: shelf.sources.clone(), found: shelf.faults.clone(), publishes: false };
    for forge in [Forge::Github, Forge::Gitlab, Forge::Forgejo] {
        let mut desk = Desk { sources: &shelf.sources, files, forge, around, found: Vec::new() };
        let own: Vec<usize> = shelf.workflows().filter(|(whose, _)| *whose == forge).map(|(_, file)| file).collect();
        let look = |file: &usize| match forge {
            Forge::Github | Forge::Forgejo => actions::check(&mut desk, &shelf, *file),
            Forge::Gitlab => gitlab::check(&mut desk, &shelf, *file),
        };
        let verdicts: Vec<Verdict> = own.iter().map(look).collect();
        across::check(&mut desk, &verdicts);
        diagnosis.publishes |= verdicts.iter().any(|verdict| verdict.publishes);
        diagnosis.found.append(&mut desk.found);
    }
    diagnosis.found.sort_by(|a, b| (&a.source.path, a.span.start, a.code).cmp(&(&b.source.path, b.span.start, b.code)));
    diagnosis
}
