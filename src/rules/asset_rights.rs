//! `asset/expired` `asset/no-consent` `asset/not-here`: every file that goes out may go out, then and there.
//!
//! What may be done with a file stands in `assets/*.toml`, in any folder: `[[asset]]` with `file` (a path or a pattern) and any of
//! `expires` (the last day on which it may go out, in the workspace's zone), `people` with their `consent` (`true`, `false`, or
//! the day from which on they agree) and its `expires`, `accounts` and `networks`. Where several entries are about a file, all of
//! them hold.
//!
//! Whatever the level: `publish` holds such a post back, by what the trusted branch says when it would go out.
//!
//! ```toml file assets/rights.toml
//! [[asset]]
//! file = "assets/leaf.png"
//! licence = "CC-BY-4.0"
//! expires = 2026-12-31
//! networks = ["bluesky", "mastodon"]
//! people = [{ name = "Ana Souza", consent = "2026-12-01" }]
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2027-01-01 09:00
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is over.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-11-30 09:00
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Ana was not asked yet.
//! ```
//!
//! ```markdown bad
//! ---
//! to: outbox/site
//! publish_at: 2026-12-02 09:00
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: [bluesky/acme, outbox/site]
//! publish_at: 2026-12-31 22:00
//! ---
//! ![A red maple leaf](assets/leaf.png)
//!
//! ::: outbox
//! Autumn is here.
//! :::
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-31 23:00
//! media: [{file: assets/leaf.png, alt: A red maple leaf}]
//! ---
//! Autumn is over.
//! ```

use super::{Desk, Level, Rule, Written, place};
use crate::workspace::{Due, Finding};

pub const RULE: Rule = Rule::post(
    &["asset/expired", "asset/no-consent", "asset/not-here"],
    "every file that goes out may go out, then and there",
    Level::Error,
    include_str!("asset_rights.rs"),
    judge,
);

fn judge(written: &Written<'_>, desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let post = written.post;
    if post.draft || desk.rights.is_empty() {
        return;
    }
    let at = match post.due {
        Due::At(at) => at.max(desk.now),
        Due::Asap => desk.now,
    };
    for account in post.to.iter().filter(|account| !(desk.deliveries.out)(&post.id, account)) {
        for (file, span) in place::files_for(post, account) {
            for refusal in desk.rights.refusals(&file, account, at, desk.settings.timezone) {
                let finding = Finding::warning(refusal.code, &post.source, span.clone(), refusal.why);
                let help = format!("{} says so: take another file, or another time", refusal.place);
                findings.push(finding.label("this file").help(help));
            }
        }
    }
}
