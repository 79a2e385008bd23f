//! `greenlit check` against `cat` of the same files, in the same run: ten thousand posts, and one.
//!
//! ```text
//! cargo bench --bench check
//! cargo bench --bench check -- --in FOLDER          builds the repository there, or takes what was built there before
//! cargo bench --bench check -- --peer "npx markdownlint-cli2"   a program that is given the posts' folder, for comparison
//! ```

#[path = "../large/chance.rs"]
mod chance;
#[path = "../large/history.rs"]
mod history;
#[allow(dead_code, reason = "another bench uses the rest of it")]
#[path = "../large/workspace.rs"]
mod workspace;

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use workspace::{Size, Workspace};

const RUNS: usize = 5;
const SIZE: Size = Size { posts: 10_000, commits: 40_000, approvals: 20_000 };

fn main() -> Result<()> {
    let (mut folder, mut peer) = (None, None);
    let mut given = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(name) = given.next() {
        match name.as_str() {
            "--in" => folder = given.next().map(PathBuf::from),
            "--peer" => peer = given.next(),
            _ => panic!("there is no {name}"),
        }
    }
    let temporary = tempfile::tempdir()?;
    let workspace = Workspace::at(&folder.unwrap_or_else(|| temporary.path().join("large")), SIZE)?;
    let desk = temporary.path().join("desk");
    fs::create_dir_all(&desk)?;
    let checkout = format!("--work-tree={}", desk.display());
    let mut git = Command::new("git");
    run(workspace.surround(&mut git).args([&checkout, "checkout", "--force", "refs/heads/main", "--", "."]))?;

    let posts = posts(&desk.join("posts"))?;
    let greenlit = |paths: &[&str]| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_greenlit"));
        workspace.surround(&mut check).current_dir(&desk).arg("check").args(paths);
        check
    };
    let mut cat = Command::new("cat");
    cat.args(&posts);
    let cat = median(&mut cat)?;
    let all = median(&mut greenlit(&[]))?;

    let single = temporary.path().join("single");
    fs::create_dir_all(single.join("posts"))?;
    for file in ["greenlit.toml", "roles.toml"] {
        fs::copy(desk.join(file), single.join(file))?;
    }
    fs::write(single.join("posts/one.md"), "---\nto: bluesky/acme\n---\nAutumn is here.\n")?;
    let mut check = Command::new(env!("CARGO_BIN_EXE_greenlit"));
    workspace.surround(&mut check).current_dir(&single).arg("check");
    let one = median(&mut check)?;

    println!("{} posts", posts.len());
    println!("{:<28} {:>9} {:>8}", "", "median", "of cat");
    let mut lines = vec![("cat", cat), ("greenlit check", all), ("greenlit check, one post", one)];
    if let Some(peer) = &peer {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{peer} 'posts/**/*.md'")]).current_dir(&desk);
        lines.push(("the peer", median(&mut command)?));
    }
    for (name, time) in lines {
        println!("{name:<28} {:>6.0} ms {:>8.2}", time.as_secs_f64() * 1e3, time.as_secs_f64() / cat.as_secs_f64());
    }
    Ok(())
}

/// All posts in a folder and those below it.
fn posts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(posts(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    assert!(matches!(status.code(), Some(0 | 1)), "{command:?}: {status}");
    Ok(())
}

fn median(command: &mut Command) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        run(command)?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}
