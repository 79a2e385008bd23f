//! `greenlit plan`

use super::gather::{Gathered, Trusted};
use super::{Context, Exit, Failure};
use crate::view::plan;
use crate::workspace::PostId;

/// What publish would do now, and why not more
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These posts alone, by name or file; all where none is given
    posts: Vec<String>,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// Shows what publish would do, and for what it would not send, why. Sends nothing, writes nothing.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used, or there is no such post.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    let ledger = trusted.ledger(context)?;
    let only = args.posts.iter().map(|name| trusted.post_id(name, &ledger)).collect::<Result<Vec<PostId>, _>>()?;
    let only = (!only.is_empty()).then_some(only);
    let gathered = trusted.gather(&ledger, context, only.as_deref())?;
    Ok(show(&trusted, &gathered, context))
}

/// Prints a plan.
pub fn show(trusted: &Trusted, gathered: &Gathered, context: &Context) -> Exit {
    let told = gathered.told(trusted, None);
    if context.json() {
        context.print_json(&plan::report(&told));
    } else {
        context.print(&plan::human(&told, &context.page(trusted.settings.timezone)));
    }
    super::gather::exit(trusted, &gathered.plan)
}
