//! `greenlit ci doctor`

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ci::{Diagnosis, Surroundings, diagnose};
use crate::cli::check;
use crate::cli::gather::network_specs;
use crate::cli::root::Root;
use crate::cli::{Context, Exit, Failure, Format};
use crate::git::{Repository, WorkTreeFiles};
use crate::view::findings::{self, Report, github, junit, rdjson, sarif};
use crate::workspace::{Files, Finding, Settings, Severity, Source, load_settings};

/// Look through the workflow files here for what is unsafe or cannot work
///
/// It reads .github/workflows, .forgejo/workflows, .gitea/workflows and .gitlab-ci.yml in the working tree, with the actions,
/// workflows and included files of the repository that these use, and asks nobody. It ends with 1 where anything is wrong; remarks tell what no file can show. `greenlit check --explain CODE`
/// says more of each code.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// More than any workflow needs.
const LARGEST: u64 = 1 << 20;

/// Reads the workflow files, and reports all that is wrong.
///
/// # Errors
/// When this is no workspace, or there are no workflow files.
pub fn run(_: &Args, context: &Context) -> Result<Exit, Failure> {
    let folder = context.folder.canonicalize().unwrap_or_else(|_| context.folder.clone());
    let root = check::root(&folder)?;
    let files = WorkTreeFiles::new(root);
    let bytes = files.read("greenlit.toml", LARGEST).ok();
    let settings = bytes.and_then(|bytes| load_settings(&bytes, &network_specs()).0);
    // A shallow clone has no repository that can be asked, and workflow files all the same.
    let repository = Repository::open(root).ok();
    let pinned = match &repository {
        Some(repository) => Root::of(context.root.as_ref(), repository)?,
        None => context.root.clone(),
    };
    let notify = settings.as_ref().and_then(|settings| super::notify(&files, settings));
    let around = Surroundings {
        trusted: settings.as_ref().map_or_else(|| "main".to_owned(), |settings| settings.trusted.clone()),
        needs: settings.as_ref().map(super::needs),
        channels: super::channels(notify.as_ref()),
        mentions: super::mentions(notify.as_ref()),
        root: pinned.and_then(|root| root.commit().ok()).map(|commit| commit.to_string()),
        reviews: super::reviews_count(&files),
        understands: super::understands,
    };
    let Diagnosis { sources, mut found, publishes } = diagnose(&files, &around);
    if sources.is_empty() && found.is_empty() {
        return Err(Failure::new(
            Exit::Waits,
            "ci/none",
            "there are no workflow files here, so nothing is checked and nothing published",
            "`greenlit ci init` writes them",
        ));
    }
    found.extend(sources.first().filter(|_| !publishes).map(no_publishing));
    found.extend(
        settings.iter().zip(&repository).flat_map(|(settings, repository)| apart(&sources, settings, repository)),
    );
    found.sort_by(|a, b| (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start)));
    print(&sources, &findings::shown(&found), context);
    let wrong = found.iter().any(|finding| finding.severity != Severity::Info);
    Ok(if wrong { Exit::Waits } else { Exit::Fine })
}

/// What a script of one's own starts, nobody sees here.
fn no_publishing(source: &Arc<Source>) -> Finding {
    let message = "no job of the workflow files here publishes, as far as they tell";
    let finding = Finding::warning("ci/no-publish", source, 0..0, message).label("this file");
    let help = "`greenlit ci init` writes one; where a script of yours runs `greenlit publish`, write that into the job itself";
    Finding { severity: Severity::Info, ..finding.help(help) }
}

/// Files that are not on the trusted branch as they are here: what runs is what stands there.
fn apart(sources: &[Arc<Source>], settings: &Settings, repository: &Repository) -> Vec<Finding> {
    let branches = repository.branches(&settings.trusted, &settings.remote);
    let tip = branches.and_then(|branches| repository.trusted_tip(&branches));
    let Ok(there) = tip.and_then(|tip| repository.files(tip)) else { return Vec::new() };
    let trusted = &settings.trusted;
    let tell = |source: &Arc<Source>| {
        let message = match there.read(&source.path, LARGEST) {
            Ok(bytes) if String::from_utf8_lossy(&bytes) == source.text => return None,
            Ok(_) => format!("on {trusted} it says something else, and what runs there is that"),
            Err(_) => format!("it is not on {trusted}, so no schedule and no push there runs it"),
        };
        let finding = Finding::warning("ci/not-on-trusted", source, 0..0, message).label("this file");
        let help = format!("bring it to {trusted}, with a pull request");
        Some(Finding { severity: Severity::Info, ..finding.help(help) })
    };
    sources.iter().filter_map(tell).collect()
}

fn print(sources: &[Arc<Source>], found: &[Finding], context: &Context) {
    match context.format {
        Format::Json => context.print_json(&Report::new(found)),
        Format::Github => context.print(&github::commands(found)),
        Format::Sarif => context.print_json(&sarif::Log::new(found)),
        Format::Junit => {
            let files: BTreeSet<String> = sources.iter().map(|source| source.path.clone()).collect();
            context.print(&junit::document(found, &files));
        }
        Format::Rdjson => context.print_json(&rdjson::Report::new(found)),
        Format::Human if found.is_empty() => {
            let several = if sources.len() == 1 { "file is" } else { "files are" };
            context.print(&format!("{} workflow {several} fine.\n", sources.len()));
        }
        Format::Human => {
            context.print(&findings::grouped(found, context.width, context.colour));
            context.print(&format!("{}\n", findings::summary(found)));
        }
    }
}
