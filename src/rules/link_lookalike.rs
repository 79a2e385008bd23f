//! `link/lookalike`: no address pretends to be another one.
//!
//! Letters of other scripts make servers that read like well-known ones: a Cyrillic “а” in `pаypal.com` leads to
//! `xn--pypal-4ve.com`, which is anybody's. Found are names that mix scripts within a word, names that look like a
//! well-known server, and names that look like a server which the workspace uses elsewhere; so are addresses that show a
//! server where a name to log in with belongs (`https://paypal.com@acme.example`). People's addresses count, too
//! (`@acme@mastodon.example`). The message says what the server is really called. Names wholly in a script of their own
//! (`例え.jp`, `пример.рф`, `bücher.example`) are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Pay at https://pаypal.com/acme
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! link: https://xn--mastodn-fjg.example/@acme
//! ---
//! Follow us.
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Pay at https://paypal.com@pay.example/acme
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! ---
//! Ask @help@mаstodon.social
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Pay at https://paypal.com/acme, read https://bücher.example, https://пример.рф and https://例え.jp
//! ```

use std::collections::BTreeSet;

use url::Url;

use super::link_mismatch::ENDINGS;
use super::links::{belongs, readable};
use super::scripts::{latin_twin, script};
use super::{Desk, Level, Rule};
use crate::workspace::{Finding, Post, Settings, suggest};

pub const RULE: Rule = Rule::workspace(
    &["link/lookalike"],
    "no address pretends to be another one",
    Level::Error,
    include_str!("link_lookalike.rs"),
    judge,
);

fn judge(desk: &Desk<'_>, findings: &mut Vec<Finding>) {
    lookalikes(desk.settings, desk.posts, findings);
}

/// Addresses of posts that pretend to be others.
pub(super) fn lookalikes(settings: &Settings, posts: &[&Post], findings: &mut Vec<Finding>) {
    let mut strange: Vec<(&Post, Server<'_>)> = Vec::new();
    for post in posts {
        findings.extend(users(post));
        let all = servers(&post.source.text).filter(|server| is_foreign(server.written));
        strange.extend(all.map(|server| (*post, server)));
    }
    // Nearly always: only then every post is looked through for plain names.
    if strange.is_empty() {
        return;
    }
    let mut plain: BTreeSet<String> = WELL_KNOWN.iter().map(|&host| host.to_owned()).collect();
    let accounts = settings.accounts.values().flat_map(|account| [&account.server, &account.url]);
    plain.extend(accounts.flatten().filter_map(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned())));
    for post in posts {
        let all = servers(&post.source.text).filter(|server| !is_foreign(server.written));
        plain.extend(all.map(|server| server.written.to_ascii_lowercase()));
    }
    for (post, server) in strange {
        let Ok(url) = Url::parse(&format!("https://{}", server.written)) else { continue };
        let Some(host) = url.host_str() else { continue };
        let shown = readable(host);
        let Some(why) = pretence(&shown, &plain) else { continue };
        let span = server.start..server.start + server.written.len();
        let message = format!("{} {why}: it is really called {host}", suggest::quote(&shown));
        let finding = Finding::error("link/lookalike", &post.source, span, message).label("not what it looks like");
        findings.push(finding.help("type the address anew, or remove it"));
    }
}

/// Addresses in which a server stands before an `@`: they lead to what is behind it.
fn users(post: &Post) -> impl Iterator<Item = Finding> {
    let text = post.source.text.as_str();
    text.match_indices("://").filter_map(move |(at, sign)| {
        let start = at + sign.len();
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | ')' | ']' | '`');
        let authority = text.get(start..)?.split(ends).next()?;
        let (user, host) = authority.rsplit_once('@')?;
        let shown = user.split(':').next().unwrap_or_default();
        let (_, ending) = shown.rsplit_once('.')?;
        if host.is_empty() || !ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
            return None;
        }
        let message = format!("the address shows {}, and leads to {}", suggest::quote(shown), suggest::quote(host));
        let finding = Finding::error("link/lookalike", &post.source, start..start + authority.len(), message);
        Some(finding.label("not what it looks like").help("write the address without what stands before the `@`"))
    })
}

/// A server's name where it stands in an address.
struct Server<'a> {
    written: &'a str,
    start: usize,
}

/// The servers' names in a text: in addresses, and behind an `@` in people's (`@acme@mastodon.example`, `press@acme.example`).
fn servers(text: &str) -> impl Iterator<Item = Server<'_>> {
    let marks = text.match_indices("://").chain(text.match_indices('@'));
    marks.filter_map(|(at, sign)| {
        let start = at + sign.len();
        let ends = |c: char| {
            !c.is_alphanumeric() && !matches!(c, '.' | '-') && !unicode_normalization::char::is_combining_mark(c)
        };
        let written = text.get(start..)?.split(ends).next()?.trim_end_matches(['.', '-']);
        written.contains('.').then_some(Server { written, start })
    })
}

/// Whether a name has other letters than ASCII's, also where punycode hides them.
fn is_foreign(host: &str) -> bool {
    !host.is_ascii()
        || host.split('.').any(|label| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")))
}

/// What a name pretends.
fn pretence(host: &str, plain: &BTreeSet<String>) -> Option<String> {
    let looks: String = host.chars().map(|c| latin_twin(c).unwrap_or(c)).collect::<String>().to_lowercase();
    if looks != host
        && looks.is_ascii()
        && let Some(like) = plain.iter().find(|known| belongs(&looks, known))
    {
        return Some(format!("looks like {like}"));
    }
    let mixes = |label: &str| {
        let mut scripts = label.chars().filter_map(script);
        scripts.next().is_some_and(|first| scripts.any(|other| other != first))
    };
    host.split('.').any(mixes).then(|| "mixes letters of several scripts in one word".to_owned())
}

/// Servers that others like to be taken for.
#[rustfmt::skip]
const WELL_KNOWN: [&str; 36] = [
    "amazon.com", "apple.com", "bankofamerica.com", "binance.com", "bsky.app", "bsky.social", "chase.com", "coinbase.com", "dhl.com",
    "discord.com", "dropbox.com", "ebay.com", "facebook.com", "fedex.com", "github.com", "gitlab.com", "google.com", "icloud.com",
    "instagram.com", "linkedin.com", "live.com", "mastodon.social", "microsoft.com", "netflix.com", "office.com", "paypal.com",
    "reddit.com", "spotify.com", "steampowered.com", "telegram.org", "tiktok.com", "twitter.com", "whatsapp.com", "wikipedia.org",
    "x.com", "youtube.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn pretends(host: &str) -> Option<String> {
        let known = ["acme.example", "paypal.com", "x.com"].map(str::to_owned).into();
        pretence(host, &known)
    }

    #[test]
    fn names_that_pretend() {
        assert_eq!(pretends("pаypal.com").as_deref(), Some("looks like paypal.com"));
        assert_eq!(pretends("www.раураӏ.com").as_deref(), Some("looks like paypal.com"), "all letters are Cyrillic");
        assert_eq!(pretends("асme.example").as_deref(), Some("looks like acme.example"));
        assert!(pretends("acmе5.example").is_some_and(|why| why.starts_with("mixes")));
        for honest in [
            "bücher.example",
            "пример.рф",
            "例え.jp",
            "παράδειγμα.gr",
            "сос.рф",
            "acme.пример",
            "한국.kr",
            "paypal.com",
        ] {
            assert_eq!(pretends(honest), None, "{honest}");
        }
    }

    #[test]
    fn servers_in_a_text() {
        let found: Vec<_> =
            servers("see https://a.example/x, (http://b.example) x://y https://пример.рф。 https://例え.jp:80/")
                .map(|server| server.written)
                .collect();
        assert_eq!(found, ["a.example", "b.example", "пример.рф", "例え.jp"]);
        let found: Vec<_> =
            servers("@acme, @a.example and @b@c.example: me@d.example. @").map(|server| server.written).collect();
        assert_eq!(found, ["a.example", "c.example", "d.example"]);
    }
}
