//! The evidence sorted by post.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::evidence::{Evidence, HoldScope, Statement, Verb};
use crate::workspace::PostId;

/// The evidence sorted by post, so that judging one post does not read what was decided on all others.
#[derive(Debug, Default)]
pub struct Dossiers<'e> {
    by_post: BTreeMap<&'e PostId, Vec<&'e Statement>>,
    /// Holds that are not of one post alone, and what ends them.
    of_all: Vec<&'e Statement>,
}

/// What a decision is about.
#[derive(Default)]
struct About<'e> {
    posts: BTreeSet<&'e PostId>,
    all: bool,
}

impl<'e> Dossiers<'e> {
    /// Sorts the evidence. What takes a decision back stands where that decision stands.
    pub fn new(evidence: &'e Evidence) -> Self {
        let mut first: BTreeMap<&str, About<'_>> = BTreeMap::new();
        for statement in &evidence.statements {
            let about = first.entry(&statement.commit).or_default();
            for verb in &statement.verbs {
                match verb {
                    Verb::Approve { post, .. }
                    | Verb::Reject { post }
                    | Verb::Comment { post }
                    | Verb::Update { post, .. }
                    | Verb::Retract { post, .. }
                    | Verb::Resolve { post, .. } => {
                        about.posts.insert(post);
                    }
                    Verb::Hold { scope: HoldScope::Post(post) } => {
                        about.posts.insert(post);
                    }
                    Verb::Hold { .. } => about.all = true,
                    Verb::Lift { .. } | Verb::Resume { .. } | Verb::Withdraw { .. } | Verb::ApprovePolicy { .. } => {}
                }
            }
        }
        let mut dossiers = Self::default();
        for statement in &evidence.statements {
            let mut about = About::default();
            let targets = statement.verbs.iter().filter_map(|verb| match verb {
                Verb::Lift { commit } | Verb::Resume { commit } | Verb::Withdraw { commit } => Some(commit.as_str()),
                _ => None,
            });
            for found in [statement.commit.as_str()].into_iter().chain(targets).filter_map(|commit| first.get(commit)) {
                about.posts.extend(&found.posts);
                about.all |= found.all;
            }
            if about.all {
                dossiers.of_all.push(statement);
            }
            for post in about.posts {
                dossiers.by_post.entry(post).or_default().push(statement);
            }
        }
        dossiers
    }

    /// What was decided on a post, and on all posts at once.
    pub fn of(&self, post: &PostId) -> Vec<&'e Statement> {
        let own = self.about(post);
        let known: HashSet<&str> = own.iter().map(|one| one.commit.as_str()).collect();
        let others = self.of_all.iter().filter(|one| !known.contains(one.commit.as_str()));
        own.iter().chain(others).copied().collect()
    }

    /// What was decided on a post by its name.
    pub fn about(&self, post: &PostId) -> &[&'e Statement] {
        self.by_post.get(post).map(Vec::as_slice).unwrap_or_default()
    }
}
