//! Every rule's page: its examples are checked as anybody's posts are.

use std::collections::BTreeSet;

use greenlit::rules::{self, Example, Rule};
use serde_json::Value;

use crate::newsroom::{Desk, Newsroom};

const SETTINGS: &str = r#"version = 1
workspace = "0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11"
timezone = "Europe/Berlin"

[accounts."bluesky/acme"]
service = "https://bsky.example"
handle = "acme.example"

[accounts."mastodon/acme"]
server = "https://mastodon.example"
handle = "acme"

[accounts."outbox/site"]
path = "public"
"#;

const ROLES: &str = r#"version = 1

[people.noor]
name = "Noor Haddad"
emails = ["noor@acme.example"]

[people.tess]
name = "Tess Okafor"
emails = ["tess@acme.example"]

[roles]
editor = ["noor"]
legal = ["tess"]
admin = ["noor"]

[policy]
evidence = "sign-off"

[[workflow]]
name = "default"
stages = [{ role = "editor" }]
"#;

/// A picture of 3 × 2 pixels.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";

/// A picture of 1,000 × 3,000 pixels.
const TALL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\xe8\0\0\x0b\xb8\x08\x06\0\0\0";

/// A film of 95 seconds and 1,280 × 720 pixels, of which nothing is there but what it says of itself.
fn film() -> Vec<u8> {
    let boxed = |kind: &[u8; 4], body: &[u8]| {
        let size = u32::try_from(body.len() + 8).expect("a small box");
        [&size.to_be_bytes(), kind.as_slice(), body].concat()
    };
    let long = [[0, 0, 2, 0x58], 57_000_u32.to_be_bytes()].concat();
    let length = boxed(b"mvhd", &[&[0; 12], long.as_slice(), &[0; 80]].concat());
    let measures = boxed(b"tkhd", &[&[0; 76], [5, 0, 0, 0, 2, 0xd0, 0, 0].as_slice()].concat());
    let movie = boxed(b"moov", &[length, boxed(b"trak", &measures)].concat());
    [boxed(b"ftyp", b"isom\0\0\0\0"), movie].concat()
}

/// The codes of what is found in the post, which stands in `posts/example.md`.
fn found(desk: &Desk<'_>, rule: &Rule, post: &str) -> BTreeSet<String> {
    desk.write("posts/example.md", post);
    let links = if rule.asks() { &["--links"][..] } else { &[] };
    let said = desk.greenlit(["check", "--format", "json"].iter().chain(links));
    let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|why| panic!("{why}: {}", said.stderr));
    let all = report["findings"].as_array().expect("findings");
    let codes = all.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned());
    let (own, other): (BTreeSet<String>, BTreeSet<String>) =
        codes.partition(|code| rule.codes.contains(&code.as_str()));
    let broken: Vec<_> =
        other.iter().filter(|code| rules::named(code).is_none_or(|rule| rule.level.is_none())).collect();
    assert!(broken.is_empty(), "{:?}: an example has other faults: {all:#?}\n{post}", rule.codes);
    own
}

/// The files that the examples of a page are about.
fn lay_out(desk: &Desk<'_>, rule: &Rule, examples: &[Example]) {
    let mut settings = SETTINGS.to_owned();
    desk.write("roles.toml", ROLES);
    for example in examples {
        match example {
            Example::Settings(text) => settings += &format!("\n{text}"),
            Example::File(path, text) => {
                desk.write(path, text);
            }
            Example::Bad(_) | Example::Good(_) => {}
        }
    }
    desk.write("greenlit.toml", settings);
    desk.write("assets/leaf.png", PNG);
    desk.write("assets/report.pdf", b"%PDF-1.7");
    for (file, bytes) in [("assets/film.mp4", film()), ("assets/tall.png", TALL.to_vec())] {
        if rule.page().text.contains(file) {
            desk.write(file, bytes);
        }
    }
}

#[test]
fn what_the_pages_show_is_found_and_what_they_recommend_is_not() {
    for rule in rules::all() {
        let examples = rule.page().examples;
        let newsroom = Newsroom::empty();
        newsroom.set_clock("2026-11-24T09:00:00Z");
        let desk = newsroom.at_folder("noor", "example");
        lay_out(&desk, rule, &examples);
        let (mut codes, mut good) = (BTreeSet::new(), 0);
        for example in examples {
            match example {
                Example::Bad(post) => {
                    let own = found(&desk, rule, &post);
                    assert!(!own.is_empty(), "{:?}: nothing is found in\n{post}", rule.codes);
                    codes.extend(own);
                }
                Example::Good(post) => {
                    let own = found(&desk, rule, &post);
                    assert!(own.is_empty(), "{own:?} in\n{post}");
                    good += 1;
                }
                Example::Settings(_) | Example::File(..) => {}
            }
        }
        // No network of today is without threads, and here no server can be asked: where nothing bad can be shown, the
        // rooms' own tests do, with a made-up network and with servers of this machine.
        let shown = !codes.is_empty() || rule.codes == ["post/no-threads"] || rule.asks();
        assert!(shown && good > 0, "the page of {:?} lacks an example", rule.codes);
    }
}

/// What a page says of `--fix` is true of its own examples.
#[test]
fn what_the_pages_say_is_repaired_is_repaired() {
    let mut repaired: BTreeSet<&str> = BTreeSet::new();
    for rule in rules::all().iter().filter(|rule| rule.page().text.contains("check --fix`")) {
        let newsroom = Newsroom::empty();
        let desk = newsroom.at_folder("noor", "example");
        let examples = rule.page().examples;
        lay_out(&desk, rule, &examples);
        for example in &examples {
            let Example::Bad(post) = example else { continue };
            assert!(!found(&desk, rule, post).is_empty());
            desk.greenlit(["check", "--fix"]);
            let left = found(&desk, rule, &desk.read("posts/example.md"));
            assert!(left.is_empty(), "{left:?} is left of\n{post}");
            repaired.extend(rule.codes);
        }
    }
    assert!(repaired.contains("link/tracking") && repaired.contains("text/invisible"), "{repaired:?}");
}

#[test]
fn every_rule_is_explained() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("noor", "anywhere");
    let mut codes = BTreeSet::new();
    for rule in rules::all() {
        for code in rule.codes {
            assert!(codes.insert(*code), "{code} belongs to one rule");
            desk.greenlit(["check", "--explain", code]).exits(0).shows(&format!("`{code}`"));
        }
    }
    desk.greenlit(["check", "--explain", "text/placehodler"]).exits(2).complains("did you mean `text/placeholder`?");
}

#[test]
fn a_team_sets_levels_and_a_post_says_why_a_rule_is_wrong() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("noor", "example");
    let post = |comment: &str| format!("---\nto: bluesky/acme\n---\nXXX is our new game.\n\n{comment}\n");
    desk.write("greenlit.toml", SETTINGS);
    desk.write("roles.toml", ROLES);
    desk.write("posts/a.md", post(""));
    desk.greenlit(["check"]).exits(1).shows("text/placeholder").shows("1 error in 1 file");
    for (level, exit, shown) in
        [("warning", 0, "1 warning in 1 file"), ("info", 0, "1 remark in"), ("off", 0, "are fine")]
    {
        desk.write("greenlit.toml", format!("{SETTINGS}\n[check]\n\"text/placeholder\" = \"{level}\"\n"));
        desk.greenlit(["check"]).exits(exit).shows(shown);
    }
    desk.write("greenlit.toml", SETTINGS);
    desk.write("posts/a.md", post("<!-- greenlit-ignore text/placeholder: the game is called so -->"));
    desk.greenlit(["check"]).exits(0).shows("are fine");
    desk.git(["init", "-q"]);
    desk.greenlit(["preview", "posts/a.md"]).exits(0).hides("greenlit-ignore");
    desk.write("posts/a.md", post("<!-- greenlit-ignore text/placeholder -->"));
    desk.greenlit(["check"]).exits(1).shows("does not say why");
    desk.write("posts/a.md", post("").replace("XXX", "Acme") + "<!-- greenlit-ignore text/placeholder: old -->\n");
    desk.greenlit(["check"]).exits(0).shows("check/ignore-unused");
    // Whether a link is dead only servers know, and nobody asked them.
    let link = "<!-- greenlit-ignore link/dead: it opens on Monday -->\n";
    desk.write("posts/a.md", post("").replace("XXX", "Acme") + link);
    desk.greenlit(["check"]).exits(0).shows("are fine");
    desk.greenlit(["check", "--links"]).exits(0).shows("check/ignore-unused");
    for (line, code) in [
        ("\"text/placeholdr\" = \"off\"", "did you mean `text/placeholder`?"),
        ("\"post/too-long\" = \"off\"", "what it finds cannot go out"),
        ("\"text/placeholder\" = \"mild\"", "is no level"),
    ] {
        desk.write("greenlit.toml", format!("{SETTINGS}\n[check]\n{line}\n"));
        desk.greenlit(["check"]).exits(1).shows("settings/check").shows(code);
    }
}
