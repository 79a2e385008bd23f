//! `asset/unlicensed`: of every file that a post sends along, somebody wrote down whose it is.
//!
//! Off where `greenlit.toml` says nothing: it is for teams that keep `assets/*.toml` for all of their files. One entry may be about
//! many: `file = "assets/own/**"`.
//!
//! ```toml settings
//! [check]
//! "asset/unlicensed" = "warning"
//! ```
//!
//! ```toml file assets/rights.toml
//! [[asset]]
//! file = "assets/leaf.png"
//! licence = "CC0-1.0"
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/site
//! media: [{file: assets/report.pdf, alt: The report of this year}]
//! ---
//! Here is our report.
//! ```
//!
//! ```markdown good
//! ---
//! to: outbox/site
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//! ```

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["asset/unlicensed"],
    "of every file that a post sends along, somebody wrote down whose it is",
    Level::Off,
    include_str!("asset_unlicensed.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let post = written.post;
    for (file, span) in place::files(post).into_iter().filter(|(file, _)| !desk.rights.knows(file)) {
        let message = format!("nobody wrote down whose {file} is");
        let finding = Finding::warning("asset/unlicensed", &post.source, span, message);
        findings.push(finding.label("this file").help("add an entry [[asset]] to assets/rights.toml"));
    }
}
