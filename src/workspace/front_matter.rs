//! A post's front matter, as it is written.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::located::{Named, OneOrMany, Placed, without_null};

/// The front matter of a post: YAML between two lines `---` at the top of the file.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct FrontMatter {
    /// The post's name, unique in the workspace. The file's name where it is not given.
    #[serde(default)]
    pub id: Option<Placed<String>>,
    /// For people; never sent.
    #[serde(default)]
    pub title: Option<String>,
    /// Accounts (`bluesky/acme`), or groups named in greenlit.toml.
    #[schemars(required)]
    pub to: Option<Placed<OneOrMany>>,
    /// When it goes out: `2026-12-01 09:00` in the workspace's zone, with an offset (`+01:00`), or with a zone behind it.
    /// As soon as it is approved where it is not given.
    #[serde(default)]
    pub publish_at: Option<Placed<String>>,
    /// A draft never goes out.
    #[serde(default)]
    pub draft: bool,
    /// Whose post it is.
    #[serde(default)]
    pub owner: Option<String>,
    /// The campaign that it belongs to.
    #[serde(default)]
    pub campaign: Option<String>,
    /// For workflows and views.
    #[serde(default)]
    pub labels: OneOrMany,
    /// Languages as BCP 47 tags, the main one first: `en`, `pt-BR`.
    #[serde(default)]
    pub language: OneOrMany,
    /// The page that the post is about.
    #[serde(default)]
    pub link: Option<LinkFile>,
    /// Pictures and other files of the workspace.
    #[serde(default)]
    pub media: Vec<Placed<MediaFile>>,
    /// Shown in place of the post until a reader asks for more.
    #[serde(default)]
    pub content_warning: Option<Placed<String>>,
    /// Whether the media are hidden until a reader asks.
    #[serde(default)]
    pub sensitive: bool,
    /// What only one network knows, by network or account: `mastodon: { visibility: unlisted }`.
    #[serde(default)]
    pub options: Named<Named<Placed<serde_json::Value>>>,
    /// The posts whose text it says again, by their names: what was sent to an account is else not sent there a second time
    /// within the account's `duplicate_window`.
    #[serde(default)]
    pub repeats: OneOrMany,
}

/// A file of the workspace that is sent along.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct MediaFile {
    /// Its path from the workspace's root: `assets/launch.png`.
    pub file: Placed<String>,
    /// What it shows, for people who do not see it. Empty where it only decorates.
    #[serde(default)]
    pub alt: Option<Placed<String>>,
    /// The part of the thread that it belongs to, from 1; the first where it is not given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub part: Option<Placed<u64>>,
}

/// The page that a post is about: its address, or a table with more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFile {
    /// `https://…`
    pub url: Placed<String>,
    /// The rest.
    pub card: CardFile,
}

/// What a link's card says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardFile {
    /// The card's heading.
    pub title: Option<String>,
    /// The card's text.
    pub description: Option<String>,
    /// The card's picture, a file of the workspace.
    pub image: Option<Placed<String>>,
    /// What the picture shows.
    pub alt: Option<String>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
struct LinkTable {
    /// The page's address: `https://…`
    url: Placed<String>,
    /// The card's heading.
    #[serde(default)]
    title: Option<String>,
    /// The card's text.
    #[serde(default)]
    description: Option<String>,
    /// The card's picture, a file of the workspace.
    #[serde(default)]
    image: Option<Placed<String>>,
    /// What the picture shows.
    #[serde(default)]
    alt: Option<String>,
}

impl<'de> Deserialize<'de> for LinkFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = LinkFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address, or a table with `url`")
            }

            fn visit_str<E: de::Error>(self, url: &str) -> Result<LinkFile, E> {
                // Its place is the whole value's, which is filled in outside.
                Ok(LinkFile { url: Placed::new(url.to_owned(), Range::default()), card: CardFile::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LinkFile, A::Error> {
                let LinkTable { url, title, description, image, alt } =
                    Deserialize::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(LinkFile { url, card: CardFile { title, description, image, alt } })
            }
        }
        struct Inner(LinkFile);
        impl<'de> Deserialize<'de> for Inner {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Either).map(Inner)
            }
        }
        let Placed { value: Inner(mut link), span } = Placed::deserialize(deserializer)?;
        if link.url.span.is_empty() {
            link.url.span = span;
        }
        Ok(link)
    }
}

impl schemars::JsonSchema for LinkFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LinkFile".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = LinkTable::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "string", "format": "uri" }, table] })
    }
}
