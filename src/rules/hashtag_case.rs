//! `text/hashtag-case`: a hashtag of several words has capitals where the team writes it so elsewhere.
//!
//! Screen readers read `#SocialPostsAsCode` as words and `#socialpostsascode` as a riddle. Where words begin is never
//! guessed: only a hashtag that another post of the workspace writes with capitals is found. Networks take both for the same.
//! `greenlit check --fix` writes it as the other post does.
//!
//! ```markdown file posts/other.md
//! ---
//! to: mastodon/acme
//! ---
//! Our week of #OpenAccessibility begins.
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! ---
//! Come to our week of #openaccessibility
//! ```
//!
//! ```markdown good
//! ---
//! to: mastodon/acme
//! ---
//! Come to our week of #OpenAccessibility and #internationalization
//! ```

use std::collections::HashMap;

use super::{Desk, Level, Rule, Written};
use crate::workspace::{Finding, Post, suggest};

pub const RULE: Rule = Rule::workspace(
    &["text/hashtag-case"],
    "a hashtag of several words has capitals where the team writes it so elsewhere",
    Level::Info,
    include_str!("hashtag_case.rs"),
    judge,
);

/// Letters of a hashtag that is hard to read in one piece.
const LONG: usize = 10;

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    let mut spellings: HashMap<String, (&str, &Post)> = HashMap::new();
    for post in desk.posts {
        for tag in tags(&post.source.text).map(|(_, tag)| tag).filter(|tag| has_words(tag)) {
            spellings.entry(tag.to_lowercase()).or_insert((tag, post));
        }
    }
    if spellings.is_empty() {
        return;
    }
    let small = |tag: &str| !tag.contains(char::is_uppercase) && spellings.contains_key(tag);
    for post in desk.posts.iter().filter(|post| tags(&post.source.text).any(|(_, tag)| small(tag))) {
        let written = Written::of(post);
        for reading in &written.texts {
            for (at, tag) in tags(&reading.words).filter(|(_, tag)| small(tag)) {
                let Some((spelling, other)) = spellings.get(tag) else { continue };
                let range = at..at + tag.len();
                let span = reading.span(range.clone());
                let message = format!("{} is read in one piece", suggest::quote(&format!("#{tag}")));
                let finding = written.finding("text/hashtag-case", reading, range, message).label("several words");
                let help = format!("write `#{spelling}`, as {} does", other.source.path);
                findings.push(finding.help(help).fix(span, *spelling));
            }
        }
    }
}

/// The long hashtags of a text without their sign, and where they stand.
fn tags(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('#').filter_map(move |(at, _)| {
        let before = text.get(..at)?.chars().next_back();
        let rest = text.get(at + 1..)?;
        let tag = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        let begins = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '*' | '"'));
        (begins && tag.len() >= LONG && tag.chars().count() >= LONG).then_some((at + 1, tag))
    })
}

/// `OpenAccess`: at least two words that begin with a capital.
fn has_words(tag: &str) -> bool {
    let mut before = ' ';
    let mut words = 0;
    for c in tag.chars() {
        words += usize::from(c.is_uppercase() && !before.is_uppercase());
        before = c;
    }
    words >= 2 && tag.contains(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_several_words() {
        for tag in ["OpenAccessibility", "ОткрытыйКод", "SocialPostsAsCode"] {
            assert!(has_words(tag), "{tag}");
        }
        for tag in ["Internationalization", "OPENACCESS", "openaccess", "オープンソース"] {
            assert!(!has_words(tag), "{tag}");
        }
        let found: Vec<_> =
            tags("#openaccessibility, x#openaccessibility #short (#открытыйкод)").map(|(_, tag)| tag).collect();
        assert_eq!(found, ["openaccessibility", "открытыйкод"]);
    }
}
