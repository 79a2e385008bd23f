//! `greenlit review comment`

use super::pull_request::Gathered;
use crate::cli::{Context, Exit, Failure};
use crate::view::pull_request::{Budget, State, markdown};

/// Say in a pull request what goes out and what is missing, and keep that up to date
///
/// For each touched post: the text for each network to the letter, with its length; pictures and cards; what `check` finds;
/// who has said yes, and whose turn it is; what becomes of approvals that were given; what goes out next to it. It reads
/// commits, runs nothing of the change, and asks no network.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The commit with the change
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    head: String,

    /// Print the comment, and ask no forge
    #[arg(long)]
    print: bool,
}

/// Makes the report, and brings it where it belongs.
///
/// # Errors
/// When the workspace cannot be used, its history is not whole, or the forge refuses.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let gathered = Gathered::read(&args.head, false, context)?;
    let page = context.page(gathered.trusted.settings.timezone);
    gathered.told(context, |report| {
        if context.json() {
            context.print_json(report);
        } else {
            context.print(&markdown(report, &gathered.trusted.roles, &page, Budget(usize::MAX)));
        }
        if report.state() < State::Approved { Exit::Waits } else { Exit::Fine }
    })
}
