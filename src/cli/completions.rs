//! `greenlit completions`

use super::{Context, Exit, Failure};

/// Print the completion script for a shell
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the script.
///
/// # Errors
/// When standard output is closed.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "greenlit", &mut script);
    context.print(&String::from_utf8_lossy(&script));
    Ok(Exit::Fine)
}
