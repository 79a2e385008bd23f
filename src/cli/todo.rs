//! `greenlit todo`

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::view::escape;
use crate::view::plan::Told;
use crate::view::todo::{self, Owners};
use crate::workspace::PersonId;

/// What waits for you, most urgent first
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose list, by the short name in roles.toml; without it yours
    #[arg(long = "for", value_name = "PERSON", conflicts_with = "everyone")]
    person: Option<String>,

    /// Everyone's list, for whoever leads
    #[arg(long)]
    everyone: bool,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

/// Lists what waits for a person, or for everyone.
///
/// # Errors
/// When the workspace, its history or its ledger cannot be used, or nobody knows whose list it should be.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, args.fetch)?;
    let person = if args.everyone { None } else { Some(person(args, &trusted)?) };
    let gathered = trusted.gather(&trusted.ledger(context)?, context, None)?;
    let told = Told {
        plan: &gathered.plan,
        roles: &trusted.roles,
        chain: trusted.chain.as_ref(),
        branch: &trusted.branches.trusted,
        reader: person.as_ref(),
        refused: &gathered.evidence.refused,
    };
    let page = context.page(trusted.settings.timezone);
    let tasks = todo::tasks(&told, &owners(&trusted), Vec::new(), &page);
    if context.json() {
        context.print_json(&todo::report(&tasks, person.as_ref(), &page));
    } else {
        context.print(&todo::human(&tasks, person.as_ref(), &trusted.roles, &page));
    }
    let waits = tasks.iter().any(|task| person.as_ref().is_none_or(|person| task.people.contains(person)));
    Ok(if waits { Exit::Waits } else { Exit::Fine })
}

/// Whose list it is.
fn person(args: &Args, trusted: &Trusted) -> Result<PersonId, Failure> {
    let people = &trusted.roles.people;
    match &args.person {
        Some(person) if people.contains_key(person) => Ok(person.clone()),
        Some(person) => {
            let known: Vec<_> = people.keys().map(|person| escape(person)).collect();
            Err(Failure::usage(
                "todo/person",
                format!("there is no person {:?} in roles.toml", escape(person)),
                format!("they are: {}", known.join(", ")),
            ))
        }
        None => trusted.reader().ok_or_else(|| {
            Failure::usage(
                "todo/whose",
                "nobody in roles.toml has the address that git has for you (user.email)",
                "name a person: `greenlit todo --for PERSON`, or see everyone's: `greenlit todo --everyone`",
            )
        }),
    }
}

/// Who looks after each post, where its front matter names somebody who is in `roles.toml`.
fn owners(trusted: &Trusted) -> Owners {
    let known = |owner: &&String| trusted.roles.people.contains_key(*owner);
    let owned = trusted.posts.iter().filter_map(|post| {
        let owner = post.owner.as_ref().filter(known)?;
        Some((post.id.clone(), owner.clone()))
    });
    owned.collect()
}
