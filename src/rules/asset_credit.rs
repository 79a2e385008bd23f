//! `asset/credit`: a post names whom the licence of its pictures asks it to name.
//!
//! `credit` of `[[asset]]` in `assets/*.toml` is looked for in the post's texts and in what it says of its pictures. Letters' case
//! and white space do not matter.
//!
//! ```toml file assets/rights.toml
//! [[asset]]
//! file = "assets/leaf.png"
//! licence = "CC-BY-4.0"
//! credit = "Photo: Ana Souza"
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here. ![A red maple leaf](assets/leaf.png)
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here. (photo: Ana Souza)
//! ```

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::post(
    &["asset/credit"],
    "a post names whom the licence of its pictures asks it to name",
    Level::Warning,
    include_str!("asset_credit.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    if desk.rights.is_empty() {
        return;
    }
    let post = written.post;
    let alts = post.media.iter().filter_map(|media| media.alt.as_deref());
    let texts = written.texts.iter().map(|reading| reading.text.markdown.as_str());
    let said: Vec<String> = texts.chain(alts).map(plain).collect();
    for (file, span) in place::files(post) {
        for (credit, says) in desk.rights.credits(&file) {
            if said.iter().any(|text| text.contains(&plain(credit))) {
                continue;
            }
            let message = format!("{file} asks for a credit that is not in the post: {}", suggest::quote(credit));
            let finding = Finding::warning("asset/credit", &post.source, span.clone(), message);
            findings.push(
                finding.label("this file").help(format!("write it into the text or the alt text; {says} asks for it")),
            );
        }
    }
}

/// A text in small letters, with single spaces.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
