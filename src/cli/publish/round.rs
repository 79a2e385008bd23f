//! One run: fetch, read, weigh, claim, send, record.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::clock::Wall;
use super::connections::{Connections, Media};
use super::progress::Progress;
use super::{Args, guard, reviews};
use crate::cli::gather::Trusted;
use crate::cli::{Context, Exit, Failure, secrets};
use crate::plan::{Plan, Step};
use crate::publish::{Outcome, PublishError, Publisher};
use crate::view::escape;
use crate::workspace::{AccountName, Due, hex};

/// What a run planned, and what became of it.
pub struct Done {
    /// What it read and decided.
    pub plan: Plan,
    /// What it did.
    pub outcome: Outcome,
    /// The workspace's zone.
    pub zone: Tz,
    /// What whoever runs it should know of how it is protected. Escaped.
    pub warnings: Vec<String>,
}

impl Done {
    /// What waits for people is no fault in a run of CI; what is broken, failed or uncertain is.
    pub fn exit(&self) -> Exit {
        let is_broken = |step: &Step| matches!(step, Step::Broken { .. });
        if !self.outcome.fine() {
            Exit::Delivery
        } else if !self.plan.broken.is_empty() || self.plan.deliveries.iter().any(|one| is_broken(&one.step)) {
            Exit::Waits
        } else {
            Exit::Fine
        }
    }

    /// When the next approved delivery falls due.
    pub fn next(&self) -> Option<DateTime<Utc>> {
        let dues = self.plan.deliveries.iter().filter_map(|delivery| match (&delivery.step, delivery.due) {
            (Step::LeftAlone { until }, _) => Some(*until),
            (Step::NotDue, Due::At(due)) => Some(due),
            _ => None,
        });
        dues.min()
    }
}

/// Makes a run at the context's time.
///
/// # Errors
/// When the workspace or its ledger cannot be used, the policy is not what admins approved, whoever runs it may not, or
/// other publishers are always faster: then nothing was sent.
pub fn run(args: &Args, context: &Context, wall: &Wall, progress: &Progress<'_>) -> Result<Done, Failure> {
    let clock = wall.run();
    let trusted = Trusted::read(context, true)?;
    let settings = &trusted.settings;
    let accounts = trusted.accounts(&args.accounts)?;
    secrets::refuse_clashes(settings.accounts.keys())?;
    let mut ledger = trusted.ledger(context)?;
    let warning = guard::refuse_without_root(&trusted, args.trust_tip)?;
    let runner = runner()?;
    let (mut evidence, seen) = trusted.see(&ledger, &runner, context.now)?;
    let plan = trusted.weigh(&evidence, &ledger, context, None)?;
    let (mut plan, doubts) = reviews::ask_again(&trusted, &mut evidence, plan, &ledger, context)?;
    narrow(&mut plan, &accounts);

    let connections = Connections::new(&trusted, context, &clock);
    let publisher = Publisher {
        workspace: &settings.workspace,
        runner: &runner,
        seen: &seen,
        window: &|account| settings.accounts.get(account).map_or(Duration::ZERO, |account| account.duplicate_window),
        connect: &|identity| connections.connect(identity),
        forgetful: &connections.forgetful(&accounts),
        media: &Media::new(context.repository()?),
        clock: &clock,
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
    let unwitnessed = ledger.unwitnessed().map(|reason| {
        format!(
            "The remote took the ledger without its witness refs/greenlit/ledger: fresh clones will not notice a rollback \
             ({})",
            escape(reason)
        )
    });
    let warnings = warning.map(str::to_owned).into_iter().chain(unwitnessed).chain(doubts).collect();
    Ok(Done { plan, outcome, zone: settings.timezone, warnings })
}

/// Leaves out the deliveries to other accounts than these, where any are named.
pub fn narrow(plan: &mut Plan, accounts: &[AccountName]) {
    plan.deliveries.retain(|delivery| accounts.is_empty() || accounts.contains(&delivery.key.account));
}

fn stopped(error: PublishError) -> Failure {
    let exit = if matches!(error, PublishError::Raced(_)) { Exit::Delivery } else { Exit::Broken };
    let mut failure = Failure::from(error);
    failure.exit = exit;
    failure
}

/// This run's name on the ledger: random, behind the name that CI gives its runner.
pub(in crate::cli) fn runner() -> Result<String, Failure> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::broken("publish/random", format!("the system gives no random numbers: {error}"), "try again")
    })?;
    let random = hex(&bytes);
    // GitHub, GitLab.
    let given = ["RUNNER_NAME", "CI_RUNNER_DESCRIPTION"].iter().find_map(|name| std::env::var(name).ok());
    let name: String =
        given.unwrap_or_default().chars().filter(|c| c.is_alphanumeric() || "-_. ".contains(*c)).collect();
    let name: String = name.trim().chars().take(40).collect();
    Ok(if name.is_empty() { random } else { format!("{name} {random}") })
}
