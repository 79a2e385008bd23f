//! A file's story for people: who changed it when, in whose words.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::program::GitError;
use super::repository::{ObjectId, Repository};

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

impl Repository {
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
