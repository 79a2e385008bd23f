//! All that a command needs to know, collected from commits: the one place where the rooms meet.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Context, Exit, Failure};
use crate::git::ledger::GitLedger;
use crate::git::{Branches, ObjectId, Repository, WorkTreeFiles};
use crate::ledger::{DeliveryKey, Misfit, State, Store, StoreError, fold};
use crate::network;
use crate::plan::{BrokenFile, Candidate, Orphan, Plan, plan};
use crate::policy::{Author, Decision, Dossiers, Evidence, Facts, Question, Statement, evaluate};
use crate::render::{Payload, Reconcile, render};
use crate::rules;
use crate::view::standing::Standing;
use crate::workspace::{
    Account, BrokenPost, FileAssets, Files, Finding, Loaded, NetworkSpec, PersonId, Post, PostId, Roles, Settings,
    load as load_workspace, load_roles, load_settings,
};

/// `roles.toml` may have so many bytes.
const LARGEST_ROLES: u64 = 1 << 20;

/// What the trusted branch's tip says.
pub struct Trusted {
    /// The repository.
    pub repository: Repository,
    /// The names of the branches.
    pub branches: Branches,
    /// The trusted branch's commit. Its roles decide.
    pub tip: ObjectId,
    /// The commit whose settings and posts are read: the trusted one, or what a person decides on before it is merged.
    pub seen: ObjectId,
    /// `greenlit.toml`
    pub settings: Settings,
    /// `roles.toml`
    pub roles: Roles,
    /// The posts without an error, by path.
    pub posts: Vec<Post>,
    /// The files that are no posts because of their errors, by path.
    pub broken: Vec<BrokenFile>,
}

/// What people decided, and what publish would do.
pub struct Gathered {
    /// All decision commits.
    pub evidence: Evidence,
    /// The plan.
    pub plan: Plan,
}

/// How a command ends that shows where things stand: whether something waits for a person.
pub fn exit(plan: &Plan) -> Exit {
    let waits = plan.deliveries.iter().any(|delivery| Standing::from(&delivery.step).needs_a_person());
    if waits || !plan.broken.is_empty() { Exit::Waits } else { Exit::Fine }
}

/// The networks' own keys in `greenlit.toml`.
pub fn network_specs() -> Vec<NetworkSpec> {
    network::all().iter().map(|network| network.capability().account).collect()
}

impl Trusted {
    /// Opens the workspace and reads the trusted branch's tip, after a fetch if asked for.
    ///
    /// # Errors
    /// When there is no workspace or no trusted branch, the remote cannot be reached, or `greenlit.toml` or `roles.toml`
    /// has an error there: then nothing can be decided.
    pub fn read(context: &Context, fetch: bool) -> Result<Self, Failure> {
        let repository = context.repository()?;
        let specs = network_specs();
        let (trusted, remote) = names(&repository, &specs);
        let branches = repository.branches(&trusted, &remote)?;
        if fetch {
            repository.fetch(&branches)?;
        }
        let tip = repository.trusted_tip(&branches)?;
        let loaded = load_workspace(&repository.files(tip)?, &specs);
        let broken = broken_files(&loaded);
        let Loaded { settings, roles, posts, findings, .. } = loaded;
        let (Some(settings), Some(roles)) = (settings, roles) else {
            return Err(unusable(&findings, &trusted, tip));
        };
        if settings.trusted != trusted || settings.remote != remote {
            return Err(Failure::broken(
                "workspace/trusted",
                format!(
                    "greenlit.toml here names the branch {trusted:?} of {remote:?}, and on that branch it names {:?} of {:?}",
                    settings.trusted, settings.remote
                ),
                "bring greenlit.toml here and on the trusted branch together",
            ));
        }
        Ok(Self { repository, branches, tip, seen: tip, settings, roles, posts, broken })
    }

    /// The same with another commit's settings and posts, still under the trusted branch's roles.
    ///
    /// # Errors
    /// When `greenlit.toml` has an error there, or is another workspace's.
    pub fn seeing(self, commit: ObjectId) -> Result<Self, Failure> {
        let loaded = load_workspace(&self.repository.files(commit)?, &network_specs());
        let broken = broken_files(&loaded);
        let Loaded { settings, posts, findings, .. } = loaded;
        let settings = settings.ok_or_else(|| unusable(&findings, "the commit that you named", commit))?;
        if settings.workspace != self.settings.workspace {
            return Err(Failure::broken(
                "workspace/other",
                format!("commit {commit:.10} belongs to another workspace"),
                "leave `workspace` in greenlit.toml as it is on the trusted branch",
            ));
        }
        Ok(Self { seen: commit, settings, posts, broken, ..self })
    }

    /// The ledger, as it was last fetched.
    ///
    /// # Errors
    /// When it is not there, or is not the one that `greenlit.toml` pins.
    pub fn ledger(&self, context: &Context) -> Result<GitLedger<'_>, Failure> {
        let Settings { workspace, ledger, .. } = &self.settings;
        Ok(GitLedger::open(&self.repository, &self.branches, workspace, ledger.as_deref(), context.now)?)
    }

    /// The post of this name or file.
    ///
    /// # Errors
    /// When there is none on the trusted branch, or it has errors there.
    pub fn post(&self, name: &str) -> Result<&Post, Failure> {
        if let Some(post) = self.posts.iter().find(|post| post.id.as_str() == name || post.source.path == name) {
            return Ok(post);
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
        let sound = self.posts.iter().find(|one| one.id == *post).map(|one| one.source.path.as_str());
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

    /// Where what servers say of their limits is kept.
    pub fn instances(&self) -> PathBuf {
        self.repository.git_folder().join("greenlit/instances")
    }

    /// Everything of one delivery that leaves the building, or what keeps it from being made.
    fn payload(&self, post: &Post, account: &Account, assets: &FileAssets<'_>) -> Result<Payload, Vec<String>> {
        let Some(network) = network::named(account.name.network()) else {
            return Err(vec![format!("{}: there is no network {:?}", post.source.path, account.name.network())]);
        };
        let capability = network.capability_of(account, Some(&self.instances()));
        let payload = render(post, account, network.capability(), &self.settings.workspace, assets)
            .map_err(|findings| errors(&findings))?;
        let errors = errors(&rules::check(post, &payload, &capability));
        if errors.is_empty() { Ok(payload) } else { Err(errors) }
    }

    /// Collects what people decided and what the ledger knows, and makes the plan.
    ///
    /// With `only`, the plan is about these posts alone.
    ///
    /// # Errors
    /// When history is not whole, or the ledger cannot be read.
    pub fn gather(&self, store: &dyn Store, context: &Context, only: Option<&[PostId]>) -> Result<Gathered, Failure> {
        let evidence = self.repository.evidence(&self.branches, self.tip)?;
        let plan = self.weigh(&evidence, store, context, only)?;
        Ok(Gathered { evidence, plan })
    }

    /// Makes the plan from what is said to have been decided.
    ///
    /// # Errors
    /// As for [`Trusted::gather`].
    pub fn weigh(
        &self,
        evidence: &Evidence,
        store: &dyn Store,
        context: &Context,
        only: Option<&[PostId]>,
    ) -> Result<Plan, Failure> {
        let files = self.repository.files(self.seen)?;
        let assets = FileAssets::new(&files);
        let wanted = |post: &PostId| only.is_none_or(|only| only.contains(post));
        let mut candidates: Vec<(&Post, Candidate)> = Vec::new();
        for post in self.posts.iter().filter(|post| wanted(&post.id)) {
            for name in &post.to {
                let Some(account) = self.settings.accounts.get(name) else { continue };
                candidates.push((post, self.candidate(post, account, &assets, store)?));
            }
        }
        self.decide(&mut candidates, evidence, context)?;
        let candidates: Vec<Candidate> = candidates.into_iter().map(|(_, candidate)| candidate).collect();
        let open = store.open()?;
        let orphans = orphans(store, open.keys, &candidates, &wanted)?;
        let named = |file: &BrokenFile| only.is_none() || file.id.as_ref().is_some_and(&wanted);
        let broken = self.broken.iter().cloned().chain(open.misfits.into_iter().map(stray)).filter(named).collect();
        Ok(plan(context.now, self.seen.to_string(), candidates, orphans, broken))
    }

    fn candidate(
        &self,
        post: &Post,
        account: &Account,
        assets: &FileAssets<'_>,
        store: &dyn Store,
    ) -> Result<Candidate, Failure> {
        let key = DeliveryKey::once(post.id.clone(), account.name.clone());
        Ok(Candidate {
            title: title(post),
            path: post.source.path.clone(),
            due: post.due,
            draft: post.draft,
            late_after: account.late_after,
            payload: self.payload(post, account, assets),
            decision: None,
            state: state(store, &key)?,
            reconcile: reconcile(&key),
            key,
        })
    }

    /// Holds what people decided against each candidate for which it matters.
    fn decide(
        &self,
        candidates: &mut [(&Post, Candidate)],
        evidence: &Evidence,
        context: &Context,
    ) -> Result<(), Failure> {
        let dossiers = Dossiers::new(evidence);
        let roles_then = self.roles_then();
        let mut paths = BTreeSet::new();
        for (post, candidate) in candidates.iter().filter(|(_, candidate)| candidate.needs_decision()) {
            paths.extend(bound_files(post, candidate));
        }
        let authors = self.repository.authors(self.seen, None, &paths)?;
        for (post, candidate) in candidates.iter_mut().filter(|(_, candidate)| candidate.needs_decision()) {
            candidate.decision = self.decision(post, candidate, &dossiers, &authors, &roles_then, context.now);
        }
        Ok(())
    }

    fn decision(
        &self,
        post: &Post,
        candidate: &Candidate,
        dossiers: &Dossiers<'_>,
        authors: &BTreeMap<String, Vec<Author>>,
        roles_then: &dyn Fn(&Statement) -> Option<Arc<Roles>>,
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let digest = candidate.payload.as_ref().ok()?.digest();
        let files = bound_files(post, candidate);
        let authors: Vec<Author> = files.iter().filter_map(|file| authors.get(file)).flatten().cloned().collect();
        let question = Question {
            workspace: &self.settings.workspace,
            post,
            account: &candidate.key.account,
            digest: &digest,
            due: candidate.due,
            zone: self.settings.timezone,
        };
        let facts = Facts {
            roles: &self.roles,
            roles_then,
            now,
            statements: dossiers.of(&post.id),
            authors: authors.as_slice(),
        };
        Some(evaluate(&question, &facts))
    }

    /// Looks up the roles at the trusted commit that a statement names. Each version of `roles.toml` is read once. The git room has proved already
    /// that the commits which statements name are on the trusted branch.
    pub fn roles_then(&self) -> impl Fn(&Statement) -> Option<Arc<Roles>> {
        let by_commit: RefCell<HashMap<String, Option<Arc<Roles>>>> = RefCell::default();
        let by_blob: RefCell<HashMap<ObjectId, Option<Arc<Roles>>>> = RefCell::default();
        move |statement: &Statement| {
            let commit = statement.policy.as_deref()?;
            if let Some(known) = by_commit.borrow().get(commit) {
                return known.clone();
            }
            let roles = commit.parse().ok().and_then(|id: ObjectId| {
                let files = self.repository.files(id).ok()?;
                let blob = files.blob("roles.toml").ok()?;
                let read = || load_roles(&files.read("roles.toml", LARGEST_ROLES).ok()?).0.map(Arc::new);
                by_blob.borrow_mut().entry(blob).or_insert_with(read).clone()
            });
            by_commit.borrow_mut().insert(commit.to_owned(), roles.clone());
            roles
        }
    }
}

/// The trusted branch and the remote, as the working tree's `greenlit.toml` names them. Where it cannot be read, as most
/// workspaces have them: the file on the branch has the last word.
fn names(repository: &Repository, specs: &[NetworkSpec]) -> (String, String) {
    let bytes = WorkTreeFiles::new(repository.root()).read("greenlit.toml", LARGEST_ROLES);
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

/// `file:line:column: message` for each error.
fn errors(findings: &[Finding]) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.is_error());
    let told = errors.map(|finding| {
        let place = finding.place();
        format!("{}:{}:{}: {}", finding.source.path, place.line, place.column, finding.message)
    });
    told.collect()
}

/// The files whose authors are authors of what goes out.
fn bound_files(post: &Post, candidate: &Candidate) -> Vec<String> {
    let parts = candidate.payload.iter().flat_map(|payload| &payload.parts);
    let media = parts.flat_map(|part| part.media.iter().chain(part.card.as_ref().and_then(|card| card.image.as_ref())));
    let mut files: Vec<String> = media.map(|attachment| attachment.file.clone()).collect();
    files.push(post.source.path.clone());
    files.sort();
    files.dedup();
    files
}

/// The title, or the first words.
fn title(post: &Post) -> String {
    const ENOUGH: usize = 60;
    let first = || post.body.parts.iter().flat_map(|part| part.markdown.lines()).find(|line| !line.trim().is_empty());
    let text = post.title.as_deref().or_else(first).unwrap_or_default().trim();
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Where a delivery stands on the ledger. An entry that is malformed stops this delivery alone.
fn state(store: &dyn Store, key: &DeliveryKey) -> Result<Result<State, String>, Failure> {
    match store.entries(key) {
        Ok(entries) => Ok(Ok(fold(entries))),
        Err(error @ StoreError::Malformed { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn reconcile(key: &DeliveryKey) -> Reconcile {
    network::named(key.account.network()).map_or(Reconcile::None, |network| network.capability().reconcile)
}

/// A file under `open/` on the ledger that is no mark, among the files that people have to look at.
fn stray(misfit: Misfit) -> BrokenFile {
    let Misfit { path, reason } = misfit;
    let error = format!(
        "{path} on greenlit/ledger names no delivery: {reason}; `git log --all -- {path}` says who put it there, remove \
         it with a commit on that branch"
    );
    BrokenFile { path, id: None, errors: vec![error] }
}

/// Claims without an outcome whose post is gone, or goes to other accounts now.
fn orphans(
    store: &dyn Store,
    open: Vec<DeliveryKey>,
    candidates: &[Candidate],
    wanted: &dyn Fn(&PostId) -> bool,
) -> Result<Vec<Orphan>, Failure> {
    let known: BTreeSet<&DeliveryKey> = candidates.iter().map(|candidate| &candidate.key).collect();
    let gone = open.into_iter().filter(|key| wanted(&key.post) && !known.contains(key));
    gone.map(|key| Ok(Orphan { state: state(store, &key)?, reconcile: reconcile(&key), key })).collect()
}
