//! Crosspost, a program for the same work, against the same servers: the same posts to the same accounts.

use std::io::{Error, Result};
use std::path::Path;
use std::process::{Command, Stdio};

use super::peak::{Run, watched};
use super::server::Server;
use super::{Arguments, megabytes, millis};

/// Hands posts to its library, one after the other, each to all accounts at once, as its command does. Its servers are
/// always https: that alone is changed.
const SCRIPT: &str = include_str!("crosspost.mjs");

/// Measures it from the folder that npm installed it into.
pub fn measure(folder: &Path, arguments: &Arguments, temporary: &Path) -> Result<()> {
    // What it imports is looked for beside the script.
    let script = folder.join("greenlit-bench.mjs");
    std::fs::write(&script, SCRIPT)?;
    let film = temporary.join("film.png");
    super::room::write_film(&film, arguments.film)?;
    let server = Server::start(arguments.latency)?;
    let run = |what: &[&str]| -> Result<Run> {
        let mut command = Command::new("node");
        command.arg(&script).arg(server.host()).args(what).stdin(Stdio::null());
        let run = watched(&mut command)?;
        if run.status.success() { Ok(run) } else { Err(Error::other(format!("crosspost: {}", run.status))) }
    };
    let many = run(&["many", &arguments.posts.to_string()])?;
    let seen = server.take();
    let ideal = arguments.latency * u32::try_from(seen.busiest()).map_err(Error::other)?;
    let ratio = many.took.as_secs_f64() / ideal.as_secs_f64();
    println!(
        "\ncrosspost: {} posts out in {:.0} ms, {ratio:.2} of ideal, {}",
        seen.posted(),
        millis(many.took),
        megabytes(many.own)
    );
    let large = run(&["film", &film.display().to_string()])?;
    let seen = server.take();
    println!(
        "crosspost: a file of {} (a picture by its first bytes: it takes no films) in {}",
        megabytes(Some(seen.uploaded)),
        megabytes(large.own)
    );
    std::fs::remove_file(&script)
}
