//! `greenlit publish`

mod connections;
mod guard;
mod progress;

use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::gather::Trusted;
use super::{Context, Exit, Failure, secrets};
use crate::failpoints;
use crate::plan::{Plan, Step};
use crate::publish::{Clock, Outcome, PublishError, Publisher};
use crate::view::escape;
use crate::view::publish as view;
use crate::workspace::AccountName;
use connections::{Connections, Media};
use progress::Progress;

/// Send what is approved and due, each post once
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These accounts alone: bluesky/acme; all where none is given
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,

    /// Show the plan and stop, as `greenlit plan` does
    #[arg(long)]
    dry_run: bool,

    /// Publish although no root is pinned: whoever can merge may then change who must approve
    #[arg(long)]
    trust_tip: bool,
}

/// Fetches, plans, claims, sends, records, and tells what became of it.
///
/// # Errors
/// When the workspace or its ledger cannot be used, the policy is not what admins approved, whoever runs it may not, or
/// other publishers are always faster: then nothing was sent.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, true)?;
    let settings = &trusted.settings;
    let accounts = wanted(&args.accounts, &trusted)?;
    secrets::refuse_clashes(settings.accounts.keys())?;
    let mut ledger = trusted.ledger(context)?;
    let narrow = |plan: &mut Plan| {
        plan.deliveries.retain(|delivery| accounts.is_empty() || accounts.contains(&delivery.key.account));
    };
    if args.dry_run {
        let mut gathered = trusted.gather(&ledger, context, None)?;
        narrow(&mut gathered.plan);
        return Ok(super::plan::show(&trusted, &gathered, context));
    }
    guard::refuse_without_root(&trusted, args.trust_tip, context)?;
    let runner = runner()?;
    let (evidence, seen) = trusted.see(&ledger, &runner, context.now)?;
    let mut plan = trusted.weigh(&evidence, &ledger, context, None)?;
    narrow(&mut plan);

    let connections = Connections::new(&trusted, context);
    let progress = Progress::new(context);
    let publisher = Publisher {
        workspace: &settings.workspace,
        runner: &runner,
        seen: &seen,
        connect: &|identity| connections.connect(identity),
        forgetful: &connections.forgetful(&accounts),
        media: &Media::new(context.repository()?),
        clock: &Running { now: context.now, started: Instant::now() },
        redact: &|text| secrets::redacted(text).into_owned(),
        progress: &|event| progress.tell(event),
    };
    if let Err(pending) = guard::refuse_while_pending(&trusted) {
        // What was decided is written down all the same: nobody undoes it by deleting commits until the policy is in force.
        publisher.note(&mut ledger).map_err(stopped)?;
        return Err(pending);
    }
    guard::refuse_others(&trusted, context.now)?;
    let outcome = publisher.publish(&plan, &mut ledger);
    progress.end();
    let outcome = outcome.map_err(stopped)?;
    if let Some(reason) = ledger.unwitnessed() {
        context.note(&format!(
            "The remote took the ledger without its witness refs/greenlit/ledger: fresh clones will not notice a rollback ({})",
            escape(reason)
        ));
    }
    if context.json() {
        context.print_json(&view::report(&plan, &outcome));
    } else {
        context.print(&view::human(&plan, &outcome, &context.page(settings.timezone)));
    }
    Ok(exit(&plan, &outcome))
}

/// The accounts that were asked for, which must be in the settings.
fn wanted(names: &[String], trusted: &Trusted) -> Result<Vec<AccountName>, Failure> {
    let known = &trusted.settings.accounts;
    let find = |name: &String| {
        let found = known.keys().find(|account| account.as_str() == name).cloned();
        found.ok_or_else(|| {
            let names: Vec<&str> = known.keys().map(AccountName::as_str).collect();
            let help = format!("greenlit.toml on {} has {}", trusted.branches.trusted, names.join(", "));
            Failure::usage("publish/account", format!("there is no account {name:?}"), help)
        })
    };
    names.iter().map(find).collect()
}

/// What waits for people is no fault in a run of CI; what is broken, failed or uncertain is.
fn exit(plan: &Plan, outcome: &Outcome) -> Exit {
    let is_broken = |step: &Step| matches!(step, Step::Broken { .. });
    if !outcome.fine() {
        Exit::Delivery
    } else if !plan.broken.is_empty() || plan.deliveries.iter().any(|delivery| is_broken(&delivery.step)) {
        Exit::Waits
    } else {
        Exit::Fine
    }
}

fn stopped(error: PublishError) -> Failure {
    let exit = if matches!(error, PublishError::Raced(_)) { Exit::Delivery } else { Exit::Broken };
    let mut failure = Failure::from(error);
    failure.exit = exit;
    failure
}

/// This run's name on the ledger: random, behind the name that CI gives its runner.
fn runner() -> Result<String, Failure> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::broken("publish/random", format!("the system gives no random numbers: {error}"), "try again")
    })?;
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // GitHub, GitLab.
    let given = ["RUNNER_NAME", "CI_RUNNER_DESCRIPTION"].iter().find_map(|name| std::env::var(name).ok());
    let name: String =
        given.unwrap_or_default().chars().filter(|c| c.is_alphanumeric() || "-_. ".contains(*c)).collect();
    let name: String = name.trim().chars().take(40).collect();
    Ok(if name.is_empty() { random } else { format!("{name} {random}") })
}

/// The run's clock: the time at which it began, and what has passed since.
struct Running {
    now: DateTime<Utc>,
    started: Instant,
}

impl Clock for Running {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.started.elapsed() + failpoints::passed()).unwrap_or_default();
        (self.now + passed).trunc_subsecs(0)
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(failpoints::nap(time));
    }
}
