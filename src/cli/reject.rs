//! `greenlit reject`

use super::approve::what;
use super::decide::{Desk, Options, Saying, rehearsed};
use super::decided::{Outcome, tell};
use super::{Context, Exit, Failure};
use crate::policy::{Status, Verb};
use crate::view::escape;
use crate::workspace::PostId;

/// Say no to posts: nothing of them goes out, whatever becomes of their text, until the rejection is lifted
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The posts, by id or file
    #[arg(required = true)]
    posts: Vec<String>,

    /// Why, for those who have to change it
    #[arg(short, long, value_name = "WHY")]
    message: String,

    #[command(flatten)]
    options: Options,
}

/// Records the rejection, pushes it, and says where the posts stand.
///
/// # Errors
/// When a post is not there, no reason is given, or the rejection would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.message.trim().is_empty() {
        return Err(Failure::usage("reject/why", "a rejection needs a reason", "say what has to change: -m \"…\""));
    }
    let mut desk = Desk::open(&args.options, context)?;
    let mut posts: Vec<PostId> = Vec::new();
    for name in &args.posts {
        let id = desk.post_id(name)?;
        if !posts.contains(&id) {
            posts.push(id);
        }
    }
    let saying = Saying {
        subject: format!("Reject {}", what(&posts)),
        text: args.message.clone(),
        verbs: posts.iter().map(|post| Verb::Reject { post: post.clone() }).collect(),
        ..Saying::default()
    };
    if !args.options.anyway {
        desk.person()?;
        let trial = desk.rehearse(&posts, &saying)?;
        let in_vain = trial.deliveries.iter().find_map(|delivery| {
            let node = rehearsed(delivery.decision.as_ref()?)?;
            (node.status != Status::Rejected).then_some((delivery, node))
        });
        if let Some((delivery, node)) = in_vain {
            let message = format!(
                "your rejection of {} would not count: whoever signs as you {}",
                delivery.key.post,
                escape(&node.reason)
            );
            let help = "tell someone who is in a stage of a workflow, or reject all the same with --anyway";
            return Err(Failure::new(Exit::Waits, "reject/in-vain", message, help));
        }
    }
    if !desk.confirmed(&format!("Reject {}?", what(&posts))) {
        context.note("Nothing was rejected.");
        return Ok(Exit::Waits);
    }
    let decided = desk.make(saying)?;
    tell(&mut desk, "reject", &format!("Rejected {}", what(&posts)), &[Outcome { decided, stage: None }], &posts)
}
