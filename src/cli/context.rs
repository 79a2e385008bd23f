//! What every command is handed: the clock, the folder, how to print. Read once, here.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::root::Root;
use super::{Cli, Failure};
use crate::git::Repository;

/// Who the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// People.
    #[default]
    Human,
    /// Programs.
    Json,
    /// GitHub's annotations; of `check` and `ci doctor` alone, like those below.
    Github,
    /// Code scanning: SARIF 2.1.0.
    Sarif,
    /// CI servers: a JUnit report.
    Junit,
    /// reviewdog: its rdjson.
    Rdjson,
}

impl Format {
    /// Whether every command has it; the others are forms for findings.
    pub fn is_everywhere(self) -> bool {
        matches!(self, Format::Human | Format::Json)
    }
}

/// The surroundings of one run.
#[derive(Debug, Clone)]
pub struct Context {
    /// The clock, read once, to the second.
    pub now: DateTime<Utc>,
    /// Whether that is this machine's clock, not `GREENLIT_NOW`.
    pub clock_is_real: bool,
    /// The folder that the command works in.
    pub folder: PathBuf,
    /// Who the output is for.
    pub format: Format,
    /// 0, 1 or 2.
    pub verbose: u8,
    /// Whether standard output takes colours.
    pub colour: bool,
    /// Columns of the terminal; 80 where there is none.
    pub width: usize,
    /// How long git may talk to a remote, where `GREENLIT_GIT_TIMEOUT` says so.
    pub git_timeout: Option<Duration>,
    /// The root of trust that the command line or the environment names.
    pub root: Option<Root>,
    /// Whether what was worked out before may be used: only where people look, never where something is decided or sent.
    pub remembers: bool,
    /// Whether the history of the ledger may be left alone where what stands there explains itself.
    pub glances: bool,
}

impl Context {
    /// Reads clock, folder and terminal. `GREENLIT_NOW` (RFC 3339) stands in for the clock: for tests and rehearsals.
    ///
    /// # Errors
    /// When `GREENLIT_NOW` is no time, or the folder is not there.
    pub fn new(cli: &Cli) -> Result<Self, Failure> {
        let set = std::env::var("GREENLIT_NOW").ok();
        let now = match &set {
            Some(text) => DateTime::parse_from_rfc3339(text)
                .map_err(|_| {
                    Failure::usage(
                        "cli/now",
                        format!("GREENLIT_NOW is {text:?}, which is no time"),
                        "write it as 2026-12-01T08:00:00Z, or unset it",
                    )
                })?
                .with_timezone(&Utc),
            None => Utc::now(),
        };
        let folder = match &cli.folder {
            Some(folder) if folder.is_dir() => folder.clone(),
            Some(folder) => {
                let why = if folder.exists() { "is no folder" } else { "does not exist" };
                let shown = folder.display().to_string();
                let message = format!("{} {why}", crate::view::escape(&shown));
                return Err(Failure::usage("cli/folder", message, "name the folder of your workspace: -C DIR"));
            }
            None => std::env::current_dir().map_err(|error| {
                Failure::broken(
                    "cli/folder",
                    format!("the current folder cannot be read: {error}"),
                    "cd somewhere else",
                )
            })?,
        };
        let terminal = std::io::stdout().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(80).clamp(40, 200);
        let root = Root::given(cli.root.as_deref());
        Ok(Self {
            now: now.trunc_subsecs(0),
            clock_is_real: set.is_none(),
            folder,
            format: cli.format,
            verbose: cli.verbose,
            colour,
            width,
            git_timeout: git_timeout()?,
            root,
            remembers: cli.only_looks(),
            glances: cli.only_glances(),
        })
    }

    /// Whether programs read the output.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Opens the workspace that the folder is in; with `-vv` each run of git is told on standard error.
    ///
    /// # Errors
    /// When there is none, or its history is not whole.
    pub fn repository(&self) -> Result<Repository, Failure> {
        let repository = Repository::open(&self.folder)?.patient(self.git_timeout);
        let repository = if self.remembers {
            Repository::trusts_its_objects();
            repository.remembering()
        } else {
            repository
        };
        let repository = if self.glances { repository.glancing() } else { repository };
        Ok(if self.verbose >= 2 {
            repository.telling(|run| eprintln!("{}", super::secrets::redacted(run)))
        } else {
            repository
        })
    }

    /// For laying out text for people, in the workspace's zone.
    pub fn page(&self, zone: chrono_tz::Tz) -> crate::view::Page {
        crate::view::Page { width: self.width, colour: self.colour, zone, now: self.now }
    }

    /// Writes to standard output. A reader that has gone away is no error: `greenlit status | head`.
    pub fn print(&self, text: &str) {
        let _ = std::io::stdout().lock().write_all(super::secrets::redacted(text).as_bytes());
    }

    /// Writes a value as indented JSON.
    pub fn print_json<T: serde::Serialize>(&self, value: &T) {
        // Every output type has text keys and no failing serializer.
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        self.print(&format!("{}\n", crate::view::escape_json(&text)));
    }

    /// Writes a value as JSON in one line.
    pub fn print_json_line<T: serde::Serialize>(&self, value: &T) {
        let text = serde_json::to_string(value).unwrap_or_default();
        self.print(&format!("{}\n", crate::view::escape_json(&text)));
    }

    /// A line for people on standard error: progress, notes.
    pub fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}", super::secrets::redacted(text));
    }
}

fn git_timeout() -> Result<Option<Duration>, Failure> {
    let Ok(text) = std::env::var("GREENLIT_GIT_TIMEOUT") else { return Ok(None) };
    let least = Duration::from_secs(1);
    let time = crate::workspace::time::duration(&text)
        .and_then(|time| if time < least { Err("write at least `1s`, or unset it".to_owned()) } else { Ok(time) });
    let wrong = |help| {
        let message = format!("GREENLIT_GIT_TIMEOUT is {text:?}, which is no length of time");
        Failure::usage("cli/git-timeout", message, help)
    };
    time.map(Some).map_err(wrong)
}
