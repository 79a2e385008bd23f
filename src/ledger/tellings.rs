//! Who was told what, and what is being told: so that nobody is told twice, and nobody is forgotten. Nothing that decides
//! on posts or sends them reads any of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::codec::{self, CodecError, VERSION};
use crate::render::canonical::canonical;
use crate::workspace::Sha256;

/// Bytes that a file under `told/` may have.
pub const LARGEST_TELLING: usize = 8 * 1024;

/// A kind of news.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NewsKind {
    /// Something waits for the reader.
    Turn,
    /// What waits is to be done soon.
    Deadline,
    /// What waits should have been done.
    Overdue,
    /// A post was changed that the reader approved.
    Changed,
    /// A post is out.
    Out,
    /// A delivery failed, is uncertain or too late.
    Failed,
    /// The policy changed, or a change of it waits.
    Policy,
    /// A hold was set or lifted.
    Hold,
    /// A digest was made up.
    Digest,
}

/// One piece of news for one reader.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct NewsKey {
    /// A person's short name, or `room NAME`.
    pub reader: String,
    /// What kind of news.
    pub kind: NewsKind,
    /// What it is about. No address is in it.
    pub subject: String,
}

impl NewsKey {
    /// 64 hex digits that stand for it in this workspace.
    pub fn hash(&self, workspace: &str) -> String {
        let value = serde_json::json!(["told", workspace, self.reader, self.kind, self.subject]);
        Sha256::of(&canonical(&value))
    }
}

/// What was done about a piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody is about to say it.
    Claimed,
    /// It was said.
    Told,
    /// It was surely not said; it is tried again.
    Failed,
    /// The channel will not take it; the next one is tried.
    Refused,
    /// Nobody knows whether it was said.
    Uncertain,
}

impl Step {
    /// As file names have it.
    pub fn name(self) -> &'static str {
        match self {
            Step::Claimed => "claimed",
            Step::Told => "told",
            Step::Failed => "failed",
            Step::Refused => "refused",
            Step::Uncertain => "uncertain",
        }
    }
}

/// A file under `told/` on the branch greenlit/ledger. It holds no address and no secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// The form of this file; 1.
    pub version: u32,
    /// What is told to whom.
    pub key: NewsKey,
    /// What was done about it.
    pub step: Step,
    /// The channel, as `notify.toml` calls it; none where a digest had nothing to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The message that it is part of: the same for all that is said at once, and when it is said again.
    pub message: String,
    /// Which run: random, with the runner's name where CI gives one.
    pub runner: String,
    /// By the run's clock.
    pub at: DateTime<Utc>,
    /// When the channel wants to be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
}

impl Telling {
    /// The folder of a piece of news.
    pub fn folder(key: &NewsKey, workspace: &str) -> String {
        let hash = key.hash(workspace);
        format!("told/{}/{hash}", hash.get(..2).unwrap_or_default())
    }

    /// Its file's name, where it is the so-manieth in its folder.
    pub fn file_name(&self, number: usize) -> String {
        format!("{number:04}-{}.json", self.step.name())
    }

    /// The bytes of its file: indented JSON, so that `git show` is readable.
    ///
    /// # Errors
    /// When it is larger than such a file may be.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        codec::written(self, LARGEST_TELLING)
    }

    /// Reads a file's bytes, strictly.
    ///
    /// # Errors
    /// When they are too many, no JSON, or say anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let telling: Self = codec::parsed(bytes, LARGEST_TELLING)?;
        if telling.version == VERSION { Ok(telling) } else { Err(CodecError::Version(telling.version)) }
    }
}

/// Where [`Begun`] lies.
pub const BEGUN: &str = "told/begun.json";

/// Since when news is told: nobody is told of what happened before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The form of this file; 1.
    pub version: u32,
    /// By the first run's clock.
    pub at: DateTime<Utc>,
}

impl Begun {
    /// Begins now.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { version: VERSION, at }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// As for [`Telling::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        codec::written(self, LARGEST_TELLING)
    }

    /// Reads a file's bytes, strictly.
    ///
    /// # Errors
    /// As for [`Telling::decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let begun: Self = codec::parsed(bytes, LARGEST_TELLING)?;
        if begun.version == VERSION { Ok(begun) } else { Err(CodecError::Version(begun.version)) }
    }
}

/// How telling a piece of news stands: the fold of its files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// When it was told; final.
    pub told: Option<DateTime<Utc>>,
    /// What was begun and has no outcome, or an uncertain one.
    pub open: Option<Attempt>,
    /// What went wrong on each channel.
    pub failures: BTreeMap<String, Failures>,
}

/// Something was begun to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The channel.
    pub channel: String,
    /// The message.
    pub message: String,
    /// When it was begun first, under this name.
    pub since: DateTime<Utc>,
    /// When it was begun last.
    pub at: DateTime<Utc>,
    /// Whether somebody has noted that nobody knows what became of it.
    pub uncertain: bool,
}

/// What went wrong on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// How often it was tried in vain.
    pub count: usize,
    /// When last.
    pub last: DateTime<Utc>,
    /// When the channel wants to be asked again.
    pub not_before: Option<DateTime<Utc>>,
    /// Whether it will never take it.
    pub refused: bool,
}

impl Standing {
    /// Folds the files of a piece of news, oldest first.
    pub fn of(tellings: &[Telling]) -> Self {
        let mut standing = Self::default();
        for telling in tellings {
            let channel = telling.channel.clone().unwrap_or_default();
            match telling.step {
                Step::Told => {
                    standing.told = standing.told.or(Some(telling.at));
                    standing.open = None;
                }
                Step::Claimed => {
                    let before = standing.open.take().filter(|open| open.message == telling.message);
                    standing.open = Some(Attempt {
                        channel,
                        message: telling.message.clone(),
                        since: before.map_or(telling.at, |open| open.since),
                        at: telling.at,
                        uncertain: false,
                    });
                }
                Step::Uncertain => {
                    if let Some(open) = &mut standing.open {
                        open.uncertain = true;
                    }
                }
                Step::Failed | Step::Refused => {
                    standing.open = None;
                    let failures = standing.failures.entry(channel).or_insert(Failures {
                        count: 0,
                        last: telling.at,
                        not_before: None,
                        refused: false,
                    });
                    failures.count += 1;
                    failures.last = telling.at;
                    failures.not_before = telling.not_before;
                    failures.refused = telling.step == Step::Refused;
                }
            }
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::now;
    use super::*;

    fn telling(step: Step, channel: &str, minutes: i64) -> Telling {
        Telling {
            version: VERSION,
            key: NewsKey { reader: "noor".into(), kind: NewsKind::Turn, subject: "launch editor".into() },
            step,
            channel: Some(channel.to_owned()),
            message: "m1".to_owned(),
            runner: "CI 4f".to_owned(),
            at: now() + chrono::Duration::minutes(minutes),
            not_before: None,
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let telling = telling(Step::Claimed, "slack", 0);
        let text = String::from_utf8(telling.encode().unwrap()).unwrap();
        assert_eq!(Telling::decode(text.as_bytes()), Ok(telling.clone()));
        assert_eq!(telling.file_name(3), "0003-claimed.json");
        assert!(Telling::decode(text.replace("\"channel\"", "\"url\"").as_bytes()).is_err());
        let tomorrow = text.replace("\"version\": 1", "\"version\": 2");
        assert_eq!(Telling::decode(tomorrow.as_bytes()), Err(CodecError::Version(2)));
        let long = Telling::decode(&vec![b' '; LARGEST_TELLING + 1]).unwrap_err().to_string();
        assert_eq!(long, "it has 8193 bytes; at most 8192 are read");
        let folder = Telling::folder(&telling.key, "w");
        assert!(folder.starts_with("told/") && folder.len() == "told/00/".len() + 64, "{folder}");
        let other = NewsKey { reader: "li".into(), ..telling.key };
        assert_ne!(Telling::folder(&other, "w"), folder);
        let begun = Begun::at(now());
        assert_eq!(Begun::decode(&begun.encode().unwrap()), Ok(begun));
    }

    #[test]
    fn what_was_told_stays_told() {
        let steps = [Step::Failed, Step::Claimed, Step::Told, Step::Claimed, Step::Told];
        let tellings: Vec<Telling> = (0..).zip(steps).map(|(at, step)| telling(step, "slack", at)).collect();
        let standing = Standing::of(&tellings);
        assert_eq!((standing.told, standing.open), (Some(now() + chrono::Duration::minutes(2)), None));
        assert_eq!(standing.failures["slack"].count, 1);
    }

    #[test]
    fn a_claim_without_an_outcome_stays_open_and_remembers_its_first_time() {
        let tellings = [Step::Claimed, Step::Uncertain, Step::Claimed];
        let tellings: Vec<Telling> = (0..).zip(tellings).map(|(at, step)| telling(step, "matrix", at)).collect();
        let open = Standing::of(&tellings).open.unwrap();
        assert_eq!((open.since, open.uncertain), (now(), false));
        assert_eq!(open.at, now() + chrono::Duration::minutes(2));
        let noted = Standing::of(&tellings[..2]).open.unwrap();
        assert!(noted.uncertain);
    }
}
