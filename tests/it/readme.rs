//! The README's tutorial, typed in by somebody with a new machine.

use crate::ci::{Forge, script, steps};
use crate::newsroom::{Desk, Newsroom, Said};
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

/// What somebody types, by the lines of the README's parts on CI.
fn typed(part: &str) -> Vec<String> {
    let blocks = part.split("```console\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    blocks.flat_map(str::lines).map(|line| line.strip_prefix("$ ").expect("a command").to_owned()).collect()
}

/// A desk of somebody for whom a forge lies behind ssh, as forges do: the program there is git's own.
fn with_ssh<'n>(newsroom: &'n Newsroom, person: &str, folder: &str) -> Desk<'n> {
    let hub = newsroom.path().join("hub");
    let program = newsroom.at_folder(person, "bin");
    program.write(
        "ssh",
        format!("#!/bin/sh\nfor last; do :; done\ncd '{}' && exec sh -c \"git ${{last#git-}}\"\n", hub.display()),
    );
    let desk = newsroom.at_folder(person, folder);
    desk.git(["config", "--global", "core.sshCommand", &format!("sh '{}'", program.path().join("ssh").display())]);
    desk.git(["config", "--global", "ssh.variant", "ssh"]);
    desk
}

fn type_in(desk: &Desk<'_>, commands: &[String]) -> Said {
    let said = desk.shell(&format!("set -eux\n{}", commands.join("\n")));
    said.succeeds();
    said
}

/// From an empty folder to a post that CI published, with nothing but what the README says.
fn the_road(address: &str, added: &str, folder: Option<&str>) {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let part = |name: &str| {
        let (_, part) = readme.split_once(&format!("<!-- {name} -->")).expect("its beginning");
        part.split_once(&format!("<!-- /{name} -->")).expect("its end").0
    };
    let newsroom = Newsroom::empty();
    let desk = with_ssh(&newsroom, "noor", "desk");
    let hub = newsroom.at_folder("noor", "hub/acme");
    hub.git(["init", "-q", "--bare", "posts.git"]);
    let blocks = part("tutorial").split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    desk.shell(&format!("set -eux\n{}", blocks.collect::<String>())).succeeds();

    let noor = newsroom.at_folder("noor", "desk/acme");
    let commands: Vec<String> = typed(part("road"))
        .into_iter()
        .map(|command| {
            command
                .replace("git@github.com:acme/posts.git", address)
                .replace("git add .github", &format!("git add {added}"))
        })
        .collect();
    let at = |words: &str| commands.iter().position(|command| command.starts_with(words)).expect(words);
    let (branch, merged) = (at("git switch -c"), at("git switch main"));
    let told = type_in(&noor, &commands[..branch]);
    assert!(told.stdout.contains("fine.") || told.stdout.contains("remark"), "{told}");
    let root =
        told.stdout.split_once("GREENLIT_ROOT=").expect("a root").1.split_whitespace().next().unwrap().to_owned();
    type_in(&noor, &commands[branch..merged]);

    // The forge runs what was written, as a pull request and after the merge.
    let remote = format!("file://{}", newsroom.path().join("hub/acme/posts.git").display());
    let runs = |run: &str, job: &str, variables: &[(&str, &str)]| {
        let scripts = match folder {
            Some(folder) => steps(&noor.read(&format!("{folder}/greenlit-{job}.yml"))),
            None => {
                let runner = newsroom.at_folder("noor", run);
                let branch = if job == "check" { "hello-ci" } else { "main" };
                runner.git(["clone", "-q", "--single-branch", "--branch", branch, &remote, "."]);
                script(&noor.read(added), &format!("greenlit-{job}"))
            }
        };
        // None of the posts goes where a secret is asked for.
        let scripts: Vec<_> = scripts
            .into_iter()
            .map(|(script, environment)| {
                let known = environment.into_iter().filter(|(name, _)| !name.contains("_ACME_"));
                (script, known.collect())
            })
            .collect();
        let forge = Forge { remote: remote.clone(), root: root.clone(), variables: variables.to_vec() };
        let ran = forge.runs(&newsroom, run, &scripts);
        for said in &ran {
            said.succeeds();
        }
        ran
    };
    let proposed = [
        ("GITHUB_REF", "refs/heads/hello-ci"),
        ("GITHUB_BASE_REF", "main"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
    ];
    let checked = runs("check", "check", &proposed);
    assert!(checked.iter().any(|said| said.stdout.contains("This one came by a pull request.")));
    let merger = newsroom.at_folder("noor", "merger");
    merger.git(["clone", "-q", &remote, "."]);
    merger.git(["merge", "-q", "--no-ff", "-m", "Merge pull request #1", "origin/hello-ci"]);
    merger.git(["push", "-q", "origin", "main"]);

    let (last, before) = commands[merged..].split_last().expect("a command");
    type_in(&noor, before);
    let token = [("CI_JOB_TOKEN", "t0ken"), ("CI_PROJECT_PATH", "posts"), ("GREENLIT_ROOT", root.as_str())];
    let published = runs("publish", "publish", &token);
    assert!(published.iter().any(|said| said.stdout.contains("hello-ci")), "it is out");
    assert!(last.contains("status"));
    noor.shell(last).shows("Published  2 posts");
    noor.greenlit(["log", "hello-ci"])
        .succeeds()
        .shows("Noor Haddad approved it for editor")
        .shows("published on outbox/site");
    noor.greenlit(["todo"]).succeeds().shows("Nothing waits here.");
}

#[test]
fn the_road_to_ci_works_as_it_is_written() {
    the_road("git@github.com:acme/posts.git", ".github", Some(".github/workflows"));
}

#[test]
fn the_road_to_ci_works_on_forgejo() {
    the_road("git@codeberg.org:acme/posts.git", ".forgejo", Some(".forgejo/workflows"));
}

#[test]
fn the_road_to_ci_works_on_gitlab() {
    the_road("git@gitlab.com:acme/posts.git", ".gitlab-ci.yml", None);
}
