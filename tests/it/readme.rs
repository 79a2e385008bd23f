//! The README's tutorial, typed in by somebody with a new machine.

use crate::newsroom::Newsroom;
use crate::renewal::repository;

#[test]
fn the_tutorial_works_as_it_is_written() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let tutorial = readme.split_once("<!-- tutorial -->").unwrap().1.split_once("<!-- /tutorial -->").unwrap().0;
    let blocks = tutorial.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    let script: String = blocks.collect();
    assert!(script.contains("greenlit publish"));

    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "desk");
    let said = noor.shell(&format!("set -eux\n{script}"));
    // A post that waits for its text or its time is no fault.
    said.succeeds();
    let page = noor.read("acme/public/index.html");
    assert!(page.contains("our first post"), "{page}");
    assert!(!page.contains("Acme 5"), "2030 is not yet");
    assert!(noor.has("acme/posts/hello-from-git.md"));
    let again = newsroom.at_folder("noor", "desk/acme").greenlit(["publish"]);
    assert!(again.exit <= 1, "{again}");
}

#[test]
fn the_post_and_the_template_that_it_shows_are_fine() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let section = readme.split_once("## What a post says").unwrap().1;
    let block = |kind: &str| section.split_once(&format!("```{kind}\n")).unwrap().1.split_once("\n```").unwrap().0;
    let picture = include_bytes!("../../examples/newsroom/assets/launch.png");
    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "desk");
    noor.write("posts/autumn.md", block("markdown"))
        .write("assets/launch.png", picture)
        .write("assets/screen.png", picture)
        .write(
            "greenlit.toml",
            format!(
                "version = 1\nworkspace = \"0197c7b2\"\ntimezone = \"Europe/Berlin\"\n\n{}\n\n[accounts.\"bluesky/acme\"]\n\
                 service = \"https://bsky.social\"\nhandle = \"acme.example\"\n",
                block("toml")
            ),
        )
        .write("roles.toml", crate::newsroom::roles());
    noor.git(["init", "--quiet"]);
    noor.greenlit(["check"]).succeeds();
    let shown = noor.greenlit(["preview", "autumn-launch", "--account", "mastodon/acme"]);
    shown.shows("https://acme.example/launch?utm_source=mastodon&utm_campaign=autumn").shows("#product");
}
