//! `greenlit drift`: what is live, held against what was approved and published.

use crate::publish::with_hello;

#[test]
fn what_is_there_what_is_gone_and_what_was_changed_here_is_told() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    runner.greenlit(["drift"]).succeeds().shows("Nothing was published since");
    runner.greenlit(["drift", "hello"]).exits(2).complains("nothing of hello is out");
    runner.greenlit(["publish"]).succeeds();
    let ledger = runner.commit_id("origin/greenlit/ledger");
    runner.greenlit(["drift"]).succeeds().shows("Looked at 2 deliveries").shows("2 unchanged").hides("outbox/site");
    runner.greenlit(["drift", "posts/hello.md"]).succeeds().shows("✓ hello → outbox/site, published");

    runner.remove("public/posts/hello.html").remove("status/posts/hello.html");
    let data = std::fs::read_dir(runner.path().join("status/data")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(data).unwrap();
    let said = runner.greenlit(["drift", "-v"]);
    said.exits(1).shows("✗ hello → outbox/status: it is gone").shows("gives outbox/site and outbox/status back");
    runner.greenlit(["drift", "--account", "outbox/nobody"]).exits(2).complains("there is no account");
    runner.greenlit(["publish"]).succeeds();

    let maya = newsroom.as_person("maya");
    maya.pull().edit("posts/hello.md", "Hello, world.", "Hello, moon.").commit("Aim higher").push();
    let said = runner.greenlit(["drift", "--fetch", "--account", "outbox/status"]);
    said.exits(1)
        .shows("1 unchanged, 1 changed")
        .shows("~ hello → outbox/status: its file was changed since it went out");
    let report = runner.greenlit(["drift", "--format", "json"]).exits(1).json();
    let live = |n: usize| (report["deliveries"][n]["live"].clone(), report["deliveries"][n]["changed"].clone());
    assert_eq!((live(0), live(1)), (("same".into(), true.into()), ("same".into(), true.into())));
    // A post that is gone from the branch is still out.
    maya.remove("posts/hello.md").commit("Tidy up").push();
    runner.greenlit(["drift", "--fetch", "hello"]).succeeds().shows("✓ hello → outbox/site");

    let other = newsroom.runner();
    other.greenlit(["drift"]).exits(4).shows("public is not in this clone;");
    assert!(!other.has("public") && !other.has(".git/greenlit"), "it writes nothing");
    assert_eq!(other.commit_id("origin/greenlit/ledger"), ledger);
    let later = runner.at("2027-04-01T08:00:00Z");
    later.greenlit(["drift"]).succeeds().shows("Nothing was published since").shows("Left out: 2 older deliveries");
    later.greenlit(["drift", "--since", "365d"]).succeeds().shows("2 unchanged");
}
