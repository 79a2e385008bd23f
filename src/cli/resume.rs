//! `greenlit resume`

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{Desk, Options, REHEARSAL, Saying};
use super::decided::{Outcome, told};
use super::scopes::{Scopes, in_words, standing};
use super::{Context, Exit, Failure};
use crate::policy::{Decision, HoldScope, Status, Verb};
use crate::view::decision::names;
use crate::view::escape;

/// Let go on what was held: what you held yourself, or as an admin what anybody held
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The posts that were held, by id, or the commits of holds
    what: Vec<String>,

    #[command(flatten)]
    scopes: Scopes,

    /// All that you hold yourself
    #[arg(long, conflicts_with_all = ["what", "account", "campaign", "everything"])]
    all_mine: bool,

    /// Why
    #[arg(short, long, value_name = "WHY", default_value = "")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// The holds of one commit that stand: all of them end together.
type Holds<'d> = BTreeMap<&'d str, Vec<&'d Decision>>;

/// Records that holds are lifted, pushes it, and says what is still held.
///
/// # Errors
/// When nothing of the kind is held, or somebody else has to resume it.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let holds = desk.trusted.holds(&desk.evidence, context.now);
    let mut by_commit = Holds::new();
    for hold in holds.iter().filter(|hold| hold.status == Status::Held) {
        by_commit.entry(hold.commit.as_deref().unwrap_or_default()).or_default().push(hold);
    }
    if by_commit.is_empty() {
        let help = "`greenlit status` shows where every post stands";
        return Err(Failure::usage("resume/nothing", "nothing is held", help));
    }
    let chosen = chosen(args, &desk, &by_commit)?;
    let chosen = if args.options.anyway { chosen } else { yours(&desk, chosen)? };
    let scopes: BTreeSet<HoldScope> =
        chosen.values().flatten().filter_map(|hold| HoldScope::parse(hold.scope.as_deref()?)).collect();
    let scopes: Vec<HoldScope> = scopes.into_iter().collect();
    let what = in_words(&scopes);
    let verbs: Vec<Verb> = chosen.keys().map(|commit| Verb::Resume { commit: (*commit).to_owned() }).collect();
    let saying = Saying { subject: format!("Resume {what}"), text: args.message.clone(), verbs, ..Saying::default() };
    if !args.options.anyway {
        refuse_in_vain(&desk, &saying, &chosen)?;
    }
    if !desk.confirmed(&format!("Resume {what}?")) {
        context.note("Nothing was resumed.");
        return Ok(Exit::Waits);
    }
    let outcome = Outcome { scopes, ..Outcome::of(desk.make(saying)?) };
    let exit = told(&desk, "resume", &format!("Resumed {what}"), &[outcome], None);
    desk.look_again()?;
    if !context.json() {
        let page = context.page(desk.trusted.settings.timezone);
        let left = desk.trusted.holds(&desk.evidence, context.now);
        let left: Vec<&Decision> = left.iter().filter(|hold| hold.status == Status::Held).collect();
        let text = match left.as_slice() {
            [] => {
                page.wrapped(0, "Nothing is held any more: the next `greenlit publish` sends what is approved and due.")
            }
            left => format!("{}{}", page.wrapped(0, "Still held:"), standing(left, &page)),
        };
        context.print(&text);
    }
    Ok(exit)
}

/// The holds that were asked for.
fn chosen<'d>(args: &Args, desk: &Desk<'_>, all: &Holds<'d>) -> Result<Holds<'d>, Failure> {
    let mut page = desk.context.page(desk.trusted.settings.timezone);
    // An error's lines begin further right.
    page.width = page.width.saturating_sub(8);
    let list = |holds: &Holds<'_>| standing(&holds.values().flatten().copied().collect::<Vec<_>>(), &page);
    if args.all_mine {
        let me = desk.person()?;
        let mine = |holds: &Vec<&Decision>| holds.iter().any(|hold| hold.person.as_deref() == Some(me));
        let mine: Holds<'d> =
            all.iter().filter(|(_, holds)| mine(holds)).map(|(commit, holds)| (*commit, holds.clone())).collect();
        if mine.is_empty() {
            let message = format!("you hold nothing; what is held:\n{}", list(all).trim_end());
            return Err(Failure::usage("resume/nothing", message, "name a hold by its commit"));
        }
        return Ok(mine);
    }
    let mut scopes: Vec<String> = args.scopes.named(desk, true)?.iter().map(ToString::to_string).collect();
    let mut commits = BTreeSet::new();
    for name in &args.what {
        let post = desk.post_id(name).map_or_else(|_| name.clone(), |id| id.to_string());
        let scope = format!("post {post}");
        let prefixed: Vec<&str> =
            all.keys().copied().filter(|commit| name.len() >= 4 && commit.starts_with(name)).collect();
        match prefixed.as_slice() {
            [commit] if !all.values().flatten().any(|hold| hold.scope.as_ref() == Some(&scope)) => {
                commits.insert(*commit);
            }
            _ => scopes.push(scope),
        }
    }
    if scopes.is_empty() && commits.is_empty() {
        let message = format!("say what to resume; held is:\n{}", list(all).trim_end());
        return Err(Failure::usage("resume/which", message, "`greenlit resume COMMIT`, or --all-mine"));
    }
    for scope in &scopes {
        let found: Vec<_> =
            all.iter().filter(|(_, holds)| holds.iter().any(|hold| hold.scope.as_ref() == Some(scope))).collect();
        if found.is_empty() {
            let message = format!("no hold of {} stands; held is:\n{}", escape(scope), list(all).trim_end());
            return Err(Failure::usage(
                "resume/nothing",
                message,
                "name a hold by its commit: `greenlit resume COMMIT`",
            ));
        }
        for (commit, holds) in found {
            let more = holds.iter().filter_map(|hold| hold.scope.as_ref()).find(|held| !scopes.contains(held));
            if let Some(more) = more.filter(|_| !commits.contains(commit)) {
                let message = format!("the hold of {} stops {}, too", escape(scope), escape(more));
                let help = format!("resume all of it by its commit: `greenlit resume {commit:.10}`");
                return Err(Failure::usage("resume/more", message, help));
            }
        }
    }
    let wanted =
        |holds: &Vec<&Decision>| holds.iter().any(|hold| hold.scope.as_ref().is_some_and(|one| scopes.contains(one)));
    let chosen = all.iter().filter(|(commit, holds)| commits.contains(*commit) || wanted(holds));
    Ok(chosen.map(|(commit, holds)| (*commit, holds.clone())).collect())
}

/// Those of the holds that the person may end; there must be one.
fn yours<'d>(desk: &Desk<'_>, chosen: Holds<'d>) -> Result<Holds<'d>, Failure> {
    let me = desk.person()?.to_owned();
    let mut able: Vec<String> = chosen.values().flatten().flat_map(|hold| hold.turn.clone()).collect();
    let yours: Holds<'d> =
        chosen.into_iter().filter(|(_, holds)| holds.iter().all(|hold| hold.turn.contains(&me))).collect();
    if !yours.is_empty() {
        return Ok(yours);
    }
    able.sort();
    able.dedup();
    let help = format!("ask {}; an admin may end anybody's hold", names(&able, &desk.trusted.roles));
    Err(Failure::new(Exit::Waits, "resume/not-yours", "this hold is not yours to end", help))
}

/// Tries it out: what is resumed must not be held by the same commit any more.
fn refuse_in_vain(desk: &Desk<'_>, saying: &Saying, chosen: &Holds<'_>) -> Result<(), Failure> {
    let mut evidence = desk.evidence.clone();
    evidence.statements.push(desk.statement(saying));
    let after = desk.trusted.holds(&evidence, desk.context.now);
    let still = after.iter().find(|hold| {
        hold.status == Status::Held && hold.commit.as_deref().is_some_and(|commit| chosen.contains_key(commit))
    });
    let Some(hold) = still else { return Ok(()) };
    let mut children = hold.children.iter();
    let why = children
        .find(|child| child.commit.as_deref() == Some(REHEARSAL))
        .map(|child| escape(&child.reason).into_owned());
    Err(Failure::new(
        Exit::Waits,
        "resume/in-vain",
        format!("your word would not end the hold: whoever signs as you {}", why.unwrap_or_default()),
        format!("ask {}; to say it all the same: --anyway", names(&hold.turn, &desk.trusted.roles)),
    ))
}
