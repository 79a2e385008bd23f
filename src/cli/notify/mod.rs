//! `greenlit notify`

mod gather;
mod say;
mod trial;
mod wall;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::gather::{Gathered, LARGEST_SETTINGS, Trusted, errors};
use super::publish::{connections, guard, round};
use super::roles::person_named;
use super::{Context, Exit, Failure};
use crate::channel::{OPTIONAL, Surroundings};
use crate::git::ledger::GitLedger;
use crate::http::{Secret, Trace};
use crate::ledger::tellings::Standing;
use crate::ledger::{Begun, NewsKey};
use crate::notify::{Channel, ChannelKind, News, Notify, Outlook, PATH, ReaderName, Round};
use crate::view::notify as view;
use crate::workspace::{FileProblem, Files, PersonId, Roles};
use say::Sayer;
use wall::Wall;

/// Tell people what happened and what waits for them, where they read
///
/// `notify.toml` says who reads where, and when not. Each piece of news is told once: what was told is on the ledger. Run it
/// after `greenlit publish`, on the same schedule. It ends with 1 where somebody cannot be told.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Tell this person alone: a short name, a name or an address
    #[arg(long = "for", value_name = "PERSON")]
    person: Option<String>,

    /// Show what would be said now, and say nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Test(trial::Args),
}

/// Finds out what there is to tell, says it, and writes down what was told.
///
/// # Errors
/// When there is no `notify.toml` on the trusted branch, the workspace or its ledger cannot be used, or others are always
/// faster to write: then nothing was said.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if let Some(Verb::Test(args)) = &args.verb {
        return trial::run(args, context);
    }
    guard::refuse_strangers(|name| std::env::var(name).ok())?;
    let trusted = Trusted::read(context, true)?;
    let mut notify = on_trusted(&trusted)?;
    if let Some(person) = &args.person {
        let person = person_named(person, &trusted.roles)?.to_owned();
        notify.readers.retain(|reader, _| *reader == ReaderName::Person(person.clone()));
    }
    let wall = Wall::of(&notify, &trusted.repository, trusted.branches.remote.as_deref(), context);
    if let Some(wall) = &wall {
        wall.name_accounts(&mut notify, &trusted.roles);
    }
    let mut ledger = trusted.ledger(context)?;
    let gathered = trusted.gather(&ledger, context, None)?;
    let begun = ledger.tells_since()?;
    let news = gather::news(&trusted, &gathered, &ledger, context, begun.unwrap_or(context.now))?;
    let desk = Desk { trusted: &trusted, notify: &notify, wall: wall.as_ref(), news: &news, context, begun };
    let page = context.page(trusted.settings.timezone);
    if args.dry_run {
        let outlook = desk.outlook(&ledger)?;
        if context.json() {
            context.print_json(&view::report(&outlook, None, &page));
        } else {
            context.print(&view::rehearsal(&outlook, &notify, &trusted.roles, &page));
        }
        return Ok(Exit::Fine);
    }
    let sayer = Sayer { desk: &desk, runner: round::runner()?, usable: &|channel| desk.is_usable(channel) };
    let (outlook, done) = sayer.say(&mut ledger)?;
    if context.json() {
        context.print_json(&view::report(&outlook, Some(&done), &page));
    } else {
        context.print(&view::human(&outlook, &done, &trusted.roles, &page));
    }
    let trouble = done.iter().any(|(_, ending)| ending.is_trouble());
    let forgotten = !outlook.unreachable.is_empty() || !outlook.lost.is_empty();
    Ok(if trouble || forgotten { Exit::Waits } else { Exit::Fine })
}

/// All that one run knows.
struct Desk<'a> {
    trusted: &'a Trusted,
    notify: &'a Notify,
    /// The forge, where somebody is told something there.
    wall: Option<&'a Wall>,
    news: &'a [News],
    context: &'a Context,
    /// Since when news is told; `None` where this is the first run.
    begun: Option<DateTime<Utc>>,
}

impl Desk<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.context.now
    }

    /// Who is told what, by the ledger as it stands.
    fn outlook(&self, ledger: &GitLedger<'_>) -> Result<Outlook, Failure> {
        let told = |key: &NewsKey| Ok::<_, Failure>(Standing::of(&ledger.tellings(key)?));
        let away = away(&self.trusted.roles, self.now(), self.trusted.settings.timezone);
        let round = Round {
            notify: self.notify,
            workspace: &self.trusted.settings.workspace,
            away: &away,
            begun: self.begun.unwrap_or(self.now()),
            now: self.now(),
            usable: &|channel| self.is_usable(channel),
            told: &told,
        };
        round.outlook(self.news)
    }

    /// Whether a channel's secrets are set.
    fn is_usable(&self, channel: &Channel) -> bool {
        if channel.kind == ChannelKind::Forge {
            return self.wall.is_some_and(Wall::works);
        }
        channel.variables().all(|name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty()))
    }

    /// What a run writes first.
    fn first(&self) -> Option<Begun> {
        self.begun.is_none().then(|| Begun::at(self.now()))
    }
}

/// Who is away, by the workspace's day.
fn away(roles: &Roles, now: DateTime<Utc>, zone: chrono_tz::Tz) -> BTreeSet<PersonId> {
    let today = now.with_timezone(&zone).date_naive();
    let away = roles.people.iter().filter(|(_, person)| person.is_away(today));
    away.map(|(id, _)| id.clone()).collect()
}

/// `notify.toml` as the trusted branch's tip has it.
fn on_trusted(trusted: &Trusted) -> Result<Notify, Failure> {
    let files = trusted.repository.files(trusted.tip)?;
    let branch = &trusted.branches.trusted;
    read(&files, trusted, &format!("on {branch}"))
}

fn read(files: &dyn Files, trusted: &Trusted, place: &str) -> Result<Notify, Failure> {
    of_files(files, &trusted.roles, trusted.settings.timezone, place)
}

/// Reads `notify.toml`.
fn of_files(files: &dyn Files, roles: &Roles, zone: chrono_tz::Tz, place: &str) -> Result<Notify, Failure> {
    let bytes = match files.read(PATH, LARGEST_SETTINGS) {
        Ok(bytes) => bytes,
        Err(FileProblem::Missing) => {
            return Err(Failure::usage(
                "notify/missing",
                format!("there is no {PATH} {place}, so nobody is told anything"),
                "write one: docs/notify.md shows how, and `greenlit notify test` whether it works",
            ));
        }
        Err(problem) => {
            let message = format!("{PATH} {place} cannot be read: {problem}");
            return Err(Failure::broken("notify/unreadable", message, "put a readable file there"));
        }
    };
    let (notify, findings) = Notify::read(&bytes, roles, zone);
    notify.ok_or_else(|| {
        let errors = errors(&findings).join("\n");
        let message = format!("{PATH} {place} has errors, so nobody is told anything\n{errors}");
        Failure::broken("notify/broken", message, "correct them: `greenlit check` shows each in its place")
    })
}

/// What a channel is handed.
fn surroundings(channel: &Channel, context: &Context) -> Surroundings {
    let ends = channel.kind.secrets().iter().chain(&OPTIONAL);
    let read = |end: &&str| {
        let text = std::env::var(channel.variable(end)).ok().filter(|text| !text.trim().is_empty())?;
        Some(((*end).to_owned(), Secret::new(text)))
    };
    let secrets: BTreeMap<String, Secret> = ends.filter_map(read).collect();
    let trace = (context.verbose > 0).then(|| Arc::new(connections::told_of) as Arc<Trace>);
    Surroundings { now: context.now, secrets, trace }
}
