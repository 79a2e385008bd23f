//! `style/…` and `style/vale`: posts are written as the team's style guide says.
//!
//! The guide lies in `style/*.toml`, beside the posts. What it says is shown with its own words and the page that it names;
//! where only one thing can be meant, `--fix` writes it.
//!
//! ```toml file style/voice.toml
//! version = 1
//! link = "https://acme.example/guide"
//!
//! [[avoid]]
//! words = ["leverage", "utilise"]
//! say = "use"
//! why = "plain words"
//!
//! [[name]]
//! write = "GitHub"
//!
//! [limits]
//! exclamation_marks = 1
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Leverage our Github action!
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Use our GitHub action!
//! ```
//!
//! What a file can say, each with a `level` of its own (`suggestion`, also called `info`, `warning` or `error`), which `[check]`
//! overrules by the code:
//!
//! | in the file | what it asks for | level |
//! | --- | --- | --- |
//! | `accounts`, `languages` | the file is for these alone: `["mastodon/*"]`, `["en"]` | |
//! | `[[avoid]]` `words`, `say`, `why` | other words; nothing is respelt in quotations and addresses | warning |
//! | `[[name]]` `write`, `also`, `why` | one way to write a name | warning |
//! | `[[require]]` `label`, `text`, `why` | words that a post with a label says, also one of pictures alone | error |
//! | `[limits]` `emoji`, `exclamation_marks`, `hashtags`, `mentions`, `sentence_words` | no more of them in one part | warning |
//! | `[limits]` `all_caps` (a level), `capitals` | no words of five letters and more in capitals, but for these | as it says |
//! | `[hashtags]` `form = "CamelCase"`, `known` | words of a tag that can be told apart; the team's tags | warning |
//! | `[opening]` `avoid`, `why` | another beginning | warning |
//! | `[reading]` `ease`, `from_words` | texts that are easy to read | suggestion |
//! | `[links]` `avoid_text` | links that say where they lead | warning |
//! | `[privacy]` `email`, `phone` (levels), `allow` | no addresses and numbers of people, but for these | as they say |
//!
//! Of words, neither case matters nor how apostrophes, blanks and accents are written.
//!
//! A guide that the team has for [Vale](https://vale.sh) is read as it is: `.vale.ini`, `styles/<Name>/*.yml` with `existence`,
//! `substitution`, `occurrence`, `repetition`, `capitalization` and `conditional`, and its vocabularies. What it finds has the
//! code `style/vale` and the name of Vale's rule, by which `[check]` sets its level: `"Microsoft.Contractions" = "info"`.
//! `<!-- vale off -->` and `<!-- vale Google.We = NO -->` are obeyed.

use super::{Level, Rule};

pub const RULE: Rule = Rule::guide(
    &[
        "style/avoid",
        "style/name",
        "style/require",
        "style/limits",
        "style/hashtag",
        "style/opening",
        "style/reading",
        "style/all-caps",
        "style/link-text",
        "style/privacy-email",
        "style/privacy-phone",
        "style/vale",
    ],
    "posts are written as the team's style guide says",
    Level::Warning,
    include_str!("style_guide.rs"),
);
