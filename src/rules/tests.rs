use std::borrow::Cow;
use std::time::Duration;

use super::*;
use crate::render::{Cards, Editing, Length, MediaLimits, OptionSpec, Reconcile, TextForm, render};
use crate::workspace::memory::MemoryFiles;
use crate::workspace::{NetworkSpec, Scope, load_post, load_settings};

const SETTINGS: &str = "version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"small/acme\"]\nhandle = \"acme\"\n";
const SPEC: NetworkSpec = NetworkSpec { network: "small", required: &["handle"], optional: &[] };

fn small() -> Capability {
    Capability {
        network: "small",
        title: "Small",
        account: SPEC,
        text: TextForm::Facets,
        length: Length::Graphemes { limit: 20, bytes: 60 },
        threads: true,
        media: MediaLimits {
            count: 1,
            types: Cow::Borrowed(&[("image/png", 40), ("video/mp4", 400)]),
            alt: Some(5),
            picture_pixels: None,
            film_pixels: Some(1_000_000),
            mixed: false,
            tallest: None,
        },
        cards: Cards::Client { with_media: false, image: 40 },
        options: &[OptionSpec { name: "visibility", values: &["public", "private"], list: false }],
        content_warning: true,
        reconcile: Reconcile::IdempotencyKey { window: Duration::from_secs(1) },
        edit: Editing::InPlace { fixed: &[] },
        deletes: false,
        secrets: &[],
    }
}

/// A film's measures, and nothing else.
fn film(width: u16, height: u16) -> Vec<u8> {
    let track = [b"\0\0\0\x5ctkhd".as_slice(), &[0; 76], &width.to_be_bytes(), &[0; 2], &height.to_be_bytes(), &[0; 2]];
    [b"\0\0\0\x0cftypisom\0\0\0\x6cmoov\0\0\0\x64trak".as_slice(), &track.concat()].concat()
}

/// Codes and underlined texts.
fn judge(text: &str, capability: &Capability) -> Vec<(&'static str, String)> {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";
    let files = MemoryFiles::default().with("a.png", png).with("big.png", [png.as_slice(), &[0; 40]].concat());
    let files = files.with("a.txt", "text").with("film.mp4", film(1000, 1000)).with("wide.mp4", film(1001, 1000));
    let files = files.with("bomb.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\0\0\0\x01\0\0\x08\x06\0\0\0");
    let (settings, _) = load_settings(SETTINGS.as_bytes(), &[SPEC]);
    let settings = settings.unwrap();
    let scope = Scope { settings: Some(&settings), networks: &[SPEC], files: Some(&files) };
    let loaded = load_post("posts/a.md", text.as_bytes(), &scope);
    assert_eq!(loaded.findings, [], "{text}");
    let post = loaded.post.unwrap();
    let account = settings.accounts.values().next().unwrap();
    let payload = render(&post, account, capability, "w", &files).unwrap();
    check(&post, &payload, capability, &files).iter().map(|f| (f.code, text[f.span.clone()].to_owned())).collect()
}

fn post(front: &str, body: &str) -> String {
    format!("---\nto: small/acme\n{front}---\n{body}")
}

#[test]
fn what_fits_is_fine() {
    let text =
        post("options: {small: {visibility: private}}\nmedia: [{file: a.png, alt: leaf}]\n", "Twenty *characters*.\n");
    assert_eq!(judge(&text, &small()), []);
}

#[test]
fn a_text_is_underlined_from_where_it_is_too_long() {
    let found = judge(&post("", "Hi **there**, [Acme](https://acme.example/x) says hello\n"), &small());
    assert_eq!(found, [("post/too-long", "hello".to_owned())]);
    // Families are one character and many bytes: the second limit holds.
    let found = judge(&post("", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦\n"), &small());
    assert_eq!(found.len(), 1);
    let found = judge(
        &post("", "short\n\n---\n\n一二三四五六七八九十一二三四五六七八九十A\n\n::: small part 1\nx\n:::\n"),
        &small(),
    );
    assert_eq!(found, [("post/too-long", "A".to_owned())]);
}

#[test]
fn media_are_counted_and_weighed() {
    let media =
        |file: &str, alt: &str| judge(&post(&format!("media: [{{file: {file}, alt: {alt}}}]\n"), "Hi\n"), &small());
    assert_eq!(media("a.txt", "x"), [("post/media-type", "a.txt".to_owned())]);
    assert_eq!(media("big.png", "x"), [("post/media-size", "big.png".to_owned())]);
    assert_eq!(media("a.png", "autumn"), [("post/alt-too-long", "a.png".to_owned())]);
    assert_eq!(media("bomb.png", "x"), [("post/media-pixels", "bomb.png".to_owned())]);
    assert_eq!(media("film.mp4", "x"), []);
    assert_eq!(media("wide.mp4", "x"), [("post/media-pixels", "wide.mp4".to_owned())]);
    let two = post("media: [{file: film.mp4, alt: x}]\n", "Hi ![y](a.png)\n");
    let room = Capability { media: MediaLimits { count: 2, ..small().media }, ..small() };
    assert_eq!(judge(&two, &room), [("post/media-mixed", "film.mp4".to_owned())]);
    let mixed = Capability { media: MediaLimits { mixed: true, ..room.media }, ..small() };
    assert_eq!(judge(&two, &mixed), []);
    let found = judge(&post("media: [{file: a.png, alt: x}]\n", "Hi ![y](big.png)\n"), &small());
    assert_eq!(found[0], ("post/too-many-media", "big.png".to_owned()));
    let found = judge(&post("link: {url: https://acme.example, image: big.png}\n", "Hi\n"), &small());
    assert_eq!(found, [("post/media-size", "big.png".to_owned())]);
}

#[test]
fn what_the_network_does_not_know() {
    let other = Capability { threads: false, content_warning: false, ..small() };
    let found = judge(&post("content_warning: Leaves\n", "a\n---\nb\n"), &other);
    assert_eq!(found, [("post/no-threads", "b".to_owned()), ("post/no-content-warning", "content_warning".to_owned())]);
    let found = judge(&post("options:\n  small: {visibilty: public}\n", "a\n"), &small());
    assert_eq!(found, [("post/unknown-option", "visibilty".to_owned())]);
    let found = judge(&post("options:\n  small/acme: {visibility: publik}\n", "a\n"), &small());
    assert_eq!(found, [("post/option-value", "visibility".to_owned())]);
    let found = judge(&post("options:\n  small: {visibility: [public]}\n", "a\n"), &small());
    assert_eq!(found, [("post/option-value", "visibility".to_owned())]);
}

#[test]
fn every_code_is_listed_once() {
    let mut codes: Vec<_> = all().iter().flat_map(|rule| rule.codes).collect();
    let count = codes.len();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn a_template_that_cannot_be_used_is_underlined_in_the_settings() {
    let judge = |template: &str| {
        let text = format!("{SETTINGS}template = '''{template}'''\n");
        let settings = load_settings(text.as_bytes(), &[SPEC]).0.unwrap();
        let found = template_of(&settings);
        found.map(|finding| (finding.code, text[finding.span].to_owned(), finding.message))
    };
    assert_eq!(judge("{{ text | utm(source='net') }}"), None);
    let (code, underlined, message) = judge("{{ text }").unwrap();
    assert_eq!((code, underlined.as_str()), ("settings/template", "'''{{ text }'''"));
    assert!(message.starts_with("the template of small/acme cannot be used: line 1: "), "{message}");
    assert!(judge("{% include 'roles.toml' %}").is_some());
    assert!(judge("{{ now() }}").is_some());
}

fn template_of(settings: &crate::workspace::Settings) -> Option<Finding> {
    settings.accounts.values().find_map(template)
}
