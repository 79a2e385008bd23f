//! Reads a whole workspace: every fault of every file in one go, and the good posts whatever the others are like.

use super::files::Files;
use super::finding::Finding;
use super::names::PostId;
use super::post::Post;
use super::roles::Roles;
use super::settings::{NetworkSpec, Settings};
use super::{roles_file, settings_file};

/// A workspace, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// `None` where `greenlit.toml` has an error or is not there.
    pub settings: Option<Settings>,
    /// `None` where `roles.toml` has an error or is not there.
    pub roles: Option<Roles>,
    /// The posts without an error, by path.
    pub posts: Vec<Post>,
    /// The posts with an error, by path.
    pub broken: Vec<BrokenPost>,
    /// All that is wrong, by file and place.
    pub findings: Vec<Finding>,
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

/// One post, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub struct LoadedPost {
    /// `None` where it has an error.
    pub post: Option<Post>,
    /// Its id, where that could be read.
    pub id: Option<PostId>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Reads a commit's or the working tree's workspace.
pub fn load(files: &dyn Files, networks: &[NetworkSpec]) -> Loaded {
    let _ = (files, networks);
    Loaded::default()
}

/// Reads the bytes of a `greenlit.toml`. The settings are there only where no finding is an error.
pub fn load_settings(bytes: &[u8], networks: &[NetworkSpec]) -> (Option<Settings>, Vec<Finding>) {
    let (settings, findings) = settings_file::read(bytes, networks);
    let sound = !findings.iter().any(Finding::is_error);
    (settings.filter(|_| sound), findings)
}

/// Reads the bytes of a `roles.toml`, of any commit. The roles are there only where no finding is an error.
pub fn load_roles(bytes: &[u8]) -> (Option<Roles>, Vec<Finding>) {
    roles_file::read(bytes)
}

/// Reads the bytes of a post.
pub fn load_post(path: &str, bytes: &[u8], scope: &Scope<'_>) -> LoadedPost {
    let _ = (path, bytes, scope);
    LoadedPost::default()
}
