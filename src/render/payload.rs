//! Everything of a delivery that leaves the building, and its digest.

use std::collections::BTreeMap;
use std::ops::Range;

use super::digest::Digest;
use crate::workspace::{Account, AccountName, PostId};

/// What goes to one account. What is not in here is not sent; what is in here is what was approved.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The form of this value; 1.
    pub version: u32,
    /// The workspace's id, so that no approval can be carried to another one.
    pub workspace: String,
    /// The post.
    pub post: PostId,
    /// The occurrence of a recurring post; `once` for all others.
    pub occurrence: String,
    /// The account, and who it is on its server.
    pub account: Identity,
    /// The messages, in order; at least one.
    pub parts: Vec<Part>,
    /// BCP 47 tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Shown in place of the text until a reader asks for more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_warning: Option<String>,
    /// Whether media are hidden until a reader asks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// What only this network knows: `visibility`, `labels`. Text or lists of text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, serde_json::Value>,
    /// The posts whose text may be said again. Nothing that is sent, and part of what was approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<PostId>,
}

impl Payload {
    /// The files that go along, in the order of the parts.
    pub fn media(&self) -> impl Iterator<Item = &str> {
        let media = self.parts.iter().flat_map(|part| {
            let card = part.card.iter().filter_map(|card| card.image.as_ref());
            part.media.iter().chain(card)
        });
        media.map(|attachment| attachment.file.as_str())
    }

    /// SHA-256 of the canonical JSON.
    pub fn digest(&self) -> Digest {
        // A payload is made of text, whole numbers, lists and maps with text keys: it always has a JSON form.
        let value = serde_json::to_value(self).unwrap_or_default();
        Digest::of(&super::canonical::canonical(&value))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde wants
fn is_false(value: &bool) -> bool {
    !*value
}

/// Who publishes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// `network/name`.
    pub name: AccountName,
    /// The server's origin, where the network has servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The handle there; an outbox's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

impl Identity {
    /// Who an account of the settings is.
    pub fn of(account: &Account) -> Self {
        Self {
            name: account.name.clone(),
            server: account.server.clone(),
            handle: account.handle.clone().or_else(|| account.path.clone()),
        }
    }
}

/// One message of a thread.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The text as the network gets it.
    pub text: String,
    /// What stretches of the text are, in order, not overlapping; empty for networks that take plain text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facets: Vec<Facet>,
    /// The text as HTML, for networks that take HTML. Made of known tags only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Files, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Attachment>,
    /// The link's card, for networks where the client makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

/// What a stretch of a text is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Facet {
    /// First byte in the UTF-8 text.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What it is.
    #[serde(flatten)]
    pub feature: Feature,
}

impl Facet {
    /// The bytes that it covers.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// What a facet says of its text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Feature {
    /// A link to an address.
    Link {
        /// The absolute address.
        url: String,
    },
    /// Somebody is named; the network's adapter finds out who that is on its server.
    Mention {
        /// Without the `@`: `alice.example`.
        handle: String,
    },
    /// A hashtag.
    Tag {
        /// Without the `#`.
        tag: String,
    },
}

/// A file that is sent along.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Path in the workspace, to find the bytes; the hash says whether they are the right ones.
    pub file: String,
    /// SHA-256 of the bytes, 64 hex digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Media type by content.
    pub mime: String,
    /// What it shows; empty where it only decorates.
    pub alt: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A link's card.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Where it leads.
    pub url: String,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub description: String,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Attachment>,
}
