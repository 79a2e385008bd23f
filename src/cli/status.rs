//! `greenlit status`

use std::mem::ManuallyDrop;

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::view::status;

/// Where every post stands, whose turn it is, and when it is due
#[derive(Debug, clap::Args)]
pub struct Args {
    /// List what is out, too, and shorten nothing
    #[arg(long)]
    all: bool,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// Shows every post that is not finished.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    // The process ends with this: to give a large workspace back piece by piece would only take time.
    let trusted = ManuallyDrop::new(Trusted::read(context, args.fetch)?);
    let ledger = ManuallyDrop::new(trusted.ledger(context)?);
    let gathered = ManuallyDrop::new(trusted.gather(&*ledger, context, None)?);
    let reader = trusted.reader();
    let told = gathered.told(&trusted, reader.as_ref());
    let page = context.page(trusted.settings.timezone);
    if context.json() {
        context.print_json(&status::report(&told, args.all, &page));
    } else {
        context.print(&status::human(&told, args.all, &page));
    }
    Ok(super::gather::exit(&trusted, &gathered.plan))
}
