//! `greenlit init`: from a folder to a workspace.

use crate::newsroom::{Newsroom, public_key};

#[test]
fn an_empty_folder_becomes_a_workspace() {
    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "acme");
    let said = noor.greenlit(["init"]);
    said.succeeds().shows("acme is a workspace now").shows("Evidence is \"signed\"").shows("you have an SSH key");
    said.shows("git commit -m \"Begin with greenlit\"").shows("greenlit approve hello");

    let settings = noor.read("greenlit.toml");
    let ledger = noor.commit_id("refs/heads/greenlit/ledger");
    assert!(settings.contains(&format!("ledger = \"{ledger}\"")), "{settings}");
    assert!(settings.contains("trusted = \"main\""), "{settings}");
    assert!(settings.contains("timezone = \"UTC\""), "the newsroom's TZ:\n{settings}");
    assert_eq!(noor.git(["rev-list", "--count", &ledger]).trim(), "1", "the ledger begins with one commit");
    assert_eq!(noor.git(["ls-tree", "--name-only", &ledger]), "README.md\n", "and no delivery");

    let roles = noor.read("roles.toml");
    assert!(roles.contains(&public_key("noor")) && roles.contains("author_may_approve = true"), "{roles}");
    assert!(noor.has("posts/hello.md"));
    assert!(noor.read(".gitattributes").contains("posts/** -text"));
    assert_eq!(noor.read(".gitignore"), "/public/\n");
}

#[test]
fn a_file_or_nothing_in_the_place_of_a_folder_is_told_as_what_it_is() {
    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "desk");
    noor.write("notes", "x");
    noor.greenlit(["init", "notes"]).exits(2).complains("is a file, and a workspace is a folder");
    noor.greenlit(["demo", "notes"]).exits(2).complains("is a file, and a folder is needed");
    noor.greenlit(["-C", "notes", "status"]).exits(2).complains("notes is no folder");
    noor.greenlit(["-C", "nowhere", "init"]).exits(2).complains("nowhere does not exist");
    assert!(!noor.has("nowhere"));
}

#[test]
fn every_workspace_has_an_id_of_its_own() {
    let newsroom = Newsroom::empty();
    let id =
        |folder| newsroom.at_folder("noor", folder).greenlit(["init", "--format", "json"]).json()["workspace"].clone();
    assert_ne!(id("one"), id("two"));
}

#[test]
fn a_repository_keeps_what_it_has() {
    let newsroom = Newsroom::empty();
    let li = newsroom.at_folder("li", "site");
    li.git(["init", "-q", "-b", "trunk"]);
    li.write("posts/old.md", "---\nto: [outbox/site]\n---\nOld.\n").write(".gitignore", "/target").commit("Begin");
    let made = li.greenlit(["init", "--format", "json"]).succeeds().json();
    assert_eq!(made["trusted"], "trunk");
    assert!(!li.has("posts/hello.md"), "there are posts already");
    assert_eq!(li.read(".gitignore"), "/target\n/public/\n");
    assert_eq!(li.git(["log", "--oneline"]).lines().count(), 1, "committing is left to the person");
}

#[test]
fn a_second_init_is_refused_and_changes_nothing() {
    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "acme");
    noor.greenlit(["init"]).succeeds();
    let before = noor.read("greenlit.toml");
    noor.greenlit(["init"]).exits(2).complains("there is a greenlit.toml already");
    assert_eq!(noor.read("greenlit.toml"), before);

    noor.remove("greenlit.toml").remove("roles.toml");
    noor.greenlit(["init"]).exits(3).complains("there is a branch greenlit/ledger already");
    assert!(!noor.has("greenlit.toml"));
}

#[test]
fn a_folder_inside_a_repository_is_not_taken_for_it() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.at_folder("maya", "maya/posts");
    maya.greenlit(["init"]).exits(2).complains("is a folder inside the repository");
}

#[test]
fn without_a_key_nothing_is_claimed_to_be_signed() {
    let newsroom = Newsroom::empty();
    newsroom.move_in("guest", "Guest");
    let guest = newsroom.at_folder("guest", "acme");
    guest.greenlit(["init", "--evidence", "signed"]).exits(2).complains("ssh-keygen -t ed25519");
    guest.greenlit(["init"]).succeeds().shows("Evidence is \"sign-off\"").shows("not authenticated");
    assert!(guest.read("roles.toml").contains("evidence = \"sign-off\""));
}

#[test]
fn a_key_that_git_does_not_know_yet_comes_with_the_lines_to_type() {
    let newsroom = Newsroom::empty();
    let tess = newsroom.at_folder("tess", "acme");
    tess.git(["config", "--global", "--unset", "gpg.format"]);
    let said = tess.greenlit(["init"]);
    said.succeeds().shows("~/.ssh/id_ed25519.pub").shows("git config --global gpg.format ssh");
    assert!(tess.read("roles.toml").contains(&public_key("tess")));
}

#[test]
fn a_stranger_to_git_is_told_what_to_type() {
    let newsroom = Newsroom::empty();
    let nobody = newsroom.at_folder("nobody", "acme");
    nobody.greenlit(["init"]).exits(2).complains("git config --global user.name");
    assert!(!nobody.has(".git"), "and nothing was made");
}

#[test]
fn accounts_are_written_down() {
    let newsroom = Newsroom::empty();
    let noor = newsroom.at_folder("noor", "acme");
    let accounts = ["--account", "bluesky/acme=acme.example", "--account", "mastodon/acme=@acme@mastodon.example"];
    noor.greenlit(["init"].into_iter().chain(accounts)).succeeds();
    let settings = noor.read("greenlit.toml");
    assert!(
        settings.contains("[accounts.\"bluesky/acme\"]\nservice = \"https://bsky.social\"\nhandle = \"acme.example\"")
    );
    assert!(settings.contains("server = \"https://mastodon.example\"\nhandle = \"acme\""));
    assert!(!settings.contains("outbox"), "{settings}");
    assert!(noor.read("posts/hello.md").contains("to: [bluesky/acme, mastodon/acme]"));

    noor.greenlit(["init", "other", "--account", "telegraph/acme"])
        .exits(2)
        .complains("there is no network \"telegraph\"");
    assert!(!noor.has("other"));
}

#[test]
fn what_init_writes_is_read_without_a_fault() {
    use greenlit::workspace::load::{load_roles, load_settings};
    let newsroom = Newsroom::empty();
    let accounts = ["--account", "bluesky/acme=acme.example", "--account", "mastodon/acme=@acme@mastodon.example"];
    for (folder, accounts) in [("one", &[][..]), ("two", &accounts[..])] {
        for person in ["noor", "guest"] {
            newsroom.move_in("guest", "李 \"the\" 伟");
            let desk = newsroom.at_folder(person, &format!("{person}-{folder}"));
            desk.greenlit(["init"].iter().chain(accounts)).succeeds();
            let specs: Vec<_> = greenlit::network::all().iter().map(|network| network.capability().account).collect();
            let (settings, findings) = load_settings(desk.read("greenlit.toml").as_bytes(), &specs);
            assert!(settings.is_some() && findings.is_empty(), "{findings:?}");
            let (roles, findings) = load_roles(desk.read("roles.toml").as_bytes());
            assert!(roles.is_some_and(|roles| roles.policy.author_may_approve), "{findings:?}");
            assert!(findings.is_empty(), "{findings:?}");
        }
    }
}
