//! Posts that were read and rendered before, so that only what is new is read again.
//!
//! A post is remembered where its bytes, the media that it names, the settings, and what each account's network can do
//! are what they were; and only if nothing at all was wrong with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::git::{Cache, CommitFiles, Encoded, Id};
use crate::render::Digest;
use crate::workspace::{AccountName, Memory, Post};

/// The name in the cache.
const NAME: &str = "posts";

/// What is remembered of the posts of one commit.
pub struct Remembered {
    cache: Cache,
    /// All that posts depend on together.
    common: Vec<u8>,
    kept: RefCell<HashMap<String, Kept>>,
    changed: RefCell<bool>,
}

/// One post as it was read.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    blob: Id,
    media: Vec<(String, Id)>,
    post: Encoded,
    digests: BTreeMap<AccountName, Digest>,
}

/// Recalls the posts of a commit.
pub struct Recall<'a> {
    remembered: &'a Remembered,
    files: &'a CommitFiles<'a>,
}

impl Remembered {
    /// What is remembered for these settings and networks, in their exact words.
    pub fn of(cache: &Cache, common: Vec<u8>) -> Self {
        let kept = cache.read(NAME, &[&common]).unwrap_or_default();
        Self { cache: cache.clone(), common, kept: RefCell::new(kept), changed: RefCell::new(false) }
    }

    /// Recalls the posts of a commit.
    pub fn recall<'a>(&'a self, files: &'a CommitFiles<'a>) -> Recall<'a> {
        Recall { remembered: self, files }
    }

    /// Takes in the posts of a commit that were read without any finding; forgets those that are gone.
    pub fn learn(&self, posts: &[Post], files: &CommitFiles<'_>, faulty: &HashSet<&str>) {
        let mut kept = self.kept.borrow_mut();
        for post in posts.iter().filter(|post| !faulty.contains(post.source.path.as_str())) {
            let Ok(blob) = files.blob(&post.source.path).map(Id::from) else { continue };
            let media = media(post).map(|file| Some((file.to_owned(), files.blob(file).ok()?.into())));
            let Some(media) = media.collect::<Option<Vec<(String, Id)>>>() else { continue };
            let known = kept.get(&post.source.path).is_some_and(|kept| kept.blob == blob && kept.media == media);
            if !known {
                let Some(encoded) = Encoded::of(post) else { continue };
                let new = Kept { blob, media, post: encoded, digests: BTreeMap::new() };
                kept.insert(post.source.path.clone(), new);
                self.changed.replace(true);
            }
        }
        let there: HashSet<&str> = posts.iter().map(|post| post.source.path.as_str()).collect();
        let before = kept.len();
        kept.retain(|path, _| there.contains(path.as_str()) && !faulty.contains(path.as_str()));
        if kept.len() != before {
            self.changed.replace(true);
        }
    }

    /// The digest of what a post sends to an account.
    pub fn digest(&self, post: &Post, account: &AccountName) -> Option<Digest> {
        self.kept.borrow().get(&post.source.path)?.digests.get(account).cloned()
    }

    /// Takes in the digest of a payload that breaks no rule.
    pub fn learn_digest(&self, post: &Post, account: &AccountName, digest: &Digest) {
        if let Some(kept) = self.kept.borrow_mut().get_mut(&post.source.path) {
            kept.digests.insert(account.clone(), digest.clone());
            self.changed.replace(true);
        }
    }

    /// Keeps what was learnt for the next time.
    pub fn keep(&self) {
        if self.changed.replace(false) {
            self.cache.write(NAME, &[&self.common], &*self.kept.borrow());
        }
    }
}

impl Memory for Recall<'_> {
    fn recall(&self, path: &str) -> Option<Post> {
        let kept = self.remembered.kept.borrow();
        let kept = kept.get(path)?;
        let is = |path: &str, blob: Id| self.files.blob(path).is_ok_and(|there| Id::from(there) == blob);
        let same = is(path, kept.blob) && kept.media.iter().all(|(file, blob)| is(file, *blob));
        if same { kept.post.decode() } else { None }
    }
}

/// The files that a post names.
fn media(post: &Post) -> impl Iterator<Item = &str> {
    let card = post.link.iter().filter_map(|link| link.image.as_ref());
    post.media.iter().chain(card).map(|media| media.file.as_str())
}
