//! A file's story for people: who changed it when, in whose words.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::program::GitError;
use super::repository::{ObjectId, Repository};
use crate::policy::Statement;

/// One commit that changed a file. Names and dates are as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub commit: ObjectId,
    /// Who wrote it.
    pub author: String,
    /// When they say they did.
    pub date: DateTime<Utc>,
    /// The message's first line.
    pub subject: String,
}

/// So many commits of one second are put in their order; more of them stay as they are.
const FEW: usize = 24;

impl Repository {
    /// Statements by their dates, newest first; those of one second as they follow from one another.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn newest_first<'s>(&self, mut statements: Vec<&'s Statement>) -> Result<Vec<&'s Statement>, GitError> {
        statements.sort_by_key(|statement| std::cmp::Reverse(statement.dated));
        for same in statements.chunk_by_mut(|a, b| a.dated == b.dated).filter(|same| (2..=FEW).contains(&same.len())) {
            let mut before: HashMap<&str, usize> = HashMap::new();
            for later in same.iter() {
                for earlier in same.iter().filter(|earlier| earlier.commit != later.commit) {
                    // What is known from the ledger alone follows from nothing here.
                    let ids = later.commit.parse().and_then(|later| Ok((later, earlier.commit.parse()?)));
                    let follows = ids.is_ok_and(|(later, earlier)| self.follows(later, earlier).unwrap_or(false));
                    *before.entry(&later.commit).or_default() += usize::from(follows);
                }
            }
            same.sort_by_key(|statement| std::cmp::Reverse(before.get(statement.commit.as_str()).copied()));
        }
        Ok(statements)
    }

    /// The commits that changed a file on the way to `tip`, oldest first.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn history(&self, tip: ObjectId, path: &str) -> Result<Vec<Change>, GitError> {
        let changes = self.changes(tip, None, &BTreeSet::from([path.to_owned()]))?;
        let mut story = Vec::new();
        for id in changes.into_values().flatten() {
            let commit = self.objects.find_commit(id)?;
            story.push(Change {
                commit: id,
                author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
                date: DateTime::from_timestamp(commit.author().when().seconds(), 0).unwrap_or_default(),
                subject: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned(),
            });
        }
        story.reverse();
        Ok(story)
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Scene;

    #[test]
    fn a_story_begins_with_the_first_draft() {
        let scene = Scene::new();
        scene.commit("posts/a.md", "a");
        std::fs::write(scene.root.join("posts/a.md"), "b").unwrap();
        scene.commit_all("Shorten");
        std::fs::write(scene.root.join("posts/a.md"), "c").unwrap();
        scene.commit_all("Shorten more");
        let (repository, _) = scene.open();
        let story = repository.history(repository.commit_named("HEAD").unwrap(), "posts/a.md").unwrap();
        let subjects: Vec<_> = story.iter().map(|change| (change.author.as_str(), change.subject.as_str())).collect();
        assert_eq!(
            subjects,
            [("Noor Haddad", "Write posts/a.md"), ("Noor Haddad", "Shorten"), ("Noor Haddad", "Shorten more")]
        );
    }
}
