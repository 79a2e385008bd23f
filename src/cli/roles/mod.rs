//! `greenlit roles`

pub mod diff;

use super::gather::Trusted;
use super::{Context, Exit, Failure};
use crate::view::roles::{Told, human, report};
use crate::workspace::{Roles, suggest};

/// Who may do what: people and their keys, workflows, whose turn it is today
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    compare: Option<Compare>,

    /// What one person may do: a short name, a name or an address
    #[arg(long = "for", value_name = "PERSON")]
    person: Option<String>,

    /// Fetch from the remote first
    #[arg(long)]
    fetch: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Compare {
    Diff(diff::Args),
}

/// Tells the roles that are in force.
///
/// # Errors
/// When the workspace cannot be used, or there is no such person.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if let Some(Compare::Diff(args)) = &args.compare {
        return diff::run(args, context);
    }
    let trusted = Trusted::read(context, args.fetch)?;
    let person = args.person.as_deref().map(|name| person_named(name, &trusted.roles)).transpose()?;
    let commit = trusted.tip.to_string();
    let branch = &trusted.branches.trusted;
    let told = Told { roles: &trusted.roles, trusted: &commit, branch, person };
    let page = context.page(trusted.settings.timezone);
    if context.json() {
        context.print_json(&report(&told, &page));
    } else {
        context.print(&human(&told, &page));
    }
    Ok(Exit::Fine)
}

/// The person whom somebody names by short name, name or address.
///
/// # Errors
/// When nobody in `roles.toml` is called that.
pub fn person_named<'r>(name: &str, roles: &'r Roles) -> Result<&'r str, Failure> {
    let called =
        |(id, person): &(&String, &crate::workspace::Person)| *id == name || person.name.eq_ignore_ascii_case(name);
    let found = roles.people.iter().find(called).map(|(id, _)| id.as_str());
    found.or_else(|| roles.owner_of_email(name)).ok_or_else(|| {
        let ids: Vec<&str> = roles.people.keys().map(String::as_str).collect();
        Failure::usage(
            "roles/unknown-person",
            format!("there is no person {name:?}"),
            suggest::help(name, "people", &ids),
        )
    })
}
