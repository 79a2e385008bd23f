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
//! A guide that the team has for [Vale](https://vale.sh) is read as it is: `.vale.ini`, `styles/<Name>/*.yml` with `existence`,
//! `substitution`, `occurrence`, `repetition`, `capitalization` and `conditional`, and its vocabularies. What it finds has the
//! code `style/vale` and the name of Vale's rule, by which `[check]` sets its level: `"Microsoft.Contractions" = "info"`.

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
