//! Whether a condition of a workflow or a stage holds.

use crate::workspace::{AccountName, Outline, When, glob};

pub(super) use crate::workspace::names::same;

/// Every list that is not empty must match. Letters' case never matters: nobody leaves a workflow by writing `Pricing`.
pub(super) fn holds(when: &When, post: &Outline, account: &AccountName) -> bool {
    let any = |wanted: &[String], matches: &dyn Fn(&str) -> bool| {
        wanted.is_empty() || wanted.iter().any(|pattern| matches(pattern.trim()))
    };
    any(&when.labels, &|label| post.labels.iter().any(|have| same(have, label)))
        && any(&when.accounts, &|pattern| account_matches(pattern, account.as_str()))
        && any(&when.campaigns, &|campaign| post.campaign.as_deref().is_some_and(|have| same(have, campaign)))
        && any(&when.languages, &|range| post.languages.iter().any(|tag| speaks(tag, range)))
        && any(&when.paths, &|pattern| path_matches(pattern, &post.path))
}

/// Whether a language tag is within a range: `en` holds for `en-GB` too.
/// Basic filtering of RFC 4647 section 3.3.1, checked 2026-11-21.
fn speaks(tag: &str, range: &str) -> bool {
    let (tag, range) = (tag.to_lowercase(), range.to_lowercase());
    range == "*" || tag == range || tag.strip_prefix(&range).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether an account's name matches: `mastodon/*`, `*/acme`; `*` alone stands for every account.
fn account_matches(pattern: &str, name: &str) -> bool {
    pattern == "*" || glob::matches(pattern, name)
}

/// Whether a path matches; a pattern that ends in `/` holds for all below it.
pub(super) fn path_matches(pattern: &str, path: &str) -> bool {
    if pattern.ends_with('/') { glob::matches(&format!("{pattern}**"), path) } else { glob::matches(pattern, path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [("Café", "CAFE\u{301}"), ("İyi", "I\u{307}yi"), (" autumn ", "Autumn"), ("Ωmega", "ωmega")]
        {
            assert!(same(one, other), "{one:?} {other:?}");
        }
        assert!(!same("cafe", "café"));
    }

    #[test]
    fn folders_and_accounts_match_as_people_write_them() {
        assert!(path_matches("posts/emea/", "posts/emea/de/a.md") && path_matches("posts/**", "posts/a.md"));
        assert!(!path_matches("posts/emea/", "posts/apac/a.md") && !path_matches("posts/emea", "posts/emea/a.md"));
        assert!(account_matches("*", "mastodon/acme") && account_matches("mastodon/*", "mastodon/acme"));
        assert!(!account_matches("mastodon", "mastodon/acme") && !account_matches("bluesky/*", "mastodon/acme"));
    }

    #[test]
    fn a_language_range_holds_for_its_regions() {
        assert!(speaks("en-GB", "EN") && speaks("de", "de") && speaks("fr", "*"));
        assert!(!speaks("en", "en-GB") && !speaks("eng", "en"));
    }
}
