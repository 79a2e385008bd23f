//! `greenlit reject`

use super::approve::what;
use super::decide::{Desk, Options, Saying, rehearsed};
use super::decided::{Outcome, tell};
use super::remarks::{line, words};
use super::{Context, Exit, Failure};
use crate::plan::Step;
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
    message: Option<String>,

    /// The line of the post's file that it is about
    #[arg(long, value_name = "NUMBER")]
    line: Option<usize>,

    #[command(flatten)]
    options: Options,
}

/// Records the rejection, pushes it, and says where the posts stand.
///
/// # Errors
/// When a post is not there, no reason is given, or the rejection would not count.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut desk = Desk::open(&args.options, context)?;
    let posts = desk.post_ids(&args.posts)?;
    let line = match (args.line, posts.as_slice()) {
        (None, _) => None,
        (Some(number), [post]) => Some(line(&desk, post, number)?),
        (Some(_), _) => {
            return Err(Failure::usage("reject/line", "a line is one post's", "reject that post by itself"));
        }
    };
    let saying = Saying {
        subject: format!("Reject {}", what(&posts)),
        text: words(args.message.as_deref(), "A rejection", context)?,
        line,
        verbs: posts.iter().map(|post| Verb::Reject { post: post.clone() }).collect(),
        ..Saying::default()
    };
    if !args.options.anyway {
        desk.person()?;
        let trial = desk.rehearse(&posts, &saying)?;
        let in_vain = trial.deliveries.iter().find_map(|delivery| {
            let node = rehearsed(delivery.decision.as_deref()?)?;
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
    if !args.options.anyway {
        refuse_what_is_out(&desk, &posts)?;
    }
    if !desk.confirmed(&format!("Reject {}?", what(&posts))) {
        context.note("Nothing was rejected.");
        return Ok(Exit::Waits);
    }
    let decided = desk.make(saying)?;
    tell(&mut desk, "reject", &format!("Rejected {}", what(&posts)), &[Outcome::of(decided)], &posts)
}

/// A rejection keeps nothing back that is out everywhere.
fn refuse_what_is_out(desk: &Desk<'_>, posts: &[PostId]) -> Result<(), Failure> {
    let plan = desk.plan(posts)?;
    for post in posts {
        let mut steps = plan.deliveries.iter().filter(|one| one.key.post == *post).map(|one| &one.step).peekable();
        let is_out = |step: &Step| matches!(step, Step::Published { .. } | Step::Retracted { .. });
        if steps.peek().is_some() && steps.all(is_out) {
            let name = escape(post.as_str());
            let message = format!("{name} is out already, and a rejection does not bring it back");
            let help = format!("take it down: `greenlit retract {name} --reason WHY`");
            return Err(Failure::new(Exit::Waits, "reject/published", message, help));
        }
    }
    Ok(())
}
