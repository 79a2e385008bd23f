//! The outbox's pages and feeds, read by parsers that have nothing to do with greenlit: `site/check.py`.

use std::path::Path;
use std::process::Command;

use super::newsroom::Newsroom;
use super::servers::installed;

/// What was read, or every fault.
fn validate(site: &Path) -> Result<String, String> {
    let python = installed("site", "requirements.txt").join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/site/check.py");
    let output = Command::new(python).arg(script).arg(site).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(said) } else { Err(said) }
}

const POSTS: [(&str, &str); 6] = [
    ("plain", "---\ntitle: Plain\nto: [outbox/site, outbox/status]\n---\nPlain & <b>simple</b>, it's \"quoted\".\n"),
    (
        "rich",
        "---\nto: [outbox/site, outbox/status]\nlanguage: de\nlink:\n  url: https://acme.example/?a=1&b=2\n  title: Acme <5>\n  \
         description: A & B\n  image: assets/acme-5.png\n  alt: A phone\n---\n# Heading\n\nSome **bold**, *slanted*, `code` \
         and [a link](https://acme.example/?x=1&y=%22). #Launch 🍁\n\n- one\n- two\n  - three\n\n1. first\n2. second\n\n> \
         quoted\n> twice\n\n```rust\nlet a = \"<b>\" && b;\n```\n\n***\n\nend\n",
    ),
    (
        "thread",
        "---\nto: [outbox/site, outbox/status]\n---\nOne.\n\n![A \"red\" <leaf> & more](assets/launch.png)\n\n---\n\nTwo.\n\n\
         ![A phone](assets/acme-5.png)\n\n---\n\n<script>alert(1)</script> </main></body> <!-- no --> &nbsp; &#0; ]]>\n",
    ),
    ("warned", "---\nto: [outbox/site, outbox/status]\ncontent_warning: Cake & <tea>\n---\nThere is **cake**.\n"),
    (
        "sensitive",
        "---\nto: [outbox/site, outbox/status]\nsensitive: true\nmedia:\n  - file: assets/launch.png\n    alt: A leaf\n---\nLook.\n",
    ),
    ("إطلاق", "---\nto: [outbox/site, outbox/status]\nlanguage: ar\n---\nوصل الخريف و **Acme 5**.\n"),
];

#[test]
fn pages_and_feeds_are_as_their_standards_ask() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    // One site that knows its address, and one that does not.
    maya.edit(
        "greenlit.toml",
        "path = \"public\"",
        "path = \"public\"\nurl = \"https://news.acme.example/a\"\ntitle = \"A & <B>\"",
    );
    maya.write("assets/launch.png", include_bytes!("../../examples/newsroom/assets/launch.png"));
    maya.write("assets/acme-5.png", include_bytes!("../../examples/newsroom/assets/acme-5.png"));
    for (name, text) in POSTS {
        maya.write(&format!("posts/{name}.md"), text);
    }
    maya.commit("Write posts").push();
    newsroom.pin();
    let noor = newsroom.as_person("noor");
    noor.pull();
    noor.greenlit(std::iter::once("approve").chain(POSTS.map(|(name, _)| name))).succeeds();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds().shows("Published 12 deliveries");
    for site in ["public", "status"] {
        let said = validate(&runner.path().join(site)).unwrap_or_else(|faults| panic!("{site}:\n{faults}"));
        assert!(said.contains("6 entries"), "{said}");
    }

    // The validator is no rubber stamp.
    for (file, from, to) in [
        ("public/index.html", "</main>", "</div>"),
        ("public/feed.atom", "<updated>20", "<updated>"),
        ("public/feed.json", "\"content_html\"", "\"contents\""),
    ] {
        let whole = runner.read(file);
        runner.edit(file, from, to);
        validate(&runner.path().join("public")).expect_err(file);
        runner.write(file, whole);
    }
}
