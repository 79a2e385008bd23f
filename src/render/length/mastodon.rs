//! How Mastodon counts: links and mentions are shorter than they are written.

use std::ops::Range;

use super::{host, links};
use crate::render::detect;

/// The text that Mastodon counts: a link stands for `url` characters, a mention for its name without the server.
///
/// By `app/validators/status_length_validator.rb` and `app/lib/extractor.rb` of
/// <https://github.com/mastodon/mastodon> (checked 2026-11-21, the longest link and server 2026-11-28).
pub fn counted_text(text: &str, url: usize) -> String {
    let mut counted = String::with_capacity(text.len());
    let mut done = 0;
    for range in found_links(text) {
        counted.push_str(&without_servers(text.get(done..range.start).unwrap_or_default()));
        counted.extend(std::iter::repeat_n('x', url));
        done = range.end;
    }
    counted.push_str(&without_servers(text.get(done..).unwrap_or_default()));
    counted
}

/// What Mastodon takes for links.
pub fn found_links(text: &str) -> Vec<Range<usize>> {
    let mut addresses = detect::addresses(text);
    addresses.retain(|range| has_domain(text.get(range.clone()).unwrap_or_default()));
    addresses
}

/// Whether Mastodon takes an address for a link: it is not too long, and its host is a domain with an ending, no number and
/// no bare name. Servers link only endings that they know; which they are, depends on the server's age and is not asked.
fn has_domain(address: &str) -> bool {
    let host = url::Url::parse(address).ok().and_then(|url| url.domain().map(str::to_owned)).unwrap_or_default();
    let has_ending = host
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ending.len() >= 2 && !ending.starts_with(|c: char| c.is_ascii_digit()));
    has_ending && host::has_short_labels(&host) && is_short(address)
}

/// Whether an address is as short as the links that twitter-text finds, for which the scheme counts twice.
fn is_short(address: &str) -> bool {
    let scheme = address.split_inclusive("//").next().unwrap_or_default();
    scheme.len() + address.chars().count() <= links::LONGEST
}

/// Characters of the longest server's name of which Mastodon makes a mention.
const LONGEST_SERVER: usize = 253;

/// Somebody who is named in a text.
pub struct Mention {
    /// All of it: `@user@server.example`.
    pub range: Range<usize>,
    /// The byte after `@user`.
    pub user_end: usize,
}

/// What Mastodon takes for mentions, of its own people and of those on other servers.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) {
        from = at + 1;
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(from..).unwrap_or_default();
        let user = run(after, |c| c.is_ascii_alphanumeric() || c == '_');
        if user == 0 || before.ends_with(|c: char| is_word(c) || matches!(c, '=' | '/')) {
            continue;
        }
        let user_end = from + user;
        let behind = text.get(user_end..).unwrap_or_default();
        let server = behind.strip_prefix('@').map(|server| run(server, is_word));
        let server = server.and_then(|length| behind.get(1..1 + length)).unwrap_or_default();
        let end = user_end + if server.is_empty() { 0 } else { 1 + server.len() };
        let follows = text.get(end..).unwrap_or_default();
        let short = server.chars().count() <= LONGEST_SERVER;
        if short && !follows.starts_with(['@', '＠']) && !follows.starts_with("://") {
            found.push(Mention { range: at..end, user_end });
            from = end;
        }
    }
    found
}

/// Takes the server out of `@user@server.example`.
fn without_servers(text: &str) -> String {
    let mut counted = String::with_capacity(text.len());
    let mut done = 0;
    for mention in mentions(text) {
        counted.push_str(text.get(done..mention.user_end).unwrap_or_default());
        done = mention.range.end;
    }
    counted.push_str(text.get(done..).unwrap_or_default());
    counted
}

/// The bytes of a name at the start of a text: characters of one kind, `.` and `-` between them.
fn run(text: &str, good: impl Fn(char) -> bool) -> usize {
    let length = text.find(|c: char| !good(c) && !matches!(c, '.' | '-')).unwrap_or(text.len());
    let name = text.get(..length).unwrap_or_default();
    if name.starts_with(['.', '-']) { 0 } else { name.trim_end_matches(['.', '-']).len() }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || unicode_normalization::char::is_combining_mark(c)
}
