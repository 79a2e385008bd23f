//! `greenlit check --changed BASE`: what differs, and what depends on it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::git::difference::{self, NoDifference};
use crate::rules;
use crate::workspace::{Post, PostId};

/// The files that are not like those at the beginning of the branch.
pub struct Changed {
    base: String,
    files: BTreeSet<String>,
}

/// A post, as far as others can have to do with it.
pub struct Using {
    file: String,
    id: PostId,
    media: Vec<String>,
}

/// What all posts are held against: where one of these changes, any post may be right or wrong now.
const OF_ALL: [&str; 4] = ["greenlit.toml", "roles.toml", ".vale.ini", "_vale.ini"];
const FOLDERS_OF_ALL: [&str; 4] = ["style/", "styles/", "calendar/", "templates/"];

impl Changed {
    /// What differs between where the branch left `base`, and the workspace's files as they are now.
    ///
    /// # Errors
    /// As for [`difference::since`].
    pub fn since(root: &Path, base: &str) -> Result<Self, NoDifference> {
        Ok(Self { base: base.to_owned(), files: difference::since(root, base)? })
    }

    /// What differs, as somebody else found out.
    pub fn of(base: &str, files: BTreeSet<String>) -> Self {
        Self { base: base.to_owned(), files }
    }

    /// What it differs from, in the words of whoever asked.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether every post has to be looked at anew.
    pub fn touches_all(&self) -> bool {
        let of_all = |file: &String| {
            // What says who may use pictures says it of several.
            let rights = file.starts_with("assets/") && file.ends_with(".toml");
            rights || OF_ALL.contains(&file.as_str()) || FOLDERS_OF_ALL.iter().any(|all| file.starts_with(all))
        };
        self.files.iter().any(of_all)
    }

    /// The changed files, the posts that use one of them, and those that are called like a changed one, whatever the case.
    pub fn reach<'a>(&'a self, posts: &'a [Using]) -> BTreeSet<&'a str> {
        let is_changed = |file: &String| self.files.contains(file);
        let names = |post: &Using| [post.id.as_str().to_lowercase(), post.file.to_lowercase()];
        let changed: BTreeSet<String> = posts.iter().filter(|post| is_changed(&post.file)).flat_map(names).collect();
        let reached = posts
            .iter()
            .filter(|post| post.media.iter().any(is_changed) || names(post).iter().any(|name| changed.contains(name)));
        self.files.iter().map(String::as_str).chain(reached.map(|post| post.file.as_str())).collect()
    }
}

impl Using {
    /// What a post uses.
    pub fn of(post: &Post) -> Self {
        let media = rules::files(post).into_iter().map(|(file, _)| file).collect();
        Self { file: post.source.path.clone(), id: post.id.clone(), media }
    }
}
