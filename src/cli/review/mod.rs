//! `greenlit review`

mod checks;
mod comment;
mod pull_request;
mod requests;
mod suggestions;

use super::{Context, Exit, Failure};

/// Work with pull requests: say in each what goes out and what is missing
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Comment(comment::Args),
}

/// Works with a pull request.
///
/// # Errors
/// When the workspace cannot be used, or the forge cannot be asked.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Comment(args) => comment::run(args, context),
    }
}
