//! `greenlit status` and `greenlit log`: what they say of a newsroom, read from commits.

use greenlit::git::SecretKey;

use crate::newsroom::{Desk, Newsroom, WORKSPACE, email};

/// People by the byte that their key is made of.
pub const NOOR: (&str, u8) = ("noor", 1);
pub const LI: (&str, u8) = ("li", 2);
pub const TESS: (&str, u8) = ("tess", 3);
pub const MALLORY: (&str, u8) = ("mallory", 66);

/// Signs a decision with somebody's key and pushes it. Written by hand, so that it can also be what greenlit would never
/// write.
pub fn decide(desk: &Desk<'_>, (person, seed): (&str, u8), trailers: &str) -> String {
    let parent = desk.try_git(["rev-parse", "--verify", "-q", "origin/greenlit/approvals"]).ok();
    let policy = desk.commit_id("origin/main");
    let tree = desk.git(["mktree"]);
    let message = format!(
        "Decide\n\nThe price\nis wrong.\n\nGreenlit-Workspace: {WORKSPACE}\nGreenlit-Policy: {policy}\n{trailers}Signed-off-by: {person} <{}>\n",
        email(person)
    );
    let mut arguments = vec!["commit-tree", tree.trim(), "-m", &message];
    if let Some(parent) = &parent {
        arguments.extend(["-p", parent.trim()]);
    }
    let unsigned = desk.git(arguments);
    let bytes = desk.git(["cat-file", "commit", unsigned.trim()]);
    let signed = SecretKey::from_seed([seed; 32]).sign_commit(bytes.as_bytes()).expect("a commit");
    let commit = desk.object("commit", &signed);
    desk.git(["push", "-q", "origin", &format!("{commit}:refs/heads/greenlit/approvals")]);
    desk.git(["fetch", "-q", "origin"]);
    commit
}

/// The trailers that approve a post for a stage, as the plan has it now.
pub fn approval(desk: &Desk<'_>, post: &str, stage: &str) -> String {
    let plan = desk.greenlit(["plan", "--fetch", post, "--format", "json"]).json();
    let line = |delivery: &serde_json::Value| {
        let text = |key: &str| delivery[key].as_str().expect("text").to_owned();
        format!("Greenlit-Approve: {post} {} {} at {}\n", text("account"), text("digest"), text("due"))
    };
    let lines: String = plan["deliveries"].as_array().expect("deliveries").iter().map(line).collect();
    format!("Greenlit-Stage: {stage}\n{lines}")
}

/// A post to both accounts.
pub fn post(front: &str, text: &str) -> String {
    format!("---\nto: [outbox/site, outbox/status]\n{front}---\n{text}\n")
}

/// A newsroom with an approved post, one that waits for legal, one that was edited after approval, and a broken one.
pub fn busy() -> Newsroom {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", post("title: Hello\n", "Hello, world."))
        .write("posts/prices.md", post("title: New prices\nlabels: [pricing]\npublish_at: 2026-12-03 09:00\n", "Up."))
        .write("posts/winter.md", post("title: Winter\npublish_at: 2026-12-24 18:00\n", "Snow."))
        .write("posts/oops.md", post("titel: Oops\n", "Oops."))
        .commit("Write four posts")
        .push();
    let li = newsroom.as_person("li").at("2026-11-30T10:00:00Z");
    for name in ["hello", "winter", "prices"] {
        let yes = approval(&li, name, "editor");
        decide(&li, LI, &yes);
    }
    maya.at("2026-11-30T11:00:00Z").edit("posts/winter.md", "Snow.", "Snow!").commit("Make it louder").push();
    newsroom
}

#[test]
fn status_answers_whose_turn_it_is() {
    let newsroom = busy();
    let said = newsroom.as_person("tess").greenlit(["status", "--fetch"]);
    let main = newsroom.as_person("tess").commit_id("origin/main");
    let expected = r#"Status of main at @MAIN@, Mon 30 Nov 10:00 CET

Waiting for you                                                           1 post
○ prices  New prices                                  Thu 3 Dec 09:00, in 2 days
    waits for Tess Okafor, until Wed 2 Dec 10:00 (legal) · outbox/site,
    outbox/status

Waiting for others                                                        1 post
○ winter  Winter                                    Thu 24 Dec 18:00, in 3 weeks
    waits for Noor Haddad or Li Wei (editor) · outbox/site, outbox/status
    – approval by Li Wei: approved an earlier version

Ready: the next publish sends it                                          1 post
✓ hello  outbox/site, outbox/status                                          now

Broken: these cannot go out                                               1 file
! posts/oops.md:3:1: there is no key `titel` here

Next
  greenlit approve prices  see what would go out, and say yes
  greenlit publish         send what is ready
"#;
    assert_eq!(said.exits(1).stdout, expected.replace("@MAIN@", &main[..10]));
}

#[test]
fn what_is_in_the_folder_and_not_on_the_branch_changes_nothing() {
    let newsroom = busy();
    let li = newsroom.as_person("li");
    let before = li.greenlit(["status", "--fetch"]).stdout;
    li.write("posts/hello.md", post("", "Other words."))
        .write("roles.toml", "[people.mallory]\n")
        .write("posts/new.md", post("", "New."));
    li.git(["config", "user.name", "Somebody Else"]);
    assert_eq!(li.greenlit(["status"]).stdout, before);
    li.commit("Not pushed");
    assert_eq!(li.greenlit(["status"]).stdout, before, "with a remote, its branch is the trusted one");
}

#[test]
fn programs_get_what_the_schemas_say() {
    let newsroom = busy();
    let tess = newsroom.as_person("tess");
    tess.git(["fetch", "-q"]);
    for command in [vec!["status"], vec!["status", "--all"], vec!["todo"], vec!["plan"], vec!["log", "winter"]] {
        let said = tess.greenlit(command.iter().chain(&["--format", "json"])).json();
        let schema = tess.greenlit(["schema", command[0]]).succeeds().json();
        let errors: Vec<String> =
            jsonschema::validator_for(&schema).unwrap().iter_errors(&said).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{command:?}: {errors:?}\n{said:#}");
        assert_eq!(said["version"], 1);
    }
    let status = tess.greenlit(["status", "--format", "json"]).json();
    let prices = status["posts"].as_array().unwrap().iter().find(|post| post["post"] == "prices").unwrap();
    assert_eq!(prices["turn"][0]["id"], "tess");
    assert_eq!(status["broken"][0]["path"], "posts/oops.md");
}

#[test]
fn a_log_tells_what_happened_and_what_counts() {
    let newsroom = busy();
    let li = newsroom.as_person("li").at("2026-11-30T12:00:00Z");
    let yes = approval(&li, "winter", "editor");
    decide(&li, LI, &yes);
    let noor = newsroom.as_person("noor").at("2026-11-30T13:00:00Z");
    noor.git(["fetch", "-q"]);
    decide(&noor, NOOR, "Greenlit-Reject: winter\n");
    let said = noor.greenlit(["log", "winter"]);
    let told: String = said.succeeds().stdout.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let without_commits = strip_commits(&told);
    let expected = "winter  Winter
posts/winter.md

Mon 30 Nov 10:00  · Maya Lindqvist wrote it: Write four posts
Mon 30 Nov 11:00  – Li Wei approved it for editor
                    does not count for outbox/site, outbox/status: approved an
                    earlier version
Mon 30 Nov 12:00  · Maya Lindqvist changed it: Make it louder
Mon 30 Nov 13:00  ✓ Li Wei approved it for editor
                    outbox/site, outbox/status
Mon 30 Nov 14:00  ✗ Noor Haddad rejected it: The price is wrong.

✗ outbox/site, outbox/status: rejected · due Thu 24 Dec 18:00, in 3 weeks
  ✗ rejection by Noor Haddad: The price is wrong; Noor Haddad or Maya Lindqvist
    can lift it: greenlit lift
  ✓ editor: Li Wei
";
    assert_eq!(without_commits, expected);
    noor.greenlit(["log", "posts/winter.md"]).succeeds().shows("Make it louder");
    noor.greenlit(["log", "summer"]).exits(2).complains("there is no post \"summer\" on main");
}

#[test]
fn a_story_outlives_its_file() {
    let newsroom = busy();
    newsroom.runner().greenlit(["publish"]);
    let maya = newsroom.as_person("maya");
    maya.greenlit(["status", "--fetch"]).exits(1).shows("Published  1 post, the last one now");
    let all = maya.greenlit(["status", "--all"]);
    all.shows("✓ hello  outbox/site, outbox/status").shows("Mon 30 Nov 10:00, now");
    maya.edit("posts/hello.md", "Hello, world.", "Hello, moon.").commit("Correct it too late").push();
    let said = maya.greenlit(["log", "hello"]);
    said.succeeds().shows("published on outbox/site").shows("changed since").shows("Li Wei approved it");
    maya.remove("posts/hello.md").commit("Tidy up").push();
    maya.greenlit(["log", "hello"]).succeeds().shows("published on outbox/site").shows("Li Wei approved it");
}

/// Takes out ` (3e71793ee3)`, wherever the line was broken.
fn strip_commits(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let trimmed = match line.rfind('(') {
            Some(at) if line[at..].len() == 12 && line.ends_with(')') => line[..at].trim_end(),
            _ => line,
        };
        if !trimmed.is_empty() || line.is_empty() {
            out += trimmed;
            out.push('\n');
        }
    }
    out
}

#[test]
fn settings_with_errors_decide_nothing() {
    let newsroom = busy();
    newsroom.unpin();
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "legal = [\"tess\"]", "legal = [\"nobody\"]").commit("Mistype").push();
    for command in ["status", "plan"] {
        maya.greenlit([command]).exits(3).complains("nothing can be decided").complains("roles.toml:");
    }
    let maya = newsroom.as_person("maya");
    maya.remove("roles.toml").commit("Lose it").push();
    maya.greenlit(["status"]).exits(3).complains("roles.toml");
}

#[test]
fn outside_a_workspace_the_way_out_is_told() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("noor", "anywhere");
    desk.greenlit(["status"]).exits(3);
    desk.git(["init", "-q"]);
    desk.greenlit(["status"]).exits(3).complains("greenlit init");
}

#[test]
fn a_quiet_workspace_ends_well() {
    let newsroom = Newsroom::acme();
    newsroom.as_person("maya").greenlit(["status"]).succeeds().shows("No posts yet.").shows("greenlit new");
    newsroom.as_person("maya").greenlit(["plan"]).succeeds().shows("Publish would send nothing now.");
}
