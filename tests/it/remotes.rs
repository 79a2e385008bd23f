//! Any remote: over ssh, over http with a helper or with CI's token; one that loses answers, and one that hangs.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::newsroom::{Desk, Newsroom};
use crate::publish::with_hello;
use crate::stub::{Reply, Seen, Stub};

/// `ci:hunter2-and-more` as basic authentication has it.
const BASIC: &str = "Y2k6aHVudGVyMi1hbmQtbW9yZQ==";

fn published_once(runner: &Desk<'_>) {
    runner.greenlit(["publish", "-vv"]).succeeds().shows("Published 2 deliveries").hides("hunter2").hides(BASIC);
    let subjects = runner.git(["log", "--reverse", "--format=%s", "origin/greenlit/ledger"]);
    let expected = ["Begin the ledger", "Claim 2 deliveries, see 1 decision", "Record 2 deliveries"];
    assert_eq!(subjects.lines().collect::<Vec<_>>(), expected);
}

#[cfg(unix)]
fn hook(newsroom: &Newsroom, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let hook = newsroom.remote().join("hooks").join(name);
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// What runs instead of ssh: `host command`.
fn ssh<'a>(newsroom: &Newsroom, runner: Desk<'a>, script: &str) -> Desk<'a> {
    let file = newsroom.path().join("ssh.sh");
    std::fs::write(&file, script).unwrap();
    let address = format!("ssh://git@forge.example{}", newsroom.remote().display());
    runner.git(["remote", "set-url", "origin", &address]);
    runner.env("GIT_SSH_COMMAND", &format!("sh '{}'", file.display())).env("GIT_SSH_VARIANT", "simple")
}

#[test]
fn over_ssh() {
    let newsroom = with_hello();
    let runner = ssh(&newsroom, newsroom.runner(), "exec sh -c \"$2\"");
    published_once(&runner);
}

#[test]
fn over_http_with_a_helper_or_with_the_token_that_ci_hands_over() {
    let newsroom = with_hello();
    let folder = newsroom.path();
    let server = Stub::start(move |request| match request.header("authorization") {
        Some(given) if given.eq_ignore_ascii_case(&format!("basic {BASIC}")) => backend(&folder, request),
        _ => Reply::page(401, "who are you?").with("WWW-Authenticate", "Basic realm=\"acme\""),
    });
    let address = format!("{}/acme.git", server.origin());

    let stranger = newsroom.runner();
    stranger.git(["remote", "set-url", "origin", &address]);
    stranger.greenlit(["publish"]).exits(3).complains("git fetch failed");

    let with_helper = newsroom.runner();
    with_helper.git(["remote", "set-url", "origin", &address]);
    let helper = "!f() { echo username=ci; echo password=hunter2-and-more; }; f";
    with_helper.git(["config", "credential.helper", helper]);
    published_once(&with_helper);

    let in_ci = newsroom.runner();
    in_ci.git(["remote", "set-url", "origin", &address]);
    let in_ci = in_ci
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", &format!("http.{}/.extraheader", server.origin()))
        .env("GIT_CONFIG_VALUE_0", &format!("AUTHORIZATION: basic {BASIC}"));
    in_ci.greenlit(["publish"]).succeeds().shows("Nothing to publish now.");
}

/// `git http-backend` as a web server runs it (its manual page, checked 2026-11-22).
fn backend(folder: &Path, request: &Seen) -> Reply {
    let query = request.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let header = |name| request.header(name).unwrap_or_default();
    let mut command = Command::new("git");
    command.arg("http-backend").env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_PROJECT_ROOT", folder).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "ci");
    command.env("PATH_INFO", request.path()).env("QUERY_STRING", query).env("REQUEST_METHOD", &request.method);
    command.env("CONTENT_TYPE", header("content-type")).env("CONTENT_LENGTH", request.body.len().to_string());
    command.env("HTTP_CONTENT_ENCODING", header("content-encoding")).env("GIT_PROTOCOL", header("git-protocol"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, body) = (child.stdin.take().unwrap(), request.body.clone());
    let writing = std::thread::spawn(move || input.write_all(&body));
    let said = child.wait_with_output().unwrap().stdout;
    let _ = writing.join();
    let end = said.windows(4).position(|four| four == b"\r\n\r\n").expect("headers");
    let head = String::from_utf8_lossy(&said[..end]).into_owned();
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let status = headers.iter().find(|(name, _)| name == "Status").and_then(|(_, value)| value[..3].parse().ok());
    Reply::Answer { status: status.unwrap_or(200), headers, body: said[end + 4..].to_vec() }
}

#[cfg(unix)]
#[test]
fn a_remote_that_takes_the_push_and_loses_the_answer_is_asked() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    hook(&newsroom, "post-receive", "kill -9 $PPID");
    published_once(&runner);
}

#[cfg(unix)]
#[test]
fn a_remote_that_refuses_is_quoted_and_nothing_goes_out() {
    let newsroom = with_hello();
    let runner = newsroom.runner();
    hook(&newsroom, "pre-receive", "printf 'protected \\033[31mby ::error:: Maya\\n' >&2; exit 1");
    let said = runner.greenlit(["publish"]);
    said.exits(3).complains("protected").complains("Maya").hides("\u{1b}[31mby");
    assert!(!runner.has("public/index.html"), "{said}");
}

#[test]
fn a_remote_that_hangs_is_given_up() {
    let newsroom = with_hello();
    let runner = ssh(&newsroom, newsroom.runner(), "exec sleep 600");
    runner.clone().env("GREENLIT_GIT_TIMEOUT", "soon").greenlit(["publish"]).exits(2).complains("GREENLIT_GIT_TIMEOUT");
    let said = runner.env("GREENLIT_GIT_TIMEOUT", "1s").greenlit(["publish"]);
    said.exits(3).complains("the remote origin took longer than 1 second").complains("git/slow");
}
