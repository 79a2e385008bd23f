//! `greenlit withdraw`

use std::collections::BTreeSet;

use super::approve::what;
use super::decide::{Desk, Options, Saying};
use super::decided::{Outcome, tell};
use super::{Context, Exit, Failure};
use crate::plan::Step;
use crate::policy::{Statement, Verb};
use crate::view::escape;
use crate::view::page::counted;
use crate::workspace::{AccountName, PostId, RoleName};

/// Take back your own approvals of posts, or your word that they be retracted or changed; what is out stays out
///
/// Where you asked for a post to be retracted and that was not done yet, this word is taken back, and your approvals stay.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The posts, by id or file
    #[arg(required = true)]
    posts: Vec<String>,

    /// Only for these accounts, or for a network's accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,

    /// Only what you approved for this stage
    #[arg(long)]
    stage: Option<RoleName>,

    /// Why
    #[arg(short, long, value_name = "WHY", default_value = "")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// Records that approvals are taken back, pushes it, and says where the posts stand. What else the same commits approve is
/// approved again in the same breath.
///
/// # Errors
/// When a post is not there, you have approved nothing of it, or it is out already.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let mine: Vec<Statement> = desk.evidence.statements.iter().filter(|one| stands(one, &desk)).cloned().collect();
    let posts = posts(args, &desk, &mine)?;
    let taken = |post: &PostId, account: &AccountName| {
        let here = |wanted: &String| account.as_str() == wanted || account.network() == wanted;
        posts.contains(post) && (args.account.is_empty() || args.account.iter().any(here))
    };
    let retracted = match args.stage {
        Some(_) => BTreeSet::new(),
        None => retractions(&desk, &posts, &mine, &taken)?,
    };
    let is_retraction = !retracted.is_empty();
    let is_taken = |verb: &&Verb| match verb {
        Verb::Retract { post, account, .. } => retracted.contains(&(post.clone(), account.clone())),
        verb => !is_retraction && of(verb).is_some_and(|(post, account)| taken(post, account)),
    };
    let of_stage = |one: &&Statement| args.stage.is_none() || one.stage == args.stage;
    let affected: Vec<&Statement> =
        mine.iter().filter(of_stage).filter(|one| one.verbs.iter().any(|verb| is_taken(&verb))).collect();
    if !args.options.anyway && !is_retraction {
        refuse_in_vain(&desk, &posts, &affected, &taken)?;
    }
    let word = if is_retraction { "word that it be retracted:" } else { "approval of" };
    if !desk.confirmed(&format!("Withdraw your {word} {}?", what(&posts))) {
        context.note("Nothing was withdrawn.");
        return Ok(Exit::Waits);
    }
    let mut outcomes = Vec::new();
    let mut kept = 0;
    for statement in affected {
        let again = |verb: &&Verb| (of(verb).is_some() || matches!(verb, Verb::Retract { .. })) && !is_taken(verb);
        let mut verbs = vec![Verb::Withdraw { commit: statement.commit.clone() }];
        verbs.extend(statement.verbs.iter().filter(again).cloned());
        kept += verbs.len() - 1;
        let again = verbs.iter().any(|verb| matches!(verb, Verb::Approve { .. }));
        let stage = statement.stage.clone();
        let noun = if is_retraction { "retraction" } else { "approval" };
        let saying = Saying {
            subject: format!("Withdraw the {noun} of {}", what(&posts)),
            text: args.message.clone(),
            stage: stage.clone().filter(|_| again),
            stands_in_for: statement.stands_in_for.clone().filter(|_| again),
            verbs,
            ..Saying::default()
        };
        outcomes.push(Outcome { stage, ..Outcome::of(desk.make(saying)?) });
    }
    if kept > 0 {
        let noun = if is_retraction { "word" } else { "approval" };
        context.note(&format!("The rest of the same {noun} stays: {}.", counted(kept, "delivery")));
    }
    tell(&mut desk, "withdraw", &format!("Withdrew your {word} {}", what(&posts)), &outcomes, &posts)
}

/// The posts that are meant. One whose file is gone may still be about to be retracted.
fn posts(args: &Args, desk: &Desk<'_>, mine: &[Statement]) -> Result<Vec<PostId>, Failure> {
    let gone = |name: &String| {
        let mut verbs = mine.iter().flat_map(|statement| &statement.verbs);
        verbs.find_map(|verb| match verb {
            Verb::Retract { post, .. } if post.as_str() == name => Some(post.clone()),
            _ => None,
        })
    };
    let mut all: Vec<PostId> = Vec::new();
    for name in &args.posts {
        let post = desk.post_id(name).or_else(|failure| gone(name).ok_or(failure))?;
        if !all.contains(&post) {
            all.push(post);
        }
    }
    Ok(all)
}

/// What the person asked to be retracted and was not retracted yet.
fn retractions(
    desk: &Desk<'_>,
    posts: &[PostId],
    mine: &[Statement],
    taken: &dyn Fn(&PostId, &AccountName) -> bool,
) -> Result<BTreeSet<(PostId, AccountName)>, Failure> {
    let asked = mine.iter().flat_map(|statement| &statement.verbs).filter_map(|verb| match verb {
        Verb::Retract { post, account, .. } if taken(post, account) => Some((post.clone(), account.clone())),
        _ => None,
    });
    let mut asked: BTreeSet<_> = asked.collect();
    if asked.is_empty() {
        return Ok(asked);
    }
    for delivery in desk.plan(posts)?.deliveries {
        if matches!(delivery.step, Step::Retracted { .. }) {
            asked.remove(&(delivery.key.post, delivery.key.account));
        }
    }
    Ok(asked)
}

/// What an approval is of, or the wish that what is out be changed.
fn of(verb: &Verb) -> Option<(&PostId, &AccountName)> {
    match verb {
        Verb::Approve { post, account, .. } | Verb::Update { post, account, .. } => Some((post, account)),
        _ => None,
    }
}

/// Whether a statement is the person's own and was not withdrawn by them before.
fn stands(statement: &Statement, desk: &Desk<'_>) -> bool {
    let withdraws = |one: &Statement| {
        let names_it = |verb: &Verb| matches!(verb, Verb::Withdraw { commit } if *commit == statement.commit);
        one.verbs.iter().any(names_it) && desk.is_mine(one)
    };
    desk.is_mine(statement) && !desk.evidence.statements.iter().any(withdraws)
}

fn refuse_in_vain(
    desk: &Desk<'_>,
    posts: &[PostId],
    affected: &[&Statement],
    taken: &dyn Fn(&PostId, &AccountName) -> bool,
) -> Result<(), Failure> {
    desk.person()?;
    let plan = desk.plan(posts)?;
    for post in posts {
        let verbs = affected.iter().flat_map(|one| &one.verbs);
        let accounts: Vec<&AccountName> = verbs
            .filter_map(of)
            .filter(|(named, account)| *named == post && taken(named, account))
            .map(|(_, account)| account)
            .collect();
        let name = escape(post.as_str());
        if accounts.is_empty() {
            let message = format!("nothing that you approved of {name} is left to withdraw");
            let help = format!(
                "`greenlit log {name}` shows who approved what; to stop it all the same: `greenlit reject {name}`"
            );
            return Err(Failure::new(Exit::Waits, "withdraw/nothing", message, help));
        }
        let is_out = |account: &&AccountName| {
            let here =
                |delivery: &&crate::plan::Delivery| delivery.key.post == *post && delivery.key.account == **account;
            plan.deliveries
                .iter()
                .filter(here)
                .any(|delivery| matches!(delivery.step, Step::Published { changed: None, .. } | Step::Retracted { .. }))
        };
        if accounts.iter().all(is_out) {
            let message = format!("{name} is out already, and a withdrawal does not bring it back");
            let help = format!("take it down: `greenlit retract {name} --reason WHY`");
            return Err(Failure::new(Exit::Waits, "withdraw/published", message, help));
        }
    }
    Ok(())
}
