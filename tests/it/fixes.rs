//! What `check --fix` writes: whatever stands together in a post, a second time nothing is left to repair, and front matter
//! means what it meant.

use serde_yaml::Value;

use crate::newsroom::{Desk, Newsroom};

const POSTS: u64 = 240;

/// Front matter as people write it, with comments, quotes and an order of their own, and with faults in it.
const FRONTS: [&str; 6] = [
    "to: [outbox/site]   # the site alone\ntitle: 'the the autumn'\ncampaign: autumn\n",
    "# written by Maya\ncampaign: \"autumn\"\n\nto:\n  - outbox/site\n  - outbox/status   # both\nlabels: [ product ,news ]\n",
    "title: \"Au\u{ad}tumn \\\"GitHub\\\" github\"\nto: outbox/site\nlink: {url: 'https://acme.example/?utm_source=x&fbclid=1'}\n",
    "to: outbox/site\r\ntitle: |\r\n  Leverage\r\n  the the leaves\r\ncampaign: autumn\r\n",
    "{to: [outbox/site], title: \u{1d5d4}\u{1d5e8}\u{1d5e7}, campaign: autumn}\n",
    "to: outbox/site\nlanguage: de\ntitle: straße # ß\nmedia: [{file: assets/leaf.png, alt: 'the the leaf'}]\n",
];

/// What stands in texts, most of it with something to repair.
const PIECES: [&str; 30] = [
    "leaves ",
    "the leaves ",
    "the the ",
    "The the\n",
    "of\r\nof ",
    "leverage ",
    "Leverage ",
    "UTILISE ",
    "github ",
    "GITHUB's ",
    "#autumnleaves ",
    "#acmefive5 ",
    "https://acme.example/?fbclid=1&a=2#top ",
    "https://acme.example/autumn ",
    "[github](https://acme.example/github?gclid=x \"the the\") ",
    "`leverage the the` ",
    "zero\u{200b}width ",
    "\u{202e}rtl ",
    "\u{1d5d4}\u{1d5f0}\u{1d5fa}\u{1d5f2} ",
    "p\u{430}ypal ",
    "**github** ",
    "**the** the ",
    "_lever_age ",
    "~ ",
    "\n\n---\n\n",
    "\n> leverage\n\n",
    "\n- github\n- the the\n\n",
    "::: outbox/status\nleverage the the\n:::\n",
    "وصل وصل ",
    "e\u{301}te\u{301} ",
];

const GUIDE: &str = "version = 1\n\n[[avoid]]\nwords = [\"leverage\", \"utilise\"]\nsay = \"use\"\n\n[[avoid]]\n\
    words = [\"use github\"]\nsay = \"use GitHub\"\n\n[[name]]\nwrite = \"GitHub\"\n\n[hashtags]\n\
    known = [\"AutumnLeaves\", \"AcmeFive5\"]\n";
const VALE: &str = "extends: substitution\nmessage: Use '%s' instead of '%s'.\nlevel: warning\nignorecase: true\naction:\n  \
    name: replace\nswap:\n  leaves: foliage\n  the foliage: foliage\n";

/// A number that follows from another one: xorshift64.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).expect("32 bits")
}

fn post(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let front = FRONTS[next(&mut state) % FRONTS.len()];
    let count = 1 + next(&mut state) % 12;
    let body: String = (0..count).map(|_| PIECES[next(&mut state) % PIECES.len()]).collect();
    format!("---\n{front}---\n{body}\n")
}

fn name(number: u64) -> String {
    format!("posts/{number:03}.md")
}

fn halves(text: &str) -> (&str, &str) {
    let rest = text.strip_prefix("---\n").expect("front matter");
    rest.split_once("\n---\n").expect("an end of it")
}

fn fixed(desk: &Desk<'_>) -> Vec<Value> {
    let said = desk.greenlit(["check", "--fix", "--format", "json"]);
    let report: Value = serde_yaml::from_str(&said.stdout).expect("JSON");
    report.get("fixed").and_then(Value::as_sequence).cloned().unwrap_or_default()
}

#[test]
fn what_was_repaired_once_stays_and_front_matter_means_what_it_meant() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let settings = maya.read("greenlit.toml")
        + "\n[campaigns.autumn]\nlink_sites = \"acme.example\"\nlink_parameters = { utm_campaign = \"autumn\" }\n";
    maya.write("greenlit.toml", settings).write("style/voice.toml", GUIDE).write("style/styles/Acme/Swap.yml", VALE);
    maya.write(".vale.ini", "StylesPath = style/styles\n[*.md]\nBasedOnStyles = Acme\n");
    maya.write("assets/leaf.png", include_bytes!("../../examples/newsroom/assets/launch.png"));
    let posts: Vec<String> = (0..POSTS).map(post).collect();
    for (number, text) in (0..).zip(&posts) {
        maya.write(&name(number), text);
    }
    let first = fixed(&maya);
    assert!(first.len() > 200, "most of them had something to repair: {}", first.len());
    let codes: std::collections::BTreeSet<&str> = first
        .iter()
        .flat_map(|one| one["codes"].as_sequence().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for code in [
        "text/doubled-word",
        "text/invisible",
        "link/tracking",
        "link/campaign",
        "text/fancy-letters",
        "style/avoid",
        "style/name",
        "style/hashtag",
        "Acme.Swap",
    ] {
        assert!(codes.contains(code), "{code} is among {codes:?}");
    }
    let once: Vec<String> = (0..POSTS).map(|number| maya.read(&name(number))).collect();
    assert_eq!(fixed(&maya), Vec::<Value>::new(), "nothing is left to repair");
    for ((number, before), after) in (0..).zip(&posts).zip(&once) {
        assert_eq!(&maya.read(&name(number)), after, "{number}");
        let ((front, body), (front_after, body_after)) = (halves(before), halves(after));
        if front != front_after {
            // A link's address alone may be mended there; the rest stands as it stood, to the byte.
            let differing = front.lines().zip(front_after.lines()).filter(|(one, other)| one != other);
            assert_eq!(front.lines().count(), front_after.lines().count(), "{number}");
            differing.for_each(|(one, _)| assert!(one.starts_with("link:"), "{number}: {one}"));
            let read = |text: &str| serde_yaml::from_str::<Value>(text).expect("YAML");
            let (mut one, mut other) = (read(front), read(front_after));
            for value in [&mut one, &mut other] {
                value.as_mapping_mut().expect("a mapping").remove("link");
            }
            assert_eq!(one, other, "{number}");
        }
        assert_eq!(body.matches("::: ").count(), body_after.matches("::: ").count(), "{number}");
        assert_eq!(body.matches("`leverage the the`").count(), body_after.matches("`leverage the the`").count());
    }
}
