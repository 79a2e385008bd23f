//! All posts of a workspace, and what can be wrong between them.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::files::{FileEntry, FileProblem, Files};
use super::finding::Finding;
use super::loaded::{BrokenPost, Forgetful, Loaded, LoadedPost, Memory, Scope};
use super::media_files::MediaFiles;
use super::names::PostId;
use super::post_file;
use super::side_by_side::in_parts_of_files;
use super::source::Source;

const FOLDER: &str = "posts";

/// Reads every post into `loaded`, except those that are remembered.
pub fn load(files: &dyn Files, scope: &Scope<'_>, memory: &dyn Memory, loaded: &mut Loaded) {
    let entries = match files.names(FOLDER) {
        Ok(entries) => entries,
        Err(problem) => {
            let finding = about(FOLDER, "post/irregular", format!("the folder `posts` cannot be read: {problem}"));
            loaded.findings.push(finding.help("make it a folder of the workspace itself"));
            loaded.broken.push(BrokenPost { path: FOLDER.to_owned(), id: None });
            return;
        }
    };
    let mut posts = read_all(files, &entries, scope, memory);
    let alike = mark_twins(&mut posts) | mark_duplicates(&mut posts);
    if alike && posts.iter().any(|(_, post)| post.recalled) {
        // A fault between posts has its place in their files, which nobody remembers.
        posts = read_all(files, &entries, scope, &Forgetful);
        mark_twins(&mut posts);
        mark_duplicates(&mut posts);
    }
    loaded.posts.reserve(posts.len());
    for (path, post) in posts {
        if post.recalled {
            loaded.recalled.push(path);
            continue;
        }
        let broken = post.findings.iter().any(Finding::is_error);
        loaded.findings.extend(post.findings);
        match (post.post, post.doubtful) {
            (Some(post), _) if !broken => loaded.posts.push(post),
            (readable, doubtful) => {
                loaded.doubtful.posts.extend(readable.or(doubtful));
                loaded.broken.push(BrokenPost { path, id: post.id });
            }
        }
    }
}

fn read_all(
    files: &dyn Files,
    entries: &[FileEntry],
    scope: &Scope<'_>,
    memory: &dyn Memory,
) -> Vec<(String, LoadedPost)> {
    if !memory.is_empty() {
        return read_some(files, entries, scope, memory);
    }
    let (settings, networks, looks) = (scope.settings, scope.networks, scope.files.is_some());
    in_parts_of_files(files, entries, |files, some| {
        let scope = Scope { settings, networks, files: Some(files).filter(|_| looks) };
        read_some(files, some, &scope, &Forgetful)
    })
}

fn read_some(
    files: &dyn Files,
    entries: &[FileEntry],
    scope: &Scope<'_>,
    memory: &dyn Memory,
) -> Vec<(String, LoadedPost)> {
    let media = scope.files.map(MediaFiles::new);
    let mut posts: Vec<(String, LoadedPost)> = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(what) = entry.irregular {
            let message = format!("{} is a {what}: posts are regular files", entry.path);
            let finding = about(&entry.path, "post/irregular", message).help("put the file itself in its place");
            posts.push((entry.path.clone(), LoadedPost { findings: vec![finding], ..LoadedPost::default() }));
        } else if is_post(&entry.path) {
            let post = match memory.recall(&entry.path) {
                Some(id) => LoadedPost { id: Some(id), recalled: true, ..LoadedPost::default() },
                None => read(files, entry, scope, media.as_ref()),
            };
            posts.push((entry.path.clone(), post));
        }
    }
    posts
}

/// Whether a path is a post's.
fn is_post(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("md"))
}

fn read(files: &dyn Files, entry: &FileEntry, scope: &Scope<'_>, media: Option<&MediaFiles<'_>>) -> LoadedPost {
    match files.read(&entry.path, post_file::LARGEST) {
        Ok(bytes) => post_file::read(&entry.path, &bytes, scope, media),
        Err(FileProblem::TooLarge { size, .. }) => {
            LoadedPost { findings: vec![post_file::too_large(&entry.path, size)], ..LoadedPost::default() }
        }
        Err(problem) => {
            let message = format!("{} cannot be read: {problem}", entry.path);
            let finding = about(&entry.path, "post/unreadable", message).help("see whether the file can be opened");
            LoadedPost { findings: vec![finding], ..LoadedPost::default() }
        }
    }
}

fn about(path: &str, code: &'static str, message: String) -> Finding {
    Finding::error(code, &Arc::new(Source::new(path, "")), 0..0, message)
}

/// What names that some file systems or people take for the same have in common.
fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// Paths that are one file on some machines and two on others: what is published would depend on the machine.
/// Whether there are any.
fn mark_twins(posts: &mut [(String, LoadedPost)]) -> bool {
    let names = posts.iter().enumerate().map(|(index, (path, _))| (fold(path), index));
    let groups = groups(names.collect());
    for twins in &groups {
        mark_each(posts, twins, |path, other, _| {
            let message = format!("{path} differs from {other} only in case or in how an accent is written");
            about(path, "post/twin-path", message).help("rename one of them")
        });
    }
    !groups.is_empty()
}

/// Posts with the same id: nobody could tell which of them was approved. Whether there are any.
fn mark_duplicates(posts: &mut [(String, LoadedPost)]) -> bool {
    let ids = posts.iter().enumerate().filter_map(|(index, (_, post))| Some((fold(post.id.as_ref()?.as_str()), index)));
    let groups = groups(ids.collect());
    for twins in &groups {
        mark_each(posts, twins, |path, other, post| {
            let id = post.id.as_ref().map_or("", PostId::as_str);
            let message = format!("the id `{id}` is taken twice: here and in {other}");
            let source = post.source.clone().unwrap_or_else(|| Arc::new(Source::new(path, "")));
            Finding::error("post/duplicate-id", &source, post.id_span.clone(), message)
                .label("the same id")
                .help("give one of them another `id:`")
        });
    }
    !groups.is_empty()
}

/// The places that have one name together, in order of the names.
fn groups(mut names: Vec<(String, usize)>) -> Vec<Vec<usize>> {
    names.sort_unstable();
    let alike = names.chunk_by(|(a, _), (b, _)| a == b).filter(|group| group.len() > 1);
    alike.map(|group| group.iter().map(|(_, index)| *index).collect()).collect()
}

/// Adds a finding to each of several posts that names one of the others.
fn mark_each(
    posts: &mut [(String, LoadedPost)],
    group: &[usize],
    finding: impl Fn(&str, &str, &LoadedPost) -> Finding,
) {
    let paths: Vec<String> = group.iter().filter_map(|i| posts.get(*i)).map(|(path, _)| path.clone()).collect();
    for index in group {
        if let Some((path, post)) = posts.get_mut(*index) {
            let other = paths.iter().find(|other| *other != path).map_or("", String::as_str);
            let finding = finding(path, other, post);
            post.findings.push(finding);
        }
    }
}
