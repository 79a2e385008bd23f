//! Who changed what a post sends: the people who may not approve it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::cache::Id;
use super::changes::Found;
use super::commit::RawCommit;
use super::decisions::address;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::signature::verify;
use super::trailers::Message;
use crate::policy::{Author, Signature};

/// The name in the cache.
const NAME: &str = "authors";
/// Files that are remembered though nobody asks for them now.
const MOST_FILES: usize = 4_096;

/// Who changed files on the way to a commit.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    tip: Id,
    files: Files,
}

type Files = BTreeMap<String, Past>;

/// Who changed a file, with the commits' dates, newest first; and the commits that do not have it from each parent.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Past {
    authors: Vec<(i64, Author)>,
    parted: Vec<Id>,
}

impl Repository {
    /// Who changed each of the files on the way to `tip`, after `since`: author, committer and co-authors of every commit
    /// that [`Repository::changes`] finds; newest first by their dates.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn authors(
        &self,
        tip: ObjectId,
        since: Option<ObjectId>,
        paths: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<Author>>, GitError> {
        let mut known = Known::default();
        let Some(cache) = self.cache().filter(|_| since.is_none()) else {
            let changes = self.changes(tip, since, paths)?.into_iter();
            let authors = changes.map(|(path, commits)| Ok((path, known.all(self, &commits)?)));
            return Ok(authors.collect::<Result<Files, GitError>>()?.into_iter().map(told).collect());
        };
        let kept: Option<Kept> = cache.read(NAME, &[]);
        let is_new = kept.as_ref().is_none_or(|kept| kept.tip != tip.into());
        let mut files = match kept {
            Some(kept) if is_new => self.grown(kept, tip, &mut known)?,
            kept => kept.map(|kept| kept.files).unwrap_or_default(),
        };
        let missing: BTreeSet<String> = paths.iter().filter(|path| !files.contains_key(*path)).cloned().collect();
        for (path, found) in missing.iter().zip(self.trace(tip, &missing, |_| true)?) {
            files.insert(path.clone(), known.past(self, found)?);
        }
        if files.len() > MOST_FILES {
            files.retain(|path, _| paths.contains(path));
        }
        if is_new || !missing.is_empty() {
            let kept = Kept { tip: tip.into(), files };
            cache.write(NAME, &[], &kept);
            files = kept.files;
        }
        Ok(files.into_iter().filter(|(path, _)| paths.contains(path)).map(told).collect())
    }

    /// What is known of files at a later commit, from what was known at an earlier one and what came between. A file is
    /// left out where that is not enough: it went on into the past on another way than before.
    fn grown(&self, kept: Kept, tip: ObjectId, known: &mut Known) -> Result<Files, GitError> {
        let before = ObjectId::from(kept.tip);
        let Some(new) = self.between(before, tip).filter(|_| self.follows(tip, before).unwrap_or(false)) else {
            return Ok(Files::new());
        };
        let paths: BTreeSet<String> = kept.files.keys().cloned().collect();
        let mut forks: HashMap<ObjectId, Option<HashSet<ObjectId>>> = HashMap::new();
        let mut files = Files::new();
        for (path, found) in paths.iter().zip(self.trace(tip, &paths, |id| new.contains(&id))?) {
            let met: BTreeSet<&str> =
                found.left.iter().filter(|(commit, _)| *commit == before).map(|(_, path)| path.as_str()).collect();
            // A branch that began earlier leads to a commit that the walk from `before` came to, too, where the file had
            // been the same on all ways from there.
            let mut was_met = |(commit, path): &(ObjectId, String)| {
                let Some(past) = kept.files.get(path).filter(|_| met.contains(path.as_str())) else { return false };
                let since = forks.entry(*commit).or_insert_with(|| self.between(*commit, before));
                since.as_ref().is_some_and(|since| !past.parted.iter().any(|id| since.contains(&ObjectId::from(*id))))
            };
            if found.left.iter().all(&mut was_met) {
                let mut past =
                    met.iter().filter_map(|path| kept.files.get(*path)).fold(Past::default(), |mut all, one| {
                        all.authors.extend(one.authors.iter().cloned());
                        all.parted.extend(&one.parted);
                        all
                    });
                let newer = known.past(self, found)?;
                past.authors.extend(newer.authors);
                past.parted.extend(newer.parted);
                past.sort();
                files.insert(path.clone(), past);
            }
        }
        Ok(files)
    }

    /// The commits that a commit follows from and an earlier one does not; `None` where libgit2 cannot tell.
    fn between(&self, earlier: ObjectId, later: ObjectId) -> Option<HashSet<ObjectId>> {
        let mut walk = self.objects.revwalk().ok()?;
        walk.push(later).ok()?;
        walk.hide(earlier).ok()?;
        walk.collect::<Result<_, _>>().ok()
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

/// The authors that were read already: most commits change several files.
#[derive(Default)]
struct Known(HashMap<ObjectId, (i64, Author)>);

impl Known {
    fn all(&mut self, repository: &Repository, commits: &[ObjectId]) -> Result<Past, GitError> {
        let odb = repository.objects.odb()?;
        let mut past = Past::default();
        for id in commits {
            past.authors.push(match self.0.entry(*id) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(new) => {
                    new.insert((repository.links(&odb, *id)?.seconds, repository.author(*id)?)).clone()
                }
            });
        }
        past.sort();
        Ok(past)
    }

    fn past(&mut self, repository: &Repository, found: Found) -> Result<Past, GitError> {
        let parted = found.parted.into_iter().map(Id::from).collect();
        Ok(Past { parted, ..self.all(repository, &found.commits)? })
    }
}

impl Past {
    fn sort(&mut self) {
        self.authors.sort_by(|(a, one), (b, other)| (b, &other.commit).cmp(&(a, &one.commit)));
        self.authors.dedup();
        self.parted.sort();
        self.parted.dedup();
    }
}

fn told((path, past): (String, Past)) -> (String, Vec<Author>) {
    (path, past.authors.into_iter().map(|(_, author)| author).collect())
}

/// The key, the committer, and everyone who is named.
fn people(commit: &RawCommit) -> (Option<crate::workspace::Key>, String, Vec<String>) {
    let key = match verify(commit) {
        Signature::Valid(key) => Some(key),
        Signature::Missing | Signature::Invalid(_) | Signature::Review(_) => None,
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

    #[test]
    fn what_is_new_is_found_as_if_all_were_new() {
        const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\n";
        let scene = Scene::new();
        let (plain, _) = scene.open();
        let paths: BTreeSet<String> = ["a.md", "b.md", "c.md", "d.md", "e.md"].map(str::to_owned).into();
        let check = |what: &str| {
            let tip = plain.commit_named("HEAD").unwrap();
            let all = plain.authors(tip, None, &paths).unwrap();
            assert_eq!(scene.open().0.remembering().authors(tip, None, &paths).unwrap(), all, "{what}");
            all.into_iter().map(|(path, authors)| (path, authors.len())).collect::<BTreeMap<_, _>>()
        };
        let git = |arguments: &[&str]| scene.git().run(arguments).unwrap();
        let write = |path: &str, text: &str| scene.commit(path, text).to_string();
        let fork = |name: &str| git(&["checkout", "-q", "-b", name]);
        let back = || git(&["checkout", "-q", "main"]);
        let merge = |name: &str| git(&["merge", "-q", "--no-ff", "-m", "Merge", name]);

        write("a.md", TEXT);
        let first = write("b.md", "b");
        check("the beginning");
        write("a.md", &TEXT.replace("one", "1"));
        fork("old");
        write("c.md", "c");
        write("a.md", &TEXT.replace("one", "1").replace("two", "2"));
        back();
        write("b.md", "bb");
        assert_eq!(check("while a branch was open")["a.md"], 2);
        merge("old");
        assert_eq!(check("after it was merged")["a.md"], 3);

        fork("rewrites");
        git(&["mv", "a.md", "d.md"]);
        write("e.md", "e");
        back();
        write("a.md", &TEXT.replace("one", "uno"));
        check("main went on");
        git(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "Ignore", "rewrites"]);
        check("and ignored the branch");
        fork("takes");
        write("b.md", "other");
        back();
        write("b.md", "main's own");
        write("x.md", "x");
        check("before the branch's text is taken");
        git(&["merge", "-q", "--no-ff", "-X", "theirs", "-m", "Take", "takes"]);
        check("the branch's text was taken");

        git(&["rm", "-q", "c.md"]);
        scene.commit_all("Remove");
        fork("keeps");
        write("c.md", "c");
        back();
        write("y.md", "y");
        check("a file was gone");
        merge("keeps");
        check("and came back as it was before");
        write("e.md", "e");
        fork("early");
        write("z.md", "z");
        back();
        git(&["rm", "-q", "e.md"]);
        scene.commit_all("Remove");
        write("e.md", "e");
        assert_eq!(check("a file was removed and put back")["e.md"], 1);
        merge("early");
        assert_eq!(check("and a branch has it from before")["e.md"], 2);
        git(&["mv", "b.md", "d.md"]);
        scene.commit_all("Move");
        check("moved");
        git(&["reset", "-q", "--hard", &first]);
        check("put back");
        write("b.md", "again");
        assert_eq!(check("another way")["b.md"], 2);
    }
}
