//! Who changed what a post sends: the people who may not approve it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::commit::RawCommit;
use super::decisions::address;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::signature::verify;
use super::trailers::Message;
use crate::policy::{Author, Signature};

/// The name in the cache.
const NAME: &str = "authors";

impl Repository {
    /// Who changed each of the files on the way to `tip`, after `since`: author, committer and co-authors of every commit
    /// that [`Repository::changes`] finds.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn authors(
        &self,
        tip: ObjectId,
        since: Option<ObjectId>,
        paths: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<Author>>, GitError> {
        // The whole history of a file at a commit never changes.
        let cache = self.cache().filter(|_| since.is_none());
        let kept: BTreeMap<String, Vec<Author>> =
            cache.and_then(|cache| cache.read(NAME, &[tip.as_bytes()])).unwrap_or_default();
        let mut authors: BTreeMap<_, _> = kept.into_iter().filter(|(path, _)| paths.contains(path)).collect();
        let missing: BTreeSet<String> = paths.iter().filter(|path| !authors.contains_key(*path)).cloned().collect();
        if missing.is_empty() {
            return Ok(authors);
        }
        let mut known: HashMap<ObjectId, Author> = HashMap::new();
        for (path, commits) in self.changes(tip, since, &missing)? {
            let mut of_path = Vec::with_capacity(commits.len());
            for id in commits {
                let author = match known.entry(id) {
                    Entry::Occupied(known) => known.get().clone(),
                    Entry::Vacant(new) => new.insert(self.author(id)?).clone(),
                };
                of_path.push(author);
            }
            authors.insert(path, of_path);
        }
        if let Some(cache) = cache {
            cache.write(NAME, &[tip.as_bytes()], &authors);
        }
        Ok(authors)
    }

    fn author(&self, id: ObjectId) -> Result<Author, GitError> {
        let (key, committer, mut emails) = match self.raw_commit(id)? {
            Ok(commit) => people(&commit),
            // Old histories have commits that no git would write today; whoever made them is still an author.
            Err(_) => {
                let commit = self.objects.find_commit(id)?;
                let typed = |typed: git2::Signature<'_>| String::from_utf8_lossy(typed.email_bytes()).to_lowercase();
                let committer = typed(commit.committer());
                (None, committer.clone(), vec![typed(commit.author()), committer])
            }
        };
        emails.sort();
        emails.dedup();
        Ok(Author { commit: id.to_string(), key, emails, committer })
    }
}

/// The key, the committer, and everyone who is named.
fn people(commit: &RawCommit) -> (Option<crate::workspace::Key>, String, Vec<String>) {
    let key = match verify(commit) {
        Signature::Valid(key) => Some(key),
        Signature::Missing | Signature::Invalid(_) => None,
    };
    // A squash merge names those whose commits it swallowed, wherever in the message it puts them.
    let message = Message::parse(commit.message());
    let trailers = message.values("Co-authored-by").map(str::to_owned);
    let lines = commit.message().lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("Co-authored-by").then(|| value.trim().to_owned())
    });
    let committer = commit.committer().email.to_lowercase();
    let typed = [commit.author().email.to_lowercase(), committer.clone()];
    let named = trailers.chain(lines).filter_map(|value| address(&value).map(str::to_lowercase));
    (key, committer, typed.into_iter().chain(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::SecretKey;
    use crate::git::testing::Scene;

    #[test]
    fn author_committer_and_everyone_whose_work_was_squashed_are_authors() {
        let scene = Scene::new();
        std::fs::write(scene.root.join("a.md"), "a").unwrap();
        let squash = scene.commit_all("Launch (#7)\n\nCo-authored-by: Li <LI@example.com>\n\nSigned-off-by: x <x@y>\nCo-authored-by: Tess <tess@example.com>");
        let (repository, _) = scene.open();
        let authors = repository.authors(squash, None, &BTreeSet::from(["a.md".to_owned()])).unwrap();
        assert_eq!(authors["a.md"][0].emails, ["li@example.com", "noor@example.com", "tess@example.com"]);
        assert_eq!(authors["a.md"][0].committer, "noor@example.com");
        assert_eq!(authors["a.md"][0].key, None);
    }

    #[test]
    fn a_signed_commit_names_its_authors_key() {
        let scene = Scene::new();
        let plain = scene.commit("a.md", "a");
        let (repository, _) = scene.open();
        let key = SecretKey::from_seed([3; 32]);
        let bytes = key.sign_commit(repository.raw_commit(plain).unwrap().unwrap().bytes()).unwrap();
        let signed = scene.object("commit", &bytes);
        let authors = repository.authors(signed, None, &BTreeSet::from(["a.md".to_owned()])).unwrap();
        assert_eq!(authors["a.md"][0].key, Some(key.public()));
    }

    #[test]
    fn a_malformed_commit_still_has_an_author() {
        let scene = Scene::new();
        let plain = scene.commit("a.md", "a");
        let (repository, _) = scene.open();
        let bytes = [repository.raw_commit(plain).unwrap().unwrap().bytes(), b"M\xfcnchen\n"].concat();
        let odd = scene.object("commit", &bytes);
        assert!(repository.raw_commit(odd).unwrap().is_err());
        let authors = repository.authors(odd, None, &BTreeSet::from(["a.md".to_owned()])).unwrap();
        assert_eq!(authors["a.md"][0].emails, ["noor@example.com"]);
    }

    #[test]
    fn what_is_remembered_is_for_this_commit_and_these_files() {
        let scene = Scene::new();
        scene.commit("a.md", "a");
        let first = scene.commit("b.md", "b");
        let second = scene.commit("a.md", "aa");
        let (plain, _) = scene.open();
        let sets = [vec!["a.md"], vec!["a.md", "b.md"], vec!["b.md"], vec!["a.md"]];
        for (tip, since) in [(first, None), (second, None), (second, Some(first))] {
            for paths in &sets {
                let paths = paths.iter().map(|path| (*path).to_owned()).collect();
                let remembered = scene.open().0.remembering().authors(tip, since, &paths).unwrap();
                assert_eq!(remembered, plain.authors(tip, since, &paths).unwrap());
            }
        }
    }
}
