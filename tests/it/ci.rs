//! `greenlit ci`: the workflows that it writes are run, and those that are there are examined.

use serde_yaml::Value;

use crate::newsroom::{Desk, Newsroom, Said};
use crate::publish::approve;
use crate::review::github;
use crate::stub::{Reply, Stub};

const SOURCE: [&str; 4] =
    ["--source", "https://forge.example/acme/greenlit", "--rev", "0123456789abcdef0123456789abcdef01234567"];

/// Maya with the workflow files of a forge, not committed yet.
fn equipped<'n>(newsroom: &'n Newsroom, forge: &str) -> (Desk<'n>, Said) {
    let maya = newsroom.as_person("maya");
    let said = maya.greenlit(["ci", "init", "--forge", forge].into_iter().chain(SOURCE));
    said.succeeds();
    (maya, said)
}

/// What a forge puts into a job's environment, and what stands in its settings.
pub struct Forge<'a> {
    pub remote: String,
    pub root: String,
    pub variables: Vec<(&'a str, &'a str)>,
}

impl Forge<'_> {
    /// Runs the scripts of a job in order, up to one that fails; each with its own environment, as it stands in the file.
    pub fn runs(&self, newsroom: &Newsroom, folder: &str, steps: &[(String, Vec<(String, String)>)]) -> Vec<Said> {
        newsroom.move_in("runner", "CI");
        let mut all = Vec::new();
        for (script, environment) in steps {
            let mut desk = newsroom.at_folder("runner", folder);
            let (server, repository) = self.remote.rsplit_once('/').expect("a folder");
            let own = [("GITHUB_SERVER_URL", server), ("GITHUB_REPOSITORY", repository), ("CI_SERVER_URL", server)];
            for (name, value) in own.iter().chain(&self.variables) {
                desk = desk.env(name, value);
            }
            for (name, value) in environment {
                let value =
                    value.replace("${{ github.token }}", "t0ken").replace("${{ vars.GREENLIT_ROOT }}", &self.root);
                assert!(!value.contains("${{"), "{value}");
                desk = desk.env(name, &value);
            }
            // The program is there already; how it would be built is looked at.
            let said = desk.shell(&format!("set -e\ncargo() {{ echo \"cargo $*\"; }}\n{script}"));
            let failed = said.exit != 0;
            all.push(said);
            if failed {
                break;
            }
        }
        all
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The scripts of a workflow's only job, with their environments.
pub fn steps(workflow: &str) -> Vec<(String, Vec<(String, String)>)> {
    let workflow: Value = serde_yaml::from_str(workflow).expect("YAML");
    let job = workflow["jobs"].as_mapping().and_then(|jobs| jobs.values().next()).expect("a job");
    let steps = job["steps"].as_sequence().expect("steps");
    let environment = |step: &Value| {
        let table = step["env"].as_mapping().into_iter().flatten();
        table.map(|(name, value)| (text(name), text(value))).collect()
    };
    steps.iter().map(|step| (text(&step["run"]), environment(step))).collect()
}

/// The lines of one of GitLab's jobs, which go through one shell.
pub fn script(workflow: &str, job: &str) -> Vec<(String, Vec<(String, String)>)> {
    let workflow: Value = serde_yaml::from_str(workflow).expect("YAML");
    let lines = workflow[job]["script"].as_sequence().expect("a script");
    let lines: Vec<String> = lines.iter().map(text).collect();
    vec![(lines.join("\n"), Vec::new())]
}

/// A branch with a post, as a pull request that was opened.
fn request<'n>(newsroom: &'n Newsroom, number: usize, post: &str) -> Desk<'n> {
    let maya = newsroom.as_person("maya");
    maya.git(["switch", "-q", "-c", &format!("request-{number}"), "origin/main"]);
    maya.write(&format!("posts/hello-{number}.md"), post).commit("Say hello");
    maya.git(["push", "-q", "origin", "HEAD", &format!("HEAD:refs/pull/{number}/merge")]);
    maya.git(["switch", "-q", "main"]);
    maya
}

fn forge<'a>(newsroom: &Newsroom, said: &Said, variables: &[(&'a str, &'a str)]) -> Forge<'a> {
    let told = said.stdout.split_once("GREENLIT_ROOT=").expect("a root").1;
    let root = told.split_whitespace().next().unwrap_or_default().to_owned();
    assert_eq!(root, newsroom.as_person("maya").commit_id("origin/main"), "the root that is pinned");
    Forge { remote: format!("file://{}", newsroom.remote().display()), root, variables: variables.to_vec() }
}

/// From a pull request to the receipt, by the steps of the two files.
fn a_post_goes_its_way(name: &str, folder: &str) {
    let newsroom = Newsroom::acme();
    let (maya, said) = equipped(&newsroom, name);
    let mut forge = forge(&newsroom, &said, &[("GITHUB_REF", "refs/pull/1/merge"), ("GITHUB_BASE_REF", "main")]);
    maya.commit("Let CI check and publish").push();
    newsroom.unpin();

    request(&newsroom, 1, "---\nto: [outbox/site]\n---\nHello from CI.\n");
    let check = steps(&maya.read(&format!("{folder}/greenlit-check.yml")));
    let ran = forge.runs(&newsroom, "check-1", &check);
    for said in &ran {
        said.succeeds();
    }
    ran[1].shows(&format!("cargo install --locked --git {} --rev {} greenlit", SOURCE[1], SOURCE[3]));
    ran[3].shows("Hello from CI.");
    assert_eq!(ran.len(), 5);

    request(&newsroom, 2, "---\nto: [outbox/sight]\n---\nWho is that?\n");
    forge.variables[0].1 = "refs/pull/2/merge";
    let ran = forge.runs(&newsroom, "check-2", &check);
    let last = ran.last().expect("a step");
    last.exits(1).shows(if name == "github" { "::error file=posts/hello-2.md,line=2" } else { "post/unknown-account" });
    assert_eq!(ran.len(), 3, "and nothing is previewed");

    maya.git(["merge", "-q", "request-1"]);
    maya.push();
    approve(&newsroom, "hello-1");
    forge.variables.clear();
    let publish = steps(&maya.read(&format!("{folder}/greenlit-publish.yml")));
    for run in ["publish-1", "publish-2"] {
        for said in forge.runs(&newsroom, run, &publish) {
            said.succeeds().hides("t0ken");
        }
    }
    let noor = newsroom.as_person("noor");
    noor.greenlit(["status", "--fetch"]).shows("Published  1 post");
    let ledger = noor.git(["ls-tree", "-r", "--name-only", "origin/greenlit/ledger"]);
    let kinds = |kind: &str| ledger.lines().filter(|path| path.contains(kind)).count();
    assert_eq!((kinds("claim.json"), kinds("published.json")), (1, 1), "{ledger}");
    let config = newsroom.at_folder("runner", "publish-1").read(".git/config");
    assert!(!config.contains("t0ken"), "{config}");
}

#[test]
fn the_steps_for_github_take_a_post_from_its_request_to_its_receipt() {
    a_post_goes_its_way("github", ".github/workflows");
}

#[test]
fn the_steps_for_github_say_in_the_request_what_goes_out() {
    let newsroom = Newsroom::acme();
    let (maya, said) = equipped(&newsroom, "github");
    let mut forge =
        forge(&newsroom, &said, &[("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_EVENT_NAME", "pull_request")]);
    maya.commit("Let CI check and publish").push();
    newsroom.unpin();
    request(&newsroom, 7, "---\nto: [outbox/site]\n---\nHello from CI.\n");
    let (stub, github) = github(&maya);
    github.lock().unwrap().head = maya.commit_id("request-7");
    let origin = stub.origin();
    // Of two steps, as GitHub's are.
    let remote = forge.remote.clone();
    let (folder, name) = remote.rsplit_once('/').expect("a folder");
    let (server, owner) = folder.rsplit_once('/').expect("a folder above it");
    let repository = format!("{owner}/{name}");
    let more = [("GITHUB_API_URL", origin.as_str()), ("GITHUB_SERVER_URL", server), ("GITHUB_REPOSITORY", &repository)];
    forge.variables.extend(more);
    let review = steps(&maya.read(".github/workflows/greenlit-review.yml"));
    for said in forge.runs(&newsroom, "review-1", &review) {
        said.succeeds().hides("t0ken");
    }
    let first = github.lock().unwrap().comments[0]["body"].as_str().unwrap_or_default().to_owned();
    assert!(first.contains("⏳ greenlit: 1 post waits for approval") && first.contains("Hello from CI."), "{first}");

    // The schedule finds what was approved since, and gets the commit by itself.
    let noor = newsroom.as_person("noor");
    noor.git(["fetch", "-q"]);
    noor.greenlit(["approve", "hello-7", "--yes", "--ref", "origin/request-7"]).succeeds();
    maya.git(["push", "-q", "origin", "request-7:refs/pull/7/head", ":request-7"]);
    (forge.variables[0].1, forge.variables[1].1) = ("refs/heads/main", "schedule");
    for said in forge.runs(&newsroom, "review-2", &review) {
        said.succeeds().hides("t0ken");
    }
    let github = github.lock().unwrap();
    assert!(github.comments[0]["body"].as_str().unwrap_or_default().contains("✅ greenlit: approved"));
    assert_eq!(github.comments.len(), 1);
}

#[test]
fn the_steps_for_forgejo_do_so_too() {
    a_post_goes_its_way("forgejo", ".forgejo/workflows");
}

#[test]
fn the_script_for_gitlab_does_so_too() {
    let newsroom = Newsroom::acme();
    let (maya, said) = equipped(&newsroom, "gitlab");
    let mut gitlab =
        forge(&newsroom, &said, &[("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"), ("CI_JOB_TOKEN", "t0ken")]);
    maya.commit("Let CI check and publish").push();
    newsroom.unpin();
    request(&newsroom, 1, "---\nto: [outbox/site]\n---\nHello from CI.\n");
    // The runner clones, with all of the history, one branch.
    let clone = |folder: &str, branch: &str| {
        let runner = newsroom.at_folder("runner", folder);
        let remote = format!("file://{}", newsroom.remote().display());
        runner.git(["clone", "-q", "--single-branch", "--branch", branch, &remote, "."]);
        runner.git(["checkout", "-q", "--detach"]);
    };
    newsroom.move_in("runner", "CI");
    clone("check", "request-1");
    let workflow = maya.read(".gitlab-ci.yml");
    for said in gitlab.runs(&newsroom, "check", &script(&workflow, "greenlit-check")) {
        said.succeeds().shows("Hello from CI.");
    }
    maya.git(["merge", "-q", "request-1"]);
    maya.push();
    approve(&newsroom, "hello-1");
    let root = gitlab.root.clone();
    gitlab.variables.extend([("CI_PROJECT_PATH", "acme"), ("GREENLIT_ROOT", root.as_str())]);
    clone("publish", "main");
    for said in gitlab.runs(&newsroom, "publish", &script(&workflow, "greenlit-publish")) {
        said.succeeds().shows("outbox/site: hello-1 is out").hides("t0ken");
    }
}

/// Where no pull request may start the job that comments, the schedule does, with a token that the others do not have.
#[test]
fn the_schedule_says_on_forgejo_and_gitlab_what_goes_out() {
    for (name, file) in [("forgejo", ".forgejo/workflows/greenlit-review.yml"), ("gitlab", ".gitlab-ci.yml")] {
        let newsroom = Newsroom::acme();
        let (maya, said) = equipped(&newsroom, name);
        let stub = Stub::replies(vec![Reply::json(200, serde_json::json!([]))]);
        let api = format!("{}/api", stub.origin());
        let mut forge = forge(&newsroom, &said, &[]);
        let (root, remote) = (forge.root.clone(), forge.remote.clone());
        // Of two steps, as the forges' are.
        let (above, name_there) = remote.rsplit_once('/').expect("a folder");
        let (server, owner) = above.rsplit_once('/').expect("a folder above it");
        let repository = format!("{owner}/{name_there}");
        let workflow = maya.read(file);
        let folder = format!("review-{name}");
        let scripts = if name == "forgejo" {
            forge.variables.extend([
                ("GITHUB_API_URL", api.as_str()),
                ("FORGEJO_ACTIONS", "true"),
                ("GITHUB_REF", "refs/heads/main"),
            ]);
            forge.variables.extend([("GITHUB_SERVER_URL", server), ("GITHUB_REPOSITORY", repository.as_str())]);
            assert!(!workflow.contains("pull_request:"), "{workflow}");
            steps(&workflow)
        } else {
            said.shows("environment review: GITLAB_TOKEN");
            forge.variables.extend([
                ("CI_API_V4_URL", api.as_str()),
                ("CI_PROJECT_ID", "77"),
                ("GITLAB_TOKEN", "t0ken"),
                ("GREENLIT_ROOT", root.as_str()),
            ]);
            newsroom.move_in("runner", "CI");
            let runner = newsroom.at_folder("runner", &folder);
            runner.git(["clone", "-q", "--single-branch", "--branch", "main", &forge.remote, "."]);
            script(&workflow, "greenlit-review")
        };
        newsroom.unpin();
        for said in forge.runs(&newsroom, &folder, &scripts) {
            said.succeeds().hides("t0ken");
        }
        let asked = stub.seen();
        let (first, headers) = (&asked[0].target, &asked[0].headers);
        assert!(first.contains(if name == "forgejo" { "pulls" } else { "merge_requests" }), "{first}");
        assert!(headers.iter().any(|(_, value)| value.contains("t0ken")), "{headers:?}");
    }
}

/// Where people are mentioned on the forge, the token of the job that tells them may do that.
#[test]
fn a_job_that_mentions_people_may_comment() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    // One that `check` finds wrong is not passed over.
    let notify = "version = 1\n[channels.forge]\nkind = \"forge\"\n[people.noor]\nread = [{ on = \"forge\" }]\n";
    maya.write("notify.toml", notify);
    maya.greenlit(["ci", "init", "--forge", "github"].into_iter().chain(SOURCE))
        .exits(3)
        .complains("notify.toml cannot be used")
        .complains("greenlit check");
    maya.edit("notify.toml", "[people.noor]", "issue = 12\n[people.noor]");
    let table = "[people.noor]\n";
    maya.edit("roles.toml", table, &format!("{table}github = {{ login = \"noor-h\", id = 5551 }}\n"));
    let (_, said) = equipped(&newsroom, "github");
    let file = ".github/workflows/greenlit-publish.yml";
    assert!(maya.read(file).contains("      issues: write"), "{}", maya.read(file));
    maya.commit("Let CI mention people").push();
    maya.greenlit(["ci", "doctor"]).succeeds().shows("3 workflow files are fine.");
    maya.edit(file, "      issues: write        # and there\n", "");
    maya.greenlit(["ci", "doctor"]).exits(1).shows("ci/missing-permission").shows("issues: write");
    said.hides("GITLAB_TOKEN");
    let (_, said) = equipped(&newsroom, "gitlab");
    said.shows("scope api, as GITLAB_TOKEN for the environment");
}

#[test]
fn files_are_written_once_and_never_overwritten() {
    let newsroom = Newsroom::acme();
    let (maya, said) = equipped(&newsroom, "github");
    said.shows("wrote  .github/workflows/greenlit-publish.yml")
        .shows("Settings, Environments")
        .shows("git push origin main");
    let before = maya.read(".github/workflows/greenlit-publish.yml");
    let again = maya.greenlit(["ci", "init", "--forge", "github", "--format", "json"]);
    let told = again.succeeds().json();
    assert_eq!(told["files"][0]["state"], "unchanged", "where greenlit comes from is known by now: {told:#}");
    assert_eq!(told["secrets"], serde_json::json!([]));
    let schema = maya.greenlit(["schema", "ci-init"]).succeeds().json();
    assert!(jsonschema::is_valid(&schema, &told), "{told:#}");

    maya.write(
        "greenlit.toml",
        maya.read("greenlit.toml") + "\n[accounts.\"mastodon/acme\"]\nserver = \"https://m.example\"\nhandle = \"a\"\n",
    );
    maya.greenlit(["ci", "init", "--forge", "github"])
        .exits(2)
        .complains("greenlit-publish.yml says something else")
        .complains("--dry-run");
    let shown = maya.greenlit(["ci", "init", "--forge", "github", "--dry-run"]);
    shown.succeeds().shows("GREENLIT_MASTODON_ACME_TOKEN: ${{ secrets.GREENLIT_MASTODON_ACME_TOKEN }}");
    assert_eq!(maya.read(".github/workflows/greenlit-publish.yml"), before);
    maya.remove(".github/workflows/greenlit-publish.yml").remove(".github/workflows/greenlit-check.yml");
    maya.greenlit(["ci", "init", "--forge", "github"].into_iter().chain(SOURCE))
        .succeeds()
        .shows("secrets: GREENLIT_MASTODON_ACME_TOKEN");
}

#[test]
fn what_is_not_known_is_asked_for() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["ci", "init"].into_iter().chain(SOURCE))
        .exits(2)
        .complains("--forge github, --forge gitlab or --forge forgejo");
    maya.greenlit(["ci", "init", "--forge", "github"]).exits(2).complains("--source URL --rev COMMIT");
    maya.greenlit(["ci", "init", "--forge", "github", "--source", "https://x.example/$(id)", "--rev", SOURCE[3]])
        .exits(2);
    maya.greenlit(["ci", "init", "--forge", "github", "--source", SOURCE[1], "--rev", "main"])
        .exits(2)
        .complains("all of its 40 digits");
    maya.git(["remote", "set-url", "origin", "git@codeberg.org:acme/posts.git"]);
    maya.greenlit(["ci", "init"].into_iter().chain(SOURCE))
        .succeeds()
        .shows("wrote  .forgejo/workflows/greenlit-check.yml");
    assert!(!maya.has(".github"));
}

#[test]
fn the_doctor_tells_what_is_wrong_where_it_is() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["ci", "doctor"])
        .exits(1)
        .complains("there are no workflow files here")
        .complains("greenlit ci init");
    maya.write(".github/workflows/other.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: ./publish.sh\n");
    maya.greenlit(["ci", "doctor"]).succeeds().shows("ci/no-publish");
    maya.remove(".github/workflows/other.yml");
    equipped(&newsroom, "github");
    maya.greenlit(["ci", "doctor"]).succeeds().shows("it is not on main").shows("3 remarks in 3 files");
    maya.commit("Let CI check and publish").push();
    maya.greenlit(["ci", "doctor"]).succeeds().shows("3 workflow files are fine.");

    let publish = ".github/workflows/greenlit-publish.yml";
    maya.edit(publish, "cancel-in-progress: false", "cancel-in-progress: true");
    let line = maya.read(publish).lines().position(|line| line.contains("cancel-in-progress")).unwrap() + 1;
    let said = maya.greenlit(["ci", "doctor"]);
    said.exits(1).shows("ci/cancels").shows(&format!("[{publish}:{line}:3]")).shows("on main it says something else");
    let annotation = format!("::error file={publish},line={line},endLine={line},col=3,endColumn=21,title=ci/cancels::");
    maya.greenlit(["ci", "doctor", "--format", "github"]).exits(1).shows(&annotation);
    let told = maya.greenlit(["ci", "doctor", "--format", "json"]).exits(1).json();
    let schema = maya.greenlit(["schema", "check"]).succeeds().json();
    assert!(jsonschema::is_valid(&schema, &told), "{told:#}");
    assert_eq!(told["findings"].as_array().map(Vec::len), Some(2), "{told:#}");
    maya.greenlit(["ci", "doctor", "--format", "sarif"]).exits(1).shows("\"ruleId\": \"ci/cancels\"");
    maya.greenlit(["check", "--explain", "ci/cancels"]).succeeds().shows("A newer run breaks off one that sends.");
}

#[test]
fn the_doctor_holds_a_root_against_the_one_that_is_pinned() {
    let newsroom = Newsroom::acme();
    let (maya, _) = equipped(&newsroom, "github");
    maya.commit("Let CI check and publish").push();
    let publish = ".github/workflows/greenlit-publish.yml";
    let (pinned, other) = (maya.commit_id("origin/main~1"), maya.commit_id("origin/main"));
    maya.edit(publish, "${{ vars.GREENLIT_ROOT }}", &other);
    maya.greenlit(["ci", "doctor"]).exits(1).shows("ci/root-differs").shows(&pinned[..10]);
    maya.edit(publish, &other, &pinned);
    maya.greenlit(["ci", "doctor"]).exits(1).shows("ci/root-in-file");
}

/// A job that tells people: written where there is a `notify.toml`, clean, and run to its end.
#[test]
fn a_job_tells_people_where_there_is_somewhere_to_tell_them() {
    let newsroom = Newsroom::acme();
    let stub = Stub::replies(vec![Reply::json(200, serde_json::json!({}))]);
    let maya = newsroom.as_person("maya");
    let notify = "version = 1\n[channels.team-hook]\nkind = \"webhook\"\n[everyone]\nread = [{ on = \"team-hook\" }]\n";
    maya.write("notify.toml", notify);
    for (forge, file) in [
        ("forgejo", ".forgejo/workflows/greenlit-publish.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("github", ".github/workflows/greenlit-publish.yml"),
    ] {
        let (_, said) = equipped(&newsroom, forge);
        said.shows("GREENLIT_NOTIFY_TEAM_HOOK_URL");
        assert!(maya.read(file).contains("GREENLIT_NOTIFY_TEAM_HOOK_URL"), "{forge}");
        maya.greenlit(["ci", "doctor"]).hides("ci/missing-secret").hides("ci/unknown-secret");
        let written = if forge == "gitlab" { vec![file] } else { vec![file, &file[..file.rfind('/').unwrap()]] };
        if forge != "github" {
            maya.remove(written[0]);
        }
    }
    maya.write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n").commit("Let CI tell people").push();
    let root = maya.commit_id("origin/main");
    newsroom.unpin();
    let steps = steps(&maya.read(".github/workflows/greenlit-publish.yml"));
    let hook = format!("{}/hook", stub.origin());
    let steps: Vec<_> = steps
        .into_iter()
        .map(|(script, environment)| {
            let tell = |(name, value): (String, String)| {
                (name, value.replace("${{ secrets.GREENLIT_NOTIFY_TEAM_HOOK_URL }}", &hook))
            };
            (script, environment.into_iter().map(tell).collect::<Vec<_>>())
        })
        .collect();
    assert!(steps.iter().filter(|(_, env)| env.iter().any(|(name, _)| name.contains("NOTIFY"))).count() == 1);
    let forge = Forge { remote: format!("file://{}", newsroom.remote().display()), root, variables: Vec::new() };
    for run in ["tell-1", "tell-2"] {
        let ran = forge.runs(&newsroom, run, &steps);
        ran.iter().for_each(|said| {
            said.succeeds().hides("t0ken");
        });
        assert_eq!(ran.len(), steps.len());
    }
    let told: Vec<String> = stub.seen().iter().map(|seen| seen.json()["reader"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, ["li", "noor"], "the editors, once");
}
