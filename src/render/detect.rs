//! What a network's own clients find in running text: addresses, mentions, hashtags.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_segmentation::UnicodeSegmentation;

use super::layout::Laid;
use super::payload::{Facet, Feature};

/// The bare `http://` and `https://` addresses in a text, in order.
///
/// A domain alone (`acme.example/launch`) is none: Bluesky's app would link it and Mastodon would not, and which
/// endings make a domain changes from month to month, while a payload must not.
pub fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let web = |link: &linkify::Link<'_>| {
        let scheme = link.as_str().split_once("://").map(|(scheme, _)| scheme).unwrap_or_default();
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    };
    let mut found = Vec::new();
    for link in finder.links(text).filter(web) {
        // East Asian text has no blank after an address; its punctuation is never part of one.
        let address = link.as_str().split(WIDE_PUNCTUATION).next().unwrap_or_default();
        if url::Url::parse(address).is_ok_and(|url| url.has_host()) {
            found.push(link.start()..link.start() + address.len());
        }
    }
    found
}

const WIDE_PUNCTUATION: [char; 18] =
    ['、', '。', '，', '！', '？', '；', '：', '（', '）', '「', '」', '『', '』', '【', '】', '《', '》', '…'];

/// Bluesky's facets of a text: the links that are written as links, bare addresses, mentions and hashtags, in order
/// and not overlapping.
///
/// Mentions and hashtags are those that Bluesky's app finds (`detectFacets` in
/// <https://github.com/bluesky-social/atproto/blob/main/packages/api/src/rich-text/detection.ts>, checked 2026-11-21),
/// except in code and where the author escaped the `@` or `#`.
pub fn facets(laid: &Laid) -> Vec<Facet> {
    let mut facets: Vec<Facet> = Vec::new();
    let mut taken = Ranges::default();
    for (range, url) in &laid.links {
        if taken.take(range.clone()) {
            facets.push(facet(range.clone(), Feature::Link { url: url.clone() }));
        }
    }
    for range in &laid.code {
        taken.take(range.clone());
    }
    let text = &laid.text;
    let escaped = |range: Range<usize>| {
        let first = laid.escaped.partition_point(|byte| *byte < range.start);
        laid.escaped.get(first).is_some_and(|byte| *byte < range.end)
    };
    // `https\://…` is no link.
    for range in addresses(text).into_iter().filter(|range| !escaped(range.start..range.start + "http://".len())) {
        let url = text.get(range.clone()).unwrap_or_default().to_owned();
        if taken.take(range.clone()) {
            facets.push(facet(range, Feature::Link { url }));
        }
    }
    let named = mentions(text).into_iter().chain(hashtags(text));
    for (range, feature) in named.filter(|(range, _)| !escaped(range.start..range.start + 1)) {
        if taken.take(range.clone()) {
            facets.push(facet(range, feature));
        }
    }
    facets.sort_by_key(|facet| facet.start);
    facets
}

fn facet(range: Range<usize>, feature: Feature) -> Facet {
    Facet { start: range.start, end: range.end, feature }
}

/// `@handle.example` at the start, after white space or after `(`.
pub(super) fn mentions(text: &str) -> Vec<(Range<usize>, Feature)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let (before, after) = text.split_at(at);
        if before.chars().next_back().is_some_and(|c| !c.is_whitespace() && c != '(') {
            continue;
        }
        let name = after.strip_prefix('@').unwrap_or_default();
        let length = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-')).unwrap_or(name.len());
        let (handle, rest) = name.split_at(length);
        // `@user@server` is a name of another network.
        if rest.starts_with(['_', '@']) {
            continue;
        }
        let handle = handle.trim_end_matches(['.', '-']);
        if is_handle(handle) {
            found.push((at..at + 1 + handle.len(), Feature::Mention { handle: handle.to_owned() }));
        }
    }
    found
}

/// Whether a text is a handle: a domain name of at least two labels whose last one begins with a letter
/// (<https://atproto.com/specs/handle>, checked 2026-11-21).
fn is_handle(text: &str) -> bool {
    let label = |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let last = text.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
    text.len() <= 253 && text.split('.').all(label) && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// `#tag` or `＃tag` at the start or after white space.
pub(super) fn hashtags(text: &str) -> Vec<(Range<usize>, Feature)> {
    let mut found = Vec::new();
    for (at, sign) in text.match_indices(['#', '＃']) {
        if text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(|c| !c.is_whitespace()) {
            continue;
        }
        let start = at + sign.len();
        let word = text.get(start..).unwrap_or_default();
        // U+FE0F makes an emoji of the sign: a keycap.
        if word.starts_with('\u{fe0f}') {
            continue;
        }
        let word = word.split(ends_tag).next().unwrap_or_default();
        let tag = word.trim_end_matches(is_punctuation);
        let says = tag.chars().any(|c| !c.is_ascii_digit() && !is_punctuation(c));
        if says && tag.graphemes(true).count() <= LONGEST_TAG && tag.len() <= LONGEST_TAG_BYTES {
            found.push((at..start + tag.len(), Feature::Tag { tag: tag.to_owned() }));
        }
    }
    found
}

/// Grapheme clusters of a tag, and its bytes: lexicon `app.bsky.richtext.facet#tag` (checked 2026-11-21).
const LONGEST_TAG: usize = 64;
const LONGEST_TAG_BYTES: usize = 640;

/// White space, and signs of no width that would make two tags look like one.
fn ends_tag(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{2060}' | '\u{200a}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{20e2}')
}

/// Unicode's `\p{P}`.
fn is_punctuation(c: char) -> bool {
    use GeneralCategory::{
        ClosePunctuation, ConnectorPunctuation, DashPunctuation, FinalPunctuation, InitialPunctuation, OpenPunctuation,
        OtherPunctuation,
    };
    matches!(
        get_general_category(c),
        ClosePunctuation
            | ConnectorPunctuation
            | DashPunctuation
            | FinalPunctuation
            | InitialPunctuation
            | OpenPunctuation
            | OtherPunctuation
    )
}

/// Stretches of a text that are spoken for.
#[derive(Default)]
struct Ranges(std::collections::BTreeMap<usize, usize>);

impl Ranges {
    /// Takes a stretch if it is not empty and nobody has a byte of it.
    fn take(&mut self, range: Range<usize>) -> bool {
        let free = self.0.range(..range.end).next_back().is_none_or(|(_, end)| *end <= range.start);
        if free && !range.is_empty() {
            self.0.insert(range.start, range.end);
        }
        free && !range.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::layout::{Links, lay};
    use crate::render::markdown::parse;

    /// Every facet as its text, and what it says.
    fn found(markdown: &str) -> Vec<(String, String)> {
        let laid = lay(&parse(markdown), Links::Marked);
        let say = |facet: Facet| {
            let text = laid.text.get(facet.range()).unwrap().to_owned();
            let what = match facet.feature {
                Feature::Link { url } => url,
                Feature::Mention { handle } => format!("mention {handle}"),
                Feature::Tag { tag } => format!("tag {tag}"),
            };
            (text, what)
        };
        facets(&laid).into_iter().map(say).collect()
    }

    fn texts(markdown: &str) -> Vec<String> {
        found(markdown).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn a_post_with_everything() {
        let markdown =
            "👩‍👩‍👧 **Acme 5** by @alice.example, see [the *news*](https://acme.example/a) or https://b.example/x. #launch";
        let pairs = [
            ("@alice.example", "mention alice.example"),
            ("the news", "https://acme.example/a"),
            ("https://b.example/x", "https://b.example/x"),
            ("#launch", "tag launch"),
        ];
        assert_eq!(found(markdown), pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn mentions_as_blueskys_app_finds_them() {
        assert_eq!(
            texts("@a.example (@b.example) @c.example. @d.bsky.socialさん @e.example's"),
            ["@a.example", "@b.example", "@c.example", "@d.bsky.social", "@e.example"]
        );
        for none in [
            "x@a.example",
            "@alice",
            "@user@server.example",
            "@a..example",
            "@-a.example",
            "@a.1",
            "@@a.example",
            "@a.example_b",
        ] {
            assert_eq!(texts(none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn hashtags_as_blueskys_app_finds_them() {
        let tags = "#one #zwei! ＃発売 #मस्ते #a-b_c #c++ #2026plan #é́x #🍁";
        assert_eq!(texts(tags), ["#one", "#zwei", "＃発売", "#मस्ते", "#a-b_c", "#c++", "#2026plan", "#é́x", "#🍁"]);
        for none in ["x#a", "#", "#1", "#!?", "(#a)", "#\u{fe0f}\u{20e3}", "#\u{200b}a"] {
            assert_eq!(texts(none), Vec::<String>::new(), "{none}");
        }
        assert_eq!(texts(&format!("#{}", "é".repeat(64))).len(), 1);
        assert_eq!(texts(&format!("#{}", "é".repeat(65))).len(), 0);
    }

    #[test]
    fn what_was_escaped_or_is_code_is_left_alone() {
        for none in [
            "\\#tag",
            "\\@a.example",
            "&#35;tag",
            "&commat;a.example",
            "`#tag` `https://a.example` `@a.example`",
            "```\n#tag https://a.example\n```",
            "https\\://a.example",
        ] {
            assert_eq!(texts(none), Vec::<String>::new(), "{none}");
        }
        assert_eq!(texts("\\\\ #tag \\*x #b\\_c"), ["#tag", "#b_c"]);
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        assert_eq!(
            texts("(https://a.example/x_(y)) https://a.example/x, \"https://a.example/\""),
            ["https://a.example/x_(y)", "https://a.example/x", "https://a.example/"]
        );
        assert_eq!(texts("「https://a.example/発売」を見て"), ["https://a.example/発売"]);
        assert_eq!(texts("acme.example/x ftp://a.example http:// README.md"), Vec::<String>::new());
        assert_eq!(texts("https://a.example/x\\_y\\_z?a=1&amp;b=2#c"), ["https://a.example/x_y_z?a=1&b=2#c"]);
    }

    #[test]
    fn a_hashtag_in_a_link_belongs_to_the_link() {
        assert_eq!(found("[see #this](https://a.example)"), [("see #this".to_owned(), "https://a.example".to_owned())]);
    }
}
