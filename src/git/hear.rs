//! Commits that decide something, found in a walk and verified side by side.

use std::collections::HashMap;
use std::thread;

use super::commit::RawCommit;
use super::decisions::{Said, read};
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::signature::verify;
use crate::policy::evidence::Refused;
use crate::policy::{Evidence, Statement, Verb, Witness};
use crate::workspace::PostId;

/// Git's name for a tree without entries.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/// More threads are no faster: the walk before them has one.
const MOST_THREADS: usize = 8;

/// Where a decision lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Place {
    Trusted,
    Approvals,
}

/// A commit that decides something, or looks as if.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Heard {
    /// It says this, and names a trusted commit as the one whose rules its maker read; whether that is one, is proved.
    Statement { place: Place, proved: bool, statement: Box<Statement> },
    /// It is malformed.
    Refused { place: Place, commit: String, reason: String },
}

/// The commits that a walk met, and what those said that may decide something.
pub(super) struct Spoken<'r> {
    repository: &'r Repository,
    odb: git2::Odb<'r>,
    met: HashMap<ObjectId, (ObjectId, Place)>,
    commits: Vec<Spoke>,
}

struct Spoke {
    id: ObjectId,
    place: Place,
    bytes: Vec<u8>,
    parents: Vec<ObjectId>,
    /// The tree of the only parent; the empty one where there is none.
    tree_before: Option<ObjectId>,
}

impl<'r> Spoken<'r> {
    pub fn new(repository: &'r Repository) -> Result<Self, GitError> {
        Ok(Self { repository, odb: repository.objects.odb()?, met: HashMap::new(), commits: Vec::new() })
    }

    /// Where a commit lies that was met.
    pub fn place(&self, commit: ObjectId) -> Option<Place> {
        self.met.get(&commit).map(|(_, place)| *place)
    }

    /// Whether a commit that lay on the approvals branch was met on the trusted one.
    pub fn is_trusted_now(&self, heard: &Heard) -> bool {
        heard.commit().parse().is_ok_and(|id| self.place(id) == Some(Place::Trusted))
    }

    /// Meets all commits from some tips on that were not met before.
    pub fn walk(&mut self, tips: &[ObjectId], place: Place) -> Result<(), GitError> {
        let mut waiting: Vec<ObjectId> = tips.to_vec();
        while let Some(id) = waiting.pop() {
            if !self.met.contains_key(&id) {
                waiting.extend(self.meet(id, place)?);
            }
        }
        self.look_before()
    }

    /// Meets the commits that are new since some others. `false` where libgit2 cannot tell: it knows no commit with an odd
    /// header.
    pub fn walk_new(&mut self, tips: &[ObjectId], since: &[ObjectId], place: Place) -> Result<bool, GitError> {
        let mut walk = self.repository.objects.revwalk()?;
        let pushed = tips.iter().try_for_each(|tip| walk.push(*tip));
        if pushed.and_then(|()| since.iter().try_for_each(|old| walk.hide(*old))).is_err() {
            return Ok(false);
        }
        for id in walk {
            let Ok(id) = id else { return Ok(false) };
            if !self.met.contains_key(&id) {
                self.meet(id, place)?;
            }
        }
        self.look_before()?;
        Ok(true)
    }

    /// Takes in one commit; its parents.
    fn meet(&mut self, id: ObjectId, place: Place) -> Result<Vec<ObjectId>, GitError> {
        let object = self.odb.read(id)?;
        let links = self.repository.links_of(&object)?;
        self.met.insert(id, (links.tree, place));
        if mentions_us(object.data()) {
            let (parents, bytes) = (links.parents.clone(), object.data().to_vec());
            self.commits.push(Spoke { id, place, bytes, parents, tree_before: None });
        }
        Ok(links.parents)
    }

    /// Finds what the files were before each decision.
    fn look_before(&mut self) -> Result<(), GitError> {
        for spoke in self.commits.iter_mut().filter(|spoke| spoke.tree_before.is_none()) {
            spoke.tree_before = match spoke.parents.as_slice() {
                [] => EMPTY_TREE.parse().ok(),
                [parent] => match self.met.get(parent) {
                    Some((tree, _)) => Some(*tree),
                    None => Some(self.repository.links(&self.odb, *parent)?.tree),
                },
                _ => None,
            };
        }
        Ok(())
    }

    /// Reads and verifies what was said, on all processors.
    pub fn listen(&self) -> Vec<Heard> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let each = self.commits.len().div_ceil(threads).max(32);
        thread::scope(|scope| {
            let turns: Vec<_> = self
                .commits
                .chunks(each)
                .map(|commits| scope.spawn(|| commits.iter().filter_map(Spoke::heard).collect::<Vec<_>>()))
                .collect();
            // A thread that panics takes all down: nothing may be overheard.
            turns
                .into_iter()
                .flat_map(|turn| turn.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }
}

impl Spoke {
    fn heard(&self) -> Option<Heard> {
        let place = self.place;
        let heard = match RawCommit::parse(&self.bytes) {
            Ok(commit) => match read(commit.message()) {
                Ok(None) => return None,
                Ok(Some(said)) => self.fits(&commit).map(|()| said.by(self.id, &commit)),
                Err(reason) => Err(reason),
            },
            Err(why) => Err(format!("the commit is malformed: {why}")),
        };
        Some(match heard {
            Ok(statement) => Heard::Statement { place, proved: false, statement: Box::new(statement) },
            Err(reason) => Heard::Refused { place, commit: self.id.to_string(), reason },
        })
    }

    /// A decision changes no files on the approvals branch, and is no merge anywhere.
    fn fits(&self, commit: &RawCommit) -> Result<(), String> {
        if commit.parents().len() > 1 {
            return Err("it is a merge, which decides nothing: make the decision again on top of it".to_owned());
        }
        match self.place {
            Place::Approvals if self.tree_before != Some(commit.tree()) => {
                Err("it changes files, which a decision may not".to_owned())
            }
            Place::Approvals | Place::Trusted => Ok(()),
        }
    }
}

impl Heard {
    /// The commit.
    pub fn commit(&self) -> &str {
        match self {
            Heard::Statement { statement, .. } => &statement.commit,
            Heard::Refused { commit, .. } => commit,
        }
    }

    /// The post, where it only approves this one post or comments on it.
    pub fn of_one_post(&self) -> Option<&PostId> {
        let Heard::Statement { statement, .. } = self else { return None };
        let mut posts = statement.verbs.iter().map(|verb| match verb {
            Verb::Approve { post, .. } | Verb::Comment { post } => Some(post),
            _ => None,
        });
        let first = posts.next()??;
        posts.all(|post| post == Some(first)).then_some(first)
    }

    /// The commit that it names as a trusted one, where that is not proved.
    pub fn unproved(&self) -> Option<ObjectId> {
        match self {
            Heard::Statement { proved: false, statement, .. } => statement.policy.as_deref()?.parse().ok(),
            _ => None,
        }
    }

    /// Proves what is not proved yet.
    pub fn prove(&mut self, is_trusted: impl Fn(ObjectId) -> bool) {
        let found = self.unproved().is_some_and(is_trusted);
        if let Heard::Statement { proved, .. } = self {
            *proved |= found;
        }
    }

    /// Adds it to what people decided, without what is not proved.
    pub fn tell(self, evidence: &mut Evidence) {
        match self {
            Heard::Statement { proved, mut statement, .. } => {
                statement.policy = statement.policy.take().filter(|_| proved);
                evidence.statements.push(*statement);
            }
            Heard::Refused { commit, reason, .. } => evidence.refused.push(Refused { commit, reason }),
        }
    }
}

/// A quick look that spares most commits the reading.
fn mentions_us(bytes: &[u8]) -> bool {
    let name = b"greenlit";
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'-');
    ends.map(|(end, _)| bytes.get(end.saturating_sub(name.len())..end).unwrap_or_default())
        .any(|before| before.eq_ignore_ascii_case(name))
}

impl Said {
    /// What a commit states whose message says this.
    pub(super) fn by(self, id: ObjectId, commit: &RawCommit) -> Statement {
        let Said { workspace, policy, policy_approvals, stage, stands_in_for, reply_to, line, verbs, sign_offs, text } =
            self;
        let committer = commit.committer();
        let (name, email) = (committer.name.clone(), committer.email.clone());
        let witness = Witness { signature: verify(commit), name, email, sign_offs };
        Statement {
            commit: id.to_string(),
            witness,
            dated: committer.date,
            workspace,
            policy,
            policy_approvals,
            stage,
            stands_in_for,
            reply_to,
            line,
            seen: None,
            verbs,
            text,
        }
    }
}
