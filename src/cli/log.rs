//! `greenlit log`

use super::gather::Trusted;
use super::thread::{quotes, text_at};
use super::{Context, Exit, Failure};
use crate::ledger::{DeliveryKey, Entry, Store};
use crate::policy::{Dossiers, Statement, Verb, who};
use crate::view::log::{self, Edit, Story};
use crate::workspace::{AccountName, PostId};

/// The story of a post, from its first draft to its receipts
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by name or file
    post: String,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// Tells what happened to a post, in order.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used, or there is no such post.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    let ledger = trusted.ledger(context)?;
    let post = named(&trusted, &args.post, &ledger)?;
    let gathered = trusted.gather(&ledger, context, Some(std::slice::from_ref(&post)))?;

    let dossiers = Dossiers::new(&gathered.evidence);
    let statements = trusted.repository.newest_first(dossiers.of(&post))?;
    let roles_then = trusted.roles_then();
    let name = |statement: &Statement| who(statement, &trusted.roles, roles_then(statement).as_deref());
    let said: Vec<(&Statement, String)> = statements.iter().map(|one| (*one, name(one))).collect();

    let path = trusted.path_of(&post).unwrap_or_default();
    let now = text_at(&trusted, trusted.tip, path);
    let quotes = quotes(&trusted, path, &statements, now.as_deref());
    let accounts = accounts(&post, &statements, &gathered.plan.deliveries);
    let mut entries: Vec<Entry> = Vec::new();
    for account in accounts {
        entries.extend(ledger.entries(&DeliveryKey::once(post.clone(), account))?);
    }

    let story = Story {
        post: &post,
        told: gathered.told(&trusted, None),
        edits: &edits(&trusted, &post)?,
        statements: &said,
        quotes: &quotes,
        entries: &entries,
    };
    if context.json() {
        context.print_json(&log::report(&story));
    } else {
        context.print(&log::human(&story, &context.page(trusted.settings.timezone)));
    }
    Ok(Exit::Fine)
}

/// The post of this name, which may be gone from the branch while its story is not.
fn named(trusted: &Trusted, name: &str, ledger: &dyn Store) -> Result<PostId, Failure> {
    trusted.post_id(name, ledger).or_else(|unknown| {
        let evidence = trusted.evidence(ledger)?;
        let decided = |post: &PostId| !Dossiers::new(&evidence).about(post).is_empty();
        PostId::new(name).ok().filter(decided).ok_or(unknown)
    })
}

/// The accounts that the post goes to, went to, or was approved or retracted for.
fn accounts(post: &PostId, statements: &[&Statement], deliveries: &[crate::plan::Delivery]) -> Vec<AccountName> {
    let approved = statements.iter().flat_map(|statement| &statement.verbs).filter_map(|verb| match verb {
        Verb::Approve { post: named, account, .. } | Verb::Retract { post: named, account, .. } if named == post => {
            Some(account.clone())
        }
        _ => None,
    });
    let mut accounts: Vec<AccountName> =
        deliveries.iter().map(|delivery| delivery.key.account.clone()).chain(approved).collect();
    accounts.sort();
    accounts.dedup();
    accounts
}

/// The commits that changed the post's file. A post whose file is gone has none: its name alone is left.
fn edits(trusted: &Trusted, post: &PostId) -> Result<Vec<Edit>, Failure> {
    let Some(path) = trusted.path_of(post) else { return Ok(Vec::new()) };
    let history = trusted.repository.history(trusted.tip, path)?;
    let edit = |change: crate::git::Change| Edit {
        commit: change.commit.to_string(),
        by: change.author,
        at: change.date,
        subject: change.subject,
    };
    Ok(history.into_iter().map(edit).collect())
}
