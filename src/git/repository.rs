//! A workspace's repository, and where its branches stand.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::cache::Cache;
use super::objects::Step;
use super::program::{GitError, Program};

/// The name of a commit, tree or blob: its hash.
pub use git2::Oid as ObjectId;

/// The branch that holds what people decided.
pub const APPROVALS: &str = "greenlit/approvals";
/// The branch that holds what the publisher did.
pub const LEDGER: &str = "greenlit/ledger";

/// Names for one pack, so that handles need not wait for each other; each is mapped anew.
const MOST_NAMES: usize = 16;

/// The trusted branch's name, and the remote that shares all branches, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branches {
    /// `main`
    pub trusted: String,
    /// `origin`; `None` where the repository has no such remote.
    pub remote: Option<String>,
}

/// What a push came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote's branch stands there now.
    Done,
    /// Somebody was faster: the remote's branch holds commits that ours does not follow from. Fetch, and build on them.
    Raced,
}

/// A workspace's repository, complete and its own.
pub struct Repository {
    pub(super) objects: git2::Repository,
    root: PathBuf,
    program: Program,
    cache: Option<Cache>,
    glances: bool,
    /// Commits of the trusted branch that this handle met on a long walk, while others may still follow it.
    pub(super) steps: RefCell<HashMap<ObjectId, Step>>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the workspace that a folder is in.
    ///
    /// # Errors
    /// When there is none, or its history is not whole: a shallow clone, replace refs, grafts; or it belongs to another
    /// user of this machine, or has SHA-256 names.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let repository = Self::discover(folder)?;
        match repository.root.join("greenlit.toml").symlink_metadata() {
            Ok(_) => Ok(repository),
            Err(_) => Err(GitError::NoWorkspace(repository.root)),
        }
    }

    /// Opens the repository that a folder is in, whether or not it is a workspace yet.
    ///
    /// # Errors
    /// As for [`Repository::open`].
    pub fn discover(folder: &Path) -> Result<Self, GitError> {
        let objects = git2::Repository::discover(folder).map_err(|error| match error.code() {
            git2::ErrorCode::NotFound => GitError::NoRepository(folder.to_owned()),
            git2::ErrorCode::Owner => GitError::ForeignOwner(folder.to_owned()),
            _ if error.message().contains("object format") => GitError::Sha256(folder.to_owned()),
            _ => error.into(),
        })?;
        let Some(root) = objects.workdir().map(Path::to_owned) else {
            return Err(GitError::Bare(objects.path().to_owned()));
        };
        if objects.is_shallow() {
            return Err(GitError::Shallow);
        }
        // libgit2 does not know replace refs and git does; libgit2 loads grafts and git no longer does.
        if objects.references_glob("refs/replace/*")?.next().is_some() {
            let help = "`git replace --list` shows them; `git replace -d OBJECT` takes one away";
            return Err(GitError::Replaced("replace refs", help));
        }
        if objects.commondir().join("info/grafts").symlink_metadata().is_ok_and(|file| file.len() > 0) {
            return Err(GitError::Replaced("grafts", "take the file .git/info/grafts away"));
        }
        let program = Program::new(&root);
        Ok(Self { objects, root, program, cache: None, glances: false, steps: RefCell::default() })
    }

    /// Tells each run of git before it happens, without secrets: for `-vv`.
    pub fn telling(self, tell: fn(&str)) -> Self {
        Self { program: self.program.telling(tell), ..self }
    }

    /// Sets how long git may talk to a remote; see [`Program::patient`].
    pub fn patient(self, limit: Option<Duration>) -> Self {
        Self { program: self.program.patient(limit), ..self }
    }

    /// Sets an environment variable for its runs of git: who the committer is, where the settings are.
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { program: self.program.with(name, value), ..self }
    }

    /// Makes use of what was worked out before, and keeps what is worked out now. Only for what people look at: what is
    /// published never rests on a cache.
    pub fn remembering(self) -> Self {
        let cache = Some(Cache::inside(self.git_folder()));
        Self { cache, ..self }
    }

    /// Leaves the history of a ledger alone that was never walked here, unless what stands there now does not explain
    /// itself. Only for a plan, which sends nothing: whoever publishes has walked it all.
    pub fn glancing(self) -> Self {
        Self { glances: true, ..self }
    }

    /// Another handle of the same repository, for another processor to read with.
    ///
    /// # Errors
    /// When it cannot be opened any more.
    pub fn twin(&self) -> Result<Self, GitError> {
        Ok(Self { cache: self.cache.clone(), glances: self.glances, ..Self::apart(&self.root)? })
    }

    /// As [`Repository::discover`], to read on a processor of its own: it waits for no other handle. libgit2 has one lock
    /// for each name of a pack, whichever handle reads it, so this one calls packs by a name of its own.
    ///
    /// # Errors
    /// As for [`Repository::open`].
    pub fn apart(folder: &Path) -> Result<Self, GitError> {
        static HANDLES: AtomicUsize = AtomicUsize::new(1);
        let found = Self::discover(folder)?;
        if let Some(place) = found.git_folder().join("objects").to_str() {
            let same = "/.".repeat(1 + HANDLES.fetch_add(1, Ordering::Relaxed) % MOST_NAMES);
            let objects = git2::Odb::new()?;
            objects.add_disk_alternate(&format!("{place}{same}"))?;
            found.objects.set_odb(&objects)?;
        }
        Ok(found)
    }

    /// Whether a ledger's history may be left alone.
    pub fn glances(&self) -> bool {
        self.glances
    }

    /// From now on this process takes it that objects are what their names say, as git itself does when it reads what was
    /// checked on its way in. A fifth of the time of long walks is the checking. Only for what people look at. Nor are
    /// objects kept in memory: such walks come by each once.
    pub fn trusts_its_objects() {
        git2::opts::strict_hash_verification(false);
        git2::opts::enable_caching(false);
    }

    /// What was worked out before, where it may be used.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// The workspace's root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Git's own folder, which all working trees share: `.git`.
    pub fn git_folder(&self) -> &Path {
        self.objects.commondir()
    }

    /// The same for any folder, whether or not its history is whole; `None` where no repository is around it.
    pub fn git_folder_of(folder: &Path) -> Option<PathBuf> {
        git2::Repository::discover(folder).ok().map(|found| found.commondir().to_owned())
    }

    /// The `git` program in the root folder.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// A setting of this clone alone, from its own `.git/config`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn own_setting(&self, name: &str) -> Result<Option<String>, GitError> {
        let file = self.git_folder().join("config");
        if !file.exists() {
            return Ok(None);
        }
        let config = git2::Config::open(&file)?;
        let mut value = None;
        // What the file includes may lie among the tracked files.
        config.multivar(name, None)?.for_each(|entry| {
            if entry.include_depth() == 0 {
                value = entry.value().ok().map(str::to_owned);
            }
        })?;
        Ok(value)
    }

    /// Checks the names that `greenlit.toml` gives, and whether the remote exists.
    ///
    /// # Errors
    /// When git would not take the name of the branch or the remote.
    pub fn branches(&self, trusted: &str, remote: &str) -> Result<Branches, GitError> {
        if trusted.starts_with('-') || !git2::Reference::is_valid_name(&format!("refs/heads/{trusted}")) {
            return Err(GitError::Name(trusted.to_owned(), "branch"));
        }
        if remote.starts_with('-') || !git2::Remote::is_valid_name(remote) {
            return Err(GitError::Name(remote.to_owned(), "remote"));
        }
        let known = self.objects.find_remote(remote).is_ok();
        Ok(Branches { trusted: trusted.to_owned(), remote: known.then(|| remote.to_owned()) })
    }

    /// The trusted branch's commit: with a remote the one that was fetched from it, else the local one.
    ///
    /// # Errors
    /// When the branch is not there.
    pub fn trusted_tip(&self, branches: &Branches) -> Result<ObjectId, GitError> {
        let Branches { trusted, remote } = branches;
        self.shared_tip(branches, trusted)?.ok_or_else(|| match remote {
            Some(remote) => GitError::NoTrusted(
                format!("the branch {trusted} of {remote}"),
                format!("push it first: `git push -u {remote} {trusted}`; or fetch it: `git fetch {remote}`"),
            ),
            None => GitError::NoTrusted(
                format!("the branch {trusted}"),
                format!("commit to {trusted}, or name another branch as `trusted` in greenlit.toml"),
            ),
        })
    }

    /// The commits that people's decisions hang on: the local approvals branch and the remote's, as it was fetched. Each
    /// once; none before the first decision.
    ///
    /// # Errors
    /// When refs cannot be read.
    pub fn approvals_tips(&self, branches: &Branches) -> Result<Vec<ObjectId>, GitError> {
        let mut tips: Vec<ObjectId> =
            [self.shared_tip(branches, APPROVALS)?, self.local_tip(APPROVALS)?].into_iter().flatten().collect();
        tips.sort();
        tips.dedup();
        Ok(tips)
    }

    /// Where a branch stands for everybody: on the remote, as it was fetched; without a remote, here.
    ///
    /// # Errors
    /// When refs cannot be read.
    pub fn shared_tip(&self, branches: &Branches, branch: &str) -> Result<Option<ObjectId>, GitError> {
        match &branches.remote {
            Some(remote) => self.tip(&format!("refs/remotes/{remote}/{branch}")),
            None => self.local_tip(branch),
        }
    }

    /// Where a branch stands here.
    ///
    /// # Errors
    /// When refs cannot be read.
    pub fn local_tip(&self, branch: &str) -> Result<Option<ObjectId>, GitError> {
        self.tip(&format!("refs/heads/{branch}"))
    }

    pub(super) fn tip(&self, reference: &str) -> Result<Option<ObjectId>, GitError> {
        match self.objects.find_reference(reference) {
            Ok(found) => {
                // Whatever else is wrong with the commit, whoever reads it will say so.
                let Some(id) = found.resolve()?.target() else { return Ok(None) };
                match self.objects.odb()?.read_header(id)? {
                    (_, git2::ObjectType::Commit) => Ok(Some(id)),
                    _ => Err(GitError::NoCommit(reference.to_owned())),
                }
            }
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The commit that a person names: a branch, a tag, a hash, `HEAD~2`.
    ///
    /// # Errors
    /// When nothing of that name is a commit.
    pub fn commit_named(&self, name: &str) -> Result<ObjectId, GitError> {
        let found = self.objects.revparse_single(name).and_then(|object| object.peel_to_commit());
        found.map(|commit| commit.id()).map_err(|_| GitError::NoCommit(name.to_owned()))
    }

    /// Moves a branch here, unless somebody else moved it from where we saw it; `false` then.
    ///
    /// # Errors
    /// When refs cannot be written.
    pub fn move_branch(
        &self,
        branch: &str,
        from: Option<ObjectId>,
        to: ObjectId,
        reason: &str,
    ) -> Result<bool, GitError> {
        self.move_reference(&format!("refs/heads/{branch}"), from, to, reason)
    }

    fn move_reference(&self, name: &str, from: Option<ObjectId>, to: ObjectId, reason: &str) -> Result<bool, GitError> {
        let moved = match from {
            Some(from) if from == to => return Ok(self.tip(name)? == Some(to)),
            Some(from) => self.objects.reference_matching(name, to, true, from, reason),
            None => self.objects.reference(name, to, false, reason),
        };
        match moved {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), git2::ErrorCode::Modified | git2::ErrorCode::Exists) => Ok(false),
            // The branch that we saw is gone.
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scene;

    #[test]
    fn a_folder_without_repository_or_workspace_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Repository::open(folder.path()), Err(GitError::NoRepository(_))));
        Program::new(folder.path()).run(&["init", "-q"]).unwrap();
        assert!(matches!(Repository::open(folder.path()), Err(GitError::NoWorkspace(_))));
        assert!(Repository::discover(folder.path()).is_ok());
    }

    #[test]
    fn a_setting_of_this_clone_is_its_own_and_not_what_it_includes() {
        let scene = Scene::new();
        let (repository, _) = scene.open();
        assert_eq!(repository.own_setting("greenlit.root").unwrap(), None);
        scene.git().run(&["config", "--local", "greenlit.root", "mine"]).unwrap();
        std::fs::write(scene.root.join(".gitconfig"), "[greenlit]\n\troot = theirs\n").unwrap();
        scene.git().run(&["config", "--local", "include.path", "../.gitconfig"]).unwrap();
        assert_eq!(repository.own_setting("greenlit.root").unwrap().as_deref(), Some("mine"));
        scene.git().run(&["config", "--local", "--unset", "greenlit.root"]).unwrap();
        assert_eq!(repository.own_setting("greenlit.root").unwrap(), None);
    }

    #[test]
    fn names_of_another_hash_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        Program::new(folder.path()).run(&["init", "-q", "--object-format=sha256"]).unwrap();
        assert!(matches!(Repository::discover(folder.path()), Err(GitError::Sha256(_))));
    }

    #[test]
    fn a_subfolder_finds_the_root_and_hostile_names_are_refused() {
        let scene = Scene::new();
        scene.commit("posts/a.md", "a");
        let repository = Repository::open(&scene.root.join("posts")).unwrap();
        assert_eq!(repository.root().canonicalize().unwrap(), scene.root.canonicalize().unwrap());
        for (trusted, remote) in
            [("--exec=x", "origin"), ("a..b", "origin"), ("main", "--upload-pack=x"), ("main", "a b")]
        {
            assert!(matches!(repository.branches(trusted, remote), Err(GitError::Name(..))), "{trusted} {remote}");
        }
    }

    #[test]
    fn a_handle_apart_reads_loose_objects_packs_and_what_another_repository_lends() {
        let lender = Scene::new();
        let lent = lender.commit("x", "lent");
        let scene = Scene::new();
        let packed = scene.commit("x", "packed");
        scene.git().run(&["gc", "-q"]).unwrap();
        let loose = scene.commit("x", "loose");
        let alternates = scene.root.join(".git/objects/info/alternates");
        std::fs::create_dir_all(alternates.parent().unwrap()).unwrap();
        std::fs::write(alternates, format!("{}\n", lender.root.join(".git/objects").display())).unwrap();
        let (whole, apart) =
            (Repository::discover(&scene.root).unwrap(), Repository::apart(&scene.root.join(".git/..")).unwrap());
        let later = scene.commit("x", "later");
        for commit in [lent, packed, loose, later] {
            assert_eq!(apart.objects.find_commit(commit).unwrap().id(), commit);
            assert_eq!(whole.objects.find_commit(commit).unwrap().id(), commit);
        }
    }

    #[test]
    fn a_branch_moves_only_from_where_it_was_seen() {
        let scene = Scene::new();
        let first = scene.commit("x", "1");
        let second = scene.commit("x", "2");
        let (repository, _) = scene.open();
        assert!(repository.move_branch(APPROVALS, None, first, "test").unwrap());
        assert!(!repository.move_branch(APPROVALS, None, second, "test").unwrap());
        assert!(!repository.move_branch(APPROVALS, Some(second), first, "test").unwrap());
        assert!(repository.move_branch(APPROVALS, Some(first), second, "test").unwrap());
    }
}
