//! What each delivery sends and says: rendered, or known from the last time where people only look.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::permitted::Permits;
use super::posts::Sent;
use super::{Known, Trusted, errors};
use crate::cli::{Context, Failure};
use crate::git::CommitFiles;
use crate::ledger::{DeliveryKey, Published};
use crate::network::{self, Network, Surroundings};
use crate::plan::{Rendered, wording_may_matter};
use crate::render::{Capability, Payload, Wording, render};
use crate::rules;
use crate::workspace::{Account, AccountName, FileAssets, Post, PostId, Settings};

/// What it takes to render a post, beside the post.
pub(super) struct Means<'a> {
    settings: &'a Settings,
    files: &'a CommitFiles<'a>,
    permits: Permits,
    assets: FileAssets<'a>,
    /// Where what servers say of their limits is kept.
    instances: PathBuf,
    /// What each account's network can do.
    able: RefCell<BTreeMap<&'a AccountName, Capability>>,
    /// The accounts whose servers were asked what they take; `None` where none may be asked.
    asked: Option<RefCell<HashSet<AccountName>>>,
}

impl<'a> Means<'a> {
    fn new(settings: &'a Settings, files: &'a CommitFiles<'a>, instances: &Path, online: bool) -> Self {
        let able = settings.accounts.iter().filter_map(|(name, account)| {
            Some((name, network::named(name.network())?.capability_of(account, Some(instances))))
        });
        Self {
            settings,
            files,
            permits: Permits::default(),
            assets: FileAssets::new(files),
            instances: instances.to_owned(),
            able: RefCell::new(able.collect()),
            asked: online.then(RefCell::default),
        }
    }

    /// What keeps the files of a delivery from going out at a time.
    pub(super) fn refusals(&self, media: &[String], account: &Account, at: DateTime<Utc>) -> Vec<String> {
        self.permits.refusals(media, &account.name, at, self.files, self.settings)
    }

    /// Everything of one delivery that leaves the building, or what keeps it from being made.
    fn payload(&self, post: &Post, account: &Account) -> Result<Payload, Vec<String>> {
        let network = network::named(account.name.network());
        let Some(network) = network else {
            return Err(vec![format!("{}: there is no network {:?}", post.source.path, account.name.network())]);
        };
        let payload = render(post, account, network.capability(), &self.settings.workspace, &self.assets)
            .map_err(|findings| errors(&findings))?;
        let check = || {
            let able = self.able.borrow();
            let able = able.get(&account.name).unwrap_or(network.capability());
            errors(&rules::check(post, &payload, able, &self.assets))
        };
        let mut errors = check();
        if !errors.is_empty() && self.learns(network, account) {
            errors = check();
        }
        if errors.is_empty() { Ok(payload) } else { Err(errors) }
    }

    /// What breaks a network's usual limits may be within those of the account's own server: it is asked, once.
    fn learns(&self, network: &dyn Network, account: &Account) -> bool {
        let Some(asked) = &self.asked else { return false };
        if !asked.borrow_mut().insert(account.name.clone()) {
            return false;
        }
        let surroundings = Surroundings { cache: Some(self.instances.clone()), ..Surroundings::default() };
        let learnt = network.learn(account, &surroundings);
        if let Some(able) = self.able.borrow_mut().get_mut(&account.name).filter(|_| learnt) {
            *able = network.capability_of(account, Some(&self.instances));
        }
        learnt
    }

    /// What a post sends to each of its accounts, in their order; `None` where it cannot be sent.
    fn sent(&self, post: &Post, context: &Context) -> Vec<Option<Sent>> {
        let sent = |name: &AccountName| {
            let account = self.settings.accounts.get(name)?;
            let payload = self.payload(post, account).ok()?;
            let wording = wording_may_matter(post.due, account.duplicate_window, context.now);
            Some(Sent::of(&payload, wording.then(|| Wording::of(&payload))))
        };
        post.to.iter().map(sent).collect()
    }
}

impl Trusted {
    /// What it takes to render the posts of a commit.
    pub(super) fn means<'a>(&'a self, files: &'a CommitFiles<'a>) -> Means<'a> {
        Means::new(&self.settings, files, &self.instances(), self.online)
    }

    /// Renders the posts that were just read, on all processors, where people only look. What cannot be rendered so is left
    /// to whoever asks for it.
    pub(super) fn render_ahead(&self, only: Option<&[PostId]>, context: &Context) -> Result<(), Failure> {
        let Some(remembered) = self.remembered.as_ref().filter(|_| only.is_none()) else { return Ok(()) };
        let new: Vec<(&Known, &Post)> =
            self.posts.iter().filter_map(|known| Some((known, known.just_read()?))).collect();
        let posts: Vec<&Post> = new.iter().map(|(_, post)| *post).collect();
        let (settings, instances, seen) = (&self.settings, self.instances(), self.seen);
        let sent = self.repository.share_out(&posts, |repository, posts| {
            let files = repository.files(seen)?;
            let means = Means::new(settings, &files, &instances, false);
            Ok(posts.iter().map(|post| means.sent(post, context)).collect())
        })?;
        for ((known, _), sent) in new.into_iter().zip(sent) {
            known.learn_all(sent);
            remembered.change();
        }
        Ok(())
    }

    /// What a delivery sends, with its digest. Where people only look, it is enough to know what that was the last time.
    pub(super) fn rendered(
        &self,
        known: &Known,
        account: &Account,
        means: &Means<'_>,
    ) -> Result<Result<Rendered, Vec<String>>, Failure> {
        if let Some(sent) = self.remembered.as_ref().and_then(|_| known.sent(&account.name)) {
            return Ok(Ok(sent));
        }
        let payload = means.payload(self.whole(known)?, account);
        if let (Some(remembered), Ok(payload)) = (&self.remembered, &payload) {
            known.learn(&account.name, Sent::of(payload, None));
            remembered.change();
        }
        Ok(payload.map(Rendered::from))
    }

    /// What a delivery says; `None` where it says nothing. Where people only look, it is enough to know what that was the
    /// last time.
    pub(super) fn wording(
        &self,
        known: &Known,
        account: &Account,
        rendered: &Rendered,
        means: &Means<'_>,
    ) -> Result<Option<Wording>, Failure> {
        if let Some(said) = self.remembered.as_ref().and_then(|_| known.says(&account.name)) {
            return Ok(said);
        }
        let wording = match &rendered.payload {
            Some(payload) => Wording::of(payload),
            None => means.payload(self.whole(known)?, account).ok().as_ref().and_then(Wording::of),
        };
        if let Some(remembered) = &self.remembered {
            known.learn_wording(&account.name, wording.as_ref());
            remembered.change();
        }
        Ok(wording)
    }

    /// The deliveries among these that would send something else by now than what is out.
    ///
    /// # Errors
    /// When the files of the trusted branch cannot be read.
    pub fn changed_since(&self, out: &[Published]) -> Result<BTreeSet<DeliveryKey>, Failure> {
        let files = self.repository.files(self.seen)?;
        let means = self.means(&files);
        let posts: HashMap<&PostId, &Known> = self.posts.iter().map(|known| (&known.id, known)).collect();
        let mut changed = BTreeSet::new();
        for Published { key, digest, .. } in out {
            let Some(known) = posts.get(&key.post).filter(|known| known.to.contains(&key.account)) else { continue };
            let Some(account) = self.settings.accounts.get(&key.account) else { continue };
            if self.rendered(known, account, &means)?.is_ok_and(|now| now.digest != *digest) {
                changed.insert(key.clone());
            }
        }
        Ok(changed)
    }
}
