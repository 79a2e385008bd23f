//! How the jobs run that greenlit runs in.

use std::time::Duration;

use crate::ci::Forge;
use crate::ci::across::Group;
use crate::ci::condition::Known;
use crate::ci::desk::Desk;
use crate::ci::expression;
use crate::ci::node::Node;
use crate::ci::script::{self, Needs};
use crate::ci::workflow::{Job, Step, Workflow, fact};

/// How long a job may run where nothing is said: 360 minutes, says the syntax' reference.
const MOST_MINUTES: u64 = 360;

pub fn check(desk: &mut Desk<'_>, workflow: &Workflow<'_>) {
    for job in &workflow.jobs {
        let all = super::commands(job);
        let knows = job.publishes();
        for step in &job.steps {
            action(desk, step);
            let script = super::script(step);
            script::check(desk, &script);
            script::origin(desk, &script, &all, knows);
        }
        if job.greenlit().next().is_none() {
            continue;
        }
        images(desk, job);
        checkout(desk, job);
        folders(desk, workflow, job);
        forgiven(desk, job);
        strangers(desk, workflow, job);
        if job.publishes() {
            alone(desk, workflow, job);
            brought(desk, workflow, job);
            windows(desk, job);
            although(desk, job);
        }
    }
}

/// Other people's code: always the same.
fn action(desk: &mut Desk<'_>, step: &Step<'_>) {
    let Some((name, version)) = step.action() else { return };
    let pinned = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
    let image = name.starts_with("docker://") && version.starts_with("sha256:");
    if let Some(uses) = step.node.get("uses").filter(|_| !name.starts_with("./") && !pinned && !image) {
        desk.error(
            "ci/unpinned-action",
            uses.span,
            "whoever can move this tag or branch decides what runs here, beside whatever this job knows",
            format!("pin the commit, with the version in a comment: `uses: {name}@<40 digits>   # {version}`"),
        );
    }
}

/// Containers: always the same, too.
fn images(desk: &mut Desk<'_>, job: &Job<'_>) {
    let own = job.get("container").map(|container| container.get("image").unwrap_or(container));
    let services = job.get("services").map(Node::entries).unwrap_or_default().iter();
    for image in own.into_iter().chain(services.filter_map(|service| service.value.get("image"))) {
        script::image(desk, image);
    }
}

/// The history that greenlit proves approvals from, and greenlit itself.
fn checkout(desk: &mut Desk<'_>, job: &Job<'_>) {
    let needs = job.greenlit().map(|run| Needs::of(run.words)).fold(Needs::default(), Needs::and);
    for step in &job.steps {
        script::history(desk, &super::script(step), needs);
        if !step.is_checkout() || !needs.history {
            continue;
        }
        let depth = step.with("fetch-depth");
        if depth.and_then(Node::text).is_none_or(|depth| depth.trim() != "0") {
            let span = depth.or_else(|| step.node.get("uses")).map_or(step.node.span, |node| node.span);
            desk.error(
                "ci/shallow",
                span,
                "the checkout leaves out the history and the other branches: greenlit refuses such a clone",
                "write `fetch-depth: 0` under the checkout's `with:`",
            );
        }
        let parts = ["filter", "sparse-checkout"].into_iter().find_map(|key| step.node.get("with")?.entry(key));
        if let Some(entry) = parts {
            desk.error(
                "ci/shallow",
                entry.span,
                "the checkout leaves out files until somebody asks for them, and with them the proof of approvals",
                format!("take `{}` out", entry.key),
            );
        }
    }
    let commands = super::commands(job);
    let git = |verbs: &[&str]| {
        commands.iter().any(|command| {
            matches!(command.program(), Some("git" | "gh"))
                && command.words.iter().any(|word| verbs.contains(&word.as_str()))
        })
    };
    let others = job.steps.iter().any(|step| step.action().is_some_and(|(name, _)| !name.starts_with("actions/")));
    if !others && !git(&["clone", "init", "fetch"]) && !job.steps.iter().any(Step::is_checkout) {
        let message = "nothing gets the repository, so there is nothing here for greenlit to read";
        let help = "get it with actions/checkout and `fetch-depth: 0`, or as `greenlit ci init --dry-run` shows";
        return desk.error("ci/no-checkout", job.entry.span, message, help);
    }
    let by_hand = git(&["init"]) && !job.steps.iter().any(Step::is_checkout);
    let gets_base = commands.iter().any(|command| {
        command.program() == Some("git")
            && command.words.iter().any(|word| word == "fetch" || word == "pull")
            && (command.words.iter().any(|word| word.contains("refs/heads")) || command.written.contains("BASE_REF"))
    });
    if needs.base && by_hand && !gets_base {
        let message = "nothing gets the branch that the pull request is for, and greenlit compares with that";
        let help = format!(
            "write `git fetch origin '+refs/heads/*:refs/remotes/origin/*'` in front of it, for {}, too",
            desk.around.trusted
        );
        desk.error("ci/one-branch", job.entry.span, message, help);
    }
    installed(desk, job, others);
}

/// Whether anything in a job brings greenlit.
fn installed(desk: &mut Desk<'_>, job: &Job<'_>, others: bool) {
    const BRINGS: [&str; 6] = ["install", "PATH", "download", "build", "greenlit", "nix"];
    let machine = job.get("runs-on").map(Node::texts).unwrap_or_default();
    let hosted =
        machine.iter().all(|(name, _)| ["ubuntu-", "macos-", "windows-"].iter().any(|os| name.starts_with(os)));
    let plain = |command: &&crate::ci::shell::Command| {
        command.greenlit().is_some()
            && command.words.iter().any(|word| word == "greenlit")
            && command.container().is_none()
    };
    let brought = super::commands(job).iter().any(|command| {
        command.greenlit().is_none()
            && BRINGS.iter().any(|word| command.written.contains(word) || command.input.contains(word))
    });
    let local = job.steps.iter().any(|step| step.action().is_some_and(|(name, _)| name.starts_with("./")));
    if !hosted || job.get("container").is_some() || others || brought || local {
        return;
    }
    for step in &job.steps {
        if let Some(command) = step.commands.iter().find(plain) {
            let node = step.node.get("run").unwrap_or(step.node);
            let message = "nothing in this job brings greenlit, and the forge's machines do not have it";
            let help = "build it in a step before: `cargo install --locked --git URL --rev COMMIT greenlit`";
            return desk.error("ci/not-installed", desk.at(node, &command.written), message, help);
        }
    }
}

/// Folders in which there is no workspace.
fn folders(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let default = |node: &'_ Node| {
        node.get("defaults").and_then(|all| all.get("run")).and_then(|run| run.get("working-directory")).cloned()
    };
    let made: Vec<String> = job
        .steps
        .iter()
        .filter_map(|step| step.with("path").and_then(Node::text))
        .map(str::to_owned)
        .chain(
            super::commands(job)
                .iter()
                .filter(|command| matches!(command.program(), Some("mkdir" | "git" | "cp" | "mv")))
                .flat_map(|command| command.words.clone()),
        )
        .collect();
    for step in job.steps.iter().filter(|step| step.commands.iter().any(|command| command.greenlit().is_some())) {
        let own = step.node.get("working-directory").cloned();
        let node = own.or_else(|| default(&job.entry.value)).or_else(|| default(workflow.root));
        let named = node.iter().filter_map(|node| Some((node.text()?.to_owned(), node.span)));
        let run = step.node.get("run").unwrap_or(step.node);
        let entered = step.commands.iter().filter(|command| command.program() == Some("cd"));
        let entered =
            entered.filter_map(|command| Some((command.words.get(1)?.clone(), desk.at(run, &command.written))));
        let by_option = step.commands.iter().filter_map(|command| {
            let words = command.greenlit()?;
            let at = words.iter().position(|word| word == "-C" || word == "--folder")?;
            Some((words.get(at + 1)?.clone(), desk.at(run, &command.written)))
        });
        for (name, span) in named.chain(entered).chain(by_option).collect::<Vec<_>>() {
            let path = name.trim_start_matches("./").trim_end_matches('/').to_owned();
            let known = path.is_empty()
                || path == "."
                || path.contains(['$', '{', '~'])
                || path.starts_with(['/', '-'])
                || path.contains("..");
            let inside = |made: &String| {
                made.trim_start_matches("./").trim_end_matches('/') == path || made.contains(&format!("/{path}"))
            };
            let there = || desk.files.names(&path).is_ok_and(|names| !names.is_empty());
            if !known && !made.iter().any(inside) && !there() {
                let message = format!(
                    "there is no folder {path} in this repository, and nothing here makes one: greenlit finds no workspace"
                );
                desk.error("ci/folder", span, message, "run it at the top of the repository, where greenlit.toml lies");
            }
        }
    }
}

/// Failures that the forge is told to forget.
fn forgiven(desk: &mut Desk<'_>, job: &Job<'_>) {
    let of_steps = job.greenlit().map(|run| run.step.node);
    let levels: Vec<&Node> = of_steps.chain([&job.entry.value]).collect();
    for entry in
        levels.iter().filter_map(|node| node.entry("continue-on-error")).filter(|entry| !entry.value.is_false())
    {
        desk.error(
            "ci/ignored-failure",
            entry.span,
            "the job goes on, and looks well, although greenlit failed",
            "take `continue-on-error` out",
        );
    }
}

/// Machines that strangers' jobs leave something behind on.
fn strangers(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    /// Labels that GitHub gives machines of one's own.
    const OWN: [&str; 7] = ["linux", "windows", "macos", "x64", "arm64", "arm", "x86"];
    if !workflow.reaches(job, "pull_request", "refs/pull/1/merge") {
        return;
    }
    let machine = job.get("runs-on");
    let machines = machine.map(Node::texts).unwrap_or_default();
    let own = |text: &str| {
        text.contains("self-hosted") || desk.forge == Forge::Github && OWN.contains(&text.to_lowercase().as_str())
    };
    if let Some((_, node)) = machines.iter().find(|(text, _)| own(text)) {
        let message = "a pull request decides what runs on a machine of your own, and the next job there finds what it left behind";
        desk.error("ci/self-hosted", node.span, message, "run it on the forge's machines: `runs-on: ubuntu-latest`");
    } else if let Some(entry) = machine.and_then(|machine| machine.entry("group")) {
        let message =
            "whether this group has machines of your own, no file tells: a pull request decides what runs on them";
        desk.hint("ci/self-hosted", entry.span, message, "see that its machines are made anew for each job");
    }
}

/// One run at a time, and to its end.
fn alone(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    /// What is another in each run.
    const UNIQUE: [&str; 4] = ["github.run_id", "github.run_number", "github.run_attempt", "github.sha"];
    let several = "several runs go on side by side: nothing is sent twice, but each waits and pays for itself";
    let concurrency = job.entry.value.entry("concurrency").or_else(|| workflow.root.entry("concurrency"));
    match concurrency {
        None => desk.warning(
            "ci/no-concurrency",
            job.entry.span,
            several,
            "write `concurrency:` with a `group:` and `cancel-in-progress: false`",
        ),
        Some(entry) => {
            let cancels = entry.value.entry("cancel-in-progress").filter(|entry| !entry.value.is_false());
            if let Some(cancels) = cancels {
                desk.error(
                    "ci/cancels",
                    cancels.span,
                    "a newer run breaks this one off while it sends: what became of that, a later run has to find out",
                    "write `cancel-in-progress: false`",
                );
            }
            if entry.value.text().is_none() && entry.value.get("group").is_none() {
                let message = "nothing names the group of which one run goes on at a time: the forge refuses the file";
                desk.error("ci/no-concurrency", entry.span, message, "write `group: greenlit-publish` under it");
            }
            let group = entry.value.get("group").unwrap_or(&entry.value);
            let text = group.text().unwrap_or_default();
            let unique =
                |expression: &&str| expression::reads(expression).iter().any(|name| UNIQUE.contains(&name.as_str()));
            if expression::expressions(text).iter().any(unique) {
                desk.warning(
                    "ci/no-concurrency",
                    group.span,
                    format!("each run is in a group of its own, so {several}"),
                    "name the group without what is another in each run",
                );
            }
        }
    }
    if let Some(matrix) = job.get("strategy").and_then(|strategy| strategy.entry("matrix")) {
        desk.error(
            "ci/matrix",
            matrix.span,
            "the job that publishes runs once for each cell of a matrix, all at once",
            "take the matrix out: one run sends to all accounts, side by side",
        );
    }
}

/// The groups in which a workflow's runs wait for each other, as they are called on each event.
pub fn groups(workflow: &Workflow<'_>, trusted: &str) -> Vec<Group> {
    let mut found = Vec::new();
    let name = workflow.root.get("name").and_then(Node::text).unwrap_or_default();
    for job in &workflow.jobs {
        let Some(entry) = job.entry.value.entry("concurrency").or_else(|| workflow.root.entry("concurrency")) else {
            continue;
        };
        let group = entry.value.get("group").unwrap_or(&entry.value);
        let cancels = entry.value.get("cancel-in-progress").is_some_and(|node| !node.is_false());
        for trigger in &workflow.triggers {
            let reference = super::reference(trigger.name, trusted);
            let value_of = |property: &str| match fact(property, trigger.name, &reference) {
                _ if property == "github.workflow" => Some(name.to_owned()),
                Known::Text(text) => Some(text),
                Known::Nothing => None,
            };
            let text = group.text().unwrap_or_default();
            let name = expression::replaced(text, &value_of).unwrap_or_else(|| text.to_owned());
            found.push(Group { name, span: group.span, publishes: job.publishes(), cancels });
        }
    }
    found
}

/// What decides comes out of no cache, and out of no other run.
fn brought(desk: &mut Desk<'_>, workflow: &Workflow<'_>, job: &Job<'_>) {
    let asks = |input: &Node| !input.is_false() && !input.is_empty();
    for step in &job.steps {
        let Some(uses) = step.node.get("uses") else { continue };
        let (name, _) = step.action().unwrap_or_default();
        if name.contains("cache") || step.with("cache").is_some_and(asks) {
            desk.error(
                "ci/cache",
                uses.span,
                "whoever can write to the cache decides what this job runs and believes, beside the secrets",
                "take it out of the job that publishes; jobs without secrets may have one",
            );
        }
        let of_others = step.with("run-id").is_some()
            || workflow.trigger("workflow_run").is_some()
            || !name.ends_with("actions/download-artifact");
        if name.contains("download-artifact") && of_others {
            artifact(desk, uses.span);
        }
        if name.ends_with("actions/upload-artifact")
            && step.with("path").and_then(Node::text).is_some_and(is_everything)
            && job
                .steps
                .iter()
                .any(|step| step.is_checkout() && !step.with("persist-credentials").is_some_and(Node::is_false))
        {
            desk.error(
                "ci/artifact",
                step.with("path").map_or(uses.span, |node| node.span),
                "the whole folder is kept for others to take, and git's token lies in it",
                "name what is to be kept: `path: public`",
            );
        }
    }
    for step in &job.steps {
        let node = step.node.get("run").unwrap_or(step.node);
        for command in &step.commands {
            if command.program() == Some("gh") && command.words.windows(2).any(|pair| pair == ["run", "download"]) {
                artifact(desk, desk.at(node, &command.written));
            }
        }
    }
}

fn is_everything(path: &str) -> bool {
    matches!(path.trim(), "." | "./" | "*" | "**" | "**/*" | "${{ github.workspace }}")
}

fn artifact(desk: &mut Desk<'_>, span: crate::ci::node::Span) {
    desk.error(
        "ci/artifact",
        span,
        "this takes files out of another run, which a pull request may have made, into the job that has the secrets",
        "build in this job what it needs, or hold it against a hash",
    );
}

/// Windows within which the forge ends the job.
fn windows(desk: &mut Desk<'_>, job: &Job<'_>) {
    let minutes = |node: &Node| super::text(node, "timeout-minutes").and_then(|text| text.parse::<u64>().ok());
    let whole = minutes(&job.entry.value);
    for step in &job.steps {
        let script = super::script(step);
        for (_, placed, words) in script.greenlit() {
            let limit = whole.unwrap_or(MOST_MINUTES);
            let limit = minutes(step.node).map_or(limit, |own| own.min(limit));
            script::window(desk, placed, words, Duration::from_secs(limit.saturating_mul(60)));
        }
    }
    let limited = job.get("timeout-minutes").is_some()
        || job.publishing().all(|run| run.step.node.get("timeout-minutes").is_some());
    if !limited && desk.forge == Forge::Github {
        let message = "where something hangs, this job runs for six hours, and no other publishes meanwhile";
        desk.hint("ci/timeout", job.entry.span, message, "write `timeout-minutes: 60`");
    }
}

/// What publishes although something before it failed.
fn although(desk: &mut Desk<'_>, job: &Job<'_>) {
    let waits = job.get("needs").is_some();
    let of_steps = job.publishing().filter_map(|run| run.step.node.entry("if"));
    let of_job = job.entry.value.entry("if").filter(|_| waits);
    for entry in of_steps.chain(of_job) {
        let text = entry.value.text().unwrap_or_default();
        if ["always()", "failure()", "cancelled()"].iter().any(|call| text.contains(call)) {
            let message = "this publishes although something before it failed, and nobody knows what then runs";
            desk.warning(
                "ci/although-failed",
                entry.value.span,
                message,
                "take it out of the condition; for `greenlit notify` it is right",
            );
        }
    }
}
