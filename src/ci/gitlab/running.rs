//! How the jobs run that greenlit runs in.

use std::time::Duration;

use super::job::{Job, value};
use crate::ci::desk::Desk;
use crate::ci::node::Node;
use crate::ci::script::{self, Needs, Rooted};
use crate::ci::shell::{Command, assigns, variables};
use crate::ci::surroundings::ROOT;

/// How long a job may run where nothing is said.
const LONGEST: Duration = Duration::from_secs(3600);
const OUTSIDE: &str = "a protected variable, in Settings, CI/CD,";
/// What is another in each pipeline.
const UNIQUE: [&str; 6] =
    ["CI_COMMIT_SHA", "CI_COMMIT_SHORT_SHA", "CI_PIPELINE_ID", "CI_PIPELINE_IID", "CI_JOB_ID", "CI_JOB_STARTED_AT"];
/// What strangers write.
const FOREIGN: [&str; 7] = [
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_LABELS",
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
];

/// What holds for every job that greenlit runs in.
pub fn check(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    let needs = job.greenlit().map(Needs::of).fold(Needs::default(), Needs::and);
    let all = job.commands();
    for script in job.scripts() {
        script::check(desk, &script);
        script::origin(desk, &script, &all, job.publishes());
        // GitLab gets one branch, and what else is needed a script must fetch.
        script::history(desk, &script, needs);
        for placed in &script.commands {
            let read_again = match placed.program() {
                Some("eval") => true,
                Some("sh" | "bash" | "dash") => {
                    placed.words.iter().any(|word| word.starts_with('-') && word.ends_with('c'))
                }
                _ => false,
            };
            if let Some(name) = FOREIGN.into_iter().find(|name| read_again && placed.expands(name)) {
                let message =
                    format!("the shell reads {name} once more, as a script: whoever writes it writes the script");
                desk.error(
                    "ci/injection",
                    placed.place(desk),
                    message,
                    "write \"$NAME\" where it is used, without `eval` and `sh -c`",
                );
            }
        }
    }
    repository(desk, root, job, needs);
    let forgives =
        job.setting(root, "allow_failure").filter(|entry| !entry.value.is_false() && !entry.value.is_empty());
    let by_rule =
        job.node.get("rules").map(Node::items).unwrap_or_default().iter().find_map(|rule| rule.entry("allow_failure"));
    if let Some(entry) = forgives.or(by_rule.filter(|entry| entry.value.is_true())) {
        desk.error(
            "ci/ignored-failure",
            entry.span,
            "the pipeline goes on, and looks well, although greenlit failed",
            "take `allow_failure` out",
        );
    }
    let images = job.setting(root, "image").into_iter().map(|entry| &entry.value);
    let services = job.setting(root, "services").map(|entry| entry.value.items()).unwrap_or_default();
    for image in images.chain(services) {
        script::image(desk, image.get("name").unwrap_or(image));
    }
    for entry in job.variables(root) {
        let text = value(&entry.value).unwrap_or_default();
        if script::trusts_anybody(&entry.key, text) {
            script::no_tls(desk, entry.span);
        } else if entry.key == "CI_DEBUG_TRACE" && text == "true" {
            let message = "GitLab writes every variable into the log, and with them the secrets";
            desk.error("ci/secret-shown", entry.span, message, "take it out");
        }
    }
}

/// The repository that a job finds: all of it, or not.
fn repository(desk: &mut Desk<'_>, root: &Node, job: &Job, needs: Needs) {
    let git = |verb: &str| {
        let command =
            |command: &&&Command| command.program() == Some("git") && command.words.iter().any(|word| word == verb);
        job.commands().iter().find(command).is_some()
    };
    if let Some((entry, "none" | "empty")) = job.variable(root, "GIT_STRATEGY")
        && !git("clone")
        && !git("fetch")
    {
        let message = "GitLab gets no repository for this job, so there is nothing for greenlit to read";
        return desk.error("ci/no-checkout", entry.span, message, "write `GIT_STRATEGY: clone`, or take it out");
    }
    if needs.history {
        let depth = job.variable(root, "GIT_DEPTH");
        if depth.is_none_or(|(_, depth)| depth != "0") {
            desk.error(
                "ci/shallow",
                depth.map_or_else(|| job.entry.span, |(entry, _)| entry.span),
                "GitLab leaves out the history unless it is told not to, and greenlit refuses such a clone",
                "write `GIT_DEPTH: \"0\"` under `variables:`",
            );
        }
    }
    let fetches =
        |command: &&Command| command.program() == Some("git") && command.words.iter().any(|word| word == "fetch");
    let all = job.commands();
    let all_branches = all.iter().any(|command| fetches(command) && command.written.contains("refs/heads/"));
    if needs.branches && !all_branches {
        desk.error(
            "ci/one-branch",
            job.entry.span,
            "approvals and ledger are branches of their own, and GitLab gets one branch alone",
            "write `git fetch origin '+refs/heads/*:refs/remotes/origin/*'` in front of it, or `--fetch` behind the command",
        );
    } else if needs.base && !all.iter().any(fetches) {
        desk.error(
            "ci/one-branch",
            job.entry.span,
            "nothing gets the branch that the merge request is for, and greenlit compares with that",
            "write `git fetch origin '+refs/heads/*:refs/remotes/origin/*'` in front of it",
        );
    }
}

/// One run at a time, to its end, and with what is its own.
pub fn publishing(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    alone(desk, root, job);
    surroundings(desk, root, job);
    given(desk, root, job);
}

fn alone(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    let span = job.entry.span;
    let group = job.node.get("resource_group").filter(|group| !group.is_empty());
    let unique =
        group.filter(|group| variables(group.text().unwrap_or_default()).iter().any(|name| UNIQUE.contains(name)));
    if group.is_none() || unique.is_some() {
        desk.warning(
            "ci/no-concurrency",
            unique.map_or(span, |group| group.span),
            "several runs go on side by side: nothing is sent twice, but each waits and pays for itself",
            "write `resource_group: publish`",
        );
    }
    if let Some(entry) = job.setting(root, "interruptible").filter(|entry| entry.value.is_true()) {
        desk.error(
            "ci/cancels",
            entry.span,
            "a newer pipeline breaks this one off while it sends: what became of that, a later run has to find out",
            "write `interruptible: false`",
        );
    }
    if let Some(entry) = job.node.entry("parallel") {
        let message = "the job that publishes runs several times at once";
        desk.error(
            "ci/matrix",
            entry.span,
            message,
            "take `parallel` out: one run sends to all accounts, side by side",
        );
    }
}

fn surroundings(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    const HELP: &str =
        "write `environment: { name: publish, action: access }`, and give the variables that environment";
    let environment =
        job.node.get("environment").map(|node| node.get("name").unwrap_or(node)).filter(|node| !node.is_empty());
    match environment {
        None => desk.error(
            "ci/no-environment",
            job.entry.span,
            "without an environment, the secrets cannot be kept from the repository's other jobs",
            HELP,
        ),
        Some(name)
            if name.text().is_some_and(|text| variables(text).iter().any(|name| name.starts_with("CI_COMMIT"))) =>
        {
            let message = "which environment this is, the branch decides: one that is not there yet protects nothing";
            desk.error("ci/no-environment", name.span, message, HELP);
        }
        Some(_) => {}
    }
    if let Some(entry) = job.setting(root, "cache").filter(|entry| !entry.value.is_empty()) {
        desk.error(
            "ci/cache",
            entry.span,
            "whoever can write to the cache decides what this job runs and believes, beside the secrets",
            "write `cache: []` for the job that publishes",
        );
    }
    let paths =
        job.setting(root, "artifacts").and_then(|entry| entry.value.get("paths")).map(Node::items).unwrap_or_default();
    if let Some(path) =
        paths.iter().find(|path| matches!(path.text(), Some("." | "./" | "*" | "**" | "**/*" | "$CI_PROJECT_DIR")))
    {
        let message = "the whole folder is kept for others to take, and git's settings with the token lie in it";
        desk.error("ci/artifact", path.span, message, "name what is to be kept: `paths: [public]`");
    }
}

/// The root, the secrets and the time of a job that publishes.
fn given(desk: &mut Desk<'_>, root: &Node, job: &Job) {
    const IN_FILE: &str = "the secret itself stands in the file, for everybody who can read the repository";
    const NEW: &str = "make a new one, and put it into a protected variable (Settings, CI/CD, Variables)";
    let limit = job.setting(root, "timeout").and_then(|entry| span_of(entry.value.text()?)).unwrap_or(LONGEST);
    for entry in job.variables(root) {
        let text = value(&entry.value).unwrap_or_default().trim();
        let of_another =
            text.starts_with('$') && text.trim_start_matches(['$', '{']).trim_end_matches('}') == entry.key;
        if entry.key == ROOT && !text.is_empty() && !of_another && (!text.contains('$') || text.contains("CI_COMMIT")) {
            script::written_root(desk, entry.value.span, text, OUTSIDE);
        }
        if text.contains('$') || text.is_empty() {
            continue;
        }
        if desk.around.is_secret(&entry.key) {
            desk.error("ci/secret-in-file", entry.span, IN_FILE, NEW);
        } else if entry.key == "GREENLIT_NOW" {
            script::clock(desk, entry.span);
        }
    }
    let mut needs = desk.around.needs.clone().unwrap_or_default();
    needs.extend(desk.around.channels.iter().cloned());
    let names: Vec<&str> = crate::ci::setup::variables(&needs).collect();
    for script in job.scripts() {
        script::shown(desk, &script, &names);
        for placed in &script.commands {
            for (name, text) in placed.words.iter().filter_map(|word| assigns(word)) {
                if names.contains(&name) && !text.is_empty() && !text.contains(['$', '`']) {
                    desk.error("ci/secret-in-file", placed.at(desk, name), IN_FILE, NEW);
                }
            }
        }
        for (_, placed, words) in script.greenlit() {
            script::window(desk, placed, words, limit);
        }
        for (_, placed, rooted) in script::publishing(&script) {
            match rooted {
                Rooted::WorkedOut(words) => desk.error(
                    "ci/root-from-files",
                    script.place_of(desk, &words, placed),
                    "the root is worked out in the job, so whoever can merge can change it",
                    format!("take it out of the script; {OUTSIDE} holds what `greenlit trust pin` prints"),
                ),
                Rooted::Written(value) => {
                    script::written_root(desk, script.place_of(desk, &value, placed), &value, OUTSIDE)
                }
                Rooted::No | Rooted::Outside(_) => {}
            }
        }
    }
}

/// GitLab's lengths of time: `1h`, `30m`, `1h 30m`, `3600`, `90 minutes`.
fn span_of(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let factor = match rest.get(..letters)?.chars().next() {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 24 * 3600,
            Some(_) => return None,
        };
        rest = rest.get(letters..)?.trim_start();
        seconds = seconds.checked_add(number.checked_mul(factor)?)?;
    }
    Some(Duration::from_secs(seconds))
}
