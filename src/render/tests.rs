//! Whole posts, rendered.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::workspace::{
    Account, AccountName, Asset, Assets, Body, Due, FileProblem, Link, Media, NetworkSpec, Post, PostId, Source,
    Template, Text, Variant,
};

/// Files whose hash is their name.
struct Shelf;

impl Assets for Shelf {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        if path.starts_with("assets/") {
            let mime = "image/png".to_owned();
            Ok(Asset { sha256: path.to_owned(), size: 7, mime, width: Some(3), height: Some(2), moving: None })
        } else {
            Err(FileProblem::Missing)
        }
    }
}

fn capability(text: TextForm, cards: Cards) -> Capability {
    Capability {
        network: "net",
        title: "Net",
        account: NetworkSpec { network: "net", required: &[], optional: &[] },
        text,
        length: Length::Unlimited,
        threads: true,
        media: MediaLimits {
            count: 4,
            types: Cow::Borrowed(&[]),
            alt: None,
            picture_pixels: None,
            film_pixels: None,
            mixed: true,
            tallest: None,
        },
        cards,
        options: &[],
        content_warning: true,
        reconcile: Reconcile::None,
        edit: Editing::InPlace { fixed: &[] },
        deletes: false,
        secrets: &[],
    }
}

const CARD_OR_PICTURES: Cards = Cards::Client { with_media: false, image: 1 };

pub(super) fn account() -> Account {
    Account {
        name: AccountName::new("net/acme").unwrap(),
        server: Some("https://net.example".to_owned()),
        handle: Some("acme".to_owned()),
        path: None,
        url: None,
        title: None,
        template: None,
        late_after: Duration::from_secs(6 * 3600),
        duplicate_window: Duration::ZERO,
        rhythm: Default::default(),
        most: Default::default(),
    }
}

pub(super) fn post(parts: &[&str]) -> Post {
    let source = Source::new("posts/2026/a.md", parts.join("\n---\n"));
    let mut offset = 0;
    let texts = parts.iter().map(|part| {
        let text = Text { markdown: (*part).to_owned(), offset };
        offset += part.len() + 5;
        text
    });
    Post {
        id: PostId::new("autumn").unwrap(),
        body: Body { parts: texts.collect(), variants: Vec::new() },
        source: Arc::new(source),
        title: Some("Autumn".to_owned()),
        to: vec![account().name],
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: Some("autumn".to_owned()),
        labels: vec!["product".to_owned()],
        languages: vec!["en".to_owned()],
        link: None,
        media: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: BTreeMap::new(),
        repeats: Vec::new(),
    }
}

fn picture(file: &str, part: usize) -> Media {
    Media { file: file.to_owned(), alt: Some("a leaf".to_owned()), part, span: 0..0 }
}

fn go(post: &Post, capability: &Capability) -> Payload {
    render(post, &account(), capability, "w", &Shelf).unwrap()
}

fn codes(post: &Post) -> Vec<(&'static str, usize)> {
    let capability = capability(TextForm::Plain, Cards::Server);
    let findings = render(post, &account(), &capability, "w", &Shelf).unwrap_err();
    findings.iter().map(|finding| (finding.code, finding.span.start)).collect()
}

#[test]
fn each_network_gets_its_form() {
    let post = post(&["Read [*this*](https://a.example) #now", "Second"]);
    let plain = go(&post, &capability(TextForm::Plain, Cards::Server));
    assert_eq!(plain.parts[0].text, "Read this (https://a.example) #now");
    assert_eq!((plain.parts[0].facets.len(), plain.parts[0].html.as_deref()), (0, None));
    let facets = go(&post, &capability(TextForm::Facets, Cards::Server));
    assert_eq!(facets.parts[0].text, "Read this #now");
    assert_eq!(facets.parts[0].facets.iter().map(Facet::range).collect::<Vec<_>>(), [5..9, 10..14]);
    let html = go(&post, &capability(TextForm::Html, Cards::Server));
    assert_eq!(html.parts[1].html.as_deref(), Some("<p>Second</p>"));
    assert_eq!(html.parts[0].text, plain.parts[0].text);
}

#[test]
fn pictures_of_the_front_matter_come_before_those_of_the_text() {
    let mut post = post(&["One ![in](assets/in.png)", "![up](assets/up.png)"]);
    post.media = vec![picture("assets/two.png", 2), picture("assets/one.png", 1)];
    let payload = go(&post, &capability(TextForm::Plain, Cards::Server));
    let files: Vec<Vec<_>> =
        payload.parts.iter().map(|part| part.media.iter().map(|media| media.file.as_str()).collect()).collect();
    assert_eq!(files, [["assets/one.png", "assets/in.png"], ["assets/two.png", "assets/up.png"]]);
    assert_eq!(payload.parts[1].text, "");
    assert_eq!(payload.parts[0].media[1].alt, "in");
}

#[test]
fn a_link_becomes_a_card_or_a_line() {
    let mut post = post(&["Look"]);
    let url = "https://acme.example/launch?x=1".to_owned();
    post.link = Some(Link { url, title: None, description: None, image: Some(picture("assets/card.png", 1)) });
    let client = capability(TextForm::Facets, CARD_OR_PICTURES);
    let carded = go(&post, &client);
    let card = carded.parts[0].card.clone().unwrap();
    assert_eq!((card.title.as_str(), carded.parts[0].text.as_str()), ("acme.example/launch", "Look"));
    assert_eq!(card.image.unwrap().file, "assets/card.png");

    post.media = vec![picture("assets/one.png", 1)];
    let with_picture = go(&post, &client);
    assert_eq!(with_picture.parts[0].text, "Look\n\nhttps://acme.example/launch?x=1");
    assert_eq!((with_picture.parts[0].facets.len(), &with_picture.parts[0].card), (1, &None));
    let both = go(&post, &capability(TextForm::Facets, Cards::Client { with_media: true, image: 1 }));
    assert!(both.parts[0].card.is_some());

    let server = capability(TextForm::Plain, Cards::Server);
    assert_eq!(go(&post, &server).parts[0].text, "Look\n\nhttps://acme.example/launch?x=1");
    for text in ["See https://acme.example/launch?x=1.", "See [this](https://acme.example/launch?x=1)"] {
        post.body.parts[0].markdown = text.to_owned();
        assert_eq!(go(&post, &server).parts[0].text.matches("launch?x=1").count(), 1, "{text}");
    }
}

#[test]
fn what_only_one_network_knows_is_merged() {
    let mut post = post(&["x"]);
    let set = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
    post.options.insert("net".to_owned(), set(&[("visibility", "public"), ("tone", "dry")]));
    post.options.insert("net/acme".to_owned(), set(&[("visibility", "unlisted")]));
    post.options.insert("other".to_owned(), set(&[("visibility", "private")]));
    post.content_warning = Some("news".to_owned());
    let mut net = capability(TextForm::Plain, Cards::Server);
    let payload = go(&post, &net);
    assert_eq!(payload.options, set(&[("visibility", "unlisted"), ("tone", "dry")]));
    assert_eq!(payload.content_warning.as_deref(), Some("news"));
    net.content_warning = false;
    assert_eq!(go(&post, &net).content_warning, None, "what the network does not take is not sent");
}

#[test]
fn every_fault_is_found_at_once_and_in_its_place() {
    let mut post = post(&["[a](notes.md) ![b](missing.png)", "![c](https://c.example/c.png) ![d](../d.png)"]);
    post.media = vec![picture("assets/x.png", 3)];
    let second = post.body.parts[1].offset;
    let found = codes(&post);
    assert_eq!(
        found,
        [
            ("post/no-such-part", 0),
            ("post/bad-link", 4),
            ("post/unreadable-media", 19),
            ("post/bad-path", second + 5),
            ("post/bad-path", second + "![c](https://c.example/c.png) ![d](".len())
        ]
    );
}

#[test]
fn a_thread_can_shrink_to_nothing_and_says_so() {
    let mut post = post(&["one", "<!-- nothing -->", "two"]);
    let net = capability(TextForm::Plain, Cards::Server);
    assert_eq!(go(&post, &net).parts.len(), 2);
    let none = |part| Variant { names: vec!["net".to_owned()], part, parts: Vec::new(), span: 9..9 };
    post.body.variants = vec![none(Some(4))];
    assert_eq!(codes(&post), [("post/no-such-part", 9)]);
    post.body.variants = vec![none(None)];
    assert_eq!(codes(&post), [("post/no-text", 0)]);
    post.body.variants.clear();
    post.body.parts[2].markdown = "x".repeat(70_000);
    assert_eq!(codes(&post).first().map(|(code, _)| *code), Some("post/part-size"));
}

#[test]
fn a_template_is_applied_before_anything_is_found_in_the_text() {
    let mut post = post(&["Hi @a.example, [**look**](https://a.example) é", "more"]);
    post.link = Some(Link { url: "https://a.example/c#d".to_owned(), title: None, description: None, image: None });
    let mut account = account();
    account.template =
        template("\u{1F389} {{ text | utm(source='net') }} ({{ part }}/{{ parts }})\n\n{{ post.labels | hashtags }}");
    let payload = render(&post, &account, &capability(TextForm::Facets, CARD_OR_PICTURES), "w", &Shelf).unwrap();
    let part = &payload.parts[0];
    assert_eq!(part.text, "\u{1F389} Hi @a.example, look é (1/2)\n\n#product");
    let found: Vec<_> = part.facets.iter().map(|facet| part.text.get(facet.range()).unwrap()).collect();
    assert_eq!(found, ["@a.example", "look", "#product"]);
    assert_eq!(part.facets[1].feature, Feature::Link { url: "https://a.example?utm_source=net".to_owned() });
    let card = part.card.clone().unwrap();
    assert_eq!((card.url.as_str(), card.title.as_str()), ("https://a.example/c?utm_source=net#d", "a.example/c"));
    assert_eq!(payload.parts[1].text, "\u{1F389} more (2/2)\n\n#product");

    account.template = template("{# nothing #}");
    let bare = render(&post, &account, &capability(TextForm::Plain, CARD_OR_PICTURES), "w", &Shelf).unwrap_err();
    assert_eq!(bare.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["post/no-text"], "the second part");

    account.template = template("{{ text[9999].x }}");
    let findings = render(&post, &account, &capability(TextForm::Plain, Cards::Server), "w", &Shelf).unwrap_err();
    assert_eq!(findings.len(), 2);
    assert!(
        findings[0].message.starts_with("the template of net/acme fails here: line 1: "),
        "{}",
        findings[0].message
    );
    assert!(findings[0].help.contains("greenlit.toml"));
}

fn template(text: &str) -> Option<Template> {
    let source = Arc::new(Source::new("greenlit.toml", text));
    Some(Template { text: text.to_owned(), span: 0..text.len(), source })
}

/// Markdown's signs, and whatever else there is.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        5 => "[-*_`#>@!\\[\\]()<>&;:/.\\\\ \n\t1a+~|=]{1,6}",
        2 => "\\PC{1,4}",
        2 => prop::sample::select(vec![
            "https://a.example/x", "[x](https://b.example)", "![p](assets/p.png)", "@a.example", "#tag", "＃発売",
            "👩‍👩‍👧", "e\u{301}", "\n\n", "\n- ", "\n> ", "```\n", "<!--", "-->", "<b>", "&#35;", "\r\n", "<https://c.example>",
            "[](https://d.example)", "**", "\u{200d}", "\u{fe0f}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn facets_lie_in_the_text_in_order(markdown in text()) {
        let post = post(&[&markdown]);
        if let Ok(payload) = render(&post, &account(), &capability(TextForm::Facets, CARD_OR_PICTURES), "w", &Shelf) {
            for part in &payload.parts {
                let mut end = 0;
                for facet in &part.facets {
                    prop_assert!(facet.start >= end && facet.end > facet.start);
                    prop_assert!(part.text.get(facet.range()).is_some(), "{:?} in {:?}", facet, part.text);
                    end = facet.end;
                }
            }
            let again = render(&post, &account(), &capability(TextForm::Facets, CARD_OR_PICTURES), "w", &Shelf);
            prop_assert_eq!(again.unwrap().digest(), payload.digest());
        }
    }

    #[test]
    fn html_has_known_tags_only(markdown in text()) {
        html::tests::assert_well_formed(&html::html(&markdown::parse(&markdown)));
    }

    #[test]
    fn any_text_can_be_measured(text in text()) {
        let part = Part { text, facets: Vec::new(), html: None, media: Vec::new(), card: None };
        let plain = length::measure(&part, None, &Length::Graphemes { limit: 9, bytes: 9 });
        prop_assert!(plain.count <= part.text.len());
        length::measure(&part, Some("cw"), &Length::Mastodon { limit: 9, url: 23 });
    }

    #[test]
    fn one_changed_letter_changes_the_digest(words in "[a-z]{1,9}( [a-z]{1,9}){0,4}", at in 0usize..50) {
        let at = at % words.len();
        let mut other = words.clone().into_bytes();
        other[at] = if other[at] == b'x' { b'y' } else { b'x' };
        let other = String::from_utf8(other).unwrap();
        let net = capability(TextForm::Plain, Cards::Server);
        let same = other == words;
        prop_assert_eq!(go(&post(&[&words]), &net).digest() == go(&post(&[&other]), &net).digest(), same);
    }
}
