//! `greenlit comment`

use super::decide::{Desk, Options, Saying};
use super::decided::{Outcome, told};
use super::remarks::{line, refuse_unknown_people, words};
use super::{Context, Exit, Failure};
use crate::policy::{Statement, Verb};
use crate::view::escape;
use crate::workspace::PostId;

/// Say something about a post, to everyone or to `@people`; it decides nothing
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post, by id or file
    post: String,

    /// What you say; `@noor` and `@legal` call people and roles by their names in roles.toml
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,

    /// The line of the post's file that it is about
    #[arg(long, value_name = "NUMBER")]
    line: Option<usize>,

    /// The comment, rejection or hold that it answers, by its commit
    #[arg(long, value_name = "COMMIT")]
    reply: Option<String>,

    #[command(flatten)]
    options: Options,
}

/// Records the comment and pushes it.
///
/// # Errors
/// When there is no such post, line or comment, nothing is said, or somebody is called whom nobody knows.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let desk = Desk::open(&args.options, context)?;
    let post = desk.post_id(&args.post)?;
    let reply_to = args.reply.as_ref().map(|commit| answered(&desk, &post, commit)).transpose()?;
    let line = args.line.map(|number| line(&desk, &post, number)).transpose()?;
    let text = words(args.message.as_deref(), "A comment", context)?;
    if !args.options.anyway {
        refuse_unknown_people(&text, &desk.trusted.roles)?;
    }
    let verbs = vec![Verb::Comment { post: post.clone() }];
    let subject = format!("Comment on {post}");
    let decided = desk.make(Saying { subject, text, reply_to, line, verbs, ..Saying::default() })?;
    let commit = decided.commit;
    let exit = told(&desk, "comment", &format!("Commented on {post}"), &[Outcome::of(decided)], None);
    if !context.json() {
        let page = context.page(desk.trusted.settings.timezone);
        let next = format!(
            "`greenlit log {post}` shows all comments; an answer: `greenlit comment {post} --reply {commit:.10}`"
        );
        context.print(&page.wrapped(0, &next));
    }
    Ok(exit)
}

/// The whole name of the commit that is answered.
fn answered(desk: &Desk<'_>, post: &PostId, name: &str) -> Result<String, Failure> {
    let about = |statement: &&Statement| {
        statement.verbs.iter().any(|verb| match verb {
            Verb::Comment { post: named } | Verb::Reject { post: named } => named == post,
            Verb::Hold { .. } => true,
            _ => false,
        })
    };
    let found = desk.evidence.statements.iter().filter(about).filter(|statement| statement.commit.starts_with(name));
    let mut commits: Vec<&String> = found.map(|statement| &statement.commit).collect();
    commits.sort();
    commits.dedup();
    let help = format!("`greenlit log {post}` shows each with its commit; ten digits will do");
    match commits.as_slice() {
        [commit] if name.len() >= 4 => Ok((*commit).clone()),
        [] => {
            let message = format!("no comment, rejection or hold of {post} is commit {:?}", escape(name));
            Err(Failure::usage("comment/reply", message, help))
        }
        _ => Err(Failure::usage("comment/reply", format!("{:?} could be several commits", escape(name)), help)),
    }
}
