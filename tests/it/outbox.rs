//! The embedded network, from a post file to a page in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::newsroom::Newsroom;
use crate::publish::approve;

const PICTURE: &[u8] = include_bytes!("../../examples/newsroom/assets/launch.png");

/// Maya's thread with a picture, Arabic, and text that looks like HTML; Noor says yes.
fn with_a_thread() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("assets/launch.png", PICTURE);
    maya.write(
        "posts/إطلاق.md",
        "---\nto: [outbox/site]\nlanguage: ar\nmedia:\n  - file: assets/launch.png\n    alt: A \"red\" leaf <b>\n---\n\
         وصل الخريف و **Acme 5**.\n\n---\n\nA <script>alert(1)</script> & [more](https://acme.example/?a=1&b=2)\n",
    );
    maya.commit("Announce").push();
    approve(&newsroom, "إطلاق");
    newsroom
}

/// Every file under a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(
                path.file_name().expect("a name").to_string_lossy().into_owned(),
                fs::read(&path).expect("a file"),
            );
        }
    }
    all
}

#[test]
fn a_thread_becomes_a_page_that_a_browser_can_trust() {
    let newsroom = with_a_thread();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds().shows("public/posts/إطلاق.html");
    let page = runner.read("public/posts/إطلاق.html");
    for expected in [
        "<html lang=\"ar\">",
        "<p>وصل الخريف و <strong>Acme 5</strong>.</p>",
        "id=\"part-2\"",
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <a href=\"https://acme.example/?a=1&amp;b=2\"",
        "alt=\"A &quot;red&quot; leaf &lt;b&gt;\" width=\"1200\" height=\"800\"",
        "<time dir=\"ltr\" class=\"dt-published\" datetime=\"2026-11-30T09:00:00Z\">",
    ] {
        assert!(page.contains(expected), "no {expected} in {page}");
    }
    assert!(!page.contains("<script"));
    assert!(runner.read("public/index.html").contains("href=\"posts/%D8%A5%D8%B7%D9%84%D8%A7%D9%82.html\""));
    assert!(files(&runner.path().join("public/media")).values().any(|bytes| bytes == PICTURE));
}

#[test]
fn a_site_that_lost_files_or_never_had_them_comes_back_to_the_byte() {
    let newsroom = with_a_thread();
    let runner = newsroom.runner();
    runner.greenlit(["publish"]).succeeds();
    let whole = files(&runner.path().join("public"));

    runner.remove("public/index.html").write("public/posts/إطلاق.html", "half a pa");
    runner.greenlit(["publish"]).succeeds();
    assert_eq!(files(&runner.path().join("public")), whole);

    let fresh = newsroom.runner();
    fresh.greenlit(["publish"]).succeeds();
    assert_eq!(files(&fresh.path().join("public")), whole);
}

#[test]
fn a_picture_that_was_replaced_since_is_restored_as_it_was_approved() {
    let newsroom = with_a_thread();
    newsroom.runner().greenlit(["publish"]).succeeds();
    let maya = newsroom.as_person("maya");
    maya.write("assets/launch.png", include_bytes!("../../examples/newsroom/assets/acme-5.png"));
    maya.commit("Change the picture").push();
    let fresh = newsroom.runner();
    fresh.greenlit(["publish"]);
    assert!(files(&fresh.path().join("public/media")).values().any(|bytes| bytes == PICTURE));
}

#[test]
fn a_folder_that_is_not_the_outboxs_own_is_not_written_to() {
    let newsroom = with_a_thread();
    let runner = newsroom.runner();
    runner.write("public/index.html", "<h1>The manual</h1>");
    let said = runner.greenlit(["publish"]);
    assert_ne!(said.exit, 0);
    said.shows("public/index.html was not written by greenlit");
    assert_eq!(runner.read("public/index.html"), "<h1>The manual</h1>");
}
