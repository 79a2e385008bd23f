//! `greenlit publish`

pub(super) mod clock;
pub(super) mod connections;
pub(super) mod guard;
mod journal;
pub(super) mod progress;
mod reviews;
pub(super) mod round;
mod rounds;
pub(super) mod stop;

use std::time::Duration;

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::view::publish as view;
use crate::workspace::time;
use clock::Wall;
use journal::Journal;
use progress::Progress;
use rounds::{Mode, Round, rounds};
use stop::Stop;

/// Send what is approved and due, each post once
///
/// With --within or --watch it tells a line for each thing that happens, with its time; with --format json a report for
/// the first round and each that had something to do, one a line. SIGTERM and ctrl-c end it cleanly: what is being sent is
/// finished and recorded; a second signal ends it at once.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These accounts alone: bluesky/acme; all where none is given
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,

    /// Stay for so long, and send each delivery at its minute: 20m for a job that runs every 15 minutes
    #[arg(long, value_name = "TIME", value_parser = window)]
    within: Option<Duration>,

    /// Stay for good, on a machine of your own: fetch and publish at every due minute, and look again every --every
    #[arg(long, conflicts_with = "within")]
    watch: bool,

    /// How often --watch looks at least
    #[arg(long, value_name = "TIME", value_parser = pace, default_value = "60s", requires = "watch")]
    every: Duration,

    /// Show the plan and stop, as `greenlit plan` does
    #[arg(long, conflicts_with_all = ["within", "watch"])]
    dry_run: bool,

    /// Publish although no root is pinned: whoever can merge may then change who must approve
    #[arg(long)]
    trust_tip: bool,
}

/// Fetches, plans, claims, sends, records, and tells what became of it; once, or again and again.
///
/// # Errors
/// When the workspace or its ledger cannot be used, the policy is not what admins approved, whoever runs it may not, or
/// other publishers are always faster: then nothing was sent.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.dry_run {
        return rehearse(args, context);
    }
    guard::refuse_strangers(|name| std::env::var(name).ok())?;
    let clock = Wall::new(context, Stop::listening()?);
    let Some(mode) = args.mode() else { return once(args, context, &clock) };
    let journal = Journal::new(context, &clock, mode);
    let progress = Progress::new(context, context.verbose == 0);
    rounds(
        mode,
        &clock,
        &mut |now| {
            let done = round::run(args, &Context { now, ..context.clone() }, &clock, &progress)?;
            journal.round(&done);
            Ok(Round { exit: done.exit(), next: done.next() })
        },
        &mut |between| journal.between(&between),
    )
}

fn once(args: &Args, context: &Context, clock: &Wall) -> Result<Exit, Failure> {
    let done = round::run(args, context, clock, &Progress::new(context, false))?;
    done.warnings.iter().for_each(|warning| context.note(warning));
    if context.json() {
        context.print_json(&view::report(&done.plan, &done.outcome));
    } else {
        context.print(&view::human(&done.plan, &done.outcome, &context.page(done.zone)));
    }
    Ok(done.exit())
}

fn rehearse(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, true)?;
    let accounts = trusted.accounts(&args.accounts)?;
    super::secrets::refuse_clashes(trusted.settings.accounts.keys())?;
    let mut gathered = trusted.gather(&trusted.ledger(context)?, context, None)?;
    round::narrow(&mut gathered.plan, &accounts);
    Ok(super::plan::show(&trusted, &gathered, context))
}

impl Args {
    fn mode(&self) -> Option<Mode> {
        let watch = self.watch.then_some(Mode::Watch(self.every));
        watch.or(self.within.map(Mode::Within))
    }
}

/// A window: up to a day, which no CI job survives.
fn window(text: &str) -> Result<Duration, String> {
    bounded(text, 1, 24 * 3600, "write a time between `1s` and `24h`; `--watch` stays for good")
}

/// How often to look: often enough to be of use, and not so often that the git host minds.
fn pace(text: &str) -> Result<Duration, String> {
    bounded(text, 1, 3600, "write a time between `1s` and `1h`")
}

fn bounded(text: &str, least: u64, most: u64, help: &str) -> Result<Duration, String> {
    let time = time::duration(text)?;
    if (least..=most).contains(&time.as_secs()) { Ok(time) } else { Err(help.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_within_bounds() {
        assert_eq!(window("20m"), Ok(Duration::from_secs(1200)));
        assert_eq!(pace("60s"), Ok(Duration::from_secs(60)));
        for text in ["", "0s", "25h", "20 m", "-1s"] {
            assert!(window(text).is_err() && pace(text).is_err(), "{text}");
        }
    }
}
