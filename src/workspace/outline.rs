//! What lists, searches and workflows need of a post.

use super::names::{AccountName, PostId};
use super::post::{Due, Post};

/// A post without its text and media: enough to list and find it, and to say who has to approve it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outline {
    /// Unique in the workspace.
    pub id: PostId,
    /// The file.
    pub path: String,
    /// The title, or the first words.
    pub title: String,
    /// The accounts that it goes to.
    pub to: Vec<AccountName>,
    /// When it goes out.
    pub due: Due,
    /// A draft never goes out.
    pub draft: bool,
    /// Whose post it is, as it is written.
    pub owner: Option<String>,
    /// The campaign that it belongs to.
    pub campaign: Option<String>,
    /// For workflows and views.
    pub labels: Vec<String>,
    /// BCP 47 tags, the main one first.
    pub languages: Vec<String>,
    /// The posts whose text it may say again.
    pub repeats: Vec<PostId>,
}

impl From<&Post> for Outline {
    fn from(post: &Post) -> Self {
        Self {
            id: post.id.clone(),
            path: post.source.path.clone(),
            title: title(post),
            to: post.to.clone(),
            due: post.due,
            draft: post.draft,
            owner: post.owner.clone(),
            campaign: post.campaign.clone(),
            labels: post.labels.clone(),
            languages: post.languages.clone(),
            repeats: post.repeats.clone(),
        }
    }
}

/// The title, or the first words.
fn title(post: &Post) -> String {
    const ENOUGH: usize = 60;
    let first = || post.body.parts.iter().flat_map(|part| part.markdown.lines()).find(|line| !line.trim().is_empty());
    let text = post.title.as_deref().or_else(first).unwrap_or_default().trim();
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}
