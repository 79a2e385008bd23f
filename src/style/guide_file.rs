//! A team's own guide as it is written: `style/*.toml`.

use crate::workspace::located::{OneOrMany, Placed, without_null};

use super::Level;

/// What a team wants its posts to say, and how: any file `style/*.toml`. Everything in a file holds for the same
/// accounts and languages.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub struct GuideFile {
    /// The form of this file; 1.
    #[schemars(required, range(min = 1, max = 1))]
    pub(super) version: Option<Placed<u64>>,
    /// A page for people, shown with every remark of this file.
    #[serde(default)]
    pub(super) link: Option<Placed<String>>,
    /// The accounts that it holds for, as patterns: `mastodon/*`. All where none is given.
    #[serde(default)]
    pub(super) accounts: Option<Placed<OneOrMany>>,
    /// The languages that it holds for: `en` takes `en-GB` along. All where none is given.
    #[serde(default)]
    pub(super) languages: Option<Placed<OneOrMany>>,
    /// Words that are not said.
    #[serde(default)]
    pub(super) avoid: Vec<Placed<AvoidFile>>,
    /// Names that are written in one way.
    #[serde(default)]
    pub(super) name: Vec<Placed<NameFile>>,
    /// Words that posts with a label must say.
    #[serde(default)]
    pub(super) require: Vec<Placed<RequireFile>>,
    /// How much there may be of something.
    #[serde(default)]
    pub(super) limits: LimitsFile,
    /// How hashtags are written.
    #[serde(default)]
    pub(super) hashtags: Option<Placed<HashtagsFile>>,
    /// How posts do not begin.
    #[serde(default)]
    pub(super) opening: Option<Placed<OpeningFile>>,
    /// How easy posts are to read.
    #[serde(default)]
    pub(super) reading: Option<Placed<ReadingFile>>,
    /// What links say.
    #[serde(default)]
    pub(super) links: Option<Placed<LinksFile>>,
    /// What is nobody's business.
    #[serde(default)]
    pub(super) privacy: PrivacyFile,
}

/// Words that are not said.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct AvoidFile {
    /// The words and phrases, in any case.
    pub words: Placed<OneOrMany>,
    /// What is said instead: one word, or a choice.
    #[serde(default)]
    pub say: Option<Placed<OneOrMany>>,
    /// Why, for people.
    #[serde(default)]
    pub why: Option<String>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// A name that is written in one way.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct NameFile {
    /// The name as it is written: `GitHub`. Any other case of it is told.
    pub write: Placed<String>,
    /// Other spellings of it that people write: `git hub`.
    #[serde(default)]
    pub also: Option<Placed<OneOrMany>>,
    /// Why, for people.
    #[serde(default)]
    pub why: Option<String>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// Words that posts with a label must say.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct RequireFile {
    /// The label of the post; of several, any.
    pub label: Placed<OneOrMany>,
    /// The words, of which one must be there: `["#ad", "#sponsored"]`.
    pub text: Placed<OneOrMany>,
    /// Why, for people.
    #[serde(default)]
    pub why: Option<String>,
    /// How much it matters; `error` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// How much there may be of something.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct LimitsFile {
    /// Emoji in one part of a post.
    #[serde(default)]
    pub emoji: Option<u64>,
    /// Exclamation marks in one part.
    #[serde(default)]
    pub exclamation_marks: Option<u64>,
    /// Hashtags in one part.
    #[serde(default)]
    pub hashtags: Option<u64>,
    /// Mentions in one part.
    #[serde(default)]
    pub mentions: Option<u64>,
    /// Words in one sentence. Scripts without blanks between words are not counted.
    #[serde(default)]
    pub sentence_words: Option<u64>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
    /// Tells words of five letters and more in capitals, with the shorter ones beside them.
    #[serde(default)]
    pub all_caps: Option<Level>,
    /// Words that may be in capitals: `UNESCO`. Names that are written so may anyway.
    #[serde(default)]
    pub capitals: OneOrMany,
}

/// How hashtags are written.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct HashtagsFile {
    /// `CamelCase`, which screen readers read word by word: `#social_media` is told to be `#SocialMedia`.
    #[serde(default)]
    pub form: Option<Placed<FormFile>>,
    /// The team's tags as they are written: `SocialMedia`. Any other case of them is told.
    #[serde(default)]
    pub known: Option<Placed<OneOrMany>>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// A form of hashtags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum FormFile {
    /// Each word begins with a capital, and nothing stands between them.
    CamelCase,
}

/// How posts do not begin.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct OpeningFile {
    /// The words that no post begins with: `We are excited to`.
    pub avoid: Placed<OneOrMany>,
    /// Why, for people.
    #[serde(default)]
    pub why: Option<String>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// How easy posts are to read.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct ReadingFile {
    /// The least ease, of 100: by Flesch (English), Amstad (German), Kandel and Moles (French), Szigriszt-Pazos
    /// (Spanish), as the post's language is. Others are not judged.
    #[schemars(range(min = 1, max = 100))]
    pub ease: Placed<u64>,
    /// Texts with fewer words are not judged; 20 where it is not given.
    #[serde(default)]
    pub from_words: Option<u64>,
    /// How much it matters; `suggestion` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// What links say.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct LinksFile {
    /// What no link says: `click here`.
    pub avoid_text: Placed<OneOrMany>,
    /// How much it matters; `warning` where it is not given.
    #[serde(default)]
    pub level: Option<Level>,
}

/// What is nobody's business.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct PrivacyFile {
    /// Tells addresses of e-mail.
    #[serde(default)]
    pub email: Option<Level>,
    /// Tells telephone numbers.
    #[serde(default)]
    pub phone: Option<Level>,
    /// Addresses and numbers that all may know: `press@acme.example`, `@acme.example` for all of a server, `+49 30 1234567`.
    #[serde(default)]
    pub allow: OneOrMany,
}
