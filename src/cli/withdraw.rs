//! `greenlit withdraw`

use super::approve::what;
use super::decide::{Desk, Options, Saying};
use super::decided::{Outcome, tell};
use super::{Context, Exit, Failure};
use crate::plan::Step;
use crate::policy::{Statement, Verb};
use crate::view::escape;
use crate::view::page::counted;
use crate::workspace::{AccountName, PostId, RoleName};

/// Take back your own approvals of posts; what is out stays out
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
    let posts = desk.post_ids(&args.posts)?;
    let mine: Vec<Statement> = desk.evidence.statements.iter().filter(|one| stands(one, &desk)).cloned().collect();
    let taken = |post: &PostId, account: &AccountName| {
        let here = |wanted: &String| account.as_str() == wanted || account.network() == wanted;
        posts.contains(post) && (args.account.is_empty() || args.account.iter().any(here))
    };
    let is_taken = |verb: &&Verb| matches!(verb, Verb::Approve { post, account, .. } if taken(post, account));
    let of_stage = |one: &&Statement| args.stage.is_none() || one.stage == args.stage;
    let affected: Vec<&Statement> =
        mine.iter().filter(of_stage).filter(|one| one.verbs.iter().any(|verb| is_taken(&verb))).collect();
    if !args.options.anyway {
        refuse_in_vain(&desk, &posts, &affected, &taken)?;
    }
    if !desk.confirmed(&format!("Withdraw your approval of {}?", what(&posts))) {
        context.note("Nothing was withdrawn.");
        return Ok(Exit::Waits);
    }
    let mut outcomes = Vec::new();
    let mut kept = 0;
    for approval in affected {
        let rest = approval.verbs.iter().filter(|verb| matches!(verb, Verb::Approve { .. }) && !is_taken(verb));
        let mut verbs = vec![Verb::Withdraw { commit: approval.commit.clone() }];
        verbs.extend(rest.cloned());
        kept += verbs.len() - 1;
        let again = verbs.len() > 1;
        let stage = approval.stage.clone();
        let saying = Saying {
            subject: format!("Withdraw the approval of {}", what(&posts)),
            text: args.message.clone(),
            stage: stage.clone().filter(|_| again),
            stands_in_for: approval.stands_in_for.clone().filter(|_| again),
            verbs,
            ..Saying::default()
        };
        outcomes.push(Outcome { stage, ..Outcome::of(desk.make(saying)?) });
    }
    if kept > 0 {
        context.note(&format!("The rest of the same approval stays: {}.", counted(kept, "delivery")));
    }
    tell(&mut desk, "withdraw", &format!("Withdrew your approval of {}", what(&posts)), &outcomes, &posts)
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
            .filter_map(|verb| match verb {
                Verb::Approve { post: named, account, .. } if named == post && taken(named, account) => Some(account),
                _ => None,
            })
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
            plan.deliveries.iter().filter(here).any(|delivery| matches!(delivery.step, Step::Published { .. }))
        };
        if accounts.iter().all(is_out) {
            let message = format!("{name} is out already, and a withdrawal does not bring it back");
            return Err(Failure::new(Exit::Waits, "withdraw/published", message, "take it down on the network itself"));
        }
    }
    Ok(())
}
