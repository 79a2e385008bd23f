//! `greenlit lift`

use std::collections::BTreeSet;

use super::decide::{Desk, Options, Saying, vetoes};
use super::decided::{Outcome, tell};
use super::{Context, Exit, Failure};
use crate::policy::{Decision, Verb};
use crate::view::decision::names;

/// Take back the rejections of a post: your own, or as an admin anybody's
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by id or file
    post: String,

    /// Why
    #[arg(short, long, value_name = "WHY", default_value = "")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// Records that the rejections are lifted, pushes it, and says where the post stands.
///
/// # Errors
/// When the post is not there, nothing stands against it, or somebody else has to lift it.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let post = desk.post_id(&args.post)?;
    let posts = [post.clone()];
    let plan = desk.plan(&posts)?;
    let standing: Vec<&Decision> = plan.deliveries.iter().flat_map(vetoes).collect();
    if standing.is_empty() {
        let help = format!("`greenlit log {post}` tells what was decided");
        return Err(Failure::usage("lift/nothing", format!("no rejection stands against {post}"), help));
    }
    let person = if args.options.anyway { None } else { Some(desk.person()?.to_owned()) };
    let mine = |veto: &&&Decision| person.as_ref().is_none_or(|person| veto.turn.contains(person));
    let commits: BTreeSet<&String> = standing.iter().filter(mine).filter_map(|veto| veto.commit.as_ref()).collect();
    if commits.is_empty() {
        let mut able: Vec<_> = standing.iter().flat_map(|veto| veto.turn.clone()).collect();
        able.sort();
        able.dedup();
        let message = format!("the rejection of {post} is not yours to lift");
        let help = format!("ask {}; an admin may lift anybody's", names(&able, &desk.trusted.roles));
        return Err(Failure::new(Exit::Waits, "lift/not-yours", message, help));
    }
    let verbs = commits.into_iter().map(|commit| Verb::Lift { commit: commit.clone() }).collect();
    if !desk.confirmed(&format!("Lift the rejection of {post}?")) {
        context.note("Nothing was lifted.");
        return Ok(Exit::Waits);
    }
    let subject = format!("Lift the rejection of {post}");
    let decided = desk.make(Saying { subject, text: args.message.clone(), verbs, ..Saying::default() })?;
    let sentence = format!("Lifted the rejection of {post}");
    tell(&mut desk, "lift", &sentence, &[Outcome::of(decided)], &posts)
}
