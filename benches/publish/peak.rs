//! How much memory a program takes at most, itself and what it starts. Linux keeps count of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Result;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(3);

/// What a run came to.
pub struct Run {
    /// From its start to its end.
    pub took: Duration,
    /// How it ended.
    pub status: ExitStatus,
    /// Bytes that the program had in memory at most.
    pub own: Option<u64>,
    /// The same for the largest of those that it started: pages of files that it reads are among them.
    pub others: Option<u64>,
}

/// Runs it, and looks at it all the time.
pub fn watched(command: &mut Command) -> Result<Run> {
    let began = Instant::now();
    let mut child = command.spawn()?;
    let mut peaks = BTreeMap::new();
    let status = loop {
        for process in family(child.id()) {
            if let Some(bytes) = peak(process) {
                peaks.insert(process, bytes);
            }
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(PAUSE);
    };
    let own = peaks.remove(&child.id());
    Ok(Run { took: began.elapsed(), status, own, others: peaks.into_values().max() })
}

/// A process, and all that hang on it.
fn family(first: u32) -> BTreeSet<u32> {
    let (mut all, mut new) = (BTreeSet::new(), vec![first]);
    while let Some(process) = new.pop() {
        if all.insert(process) {
            let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
            let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
            new.extend(
                children.flat_map(|text| {
                    text.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u32>>()
                }),
            );
        }
    }
    all
}

/// Bytes at most so far.
fn peak(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
