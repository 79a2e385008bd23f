//! `greenlit todo`

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{Gathered, Trusted};
use super::remarks::called;
use super::roles::person_named;
use super::{Context, Exit, Failure};
use crate::plan::Step;
use crate::policy::{Dossiers, Statement, Verb, identify};
use crate::view::log;
use crate::view::todo::{self, Owners, Task, TaskKind};
use crate::workspace::{PersonId, PostId};

/// What waits for you, most urgent first
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose list: a short name, a name or an address; without it yours
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
    let told = gathered.told(&trusted, person.as_ref());
    let page = context.page(trusted.settings.timezone);
    let tasks = todo::tasks(&told, &owners(&trusted), questions(&trusted, &gathered), &page);
    if context.json() {
        context.print_json(&todo::report(&tasks, person.as_ref(), &page));
    } else {
        context.print(&todo::human(&tasks, person.as_ref(), &trusted.roles, &page));
    }
    let waits = tasks.iter().any(|task| person.as_ref().is_none_or(|person| task.people.contains(person)));
    Ok(if waits { Exit::Waits } else { Exit::Fine })
}

/// Comments by which people were called, and on whose posts they said nothing since. Only of posts that are not out yet.
pub(super) fn questions(trusted: &Trusted, gathered: &Gathered) -> Vec<Task> {
    let roles = &trusted.roles;
    let dossiers = Dossiers::new(&gathered.evidence);
    let is_over = |step: &Step| matches!(step, Step::Published { .. } | Step::Retracted { .. });
    let unfinished = gathered.plan.deliveries.iter().filter(|one| !is_over(&one.step));
    let posts: BTreeMap<&PostId, &str> = unfinished.map(|one| (&one.key.post, one.title.as_str())).collect();
    let mut tasks = Vec::new();
    for (post, title) in posts {
        let said = dossiers.about(post);
        let by = |statement: &Statement| identify(&statement.witness, roles).ok();
        for comment in said.iter().filter(|one| one.verbs.contains(&Verb::Comment { post: post.clone() })) {
            let Some(asker) = by(comment) else { continue };
            let answered = |person: &str| {
                let later =
                    |one: &&&Statement| one.dated > comment.dated || one.reply_to.as_ref() == Some(&comment.commit);
                said.iter().filter(later).any(|one| by(one) == Some(person))
            };
            let mut people: BTreeSet<&str> = BTreeSet::new();
            for name in called(&comment.text) {
                people.extend(roles.people.get_key_value(name).map(|(id, _)| id.as_str()));
                people.extend(roles.roles.get(name).into_iter().flatten().map(String::as_str));
            }
            people.retain(|person| *person != asker && !answered(person));
            if !people.is_empty() {
                tasks.push(Task {
                    kind: TaskKind::Answer,
                    people: people.into_iter().map(str::to_owned).collect(),
                    post: Some(post.clone()),
                    title: title.to_owned(),
                    accounts: Vec::new(),
                    stage: None,
                    due: None,
                    since: Some(comment.dated),
                    until: None,
                    overdue: false,
                    why: format!("{} wrote: {}", roles.name_of(asker), log::one_line(&comment.text)),
                    command: format!("greenlit comment {post} --reply {:.10}", comment.commit),
                });
            }
        }
    }
    tasks
}

/// Whose list it is.
fn person(args: &Args, trusted: &Trusted) -> Result<PersonId, Failure> {
    match &args.person {
        Some(person) => person_named(person, &trusted.roles).map(str::to_owned),
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
pub(super) fn owners(trusted: &Trusted) -> Owners {
    let known = |owner: &&String| trusted.roles.people.contains_key(*owner);
    let owned = trusted.posts.iter().filter_map(|post| {
        let owner = post.owner.as_ref().filter(known)?;
        Some((post.id.clone(), owner.clone()))
    });
    owned.collect()
}
