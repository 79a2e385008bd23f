//! `greenlit review`

mod checks;
mod comment;
mod judging;
mod pull_request;
mod queue;
mod record;
mod remarks;
mod requests;
pub mod standing;
mod suggestions;

use super::{Context, Exit, Failure};

/// Work with pull requests: say in each what goes out and what is missing, and let their reviews count
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Comment(comment::Args),
    Record(record::Args),
}

/// Works with a pull request.
///
/// # Errors
/// When the workspace cannot be used, or the forge cannot be asked.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Comment(args) => comment::run(args, context),
        Verb::Record(args) => record::run(args, context),
    }
}
