//! What the trusted branch's tip says.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::following::{self, Following};
use super::policy::{self, InForce};
use super::posts::Origin;
use super::remembered::{Before, Recall, Remembered};
use super::{Known, LARGEST_SETTINGS, Trusted, errors, network_specs};
use crate::cli::root::Root;
use crate::cli::{Context, Failure};
use crate::git::ledger::{GitLedger, LedgerReading};
use crate::git::{Branches, CommitFiles, GitError, ObjectId, Repository, WorkTreeFiles};
use crate::ledger::Store;
use crate::network::{self, Network};
use crate::plan::BrokenFile;
use crate::policy::Chain;
use crate::workspace::{
    AccountName, BrokenPost, Files, Finding, Loaded, Memory, NetworkSpec, PersonId, PostId, Roles, Settings, load,
    load_remembering, load_roles, load_settings,
};

impl Trusted {
    /// Opens the workspace and reads the trusted branch's tip, after a fetch if asked for.
    ///
    /// # Errors
    /// When there is no workspace or no trusted branch, the remote cannot be reached, or `greenlit.toml` or `roles.toml`
    /// has an error there: then nothing can be decided.
    pub fn read(context: &Context, fetch: bool) -> Result<Self, Failure> {
        let repository = context.repository()?;
        let root = Root::of(context.root.as_ref(), &repository)?;
        Self::read_from(repository, root, context, fetch)
    }

    /// The same, as if no root were pinned.
    ///
    /// # Errors
    /// As for [`Trusted::read`].
    pub fn read_unpinned(context: &Context, fetch: bool) -> Result<Self, Failure> {
        Self::read_from(context.repository()?, None, context, fetch)
    }

    fn read_from(repository: Repository, root: Option<Root>, context: &Context, fetch: bool) -> Result<Self, Failure> {
        let (trusted, remote) = names(&repository, &network_specs());
        let branches = repository.branches(&trusted, &remote)?;
        if fetch {
            repository.fetch(&branches)?;
        }
        let tip = repository.trusted_tip(&branches)?;
        let read = Self::read_at(repository, branches, tip, root, context.now)?;
        if read.settings.trusted != trusted || read.settings.remote != remote {
            return Err(Failure::broken(
                "workspace/trusted",
                format!(
                    "greenlit.toml here names the branch {trusted:?} of {remote:?}, and on that branch it names {:?} of {:?}",
                    read.settings.trusted, read.settings.remote
                ),
                "bring greenlit.toml here and on the trusted branch together",
            ));
        }
        Ok(Self { online: fetch, ..read })
    }

    /// The trusted branch as it was when one of its commits was the tip, under the policy that was in force there.
    ///
    /// # Errors
    /// When the commit is not on the trusted branch, or cannot be read.
    pub fn as_of(&self, commit: &str, context: &Context) -> Result<Self, Failure> {
        let repository = context.repository()?;
        let root = Root::of(context.root.as_ref(), &repository)?;
        let tip = repository.commit_named(commit)?;
        if !repository.follows(self.tip, tip)? {
            return Err(Failure::broken(
                "trust/astray",
                format!("commit {tip:.10} is not on {}", self.branches.trusted),
                "find out who rewrote the branch; push the right history from a clone that has it",
            ));
        }
        Self::read_at(repository, self.branches.clone(), tip, root, context.now)
    }

    fn read_at(
        repository: Repository,
        branches: Branches,
        tip: ObjectId,
        root: Option<Root>,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let specs = network_specs();
        let read_under = |policy: ObjectId| {
            let reading = begin_to_read_ledger(&repository, &branches, policy, &specs);
            read(&repository, tip, policy, &specs).map(|read| (read, reading))
        };
        let (mut heard, mut overheard, mut chain) = (None, None, None);
        let (read, ledger_reading) = match root {
            None => read_under(tip)?,
            Some(root) if repository.cache().is_some() => {
                let following = Following::begin(&repository, &branches, tip, root, now);
                let guess = following::likely(&repository, tip);
                let guessed = read_under(guess);
                let followed = following.end()?;
                overheard = Some(followed.said);
                let in_force = in_force(chain.insert(followed.chain))?;
                if following::was_right(&repository, guess, in_force)? { guessed? } else { read_under(in_force)? }
            }
            Some(root) => {
                let evidence = heard.insert(repository.evidence(&branches, tip)?);
                let followed = policy::chain(&repository, &branches, tip, &root, evidence, &HashSet::new(), now)?;
                read_under(in_force(chain.insert(followed))?)?
            }
        };
        let Read { settings, roles, posts, broken, findings, remembered } = read;
        let (Some(settings), Some(roles)) = (settings, roles) else {
            return Err(unusable(&findings, &branches.trusted, tip));
        };
        let (heard, overheard, ledger_reading) = (heard.into(), overheard.into(), ledger_reading.into());
        Ok(Self {
            repository,
            branches,
            tip,
            seen: tip,
            settings,
            roles,
            chain,
            posts,
            broken,
            heard,
            overheard,
            ledger_reading,
            remembered,
            online: false,
        })
    }

    /// The same with another commit's settings and posts, still under the trusted branch's roles.
    ///
    /// # Errors
    /// When `greenlit.toml` has an error there, or is another workspace's.
    pub fn seeing(self, commit: ObjectId) -> Result<Self, Failure> {
        let Read { settings, posts, broken, findings, remembered, .. } =
            read(&self.repository, commit, commit, &network_specs())?;
        let settings = self.of_this_workspace(settings, &findings, commit)?;
        Ok(Self { seen: commit, settings, posts, broken, remembered, ledger_reading: None.into(), ..self })
    }

    /// The same beside this one, for some posts alone: a file that is byte for byte another post's here is not read there.
    ///
    /// # Errors
    /// As for [`Trusted::seeing`].
    pub fn posts_at(&self, commit: ObjectId, posts: &[PostId]) -> Result<Self, Failure> {
        let repository = self.repository.twin()?;
        let (here, there) = (self.repository.files(self.seen)?, repository.files(commit)?);
        let others = Others { known: &self.posts, wanted: posts, here: &here, there: &there };
        let loaded = load_remembering(&InForce::new(&there, &there), &network_specs(), &others);
        let Read { settings, posts, broken, findings, .. } = Read::of(loaded);
        let settings = self.of_this_workspace(settings, &findings, commit)?;
        drop(there);
        Ok(Self {
            repository,
            branches: self.branches.clone(),
            tip: self.tip,
            seen: commit,
            settings,
            roles: self.roles.clone(),
            chain: None,
            posts,
            broken,
            heard: None.into(),
            overheard: None.into(),
            ledger_reading: None.into(),
            remembered: None,
            online: false,
        })
    }

    fn of_this_workspace(
        &self,
        settings: Option<Settings>,
        findings: &[Finding],
        commit: ObjectId,
    ) -> Result<Settings, Failure> {
        let settings = settings.ok_or_else(|| unusable(findings, "the commit that you named", commit))?;
        if settings.workspace == self.settings.workspace {
            return Ok(settings);
        }
        Err(Failure::broken(
            "workspace/other",
            format!("commit {commit:.10} belongs to another workspace"),
            "leave `workspace` in greenlit.toml as it is on the trusted branch",
        ))
    }

    /// The ledger, as it was last fetched.
    ///
    /// # Errors
    /// When it is not there, or is not the one that `greenlit.toml` pins.
    pub fn ledger(&self, context: &Context) -> Result<GitLedger<'_>, Failure> {
        let Settings { workspace, ledger, .. } = &self.settings;
        if let Some(reading) = self.ledger_reading.take() {
            return Ok(GitLedger::of(&self.repository, &self.branches, workspace, reading.end()?, context.now));
        }
        Ok(GitLedger::open(&self.repository, &self.branches, workspace, ledger.as_deref(), context.now)?)
    }

    /// The accounts of these names, which must be in the settings.
    ///
    /// # Errors
    /// When one is not.
    pub fn accounts(&self, names: &[String]) -> Result<Vec<AccountName>, Failure> {
        let known = &self.settings.accounts;
        let find = |name: &String| {
            let found = known.keys().find(|account| account.as_str() == name).cloned();
            found.ok_or_else(|| {
                let names: Vec<&str> = known.keys().map(AccountName::as_str).collect();
                let help = format!("greenlit.toml on {} has {}", self.branches.trusted, names.join(", "));
                Failure::usage("publish/account", format!("there is no account {name:?}"), help)
            })
        };
        names.iter().map(find).collect()
    }

    /// The post of this name or file.
    ///
    /// # Errors
    /// When there is none on the trusted branch, or it has errors there.
    pub fn post(&self, name: &str) -> Result<&Known, Failure> {
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        if let Some(file) = self.broken_file(name) {
            return Err(Failure::broken(
                "post/broken",
                format!("{} has errors on {}\n{}", file.path, self.branches.trusted, file.errors.join("\n")),
                "correct it, and bring it to the trusted branch",
            ));
        }
        Err(self.unknown(name))
    }

    /// The id of a post that is on the trusted branch, sound or not, or of one that is gone and still being sent.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn post_id(&self, name: &str, store: &dyn Store) -> Result<PostId, Failure> {
        if let Some(id) = self.broken_file(name).and_then(|file| file.id.clone()) {
            return Ok(id);
        }
        self.post(name).map(|post| post.id.clone()).or_else(|failure| {
            let left = store.open()?.keys.into_iter().find(|key| key.post.as_str() == name);
            left.map(|key| key.post).ok_or(failure)
        })
    }

    /// The file of a post, sound or not.
    pub fn path_of(&self, post: &PostId) -> Option<&str> {
        let sound = self.posts.iter().find(|one| one.id == *post).map(|one| one.path.as_str());
        sound.or_else(|| self.broken_file(post.as_str()).map(|file| file.path.as_str()))
    }

    fn broken_file(&self, name: &str) -> Option<&BrokenFile> {
        let named = |file: &&BrokenFile| file.path == name || file.id.as_ref().is_some_and(|id| id.as_str() == name);
        self.broken.iter().find(named)
    }

    fn unknown(&self, name: &str) -> Failure {
        Failure::usage(
            "post/unknown",
            format!("there is no post {name:?} on {}", self.branches.trusted),
            "`greenlit status --all` lists the posts; a new one must be on the trusted branch first",
        )
    }

    /// The person who works here, by the address that git has for them. For emphasis in what is shown: it proves nothing.
    pub fn reader(&self) -> Option<PersonId> {
        let answer = self.repository.program().ask(&["config", "user.email"], None).ok()?;
        self.roles.owner_of_email(answer.line().trim()).map(str::to_owned)
    }

    /// The names of the trusted branch and of the remote, as the working tree's `greenlit.toml` has them.
    pub fn names_in(repository: &Repository) -> (String, String) {
        names(repository, &network_specs())
    }

    /// Where what servers say of their limits is kept.
    pub fn instances(&self) -> PathBuf {
        instances(&self.repository)
    }
}

/// What was read of a commit.
struct Read {
    settings: Option<Settings>,
    roles: Option<Roles>,
    posts: Vec<Known>,
    broken: Vec<BrokenFile>,
    findings: Vec<Finding>,
    remembered: Option<Remembered>,
}

impl Read {
    fn of(mut loaded: Loaded) -> Self {
        let broken = broken_files(&loaded);
        let posts = loaded.posts.drain(..).map(|post| Known::new(post, None)).collect();
        let Loaded { settings, roles, findings, .. } = loaded;
        Self { settings, roles, posts, broken, findings, remembered: None }
    }
}

/// The posts of another commit that nobody wants to see, as far as they are what they are here.
struct Others<'a> {
    /// By path.
    known: &'a [Known],
    wanted: &'a [PostId],
    here: &'a CommitFiles<'a>,
    there: &'a CommitFiles<'a>,
}

impl Memory for Others<'_> {
    fn recall(&self, path: &str) -> Option<PostId> {
        let at = self.known.binary_search_by(|known| known.path.as_str().cmp(path)).ok()?;
        let id = &self.known.get(at).filter(|known| !self.wanted.contains(&known.id))?.id;
        (self.here.blob(path).ok()? == self.there.blob(path).ok()?).then(|| id.clone())
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// The commit that brought the policy that is in force.
fn in_force(chain: &Chain) -> Result<ObjectId, GitError> {
    Ok(chain.in_force().commit.parse()?)
}

/// Begins to read the ledger that a commit's settings name, for those who only look: it takes as long as the posts do.
fn begin_to_read_ledger(
    repository: &Repository,
    branches: &Branches,
    policy: ObjectId,
    specs: &[NetworkSpec],
) -> Option<LedgerReading> {
    repository.cache()?;
    let bytes = repository.files(policy).ok()?.read("greenlit.toml", LARGEST_SETTINGS).ok()?;
    let settings = load_settings(&bytes, specs).0?;
    Some(repository.begin_to_read_ledger(branches, &settings.workspace, settings.ledger.as_deref()))
}

/// Reads a commit under the policy of another or its own, as far as it is not remembered.
fn read(repository: &Repository, commit: ObjectId, policy: ObjectId, specs: &[NetworkSpec]) -> Result<Read, Failure> {
    let at_commit = repository.files(commit)?;
    let at_policy = repository.files(policy)?;
    let in_force = InForce::new(&at_policy, &at_commit);
    let files: &dyn Files = &in_force;
    let common = repository.cache().and_then(|cache| Some((cache, common(repository, files, specs)?)));
    let Some((cache, (settings, roles, common))) = common else {
        return Ok(Read::of(load(files, specs)));
    };
    let remembered = Remembered::of(cache, common, &at_commit);
    let (mut posts, broken) = match remembered.before() {
        Before::All(posts) => (posts, Vec::new()),
        Before::Some(before) => {
            let mut loaded = load_remembering(files, specs, &Recall::new(&before, &at_commit));
            let broken = broken_files(&loaded);
            if broken.is_empty() || !loaded.posts.is_empty() || loaded.recalled.len() != before.len() {
                remembered.change();
            }
            let recalled: HashSet<&str> = loaded.recalled.iter().map(String::as_str).collect();
            let mut posts: Vec<Known> =
                before.into_iter().filter(|known| recalled.contains(known.path.as_str())).collect();
            posts.extend(loaded.posts.drain(..).map(|post| {
                let origin = Origin::of(&post, &at_commit);
                Known::new(post, origin)
            }));
            (posts, broken)
        }
    };
    posts.sort_by(|a, b| a.path.cmp(&b.path));
    let (settings, roles) = (Some(settings), Some(roles));
    Ok(Read { settings, roles, posts, broken, findings: Vec::new(), remembered: Some(remembered) })
}

/// The settings, the roles, and all that posts depend on together; `None` where either is not sound.
fn common(repository: &Repository, files: &dyn Files, specs: &[NetworkSpec]) -> Option<(Settings, Roles, Vec<u8>)> {
    let mut bytes = files.read("greenlit.toml", LARGEST_SETTINGS).ok()?;
    let settings = load_settings(&bytes, specs).0?;
    let of_roles = files.read("roles.toml", LARGEST_SETTINGS).ok()?;
    let roles = load_roles(&of_roles).0?;
    bytes.extend(of_roles);
    for account in settings.accounts.values() {
        let capability = |network: &dyn Network| network.capability_of(account, Some(&instances(repository)));
        bytes.extend(format!("{:?}", network::named(account.name.network()).map(capability)).into_bytes());
    }
    Some((settings, roles, bytes))
}

fn instances(repository: &Repository) -> PathBuf {
    repository.git_folder().join("greenlit/instances")
}

/// The trusted branch and the remote, as the working tree's `greenlit.toml` names them. Where it cannot be read, as most
/// workspaces have them: the file on the branch has the last word.
fn names(repository: &Repository, specs: &[NetworkSpec]) -> (String, String) {
    let bytes = WorkTreeFiles::new(repository.root()).read("greenlit.toml", LARGEST_SETTINGS);
    match bytes.ok().and_then(|bytes| load_settings(&bytes, specs).0) {
        Some(settings) => (settings.trusted, settings.remote),
        None => ("main".to_owned(), "origin".to_owned()),
    }
}

fn unusable(findings: &[Finding], trusted: &str, tip: ObjectId) -> Failure {
    let settings = findings.iter().filter(|finding| !finding.source.path.starts_with("posts/"));
    let errors = errors(&settings.cloned().collect::<Vec<_>>()).join("\n");
    Failure::broken(
        "workspace/broken",
        format!("nothing can be decided: on {trusted} (commit {tip:.10}) there are errors\n{errors}"),
        "correct them, `greenlit check` shows each in its place, and bring the files to the trusted branch",
    )
}

/// The posts that cannot be used, with what is wrong with each.
fn broken_files(loaded: &Loaded) -> Vec<BrokenFile> {
    let mut by_path: HashMap<&str, Vec<Finding>> = HashMap::new();
    for finding in &loaded.findings {
        by_path.entry(&finding.source.path).or_default().push(finding.clone());
    }
    let file = |broken: &BrokenPost| BrokenFile {
        path: broken.path.clone(),
        id: broken.id.clone(),
        errors: errors(by_path.get(broken.path.as_str()).map(Vec::as_slice).unwrap_or_default()),
    };
    loaded.broken.iter().map(file).collect()
}
