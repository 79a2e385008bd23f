//! `greenlit publish`: two hundred deliveries to servers that take their time, and a film.
//!
//! ```text
//! cargo bench --bench publish
//! cargo bench --bench publish -- --posts 20 --latency 50 --runs 5 --film 300000000
//! cargo bench --bench publish -- --program GREENLIT    measures another build
//! cargo bench --bench publish -- --crosspost FOLDER    measures crosspost too, from the folder where npm installed it
//! ```
//!
//! Each post goes to ten accounts, and no account gets two at once: at best a run takes as long as the busiest account's
//! answers. What is measured is the whole run in a fresh clone: fetch, read, weigh, claim and push, log in and send, record
//! and push. Memory is that of the program and, beside it, of the largest git that it ran.

mod crosspost;
mod peak;
mod room;
mod server;

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use peak::watched;
use room::{FILM, Post, Room, accounts};
use server::Server;

struct Arguments {
    posts: usize,
    latency: Duration,
    runs: usize,
    film: u64,
    program: PathBuf,
    crosspost: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = arguments();
    let temporary = tempfile::tempdir()?;
    many(&arguments, &temporary.path().join("many"))?;
    film(&arguments, &temporary.path().join("film"))?;
    match &arguments.crosspost {
        Some(folder) => crosspost::measure(folder, &arguments, temporary.path()),
        None => {
            println!("\ncrosspost: not measured; `npm install @humanwhocodes/crosspost`, then --crosspost FOLDER");
            Ok(())
        }
    }
}

/// How long a run takes, and how often it pushes.
fn many(arguments: &Arguments, folder: &Path) -> Result<()> {
    let server = Server::start(arguments.latency)?;
    let to = accounts().join(", ");
    let text = |n| format!("---\nto: [{to}]\n---\nPost number {n} says something of its own.\n");
    let posts: Vec<Post> = (0..arguments.posts).map(|n| (format!("post-{n}"), text(n))).collect();
    let room = Room::build(folder, &arguments.program, &server.host(), &posts, None)?;
    let names: Vec<&str> = ["approve"].into_iter().chain(posts.iter().map(|(name, _)| name.as_str())).collect();
    succeed(&room, "noor", &names)?;
    room.clone("runner")?;

    let deliveries = posts.len() * accounts().len();
    println!("{deliveries} deliveries, {} accounts, {:?} an answer\n", accounts().len(), arguments.latency);
    println!(
        "{:<10} {:>10} {:>10} {:>8} {:>8} {:>8} {:>8}",
        "", "ideal", "run", "ratio", "sending", "pushes", "memory"
    );
    let mut ratios = Vec::new();
    for n in 0..arguments.runs.max(1) {
        let room = room.copy(&folder.join(format!("copy-{n}")))?;
        server.take();
        let run = watched(room.greenlit("runner", &["publish"]).stderr(Stdio::null()))?;
        let seen = server.take();
        assert!(run.status.success() && seen.posted() == deliveries, "{}: {seen:?}", run.status);
        let ideal = arguments.latency * u32::try_from(seen.busiest()).map_err(Error::other)?;
        let ratio = run.took.as_secs_f64() / ideal.as_secs_f64();
        let name = format!("run {}", n + 1);
        let pushes = room.pushes();
        println!(
            "{name:<10} {:>7.0} ms {:>7.0} ms {ratio:>8.2} {:>5.0} ms {pushes:>8} {:>8}",
            millis(ideal),
            millis(run.took),
            millis(seen.sending()),
            megabytes(run.own),
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "{:<10} {:>10} {:>10} {:>8.2}",
        "median",
        "",
        "",
        ratios.get(ratios.len() / 2).copied().unwrap_or_default()
    );
    Ok(())
}

/// How much memory each step takes with a film.
fn film(arguments: &Arguments, folder: &Path) -> Result<()> {
    let server = Server::start(Duration::ZERO)?;
    let media = "media: [{ file: assets/film.mp4, alt: A leaf falls }]";
    let post = ("film".to_owned(), format!("---\nto: [{FILM}, outbox/site]\n{media}\n---\nA leaf falls.\n"));
    let room = Room::build(folder, &arguments.program, &server.host(), &[post], Some(arguments.film))?;
    println!("\nA film of {} to {FILM} and outbox/site\n", megabytes(Some(arguments.film)));
    println!("{:<10} {:>10} {:>10} {:>10}", "", "greenlit", "git", "time");
    // Whoever approves learns what the server takes, and so does the clone that publishes.
    for steps in [&["approve", "film"][..], &["check"], &["preview", "film"], &["plan"], &["status"], &["publish"]] {
        let name = steps.first().copied().unwrap_or_default();
        let clone = if name == "publish" { "runner" } else { "noor" };
        if clone == "runner" {
            room.clone(clone)?;
        }
        let run = watched(room.greenlit(clone, steps).stderr(Stdio::null()))?;
        assert!(matches!(run.status.code(), Some(0 | 1)), "greenlit {name}: {}", run.status);
        println!("{name:<10} {:>10} {:>10} {:>7.0} ms", megabytes(run.own), megabytes(run.others), millis(run.took));
    }
    let seen = server.take();
    assert!(seen.uploaded >= arguments.film, "the film was not sent: {seen:?}");
    Ok(())
}

fn succeed(room: &Room, clone: &str, steps: &[&str]) -> Result<()> {
    let status = room.greenlit(clone, steps).status()?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("greenlit {}: {status}", steps.join(" ")))) }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{:.0} MB", bytes as f64 / 1e6))
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        posts: 20,
        latency: Duration::from_millis(50),
        runs: 5,
        film: 300_000_000,
        program: env!("CARGO_BIN_EXE_greenlit").into(),
        crosspost: None,
    };
    let mut given = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(name) = given.next() {
        let value = given.next().unwrap_or_default();
        let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{name} takes a number"));
        match name.as_str() {
            "--posts" => found.posts = number() as usize,
            "--latency" => found.latency = Duration::from_millis(number().into()),
            "--runs" => found.runs = number() as usize,
            "--film" => found.film = number().into(),
            "--program" => found.program = std::path::absolute(&value).expect("a program"),
            "--crosspost" => found.crosspost = Some(std::path::absolute(&value).expect("a folder")),
            _ => panic!("there is no {name}"),
        }
    }
    found
}
