//! Addresses that were fine lately: they are not asked again on the same day.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

/// So long an address that was fine stays so, in hours.
const FRESH: i64 = 24;
/// Larger files are not read, in bytes.
const LARGEST: u64 = 16 << 20;

/// What is remembered of addresses, in a file that may be deleted at any time. Only what was fine is: a fault is looked at
/// again each time.
#[derive(Debug, Default)]
pub struct Memory {
    file: Option<PathBuf>,
    fine: BTreeMap<String, DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl Memory {
    /// What a folder remembers; without one, nothing is.
    pub fn of(folder: Option<&Path>, now: DateTime<Utc>) -> Self {
        let file = folder.map(|folder| folder.join("links.json"));
        let read = |file: &PathBuf| {
            let small = file.symlink_metadata().is_ok_and(|file| file.is_file() && file.len() <= LARGEST);
            small.then(|| serde_json::from_slice(&fs::read(file).ok()?).ok()).flatten()
        };
        let fine: BTreeMap<String, DateTime<Utc>> = file.as_ref().and_then(read).unwrap_or_default();
        let fresh = |seen: &DateTime<Utc>| *seen <= now && now - *seen < TimeDelta::hours(FRESH);
        Self { fine: fine.into_iter().filter(|(_, seen)| fresh(seen)).collect(), file, now }
    }

    /// Whether an address was fine lately.
    pub fn knows(&self, address: &str) -> bool {
        self.fine.contains_key(address)
    }

    /// Takes in that an address is fine.
    pub fn learn(&mut self, address: &str) {
        self.fine.insert(address.to_owned(), self.now);
    }

    /// Keeps all of it. That it cannot be kept is no fault.
    pub fn keep(&self) {
        let (Some(file), Ok(text)) = (&self.file, serde_json::to_vec(&self.fine)) else { return };
        let new = file.with_extension(format!("{}.new", std::process::id()));
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        if folder.and_then(|()| fs::write(&new, text)).and_then(|()| fs::rename(&new, file)).is_err() {
            let _ = fs::remove_file(&new);
        }
    }
}
