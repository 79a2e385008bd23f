//! What reading gives, and what it needs to know.

use std::ops::Range;
use std::sync::Arc;

use super::files::Files;
use super::finding::Finding;
use super::names::PostId;
use super::post::Post;
use super::roles::Roles;
use super::settings::{NetworkSpec, Settings};
use super::source::Source;

/// A workspace, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// `None` where `greenlit.toml` has an error or is not there.
    pub settings: Option<Settings>,
    /// `None` where `roles.toml` has an error or is not there.
    pub roles: Option<Roles>,
    /// The posts without an error that were read, by path.
    pub posts: Vec<Post>,
    /// The files of those without an error that were not read but remembered, by path.
    pub recalled: Vec<String>,
    /// The posts with an error, by path.
    pub broken: Vec<BrokenPost>,
    /// All that is wrong, by file and place.
    pub findings: Vec<Finding>,
    /// What could be read in spite of errors: for `check`, which looks for more of them. Nothing of it may go out.
    pub doubtful: Doubtful,
}

/// Settings and posts that have errors, as far as they could be read.
#[derive(Debug, Clone, Default)]
pub struct Doubtful {
    /// The settings; the good ones too.
    pub settings: Option<Settings>,
    /// The posts, by path; the good ones are not among them unless the settings are broken.
    pub posts: Vec<Post>,
}

/// A post that cannot be used; its findings say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPost {
    /// Path from the workspace's root.
    pub path: String,
    /// Its id, where that could be read.
    pub id: Option<PostId>,
}

/// What a post is read against.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Accounts, groups and the time zone. Without them names are not resolved, and no post is good.
    pub settings: Option<&'a Settings>,
    /// The networks there are.
    pub networks: &'a [NetworkSpec],
    /// Where the media are. Without them media files are not looked for.
    pub files: Option<&'a dyn Files>,
}

/// Remembers posts that were read before.
pub trait Memory {
    /// The id of the post in a file, where the same bytes, settings and media were read before and had no fault.
    fn recall(&self, path: &str) -> Option<PostId>;

    /// Whether it remembers nothing at all.
    fn is_empty(&self) -> bool {
        false
    }
}

/// Remembers nothing.
pub struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self, _: &str) -> Option<PostId> {
        None
    }

    fn is_empty(&self) -> bool {
        true
    }
}

/// One post, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct LoadedPost {
    /// `None` where it has an error.
    pub post: Option<Post>,
    /// Its id, where that could be read.
    pub id: Option<PostId>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The post as far as it could be read, where it has an error.
    pub(super) doubtful: Option<Post>,
    /// Whether it was remembered, and not read.
    pub(super) recalled: bool,
    /// The file, where it could be read as text.
    pub(super) source: Option<Arc<Source>>,
    /// Where the file says the id; empty where the file's name does.
    pub(super) id_span: Range<usize>,
}
