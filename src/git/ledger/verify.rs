//! The whole ledger, commit by commit from its pinned beginning, held against what a publisher writes.
//!
//! A commit may add files and nothing else; the marks under `open/` and `closed/`, and README.md, apart. Each entry must be in its
//! place, numbered, and follow from what its delivery had before. What was wrong once and was put right since is told too.

mod notes;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use git2::ObjectType;

use super::tree::{file_name, folder};
use super::{GitLedger, failed};
use crate::git::objects::{TreeLine, Trees, tree_lines};
use crate::git::program::GitError;
use crate::git::repository::ObjectId;
use crate::ledger::{
    Begun, Claim, Entry, Flaw, Retracted, ReviewRecord, ReviewSays, Sighting, Store, StoreError, Telling, Walked,
    codec, tellings,
};
use crate::render::Digest;

/// Flaws that are told one by one; the rest is counted.
const MOST_FLAWS: usize = 1_000;
/// Folders in folders.
const DEEPEST: usize = 8;

/// What of each such word is not borne out elsewhere.
pub type OfWord<'a> = dyn FnMut(Word<'_>) -> Vec<String> + 'a;

/// What an entry says that people decided.
#[derive(Debug, Clone, Copy)]
pub enum Word<'e> {
    /// That they approved what it sends, or changes what is out to.
    Approved(&'e Claim),
    /// That they asked for it to be taken down.
    Retracted(&'e Retracted),
}

impl GitLedger<'_> {
    /// Walks the whole ledger. Memory grows with the number of commits, of open deliveries and of flaws, not of entries.
    ///
    /// # Errors
    /// When an object is missing or cannot be read.
    pub fn verify(&self, of_word: &mut OfWord<'_>) -> Result<Walked, StoreError> {
        let mut walk = Walk {
            ledger: self,
            odb: self.repository.objects.odb().map_err(|error| failed(error.into()))?,
            trees: self.repository.trees().map_err(failed)?,
            of_word,
            open: BTreeSet::new(),
            first: HashMap::new(),
            wrong: HashMap::new(),
            notes: notes::Notes::default(),
            raised: Vec::new(),
            walked: Walked::default(),
        };
        walk.all().map_err(failed)?;
        walk.marks()?;
        walk.end()
    }
}

struct Walk<'a, 'r, 'c> {
    ledger: &'a GitLedger<'r>,
    odb: git2::Odb<'a>,
    trees: Trees<'a>,
    of_word: &'c mut OfWord<'c>,
    /// The hashes of deliveries whose claim has no final outcome.
    open: BTreeSet<String>,
    /// What was first written where something was taken away or changed since.
    first: HashMap<String, ObjectId>,
    /// Files that should not be there.
    wrong: HashMap<String, ObjectId>,
    /// What the commit that is looked at notes of texts.
    notes: notes::Notes,
    raised: Vec<Raised>,
    walked: Walked,
}

struct Raised {
    commit: ObjectId,
    path: Option<String>,
    what: String,
    mends: Mends,
}

/// What puts a flaw right.
enum Mends {
    Nothing,
    /// This file is not there any more.
    Gone(ObjectId),
    /// This file is there again.
    Back(ObjectId),
}

/// A file that one commit has and its parent has not, or not so.
struct Changed {
    path: String,
    before: Option<ObjectId>,
    after: Option<File>,
    /// The folder that it is in, or was in.
    within: Option<ObjectId>,
}

#[derive(Clone, Copy)]
struct File {
    id: ObjectId,
    regular: bool,
}

/// Where a delivery stands by the names of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Closed,
    Claimed,
    Out,
    Retracted,
}

impl Walk<'_, '_, '_> {
    fn all(&mut self) -> Result<(), GitError> {
        let mut before = None;
        for (commit, tree, parents) in self.line()?.into_iter().rev() {
            self.walked.commits += 1;
            if parents > 1 {
                self.raise(commit, None, "it is a merge, and a publisher never merges", Mends::Nothing);
            }
            let mut changes = Vec::new();
            self.compare(before, Some(tree), "", 0, &mut changes)?;
            for change in changes {
                self.changed(commit, change)?;
            }
            self.hold_notes(commit, tree)?;
            before = Some(tree);
        }
        Ok(())
    }

    /// The commits from the tip back to the first, each with its tree and the number of its parents.
    fn line(&self) -> Result<Vec<(ObjectId, ObjectId, usize)>, GitError> {
        let GitLedger { repository, root, tip, .. } = self.ledger;
        let mut line = Vec::new();
        let mut next = Some(*tip);
        while let Some(commit) = next {
            let links = repository.links(&self.odb, commit)?;
            let is_first = commit == *root;
            line.push((commit, links.tree, if is_first { 0 } else { links.parents.len() }));
            next = match links.parents.as_slice() {
                _ if is_first => None,
                [parent] => Some(*parent),
                parents => parents.iter().copied().find(|one| repository.follows(*one, *root).unwrap_or(false)),
            };
        }
        Ok(line)
    }

    /// The files that differ between two trees. What is the same costs nothing, however large.
    fn compare(
        &mut self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        path: &str,
        depth: usize,
        changes: &mut Vec<Changed>,
    ) -> Result<(), GitError> {
        if before == after {
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(GitError::Objects(format!("the ledger has folders in folders without end: {path}")));
        }
        let old = before.map(|tree| self.trees.read(tree)).transpose()?;
        let new = after.map(|tree| self.trees.read(tree)).transpose()?;
        let mut was: HashMap<&[u8], TreeLine<'_>> = HashMap::new();
        let mut is = Vec::new();
        let mut old = old.iter().flat_map(|bytes| tree_lines(bytes)).flatten().peekable();
        // Trees are sorted, so what is the same mostly stands side by side.
        for line in new.iter().flat_map(|bytes| tree_lines(bytes)).flatten() {
            while old.peek().is_some_and(|other| *other != line && sorts_before(other, &line)) {
                was.extend(old.next().map(|gone| (gone.name, gone)));
            }
            if old.next_if_eq(&line).is_none() {
                is.push(line);
            }
        }
        was.extend(old.map(|gone| (gone.name, gone)));
        let name = |line: &TreeLine<'_>| match path {
            "" => String::from_utf8_lossy(line.name).into_owned(),
            _ => format!("{path}/{}", String::from_utf8_lossy(line.name)),
        };
        for line in is {
            let there = was.remove(line.name);
            self.compare(there.and_then(as_folder), as_folder(line), &name(&line), depth + 1, changes)?;
            let regular = matches!(line.mode, 0o100_644 | 0o100_755);
            let new = as_file(line).map(|id| File { id, regular });
            let old = there.and_then(as_file);
            if new.is_some() || old.is_some() {
                changes.push(Changed { path: name(&line), before: old, after: new, within: after });
            }
        }
        let mut gone: Vec<TreeLine<'_>> = was.into_values().collect();
        gone.sort_by_key(|line| line.name);
        for line in gone {
            self.compare(as_folder(line), None, &name(&line), depth + 1, changes)?;
            if let Some(old) = as_file(line) {
                changes.push(Changed { path: name(&line), before: Some(old), after: None, within: after });
            }
        }
        Ok(())
    }

    fn changed(&mut self, commit: ObjectId, change: Changed) -> Result<(), GitError> {
        let Changed { path, before, after, within } = change;
        if path == "README.md" || ["open/", "closed/"].iter().any(|marks| path.starts_with(marks)) {
            return Ok(());
        }
        self.count_open(&path, within)?;
        let put_back = after.is_some_and(|file| self.first.get(&path) == Some(&file.id));
        if put_back {
            return Ok(());
        }
        let was_wrong = before.is_some() && self.wrong.get(&path).copied() == before;
        if let Some(original) = before.filter(|_| !was_wrong) {
            let original = *self.first.entry(path.clone()).or_insert(original);
            let what = if after.is_some() { "it was changed" } else { "it was taken away" };
            self.raise(commit, Some(&path), what, Mends::Back(original));
        }
        let Some(file) = after else { return Ok(()) };
        let flaws = if !file.regular {
            vec!["it is no regular file".to_owned()]
        } else if let Some(rest) = path.strip_prefix("deliveries/") {
            self.entry(commit, &path, rest, file.id, within)?
        } else if path.starts_with("sightings/") {
            self.sighting(&path, file)?
        } else if path.starts_with("told/") {
            self.telling(&path, file, within)?
        } else if path.starts_with("reviews/") {
            self.review(&path, file)?
        } else if path.starts_with("texts/") {
            self.found_note(&path, file);
            Vec::new()
        } else {
            vec!["no publisher writes such a file".to_owned()]
        };
        if !flaws.is_empty() {
            self.wrong.insert(path.clone(), file.id);
        }
        for what in flaws {
            self.raise(commit, Some(&path), &what, Mends::Gone(file.id));
        }
        Ok(())
    }

    /// What is wrong with a new file under `deliveries/`.
    fn entry(
        &mut self,
        commit: ObjectId,
        path: &str,
        rest: &str,
        id: ObjectId,
        within: Option<ObjectId>,
    ) -> Result<Vec<String>, GitError> {
        let entry = match self.decoded(id, |bytes| codec::decode(bytes).map_err(|error| error.to_string()))? {
            Ok(entry) => entry,
            Err(why) => return Ok(vec![why]),
        };
        let hash = entry.key().hash(&self.ledger.workspace);
        let Some((place, name)) =
            rest.rsplit_once('/').filter(|(place, _)| format!("deliveries/{place}") == folder(&hash))
        else {
            return Ok(vec![format!("it is about {} and belongs into {}", entry.key(), folder(&hash))]);
        };
        let names = self.names(within)?;
        let earlier: Vec<&str> = names.iter().map(String::as_str).take_while(|other| *other < name).collect();
        let mut flaws = Vec::new();
        if name != file_name(earlier.len() + 1, &entry) {
            flaws.push("its name does not say what it is and when it came".to_owned());
        }
        let standing = standing(earlier.iter().copied());
        match (&entry, standing) {
            (_, Standing::Retracted) => flaws.push("the delivery was retracted already".to_owned()),
            // What never went out may be held back for good.
            (Entry::Retracted(_), Standing::Closed) => {}
            (Entry::Retracted(_) | Entry::Updated(_), Standing::Out) => {
                flaws.extend(self.other_than_claimed(place, &earlier, &entry, within)?);
            }
            (Entry::Updated(_), _) => flaws.push("nothing was out that could be changed".to_owned()),
            (_, Standing::Out) => flaws.push("the delivery was out already".to_owned()),
            (Entry::Claim(_), _) => {}
            (_, Standing::Closed) => flaws.push("no claim stood open for it".to_owned()),
            (_, Standing::Claimed) => flaws.extend(self.other_than_claimed(place, &earlier, &entry, within)?),
        }
        let relied = match &entry {
            Entry::Claim(claim) => Some(claim.clone()),
            Entry::Updated(entry) => Some(Box::new(entry.as_claim(serde_json::Value::Null))),
            _ => None,
        };
        if relied.as_ref().is_some_and(|claim| claim.payload.workspace != self.ledger.workspace) {
            flaws.push("what it claims is another workspace's".to_owned());
        }
        let word = match (&relied, &entry) {
            (Some(claim), _) => Some(Word::Approved(claim)),
            (None, Entry::Retracted(entry)) => Some(Word::Retracted(entry)),
            (None, _) => None,
        };
        for what in word.map(|word| (self.of_word)(word)).unwrap_or_default() {
            self.raise(commit, Some(path), &what, Mends::Gone(id));
        }
        if flaws.is_empty() {
            self.expect_note(&entry)?;
            self.walked.entries += 1;
            self.walked.deliveries += usize::from(earlier.is_empty());
        }
        Ok(flaws)
    }

    /// An outcome is that of what the newest claim before it holds; a change that of what was out.
    fn other_than_claimed(
        &mut self,
        place: &str,
        earlier: &[&str],
        outcome: &Entry,
        within: Option<ObjectId>,
    ) -> Result<Option<String>, GitError> {
        let holds = |name: &&&str| name.ends_with("-claim.json") || name.ends_with("-updated.json");
        let Some(claim) = earlier.iter().rev().find(holds) else { return Ok(None) };
        let Some(within) = within else { return Ok(None) };
        let tree = self.trees.read(within)?;
        let line = tree_lines(&tree).flatten().find(|line| line.name == claim.as_bytes());
        let Some(id) = line.map(|line| line.id) else { return Ok(None) };
        let claimed = self.decoded(id, |bytes| codec::decode(bytes).map_err(|error| error.to_string()))?;
        let Ok(claimed) = claimed else { return Ok(None) };
        let now = match &claimed {
            Entry::Updated(entry) => &entry.digest,
            claimed => digest(claimed),
        };
        let differs = now != digest(outcome);
        Ok(differs.then(|| format!("it is the outcome of another payload than deliveries/{place}/{claim} holds")))
    }

    fn sighting(&mut self, path: &str, file: File) -> Result<Vec<String>, GitError> {
        let read = |bytes: &[u8]| Sighting::decode(bytes).map_err(|error| error.to_string());
        let sighting = match self.decoded(file.id, read)? {
            Ok(sighting) => sighting,
            Err(why) => return Ok(vec![why]),
        };
        let mut flaws = Vec::new();
        if sighting.path() != path {
            flaws.push(format!("it was seen at another time, and belongs at {}", sighting.path()));
        }
        for seen in &sighting.commits {
            let Some(raw) = &seen.raw else { continue };
            let name = ObjectId::hash_object(ObjectType::Commit, raw.as_bytes())?;
            if name.to_string() != seen.commit {
                flaws.push(format!("the bytes that it keeps of commit {:.10} are another's", seen.commit));
            }
        }
        self.walked.sightings += usize::from(flaws.is_empty());
        Ok(flaws)
    }

    /// What is wrong with a new file under `told/`.
    fn telling(&mut self, path: &str, file: File, within: Option<ObjectId>) -> Result<Vec<String>, GitError> {
        if path == tellings::BEGUN {
            let read = |bytes: &[u8]| Begun::decode(bytes).map_err(|error| error.to_string());
            return Ok(self.decoded(file.id, read)?.err().into_iter().collect());
        }
        let read = |bytes: &[u8]| Telling::decode(bytes).map_err(|error| error.to_string());
        let telling = match self.decoded(file.id, read)? {
            Ok(telling) => telling,
            Err(why) => return Ok(vec![why]),
        };
        let folder = Telling::folder(&telling.key, &self.ledger.workspace);
        let Some((place, name)) = path.rsplit_once('/').filter(|(place, _)| *place == folder) else {
            return Ok(vec![format!("it is about other news, and belongs into {folder}")]);
        };
        let names = self.names(within)?;
        let earlier = names.iter().take_while(|other| other.as_str() < name).count();
        if name != telling.file_name(earlier + 1) {
            return Ok(vec![format!("its name does not say what it is and when it came to {place}")]);
        }
        self.walked.tellings += 1;
        Ok(Vec::new())
    }

    /// What is wrong with a new file under `reviews/`. Whether the forge said so, only the forge knows.
    fn review(&mut self, path: &str, file: File) -> Result<Vec<String>, GitError> {
        let record = self.decoded(file.id, |bytes| ReviewRecord::decode(bytes).map_err(|error| error.to_string()))?;
        let comments = matches!(&record, Ok(ReviewRecord { said: ReviewSays::Commented(_), .. }));
        let flaw = match record {
            Err(why) => Some(why),
            Ok(record) if record.path() != path => {
                Some(format!("it is of another review or post, and belongs at {}", record.path()))
            }
            Ok(record) if record.workspace != self.ledger.workspace => Some("it is another workspace's".to_owned()),
            Ok(_) => None,
        };
        if flaw.is_none() {
            *(if comments { &mut self.walked.comments } else { &mut self.walked.reviews }) += 1;
        }
        Ok(flaw.into_iter().collect())
    }

    fn decoded<T>(
        &self,
        id: ObjectId,
        decode: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<Result<T, String>, GitError> {
        let (size, kind) = self.odb.read_header(id)?;
        if kind != ObjectType::Blob || size > codec::LIMIT {
            return Ok(Err(format!("it has {size} bytes; at most {} are read", codec::LIMIT)));
        }
        Ok(decode(self.odb.read(id)?.data()))
    }

    /// The names in a folder, sorted.
    fn names(&mut self, tree: Option<ObjectId>) -> Result<Vec<String>, GitError> {
        let Some(tree) = tree else { return Ok(Vec::new()) };
        let tree = self.trees.read(tree)?;
        let mut names: Vec<String> =
            tree_lines(&tree).flatten().map(|line| String::from_utf8_lossy(line.name).into_owned()).collect();
        names.sort();
        Ok(names)
    }

    /// Keeps in mind whether a delivery is open, now that its folder has changed.
    fn count_open(&mut self, path: &str, within: Option<ObjectId>) -> Result<(), GitError> {
        let Some(hash) = path.strip_prefix("deliveries/").and_then(|rest| rest.split('/').nth(1)) else {
            return Ok(());
        };
        let names = self.names(within)?;
        match standing(names.iter().map(String::as_str)) {
            Standing::Claimed => self.open.insert(hash.to_owned()),
            Standing::Closed | Standing::Out | Standing::Retracted => self.open.remove(hash),
        };
        Ok(())
    }

    /// The marks at the tip, against what is open.
    fn marks(&mut self) -> Result<(), StoreError> {
        let GitLedger { tip, ref workspace, .. } = *self.ledger;
        let marks = self.ledger.open()?;
        for misfit in marks.misfits {
            self.raise(tip, Some(&misfit.path), &misfit.reason, Mends::Nothing);
        }
        let marked: BTreeSet<String> = marks.keys.iter().map(|key| key.hash(workspace)).collect();
        for hash in self.open.difference(&marked).cloned().collect::<Vec<_>>() {
            let what = "the claim of this delivery has no outcome, and nothing marks it as open";
            self.raise(tip, Some(&format!("open/{hash}")), what, Mends::Nothing);
        }
        for hash in marked.difference(&self.open).cloned().collect::<Vec<_>>() {
            self.raise(tip, Some(&format!("open/{hash}")), "it marks a delivery that is not open", Mends::Nothing);
        }
        self.walked.open = self.open.len();
        Ok(())
    }

    fn raise(&mut self, commit: ObjectId, path: Option<&str>, what: &str, mends: Mends) {
        if self.raised.len() == MOST_FLAWS {
            self.walked.more += 1;
            return;
        }
        self.raised.push(Raised { commit, path: path.map(str::to_owned), what: what.to_owned(), mends });
    }

    fn end(mut self) -> Result<Walked, StoreError> {
        let git = |error: git2::Error| failed(error.into());
        let tip = self.ledger.repository.objects.find_commit(self.ledger.tip).map_err(git)?.tree().map_err(git)?;
        let now = |path: &str| tip.get_path(Path::new(path)).ok().map(|file| file.id());
        let flaws = self.raised.into_iter().map(|Raised { commit, path, what, mends }| {
            let now = path.as_deref().and_then(now);
            let mended = match mends {
                Mends::Nothing => false,
                Mends::Gone(id) => now != Some(id),
                Mends::Back(id) => now == Some(id),
            };
            Flaw { commit: commit.to_string(), path, what, mended }
        });
        self.walked.flaws = flaws.collect();
        Ok(self.walked)
    }
}

fn as_folder(line: TreeLine<'_>) -> Option<ObjectId> {
    (line.mode == 0o040_000).then_some(line.id)
}

fn as_file(line: TreeLine<'_>) -> Option<ObjectId> {
    (line.mode != 0o040_000).then_some(line.id)
}

/// Git's order: a folder's name is sorted as if it ended with a slash.
fn sorts_before(one: &TreeLine<'_>, other: &TreeLine<'_>) -> bool {
    let end = |line: &TreeLine<'_>| (line.mode == 0o040_000).then_some(b'/');
    one.name.iter().copied().chain(end(one)).lt(other.name.iter().copied().chain(end(other)))
}

/// Where a delivery stands, as [`crate::ledger::fold`] has it, by the names of its entries in order.
fn standing<'n>(names: impl Iterator<Item = &'n str>) -> Standing {
    let mut standing = Standing::Closed;
    for name in names {
        let kind = name.strip_suffix(".json").and_then(|name| name.split_once('-')).map(|(_, kind)| kind);
        standing = match (standing, kind) {
            (_, Some("retracted")) => Standing::Retracted,
            (Standing::Out, _) | (_, Some("published")) => Standing::Out,
            (Standing::Retracted, _) => Standing::Retracted,
            (_, Some("claim")) => Standing::Claimed,
            (_, Some("failed")) => Standing::Closed,
            // An uncertain outcome leaves the claim open.
            (standing, _) => standing,
        };
    }
    standing
}

fn digest(entry: &Entry) -> &Digest {
    match entry {
        Entry::Claim(entry) => &entry.digest,
        Entry::Published(entry) => &entry.digest,
        Entry::Failed(entry) => &entry.digest,
        Entry::Uncertain(entry) => &entry.digest,
        Entry::Retracted(entry) => &entry.digest,
        // What it was held to be before.
        Entry::Updated(entry) => &entry.before,
    }
}

#[cfg(test)]
mod tests;
