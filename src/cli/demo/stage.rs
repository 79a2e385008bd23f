//! Where the demo plays: a remote, a clone, five people's settings, a clock, and the programs that they run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::files;
use crate::cli::{Context, Failure};
use crate::git::{Program, SecretKey};
use crate::view::escape;

/// Who publishes: a CI job has a name and no key.
pub const RUNNER: &str = "ci";

/// A command that was run.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Step {
    /// As a person would have typed it.
    command: String,
    /// Who did, by short name; `ci` for the CI job.
    person: String,
    /// When, by the demo's clock.
    at: DateTime<Utc>,
    /// Its exit code.
    exit: i32,
}

/// The stage.
pub struct Stage<'a> {
    context: &'a Context,
    folder: PathBuf,
    program: PathBuf,
    keys: BTreeMap<&'static str, String>,
    clock: DateTime<Utc>,
    steps: Vec<Step>,
}

/// How much of a command's output is told.
#[derive(Debug, Clone, Copy)]
pub enum Tell {
    /// All of it.
    All,
    /// From the first line that begins so.
    From(&'static str),
    /// Nothing.
    Nothing,
}

impl<'a> Stage<'a> {
    /// Makes people with new keys, a bare remote and a clone.
    ///
    /// # Errors
    /// When the folder cannot be written or git is missing.
    pub fn set(folder: &Path, context: &'a Context) -> Result<Self, Failure> {
        let folder = folder.canonicalize().map_err(|error| unwritable(folder, &error))?;
        let program = std::env::current_exe().map_err(|error| {
            Failure::broken(
                "demo/program",
                format!("greenlit does not find itself: {error}"),
                "run it by its full path",
            )
        })?;
        let (keys, clock) = (BTreeMap::new(), context.now);
        let mut stage = Self { context, folder, program, keys, clock, steps: Vec::new() };
        for (person, name) in files::PEOPLE {
            stage.move_in(person, name)?;
        }
        stage.settings_of(RUNNER, "Acme CI", "")?;
        let git = Program::new(&stage.folder);
        git.run(&["init", "-q", "--bare", "acme.git"])?;
        Program::new(stage.remote()).run(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
        git.run(&["clone", "-q", "acme.git", "newsroom"])?;
        Program::new(stage.workspace()).run(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
        Ok(stage)
    }

    /// The clone that everybody works in.
    pub fn workspace(&self) -> PathBuf {
        self.folder.join("newsroom")
    }

    /// The bare repository.
    pub fn remote(&self) -> PathBuf {
        self.folder.join("acme.git")
    }

    /// A person's public key.
    pub fn key_of(&self, person: &str) -> String {
        self.keys.get(person).cloned().unwrap_or_default()
    }

    /// What was run.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// A new scene: its heading, and so long before now.
    pub fn scene(&mut self, title: &str, before: TimeDelta) {
        self.clock = self.context.now - before;
        self.say(&format!("\n── {title} {}", "─".repeat(72_usize.saturating_sub(title.chars().count()))));
    }

    /// The clock that the people on stage see.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock
    }

    /// Says what happens next.
    pub fn tell(&self, text: &str) {
        self.say(&format!("\n{text}"));
    }

    /// A file in the workspace.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, path: &str) -> Result<String, Failure> {
        let file = self.workspace().join(path);
        fs::read_to_string(&file).map_err(|error| unwritable(&file, &error))
    }

    /// Writes a file in the workspace, as with a text editor.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        write(&self.workspace().join(path), bytes)
    }

    /// Takes a file out of the workspace.
    ///
    /// # Errors
    /// When it is not there.
    pub fn remove(&self, path: &str) -> Result<(), Failure> {
        let file = self.workspace().join(path);
        fs::remove_file(&file).map_err(|error| unwritable(&file, &error))
    }

    /// A person commits all that changed and pushes it.
    ///
    /// # Errors
    /// When git fails.
    pub fn commit(&mut self, person: &str, message: &str, push: &[&str]) -> Result<(), Failure> {
        self.git(person, &["add", "--all"])?;
        self.git(person, &["commit", "-m", message])?;
        let push: Vec<&str> = ["push", "origin"].into_iter().chain(push.iter().copied()).collect();
        self.git(person, &push)
    }

    /// A person runs greenlit in the workspace; it must end with one of these exit codes.
    ///
    /// # Errors
    /// When it ends otherwise.
    pub fn greenlit(&mut self, person: &str, arguments: &[&str], exits: &[i32], tell: Tell) -> Result<(), Failure> {
        let command = shown("greenlit", arguments);
        self.typed(person, &command);
        let output =
            self.program_as(person).args(arguments).output().map_err(|error| unwritable(&self.program, &error))?;
        let exit = output.status.code().unwrap_or(-1);
        let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !exits.contains(&exit) {
            return Err(Failure::broken(
                "demo/step",
                format!("`{command}` ended with exit code {exit}:\n{}{}", said, errors),
                "the demo should never end like this: please report it",
            ));
        }
        self.outcome(&said, tell);
        self.done(person, &command, exit);
        // No two decisions at the same second.
        self.clock += TimeDelta::minutes(1);
        Ok(())
    }

    fn program_as(&self, person: &str) -> Command {
        let mut command = Command::new(&self.program);
        // Nothing of the real person's git and greenlit reaches the stage.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("GIT_") || text.starts_with("GREENLIT_") {
                command.env_remove(&name);
            }
        }
        command.current_dir(self.workspace()).envs(self.surroundings(person));
        command.env("GREENLIT_NOW", time(self.clock)).env("COLUMNS", "76").stdin(Stdio::null());
        command
    }

    fn git(&mut self, person: &str, arguments: &[&str]) -> Result<(), Failure> {
        let command = shown("git", arguments);
        self.typed(person, &command);
        let git = Program::new(self.workspace());
        let git = self.surroundings(person).into_iter().fold(git, |git, (name, value)| git.with(name, value));
        git.run(arguments)?;
        self.done(person, &command, 0);
        Ok(())
    }

    fn surroundings(&self, person: &str) -> Vec<(&'static str, String)> {
        let home = self.home(person);
        vec![
            ("HOME", home.display().to_string()),
            ("GIT_CONFIG_GLOBAL", home.join(".gitconfig").display().to_string()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_AUTHOR_DATE", time(self.clock)),
            ("GIT_COMMITTER_DATE", time(self.clock)),
        ]
    }

    fn home(&self, person: &str) -> PathBuf {
        self.folder.join("people").join(person)
    }

    fn move_in(&mut self, person: &'static str, name: &str) -> Result<(), Failure> {
        let file = self.home(person).join("id_ed25519");
        let signing = format!("\tsigningkey = {}\n[gpg]\n\tformat = ssh\n", quoted(&file));
        self.settings_of(person, name, &signing)?;
        let key = SecretKey::random()?;
        key.write(&file)?;
        self.keys.insert(person, key.public().0);
        Ok(())
    }

    fn settings_of(&self, person: &str, name: &str, more: &str) -> Result<(), Failure> {
        let text = format!("[user]\n\tname = {name}\n\temail = {person}@acme.example\n{more}");
        write(&self.home(person).join(".gitconfig"), text.as_bytes())
    }

    fn typed(&self, person: &str, command: &str) {
        self.say(&format!("  {person} $ {command}"));
    }

    fn outcome(&self, output: &str, tell: Tell) {
        let lines: Vec<&str> = output.trim_end().lines().collect();
        let first = match tell {
            Tell::All => Some(0),
            Tell::From(beginning) => lines.iter().position(|line| line.starts_with(beginning)),
            Tell::Nothing => None,
        };
        for line in lines.iter().skip(first.unwrap_or(lines.len())) {
            self.say(&format!("    {}", escape(line)));
        }
    }

    fn done(&mut self, person: &str, command: &str, exit: i32) {
        let (command, person) = (command.to_owned(), person.to_owned());
        self.steps.push(Step { command, person, at: self.clock, exit });
    }

    fn say(&self, line: &str) {
        if !self.context.json() {
            self.context.print(&format!("{}\n", line.trim_end()));
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A command as it is typed in a shell.
fn shown(program: &str, arguments: &[&str]) -> String {
    let word = |text: &&str| if text.contains(' ') { format!("\"{text}\"") } else { (*text).to_owned() };
    std::iter::once(program.to_owned()).chain(arguments.iter().map(word)).collect::<Vec<_>>().join(" ")
}

/// A path as git's settings take it.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).and_then(|()| fs::write(file, bytes)).map_err(|error| unwritable(file, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display().to_string();
    Failure::broken("demo/write", format!("{} cannot be used: {error}", escape(&path)), "name another folder")
}
