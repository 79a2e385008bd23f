//! `greenlit init`

mod accounts;
mod person;
mod texts;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Context, Exit, Failure};
use crate::git::{LEDGER, Program, Repository};
use crate::view::escape;
use crate::workspace::{EvidenceMode, hex};

use person::{Me, SigningKey};

/// Make a folder or an existing repository a workspace
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder; the current one where none is given
    dir: Option<PathBuf>,

    /// What counts as proof of who said yes; `signed` where you have an SSH key
    #[arg(long, value_name = "MODE", value_parser = ["signed", "sign-off"])]
    evidence: Option<String>,

    /// Accounts to publish to: outbox/site, bluesky/acme=acme.example, mastodon/acme=@acme@mastodon.example
    #[arg(long = "account", value_name = "NAME[=WHO]")]
    accounts: Vec<String>,
}

/// What was made.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Made {
    version: u32,
    /// The workspace's root folder.
    folder: String,
    /// Its random id.
    workspace: String,
    /// The branch that is published from.
    trusted: String,
    /// The ledger's first commit.
    ledger: String,
    /// Your short name in `roles.toml`.
    person: String,
    evidence: EvidenceMode,
    /// Why this evidence mode.
    why: String,
    /// The files that were written, from the root folder.
    files: Vec<String>,
    /// The commands to type next.
    next: Vec<String>,
}

/// Writes settings, roles and a first post, and begins the ledger. Overwrites nothing.
///
/// # Errors
/// When there is a workspace already, or git does not know who you are.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let wanted = accounts::read(&args.accounts)?;
    let folder = args.dir.as_ref().map_or_else(|| context.folder.clone(), |dir| context.folder.join(dir));
    if folder.is_file() {
        let shown = folder.display().to_string();
        let message = format!("{} is a file, and a workspace is a folder", escape(&shown));
        return Err(Failure::usage("init/file", message, "name another folder: `greenlit init DIR`"));
    }
    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    let root = root_of(&folder)?;
    let repository_was_there = root.is_some();
    let root = root.unwrap_or(folder);
    refuse_a_second_time(&root)?;

    let me = Me::ask(&Program::new(&root))?;
    let (evidence, why) = choose_evidence(args.evidence.as_deref(), &me)?;
    if !repository_was_there {
        let git = Program::new(&root);
        git.run(&["init", "-q"])?;
        git.run(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
    }
    let repository = Repository::discover(&root)?;
    let trusted = trusted_branch(repository.program())?;
    refuse_a_second_ledger(repository.program())?;
    let workspace = random_id()?;
    let ledger = repository.begin_ledger(&workspace, context.now)?.to_string();
    let title = root.canonicalize().ok().and_then(|root| Some(root.file_name()?.to_string_lossy().into_owned()));
    let settings = texts::Settings {
        workspace: &workspace,
        title: title.as_deref().unwrap_or("Our posts"),
        trusted: &trusted,
        ledger: &ledger,
        accounts: &wanted,
    };

    let mut files = Vec::new();
    let mut write = |path: &str, text: &str| -> Result<(), Failure> {
        create(&root.join(path), text)?;
        files.push(path.to_owned());
        Ok(())
    };
    write("greenlit.toml", &settings.text())?;
    write("roles.toml", &texts::roles(&me, evidence))?;
    if !root.join("posts").exists() {
        write("posts/hello.md", &texts::first_post(&wanted))?;
    }
    for (path, lines) in [(".gitattributes", texts::ATTRIBUTES.to_owned()), (".gitignore", texts::ignored(&wanted))] {
        if append(&root.join(path), &lines)? {
            files.push(path.to_owned());
        }
    }

    let next = next_steps(&repository, &root, &files, &me, evidence, &trusted, context);
    let made = Made {
        version: 1,
        folder: root.display().to_string(),
        workspace,
        trusted,
        ledger,
        person: me.id.clone(),
        evidence,
        why,
        files,
        next,
    };
    if context.json() {
        context.print_json(&made);
    } else {
        context.print(&told(&made, &me, context));
    }
    Ok(Exit::Fine)
}

/// The root of the repository that the folder is; `None` where it is in none.
fn root_of(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    let git = Program::new(folder);
    let answer = git.ask(&["rev-parse", "--show-toplevel"], None)?;
    if !answer.success() {
        return Ok(None);
    }
    let root = PathBuf::from(answer.line());
    let same = |a: &Path, b: &Path| a.canonicalize().ok() == b.canonicalize().ok();
    if same(&root, folder) {
        return Ok(Some(root));
    }
    let (root, folder) = (root.display().to_string(), folder.display().to_string());
    Err(Failure::usage(
        "init/inside",
        format!("{} is a folder inside the repository {}", escape(&folder), escape(&root)),
        format!("a workspace is a whole repository. Either `greenlit init {root}`, or first `git init {folder}`"),
    ))
}

fn refuse_a_second_time(root: &Path) -> Result<(), Failure> {
    for file in ["greenlit.toml", "roles.toml"] {
        if root.join(file).symlink_metadata().is_ok() {
            return Err(Failure::usage(
                "init/exists",
                format!("there is a {file} already; init overwrites nothing"),
                "`greenlit check` says whether this workspace is in order; to begin anew, move the file away first",
            ));
        }
    }
    Ok(())
}

fn choose_evidence(asked: Option<&str>, me: &Me) -> Result<(EvidenceMode, String), Failure> {
    match (asked, &me.key) {
        (Some("sign-off"), _) => Ok((
            EvidenceMode::SignOff,
            "you asked for it. Names and addresses are taken at their word: approvals are not authenticated".to_owned(),
        )),
        (_, Some(SigningKey { from, .. })) => Ok((
            EvidenceMode::Signed,
            format!("you have an SSH key ({from}): an approval counts when this key has signed it"),
        )),
        (Some(_), None) => Err(Failure::usage(
            "init/no-key",
            "evidence = \"signed\" needs an SSH key of yours, and none was found",
            "make one with `ssh-keygen -t ed25519`, or begin with `greenlit init --evidence sign-off`",
        )),
        (None, None) => Ok((
            EvidenceMode::SignOff,
            "no SSH key of yours was found. Names and addresses are taken at their word: approvals are not \
             authenticated. To change that: `ssh-keygen -t ed25519`, put the .pub file's line under keys in \
             roles.toml, and set evidence = \"signed\" there"
                .to_owned(),
        )),
    }
}

/// The remote's main branch where that is known, else the one that is checked out.
fn trusted_branch(git: &Program) -> Result<String, Failure> {
    let remote = git.ask(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"], None)?;
    if let Some(branch) = remote.line().strip_prefix("origin/").filter(|_| remote.success()) {
        return Ok(branch.to_owned());
    }
    let here = git.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"], None)?;
    if here.success() {
        return Ok(here.line());
    }
    Err(Failure::usage(
        "init/detached",
        "no branch is checked out",
        "switch to the branch that posts are published from: `git switch main`",
    ))
}

/// A branch of that name, here or on a remote, is some workspace's ledger: it is not to be begun anew.
fn refuse_a_second_ledger(git: &Program) -> Result<(), Failure> {
    let refs = ["for-each-ref", "--format=%(refname)", "refs/heads/greenlit", "refs/remotes/*/greenlit"];
    if !git.run(&refs)?.line().lines().any(|name| name.ends_with(LEDGER)) {
        return Ok(());
    }
    Err(Failure::broken(
        "init/ledger",
        format!("there is a branch {LEDGER} already: this repository was a workspace before"),
        "get its greenlit.toml back: `git log --all --oneline -- greenlit.toml` shows where it was",
    ))
}

/// A random UUID (RFC 9562, version 4).
fn random_id() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::broken("init/random", format!("the system gives no random numbers: {error}"), "try again")
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    Ok([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// Writes a file that must not be there yet.
fn create(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unwritable(file, &error))
}

/// Adds the lines that a file does not have yet; whether there were any.
fn append(file: &Path, lines: &str) -> Result<bool, Failure> {
    let before = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unwritable(file, &error)),
    };
    let has = |line: &str| before.lines().any(|there| there.trim() == line);
    if lines.lines().filter(|line| !line.starts_with('#')).all(has) {
        return Ok(false);
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let opened = OpenOptions::new().append(true).create(true).open(file);
    opened
        .and_then(|mut file| file.write_all(format!("{gap}{lines}").as_bytes()))
        .map_err(|error| unwritable(file, &error))?;
    Ok(true)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display().to_string();
    Failure::broken("init/write", format!("{} cannot be written: {error}", escape(&path)), "nothing was overwritten")
}

fn next_steps(
    repository: &Repository,
    root: &Path,
    files: &[String],
    me: &Me,
    evidence: EvidenceMode,
    trusted: &str,
    context: &Context,
) -> Vec<String> {
    let mut next = Vec::new();
    let same = root.canonicalize().ok() == context.folder.canonicalize().ok();
    if !same {
        next.push(format!("cd {}", root.display()));
    }
    if evidence == EvidenceMode::Signed {
        next.extend(me.key.iter().flat_map(|key| key.to_configure.clone()));
    }
    next.push(format!("git add {}", files.join(" ")));
    next.push("git commit -m \"Begin with greenlit\"".to_owned());
    let remote = repository.program().ask(&["remote", "get-url", "origin"], None);
    if remote.is_ok_and(|answer| answer.success()) {
        next.push(format!("git push origin {trusted} {LEDGER}"));
    }
    next.push("greenlit trust pin --here".to_owned());
    next.push("greenlit check".to_owned());
    if files.iter().any(|file| file == "posts/hello.md") {
        next.push("greenlit approve hello".to_owned());
        next.push("greenlit publish".to_owned());
    }
    next
}

fn told(made: &Made, me: &Me, context: &Context) -> String {
    let page = context.page(chrono_tz::Tz::UTC);
    let mode = match made.evidence {
        EvidenceMode::Signed => "signed",
        EvidenceMode::SignOff => "sign-off",
    };
    let mut text = page.wrapped(0, &format!("{} is a workspace now.", escape(&made.folder)));
    text.push('\n');
    for file in &made.files {
        text += &format!("  wrote  {}\n", escape(file));
    }
    let person = format!("{} ({})", me.name, made.person);
    text += &format!("  ledger {}, pinned in greenlit.toml\n\n", made.ledger.get(..12).unwrap_or(&made.ledger));
    text += &page.wrapped(0, &format!("Editor, admin and alone so far: {}.", escape(&person)));
    text += &page.wrapped(0, &format!("Evidence is \"{mode}\": {}.", escape(&made.why)));
    text += "\nNext:\n\n";
    for step in &made.next {
        text += &format!("  {}\n", escape(step));
    }
    text
}
