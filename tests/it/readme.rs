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
