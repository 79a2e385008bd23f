//! `greenlit plan` over a short ledger and a long one: what is old should cost nothing.
//!
//! ```text
//! cargo bench --bench ledger
//! cargo bench --bench ledger -- --short 1000 --long 20000 --runs 5
//! cargo bench --bench ledger -- --in FOLDER          builds the ledgers there, or takes what was built there before
//! cargo bench --bench ledger -- --program GREENLIT   measures another build
//! ```
//!
//! Both workspaces have the same posts. The ledgers hold claims and receipts of others, which are long gone.

mod room;

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use room::Room;

struct Arguments {
    short: usize,
    long: usize,
    runs: usize,
    folder: Option<PathBuf>,
    program: PathBuf,
}

fn main() -> Result<()> {
    let Arguments { short, long, runs, folder, program } = arguments();
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().to_owned());
    let mut times = Vec::new();
    for entries in [short, long] {
        let room = Room::at(&folder.join(entries.to_string()), entries)?;
        let cache = room.folder.join(".git/greenlit/cache");
        let cold = median(runs.min(3), || forget(&cache), || plan(&room, &program))?;
        let warm = median(runs, || Ok(()), || plan(&room, &program))?;
        let walk = median(1, || Ok(()), || verify(&room, &program))?;
        times.push([cold, warm, walk]);
    }
    let [few, many] = times.as_slice() else { return Ok(()) };
    println!("{:<24} {short:>9} {long:>9} {:>8}", "entries", "ratio");
    for (at, name) in ["plan, cold", "plan, warm", "ledger verify"].into_iter().enumerate() {
        let (few, many) = (few[at].as_secs_f64(), many[at].as_secs_f64());
        println!("{name:<24} {:>6.0} ms {:>6.0} ms {:>8.2}", few * 1e3, many * 1e3, many / few);
    }
    Ok(())
}

fn arguments() -> Arguments {
    let program = env!("CARGO_BIN_EXE_greenlit").into();
    let mut found = Arguments { short: 1_000, long: 100_000, runs: 9, folder: None, program };
    let mut given = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(name) = given.next() {
        let value = given.next().unwrap_or_default();
        let number = || value.parse().unwrap_or_else(|_| panic!("{name} takes a number"));
        match name.as_str() {
            "--short" => found.short = number(),
            "--long" => found.long = number(),
            "--runs" => found.runs = number(),
            "--program" => found.program = std::path::absolute(&value).expect("a program"),
            "--in" => found.folder = Some(std::path::absolute(&value).expect("a folder")),
            _ => panic!("there is no {name}"),
        }
    }
    found
}

fn plan(room: &Room, program: &Path) -> Result<()> {
    run(room, program, &["plan"], &[0, 1])
}

/// The approvals that the claims name were never given: that is found.
fn verify(room: &Room, program: &Path) -> Result<()> {
    run(room, program, &["ledger", "verify"], &[3])
}

fn run(room: &Room, program: &Path, arguments: &[&str], exits: &[i32]) -> Result<()> {
    let mut command = Command::new(program);
    let command = room.surround(&mut command).args(arguments);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    assert!(status.code().is_some_and(|code| exits.contains(&code)), "{command:?}: {status}");
    Ok(())
}

fn median(runs: usize, before: impl Fn() -> Result<()>, what: impl Fn() -> Result<()>) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        before()?;
        let began = Instant::now();
        what()?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}

fn forget(folder: &Path) -> Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}
