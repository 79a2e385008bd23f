//! `greenlit retract`

use std::collections::BTreeSet;

use super::decide::{Desk, Options, REHEARSAL, Saying};
use super::decided::{Outcome, told};
use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::git::ledger::GitLedger;
use crate::ledger::{DeliveryKey, PartReceipt, State, Store};
use crate::network;
use crate::plan::{Delivery, Plan};
use crate::policy::{Dossiers, Retraction, Verb};
use crate::render::Digest;
use crate::view::escape;
use crate::view::page::{Page, counted, listed};
use crate::workspace::{AccountName, PostId};

/// Take a published post down, or hold back for good what is not out yet
///
/// It records your signed word; the next run of `greenlit publish`, which has the accounts' secrets, takes down what is
/// out, parts of a thread from the last to the first. Until then `greenlit withdraw` takes the word back. Afterwards
/// nothing ever sends that post to that account again, also with other words: the way to publish again is a new post.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by id, by file, or by its address on the network; its file may be gone
    post: String,

    /// Only from these accounts, or from a network's accounts; from all where none is given
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,

    /// Why, for those who wonder where it went
    #[arg(short = 'm', long, alias = "message", value_name = "WHY")]
    reason: String,

    /// Show what would be taken down, and record nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    options: Options,
}

/// A delivery that can be retracted.
struct Target {
    key: DeliveryKey,
    /// What is out, or on its way; else what would go out.
    digest: Digest,
    state: State,
}

/// What there is of a post, and what keeps each of its deliveries from being retracted.
#[derive(Default)]
struct Found {
    targets: Vec<Target>,
    /// Taken down already.
    down: Vec<AccountName>,
    /// Asked for already, and by whom.
    asked: Vec<(AccountName, String)>,
    /// Their networks take nothing down.
    stuck: Vec<AccountName>,
    /// They have errors, and nothing of them is out.
    broken: Vec<AccountName>,
}

/// Shows what is out, records the word, pushes it, and says what the next run of publish does with it.
///
/// # Errors
/// When there is nothing to take down, the network cannot do that, or the word would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let desk = &mut Desk::open_on_trusted(&args.options, context)?;
    let found = {
        let ledger = desk.trusted.ledger(context)?;
        find(args, desk, &ledger)?
    };
    let Some(post) = found.targets.first().map(|target| target.key.post.clone()) else {
        return Err(nothing(args, &found));
    };
    let verb = |target: &Target| Verb::Retract {
        post: post.clone(),
        account: target.key.account.clone(),
        digest: target.digest.clone(),
    };
    let name = escape(post.as_str()).into_owned();
    let saying = Saying {
        subject: format!("Retract {post}"),
        text: args.reason.clone(),
        verbs: found.targets.iter().map(verb).collect(),
        ..Saying::default()
    };
    if !args.options.anyway {
        desk.person()?;
        refuse_in_vain(desk, &found.targets, &saying)?;
    }
    let page = context.page(desk.trusted.settings.timezone);
    if !context.json() {
        context.print(&what_is_out(&found, &page));
    }
    if args.dry_run {
        if context.json() {
            let plan = desk.rehearse(std::slice::from_ref(&post), &saying)?;
            told(desk, "retract", "", &[], Some(&plan));
        } else {
            context.print("Nothing was recorded: this was only a look (--dry-run).\n");
        }
        return Ok(Exit::Fine);
    }
    if !desk.confirmed(&format!("Retract {name}?")) {
        context.note("Nothing was retracted.");
        return Ok(Exit::Waits);
    }
    let outcome = Outcome::of(desk.make(saying)?);
    desk.look_again()?;
    let plan = desk.plan(std::slice::from_ref(&post))?;
    let sentence = format!("Asked to retract {name}");
    let exit = if context.json() {
        told(desk, "retract", &sentence, &[outcome], Some(&plan))
    } else {
        told(desk, "retract", &sentence, &[outcome], None)
    };
    if !context.json() {
        context.print(&next(&name, &found, &plan, desk, &page));
    }
    Ok(if exit == Exit::Fine && !found.stuck.is_empty() { Exit::Waits } else { exit })
}

/// What there is of the post on the accounts that are meant.
fn find(args: &Args, desk: &Desk<'_>, ledger: &GitLedger<'_>) -> Result<Found, Failure> {
    let (post, mut keys) = keys(&args.post, &desk.trusted, ledger)?;
    let meant = |account: &AccountName| {
        let is = |wanted: &String| account.as_str() == wanted || account.network() == wanted;
        args.account.is_empty() || args.account.iter().any(is)
    };
    keys.retain(|key| meant(&key.account));
    let plan = desk.plan(&[post])?;
    let mut found = Found::default();
    for key in keys {
        let delivery = plan.deliveries.iter().find(|delivery| delivery.key == key);
        let asked = delivery.and_then(|one| one.retraction.as_deref());
        let asked =
            asked.filter(|asked| asked.is_complete() || asked.asked.iter().any(|one| is_mine(&one.commit, desk)));
        if let Some(asked) = asked.filter(|_| !args.options.anyway) {
            found.asked.push((key.account, asked.by()));
            continue;
        }
        sort_in(key, delivery, ledger, &mut found)?;
    }
    Ok(found)
}

fn is_mine(commit: &str, desk: &Desk<'_>) -> bool {
    desk.evidence.statements.iter().any(|statement| statement.commit == commit && desk.is_mine(statement))
}

fn sort_in(
    key: DeliveryKey,
    delivery: Option<&Delivery>,
    ledger: &GitLedger<'_>,
    found: &mut Found,
) -> Result<(), Failure> {
    let deletes = network::named(key.account.network()).is_some_and(|network| network.capability().deletes);
    let state = ledger.state(&key)?;
    let digest = match &state {
        State::Retracted(_) => {
            found.down.push(key.account);
            return Ok(());
        }
        State::Published(out) if deletes => Some(out.digest.clone()),
        State::Failed(failed) if deletes && !failed.parts.is_empty() => Some(failed.digest.clone()),
        State::Published(_) => None,
        State::Failed(failed) if !failed.parts.is_empty() => None,
        State::Claimed(claim) | State::Uncertain(claim, _) => Some(claim.digest.clone()),
        State::New | State::Failed(_) => {
            let Some(delivery) = delivery else { return Ok(()) };
            match &delivery.digest {
                Some(digest) => Some(digest.clone()),
                None => {
                    found.broken.push(key.account);
                    return Ok(());
                }
            }
        }
    };
    match digest {
        Some(digest) => found.targets.push(Target { key, digest, state }),
        None => found.stuck.push(key.account),
    }
    Ok(())
}

/// The deliveries that are meant by a post's name, its file, or its address on a network.
fn keys(name: &str, trusted: &Trusted, ledger: &GitLedger<'_>) -> Result<(PostId, BTreeSet<DeliveryKey>), Failure> {
    let known = trusted.post_id(name, ledger);
    let Ok(post) = known else {
        // Its file may be gone, and what went out is still there. This reads every receipt.
        let out: BTreeSet<DeliveryKey> = ledger.published_as(name)?.into_iter().collect();
        return match (out.first().map(|key| key.post.clone()), known) {
            (Some(post), _) => Ok((post, out)),
            (None, known) => known.map(|post| (post, BTreeSet::new())),
        };
    };
    let written = trusted.known(post.as_str()).into_iter().flat_map(|known| &known.to);
    let accounts = trusted.settings.accounts.keys().chain(written);
    let mut keys: BTreeSet<DeliveryKey> =
        accounts.map(|account| DeliveryKey::once(post.clone(), account.clone())).collect();
    keys.extend(ledger.open()?.keys.into_iter().filter(|key| key.post == post));
    Ok((post, keys))
}

fn nothing(args: &Args, found: &Found) -> Failure {
    let name = escape(&args.post).into_owned();
    let list = |accounts: &[AccountName]| {
        let names: Vec<String> = accounts.iter().map(|account| escape(account.as_str()).into_owned()).collect();
        listed(&names, "and")
    };
    let look = format!("`greenlit log {name}` tells all that happened to it");
    if !found.stuck.is_empty() {
        let message = format!("{} cannot take back what it was sent: {name} stays out", list(&found.stuck));
        let help = "ask whoever runs the receiver to take it down there; greenlit never sends it again";
        return Failure::new(Exit::Waits, "retract/cannot", message, help);
    }
    if let Some((_, by)) = found.asked.first() {
        let accounts: Vec<AccountName> = found.asked.iter().map(|(account, _)| account.clone()).collect();
        let message = format!("{} asked already to retract {name} from {}", escape(by), list(&accounts));
        let help = format!("the next `greenlit publish` does it; `greenlit withdraw {name}` takes one's own word back");
        return Failure::new(Exit::Waits, "retract/asked", message, help);
    }
    if !found.broken.is_empty() {
        let message = format!("nothing of {name} is out, and with its errors nothing goes out");
        let help = "correct it first (`greenlit check`), or remove its file, or write `draft: true` into it";
        return Failure::new(Exit::Waits, "retract/broken", message, help);
    }
    if !found.down.is_empty() {
        let message = format!("{name} was retracted already from {}", list(&found.down));
        return Failure::new(Exit::Waits, "retract/done", message, look);
    }
    let there = match args.account.as_slice() {
        [] => String::new(),
        accounts => format!(" on {}", escape(&accounts.join(", "))),
    };
    Failure::usage(
        "retract/nothing",
        format!("nothing of {name} is out{there}, and nothing of it is to go there"),
        "`greenlit status --all` shows where every post stands",
    )
}

/// Tries the word out.
fn refuse_in_vain(desk: &Desk<'_>, targets: &[Target], saying: &Saying) -> Result<(), Failure> {
    let mut evidence = desk.evidence.clone();
    evidence.statements.push(desk.statement(saying));
    let dossiers = Dossiers::new(&evidence);
    for Target { key, state, .. } in targets {
        let judged = desk.trusted.retraction_of(key, state, &dossiers.of(&key.post), desk.context.now)?;
        let vain = judged.iter().flat_map(|retraction| &retraction.vain).find(|vain| vain.commit == REHEARSAL);
        if let Some(vain) = vain {
            return Err(Failure::new(
                Exit::Waits,
                "retract/in-vain",
                format!("your word would not count: {}", escape(&vain.reason)),
                "ask one of them, or an admin; who may is set by `[policy] retract` in roles.toml; to say it all the \
                 same: --anyway",
            ));
        }
    }
    Ok(())
}

/// What would be taken down, and what would be held back.
fn what_is_out(found: &Found, page: &Page) -> String {
    let mut out = String::new();
    for Target { key, state, .. } in &found.targets {
        let (told, parts): (String, &[PartReceipt]) = match state {
            State::Published(receipt) => (format!("out since {}", page.time(receipt.published_at)), &receipt.parts),
            State::Failed(failed) if !failed.parts.is_empty() => {
                (format!("{} out, and refused half way", are(failed.parts.len())), &failed.parts)
            }
            State::Uncertain(_, noted) if noted.parts.is_empty() => {
                ("nobody knows whether it is out; the network is asked".to_owned(), &[])
            }
            State::Uncertain(_, noted) => {
                (format!("{} out, and perhaps more; the network is asked", are(noted.parts.len())), &noted.parts)
            }
            State::Claimed(claim) => (format!("being sent by run {}", escape(&claim.runner)), &[]),
            State::New | State::Failed(_) | State::Retracted(_) => ("not out; never goes out".to_owned(), &[]),
        };
        out += &page.wrapped(0, &format!("{}: {told}", escape(&key.to_string())));
        for place in PartReceipt::places(parts) {
            out += &format!("  {}\n", escape(place));
        }
    }
    for account in &found.stuck {
        let text = format!("{}: cannot take back what it was sent; it stays out", escape(account.as_str()));
        out += &page.wrapped(0, &text);
    }
    out
}

fn are(parts: usize) -> String {
    format!("{} {}", counted(parts, "part"), if parts == 1 { "is" } else { "are" })
}

/// What happens now.
fn next(name: &str, found: &Found, plan: &Plan, desk: &Desk<'_>, page: &Page) -> String {
    let targets = || found.targets.iter().map(|target| &target.key);
    let stands = |key: &DeliveryKey| plan.deliveries.iter().find(|one| one.key == *key)?.retraction.as_deref();
    let lacking: Option<&Retraction> = targets().filter_map(stands).find(|retraction| !retraction.is_complete());
    let mut out = match lacking {
        Some(retraction) => {
            let people: Vec<String> =
                retraction.turn.iter().map(|id| escape(desk.trusted.roles.name_of(id)).into_owned()).collect();
            let who = if people.is_empty() { String::new() } else { format!(", {}", listed(&people, "or")) };
            let more = if retraction.lacks == 1 {
                "one more asks".to_owned()
            } else {
                format!("{} more ask", retraction.lacks)
            };
            page.wrapped(0, &format!("Nothing is taken down until {more} for it{who}, with `greenlit retract {name}`."))
        }
        None if found.targets.iter().all(|target| matches!(target.state, State::New)) => {
            page.wrapped(0, "It never goes out now. The next `greenlit publish` writes that down for good.")
        }
        None => page.wrapped(0, "The next `greenlit publish` takes it down, and never sends it again."),
    };
    out += &page.wrapped(0, &format!("Until then `greenlit withdraw {name}` takes your word back."));
    out
}
