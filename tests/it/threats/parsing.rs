//! Threats 27 to 31, 33, 34: what files may be made to be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{HELLO, PNG, li_approves, standing, standing_in, with_hello};
use crate::newsroom::{Desk, Newsroom};

/// The codes that `check` finds in each file.
#[track_caller]
fn findings(desk: &Desk<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let report = desk.greenlit(["check", "--format", "json"]).json();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().expect("findings") {
        let text = |key: &str| finding[key].as_str().expect("text").to_owned();
        found.entry(text("file")).or_default().insert(text("code"));
    }
    found
}

/// Writes one post for each text, and sees that `check` finds in each what is expected: a code, or nothing.
#[track_caller]
fn each_is(expected: &[(&str, String)]) {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("assets/a.png", PNG);
    for (number, (_, text)) in expected.iter().enumerate() {
        maya.write(&format!("posts/p{number:02}.md"), text);
    }
    let found = findings(&maya);
    for (number, (code, text)) in expected.iter().enumerate() {
        let codes = found.get(&format!("posts/p{number:02}.md")).cloned().unwrap_or_default();
        let right = if code.is_empty() { codes.is_empty() } else { codes.contains(*code) };
        let shown: String = text.chars().take(200).collect();
        assert!(right, "expected {code:?}, found {codes:?} in {shown:?}");
    }
}

/// A post with this front matter beside its account.
fn with_front(front: &str) -> String {
    format!("---\nto: [outbox/site]\n{front}\n---\nHello.\n")
}

fn with_text(text: &str) -> String {
    format!("---\nto: [outbox/site]\n---\n{text}\n")
}

#[cfg(unix)]
#[test]
fn t27_links_and_submodules_in_the_place_of_files() {
    use std::os::unix::fs::symlink;
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let post = HELLO.replace("---\nHello", "media: [{ file: assets/a.png, alt: A leaf }]\n---\nHello");
    maya.write("posts/hello.md", &post).write("assets/a.png", PNG).commit("Say hello").push();
    li_approves(&newsroom, "hello");
    assert_eq!(standing(&maya, "hello"), "ready");

    // The same bytes, behind a link.
    for file in ["assets/a.png", "posts/hello.md"] {
        let bytes = fs::read(maya.path().join(file)).expect("the file");
        maya.write("elsewhere", &bytes).remove(file);
        symlink("../elsewhere", maya.path().join(file)).expect("a link");
        maya.commit("Link").push();
        assert_ne!(standing(&maya, "hello"), "ready", "{file}");
        maya.greenlit(["plan"]).exits(1).shows("symbolic link").hides("Publish would do now");
        maya.remove(file).write(file, bytes).commit("Put it back").push();
        assert_eq!(standing(&maya, "hello"), "ready", "{file}");
    }

    let commit = maya.commit_id("HEAD");
    maya.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},posts/sub.md")]);
    maya.git(["commit", "-q", "-m", "Add a submodule"]);
    maya.git(["push", "-q", "origin", "HEAD:main"]);
    maya.greenlit(["plan", "--fetch"]).exits(1).shows("submodule");
    assert_eq!(standing(&maya, "hello"), "ready", "and it holds up nobody else");
}

#[test]
fn t28_media_from_elsewhere() {
    let media = |file: &str| with_front(&format!("media: [{{ file: \"{file}\", alt: x }}]"));
    let bad = |file: &str| ("post/bad-path", media(file));
    each_is(&[
        ("", media("assets/a.png")),
        bad("../../etc/passwd"),
        bad("assets/../.git/config"),
        bad("assets/../../secret.png"),
        bad("/proc/self/environ"),
        bad("file:///etc/passwd"),
        bad(".git/config"),
        bad("assets/.GIT/config"),
        bad("C:/secret.png"),
        bad("assets\\\\..\\\\..\\\\secret.png"),
        bad("https://acme.example/a.png"),
        ("post/bad-path", with_text("![x](../../etc/passwd)")),
        ("post/bad-path", with_text("![x](/proc/self/environ)")),
        ("", with_text("![x](assets/a.png)")),
    ]);

    // What lies in the folder and in no commit goes nowhere.
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    maya.write("posts/leaf.md", media("assets/leaf.png")).commit("Write about a leaf").push();
    maya.write("assets/leaf.png", PNG);
    maya.greenlit(["check"]).succeeds();
    maya.greenlit(["plan", "--fetch", "leaf"]).exits(1).shows("assets/leaf.png");
    assert_ne!(standing(&maya, "leaf"), "waiting");
    maya.commit("Add the leaf").push();
    assert_eq!(standing(&maya, "leaf"), "waiting");
}

#[test]
fn t29_names_that_are_one_file_on_some_machines() {
    let newsroom = with_hello();
    li_approves(&newsroom, "hello");
    let maya = newsroom.as_person("maya");
    let blob = maya.commit_id("HEAD:posts/hello.md");
    let other = maya.object("blob", HELLO.replace("world", "moon").as_bytes());
    let push = |names: &[(&str, &str)]| {
        // Written by hand: git would sort them, and refuse some.
        let mut tree = Vec::new();
        for (name, id) in names {
            let digit = |at: usize| u8::from_str_radix(&id[at..at + 2], 16).expect("hex");
            let id: Vec<u8> = (0..40).step_by(2).map(digit).collect();
            tree.extend([b"100644 ", name.as_bytes(), b"\0", &id[..]].concat());
        }
        let posts = maya.object("tree", &tree);
        let root = maya
            .git(["ls-tree", "HEAD"])
            .lines()
            .filter(|line| !line.ends_with("\tposts"))
            .map(|line| format!("{line}\n"))
            .collect::<String>();
        maya.write("../root", format!("{root}040000 tree {posts}\tposts\n"));
        let root = maya.shell("git mktree < ../root").stdout;
        let commit = maya.git(["commit-tree", root.trim(), "-p", "HEAD", "-m", "Odd"]);
        maya.git(["push", "-q", "--force", "origin", &format!("{}:refs/heads/main", commit.trim())]);
    };
    push(&[("hello.md", &blob), ("other.md", &other)]);
    assert_eq!(standing(&maya, "hello"), "ready");
    for twins in [["Hello.md", "hello.md"], ["cafe\u{301}.md", "caf\u{e9}.md"]] {
        push(&[(twins[0], &other), (twins[1], &blob)]);
        assert_eq!(standing(&maya, "hello"), "nowhere", "{twins:?}");
        maya.greenlit(["plan"]).exits(1).shows("only in case or in how an accent");
    }
    push(&[("hello.md", &blob), ("hello.md", &other)]);
    assert_eq!(standing(&maya, "hello"), "nowhere");
    maya.greenlit(["plan"]).exits(1).shows("two entries named hello.md");
}

#[test]
fn t30_yaml_that_grows_or_means_two_things() {
    let laughs: String = (b'b'..=b'i')
        .map(|c| format!("{}: [{}]\n", char::from(c), vec![format!("*{}", char::from(c - 1)); 9].join(", ")))
        .collect();
    each_is(&[
        ("yaml/anchor", with_front(&format!("a: &a [x, x]\n{}", laughs.replace(": [", ": &z [")))),
        ("yaml/alias", with_front("campaign: &c x\ntitle: *c")),
        ("yaml/merge", with_front("<<: { title: x }")),
        ("yaml/duplicate-key", with_front("\"to\": [outbox/status]")),
        ("yaml/duplicate-key", with_front("labels: [a]\nlabels: [b]")),
        ("yaml/tag", with_front("title: !!python/object/apply:os.system [x]")),
        ("yaml/tag", with_front("title: !!binary aGk=")),
        ("yaml/documents", with_front("...\nto: [outbox/status]")),
        ("yaml/too-deep", with_front(&format!("title: {}{}", "[".repeat(60), "]".repeat(60)))),
        ("yaml/syntax", with_front(&format!("title: {}", "[".repeat(30_000)))),
        ("yaml/too-deep", with_front(&format!("title: {}", "{a: ".repeat(10_000)))),
        ("yaml/too-large", with_front(&format!("labels: [{}]", "x, ".repeat(20_000)))),
        ("file/too-large", with_front(&format!("title: {}", "x".repeat(70_000)))),
        ("", with_front("title: \"a & b * c ! d << e: ...\"\nlabels: [a, b]")),
    ]);
}

#[test]
fn t31_characters_that_show_other_text() {
    each_is(&[
        ("file/control-character", with_text("Hello\0 world")),
        ("file/control-character", with_text("Hello\u{1b}[31m world")),
        ("file/byte-order-mark", with_text("Hello\u{feff} world")),
        ("file/lone-return", with_text("Hello\rworld")),
        ("file/hidden-direction", with_text("Pay \u{202e}001\u{202c} euros")),
        ("file/hidden-direction", with_front("title: \"a\u{2066}b\"")),
        ("file/hidden-text", with_text("Hello\u{e0068}\u{e0069}")),
        ("", HELLO.replace('\n', "\r\n")),
        (
            "",
            with_text(
                "می\u{200c}خواهم, 👩\u{200d}👩\u{200d}👧, 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} and ❤\u{fe0f}",
            ),
        ),
    ]);
}

#[test]
fn t33_files_that_are_too_much() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    let media = |file: &str| with_front(&format!("media: [{{ file: {file}, alt: x }}]"));
    let bomb = |side: u32| [&PNG[..16], &side.to_be_bytes(), &side.to_be_bytes(), &PNG[24..]].concat();
    maya.write("posts/long.md", with_text(&"x".repeat(300 << 10)))
        .write("posts/huge.md", media("assets/huge.png"))
        .write("posts/bomb.md", media("assets/bomb.png"))
        .write("posts/fine.md", media("assets/fine.png"))
        .write("assets/bomb.png", bomb(60_000))
        .write("assets/fine.png", bomb(8_000));
    let huge = fs::File::create(maya.path().join("assets/huge.png")).expect("a file");
    huge.set_len((1 << 30) + 1).expect("a file with nothing in it");
    let found = findings(&maya);
    for (post, code) in [("long", "file/too-large"), ("huge", "post/media-too-large"), ("bomb", "post/media-pixels")] {
        assert!(found[&format!("posts/{post}.md")].contains(code), "{found:?}");
    }
    // The team may think that it is larger than anybody needs.
    let refused = |code: &String| code.starts_with("post/") || code.starts_with("file/");
    assert!(!found.get("posts/fine.md").is_some_and(|codes| codes.iter().any(refused)), "{found:?}");

    // The same from commits, where they are small until they are unpacked. A hundred megabytes take git long enough.
    huge.set_len(101 << 20).expect("a file with nothing in it");
    maya.git(["config", "core.compression", "1"]);
    maya.git(["config", "core.bigFileThreshold", "1m"]);
    maya.commit("Much").push();
    for post in ["long", "huge", "bomb"] {
        assert!(matches!(&*standing(&maya, post), "nowhere" | "broken"), "{post}");
    }
    assert_eq!(standing(&maya, "fine"), "waiting");
}

#[test]
fn t33_folders_that_never_end() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    // Each folder holds the one below twice: nineteen small objects, half a million folders.
    let mut tree = maya.object("tree", b"");
    let mut levels = vec![tree.clone()];
    for _ in 0..18 {
        let digit = |at: usize| u8::from_str_radix(&tree[at..at + 2], 16).expect("hex");
        let id: Vec<u8> = (0..40).step_by(2).map(digit).collect();
        tree = maya.object("tree", &[b"40000 a\0", &id[..], b"40000 b\0", &id[..]].concat());
        levels.push(tree.clone());
    }
    for (folder, expected) in [(&levels[18], "nowhere"), (&levels[5], "waiting")] {
        let posts = maya.git(["ls-tree", "main:posts"]);
        maya.write("../posts", format!("{posts}040000 tree {folder}\tmany\n"));
        let posts = maya.shell("git mktree < ../posts").stdout;
        let root: String = maya
            .git(["ls-tree", "main"])
            .lines()
            .filter(|line| !line.ends_with("\tposts"))
            .map(|line| format!("{line}\n"))
            .collect();
        maya.write("../root", format!("{root}040000 tree {}\tposts\n", posts.trim()));
        let root = maya.shell("git mktree < ../root").stdout;
        let commit = maya.git(["commit-tree", root.trim(), "-p", "main", "-m", "Many folders"]);
        maya.git(["push", "-q", "--force", "origin", &format!("{}:refs/heads/main", commit.trim())]);
        assert_eq!(standing(&maya, "hello"), expected);
    }
}

#[test]
fn t34_templates_that_reach_out_or_never_end() {
    let newsroom = with_hello();
    let maya = newsroom.as_person("maya");
    let templates = [
        "{{ env('HOME') }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{{ text.__class__ }}",
        "{{ range(1000000000) }}",
        "{{ text * 1000000000 }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ text ~ text ~ text }}",
        "{% for a in text %}{% for b in text %}{% endfor %}{% endfor %}",
        "{% for a in text %}{% for b in text %}{% for c in text %}{{ text }}{% endfor %}{% endfor %}{% endfor %}",
    ];
    let mut settings = maya.read("greenlit.toml");
    let mut to = Vec::new();
    for (number, template) in templates.iter().enumerate() {
        settings +=
            &format!("\n[accounts.\"outbox/bad{number}\"]\npath = \"bad{number}\"\ntemplate = \"{template}\"\n");
        to.push(format!("outbox/bad{number}"));
    }
    settings += "\n[accounts.\"outbox/good\"]\npath = \"good\"\ntemplate = \"{{ text }} ({{ post.title | upper }})\"\n";
    maya.write("greenlit.toml", settings);
    for (number, account) in to.iter().enumerate() {
        maya.write(
            &format!("posts/t{number}.md"),
            HELLO.replace("outbox/site", account).replace("world", &"w".repeat(400)),
        );
    }
    maya.write("posts/good.md", HELLO.replace("outbox/site", "outbox/good"));
    maya.commit("Set templates").push();
    newsroom.pin();
    let plan = maya.greenlit(["plan", "--fetch", "--format", "json"]).json();
    for (number, template) in templates.iter().enumerate() {
        assert_eq!(standing_in(&plan, &format!("t{number}")), "broken", "{template}");
    }
    assert_eq!(standing_in(&plan, "good"), "waiting");
    maya.greenlit(["preview", "good"]).succeeds().shows("Hello, world. (HELLO)");
}
