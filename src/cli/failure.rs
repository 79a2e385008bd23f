//! How a command ends: exit codes, and errors with a code and a way out.

use std::io::Write;
use std::process::ExitCode;

use super::Format;

/// The exit codes, which scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// There are findings, or something waits for a person.
    Waits = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The workspace or its settings are broken, or trust fails.
    Broken = 3,
    /// A delivery failed or is uncertain.
    Delivery = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    report: miette::Report,
}

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Plain {
    code: &'static str,
    message: String,
    help: String,
}

impl miette::Diagnostic for Plain {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn std::fmt::Display + 'a>)
    }
}

impl Failure {
    /// A failure with its exit code.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit, report: miette::Report::new(Plain { code, message: message.into(), help: help.into() }) }
    }

    /// The command line makes no sense.
    pub fn usage(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message, help)
    }

    /// The workspace is broken.
    pub fn broken(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Broken, code, message, help)
    }

    /// Its stable code, `room/name`.
    pub fn code(&self) -> Option<String> {
        self.report.code().map(|code| code.to_string())
    }

    /// What to type next.
    pub fn help(&self) -> Option<String> {
        self.report.help().map(|help| help.to_string())
    }

    /// Prints it to standard error; for programs as JSON.
    pub fn print(&self, format: Format) {
        let text = match format {
            Format::Json => {
                let (code, help) = (self.code(), self.help());
                let message = self.report.to_string();
                serde_json::json!({ "version": 1, "error": { "code": code, "message": message, "help": help } })
                    .to_string()
            }
            // The others have no form for it, and standard error is read by people.
            _ => format!("{:?}", self.report),
        };
        let _ = writeln!(std::io::stderr().lock(), "{}", super::secrets::redacted(text.trim_end()));
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.report.fmt(f)
    }
}

/// Any room's error stops the command; the room's own code and help are printed.
impl<E: miette::Diagnostic + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Broken, report: miette::Report::new(error) }
    }
}
