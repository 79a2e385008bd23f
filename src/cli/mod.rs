//! The command line: one file per command, and what they share. Here alone clock, environment and terminal are read.

mod approve;
mod approve_policy;
mod check;
mod ci;
mod comment;
mod completions;
mod context;
mod count;
mod decide;
mod decided;
mod demo;
mod drift;
mod failure;
mod forges;
mod gather;
mod hold;
mod init;
mod ledger;
mod lift;
mod log;
mod new;
mod notify;
mod plan;
mod pretences;
mod preview;
mod prove;
mod publish;
pub mod reference;
mod reject;
mod remarks;
mod resolve;
mod resume;
mod retract;
mod review;
mod roles;
mod root;
pub mod schema;
mod scopes;
mod secrets;
mod status;
mod thread;
mod todo;
mod trust;
mod update;
mod withdraw;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use context::{Context, Format};
pub use failure::{Exit, Failure};

/// Social posts as code. Nothing goes out until it's greenlit.
#[derive(Debug, Parser)]
#[command(name = "greenlit", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Cli {
    /// Work as if started in this folder
    #[arg(short = 'C', long = "folder", value_name = "DIR", global = true)]
    pub folder: Option<std::path::PathBuf>,

    /// Output for people, or for programs (see `greenlit schema`)
    #[arg(long, value_enum, default_value_t, global = true)]
    pub format: Format,

    /// Say more of what is done; twice for every git command and request, never with a secret
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,

    /// The commit from which on the policy must be authorised, all 40 digits; else GREENLIT_ROOT, else this clone's git
    /// config greenlit.root
    #[arg(long, value_name = "COMMIT", global = true)]
    pub root: Option<String>,

    #[command(subcommand)]
    command: Command,
}

/// The commands, in the order in which a post meets them.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    New(new::Args),
    Check(check::Args),
    Preview(preview::Args),
    Count(count::Args),
    Approve(approve::Args),
    Reject(reject::Args),
    Lift(lift::Args),
    Withdraw(withdraw::Args),
    Comment(comment::Args),
    Hold(hold::Args),
    Resume(resume::Args),
    Status(status::Args),
    Todo(todo::Args),
    Plan(plan::Args),
    Publish(publish::Args),
    Notify(notify::Args),
    Resolve(resolve::Args),
    Retract(retract::Args),
    Update(update::Args),
    Drift(drift::Args),
    Log(log::Args),
    Prove(prove::Args),
    Review(review::Args),
    Roles(roles::Args),
    Trust(trust::Args),
    Ledger(ledger::Args),
    Ci(ci::Args),
    Demo(demo::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

impl Cli {
    /// Whether the command only shows things. No other ever reads the cache: anyone who can write to `.git`, or to a CI
    /// job's cache, can write there.
    fn only_looks(&self) -> bool {
        matches!(self.command, Command::Status(_) | Command::Plan(_) | Command::Log(_) | Command::Todo(_))
    }

    /// What is wrong with the format, where it is one for findings and the command has none.
    fn refuses_its_format(&self) -> Option<Failure> {
        let takes_all = match &self.command {
            Command::Check(args) => args.checks(),
            Command::Ci(args) => args.examines(),
            _ => false,
        };
        if self.format.is_everywhere() || takes_all {
            return None;
        }
        let format = self.format.to_possible_value();
        let format = format.as_ref().map(clap::builder::PossibleValue::get_name).unwrap_or_default();
        let message =
            format!("`greenlit check` and `greenlit ci doctor` alone print {format}, and only of what they find");
        Some(Failure::usage("cli/format", message, "write `--format human` or `--format json` here"))
    }

    /// Whether the command shows what is there now and nothing else: in CI, a plan is asked for in a fresh clone.
    fn only_glances(&self) -> bool {
        matches!(self.command, Command::Plan(_))
    }
}

/// The whole command line as clap knows it, for completions and the reference.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the arguments, runs the command, prints what went wrong; the exit code.
pub fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are answers, not errors; a closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return Exit::Usage.into();
        }
    };
    let format = cli.format;
    let refused = cli.refuses_its_format().map_or(Ok(()), Err);
    match refused.and_then(|()| Context::new(&cli)).and_then(|context| dispatch(&cli.command, &context)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print(format);
            failure.exit.into()
        }
    }
}

fn dispatch(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => init::run(args, context),
        Command::New(args) => new::run(args, context),
        Command::Check(args) => check::run(args, context),
        Command::Preview(args) => preview::run(args, context),
        Command::Count(args) => count::run(args, context),
        Command::Approve(args) => approve::run(args, context),
        Command::Reject(args) => reject::run(args, context),
        Command::Lift(args) => lift::run(args, context),
        Command::Withdraw(args) => withdraw::run(args, context),
        Command::Comment(args) => comment::run(args, context),
        Command::Hold(args) => hold::run(args, context),
        Command::Resume(args) => resume::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Todo(args) => todo::run(args, context),
        Command::Plan(args) => plan::run(args, context),
        Command::Publish(args) => publish::run(args, context),
        Command::Notify(args) => notify::run(args, context),
        Command::Resolve(args) => resolve::run(args, context),
        Command::Retract(args) => retract::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::Drift(args) => drift::run(args, context),
        Command::Log(args) => log::run(args, context),
        Command::Prove(args) => prove::run(args, context),
        Command::Review(args) => review::run(args, context),
        Command::Roles(args) => roles::run(args, context),
        Command::Trust(args) => trust::run(args, context),
        Command::Ledger(args) => ledger::run(args, context),
        Command::Ci(args) => ci::run(args, context),
        Command::Demo(args) => demo::run(args, context),
        Command::Schema(args) => schema::run(args, context),
        Command::Completions(args) => completions::run(args, context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shows_things_may_remember() {
        let looks = |line: &str| Cli::try_parse_from(line.split(' ')).unwrap().only_looks();
        for line in ["greenlit status", "greenlit plan", "greenlit todo", "greenlit log launch"] {
            assert!(looks(line), "{line}");
        }
        for line in ["greenlit publish", "greenlit publish --dry-run", "greenlit approve launch", "greenlit check"] {
            assert!(!looks(line), "{line}");
        }
        for line in [
            "greenlit status --format sarif",
            "greenlit ci init --format github",
            "greenlit check --explain text/x --format github",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).unwrap().refuses_its_format().is_some(), "{line}");
        }
        for line in
            ["greenlit check --format sarif", "greenlit ci doctor --format github", "greenlit status --format json"]
        {
            assert!(Cli::try_parse_from(line.split(' ')).unwrap().refuses_its_format().is_none(), "{line}");
        }
        let glances = |line: &str| Cli::try_parse_from(line.split(' ')).unwrap().only_glances();
        assert!(glances("greenlit plan") && !glances("greenlit status") && !glances("greenlit publish --dry-run"));
    }
}
