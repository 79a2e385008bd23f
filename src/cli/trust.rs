//! `greenlit trust`

use chrono::{DateTime, Utc};

use super::gather::Trusted;
use super::gather::policy::{policy, policy_files};
use super::root::{Root, SETTING, VARIABLE};
use super::{Context, Exit, Failure};
use crate::policy::Era;
use crate::view::escape;
use crate::view::trust::{self, Told};

/// Which policies were in force, who approved each, and what waits
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Pin(Pin),
}

/// Print the line that pins the policy on the trusted branch as the root of trust
#[derive(Debug, clap::Args)]
struct Pin {
    /// Pin it for this clone, too: git config greenlit.root
    #[arg(long)]
    here: bool,

    /// Pin although the policy is not what admins approved since the present root
    #[arg(long)]
    anyway: bool,
}

/// What `greenlit trust pin --format json` prints.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Pinned {
    version: u32,
    /// The commit.
    root: String,
    /// The line for CI.
    line: String,
    /// Whether this clone has it now.
    here: bool,
}

/// Shows the chain of policies, or pins its root.
///
/// # Errors
/// When the workspace cannot be used, or the root is not on the trusted branch.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.verb {
        None => show(args, context),
        Some(Verb::Pin(pin)) => self::pin(pin, args.fetch, context),
    }
}

fn show(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    let root = Root::of(context.root.as_ref(), &trusted.repository)?;
    let chain = trusted.chain.as_ref();
    let dates: Vec<Option<DateTime<Utc>>> =
        chain.iter().flat_map(|chain| chain.eras()).map(|era| date(&trusted, era)).collect();
    let told = Told {
        chain,
        source: root.as_ref().map_or("", Root::source),
        branch: &trusted.branches.trusted,
        roles: &trusted.roles,
        dates: &dates,
    };
    if context.json() {
        context.print_json(&trust::report(&told));
    } else {
        context.print(&trust::human(&told, &context.page(trusted.settings.timezone)));
    }
    let waits = chain.is_none_or(|chain| chain.pending().is_some());
    Ok(if waits { Exit::Waits } else { Exit::Fine })
}

fn date(trusted: &Trusted, era: &Era) -> Option<DateTime<Utc>> {
    let commit = trusted.repository.raw_commit(era.commit.parse().ok()?).ok()?.ok()?;
    Some(commit.committer().date)
}

/// The commit that can be pinned as the root of trust: the trusted branch's tip, where its policy is in force.
///
/// # Errors
/// When admins have not approved what stands there, or it cannot be used.
pub fn pinnable(trusted: &Trusted) -> Result<String, Failure> {
    if let Some(pending) = trusted.chain.as_ref().and_then(|chain| chain.pending()) {
        return Err(Failure::new(
            Exit::Broken,
            "trust/pending",
            format!(
                "greenlit.toml or roles.toml was changed (commit {:.10}) and admins have not approved that: {}",
                pending.commit,
                escape(&pending.decision.reason)
            ),
            "an admin approves the change first: `greenlit approve --policy`; to trust it all the same: --anyway",
        ));
    }
    let files = policy_files(&trusted.repository.files(trusted.tip)?);
    policy(&files).map_err(|reason| {
        let message = format!("the policy at {:.10} cannot be used: {}", trusted.tip, escape(&reason));
        Failure::broken("trust/unusable", message, "correct it, `greenlit check` shows each error in its place")
    })?;
    Ok(trusted.tip.to_string())
}

fn pin(pin: &Pin, fetch: bool, context: &Context) -> Result<Exit, Failure> {
    let trusted = if pin.anyway { Trusted::read_unpinned(context, fetch)? } else { Trusted::read(context, fetch)? };
    let commit = pinnable(&trusted)?;
    if pin.here {
        trusted.repository.program().run(&["config", "--local", SETTING, &commit])?;
    }
    let line = format!("{VARIABLE}={commit}");
    if context.json() {
        context.print_json(&Pinned { version: 1, root: commit, line, here: pin.here });
        return Ok(Exit::Fine);
    }
    let page = context.page(trusted.settings.timezone);
    let mut out = format!("{line}\n\n");
    let branch = escape(&trusted.branches.trusted);
    out += &page.wrapped(
        0,
        &format!(
            "Trust begins with greenlit.toml and roles.toml of {branch} at this commit; from there on an admin approves \
             each change of them: `greenlit approve --policy`."
        ),
    );
    out += "\n";
    out += &page.wrapped(
        0,
        "For the job that publishes, set the line where only admins can change it, outside of the repository. GitHub: \
         Settings, Secrets and variables, Actions, Variables. GitLab: Settings, CI/CD, Variables, protected.",
    );
    out += &page.wrapped(
        0,
        if pin.here {
            "This clone has it now: `git config greenlit.root`."
        } else {
            "For this clone: `greenlit trust pin --here`."
        },
    );
    if trusted.chain.as_ref().is_some_and(|chain| chain.eras().first().is_some_and(|root| root.commit != commit)) {
        out += &page
            .wrapped(0, "What was approved before this commit does not count under the new root: approve it again.");
    }
    context.print(&out);
    Ok(Exit::Fine)
}
