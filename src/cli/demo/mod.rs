//! `greenlit demo`

mod files;
mod stage;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Context, Exit, Failure};
use crate::view::escape;
use stage::{Stage, Step};

/// Build a small newsroom with real git history, and publish in it: no account, no network
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An empty or new folder
    #[arg(default_value = "greenlit-demo")]
    dir: PathBuf,
}

/// What the demo did, and where it left the newsroom.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Told {
    version: u32,
    /// The workspace.
    workspace: String,
    /// The remote that it was cloned from: a bare repository.
    remote: String,
    /// The published site's first page.
    site: String,
    /// Every command that was run, in order.
    steps: Vec<Step>,
}

/// Plays the story. Every command in it is run as a person would have typed it.
///
/// # Errors
/// When the folder is not empty, git is missing, or a command ends otherwise than it should.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folder = context.folder.join(&args.dir);
    claim(&folder)?;
    let mut stage = Stage::set(&folder, context)?;
    story::tell(&mut stage)?;
    let workspace = stage.workspace();
    let site = workspace.join("public").join("index.html");
    if context.json() {
        let shown = |path: &Path| path.display().to_string();
        context.print_json(&Told {
            version: 1,
            workspace: shown(&workspace),
            remote: shown(&stage.remote()),
            site: shown(&site),
            steps: stage.into_steps(),
        });
    } else {
        context.print(&look_around(&args.dir, &site));
    }
    Ok(Exit::Fine)
}

/// Makes the folder; one with something in it is left alone.
fn claim(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display().to_string();
    let unusable = |error: std::io::Error| {
        Failure::broken("demo/folder", format!("{} cannot be used: {error}", escape(&shown)), "name another folder")
    };
    if folder.is_file() {
        let message = format!("{} is a file, and a folder is needed", escape(&shown));
        return Err(Failure::usage("demo/folder", message, "name another folder"));
    }
    fs::create_dir_all(folder).map_err(unusable)?;
    if fs::read_dir(folder).map_err(unusable)?.next().is_some() {
        return Err(Failure::usage(
            "demo/not-empty",
            format!("{} is not empty", escape(&shown)),
            "name a new folder: `greenlit demo ANOTHER`",
        ));
    }
    Ok(())
}

fn look_around(dir: &Path, site: &Path) -> String {
    let (dir, site) = (dir.display().to_string(), site.display().to_string());
    format!(
        "
The newsroom is yours to play with:

  cd {dir}/newsroom
  greenlit status               where each post stands
  greenlit plan                 what would go out now, and why not more
  greenlit log support-hours    the story of one post

The site is {site}

Say yes as Tess, and the prices go out:

  GIT_CONFIG_GLOBAL=../people/tess/.gitconfig greenlit approve prices
  greenlit publish
",
        dir = escape(&dir),
        site = escape(&site),
    )
}
