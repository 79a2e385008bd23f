//! `greenlit ci init`

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::ci::{Forge, Need, Program, Setup, files, is_plain, variables};
use crate::cli::gather::{LARGEST_SETTINGS, Trusted, network_specs};
use crate::cli::root::{Root, VARIABLE};
use crate::cli::{Context, Exit, Failure, secrets, trust};
use crate::git::{APPROVALS, LEDGER, Repository, WorkTreeFiles};
use crate::notify::PATH as NOTIFY;
use crate::view::escape;
use crate::workspace::{Files, Settings, load_settings};

/// Write the workflow files that check pull requests and publish what is approved
///
/// They build greenlit from one commit of its source, which --source and --rev name: `git remote get-url origin` and `git
/// rev-parse HEAD` print both in your clone of greenlit. A second time it reads them from the files that are there.
/// Nothing is overwritten.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who runs them; guessed from the remote's address
    #[arg(long, value_name = "FORGE")]
    forge: Option<Named>,

    /// The address of greenlit's source, where the forge can reach it: https://github.com/OWNER/greenlit
    #[arg(long, value_name = "URL", requires = "rev")]
    source: Option<String>,

    /// The commit of greenlit that is built, all 40 digits
    #[arg(long, value_name = "COMMIT", requires = "source")]
    rev: Option<String>,

    /// Print the files, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Named {
    Github,
    Gitlab,
    Forgejo,
}

/// What was written.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Written {
    version: u32,
    forge: Forge,
    files: Vec<WrittenFile>,
    /// The commit for GREENLIT_ROOT, where one can be pinned.
    root: Option<String>,
    /// The names of the secrets that the job needs.
    secrets: Vec<String>,
    /// The commands to type next.
    next: Vec<String>,
    /// What to set where, in the forge's settings.
    settings: Vec<String>,
}

/// A workflow file.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
struct WrittenFile {
    /// Its path from the workspace's root.
    path: &'static str,
    state: State,
    /// Its text, with `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It was not there.
    Written,
    /// It says the same already.
    Unchanged,
    /// It is there with another text; with `--dry-run` alone.
    Differs,
    /// It would be written.
    Missing,
}

/// Writes the files that are not there.
///
/// # Errors
/// When the forge or greenlit's source is not known, or a file is there with another text: then nothing is written.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let repository = context.repository()?;
    let settings = settings(&repository)?;
    secrets::refuse_clashes(settings.accounts.keys())?;
    let needs = super::needs(&settings);
    let here = WorkTreeFiles::new(repository.root());
    let notify = super::notify(&here, &settings);
    if notify.is_none() && here.read(NOTIFY, LARGEST_SETTINGS).is_ok() {
        let message = "notify.toml cannot be used, so nothing tells which channels the job has to know";
        return Err(Failure::broken("ci/settings", message, "`greenlit check` shows each error in its place"));
    }
    let (channels, mentions) = (super::channels(notify.as_ref()), super::mentions(notify.as_ref()));
    let forge = forge(args, &repository, &settings)?;
    refuse_names(&settings, forge)?;
    let program = program(args, &repository, forge)?;
    let (trusted, remote, reviews) = (&settings.trusted, &settings.remote, super::reviews_count(&here));
    let setup =
        Setup { forge, trusted, remote, program: &program, needs: &needs, channels: &channels, reviews, mentions };
    let made = files(&setup);
    let there = |path: &str| fs::read_to_string(repository.root().join(path)).ok();
    let differing: Vec<&str> = made
        .iter()
        .filter(|(path, text)| there(path).is_some_and(|there| there != *text))
        .map(|(path, _)| *path)
        .collect();
    if !differing.is_empty() && !args.dry_run {
        return Err(Failure::usage(
            "ci/differs",
            format!("{} says something else; nothing is overwritten, and nothing was written", differing.join(" and ")),
            "`greenlit ci init --dry-run` shows what it would say: take over what you want, and `greenlit ci doctor` tells \
             whether it is safe; or move the file away and try again",
        ));
    }
    let mut written = Vec::new();
    for (path, text) in made {
        let state = match there(path) {
            Some(same) if same == text => State::Unchanged,
            Some(_) => State::Differs,
            None if args.dry_run => State::Missing,
            None => {
                create(&repository.root().join(path), &text)?;
                State::Written
            }
        };
        written.push(WrittenFile { path, state, text: args.dry_run.then_some(text) });
    }
    let root = root(&repository, context);
    let needs: Vec<Need> = needs.iter().chain(&channels).cloned().collect();
    let told = Written {
        version: 1,
        forge,
        next: next(&written, &settings, root.is_some()),
        settings: to_set(&setup, &settings, &needs, root.as_deref()),
        files: written,
        secrets: variables(&needs).map(str::to_owned).collect(),
        root,
    };
    if context.json() {
        context.print_json(&told);
    } else {
        context.print(&human(&told, context));
    }
    Ok(Exit::Fine)
}

fn settings(repository: &Repository) -> Result<Settings, Failure> {
    let bytes = WorkTreeFiles::new(repository.root()).read("greenlit.toml", 1 << 20);
    let settings = bytes.ok().and_then(|bytes| load_settings(&bytes, &network_specs()).0);
    settings.ok_or_else(|| {
        Failure::broken("ci/settings", "greenlit.toml cannot be used", "`greenlit check` shows each error in its place")
    })
}

fn forge(args: &Args, repository: &Repository, settings: &Settings) -> Result<Forge, Failure> {
    if let Some(named) = args.forge {
        return Ok(match named {
            Named::Github => Forge::Github,
            Named::Gitlab => Forge::Gitlab,
            Named::Forgejo => Forge::Forgejo,
        });
    }
    let remote = repository.program().ask(&["remote", "get-url", &settings.remote], None)?;
    Forge::of_remote(&remote.line()).filter(|_| remote.success()).ok_or_else(|| {
        let message = format!("the remote {} does not tell which forge will run these files", escape(&settings.remote));
        Failure::usage("ci/forge", message, "name it: --forge github, --forge gitlab or --forge forgejo")
    })
}

/// The names stand in scripts and in patterns as they are.
fn refuse_names(settings: &Settings, forge: Forge) -> Result<(), Failure> {
    for (what, name) in [("branch", &settings.trusted), ("remote", &settings.remote)] {
        if !is_plain(name) {
            let message = format!("the {what} {:?} would mean something else in a script", escape(name));
            return Err(Failure::usage(
                "ci/name",
                message,
                "name it with letters, digits, `/`, `.`, `_` and `-` alone",
            ));
        }
    }
    if forge == Forge::Gitlab && settings.remote != "origin" {
        let message = format!("GitLab's jobs call the remote origin, and greenlit.toml calls it {}", settings.remote);
        return Err(Failure::usage("ci/remote", message, "write `remote = \"origin\"` in greenlit.toml"));
    }
    Ok(())
}

/// Where greenlit comes from: as it is said, else as the files say that are there.
fn program(args: &Args, repository: &Repository, forge: Forge) -> Result<Program, Failure> {
    if let (Some(source), Some(rev)) = (&args.source, &args.rev) {
        return Program::new(source, rev).map_err(|why| {
            let help = "write --source https://github.com/OWNER/greenlit --rev COMMIT; `git rev-parse HEAD` in your clone of greenlit prints the commit";
            Failure::usage("ci/source", format!("greenlit cannot be built from there: {why}"), help)
        });
    }
    // The paths are the same whatever the files say.
    let paths: &[&str] = match forge {
        Forge::Github => &[".github/workflows/greenlit-publish.yml"],
        Forge::Forgejo => &[".forgejo/workflows/greenlit-publish.yml"],
        Forge::Gitlab => &[".gitlab-ci.yml"],
    };
    let texts = paths.iter().filter_map(|path| fs::read_to_string(repository.root().join(path)).ok());
    texts.into_iter().find_map(|text| Program::named_in(&text)).ok_or_else(|| {
        Failure::usage(
            "ci/source",
            "the jobs build greenlit, and have to be told from where",
            "--source URL --rev COMMIT; in your clone of greenlit, `git remote get-url origin` and `git rev-parse HEAD` print both",
        )
    })
}

/// Writes a file that must not be there yet.
fn create(file: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        let shown = file.display().to_string();
        let message = format!("{} cannot be written: {error}", escape(&shown));
        Failure::broken("ci/write", message, "see whether the folder can be written to; nothing was overwritten")
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(unwritable)
}

/// The root that is pinned here, else the one that `greenlit trust pin` would print; none where nothing can be pinned yet.
fn root(repository: &Repository, context: &Context) -> Option<String> {
    let pinned = Root::of(context.root.as_ref(), repository).ok().flatten();
    match pinned {
        Some(root) => root.commit().ok().map(|commit| commit.to_string()),
        None => Trusted::read(context, false).and_then(|trusted| trust::pinnable(&trusted)).ok(),
    }
}

fn next(files: &[WrittenFile], settings: &Settings, pinned: bool) -> Vec<String> {
    let (trusted, remote) = (&settings.trusted, &settings.remote);
    // All of them lie in one folder.
    let path = files.first().map(|file| file.path).unwrap_or_default();
    let path = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    let mut next = vec![
        format!("git add {path}"),
        "git commit -m \"Let CI check and publish\"".to_owned(),
        format!("git push {remote} {trusted}"),
    ];
    if !pinned {
        next.push("greenlit trust pin".to_owned());
    }
    next.push("greenlit ci doctor".to_owned());
    next
}

/// What to set in the forge's own settings, which no file can.
fn to_set(setup: &Setup<'_>, settings: &Settings, needs: &[Need], root: Option<&str>) -> Vec<String> {
    let (forge, trusted) = (setup.forge, &settings.trusted);
    let root = root.map_or_else(
        || format!("{VARIABLE}, with the commit that `greenlit trust pin` prints"),
        |root| format!("{VARIABLE}={root}"),
    );
    let names: Vec<&str> = variables(needs).collect();
    let secrets = names.join(", ");
    let mut steps = match forge {
        Forge::Github => vec![
            format!(
                "Settings, Environments: make one called publish. Deployment branches and tags: selected ones, {trusted} alone."
            ),
            format!("In that environment, a variable: {root}"),
            "Secrets and variables, Actions, Variables: the same once more, for the job that comments; it is no secret.".to_owned(),
            "In the branch's rules, where you like: require the checks `greenlit: check` and `greenlit: approved`.".to_owned(),
        ],
        Forge::Gitlab => vec![
            format!("Settings, CI/CD, Variables, protected: {root}"),
            "Settings, CI/CD, Job token permissions: allow Git push requests to the repository.".to_owned(),
            format!(
                "Build, Pipeline schedules: \"7,22,37,52 * * * *\" on {trusted}, owned by somebody who may push to {LEDGER}."
            ),
        ],
        Forge::Forgejo => vec![format!("Settings, Actions, Variables: {root}")],
    };
    if forge == Forge::Gitlab {
        steps.push(
            "Settings, Access tokens: one with the role Developer and the scope api. Variables, protected and masked, environment \
             review: GITLAB_TOKEN, with which greenlit-review comments."
                .to_owned(),
        );
        if setup.reviews || setup.mentions {
            let scope = if setup.mentions { "api" } else { "read_api" };
            steps.push(format!("Another one with the scope {scope}, as GITLAB_TOKEN for the environment publish."));
        }
    }
    if !names.is_empty() {
        steps.push(match forge {
            Forge::Github => format!("In that environment, secrets: {secrets}"),
            Forge::Gitlab => {
                format!("Settings, CI/CD, Variables, protected and masked, environment publish: {secrets}")
            }
            Forge::Forgejo => format!("Settings, Actions, Secrets: {secrets}"),
        });
    }
    steps.push(format!(
        "{trusted} is the default branch, from which schedules run, and takes pull requests alone: whoever can push to it can \
         change these files."
    ));
    steps.push(format!(
        "Forbid force pushes to {LEDGER} and {APPROVALS}, and deleting them; to {LEDGER} only the job pushes."
    ));
    steps
}

fn human(told: &Written, context: &Context) -> String {
    let page = context.page(chrono_tz::Tz::UTC);
    let mut text = String::new();
    for file in &told.files {
        let what = match file.state {
            State::Written => "wrote",
            State::Unchanged => "is so already",
            State::Differs => "is there, and says something else",
            State::Missing => "would be written",
        };
        match &file.text {
            Some(content) => text += &format!("# {}: {what}\n\n{content}\n", file.path),
            None if file.state == State::Written => text += &format!("  wrote  {}\n", file.path),
            None => text += &format!("  {} {what}\n", file.path),
        }
    }
    text += &format!("\nIn {}:\n\n", told.forge.title());
    for (at, step) in told.settings.iter().enumerate() {
        text += &page.hanging(2, 5, &format!("{}. {}", at + 1, escape(step)));
    }
    text += "\nNext:\n\n";
    for step in &told.next {
        text += &format!("  {}\n", escape(step));
    }
    text
}
