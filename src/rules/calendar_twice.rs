//! `calendar/twice`: no account says the same twice within its `duplicate_window`.
//!
//! `publish` holds such a post back. What counts is the text and where its links lead, as the network gets them; 30 days where
//! `greenlit.toml` says nothing of `duplicate_window`. `repeats: other` in the front matter says that it is meant.
//!
//! ```markdown file posts/other.md
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-01 09:00
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-08 09:00
//! ---
//! Acme 5 is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! publish_at: 2026-12-08 09:00
//! repeats: other
//! ---
//! Acme 5 is here.
//! ```

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Desk, Level, Rule, diary};
use crate::render::Wording;
use crate::workspace::{Due, Finding, PostId};

pub const RULE: Rule = Rule::workspace(
    &["calendar/twice"],
    "no account says the same twice within its `duplicate_window`",
    Level::Warning,
    include_str!("calendar_twice.rs"),
    judge,
);

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    // What a wording stands for has its account in it.
    let mut said: BTreeMap<&Wording, Vec<diary::Entry<'_>>> = BTreeMap::new();
    for post in desk.posts.iter().filter(|post| !post.draft) {
        for account in post.to.iter().filter_map(|name| desk.settings.accounts.get(name)) {
            let Some(wording) = desk.deliveries.said.get(&(post.id.clone(), account.name.clone())) else { continue };
            let at = match post.due {
                Due::At(at) => at,
                Due::Asap => desk.now,
            };
            said.entry(wording).or_default().push(diary::Entry { post, account, at });
        }
    }
    // One post after another, with all accounts to which both say the same.
    let mut pairs: BTreeMap<(&PostId, &PostId), Vec<(diary::Entry<'_>, diary::Entry<'_>)>> = BTreeMap::new();
    for entries in said.values_mut().filter(|entries| entries.len() > 1) {
        entries.sort_by(|a, b| (a.at, &a.post.id).cmp(&(b.at, &b.post.id)));
        for (at, entry) in entries.iter().enumerate() {
            let window = TimeDelta::from_std(entry.account.duplicate_window).unwrap_or(TimeDelta::MAX);
            let near = |other: &&diary::Entry<'_>| entry.at.signed_duration_since(other.at) < window;
            let meant = |other: &&diary::Entry<'_>| entry.post.repeats.contains(&other.post.id);
            let other = entries.iter().take(at).rev().take_while(near).find(|other| !meant(other));
            if let Some(other) = other.filter(|_| !entry.is_out(desk)) {
                pairs.entry((&entry.post.id, &other.post.id)).or_default().push((*entry, *other));
            }
        }
    }
    for found in pairs.values() {
        let Some((entry, other)) = found.first() else { continue };
        let mut accounts: Vec<&str> = found.iter().map(|(entry, _)| entry.account.name.as_str()).collect();
        accounts.sort_unstable();
        let message = format!(
            "`{}` says the same to {}{}",
            other.post.id,
            diary::all_of(&accounts),
            if other.post.due == Due::Asap { String::new() } else { format!(" at {}", other.when()) }
        );
        let span = entry
            .post
            .body
            .parts
            .first()
            .map_or(0..0, |text| text.offset..text.offset + text.markdown.lines().next().map_or(0, str::len));
        let finding = Finding::warning("calendar/twice", &entry.post.source, span, message);
        let help = format!("say it in other words; or, if that is meant, write `repeats: {}`", other.post.id);
        findings.push(finding.label("said already").help(help));
    }
}
