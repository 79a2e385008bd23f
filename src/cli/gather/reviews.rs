//! Reviews of pull requests as what people decided: from the ledger's records.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::Trusted;
use crate::cli::{Context, Failure};
use crate::ledger::{DeliveryKey, Recorded, Remarked, ReviewPlace, ReviewRecord, ReviewSays, Reviewed, Store};
use crate::policy::{Line, OnForge, Signature, Statement, Verb, Witness};
use crate::render::Digest;
use crate::workspace::{Due, ForgeKind, PostId, Reviews, Sha256};

/// What would go out of each delivery, and for when.
pub type Versions = BTreeMap<DeliveryKey, (Digest, Due)>;

impl Trusted {
    /// What would go out of some posts, as the commit that is seen has them; what cannot go out is left out.
    ///
    /// # Errors
    /// When a post cannot be read, or the ledger.
    pub fn versions(&self, store: &dyn Store, context: &Context, posts: &[PostId]) -> Result<Versions, Failure> {
        let (_, candidates) = self.candidates(store, context, Some(posts))?;
        let version = candidates.into_iter().filter_map(|candidate| {
            let digest = candidate.payload.ok()?.digest.clone();
            Some((candidate.key, (digest, candidate.due)))
        });
        Ok(version.collect())
    }

    /// What reviews say of these posts, or of all, as far as it was recorded. Where the policy never counted reviews, nobody reads
    /// them.
    ///
    /// # Errors
    /// When the ledger cannot be read, or a record was taken away.
    pub fn reviews(&self, store: &dyn Store, posts: Option<&HashSet<&PostId>>) -> Result<Vec<Statement>, Failure> {
        let counted = |reviews| reviews == Reviews::Count;
        let before = self.chain.iter().flat_map(|chain| chain.eras());
        let ever = before.map(|era| era.policy.roles.policy.reviews).chain([self.roles.policy.reviews]).any(counted);
        if !ever {
            return Ok(Vec::new());
        }
        Ok(statements(&store.reviews(posts)?))
    }
}

/// What records say, in the form of statements. Their names are those that git has for the records' bytes.
///
/// A yes that was taken back says so itself. A no ends as any other does: by a word of whoever took it back, which counts if that
/// is its maker or an admin. A comment that was changed says what it said last, by the name of its first record.
pub fn statements(recorded: &[Recorded]) -> Vec<Statement> {
    let mut taken_back: HashMap<&str, &str> = HashMap::new();
    for Recorded { record, .. } in recorded {
        if let ReviewSays::TakenBack { record, how } = &record.said {
            taken_back.insert(record, how);
        }
    }
    let decides = recorded.iter().filter(|one| !matches!(one.record.said, ReviewSays::Commented(_)));
    let decided = decides.map(|one| statement(one, taken_back.get(one.name.as_str()).copied()));
    decided.chain(comments(recorded)).collect()
}

/// Which comment a record is about, of those on its post.
type CommentKey<'r> = (&'r PostId, ForgeKind, [&'r str; 2], u64, u64);

fn comment_key(record: &ReviewRecord, comment: u64) -> CommentKey<'_> {
    let ReviewPlace { forge, server, repository, pull_request, .. } = &record.review;
    (&record.post, *forge, [server, repository], *pull_request, comment)
}

/// How new a record of a comment is among those of the same.
pub fn newness(record: &ReviewRecord, remarked: &Remarked) -> (DateTime<Utc>, DateTime<Utc>) {
    (remarked.changed_at, record.recorded_at)
}

/// The comments, each once.
fn comments(recorded: &[Recorded]) -> Vec<Statement> {
    let mut told: BTreeMap<CommentKey<'_>, Vec<(&Recorded, &Remarked)>> = BTreeMap::new();
    for one in recorded {
        if let ReviewSays::Commented(remarked) = &one.record.said {
            told.entry(comment_key(&one.record, one.record.review.id)).or_default().push((one, remarked));
        }
    }
    let name = |key: CommentKey<'_>| {
        let first = told.get(&key)?.iter().min_by_key(|(one, remarked)| newness(&one.record, remarked))?;
        Some(first.0.name.clone())
    };
    let told_last = |(key, records): (&CommentKey<'_>, &Vec<(&Recorded, &Remarked)>)| {
        let (one, remarked) = records.iter().max_by_key(|(one, remarked)| newness(&one.record, remarked))?;
        let record = &one.record;
        let line = remarked.line.zip(record.commit.clone());
        let mut told = statement(one, None);
        if let Signature::Review(on_forge) = &mut told.witness.signature {
            on_forge.edited = records.len() > 1;
        }
        Some(Statement {
            commit: name(*key)?,
            reply_to: remarked.answers.and_then(|answered| name(comment_key(record, answered))),
            line: line.map(|(number, commit)| Line { number, commit, text: remarked.quote.clone() }),
            ..told
        })
    };
    told.iter().filter_map(told_last).collect()
}

/// What reviews of an open pull request say once it is merged, in the form of statements. Nothing of that is on the ledger: each
/// is named by the place that it would have there, and seen when it was sent, so that the next run says the same.
pub fn once_merged(records: Vec<ReviewRecord>) -> Vec<Statement> {
    let recorded: Vec<Recorded> = records
        .into_iter()
        .map(|record| Recorded {
            name: would_be_named(&record),
            record: ReviewRecord { recorded_at: record.submitted_at, ..record },
        })
        .collect();
    let mut statements = statements(&recorded);
    for statement in &mut statements {
        if let Signature::Review(review) = &mut statement.witness.signature {
            review.once_merged = true;
        }
    }
    statements
}

/// What stands for a commit in statements of a review that no ledger has.
pub fn would_be_named(record: &ReviewRecord) -> String {
    format!("{:.40}", Sha256::of(record.path().as_bytes()))
}

fn statement(recorded: &Recorded, fallen: Option<&str>) -> Statement {
    let Recorded { name, record } = recorded;
    let ReviewRecord { post, review, by, .. } = record;
    let (stage, verbs, text) = match &record.said {
        ReviewSays::Approved { stage, deliveries } => {
            let approve = |one: &Reviewed| Verb::Approve {
                post: post.clone(),
                account: one.account.clone(),
                digest: one.digest.clone(),
                due: one.due,
            };
            (Some(stage.clone()), deliveries.iter().map(approve).collect(), String::new())
        }
        ReviewSays::ChangesRequested { text } => (None, vec![Verb::Reject { post: post.clone() }], text.clone()),
        ReviewSays::Commented(remarked) => (None, vec![Verb::Comment { post: post.clone() }], remarked.text.clone()),
        ReviewSays::TakenBack { record, how } => (None, vec![Verb::Lift { commit: record.clone() }], how.clone()),
    };
    let is_yes = stage.is_some();
    let on_forge = OnForge {
        forge: review.forge,
        login: by.login.clone(),
        id: by.id,
        pull_request: review.pull_request,
        url: review.url.clone(),
        fallen: fallen.filter(|_| is_yes).map(str::to_owned),
        edited: false,
        once_merged: false,
    };
    Statement {
        commit: name.clone(),
        witness: Witness {
            signature: Signature::Review(Box::new(on_forge)),
            name: by.login.clone(),
            email: String::new(),
            sign_offs: Vec::new(),
        },
        dated: record.submitted_at,
        workspace: record.workspace.clone(),
        policy: Some(record.policy.clone()),
        policy_approvals: record.policy_approvals.clone(),
        stage,
        stands_in_for: None,
        reply_to: None,
        line: None,
        seen: Some(record.recorded_at),
        verbs,
        text,
    }
}
