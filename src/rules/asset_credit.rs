//! `asset/credit`: a post names whom the licence of its pictures asks it to name.
//!
//! `credit` of `[[asset]]` in `assets/*.toml` is looked for in what each account's readers see of the texts, and in what the post
//! says of its pictures. Letters' case, white space, emphasis and links do not matter.
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
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! ![A red maple leaf](assets/leaf.png) <!-- Photo: Ana Souza -->
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here. (photo: Ana Souza)
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! ![A red maple leaf](assets/leaf.png) **Photo:** [Ana *Souza*](https://ana.example)
//! ```

use super::{Desk, Level, Rule, Written, place};
use crate::render::variants;
use crate::workspace::{Finding, Text, suggest};

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
    let alts: Vec<String> = post.media.iter().filter_map(|media| media.alt.as_deref()).map(plain).collect();
    for account in &post.to {
        let texts: Vec<&Text> = variants::thread(&post.body, account).into_iter().flat_map(|slot| slot.texts).collect();
        let read = written.texts.iter().filter(|reading| texts.iter().any(|text| std::ptr::eq(*text, reading.text)));
        let said: Vec<String> = read.map(|reading| plain(&reading.words)).collect();
        for (file, span) in place::files_for(post, account) {
            for (credit, says) in desk.rights.credits(&file) {
                let credit_read = plain(credit);
                if said.iter().chain(&alts).any(|text| text.contains(&credit_read)) {
                    continue;
                }
                let message = format!("{file} asks for a credit that is not in the post: {}", suggest::quote(credit));
                let finding = Finding::warning("asset/credit", &post.source, span.clone(), message);
                let help = format!("write it into the text or the alt text; {says} asks for it");
                findings.push(finding.label("this file").help(help));
            }
        }
    }
}

/// A text in small letters, with single spaces.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
