//! `greenlit preview`

use std::path::Path;

use super::gather::repeats::duplicate;
use super::gather::{Trusted, network_specs};
use super::thread::open;
use super::{Context, Exit, Failure};
use crate::git::{Repository, WorkTreeFiles};
use crate::network;
use crate::render::render;
use crate::rules;
use crate::view::escape;
use crate::view::preview::{Preview, Rendered};
use crate::workspace::suggest;
use crate::workspace::{AccountName, FileAssets, Finding, Loaded, Post, Settings, load};

/// Show exactly what a post would send, from the files as they are now
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The post's id, or its file
    post: String,

    /// Only for these accounts, or for a network's accounts; for all that the post goes to where none is given
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<String>,
}

/// Prints what would go out. Reads the working tree, and asks no server.
///
/// # Errors
/// When there is no such post or account, or `greenlit.toml` has an error.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let repository = context.repository()?;
    let files = WorkTreeFiles::new(repository.root());
    let loaded = load(&files, &network_specs());
    let settings = loaded.settings.as_ref().ok_or_else(|| broken(&loaded.findings))?;
    let path = path_in(repository.root(), &context.folder, &args.post);
    let file = file_of(&loaded, &args.post, path.as_deref()).ok_or_else(|| unknown(&loaded, &args.post))?;

    let mut findings: Vec<Finding> = loaded.findings.iter().filter(|f| f.source.path == file).cloned().collect();
    let mut accounts = Vec::new();
    let post = loaded.posts.iter().find(|post| post.source.path == file);
    if let Some(post) = post {
        let assets = FileAssets::new(&files);
        for name in chosen(post, &args.account)? {
            accounts.push(rendered(post, name, settings, &repository, &assets, &mut findings));
        }
        // Accounts share texts, and so their faults.
        let mut seen: Vec<Finding> = Vec::new();
        findings.retain(|finding| {
            !seen.contains(finding) && {
                seen.push(finding.clone());
                true
            }
        });
    }
    // Nobody has decided anything where there is no trusted branch yet; what is written is shown all the same.
    let now = post.and_then(|post| std::fs::read_to_string(repository.root().join(&post.source.path)).ok());
    let trusted = post.and_then(|_| Trusted::read(context, false).ok());
    let known = trusted.as_ref().and_then(|trusted| Some((trusted, trusted.ledger(context).ok()?)));
    let mut remarks = Vec::new();
    if let (Some((trusted, ledger)), Some(post)) = (&known, post) {
        remarks = now.and_then(|now| open(trusted, ledger, context, &post.id, &now).ok()).unwrap_or_default();
        for rendered in &mut accounts {
            let of = settings.accounts.get(&rendered.account).zip(rendered.payload.as_ref());
            let found = of.map(|(account, (_, payload))| duplicate(account, payload, post.due, ledger, context));
            rendered.duplicate = found.and_then(Result::ok).flatten();
        }
    }
    let preview = Preview { file, post, accounts: &accounts, findings: &findings, remarks: &remarks };
    if context.json() {
        context.print_json(&preview.report());
    } else {
        context.print(&preview.human(&context.page(settings.timezone)));
    }
    Ok(if findings.iter().any(Finding::is_error) { Exit::Waits } else { Exit::Fine })
}

/// A post for one account, and what is wrong with it there.
pub(super) fn rendered(
    post: &Post,
    name: &AccountName,
    settings: &Settings,
    repository: &Repository,
    assets: &FileAssets<'_>,
    findings: &mut Vec<Finding>,
) -> Rendered {
    let network = network::named(name.network());
    let Some((network, account)) = network.zip(settings.accounts.get(name)) else {
        return Rendered::failed(name.clone());
    };
    let limits = repository.git_folder().join("greenlit/instances");
    let capability = network.capability_of(account, Some(&limits));
    match render(post, account, &capability, &settings.workspace, assets) {
        Ok(payload) => {
            findings.extend(rules::check(post, &payload, &capability, assets));
            Rendered::new(payload, &capability)
        }
        Err(faults) => {
            findings.extend(faults);
            Rendered::failed(name.clone())
        }
    }
}

/// The accounts of the post that were asked for.
fn chosen<'a>(post: &'a Post, wanted: &[String]) -> Result<Vec<&'a AccountName>, Failure> {
    let is = |account: &AccountName, wanted: &str| account.as_str() == wanted || account.network() == wanted;
    for wanted in wanted {
        if !post.to.iter().any(|account| is(account, wanted)) {
            let accounts: Vec<&str> = post.to.iter().map(AccountName::as_str).collect();
            return Err(Failure::usage(
                "preview/account",
                format!("{} does not go to {wanted:?}", post.id),
                suggest::help(wanted, "accounts", &accounts),
            ));
        }
    }
    let all = post.to.iter();
    Ok(all.filter(|account| wanted.is_empty() || wanted.iter().any(|wanted| is(account, wanted))).collect())
}

/// The file of a post that is named by its id, by its path from the workspace's root or from where we are.
fn file_of<'a>(loaded: &'a Loaded, name: &str, path: Option<&str>) -> Option<&'a str> {
    let good = loaded.posts.iter().map(|post| (Some(&post.id), post.source.path.as_str()));
    let broken = loaded.broken.iter().map(|broken| (broken.id.as_ref(), broken.path.as_str()));
    let all = || good.clone().chain(broken.clone());
    let by_id = all().find(|(id, _)| id.is_some_and(|id| id.as_str() == name));
    by_id.or_else(|| all().find(|(_, file)| *file == name || Some(*file) == path)).map(|(_, file)| file)
}

/// A path from the current folder as one from the workspace's root.
fn path_in(root: &Path, folder: &Path, name: &str) -> Option<String> {
    let (root, file) = (root.canonicalize().ok()?, folder.join(name).canonicalize().ok()?);
    let steps = file.strip_prefix(root).ok()?.iter().map(|step| step.to_str());
    Some(steps.collect::<Option<Vec<_>>>()?.join("/"))
}

fn unknown(loaded: &Loaded, name: &str) -> Failure {
    let ids = loaded.posts.iter().map(|post| post.id.as_str());
    let ids: Vec<&str> = ids.chain(loaded.broken.iter().filter_map(|post| Some(post.id.as_ref()?.as_str()))).collect();
    let help = match suggest::nearest(name, ids.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if ids.is_empty() => "there are no posts yet: `greenlit new \"First post\"` writes one".to_owned(),
        None => format!("there is {}", suggest::list(ids)),
    };
    Failure::usage("preview/unknown-post", format!("there is no post {name:?} in this folder"), help)
}

fn broken(findings: &[Finding]) -> Failure {
    let settings = findings.iter().find(|finding| finding.source.path == "greenlit.toml");
    let why = settings.map_or_else(|| "it cannot be read".to_owned(), |finding| escape(&finding.message).into_owned());
    Failure::broken("preview/settings", format!("greenlit.toml has an error: {why}"), "`greenlit check` tells more")
}
