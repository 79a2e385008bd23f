//! The addresses that a post leads to, and the servers that they name.

use std::borrow::Cow;
use std::ops::Range;

use idna::punycode::decode_to_string;
use url::{Host, Url};

use super::Reading;
use crate::render;
use crate::workspace::Post;

/// An address in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As the author wrote it.
    pub written: String,
    /// What it is read as.
    pub url: Url,
    /// Where it stands in the file; of an address that is not written there as it is meant, the whole link.
    pub span: Range<usize>,
    /// Whether the span is the address and nothing else.
    pub exact: bool,
    /// The words that stand for it, where there are some.
    pub words: Option<String>,
}

/// The addresses of a post, in the order of the file's texts.
pub(super) fn addresses(post: &Post, texts: &[Reading<'_>]) -> Vec<Address> {
    let mut found = Vec::new();
    if let Some(link) = &post.link
        && let Ok(url) = Url::parse(&link.url)
    {
        let front = post.source.text.find("link:").unwrap_or(0);
        let place = post.source.text.get(front..).and_then(|text| text.find(&link.url)).map(|at| front + at);
        let span = place.map_or(0..0, |start| start..start + link.url.len());
        found.push(Address { written: link.url.clone(), url, span, exact: place.is_some(), words: None });
    }
    for reading in texts {
        in_text(reading, &mut found);
    }
    found
}

fn in_text(reading: &Reading<'_>, found: &mut Vec<Address>) {
    let markdown = reading.text.markdown.as_str();
    if !markdown.contains("://") {
        return;
    }
    for link in &reading.links {
        let Ok(url) = Url::parse(&link.address) else { continue };
        if !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        let whole = markdown.get(link.range.clone()).unwrap_or_default();
        // Of `[address](address)` the second leads there.
        let place = whole.rfind(&link.address).map(|at| link.range.start + at);
        let range = place.map_or(link.range.clone(), |start| start..start + link.address.len());
        let bare = link.words.trim() == link.address;
        let words = (!bare).then(|| link.words.clone());
        let (written, span) = (link.address.clone(), reading.span(range));
        found.push(Address { written, url, span, exact: place.is_some(), words });
    }
    if !reading.words.contains("://") {
        return;
    }
    let meant = Meant::of(reading);
    for address in render::addresses(&meant.words) {
        let range = meant.place(address.start)..meant.end(address.end);
        let within = reading.links.iter().any(|link| link.range.start <= range.start && range.end <= link.range.end);
        // `https\://…` is no link.
        let begun = "http://".len();
        let undone = meant.place(address.start + begun) != range.start + begun;
        let written = meant.words.get(address).unwrap_or_default();
        if let Ok(url) = Url::parse(written)
            && !within
            && !undone
        {
            let exact = markdown.get(range.clone()) == Some(written);
            found.push(Address { written: written.to_owned(), url, span: reading.span(range), exact, words: None });
        }
    }
}

/// The words of a text with `\_` and `&amp;` as what they mean, and without the signs of emphasis.
struct Meant<'a> {
    words: Cow<'a, str>,
    /// Places in these words, and in the text: from each on they run side by side up to the next.
    places: Vec<(usize, usize)>,
}

impl<'a> Meant<'a> {
    fn of(reading: &'a Reading<'_>) -> Self {
        if reading.escaped.is_empty() {
            return Self { words: Cow::Borrowed(&reading.words), places: Vec::new() };
        }
        let (mut words, mut places, mut from) = (String::with_capacity(reading.words.len()), Vec::new(), 0);
        for (range, sign) in &reading.escaped {
            words += reading.words.get(from..range.start).unwrap_or_default();
            places.push((words.len(), range.start));
            words += sign;
            places.push((words.len(), range.end));
            from = range.end;
        }
        words += reading.words.get(from..).unwrap_or_default();
        Self { words: Cow::Owned(words), places }
    }

    /// Where what ends here ends in the text: before a sign that says nothing itself.
    fn end(&self, at: usize) -> usize {
        let first = self.places.get(self.places.partition_point(|(here, _)| *here < at));
        first.filter(|(here, _)| *here == at).map_or_else(|| self.place(at), |(_, there)| *there)
    }

    fn place(&self, at: usize) -> usize {
        let last = self.places.partition_point(|(here, _)| *here <= at).checked_sub(1);
        last.and_then(|last| self.places.get(last)).map_or(at, |(here, there)| there + (at - here))
    }
}

impl Address {
    /// The server's name as the network knows it: letters of other scripts as punycode. Empty where it is a number.
    pub fn host(&self) -> &str {
        self.url.domain().unwrap_or_default()
    }
}

/// Whether a server is this machine, or hidden in the Tor network, where nobody listens on the way.
pub(super) fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost") || name.ends_with(".onion")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    }
}

/// Whether a server is `domain` or one below it.
pub(super) fn belongs(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The part of a server's name that somebody registered, by the usual forms: the last two labels, and three below
/// endings such as `co.uk`.
pub(super) fn registered(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), second) = (dots.next(), dots.next()) else { return host };
    let Some(second) = second else { return host };
    let (label, ending) = (host.get(second + 1..last).unwrap_or_default(), host.len() - last - 1);
    let below =
        ending == 2 && matches!(label, "co" | "com" | "org" | "net" | "ac" | "gov" | "gob" | "edu" | "or" | "ne");
    let start = if below { dots.next().map_or(0, |at| at + 1) } else { second + 1 };
    host.get(start..).unwrap_or(host)
}

/// A server's name as people read it: punycode as the letters that it stands for.
pub(super) fn readable(host: &str) -> String {
    let labels = host.split('.').map(|label| {
        let punycode = label.get(..4).filter(|start| start.eq_ignore_ascii_case("xn--")).and_then(|_| label.get(4..));
        punycode.and_then(decode_to_string).unwrap_or_else(|| label.to_owned())
    });
    labels.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::Written;
    use crate::workspace::{NetworkSpec, Scope, load_post, load_settings};

    #[test]
    fn punycode_is_read() {
        for name in
            ["bücher.example", "例え.jp", "аррӏе.com", "παράδειγμα.gr", "ไทย.example", "acme.example", "münchen-ost.de"]
        {
            let url = Url::parse(&format!("https://{name}/")).unwrap();
            assert_eq!(readable(url.host_str().unwrap()), name);
        }
        assert_eq!(readable("xn--.xn--a b"), ".xn--a b");
    }

    #[test]
    fn addresses_are_what_markdown_means_and_where_they_stand() {
        let spec = NetworkSpec { network: "net", required: &[], optional: &[] };
        let settings =
            load_settings(b"version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"net/a\"]\n", &[spec]).0.unwrap();
        let scope = Scope { settings: Some(&settings), networks: &[spec], files: None };
        let said = |body: &str| -> Vec<(String, String, bool)> {
            let text = format!("---\nto: net/a\n---\n{body}\n");
            let loaded = load_post("posts/a.md", text.as_bytes(), &scope);
            let post = loaded.post.unwrap_or_else(|| panic!("{:?}", loaded.findings));
            let found = Written::of(&post).addresses.into_iter();
            found.map(|address| (address.written, text[address.span].to_owned(), address.exact)).collect()
        };
        for (body, written, there) in [
            ("see https://a.example/Foo\\_bar\\_ or", "https://a.example/Foo_bar_", "https://a.example/Foo\\_bar\\_"),
            ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
            ("**https://a.example/** x", "https://a.example/", "https://a.example/"),
            ("\\_*https://a.example/*a*b*", "https://a.example/ab", "https://a.example/*a*b"),
            ("[x](HTTPS://a.example/a\\_b)", "HTTPS://a.example/a_b", "[x](HTTPS://a.example/a\\_b)"),
            ("[https://a.example/](https://b.example/)", "https://b.example/", "https://b.example/"),
        ] {
            assert_eq!(said(body), [(written.to_owned(), there.to_owned(), written == there)], "{body}");
        }
        assert_eq!(said("https\\://a.example/ [x](mailto:a@a.example) `https://a.example`"), []);
    }

    #[test]
    fn who_registered_a_name() {
        for (host, name) in [
            ("www.acme.example", "acme.example"),
            ("acme.example", "acme.example"),
            ("shop.acme.co.uk", "acme.co.uk"),
            ("a.b.com.br", "b.com.br"),
            ("t.co", "t.co"),
            ("www.t.co", "t.co"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registered(host), name);
        }
        assert!(belongs("m.youtube.com", "youtube.com") && belongs("t.co", "t.co") && !belongs("reddit.co", "t.co"));
    }

    proptest! {
        #[test]
        fn any_label_is_read_somehow(label in "(xn--)?[a-z0-9-]{0,30}") {
            let _ = readable(&label);
        }
    }
}
