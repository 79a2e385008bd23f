//! Which workflow a delivery passes.

use crate::workspace::{AccountName, Post, Roles, When, Workflow};

/// The first workflow whose conditions all hold.
pub(super) fn workflow_for<'a>(roles: &'a Roles, post: &Post, account: &AccountName) -> Option<&'a Workflow> {
    roles.workflows.iter().find(|workflow| holds(&workflow.when, post, account))
}

/// Every list that is not empty must match. Letters' case never matters: nobody leaves a workflow by writing `Pricing`.
fn holds(when: &When, post: &Post, account: &AccountName) -> bool {
    let any = |wanted: &[String], matches: &dyn Fn(&str) -> bool| {
        wanted.is_empty() || wanted.iter().any(|pattern| matches(pattern.trim()))
    };
    any(&when.labels, &|label| post.labels.iter().any(|have| same(have, label)))
        && any(&when.accounts, &|pattern| account_matches(pattern, account.as_str()))
        && any(&when.campaigns, &|campaign| post.campaign.as_deref().is_some_and(|have| same(have, campaign)))
        && any(&when.languages, &|range| post.languages.iter().any(|tag| speaks(tag, range)))
        && any(&when.paths, &|pattern| path_matches(pattern, &post.source.path))
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Whether a language tag is within a range: `en` holds for `en-GB` too.
/// Basic filtering of RFC 4647 section 3.3.1, checked 2026-11-21.
fn speaks(tag: &str, range: &str) -> bool {
    let (tag, range) = (tag.to_lowercase(), range.to_lowercase());
    range == "*" || tag == range || tag.strip_prefix(&range).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether an account's name matches: `mastodon/*`, `*/acme`, `*`.
fn account_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    wild(&pattern, &name, |p| *p == '*', |p, c| *p == '?' || p == c)
}

/// Whether a path matches: `*` and `?` stay within a folder's name, `**` stands for any number of folders, and a
/// pattern that ends in `/` holds for all below it.
fn path_matches(pattern: &str, path: &str) -> bool {
    let mut folders: Vec<&str> = pattern.split('/').collect();
    if let [_, .., last @ ""] = folders.as_mut_slice() {
        *last = "**";
    }
    let names: Vec<&str> = path.split('/').collect();
    wild(&folders, &names, |folder| *folder == "**", |folder, name| account_matches(folder, name))
}

/// Matches items against a pattern in which some elements (`star`) stand for any number of items. When a later part does
/// not fit, only the last star takes one more item: pattern × items steps at most.
fn wild<P, T>(pattern: &[P], items: &[T], star: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(current) = items.get(item) {
        match pattern.get(at) {
            Some(p) if star(p) => {
                retry = Some((at, item));
                at += 1;
            }
            Some(p) if fits(p, current) => {
                at += 1;
                item += 1;
            }
            _ => match &mut retry {
                Some((star_at, from)) => {
                    *from += 1;
                    (at, item) = (*star_at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(star)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_know_folders() {
        for (pattern, path) in [
            ("posts/emea/**", "posts/emea/de/a.md"),
            ("posts/emea/", "posts/emea/a.md"),
            ("posts/**/a.md", "posts/a.md"),
            ("posts/*/a.md", "posts/emea/a.md"),
            ("**", "posts/a.md"),
            ("posts/2026-??-*.md", "posts/2026-12-launch.md"),
            ("**/price*/**", "posts/prices/x/y.md"),
        ] {
            assert!(path_matches(pattern, path), "{pattern} should match {path}");
        }
        for (pattern, path) in [
            ("posts/*", "posts/emea/a.md"),
            ("posts/emea/**", "posts/apac/a.md"),
            ("posts/emea", "posts/emea/a.md"),
            ("*.md", "posts/a.md"),
            ("", "posts/a.md"),
        ] {
            assert!(!path_matches(pattern, path), "{pattern} should not match {path}");
        }
    }

    #[test]
    fn accounts_match_by_either_half() {
        for pattern in ["*", "*/acme", "mastodon/*", "mastodon/acm?", "m*/*e"] {
            assert!(account_matches(pattern, "mastodon/acme"), "{pattern}");
        }
        for pattern in ["bluesky/*", "mastodon", "mastodon/acme-de", ""] {
            assert!(!account_matches(pattern, "mastodon/acme"), "{pattern}");
        }
    }

    #[test]
    fn a_language_range_holds_for_its_regions() {
        assert!(speaks("en-GB", "EN") && speaks("de", "de") && speaks("fr", "*"));
        assert!(!speaks("en", "en-GB") && !speaks("eng", "en"));
    }

    #[test]
    fn a_hostile_glob_costs_little() {
        let pattern = "*a".repeat(2000);
        assert!(!account_matches(&pattern, &"a".repeat(1999)));
    }
}
