//! The newsroom's files, as `examples/newsroom` has them, with this demo's keys and times.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The people of `roles.toml`: short name, full name.
pub const PEOPLE: [(&str, &str); 5] = [
    ("maya", "Maya Lindqvist"),
    ("noor", "Noor Haddad"),
    ("li", "Li Wei"),
    ("tess", "Tess Okafor"),
    ("sam", "Sam Rivera"),
];

/// The newsroom's zone, as its settings name it.
pub const ZONE: Tz = chrono_tz::Europe::Amsterdam;

macro_rules! example {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../../examples/newsroom/", $path)))),*]
    };
}

const FILES: &[(&str, &[u8])] = example![
    "greenlit.toml",
    "roles.toml",
    "assets/acme-5.png",
    "assets/hours-saved.png",
    "assets/launch.png",
    "assets/night-shift.png",
    "posts/autumn-launch.md",
    "posts/giveaway.md",
    "posts/hack-day.md",
    "posts/konnichiwa.md",
    "posts/night-shift.md",
    "posts/outage.md",
    "posts/prices.md",
    "posts/spring-preview.md",
    "posts/support-hours.md",
];

/// A file's bytes; every path in the story is one of the list, as the tests see.
pub fn example(path: &str) -> &'static [u8] {
    FILES.iter().find(|(there, _)| *there == path).map_or(&[], |(_, bytes)| bytes)
}

/// The paths in a folder.
pub fn under(folder: &str) -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path).filter(move |path| path.starts_with(folder))
}

/// A text file.
pub fn text(path: &str) -> String {
    String::from_utf8_lossy(example(path)).into_owned()
}

/// A post that goes out at a time, whatever its file says.
pub fn post_at(path: &str, at: DateTime<Utc>) -> String {
    let line = format!("publish_at: {}\n", at.with_timezone(&ZONE).format("%Y-%m-%d %H:%M %:z"));
    let text = text(path);
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with("publish_at:")).collect();
    text.replacen("\nowner:", &format!("\n{line}owner:"), 1)
}

/// Nine o'clock of the same day, in the newsroom's zone.
pub fn morning(day: DateTime<Utc>) -> DateTime<Utc> {
    let nine = day.with_timezone(&ZONE).date_naive().and_hms_opt(9, 0, 0).unwrap_or_default();
    // No zone changes its clocks at nine in the morning.
    ZONE.from_local_datetime(&nine).earliest().map_or(day, |nine| nine.with_timezone(&Utc))
}

/// `greenlit.toml` with the id and the ledger that `init` wrote.
pub fn settings(made: &str) -> String {
    let line = |key: &str| made.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
    let ledger =
        format!("# The ledger's first commit. A ledger that does not begin there is refused.\n{}\n", line("ledger ="));
    text("greenlit.toml")
        .split_inclusive('\n')
        .map(|there| match there.split(' ').next() {
            Some("workspace") => line("workspace =") + "\n",
            Some("trusted") => format!("{there}{ledger}"),
            _ => there.to_owned(),
        })
        .collect()
}

/// `roles.toml` with a key for each of [`PEOPLE`].
pub fn roles(key_of: impl Fn(&str) -> String) -> String {
    let mut person = String::new();
    text("roles.toml")
        .split_inclusive('\n')
        .map(|line| {
            if let Some(name) = line.strip_prefix("[people.") {
                person = name.trim_end().trim_end_matches(']').to_owned();
            }
            if line.starts_with("keys =") { format!("keys = [\"{}\"]\n", key_of(&person)) } else { line.to_owned() }
        })
        .collect()
}
