//! `asset/unused`: every file under `assets/` is used by some post.
//!
//! A picture that nobody uses makes every clone larger, and mostly somebody forgot to name it in a post. Files that say
//! something of other files (`.toml`, `.md`, `.txt`) and hidden files are left out.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here.
//! ```
//!
//! A post that names the file in `media:` or in its text uses it:
//!
//! ```markdown good
//! ---
//! to: outbox/site
//! media: [{file: assets/report.pdf, alt: The report of this year}]
//! ---
//! Autumn is here. ![A red maple leaf](assets/leaf.png)
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Desk, Level, Rule, place};
use crate::workspace::{Finding, Source};

pub const RULE: Rule = Rule::workspace(
    &["asset/unused"],
    "every file under `assets/` is used by some post",
    Level::Info,
    include_str!("asset_unused.rs"),
    judge,
);

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let Ok(files) = desk.files.names("assets") else { return };
    let used: BTreeSet<String> = desk.posts.iter().flat_map(|post| place::files(post)).map(|(file, _)| file).collect();
    for file in files.iter().filter(|file| is_media(&file.path) && !used.contains(&file.path)) {
        let source = Arc::new(Source::new(file.path.as_str(), ""));
        let finding = Finding::warning("asset/unused", &source, 0..0, format!("no post uses {}", file.path));
        findings.push(finding.help("name it in a post's `media:`, or remove it: git keeps the old ones"));
    }
}

fn is_media(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let about = [".toml", ".md", ".txt"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    !name.starts_with('.') && !about
}
