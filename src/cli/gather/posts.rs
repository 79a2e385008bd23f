//! The posts of a commit: an outline of each, and the whole of those that somebody asks for.

use std::cell::{OnceCell, RefCell};
use std::ops::Deref;

use super::{LARGEST_SETTINGS, Trusted, errors, network_specs};
use crate::cli::Failure;
use crate::git::{CommitFiles, Id};
use crate::plan::Rendered;
use crate::render::{Digest, Payload, Wording};
use crate::workspace::{AccountName, Files, Outline, Post, Scope, load_post};

/// A post without an error.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Known {
    outline: Outline,
    /// What it was read from, where that matters.
    pub(super) origin: Option<Origin>,
    /// What it sends to each of its accounts, in their order, as far as that was rendered.
    sent: RefCell<Vec<Option<Sent>>>,
    #[serde(skip)]
    whole: OnceCell<Post>,
}

/// What a post sends to an account: a payload that breaks no rule, in short.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sent {
    digest: Digest,
    media: Vec<String>,
    /// What it says, where that mattered to somebody; inside, `None` where it says nothing.
    wording: Option<Option<Wording>>,
}

impl Sent {
    /// What a payload is in short, and what it says where that is known.
    pub fn of(payload: &Payload, wording: Option<Option<Wording>>) -> Self {
        Self { digest: payload.digest(), media: payload.media().map(str::to_owned).collect(), wording }
    }
}

/// What a post is made of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// Its file.
    blob: Id,
    /// The files that it names.
    media: Vec<(String, Id)>,
}

impl Deref for Known {
    type Target = Outline;

    fn deref(&self) -> &Outline {
        &self.outline
    }
}

impl Known {
    /// A post that was read.
    pub fn new(post: Post, origin: Option<Origin>) -> Self {
        let sent = RefCell::new(vec![None; post.to.len()]);
        Self { outline: Outline::from(&post), origin, sent, whole: OnceCell::from(post) }
    }

    /// What it sends to an account, where that is known.
    pub fn sent(&self, account: &AccountName) -> Option<Rendered> {
        let all = self.sent.borrow();
        let Sent { digest, media, .. } = all.get(self.place(account)?)?.as_ref()?;
        Some(Rendered { digest: digest.clone(), media: media.clone(), payload: None })
    }

    /// What it says to an account, where that is known; inside, `None` where it says nothing.
    pub fn says(&self, account: &AccountName) -> Option<Option<Wording>> {
        self.sent.borrow().get(self.place(account)?)?.as_ref()?.wording.clone()
    }

    /// The whole of it, where it was read and nothing is known of what it sends.
    pub fn just_read(&self) -> Option<&Post> {
        self.whole.get().filter(|_| self.sent.borrow().iter().all(Option::is_none))
    }

    /// Takes in what it sends to each of its accounts, in their order.
    pub fn learn_all(&self, sent: Vec<Option<Sent>>) {
        self.sent.replace(sent);
    }

    /// Takes in what it sends to an account.
    pub fn learn(&self, account: &AccountName, sent: Sent) {
        let mut all = self.sent.borrow_mut();
        if let Some(place) = self.place(account).and_then(|place| all.get_mut(place)) {
            *place = Some(sent);
        }
    }

    /// Takes in what it says to an account, where it is known what it sends there.
    pub fn learn_wording(&self, account: &AccountName, wording: Option<&Wording>) {
        let mut all = self.sent.borrow_mut();
        if let Some(Some(sent)) = self.place(account).and_then(|place| all.get_mut(place)) {
            sent.wording = Some(wording.cloned());
        }
    }

    fn place(&self, account: &AccountName) -> Option<usize> {
        self.to.iter().position(|to| to == account)
    }
}

impl Origin {
    /// What a post of a commit is made of; `None` where a file of it is missing.
    pub fn of(post: &Post, files: &CommitFiles<'_>) -> Option<Self> {
        let card = post.link.iter().filter_map(|link| link.image.as_ref());
        let media = post.media.iter().chain(card).map(|media| media.file.as_str());
        let media = media.map(|file| Some((file.to_owned(), files.blob(file).ok()?.into())));
        Some(Self { blob: files.blob(&post.source.path).ok()?.into(), media: media.collect::<Option<_>>()? })
    }

    /// Whether the post in this file is made of the same in a commit.
    pub fn is_in(&self, path: &str, files: &CommitFiles<'_>) -> bool {
        let is = |path: &str, blob: Id| files.blob(path).is_ok_and(|there| Id::from(there) == blob);
        is(path, self.blob) && self.media.iter().all(|(file, blob)| is(file, *blob))
    }
}

impl Trusted {
    /// The post of this name or file, if it is there and sound.
    pub fn known(&self, name: &str) -> Option<&Known> {
        self.posts.iter().find(|post| post.id.as_str() == name || post.path == name)
    }

    /// All of a post.
    ///
    /// # Errors
    /// When it has to be read again, and cannot be.
    pub fn whole<'t>(&'t self, known: &'t Known) -> Result<&'t Post, Failure> {
        if let Some(post) = known.whole.get() {
            return Ok(post);
        }
        let post = self.read_again(&known.path)?;
        Ok(known.whole.get_or_init(|| post))
    }

    fn read_again(&self, path: &str) -> Result<Post, Failure> {
        let files = self.repository.files(self.seen)?;
        let unreadable = |why: String| {
            Failure::broken("post/broken", format!("{path} cannot be read again\n{why}"), "`greenlit check` says more")
        };
        let bytes = files.read(path, LARGEST_SETTINGS).map_err(|problem| unreadable(problem.to_string()))?;
        let networks = network_specs();
        let scope = Scope { settings: Some(&self.settings), networks: &networks, files: Some(&files) };
        let read = load_post(path, &bytes, &scope);
        read.post.ok_or_else(|| unreadable(errors(&read.findings).join("\n")))
    }
}
