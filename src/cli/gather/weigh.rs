//! What people decided, held against what would go out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};

use super::permitted::{goes_out, may_send};
use super::rendered::Means;
use super::repeats::saying;
use super::{Gathered, Known, LARGEST_SETTINGS, Trusted};
use crate::cli::{Context, Failure};
use crate::git::ObjectId;
use crate::ledger::{Claim, DeliveryKey, Misfit, State, Store, StoreError, Uncertain};
use crate::network;
use crate::plan::{BrokenFile, Candidate, Orphan, Plan, Saying, plan, wording_matters};
use crate::policy::{
    Author, Chain, Decision, Dossiers, Doubt, Edit, Evidence, Facts, Question, Resolution, Statement, Updatable,
    Update, Verb, evaluate, resolution, stages_for, update,
};
use crate::render::{Digest, Editing, Reconcile};
use crate::workspace::{Account, AccountName, Files, Key, Outline, PostId, Roles, load_roles};

impl Trusted {
    /// Collects what people decided and what the ledger knows, and makes the plan.
    ///
    /// With `only`, the plan is about these posts alone.
    ///
    /// # Errors
    /// When history is not whole, or the ledger cannot be read.
    pub fn gather(&self, store: &dyn Store, context: &Context, only: Option<&[PostId]>) -> Result<Gathered, Failure> {
        let overhearing = self.begin_to_overhear();
        let (known, candidates) = self.candidates(store, context, only)?;
        let unfinished = unfinished(&candidates);
        let open = store.open()?.keys;
        let posts = unfinished.iter().filter_map(|at| known.get(*at)).map(|post| &post.id);
        let posts = posts.chain(open.iter().map(|key| &key.post)).chain(only.into_iter().flatten()).collect();
        let new = those(&candidates, &unfinished, |candidate| candidate.needs_decision() && !candidate.is_changed());
        let (twin, seen, files) = (self.repository.twin()?, self.seen, files_to_decide(&candidates, &new));
        let (evidence, authors) = thread::scope(|scope| {
            let authors = scope.spawn(move || twin.authors(seen, None, &files));
            let evidence = self.evidence_on(overhearing, &posts, store);
            (evidence, authors.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (evidence, mut authors) = (evidence?, authors?);
        let asked = Asked::of(&evidence, only);
        let matters = those(&candidates, &unfinished, |candidate| asked.concerns(candidate));
        let changed = those(&candidates, &matters, Candidate::is_changed);
        if !changed.is_empty() {
            authors.extend(self.repository.authors(seen, None, &files_to_decide(&candidates, &changed))?);
        }
        let plan = self.plan(Pile { known, candidates, matters, authors }, &evidence, store, context, only)?;
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
        let (known, candidates) = self.candidates(store, context, only)?;
        let asked = Asked::of(evidence, only);
        let matters = those(&candidates, &unfinished(&candidates), |candidate| asked.concerns(candidate));
        let authors = self.repository.authors(self.seen, None, &files_to_decide(&candidates, &matters))?;
        self.plan(Pile { known, candidates, matters, authors }, evidence, store, context, only)
    }

    /// The commits that changed what some posts send, since each was last published.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn changes(&self, posts: &[PostId]) -> Result<BTreeSet<String>, Failure> {
        let known = self.posts.iter().filter(|known| posts.contains(&known.id));
        let mut files: BTreeSet<String> = BTreeSet::new();
        for post in known {
            files.insert(post.path.clone());
            files.extend(crate::rules::files(self.whole(post)?).into_iter().map(|(file, _)| file));
        }
        let authors = self.repository.authors(self.seen, None, &files)?;
        Ok(authors.into_values().flatten().map(|author| author.commit).collect())
    }

    /// The deliveries of all posts, or of some, before anyone asks what people decided; and the post of each.
    pub(super) fn candidates(
        &self,
        store: &dyn Store,
        context: &Context,
        only: Option<&[PostId]>,
    ) -> Result<(Vec<&Known>, Vec<Candidate>), Failure> {
        self.render_ahead(only, context)?;
        let files = self.repository.files(self.seen)?;
        let means = self.means(&files);
        let wanted = |post: &PostId| only.is_none_or(|only| only.contains(post));
        let accounts = self.settings.accounts.iter();
        let accounts: BTreeMap<_, _> = accounts.map(|(name, account)| (name, (account, Abilities::of(name)))).collect();
        let most = self.posts.iter().map(|post| post.to.len()).sum();
        let most = if only.is_none() { most } else { 0 };
        let (mut known, mut candidates) = (Vec::with_capacity(most), Vec::with_capacity(most));
        for post in self.posts.iter().filter(|post| wanted(&post.id)) {
            for name in &post.to {
                let Some((account, abilities)) = accounts.get(name) else { continue };
                candidates.push(self.candidate(post, (account, *abilities), &means, store, context)?);
                known.push(post);
            }
        }
        if let Some(remembered) = &self.remembered {
            remembered.keep(&self.posts, &self.broken);
        }
        store.keep();
        Ok((known, candidates))
    }

    fn plan(
        &self,
        Pile { known, mut candidates, matters, authors }: Pile<'_>,
        evidence: &Evidence,
        store: &dyn Store,
        context: &Context,
        only: Option<&[PostId]>,
    ) -> Result<Plan, Failure> {
        let wanted = |post: &PostId| only.is_none_or(|only| only.contains(post));
        self.decide((&known, &mut candidates), &matters, evidence, authors, context.now)?;
        let open = store.open()?;
        let mut orphans = orphans(store, open.keys, &candidates, &wanted)?;
        let known = candidates.iter_mut().map(|one| (&one.state, &mut one.word));
        let words = known.chain(orphans.iter_mut().map(|one| (&one.state, &mut one.word)));
        self.hear_words(words, evidence, context.now);
        orphans.extend(self.retracted_orphans(store, evidence, &candidates, &orphans, &wanted)?);
        let known = candidates.iter_mut().map(|one| (&one.key, &one.state, &mut one.retraction));
        let all = known.chain(orphans.iter_mut().map(|one| (&one.key, &one.state, &mut one.retraction)));
        self.hear_retractions(all, evidence, context.now)?;
        let named = |file: &BrokenFile| only.is_none() || file.id.as_ref().is_some_and(&wanted);
        let broken = self.broken.iter().cloned().chain(open.misfits.into_iter().map(stray)).filter(named).collect();
        Ok(plan(context.now, self.seen.to_string(), candidates, orphans, broken))
    }

    /// What was decided on a delivery as a run of the publisher took it on; `None` where its post cannot be read.
    ///
    /// # Errors
    /// When history is not whole.
    pub fn weigh_claim(&self, claim: &Claim, evidence: &Evidence) -> Result<Option<Decision>, Failure> {
        let Some(known) = self.posts.iter().find(|known| known.id == claim.key.post) else { return Ok(None) };
        let candidate = Candidate {
            title: String::new(),
            path: known.path.clone(),
            due: claim.due,
            draft: false,
            late_after: std::time::Duration::MAX,
            payload: Ok(claim.payload.clone().into()),
            decision: None,
            state: Ok(State::New),
            reconcile: Reconcile::None,
            word: None,
            retraction: None,
            deletes: false,
            saying: Saying::default(),
            update: None,
            editing: Editing::Never { why: "" },
            key: claim.key.clone(),
        };
        let mut candidates = [candidate];
        let authors = self.repository.authors(self.seen, None, &files_to_decide(&candidates, &[0]))?;
        self.decide((&[known], &mut candidates), &[0], evidence, authors, claim.claimed_at)?;
        let [candidate] = candidates;
        Ok(candidate.decision.map(|decision| *decision))
    }

    fn candidate(
        &self,
        known: &Known,
        (account, abilities): (&Account, Abilities),
        means: &Means<'_>,
        store: &dyn Store,
        context: &Context,
    ) -> Result<Candidate, Failure> {
        let key = DeliveryKey::once(known.id.clone(), account.name.clone());
        let state = state(store, &key)?;
        let payload = self.rendered(known, account, means)?.and_then(|rendered| {
            let asks = may_send(&state, &rendered);
            let at = goes_out(known.due, context.now);
            let refusals = if asks { means.refusals(&rendered.media, account, at) } else { Vec::new() };
            if refusals.is_empty() { Ok(rendered) } else { Err(refusals) }
        });
        let saying = match (&payload, &state) {
            (Ok(rendered), Ok(state))
                if wording_matters(state, &rendered.digest, account.duplicate_window, context.now) =>
            {
                let may_send = state.may_send(&rendered.digest);
                let wording = self.wording(known, account, rendered, means)?;
                let said = wording.map(|wording| saying(account, &key, wording, &known.repeats, may_send, store));
                said.transpose()?.unwrap_or_default()
            }
            _ => Saying::default(),
        };
        Ok(Candidate {
            title: known.title.clone(),
            path: known.path.clone(),
            due: known.due,
            draft: known.draft,
            late_after: account.late_after,
            payload,
            decision: None,
            state,
            reconcile: abilities.reconcile,
            word: None,
            retraction: None,
            deletes: abilities.deletes,
            saying,
            update: None,
            editing: abilities.editing,
            key,
        })
    }

    /// Holds what people decided against each candidate for which it matters.
    fn decide(
        &self,
        (known, candidates): (&[&Known], &mut [Candidate]),
        matters: &[usize],
        evidence: &Evidence,
        authors: Authors,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let dossiers = Dossiers::new(evidence);
        let roles_then = self.roles_then();
        let past = Past { authors, landings: self.landings(known, candidates, matters)? };
        for at in matters {
            let (Some(known), Some(candidate)) = (known.get(*at), candidates.get_mut(*at)) else { continue };
            let judged = self.decision(known, candidate, &dossiers, &past, &roles_then, now);
            let (decision, update) = judged.unzip();
            (candidate.decision, candidate.update) = (decision.map(Box::new), update.flatten().map(Box::new));
        }
        Ok(())
    }

    /// Looks for somebody's word on each delivery of which the ledger says that nobody knows.
    fn hear_words<'s>(
        &self,
        doubts: impl Iterator<Item = (&'s Result<State, String>, &'s mut Option<Box<Resolution>>)>,
        evidence: &Evidence,
        now: DateTime<Utc>,
    ) {
        let doubts = doubts.filter_map(|(state, word)| match state {
            Ok(State::Uncertain(_, noted)) => Some((noted, word)),
            _ => None,
        });
        let mut sorted = None;
        for (noted, word) in doubts {
            let dossiers = sorted.get_or_insert_with(|| Dossiers::new(evidence));
            *word = self.word_on(noted, &dossiers.of(&noted.key.post), now).ok().map(Box::new);
        }
    }

    /// Somebody's word on a delivery of which nobody knows.
    ///
    /// # Errors
    /// Why one that was given does not count, for people; an empty text where there is none.
    pub fn word_on(
        &self,
        noted: &Uncertain,
        statements: &[&Statement],
        now: DateTime<Utc>,
    ) -> Result<Resolution, String> {
        let Uncertain { key, digest, noted_at, .. } = noted;
        let workspace = self.settings.workspace.as_str();
        let doubt = Doubt { workspace, post: &key.post, account: &key.account, digest, since: *noted_at };
        let roles_then = self.roles_then();
        let facts = Facts {
            roles: &self.roles,
            roles_then: &roles_then,
            revoked: self.revoked(),
            now,
            statements,
            edits: &[],
            landed: None,
        };
        resolution(&doubt, &facts)
    }

    /// When the files of those deliveries came to the trusted branch that have to be decided within some time; what is
    /// seen elsewhere has not landed.
    fn landings(
        &self,
        known: &[&Known],
        candidates: &[Candidate],
        matters: &[usize],
    ) -> Result<BTreeMap<String, DateTime<Utc>>, Failure> {
        if self.seen != self.tip {
            return Ok(BTreeMap::new());
        }
        let mut paths = BTreeSet::new();
        for (post, candidate) in matters.iter().filter_map(|at| known.get(*at).zip(candidates.get(*at))) {
            let stages = stages_for(&self.roles, post, &candidate.key.account);
            if stages.iter().any(|stage| stage.within.is_some()) {
                paths.extend(bound_files(candidate));
            }
        }
        if paths.is_empty() { Ok(BTreeMap::new()) } else { Ok(self.repository.landings(self.tip, &paths)?) }
    }

    /// What people decided on what the post says; and who asked for what is out to be changed to that.
    fn decision(
        &self,
        post: &Outline,
        candidate: &Candidate,
        dossiers: &Dossiers<'_>,
        past: &Past,
        roles_then: &dyn Fn(&Statement) -> Option<Arc<Roles>>,
        now: DateTime<Utc>,
    ) -> Option<(Decision, Option<Update>)> {
        let digest = &candidate.payload.as_ref().ok()?.digest;
        let files = bound_files(candidate);
        let edits = files.iter().flat_map(|file| {
            let edit = |author: &Author| Edit { path: file.clone(), author: author.clone() };
            past.authors.get(file).into_iter().flatten().map(edit)
        });
        let edits: Vec<Edit> = edits.collect();
        let question = Question {
            workspace: &self.settings.workspace,
            post,
            account: &candidate.key.account,
            digest,
            due: candidate.due,
            zone: self.settings.timezone,
        };
        let facts = Facts {
            roles: &self.roles,
            roles_then,
            revoked: self.revoked(),
            now,
            statements: &dossiers.of(&post.id),
            edits: &edits,
            landed: past.landed(&files),
        };
        let workspace = &self.settings.workspace;
        let of = Updatable { workspace, post, account: &candidate.key.account, digest };
        let asked = candidate.is_changed().then(|| update(&of, &facts).ok()).flatten();
        Some((evaluate(&question, &facts), asked))
    }

    /// The keys that never come back.
    pub fn revoked(&self) -> &BTreeSet<Key> {
        static NONE: BTreeSet<Key> = BTreeSet::new();
        self.chain.as_ref().map_or(&NONE, Chain::revoked)
    }

    /// Looks up the roles that a statement was given under: from the chain of policies; without one, as the commit that it
    /// names has them. The git room has proved already that this commit is on the trusted branch. Each version of
    /// `roles.toml` is read once.
    pub fn roles_then(&self) -> impl Fn(&Statement) -> Option<Arc<Roles>> {
        let by_commit: RefCell<HashMap<String, Option<Arc<Roles>>>> = RefCell::default();
        let by_blob: RefCell<HashMap<ObjectId, Option<Arc<Roles>>>> = RefCell::default();
        move |statement: &Statement| {
            if let Some(chain) = &self.chain {
                return chain.then(statement).map(|era| Arc::clone(&era.policy.roles));
            }
            let commit = statement.policy.as_deref()?;
            if let Some(known) = by_commit.borrow().get(commit) {
                return known.clone();
            }
            let roles = commit.parse().ok().and_then(|id: ObjectId| {
                let files = self.repository.files(id).ok()?;
                let blob = files.blob("roles.toml").ok()?;
                let read = || load_roles(&files.read("roles.toml", LARGEST_SETTINGS).ok()?).0.map(Arc::new);
                by_blob.borrow_mut().entry(blob).or_insert_with(read).clone()
            });
            by_commit.borrow_mut().insert(commit.to_owned(), roles.clone());
            roles
        }
    }
}

/// Who changed files, by their paths.
type Authors = BTreeMap<String, Vec<Author>>;

/// What became of the files of all deliveries that have to be decided, by their paths.
struct Past {
    authors: Authors,
    landings: BTreeMap<String, DateTime<Utc>>,
}

impl Past {
    /// When the last of the files landed; `None` where one has not, or it was not asked for.
    fn landed(&self, files: &[String]) -> Option<DateTime<Utc>> {
        let times: Option<Vec<_>> = files.iter().map(|file| self.landings.get(file).copied()).collect();
        times?.into_iter().max()
    }
}

/// Of what is out and changed since: the deliveries that somebody asked to be changed to what their post says now. Who
/// looks at all posts asks of no other such delivery what people decided on it: nothing comes of that, and to find who
/// wrote an old post is a long way back.
struct Asked<'e> {
    updates: HashSet<(&'e PostId, &'e AccountName, &'e Digest)>,
    looks_at_some: bool,
}

impl<'e> Asked<'e> {
    fn of(evidence: &'e Evidence, only: Option<&[PostId]>) -> Self {
        let updates = evidence.statements.iter().flat_map(|statement| &statement.verbs).filter_map(|verb| match verb {
            Verb::Update { post, account, digest } => Some((post, account, digest)),
            _ => None,
        });
        Self { updates: updates.collect(), looks_at_some: only.is_some() }
    }

    /// Whether it matters what people decided on a delivery.
    fn concerns(&self, candidate: &Candidate) -> bool {
        let is_asked_for = || {
            let digest = candidate.payload.as_ref().map(|rendered| &rendered.digest);
            digest.is_ok_and(|digest| self.updates.contains(&(&candidate.key.post, &candidate.key.account, digest)))
        };
        candidate.needs_decision() && (!candidate.is_changed() || self.looks_at_some || is_asked_for())
    }
}

/// All deliveries, those for which it matters what people decided, and who wrote these.
struct Pile<'k> {
    /// The post of each candidate.
    known: Vec<&'k Known>,
    candidates: Vec<Candidate>,
    matters: Vec<usize>,
    authors: Authors,
}

/// Where the deliveries stand of which something is still to be done. Most are out, and are looked at once.
fn unfinished(candidates: &[Candidate]) -> Vec<usize> {
    let all = candidates.iter().enumerate();
    all.filter(|(_, candidate)| !candidate.is_over()).map(|(at, _)| at).collect()
}

/// Those of some deliveries that are of a kind.
fn those(candidates: &[Candidate], some: &[usize], kind: impl Fn(&Candidate) -> bool) -> Vec<usize> {
    some.iter().copied().filter(|at| candidates.get(*at).is_some_and(&kind)).collect()
}

/// The files of some deliveries.
fn files_to_decide(candidates: &[Candidate], some: &[usize]) -> BTreeSet<String> {
    some.iter().filter_map(|at| candidates.get(*at)).flat_map(bound_files).collect()
}

/// The files whose authors are authors of what goes out.
///
/// `greenlit.toml`, whose template for an account is in what goes out too, is not among them: a change of it makes
/// nobody an author. It takes every approval back (the digest is another), it is in force only once admins approved that
/// very change, and whoever keeps the settings in order would else be shut out from approving any post.
fn bound_files(candidate: &Candidate) -> Vec<String> {
    let mut files: Vec<String> = candidate.payload.iter().flat_map(|rendered| rendered.media.clone()).collect();
    files.push(candidate.path.clone());
    files.sort();
    files.dedup();
    files
}

/// Where a delivery stands on the ledger. An entry that is malformed stops this delivery alone.
pub(super) fn state(store: &dyn Store, key: &DeliveryKey) -> Result<Result<State, String>, Failure> {
    match store.state(key) {
        Ok(state) => Ok(Ok(state)),
        Err(error @ StoreError::Malformed { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// What an account's network can do about what was sent.
#[derive(Clone, Copy)]
pub(super) struct Abilities {
    pub reconcile: Reconcile,
    pub deletes: bool,
    editing: Editing,
}

impl Abilities {
    pub fn of(account: &AccountName) -> Self {
        let none = Self {
            reconcile: Reconcile::None,
            deletes: false,
            editing: Editing::Never { why: "there is no such network" },
        };
        network::named(account.network()).map_or(none, |network| {
            let can = network.capability();
            Self { reconcile: can.reconcile, deletes: can.deletes, editing: can.edit }
        })
    }
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
    let orphan = |key: DeliveryKey| {
        let Abilities { reconcile, deletes, .. } = Abilities::of(&key.account);
        Ok(Orphan { state: state(store, &key)?, reconcile, word: None, retraction: None, deletes, key })
    };
    gone.map(orphan).collect()
}
