//! `greenlit ledger`

mod claims;

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::ledger::Store;
use crate::view::ledger::{self, Told, Verified};
use claims::Claims;

/// What the publisher's ledger holds, and whether all of it is true
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Fetch from the remote first
    #[arg(long, global = true)]
    fetch: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Verify(Verify),
}

/// Walk the whole ledger from its pinned beginning: nothing taken away, every entry in its place and approved
#[derive(Debug, clap::Args)]
struct Verify {}

/// Shows the ledger, or walks all of it.
///
/// # Errors
/// When the workspace cannot be used, or its ledger is missing, rolled back or another one.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    match &args.verb {
        None => show(&trusted, context),
        Some(Verb::Verify(_)) => verify(&trusted, context),
    }
}

fn show(trusted: &Trusted, context: &Context) -> Result<Exit, Failure> {
    let ledger = trusted.ledger(context)?;
    let mut open = Vec::new();
    for key in ledger.open()?.keys {
        let state = ledger.state(&key)?;
        open.push((key, state));
    }
    let told = Told {
        root: ledger.root().to_string(),
        tip: ledger.tip().to_string(),
        witness: trusted.repository.witness(&trusted.branches)?.map(|commit| commit.to_string()),
        remote: trusted.branches.remote.as_deref(),
        overview: ledger.overview()?,
        open,
    };
    if context.json() {
        context.print_json(&ledger::report(&told));
    } else {
        context.print(&ledger::human(&told, &context.page(trusted.settings.timezone)));
    }
    Ok(Exit::Fine)
}

fn verify(trusted: &Trusted, context: &Context) -> Result<Exit, Failure> {
    let ledger = trusted.ledger(context)?;
    let mut claims = Claims::new(trusted, &ledger)?;
    let walked = ledger.verify(&mut |word| claims.flaws(word))?;
    let verified = Verified { root: ledger.root().to_string(), tip: ledger.tip().to_string(), walked };
    if context.json() {
        context.print_json(&ledger::verified(&verified));
    } else {
        context.print(&ledger::verified_human(&verified, &context.page(trusted.settings.timezone)));
    }
    Ok(if verified.holds() { Exit::Fine } else { Exit::Broken })
}
