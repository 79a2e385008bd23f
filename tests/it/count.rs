//! `greenlit count`: how long a text is, network by network, anywhere.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::newsroom::{Desk, Newsroom};

fn anywhere(newsroom: &Newsroom) -> Desk<'_> {
    newsroom.at_folder("noor", "anywhere")
}

/// What the program answers to piped text, and its exit code.
fn piped(arguments: &[&str], input: &[u8]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlit"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).expect("text"), output.status.code().expect("an exit code"))
}

#[test]
fn people_see_whether_a_text_fits_and_why() {
    let newsroom = Newsroom::empty();
    let desk = anywhere(&newsroom);
    let said = desk.greenlit(["count", "x", "Autumn is here 🍁 https://acme.com/a/very/long/address"]);
    said.succeeds();
    assert_eq!(said.stdout, "  41 of 280 characters (weighted): fits\n  links count 23 each\n");
    let said = desk.greenlit(["count", "bluesky", "Привет"]);
    assert_eq!(said.stdout, "  6 of 300 characters, 12 of 3000 bytes: fits\n");
    let said = desk.greenlit(["count", "Twitter", &"発".repeat(141)]);
    said.exits(1);
    assert_eq!(said.stdout, "  282 of 280 characters (weighted): 2 too many\n");
    desk.greenlit(["count", "webhook", "Hello"]).succeeds().shows("  5 characters: fits");
    desk.greenlit(["count", "x", "a\u{feff}b"]).exits(1).shows("X takes no text with U+FEFF");
}

#[test]
fn every_network_has_a_line() {
    let newsroom = Newsroom::empty();
    let said = anywhere(&newsroom).greenlit(["count", "--all", "Hello, world"]);
    said.succeeds().shows("x ").shows("12 of 280 characters (weighted)").shows("12 of 2000 code points");
    assert!(said.stdout.lines().all(|line| line.ends_with("  fits")), "{said}");
    anywhere(&newsroom).greenlit(["count", "--all", &"é".repeat(300)]).exits(1).shows("too long");
    anywhere(&newsroom).greenlit(["count", "--all", "x", "Hello"]).exits(2).complains("count/all");
}

#[test]
fn programs_get_numbers() {
    let newsroom = Newsroom::empty();
    let json = |arguments: &[&str]| anywhere(&newsroom).greenlit(arguments).json();
    let x = json(&["count", "x", "acme.com", "--format", "json"]);
    let expected = serde_json::json!({
        "version": 1, "network": "x", "title": "X", "count": 23, "limit": 280, "unit": "characters (weighted)",
        "second": null, "fits": true, "links": { "found": 1, "each": 23 }
    });
    assert_eq!(x, expected);
    let all = json(&["count", "--all", "acme.com", "--format", "json"]);
    let networks = all["networks"].as_array().unwrap();
    let named = |name: &str| networks.iter().find(|network| network["network"] == name).unwrap();
    assert_eq!((&named("mastodon")["count"], &named("nostr")["limit"]), (&8.into(), &serde_json::Value::Null));
}

#[test]
fn text_can_be_piped_in() {
    assert_eq!(piped(&["count", "x"], b"Hello\n").0, "  5 of 280 characters (weighted): fits\n");
    assert_eq!(piped(&["count", "x", "-"], b"Hello\n\n").0, "  6 of 280 characters (weighted): fits\n");
    let (said, exit) = piped(&["count", "x", "-"], b"Hello\nW\xf6rld");
    assert_eq!(exit, 2);
    assert!(said.contains("count/utf8") && said.contains("line 2") && said.contains("iconv"), "{said}");
}

#[test]
fn an_unknown_network_is_told_with_the_known_ones() {
    let newsroom = Newsroom::empty();
    let said = anywhere(&newsroom).greenlit(["count", "blusky", "Hello"]);
    said.exits(2).complains("count/network").complains("did you mean `bluesky`?").complains("mastodon");
    let said = anywhere(&newsroom).greenlit(["count", "\u{1b}[2J\u{202e}", "Hello"]);
    assert!(!said.exits(2).stderr.contains(['\u{1b}', '\u{202e}']), "{said}");
    anywhere(&newsroom).greenlit(["count"]).exits(2);
}
