//! Commits that decide something, found in a walk and verified side by side.

use std::collections::HashMap;

use super::cache::Id;
use super::commit::RawCommit;
use super::decisions::{Said, read};
use super::objects::Step;
use super::program::GitError;
use super::repository::{ObjectId, Repository};
use super::signature::verify;
use crate::policy::evidence::Refused;
use crate::policy::{Evidence, Statement, Verb, Witness};
use crate::workspace::PostId;
use crate::workspace::side_by_side::side_by_side;

/// Git's name for a tree without entries.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Where a decision lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Place {
    Trusted,
    Approvals,
}

/// A commit that decides something, or looks as if.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Heard {
    commit: Id,
    place: Place,
    what: What,
}

/// What a commit says.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum What {
    /// It says this, and names a trusted commit as the one whose rules its maker read; whether that is one, is proved.
    Statement { proved: bool, statement: Box<Statement> },
    /// It is well-formed, approves one post or comments on it, and nobody has asked who says so.
    Overheard { proved: bool, post: PostId, policy: Option<Id> },
    /// It is malformed.
    Refused { reason: String },
}

/// How closely to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Verify all.
    All,
    /// Leave approvals of one post, and comments on it, for those who ask for them.
    Overhear,
}

/// The commits that a walk met, and what those said that may decide something.
pub(super) struct Spoken<'r> {
    repository: &'r Repository,
    odb: git2::Odb<'r>,
    met: HashMap<ObjectId, Met>,
    commits: Vec<Spoke>,
}

/// A commit that was met.
#[derive(Debug, Clone, Copy)]
struct Met {
    tree: ObjectId,
    first_parent: Option<ObjectId>,
    place: Place,
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
        self.met.get(&commit).map(|met| met.place)
    }

    /// Whether a commit that lay on the approvals branch was met on the trusted one.
    pub fn is_trusted_now(&self, heard: &Heard) -> bool {
        self.place(heard.commit().into()) == Some(Place::Trusted)
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
        let first_parent = links.parents.first().copied();
        self.met.insert(id, Met { tree: links.tree, first_parent, place });
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
                    Some(met) => Some(met.tree),
                    None => Some(self.repository.links(&self.odb, *parent)?.tree),
                },
                _ => None,
            };
        }
        Ok(())
    }

    /// The commits of the trusted branch that were met, for whoever follows it next.
    pub fn steps(&self) -> HashMap<ObjectId, Step> {
        let trusted = self.met.iter().filter(|(_, met)| met.place == Place::Trusted);
        // Most of what was met is there.
        let mut steps = HashMap::with_capacity(self.met.len());
        steps.extend(trusted.map(|(id, met)| (*id, Step { tree: met.tree, first_parent: met.first_parent })));
        steps
    }

    /// Reads what was said, on all processors; verifies all of it, or leaves alone what may be [`Heard::hear_out`] later.
    pub fn listen(&self, depth: Depth) -> Vec<Heard> {
        side_by_side(&self.commits, |spoke| spoke.heard(depth)).into_iter().flatten().collect()
    }
}

/// Reads and verifies what was only overheard, on all processors. Whether each stands where decisions may was seen before.
///
/// # Errors
/// When a commit cannot be read.
pub(super) fn hear_out(repository: &Repository, heard: &mut [Heard]) -> Result<(), GitError> {
    let overheard = || heard.iter().filter(|heard| heard.is_overheard()).map(|heard| ObjectId::from(heard.commit));
    let commits: Vec<_> =
        overheard().map(|id| Ok((id, repository.raw_commit(id)?))).collect::<Result<_, GitError>>()?;
    let statements = side_by_side(&commits, |(id, commit)| -> Result<Box<Statement>, GitError> {
        let changed = |why: &dyn std::fmt::Display| GitError::Objects(format!("commit {id} is no decision: {why}"));
        let commit = commit.as_ref().map_err(|why| changed(why))?;
        let said =
            read(commit.message()).map_err(|why| changed(&why))?.ok_or_else(|| changed(&"it decides nothing"))?;
        Ok(Box::new(said.by(*id, commit)))
    });
    let mut statements = statements.into_iter();
    for heard in heard {
        if let What::Overheard { proved, .. } = heard.what
            && let Some(statement) = statements.next()
        {
            heard.what = What::Statement { proved, statement: statement? };
        }
    }
    Ok(())
}

impl Spoke {
    fn heard(&self, depth: Depth) -> Option<Heard> {
        let what = match RawCommit::parse(&self.bytes) {
            Ok(commit) => match read(commit.message()) {
                Ok(None) => return None,
                Ok(Some(said)) => self.fits(&commit).map(|()| What::of(said, self.id, &commit, depth)),
                Err(reason) => Err(reason),
            },
            Err(why) => Err(format!("the commit is malformed: {why}")),
        };
        let what = what.unwrap_or_else(|reason| What::Refused { reason });
        Some(Heard { commit: self.id.into(), place: self.place, what })
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

impl What {
    fn of(said: Said, id: ObjectId, commit: &RawCommit, depth: Depth) -> Self {
        match of_one_post(&said.verbs) {
            Some(post) if depth == Depth::Overhear => {
                let policy = said.policy.as_deref().and_then(|policy| policy.parse::<ObjectId>().ok()).map(Id::from);
                What::Overheard { proved: false, post: post.clone(), policy }
            }
            _ => What::Statement { proved: false, statement: Box::new(said.by(id, commit)) },
        }
    }
}

impl Heard {
    /// The commit.
    pub fn commit(&self) -> Id {
        self.commit
    }

    /// The post, where it only approves this one post or comments on it.
    pub fn of_one_post(&self) -> Option<&PostId> {
        match &self.what {
            What::Statement { statement, .. } => of_one_post(&statement.verbs),
            What::Overheard { post, .. } => Some(post),
            What::Refused { .. } => None,
        }
    }

    /// Whether it was only overheard: what it says cannot be told yet.
    pub fn is_overheard(&self) -> bool {
        matches!(self.what, What::Overheard { .. })
    }

    /// The commit that it names as a trusted one.
    pub fn policy(&self) -> Option<ObjectId> {
        match &self.what {
            What::Statement { statement, .. } => statement.policy.as_deref()?.parse().ok(),
            What::Overheard { policy, .. } => policy.map(ObjectId::from),
            What::Refused { .. } => None,
        }
    }

    /// The commit that it names as a trusted one, where that is not proved.
    pub fn unproved(&self) -> Option<ObjectId> {
        match &self.what {
            What::Statement { proved: false, statement } => statement.policy.as_deref()?.parse().ok(),
            What::Overheard { proved: false, policy, .. } => policy.map(ObjectId::from),
            _ => None,
        }
    }

    /// Proves what is not proved yet.
    pub fn prove(&mut self, is_trusted: impl Fn(ObjectId) -> bool) {
        let found = self.unproved().is_some_and(is_trusted);
        if let What::Statement { proved, .. } | What::Overheard { proved, .. } = &mut self.what {
            *proved |= found;
        }
    }

    /// Adds it to what people decided, without what is not proved; what was only overheard is left out.
    pub fn tell(self, evidence: &mut Evidence) {
        match self.what {
            What::Statement { proved, mut statement } => {
                statement.policy = statement.policy.take().filter(|_| proved);
                evidence.statements.push(*statement);
            }
            What::Overheard { .. } => {}
            What::Refused { reason } => {
                evidence.refused.push(Refused { commit: ObjectId::from(self.commit).to_string(), reason });
            }
        }
    }
}

/// The post, where these only approve this one post or comment on it. They touch nothing else, and die with their commit.
fn of_one_post(verbs: &[Verb]) -> Option<&PostId> {
    let mut posts = verbs.iter().map(|verb| match verb {
        Verb::Approve { post, .. } | Verb::Comment { post } => Some(post),
        _ => None,
    });
    let first = posts.next()??;
    posts.all(|post| post == Some(first)).then_some(first)
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
