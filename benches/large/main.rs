//! `greenlit status` against `git log --name-status` on a large repository, in the same run.
//!
//! ```text
//! cargo bench --bench large
//! cargo bench --bench large -- --posts 500 --commits 2000 --approvals 1000 --runs 3
//! cargo bench --bench large -- --in FOLDER          builds the repository there, or takes what was built there before
//! cargo bench --bench large -- --program GREENLIT   measures another build
//! ```
//!
//! The root of trust is pinned, as in CI. What status says cold, warm and after new commits is compared with what it
//! says without a cache.

mod chance;
mod history;
#[allow(dead_code, reason = "another bench reads the rest of it")]
#[path = "../publish/peak.rs"]
mod peak;
mod workspace;

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use workspace::{Size, Workspace};

struct Arguments {
    size: Size,
    runs: usize,
    folder: Option<PathBuf>,
    program: PathBuf,
}

fn main() -> Result<()> {
    let Arguments { size, runs, folder, program } = arguments();
    let temporary = tempfile::tempdir()?;
    let folder = folder.unwrap_or_else(|| temporary.path().join("large"));
    let began = Instant::now();
    let workspace = Workspace::at(&folder, size)?;
    println!("{size:?}, built in {:.0} s", began.elapsed().as_secs_f64());

    let cache = folder.join(".git/greenlit/cache");
    workspace.stand(false)?;
    let root = workspace.root()?;
    let log = median(runs, || Ok(()), || git_log(&workspace))?;
    let cold = median(runs, || forget(&cache), || status(&workspace, &program, &root))?;
    let fresh = told(&workspace, &program, &root, &cache, true)?;
    let warm = median(runs, || Ok(()), || status(&workspace, &program, &root))?;
    assert_eq!(told(&workspace, &program, &root, &cache, false)?, fresh, "warm, status says what it says cold");

    let kept = folder.join(".git/greenlit/cache-before");
    copy(&cache, &kept)?;
    workspace.stand(true)?;
    let after =
        median(runs, || forget(&cache).and_then(|()| copy(&kept, &cache)), || status(&workspace, &program, &root))?;
    let grown = told(&workspace, &program, &root, &cache, false)?;
    let whole = told(&workspace, &program, &root, &cache, true)?;
    assert_eq!(grown, whole, "after new commits, status says what it says without a cache");
    assert_ne!(grown, fresh, "the new commits are seen");
    forget(&kept)?;
    workspace.stand(false)?;
    let memory = |afresh| -> Result<u64> {
        if afresh {
            forget(&cache)?;
        }
        let mut command = Command::new(&program);
        let run =
            peak::watched(workspace.surround(&mut command).args(["status", "--root", &root]).stdout(Stdio::null()))?;
        assert!(matches!(run.status.code(), Some(0 | 1)), "{}", run.status);
        Ok(run.own.unwrap_or_default() >> 20)
    };
    let (cold_memory, warm_memory) = (memory(true)?, memory(false)?);

    println!("{:<34} {:>9} {:>8}", "", "median", "of log");
    for (name, time) in [
        ("git log --all --name-status", log),
        ("status, cold", cold),
        ("status, warm", warm),
        ("status, after 100 new commits", after),
    ] {
        println!("{name:<34} {:>6.0} ms {:>7.3}", time.as_secs_f64() * 1e3, time.as_secs_f64() / log.as_secs_f64());
    }
    println!("memory of status, at most: {cold_memory} MB cold, {warm_memory} MB warm");
    Ok(())
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        size: Size { posts: 10_000, commits: 40_000, approvals: 20_000 },
        runs: 5,
        folder: None,
        program: env!("CARGO_BIN_EXE_greenlit").into(),
    };
    let mut given = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(name) = given.next() {
        let value = given.next().unwrap_or_default();
        let number = || value.parse().unwrap_or_else(|_| panic!("{name} takes a number"));
        match name.as_str() {
            "--posts" => found.size.posts = number(),
            "--commits" => found.size.commits = number(),
            "--approvals" => found.size.approvals = number(),
            "--runs" => found.runs = number(),
            "--program" => found.program = std::path::absolute(&value).expect("a program"),
            "--in" => found.folder = Some(std::path::absolute(&value).expect("a folder")),
            _ => panic!("there is no {name}"),
        }
    }
    found
}

fn git_log(workspace: &Workspace) -> Result<()> {
    let mut git = Command::new("git");
    let branches = ["main", "greenlit/approvals", "greenlit/ledger"];
    finish(workspace.surround(&mut git).args(["log", "--name-status"]).args(branches))
}

fn status(workspace: &Workspace, program: &Path, root: &str) -> Result<()> {
    finish(workspace.surround(&mut Command::new(program)).args(["status", "--root", root]))
}

/// What status tells programs; without a cache where `afresh`.
fn told(workspace: &Workspace, program: &Path, root: &str, cache: &Path, afresh: bool) -> Result<String> {
    if afresh {
        forget(cache)?;
    }
    let mut command = Command::new(program);
    let output =
        workspace.surround(&mut command).args(["status", "--root", root, "--all", "--format", "json"]).output()?;
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn finish(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?}: {status}");
    Ok(())
}

fn median(runs: usize, before: impl Fn() -> Result<()>, run: impl Fn() -> Result<()>) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        before()?;
        let began = Instant::now();
        run()?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}

fn forget(folder: &Path) -> Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    if from.exists() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
