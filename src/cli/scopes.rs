//! What `hold` stops and `resume` lets go on: posts, accounts, campaigns, or everything.

use super::Failure;
use super::decide::Desk;
use crate::policy::{Decision, HoldScope};
use crate::view::decision::held;
use crate::view::escape;
use crate::view::page::{Page, listed};
use crate::workspace::{AccountName, Outline, PostId, suggest};

/// All but the posts, which are named first.
#[derive(Debug, clap::Args)]
pub struct Scopes {
    /// Everything that goes to these accounts, or to a network's accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,

    /// Every post of these campaigns
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Vec<String>,

    /// Every post, to every account
    #[arg(long, conflicts_with_all = ["account", "campaign"])]
    pub everything: bool,
}

impl Scopes {
    /// The scopes that are named; with `anyway` also those that nothing on the branch is known for.
    ///
    /// # Errors
    /// When there is no such account or campaign.
    pub fn named(&self, desk: &Desk<'_>, anyway: bool) -> Result<Vec<HoldScope>, Failure> {
        let mut scopes = Vec::new();
        if self.everything {
            scopes.push(HoldScope::Everything);
        }
        for name in &self.account {
            scopes.extend(accounts(desk, name, anyway)?.into_iter().map(HoldScope::Account));
        }
        for name in &self.campaign {
            scopes.push(HoldScope::Campaign(campaign(desk, name, anyway)?));
        }
        Ok(scopes)
    }
}

fn accounts(desk: &Desk<'_>, name: &str, anyway: bool) -> Result<Vec<AccountName>, Failure> {
    let known = &desk.trusted.settings.accounts;
    let is = |account: &&AccountName| account.as_str() == name || account.network() == name;
    let found: Vec<AccountName> = known.keys().filter(is).cloned().collect();
    match AccountName::new(name) {
        Ok(unknown) if found.is_empty() && anyway => Ok(vec![unknown]),
        _ if found.is_empty() => {
            let names: Vec<&str> = known.keys().map(AccountName::as_str).collect();
            let message = format!("there is no account {:?} in greenlit.toml", escape(name));
            Err(Failure::usage("hold/account", message, suggest::help(name, "accounts", &names)))
        }
        _ => Ok(found),
    }
}

/// A campaign as the posts write it; letters' case does not matter.
fn campaign(desk: &Desk<'_>, name: &str, anyway: bool) -> Result<String, Failure> {
    let mut known: Vec<&str> = desk.trusted.posts.iter().filter_map(|post| post.campaign.as_deref()).collect();
    known.sort_unstable();
    known.dedup();
    let found = known.iter().find(|one| one.to_lowercase() == name.to_lowercase());
    match found {
        Some(found) => Ok((*found).to_owned()),
        None if anyway => Ok(name.to_owned()),
        None => {
            let message = format!("no post on {} is of a campaign {:?}", escape(&desk.seen_on), escape(name));
            let help = format!("{}; for one that is still to come: --anyway", suggest::help(name, "campaigns", &known));
            Err(Failure::usage("hold/campaign", message, help))
        }
    }
}

/// A post that may be gone or broken, too: with `anyway` any name will do.
///
/// # Errors
/// When there is no such post.
pub fn post(desk: &Desk<'_>, name: &str, anyway: bool) -> Result<HoldScope, Failure> {
    desk.post_id(name).or_else(|unknown| PostId::new(name).ok().filter(|_| anyway).ok_or(unknown)).map(HoldScope::Post)
}

/// Whether a scope has to do with a post.
pub fn covers(scope: &HoldScope, post: &Outline) -> bool {
    match scope {
        HoldScope::Everything => true,
        HoldScope::Post(id) => post.id == *id,
        HoldScope::Account(account) => post.to.contains(account),
        HoldScope::Campaign(name) => {
            post.campaign.as_ref().is_some_and(|campaign| campaign.to_lowercase() == name.to_lowercase())
        }
    }
}

/// How people say it: `everything`, `launch and the account bluesky/acme`.
pub fn in_words(scopes: &[HoldScope]) -> String {
    let word = |scope: &HoldScope| match scope {
        HoldScope::Everything => "everything".to_owned(),
        HoldScope::Post(post) => escape(post.as_str()).into_owned(),
        HoldScope::Account(account) => format!("the account {}", escape(account.as_str())),
        HoldScope::Campaign(name) => format!("the campaign {}", escape(name)),
    };
    listed(&scopes.iter().map(word).collect::<Vec<_>>(), "and")
}

/// How to name a scope to `greenlit resume`.
pub fn as_argument(scope: &HoldScope) -> String {
    match scope {
        HoldScope::Everything => "--everything".to_owned(),
        HoldScope::Post(post) => post.to_string(),
        HoldScope::Account(account) => format!("--account {account}"),
        HoldScope::Campaign(name) => format!("--campaign {name:?}"),
    }
}

/// Holds that stand, a line for each with its commit.
pub fn standing(holds: &[&Decision], page: &Page) -> String {
    let line = |hold: &&Decision| {
        let commit = hold.commit.as_deref().and_then(|commit| commit.get(..10)).unwrap_or_default();
        page.hanging(2, 4, &format!("‖ {} [{commit}]", held(hold, page)))
    };
    holds.iter().map(line).collect()
}
