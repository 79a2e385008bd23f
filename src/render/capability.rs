//! What a network can do, as a value. Rules, rendering and the README's table are made from it.

use std::borrow::Cow;
use std::time::Duration;

use super::editing::Editing;
use crate::workspace::NetworkSpec;

/// What a network takes and how it behaves. Each adapter has one, with the source and date of every figure.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Capability {
    /// `bluesky`
    pub network: &'static str,
    /// For people: `Bluesky`.
    pub title: &'static str,
    /// The keys that its accounts have in `greenlit.toml`.
    pub account: NetworkSpec,
    /// The form in which text is handed over.
    pub text: TextForm,
    /// How long a part may be.
    pub length: Length,
    /// Whether several parts make a thread.
    pub threads: bool,
    /// Files that can be attached to one part.
    pub media: MediaLimits,
    /// Who makes the card of a link.
    pub cards: Cards,
    /// The names that the post's `options:` may have for this network, with the values where they are few.
    pub options: &'static [OptionSpec],
    /// Whether it takes a content warning.
    pub content_warning: bool,
    /// Whether what is out can be taken down again.
    pub deletes: bool,
    /// How it can be asked, after a crash, whether it has a delivery.
    pub reconcile: Reconcile,
    /// Whether what is out can be changed in its place.
    pub edit: Editing,
    /// The secrets that its accounts need, as ends of environment variables: `PASSWORD` stands for
    /// `GREENLIT_BLUESKY_ACME_PASSWORD`.
    pub secrets: &'static [&'static str],
}

/// The form in which a network takes text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextForm {
    /// Text alone; the server finds links, mentions and hashtags itself.
    Plain,
    /// Text and byte ranges that say what is a link, a mention, a hashtag.
    Facets,
    /// HTML, with the plain text beside it.
    Html,
}

/// How a network measures a part's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "unit")]
pub enum Length {
    /// No limit that a person would reach.
    Unlimited,
    /// Grapheme clusters, and bytes of UTF-8 beside them.
    Graphemes {
        /// Grapheme clusters.
        limit: usize,
        /// UTF-8 bytes.
        bytes: usize,
    },
    /// Mastodon's way: grapheme clusters of content warning and text, every link as `url`, a remote mention as `@user`.
    Mastodon {
        /// Characters.
        limit: usize,
        /// What each link counts.
        url: usize,
    },
    /// X's way: a weight for each character, 2 for each emoji, every link as `url`.
    Weighted {
        /// The weights' sum.
        limit: usize,
        /// What each link counts.
        url: usize,
    },
    /// UTF-16 code units.
    Utf16 {
        /// Units.
        limit: usize,
    },
    /// Unicode code points.
    CodePoints {
        /// Code points.
        limit: usize,
    },
    /// Bytes of UTF-8.
    Bytes {
        /// Bytes.
        limit: usize,
    },
}

/// Files that can be attached to one part.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MediaLimits {
    /// Files on one part.
    pub count: usize,
    /// Media types, each with its limit in bytes.
    pub types: Cow<'static, [(&'static str, u64)]>,
    /// Characters of an alt text, where limited.
    pub alt: Option<usize>,
    /// Pixels of a picture, where limited.
    pub picture_pixels: Option<u64>,
    /// Pixels of a film, where limited.
    pub film_pixels: Option<u64>,
    /// Whether a film may stand beside other files.
    pub mixed: bool,
    /// So many times taller than wide is a picture that people see all of without opening it.
    pub tallest: Option<u32>,
}

/// Who makes the card of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cards {
    /// We do, and send it; it takes the place of pictures where `with_media` is false.
    Client {
        /// Whether a part may have pictures and a card.
        with_media: bool,
        /// Bytes of the card's picture.
        image: u64,
    },
    /// The server does, from a link in the text.
    Server,
}

/// A setting that only one network knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OptionSpec {
    /// `visibility`
    pub name: &'static str,
    /// The values it may have; empty: any text.
    pub values: &'static [&'static str],
    /// Whether it is a list of such values.
    pub list: bool,
}

/// How a network can be asked after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reconcile {
    /// We choose the id; asking for it answers for sure.
    ClientChosenId,
    /// A repeated key is answered with the first result, for so long.
    IdempotencyKey {
        /// How long the server remembers, in seconds.
        #[serde(serialize_with = "seconds")]
        window: Duration,
    },
    /// Our own posts can be listed and compared.
    Lookup,
    /// It cannot be asked.
    None,
}

fn seconds<S: serde::Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(value.as_secs())
}
