//! The files that are examined together: the workflows, and what of the same repository they take over.

use std::collections::HashMap;
use std::sync::Arc;

use super::Forge;
use super::document::{self, Document};
use super::forge::{GITLAB, folders};
use super::node::{Node, Span};
use crate::workspace::{FileProblem, Files, Finding, Source, glob};

/// More than any workflow needs, in bytes.
const LARGEST: u64 = 1 << 20;
/// Files that are read at most.
const MOST_FILES: usize = 256;

/// Workflow files, read.
pub struct Shelf {
    pub sources: Vec<Arc<Source>>,
    documents: Vec<Option<Document>>,
    places: HashMap<String, usize>,
    /// The workflows that a forge finds by itself.
    own: Vec<usize>,
    /// Why a file that is named cannot be had.
    refused: HashMap<String, FileProblem>,
    /// What cannot be read.
    pub faults: Vec<Finding>,
}

impl Shelf {
    /// Reads the workflows of all forges and, as far as they lie in this repository, the files that these take over.
    pub fn gather(files: &dyn Files) -> Self {
        let mut shelf = Self {
            sources: Vec::new(),
            documents: Vec::new(),
            places: HashMap::new(),
            own: Vec::new(),
            refused: HashMap::new(),
            faults: Vec::new(),
        };
        let listed = folders().flat_map(|folder| files.names(folder).unwrap_or_default()).map(|entry| entry.path);
        for path in listed.chain([GITLAB.to_owned()]).filter(|path| Forge::of_file(path).is_some()) {
            if let Some(file) = shelf.read(files, &path) {
                shelf.own.push(file);
            } else if matches!(shelf.refused.get(&path), Some(FileProblem::Irregular(_))) {
                shelf.unreadable(&path);
            }
        }
        // What is read names more, which is put behind the last.
        let mut at = 0;
        while let Some(source) = shelf.sources.get(at) {
            let gitlab = is_gitlabs(&shelf, at, &source.path);
            let named = shelf.documents.get(at).and_then(Option::as_ref).map(|document| {
                if gitlab { local_includes(&document.root, files) } else { local_uses(&document.root) }
            });
            for path in named.unwrap_or_default() {
                shelf.read(files, &path);
            }
            at += 1;
        }
        shelf
    }

    /// The workflows that a forge finds by itself, with the forge.
    pub fn workflows(&self) -> impl Iterator<Item = (Forge, usize)> {
        self.own.iter().filter_map(|file| Some((Forge::of_file(&self.sources.get(*file)?.path)?, *file)))
    }

    /// What a file says.
    pub fn document(&self, file: usize) -> Option<&Document> {
        self.documents.get(file).and_then(Option::as_ref)
    }

    /// What a file of this path says, where it was read.
    pub fn tree(&self, path: &str) -> Option<&Node> {
        self.document(*self.places.get(path)?).map(|document| &document.root)
    }

    /// Why a file of this path cannot be had; `None` where it can.
    pub fn problem(&self, path: &str) -> Option<String> {
        if self.places.contains_key(path) {
            return None;
        }
        Some(self.refused.get(path).map_or_else(|| FileProblem::Outside.to_string(), ToString::to_string))
    }

    /// The paths of all files that were read.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.sources.iter().map(|source| source.path.clone())
    }

    fn read(&mut self, files: &dyn Files, path: &str) -> Option<usize> {
        if let Some(file) = self.places.get(path) {
            return Some(*file);
        }
        let file = self.sources.len();
        if file >= MOST_FILES {
            return None;
        }
        let bytes = match files.read(path, LARGEST) {
            Ok(bytes) => bytes,
            Err(problem) => {
                self.refused.insert(path.to_owned(), problem);
                return None;
            }
        };
        let source = Arc::new(Source::new(path, String::from_utf8_lossy(&bytes)));
        let document = match document::read(&source, file) {
            Ok(document) => document,
            Err(fault) => {
                self.faults.push(fault.finding(&source));
                None
            }
        };
        self.sources.push(source);
        self.documents.push(document);
        self.places.insert(path.to_owned(), file);
        Some(file)
    }

    fn unreadable(&mut self, path: &str) {
        let source = Arc::new(Source::new(path, ""));
        let message = "this is no regular file, and what it stands for is not read";
        let help = "put the workflow itself there";
        self.faults.push(Finding::error("ci/unreadable", &source, 0..0, message).label("here").help(help));
    }
}

/// Whether a file is GitLab's: all that are not in a folder of the others, nor an action.
fn is_gitlabs(shelf: &Shelf, file: usize, path: &str) -> bool {
    match Forge::of_file(path) {
        Some(forge) => forge == Forge::Gitlab,
        None => {
            let actions = path.ends_with("action.yml") || path.ends_with("action.yaml");
            !actions && shelf.document(file).is_some_and(|document| document.root.get("runs").is_none())
        }
    }
}

/// The files of this repository that a workflow or an action of it names with `uses: ./…`.
fn local_uses(root: &Node) -> Vec<String> {
    let uses = root.all_entries().into_iter().filter(|entry| entry.key == "uses");
    uses.filter_map(|entry| local(entry.value.text()?)).flatten().collect()
}

/// Where `./…` may lie in the repository: a workflow, or one of the two names of an action's file.
pub fn local(uses: &str) -> Option<Vec<String>> {
    let path = plain(uses.strip_prefix("./")?)?;
    if path.ends_with(".yml") || path.ends_with(".yaml") {
        return Some(vec![path]);
    }
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    Some(vec![inside("action.yml"), inside("action.yaml")])
}

/// A path without `.` and empty steps; none where it leads upwards.
fn plain(path: &str) -> Option<String> {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    (!steps.contains(&"..")).then(|| steps.join("/"))
}

/// One file, or several, that a GitLab pipeline takes over.
pub struct Include<'n> {
    pub span: Span,
    pub from: From<'n>,
}

/// Where GitLab takes a file from.
pub enum From<'n> {
    /// This repository: the paths that there are for it.
    Here(&'n str),
    /// Elsewhere, with what pins it.
    Elsewhere { kind: &'n str, name: &'n str, pinned: bool },
}

/// The files that a pipeline takes over, in their order.
pub fn includes(root: &Node) -> Vec<Include<'_>> {
    let items = root.get("include").map(Node::items).unwrap_or_default();
    items.iter().filter_map(include).collect()
}

fn include(item: &Node) -> Option<Include<'_>> {
    let remote = |name: &str| name.starts_with("https://") || name.starts_with("http://");
    if let Some(name) = item.text() {
        let pinned = false;
        let from = if remote(name) { From::Elsewhere { kind: "remote", name, pinned } } else { From::Here(name) };
        return Some(Include { span: item.span, from });
    }
    let text = |key: &str| item.get(key).and_then(Node::text);
    if let Some(name) = text("local") {
        return Some(Include { span: item.get("local")?.span, from: From::Here(name) });
    }
    let kind = ["remote", "project", "component", "template"].into_iter().find(|kind| item.get(kind).is_some())?;
    let name = text(kind)?;
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let pinned = match kind {
        "remote" => text("integrity").is_some(),
        "project" => text("ref").is_some_and(is_commit),
        // GitLab's own, of the version that runs here.
        "template" => true,
        _ => name.rsplit('@').next().is_some_and(is_commit),
    };
    Some(Include { span: item.get(kind)?.span, from: From::Elsewhere { kind, name, pinned } })
}

/// The paths that a local include stands for: `/ci/*.yml` for all of them.
pub fn local_include(pattern: &str, paths: &mut dyn Iterator<Item = String>) -> Vec<String> {
    let Some(path) = plain(pattern) else { return Vec::new() };
    if path.contains('*') { paths.filter(|name| glob::matches(&path, name)).collect() } else { vec![path] }
}

fn local_includes(root: &Node, files: &dyn Files) -> Vec<String> {
    let mut found = Vec::new();
    for include in includes(root) {
        if let From::Here(pattern) = include.from {
            let folder = pattern.split('*').next().and_then(|start| plain(start.rsplit_once('/')?.0));
            let names = || files.names(&folder.clone().unwrap_or_default()).unwrap_or_default().into_iter();
            found.extend(local_include(pattern, &mut names().map(|entry| entry.path)));
        }
    }
    found
}
