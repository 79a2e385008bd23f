//! `greenlit roles diff`

use crate::cli::gather::{LARGEST_SETTINGS, Trusted, errors};
use crate::cli::{Context, Exit, Failure};
use crate::git::WorkTreeFiles;
use crate::plan::Plan;
use crate::policy::Evidence;
use crate::view::roles::diff::{DiffReport, Side, human, report};
use crate::workspace::{Files, Roles, load_roles};

/// What a change of roles.toml does to every pending post: who loses an approval, what gets a new stage
///
/// Without names it compares the roles that are in force with roles.toml as you are editing it here.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The roles as they are: a commit or branch; the roles in force where there is none
    before: Option<String>,

    /// The roles as they would be: a commit or branch; roles.toml in this folder where there is none
    after: Option<String>,
}

/// Judges all that is pending under both, and tells the difference.
///
/// # Errors
/// When the workspace cannot be used, or a `roles.toml` cannot be read.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let trusted = Trusted::read(context, false)?;
    let (before, before_name) = match &args.before {
        Some(name) => (at_commit(name, &trusted)?, name.clone()),
        None => (trusted.roles.clone(), format!("{} (in force)", trusted.branches.trusted)),
    };
    let (after, after_name) = match &args.after {
        Some(name) => (at_commit(name, &trusted)?, name.clone()),
        None => (read(&WorkTreeFiles::new(trusted.repository.root()), "here")?, "roles.toml here".to_owned()),
    };
    let page = context.page(trusted.settings.timezone);
    let trusted = Trusted { roles: before.clone(), ..trusted };
    let gathered = trusted.gather(&trusted.ledger(context)?, context, None)?;
    let trusted = Trusted { roles: after.clone(), ..trusted };
    let plan = weigh(&trusted, &gathered.evidence, context)?;
    let before = Side { name: &before_name, roles: &before, plan: &gathered.plan };
    let after = Side { name: &after_name, roles: &after, plan: &plan };
    let report = report(&before, &after, &page);
    if context.json() {
        context.print_json(&report);
    } else {
        context.print(&human(&report, &before, &after, &page));
    }
    Ok(if report.touches_posts() { Exit::Waits } else { Exit::Fine })
}

/// What other roles than those in force would do to every pending post, for programs and for people.
///
/// # Errors
/// When history or the ledger cannot be read.
pub fn told(
    trusted: &mut Trusted,
    evidence: &Evidence,
    roles: Roles,
    context: &Context,
) -> Result<(DiffReport, String), Failure> {
    let (plan_before, page) = (weigh(trusted, evidence, context)?, context.page(trusted.settings.timezone));
    let roles_before = std::mem::replace(&mut trusted.roles, roles);
    let plan = weigh(trusted, evidence, context);
    let roles = std::mem::replace(&mut trusted.roles, roles_before);
    let before = Side { name: "the roles in force", roles: &trusted.roles, plan: &plan_before };
    let after = Side { name: "the new roles", roles: &roles, plan: &plan? };
    let report = report(&before, &after, &page);
    let human = human(&report, &before, &after, &page);
    Ok((report, human))
}

fn weigh(trusted: &Trusted, evidence: &Evidence, context: &Context) -> Result<Plan, Failure> {
    trusted.weigh(evidence, &trusted.ledger(context)?, context, None)
}

fn at_commit(name: &str, trusted: &Trusted) -> Result<Roles, Failure> {
    let commit = trusted.repository.commit_named(name)?;
    read(&trusted.repository.files(commit)?, &format!("in {name}"))
}

fn read(files: &dyn Files, place: &str) -> Result<Roles, Failure> {
    let broken = |why: String| {
        let help = "`greenlit check` shows each error in its place";
        Failure::broken("roles/broken", format!("roles.toml {place} cannot be used\n{why}"), help)
    };
    let bytes = files.read("roles.toml", LARGEST_SETTINGS).map_err(|problem| broken(problem.to_string()))?;
    let (roles, findings) = load_roles(&bytes);
    roles.ok_or_else(|| broken(errors(&findings).join("\n")))
}
