//! Reviews of pull requests, and comments on their lines, as the publisher's job read them from the forge: files under `reviews/` on
//! the branch greenlit/ledger.
//!
//! Who may push to the ledger can write anything there. So a file is a note of what the forge said, with all that it takes to ask
//! again, and `publish` asks again before it sends what rests on one.

use chrono::{DateTime, Utc};

use super::codec::{self, CodecError, LIMIT, VERSION};
use crate::render::Digest;
use crate::workspace::{AccountName, Due, ForgeKind, PostId, RoleName, Sha256};

/// What one review says of one post, for one stage; or one comment, which decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRecord {
    /// The form of this file; 1.
    pub version: u32,
    /// The workspace's id.
    pub workspace: String,
    /// The post.
    pub post: PostId,
    /// Where the review lies.
    pub review: ReviewPlace,
    /// Whose it is.
    pub by: Reviewer,
    /// What it says.
    pub said: ReviewSays,
    /// The commit that was looked at, all its hex digits; missing where the forge keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was sent, by the forge's clock.
    pub submitted_at: DateTime<Utc>,
    /// The trusted commit whose roles its writer could know: the newest change of the policy that the reviewed commit follows from.
    pub policy: String,
    /// That policy's digest, where a root is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_digest: Option<Digest>,
    /// The admins' approvals that had brought that policy into force before the review was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_approvals: Vec<String>,
    /// Which run read it.
    pub runner: String,
    /// By the publisher's clock.
    pub recorded_at: DateTime<Utc>,
    /// `Name <address>` of whoever ran it, as git knows them; nobody proves it.
    pub signed_off_by: String,
}

/// Where a review lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewPlace {
    /// The software.
    pub forge: ForgeKind,
    /// The API's server: `api.github.com`.
    pub server: String,
    /// `acme/posts`, or the project's number on GitLab.
    pub repository: String,
    /// The pull request's number.
    pub pull_request: u64,
    /// The review's number, or the comment's; on GitLab, where comments are reviews, that of the comment.
    pub id: u64,
    /// Where people see it.
    pub url: String,
}

/// An account that reviewed something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewer {
    /// Its name then.
    pub login: String,
    /// Its number.
    pub id: u64,
}

/// What a review says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum ReviewSays {
    /// Yes, for a stage.
    Approved {
        /// The stage.
        stage: RoleName,
        /// What was approved.
        deliveries: Vec<Reviewed>,
    },
    /// No.
    ChangesRequested {
        /// Why, shortened.
        text: String,
    },
    /// Neither: something about the post's file, for people to read.
    Commented(Remarked),
    /// It counts no more.
    TakenBack {
        /// The file that says what it said, as git names its bytes.
        record: String,
        /// What happened, in a sentence's end: `was dismissed on GitHub`.
        how: String,
    },
}

/// A comment on a post's file or a line of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remarked {
    /// What was said, shortened.
    pub text: String,
    /// The line of the file, counted from 1, in the commit that was looked at; missing where it is about the file, or about a line
    /// that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The line as it stood there, shortened; missing where that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The number of the comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// When it was last changed, by the forge's clock; to send a draft may be a change. What it said before, as far as it was read,
    /// has a file of its own.
    pub changed_at: DateTime<Utc>,
}

/// A delivery as a reviewer saw it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// The account.
    pub account: AccountName,
    /// The digest of what would go there.
    pub digest: Digest,
    /// For when.
    pub due: Due,
}

/// A file under `reviews/`, and what git calls its bytes: 40 hex digits, the name by which decisions speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Git's name for the bytes.
    pub name: String,
    /// What it says.
    pub record: ReviewRecord,
}

impl ReviewRecord {
    /// The folder of a post's reviews: `reviews/4f/autumn-launch`.
    pub fn folder(post: &PostId) -> String {
        format!("reviews/{:.2}/{post}", Sha256::of(post.as_str().as_bytes()))
    }

    /// Where its file lies: its name has the forge, the numbers, and what it is about. The same review read again says the same,
    /// so it has the same name.
    pub fn path(&self) -> String {
        let ReviewPlace { forge, pull_request, id, .. } = &self.review;
        let (what, of) = match &self.said {
            ReviewSays::Approved { stage, .. } => ("approved", stage.clone()),
            ReviewSays::ChangesRequested { .. } => ("changes-requested", String::new()),
            ReviewSays::Commented(Remarked { text, changed_at, .. }) => {
                ("commented", format!("{}\n{text}", changed_at.to_rfc3339()))
            }
            ReviewSays::TakenBack { record, .. } => ("taken-back", record.clone()),
        };
        // No name of a server or a repository has a line break.
        let apart =
            Sha256::of([&self.review.server, &self.review.repository, &of].map(String::as_str).join("\n").as_bytes());
        let folder = Self::folder(&self.post);
        format!("{folder}/{}-{pull_request}-{id}-{apart:.12}-{what}.json", forge.word())
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
    /// When they are too many, or no record of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let record: Self = codec::parsed(bytes, LIMIT)?;
        if record.version == VERSION { Ok(record) } else { Err(CodecError::Version(record.version)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> ReviewRecord {
        let at = "2026-12-01T08:00:00Z".parse().unwrap();
        ReviewRecord {
            version: 1,
            workspace: "0197c7b2".to_owned(),
            post: PostId::new("autumn-launch").unwrap(),
            review: ReviewPlace {
                forge: ForgeKind::Github,
                server: "api.github.com".to_owned(),
                repository: "acme/posts".to_owned(),
                pull_request: 12,
                id: 80,
                url: "https://github.com/acme/posts/pull/12#pullrequestreview-80".to_owned(),
            },
            by: Reviewer { login: "noor-h".to_owned(), id: 5551 },
            said: ReviewSays::Approved {
                stage: "editor".to_owned(),
                deliveries: vec![Reviewed {
                    account: AccountName::new("outbox/site").unwrap(),
                    digest: Digest::of(b""),
                    due: Due::Asap,
                }],
            },
            commit: Some("a".repeat(40)),
            submitted_at: at,
            policy: "b".repeat(40),
            policy_digest: None,
            policy_approvals: Vec::new(),
            runner: "one".to_owned(),
            recorded_at: at,
            signed_off_by: "CI <ci@acme.example>".to_owned(),
        }
    }

    fn remarked(text: &str) -> ReviewSays {
        ReviewSays::Commented(Remarked {
            text: text.to_owned(),
            line: Some(4),
            quote: Some("Autumn is here.".to_owned()),
            answers: Some(79),
            changed_at: "2026-12-01T09:00:00Z".parse().unwrap(),
        })
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let (record, back) = (record(), "c".repeat(40));
        let others = [
            ReviewSays::ChangesRequested { text: "No".to_owned() },
            ReviewSays::TakenBack { record: back, how: "was dismissed on GitHub".to_owned() },
            remarked("Is that so?"),
            ReviewSays::Commented(Remarked {
                text: "Yes.".to_owned(),
                line: None,
                quote: None,
                answers: None,
                changed_at: DateTime::<Utc>::MIN_UTC,
            }),
        ];
        for said in others.into_iter().chain([record.said.clone()]) {
            let record = ReviewRecord { said, ..record.clone() };
            assert_eq!(ReviewRecord::decode(&record.encode().unwrap()), Ok(record));
        }
        let text = String::from_utf8(record.encode().unwrap()).unwrap();
        assert_eq!(
            ReviewRecord::decode(text.replace("\"version\": 1", "\"version\": 2").as_bytes()),
            Err(CodecError::Version(2))
        );
        for (at, _) in text.match_indices("{\n") {
            let with = format!("{}{{\n\"surprise\": 1,\n{}", &text[..at], &text[at + 2..]);
            assert!(ReviewRecord::decode(with.as_bytes()).is_err(), "{with}");
        }
    }

    #[test]
    fn a_review_has_one_place_for_each_thing_that_it_says() {
        let record = record();
        assert!(record.path().starts_with("reviews/"), "{}", record.path());
        assert!(record.path().contains("/autumn-launch/github-12-80-"), "{}", record.path());
        let later = ReviewRecord { runner: "two".to_owned(), recorded_at: DateTime::<Utc>::MAX_UTC, ..record.clone() };
        assert_eq!(later.path(), record.path());
        let mut elsewhere = record.clone();
        elsewhere.review.repository = "acme/other".to_owned();
        let no = ReviewRecord { said: ReviewSays::ChangesRequested { text: String::new() }, ..record.clone() };
        for other in [elsewhere, no] {
            assert_ne!(other.path(), record.path());
        }
        // A comment is written once, and again where it says something else.
        let [said, again, changed] = ["Is that so?", "Is that so?", "Is it?"]
            .map(|text| ReviewRecord { said: remarked(text), ..record.clone() });
        assert_eq!(said.path(), again.path());
        assert_ne!(said.path(), changed.path());
    }
}
