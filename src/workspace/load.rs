//! Reads a whole workspace: every fault of every file in one go, and the good posts whatever the others are like.

use std::sync::Arc;

use super::files::{FileProblem, Files};
use super::finding::Finding;
use super::loaded::{BrokenPost, Forgetful, Loaded, LoadedPost, Memory, Scope};
use super::media_files::MediaFiles;
use super::roles::Roles;
use super::settings::{NetworkSpec, Settings};
use super::source::Source;
use super::{post_file, posts, roles_file, settings_file};

/// Reads a commit's or the working tree's workspace.
pub fn load(files: &dyn Files, networks: &[NetworkSpec]) -> Loaded {
    load_remembering(files, networks, &Forgetful)
}

/// The same without reading what is remembered.
pub fn load_remembering(files: &dyn Files, networks: &[NetworkSpec], memory: &dyn Memory) -> Loaded {
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
    // What is remembered was sound under settings that are.
    let memory = if loaded.settings.is_some() { memory } else { &Forgetful };
    posts::load(files, &scope, memory, &mut loaded);
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
