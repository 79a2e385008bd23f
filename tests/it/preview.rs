//! `greenlit preview`: what exactly would go out.

use crate::newsroom::{Desk, Newsroom};

const POST: &str = "---
title: Autumn launch
to: [bluesky/acme, outbox/site]
publish_at: 2026-12-01 09:00
language: en
link: https://acme.example/launch
---
Autumn is here, and so is **Acme 5** 🍁. Read [all about it](https://acme.example/news). #launch

---

The end. Thanks, @alice.example!
";

/// Maya writes a post for Bluesky and the site.
fn drafted(newsroom: &Newsroom) -> Desk<'_> {
    let maya = newsroom.as_person("maya");
    let settings = maya.read("greenlit.toml");
    let account = "\n[accounts.\"bluesky/acme\"]\nservice = \"https://bsky.social\"\nhandle = \"acme.example\"\n";
    maya.write("greenlit.toml", settings + account).write("posts/2026/autumn.md", POST);
    maya
}

#[test]
fn people_see_what_would_go_out_to_the_letter() {
    let newsroom = Newsroom::acme();
    let maya = drafted(&newsroom);
    let said = maya.greenlit(["preview", "autumn"]);
    said.succeeds();
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{said}");
    let hidden = said.stdout.lines().map(|line| if line.starts_with("  sha256:") { "  sha256:…" } else { line });
    let expected = "\
autumn  Autumn launch
posts/2026/autumn.md
Goes out Tue 1 Dec 09:00 (Europe/Berlin), 2026-12-01T08:00:00Z, in 23 hours.

bluesky/acme  Bluesky: acme.example at https://bsky.social
  sha256:…
  language    en

  Part 1 of 2: 62 of 300 characters, 65 of 3000 bytes
  │ Autumn is here, and so is Acme 5 🍁. Read all about it. #launch
  link        all about it → https://acme.example/news
  tag         #launch
  card        acme.example/launch
              https://acme.example/launch

  Part 2 of 2: 32 of 300 characters, 32 of 3000 bytes
  │ The end. Thanks, @alice.example!
  mention     @alice.example

outbox/site  Outbox: public
  sha256:…
  language    en

  Part 1 of 2: 90 characters
  │ Autumn is here, and so is Acme 5 🍁. Read all about it
  ┆ (https://acme.example/news). #launch
  card        acme.example/launch
              https://acme.example/launch

  Part 2 of 2: 32 characters
  │ The end. Thanks, @alice.example!";
    assert_eq!(hidden.collect::<Vec<_>>().join("\n"), expected);
}

#[test]
fn programs_get_the_payload_and_its_digest() {
    let newsroom = Newsroom::acme();
    let maya = drafted(&newsroom);
    let told = maya.greenlit(["preview", "posts/2026/autumn.md", "--account", "bluesky", "--format", "json"]);
    let told = told.succeeds().json();
    assert_eq!(told["post"]["due"], "2026-12-01T08:00:00Z");
    assert_eq!(told["accounts"].as_array().unwrap().len(), 1);
    let account = &told["accounts"][0];
    assert_eq!(account["payload"]["parts"][0]["facets"][0]["url"], "https://acme.example/news");
    assert_eq!(account["measures"][1]["count"], 32);
    let digest = account["digest"].as_str().unwrap();
    maya.greenlit(["preview", "autumn", "--account", "bluesky/acme"]).succeeds().shows(digest).hides("outbox/site");

    maya.edit("posts/2026/autumn.md", "The end.", "The end!");
    maya.greenlit(["preview", "autumn"]).succeeds().hides(digest).shows("The end!");
}

#[test]
fn what_is_wrong_stands_underneath() {
    let newsroom = Newsroom::acme();
    let maya = drafted(&newsroom);
    maya.edit("posts/2026/autumn.md", "The end.", &"end ".repeat(80));
    let said = maya.greenlit(["preview", "autumn"]);
    said.exits(1).shows("344 of 300 characters, 344 of 3000 bytes: 44 too many").shows("post/too-long");
    assert_eq!(said.stdout.matches("post/too-long").count(), 1, "{said}");

    maya.write("posts/broken.md", "---\nto: [outbox/site]\ncolour: red\n---\nHello\n");
    maya.greenlit(["preview", "broken"]).exits(1).shows("post/unknown-key").shows("posts/broken.md:3:1");
    let told = maya.greenlit(["preview", "broken", "--format", "json"]).exits(1).json();
    assert_eq!((&told["findings"][0]["line"], &told["post"]), (&3.into(), &serde_json::Value::Null));

    maya.edit("greenlit.toml", "path = \"public\"", "path = \"public\"\ntemplate = '{{ txt }}'");
    maya.greenlit(["preview", "autumn", "--account", "outbox"]).exits(1).shows("there is no `txt`");
}

#[test]
fn a_name_that_is_nearly_right_is_answered_with_the_right_one() {
    let newsroom = Newsroom::acme();
    let maya = drafted(&newsroom);
    maya.greenlit(["preview", "autum"]).exits(2).complains("did you mean `autumn`?");
    maya.greenlit(["preview", "autumn", "--account", "blusky/acme"]).exits(2).complains("`bluesky/acme`");
    maya.remove("posts/2026/autumn.md");
    maya.greenlit(["preview", "autumn"]).exits(2).complains("greenlit new");
}
