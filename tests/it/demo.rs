//! `greenlit demo`: the whole story in an empty folder.

use std::fs;
use std::path::Path;

use crate::newsroom::Newsroom;
use crate::renewal::repository;

#[test]
fn the_demo_tells_the_whole_story_and_leaves_a_newsroom_to_play_with() {
    let newsroom = Newsroom::empty();
    let anyone = newsroom.at_folder("nobody", "anywhere");
    let said = anyone.greenlit(["demo"]);
    said.succeeds();
    for command in ["greenlit init", "greenlit approve", "greenlit reject", "greenlit publish", "greenlit status"] {
        said.shows(&format!("$ {command}"));
    }
    for person in ["maya $", "noor $", "li $", "sam $", "ci $"] {
        said.shows(person);
    }
    said.shows("cd greenlit-demo/newsroom");

    let index = anyone.read("greenlit-demo/newsroom/public/index.html");
    for out in ["Acme 5", "Femi and Zoë", "はじめまして", "outage"] {
        assert!(index.contains(out), "{out} is out:\n{index}");
    }
    for kept in ["Win a year", "prices are here", "until noon", "until one", "coffee machine", "coming in spring"] {
        assert!(!index.contains(kept), "{kept} is not out:\n{index}");
    }

    // Whoever plays on needs no account: each person's settings are there.
    let tess = newsroom.at_folder("nobody", "anywhere/greenlit-demo/newsroom");
    let settings = tess.path().join("../people/tess/.gitconfig").display().to_string();
    let tess = tess.env("GIT_CONFIG_GLOBAL", &settings);
    tess.greenlit(["status"]).exits(1).shows("prices").shows("Tess");
    tess.greenlit(["approve", "prices"]).succeeds();
    tess.greenlit(["publish"]);
    assert!(tess.read("public/index.html").contains("prices are here"));
}

#[test]
fn it_says_what_it_did_to_programs_too() {
    let newsroom = Newsroom::empty();
    let anyone = newsroom.at_folder("nobody", "anywhere");
    let told = anyone.greenlit(["demo", "play", "--format", "json"]).succeeds().json();
    let schema = anyone.greenlit(["schema", "demo"]).succeeds().json();
    assert!(jsonschema::is_valid(&schema, &told), "{told}");
    assert!(told["site"].as_str().is_some_and(|site| std::path::Path::new(site).exists()), "{told}");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let newsroom = Newsroom::empty();
    let anyone = newsroom.at_folder("nobody", "anywhere");
    anyone.write("mine/notes.txt", "keep");
    anyone.greenlit(["demo", "mine"]).exits(2).complains("is not empty");
    assert_eq!(anyone.read("mine/notes.txt"), "keep");
}

#[test]
fn the_example_newsroom_is_in_order() {
    let newsroom = Newsroom::empty();
    let maya = newsroom.at_folder("maya", "newsroom");
    copy(&repository("examples/newsroom"), maya.path());
    maya.git(["init", "-q"]);
    maya.greenlit(["check"]).succeeds();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
