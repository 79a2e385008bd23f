//! Reviews of pull requests as what people decided: from the ledger's records.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Trusted;
use crate::cli::{Context, Failure};
use crate::ledger::{DeliveryKey, Recorded, ReviewRecord, ReviewSays, Reviewed, Store};
use crate::policy::{OnForge, Signature, Statement, Verb, Witness};
use crate::render::Digest;
use crate::workspace::{Due, PostId, Reviews, Sha256};

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
/// is its maker or an admin.
pub fn statements(recorded: &[Recorded]) -> Vec<Statement> {
    let mut taken_back: HashMap<&str, &str> = HashMap::new();
    for Recorded { record, .. } in recorded {
        if let ReviewSays::TakenBack { record, how } = &record.said {
            taken_back.insert(record, how);
        }
    }
    recorded.iter().map(|one| statement(one, taken_back.get(one.name.as_str()).copied())).collect()
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
