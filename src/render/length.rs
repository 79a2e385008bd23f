//! How long a part is, counted as its network counts.

use unicode_segmentation::UnicodeSegmentation;

use super::capability::Length;
use super::detect;
use super::payload::Part;

/// A part's length, held against the network's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Measure {
    /// How long it is.
    pub count: usize,
    /// How long it may be; `None`: no limit that a person would reach.
    pub limit: Option<usize>,
    /// What is counted: `characters`.
    pub unit: &'static str,
    /// A second limit beside the first: count, limit and unit. Bluesky has one in bytes.
    pub second: Option<(usize, usize, &'static str)>,
}

impl Measure {
    /// Whether the part is within every limit.
    pub fn fits(&self) -> bool {
        self.limit.is_none_or(|limit| self.count <= limit) && self.second.is_none_or(|(count, limit, _)| count <= limit)
    }
}

/// Measures a part. Where the network counts it, the content warning is part of the length.
pub fn measure(part: &Part, content_warning: Option<&str>, length: &Length) -> Measure {
    match *length {
        Length::Unlimited => Measure { count: graphemes(&part.text), limit: None, unit: "characters", second: None },
        Length::Graphemes { limit, bytes } => Measure {
            count: graphemes(&part.text),
            limit: Some(limit),
            unit: "characters",
            second: Some((part.text.len(), bytes, "bytes")),
        },
        Length::Mastodon { limit, url } => {
            let counted = format!("{}{}", content_warning.unwrap_or_default(), mastodon_text(&part.text, url));
            Measure { count: graphemes(&counted), limit: Some(limit), unit: "characters", second: None }
        }
    }
}

/// The text that Mastodon counts: a link stands for `url` characters, a mention for its name without the server.
///
/// By `app/validators/status_length_validator.rb` and `app/lib/extractor.rb` of
/// <https://github.com/mastodon/mastodon> (checked 2026-11-21).
fn mastodon_text(text: &str, url: usize) -> String {
    let mut counted = String::with_capacity(text.len());
    let mut done = 0;
    let links =
        detect::addresses(text).into_iter().filter(|range| has_domain(text.get(range.clone()).unwrap_or_default()));
    for range in links {
        counted.push_str(&without_servers(text.get(done..range.start).unwrap_or_default()));
        counted.extend(std::iter::repeat_n('x', url));
        done = range.end;
    }
    counted.push_str(&without_servers(text.get(done..).unwrap_or_default()));
    counted
}

/// Whether Mastodon takes an address for a link: its host is a domain with an ending, no number and no bare name.
fn has_domain(address: &str) -> bool {
    let host = url::Url::parse(address).ok().and_then(|url| url.domain().map(str::to_owned)).unwrap_or_default();
    host.rsplit_once('.')
        .is_some_and(|(_, ending)| ending.len() >= 2 && !ending.starts_with(|c: char| c.is_ascii_digit()))
}

/// Takes the server out of `@user@server.example`.
fn without_servers(text: &str) -> String {
    let mut counted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        counted.push_str(before);
        let starts = !counted.ends_with(|c: char| is_word(c) || matches!(c, '=' | '/'));
        counted.push('@');
        rest = after;
        if !starts {
            continue;
        }
        let user = run(after, |c| c.is_ascii_alphanumeric() || c == '_');
        let Some(server) = after.get(user..).and_then(|rest| rest.strip_prefix('@')) else { continue };
        let server = server.get(..run(server, is_word)).unwrap_or_default();
        let end = user + 1 + server.len();
        let behind = after.get(end..).unwrap_or_default();
        if user > 0 && !server.is_empty() && !behind.starts_with(['@', '＠']) && !behind.starts_with("://") {
            counted.push_str(after.get(..user).unwrap_or_default());
            rest = behind;
        }
    }
    counted.push_str(rest);
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

/// Extended grapheme clusters of UAX #29: what a reader sees as one character.
fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None }
    }

    fn mastodon(text: &str) -> usize {
        measure(&part(text), None, &Length::Mastodon { limit: 500, url: 23 }).count
    }

    #[test]
    fn one_sign_is_what_a_reader_sees_as_one() {
        let signs = [
            ("👩‍👩‍👧‍👦", 1, 25),
            ("🇩🇪🇫🇷", 2, 16),
            ("👍🏽", 1, 8),
            ("1\u{fe0f}\u{20e3}", 1, 7),
            ("e\u{301}", 1, 3),
            ("नमस्ते", 3, 18),
            ("क्षि", 1, 12),
            ("発売中", 3, 9),
            ("שָׁלוֹם", 4, 14),
            ("السلام", 6, 12),
            ("한국", 2, 6),
            ("\u{1112}\u{1161}\u{11ab}", 1, 9),
            ("a\r\nb", 3, 4),
        ];
        for (text, characters, bytes) in signs {
            let measured = measure(&part(text), None, &Length::Graphemes { limit: 300, bytes: 3000 });
            assert_eq!((measured.count, measured.second), (characters, Some((bytes, 3000, "bytes"))), "{text}");
        }
    }

    #[test]
    fn either_limit_of_bluesky_can_be_the_one() {
        let length = Length::Graphemes { limit: 300, bytes: 3000 };
        assert!(measure(&part(&"é".repeat(300)), None, &length).fits());
        assert!(!measure(&part(&"é".repeat(301)), None, &length).fits());
        assert!(!measure(&part(&"👩‍👩‍👧‍👦".repeat(121)), None, &length).fits(), "121 characters, but 3025 bytes");
        assert!(measure(&part("x"), None, &Length::Unlimited).fits());
    }

    #[test]
    fn mastodon_counts_every_link_the_same() {
        assert_eq!(mastodon("https://a.example"), 23);
        assert_eq!(mastodon(&format!("See https://a.example/{}.", "x".repeat(400))), 4 + 23 + 1);
        assert_eq!(mastodon("(https://a.example/b_(c)) http://x.example"), 1 + 23 + 1 + 1 + 23);
        assert_eq!(mastodon("acme.example/launch"), 19, "no scheme, no link");
        assert_eq!(mastodon("http://localhost http://127.0.0.1/"), 34, "no domain, no link");
    }

    #[test]
    fn mastodon_counts_no_servers_of_people() {
        assert_eq!(mastodon("@alice@mastodon.example hi"), 9);
        assert_eq!(mastodon("(@a@b.example, @c@d.example)"), 8);
        assert_eq!(mastodon("@alice"), 6);
        assert_eq!(mastodon("@a.b@c-d.example."), 5);
        assert_eq!(mastodon("mail a@b.example"), 16);
        assert_eq!(mastodon("x/@a@b.example"), 14, "a path");
        assert_eq!(mastodon("@a@b@c"), 6, "no mention");
        assert_eq!(mastodon("@ @@ @. a@ @-@-"), 15);
    }

    #[test]
    fn mastodon_counts_the_warning_too() {
        let measured = measure(&part("text"), Some("news"), &Length::Mastodon { limit: 7, url: 23 });
        assert_eq!((measured.count, measured.limit, measured.fits()), (8, Some(7), false));
    }
}
