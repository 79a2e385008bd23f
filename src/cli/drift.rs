//! `greenlit drift`

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::gather::Trusted;
use super::publish::clock::Wall;
use super::publish::connections::{Connections, Media};
use super::publish::progress::Progress;
use super::publish::stop::Stop;
use super::{Context, Exit, Failure, secrets};
use crate::ledger::{Published, Store};
use crate::network;
use crate::publish::{Out, Publisher};
use crate::render::Reconcile;
use crate::view::drift::{self as view, Drift};
use crate::view::escape;
use crate::workspace::{AccountName, PostId, time};

/// How far back is looked where nobody says.
const USUAL: TimeDelta = TimeDelta::days(90);

/// Compare what is live on the networks with what was approved and published: edited there, deleted, unchanged
///
/// It asks each account, which needs the secrets that publish needs, and writes nothing. Where no posts are named it looks
/// at what was published in the last 90 days. It ends with 0 where nothing drifted, with 1 where something did, and with 4
/// where something could not be asked. What drifted is never sent again by itself.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These posts alone, by id or file, however old; all where none is given
    posts: Vec<String>,

    /// These accounts alone: bluesky/acme; all where none is given
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,

    /// What was published within this time: 30d, 12h
    #[arg(long, value_name = "TIME", value_parser = time::duration)]
    since: Option<Duration>,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// Reads what is out by the ledger, asks the networks what stands there, and tells.
///
/// # Errors
/// When the workspace or its ledger cannot be used, or nothing of a named post is out.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    let accounts = trusted.accounts(&args.accounts)?;
    secrets::refuse_clashes(trusted.settings.accounts.keys())?;
    let ledger = trusted.ledger(context)?;
    let mut receipts = ledger.published()?;
    let posts = posts(&args.posts, &trusted, &ledger, &receipts)?;
    receipts.retain(|receipt| is_wanted(receipt, &posts, &accounts));
    let since = args.since_when(context.now);
    let before = receipts.len();
    receipts.retain(|receipt| since.is_none_or(|since| receipt.published_at >= since));
    let older = before - receipts.len();
    let changed = trusted.changed_since(&receipts)?;

    let all = receipts.into_iter().map(|receipt| out(receipt, &ledger)).collect::<Result<Vec<_>, _>>()?;
    let clock = Wall::new(context, Stop::default());
    let connections = Connections::new(&trusted, context, &clock).only_looking();
    let progress = Progress::new(context, context.verbose == 0 && !std::io::stderr().is_terminal());
    let looked = Publisher {
        workspace: &trusted.settings.workspace,
        runner: "drift",
        seen: &[],
        window: &|_| Duration::ZERO,
        connect: &|identity| connections.connect(identity),
        forgetful: &[],
        media: &Media::new(context.repository()?),
        clock: &clock,
        redact: &|text| secrets::redacted(text).into_owned(),
        progress: &|event| progress.tell(event),
    }
    .look(all);
    progress.end();

    let all = context.verbose > 0 || !args.posts.is_empty();
    let drift = Drift { looked: &looked, changed: &changed, since, older, all };
    if context.json() {
        context.print_json(&view::report(&drift, context.now));
    } else {
        context.print(&view::human(&drift, &context.page(trusted.settings.timezone)));
    }
    Ok(match (drift.is_unsure(), drift.drifted()) {
        (true, _) => Exit::Delivery,
        (false, true) => Exit::Waits,
        (false, false) => Exit::Fine,
    })
}

impl Args {
    /// From when on deliveries are looked at.
    fn since_when(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let back = match self.since {
            Some(since) => TimeDelta::from_std(since).ok(),
            None => self.posts.is_empty().then_some(USUAL),
        };
        now.checked_sub_signed(back?)
    }
}

/// A delivery that is out, to a network of which that is known.
fn out(receipt: Published, store: &dyn Store) -> Result<Out, Failure> {
    let network = network::named(receipt.key.account.network());
    Ok(Out {
        can_be_asked: network.is_none_or(|network| network.capability().reconcile != Reconcile::None),
        comes_back: network.is_some_and(|network| network.forgets()),
        ..Out::read(receipt, store)?
    })
}

/// The posts of these names or files, of which something is out.
fn posts(
    names: &[String],
    trusted: &Trusted,
    store: &dyn Store,
    receipts: &[Published],
) -> Result<BTreeSet<PostId>, Failure> {
    let is_out = |post: &PostId| receipts.iter().any(|receipt| receipt.key.post == *post);
    let find = |name: &String| {
        // A post may be gone from the branch, and what went out is still there.
        let post = match PostId::new(name).ok().filter(is_out) {
            Some(post) => post,
            None => trusted.post_id(name, store)?,
        };
        if is_out(&post) {
            return Ok(post);
        }
        let message = format!("nothing of {} is out", escape(post.as_str()));
        Err(Failure::usage("drift/not-out", message, "`greenlit status --all` tells where every post stands"))
    };
    names.iter().map(find).collect()
}

fn is_wanted(receipt: &Published, posts: &BTreeSet<PostId>, accounts: &[AccountName]) -> bool {
    let key = &receipt.key;
    (posts.is_empty() || posts.contains(&key.post)) && (accounts.is_empty() || accounts.contains(&key.account))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn named_posts_are_looked_at_however_old_they_are() {
        let now: DateTime<Utc> = "2026-12-01T09:00:00Z".parse().unwrap();
        let back = |line: &str| {
            let args = Line::try_parse_from(line.split(' ')).unwrap().args;
            args.since_when(now).map(|since| (now - since).num_hours())
        };
        assert_eq!(back("drift"), Some(90 * 24));
        assert_eq!(back("drift --account bluesky/acme --since 12h"), Some(12));
        assert_eq!(back("drift autumn"), None);
        assert_eq!(back("drift autumn --since 2d"), Some(48));
    }
}
