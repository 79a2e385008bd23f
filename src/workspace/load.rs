//! Reads a whole workspace: every fault of every file in one go, and the good posts whatever the others are like.

use std::ops::Range;
use std::sync::Arc;

use super::files::{FileProblem, Files};
use super::finding::Finding;
use super::media_files::MediaFiles;
use super::names::PostId;
use super::post::Post;
use super::roles::Roles;
use super::settings::{NetworkSpec, Settings};
use super::source::Source;
use super::{post_file, posts, roles_file, settings_file};

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
    /// The file, where it could be read as text.
    pub(super) source: Option<Arc<Source>>,
    /// Where the file says the id; empty where the file's name does.
    pub(super) id_span: Range<usize>,
}

/// Reads a commit's or the working tree's workspace.
pub fn load(files: &dyn Files, networks: &[NetworkSpec]) -> Loaded {
    let mut loaded = Loaded::default();
    // Posts are held against what can be known of settings that have an error, too.
    let known = match files.read(settings_file::PATH, LARGEST_SETTINGS) {
        Ok(bytes) => {
            let (known, findings) = settings_file::read(&bytes, networks);
            loaded.settings = known.clone().filter(|_| !findings.iter().any(Finding::is_error));
            loaded.findings.extend(findings);
            known
        }
        Err(problem) => {
            loaded.findings.push(unreadable("settings/unreadable", settings_file::PATH, &problem));
            None
        }
    };
    match files.read(roles_file::PATH, LARGEST_SETTINGS) {
        Ok(bytes) => {
            let (roles, findings) = roles_file::read(&bytes);
            loaded.roles = roles;
            loaded.findings.extend(findings);
        }
        Err(problem) => loaded.findings.push(unreadable("roles/unreadable", roles_file::PATH, &problem)),
    }
    let scope = Scope { settings: known.as_ref(), networks, files: Some(files) };
    posts::load(files, &scope, &mut loaded);
    loaded.findings.sort_by(|a, b| (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start)));
    if loaded.settings.is_none() {
        for post in loaded.posts.drain(..) {
            loaded.broken.push(BrokenPost { path: post.source.path.clone(), id: Some(post.id.clone()) });
            loaded.doubtful.posts.push(post);
        }
        loaded.broken.sort_by(|a, b| a.path.cmp(&b.path));
    }
    loaded.doubtful.settings = known;
    loaded
}

const LARGEST_SETTINGS: u64 = 1 << 20;

fn unreadable(code: &'static str, path: &'static str, problem: &FileProblem) -> Finding {
    let source = Arc::new(Source::new(path, ""));
    Finding::error(code, &source, 0..0, format!("{path} cannot be read: {problem}"))
        .help("run `greenlit init` in a new workspace, or bring the file back: `git log -- greenlit.toml roles.toml`")
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
    let media = scope.files.map(MediaFiles::new);
    post_file::read(path, bytes, scope, media.as_ref())
}
