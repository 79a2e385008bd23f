//! 32: letters that only look like others, and links that show another address.

use super::{HELLO, standing};
use crate::newsroom::Newsroom;

/// A post with this text on `main`, and what comes of Noor's approving it.
#[track_caller]
fn approving(text: &str, arguments: &[&str]) -> (Newsroom, crate::newsroom::Said) {
    let newsroom = Newsroom::acme();
    let post = HELLO.replace("Hello, world.", text);
    newsroom.as_person("maya").write("posts/hello.md", &post).commit("Say hello").push();
    let said = newsroom.as_person("noor").greenlit([&["approve", "hello"], arguments].concat());
    (newsroom, said)
}

#[test]
fn t32_a_link_that_is_not_what_it_looks_like() {
    for (text, really) in [
        ("Pay at https://p\u{430}ypal.com/acme", "xn--pypal-4ve.com"),
        ("Ask @help@m\u{430}stodon.social", "xn--mstodon-2fg.social"),
        ("See https://xn--pypal-4ve.com", "looks like paypal.com"),
        ("Read [acme.example](https://acme-login.example/5)", "leads to"),
        ("Read https://paypal.com@pay.example/5", "leads to"),
        ("Ask Acm\u{435} anything", "U+0435"),
        // Whatever its author says of it.
        ("<!-- greenlit-ignore link/lookalike: ours -->\nPay at https://p\u{430}ypal.com", "xn--pypal-4ve.com"),
    ] {
        let (newsroom, said) = approving(text, &[]);
        said.exits(1).complains("approve/pretence").complains(really).complains("--meant");
        assert_eq!(standing(&newsroom.runner(), "hello"), "waiting", "{text}");
        let (newsroom, said) = approving(text, &["--meant"]);
        said.succeeds().shows("Not what it looks like").shows(really);
        assert_eq!(standing(&newsroom.runner(), "hello"), "ready", "{text}");
    }
    for honest in [
        "Pay at https://paypal.com/acme",
        "Ask @help@mastodon.social or press@acme.example",
        "Читайте https://пример.рф и https://例え.jp, https://bücher.example",
        "Read [acme.example](https://www.acme.example/5) and [our pages](https://acme-login.example)",
    ] {
        let (newsroom, said) = approving(honest, &[]);
        said.succeeds();
        assert_eq!(standing(&newsroom.runner(), "hello"), "ready", "{honest}");
    }
}

#[test]
fn t32_where_names_are_taken_at_their_word_it_is_said_all_the_same() {
    let newsroom = Newsroom::acme();
    let post = HELLO.replace("Hello, world.", "Pay at https://p\u{430}ypal.com/acme");
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "evidence = \"signed\"", "evidence = \"sign-off\"");
    maya.write("posts/hello.md", &post).commit("Say hello").push();
    newsroom.pin();
    newsroom.as_person("noor").greenlit(["approve", "hello"]).succeeds().shows("xn--pypal-4ve.com");
}
