//! When the publisher first saw what people decided, by its own clock; and what may not be undone by deleting a commit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::codec::{self, CodecError, LIMIT, VERSION};

/// What one run of the publisher saw for the first time: a file under `sightings/` on the branch greenlit/ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// The form of this file; 1.
    pub version: u32,
    /// Which run: random, with the runner's name where CI gives one.
    pub runner: String,
    /// By the publisher's clock.
    pub seen_at: DateTime<Utc>,
    /// From 1; more than one file where a run saw very much.
    pub part: u32,
    /// The decision commits.
    pub commits: Vec<Seen>,
}

/// A decision commit that was seen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// All its hex digits.
    pub commit: String,
    /// The commit object, byte for byte, where it says no, lifts a no, takes back a yes, or changes the policy: it
    /// counts although the commit is on no branch any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Sighting {
    /// What a run saw, in as many files as it needs: those first whose bytes are kept.
    pub fn of(runner: &str, seen_at: DateTime<Utc>, commits: Vec<Seen>) -> Vec<Self> {
        // A raw commit has a megabyte at most, which escaping makes six of at most; a file may have eight.
        const MOST_RAW: usize = 256 * 1024;
        const MOST_COMMITS: usize = 10_000;
        let mut files: Vec<Self> = Vec::new();
        let mut raw = 0;
        let (kept, named): (Vec<Seen>, Vec<Seen>) = commits.into_iter().partition(|seen| seen.raw.is_some());
        for seen in kept.into_iter().chain(named) {
            let more = seen.raw.as_ref().map_or(0, String::len);
            let fits = |file: &&mut Self| {
                file.keeps() == seen.raw.is_some() && file.commits.len() < MOST_COMMITS && raw + more <= MOST_RAW
            };
            match files.last_mut().filter(fits) {
                Some(file) => {
                    raw += more;
                    file.commits.push(seen);
                }
                None => {
                    raw = more;
                    let part = u32::try_from(files.len() + 1).unwrap_or(u32::MAX);
                    files.push(Self {
                        version: VERSION,
                        runner: runner.to_owned(),
                        seen_at,
                        part,
                        commits: vec![seen],
                    });
                }
            }
        }
        files
    }

    /// Whether it keeps a commit's bytes.
    fn keeps(&self) -> bool {
        self.commits.iter().any(|seen| seen.raw.is_some())
    }

    /// Where its file lies: `sightings/2026/11/30/20261130T090000Z-<runner>-1.json`; where it keeps a commit's bytes, apart
    /// from the others: `sightings/kept/2026/11/20261130T090000Z-<runner>-1.json`.
    pub fn path(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        let runner: String = self.runner.chars().take(80).map(plain).collect();
        let time =
            self.seen_at.format(if self.keeps() { "kept/%Y/%m/%Y%m%dT%H%M%SZ" } else { "%Y/%m/%d/%Y%m%dT%H%M%SZ" });
        format!("sightings/{time}-{runner}-{}.json", self.part)
    }

    /// The bytes of its file: indented JSON, so that `git show` is readable.
    ///
    /// # Errors
    /// When it is larger than a file on the ledger may be.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        codec::written(self, LIMIT)
    }

    /// Reads a file's bytes, strictly.
    ///
    /// # Errors
    /// When they are too many, no JSON, or say anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let sighting: Self = codec::parsed(bytes, LIMIT)?;
        if sighting.version == VERSION { Ok(sighting) } else { Err(CodecError::Version(sighting.version)) }
    }
}

/// All that was ever seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sightings {
    by_commit: BTreeMap<String, (DateTime<Utc>, BTreeSet<String>)>,
}

impl Sightings {
    /// Takes in what a run saw. Of two that saw the same commit the earlier counts; what either has of its bytes is
    /// kept, because one of them may have made them up.
    pub fn add(&mut self, sighting: Sighting) {
        for Seen { commit, raw } in sighting.commits {
            let known = self.by_commit.entry(commit).or_insert_with(|| (sighting.seen_at, BTreeSet::new()));
            known.0 = known.0.min(sighting.seen_at);
            known.1.extend(raw);
        }
    }

    /// Whether a sighting would be news: the commit was not seen, or not with these bytes of it.
    pub fn lack(&self, seen: &Seen) -> bool {
        match (&seen.raw, self.by_commit.get(&seen.commit)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(raw), Some((_, known))) => !known.contains(raw),
        }
    }

    /// When a commit was first seen.
    pub fn first_seen(&self, commit: &str) -> Option<DateTime<Utc>> {
        self.by_commit.get(commit).map(|(at, _)| *at)
    }

    /// The commits that were kept, each with what is said to be its raw bytes: more than once, where files disagree.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        let kept = self.by_commit.iter().filter(|(_, (_, raw))| !raw.is_empty());
        kept.map(|(commit, (_, raw))| (commit.as_str(), raw))
    }

    /// What is said to be a commit's raw bytes.
    pub fn raw_of(&self, commit: &str) -> impl Iterator<Item = &str> {
        self.by_commit.get(commit).into_iter().flat_map(|(_, raw)| raw).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::now;
    use super::*;

    fn seen(commit: &str, raw: Option<&str>) -> Seen {
        Seen { commit: commit.repeat(40), raw: raw.map(str::to_owned) }
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let commits = vec![seen("b", None), seen("a", Some("tree …\n\u{1}\"")), seen("c", None)];
        let [sighting, named] = &Sighting::of("CI box 4f", now(), commits)[..] else { panic!("two files") };
        assert_eq!(sighting.path(), "sightings/kept/2026/12/20261201T090000Z-CI-box-4f-1.json");
        assert_eq!(named.path(), "sightings/2026/12/01/20261201T090000Z-CI-box-4f-2.json");
        assert_eq!([sighting.commits.len(), named.commits.len()], [1, 2]);
        let text = String::from_utf8(sighting.encode().unwrap()).unwrap();
        assert_eq!(Sighting::decode(text.as_bytes()).as_ref(), Ok(sighting));
        assert!(Sighting::decode(text.replace("\"raw\"", "\"rawer\"").as_bytes()).is_err());
        let tomorrow = text.replace("\"version\": 1", "\"version\": 2");
        assert_eq!(Sighting::decode(tomorrow.as_bytes()), Err(CodecError::Version(2)));
        assert_eq!(
            Sighting::decode(&vec![b' '; LIMIT + 1]),
            Err(CodecError::TooLarge { size: LIMIT + 1, limit: LIMIT })
        );
    }

    #[test]
    fn the_first_to_see_a_commit_dates_it() {
        let mut all = Sightings::default();
        let earlier = now() - chrono::Duration::hours(1);
        for (at, raw) in [(now(), None), (earlier, Some("raw")), (now(), None)] {
            Sighting::of("x", at, vec![seen("a", raw)]).into_iter().for_each(|sighting| all.add(sighting));
        }
        assert_eq!(all.first_seen(&"a".repeat(40)), Some(earlier));
        assert_eq!(all.raw_of(&"a".repeat(40)).collect::<Vec<_>>(), ["raw"]);
        assert_eq!(all.first_seen("b"), None);
        assert!(!all.lack(&seen("a", None)) && !all.lack(&seen("a", Some("raw"))));
        assert!(all.lack(&seen("b", None)) && all.lack(&seen("a", Some("its own bytes"))));
    }

    #[test]
    fn however_much_a_run_sees_each_file_can_be_written() {
        let large = "\u{1}".repeat(1 << 20);
        let commits = vec![seen("a", None), seen("b", Some(&large)), seen("c", Some(&large)), seen("d", None)];
        let files = Sighting::of("x", now(), commits);
        assert_eq!(files.iter().map(|file| file.commits.len()).collect::<Vec<_>>(), [1, 1, 2]);
        assert!(files.iter().all(|file| file.encode().is_ok()));
        let many = Sighting::of("x", now(), vec![seen("a", None); 25_000]);
        assert_eq!(many.iter().map(|file| file.part).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(Sighting::of("x", now(), Vec::new()), []);
    }
}
