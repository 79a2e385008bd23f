//! `greenlit hold`

use super::decide::{Desk, Options, REHEARSAL, Saying};
use super::decided::{Outcome, told};
use super::gather::Known;
use super::remarks::words;
use super::scopes::{Scopes, as_argument, covers, in_words, post};
use super::{Context, Exit, Failure};
use crate::git::Shared;
use crate::plan::Plan;
use crate::policy::{HoldScope, Status, Verb};
use crate::view::escape;
use crate::view::page::counted;
use crate::view::standing::Standing;
use crate::workspace::PostId;

/// Stop posts, accounts, a campaign or everything at once; nothing of it goes out until it is resumed
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The posts, by id or file
    #[arg(required_unless_present_any = ["account", "campaign", "everything"], conflicts_with = "everything")]
    posts: Vec<String>,

    #[command(flatten)]
    scopes: Scopes,

    /// Why, for those who wonder
    #[arg(short, long, value_name = "WHY")]
    message: Option<String>,

    #[command(flatten)]
    options: Options,
}

/// Records the hold and pushes it, then says what it stops. Nothing that others broke keeps it from being made: no post is
/// rendered and nothing is planned before it is pushed.
///
/// # Errors
/// When what is to be held is not there, no reason is given, or the hold would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let anyway = args.options.anyway;
    let mut scopes = args.scopes.named(&desk, anyway)?;
    for name in &args.posts {
        scopes.push(post(&desk, name, anyway)?);
    }
    scopes.sort();
    scopes.dedup();
    let text = words(args.message.as_deref(), "A hold", context)?;
    let what = in_words(&scopes);
    let verbs = scopes.iter().map(|scope| Verb::Hold { scope: scope.clone() }).collect();
    let saying = Saying { subject: format!("Hold {what}"), text, verbs, ..Saying::default() };
    if !anyway {
        refuse_in_vain(&desk, &saying)?;
    }
    if !desk.confirmed(&format!("Hold {what}?")) {
        context.note("Nothing was held.");
        return Ok(Exit::Waits);
    }
    let outcome = Outcome { scopes: scopes.clone(), ..Outcome::of(desk.make(saying)?) };
    let sentence = format!("Held {what}");
    if context.json() {
        let plan = stopped(&mut desk, &scopes)?;
        return Ok(told(&desk, "hold", &sentence, &[outcome], Some(&plan)));
    }
    let here_alone = matches!(outcome.decided.shared, Shared::Failed(_) | Shared::NotAsked);
    let exit = told(&desk, "hold", &sentence, &[outcome], None);
    let page = context.page(desk.trusted.settings.timezone);
    let mut out = page.wrapped(
        0,
        if here_alone {
            "Nobody else knows of it yet: publishing goes on everywhere but here until it is pushed."
        } else {
            "No run of `greenlit publish` sends any of it from now on. One that runs at this moment may still end what it \
             has begun."
        },
    );
    match stopped(&mut desk, &scopes) {
        Ok(plan) => out += &page.wrapped(0, &summary(&plan)),
        Err(failure) => {
            context.print(&out);
            context.note("The hold stands; what it stops cannot be told:");
            failure.print(context.format);
            out = String::new();
        }
    }
    let resume: Vec<String> = scopes.iter().map(as_argument).collect();
    let resume = format!("To go on: `greenlit resume {}`", escape(&resume.join(" ")));
    context.print(&(out + &page.wrapped(0, &resume)));
    Ok(exit)
}

/// Tries the hold out.
fn refuse_in_vain(desk: &Desk<'_>, saying: &Saying) -> Result<(), Failure> {
    desk.person()?;
    let mut evidence = desk.evidence.clone();
    evidence.statements.push(desk.statement(saying));
    let holds = desk.trusted.holds(&evidence, desk.context.now);
    let mine = |hold: &&crate::policy::Decision| hold.commit.as_deref() == Some(REHEARSAL);
    let Some(hold) = holds.iter().filter(mine).find(|hold| hold.status != Status::Held) else { return Ok(()) };
    Err(Failure::new(
        Exit::Waits,
        "hold/in-vain",
        format!("your hold would not count: whoever signs as you {}", escape(&hold.reason)),
        "tell an admin, or somebody whom `[permissions]` in roles.toml lets hold; to hold all the same: --anyway",
    ))
}

/// Where all that is held stands now.
fn stopped(desk: &mut Desk<'_>, scopes: &[HoldScope]) -> Result<Plan, Failure> {
    desk.look_again()?;
    let covered = |post: &&Known| scopes.iter().any(|scope| covers(scope, post));
    let posts: Vec<PostId> = desk.trusted.posts.iter().filter(covered).map(|post| post.id.clone()).collect();
    desk.plan(&posts)
}

fn summary(plan: &Plan) -> String {
    let held: Vec<_> = plan.deliveries.iter().filter(|one| Standing::from(&one.step) == Standing::Held).collect();
    let mut posts: Vec<&PostId> = held.iter().map(|delivery| &delivery.key.post).collect();
    posts.sort();
    posts.dedup();
    match posts.as_slice() {
        [] => "Nothing of it was about to go out.".to_owned(),
        [one] => format!("It stops {}: {}.", escape(one.as_str()), counted(held.len(), "delivery")),
        posts => format!("It stops {} ({}).", counted(posts.len(), "post"), counted(held.len(), "delivery")),
    }
}
