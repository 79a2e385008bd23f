use proptest::prelude::*;

use super::*;

/// X's own vectors; see the README beside them.
const LENGTHS: &str = include_str!("../../../tests/fixtures/twitter-text/lengths.json");
const LINKS: &str = include_str!("../../../tests/fixtures/twitter-text/links.json");

const X: Length = Length::Weighted { limit: 280, url: 23 };

#[derive(serde::Deserialize)]
struct Expected {
    about: String,
    text: String,
    length: usize,
    valid: bool,
}

#[derive(serde::Deserialize)]
struct Extracted {
    about: String,
    text: String,
    links: Vec<String>,
}

fn part(text: &str) -> Part {
    Part { text: text.to_owned(), facets: Vec::new(), html: None, media: Vec::new(), card: None }
}

fn mastodon(text: &str) -> usize {
    measure(&part(text), None, &Length::Mastodon { limit: 500, url: 23 }).count
}

fn x(text: &str) -> usize {
    measure(&part(text), None, &X).count
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

/// The cases of `spec/validators/status_length_validator_spec.rb` in <https://github.com/mastodon/mastodon> (AGPL-3.0; read
/// 2026-11-28, not copied): lengths around 500.
#[test]
fn mastodon_takes_what_its_own_cases_take() {
    let (many, name) = ("a".repeat(476), "b".repeat(30));
    assert_eq!(mastodon(&format!("{many} http://{name}.com/example")), 500);
    assert!(mastodon(&format!("{many}http://{name}.com/example")) > 500, "a word before it: no link");
    assert!(mastodon(&format!("http://example.com/valid?{}", "#foo?".repeat(1000))) > 500, "too long for a link");
    assert_eq!(mastodon(&format!("{} @alice@{name}.com", &many[1..])), 482);
    assert!(mastodon(&format!("@alice@{}.com", "b".repeat(500))) > 500, "too long for a server");
    assert!(mastodon(&format!("http://{}.com", "b".repeat(64))) > 23, "no domain has such a label");
}

#[test]
fn mastodon_counts_the_warning_too() {
    let measured = measure(&part("text"), Some("news"), &Length::Mastodon { limit: 7, url: 23 });
    assert_eq!((measured.count, measured.limit, measured.fits()), (8, Some(7), false));
}

#[test]
fn texts_are_as_long_as_xs_own_vectors_say() {
    for expected in serde_json::from_str::<Vec<Expected>>(LENGTHS).unwrap() {
        let measured = measure(&part(&expected.text), None, &X);
        assert_eq!(measured.count, expected.length, "{}", expected.about);
        let valid = measured.fits() && refused(&expected.text, &X).is_none();
        assert_eq!(valid, expected.valid, "{}", expected.about);
    }
}

#[test]
fn links_are_found_where_xs_own_vectors_say() {
    for expected in serde_json::from_str::<Vec<Extracted>>(LINKS).unwrap() {
        let units: Vec<u16> = expected.text.encode_utf16().collect();
        let found = super::links::links(&units);
        let said = |(start, length): (usize, usize)| String::from_utf16(&units[start..start + length]).unwrap();
        let found: Vec<String> = found.into_iter().map(said).collect();
        assert_eq!(found, expected.links, "{}", expected.about);
    }
}

#[test]
fn every_ending_makes_a_link() {
    let endings = include_str!("endings.txt").lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    for ending in endings {
        assert_eq!(x(&format!("https://twitter.{ending} ")), 24, "{ending}");
        assert_eq!(x(&format!("twitter.{ending}")), 23, "{ending}");
    }
}

/// Beside the vectors; each was asked of twitter-text 3.1.0 (2026-11-28).
#[test]
fn odd_neighbours_of_links_are_counted_as_x_does() {
    for (text, length) in [
        ("", 0),
        ("example.com", 23),
        ("example.com:8080?a=b", 23 + 9),
        ("example.com:8080/?a=b", 23),
        ("example.baz", 11),
        ("README.md", 23),
        ("e.g. this", 9),
        ("#example.com", 12),
        ("x@example.com", 13),
        ("-example.com", 12),
        ("/example.com", 12),
        ("“example.com”", 25),
        ("éa.com", 24),
        ("日本.com", 8),
        ("http://日本.com", 23),
        ("xn--ls8h.la", 23),
        ("http://a.com/(x(y)z)", 23),
        ("http://a.com/(x(y(z)))", 32),
        ("http://a.com/()", 25),
        ("http://a.com/ιx", 23),
        ("http://a.com/πx", 25),
        ("http://T.co/abc-def", 27),
        ("HTTPS://EXAMPLE.COM", 23),
        ("ftp://example.com", 17),
    ] {
        assert_eq!(x(text), length, "{text}");
    }
}

#[test]
fn emoji_count_two_whatever_they_are_made_of() {
    for emoji in ["😀", "👩🏽‍🚀", "🏳️‍🌈", "🇩🇪", "1️⃣", "1⃣", "©️", "❤️‍🔥", "🫱🏽‍🫲🏿", "☝️🏽", "⌚️", "🧑‍🧑‍🧒"]
    {
        assert_eq!(x(emoji), 2, "{emoji}");
    }
    for (none, length) in [("©", 1), ("☺︎", 4), ("🇿🇿", 4), ("😀️", 4), ("👩‍a", 4), ("🏳‍🌈", 5)]
    {
        assert_eq!(x(none), length, "{none}");
    }
}

#[test]
fn every_unit_is_counted_for_what_it_is() {
    let text = "é👩🏽‍🚀";
    let of = |length: Length| {
        let measured = measure(&part(text), None, &length);
        (measured.count, measured.unit)
    };
    assert_eq!(of(Length::Unlimited), (2, "characters"));
    assert_eq!(of(X), (3, "characters (weighted)"));
    assert_eq!(of(Length::Utf16 { limit: 1 }), (8, "UTF-16 units"));
    assert_eq!(of(Length::CodePoints { limit: 1 }), (5, "code points"));
    assert_eq!(of(Length::Bytes { limit: 1 }), (17, "bytes"));
}

#[test]
fn links_are_told_where_they_do_not_count_as_written() {
    let text = "See https://acme.example/news and acme.com.";
    assert_eq!(super::links(text, &X), Some((1, 23)), "`example` is the ending of no domain on X");
    assert_eq!(super::links(text, &Length::Mastodon { limit: 500, url: 23 }), Some((1, 23)));
    assert_eq!(super::links(text, &Length::Utf16 { limit: 9 }), None);
}

/// Words, links, emoji, and what may stand between them.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,4}",
        "[a-zA-Z0-9é日.:/@#$_()\\[\\]?&=+-]{0,12}",
        Just("https://".to_owned()),
        Just("t.co/".to_owned()),
        Just("example.com".to_owned()),
        Just("みんな.みんな".to_owned()),
        Just("xn--".to_owned()),
        Just("👩🏽‍🚀".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("\u{345}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Plain characters are counted without the rules, and come out as by the rules.
    #[test]
    fn what_a_reader_sees_as_one_is_one(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("\r"), Just("\n"), Just("a"), Just("\r\n"), Just(" #1"), Just("e\u{301}"), Just("\u{600}"),
                Just("\u{20e3}"), Just("👩\u{200d}👧"), Just("क्षि"), Just("🇩🇪"), Just("\u{fe0f}"), Just("한"),
            ],
            0..24,
        ),
        any in "\\PC{0,12}",
    ) {
        use unicode_segmentation::UnicodeSegmentation;
        let text = pieces.concat() + &any + &pieces.concat();
        prop_assert_eq!(graphemes(&text), text.graphemes(true).count());
    }

    #[test]
    fn any_text_is_counted_and_a_word_more_makes_it_longer(text in text(), word in "[a-z]{1,9}") {
        let length = x(&text);
        prop_assert_eq!(x(&format!("{text} {word}")), length + 1 + word.len());
    }

    #[test]
    fn no_network_counts_more_than_there_are_bytes(text in text()) {
        let bytes = measure(&part(&text), None, &Length::Bytes { limit: 1 }).count;
        for length in [Length::Unlimited, Length::CodePoints { limit: 1 }, Length::Utf16 { limit: 1 }] {
            prop_assert!(measure(&part(&text), None, &length).count <= bytes);
        }
    }
}
