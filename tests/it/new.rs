//! `greenlit new`: a post file ready to edit.

use crate::newsroom::Newsroom;

#[test]
fn a_post_is_written_ready_to_edit() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let to = ["--to", "outbox/site", "--at", "2026-12-01 09:00"];
    let said = maya.greenlit(["new", "Autumn launch: Acme 5"].iter().chain(&to));
    said.succeeds().shows("Wrote posts/autumn-launch-acme-5.md").shows("greenlit preview autumn-launch-acme-5");
    let post = maya.read("posts/autumn-launch-acme-5.md");
    assert!(
        post.starts_with("---\ntitle: \"Autumn launch: Acme 5\"\nto: [outbox/site]\npublish_at: 2026-12-01 09:00\n"),
        "{post}"
    );
}

#[test]
fn without_accounts_it_is_for_all_or_for_the_default_group() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["new", "One"]).succeeds();
    assert!(maya.read("posts/one.md").contains("to: [outbox/site, outbox/status]"));
    let settings = maya.read("greenlit.toml");
    maya.write("greenlit.toml", settings + "\n[groups]\ndefault = [\"outbox/status\"]\n");
    maya.greenlit(["new", "Two", "--draft"]).succeeds();
    assert!(maya.read("posts/two.md").contains("to: [default]\ndraft: true\n"));
}

#[test]
fn nothing_is_overwritten() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/2026/hello.md", "mine");
    for expected in ["posts/hello-2.md", "posts/hello-3.md"] {
        let written = maya.greenlit(["new", "Hello", "--format", "json"]).succeeds().json();
        assert_eq!(written["file"], expected);
    }
    assert_eq!(maya.read("posts/2026/hello.md"), "mine");
}

#[test]
fn every_script_has_names() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    for (title, post) in [("発売日", "発売日"), ("नमस्ते दुनिया", "नमस्ते-दुनिया"), ("🎉", "post"), ("yes", "yes")]
    {
        assert_eq!(maya.greenlit(["new", title, "--format", "json"]).succeeds().json()["post"], post);
        assert!(maya.has(&format!("posts/{post}.md")));
    }
}

#[test]
fn accounts_and_times_that_make_no_sense_are_refused_before_anything_is_written() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["new", "A", "--to", "bluesky/acme"]).exits(2).complains("bluesky/acme");
    maya.greenlit(["new", "A", "--at", "tomorrow"]).exits(2).complains("tomorrow");
    maya.greenlit(["new", "A", "--at", "2027-03-28 02:30"]).exits(2).complains("does not exist");
    assert!(!maya.has("posts"));
    newsroom.at_folder("maya", "elsewhere").greenlit(["new", "A"]).exits(3).complains("greenlit init");
}

#[test]
fn what_new_writes_reads_back_as_it_was_meant() {
    use greenlit::workspace::load::load;
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let titles = ["no", "a: b # c", "\"quoted\"", "* 1", "C:\\path", "tab\there", "été", "[x]"];
    for title in titles {
        let file = maya.greenlit(["new", title, "--format", "json"]).succeeds().json()["file"].clone();
        let file = file.as_str().unwrap();
        maya.edit(file, "<!-- Write", "Text. <!-- Write");
    }
    let specs: Vec<_> = greenlit::network::all().iter().map(|network| network.capability().account).collect();
    let loaded = load(&greenlit::git::WorkTreeFiles::new(maya.path()), &specs);
    let mut read: Vec<_> = loaded.posts.iter().filter_map(|post| post.title.as_deref()).collect();
    let mut written = titles;
    read.sort_unstable();
    written.sort_unstable();
    assert_eq!(read, written, "{:?}", loaded.findings);
}
