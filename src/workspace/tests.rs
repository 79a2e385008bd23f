//! Stories of whole workspaces: what is good, what is broken, and that one does not hold up the other.

use proptest::prelude::*;

use super::memory::MemoryFiles;
use super::*;

const NETWORKS: &[NetworkSpec] = &[
    NetworkSpec { network: "bluesky", required: &["service", "handle"], optional: &[] },
    NetworkSpec { network: "mastodon", required: &["server", "handle"], optional: &[] },
    NetworkSpec { network: "outbox", required: &["path"], optional: &["url", "title"] },
];

const SETTINGS: &str = r#"
version = 1
workspace = "0197c7b2-0000"
timezone = "Europe/Berlin"
[accounts."bluesky/acme"]
service = "https://bsky.social"
handle = "acme.example"
[accounts."mastodon/acme"]
server = "https://mastodon.example"
handle = "acme"
[accounts."outbox/site"]
path = "public"
[groups]
everywhere = ["bluesky/acme", "mastodon/acme", "outbox/site"]
"#;

const ROLES: &str = r#"
version = 1
[people.noor]
[roles]
editor = ["noor"]
[[workflow]]
stages = [{ role = "editor" }]
"#;

fn workspace() -> MemoryFiles {
    MemoryFiles::default().with("greenlit.toml", SETTINGS).with("roles.toml", ROLES).with("assets/launch.png", "png")
}

/// Code, line, column and underlined text of every finding.
fn faults(findings: &[Finding]) -> Vec<(&'static str, usize, usize, &str)> {
    findings
        .iter()
        .map(|f| {
            let place = f.place();
            (f.code, place.line, place.column, &f.source.text[f.span.clone()])
        })
        .collect()
}

fn check(post: &str) -> (Option<Post>, Vec<(&'static str, usize, String)>) {
    let loaded = load(&workspace().with("posts/autumn.md", post), NETWORKS);
    let found = faults(&loaded.findings).into_iter().map(|(c, l, _, t)| (c, l, t.to_owned())).collect();
    (loaded.posts.into_iter().next(), found)
}

fn codes(post: &str) -> Vec<(&'static str, usize, String)> {
    check(post).1
}

fn one(post: &str) -> (&'static str, usize, String) {
    let mut found = codes(post);
    assert_eq!(found.len(), 1, "{post}\n{found:?}");
    found.remove(0)
}

#[test]
fn a_post_with_everything() {
    let (post, found) = check(
        "---\ntitle: Autumn launch\nto: [everywhere, bluesky/acme]\npublish_at: 2026-12-01 09:00\nowner: maya\n\
         campaign: autumn\nlabels: [product]\nlanguage: en\nlink: https://acme.example/launch\nmedia:\n\
         \x20 - file: assets/launch.png\n    alt: A red leaf\n  - {file: assets/launch.png, alt: \"\", part: 2}\n\
         content_warning: Leaves\nsensitive: true\noptions:\n  mastodon: {visibility: unlisted}\n\
         \x20 bluesky/acme:\n    labels: [nudity]\nrepeats: summer\n---\nAutumn is here.\n\n---\n\nSecond.\n\n::: bluesky\nShort.\n---\nB\n:::\n",
    );
    assert_eq!(found, []);
    let post = post.unwrap();
    assert_eq!(post.id.as_str(), "autumn");
    assert_eq!(
        post.to.iter().map(AccountName::as_str).collect::<Vec<_>>(),
        ["bluesky/acme", "mastodon/acme", "outbox/site"]
    );
    assert_eq!(post.due.to_string(), "2026-12-01T08:00:00Z");
    assert_eq!(post.body.parts[1].markdown, "Second.");
    assert_eq!((post.media[1].part, post.media[1].alt.as_deref()), (2, Some("")));
    assert_eq!(post.options["mastodon"]["visibility"], "unlisted");
    assert_eq!(post.repeats, [PostId::new("summer").unwrap()]);
}

#[test]
fn a_good_post_is_not_held_up_by_a_broken_one() {
    let files =
        workspace().with("posts/good.md", "---\nto: everywhere\n---\nHi\n").with("posts/bad.md", "no front matter");
    let loaded = load(&files, NETWORKS);
    assert_eq!(loaded.posts.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["good"]);
    assert_eq!(loaded.broken, [BrokenPost { path: "posts/bad.md".into(), id: PostId::new("bad").ok() }]);
    assert_eq!(faults(&loaded.findings), [("post/no-front-matter", 1, 1, "no front matter")]);
}

#[test]
fn front_matter_faults_all_at_once() {
    let found = codes(
        "---\ntitel: x\nto: [bluesky/amce, evrywhere]\npublish_at: 2026-03-29 02:30\ndraft: maybe\nid: a b\n\
         owner: 5\ncampaign:\nlanguage: english\nlink: acme.example\ntitle: a\ntitle: b\noptions: {mastodn: {}}\n---\nHi\n",
    );
    let expected = [
        ("post/unknown-key", 2, "titel"),
        ("post/unknown-account", 3, "bluesky/amce"),
        ("post/unknown-account", 3, "evrywhere"),
        ("post/impossible-time", 4, "2026-03-29 02:30"),
        ("post/wrong-type", 5, "maybe"),
        ("post/bad-id", 6, "a b"),
        ("post/wrong-type", 7, "5"),
        ("post/wrong-type", 8, "campaign"),
        ("post/bad-language", 9, "english"),
        ("post/bad-link", 10, "acme.example"),
        ("yaml/duplicate-key", 12, "title"),
        ("post/unknown-network", 13, "mastodn"),
    ];
    assert_eq!(found, expected.map(|(c, l, t)| (c, l, t.to_owned())));
}

#[test]
fn a_post_repeats_others_and_not_itself() {
    let repeats = |value: &str| check(&format!("---\nto: everywhere\nrepeats: {value}\n---\nHi\n"));
    let (post, found) = repeats("[summer, spring, summer]");
    assert_eq!(found, []);
    assert_eq!(post.unwrap().repeats.iter().map(PostId::as_str).collect::<Vec<_>>(), ["summer", "spring"]);
    for (value, code, place) in [("autumn", "post/repeats-itself", "autumn"), ("[a b]", "post/bad-id", "a b")] {
        assert_eq!(repeats(value).1, [(code, 3, place.to_owned())]);
    }
}

#[test]
fn what_is_missing() {
    assert_eq!(one("---\ntitle: x\n---\nHi\n").0, "post/missing-key");
    assert_eq!(one("---\nto: []\n---\nHi\n"), ("post/no-accounts", 2, "[]".to_owned()));
    assert_eq!(one("---\n---\nHi\n").0, "post/missing-key");
    assert_eq!(one("---\nto: everywhere\n---\n").0, "post/no-text");
    assert_eq!(
        one("---\nto: everywhere\n---\n<!-- write here -->\n"),
        ("post/no-text", 4, "<!-- write here -->".to_owned())
    );
    assert_eq!(one("---\nto: everywhere\nHi\n").0, "post/unclosed-front-matter");
    assert_eq!(one("\n---\nto: everywhere\n---\nHi\n").0, "post/no-front-matter");
    assert_eq!(one("---\nto: everywhere\nmedia:\n  - alt: x\n---\nHi\n"), ("post/missing-key", 4, "alt: x".to_owned()));
    assert_eq!(one("---\nto: 5\n---\nHi\n"), ("post/wrong-type", 2, "5".to_owned()));
}

#[test]
fn media_that_cannot_be_sent() {
    let media = |file: &str| one(&format!("---\nto: everywhere\nmedia:\n  - file: {file}\n    alt: x\n---\nHi\n"));
    assert_eq!(media("assets/lunch.png"), ("post/missing-media", 4, "assets/lunch.png".to_owned()));
    for bad in [
        "/etc/passwd",
        "../x.png",
        "C:/x.png",
        "assets\\launch.png",
        ".git/config",
        "https://x.example/a.png",
        "file:///x",
    ] {
        assert_eq!(media(bad).0, "post/bad-path", "{bad}");
    }
    assert_eq!(one("---\nto: everywhere\nmedia: [{file: assets/launch.png}]\n---\nHi\n").0, "post/missing-alt");
    assert_eq!(
        one("---\nto: everywhere\n---\nHi ![](assets/launch.png)\n"),
        ("post/missing-alt", 4, "![](assets/launch.png)".to_owned())
    );
    assert_eq!(one("---\nto: everywhere\n---\nHi ![a](../x.png)\n").0, "post/bad-path");
    assert_eq!(
        one("---\nto: everywhere\nmedia: [{file: assets/launch.png, alt: x, part: 2}]\n---\nHi\n").0,
        "post/no-such-part"
    );
    let files = workspace()
        .with_link("assets/l.png")
        .with("posts/a.md", "---\nto: everywhere\nmedia: [{file: assets/l.png, alt: x}]\n---\nHi\n");
    assert_eq!(load(&files, NETWORKS).findings[0].code, "post/irregular-media");
}

#[test]
fn variants_that_fit_nothing() {
    let body = |body: &str| one(&format!("---\nto: everywhere\n---\n{body}"));
    assert_eq!(body("Hi\n::: bluski\nx\n:::\n"), ("post/unknown-variant", 5, "::: bluski".to_owned()));
    assert_eq!(body("Hi\n::: bluesky part 3\nx\n:::\n").0, "post/no-such-part");
    assert_eq!(body("Hi\n::: bluesky\nx\n:::\n::: mastodon, bluesky\ny\n:::\n").0, "post/duplicate-variant");
    assert_eq!(body("Hi\n::: bluesky\n:::\n").0, "post/empty-variant");
    assert_eq!(body("::: bluesky, outbox\nx\n:::\n").0, "post/no-text");
    assert_eq!(body("Hi\n---\n\n---\nyou\n").0, "post/empty-part");
    assert_eq!(body("Hi\n---\n"), ("post/empty-part", 5, "---".to_owned()));
    assert_eq!(codes("---\nto: everywhere\n---\n::: bluesky, outbox, mastodon/acme\nx\n:::\n"), []);
    assert_eq!(
        codes("---\nto: everywhere\n---\nHi\n::: bluesky\na\n---\nb\n:::\n::: bluesky/acme part 2\nc\n:::\n"),
        []
    );
}

#[test]
fn posts_that_are_in_each_others_way() {
    let good = "---\nto: everywhere\n---\nHi\n";
    let files = workspace()
        .with("posts/a/x.md", good)
        .with("posts/b/y.md", "---\nid: x\nto: everywhere\n---\nHi\n")
        .with("posts/Caf\u{e9}.md", good)
        .with("posts/Cafe\u{301}.md", "---\nid: z\nto: everywhere\n---\nHi\n")
        .with_link("posts/link.md");
    let loaded = load(&files, NETWORKS);
    let found: Vec<_> = loaded.findings.iter().map(|f| (f.code, f.source.path.as_str(), f.place().line)).collect();
    assert_eq!(
        found,
        [
            ("post/twin-path", "posts/Cafe\u{301}.md", 1),
            ("post/twin-path", "posts/Caf\u{e9}.md", 1),
            ("post/duplicate-id", "posts/a/x.md", 1),
            ("post/duplicate-id", "posts/b/y.md", 2),
            ("post/irregular", "posts/link.md", 1),
        ]
    );
    assert!(loaded.posts.is_empty() && loaded.broken.len() == 5);
}

#[test]
fn broken_settings_break_all_posts_and_hide_none_of_their_faults() {
    let files = workspace()
        .with("greenlit.toml", SETTINGS.replace("Europe/Berlin", "Berlin"))
        .with("posts/a.md", "---\nto: everywhere\n---\nHi\n")
        .with("posts/b.md", "---\nto: nowhere\n---\nHi\n");
    let loaded = load(&files, NETWORKS);
    assert!(loaded.settings.is_none() && loaded.posts.is_empty());
    assert_eq!(loaded.broken.len(), 2);
    assert_eq!(
        loaded.findings.iter().map(|f| f.code).collect::<Vec<_>>(),
        ["settings/unknown-zone", "post/unknown-account"]
    );
}

#[test]
fn a_folder_that_is_no_workspace() {
    let loaded = load(&MemoryFiles::default(), NETWORKS);
    assert_eq!(loaded.findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["settings/unreadable", "roles/unreadable"]);
}

#[test]
fn windows_files_are_read_like_all_others() {
    let (post, found) = check("---\r\nto: everywhere\r\npublish_at: 2026-12-01 09:00\r\n---\r\nHi\r\n---\r\nyou\r\n");
    assert_eq!(found, []);
    assert_eq!(post.unwrap().body.parts.len(), 2);
}

#[test]
fn the_schema_for_editors_says_what_the_reader_says() {
    let schema = serde_json::to_value(schemars::schema_for!(FrontMatter)).unwrap();
    let valid = |value| jsonschema::is_valid(&schema, &value);
    assert!(valid(serde_json::json!({"to": "everywhere", "link": {"url": "https://a.example"}, "labels": ["x"]})));
    assert!(valid(
        serde_json::json!({"to": ["a/b"], "media": [{"file": "a.png", "alt": ""}], "options": {"x": {"y": "z"}}})
    ));
    for bad in [
        serde_json::json!({"title": "x"}),
        serde_json::json!({"to": null}),
        serde_json::json!({"to": "a", "titel": "x"}),
        serde_json::json!({"to": "a", "title": null}),
        serde_json::json!({"to": "a", "media": [{"alt": "x"}]}),
        serde_json::json!({"to": "a", "draft": "yes"}),
    ] {
        assert!(!valid(bad.clone()), "{bad}");
    }
}

/// Text in which the signs that mean something are frequent.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "---\n",
        "to: ",
        "everywhere",
        "bluesky/acme",
        "\n",
        "media:\n",
        "  - file: ",
        "assets/launch.png",
        "alt: ",
        "part: 2",
        "publish_at: ",
        "2026-03-29 02:30",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "&a ",
        "*a",
        "!t ",
        "::: bluesky\n",
        ":::\n",
        "![a](",
        ")",
        "```\n",
        "<!--",
        "-->",
        "\r",
        "\r\n",
        "\0",
        "\u{feff}",
        "\u{202e}",
        "é",
        "秋",
        "|\n",
        "  ",
        "id: ",
        "options: ",
        "link: ",
        "https://a.example",
        "title: ",
        "title",
        ": ",
        "#",
        "- ",
        "? ",
        "%",
        "\u{e0041}",
    ]);
    let piece = prop_oneof![8 => words.prop_map(|word| word.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_make_a_post_or_findings_inside_the_file(front in any::<bool>(), bytes in hostile()) {
        let mut post = if front { b"---\nto: everywhere\n".to_vec() } else { Vec::new() };
        post.extend(bytes);
        let files = workspace();
        let (settings, _) = load_settings(SETTINGS.as_bytes(), NETWORKS);
        let scope = Scope { settings: settings.as_ref(), networks: NETWORKS, files: Some(&files) };
        let loaded = load_post("posts/a.md", &post, &scope);
        prop_assert_eq!(loaded.post.is_none(), loaded.findings.iter().any(Finding::is_error));
        for finding in &loaded.findings {
            prop_assert!(finding.source.text.get(finding.span.clone()).is_some());
            prop_assert!(!finding.message.is_empty() && !finding.help.is_empty());
        }
    }

    #[test]
    fn any_bytes_make_settings_or_findings(bytes in "(\\[|\\]|=|\n|\"|'|accounts|people|workflow|version|1|\\.|\\{|\\}|,|x| |#|\t|é)*") {
        let _ = (load_settings(bytes.as_bytes(), NETWORKS), load_roles(bytes.as_bytes()));
    }
}
